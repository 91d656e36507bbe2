from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.disagreements import find_disagreements
from summarizer.schema import Disagreement, Document
from summarizer.terms import Terms
from tests.builders import by_id, document, with_facts


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms.load()


def find(terms: Terms, *documents: Document) -> tuple[Disagreement, ...]:
    return find_disagreements(with_facts(*documents), by_id(*documents), terms=terms)


LEFT = document("a", "وقال البنتاغون إن أكثر من ٢٥٠٠ جندي انسحبوا من العراق منذ بدء الحوار.")
STAYED = document("b", "ويوجد حاليا نحو 2500 جندي أمريكي في العراق، وفقا للبنتاغون.")
REDUCED = document("c", "وبحسب البنتاغون، انخفض عدد القوات الأميركية في العراق إلى حوالي ألفين وخمسمئة.")


def test_the_same_number_left_and_remaining(terms: Terms) -> None:
    (found,) = find(terms, LEFT, STAYED, REDUCED)
    assert found.kind == "claim"
    assert found.about.en == "2,500 troops: left, or still there?"
    gone, there = found.values
    assert gone.value == "أكثر من ٢٥٠٠ جندي انسحبوا"
    assert [c.document_id for c in gone.citations] == ["a"]
    assert [c.document_id for c in there.citations] == ["b", "c"]


def test_agreement_is_no_disagreement(terms: Terms) -> None:
    assert find(terms, STAYED, REDUCED) == ()


def test_other_numbers_do_not_meet(terms: Terms) -> None:
    assert find(terms, document("a", LEFT.text.replace("٢٥٠٠", "٥٠٠")), STAYED) == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("قتل 12 شخصا في انفجار سيارة مفخخة في سوق شعبي وسط بغداد.", "مقتل 17 شخصا بانفجار سيارة مفخخة في سوق وسط بغداد.", True),
        ("قتل 12 شخصا في انفجار سيارة مفخخة في سوق شعبي وسط بغداد.", "مقتل اثني عشر شخصا بانفجار سيارة مفخخة في سوق وسط بغداد.", False),
        ("قتل 12 شخصا في انفجار سيارة مفخخة في سوق شعبي وسط بغداد.", "قتل 17 شخصا في غرق قارب مهاجرين قبالة سواحل ليبيا.", False),
        ("قتل نحو 100 شخص في انفجار سيارة مفخخة في سوق وسط بغداد.", "مقتل 102 شخص بانفجار سيارة مفخخة في سوق وسط بغداد.", False),
    ],
)  # fmt: skip
def test_numbers_of_the_same_thing(terms: Terms, one: str, other: str, *, expected: bool) -> None:
    found = find(terms, document("a", one), document("b", other))
    assert [each.kind for each in found] == (["number"] if expected else [])


def test_one_report_is_not_compared_with_itself_on_counts(terms: Terms) -> None:
    text = "قتل 12 شخصا في انفجار سيارة مفخخة في سوق وسط بغداد.\nثم قتل 17 شخصا في انفجار سيارة مفخخة في سوق وسط بغداد."
    assert find(terms, document("a", text)) == ()


KILLED_IN_JANUARY = (
    "تصاعدت التوترات بعد اغتيال قاسم سليماني وأبو مهدي المهندس في كانون الثاني / يناير 2020 قرب مطار بغداد."
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("توقفت المحادثات عقب اغتيال سليماني والمهندس في ديسمبر 2020.", True),
        ("توقفت المحادثات عقب اغتيال سليماني والمهندس في يناير 2020.", False),
        ("توقفت المحادثات عقب اغتيال سليماني والمهندس في عام 2020.", False),
        ("توقفت المحادثات عقب مقتل شخصين آخرين في ديسمبر 2020.", False),
    ],
)
def test_dates_of_the_same_event(terms: Terms, other: str, *, expected: bool) -> None:
    found = find(terms, document("a", KILLED_IN_JANUARY), document("b", other))
    assert bool(found) is expected
    for each in found:
        assert each.kind == "date"
        assert [value.label.en for value in each.values] == ["January 2020", "December 2020"]
        assert "Soleimani" in each.about.en


def test_a_report_may_contradict_itself(terms: Terms) -> None:
    text = f"{KILLED_IN_JANUARY}\nتوقفت المحادثات عقب اغتيال سليماني والمهندس في ديسمبر 2020."
    assert len(find(terms, document("a", text))) == 1


def test_copies_neither_contradict_nor_corroborate(terms: Terms) -> None:
    copy = document("d", STAYED.text, duplicate_of="b")
    (found,) = find(terms, LEFT, STAYED, copy)
    assert [c.document_id for value in found.values for c in value.citations] == ["a", "b"]


def test_values_are_the_words_of_their_source(terms: Terms) -> None:
    documents = by_id(LEFT, STAYED, REDUCED)
    for each in find(terms, LEFT, STAYED, REDUCED):
        for value in each.values:
            first = value.citations[0]
            assert value.value in documents[first.document_id].text[first.start : first.end]


@settings(max_examples=15)
@given(shuffler=st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(terms: Terms, shuffler: random.Random) -> None:
    documents = (LEFT, STAYED, REDUCED, document("k", KILLED_IN_JANUARY))
    facts = with_facts(*documents)
    expected = find_disagreements(facts, by_id(*documents), terms=terms)
    shuffler.shuffle(facts)
    assert find_disagreements(facts, by_id(*documents), terms=terms) == expected


# --- what other news taught: each pair was found in the reports of several outlets, reworded -------


def values(found: tuple[Disagreement, ...]) -> list[tuple[str, list[str]]]:
    return [(each.kind, [value.label.en for value in each.values]) for each in found]


FIRST_TOLL = "أدى خروج قطار عن سكته في شمال غرب تركيا الأحد إلى سقوط 10 قتلى و73 جريحا، كما أفاد التلفزيون."
LATER_TOLL = "قُتل 24 شخصا الأحد لدى خروج قطار عن سكته في شمال غرب تركيا، وفق حصيلة أعلنت الاثنين."


def test_an_early_and_a_later_toll_are_shown_and_the_injured_are_not_the_killed(terms: Terms) -> None:
    early = document("a", FIRST_TOLL, published="2018-07-08")
    later = document("b", LATER_TOLL, published="2018-07-09")
    assert values(find(terms, early, later)) == [("number", ["10", "24"])]


@pytest.mark.parametrize(
    "background",
    [
        "وفي يوليو 2004 قُتل 41 شخصا عند خروج قطار عن سكته في شمال غرب تركيا.",  # another accident
        "قُتل 41 شخصا منذ بدء خروج القطارات عن سكتها في شمال غرب تركيا.",  # a sum
        "أدى خروج قطار عن سكته في شمال غرب تركيا إلى مقتل 10 أشخاص بينهم سبعة أطفال.",  # a part
        "وأشار التلفزيون في تركيا إلى خروج قطار عن سكته في شمال غرب البلاد بعد 41 دقيقة من سقوط قتلى.",
    ],
)
def test_other_counts_of_the_same_words_do_not_meet(terms: Terms, background: str) -> None:
    early = document("a", FIRST_TOLL, published="2018-07-08")
    assert find(terms, early, document("b", background, published="2018-07-09")) == ()


def test_a_report_stands_by_its_first_toll(terms: Terms) -> None:
    early = document("a", FIRST_TOLL, published="2018-07-08")
    other = document(
        "b",
        "سقط 10 قتلى بخروج قطار عن سكته في شمال غرب تركيا.\nقُتل 50 شخصا في خروج قطار عن سكته في شمال غرب تركيا.",
        published="2018-07-08",
    )
    assert find(terms, early, other) == ()


def test_a_report_that_gives_both_numbers_contradicts_neither(terms: Terms) -> None:
    early = document("a", FIRST_TOLL, published="2018-07-08")
    later = document("b", LATER_TOLL.replace("وفق حصيلة", "بعد حصيلة من 10 قتلى"), published="2018-07-09")
    assert find(terms, early, later) == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("قتل 11 شخصا", "قتل 12 شخصا", True),  # heads are counted
        ("قتل 11 شخصا", "قتل نحو 12 شخصا", False),
        ("قتل 1001 شخص", "قتل 1010 أشخاص", False),  # thousands are rounded
        ("لقي 11 شخصا مصرعهم", "قتل 20 شخصا", True),
        ("لقي 11 شخصا عناية طبية", "قتل 20 شخصا", False),
        ("أعلنت السلطات أن 11 شخصا على الأقل، بينهم 5 أطفال، قتلوا", "قتل 20 شخصا", True),
        ("قتل 11 مدنيا", "قتل 20 شخصا", False),  # some of those killed
    ],
)
def test_how_counts_are_compared(terms: Terms, one: str, other: str, *, expected: bool) -> None:
    where = "في هجوم انتحاري استهدف مقر مفوضية الانتخابات في العاصمة طرابلس."
    found = find(terms, document("a", f"{one} {where}"), document("b", f"{other} {where}"))
    assert bool(found) is expected


def test_counts_of_different_days_or_places_do_not_meet(terms: Terms) -> None:
    friday = document(
        "a", "قتل 16 مدنيا الجمعة في غارة استهدفت مدينة عفرين شمال سوريا.", published="2018-03-17"
    )
    saturday = document(
        "b", "قتل 11 مدنيا السبت في غارة استهدفت مدينة عفرين شمال سوريا.", published="2018-03-17"
    )
    elsewhere = document("c", "قتل 11 مدنيا في غارة استهدفت مدينة صنعاء شمال اليمن.", published="2018-03-17")
    assert find(terms, friday, saturday) == ()
    assert find(terms, friday, elsewhere) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # The date is that of the announcement.
        ("أعلن الجيش الأحد مقتل القائد قاسم سليماني.", "أعلن الجيش الثلاثاء مقتل القائد قاسم سليماني."),
        # Happened, not signed.
        ("هجوم بغاز السارين على دمشق وقع في أبريل 2017.", "هجوم بغاز السارين على دمشق وقع في أغسطس 2013."),
        # The edge of a stretch of time.
        ("تولى باراك أوباما الرئاسة حتى عام 2017.", "تولى باراك أوباما الرئاسة في يناير 2009."),
        # Two offices.
        ("تولى باراك أوباما مقعد مجلس الشيوخ في يناير 2005.", "تولى باراك أوباما رئاسة الولايات المتحدة في يناير 2009."),
        # His son, not he.
        ("مقتل نجل قاسم سليماني في يوليو 2018 بغارة.", "مقتل قاسم سليماني في يناير 2020 بغارة."),
        # A charge.
        ("حكمت المحكمة بتهمة قتل قاسم سليماني في مارس 2021.", "قتل قاسم سليماني في يناير 2020."),
    ],
)  # fmt: skip
def test_dates_that_do_not_contradict(terms: Terms, one: str, other: str) -> None:
    found = find(
        terms, document("a", one, published="2021-03-10"), document("b", other, published="2021-03-10")
    )
    assert found == ()


def test_an_office_with_two_dates(terms: Terms) -> None:
    one = document("a", "وتولى باراك أوباما رئاسة الولايات المتحدة في يناير 2009 بعد فوزه.")
    other = document("b", "وفي فبراير 2009، تولى باراك أوباما منصبه، بعد فوزه.")
    assert values(find(terms, one, other)) == [("date", ["January 2009", "February 2009"])]


def test_an_unnamed_event_has_two_days_only_if_no_report_has_both(terms: Terms) -> None:
    sunday = document(
        "a", "لقي 37 شخصا مصرعهم في حريق اندلع الأحد بمركز تجاري في مدينة كيميروفو في سيبيريا شرق روسيا.", published="2018-03-26"
    )  # fmt: skip
    text = "قتل ما لا يقل عن 53 شخصا الاثنين في حريق بمركز تجاري في سيبيريا شرق روسيا."
    monday = document("b", text, published="2018-03-26")
    assert [kind for kind, _ in values(find(terms, sunday, monday))] == ["date"]
    both = document("b", f"{text}\nوقتل شخصان في حريق آخر الأحد.", published="2018-03-26")
    assert find(terms, sunday, both) == ()
