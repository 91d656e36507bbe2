"""Chosen stories of the archive -> a Brief: what is news first, then as much of the story as it takes to follow it.

The work on a story is the pipeline's (``draft_story``). Two things are of the day: a story that an earlier brief told
opens with sentences that say what that brief could not (``novel_sentences``), and stories are the archive's: they keep
their id from day to day and are not clustered again.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from summarizer import pipeline
from summarizer.arabic import content_tokens, normalize
from summarizer.archive.news import ChangedNumber, changed_numbers
from summarizer.cluster import Cluster
from summarizer.display import format_date
from summarizer.engines import Engine
from summarizer.pipeline import NOT_YET, Progress, StoryDraft, draft_story
from summarizer.schema import Document, Sentence, Story
from summarizer.segment import segment
from summarizer.summarize import Draft
from summarizer.terms import Terms
from summarizer.translate import Translation

logger = logging.getLogger(__name__)

#: A sentence that shares more than this share of its stems with one told before says it again. Half: an update of a
#: death toll keeps some 0.6 of the wording and must count, so figures that differ make a sentence novel all the same.
SAME_SENTENCE: Final = 0.5
#: News of which more than this share stands in the news above it is an echo: with little that is new, outlets tell the
#: same in other words. In 15 days of the ANT replay it takes 2 sentences of 92, both echoes; those at 0.3 to 0.4 add something.
ECHO_SHARE: Final = 0.4
#: News stands in the opening of a report. What readers do not know and comes later is background that the reports before had
#: left out; without anything else the story is not told again. Read on three days of the ANT replay (8 to 10 May 2018).
OPENING_SENTENCES: Final = 3
#: The pluperfect (كان ... قد) and the phrases that recall: what was before the news, wherever it stands.
_RECALLS: Final = re.compile(
    r"^و?(?:كان(?:ت|وا)?\s(?:\S+\s){0,7}قد\s|سبق\s|(?:يذكر|يشار|تجدر|جدير|الجدير)\s)"
)
#: A sentence with fewer stems than this has too little to compare.
FEWEST_STEMS: Final = 4
#: Sentences of news of a story told before, where the configuration does not say.
NEWS_SENTENCES: Final = 3
#: Sentences of background below the news of a story told before.
BACKGROUND_SENTENCES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A story to be written. ``documents`` by date; ``fresh`` are the ids of those that are news.

    ``before`` are texts that readers had: the story's other reports and earlier versions of the fresh ones.
    ``since`` is the day of the last brief that told the story, None for a new one. ``id`` is the archive's.
    """

    id: str
    documents: tuple[Document, ...]
    fresh: frozenset[str]
    before: tuple[Document, ...] = ()
    since: date | None = None
    follows: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A story in Arabic. ``news`` counts the sentences at its top that are news; ``figures`` have changed since."""

    chosen: Chosen
    draft: StoryDraft
    news: int
    figures: tuple[ChangedNumber, ...] = ()


def novel_sentences(fresh: Iterable[Sentence], told: Iterable[Sentence]) -> list[Sentence]:
    """Return the sentences of ``fresh`` that no sentence of ``told`` says already, in order.

    Compared by stems. Linear in the words of both but for stems that many sentences share.
    """
    stems = [set(content_tokens(each.text)) for each in told if each.kind == "body"]
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(stems):
        for word in words:
            holding[word].append(number)
    novel = []
    for sentence in fresh:
        own = set(content_tokens(sentence.text))
        if sentence.kind != "body" or len(own) < FEWEST_STEMS:
            continue
        shared: defaultdict[int, int] = defaultdict(int)
        for word in own:
            for number in holding.get(word, ()):
                shared[number] += 1
        figures = {word for word in own if any(character.isdigit() for character in word)}
        repeats = (
            count > SAME_SENTENCE * len(own) and figures <= stems[number] for number, count in shared.items()
        )
        if not any(repeats):
            novel.append(sentence)
    return novel


def write_story(chosen: Chosen, *, terms: Terms, engine: Engine, sentences: int | None) -> Written | None:
    """Write a story in Arabic; None where its fresh reports say nothing new."""
    members = chosen.documents
    by_document = {document.id: segment(document) for document in members}
    everything = [sentence for document in members for sentence in by_document[document.id]]
    group = Cluster(
        document_ids=tuple(document.id for document in members),
        first=_day(members[0]),
        last=_day(members[-1]),
    )
    story_terms = terms.for_document([document.text for document in members])

    def draft(of: Sequence[Sentence], count: int | None) -> StoryDraft:
        return draft_story(
            group, members=members, sentences=of, terms=story_terms, engine=engine, count=count
        )

    if chosen.since is None:
        whole = draft(everything, sentences)
        return Written(chosen=chosen, draft=whole, news=len(whole.summary))
    told = [sentence for document in chosen.before for sentence in segment(document)]
    fresh = [sentence for sentence in everything if sentence.document_id in chosen.fresh]
    edited = {document.id for document in chosen.before} & chosen.fresh  # what changed may stand anywhere
    novel = novel_sentences(
        (
            each
            for document in members
            if document.id in chosen.fresh
            for each in _body(by_document[document.id])[
                : None if document.id in edited else OPENING_SENTENCES
            ]
            if not _RECALLS.match(normalize(each.text).lstrip())
        ),
        told,
    )
    if not novel:
        return None
    titles = [sentence for sentence in fresh if sentence.kind == "title"]
    news = draft([*titles, *novel], sentences or min(NEWS_SENTENCES, len(novel)))
    if not news.summary:
        return None
    fresh_news = _without_echoes(news.summary)
    whole = draft(everything, sentences)
    reason = f"new since the brief of {format_date(chosen.since.isoformat()).en}"
    summary = (
        *(replace(each, reasons=(reason, *each.reasons)) for each in fresh_news),
        *_background(whole.summary, fresh_news),
    )
    return Written(
        chosen=chosen,
        draft=replace(whole, headline=news.headline, summary=summary),
        news=len(fresh_news),
        figures=changed_numbers(
            chosen.before, [each for each in members if each.id in chosen.fresh], terms=story_terms
        ),
    )


def _body(sentences: Iterable[Sentence]) -> list[Sentence]:
    return [each for each in sentences if each.kind == "body"]


def _without_echoes(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the sentences that add something to those above them."""
    said: set[str] = set()
    kept = []
    for each in drafts:
        own = set(content_tokens(each.text))
        if len(own & said) <= ECHO_SHARE * len(own):
            kept.append(each)
            said |= own
    return kept


def _background(whole: Sequence[Draft], news: Sequence[Draft]) -> list[Draft]:
    """Return the first sentences of the whole story's summary that the news does not say."""
    cited = {citation for each in news for citation in each.citations}
    stems = [set(content_tokens(each.text)) for each in news]
    kept = []
    for each in whole:
        own = set(content_tokens(each.text))
        same = any(len(own & other) > SAME_SENTENCE * max(1, min(len(own), len(other))) for other in stems)
        if not same and cited.isdisjoint(each.citations):
            kept.append(each)
    return kept[:BACKGROUND_SENTENCES]


def translate_stories(
    written: Sequence[Written],
    *,
    engine: Engine | None,
    fallback: Engine | None = None,
    progress: Progress,
) -> list[Story]:
    """Return the stories with their English, all translated in one pass; without it where ``engine`` is None."""
    drafts = [each.draft for each in written]
    if engine is None:
        translated: list[list[Translation]] = [[NOT_YET] * len(draft.arabic()) for draft in drafts]
    else:
        translated = pipeline.translate_drafts(drafts, engine=engine, fallback=fallback, progress=progress)
    return [
        replace(
            pipeline.assemble_story(each.draft, translations, earlier=()),
            id=each.chosen.id,
            follows=each.chosen.follows,
        )
        for each, translations in zip(written, translated, strict=True)
    ]


def _day(document: Document) -> str | None:
    return (document.published or "")[: len("2021-07-25")] or None
