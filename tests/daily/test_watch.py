"""The schedule: when a run is due, and that nothing about clocks makes it miss or repeat one."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from summarizer.daily.config import BriefingConfig, load_config
from summarizer.daily.watch import brief_time, is_due, next_time, stopped_by_signals, watch
from summarizer.errors import ArchiveError, ConfigError
from tests.daily.world import write_config


def config(tmp_path: Path, **schedule: object) -> BriefingConfig:
    sources = [{"id": "f", "kind": "folder", "path": "in"}]
    return load_config(write_config(tmp_path, sources=sources, timezone="Asia/Baghdad", schedule=schedule))


def test_the_brief_is_due_by_the_clock_of_its_zone(tmp_path: Path) -> None:
    settings = config(tmp_path, at="06:00")
    assert brief_time(settings, date(2018, 3, 2)) == datetime(2018, 3, 2, 3, tzinfo=UTC)
    early, late = datetime(2018, 3, 2, 2, 59, tzinfo=UTC), datetime(2018, 3, 2, 3, tzinfo=UTC)
    assert not is_due(settings, now=early, last=date(2018, 3, 1))
    assert is_due(settings, now=late, last=date(2018, 3, 1))
    assert is_due(settings, now=late, last=None)
    assert not is_due(settings, now=late, last=date(2018, 3, 2))
    assert not is_due(settings, now=late, last=date(2018, 3, 5))  # the clock was set back


def test_the_next_time_is_the_fetch_or_the_brief(tmp_path: Path) -> None:
    settings = config(tmp_path, at="06:00", fetch_every_minutes=30)
    assert next_time(settings, now=datetime(2018, 3, 2, 2, 50, tzinfo=UTC)).minute == 0
    assert next_time(settings, now=datetime(2018, 3, 2, 3, 0, tzinfo=UTC)).minute == 30


class Loop:
    """A clock that goes on while somebody waits, and work that is written down."""

    def __init__(self, start: datetime, *, hours: float) -> None:
        self.now, self.end = start, start + timedelta(hours=hours)
        self.last: date | None = None
        self.done: list[tuple[str, bool]] = []
        self.failing = False

    def wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.now >= self.end

    def work(self, brief: bool) -> None:
        self.done.append((self.now.strftime("%d %H:%M"), brief))
        if self.failing:
            raise ArchiveError("the disk is full")
        if brief:
            self.last = self.now.date()

    def run(self, settings: BriefingConfig) -> list[str]:
        watch(
            settings,
            self.work,
            last_brief=lambda: self.last,
            stop=threading.Event(),
            clock=lambda: self.now,
            wait=self.wait,
        )
        return [time for time, brief in self.done if brief]


def test_two_days_of_watching(tmp_path: Path) -> None:
    loop = Loop(datetime(2018, 3, 1, 0, 10, tzinfo=UTC), hours=48)
    assert loop.run(config(tmp_path, at="06:00", fetch_every_minutes=60)) == ["01 03:00", "02 03:00"]
    assert 48 <= len(loop.done) <= 52


def test_a_run_that_fails_is_tried_again_at_the_next_fetch(tmp_path: Path) -> None:
    loop = Loop(datetime(2018, 3, 1, 3, 0, tzinfo=UTC), hours=2)
    loop.failing = True
    assert loop.run(config(tmp_path, at="06:00", fetch_every_minutes=30)) == [
        "01 03:00", "01 03:30", "01 04:00", "01 04:30",
    ]  # fmt: skip


def test_a_clock_set_back_does_not_stop_the_fetching(tmp_path: Path) -> None:
    loop = Loop(datetime(2018, 3, 2, 0, 10, tzinfo=UTC), hours=3)
    steps = iter([timedelta(days=-1)])
    wait = loop.wait

    def jump(seconds: float) -> bool:
        loop.now += next(steps, timedelta())
        return wait(seconds) or (loop.now >= datetime(2018, 3, 1, 2, tzinfo=UTC) and loop.now.day == 1)

    loop.wait = jump  # type: ignore[method-assign]
    loop.run(config(tmp_path, at="06:00", fetch_every_minutes=30))
    assert len(loop.done) >= 4


def test_a_wrong_configuration_ends_the_watch(tmp_path: Path) -> None:
    def work(_: bool) -> None:
        raise ConfigError("no such profile")

    with pytest.raises(ConfigError):
        watch(config(tmp_path), work, last_brief=lambda: None, stop=threading.Event(), wait=lambda _: True)


def test_sigterm_lets_the_run_finish(tmp_path: Path) -> None:
    done = []

    def work(_: bool) -> None:
        signal.raise_signal(signal.SIGTERM)
        done.append("finished")

    before = signal.getsignal(signal.SIGTERM)
    with stopped_by_signals() as stop:
        watch(config(tmp_path), work, last_brief=lambda: None, stop=stop)
    assert done == ["finished"]
    assert signal.getsignal(signal.SIGTERM) is before
