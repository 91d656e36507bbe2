"""A person's changes of a brief: a sentence or a title, in either language, marked and checked like the machine's.

A ``Brief`` is a value, so each function returns a new one. What was edited is named (``edited``, ``title_edited``), the
method of an edited sentence is ``edited``, and the machine's own version stays beside it (``original``). There is no
undo to call: whoever gives the original words back gets the original sentence, method and checks included.

The checks of what changed are run again as the pipeline runs them: the Arabic against the cited sentences, the English
against the Arabic, with the names of the whole story. An edit that fails them is kept and marked. A person may know
better, and the reader sees both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from summarizer.errors import InputError
from summarizer.faithfulness import check_arabic, check_english
from summarizer.pipeline import story_warnings
from summarizer.schema import (
    Bilingual,
    Brief,
    BriefWarning,
    Check,
    Citation,
    Language,
    Original,
    Story,
    SummarySentence,
)
from summarizer.terms import Terms

#: Characters of an edited sentence or title. The longest sentence of a report that was summarized had some 900.
EDIT_LIMIT: Final = 2_000


def edit_sentence(
    brief: Brief, story_id: str, index: int, *, ar: str | None = None, en: str | None = None, terms: Terms
) -> Brief:
    """Return ``brief`` with the Arabic, the English or both of a summary sentence changed; None leaves a side alone.

    ``index`` counts from 0. Raises ``InputError`` for an unknown story or sentence, and for a text that is empty,
    longer than ``EDIT_LIMIT`` or cannot be written as UTF-8.
    """
    story = _story(brief, story_id)
    if not 0 <= index < len(story.summary):
        raise InputError(f"story {story_id} has {len(story.summary)} sentences; there is no number {index}")
    sentence = story.summary[index]
    edited = _edit_sentence(
        sentence,
        ar=sentence.ar if ar is None else _clean(ar),
        en=sentence.en if en is None else _clean(en),
        cited=[brief.quote(each) for each in sentence.citations],
        terms=_story_terms(brief, story, terms),
    )
    summary = (*story.summary[:index], edited, *story.summary[index + 1 :])
    return _with_story(brief, replace(story, summary=summary))


def edit_title(
    brief: Brief, story_id: str, *, ar: str | None = None, en: str | None = None, terms: Terms
) -> Brief:
    """Return ``brief`` with a story's title changed; None leaves a side alone. Raises as ``edit_sentence`` does.

    A person's title may draw on all that the summary cites, so that is what its Arabic is checked against.
    """
    story = _story(brief, story_id)
    title = Bilingual(
        ar=story.title.ar if ar is None else _clean(ar), en=story.title.en if en is None else _clean(en)
    )
    original = story.title_original or Original(
        ar=story.title.ar, en=story.title.en, checks=story.title_checks
    )
    edited = _changed(original, ar=title.ar, en=title.en)
    if not edited:
        return _with_story(
            brief,
            replace(story, title=title, title_checks=original.checks, title_edited=(), title_original=None),
        )
    citations = (*story.title_citations, *(each for sentence in story.summary for each in sentence.citations))
    checks = _recheck(
        story.title_checks,
        ar=title.ar,
        en=title.en,
        arabic_changed=title.ar != story.title.ar,
        english_changed=title.en != story.title.en,
        cited=_quotes(brief, citations),
        terms=_story_terms(brief, story, terms),
    )
    return _with_story(
        brief,
        replace(story, title=title, title_checks=checks, title_edited=edited, title_original=original),
    )


def _edit_sentence(
    sentence: SummarySentence, *, ar: str, en: str, cited: list[str], terms: Terms
) -> SummarySentence:
    original = sentence.original or Original(
        ar=sentence.ar, en=sentence.en, checks=sentence.checks, method=sentence.method
    )
    edited = _changed(original, ar=ar, en=en)
    if not edited:
        method = original.method or sentence.method
        return replace(
            sentence, ar=ar, en=en, method=method, checks=original.checks, edited=(), original=None
        )
    checks = _recheck(
        sentence.checks,
        ar=ar,
        en=en,
        arabic_changed=ar != sentence.ar,
        english_changed=en != sentence.en,
        cited=cited,
        terms=terms,
    )
    return replace(sentence, ar=ar, en=en, method="edited", checks=checks, edited=edited, original=original)


def _changed(original: Original, *, ar: str, en: str) -> tuple[Language, ...]:
    sides: tuple[tuple[Language, bool], ...] = (("ar", ar != original.ar), ("en", en != original.en))
    return tuple(side for side, differs in sides if differs)


def _recheck(
    checks: Iterable[Check],
    *,
    ar: str,
    en: str,
    arabic_changed: bool,
    english_changed: bool,
    cited: list[str],
    terms: Terms,
) -> tuple[Check, ...]:
    """Return the checks, new ones for the sides that an edit touches: English is also checked when its Arabic changed."""
    kept = tuple(checks)
    arabic = tuple(each for each in kept if each.on == "ar")
    english = tuple(each for each in kept if each.on == "en")
    if arabic_changed:
        arabic = check_arabic(ar, cited, terms=terms)
    if arabic_changed or english_changed:
        english = check_english(en, ar, terms=terms)
    return (*arabic, *english)


# --- parts of a brief ---------------------------------------------------------------------------


def _story(brief: Brief, story_id: str) -> Story:
    for story in brief.stories:
        if story.id == story_id:
            return story
    raise InputError(f"this brief has no story {story_id!r}")


def _story_terms(brief: Brief, story: Story, terms: Terms) -> Terms:
    """Return the terms as the pipeline has them for this story: surnames resolved over all its reports."""
    return terms.for_document([brief.document(each).text for each in story.document_ids])


def _quotes(brief: Brief, citations: Iterable[Citation]) -> list[str]:
    return [brief.quote(each) for each in dict.fromkeys(citations)]


def _with_story(brief: Brief, story: Story) -> Brief:
    """Return the brief with ``story`` in its place and the warnings about its English counted anew."""
    stories = tuple(story if each.id == story.id else each for each in brief.stories)
    counted = story_warnings([story])
    warnings: list[BriefWarning] = []
    for warning in brief.warnings:
        if (warning.subject, warning.code) == (story.id, "english_failed_checks"):
            warnings += counted
            counted = []
        else:
            warnings.append(warning)
    return replace(brief, stories=stories, warnings=(*warnings, *counted))


def _clean(text: str) -> str:
    """Return an edited text as one line. Raises ``InputError``."""
    line = " ".join(text.split())
    if not line:
        raise InputError("an edited sentence needs words; leave a side out to keep it")
    if len(line) > EDIT_LIMIT:
        raise InputError(f"an edited sentence of {len(line):,} characters; at most {EDIT_LIMIT:,} are kept")
    if any("\ud800" <= character <= "\udfff" for character in line):
        raise InputError("half of a surrogate pair in the edited text")
    return line
