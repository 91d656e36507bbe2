"""Many users at once against a real server: errors, order, waiting, memory, and whether it still answers.

    python -m benchmarks.load                 # 20 users, a short report each; the embedded profile
    python -m benchmarks.load --users 50 --reports 1
    MUJAZ_DATA=... python -m benchmarks.load --users 0 --long-reports 200 --long-seconds 300

Starts ``mujaz serve`` in a process of its own on loopback. Each user opens the page (and so gets a session), submits, and
follows the events of the job. One of them, the greedy one, submits ``--greedy`` jobs before anybody else. Then one long job
runs alone (the examples eight times over, or ``--long-reports`` of a day of the ANT corpus), and is cancelled after
``--long-seconds``. Meanwhile a watcher asks for the page and for ``/healthz``, and beside the long job for a translation
of one sentence too. Peak memory is the server's alone (Linux). Absolute seconds depend on the machine and on what else
it does; read errors, order and ratios.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples" / "iraq-us-dialogue"
#: Characters of an example report that make a short one: a headline and some sentences.
SHORT: Final = 700
#: Seconds between two looks of the watcher.
WATCH_SECONDS: Final = 0.25
#: Reports of the long job, below ``MUJAZ_DATA``: one stretch of days, as a newsroom has it.
CORPUS: Final = Path("sum") / "ant_v2.1_to_2018-07-15.jsonl.xz"
#: What a watcher asks for: a name, and how. The last is left out while many users are measured: it is work.
LOOKS: Final[dict[str, Callable[[httpx.Client], httpx.Response]]] = {
    "/healthz": lambda http: http.get("/healthz"),
    "the page": lambda http: http.get("/"),
    "one sentence translated": lambda http: http.post(
        "/v1/translate", json={"sentences": ["وصل وزير الخارجية إلى بغداد اليوم الأحد في زيارة رسمية."]}
    ),
}


@dataclass(kw_only=True)
class Turn:
    """One job as its user saw it; times in seconds of one clock, 0.0 where it did not come to that.

    ``accepted`` and ``finished`` are the server's own, of its clock: order is judged by them.
    """

    client: str
    submitted: float = 0.0
    started: float = 0.0
    first_story: float = 0.0
    ended: float = 0.0
    accepted: float = 0.0
    finished: float = 0.0
    error: str = ""


@dataclass(kw_only=True)
class Watch:
    """Seconds that the server took to answer, by what was asked."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0


# --- the server -----------------------------------------------------------------------------------


@contextmanager
def server(*, path: str = "/healthz") -> Iterator[tuple[str, int]]:
    """Run ``mujaz serve`` on a free port; give its address and process id once ``path`` is answered."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="mujaz-load-") as folder:
        command = [sys.executable, "-m", "ui.cli", "--port", str(port), "--state", f"{folder}/jobs"]
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            while not _answers(f"{address}{path}"):
                if process.poll() is not None:
                    sys.exit(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
                time.sleep(0.2)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def peak_mb(pid: int) -> float:
    """Return the most memory that a process had at once, in MB."""
    rows = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith("VmHWM"))) / 1024


# --- users ----------------------------------------------------------------------------------------


def short_reports(user: int, count: int) -> list[dict[str, str]]:
    """Return ``count`` short reports, which no other user has."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.txt"))]
    chosen = [texts[(user + n) % len(texts)][:SHORT].rpartition(".")[0] + "." for n in range(count)]
    return [
        {"name": f"user{user}-{n}.txt", "text": f"{text}\nوبلغ عدد الحاضرين {100 + user} شخصا."}
        for n, text in enumerate(chosen)
    ]


def use(address: str, client: str, bodies: Sequence[dict[str, Any]], turns: list[Turn]) -> None:
    """Be a user: submit every body, then follow each job to its end."""
    with httpx.Client(base_url=address, timeout=None) as http:
        http.get("/")
        jobs = []
        for body in bodies:
            turn = Turn(client=client, submitted=time.perf_counter())
            turns.append(turn)
            answer = http.post("/v1/jobs", json=body)
            if answer.status_code == 202:
                jobs.append((turn, answer.json()["id"]))
            else:
                turn.error = answer.text
        followers = [threading.Thread(target=_follow, args=(http, *job)) for job in jobs]
        for follower in followers:
            follower.start()
        for follower in followers:
            follower.join()


def _follow(http: httpx.Client, turn: Turn, job: str) -> None:
    try:
        for kind, data in events(http, job):
            now = time.perf_counter()
            if kind == "progress" and not turn.started:
                turn.started = now
            elif kind == "story" and not turn.first_story:
                turn.first_story = now
            elif kind in ("done", "failed", "cancelled"):
                turn.ended = now
                turn.error = "" if kind == "done" else f"{kind} {data}"
    except httpx.TransportError as error:
        turn.error = repr(error)
    told = http.get(f"/v1/jobs/{job}").json()
    turn.accepted, turn.finished = (
        datetime.fromisoformat(told[name]).timestamp() if told[name] else 0.0
        for name in ("submitted", "finished")
    )
    if not turn.ended and not turn.error:
        turn.error = "the event stream ended early"


def events(http: httpx.Client, job: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what happens to a job."""
    with http.stream("GET", f"/v1/jobs/{job}/events") as stream:
        kind = ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


@contextmanager
def watching(address: str, looks: Sequence[str], *, pause: float = WATCH_SECONDS) -> Iterator[Watch]:
    """Ask a server for ``looks`` (of ``LOOKS``) again and again, with ``pause`` seconds between two rounds."""
    watch, enough = Watch(seconds={name: [] for name in looks}), threading.Event()

    def look() -> None:
        with httpx.Client(base_url=address, timeout=300) as http:
            while not enough.wait(pause):
                for name, seconds in watch.seconds.items():
                    start = time.perf_counter()
                    watch.errors += LOOKS[name](http).status_code != 200
                    seconds.append(time.perf_counter() - start)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        enough.set()
        thread.join()


# --- the measurements -----------------------------------------------------------------------------


def run_users(address: str, users: int, reports: int, greedy: int) -> tuple[list[Turn], Watch, float]:
    """Let all users in at once, the greedy one first; return the turns, what the watcher saw, and the seconds."""
    turns: list[Turn] = []
    begin = time.perf_counter()
    with watching(address, ("/healthz", "the page")) as watch:
        threads = []
        for user in range(users):
            count = greedy if user == 0 else 1
            bodies = [{"reports": short_reports(user, reports), "sentences": 2 + n % 2} for n in range(count)]
            threads.append(threading.Thread(target=use, args=(address, f"user {user}", bodies, turns)))
            threads[-1].start()
            if user == 0:
                while len(turns) < greedy:
                    time.sleep(0.01)
        for thread in threads:
            thread.join()
    return turns, watch, time.perf_counter() - begin


def out_of_turn(turns: Sequence[Turn]) -> int:
    """Count how often a client was served twice while another waited from before the first to after the second.

    One worker serves one job after the other, so each was begun when the one before it was finished.
    """
    served = sorted((turn for turn in turns if turn.finished), key=lambda turn: turn.finished)
    begun = [served[0].accepted, *(turn.finished for turn in served)] if served else []
    count = 0
    for n, first in enumerate(served):
        again = next((k for k in range(n + 1, len(served)) if served[k].client == first.client), None)
        if again is not None:
            waiting = {
                turn.client
                for turn in served[again + 1 :]
                if turn.client != first.client and turn.accepted <= begun[n]
            }
            count += len(waiting - {turn.client for turn in served[n:again]})
    return count


@dataclass(kw_only=True)
class Long:
    """How a long job went until it was cancelled; seconds from when it was submitted, nan where it did not come to that."""

    reports: int
    first_story: float = float("nan")
    stage: str = "queued"
    stories: int = 0
    stopping: float = float("nan")  # seconds from the cancel to the last event
    watch: Watch = field(default_factory=Watch)


def example_reports() -> list[dict[str, str]]:
    """Return the examples eight times over, each a little different."""
    return [
        {"name": f"{n}-{path.name}", "text": path.read_text(encoding="utf-8") + f"\n{n}"}
        for n in range(8)
        for path in sorted(EXAMPLES.glob("*.txt"))
    ]


def corpus_reports(count: int) -> list[dict[str, str]]:
    """Return ``count`` reports of the corpus that follow each other, as one file of records."""
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        sys.exit("set MUJAZ_DATA to the folder of the corpora, or leave --long-reports out")
    with lzma.open(Path(folder) / CORPUS, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    names = {"document": "text", "title": "title", "source": "source", "date": "published"}
    rows = [json.loads(line) for line in lines[len(lines) // 2 :][:count]]
    records = [{new: row[old] for old, new in names.items() if row.get(old)} for row in rows]
    return [{"name": "corpus.json", "text": json.dumps(records, ensure_ascii=False)}]


def run_long(address: str, reports: list[dict[str, str]], *, count: int, seconds: float, deep: bool) -> Long:
    """Run one long job for a while and cancel it; ``deep``: also have sentences translated meanwhile."""
    long = Long(reports=count)
    body = {"reports": reports, **({} if deep else {"sentences": 50})}
    # A round asks three times, and a client may ask 240 times a minute.
    looks, pause = (tuple(LOOKS), 1.0) if deep else (("/healthz", "the page"), WATCH_SECONDS)
    with httpx.Client(base_url=address, timeout=None) as http:
        begin = time.perf_counter()
        job = http.post("/v1/jobs", json=body).raise_for_status().json()["id"]
        cancelled: list[float] = []

        def cancel() -> None:
            cancelled.append(time.perf_counter())
            httpx.delete(f"{address}/v1/jobs/{job}", timeout=300)

        timer = threading.Timer(seconds, cancel)
        with watching(address, looks, pause=pause) as long.watch:
            timer.start()
            for kind, data in events(http, job):
                if kind == "progress":
                    long.stage = f"{data['stage']} {data['done']}/{data['total']}"
                elif kind == "story":
                    long.stories += 1
                    if long.stories == 1:
                        long.first_story = time.perf_counter() - begin
            timer.cancel()
        if http.get(f"/v1/jobs/{job}").json()["state"] == "cancelled":
            long.stopping = time.perf_counter() - cancelled[0]
    return long


# --- the table ------------------------------------------------------------------------------------


def spread(values: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in seconds."""
    if len(values) < 2:
        return "–"
    high = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"{statistics.median(values):.2f} / {high:.2f} / {max(values):.2f}"


def users_rows(users: int, turns: Sequence[Turn], watch: Watch, seconds: float) -> list[tuple[str, str]]:
    """Return what became of many users at once."""
    return [
        ("users, jobs", f"{users}, {len(turns)}"),
        ("errors", f"{sum(bool(turn.error) for turn in turns)} jobs, {watch.errors} looks"),
        ("out of turn", str(out_of_turn(turns))),
        ("all jobs done (s)", f"{seconds:.1f}"),
        ("wait for a turn (s)", spread([turn.started - turn.submitted for turn in turns if turn.started])),
        (
            "submit to first story, Arabic (s)",
            spread([turn.first_story - turn.submitted for turn in turns if turn.first_story]),
        ),
        ("submit to brief (s)", spread([turn.ended - turn.submitted for turn in turns if turn.ended])),
        ("the job itself (s)", spread([turn.ended - turn.started for turn in turns if turn.ended])),
        *((f"{name} meanwhile (s)", spread(waits)) for name, waits in watch.seconds.items()),
    ]


def long_rows(long: Long) -> list[tuple[str, str]]:
    """Return what became of the long job, and of who asked for something else meanwhile."""
    return [
        ("the long job", f"{long.reports} reports; cancelled at {long.stage}, {long.stories} stories shown"),
        ("its first story, Arabic (s)", f"{long.first_story:.1f}"),
        ("looks meanwhile", f"{sum(map(len, long.watch.seconds.values()))}, errors {long.watch.errors}"),
        *((f"{name} meanwhile (s)", spread(waits)) for name, waits in long.watch.seconds.items()),
        ("cancel to cancelled (s)", f"{long.stopping:.2f}"),
    ]


def main(report: Callable[[str], None] = print) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--reports", type=int, default=1, help="short reports a job")
    parser.add_argument("--greedy", type=int, default=4, help="jobs of the one who submits several")
    parser.add_argument("--no-long", action="store_true", help="leave the long job out")
    parser.add_argument("--long-reports", type=int, default=0, help="reports of the corpus in the long job")
    parser.add_argument(
        "--long-seconds", type=float, default=20.0, help="after which the long job is cancelled"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    with server() as (address, pid):
        idle = peak_mb(pid)
        turns: list[Turn] = []
        rows = [("memory before the first user (MB)", f"{idle:.0f}")]
        if options.users:
            turns, watch, seconds = run_users(address, options.users, options.reports, options.greedy)
            rows += users_rows(options.users, turns, watch, seconds)
            rows.append(("peak memory of the server (MB)", f"{peak_mb(pid):.0f}"))
        if not options.no_long:
            count = options.long_reports
            reports = corpus_reports(count) if count else example_reports()
            long = run_long(
                address,
                reports,
                count=count or len(reports),
                seconds=options.long_seconds,
                deep=bool(count),
            )
            rows += long_rows(long)
            rows.append(("peak memory after it (MB)", f"{peak_mb(pid):.0f}"))
    machine = platform.processor() or platform.machine()
    report(
        f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}; median / 95 % / maximum\n"
    )
    report("| measure | value |\n|---|---|")
    for name, value in rows:
        report(f"| {name} | {value} |")
    for turn in turns:
        if turn.error:
            report(f"\n{turn.client}: {turn.error}")


if __name__ == "__main__":
    main()
