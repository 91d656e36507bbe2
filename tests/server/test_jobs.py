"""The queue: order, limits, cancelling, expiry, and what outlives the process."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.errors import BusyError, CancelledError, ConfigError, InputError, JobError, UnknownJobError
from summarizer.models import Registry
from summarizer.schema import Brief
from summarizer.server import jobs
from summarizer.server.jobs import FINAL, Event, JobQueue, Reporter, runner
from summarizer.server.requests import BriefRequest, GlossaryRow, run_brief
from tests.conftest import ROOT
from tests.server.conftest import CREATED, ask


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Gated:
    """A runner that waits at a gate before each brief, and remembers the order in which texts came."""

    def __init__(self, brief: Brief) -> None:
        self.brief, self.seen = brief, []
        self.gate, self.reached = threading.Event(), threading.Event()

    def __call__(self, request: BriefRequest, reporter: Reporter) -> Brief:
        self.seen.append(str(request.reports[0].text))
        reporter.progress("read", 0, 1)
        self.reached.set()
        while not self.gate.wait(0.005):
            reporter.check()
        return self.brief


@pytest.fixture(scope="module")
def brief(registry: Registry) -> Brief:
    return run_brief(ask(), registry=registry, created=CREATED)


@pytest.fixture
def gated(brief: Brief) -> Gated:
    return Gated(brief)


Make = Callable[..., JobQueue]


@pytest.fixture
def make(gated: Gated) -> Iterator[Make]:
    made: list[JobQueue] = []

    def queue(run: object = None, **options: object) -> JobQueue:
        made.append(JobQueue(run or gated, **options))  # type: ignore[arg-type]
        return made[-1]

    yield queue
    for each in made:
        each.close()


def last(queue: JobQueue, job_id: str) -> Event:
    """Wait for the end of a job and return its final event."""
    return list(queue.events(job_id))[-1]


# --- a job's life -----------------------------------------------------------------------------------


def test_the_events_of_a_real_run(make: Make, registry: Registry, brief: Brief) -> None:
    queue = make(runner(registry))
    job = queue.submit(ask(), client="a")
    seen = list(queue.events(job.id))
    assert [event.kind for event in seen if event.kind != "progress"] == ["queued", "story", "story", "done"]
    draft, final = (event.data for event in seen if event.kind == "story")
    assert draft["story"]["title"]["en"] == ""
    assert not draft["final"]
    assert final == {"story": asdict(brief.stories[0]), "final": True}
    stages = [event.data["stage"] for event in seen if event.kind == "progress"]
    assert list(dict.fromkeys(stages)) == [
        "read",
        "segment",
        "duplicates",
        "cluster",
        "summarize",
        "translate",
    ]
    numbers = [event.number for event in seen]
    assert numbers == sorted(set(numbers))
    done = queue.get(job.id)
    assert done.brief is not None
    assert (done.state, done.position, done.events_count) == ("done", 0, seen[-1].number)
    assert done.brief.stories == brief.stories


def test_a_reader_goes_on_where_it_left_off(make: Make, registry: Registry) -> None:
    queue = make(runner(registry))
    job = queue.submit(ask(), client="a")
    seen = list(queue.events(job.id))
    for number in (0, seen[2].number, seen[-3].number, seen[-2].number, seen[-1].number, seen[-1].number + 9):
        later = list(queue.events(job.id, after=number))
        assert all(event.number > number for event in later)
        # Of progress only the latest of each stage is kept, and drafts are superseded by the brief's stories.
        kept = [
            each for each in seen if each.number > number and (each.kind in FINAL or each.data.get("final"))
        ]
        assert [each for each in later if each.kind in FINAL or each.kind == "story"] == kept


def test_a_follower_waits_only_as_long_as_it_says(make: Make, gated: Gated) -> None:
    queue = make()
    job = queue.submit(ask(), client="a")
    gated.reached.wait()
    assert [each.kind for each in queue.events(job.id, timeout=0)] == ["queued", "progress"]
    assert list(queue.events(job.id, after=queue.get(job.id).events_count, timeout=0.01)) == []


def test_an_error_is_the_jobs_and_not_the_queues(make: Make, brief: Brief) -> None:
    def run(request: BriefRequest, reporter: Reporter) -> Brief:
        if request.sentences == 1:
            raise InputError("no report could be read")
        if request.sentences == 2:
            raise ZeroDivisionError("secret detail")
        return brief

    queue = make(run)
    wrong, bug, fine = (queue.submit(ask(sentences=number), client="a") for number in (1, 2, 3))
    assert last(queue, wrong.id).data == {"message": "no report could be read", "code": "input"}
    assert last(queue, bug.id).data["code"] == "internal"
    assert "secret" not in last(queue, bug.id).data["message"]
    assert last(queue, fine.id).kind == "done"
    failed = queue.get(wrong.id).error
    assert failed is not None
    assert failed.code == "input"


# --- order and limits -------------------------------------------------------------------------------


def test_clients_take_turns_and_positions_tell_it(make: Make, gated: Gated) -> None:
    queue = make()
    running = queue.submit(ask("first"), client="a")
    gated.reached.wait()
    waiting = [queue.submit(ask(text), client=text[0]) for text in ("a1", "a2", "b1", "c1", "b2")]
    assert queue.get(running.id).position == 0
    assert [queue.get(job.id).position for job in waiting] == [1, 4, 2, 3, 5]
    gated.gate.set()
    for job in waiting:
        last(queue, job.id)
    assert gated.seen == ["first", "a1", "b1", "c1", "a2", "b2"]


@settings(max_examples=15)
@given(clients=st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
def test_whoever_comes_the_real_order_is_round_robin(brief: Brief, clients: list[str]) -> None:
    gated = Gated(brief)
    queue = JobQueue(gated, client_limit=10)
    try:
        queue.submit(ask("first"), client="z")
        gated.reached.wait()
        submitted = [queue.submit(ask(f"{client}{n}"), client=client) for n, client in enumerate(clients)]
        gated.gate.set()
        for job in submitted:
            last(queue, job.id)
        rounds = [clients[:n].count(client) for n, client in enumerate(clients)]
        first = {client: clients.index(client) for client in clients}
        expected = sorted(range(len(clients)), key=lambda n: (rounds[n], first[clients[n]]))
        assert gated.seen[1:] == [f"{clients[n]}{n}" for n in expected]
    finally:
        queue.close()


def test_limits_of_a_client_and_of_the_queue(make: Make, gated: Gated) -> None:
    queue = make(queue_limit=3, client_limit=2)
    first = queue.submit(ask(), client="a")
    gated.reached.wait()
    queue.submit(ask(), client="a")
    with pytest.raises(BusyError, match="you have 2 jobs") as own:
        queue.submit(ask(), client="a")
    assert own.value.code == "client_limit"
    queue.submit(ask(), client="b")
    queue.submit(ask(), client="b")
    with pytest.raises(BusyError, match="queue is full") as full:
        queue.submit(ask(), client="c")
    assert (full.value.code, full.value.retry_after) == ("queue_full", 10)
    queue.cancel(first.id)
    last(queue, first.id)
    queue.submit(ask(), client="a")  # its place is free again


def test_the_bytes_of_all_requests_are_bounded(
    make: Make, gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_BYTES", 1000)
    queue = make()
    queue.submit(ask("ا" * 300), client="a")
    with pytest.raises(BusyError, match="queue is full"):
        queue.submit(ask("ا" * 300), client="b")


def test_a_full_disk_is_told_and_leaves_no_trace(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = make()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(queue._spool, "save_request", full)
    with pytest.raises(JobError, match="No space left"):
        queue.submit(ask(), client="a")
    assert queue.counts()["queued"] == 0


# --- cancelling -------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_at_once(make: Make, gated: Gated) -> None:
    queue = make()
    queue.submit(ask("first"), client="a")
    gated.reached.wait()
    gone, stays = queue.submit(ask("gone"), client="b"), queue.submit(ask("stays"), client="c")
    assert queue.cancel(gone.id).state == "cancelled"
    assert queue.get(stays.id).position == 1
    gated.gate.set()
    last(queue, stays.id)
    assert gated.seen == ["first", "stays"]
    assert queue.cancel(gone.id).state == "cancelled"  # again: nothing happens
    assert queue.cancel(stays.id).state == "done"


def test_a_running_job_stops_at_its_next_report(make: Make, gated: Gated) -> None:
    queue = make()
    job = queue.submit(ask(), client="a")
    gated.reached.wait()
    queue.cancel(job.id)
    assert last(queue, job.id).kind == "cancelled"
    assert queue.get(job.id).brief is None


def test_cancelling_reaches_into_the_pipeline(make: Make, registry: Registry) -> None:
    asked, told = threading.Event(), threading.Event()
    engine = registry.engine_for(None, "translation")
    plain = engine.generate

    def slow(texts: list[str], **options: object) -> object:
        asked.set()
        told.wait()
        return plain(texts, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "generate", slow)
        queue = make(runner(registry))
        job = queue.submit(ask(), client="a")
        asked.wait()
        queue.cancel(job.id)
        told.set()
        assert last(queue, job.id).kind == "cancelled"


def test_discarding_cancels_or_forgets(make: Make, gated: Gated, tmp_path: Path) -> None:
    queue = make(folder=tmp_path)
    job = queue.submit(ask(), client="a")
    gated.reached.wait()
    assert queue.discard(job.id) is not None
    last(queue, job.id)
    assert queue.discard(job.id) is None
    with pytest.raises(UnknownJobError):
        queue.get(job.id)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_the_glossary_of_a_brief_is_kept_with_it_and_goes_with_it(gated: Gated, tmp_path: Path) -> None:
    rows = (GlossaryRow(ar="قسد", en="SDF"), GlossaryRow(ar='"نهر", الصفاء', en="the | river"))
    gated.gate.set()
    queue = JobQueue(gated, folder=tmp_path)
    asked, plain = queue.submit(ask(glossary=rows), client="a"), queue.submit(ask(), client="a")
    assert [last(queue, each.id).kind for each in (asked, plain)] == ["done", "done"]
    queue.close()
    later = JobQueue(gated, folder=tmp_path)  # after a restart of the server
    try:
        assert later.glossary(asked.id) == rows
        assert later.glossary(plain.id) == ()
        later.discard(asked.id)
        later.discard(plain.id)
        with pytest.raises(UnknownJobError):
            later.glossary(asked.id)
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    finally:
        later.close()


# --- forgetting -------------------------------------------------------------------------------------


def test_results_expire(make: Make, gated: Gated, tmp_path: Path) -> None:
    clock = Clock()
    queue = make(folder=tmp_path, keep_seconds=60, clock=clock)
    gated.gate.set()
    job = queue.submit(ask(), client="a")
    last(queue, job.id)
    clock.now += 59
    assert queue.get(job.id).state == "done"
    clock.now += 2
    for call in (queue.get, queue.cancel, queue.events, queue.state):
        queue.counts()
        with pytest.raises(UnknownJobError, match="expired"):
            call(job.id)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_only_so_many_results_are_kept(make: Make, gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_FINISHED", 2)
    clock = Clock()
    queue = make(clock=clock)
    gated.gate.set()
    made = []
    for _ in range(4):
        clock.now += 1
        made.append(queue.submit(ask(), client="a"))
        last(queue, made[-1].id)
    with pytest.raises(UnknownJobError):
        queue.get(made[0].id)
    assert queue.get(made[-1].id).brief is not None
    assert queue.counts()["done"] == 2


def test_finished_jobs_hold_nothing_large_in_memory(make: Make, registry: Registry) -> None:
    queue = make(runner(registry))
    job = queue.submit(ask(), client="a")
    last(queue, job.id)
    record = queue._records[job.id]
    assert {event.kind for event in record.events} <= {"queued", "progress", "done"}
    assert len(json.dumps([asdict(event) for event in record.events])) < 2000


def test_a_queue_of_its_own_leaves_nothing_behind(gated: Gated) -> None:
    queue = JobQueue(gated)
    folder = queue._spool._folder
    job = queue.submit(ask(), client="a")
    gated.reached.wait()
    assert folder.exists()
    queue.close()
    assert not folder.exists()
    queue.close()  # again: nothing happens
    with pytest.raises(BusyError, match="shutting down"):
        queue.submit(ask(), client="a")
    assert [event.kind for event in queue.events(job.id)] == ["queued", "progress"]  # and then it ends


# --- restart ----------------------------------------------------------------------------------------


def test_closing_puts_work_down_and_the_next_queue_takes_it_up(
    gated: Gated, tmp_path: Path, brief: Brief
) -> None:
    clock = Clock()
    queue = JobQueue(gated, folder=tmp_path, clock=clock)
    running = queue.submit(ask("running"), client="a")
    gated.reached.wait()
    clock.now += 1
    waiting = queue.submit(ask("waiting"), client="b")
    seen = queue.get(running.id).events_count
    queue.close()
    clock.now += 60
    again = Gated(brief)
    again.gate.set()
    queue = JobQueue(again, folder=tmp_path, clock=clock)
    try:
        later = list(queue.events(running.id, after=seen))
        assert later[0].data == {"position": 1, "resumed": True}
        assert [last(queue, job.id).kind for job in (running, waiting)] == ["done", "done"]
        assert again.seen == ["running", "waiting"]
        assert queue.get(waiting.id).brief == brief
        assert queue.get(waiting.id).submitted == waiting.submitted
    finally:
        queue.close()
    third = JobQueue(again, folder=tmp_path, clock=clock)  # results too are there after a restart
    try:
        assert third.get(running.id).brief == brief
        assert [event.kind for event in third.events(running.id)] == ["story"] * len(brief.stories) + ["done"]
    finally:
        third.close()


_KILLED = """
import sys, time
from pathlib import Path
from summarizer.server.jobs import JobQueue
from tests.server.conftest import ask

def run(request, reporter):
    reporter.progress("read", 0, 1)
    time.sleep(3600)

queue = JobQueue(run, folder=Path(sys.argv[1]))
ids = [queue.submit(ask(text), client="a").id for text in ("one", "two")]
next(each for each in queue.events(ids[0]) if each.kind == "progress")
print(*ids, flush=True)
time.sleep(3600)
"""


def killed(folder: Path) -> list[str]:
    """Start a server's queue in another process, kill it in the middle of a job, and return its jobs' ids."""
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        ids = child.stdout.readline().split()
        os.kill(child.pid, signal.SIGKILL)
    return ids


def test_a_killed_server_goes_on_where_it_was(tmp_path: Path, brief: Brief) -> None:
    ids = killed(tmp_path)
    (tmp_path / "rest.request.json.half").write_text("{")  # killed while it wrote
    gated = Gated(brief)
    gated.gate.set()
    queue = JobQueue(gated, folder=tmp_path)
    try:
        assert len(ids) == 2
        assert [last(queue, job_id).kind for job_id in ids] == ["done", "done"]
        assert gated.seen == ["one", "two"]
        assert not list(tmp_path.glob("*.half"))
        assert not list(tmp_path.glob("*.request.json"))
    finally:
        queue.close()


def test_a_job_that_kills_the_server_is_given_up(gated: Gated, tmp_path: Path) -> None:
    queue = JobQueue(gated, folder=tmp_path)
    gated.gate.set()
    queue.close()
    body = ask("poison").model_dump_json()
    spool = jobs.Spool(tmp_path)
    entry = jobs.Entry(id="a" * 22, client="a", submitted=Clock().now, size=len(body))
    spool.save_request(entry, body)
    for _ in range(jobs.MOST_STARTS):
        spool.count_start(entry.id)
    spool.close()
    queue = JobQueue(gated, folder=tmp_path, clock=Clock())
    try:
        assert last(queue, entry.id).data["code"] == "crashed"
        assert gated.seen == []
    finally:
        queue.close()


def test_closing_in_good_order_does_not_count_as_a_crash(brief: Brief, tmp_path: Path) -> None:
    for _ in range(jobs.MOST_STARTS + 1):
        gated = Gated(brief)
        queue = JobQueue(gated, folder=tmp_path)
        if not (jobs_before := list(tmp_path.glob("*.request.json"))):
            queue.submit(ask(), client="a")
        gated.reached.wait()
        queue.close()
    assert len(jobs_before) == 1


def test_damaged_files_cost_only_themselves(
    gated: Gated, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("b" * 22 + ".request.json", "c" * 22 + ".end.json", "../x.request.json".replace("/", "_")):
        (tmp_path / name).write_text("{ not json")
    body_damaged = tmp_path / ("d" * 22 + ".request.json")
    entry = jobs.Entry(id="d" * 22, client="a", submitted=0, size=1)
    body_damaged.write_text(json.dumps(asdict(entry)) + "\n{}\n")
    gated.gate.set()
    queue = JobQueue(gated, folder=tmp_path)
    try:
        assert last(queue, entry.id).data["code"] == "internal"
        assert last(queue, queue.submit(ask(), client="a").id).kind == "done"
    finally:
        queue.close()
    assert "cannot be read and is lost" in caplog.text


def test_one_folder_one_server(gated: Gated, tmp_path: Path) -> None:
    queue = JobQueue(gated, folder=tmp_path)
    with pytest.raises(ConfigError, match="another server keeps its jobs"):
        JobQueue(gated, folder=tmp_path)
    queue.close()
    JobQueue(gated, folder=tmp_path).close()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="jobs cannot be kept"):
        JobQueue(gated, folder=tmp_path / "file")


def test_what_is_on_disk_is_for_its_owner_alone(make: Make, gated: Gated, tmp_path: Path) -> None:
    queue = make(folder=tmp_path / "jobs")
    gated.gate.set()
    last(queue, queue.submit(ask(), client="a").id)
    gated.gate.clear()
    gated.reached.clear()
    queue.submit(ask(), client="a")
    gated.reached.wait()
    paths = list((tmp_path / "jobs").iterdir())
    assert {path.name.partition(".")[2] for path in paths} == {
        "",
        "request.json",
        "starts",
        "brief.json",
        "end.json",
    }
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in paths)
    assert stat.S_IMODE((tmp_path / "jobs").stat().st_mode) == 0o700


def test_ids_are_secrets_and_nobody_else_sees_them(make: Make, gated: Gated) -> None:
    queue = make()
    gated.gate.set()
    ids = {queue.submit(ask(), client=f"client {n}").id for n in range(10)}
    assert len(ids) == 10
    assert all(len(each) == 22 for each in ids)
    with pytest.raises(UnknownJobError, match="no such job"):
        queue.get("a" * 22)


def test_observers_get_the_brief(make: Make, gated: Gated, brief: Brief) -> None:
    queue = make()
    seen: list[tuple[str, bool]] = []
    told = threading.Event()
    queue.observe(lambda job: (seen.append((job.state, job.brief == brief)), told.set()))
    gated.gate.set()
    queue.submit(ask(), client="a")
    assert told.wait(60)
    assert seen == [("done", True)]


def test_an_observer_that_fails_does_not_stop_the_work(
    make: Make, gated: Gated, caplog: pytest.LogCaptureFixture
) -> None:
    queue = make()
    queue.observe(lambda job: {}[job.id])
    gated.gate.set()
    for _ in range(2):
        assert last(queue, queue.submit(ask(), client="a").id).kind == "done"
    queue.close()
    assert caplog.text.count("an observer of the queue failed") == 2


def test_the_reporter_raises_the_one_error() -> None:
    reporter = Reporter(lambda kind, data: None, lambda: True)
    with pytest.raises(CancelledError):
        reporter.progress("read", 0, 1)
