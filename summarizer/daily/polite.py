"""Asking hosts for pages as a good guest: robots' rules, one request at a time to a host, pauses, back-off.

What may be fetched at all is ``summarizer.fetch``'s affair. Here every host has a lock and a time before which it is
left alone; a 429, a 5xx or a broken connection is tried again after a growing pause (or the host's ``Retry-After``);
a host that stays down is left alone for the rest of the run, so that one dead outlet does not cost an hour.
"""

from __future__ import annotations

import email.utils
import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from summarizer.daily.config import Fetching
from summarizer.daily.robots import ROBOTS_LIMIT_BYTES, Rules, parse_robots
from summarizer.errors import FetchError
from summarizer.fetch import USER_AGENT, Fetched, Fetcher

logger = logging.getLogger(__name__)

#: Codes of ``FetchError`` that may be gone the next time.
PASSING_CODES: Final = frozenset({"timeout", "network", "dns", "host_rests", "robots_unreachable"})
#: Seconds before the first retry; each further one waits twice as long.
FIRST_PAUSE_SECONDS: Final = 1.0
#: Failures in a row, retries included, after which a host is left alone for the rest of the run.
FAILURES_TO_REST: Final = 3


def is_passing(error: FetchError) -> bool:
    """Tell whether the same request may succeed later: the host is busy or away, rather than saying no."""
    return error.code in PASSING_CODES or (
        error.status is not None and (error.status == 429 or error.status >= 500)
    )


@dataclass
class _Host:
    """What is known of one host during a run."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked_at: float = -math.inf  # when the last request ended, by the monotonic clock
    free_at: float = -math.inf  # not before this after a failure
    rests: str | None = None  # why nothing more is asked of it in this run
    failures: int = 0
    rules: Rules | None = None
    refused: str | None = None  # why its robots.txt could not be read


class PoliteFetcher:
    """Fetches pages for one run. Safe to share between threads; threads that want one host wait for each other.

    ``fetcher`` does the fetching; ``clock`` (monotonic seconds) and ``sleep`` stand in for time in tests.
    """

    def __init__(
        self,
        settings: Fetching,
        *,
        fetcher: Fetcher | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        agent = settings.user_agent or USER_AGENT
        options = {
            "timeout": settings.timeout_seconds,
            "allow_private": settings.allow_private,
            "user_agent": agent,
        }
        self._fetcher = fetcher or Fetcher(**options)  # type: ignore[arg-type]
        self._robots_fetcher = fetcher or Fetcher(limit_bytes=ROBOTS_LIMIT_BYTES, **options)  # type: ignore[arg-type]
        self._agent = agent.partition("/")[0]
        self._settings = settings
        self._clock, self._sleep = clock, sleep
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._guard = threading.Lock()

    def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Read ``url``, if robots' rules allow. Raises ``FetchError``: beside ``Fetcher.fetch``'s codes ``robots``,
        ``robots_unreachable`` and ``host_rests`` (the host was given up for this run)."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        host = self._host(url)
        with host.lock:
            if self._settings.robots:
                self._obey(url, host)
            return self._ask(url, host, {name: value for name, value in conditions.items() if value})

    def _host(self, url: str) -> _Host:
        parts = urlsplit(url)
        with self._guard:
            return self._hosts[f"{parts.scheme}://{parts.netloc}".lower()]

    def _ask(
        self, url: str, host: _Host, headers: dict[str, str], *, fetcher: Fetcher | None = None
    ) -> Fetched:
        for attempt in range(self._settings.retries + 1):
            if host.rests is not None:
                raise FetchError(f"{url}: the host is left alone for now: {host.rests}", code="host_rests")
            self._wait(host)
            try:
                fetched = (fetcher or self._fetcher).fetch(url, headers=headers)
            except FetchError as error:
                pause = self._pause(error, attempt)
                host.asked_at = self._clock()
                if not is_passing(error):
                    host.failures = 0
                    raise
                host.free_at = host.asked_at + pause
                host.failures += 1
                logger.debug("%s (attempt %d)", error, attempt + 1)
                if pause > self._settings.longest_wait_seconds or host.failures > max(
                    FAILURES_TO_REST, self._settings.retries
                ):
                    host.rests = str(error)
                if attempt == self._settings.retries or host.rests is not None:
                    raise
            else:
                host.failures = 0
                host.asked_at = self._clock()
                return fetched
        raise AssertionError("unreachable")  # the last attempt returns or raises

    def _delay(self, host: _Host) -> float:
        """Return the seconds between two requests to this host."""
        asked = host.rules.delay if host.rules is not None else None
        return max(self._settings.delay_seconds, asked or 0.0)

    def _wait(self, host: _Host) -> None:
        left = max(host.free_at, host.asked_at + self._delay(host)) - self._clock()
        if left > 0:
            self._sleep(left)

    def _pause(self, error: FetchError, attempt: int) -> float:
        told = retry_seconds(error.retry_after) if error.retry_after else None
        return told if told is not None else FIRST_PAUSE_SECONDS * 2.0**attempt

    def _obey(self, url: str, host: _Host) -> None:
        if host.rules is None and host.refused is None:
            self._read_robots(url, host)
        if host.refused is not None:
            raise FetchError(f"{url}: robots.txt cannot be read: {host.refused}", code="robots_unreachable")
        if host.rules is not None and not host.rules.allows(url):
            raise FetchError(f"{url}: robots.txt forbids it", code="robots")

    def _read_robots(self, url: str, host: _Host) -> None:
        """Read a host's rules, once a run. No such file (4xx) allows all; one that cannot be had allows nothing."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        try:
            answer = self._ask(address, host, {}, fetcher=self._robots_fetcher)
            host.rules = parse_robots(answer.content.decode("utf-8", "replace"), agent=self._agent)
        except FetchError as error:
            if is_passing(error) or error.code == "private_address":
                host.refused = str(error)
            else:  # 404, a web page in its place, a file of megabytes: no rules that could be meant
                host.rules = Rules()


def retry_seconds(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number, or an HTTP date), None where it is neither."""
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
