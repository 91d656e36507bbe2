"""Both languages say the same things."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from ui.texts import LANGUAGES, Texts, plural_form

ARABIC = re.compile(r"[\u0620-\u064a]")
FORMS = {"zero", "one", "two", "few", "many", "other"}


def stems(language: str) -> set[str]:
    """Keys with plural forms made one: the languages have different ones."""
    keys = Texts(language).keys  # type: ignore[arg-type]
    return {key.rpartition(".")[0] if key.rpartition(".")[2] in FORMS else key for key in keys}


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert stems("en") == stems("ar")


def test_both_languages_have_the_same_fields() -> None:
    english, arabic = Texts("en"), Texts("ar")
    for key in english.keys & arabic.keys:
        if key.rpartition(".")[2] not in FORMS:  # "one" may say the number in words
            assert fields(english._words[key]) == fields(arabic._words[key]), key


def test_arabic_is_arabic_and_english_is_not() -> None:
    same = {"page.other_language", "input.paste_placeholder", "input.digits_latin", "input.digits_arabic"}
    for key in Texts("en").keys - same:
        assert not ARABIC.search(Texts("en")._words[key]), key
    for key in Texts("ar").keys - same:
        if re.search(r"[A-Za-z]{4}", Texts("ar")._words[key]):
            assert ARABIC.search(Texts("ar")._words[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_the_code_names_is_there(language: str) -> None:
    known = Texts(language).keys  # type: ignore[arg-type]
    for path in [*(ROOT / "ui").rglob("*.py"), *(ROOT / "ui" / "templates").glob("*.jinja")]:
        source = path.read_text(encoding="utf-8")
        named = re.findall(r'\b(?:texts|t)\((?:"|\')([a-z_.]+)(?:"|\')[,)]', source)
        for key in named:
            assert key in known, f"{path.name} asks for {key}"
        for key in re.findall(r'\b(?:texts|t)\.count\("([a-z_.]+)"', source):
            assert f"{key}.other" in known, f"{path.name} counts {key}"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Texts("en")("no.such.key")


@pytest.mark.parametrize(
    ("number", "english", "arabic"),
    [(0, "other", "zero"), (1, "one", "one"), (2, "other", "two"), (3, "other", "few"), (10, "other", "few"),
     (11, "other", "many"), (99, "other", "many"), (100, "other", "other"), (102, "other", "other"),
     (103, "other", "few"), (111, "other", "many")],
)  # fmt: skip
def test_plural_forms_are_those_of_cldr(number: int, english: str, arabic: str) -> None:
    assert plural_form(number, language="en") == english
    assert plural_form(number, language="ar") == arabic


@given(st.integers(0, 10_000), st.sampled_from(LANGUAGES))
def test_any_number_can_be_counted(number: int, language: str) -> None:
    words = Texts(language).count("result.sentences", number)  # type: ignore[arg-type]
    assert words
    assert "{" not in words
