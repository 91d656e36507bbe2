"""What clustering remembers of articles, kept so that a day's update does not read the whole window again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer import cluster
from summarizer.archive.database import chunks, upsert
from summarizer.archive.documents import select
from summarizer.archive.tables import documents, vectors
from summarizer.cluster import OnlineClusterer, ReadReport
from summarizer.schema import Document

#: Raise it where a change of the clusterer's reading would not show in the constants below.
_READING: Final = 1


@cache
def form() -> str:
    """Return what vectors are made with now; those of another form are made anew."""
    constants = (cluster.TITLE_WEIGHT, cluster.LEAD_WEIGHT, cluster.LEAD_WORDS, cluster.COUNT_POWER)
    return ":".join(map(str, (_READING, cluster.default_background().reports, *constants)))


def dated(document: Document, day: date) -> Document:
    """Return the document as of the day it counts for, where it gives none or one that cannot be."""
    if (document.published or "")[:10] == day.isoformat():
        return document
    return replace(document, published=day.isoformat())


def load(connection: Connection, ids: Sequence[str]) -> dict[str, ReadReport]:
    """Return what is kept of these articles in their current version; some may be missing."""
    found: dict[str, ReadReport] = {}
    for part in chunks(ids):
        rows = connection.execute(
            sa.select(vectors.c.data, documents.c.id, documents.c.duplicate_of)
            .join(documents, documents.c.id == vectors.c.document_id)
            .where(
                vectors.c.document_id.in_(part),
                vectors.c.version == documents.c.versions,
                vectors.c.form == form(),
            )
        )
        for row in rows:
            found[row.id] = unpack(row.data, duplicate_of=row.duplicate_of)
    return found


def read(connection: Connection, ids: Sequence[str]) -> tuple[dict[str, ReadReport], dict[str, int]]:
    """Return what clustering remembers of these articles, read now where it is not kept.

    The second value maps those that were read now to their versions, for ``save``.
    """
    found = load(connection, ids)
    reader = OnlineClusterer()
    versions: dict[str, int] = {}
    for each in select(connection, ids=[each for each in ids if each not in found]):
        found[each.id] = reader.read(dated(each.document, each.day))
        versions[each.id] = each.version
    return found, versions


def save(connection: Connection, reports: Mapping[str, ReadReport], *, versions: Mapping[str, int]) -> None:
    """Keep what was read of the articles in ``versions``, and of which version of each it is."""
    for identity, version in versions.items():
        values = {"version": version, "form": form(), "data": pack(reports[identity])}
        statement = upsert(connection, vectors).values(document_id=identity, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=values))


def pack(report: ReadReport) -> bytes:
    """Return a report in few bytes; ``unpack`` gives the same one, to the last bit of its weights."""
    plain = asdict(report)
    del plain["duplicate_of"]
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def unpack(data: bytes, *, duplicate_of: str | None) -> ReadReport:
    """Return what ``pack`` packed. Links to originals change with the window and are kept elsewhere."""
    return ReadReport(**json.loads(zlib.decompress(data)), duplicate_of=duplicate_of)
