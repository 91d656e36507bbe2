"""What the server counts, for Prometheus. A registry of its own, so that several servers may live in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from summarizer.server.jobs import Job, JobState

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
#: Upper bounds in seconds: pages take milliseconds, briefs up to many minutes.
_REQUEST_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_JOB_BUCKETS: Final = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
#: Methods that get a label of their own; a caller may invent others.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})


class Metrics:
    """The counters of one server. ``job_counts`` gives the jobs in each state, ``JobQueue.counts``."""

    def __init__(self, job_counts: Callable[[], dict[JobState, int]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Jobs(job_counts))
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "mujaz_http_requests", "Answers sent.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "mujaz_http_request_seconds",
            "From the request's head to the end of its answer.",
            ["route"],
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._ended = Counter("mujaz_jobs_ended", "Jobs that ended.", ["state"], registry=self._registry)
        self._job_seconds = Histogram(
            "mujaz_job_seconds",
            "From submitting a job to its brief, waiting included.",
            buckets=_JOB_BUCKETS,
            registry=self._registry,
        )
        self._sentences = Counter(
            "mujaz_sentences_translated", "Texts put into English.", registry=self._registry
        )
        self._checks = Counter(
            "mujaz_checks", "Faithfulness checks of English texts.", ["verdict"], registry=self._registry
        )

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text form."""
        return generate_latest(self._registry)

    def count_translation(self, verdicts: Iterator[str]) -> None:
        """Count one text that was put into English, and the verdicts of its checks."""
        self._sentences.inc()
        for verdict in verdicts:
            self._checks.labels(verdict).inc()

    def count_job(self, job: Job) -> None:
        """Count a job that ended: an observer of ``JobQueue``."""
        self._ended.labels(job.state).inc()
        if job.brief is None or job.finished is None:
            return
        self._job_seconds.observe((job.finished - job.submitted).total_seconds())
        for story in job.brief.stories:
            for checks in (
                story.title_checks,
                *(sentence.checks for sentence in story.summary),
                *(entry.checks for entry in story.timeline),
            ):
                self.count_translation(check.verdict for check in checks if check.on == "en")

    def watch(self, app: ASGIApp) -> ASGIApp:
        """Return ``app`` as a middleware that counts and times its answers."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            start, status = time.perf_counter(), 500

            async def noted(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, noted)
            finally:
                # The route's pattern, never the path: job ids are secrets, and labels must be few.
                route = getattr(scope.get("route"), "path", "") or "other"
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._requests.labels(method, route, str(status)).inc()
                self._seconds.labels(route).observe(time.perf_counter() - start)

        return watched


class _Jobs(Collector):
    """The jobs in each state, counted when they are asked for."""

    def __init__(self, counts: Callable[[], dict[JobState, int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        counts = self._counts()
        states = GaugeMetricFamily("mujaz_jobs", "Jobs that are remembered, by state.", labels=["state"])
        for state, count in counts.items():
            states.add_metric([state], count)
        yield states
        yield GaugeMetricFamily("mujaz_queue_length", "Jobs that wait.", value=counts["queued"])
