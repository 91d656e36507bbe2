"""What the archive remembers beside the news: runs and what they met, sources, fetched pages, edits and votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive.database import Database, insert_row, upsert
from summarizer.archive.records import LogEntry, Page, Run, RunRecord, RunState, SourceState
from summarizer.archive.tables import pages, run_records, runs, sources
from summarizer.errors import InputError


def start_run(connection: Connection, kind: str, *, at: datetime, detail: Mapping[str, Any]) -> int:
    """Open a run; what an earlier process left open was interrupted."""
    connection.execute(runs.update().where(runs.c.state == "running").values(state="interrupted"))
    return insert_row(connection, runs, kind=kind, started=at, state="running", detail=dict(detail))


def record(connection: Connection, run: int, records: Iterable[RunRecord]) -> None:
    rows = [
        {
            "run_id": run,
            "source": each.source,
            "outcome": each.outcome,
            "subject": each.subject,
            "reason": each.reason,
        }
        for each in records
    ]
    if rows:
        connection.execute(run_records.insert(), rows)


def finish_run(
    connection: Connection, run: int, *, at: datetime, state: RunState, detail: Mapping[str, Any]
) -> None:
    known = connection.scalar(sa.select(runs.c.detail).where(runs.c.id == run))
    if known is None:
        raise InputError(f"the archive has no run {run}")
    connection.execute(
        runs.update().where(runs.c.id == run).values(finished=at, state=state, detail={**known, **detail})
    )


def read_runs(connection: Connection, *, limit: int | None) -> list[Run]:
    rows = connection.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(limit))
    return [Run(**row._mapping) for row in rows]


def read_records(connection: Connection, run: int) -> list[RunRecord]:
    rows = connection.execute(
        sa.select(run_records).where(run_records.c.run_id == run).order_by(run_records.c.id)
    )
    return [
        RunRecord(source=row.source, outcome=row.outcome, subject=row.subject, reason=row.reason)
        for row in rows
    ]


class Log:
    """A list that is only ever added to: the edits, the votes. Every method is one transaction."""

    def __init__(self, database: Database, table: sa.Table) -> None:
        self._database = database
        self._table = table

    def add(self, subject: str, data: Mapping[str, Any], *, at: datetime, by: str = "") -> int:
        """Add an entry about ``subject`` (such as ``brief:12/story:s3``) and return its number."""
        with self._database.write() as connection:
            return insert_row(connection, self._table, at=at, subject=subject, by=by, data=dict(data))

    def list(self, subject: str | None = None) -> list[LogEntry]:
        """Return the entries, about ``subject`` only or all, the oldest first."""
        query = sa.select(self._table).order_by(self._table.c.id)
        if subject is not None:
            query = query.where(self._table.c.subject == subject)
        with self._database.read() as connection:
            return [LogEntry(**row._mapping) for row in connection.execute(query)]


class Sources:
    """What is remembered of the sources. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> SourceState:
        """Return what is known of a source; a blank state for a new one."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(sources).where(sources.c.name == name)).one_or_none()
        return SourceState(name=name) if row is None else SourceState(**row._mapping)

    def put(self, state: SourceState) -> None:
        """Remember the state of a source, in place of what was known."""
        values = {column.name: getattr(state, column.name) for column in sources.columns}
        values["data"] = dict(state.data)
        with self._database.write() as connection:
            statement = upsert(connection, sources).values(values)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={name: values[name] for name in values if name != "name"}
                )
            )

    def list(self) -> list[SourceState]:
        """Return the states of all sources by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(sources).order_by(sources.c.name))
            return [SourceState(**row._mapping) for row in rows]


class Pages:
    """Fetched pages by URL. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, url: str) -> Page | None:
        """Return the page as it was last fetched, or None."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(pages).where(pages.c.url == url)).one_or_none()
        return None if row is None else Page(**row._mapping)

    def put(self, page: Page) -> None:
        """Keep a page in place of its earlier form."""
        values = {
            "fetched": page.fetched,
            "status": page.status,
            "headers": dict(page.headers),
            "body": page.body,
        }
        with self._database.write() as connection:
            statement = upsert(connection, pages).values(url=page.url, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))
