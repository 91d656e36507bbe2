from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.timeline import FEWEST_YEARS, MOST_ENTRIES, WHOLE_WORDS, excerpt, find_timeline, sort_key
from tests.builders import by_id, document, with_facts

ONE = document(
    "a",
    """
    وقع البلدان اتفاق الإطار الاستراتيجي في عام ٢٠٠٨.
    وقتل القائد في غارة قرب المطار في كانون الثاني / يناير 2020.
    وتبدأ الجولة الجديدة من الحوار في السابع من أبريل القادم.
    وكانت حكومته تشكلت في مايو أيار.
    """,
)
TWO = document(
    "b",
    """
    قتل القائد في يناير 2020 بغارة أميركية قرب مطار بغداد.
    وانسحب الجنود منذ بدء الحوار بين البلدين في حزيران الماضي.
    وكان الحوار بين البلدين قد بدأ في يونيو ٢٠٢٠ في عهد الإدارة السابقة.
    """,
)
DATED = document(
    "c",
    "وصل الوفد أمس الأحد إلى واشنطن لبدء المباحثات.\nوتحسنت العلاقات العام الماضي.",
    published="2021-07-26",
)


def dates(*documents: object) -> list[str]:
    return [each.date for each in find_timeline(with_facts(*documents), by_id(*documents))]  # type: ignore[arg-type]


def test_dates_of_both_month_systems_and_both_digits_meet_in_order() -> None:
    assert dates(ONE, TWO) == ["2008", "2020-01", "2020-06", "--04-07"]


def test_one_entry_a_date_cites_every_report_of_it() -> None:
    entries = {each.date: each for each in find_timeline(with_facts(ONE, TWO), by_id(ONE, TWO))}
    assert {c.document_id for c in entries["2020-01"].citations} == {"a", "b"}


def test_a_month_without_a_year_joins_the_full_date_it_must_be() -> None:
    entries = {each.date: each for each in find_timeline(with_facts(TWO), by_id(TWO))}
    assert len(entries["2020-06"].citations) == 2


def test_a_month_without_a_year_that_joins_nothing_is_left_out() -> None:
    assert not any(date == "--05" for date in dates(ONE))


def test_relative_dates_count_only_where_the_report_is_dated() -> None:
    assert dates(DATED) == ["2021-07-25"]
    assert dates(document("c", DATED.text)) == []


def test_copies_do_not_count() -> None:
    copy = document("d", ONE.text, duplicate_of="a")
    entries = find_timeline(with_facts(ONE, copy), by_id(ONE, copy))
    assert all(citation.document_id == "a" for each in entries for citation in each.citations)


def test_citations_quote_the_source() -> None:
    documents = by_id(ONE, TWO)
    for entry in find_timeline(with_facts(ONE, TWO), documents):
        first = entry.citations[0]
        quoted = documents[first.document_id].text[first.start : first.end]
        assert entry.text.strip("… ") in quoted


def test_a_timeline_keeps_what_most_reports_date() -> None:
    many = document(
        "m", "\n".join(f"حدث أمر مهم للغاية في البلاد في مايو {year}." for year in range(1990, 2020))
    )
    more = document("n", "وقال الرئيس إن ذلك حدث في مايو 2015 في البلاد.")
    entries = find_timeline(with_facts(many, more), by_id(many, more))
    assert len(entries) == MOST_ENTRIES
    assert "2015-05" in [each.date for each in entries]


@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(shuffler: random.Random) -> None:
    facts = with_facts(ONE, TWO, DATED)
    expected = find_timeline(facts, by_id(ONE, TWO, DATED))
    shuffler.shuffle(facts)
    assert find_timeline(facts, by_id(ONE, TWO, DATED)) == expected


def test_years_come_before_days_of_an_unknown_year() -> None:
    assert sorted(["--04-07", "2021", "2020-12", "--03-23"], key=sort_key) == [
        "2020-12",
        "2021",
        "--03-23",
        "--04-07",
    ]


@given(st.text(), st.data())
def test_an_excerpt_is_made_of_the_source(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert excerpt(text, start, end).strip("… ") in text


def test_long_sentences_are_cut_around_the_date() -> None:
    filler = "قال المسؤول كلاما كثيرا جدا عن أمور شتى في البلاد وخارجها"
    text = f"{filler}، {filler}، وبدأت المعركة الكبرى في حلب عام 2016 بعد حصار طويل دام أشهرا، {filler}."
    start = text.index("2016")
    assert len(text.split()) > WHOLE_WORDS
    assert (
        excerpt(text, start, start + 4) == "… وبدأت المعركة الكبرى في حلب عام 2016 بعد حصار طويل دام أشهرا …"
    )


# --- dates that date nothing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("تبلغ مساحة المعمل الذي احترق أمس نحو ٢٠٠٠ م2 حسب الدفاع المدني.", ["2018-05-07"]),
        ("استعادت القوات قصر 22 مايو الرئاسي وسط المدينة.", []),
        ("شهدت البلاد اعتقالات بعد هجمات 11 سبتمبر في المدينة.", []),
        ("الرئيس من مواليد 3 أكتوبر 1956 في المدينة القديمة.", []),
        ("وقد ولد المدرب في الثالث من نوفمبر 1971 في المدينة.", []),
        ("ولم تعلن أي جهة مسؤوليتها عن الهجوم حتى اليوم.", []),
        ("يجتمع الأعضاء في هذا اليوم من كل عام لتبادل التهاني.", []),
        ("بدأ التحالف عملياته في آذار/مارس العام 2015 دعما للسلطة.", ["2015-03"]),
        ("بدأت المسيرات في 30 كانون الأول/ديسمبر على الحدود.", ["2017-12-30"]),
        ("قتل المهاجم في عام ٢٠١٦ أربعة أشخاص في المدينة.", ["2016"]),
    ],
)
def test_only_dates_of_events_enter(text: str, expected: list[str]) -> None:
    assert dates(document("a", text, published="2018-05-08")) == expected


def test_an_excerpt_is_shown_once_under_its_most_exact_and_then_its_first_date() -> None:
    exact = document("a", "اتفق الطرفان في يوليو 2017 على إجراء انتخابات في عام 2018 في البلاد.")
    assert dates(exact) == ["2017-07"]
    assert dates(document("a", "خسر المرشح الانتخابات في عام 2006 وفي عام 2012 أمام منافسه.")) == ["2006"]
    later_first = document("a", "تولى الحكومة في مارس 2018 خلفا لسلفه الذي استقال في فبراير 2018.")
    assert dates(later_first) == ["2018-03"]


def test_the_weekday_beside_today_counts() -> None:
    late = document("a", "وقع انفجار في البلدة اليوم الاثنين وتضاربت الروايات.", published="2018-05-08")
    assert dates(late) == ["2018-05-07"]


def test_years_alone_are_background() -> None:
    years = "\n".join(f"حدث أمر مهم رقم {chr(1575 + n)} في البلاد عام {2000 + n}." for n in range(8))
    assert len(dates(document("a", years))) == FEWEST_YEARS
    exact = "\n".join(f"حدث أمر آخر في البلاد في مايو {2000 + n}." for n in range(4))
    assert len(dates(document("a", years + "\n" + exact))) == 8
