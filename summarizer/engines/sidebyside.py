"""Batches that run side by side: in threads, because what computes them lets go of Python's lock meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from summarizer.engines.pauses import pause

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")


def side_by_side(
    run: Callable[[JobT], ResultT], jobs: Sequence[JobT], *, workers: int
) -> Iterator[tuple[JobT, ResultT]]:
    """Yield each job with what ``run`` made of it, in the order of ``jobs``; ``workers`` of them run at a time.

    Between two jobs the caller of the whole may look in (``pauses``). What ``run`` or the caller raises ends it: jobs
    that wait are given up, those at work are waited for.
    """
    if workers == 1 or len(jobs) == 1:
        for job in jobs:
            pause()
            yield job, run(job)
        return
    running: deque[tuple[JobT, Future[ResultT]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for job in jobs:
                pause()
                running.append((job, pool.submit(run, job)))
                if len(running) > workers:  # one waits, so that no worker does
                    first, future = running.popleft()
                    yield first, future.result()
            while running:
                first, future = running.popleft()
                yield first, future.result()
        finally:
            for _, future in running:
                future.cancel()


def from_both_ends(ordered: Sequence[JobT]) -> list[JobT]:
    """Return jobs that grow in size in a good order to run: the largest, the smallest, the second largest, and so on.

    Large ones need ``Room``: beside each goes a small one. The middling ones come last, so the workers end together.
    """
    half = len(ordered) // 2
    mixed = list(ordered)
    mixed[::2] = reversed(ordered[half:])
    mixed[1::2] = ordered[:half]
    return mixed


class Room:
    """Room for so much work at a time, in the order in which it comes; what is larger than the room has it alone."""

    def __init__(self) -> None:
        self._turn = threading.Lock()  # held by the one who waits: nobody overtakes, so nobody waits for ever
        self._changed = threading.Condition()
        self._taken = 0

    @contextmanager
    def taken(self, amount: int, *, of: int) -> Iterator[None]:
        """Wait until ``amount`` finds room in a room of size ``of``, and hold it."""
        with self._turn, self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + amount <= of)
            self._taken += amount
        try:
            yield
        finally:
            with self._changed:
                self._taken -= amount
                self._changed.notify_all()
