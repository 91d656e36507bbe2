"""Following a job from the event loop: as ``JobQueue.events`` does in a thread, without one for each who waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.concurrency import run_in_threadpool

from summarizer.server.jobs import FINAL, Event, JobQueue

#: Seconds after which a follower without news looks whether anybody still listens.
_LOOK_SECONDS: Final = 1.0


class Pulse:
    """Wakes the followers of one event loop when the queue has news, so that waiting costs neither threads nor turns."""

    def __init__(self, queue: JobQueue) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        queue.listen(self._news)

    async def wait(self, seconds: float, *, unless: Callable[[], bool]) -> None:
        """Wait for news, at most so long, and not at all where ``unless`` is already true."""
        self._loop = asyncio.get_running_loop()
        mine = self._loop.create_future()
        self._waiting.add(mine)
        try:
            if not unless():  # asked now that any later news would wake us
                await asyncio.wait([mine], timeout=seconds)
        finally:
            self._waiting.discard(mine)

    def _news(self) -> None:
        """Hear of news, in whatever thread."""
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # the loop closes this moment
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


async def follow(
    queue: JobQueue, pulse: Pulse, job_id: str, *, after: int = 0
) -> AsyncIterator[Event | None]:
    """Yield the events of a job above ``after``, and None whenever there is nothing new; end after a final one.

    Raises ``UnknownJobError``, also where the job is forgotten meanwhile.
    """
    while True:
        ended = (
            queue.closing or queue.state(job_id) in FINAL
        )  # asked before, so that the last events are seen
        if queue.last_event(job_id) > after:
            for event in await run_in_threadpool(list, queue.events(job_id, after=after, timeout=0)):
                after = event.number
                yield event
                if event.kind in FINAL:
                    return
        elif ended:
            return
        else:
            yield None
            await pulse.wait(_LOOK_SECONDS, unless=partial(_has_news, queue, job_id, after))


def _has_news(queue: JobQueue, job_id: str, after: int) -> bool:
    return queue.closing or queue.last_event(job_id) > after
