"""What the archive hands out: frozen values, no connection behind them. Instants are aware and in UTC."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from summarizer.schema import Document, Mark, Passage

StoryState = Literal["active", "ended", "merged"]
#: ``follows``: it continues an earlier story. ``resumed``: a late report reached it after its end.
EventKind = Literal["started", "grew", "merged", "split", "ended", "follows", "resumed"]
#: ``uncertain``: it may have been sent; a human or the channel has to say.
OutboxState = Literal["pending", "sending", "sent", "uncertain", "failed"]
RunState = Literal["running", "done", "failed", "interrupted"]
HitKind = Literal["document", "story", "brief"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """An article as it is known now. ``document.id`` is the id it was first stored under, in every version."""

    document: Document
    version: int  # 1, 2, ...
    owner: str  # whose voice it is: the trust group, or else the outlet
    day: date  # the day it counts for: when it was published, or else first seen
    first_seen: datetime
    last_seen: datetime
    story_id: str | None = None

    @property
    def id(self) -> str:
        return self.document.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of the texts that an article has had."""

    number: int
    seen: datetime
    run: int | None
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResult:
    """What became of the documents given: archive ids, in the order given.

    ``ids`` maps the id that each came with to the id it is kept under. ``forgotten`` are articles that were pruned
    and stay so; ``rejected`` those that no database can hold, with the reason; both by the id they came with.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    rejected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStory:
    """A story as it stands now. ``document_ids`` are in order of day, then id; ``first`` and ``last`` are their days."""

    id: str
    state: StoryState
    first: date
    last: date
    document_ids: tuple[str, ...]
    follows: str | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvent:
    """A line of a story's history."""

    number: int
    story_id: str
    kind: EventKind
    day: date
    at: datetime
    run: int | None
    other_id: str | None
    document_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBrief:
    """A brief in the list of briefs; ``Archive.brief(id)`` reads it whole."""

    id: int
    day: date
    name: str
    edition: int  # 1, or more where a day's brief was made anew and came out different
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run and what it said of itself."""

    id: int
    kind: str
    started: datetime
    finished: datetime | None
    state: RunState
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One thing that a run met. ``outcome`` is the caller's word: ``new``, ``skipped``, ``failed``..."""

    source: str
    outcome: str
    subject: str = ""  # a URL or file name
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Something to be sent once. ``key`` says what "once" means (brief, channel, recipient)."""

    key: str
    channel: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """A publication and how far it got."""

    id: int
    key: str
    channel: str
    payload: Mapping[str, Any]
    brief_id: int | None
    state: OutboxState
    attempts: int
    created: datetime
    updated: datetime
    next_at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An edit or a vote: who, when, about what, and the caller's own data."""

    id: int
    at: datetime
    subject: str
    by: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between runs."""

    name: str
    etag: str | None = None
    last_modified: str | None = None
    checked: datetime | None = None
    last_new: datetime | None = None
    silent_since: datetime | None = None
    failures: int = 0
    next_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched page as it came, for conditional requests."""

    url: str
    fetched: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes | None


def document_to_json(document: Document) -> dict[str, Any]:
    """Return the document as plain dicts and lists, as in a brief's JSON."""
    return dataclasses.asdict(document)


def document_from_json(plain: Mapping[str, Any]) -> Document:
    """Read what ``document_to_json`` wrote."""
    return Document(
        **{
            **plain,
            "marks": tuple(Mark(**each) for each in plain["marks"]),
            "shares": tuple(Passage(**each) for each in plain["shares"]),
        }
    )
