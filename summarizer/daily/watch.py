"""``mujaz watch``: sources are read every few minutes, and the brief is made at its time of day. Ends on SIGTERM.

There is no state beside the archive: what is due is worked out from the clock and the briefs that exist, so that a
watch which was stopped, or whose machine slept, goes on with what it missed (``catch_up``).
"""

from __future__ import annotations

import datetime
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from summarizer.daily.config import BriefingConfig
from summarizer.errors import ConfigError, MujazError

logger = logging.getLogger(__name__)

#: Seconds between two looks at the clock: a machine that slept, or whose clock was set, is noticed within a minute.
LOOK_SECONDS: Final = 60.0

#: ``work(brief)``: read the sources, and with ``brief`` make the day's brief and publish.
Work = Callable[[bool], None]


def brief_time(config: BriefingConfig, day: datetime.date) -> datetime.datetime:
    """Return the instant at which the brief of ``day`` is made.

    On a day when clocks change, a time that does not exist is the one an hour later by the clock.
    """
    at = datetime.time.fromisoformat(config.schedule.at)
    return datetime.datetime.combine(day, at, tzinfo=config.zone).astimezone(datetime.UTC)


def is_due(config: BriefingConfig, *, now: datetime.datetime, last: datetime.date | None) -> bool:
    """Tell whether today's brief should be made: its time has come, and the last one is of an earlier day."""
    today = now.astimezone(config.zone).date()
    return now >= brief_time(config, today) and (last is None or last < today)


def next_time(config: BriefingConfig, *, now: datetime.datetime) -> datetime.datetime:
    """Return when to work next: at the next fetch, or at the time of the brief where that comes first."""
    today = now.astimezone(config.zone).date()
    times = [brief_time(config, today + datetime.timedelta(days=days)) for days in (0, 1)]
    fetch = now + datetime.timedelta(minutes=config.schedule.fetch_every_minutes)
    return min([fetch, *(time for time in times if time > now)])


def watch(
    config: BriefingConfig,
    work: Work,
    *,
    last_brief: Callable[[], datetime.date | None],
    stop: threading.Event,
    clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    wait: Callable[[float], bool] | None = None,
) -> None:
    """Work until ``stop`` is set. A run that fails is logged and tried again at the next fetch; a wrong config ends it.

    ``wait(seconds)`` returns True when it is time to stop (default: ``stop.wait``).
    """
    wait = wait or stop.wait
    longest = datetime.timedelta(minutes=config.schedule.fetch_every_minutes)
    due: datetime.datetime | None = None
    while not stop.is_set():
        now = clock()
        # A clock that was set back must not put the next fetch hours away.
        if due is None or now >= due or due - now > longest:
            due = next_time(config, now=now)
            try:
                work(is_due(config, now=now, last=last_brief()))
            except ConfigError:
                raise
            except MujazError:
                logger.exception("the run failed", extra={"event": "run_failed"})
        left = (due - clock()).total_seconds()
        if wait(min(LOOK_SECONDS, max(0.0, left))):
            return


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set; the work under way is finished first."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        logger.info("stopping on signal %d", number, extra={"event": "stopping"})
        stop.set()

    earlier = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
