from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.arabic import (
    GREGORIAN_MONTHS,
    HIJRI_MONTHS,
    content_tokens,
    fold,
    is_arabic,
    month_number,
    normalize,
    span_in_source,
    stem,
    token_spans,
    tokenize,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("٢٥٠٠", "2500"),
        ("۲۵۰۰", "2500"),
        ("٢٫٥٪", "2.5%"),
        ("نیسان", "نيسان"),  # Persian yeh
        ("کاظمي", "كاظمي"),  # Persian kaf
        ("الأمريكية", "الامريكيه"),
        ("إلى", "الي"),
        ("العِرَاقُ", "العراق"),
        ("العـــراق", "العراق"),
        ("\u200fالعراق\u200e", "العراق"),
        ("ﻻ", "لا"),
        ("ﷲ", "الله"),
        ("مسؤول", "مسوول"),
        ("مئة", "ميه"),
        ("Biden", "biden"),
        ("ك\u200cتاب", "كتاب"),
    ],
)
def test_variants_fold_to_the_same(one: str, other: str) -> None:
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("one", "other"), [("سبعة", "تسعة"), ("2500", "2501"), ("كانون الأول", "كانون الثاني")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalize(one) != normalize(other)


@given(st.text())
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text())
def test_fold_agrees_with_normalize_and_maps_every_character_back(text: str) -> None:
    folded, origin = fold(text)
    assert folded == normalize(text)
    assert len(origin) == len(folded) + 1
    assert origin == sorted(origin)
    for position, character in enumerate(folded):
        assert character in normalize(text[origin[position]])


@given(st.text(alphabet=st.sampled_from("العراقُ ٢٣ـabc\u200f،.")))
def test_token_spans_cut_the_source_where_the_tokens_stand(text: str) -> None:
    for token, start, end in token_spans(text):
        assert normalize(text[start:end]) == token


def test_a_span_takes_its_final_marks_with_it() -> None:
    text = "قرارًا جديدًا"
    folded, origin = fold(text)
    start, end = span_in_source(text, origin, 0, folded.index(" "))
    assert text[start:end] == "قرارًا"


def test_tokens_drop_punctuation_of_both_scripts() -> None:
    assert tokenize("«قال»: 2,500 جندي؛ نعم؟ (U.S.)…") == ["قال", "2,500", "جندي", "نعم", "u", "s"]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("والعراقيون", "عراق"),
        ("المفاوضات", "مفاوض"),
        ("للقوات", "قو"),
        ("iraq", "iraq"),
        ("2500", "2500"),
        ("ان", "ان"),
    ],
)
def test_light_stems(token: str, expected: str) -> None:
    assert stem(normalize(token)) == expected


def test_months_of_every_system_become_one_content_token() -> None:
    names = ["نيسان", "نیسان", "أبريل", "إبريل", "أفريل", "April", "ونيسان"]
    assert {tuple(content_tokens(name)) for name in names} == {("month4",)}
    assert content_tokens("في كانون الثاني / يناير 2020") == ["month1", "month1", "2020"]


def test_the_two_kanuns_are_two_months() -> None:
    assert month_number(normalize("كانون الأول")) == 12
    assert month_number(normalize("كانون الثاني")) == 1
    assert month_number("العراق") is None


def test_month_tables_are_complete() -> None:
    assert set(GREGORIAN_MONTHS.values()) == set(HIJRI_MONTHS.values()) == set(range(1, 13))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("العراق", True),
        ("Iraq", False),
        ("", False),
        ("12345", False),
        ("العراق and the USA", False),
        ("العراق USA", True),
    ],
)
def test_is_arabic(text: str, *, expected: bool) -> None:
    assert is_arabic(text) is expected
