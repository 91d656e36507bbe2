"""The outbox: what is to be sent, so that each publication goes out, and none goes out twice.

A publication is queued in the transaction that stores its brief. Before it is handed to a channel it is marked as
``sending``; what is found in that state after a crash may have been sent or not and becomes ``uncertain``: it is
not sent again unless the channel says it never came (or takes an idempotency key, so that twice is once).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive.database import Database, upsert
from summarizer.archive.records import OutboxItem, OutboxState, Publication
from summarizer.archive.tables import outbox
from summarizer.errors import InputError


def enqueue(
    connection: Connection, publications: Iterable[Publication], *, brief_id: int | None, at: datetime
) -> None:
    """Queue what is not queued yet; a key that the outbox has ever had is passed over.

    Raises ``InputError`` for a payload that is not JSON.
    """
    for each in publications:
        try:
            json.dumps(dict(each.payload))
        except (TypeError, ValueError) as error:
            raise InputError(f"publication {each.key}: its payload is not JSON: {error}") from error
        statement = upsert(connection, outbox).values(
            key=each.key,
            brief_id=brief_id,
            channel=each.channel,
            payload=dict(each.payload),
            state="pending",
            attempts=0,
            created=at,
            updated=at,
            next_at=at,
            error="",
        )
        connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


class Outbox:
    """The publications of an archive. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, publications: Sequence[Publication], *, at: datetime, brief_id: int | None = None) -> None:
        """Queue publications that belong to no new brief; a key that was ever queued is passed over."""
        with self._database.write() as connection:
            enqueue(connection, publications, brief_id=brief_id, at=at)

    def claim(self, *, now: datetime) -> OutboxItem | None:
        """Take the next publication that is due, marked as ``sending``, or None.

        Whoever takes it must end it with ``sent``, ``retry``, ``uncertain`` or ``fail``. A clock that was set back
        does not hold publications up: one that was last touched in the future is due.
        """
        due = (outbox.c.next_at <= now) | (outbox.c.updated > now)
        query = sa.select(outbox.c.id).where(outbox.c.state == "pending", due).order_by(outbox.c.id)
        with self._database.write() as connection:
            number = connection.scalar(query.limit(1))
            if number is None:
                return None
            connection.execute(
                outbox.update()
                .where(outbox.c.id == number)
                .values(state="sending", attempts=outbox.c.attempts + 1, updated=now)
            )
            return _item(connection.execute(sa.select(outbox).where(outbox.c.id == number)).one())

    def sent(self, number: int, *, at: datetime) -> None:
        """The channel has it. Final."""
        self._end(number, "sent", at=at, error="")

    def retry(self, number: int, *, at: datetime, next_at: datetime, error: str) -> None:
        """It was certainly not sent: to be tried again at ``next_at``. Also brings back what failed or is uncertain."""
        self._end(number, "pending", at=at, error=error, next_at=next_at)

    def uncertain(self, number: int, *, at: datetime, error: str) -> None:
        """It may have been sent: not to be tried again without ``retry``."""
        self._end(number, "uncertain", at=at, error=error)

    def fail(self, number: int, *, at: datetime, error: str) -> None:
        """It was not sent and will not be (bad address, too many attempts), unless ``retry`` brings it back."""
        self._end(number, "failed", at=at, error=error)

    def recover(self, *, at: datetime) -> tuple[OutboxItem, ...]:
        """Mark what a dead process left in ``sending`` as ``uncertain`` and return it. Call it under the archive's lock."""
        with self._database.write() as connection:
            left = connection.scalars(sa.select(outbox.c.id).where(outbox.c.state == "sending")).all()
            connection.execute(
                outbox.update()
                .where(outbox.c.state == "sending")
                .values(state="uncertain", updated=at, error="the process ended while sending")
            )
            rows = connection.execute(sa.select(outbox).where(outbox.c.id.in_(left)).order_by(outbox.c.id))
            return tuple(map(_item, rows))

    def list(self, *, state: OutboxState | None = None, key: str | None = None) -> list[OutboxItem]:
        """Return the publications, the oldest first."""
        query = sa.select(outbox).order_by(outbox.c.id)
        if state is not None:
            query = query.where(outbox.c.state == state)
        if key is not None:
            query = query.where(outbox.c.key == key)
        with self._database.read() as connection:
            return [_item(row) for row in connection.execute(query)]

    def _end(
        self,
        number: int,
        state: OutboxState,
        *,
        at: datetime,
        error: str,
        next_at: datetime | None = None,
    ) -> None:
        values = {"state": state, "updated": at, "error": error}
        if next_at is not None:
            values["next_at"] = next_at
        with self._database.write() as connection:
            chosen = (outbox.c.id == number) & (outbox.c.state != "sent")
            if connection.execute(outbox.update().where(chosen).values(**values)).rowcount == 0:
                raise InputError(f"publication {number} is not in the outbox, or was sent already")


def _item(row: sa.Row[tuple[object, ...]]) -> OutboxItem:
    return OutboxItem(**row._mapping)
