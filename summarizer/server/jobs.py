"""The job queue: fair among clients, bounded, cancellable, and taken up again after a restart.

Briefs take seconds to minutes, so the page and the API put requests into one queue, and one worker (or a few) runs
them. What happens to a job is a list of numbered events, which a caller reads from wherever it left off. Everything
large lies in files (``spool``): requests until they are run, briefs until they expire. Memory holds a few small
records a job, and the events of the jobs that are not finished.
"""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, cast

from summarizer.engines.pauses import between_batches
from summarizer.errors import BusyError, CancelledError, JobError, MujazError, UnknownJobError
from summarizer.fetch import Fetcher
from summarizer.models import Registry
from summarizer.schema import Brief, Story
from summarizer.server.line import FairLine
from summarizer.server.problems import INTERNAL, error_code
from summarizer.server.requests import BriefRequest, GlossaryRow, run_brief
from summarizer.server.spool import Ending, Entry, Spool

logger = logging.getLogger(__name__)

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
EventKind = Literal["queued", "progress", "story", "done", "failed", "cancelled"]
FINAL: Final[frozenset[str]] = frozenset({"done", "failed", "cancelled"})

#: A job during which the server died so often is not tried again: it may be what kills it.
MOST_STARTS: Final = 3
#: Finished jobs that are remembered, whatever their age: bounds the disk as ``queue_limit`` bounds the queue.
MOST_FINISHED: Final = 500
#: Bytes of all requests that wait or run together: they lie on disk.
MOST_BYTES: Final = 1_000_000_000
#: Seconds between looks for expired results while there is nothing to do.
_SWEEP_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a job. Numbers grow, with gaps: only the latest progress of a stage is kept.

    ``data``: queued ``position`` (and ``resumed: true`` after a restart of the server); progress ``stage``, ``done``,
    ``total``; story ``story`` (its JSON) and ``final`` (false: Arabic only, so far); failed ``message``, ``code``.
    """

    number: int
    kind: EventKind
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job failed: a line for people, a word for programs."""

    message: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it was when it was asked for."""

    id: str
    state: JobState
    position: int  # 1: next; 0: does not wait any more
    client: str
    submitted: datetime
    finished: datetime | None = None
    events_count: int = 0  # the number of the last event
    progress: dict[str, Any] | None = None  # the last progress event's data
    brief: Brief | None = None
    error: Failure | None = None


class Reporter:
    """What a running job tells. Each call raises ``CancelledError`` where the job is to stop."""

    def __init__(
        self, emit: Callable[[EventKind, dict[str, Any]], None], stopped: Callable[[], bool]
    ) -> None:
        self._emit = emit
        self._stopped = stopped
        self._shown: set[str] = set()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Report progress, as ``pipeline.Progress``."""
        self.check()
        self._emit("progress", {"stage": stage, "done": done, "total": total})

    def story(self, story: Story) -> None:
        """Show the Arabic of a story, as ``pipeline.OnStory``. The finished ones are told from the brief."""
        self.check()
        if story.id not in self._shown:
            self._shown.add(story.id)
            self._emit("story", {"story": asdict(story), "final": False})

    def check(self) -> None:
        """Raise ``CancelledError`` where the job is to stop."""
        if self._stopped():
            raise CancelledError("the job was cancelled")


Run = Callable[[BriefRequest, Reporter], Brief]


def runner(registry: Registry, *, fetcher: Fetcher | None = None) -> Run:
    """Return what a queue runs: ``run_brief`` with these models.

    Sets how the threads of a model that is loaded from now on wait for each other: asleep. By default they spin, and on
    cores that they share with a web server each turn of another thread then costs them a slice of time at every step:
    20 followed jobs on 2 busy cores took twelve times the processor time.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

    def run(request: BriefRequest, reporter: Reporter) -> Brief:
        with between_batches(reporter.check):  # translating reports its progress less often than every minute
            return run_brief(
                request,
                registry=registry,
                fetcher=fetcher,
                progress=reporter.progress,
                on_story=reporter.story,
            )

    return run


@dataclass(slots=True, kw_only=True)
class _Record:
    """What memory holds of a job; guarded by the queue's lock."""

    id: str
    client: str
    submitted: float
    size: int = 0  # bytes of the request
    state: JobState = "queued"
    position: int = 0
    finished: float | None = None
    events: list[Event] = field(default_factory=list)
    last: int = 0
    stop: bool = False
    error: Failure | None = None
    resumed: bool = False

    def add(self, kind: EventKind, data: dict[str, Any]) -> None:
        """Append an event, in place of the one that it supersedes."""
        superseded = [
            each
            for each in self.events
            if each.kind == kind
            and (kind == "queued" or (kind == "progress" and each.data["stage"] == data["stage"]))
        ]
        for each in superseded:
            self.events.remove(each)
        self.last += 1
        self.events.append(Event(number=self.last, kind=kind, data=data))

    def finish(self, state: JobState, *, finished: float, last: int, error: Failure | None) -> None:
        """End the job with the final event; what was shown of its stories is in the brief now, or of no use."""
        data = {} if error is None else {"message": error.message, "code": error.code}
        final = Event(number=last, kind=cast(EventKind, state), data=data)
        self.events = [*(each for each in self.events if each.kind != "story"), final]
        self.state, self.finished, self.last, self.error, self.position = state, finished, last, error, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of running a job; ``queued``: nothing, because the queue closes."""

    state: JobState
    brief: Brief | None = None
    error: Failure | None = None
    glossary: tuple[GlossaryRow, ...] = ()  # that the brief was made with


class JobQueue:
    """Runs requests in fair order: round robin over clients, first come first served within one.

    ``run`` makes a brief of a request; ``workers`` threads call it. ``queue_limit`` bounds the jobs that wait,
    ``client_limit`` the unfinished jobs of one client, and results are kept for ``keep_seconds``. With a ``folder``,
    unfinished jobs outlive the process and are run again, under the same id, by the next queue on that folder.
    Raises ``ConfigError`` where the folder cannot be used. Safe to share between threads.
    """

    def __init__(
        self,
        run: Run,
        *,
        folder: Path | None = None,
        workers: int = 1,
        queue_limit: int = 64,
        client_limit: int = 4,
        keep_seconds: float = 3600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._run, self._clock = run, clock
        self._queue_limit, self._client_limit, self._keep_seconds = queue_limit, client_limit, keep_seconds
        self._temporary = tempfile.TemporaryDirectory(prefix="mujaz-jobs-") if folder is None else None
        self._spool = Spool(folder or Path(self._temporary.name if self._temporary else ""))
        self._records: dict[str, _Record] = {}
        self._line: FairLine[str] = FairLine()
        self._changed = threading.Condition()
        self._closing = False
        self._observers: list[Callable[[Job], None]] = []
        self._listeners: list[Callable[[], None]] = []
        self._resume()
        self._workers = [
            threading.Thread(target=self._work, name=f"mujaz-job-{number}", daemon=True)
            for number in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    # --- what callers do ------------------------------------------------------------------------

    def submit(self, request: BriefRequest, *, client: str) -> Job:
        """Put a request into the queue. Raises ``BusyError``, and ``JobError`` where it cannot be kept."""
        body = request.model_dump_json()
        record = _Record(
            id=secrets.token_urlsafe(16), client=client, submitted=self._clock(), size=len(body.encode())
        )
        with self._changed:
            self._sweep()
            self._admit(record)
            self._records[record.id] = record  # its place is taken while the request is written
        try:
            entry = Entry(id=record.id, client=client, submitted=record.submitted, size=record.size)
            self._spool.save_request(entry, body)
        except OSError as error:
            with self._changed:
                del self._records[record.id]
            raise JobError(f"the job cannot be kept: {error.strerror or error}") from error
        with self._changed:
            self._line.add(client, record.id)
            self._tell_positions()
            return self._snapshot(record)

    def get(self, job_id: str) -> Job:
        """Return a job as it is now, with its brief once it is done. Raises ``UnknownJobError``."""
        with self._changed:
            self._sweep()
            job = self._snapshot(self._find(job_id))
        return replace(job, brief=self._spool.brief(job_id)) if job.state == "done" else job

    def glossary(self, job_id: str) -> tuple[GlossaryRow, ...]:
        """Return the glossary that a job's brief was made with, () for none. Raises ``UnknownJobError``."""
        with self._changed:
            self._find(job_id)
        return self._spool.glossary(job_id)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: at once where it waits, at its next report where it runs; one that ended stays as it is."""
        with self._changed:
            record = self._find(job_id)
            waits = record.position > 0
            if waits:
                self._line.remove(record.client, job_id)
                record.position = 0
                self._tell_positions()
            record.stop = True
        if waits:
            self._end(record, _Outcome(state="cancelled"))
        return self.get(job_id)

    def discard(self, job_id: str) -> Job | None:
        """Cancel a job that has not ended and return it; forget one that has, its result too, and return None."""
        with self._changed:
            if self._find(job_id).state in FINAL:
                self._forget(job_id)
                return None
        return self.cancel(job_id)

    def events(self, job_id: str, *, after: int = 0, timeout: float | None = None) -> Iterator[Event]:
        """Yield the events numbered above ``after``, those to come too; end after a final one.

        ``timeout``: end also after so many seconds without an event (0: yield what there is). Ends when the queue
        is closed. Raises ``UnknownJobError``, at once.
        """
        with self._changed:
            self._find(job_id)
        return self._follow(job_id, after, timeout)

    def observe(self, observer: Callable[[Job], None]) -> None:
        """Call ``observer`` with every job that ends from now on, its brief with it."""
        self._observers.append(observer)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever any job has a new event; it must be quick, for the queue waits."""
        with self._changed:
            self._listeners.append(listener)

    def state(self, job_id: str) -> JobState:
        """Return the state of a job. Raises ``UnknownJobError``."""
        with self._changed:
            return self._find(job_id).state

    def last_event(self, job_id: str) -> int:
        """Return the number of a job's last event. Raises ``UnknownJobError``."""
        with self._changed:
            return self._find(job_id).last

    @property
    def closing(self) -> bool:
        """Whether ``close`` was called."""
        return self._closing

    def counts(self) -> dict[JobState, int]:
        """Return how many jobs there are in each state."""
        counts: dict[JobState, int] = {"queued": 0, "running": 0, "done": 0, "failed": 0, "cancelled": 0}
        with self._changed:
            self._sweep()
            for record in self._records.values():
                counts[record.state] += 1
        return counts

    def close(self, *, timeout: float = 30) -> None:
        """Stop: wait up to ``timeout`` seconds for running jobs to reach their next report, and put them down there.

        With a folder, they and those that wait are taken up by the next queue; without, they are gone.
        """
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._wake()
        deadline = time.monotonic() + timeout
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        self._spool.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    # --- work -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while (record := self._next()) is not None:
            outcome = self._try(record)
            if outcome.state == "queued":  # put down because the queue closes
                self._spool.forget_starts(record.id)
                return
            self._end(record, outcome)

    def _next(self) -> _Record | None:
        """Wait for a job and mark it as running; None when the queue closes."""
        with self._changed:
            while not self._closing:
                self._sweep()
                if len(self._line):
                    record = self._records[self._line.take()]
                    record.state, record.position = "running", 0
                    self._tell_positions()
                    return record
                self._changed.wait(min(_SWEEP_SECONDS, self._keep_seconds))
        return None

    def _try(self, record: _Record) -> _Outcome:
        """Run a job; never raises."""

        def emit(kind: EventKind, data: dict[str, Any]) -> None:
            with self._changed:
                record.add(kind, data)
                self._wake()

        reporter = Reporter(emit, lambda: record.stop or self._closing)
        try:
            self._spool.count_start(record.id)
            request = self._spool.request(record.id)
            brief = self._run(request, reporter)
        except CancelledError:
            return _Outcome(state="cancelled" if record.stop else "queued")
        except MujazError as error:
            return _Outcome(state="failed", error=Failure(message=str(error), code=error_code(error)))
        except Exception:  # a bug must cost one job, not the server
            logger.exception("a job failed")
            return _Outcome(state="failed", error=Failure(message=INTERNAL.detail, code=INTERNAL.code))
        return _Outcome(state="done", brief=brief, glossary=request.glossary)

    def _end(self, record: _Record, outcome: _Outcome) -> None:
        """Write down how a job ended, then let everybody know."""
        state, brief, error = outcome.state, outcome.brief, outcome.error
        finished = self._clock()
        # The finished stories are events too, numbered as if they stood here: `_follow` reads them from the brief.
        last = record.last + (len(brief.stories) if brief else 0) + 1
        ending = Ending(
            client=record.client,
            submitted=record.submitted,
            finished=finished,
            state=state,
            last=last,
            message=error.message if error else "",
            code=error.code if error else "",
        )
        try:
            self._spool.end(record.id, ending, brief, glossary=outcome.glossary)
        except OSError as problem:
            logger.exception("the result of a job cannot be kept")
            state, brief = "failed", None
            error = Failure(
                message=f"the result cannot be kept: {problem.strerror or problem}", code="storage"
            )
        with self._changed:
            record.finish(state, finished=finished, last=last, error=error)
            self._wake()
            job = self._snapshot(record)
        for observer in self._observers:
            try:
                observer(replace(job, brief=brief))
            except Exception:  # whoever looks on must not stop the work
                logger.exception("an observer of the queue failed")

    def _resume(self) -> None:
        """Remember the jobs of the queue that had the folder before."""
        for job_id, end in self._spool.endings().items():
            record = _Record(id=job_id, client=end.client, submitted=end.submitted)
            error = Failure(message=end.message, code=end.code) if end.code else None
            record.finish(cast(JobState, end.state), finished=end.finished, last=end.last, error=error)
            self._records[job_id] = record
        for entry in self._spool.entries():
            record = _Record(
                id=entry.id, client=entry.client, submitted=entry.submitted, size=entry.size, resumed=True
            )
            # Above every number that was given before, so that a reader who says where it left off misses nothing.
            record.last = max(0, int((self._clock() - entry.submitted) * 1e6))
            self._records[entry.id] = record
            if self._spool.starts(entry.id) >= MOST_STARTS:
                message = (
                    f"the server stopped {MOST_STARTS} times while it worked on this; it is not tried again"
                )
                self._end(record, _Outcome(state="failed", error=Failure(message=message, code="crashed")))
            else:
                self._line.add(entry.client, entry.id)
        with self._changed:
            self._tell_positions()

    # --- events ---------------------------------------------------------------------------------

    def _follow(self, job_id: str, after: int, timeout: float | None) -> Iterator[Event]:
        while True:
            with self._changed:
                record = self._records.get(job_id)
                if record is None:  # expired meanwhile
                    return
                fresh = [each for each in record.events if each.number > after]
                ended, last = record.state, record.last
                if not fresh and ended not in FINAL:
                    if self._closing or not self._changed.wait_for(
                        partial(self._news, record, after), timeout
                    ):
                        return
                    continue
            if ended == "done" and after < last:
                fresh[-1:-1] = [each for each in self._stories(job_id, last) if each.number > after]
            yield from fresh
            if ended in FINAL:
                return
            after = fresh[-1].number

    def _news(self, record: _Record, after: int) -> bool:
        return self._closing or record.last > after

    def _stories(self, job_id: str, last: int) -> list[Event]:
        """Return the events of the finished stories, which stand right before the final one."""
        try:
            stories = self._spool.brief(job_id).stories
        except UnknownJobError:  # expired this moment
            return []
        return [
            Event(number=number, kind="story", data={"story": asdict(story), "final": True})
            for number, story in enumerate(stories, last - len(stories))
        ]

    # --- records; the lock is held --------------------------------------------------------------

    def _find(self, job_id: str) -> _Record:
        if job_id not in self._records:
            raise UnknownJobError("no such job: the id is wrong, or its result has expired")
        return self._records[job_id]

    def _admit(self, new: _Record) -> None:
        """Raise ``BusyError`` where there is no place for one more job."""
        unfinished = [each for each in self._records.values() if each.state not in FINAL]
        if self._closing:
            raise BusyError("the server is shutting down; try again later", code="queue_full")
        if sum(each.client == new.client for each in unfinished) >= self._client_limit:
            raise BusyError(
                f"you have {self._client_limit} jobs that wait or run; wait for one, or cancel it",
                code="client_limit",
            )
        if (
            sum(each.state == "queued" for each in unfinished) >= self._queue_limit
            or sum(each.size for each in unfinished) + new.size > MOST_BYTES
        ):
            raise BusyError("the server is busy: its queue is full; try again later", code="queue_full")

    def _tell_positions(self) -> None:
        for position, job_id in enumerate(self._line.order(), 1):
            record = self._records[job_id]
            if record.position != position:
                record.position = position
                record.add("queued", {"position": position, **({"resumed": True} if record.resumed else {})})
        self._wake()

    def _wake(self) -> None:
        """Tell everybody who waits that something has changed."""
        self._changed.notify_all()
        for listener in self._listeners:
            listener()

    def _sweep(self) -> None:
        """Forget the results that have expired, and the oldest ones above ``MOST_FINISHED``."""
        ended = sorted(
            (each.finished, each.id) for each in self._records.values() if each.finished is not None
        )
        too_old = self._clock() - self._keep_seconds
        for rank, (finished, job_id) in enumerate(ended):
            if finished > too_old and len(ended) - rank <= MOST_FINISHED:
                break
            self._forget(job_id)

    def _forget(self, job_id: str) -> None:
        self._spool.forget(job_id)
        del self._records[job_id]

    def _snapshot(self, record: _Record) -> Job:
        progress = [each.data for each in record.events if each.kind == "progress"]
        return Job(
            id=record.id,
            state=record.state,
            position=record.position,
            client=record.client,
            submitted=datetime.fromtimestamp(record.submitted, UTC),
            finished=None if record.finished is None else datetime.fromtimestamp(record.finished, UTC),
            events_count=record.last,
            progress=progress[-1] if progress else None,
            error=record.error,
        )
