"""Glosses beside rare words: which word may be built of which stem, and that the text is left as it is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines import UNGLOSSED
from summarizer.engines.ctranslate2 import CTranslate2Engine
from summarizer.errors import ModelError
from summarizer.glosses import GLOSSES_FILE, MOST_CHARACTERS, MOST_GLOSSES, Glosses
from summarizer.models import Registry

MARKS = ("<unused2>", "<unused3>")
#: A dictionary of a few words in the form of `recipes/glosses.py`.
LINES = """
prefix\t\tPref-0
prefix\tال\tDet
prefix\tو\tPref-0\tWa
prefix\tي\tImperfect
suffix\t\tSuff-0
suffix\tين\tPlural
pair\tPref-0\tNoun
pair\tDet\tNoun
pair\tWa\tNoun
pair\tNoun\tSuff-0
pair\tNoun\tPlural
pair\tPref-0\tSuff-0
pair\tDet\tSuff-0
pair\tDet\tPlural
pair\tWa\tSuff-0
pair\tImperfect\tVerb
pair\tVerb\tSuff-0
pair\tImperfect\tSuff-0
pair\tPref-0\tName
pair\tName\tSuff-0
stem\tرصيف\t1#Noun#sidewalk;platform\t2#Noun#colleague;workmate
stem\tمتظاهر\t3#Noun#demonstrator
stem\tرقب\t4#Verb#observe
stem\tزين\t5#Noun#beauty\t6#Name#
stem\tسرطان\t7#Noun#cancer;crayfish\t8#Noun#a gloss that is far too long to stand beside a word
common\tمتظاهر
""".strip("\n").split("\n")


@pytest.fixture
def glosses() -> Glosses:
    return Glosses(iter(LINES))


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("الرصيف", ("sidewalk", "colleague", "platform")),  # the best of every lemma first
        ("وَالرَّصِيف", ()),  # no such prefix here: "و" and "ال" are two
        ("رَصِيفٌ", ("sidewalk", "colleague", "platform")),
        ("المتظاهرين", ("demonstrator",)),
        ("متظاهر", ()),  # common: the model knows it
        ("يرقب", ("observe",)),
        ("رقب", ()),  # of the verb only the imperfect may stand
        ("زين", ()),  # may be a name
        ("سرطان", ("cancer", "crayfish")),  # no room for the long one
        ("قطار", ()),
        ("في", ()),
        ("", ()),
    ],
)
def test_a_word_has_the_glosses_of_what_it_may_be_built_of(
    glosses: Glosses, word: str, found: tuple[str, ...]
) -> None:
    assert glosses.of(word) == found


def test_glosses_stand_behind_the_text_and_names_in_latin_letters_have_none(glosses: Glosses) -> None:
    text = "قال Mustafa al-Kadhimi إن الرصيف، والمتظاهر «يرقب» الرصيف 7 April"
    told = "<unused2> الرصيف<unused3> sidewalk; colleague; platform<unused2> يرقب<unused3> observe"
    assert glosses.annotate(text, MARKS) == text + told
    assert (
        glosses.annotate(text, MARKS, wanted=lambda word: word == "يرقب")
        == f"{text}<unused2> يرقب<unused3> observe"
    )
    assert glosses.annotate(text, MARKS, wanted=lambda word: False) == text
    assert glosses.annotate(text, MARKS, most=1) == text + told.replace("; colleague; platform", "")


@given(
    st.text() | st.lists(st.sampled_from("رصيف الرصيف متظاهرين زين , . ٣ \n \u200f".split(" "))).map(" ".join)
)
def test_the_text_stays_and_every_gloss_is_of_one_of_its_words(text: str) -> None:
    glosses, marks = Glosses(iter(LINES)), ("\ue000", "\ue001")
    annotated = glosses.annotate(text, marks)
    assert annotated.startswith(text)
    for each in annotated[len(text) :].split(marks[0])[1:]:
        word, _, found = each.strip().partition(f"{marks[1]} ")
        assert word in text
        assert tuple(found.split("; ")) == glosses.of(word)


def test_a_damaged_file_is_an_error_in_one_line(tmp_path: Path) -> None:
    for name, data in {
        "none.gz": None,
        "text.gz": b"stem\t",
        "cut.gz": gzip.compress("\n".join(LINES).encode())[:-9],
        "kind.gz": gzip.compress(b"verb\tx\ty\n"),
        "bytes.gz": gzip.compress(b"stem\t\xff\xfe\n"),
    }.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(ModelError, match="missing or damaged"):
            Glosses.load(tmp_path / name)


def test_the_shipped_dictionary_knows_the_words_of_the_news() -> None:
    shipped = Glosses.load(Path(__file__).parents[1] / "models" / "ar-en-v6" / GLOSSES_FILE)
    for word, wanted in {
        "والمتظاهرون": "demonstrator",
        "الرصيف": "sidewalk",
        "طابعات": "printer",
        "للهدنة": "truce",
        "ميليشيات": "militias",
    }.items():
        assert wanted in shipped.of(word), (word, shipped.of(word))
    for word in ("الرئيس", "قال", "الذين", "واشنطن"):  # common, a particle, a name
        assert shipped.of(word) == ()
    for word in ("الكتالونية", "ومستلزماتها", "استنكار"):
        found = shipped.of(word)
        assert len(found) <= MOST_GLOSSES
        assert sum(map(len, found)) <= MOST_CHARACTERS


# --- in the engine ------------------------------------------------------------------------------


def test_the_embedded_translator_is_fed_glosses_that_make_no_answer_longer() -> None:
    spec = Registry.load().model("ar-en")
    assert spec.feed.gloss_marks == MARKS
    engine = Registry.load().engine("ar-en")
    plain, rare = "قال الرئيس إن هذا كان في العالم", "سار المتظاهرون على الرصيف"
    bare = spec.model_copy(update={"feed": spec.feed.model_copy(update={"gloss_marks": None})})
    assert isinstance(engine, CTranslate2Engine)
    without = CTranslate2Engine(bare, lambda: Registry.load().locate(spec))
    assert engine.count_tokens(plain) == without.count_tokens(plain)
    assert engine.count_tokens(rare) > without.count_tokens(rare) + 4
    with engine._using() as loaded, without._using() as same:
        fed = engine._encode(loaded, rare)
        assert "<unused2>" in fed
        assert engine._told(fed) == len(without._encode(same, rare))
        assert engine._encode(loaded, rare + UNGLOSSED) == without._encode(same, rare)
        assert without._encode(same, rare + UNGLOSSED) == without._encode(same, rare)
    assert engine.glosses
    assert not without.glosses
    (answers,) = engine.generate([rare])
    assert "unused" not in answers[0].text
    assert any(
        gloss in answers[0].text for gloss in ("sidewalk", "platform", "pavement")
    )  # it chooses among them


def test_a_long_input_has_fewer_glosses_a_word_and_at_least_one() -> None:
    registry = Registry.load()
    spec = registry.model("ar-en")
    assert spec.feed.gloss_limit == 300

    def limited(limit: int | None) -> CTranslate2Engine:
        feed = spec.feed.model_copy(update={"gloss_limit": limit})
        return CTranslate2Engine(spec.model_copy(update={"feed": feed}), lambda: registry.locate(spec))

    text = "سار المتظاهرون على الرصيف ونددوا بالمماطلة والتسويف"
    whole = limited(None).count_tokens(text)
    assert limited(whole).count_tokens(text) == whole
    fewer = limited(whole - 1).count_tokens(text)
    assert limited(1).count_tokens(text) <= fewer < whole
    with limited(1)._using() as loaded:
        fed = limited(1)._encode(loaded, text)
    unlimited = limited(None)
    with unlimited._using() as loaded:
        assert fed.count("<unused2>") == unlimited._encode(loaded, text).count("<unused2>") > 1
    assert not any(";" in token for token in fed)
