"""Stories in the archive: reading them, and storing what an update of them found. ``stories`` decides what that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index
from summarizer.archive.database import chunks
from summarizer.archive.records import EventKind, StoredStory, StoryEvent, StoryState
from summarizer.archive.tables import documents, events, members, stories, story_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a story: a line of its history before it is stored."""

    story_id: str
    kind: EventKind
    day: date
    document_ids: tuple[str, ...] = ()
    other_id: str | None = None


@dataclass(slots=True, kw_only=True)
class StoryChanges:
    """What an update does to the stories, in order: new ones, where articles stand now, and what happened.

    ``moved`` maps an article to its story; ``words`` a story to the words that it is known by, with weights; ``follows`` and ``states``
    what is new of a story.
    """

    started: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    follows: dict[str, str | None] = field(default_factory=dict)
    states: dict[str, StoryState] = field(default_factory=dict)
    merged_into: dict[str, str] = field(default_factory=dict)
    words: dict[str, Mapping[str, float]] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.moved or self.happenings or self.states)


def select(
    connection: Connection,
    *,
    since: date | None = None,
    until: date | None = None,
    ids: Sequence[str] | None = None,
    states: Sequence[StoryState] | None = None,
) -> list[StoredStory]:
    """Return stories in the order in which they started; see ``Archive.stories``."""
    query = sa.select(stories).order_by(stories.c.number)
    if since is not None:
        query = query.where(stories.c.last >= since)
    if until is not None:
        query = query.where(stories.c.first <= until)
    if states is not None:
        query = query.where(stories.c.state.in_(states))
    parts = [None] if ids is None else list(chunks(list(dict.fromkeys(ids))))
    rows = [
        row
        for part in parts
        for row in connection.execute(query if part is None else query.where(stories.c.id.in_(part)))
    ]
    rows.sort(key=lambda row: row.number)
    inside = members_of(connection, [row.id for row in rows])
    return [
        StoredStory(
            id=row.id,
            state=row.state,
            first=row.first,
            last=row.last,
            document_ids=tuple(inside[row.id]),
            follows=row.follows,
            merged_into=row.merged_into,
        )
        for row in rows
    ]


def members_of(connection: Connection, story_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the articles of stories, each story's by day, then id."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for part in chunks(story_ids):
        rows = connection.execute(
            sa.select(members.c.story_id, members.c.document_id)
            .join(documents, documents.c.id == members.c.document_id)
            .where(members.c.story_id.in_(part))
            .order_by(documents.c.day, documents.c.id)
        )
        for row in rows:
            inside[row.story_id].append(row.document_id)
    return inside


def history(connection: Connection, story_id: str) -> list[StoryEvent]:
    """Return what happened to a story, the oldest first."""
    rows = connection.execute(sa.select(events).where(events.c.story_id == story_id).order_by(events.c.id))
    return [_event(row) for row in rows]


def next_number(connection: Connection) -> int:
    """Return the number of the next story to start."""
    return (connection.scalar(sa.select(sa.func.max(stories.c.number))) or 0) + 1


def save(connection: Connection, changes: StoryChanges, *, at: datetime, run: int | None) -> None:
    """Store what an update found."""
    number = next_number(connection)
    touched = {
        *changes.started, *changes.moved.values(), *changes.states, *changes.merged_into, *changes.follows,
    }  # fmt: skip
    for part in chunks(list(changes.moved)):
        before = sa.select(members.c.story_id).where(members.c.document_id.in_(part)).distinct()
        touched.update(connection.scalars(before))
    for offset, story_id in enumerate(changes.started):
        connection.execute(
            stories.insert().values(
                id=story_id,
                number=number + offset,
                state="active",
                first=date.min,
                last=date.min,
                size=0,
            )
        )
    for part in chunks(list(changes.moved)):
        connection.execute(members.delete().where(members.c.document_id.in_(part)))
    if changes.moved:
        connection.execute(
            members.insert(),
            [{"document_id": each, "story_id": story} for each, story in changes.moved.items()],
        )
    for story_id, other in changes.merged_into.items():
        connection.execute(stories.update().where(stories.c.id == story_id).values(merged_into=other))
        heirs = sa.case((stories.c.id == other, None), else_=other)
        connection.execute(stories.update().where(stories.c.follows == story_id).values(follows=heirs))
    for story_id, earlier in changes.follows.items():
        connection.execute(stories.update().where(stories.c.id == story_id).values(follows=earlier))
    recount(connection, touched)
    _save_words(connection, changes.words)
    _save_states(connection, changes, at=at, run=run)


def _save_states(connection: Connection, changes: StoryChanges, *, at: datetime, run: int | None) -> None:
    """Set the states of stories and add to their histories."""
    for state in set(changes.states.values()):
        of_state = [story for story, new in changes.states.items() if new == state]
        for part in chunks(of_state):
            connection.execute(stories.update().where(stories.c.id.in_(part)).values(state=state))
    if changes.happenings:
        connection.execute(
            events.insert(),
            [
                {
                    "story_id": each.story_id,
                    "kind": each.kind,
                    "day": each.day,
                    "at": at,
                    "run_id": run,
                    "other_id": each.other_id,
                    "documents": list(each.document_ids),
                }
                for each in changes.happenings
            ],
        )


def end_silent(
    connection: Connection, *, before: date, day: date, at: datetime, run: int | None
) -> list[str]:
    """End the active stories whose last report is of an earlier day than ``before``, and return their ids."""
    silent = connection.scalars(
        sa.select(stories.c.id)
        .where(stories.c.state == "active", stories.c.last < before)
        .order_by(stories.c.number)
    ).all()
    changes = StoryChanges(
        states=dict.fromkeys(silent, "ended"),
        happenings=[Happening(story_id=each, kind="ended", day=day) for each in silent],
    )
    _save_states(connection, changes, at=at, run=run)
    return list(silent)


def recount(connection: Connection, story_ids: Iterable[str]) -> None:
    """Set size and days of stories by their articles. A story that lost all keeps the days it had."""
    for part in chunks(sorted(story_ids)):
        for row in connection.execute(counted().where(stories.c.id.in_(part))).all():
            values: dict[str, Any] = {"size": row.articles}
            if row.articles:
                values |= {"first": row.oldest, "last": row.newest}
            connection.execute(stories.update().where(stories.c.id == row.id).values(**values))


def counted() -> sa.Select[Any]:
    """Return the query of what stories come to: id, articles, oldest and newest day."""
    return (
        sa.select(
            stories.c.id,
            sa.func.count(members.c.document_id).label("articles"),
            sa.func.min(documents.c.day, type_=sa.Date).label("oldest"),
            sa.func.max(documents.c.day, type_=sa.Date).label("newest"),
        )
        .select_from(stories)
        .outerjoin(members, members.c.story_id == stories.c.id)
        .outerjoin(documents, documents.c.id == members.c.document_id)
        .group_by(stories.c.id)
    )


def _save_words(connection: Connection, words: Mapping[str, Mapping[str, float]]) -> None:
    for part in chunks(list(words)):
        connection.execute(story_words.delete().where(story_words.c.story_id.in_(part)))
        known = connection.execute(sa.select(stories.c.id, stories.c.last).where(stories.c.id.in_(part)))
        last = {row.id: row.last for row in known}
        rows = [
            {"story_id": story, "word": word, "weight": weight, "last": last[story]}
            for story in part
            for word, weight in words[story].items()
        ]
        if rows:
            connection.execute(story_words.insert(), rows)


def remove(connection: Connection, story_ids: Sequence[str]) -> None:
    """Delete stories with their history."""
    search_index.remove(connection, kind="story", items=story_ids)
    for part in chunks(story_ids):
        connection.execute(stories.delete().where(stories.c.id.in_(part)))


def _event(row: Any) -> StoryEvent:
    return StoryEvent(
        number=row.id,
        story_id=row.story_id,
        kind=row.kind,
        day=row.day,
        at=row.at,
        run=row.run_id,
        other_id=row.other_id,
        document_ids=tuple(row.documents),
    )
