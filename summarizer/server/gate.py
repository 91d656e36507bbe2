"""A turnstile for work that is too short for a job: a few at a time, clients in turn, a bounded crowd outside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from summarizer.errors import BusyError
from summarizer.server.line import FairLine

#: Requests of one client, and of all, that may wait or work at once.
CLIENT_LIMIT, CROWD_LIMIT = 4, 64
_RETRY_SECONDS: Final = 5


class Gate:
    """Lets ``width`` requests work at once and the others wait, round robin over clients. For one event loop."""

    def __init__(self, width: int = 1) -> None:
        self._free = width
        self._line: FairLine[asyncio.Future[None]] = FairLine()
        self._inside: Counter[str] = Counter()  # waiting or working, by client

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises ``BusyError`` where too many wait already."""
        if self._inside[client] >= CLIENT_LIMIT:
            raise BusyError(
                f"you have {CLIENT_LIMIT} requests that wait; let one end first",
                code="client_limit",
                retry_after=_RETRY_SECONDS,
            )
        if self._inside.total() >= CROWD_LIMIT:
            raise BusyError(
                "the server is busy; try again later", code="queue_full", retry_after=_RETRY_SECONDS
            )
        self._inside[client] += 1
        try:
            await self._enter(client)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._inside -= Counter({client: 1})  # a client at zero is forgotten

    async def _enter(self, client: str) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._line.add(client, mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                self._leave()  # the turn came at the same moment
            else:
                with suppress(ValueError):  # `_leave` may have passed over it already
                    self._line.remove(client, mine)
            raise

    def _leave(self) -> None:
        while len(self._line):
            following = self._line.take()
            if not following.done():  # who was cancelled this moment still stands in line
                following.set_result(None)
                return
        self._free += 1
