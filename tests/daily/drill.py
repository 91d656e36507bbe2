"""One run in a process of its own that is killed, with SIGKILL, at a chosen step. Preloaded by the fork server."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from summarizer.archive import open_archive
from summarizer.daily import publish_mail
from summarizer.daily.briefing import Briefing
from summarizer.daily.config import load_config
from summarizer.daily.lock import exclusive
from tests.daily.world import polite, registry, tiny_terms


@dataclass
class Steps:
    """Counts the places where a run touches the world, and ends the process at the chosen one (0: never)."""

    kill_at: int
    count: int = 0

    def step(self, *_: Any) -> None:
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def run(config: Path, now: datetime, kill_at: int, results: Any) -> None:
    """Do one run; put the number of steps into ``results``. Before and after every commit, file and message is a step."""
    steps = Steps(kill_at)
    settings = load_config(config)
    fsync, send = os.fsync, publish_mail.Mail.send

    def counted_fsync(file: int) -> None:
        steps.step()  # the file is written beside its place
        fsync(file)
        steps.step()

    def counted_send(self: Any, *arguments: Any, **options: Any) -> None:
        steps.step()
        send(self, *arguments, **options)
        steps.step()

    os.fsync = counted_fsync
    publish_mail.Mail.send = counted_send  # type: ignore[method-assign]
    with open_archive(settings.archive_url) as archive, exclusive(archive):
        engine = archive.database.engine
        for event in ("begin", "commit"):
            sa.event.listen(engine, event, steps.step)
        Briefing(
            settings,
            archive,
            clock=lambda: now,
            fetcher=polite(settings.fetching),
            registry=registry(),
            terms=tiny_terms(),
        ).run()
    results.put(steps.count)


def run_in_process(config: Path, now: datetime, *, kill_at: int = 0) -> int:
    """Run in a child; return how many steps there were, or -1 where it was killed. Raises where it failed otherwise."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.daily.drill", "summarizer.pipeline", "trafilatura"])
    results = context.SimpleQueue()
    child = context.Process(target=run, args=(config, now, kill_at, results))
    child.start()
    child.join()
    if child.exitcode == -signal.SIGKILL:
        return -1
    if child.exitcode != 0:
        raise AssertionError(f"the run ended with {child.exitcode}")
    return int(results.get())
