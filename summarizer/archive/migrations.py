"""The steps by which an archive comes to its present form, forwards only. A step is never changed once released.

Each step runs in one transaction with the record that it ran, so a killed upgrade is a step that did not happen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index, tables
from summarizer.archive.database import Database
from summarizer.errors import ArchiveError


class Step(NamedTuple):
    """A numbered step (1, 2, ...) and what it does."""

    name: str
    apply: Callable[[Connection], None]


def _create_base(connection: Connection) -> None:
    later = {"migrations", "entries", "story_words"}
    made = [table for table in tables.metadata.sorted_tables if table.name not in later]
    tables.metadata.create_all(connection, tables=made)


def _create_search(connection: Connection) -> None:
    tables.metadata.create_all(connection, tables=[tables.entries, tables.story_words])
    search_index.create(connection)
    search_index.rebuild(connection)


STEPS: Final = (
    Step("documents, stories, briefs, runs and the outbox", _create_base),
    Step("search, and the words that stories are known by", _create_search),
)


def migrate(database: Database, *, upto: int | None = None) -> int:
    """Bring the archive to version ``upto`` (by default the newest) and return it.

    Raises ``ArchiveError`` for an archive of a later version of Mujaz, and for a database of something else.
    """
    target = len(STEPS) if upto is None else upto
    with database.read() as connection:
        version = current_version(connection)
        if version == target:
            return version
        if version == 0 and sa.inspect(connection).has_table("documents"):
            raise ArchiveError(f"archive {database.name}: this database belongs to another program")
    if version > len(STEPS):
        raise ArchiveError(
            f"archive {database.name}: made by a later version of Mujaz (form {version}; this one knows "
            f"{len(STEPS)}); upgrade Mujaz"
        )
    for number in range(version + 1, target + 1):
        with database.write() as connection:
            if current_version(connection) >= number:
                continue  # another process was faster
            if number == 1:
                tables.migrations.create(connection)
            STEPS[number - 1].apply(connection)
            connection.execute(
                tables.migrations.insert().values(
                    number=number, name=STEPS[number - 1].name, applied=datetime.now(UTC)
                )
            )
    return target


def current_version(connection: Connection) -> int:
    """Return the number of the last step that the archive has seen; 0 for an empty database."""
    if not sa.inspect(connection).has_table("migrations"):
        return 0
    return connection.scalar(sa.select(sa.func.max(tables.migrations.c.number))) or 0
