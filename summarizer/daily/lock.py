"""One run at a time for an archive. The lock goes with its process, however that ends: nothing has to be cleaned up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from summarizer.archive import Archive
from summarizer.errors import LockedError


@contextmanager
def exclusive(archive: Archive) -> Iterator[None]:
    """Hold the lock of ``archive``: a lock file beside an SQLite file, an advisory lock in PostgreSQL.

    Raises ``LockedError`` at once where another run holds it.
    """
    if archive.database.is_sqlite:
        with _file_lock(Path(f"{archive.database.engine.url.database}.lock")):
            yield
        return
    with archive.database.engine.connect() as connection:
        # Such locks are the database's; an archive is a schema of it.
        schema = connection.scalar(sa.select(sa.func.current_schema()))
        number = int.from_bytes(
            hashlib.sha256(f"mujaz daily {schema}".encode()).digest()[:8], "big", signed=True
        )
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
            raise LockedError(f"archive {archive.database.name}: another run is at work on it")
        connection.commit()
        try:
            yield
        finally:
            connection.scalar(sa.select(sa.func.pg_advisory_unlock(number)))
            connection.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LockedError(f"{path.name.removesuffix('.lock')}: another run is at work on it") from error
        yield
