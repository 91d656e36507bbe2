"""Articles and their versions: adding them without doubling any, and reading them back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index
from summarizer.archive.database import chunks, upsert
from summarizer.archive.records import (
    AddResult,
    StoredDocument,
    Version,
    document_from_json,
    document_to_json,
)
from summarizer.archive.tables import documents, forgotten, members, unread, versions
from summarizer.schema import Document

#: Query parameters that say where a reader came from and never what is read.
TRACKING: Final = frozenset(
    ("fbclid", "gclid", "dclid", "msclkid", "igshid", "mc_cid", "mc_eid", "ocid", "cmpid", "twclid", "yclid")
)
#: A report dated further ahead of its arrival than this is not believed: clocks differ by zones, not by weeks.
FUTURE_DAYS: Final = 1


def article_key(document: Document) -> str:
    """Return what makes this the same article tomorrow: its URL without tracking and fragment, or else its id."""
    if not document.url:
        return f"id:{document.id}"
    parts = urlsplit(document.url.strip())
    if not parts.netloc:
        return f"url:{document.url.strip()}"
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith("utm_") and name.lower() not in TRACKING
    ]
    scheme = "https" if parts.scheme.lower() == "http" else parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(":443").removesuffix(":80")
    return "url:" + urlunsplit((scheme, host, parts.path or "/", urlencode(query), ""))


def day_of(document: Document, seen: datetime) -> date:
    """Return the day a report counts for: when it was published; when first seen, where it does not say or cannot be."""
    today = seen.astimezone(UTC).date()
    try:
        published = date.fromisoformat((document.published or "")[:10])
    except ValueError:
        return today
    return published if published <= today + timedelta(days=FUTURE_DAYS) else today


def checksum(document: Document) -> str:
    """Return the fingerprint of what a reader reads: title and text."""
    both = f"{document.title or ''}\0{document.text}"
    return hashlib.sha256(both.encode("utf-8")).hexdigest()[:32]


def add(
    connection: Connection,
    given: Iterable[Document],
    *,
    run: int | None,
    at: datetime,
    groups: Mapping[str, str],
) -> AddResult:
    """Store articles; see ``Archive.add_documents``."""
    new: list[str] = []
    changed: list[str] = []
    known: list[str] = []
    gone: list[str] = []
    ids: dict[str, str] = {}
    rejected: dict[str, str] = {}
    for each in given:
        document = replace(each, duplicate_of=None, shares=())  # found anew among what the archive holds
        problem = _unstorable(document)
        if problem:
            rejected[document.id] = problem
            continue
        key = article_key(document)
        found = connection.execute(
            sa.select(documents, versions.c.checksum)
            .join_from(documents, versions, _is_latest())
            .where(documents.c.key == key)
        ).one_or_none()
        if found is None and _is_forgotten(connection, key):
            gone.append(document.id)
            continue
        if found is None:
            stored = _insert(connection, document, key=key, run=run, at=at, groups=groups)
            new.append(stored)
        else:
            stored = found.id
            seen = max(at, found.last_seen)
            number = found.versions
            if found.checksum == checksum(document):
                known.append(stored)
            else:
                number += 1
                _insert_version(connection, replace(document, id=stored), number=number, run=run, at=at)
                _index(connection, replace(document, id=stored), found.day)
                changed.append(stored)
            connection.execute(
                documents.update().where(documents.c.id == stored).values(last_seen=seen, versions=number)
            )
        ids[document.id] = stored
    return AddResult(
        new=_once(new),
        changed=_once(changed),
        known=_once(known),
        forgotten=_once(gone),
        ids=ids,
        rejected=rejected,
    )


def _is_forgotten(connection: Connection, key: str) -> bool:
    return connection.scalar(sa.select(forgotten.c.key).where(forgotten.c.key == key)) is not None


def _once(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _is_latest() -> sa.ColumnElement[bool]:
    return (versions.c.document_id == documents.c.id) & (versions.c.number == documents.c.versions)


def _insert(
    connection: Connection,
    document: Document,
    *,
    key: str,
    run: int | None,
    at: datetime,
    groups: Mapping[str, str],
) -> str:
    identity = _free_id(connection, document.id)
    document = replace(document, id=identity)
    day = day_of(document, at)
    connection.execute(
        documents.insert().values(
            id=identity,
            key=key,
            owner=groups.get(document.source or "", document.source or document.outlet),
            day=day,
            first_seen=at,
            last_seen=at,
            versions=1,
        )
    )
    _insert_version(connection, document, number=1, run=run, at=at)
    _index(connection, document, day)
    return identity


def _free_id(connection: Connection, wanted: str) -> str:
    """Return ``wanted``, or a numbered form of it where another article has it already."""
    identity, number = wanted, 1
    while connection.scalar(sa.select(documents.c.id).where(documents.c.id == identity)) is not None:
        number += 1
        identity = f"{wanted}-{number}"
    return identity


def _insert_version(
    connection: Connection, document: Document, *, number: int, run: int | None, at: datetime
) -> None:
    connection.execute(
        versions.insert().values(
            document_id=document.id,
            number=number,
            seen=at,
            run_id=run,
            checksum=checksum(document),
            document=document_to_json(document),
        )
    )
    statement = upsert(connection, unread).values(document_id=document.id, version=number)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["document_id"], set_={"version": number})
    )


def _index(connection: Connection, document: Document, day: date) -> None:
    search_index.put(
        connection,
        kind="document",
        item=document.id,
        language=document.language,
        day=day,
        title=document.title or "",
        text=document.text,
    )


def _unstorable(document: Document) -> str | None:
    """Say why no database can hold this document; None where it can."""
    if not document.text.strip():
        return "it has no text"
    texts = (document.id, document.text, document.title, document.source, document.url, document.origin)
    for text in texts:
        try:
            (text or "").encode("utf-8")
        except UnicodeEncodeError:
            return "it holds half characters (lone surrogates)"
        if text and "\0" in text:
            return "it holds NUL characters"
    return None


# --- reading ------------------------------------------------------------------------------------


def select(
    connection: Connection,
    *,
    since: date | None = None,
    until: date | None = None,
    ids: Sequence[str] | None = None,
    story: str | None = None,
) -> Iterator[StoredDocument]:
    """Yield articles in order of day, then id; see ``Archive.documents``."""
    query = (
        sa.select(documents, versions.c.document, members.c.story_id)
        .join_from(documents, versions, _is_latest())
        .outerjoin(members, members.c.document_id == documents.c.id)
        .order_by(documents.c.day, documents.c.id)
    )
    if since is not None:
        query = query.where(documents.c.day >= since)
    if until is not None:
        query = query.where(documents.c.day <= until)
    if story is not None:
        query = query.where(members.c.story_id == story)
    if ids is None:
        yield from map(_stored, connection.execute(query))
        return
    rows = [
        _stored(row)
        for chunk in chunks(list(dict.fromkeys(ids)))
        for row in connection.execute(query.where(documents.c.id.in_(chunk)))
    ]
    yield from sorted(rows, key=lambda each: (each.day, each.id))


def read_versions(connection: Connection, document_id: str) -> list[Version]:
    """Return every text that the article has had, the oldest first; empty for an unknown id."""
    rows = connection.execute(
        sa.select(versions).where(versions.c.document_id == document_id).order_by(versions.c.number)
    )
    return [
        Version(number=row.number, seen=row.seen, run=row.run_id, document=document_from_json(row.document))
        for row in rows
    ]


def _stored(row: Any) -> StoredDocument:
    document = document_from_json(row.document)
    if row.duplicate_of is not None:
        document = replace(document, duplicate_of=row.duplicate_of)
    return StoredDocument(
        document=document,
        version=row.versions,
        owner=row.owner,
        day=row.day,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        story_id=row.story_id,
    )
