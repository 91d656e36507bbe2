"""The reports as they were read, for a person to correct before a brief is made: pure functions on frozen lists.

What is left untouched is sent on exactly as it came, so the brief is the one that the command line makes of it. What is
corrected is sent as JSON records (title, source, published, text), the form that ``mujaz summarize list.json`` reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from summarizer.errors import InputError
from summarizer.fetch import Fetcher
from summarizer.ingest import STDIN, read_sources
from summarizer.schema import BriefWarning, Document
from summarizer.server.requests import Report

#: Dates as exact as a reader may know them.
_DATE: Final = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[T ].{1,40})?)?)?")
#: What the records of corrected pasted text come under.
PASTED: Final = "pasted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One report as it was read, or as it was corrected. ``report`` is the index of the input that it came from."""

    report: int
    text: str
    title: str = ""
    outlet: str = ""
    date: str = ""
    url: str = ""
    origin: str = STDIN
    touched: bool = False

    @classmethod
    def of(cls, document: Document, *, report: int) -> Draft:
        """Take from a document what a person may correct."""
        return cls(
            report=report,
            text=document.text,
            title=document.title or "",
            outlet=document.source or "",
            date=document.published or "",
            url=document.url or "",
            origin=document.origin or STDIN,
        )

    @property
    def words(self) -> int:
        """Words of the text, as a reader counts them."""
        return len(self.text.split())

    def record(self) -> dict[str, str]:
        """Return the JSON record that ``ingest`` reads. A title that stands in the text is not said twice."""
        fields = {"title": self.title, "source": self.outlet, "published": self.date, "url": self.url}
        if self.title in self.text:
            del fields["title"]
        return {**{name: value for name, value in fields.items() if value}, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """The inputs, the reports that were read from them, and what could not be read."""

    reports: tuple[Report, ...]
    items: tuple[Draft, ...]
    warnings: tuple[BriefWarning, ...] = ()
    read: tuple[int, ...] = ()  # how many reports each input gave


def read_drafts(reports: Sequence[Report], *, fetcher: Fetcher | None = None) -> Drafts:
    """Read every input; what cannot be read is a warning. Nothing is raised for a bad input."""
    items: list[Draft] = []
    warnings: list[BriefWarning] = []
    counts: list[int] = []
    for index, report in enumerate(reports):
        found = read_sources([report.source], fetcher=fetcher)
        items += [Draft.of(document, report=index) for document in found.documents]
        warnings += found.warnings
        counts.append(len(found.documents))
    return Drafts(reports=tuple(reports), items=tuple(items), warnings=tuple(warnings), read=tuple(counts))


def edit(drafts: Drafts, index: int, *, title: str, outlet: str, date: str, text: str) -> Drafts:
    """Correct one report. A changed title takes the old one's place in the text. Raises ``InputError`` on a bad date."""
    draft = drafts.items[index]
    title, outlet, date = (" ".join(each.split()) for each in (title, outlet, date))
    if date and not _DATE.fullmatch(date):
        raise InputError(f"{date}: not a date (2021-04-07, 2021-04 or 2021)")
    if title and title != draft.title and draft.title and text == draft.text:
        text = text.replace(draft.title, title, 1)
    changed = replace(draft, title=title, outlet=outlet, date=date, text=text)
    return drafts if changed == draft else _put(drafts, index, [replace(changed, touched=True)])


def merge(drafts: Drafts, index: int) -> Drafts:
    """Join a report with the one after it. Raises ``InputError`` on the last."""
    if index + 1 >= len(drafts.items):
        raise InputError("this is the last report")
    one, other = drafts.items[index : index + 2]
    joined = replace(
        one,
        text=f"{one.text.rstrip()}\n\n{other.text.lstrip()}",
        title=one.title or other.title,
        outlet=one.outlet or other.outlet,
        date=one.date or other.date,
        url=one.url or other.url,
        touched=True,
    )
    return _put(drafts, index, [joined], taken=2)


def split(drafts: Drafts, index: int, position: int) -> Drafts:
    """Cut a report in two at a character offset of its text. Raises ``InputError`` where a part would be empty."""
    draft = drafts.items[index]
    head, tail = draft.text[:position].rstrip(), draft.text[position:].lstrip()
    if not head or not tail:
        raise InputError("a report cannot be split before its first or after its last letter")
    first, *_ = tail.splitlines()
    title = " ".join(first.split())
    second = replace(draft, text=tail, title=title if len(title) <= 200 else "", touched=True)
    return _put(drafts, index, [replace(draft, text=head, touched=True), second])


def remove(drafts: Drafts, index: int) -> Drafts:
    """Leave a report out."""
    return _put(drafts, index, [])


def to_reports(drafts: Drafts) -> tuple[Report, ...]:
    """Return the inputs of a brief: untouched ones as they came, the others as JSON records under their name.

    What could not be read is sent on too, so that the brief says so. Without any report there is no input.
    """
    if not drafts.items:
        return ()
    made: list[Report] = []
    for index, report in enumerate(drafts.reports):
        items = [item for item in drafts.items if item.report == index]
        if len(items) == drafts.read[index] and not any(item.touched for item in items):
            made.append(report)
        elif items:
            records = json.dumps([item.record() for item in items], ensure_ascii=False)
            made.append(Report(name=f"{_stem(report)}.json", text=records))
    return tuple(made)


def _stem(report: Report) -> str:
    if report.url:
        return PurePosixPath(report.url.partition("?")[0]).stem or PASTED
    return PASTED if report.name == STDIN else PurePosixPath(report.name).stem or PASTED


def _put(drafts: Drafts, index: int, items: Sequence[Draft], *, taken: int = 1) -> Drafts:
    kept = (*drafts.items[:index], *items, *drafts.items[index + taken :])
    return replace(drafts, items=kept)
