"""Numbers: values and places of what ``find_numerals`` reads. The expressions themselves are in facts_cases.yaml."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.numerals import Language, Numeral, canonical, find_numerals, is_identifier, scan


def read(text: str, language: Language = "ar") -> list[Numeral]:
    return find_numerals(scan(text), language=language)


def surfaces(text: str, language: Language = "ar") -> list[str]:
    tokens = scan(text)
    return [
        text[tokens[n.first].start : tokens[n.last - 1].end] for n in find_numerals(tokens, language=language)
    ]


# --- tokens -------------------------------------------------------------------------------------


def test_scan_maps_tokens_to_the_source() -> None:
    text = "‏قُتِلَ ٢٬٥٠٠ جنــديٍّ، (5%)"
    tokens = scan(text)
    assert [token.text for token in tokens] == ["قتل", "2,500", "جندي", "،", "(", "5", "%", ")"]
    assert [token.kind for token in tokens][:4] == ["word", "number", "word", "mark"]
    assert all(text[token.start : token.end] == token.surface for token in tokens)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("25/7/2021", ["date"]),
        ("2021-07-25", ["date"]),
        ("25.7.2021", ["date"]),
        ("10:30", ["clock"]),
        ("10:30:45", ["number", "mark", "clock"]),
        ("1.2.3", ["number", "mark", "number", "mark", "number"]),
        ("25/7", ["number", "mark", "number"]),
        ("25/7-2021", ["number", "mark", "number", "mark", "number"]),
    ],
)
def test_scan_knows_the_kinds_of_digits(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in scan(text)] == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كوفيد-19", True),
        ("F-16", True),
        ("B52", True),
        ("و15", False),
        ("mid-2020", False),
        ("19", False),
        ("- 19", False),
    ],
)
def test_identifiers_are_told_from_quantities(text: str, expected: bool) -> None:
    tokens = scan(text)
    assert is_identifier(tokens, len(tokens) - 1) is expected


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2500), "2500"), (Fraction(5, 2), "2.5"), (Fraction(1, 8), "0.125"), (Fraction(1, 3), "1/3"),
        (Fraction(-5, 2), "-2.5"), (Fraction(1, 100), "0.01"), (Fraction(0), "0"), (Fraction(1, 5), "0.2"),
    ],
)  # fmt: skip
def test_canonical(value: Fraction, text: str) -> None:
    assert canonical(value) == text


@given(st.fractions(min_value=0))
def test_canonical_is_exact(value: Fraction) -> None:
    assert Fraction(canonical(value)) == value


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("٢٥٠٠", "ar"), ("2,500", "ar"), ("2 500", "ar"), ("ألفان وخمسمئة", "ar"), ("ألفين و خمس مائة", "ar"),
        ("2.5 ألف", "ar"), ("ألفان و500", "ar"), ("2500", "en"), ("two thousand five hundred", "en"), ("2.5 thousand", "en"),
        ("2.5k", "en"), ("twenty-five hundred", "en"),
    ],
)  # fmt: skip
def test_every_writing_of_one_number_is_one_value(text: str, language: Language) -> None:
    assert [numeral.integer for numeral in read(text, language)] == [2500]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("تسعا وعشرين سنة", [29]), ("خمسا و أربعين دقيقة", [45]), ("واحدا وعشرين لقاء", [21]), ("إحدى وعشرين كلية", [21]),
        ("مئة وإحدى وعشرون دولة", [121]), ("مئة وتسعا وعشرين", [129]), ("ألفا وتسعمئة وست عشرة سفينة", [1916]),
        ("ألفًا وثلاثين جنديا", [1030]), ("ألفا جندي", [2000]), ("ألف ومئتا مليار", [1200 * 10**9]),
        ("ثلاثة آلاف ومئتي مليون", [3200 * 10**6]), ("إحدى الدول", []), ("أحد الرجال", []), ("ست دول", [6]),
        ("جبهة ألفا", []), ("قتل ألف ومئتا شخص و3 ملايين", [1200, 3 * 10**6]),
    ],
)  # fmt: skip
def test_accusatives_and_shared_scales(text: str, values: list[int]) -> None:
    assert [numeral.value for numeral in read(text)] == values


UNITS = ["", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"]
TEENS = [
    "عشرة",
    "أحد عشر",
    "اثنا عشر",
    "ثلاثة عشر",
    "أربعة عشر",
    "خمسة عشر",
    "ستة عشر",
    "سبعة عشر",
    "ثمانية عشر",
    "تسعة عشر",
]
TENS = ["", "", "عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون"]
HUNDREDS = ["", "مئة", "مئتان", "ثلاثمئة", "أربعمئة", "خمسمئة", "ستمئة", "سبعمئة", "ثمانمئة", "تسعمئة"]


def spell(number: int) -> str:
    """Spell 1..999,999 in Arabic, by the book: an independent writer for the reader to be held against."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = {1: "ألف", 2: "ألفان"}.get(thousands)
        if head is None:
            head = f"{spell(thousands)} {'آلاف' if 3 <= thousands <= 10 else 'ألفا'}"
        return head + (f" و{spell(rest)}" if rest else "")
    parts = [HUNDREDS[number // 100]] if number >= 100 else []
    rest = number % 100
    if 10 <= rest < 20:
        parts.append(TEENS[rest - 10])
    else:
        parts += [word for word in (UNITS[rest % 10], TENS[rest // 10]) if word]
    return " و".join(parts)


@given(st.integers(min_value=1, max_value=999_999).filter(lambda n: n // 1000 not in (101, 102)))
def test_spelt_arabic_is_read_back(number: int) -> None:
    assert [numeral.value for numeral in read(spell(number))] == [number]


@given(
    st.integers(min_value=1, max_value=10**12), st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0123456789"])
)
def test_grouped_digits_of_every_script_are_read_back(number: int, digits: str) -> None:
    written = "".join(digits[int(c)] if c.isdigit() else "٬" for c in f"{number:,}")
    assert [numeral.value for numeral in read(f"بلغ {written} دولار")] == [number]


def test_two_readings_of_a_single_dot() -> None:
    assert [(n.value, n.also) for n in read("2.500 جندي")] == [(2500, Fraction(5, 2))]
    assert [(n.value, n.also) for n in read("2.500 troops", "en")] == [(Fraction(5, 2), 2500)]
    assert [(n.value, n.also) for n in read("2.500 مليون")] == [(2_500_000, None)]


def test_places() -> None:
    assert surfaces("قتل ثلاثة وعشرون شخصا و15 جنديا") == ["ثلاثة وعشرون", "15"]
    assert surfaces("some 2.5 million people and 60 per cent", "en") == ["2.5 million", "60 per cent"]


def test_conjunction_ends_a_number_where_the_sum_would_be_none() -> None:
    assert [n.integer for n in read("خمسة وستة")] == [5, 6]
    assert [n.integer for n in read("ألف و20 شخصا")] == [1000, 20]
    assert [n.integer for n in read("ألف و5000 شخص")] == [1000, 5000]
    assert [n.integer for n in read("مليون وألف")] == [1_001_000]
    assert [n.integer for n in read("مئة وأحد الجنود")] == [100]
    assert [n.integer for n in read("two and three hundred", "en")] == [2, 300]


@pytest.mark.parametrize(
    ("text", "language", "forms"),
    [
        ("الجولة السابعة", "ar", ["ordinal"]), ("جنديان", "ar", ["dual"]), ("قمة ثلاثية", "ar", ["adjective"]),
        ("ثلث", "ar", ["fraction"]), ("عشرات", "ar", ["vague"]), ("10:30", "ar", ["clock"]), ("خمسة", "ar", ["words"]),
        ("5", "ar", ["digits"]), ("30 second rule", "en", ["digits"]), ("the second round", "en", ["ordinal"]),
        ("metres per second", "en", []), ("thirds", "en", []), ("bn", "en", []), ("a few thousand", "en", ["vague"]),
        ("several hundred thousand", "en", ["vague"]), ("one fifth", "en", ["fraction"]), ("five second rounds", "en", ["words", "ordinal"]),
        ("ثانية واحدة", "ar", ["words"]), ("أرباع", "ar", []), ("حادي", "ar", []), ("5 ونصف", "ar", ["digits"]),
        ("مئات الملايين", "ar", ["vague"]), ("عشرات القتلى", "ar", ["vague"]),
    ],
)  # fmt: skip
def test_forms(text: str, language: Language, forms: list[str]) -> None:
    assert [numeral.form for numeral in read(text, language)] == forms


def test_percent_and_integer() -> None:
    (numeral,) = read("٦٠٪")
    assert (numeral.canonical, numeral.integer) == ("60%", None)
    assert [n.canonical for n in read("7%60")] == ["7%", "60"]


@given(st.text(alphabet=st.characters() | st.sampled_from("وبالف مئة ألفان عشر نصف 0123456789٠١٢%.,-:/")))
def test_any_text_is_read_without_error_and_without_overlap(text: str) -> None:
    tokens = scan(text)
    for language in ("ar", "en"):
        last = 0
        for numeral in find_numerals(tokens, language=language):
            assert last <= numeral.first < numeral.last <= len(tokens)
            assert numeral.canonical
            last = numeral.last


WORDS = st.sampled_from(
    "ألف ألفان مليون ومليون نصف ونصف وخمسة خمسة عشر وعشرون مئة ومئتان آلاف عشرات الآلاف أحد الحادي السابع والعشرين و 5 500 % بالمئة - إلى بين"
    " two and a half million hundred thousand dozen third thirds of several couple - one twenty five fifth first".split()
)


@given(st.lists(WORDS, max_size=12))
def test_any_heap_of_number_words_is_read_without_error(words: list[str]) -> None:
    tokens = scan(" ".join(words))
    for language in ("ar", "en"):
        for numeral in find_numerals(tokens, language=language):
            assert numeral.first < numeral.last <= len(tokens)


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("لا تتجاوز الخُمس", "0.2", "fraction"),
        ("من الخُمسين", "0.4", "fraction"),
        ("سُبع الأعضاء", "1/7", "fraction"),
        ("أقل من عُشر السكان", "0.1", "fraction"),
        ("ولثُمن المقاعد", "0.125", "fraction"),
        ("خَمس سنوات", "5", "words"),
        ("عشر سنوات", "10", "words"),
    ],
)
def test_a_fifth_is_told_from_five_by_its_vowel(text: str, value: str, form: str) -> None:
    (number,) = read(text)
    assert (canonical(number.value), number.form) == (value, form)
