from __future__ import annotations

import random

import pytest
from hypothesis import given
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


@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(shuffler: random.Random) -> None:
    terms = Terms.load()
    documents = (LEFT, STAYED, REDUCED, document("k", KILLED_IN_JANUARY))
    facts = with_facts(*documents)
    expected = find_disagreements(facts, by_id(*documents), terms=terms)
    shuffler.shuffle(facts)
    assert find_disagreements(facts, by_id(*documents), terms=terms) == expected
