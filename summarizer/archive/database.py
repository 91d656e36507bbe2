"""The connection: SQLite by default, PostgreSQL by URL; one transaction a step, one writer at a time.

SQLite runs with a write-ahead log, so that readers (the workbench) and the writer (the night's run) do not wait for
each other, and with ``synchronous=FULL``: with NORMAL a power cut may take the last transactions back, and a publication
that was marked as sent would be sent again. A step is one fsync, and a day has few steps.

Every writing transaction takes the write lock at its start (``BEGIN IMMEDIATE``; in PostgreSQL an advisory lock of the
schema). So a step never fails half-way because another one got there first, and the numbers that rows are given grow
in the order in which the steps were committed.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url

from summarizer.errors import ArchiveError

#: Seconds that a step waits for the write lock of another process before it gives up.
BUSY_SECONDS: Final = 30.0
#: Ids in one IN (...): SQLite takes 32,766 parameters, older builds 999.
IN_CHUNK: Final = 500


class Database:
    """An archive's database and its two kinds of transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def connect(cls, where: str | Path, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Return the database at a path or URL. Raises ``ArchiveError`` where none can be there."""
        return cls(_engine(_url(where), busy_seconds=busy_seconds))

    @property
    def name(self) -> str:
        """What messages call it: the path, or the URL without the password."""
        url = self.engine.url
        return url.database or "memory" if self.is_sqlite else url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the archive, whatever is written meanwhile."""
        with self._explained(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock. All of what is done with it happens, or nothing."""
        with self._explained(), self.engine.connect() as connection:
            connection = connection.execution_options(mujaz_write=True)
            with connection.begin():
                yield connection

    def compact(self) -> None:
        """Give freed space back to the disk: SQLite rewrites its file; PostgreSQL sees to it by itself."""
        if self.is_sqlite:
            with self._explained(), self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.execute("VACUUM")  # not inside a transaction

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the driver says into one line that names the archive and what to do."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise ArchiveError(f"archive {self.name}: {_advice(error)}") from error


def upsert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT of ``table`` that has ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_row(connection: Connection, table: sa.Table, **values: Any) -> int:
    """Insert one row and return the number it was given."""
    return int(connection.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())


def chunks(items: Sequence[Any], size: int = IN_CHUNK) -> Iterator[Sequence[Any]]:
    """Yield ``items`` in pieces that fit into one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def get_setting(connection: Connection, name: str) -> str | None:
    from summarizer.archive.tables import settings

    return connection.scalar(sa.select(settings.c.value).where(settings.c.name == name))


def put_setting(connection: Connection, name: str, value: str) -> None:
    from summarizer.archive.tables import settings

    statement = upsert(connection, settings).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def _url(where: str | Path) -> URL:
    text = str(where)
    if "://" not in text:
        path = Path(text).expanduser()
        if not path.parent.is_dir():
            raise ArchiveError(f"archive {path}: there is no folder {path.parent}; make it first")
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(text)
    except sa.exc.ArgumentError as error:
        raise ArchiveError(f"archive {text!r}: not a URL of a database") from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ArchiveError(f"archive {text!r}: SQLite (a path) and postgresql:// are supported")
    return url


def _engine(url: URL, *, busy_seconds: float) -> Engine:
    dump = functools.partial(json.dumps, ensure_ascii=False)
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, json_serializer=dump, connect_args={"timeout": busy_seconds})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = sa.create_engine(url, json_serializer=dump, pool_pre_ping=True)
    except ImportError as error:
        raise ArchiveError(
            "PostgreSQL needs a driver that is not installed: pip install 'mujaz[postgres]'"
        ) from error
    lock_timeout = round(busy_seconds * 1000)

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("mujaz_write"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {lock_timeout}")
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")

    sa.event.listen(engine, "begin", begin)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say when a transaction begins; see ``_begin_sqlite``
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("mujaz_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


_ADVICE: Final[Mapping[str, str]] = {
    "database is locked": "another process is writing to it; try again when that has finished",
    "lock timeout": "another process is writing to it; try again when that has finished",
    "database or disk is full": "the disk is full; nothing of this step was stored",
    "no space left": "the disk is full; nothing of this step was stored",
    "file is not a database": "not an archive (nor any other SQLite database)",
    "unable to open database file": "it cannot be opened; check the path and its permissions",
    "readonly database": "it cannot be written to; check its permissions",
    "malformed": "it is damaged; restore a copy or an export (`mujaz archive import`)",
}


def _advice(error: sa.exc.DBAPIError) -> str:
    said = " ".join(str(error.orig).split())
    for sign, advice in _ADVICE.items():
        if sign in said.lower():
            return f"{advice} ({said})"
    return said
