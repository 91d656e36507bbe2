"""Many users at once against a real server: errors, order, waiting, memory, and whether it still answers.

    python -m benchmarks.load                 # 20 users, a short report each; the embedded profile
    python -m benchmarks.load --users 50 --reports 1

Starts ``mujaz serve`` in a process of its own on loopback. Each user opens the page (and so gets a session), submits, and
follows the events of the job. One of them, the greedy one, submits ``--greedy`` jobs before anybody else. Then one long job
runs alone, and is cancelled. Meanwhile a watcher asks for the page and for ``/healthz``. Peak memory is the server's alone
(Linux). Absolute seconds depend on the machine and on what else it does; read errors, order and ratios.
"""

from __future__ import annotations

import argparse
import json
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
#: Seconds for which the long job runs before it is cancelled.
LONG_SECONDS: Final = 20.0


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

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"/healthz": [], "/": []})
    errors: int = 0


# --- the server -----------------------------------------------------------------------------------


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Run ``mujaz serve`` on a free port; give its address and process id."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="mujaz-load-") as folder:
        command = [sys.executable, "-m", "ui.cli", "--port", str(port), "--state", f"{folder}/jobs"]
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            while not _ready(address):
                if process.poll() is not None:
                    sys.exit(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
                time.sleep(0.2)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=60).status_code == 200
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
def watching(address: str) -> Iterator[Watch]:
    """Ask for the page and the health of a server again and again."""
    watch, enough = Watch(), threading.Event()

    def look() -> None:
        with httpx.Client(base_url=address, timeout=60) as http:
            while not enough.wait(WATCH_SECONDS):
                for path, seconds in watch.seconds.items():
                    start = time.perf_counter()
                    watch.errors += http.get(path).status_code != 200
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
    with watching(address) as watch:
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


def run_long(address: str) -> tuple[Watch, float]:
    """Run one long job for a while and cancel it; return what the watcher saw, and the seconds it took to stop."""
    reports = [
        {"name": f"{n}-{path.name}", "text": path.read_text(encoding="utf-8") + f"\n{n}"}
        for n in range(8)
        for path in sorted(EXAMPLES.glob("*.txt"))
    ]
    with httpx.Client(base_url=address, timeout=None) as http, watching(address) as watch:
        job = http.post("/v1/jobs", json={"reports": reports, "sentences": 50}).json()["id"]
        time.sleep(LONG_SECONDS)
        start = time.perf_counter()
        http.delete(f"/v1/jobs/{job}")
        *_, (kind, _) = events(http, job)
        return watch, time.perf_counter() - start if kind == "cancelled" else float("nan")


# --- the table ------------------------------------------------------------------------------------


def spread(values: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in seconds."""
    if len(values) < 2:
        return "–"
    high = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"{statistics.median(values):.2f} / {high:.2f} / {max(values):.2f}"


def main(report: Callable[[str], None] = print) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--reports", type=int, default=1, help="short reports a job")
    parser.add_argument("--greedy", type=int, default=4, help="jobs of the one who submits several")
    parser.add_argument("--no-long", action="store_true", help="leave the long job out")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    with server() as (address, pid):
        idle = peak_mb(pid)
        turns, watch, seconds = run_users(address, options.users, options.reports, options.greedy)
        memory = peak_mb(pid)
        rows = [
            ("users, jobs", f"{options.users}, {len(turns)}"),
            ("errors", f"{sum(bool(turn.error) for turn in turns)} jobs, {watch.errors} looks"),
            ("out of turn", str(out_of_turn(turns))),
            ("all jobs done (s)", f"{seconds:.1f}"),
            (
                "wait for a turn (s)",
                spread([turn.started - turn.submitted for turn in turns if turn.started]),
            ),
            (
                "submit to first story, Arabic (s)",
                spread([t.first_story - t.submitted for t in turns if t.first_story]),
            ),
            ("submit to brief (s)", spread([turn.ended - turn.submitted for turn in turns if turn.ended])),
            ("the job itself (s)", spread([turn.ended - turn.started for turn in turns if turn.ended])),
            ("/healthz meanwhile (s)", spread(watch.seconds["/healthz"])),
            ("the page meanwhile (s)", spread(watch.seconds["/"])),
            ("peak memory of the server (MB)", f"{memory:.0f} ({idle:.0f} before the first user)"),
        ]
        if not options.no_long:
            long_watch, stopping = run_long(address)
            rows += [
                ("/healthz during a long job (s)", spread(long_watch.seconds["/healthz"])),
                ("the page during a long job (s)", spread(long_watch.seconds["/"])),
                ("cancel to cancelled (s)", f"{stopping:.2f}"),
                ("peak memory after it (MB)", f"{peak_mb(pid):.0f}"),
            ]
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
