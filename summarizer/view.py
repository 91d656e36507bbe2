"""A brief made ready to lay out: what the templates of ``render`` read.

Citations are numbered 1, 2, ... in reading order, dates written out, every anchor named by ordinals (never by ids that
came from outside), failures counted, stories and reports joined to what they follow, repeat and share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from summarizer.annotate import Span, annotate
from summarizer.display import format_date
from summarizer.errors import RenderError
from summarizer.escape import safe_url
from summarizer.schema import (
    Bilingual,
    Brief,
    BriefWarning,
    Check,
    CheckKind,
    CheckSide,
    Citation,
    Disagreement,
    Document,
    Language,
    Story,
    SummarySentence,
)

#: Characters of a quotation in a tooltip; the whole stands one click away.
TOOLTIP_LENGTH: Final = 320

NOTICE: Final = "English is machine-translated by a small model; read the marks."

# --- words --------------------------------------------------------------------------------------

_CHECK_NAMES: Final[dict[CheckKind, str]] = {
    "number": "numbers",
    "date": "dates",
    "name": "names",
    "negation": "negation",
    "repetition": "repetition",
    "language": "language",
    "length": "length",
    "term": "glossary terms",
    "meaning": "meaning",
}
_SIDE_NAMES: Final[dict[CheckSide, str]] = {
    "ar": "Arabic against its sources",
    "en": "English against the Arabic",
}
_SIDE_SHORT: Final[dict[CheckSide, str]] = {"ar": "Arabic", "en": "English"}
#: Verdict -> (sign, word). The word always stands beside the sign, so that neither colour nor shape is needed.
_VERDICTS: Final = {"pass": ("✓", "passed"), "fail": ("⚠", "failed"), "unknown": ("?", "unclear")}
_METHODS: Final = {
    "extractive": "Word for word from a report",
    "abstractive": "Written by a model from the cited sentences",
    "extractive-fallback": "Word for word from a report, because the model's own sentence failed its checks",
    "edited": "Edited by hand",
}
_LANGUAGES: Final[dict[Language, str]] = {"ar": "Arabic", "en": "English"}
#: Primary language subtags that are written from right to left.
RTL_LANGUAGES: Final = frozenset(["ar", "arc", "arz", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"])


# --- dates --------------------------------------------------------------------------------------


def _date_range(first: str | None, last: str | None) -> Bilingual | None:
    """Return ``first`` to ``last`` in both languages; what they share at the end (month, year) is said once."""
    ends = [format_date(each) for each in (first, last) if each]
    if not ends:
        return None
    return Bilingual(ar=_join_range(ends[0].ar, ends[-1].ar), en=_join_range(ends[0].en, ends[-1].en))


def _join_range(first: str, last: str) -> str:
    if first == last:
        return first
    day, _, month = first.partition(" ")
    if re.fullmatch(r"[0-9]{1,2}", day) and month and last.partition(" ")[2] == month:
        return f"{day}–{last}"
    return f"{first} – {last}"


# --- what a template sees -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class SourceView:
    """A numbered citation: the same span has the same number everywhere in the brief."""

    number: int
    citation: Citation
    report: ReportView
    quote: str

    @property
    def anchor(self) -> str:
        return f"{self.report.anchor}-{self.citation.start}-{self.citation.end}"

    @property
    def tooltip(self) -> str:
        words = " ".join(self.quote.split())
        return words if len(words) <= TOOLTIP_LENGTH else words[:TOOLTIP_LENGTH].rsplit(" ", 1)[0] + " …"


@dataclass(slots=True, eq=False)
class ReportView:
    """A document as the page shows it. ``sources`` and ``stories`` are filled while citations are numbered."""

    number: int
    document: Document
    repeats: str | ReportView | None = None
    sources: list[SourceView] = field(default_factory=list)
    stories: list[StoryView] = field(default_factory=list)
    passages: set[tuple[int, int]] = field(default_factory=set)

    @property
    def anchor(self) -> str:
        return f"doc-{self.number}"

    @property
    def outlet(self) -> str:
        return self.document.outlet

    @property
    def name(self) -> str:
        """What the report is called where its outlet does not tell it apart."""
        return self.document.title or self.document.origin or self.document.id

    @property
    def label(self) -> str:
        """Name and outlet, once where they are the same."""
        return self.name if self.name == self.outlet else f"{self.name} ({self.outlet})"

    @property
    def date(self) -> Bilingual | None:
        return format_date(self.document.published) if self.document.published else None

    @property
    def link(self) -> str | None:
        return safe_url(self.document.url)

    @property
    def language(self) -> str:
        tag = self.document.language
        return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else "und"

    @property
    def direction(self) -> str:
        return "rtl" if self.language.split("-")[0].lower() in RTL_LANGUAGES else "ltr"

    @property
    def body(self) -> Markup:
        """The whole text as HTML: cited spans, shared passages and marks in elements, no character changed."""
        text = self.document.text
        spans = [
            Span.cited(each.citation.start, each.citation.end, number=each.number, anchor=each.anchor)
            for each in self.sources
        ]
        spans += [Span.shared(self.anchor, *each) for each in sorted(self.passages)]
        spans += [
            Span.mark(max(mark.start, 0), min(mark.end, len(text)), mark.kind) for mark in self.document.marks
        ]
        return annotate(text, spans)


@dataclass(frozen=True, slots=True)
class CheckView:
    check: Check
    sign: str
    word: str
    name: str
    side: str

    @classmethod
    def of(cls, check: Check) -> CheckView:
        sign, word = _VERDICTS[check.verdict]
        return cls(check, sign, word, _CHECK_NAMES[check.kind].capitalize(), _SIDE_NAMES[check.on])


@dataclass(frozen=True, slots=True)
class SentenceView:
    number: int
    anchor: str
    sentence: SummarySentence
    sources: list[SourceView]
    checks: list[CheckView]

    @property
    def method(self) -> str:
        return _METHODS[self.sentence.method]

    @property
    def edited(self) -> str:
        """What a person has changed, in words; empty where nobody has."""
        if self.sentence.method != "edited":
            return ""
        return _edited(self.sentence.edited) or "Edited by hand"

    @property
    def failed(self) -> list[CheckView]:
        return [each for each in self.checks if each.check.verdict == "fail"]


@dataclass(frozen=True, slots=True)
class ValueView:
    value: str
    label: Bilingual
    sources: list[SourceView]

    @property
    def quotes(self) -> list[tuple[SourceView, Markup]]:
        """Each cited sentence as HTML, the value's own words in bold where they stand in it."""
        quotes = []
        for source in self.sources:
            start = source.quote.find(self.value) if self.value else -1
            bold = [Span.bold(start, start + len(self.value))] if start >= 0 else []
            quotes.append((source, annotate(source.quote, bold)))
        return quotes


@dataclass(frozen=True, slots=True)
class DisagreementView:
    disagreement: Disagreement
    values: list[ValueView]


@dataclass(frozen=True, slots=True)
class EventView:
    date: Bilingual
    iso: str
    ar: str
    en: str
    sources: list[SourceView]
    checks: list[CheckView]


@dataclass(frozen=True, slots=True)
class SharedView:
    """Passages that two reports have in common, as ``(start, end)`` in each."""

    one: ReportView
    other: ReportView
    passages: list[tuple[tuple[int, int], tuple[int, int]]]

    @property
    def characters(self) -> int:
        return sum(end - start for (start, end), _ in self.passages)

    def quote(self, index: int) -> str:
        (start, end), _ = self.passages[index]
        return self.one.document.text[start:end]


@dataclass(slots=True, eq=False)
class StoryView:
    number: int
    story: Story
    reports: list[ReportView]
    title_sources: list[SourceView]
    title_checks: list[CheckView]
    sentences: list[SentenceView]
    disagreements: list[DisagreementView]
    events: list[EventView]
    shared: list[SharedView]
    sources: list[SourceView]  # every citation of the story, by number
    follows: str | StoryView | None = None
    followed_by: list[StoryView] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"story-{self.number}"

    @property
    def name(self) -> str:
        return self.story.title.en or self.story.title.ar or self.story.id

    @property
    def dates(self) -> Bilingual | None:
        return _date_range(self.story.first, self.story.last)

    @property
    def title_edited(self) -> str:
        return _edited(self.story.title_edited)

    @property
    def repeats(self) -> list[ReportView]:
        return [report for report in self.reports if report.repeats is not None]

    @property
    def failures(self) -> list[str]:
        return _count_failures([self])


@dataclass(frozen=True, slots=True)
class WarningView:
    warning: BriefWarning
    subject: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class BriefView:
    brief: Brief
    created: Bilingual
    stories: list[StoryView]
    reports: list[ReportView]
    sources: list[SourceView]
    warnings: list[WarningView]

    notice: str = NOTICE

    @classmethod
    def of(cls, brief: Brief) -> BriefView:
        """Number the citations and join what belongs together. Raises ``RenderError`` on a broken citation."""
        numbering = _Numbering(brief)
        stories = [numbering.story(number, story) for number, story in enumerate(brief.stories, 1)]
        by_id = {view.story.id: view for view in reversed(stories)}
        for view in stories:
            if view.story.follows == view.story.id:
                raise RenderError(f"story {view.story.id!r} follows itself")
            earlier = view.story.follows
            view.follows = by_id.get(earlier, earlier) if earlier else None
            if isinstance(view.follows, StoryView):
                view.follows.followed_by.append(view)
        warnings = []
        for warning in brief.warnings:
            report, story = numbering.reports.get(warning.subject), by_id.get(warning.subject)
            if warning.on == "document" and report:
                warnings.append(WarningView(warning, report.name, report.anchor))
            elif warning.on == "story" and story:
                warnings.append(WarningView(warning, story.name, story.anchor))
            else:
                warnings.append(WarningView(warning, warning.subject, None))
        return cls(
            brief=brief,
            created=Bilingual(
                en=format_date(brief.created).en, ar=format_date(brief.created.partition("T")[0]).ar
            ),
            stories=stories,
            reports=list(numbering.reports.values()),
            sources=numbering.sources,
            warnings=warnings,
        )

    @property
    def models(self) -> list[tuple[str, str]]:
        """``(role, "id, engine, licence")`` for each model, by role."""
        return [
            (role, ", ".join(part for part in (model.id, model.engine, model.licence) if part))
            for role, model in sorted(self.brief.models.items())
        ]

    @property
    def counts(self) -> list[str]:
        sentences = [view for story in self.stories for view in story.sentences]
        checks = [each for story in self.stories for each in story.title_checks]
        checks += [each for view in sentences for each in view.checks]
        checks += [each for story in self.stories for event in story.events for each in event.checks]
        verdicts = Counter(each.check.verdict for each in checks)
        counts = [
            _plural(len(self.stories), "story", "stories"),
            _plural(len(self.reports), "report"),
            _plural(len(sentences), "sentence"),
        ]
        if checks:
            counts.append(f"{verdicts['pass']} of {_plural(len(checks), 'check')} passed")
        return counts

    @property
    def failures(self) -> list[str]:
        return _count_failures(self.stories)

    @property
    def has_english(self) -> bool:
        return any(story.story.title.en or story.sentences for story in self.stories)


def _edited(languages: Sequence[Language]) -> str:
    """Return "English edited by hand", "Arabic and English edited by hand", or nothing."""
    return f"{' and '.join(_LANGUAGES[each] for each in languages)} edited by hand" if languages else ""


def _plural(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def _count_failures(stories: Sequence[StoryView]) -> list[str]:
    """Return one line for each side that had failures, with what failed; a line that says so where none did.

    ``3 of 7 English sentences failed a check: numbers (2), names (1).``
    """
    sentences = [sentence for story in stories for sentence in story.story.summary]
    titles = [story.story.title_checks for story in stories]
    events = [event.checks for story in stories for event in story.story.timeline]
    lines = []
    for side in ("en", "ar"):
        name = _SIDE_SHORT[side]
        lines += _failure_line([each.checks for each in sentences], side, f"{name} sentence")
        lines += _failure_line(titles, side, f"{name} title")
        lines += _failure_line(events, side, f"{name} timeline entry", f"{name} timeline entries")
    unchecked = sum(not any(check.on == "en" for check in each.checks) for each in sentences)
    if unchecked:
        be = "was" if unchecked == 1 else "were"
        lines.append(f"{unchecked} of {_plural(len(sentences), 'English sentence')} {be} not checked.")
    if sentences and not lines:
        lines.append(f"No check failed in {_plural(len(sentences), 'sentence')}.")
    doubtful = sum(_only_doubtful(each.checks) for each in sentences)
    if doubtful:
        lines.append(
            f"{doubtful} of {_plural(len(sentences), 'English sentence')} failed no check, but their meaning is in doubt."
        )
    return lines


def _only_doubtful(checks: Sequence[Check]) -> bool:
    """Tell whether the English has nothing against it but the mark of doubt."""
    english = [check for check in checks if check.on == "en"]
    return any(check.kind == "meaning" for check in english) and all(
        check.verdict != "fail" for check in english
    )


def _failure_line(
    checked: Sequence[Sequence[Check]], side: CheckSide, noun: str, nouns: str | None = None
) -> list[str]:
    """Return the line that counts the texts with a failure on ``side``, or nothing where there is none."""
    kinds = [
        {check.kind for check in each if check.on == side and check.verdict == "fail"} for each in checked
    ]
    failed = sum(map(bool, kinds))
    if not failed:
        return []
    counts = Counter(kind for each in kinds for kind in each)
    what = ", ".join(f"{name} ({counts[kind]})" for kind, name in _CHECK_NAMES.items() if counts[kind])
    return [f"{failed} of {_plural(len(checked), noun, nouns)} failed a check: {what}."]


# --- numbering ----------------------------------------------------------------------------------


class _Numbering:
    """Gives each cited span its number, in reading order, and each report and passage its place."""

    def __init__(self, brief: Brief) -> None:
        self.sources: list[SourceView] = []
        self._known: dict[Citation, SourceView] = {}
        self.reports: dict[str, ReportView] = {}
        for document in brief.documents:
            if document.id in self.reports:
                raise RenderError(f"two documents of this brief have the id {document.id!r}")
            self.reports[document.id] = ReportView(len(self.reports) + 1, document)
        self._in_order = list(self.reports.values())
        for report in self._in_order:
            original = report.document.duplicate_of
            report.repeats = self.reports.get(original, original) if original else None

    def report(self, document_id: str, *, asked_by: str) -> ReportView:
        try:
            return self.reports[document_id]
        except KeyError as error:
            raise RenderError(
                f"{asked_by} names document {document_id!r}, which is not in the brief"
            ) from error

    def cite(self, citations: Iterable[Citation], *, asked_by: str) -> list[SourceView]:
        """Return the numbered sources of ``citations``, each once, in their order."""
        found: dict[Citation, SourceView] = {}
        for citation in citations:
            source = self._known.get(citation)
            if source is None:
                report = self.report(citation.document_id, asked_by=f"a citation of {asked_by}")
                text = report.document.text
                if not 0 <= citation.start < citation.end <= len(text):
                    raise RenderError(
                        f"a citation of {asked_by} is outside document {citation.document_id!r}: "
                        f"characters {citation.start} to {citation.end} of {len(text)}"
                    )
                words = text[citation.start : citation.end]
                source = SourceView(len(self.sources) + 1, citation, report, words)
                self._known[citation] = source
                self.sources.append(source)
                report.sources.append(source)
            found[citation] = source
        return list(found.values())

    def story(self, number: int, story: Story) -> StoryView:
        called = f"story {story.id!r}"
        reports = [self.report(each, asked_by=called) for each in dict.fromkeys(story.document_ids)]
        title_sources = self.cite(story.title_citations, asked_by=called)
        sentences = [
            SentenceView(
                number=place,
                anchor=f"story-{number}-sentence-{place}",
                sentence=sentence,
                sources=self.cite(sentence.citations, asked_by=called),
                checks=[CheckView.of(check) for check in sentence.checks],
            )
            for place, sentence in enumerate(story.summary, 1)
        ]
        disagreements = [
            DisagreementView(
                each,
                [ValueView(v.value, v.label, self.cite(v.citations, asked_by=called)) for v in each.values],
            )
            for each in story.disagreements
        ]
        events = [
            EventView(
                date=format_date(each.date),
                iso=each.date,
                ar=each.ar,
                en=each.en,
                sources=self.cite(each.citations, asked_by=called),
                checks=[CheckView.of(check) for check in each.checks],
            )
            for each in story.timeline
        ]
        used = [title_sources, *(each.sources for each in sentences), *(each.sources for each in events)]
        used += [value.sources for each in disagreements for value in each.values]
        view = StoryView(
            number=number,
            story=story,
            reports=reports,
            title_sources=title_sources,
            title_checks=[CheckView.of(check) for check in story.title_checks],
            sentences=sentences,
            disagreements=disagreements,
            events=events,
            shared=self._shared(reports),
            sources=sorted({each.number: each for group in used for each in group}.values(), key=_by_number),
        )
        for report in reports:
            report.stories.append(view)
        return view

    def _shared(self, reports: list[ReportView]) -> list[SharedView]:
        """Return the passages that reports of one story share, each pair of reports and each passage once."""
        pairs: dict[tuple[int, int], dict[tuple[tuple[int, int], tuple[int, int]], None]] = {}
        for report in reports:
            for passage in report.document.shares:
                other = self.reports.get(passage.document_id)
                if other is None or other is report:
                    continue
                here, there = (passage.start, passage.end), (passage.other_start, passage.other_end)
                for each, (start, end) in ((report, here), (other, there)):
                    if not 0 <= start < end <= len(each.document.text):
                        raise RenderError(
                            f"a shared passage is outside document {each.document.id!r}: characters {start} to {end}"
                        )
                    each.passages.add((start, end))
                first, second = (here, there) if report.number < other.number else (there, here)
                key = (min(report.number, other.number), max(report.number, other.number))
                pairs.setdefault(key, {})[first, second] = None
        return [
            SharedView(self._in_order[one - 1], self._in_order[other - 1], sorted(passages))
            for (one, other), passages in sorted(pairs.items())
        ]


def _by_number(source: SourceView) -> int:
    return source.number
