"""Is the archive what it says it is? Every promise that the tables alone do not hold is checked here."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index, story_store
from summarizer.archive.database import Database
from summarizer.archive.documents import article_key, checksum
from summarizer.archive.records import document_from_json
from summarizer.archive.tables import (
    briefs,
    documents,
    entries,
    events,
    members,
    metadata,
    outbox,
    runs,
    stories,
    told,
    unread,
    versions,
)
from summarizer.errors import ArchiveError, InputError
from summarizer.schema import Brief, Citation

#: Problems of one kind that are listed; the others are counted.
MOST_OF_A_KIND: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong. ``kind`` is for programs, ``message`` names what is wrong with what, in one line."""

    kind: str
    message: str


def verify(database: Database) -> list[Problem]:
    """Return everything that is wrong with the archive; an empty list is a clean one. Reads all of it."""
    problems: list[Problem] = []
    for check in (_storage, _index_of_sqlite):
        # These two take locks of their own and stand outside the one state that the others see.
        problems += _limited(check.__name__.strip("_"), check(database))
    with database.read() as connection:
        for kind, find in CHECKS.items():
            problems += _limited(kind, find(connection))
    return problems


def _limited(kind: str, found: Iterator[str]) -> list[Problem]:
    messages = list(found)
    problems = [Problem(kind=kind, message=message) for message in messages[:MOST_OF_A_KIND]]
    if len(messages) > MOST_OF_A_KIND:
        problems.append(Problem(kind=kind, message=f"and {len(messages) - MOST_OF_A_KIND} more"))
    return problems


def _storage(database: Database) -> Iterator[str]:
    """The file itself: pages, indexes and foreign keys. PostgreSQL keeps these promises on its own."""
    if not database.is_sqlite:
        return
    try:
        with database.read() as connection:
            for row in connection.exec_driver_sql("PRAGMA integrity_check"):
                if row[0] != "ok":
                    yield str(row[0])
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
                yield f"{row[0]} {row[1]} refers to {row[2]}, which is not there"
    except ArchiveError as error:
        yield str(error)


def _index_of_sqlite(database: Database) -> Iterator[str]:
    if not database.is_sqlite:
        return
    try:
        with database.write() as connection:  # FTS5 checks by a special INSERT
            connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('integrity-check')")
    except ArchiveError as error:
        yield f"the search index does not fit its own words: {error}"


# --- what the tables say of each other ----------------------------------------------------------


def _versions(connection: Connection) -> Iterator[str]:
    """Versions are numbered without a gap, the last one as the document says, each as its checksum says."""
    query = (
        sa.select(documents.c.id, documents.c.key, documents.c.versions, versions)
        .outerjoin(versions, versions.c.document_id == documents.c.id)
        .order_by(documents.c.id, versions.c.number)
    )
    last: tuple[str, int, int] | None = None
    for row in connection.execution_options(yield_per=500).execute(query):
        if last is None or last[0] != row.id:
            if last is not None and last[1] != last[2]:
                yield f"document {last[0]} has versions up to {last[1]}, and says {last[2]}"
            last = (row.id, 0, row.versions)
        if row.number is None:
            continue
        if row.number != last[1] + 1:
            yield f"document {row.id}: version {last[1] + 1} is missing"
        last = (row.id, row.number, row.versions)
        document = document_from_json(row.document)
        if document.id != row.id:
            yield f"document {row.id}: version {row.number} is of document {document.id}"
        if checksum(document) != row.checksum:
            yield f"document {row.id}: the text of version {row.number} is not the one that was stored"
        if row.number == 1 and row.key.startswith("url:") and article_key(document) != row.key:
            yield f"document {row.id}: kept under {row.key}, but its URL is {document.url}"
    if last is not None and last[1] != last[2]:
        yield f"document {last[0]} has versions up to {last[1]}, and says {last[2]}"


def _memberships(connection: Connection) -> Iterator[str]:
    """Every article is in a story or waits to be read; none is in a merged one."""
    lost = (
        sa.select(documents.c.id)
        .outerjoin(members, members.c.document_id == documents.c.id)
        .outerjoin(unread, unread.c.document_id == documents.c.id)
        .where(members.c.story_id.is_(None), unread.c.document_id.is_(None))
    )
    for each in connection.scalars(lost):
        yield f"document {each} is in no story and does not wait for one"
    merged = (
        sa.select(members.c.document_id, stories.c.id)
        .join(stories, stories.c.id == members.c.story_id)
        .where(stories.c.state == "merged")
    )
    for row in connection.execute(merged):
        yield f"document {row.document_id} is in story {row.id}, which has merged into another"
    ahead = sa.select(unread.c.document_id).join(documents).where(unread.c.version > documents.c.versions)
    for each in connection.scalars(ahead):
        yield f"document {each} waits to be read in a version that it does not have"


def _counters(connection: Connection) -> Iterator[str]:
    """Size and days of each story are those of its articles."""
    counted = story_store.counted().subquery()
    query = sa.select(stories, counted.c.articles, counted.c.oldest, counted.c.newest).join(
        counted, counted.c.id == stories.c.id
    )
    for row in connection.execute(query):
        if row.size != row.articles:
            yield f"story {row.id} says {row.size} articles and has {row.articles}"
        if row.articles and (row.first, row.last) != (row.oldest, row.newest):
            yield f"story {row.id} says {row.first} to {row.last}, its articles {row.oldest} to {row.newest}"
        if row.articles == 0 and row.state == "active":
            yield f"story {row.id} is active and has no article"


def _histories(connection: Connection) -> Iterator[str]:
    """Every story starts once, by starting or by splitting from another; the state is what the history says last."""
    state_of = {"merged": "merged", "ended": "ended"}
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    states = dict(connection.execute(sa.select(stories.c.id, stories.c.state)).all())
    merged = connection.execute(
        sa.select(stories.c.id, stories.c.merged_into).where(stories.c.state == "merged")
    )
    into = {row.id: row.merged_into for row in merged}
    for row in connection.execute(sa.select(events).order_by(events.c.id)):
        if row.story_id not in first:
            first[row.story_id] = row.kind
            if row.kind not in ("started", "split"):
                yield f"story {row.story_id}: its history begins with {row.kind!r}"
        elif row.kind == "started":
            yield f"story {row.story_id} started twice"
        if row.kind == "merged" and into.get(row.story_id) != row.other_id:
            continue  # it took another one in
        if row.kind != "follows":
            last[row.story_id] = state_of.get(row.kind, "active")
    for story, state in states.items():
        if story not in first:
            yield f"story {story} has no history"
        elif last.get(story, "active") != state:
            yield f"story {story} is {state}, and by its history {last.get(story, 'active')}"


def _search(connection: Connection) -> Iterator[str]:
    """Every article, story told and brief is indexed, with the words of this version; nothing else is."""
    if not search_index.is_current(connection):
        yield "the search index was made by another version of Mujaz; opening the archive makes it anew"
    number = "rowid" if connection.dialect.name == "sqlite" else "entry_id"
    index = sa.table("search_index", sa.column(number))
    where = index.c[number]
    for each in connection.scalars(
        sa.select(entries.c.id).outerjoin(index, where == entries.c.id).where(where.is_(None))
    ):
        yield f"entry {each} is not in the search index"
    for each in connection.scalars(
        sa.select(where).outerjoin(entries, where == entries.c.id).where(entries.c.id.is_(None))
    ):
        yield f"the search index has words of entry {each}, which is not there"
    for kind, table, column in (
        ("document", documents, documents.c.id),
        ("brief", briefs, sa.cast(briefs.c.id, sa.Text)),
    ):
        of_kind = (entries.c.kind == kind) & (entries.c.item == column)
        for each in connection.scalars(
            sa.select(column).select_from(table).outerjoin(entries, of_kind).where(entries.c.id.is_(None))
        ):
            yield f"{kind} {each} cannot be found by search"


# --- what was told and sent ---------------------------------------------------------------------


def _briefs(connection: Connection) -> Iterator[str]:
    """Every brief can be read, cites its documents exactly, and shows texts that the archive has had."""
    for number, data in connection.execute(sa.select(briefs.c.id, briefs.c.json).order_by(briefs.c.id)):
        try:
            brief = Brief.from_json(zlib.decompress(data).decode("utf-8"))
        except (zlib.error, ValueError, InputError) as error:
            yield f"brief {number} cannot be read: {error}"
            continue
        lengths = {document.id: len(document.text) for document in brief.documents}
        for citation in _citations(brief):
            length = lengths.get(citation.document_id)
            if length is None:
                yield f"brief {number} cites document {citation.document_id}, which it does not have"
            elif not 0 <= citation.start < citation.end <= length:
                yield (
                    f"brief {number} cites {citation.start}..{citation.end} of document {citation.document_id}, "
                    f"which has {length} characters"
                )
        yield from _shown(connection, number, brief)


def _shown(connection: Connection, number: int, brief: Brief) -> Iterator[str]:
    """What the brief told is the text of that version, to the letter."""
    shown = {document.id: checksum(document) for document in brief.documents}
    rows = connection.execute(
        sa.select(told.c.document_id, told.c.version, versions.c.checksum)
        .outerjoin(
            versions,
            (versions.c.document_id == told.c.document_id) & (versions.c.number == told.c.version),
        )
        .where(told.c.brief_id == number)
    )
    for row in rows:
        if row.checksum is None:
            yield f"brief {number} told version {row.version} of document {row.document_id}, which is not there"
        elif shown.get(row.document_id) != row.checksum:
            yield f"brief {number} shows another text of document {row.document_id} than its version {row.version}"


def _citations(brief: Brief) -> Iterator[Citation]:
    for story in brief.stories:
        yield from story.title_citations
        for sentence in story.summary:
            yield from sentence.citations
        for entry in story.timeline:
            yield from entry.citations
        for disagreement in story.disagreements:
            for value in disagreement.values:
                yield from value.citations


def _outbox(connection: Connection) -> Iterator[str]:
    """Publications are in a state that exists; what was tried says so."""
    for row in connection.execute(sa.select(outbox).order_by(outbox.c.id)):
        if row.state not in ("pending", "sending", "sent", "uncertain", "failed"):
            yield f"publication {row.key} is in a state that does not exist: {row.state}"
        if row.attempts == 0 and row.state in ("sent", "sending", "uncertain"):
            yield f"publication {row.key} is {row.state} and was never tried"


def _runs(connection: Connection) -> Iterator[str]:
    """At most one run is going on."""
    going = connection.scalars(sa.select(runs.c.id).where(runs.c.state == "running")).all()
    if len(going) > 1:
        yield f"runs {', '.join(map(str, going))} are all said to be going on"


def _readable(connection: Connection) -> Iterator[str]:
    """Whatever is stored as JSON is JSON."""
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, sa.JSON)]
        for column in columns:
            raw: sa.ColumnElement[Any] = sa.cast(column, sa.Text)
            for text in connection.scalars(sa.select(raw)):
                try:
                    json.loads(text)
                except (TypeError, ValueError):
                    yield f"{table.name}.{column.name} holds something that is not JSON: {text[:40]!r}"


CHECKS: Final[dict[str, Callable[[Connection], Iterator[str]]]] = {
    "json": _readable,
    "versions": _versions,
    "memberships": _memberships,
    "counters": _counters,
    "histories": _histories,
    "search": _search,
    "briefs": _briefs,
    "outbox": _outbox,
    "runs": _runs,
}
