"""A job as a stream of HTML: its place in the queue, its progress, its stories as they come, at last its cards.

The queue keeps the events of a job, so whoever asks gets the whole of it: a page that was reloaded, and one whose
server was restarted, follow their job as if nothing had been.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from summarizer.errors import JobError, UnknownJobError
from summarizer.schema import Brief
from summarizer.server.jobs import FINAL, Event, Job, JobQueue
from summarizer.server.requests import BriefRequest
from ui.cards import current_stage, render_brief, render_message, render_progress
from ui.texts import Texts

#: Seconds between looks at the queue: quick enough to seem live, slow enough for 20 pages at once.
LOOK_SECONDS: Final = 0.3
#: Characters of HTML that are worth one more such pause, and the longest pause in seconds: each update is drawn anew in
#: the browser, and that of 200 reports is large.
_LARGE: Final = 100_000
_SLOWEST: Final = 3.0


@dataclass(slots=True)
class _Seen:
    """What the events so far come to."""

    number: int = 0
    kind: str = "queued"
    position: int = 0
    progress: dict[str, tuple[int, int]] = field(default_factory=dict)
    stories: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        self.number, self.kind = event.number, event.kind
        data = event.data
        if event.kind == "queued":
            self.position = data["position"]
            self.progress.clear()  # after a restart it begins anew
        elif event.kind == "progress":
            self.position = 0
            self.progress[data["stage"]] = (data["done"], data["total"])
        elif event.kind == "story":
            self.stories[data["story"]["id"]] = data["story"]


async def follow(queue: JobQueue, job_id: str, *, texts: Texts) -> AsyncIterator[str]:
    """Yield the page's HTML each time that the job has got further; the last is its brief, or why there is none."""
    seen = _Seen()
    try:
        job = queue.get(job_id)
        while True:
            events = list(queue.events(job_id, after=seen.number, timeout=0))
            for event in events:
                seen.take(event)
            if seen.kind in FINAL or job.state in FINAL:
                break
            pause = LOOK_SECONDS
            if events or seen.number == 0:
                html = await asyncio.to_thread(_running, seen, job_id, texts)
                pause = min(_SLOWEST, pause * (1 + len(html) / _LARGE))
                yield html
            await asyncio.sleep(pause)
            job = queue.get(job_id)
        yield await asyncio.to_thread(_ended, queue, job_id, texts)
    except UnknownJobError:
        yield render_message(texts("run.gone"), texts=texts, state="gone", job=job_id)


async def run_job(
    queue: JobQueue,
    request: BriefRequest,
    *,
    client: str,
    tell: Callable[[Job], Awaitable[None]] | None = None,
) -> Brief:
    """Run a request in its turn and return its brief; ``tell`` is shown the job at each look.

    A caller that goes away takes its job along. Raises ``BusyError``, and ``JobError`` with what the job failed with.
    """
    job = await asyncio.to_thread(queue.submit, request, client=client)
    try:
        while job.state not in FINAL:
            if tell is not None:
                await tell(job)
            await asyncio.sleep(LOOK_SECONDS)
            job = queue.get(job.id)
    except asyncio.CancelledError:
        queue.cancel(job.id)
        raise
    if job.brief is None:
        raise JobError(job.error.message if job.error else f"the job was {job.state}")
    return job.brief


def _running(seen: _Seen, job_id: str, texts: Texts) -> str:
    if seen.progress:
        line = texts(f"run.stage.{current_stage(seen.progress)}")
    elif seen.position:
        line = texts("run.queued", position=seen.position)
    else:
        line = texts("run.starting")
    return render_progress(
        texts=texts,
        job=job_id,
        state="running" if seen.progress else "queued",
        line=line,
        progress=seen.progress,
        stories=seen.stories.values(),
    )


def _ended(queue: JobQueue, job_id: str, texts: Texts) -> str:
    job = queue.get(job_id)
    if job.brief is not None:
        return render_brief(job.brief, texts=texts, job=job_id)
    if job.state == "cancelled":
        return render_message(texts("run.cancelled"), texts=texts, state="cancelled", job=job_id)
    reason = job.error.message if job.error else job.state
    return render_message(f"{texts('run.failed')}: {reason}", texts=texts, state="failed", job=job_id)
