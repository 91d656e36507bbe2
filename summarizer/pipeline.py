"""The spine: many Arabic reports in, one checked, cited, bilingual Brief out. Read this file first."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from summarizer.cluster import Cluster, cluster
from summarizer.disagreements import find_disagreements
from summarizer.duplicates import independent_outlets, link_duplicates
from summarizer.engines import Engine, FusingEngine
from summarizer.errors import InputError
from summarizer.facts import Fact, extract_facts
from summarizer.faithfulness import check_arabic, check_english
from summarizer.headline import Headline, write_headline
from summarizer.models import Registry
from summarizer.salience import select
from summarizer.schema import (
    Bilingual,
    Brief,
    BriefWarning,
    Check,
    Disagreement,
    Document,
    Sentence,
    Story,
    SummarySentence,
    TimelineEntry,
)
from summarizer.segment import segment
from summarizer.summarize import Draft, draft_abstractive, draft_extractive, draft_fused
from summarizer.terms import Terms
from summarizer.timeline import DatedExcerpt, find_timeline
from summarizer.translate import Translation, translate_sentences

logger = logging.getLogger(__name__)

#: ``progress(stage, done, total)`` is called as the work goes on; stages are those of ``make_brief``.
Progress = Callable[[str, int, int], None]
#: ``on_story(story)`` is called twice a story: with its Arabic as soon as that is written (every ``en`` empty, so only
#: the checks of the Arabic), and with the finished story.
OnStory = Callable[[Story], None]

#: Sentences of a story's summary when the caller does not say: this many for one report and for every doubling of
#: the independent reports, up to MOST_SENTENCES.
SENTENCES_A_DOUBLING, MOST_SENTENCES = 2, 8
#: A summary never takes more than this share of the sentences it chooses from.
LARGEST_SHARE: Final = 0.4
#: The English of a story that is shown before it is translated.
NOT_YET: Final = Translation(text="")


def make_brief(
    documents: Sequence[Document],
    *,
    profile: str = "embedded",
    registry: Registry | None = None,
    terms: Terms | None = None,
    sentences: int | None = None,
    warnings: Iterable[BriefWarning] = (),
    created: str | None = None,
    progress: Progress | None = None,
    on_story: OnStory | None = None,
) -> Brief:
    """Make the brief of ``documents``.

    1. segment      every report into sentences with exact offsets
    2. duplicates   copies and shared passages are linked, never counted as corroboration
    3. cluster      reports into stories, oldest first
    4. facts        numbers, dates and negation of every sentence, once
    5. summarize    per story: salient sentences -> Arabic drafts, each past the faithfulness gate
    6. compare      per story: where sources disagree, and what happened when
    7. translate    everything to be shown in English, of all stories, in one pass of batches
    8. check        the English against its Arabic (inside the translation, to choose among hypotheses)

    ``sentences`` is the length of each story's summary (by default it grows with the number of reports);
    ``warnings`` are those of ingest, passed on; ``created`` fixes the only field that differs between equal runs.
    Nothing that fails a check stops the brief: it is replaced or marked, and in the result.

    ``progress`` and ``on_story`` tell how far the work is and show the stories as they come. What they raise ends the
    brief and reaches the caller as it is: ``CancelledError`` is how a run is stopped.

    Raises ``InputError`` without any document, ``ConfigError`` for an unknown profile, and ``ModelError`` where a
    model of the profile is missing or broken.
    """
    if not documents:
        raise InputError("there is nothing to summarize: no report could be read")
    report = progress or _no_progress
    show = on_story or _no_story
    registry = registry or Registry.load()
    terms = terms or Terms.load()
    summarizer_engine = registry.engine(registry.task_model("summarization", profile).id)
    translator_engine = registry.engine(registry.task_model("translation", profile).id)

    # 1. segment
    ordered = sorted(documents, key=lambda document: (document.published or "", document.id))
    by_document = {document.id: segment(document) for document in ordered}
    report("segment", len(ordered), len(ordered))

    # 2. duplicates
    linked = link_duplicates(ordered)
    by_id = {document.id: document for document in linked}
    report("duplicates", len(linked), len(linked))

    # 3. cluster
    clusters = cluster(linked)
    report("cluster", len(clusters), len(clusters))

    drafts: list[StoryDraft] = []
    arabic: list[Story] = []
    for number, group in enumerate(clusters, 1):
        members = [by_id[document_id] for document_id in group.document_ids]
        story_sentences = [sentence for member in members for sentence in by_document[member.id]]
        # Names are resolved over the story, so that a surname alone is the person named in full elsewhere.
        story_terms = terms.for_document([member.text for member in members])
        # 4. facts, 5. summarize, 6. compare
        drafts.append(
            draft_story(
                group,
                members=members,
                sentences=story_sentences,
                terms=story_terms,
                engine=summarizer_engine,
                count=sentences,
            )
        )
        arabic.append(assemble_story(drafts[-1], [NOT_YET] * len(drafts[-1].arabic()), earlier=arabic))
        show(arabic[-1])
        report("summarize", number, len(clusters))

    # 7. translate, 8. check
    fallback = registry.fallback_for(profile)
    translated = translate_drafts(drafts, engine=translator_engine, fallback=fallback, progress=report)

    stories: list[Story] = []
    for draft, translations in zip(drafts, translated, strict=True):
        stories.append(assemble_story(draft, translations, earlier=stories))
        show(stories[-1])
    return Brief(
        created=created or datetime.now(UTC).isoformat(timespec="seconds"),
        profile=profile,
        models={
            "summarization": summarizer_engine.info,
            "translation": translator_engine.info,
            **({} if fallback is None else {"translation-fallback": fallback.info}),
        },
        documents=tuple(linked),
        stories=tuple(stories),
        warnings=(*warnings, *_document_warnings(linked), *story_warnings(stories)),
    )


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of a progress callback."""


def _no_story(story: Story) -> None:
    """Take the place of a story callback."""


# --- one story ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDraft:
    """A story in Arabic, before its English."""

    cluster: Cluster
    outlets: tuple[str, ...]
    headline: Headline
    summary: tuple[Draft, ...]
    disagreements: tuple[Disagreement, ...]
    timeline: tuple[DatedExcerpt, ...]
    terms: Terms

    def arabic(self) -> list[str]:
        """Everything of the story that is to be translated: title, summary, timeline, in this order."""
        return [
            self.headline.text,
            *(draft.text for draft in self.summary),
            *(entry.words for entry in self.timeline),
        ]


def draft_story(
    group: Cluster,
    *,
    members: Sequence[Document],
    sentences: Sequence[Sentence],
    terms: Terms,
    engine: Engine,
    count: int | None,
) -> StoryDraft:
    """Write one story in Arabic: headline, summary, disagreements, timeline."""
    documents = {member.id: member for member in members}
    bodies = [sentence for sentence in sentences if sentence.kind == "body"]

    def gate(arabic: str, cited: Sequence[str]) -> tuple[Check, ...]:
        return check_arabic(arabic, cited, terms=terms)

    chosen = select(sentences, documents, count=count or _summary_length(bodies, documents))
    picked = [sentences[selection.index] for selection in chosen]
    earlier = {member.id: [each for each in bodies if each.document_id == member.id] for member in members}
    reasons = {position: selection.reasons for position, selection in enumerate(chosen)}
    if engine.info.engine == "extractive":
        summary = [
            draft_extractive(
                sentence,
                earlier=[each for each in earlier[sentence.document_id] if each.index < sentence.index],
                gate=gate,
                reasons=reasons[position],
            )
            for position, sentence in enumerate(picked)
        ]
    elif isinstance(engine, FusingEngine) and engine.fuses:
        summary = draft_fused(
            picked,
            pool=bodies,
            documents=documents,
            earlier=earlier,
            engine=engine,
            gate=gate,
            reasons=reasons,
        )
    else:
        summary = draft_abstractive(picked, earlier=earlier, engine=engine, gate=gate, reasons=reasons)

    facts: list[tuple[Sentence, tuple[Fact, ...]]] = [
        (
            sentence,
            extract_facts(sentence.text, language="ar", published=documents[sentence.document_id].published),
        )
        for sentence in bodies
    ]
    return StoryDraft(
        cluster=group,
        outlets=independent_outlets(members),
        headline=write_headline(sentences, documents, lead=picked[0] if picked else None),
        summary=tuple(summary),
        disagreements=find_disagreements(facts, documents, terms=terms),
        timeline=find_timeline(facts, documents),
        terms=terms,
    )


def _summary_length(bodies: Sequence[Sentence], documents: dict[str, Document]) -> int:
    """Grow with the independent reports, slowly; never more than a fair share of what there is to say."""
    independent = sum(document.duplicate_of is None for document in documents.values())
    wanted = min(MOST_SENTENCES, round(SENTENCES_A_DOUBLING * (1 + math.log2(max(1, independent)))))
    return max(1, min(wanted, math.ceil(LARGEST_SHARE * len(bodies))))


# --- English ------------------------------------------------------------------------------------


def translate_drafts(
    drafts: Sequence[StoryDraft], *, engine: Engine, fallback: Engine | None, progress: Progress
) -> list[list[Translation]]:
    """Translate the Arabic of all stories in one pass, each sentence checked with its own story's names."""
    texts = [text for draft in drafts for text in draft.arabic()]
    owners = [draft.terms for draft in drafts for _ in draft.arabic()]
    translations = translate_sentences(
        texts,
        engine=engine,
        terms=owners,
        check=lambda english, arabic, terms: check_english(english, arabic, terms=terms),
        fallback=fallback,
        progress=lambda done, total: progress("translate", done, total),
    )
    split: list[list[Translation]] = []
    position = 0
    for draft in drafts:
        length = len(draft.arabic())
        split.append(translations[position : position + length])
        position += length
    return split


def assemble_story(
    draft: StoryDraft, translations: Sequence[Translation], *, earlier: Sequence[Story]
) -> Story:
    """Make the story of a draft and the English of ``draft.arabic()``; ``earlier`` are those it may follow."""
    title, *rest = translations
    follows = None if draft.cluster.follows is None else earlier[draft.cluster.follows].id
    summary = tuple(
        SummarySentence(
            ar=each.text,
            en=translation.text,
            method=each.method,
            citations=each.citations,
            checks=(*each.checks, *translation.checks),
            reasons=(*each.reasons, *translation.notes),
            alternatives=translation.alternatives,
        )
        for each, translation in zip(draft.summary, rest[: len(draft.summary)], strict=True)
    )
    timeline = tuple(
        TimelineEntry(
            date=entry.date,
            ar=entry.text,
            en="" if translation is NOT_YET else entry.with_gaps(translation.text),
            citations=entry.citations,
            checks=translation.checks,
        )
        for entry, translation in zip(draft.timeline, rest[len(draft.summary) :], strict=True)
    )
    return Story(
        id=story_id(draft.cluster.document_ids),
        title=Bilingual(ar=draft.headline.text, en=title.text),
        title_citations=draft.headline.citations,
        title_checks=title.checks,
        document_ids=draft.cluster.document_ids,
        first=draft.cluster.first,
        last=draft.cluster.last,
        follows=follows,
        outlets=draft.outlets,
        summary=summary,
        disagreements=draft.disagreements,
        timeline=timeline,
    )


def story_id(document_ids: Iterable[str]) -> str:
    """Return the id of the story of these documents, whatever their order."""
    return "s" + hashlib.sha256("\n".join(sorted(document_ids)).encode()).hexdigest()[:12]


# --- warnings -----------------------------------------------------------------------------------


def _document_warnings(documents: Sequence[Document]) -> list[BriefWarning]:
    names = {document.id: document.title or document.origin or document.id for document in documents}
    return [
        BriefWarning(
            on="document",
            subject=document.id,
            code="duplicate",
            message=f"repeats «{names[document.duplicate_of]}» and is not counted as another source",
        )
        for document in documents
        if document.duplicate_of is not None
    ]


def story_warnings(stories: Sequence[Story]) -> list[BriefWarning]:
    """Return a warning for each story with English that failed a check."""
    found = []
    for story in stories:
        english: list[SummarySentence | TimelineEntry] = [*story.summary, *story.timeline]
        failed = sum(
            any(check.verdict == "fail" and check.on == "en" for check in each.checks) for each in english
        )
        failed += any(check.verdict == "fail" for check in story.title_checks)
        if failed:
            found.append(
                BriefWarning(
                    on="story",
                    subject=story.id,
                    code="english_failed_checks",
                    message=f"{failed} of {len(english) + 1} English sentences failed a check and are marked",
                )
            )
    return found
