"""Briefs in the archive: kept whole, and with them which version of which article each one told."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index
from summarizer.archive.database import insert_row
from summarizer.archive.documents import checksum
from summarizer.archive.outbox import enqueue
from summarizer.archive.records import Publication, StoredBrief
from summarizer.archive.tables import briefs, members, told, versions
from summarizer.errors import ArchiveError, InputError
from summarizer.schema import Brief, Story


def save(
    connection: Connection,
    brief: Brief,
    *,
    day: date,
    name: str,
    run: int | None,
    stories: Mapping[str, str],
    publications: Sequence[Publication],
    at: datetime,
) -> int:
    """Store a brief; see ``Archive.save_brief``."""
    fingerprint = hashlib.sha256(replace(brief, created="").to_json().encode("utf-8")).hexdigest()[:32]
    same_day = (briefs.c.day == day) & (briefs.c.name == name)
    number = connection.scalar(sa.select(briefs.c.id).where(same_day, briefs.c.checksum == fingerprint))
    if number is None:
        editions = connection.scalar(sa.select(sa.func.max(briefs.c.edition)).where(same_day)) or 0
        number = insert_row(
            connection,
            briefs,
            day=day,
            name=name,
            edition=editions + 1,
            created=_instant(brief.created),
            checksum=fingerprint,
            json=zlib.compress(brief.to_json().encode("utf-8")),
            run_id=run,
        )
        _tell(connection, brief, number=number, stories=stories)
        _index(connection, brief, number=number, day=day)
    enqueue(connection, publications, brief_id=number, at=at)
    return int(number)


def select(
    connection: Connection, *, day: date | None, name: str | None, limit: int | None
) -> list[StoredBrief]:
    """Return the briefs of a day (of all days: the newest first); see ``Archive.briefs``."""
    columns = (briefs.c.id, briefs.c.day, briefs.c.name, briefs.c.edition, briefs.c.created)
    query = sa.select(*columns).order_by(briefs.c.day.desc(), briefs.c.id.desc())
    if day is not None:
        query = query.where(briefs.c.day == day)
    if name is not None:
        query = query.where(briefs.c.name == name)
    return [StoredBrief(**row._mapping) for row in connection.execute(query.limit(limit))]


def read(connection: Connection, number: int) -> Brief:
    """Return a brief. Raises ``InputError`` for an unknown number, ``ArchiveError`` where it is damaged."""
    data = connection.scalar(sa.select(briefs.c.json).where(briefs.c.id == number))
    if data is None:
        raise InputError(f"the archive has no brief {number}")
    try:
        return Brief.from_json(zlib.decompress(data).decode("utf-8"))
    except (zlib.error, ValueError, InputError) as error:
        raise ArchiveError(f"brief {number} is damaged in the archive: {error}") from error


def _tell(connection: Connection, brief: Brief, *, number: int, stories: Mapping[str, str]) -> None:
    """Remember which versions the brief told: those with the text that it shows."""
    shown = {document.id: document for document in brief.documents}
    for story in brief.stories:
        for document_id in story.document_ids:
            version = connection.scalar(
                sa.select(sa.func.max(versions.c.number)).where(
                    versions.c.document_id == document_id,
                    versions.c.checksum == checksum(shown[document_id]),
                )
            )
            if version is None:
                continue  # not of this archive, or of a version that is gone: it can never be news to it
            connection.execute(
                told.insert().values(
                    brief_id=number,
                    document_id=document_id,
                    version=version,
                    brief_story=story.id,
                    story_id=stories.get(story.id) or _story_of(connection, story),
                )
            )


def _story_of(connection: Connection, story: Story) -> str | None:
    """Return the story of the archive that most articles of a brief's story stand in."""
    count = sa.func.count()
    query = (
        sa.select(members.c.story_id)
        .where(members.c.document_id.in_(story.document_ids))
        .group_by(members.c.story_id)
        .order_by(count.desc(), members.c.story_id)
    )
    return connection.scalar(query.limit(1))


def _index(connection: Connection, brief: Brief, *, number: int, day: date) -> None:
    """Index the brief as it reads, in both languages, and its stories by what it says of them."""
    pages: dict[str, list[str]] = {"ar": [], "en": []}
    for story in brief.stories:
        written = {
            "ar": (story.title.ar, [sentence.ar for sentence in story.summary]),
            "en": (story.title.en, [sentence.en for sentence in story.summary]),
        }
        chosen = sa.select(told.c.story_id).where(told.c.brief_id == number, told.c.brief_story == story.id)
        identity = connection.scalar(chosen.limit(1))
        for language, (title, sentences) in written.items():
            pages[language] += [title, *sentences]
            if identity is not None and title:
                search_index.put(
                    connection,
                    kind="story",
                    item=identity,
                    language=language,
                    day=day,
                    title=title,
                    text="\n".join(sentences),
                )
    for language, lines in pages.items():
        if any(lines):
            search_index.put(
                connection,
                kind="brief",
                item=str(number),
                language=language,
                day=day,
                title="",
                text="\n".join(lines),
            )


def _instant(written: str) -> datetime:
    """Return the instant that a brief says it was made; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"a brief's time of creation must be ISO 8601, not {written!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
