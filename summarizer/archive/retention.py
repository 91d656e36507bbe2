"""Forgetting on purpose: whole stories that ended before a day, with their articles, and briefs of before it.

What must never happen twice is remembered for good: an article that was forgotten is not news when a site lists it again,
and a publication that was sent keeps its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index, story_store
from summarizer.archive.database import chunks
from summarizer.archive.tables import (
    briefs,
    documents,
    forgotten,
    members,
    outbox,
    pages,
    runs,
    stories,
    unread,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was forgotten."""

    stories: int
    documents: int
    briefs: int
    runs: int
    pages: int


def prune(connection: Connection, *, before: date, keep_briefs: bool) -> Pruned:
    """Forget what ended before a day; see ``Archive.prune``."""
    midnight = datetime.combine(before, time.min, tzinfo=UTC)
    waiting = (
        sa.select(members.c.story_id)
        .join(unread, unread.c.document_id == members.c.document_id)
        .where(members.c.story_id == stories.c.id)
    )
    old_stories = connection.scalars(
        sa.select(stories.c.id)
        .where(stories.c.last < before, stories.c.state != "active", ~sa.exists(waiting))
        .order_by(stories.c.number)
    ).all()
    count = _forget_documents(connection, old_stories)
    story_store.remove(connection, old_stories)

    old_briefs: Sequence[int] = []
    if not keep_briefs:
        old_briefs = connection.scalars(sa.select(briefs.c.id).where(briefs.c.day < before)).all()
        search_index.remove(connection, kind="brief", items=map(str, old_briefs))
        for part in chunks(old_briefs):
            connection.execute(
                outbox.update()
                .where(outbox.c.brief_id.in_(part), outbox.c.state.in_(("sent", "failed")))
                .values(payload={})
            )
            connection.execute(briefs.delete().where(briefs.c.id.in_(part)))
    old_runs = connection.execute(
        runs.delete().where(runs.c.finished < midnight, runs.c.state != "running")
    ).rowcount
    old_pages = connection.execute(pages.delete().where(pages.c.fetched < midnight)).rowcount
    return Pruned(
        stories=len(old_stories), documents=count, briefs=len(old_briefs), runs=old_runs, pages=old_pages
    )


def _forget_documents(connection: Connection, story_ids: Sequence[str]) -> int:
    """Delete the articles of stories, and keep their keys."""
    count = 0
    for part in chunks(story_ids):
        rows = connection.execute(
            sa.select(documents.c.id, documents.c.key, documents.c.day)
            .join(members, members.c.document_id == documents.c.id)
            .where(members.c.story_id.in_(part))
        ).all()
        if not rows:
            continue
        connection.execute(forgotten.insert(), [{"key": row.key, "day": row.day} for row in rows])
        search_index.remove(connection, kind="document", items=[row.id for row in rows])
        for ids in chunks([row.id for row in rows]):
            connection.execute(
                documents.update().where(documents.c.duplicate_of.in_(ids)).values(duplicate_of=None)
            )
            connection.execute(documents.delete().where(documents.c.id.in_(ids)))
        count += len(rows)
    return count
