"""Batches that run side by side: in threads, because what computes them lets go of Python's lock meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
