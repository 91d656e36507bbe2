"""Facts: the expressions of facts_cases.yaml, what stands beside a value, and dates resolved against a report's own."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from summarizer.facts import Fact, extract_facts
from summarizer.numerals import Language

CASES: list[tuple[Language, str, str]] = [
    (language, text, expected)
    for language, cases in yaml.safe_load(
        (Path(__file__).parent / "data" / "facts_cases.yaml").read_text(encoding="utf-8")
    ).items()
    for text, expected in cases.items()
]
SHORT = {"number": "n", "date": "d", "negation": "g"}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_cases(language: Language, text: str, expected: str) -> None:
    facts = extract_facts(text, language=language)
    assert " ".join(f"{SHORT[fact.kind]}:{fact.value.replace(' ', '_')}" for fact in facts) == expected


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_offsets_are_exact_in_context(language: Language, text: str, expected: str) -> None:
    # A sentence around it, with bidi marks, changes no fact that it holds and keeps offsets exact.
    before, after = ("‏«زار» ", " ‏، …") if language == "ar" else ("“Well”; ", " …")
    whole = before + text + after
    facts = extract_facts(whole, language=language)
    assert all(whole[fact.start : fact.end] == fact.surface for fact in facts)
    assert {fact.value for fact in facts} == {fact.value for fact in extract_facts(text, language=language)}


def only(text: str, language: Language = "ar", published: str | None = None, kind: str = "") -> Fact:
    (fact,) = [
        each
        for each in extract_facts(text, language=language, published=published)
        if kind in ("", each.kind)
    ]
    return fact


# --- what stands beside a number --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "bound"),
    [
        ("نحو 2500 جندي", "ar", "about"), ("حوالي ٦٠٪", "ar", "about"), ("أكثر من ٢٥٠٠ جندي", "ar", "more than"),
        ("قوة تزيد عن 300", "ar", "more than"), ("أقل من 30", "ar", "less than"), ("ما لا يقل عن 30 قتيلا", "ar", "at least"),
        ("ونحو 2500", "ar", "about"), ("يصل إلى 30", "ar", "up to"), ("بلغ 30", "ar", ""),
        ("about 2500", "en", "about"), ("more than 2,500", "en", "more than"), ("at least 30", "en", "at least"),
        ("as many as 30", "en", "up to"), ("fewer than thirty", "en", "less than"), ("the 30", "en", ""), ("30", "en", ""),
    ],
)  # fmt: skip
def test_bounds(text: str, language: Language, bound: str) -> None:
    assert only(text, language, kind="number").bound == bound


@pytest.mark.parametrize(
    ("text", "language", "unit"),
    [
        ("2500 جندي", "ar", "جندي"), ("٢٥٠٠ جُنديٍّ", "ar", "جندي"), ("60% من", "ar", "percent"), ("2500 في العراق", "ar", ""),
        ("2500", "ar", ""), ("2500 troops", "en", "troops"), ("2500 of them", "en", ""), ("2500.", "en", ""),
    ],
)  # fmt: skip
def test_units(text: str, language: Language, unit: str) -> None:
    assert only(text, language).unit == unit


@pytest.mark.parametrize(
    ("text", "language", "soft"),
    [
        ("الجولة الأولى", "ar", True), ("القمة الثالثة", "ar", True), ("الجولة السابعة", "ar", False), ("جنديان", "ar", True),
        ("2500", "ar", False), ("one round", "en", True), ("half of it", "en", True), ("three rounds", "en", False),
        ("2%", "en", False), ("a dozen", "en", True), ("thousands", "en", False),
    ],
)  # fmt: skip
def test_soft_numbers(text: str, language: Language, soft: bool) -> None:
    assert only(text, language).soft is soft


# --- resolving ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("السابع من أبريل القادم", "2021-04-07"), ("في أبريل المقبل", "2021-04"), ("في حزيران الماضي", "2020-06"),
        ("٢٣ مارس", "2021-03-23"), ("1 مارس / آذار", "2021-03-01"), ("منذ أكتوبر", "2020-10"), ("مايو أيار", None),
        ("مارس الماضي", "2020-03"), ("مارس المقبل", "2022-03"), ("مارس الجاري", "2021-03"), ("30 مارس المقبل", "2021-03-30"),
        ("25 مارس الماضي", "2021-03-25"), ("الشهر المقبل", "2021-04"), ("الشهر الماضي", "2021-02"), ("العام الماضي", "2020"),
        ("العام الجاري", "2021"), ("أمس", "2021-03-28"), ("أمس الأول", "2021-03-27"), ("غدا", "2021-03-30"), ("الأسبوع الماضي", None),
        ("الاثنين", "2021-03-29"), ("الثلاثاء", "2021-03-23"), ("الأحد", "2021-03-28"), ("الأحد المقبل", "2021-04-04"),
        ("الاثنين الماضي", "2021-03-22"), ("يناير 2020", "2020-01"), ("29 شباط", None), ("15 رمضان", None), ("الأشهر الماضية", None),
    ],
)  # fmt: skip
def test_resolved_against_the_date_of_the_report(text: str, resolved: str | None) -> None:
    assert only(text, published="2021-03-29", kind="date").resolved == resolved


def test_resolved_in_english() -> None:
    assert only("next April", "en", "2021-03-29T10:00:00Z").resolved == "2021-04"
    assert only("last Friday", "en", "2021-03-29").resolved == "2021-03-26"
    assert only("last year", "en", "2021-03-29").resolved == "2020"


@pytest.mark.parametrize("published", [None, "", "yesterday", "2021-13-45"])
def test_without_a_usable_date_nothing_is_resolved(published: str | None) -> None:
    assert only("الشهر الماضي", published=published).resolved is None


@pytest.mark.parametrize("published", ["0001-01-01", "9999-12-31"])
def test_resolving_at_the_ends_of_the_calendar(published: str) -> None:
    for text in ("أمس", "غدا", "الأحد المقبل", "الاثنين الماضي", "بعد غد", "العام الماضي", "الشهر الماضي"):
        assert only(text, published=published, kind="date").resolved is not None
    for text in ("31 ديسمبر", "1 يناير"):  # years that do not exist stay unresolved
        assert only(text, published=published, kind="date").resolved in (None, published)
    out = only("ديسمبر الماضي" if published < "1" else "يناير المقبل", published=published, kind="date")
    assert out.resolved is None


def test_a_second_reading_of_a_numeric_date() -> None:
    fact = only("7/4/2021", "ar")
    assert (fact.value, fact.also) == ("2021-04-07", "2021-07-04")
    fact = only("7/4/2021", "en")
    assert (fact.value, fact.also) == ("2021-07-04", "2021-04-07")
    assert only("7/7/2021", "en").also is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("31/2/2021", "ar"), ("99/99/2021", "ar"), ("1/1/9999", "ar"), ("32 أبريل", "ar"), ("13/13", "ar"), ("4/5", "en"), ("$2000", "en"), ("2000%", "en")],
)  # fmt: skip
def test_impossible_days_are_no_dates(text: str, language: Language) -> None:
    assert not [
        f
        for f in extract_facts(text, language=language)
        if f.kind == "date" and f.value.count("-") >= 2 and "--" not in f.value
    ]
    assert "--04-32" not in {fact.value for fact in extract_facts(text, language=language)}


def test_negation_kinds_and_softness() -> None:
    assert [f.value for f in extract_facts("لم يوافق ولن يوافق دون شروط", language="ar")] == [
        "not",
        "not",
        "without",
    ]
    assert only("لا يملك سوى القليل", kind="negation").soft
    assert only("whether or not", "en").soft
    assert not only("did not", "en").soft


@given(
    st.text(alphabet=st.characters() | st.sampled_from("لم لا غير مارس آب 0123456789/-٠١٢ أبريل من عام")),
    st.sampled_from(["ar", "en"]),
)
def test_any_text_gives_facts_with_exact_offsets(text: str, language: Language) -> None:
    facts = extract_facts(text, language=language, published="2021-03-29")
    assert list(facts) == sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind))
    for fact in facts:
        assert text[fact.start : fact.end] == fact.surface != ""
        assert fact.value


DATE_WORDS = st.sampled_from(
    "السابع والعشرين من أبريل / نيسان مارس كانون الثاني الأول تشرين مايو أيار آب رمضان شوال ربيع 7 25 2021 1442 هـ عام العام الماضي المقبل شهر - ( ) ،"
    " و الأحد أمس الأول الشهر هذا القرن التسعينيات لم يعد غير دون إلا سوى"
    " April May 7th the of , last next Sunday week yesterday day before after tomorrow 's 1990s in March Sept . not no longer without".split()
)


@given(st.lists(DATE_WORDS, max_size=14), st.sampled_from(["ar", "en"]))
def test_any_heap_of_date_words_is_read_without_error(words: list[str], language: Language) -> None:
    text = " ".join(words)
    dates = [
        fact for fact in extract_facts(text, language=language, published="2021-03-29") if fact.kind == "date"
    ]
    assert all(one.end <= two.start for one, two in pairwise(dates))


@pytest.mark.parametrize(
    ("english", "value"),
    [
        ("on 8 Dhu al-Hijjah", "hijri:--12-08"),
        ("on the tenth of Muharram 1440", "hijri:1440-01-10"),
        ("12 Rabi al Awwal 1445 AH", "hijri:1445-03-12"),
        ("late Jumada al-Akhirah", "hijri:--06"),
        ("during Ramadan", "hijri:--09"),
    ],
)
def test_hijri_dates_are_read_in_english(english: str, value: str) -> None:
    assert [fact.value for fact in extract_facts(english, language="en") if fact.kind == "date"] == [value]


@pytest.mark.parametrize(
    ("arabic", "values"),
    [
        ("في 3 صفر 1443", ["hijri:1443-02-03"]),
        ("في 3-صفر-1443", ["hijri:1443-02-03"]),
        ("خسر 3-صفر", []),
        ("خسر 3 – صفر أمام ضيفه", []),
        ("بين الاثنين والأربعاء", ["weekday:monday", "weekday:wednesday"]),
        ("الفرق بين الاثنين", []),
    ],
)
def test_a_score_is_no_month_and_the_two_are_no_day(arabic: str, values: list[str]) -> None:
    assert [fact.value for fact in extract_facts(arabic, language="ar") if fact.kind == "date"] == values


@pytest.mark.parametrize("english", ["Rajab said so", "Abu Safar came", "Rabi went home"])
def test_names_of_people_are_no_hijri_months(english: str) -> None:
    assert not [fact for fact in extract_facts(english, language="en") if fact.kind == "date"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("شارك 18 ألفاً من السكان", "18000"),
        ("نحو 18 ألفا", "18000"),
        ("مليون و300 ألفا", "1300000"),
        ("ثلاثاً منها أغلقت", "3"),
        ("حكم بسجنه لست سنوات", "6"),
        ("كنائس لست طوائف", "6"),
        ("دمرت خمساً من الصواريخ", "5"),
        ("واحداً في المئة", "1%"),
        ("ثلاثة أرباعهم", "0.75"),
        ("الفصائل الأحد عشر", "11"),
        ("أبوابه الاثنين والعشرين", "22"),
    ],
)
def test_numbers_as_newspapers_write_them(text: str, value: str) -> None:
    (fact,) = extract_facts(text, language="ar")
    assert (fact.kind, fact.value) == ("number", value)


def test_a_verb_that_folds_like_a_thousand() -> None:
    assert extract_facts("ألّف الطبيب كتابا", language="ar") == ()


@pytest.mark.parametrize(("text", "days"), [
    ("كل خميس", ["thursday"]), ("كل ثلاثاء وجمعة", ["tuesday", "friday"]), ("أول سبت من الشهر", ["saturday"]),
])  # fmt: skip
def test_weekdays_without_their_article(text: str, days: list[str]) -> None:
    found = [fact.value for fact in extract_facts(text, language="ar") if fact.kind == "date"]
    assert found == [f"weekday:{day}" for day in days]
