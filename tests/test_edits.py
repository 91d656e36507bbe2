"""Edits: marked, checked as the pipeline checks, and undone by giving the original words back."""

from __future__ import annotations

import json
from functools import cache

import pytest

from summarizer.edits import EDIT_LIMIT, edit_sentence, edit_title
from summarizer.errors import InputError
from summarizer.faithfulness import check_arabic, check_english
from summarizer.models import Registry
from summarizer.pipeline import make_brief
from summarizer.render import Form, render
from summarizer.schema import Brief, Check, Original
from summarizer.terms import Terms
from tests.builders import document
from tests.data.brief_sample import sample_brief
from tests.fakes import FakeEngine, OneTranslator

REPORT = """
# وزيرة النقل تفتتح جسر الصفاء
افتتحت وزيرة النقل العراقية، الأحد، جسر الصفاء الذي يربط ضفتي نهر دجلة في بغداد.
وقالت الوزيرة إن كلفة الجسر بلغت 42 مليون دينار، وإن العمل فيه بدأ في حزيران 2018.
وأضافت أن الجسر سيخدم 30 ألف مركبة يوميا في العاصمة العراقية.
"""
AR = "بلغت كلفة الجسر 42 مليون دينار."


@cache
def terms() -> Terms:
    return Terms.load()


@cache
def made() -> Brief:
    """A brief by the pipeline, with an English that loses every number."""
    registry: Registry = OneTranslator(FakeEngine(lambda text: "The bridge in Baghdad was opened."))
    return make_brief(
        [document("d1", REPORT, published="2021-09-05")],
        registry=registry,
        terms=terms(),
        sentences=3,
        created="2021-09-06",
    )


def story_id() -> str:
    return made().stories[0].id


def test_the_english_of_a_sentence() -> None:
    before = made().stories[0].summary[1]
    edited = edit_sentence(
        made(), story_id(), 1, en="  It cost 42 million dinars;\nwork began in June 2018. ", terms=terms()
    )
    after = edited.stories[0].summary[1]
    assert after.en == "It cost 42 million dinars; work began in June 2018."
    assert (after.ar, after.citations, after.reasons) == (before.ar, before.citations, before.reasons)
    assert (after.method, after.edited) == ("edited", ("en",))
    assert after.original == Original(ar=before.ar, en=before.en, checks=before.checks, method=before.method)
    story_terms = terms().for_document([made().documents[0].text])
    arabic = tuple(each for each in before.checks if each.on == "ar")
    assert after.checks == (*arabic, *check_english(after.en, after.ar, terms=story_terms))
    assert before.failures
    assert not [each for each in after.failures if each.kind == "number"]
    others = [place for place in range(3) if place != 1]
    assert [edited.stories[0].summary[place] for place in others] == [
        made().stories[0].summary[place] for place in others
    ]


def test_the_arabic_is_checked_against_what_it_cites_and_the_english_against_it() -> None:
    brief = made()
    sentence = brief.stories[0].summary[1]
    arabic = "بلغت كلفة الجسر 54 مليون دينار."
    after = edit_sentence(brief, story_id(), 1, ar=arabic, terms=terms()).stories[0].summary[1]
    story_terms = terms().for_document([brief.documents[0].text])
    cited = [brief.quote(each) for each in sentence.citations]
    assert after.edited == ("ar",)
    assert after.checks == (
        *check_arabic(arabic, cited, terms=story_terms),
        *check_english(sentence.en, arabic, terms=story_terms),
    )
    assert {(each.kind, each.on) for each in after.failures} >= {("number", "ar"), ("number", "en")}


def test_both_sides_one_after_the_other() -> None:
    once = edit_sentence(made(), story_id(), 1, ar=AR, terms=terms())
    twice = edit_sentence(once, story_id(), 1, en="The bridge cost 42 million dinars.", terms=terms())
    at_once = edit_sentence(
        made(), story_id(), 1, ar=AR, en="The bridge cost 42 million dinars.", terms=terms()
    )
    assert twice == at_once
    assert twice.stories[0].summary[1].edited == ("ar", "en")
    assert twice.stories[0].summary[1].failures == ()


def test_the_original_words_undo_an_edit() -> None:
    sentence = made().stories[0].summary[1]
    edited = edit_sentence(made(), story_id(), 1, ar=AR, en="Wrong.", terms=terms())
    half = edit_sentence(edited, story_id(), 1, ar=sentence.ar, terms=terms())
    assert half.stories[0].summary[1].edited == ("en",)
    assert edit_sentence(half, story_id(), 1, en=sentence.en, terms=terms()) == made()
    assert edit_sentence(made(), story_id(), 1, en=sentence.en, terms=terms()) == made()
    assert edit_sentence(made(), story_id(), 1, terms=terms()) == made()


def test_the_warning_of_a_story_counts_anew() -> None:
    def message(brief: Brief) -> list[str]:
        return [each.message for each in brief.warnings if each.code == "english_failed_checks"]

    (before,) = message(made())
    better = edit_sentence(
        made(), story_id(), 1, ar=AR, en="The bridge cost 42 million dinars.", terms=terms()
    )
    (after,) = message(better)
    assert int(after.split()[0]) == int(before.split()[0]) - 1
    assert [each.code for each in better.warnings] == [each.code for each in made().warnings]


def test_a_title() -> None:
    story = made().stories[0]
    edited = edit_title(
        made(), story.id, en="Minister opens Baghdad bridge that cost 54 million dinars", terms=terms()
    )
    after = edited.stories[0]
    assert (after.title.ar, after.title_edited) == (story.title.ar, ("en",))
    assert "number" in [each.kind for each in after.title_checks if each.verdict == "fail"]
    assert after.title_original == Original(ar=story.title.ar, en=story.title.en, checks=story.title_checks)
    assert edit_title(edited, story.id, en=story.title.en, terms=terms()) == made()


def test_the_arabic_of_a_title_may_draw_on_the_whole_summary() -> None:
    good, bad = (
        edit_title(made(), story_id(), ar=f"جسر الصفاء: {cost} مليون دينار", terms=terms()).stories[0]
        for cost in (42, 54)
    )

    def failed(checks: tuple[Check, ...]) -> list[str]:
        return [each.kind for each in checks if each.on == "ar" and each.verdict == "fail"]

    assert failed(good.title_checks) == []
    assert failed(bad.title_checks) == ["number"]


@pytest.mark.parametrize("text", ["", " \n", "x" * (EDIT_LIMIT + 1), "\ud800"])
def test_what_cannot_be_an_edit(text: str) -> None:
    with pytest.raises(InputError):
        edit_sentence(made(), story_id(), 0, en=text, terms=terms())
    with pytest.raises(InputError):
        edit_title(made(), story_id(), ar=text, terms=terms())


@pytest.mark.parametrize("index", [-1, 3])
def test_what_is_not_there_cannot_be_edited(index: int) -> None:
    with pytest.raises(InputError, match="there is no number"):
        edit_sentence(made(), story_id(), index, en="x", terms=terms())
    with pytest.raises(InputError, match="no story 's0'"):
        edit_title(made(), "s0", en="x", terms=terms())


def test_edits_survive_their_json() -> None:
    edited = edit_title(
        edit_sentence(made(), story_id(), 0, en="Edited.", terms=terms()),
        story_id(),
        ar="عنوان",
        terms=terms(),
    )
    assert Brief.from_json(edited.to_json()) == edited


@pytest.mark.parametrize("form", ["md", "html", "text"])
def test_every_form_says_what_was_edited(form: Form) -> None:
    assert "edited by hand" not in render(made(), form=form).lower()
    edited = edit_sentence(made(), story_id(), 0, ar=AR, en="Edited.", terms=terms())
    assert "Arabic and English edited by hand" in render(edited, form=form)
    assert "English edited by hand" in render(
        edit_title(made(), story_id(), en="New title", terms=terms()), form=form
    )
    # A brief that says "edited" without saying what.
    assert "Edited by hand" in render(sample_brief(), form=form)


def test_a_brief_from_before_there_were_edits_is_read() -> None:
    plain = json.loads(made().to_json())
    for story in plain["stories"]:
        del story["title_edited"], story["title_original"]
        for sentence in story["summary"]:
            del sentence["edited"], sentence["original"]
    assert Brief.from_json(json.dumps(plain)) == made()
