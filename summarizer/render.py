"""A Brief as Markdown, HTML, JSON or plain text.

``render`` is the only entry. It first turns the brief into a *view*: citations numbered 1, 2, ... in reading
order, dates written out, every anchor named by ordinals (never by ids that came from outside), failures
counted. A template for each form (``templates/``) then lays the view out. Same brief, same bytes.

What reports say is untrusted, and each form has its own way of keeping it harmless:

* **html**: Jinja2's autoescape; only http(s) addresses become links; a Content-Security-Policy that allows no
  network and only the page's own script, by its hash; foreign text stands in elements with ``dir`` or in
  ``<bdi>``, which contain any bidi override. The text of a report is exact: ``textContent`` of the element
  that a citation opens is ``document.text[start:end]``, except that characters which HTML cannot carry
  (NUL, other controls, lone surrogates) are shown as U+FFFD, one for one.
* **md**: every character with a meaning in CommonMark or GFM is escaped, HTML's three as entities (so that
  renderers which skip Markdown inside ``<div>`` are safe too); whitespace is one space.
* **text**: ANSI sequences, controls and bidi marks are taken out. Arabic stands on lines of its own, because
  terminals with bidi support take a line's direction from its first letter.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal, get_args
from urllib.parse import quote, urlsplit

import jinja2
from markupsafe import Markup, escape

from summarizer.display import format_date
from summarizer.errors import RenderError
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
    MarkKind,
    Story,
    SummarySentence,
)

Form = Literal["md", "html", "json", "text"]
FORMS: Final[tuple[str, ...]] = get_args(Form)

#: Columns of the ``text`` form: fits half a laptop screen, and leaves a margin in a terminal of 100.
DEFAULT_WIDTH: Final = 88
#: Below this a wrapped line holds two or three words and nothing can be read.
MIN_WIDTH: Final = 40
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
    "edited": "Edited by a person",
}
_MARK_NAMES: Final[dict[MarkKind, str]] = {
    "title": "headline",
    "date": "date line",
    "outlet": "name of the outlet",
    "byline": "byline",
    "caption": "caption",
    "related": "related links",
    "boilerplate": "not part of the report",
}
#: Primary language subtags that are written from right to left.
_RTL_LANGUAGES: Final = frozenset(["ar", "arc", "arz", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"])


def render(
    brief: Brief, *, form: Form, digits: Literal["source"] = "source", width: int = DEFAULT_WIDTH
) -> str:
    """Return ``brief`` written in ``form``; the text ends with a newline.

    ``digits`` says how numbers are shown: ``source`` (the only way for now) leaves every digit as the reports
    and the translation have it. ``width`` is the number of columns of the ``text`` form.

    Raises ``RenderError`` for an unknown form or setting, and for a brief that breaks its own contract: a
    citation of a document that is not there, or of a span outside it.
    """
    if form not in FORMS:
        raise RenderError(_unknown("form", str(form), FORMS))
    if digits != "source":
        raise RenderError(_unknown("digits", str(digits), ("source",)))
    if width < MIN_WIDTH:
        raise RenderError(f"width {width} is too narrow to read; give at least {MIN_WIDTH} columns")
    if form == "json":
        return brief.to_json()
    view = _BriefView.of(brief)
    if form == "html":
        return (
            _environment("html").get_template("brief.html.jinja").render(view=view, **_html_assets()).lstrip()
        )
    text = (
        _environment(form, width)
        .get_template("brief.md.jinja" if form == "md" else "brief.txt.jinja")
        .render(view=view)
    )
    return _tidy(text)


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(given.casefold(), known, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown {what} {given!r}{hint} (known: {', '.join(known)})"


def _tidy(text: str) -> str:
    """Return lines without trailing blanks, never two empty lines in a row, one newline at the end."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


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


# --- the view -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """A numbered citation: the same span has the same number everywhere in the brief."""

    number: int
    citation: Citation
    report: _Report
    quote: str

    @property
    def anchor(self) -> str:
        return f"{self.report.anchor}-{self.citation.start}-{self.citation.end}"

    @property
    def tooltip(self) -> str:
        words = " ".join(self.quote.split())
        return words if len(words) <= TOOLTIP_LENGTH else words[:TOOLTIP_LENGTH].rsplit(" ", 1)[0] + " …"


@dataclass(slots=True, eq=False)
class _Report:
    """A document as the page shows it. ``sources`` and ``stories`` are filled while citations are numbered."""

    number: int
    document: Document
    repeats: str | _Report | None = None
    sources: list[_Source] = field(default_factory=list)
    stories: list[_StoryView] = field(default_factory=list)
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
        return _safe_url(self.document.url)

    @property
    def language(self) -> str:
        tag = self.document.language
        return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else "und"

    @property
    def direction(self) -> str:
        return "rtl" if self.language.split("-")[0].lower() in _RTL_LANGUAGES else "ltr"

    @property
    def body(self) -> Markup:
        """The whole text as HTML: cited spans, shared passages and marks in elements, no character changed."""
        text = self.document.text
        spans = [_Span.cited(source) for source in self.sources]
        spans += [_Span.shared(self.anchor, *each) for each in sorted(self.passages)]
        spans += [
            _Span.mark(max(mark.start, 0), min(mark.end, len(text)), mark.kind)
            for mark in self.document.marks
        ]
        return _annotate(text, spans)


@dataclass(frozen=True, slots=True)
class _CheckView:
    check: Check
    sign: str
    word: str
    name: str
    side: str

    @classmethod
    def of(cls, check: Check) -> _CheckView:
        sign, word = _VERDICTS[check.verdict]
        return cls(check, sign, word, _CHECK_NAMES[check.kind].capitalize(), _SIDE_NAMES[check.on])


@dataclass(frozen=True, slots=True)
class _SentenceView:
    number: int
    anchor: str
    sentence: SummarySentence
    sources: list[_Source]
    checks: list[_CheckView]

    @property
    def method(self) -> str:
        return _METHODS[self.sentence.method]

    @property
    def failed(self) -> list[_CheckView]:
        return [each for each in self.checks if each.check.verdict == "fail"]


@dataclass(frozen=True, slots=True)
class _ValueView:
    value: str
    label: Bilingual
    sources: list[_Source]

    @property
    def quotes(self) -> list[tuple[_Source, Markup]]:
        """Each cited sentence as HTML, the value's own words in bold where they stand in it."""
        quotes = []
        for source in self.sources:
            start = source.quote.find(self.value) if self.value else -1
            bold = [_Span.bold(start, start + len(self.value))] if start >= 0 else []
            quotes.append((source, _annotate(source.quote, bold)))
        return quotes


@dataclass(frozen=True, slots=True)
class _DisagreementView:
    disagreement: Disagreement
    values: list[_ValueView]


@dataclass(frozen=True, slots=True)
class _EventView:
    date: Bilingual
    iso: str
    ar: str
    en: str
    sources: list[_Source]
    checks: list[_CheckView]


@dataclass(frozen=True, slots=True)
class _Shared:
    """Passages that two reports have in common, as ``(start, end)`` in each."""

    one: _Report
    other: _Report
    passages: list[tuple[tuple[int, int], tuple[int, int]]]

    @property
    def characters(self) -> int:
        return sum(end - start for (start, end), _ in self.passages)

    def quote(self, index: int) -> str:
        (start, end), _ = self.passages[index]
        return self.one.document.text[start:end]


@dataclass(slots=True, eq=False)
class _StoryView:
    number: int
    story: Story
    reports: list[_Report]
    title_sources: list[_Source]
    title_checks: list[_CheckView]
    sentences: list[_SentenceView]
    disagreements: list[_DisagreementView]
    events: list[_EventView]
    shared: list[_Shared]
    sources: list[_Source]  # every citation of the story, by number
    follows: str | _StoryView | None = None
    followed_by: list[_StoryView] = field(default_factory=list)

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
    def repeats(self) -> list[_Report]:
        return [report for report in self.reports if report.repeats is not None]

    @property
    def failures(self) -> list[str]:
        return _count_failures([self])


@dataclass(frozen=True, slots=True)
class _WarningView:
    warning: BriefWarning
    subject: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class _BriefView:
    brief: Brief
    created: Bilingual
    stories: list[_StoryView]
    reports: list[_Report]
    sources: list[_Source]
    warnings: list[_WarningView]

    notice: str = NOTICE

    @classmethod
    def of(cls, brief: Brief) -> _BriefView:
        """Number the citations and join what belongs together. Raises ``RenderError`` on a broken citation."""
        numbering = _Numbering(brief)
        stories = [numbering.story(number, story) for number, story in enumerate(brief.stories, 1)]
        by_id = {view.story.id: view for view in reversed(stories)}
        for view in stories:
            if view.story.follows == view.story.id:
                raise RenderError(f"story {view.story.id!r} follows itself")
            earlier = view.story.follows
            view.follows = by_id.get(earlier, earlier) if earlier else None
            if isinstance(view.follows, _StoryView):
                view.follows.followed_by.append(view)
        warnings = []
        for warning in brief.warnings:
            report, story = numbering.reports.get(warning.subject), by_id.get(warning.subject)
            if warning.on == "document" and report:
                warnings.append(_WarningView(warning, report.name, report.anchor))
            elif warning.on == "story" and story:
                warnings.append(_WarningView(warning, story.name, story.anchor))
            else:
                warnings.append(_WarningView(warning, warning.subject, None))
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


def _plural(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def _count_failures(stories: Sequence[_StoryView]) -> list[str]:
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
    return lines


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


class _Numbering:
    """Gives each cited span its number, in reading order, and each report and passage its place."""

    def __init__(self, brief: Brief) -> None:
        self.sources: list[_Source] = []
        self._known: dict[Citation, _Source] = {}
        self.reports: dict[str, _Report] = {}
        for document in brief.documents:
            if document.id in self.reports:
                raise RenderError(f"two documents of this brief have the id {document.id!r}")
            self.reports[document.id] = _Report(len(self.reports) + 1, document)
        self._in_order = list(self.reports.values())
        for report in self._in_order:
            original = report.document.duplicate_of
            report.repeats = self.reports.get(original, original) if original else None

    def report(self, document_id: str, *, asked_by: str) -> _Report:
        try:
            return self.reports[document_id]
        except KeyError as error:
            raise RenderError(
                f"{asked_by} names document {document_id!r}, which is not in the brief"
            ) from error

    def cite(self, citations: Iterable[Citation], *, asked_by: str) -> list[_Source]:
        """Return the numbered sources of ``citations``, each once, in their order."""
        found: dict[Citation, _Source] = {}
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
                source = _Source(len(self.sources) + 1, citation, report, words)
                self._known[citation] = source
                self.sources.append(source)
                report.sources.append(source)
            found[citation] = source
        return list(found.values())

    def story(self, number: int, story: Story) -> _StoryView:
        called = f"story {story.id!r}"
        reports = [self.report(each, asked_by=called) for each in dict.fromkeys(story.document_ids)]
        title_sources = self.cite(story.title_citations, asked_by=called)
        sentences = [
            _SentenceView(
                number=place,
                anchor=f"story-{number}-sentence-{place}",
                sentence=sentence,
                sources=self.cite(sentence.citations, asked_by=called),
                checks=[_CheckView.of(check) for check in sentence.checks],
            )
            for place, sentence in enumerate(story.summary, 1)
        ]
        disagreements = [
            _DisagreementView(
                each,
                [_ValueView(v.value, v.label, self.cite(v.citations, asked_by=called)) for v in each.values],
            )
            for each in story.disagreements
        ]
        events = [
            _EventView(
                date=format_date(each.date),
                iso=each.date,
                ar=each.ar,
                en=each.en,
                sources=self.cite(each.citations, asked_by=called),
                checks=[_CheckView.of(check) for check in each.checks],
            )
            for each in story.timeline
        ]
        used = [title_sources, *(each.sources for each in sentences), *(each.sources for each in events)]
        used += [value.sources for each in disagreements for value in each.values]
        view = _StoryView(
            number=number,
            story=story,
            reports=reports,
            title_sources=title_sources,
            title_checks=[_CheckView.of(check) for check in story.title_checks],
            sentences=sentences,
            disagreements=disagreements,
            events=events,
            shared=self._shared(reports),
            sources=sorted({each.number: each for group in used for each in group}.values(), key=_by_number),
        )
        for report in reports:
            report.stories.append(view)
        return view

    def _shared(self, reports: list[_Report]) -> list[_Shared]:
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
            _Shared(self._in_order[one - 1], self._in_order[other - 1], sorted(passages))
            for (one, other), passages in sorted(pairs.items())
        ]


def _by_number(source: _Source) -> int:
    return source.number


# --- untrusted text -----------------------------------------------------------------------------

#: Bidi embeddings, overrides and isolates: they can turn the letters of what follows.
_BIDI_SPANS: Final = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
#: What else a terminal shows as garbage or not at all: bidi marks, soft hyphen, BOM, joiners of words,
#: deprecated format characters, tags. The zero-width (non-)joiner stays: Persian spelling and emoji need it.
_INVISIBLE: Final = frozenset(
    map(chr, [0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x2060, 0x2066), *range(0x206A, 0x2070),
              *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)])
)  # fmt: skip
#: CSI, OSC/DCS/APC/PM/SOS strings with their end, and two-character escapes (ECMA-48).
_ANSI: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]"
)
#: Controls that HTML carries unharmed.
_HTML_CONTROLS: Final = frozenset("\t\n\f\r\x85")


class _Table(dict[int, str]):
    """Character -> replacement for ``str.translate``, worked out on first use."""

    def __init__(self, replace: dict[str, str], *, form: Literal["html", "line"]) -> None:
        super().__init__({ord(character): text for character, text in replace.items()})
        self.form = form

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cs" or code & 0xFFFE == 0xFFFE:
            result = "\ufffd"
        elif category != "Cc" or (self.form == "html" and character in _HTML_CONTROLS):
            result = character
        elif self.form == "html":
            result = "\ufffd"
        else:
            result = " " if character.isspace() else ""
        self[code] = result
        return result


_HTML_TABLE: Final = _Table({}, form="html")
_MD_LINE_TABLE: Final = _Table(dict.fromkeys(_BIDI_SPANS, ""), form="line")
_TEXT_LINE_TABLE: Final = _Table(dict.fromkeys(_BIDI_SPANS | _INVISIBLE, ""), form="line")


def _html(text: str) -> Markup:
    """Return ``text`` escaped for HTML so that a parser gives the same characters back."""
    return Markup(str(escape(text.translate(_HTML_TABLE))).replace("\r", "&#13;"))


#: Arabic words with what stands between them, and a short number at either end ("7 نيسان / أبريل 2021").
_ARABIC_RUN: Final = re.compile(
    r"(?:[0-9]{1,4} )?[\u0600-\u06ff](?:[^A-Za-z\n()\[\]«»“”\"]*[\u0600-\u06ff])?(?: [0-9]{1,4}\b)?"
)


def _english(text: str) -> Markup:
    """Return an English line of Mujaz's own as HTML, the Arabic that it quotes isolated from its direction."""
    pieces: list[str] = []
    end = 0
    for run in _ARABIC_RUN.finditer(text):
        pieces += [_html(text[end : run.start()]), '<bdi lang="ar" dir="rtl">', _html(run[0]), "</bdi>"]
        end = run.end()
    return Markup('<span dir="ltr">{}</span>').format(Markup("".join([*pieces, _html(text[end:])])))


def _attribute(text: str) -> str:
    """Return ``text`` as one line without bidi controls, for attributes and titles, which cannot isolate."""
    return " ".join(text.translate(_TEXT_LINE_TABLE).split())


_MD_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$^]")
_MD_LINE_START: Final = re.compile(r"([#+\-=:!])|([0-9]{1,9})([.)])")


def _markdown(text: str) -> str:
    """Return ``text`` as one line of Markdown that renders as that text and as nothing else."""
    line = " ".join(_ANSI.sub("", text).translate(_MD_LINE_TABLE).split())
    line = _MD_SPECIAL.sub(r"\\\g<0>", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if start := _MD_LINE_START.match(line):
        cut = start.end() - 1
        line = f"{line[:cut]}\\{line[cut:]}"
    return line


def _markdown_url(url: str) -> str:
    """Return a safe URL as a Markdown link destination: what Markdown or HTML could read is percent-encoded."""
    return quote(url, safe="/:?#@!$&'+,;=%-._~").replace("&", "&amp;").replace("_", "%5F").replace("~", "%7E")


def _plain(text: str) -> str:
    """Return ``text`` as one line that a terminal can be given."""
    return " ".join(_ANSI.sub("", text).translate(_TEXT_LINE_TABLE).split())


def _safe_url(url: str | None) -> str | None:
    """Return an http(s) address, or None for anything that must not become a link."""
    if not url or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and parts.username is None else None


# --- spans in a document ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """An element around ``text[start:end]``. ``again`` reopens it after a crossing element ended."""

    start: int
    end: int
    opening: Markup
    again: Markup
    closing: Markup

    @classmethod
    def cited(cls, source: _Source) -> _Span:
        fill = Markup('<mark class="cited" data-c="{0}"')
        tag = fill.format(source.number)
        head = tag + Markup(' id="{}" data-n="{}" tabindex="-1">').format(source.anchor, source.number)
        return cls(source.citation.start, source.citation.end, head, tag + Markup(">"), Markup("</mark>"))

    @classmethod
    def shared(cls, anchor: str, start: int, end: int) -> _Span:
        opening = Markup('<span class="shared" id="{}-p{}-{}">').format(anchor, start, end)
        return cls(start, end, opening, Markup('<span class="shared">'), Markup("</span>"))

    @classmethod
    def bold(cls, start: int, end: int) -> _Span:
        return cls(start, end, Markup("<b>"), Markup("<b>"), Markup("</b>"))

    @classmethod
    def mark(cls, start: int, end: int, kind: MarkKind) -> _Span:
        element = "strong" if kind == "title" else "span"
        opening = Markup('<{0} class="m-{1}" title="{2}">').format(Markup(element), kind, _MARK_NAMES[kind])
        return cls(start, end, opening, opening, Markup("</{}>").format(Markup(element)))


def _annotate(text: str, spans: Iterable[_Span]) -> Markup:
    """Return ``text`` as HTML with ``spans`` as properly nested elements; spans may cross each other.

    Longer spans stand outside shorter ones. Where two cross, the inner one is closed and opened again, so
    that tags nest and every character stays where it is. Empty spans are left out.
    """
    waiting = sorted(
        (span for span in spans if span.start < span.end), key=lambda span: (span.start, -span.end)
    )
    cuts = sorted({0, len(text)}.union(*((span.start, span.end) for span in waiting)))
    pieces: list[str] = []
    stack: list[_Span] = []
    position = 0
    for left, right in pairwise(cuts):
        ended = next((depth for depth, span in enumerate(stack) if span.end <= left), None)
        if ended is not None:
            crossing = [span for span in stack[ended:] if span.end > left]
            pieces.extend(span.closing for span in reversed(stack[ended:]))
            pieces.extend(span.again for span in crossing)
            stack[ended:] = crossing
        while position < len(waiting) and waiting[position].start == left:
            pieces.append(waiting[position].opening)
            stack.append(waiting[position])
            position += 1
        pieces.append(_html(text[left:right]))
    pieces.extend(span.closing for span in reversed(stack))
    return Markup("".join(pieces))


# --- plain text ---------------------------------------------------------------------------------


def _columns(text: str) -> int:
    """Return how many terminal columns ``text`` takes: marks take none, wide letters two."""
    columns = 0
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def _starts_left_to_right(word: str) -> bool:
    """Tell whether the first letter of ``word`` with a direction is written from left to right."""
    for character in word:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction == "L"
    return False


def _carry(line: list[str], word: str, room: int) -> list[str]:
    """Take from the end of ``line`` what must go along so that the line of ``word`` begins with Arabic.

    Returns nothing, and leaves ``line`` alone, if ``word`` is Arabic itself, if nothing would be left on
    ``line``, or if the words do not fit on one line of ``room`` columns.
    """
    if not _starts_left_to_right(word):
        return []
    cut = len(line) - 1
    while cut > 0 and _starts_left_to_right(line[cut]):
        cut -= 1
    carried = line[cut:]
    if cut <= 0 or sum(_columns(each) + 1 for each in carried) + _columns(word) > room:
        return []
    del line[cut:]
    return carried


def _wrap(text: str, *, width: int, indent: int = 0, hang: int = 0, arabic: bool = False) -> str:
    """Return ``text`` (one line of words) as lines of at most ``width`` columns, ``indent`` blanks in front
    (``hang`` more from the second line on).

    A word is never broken, so an address or a citation stays whole. In Arabic text no line begins with a
    Latin word, if that can be helped by taking the word before along: a terminal would turn such a line.
    """
    room = width - indent - hang
    lines: list[list[str]] = [[]]
    used = 0
    for word in text.split(" "):
        size = _columns(word)
        if lines[-1] and used + 1 + size > room:
            carried = _carry(lines[-1], word, room) if arabic else []
            lines.append(carried)
            used = sum(_columns(each) + 1 for each in carried) - 1 if carried else 0
        used += size + 1 if lines[-1] else size
        lines[-1].append(word)
    first, *rest = (" " * indent + " ".join(line) for line in lines)
    return "\n".join([first, *(" " * hang + line for line in rest)])


# --- templates ----------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _environment(form: Literal["html", "md", "text"], width: int = DEFAULT_WIDTH) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("summarizer", "templates"),
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    if form == "html":
        environment.finalize = _finalize_html
        environment.filters.update(attribute=_attribute, english=_english)
    elif form == "md":
        environment.filters["md"] = _markdown
        environment.filters["url"] = _markdown_url
    else:

        def fill(text: str, indent: int = 0, hang: int = 0) -> str:
            return _wrap(_plain(text), width=width, indent=indent, hang=hang)

        def fill_arabic(text: str, indent: int = 0) -> str:
            return _wrap(_plain(text), width=width, indent=indent, arabic=True)

        def rule(character: str) -> str:
            return character * width

        environment.filters.update(fill=fill, arabic=fill_arabic, rule=rule, plain=_plain)
    return environment


def _finalize_html(value: Any) -> Any:
    """Escape every string that a template prints with ``_html``, which is stricter than Jinja2's own escape."""
    return _html(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@lru_cache(maxsize=1)
def _html_assets() -> dict[str, Markup]:
    """Return the style, the script and the policy that lets exactly this script run."""
    loader = jinja2.PackageLoader("summarizer", "templates")
    environment = jinja2.Environment(autoescape=True)
    style, _, _ = loader.get_source(environment, "brief.css")
    script, _, _ = loader.get_source(environment, "brief.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": Markup(policy)}
