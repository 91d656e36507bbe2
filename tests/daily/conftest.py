"""Fixtures of the briefing: servers that are stopped, and one run as a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from summarizer.archive import Archive, open_archive
from summarizer.daily.briefing import Briefing
from summarizer.daily.config import load_config
from summarizer.daily.lock import exclusive
from summarizer.daily.report import RunReport
from tests.archive.conftest import Server, postgresql
from tests.daily import world
from tests.daily.world import Mailbox, News, mail_server, polite, publish_day, registry, serve, tiny_terms

__all__ = ["postgresql"]

#: ``run(config, now, **options)`` does one whole run, as a process of its own would.
Run = Callable[..., RunReport]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def both_databases(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test on SQLite and on PostgreSQL, where each folder's archive is a schema of its own."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        urls: dict[Path, str] = {}
        monkeypatch.setattr(
            world,
            "ARCHIVES",
            lambda folder: urls[folder] if folder in urls else urls.setdefault(folder, server.url()),
        )


@pytest.fixture
def news() -> Iterator[News]:
    """A news server with the reports of the first day."""
    with serve(News()) as server:
        publish_day(server, 1)
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server(Mailbox()) as box:
        yield box


@pytest.fixture
def run() -> Run:
    def run_once(config: Path, now: datetime, *, busy_seconds: float = 5.0, **options: Any) -> RunReport:
        settings = load_config(config)
        with open_archive(settings.archive_url, busy_seconds=busy_seconds) as archive, exclusive(archive):
            briefing = Briefing(
                settings,
                archive,
                clock=lambda: now,
                fetcher=polite(settings.fetching),
                registry=registry(),
                terms=tiny_terms(),
            )
            return briefing.run(**options)

    return run_once


@pytest.fixture
def archive_of() -> Iterator[Callable[[Path], Archive]]:
    """Open the archive of a configuration; closed at the end."""
    opened: list[Archive] = []

    def open_it(config: Path) -> Archive:
        opened.append(open_archive(load_config(config).archive_url))
        return opened[-1]

    yield open_it
    for archive in opened:
        archive.close()
