"""kill -9 at any point: the archive stays clean, no report is lost or doubled, nothing is published twice."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from summarizer.archive import Archive
from summarizer.errors import ArchiveError
from tests.daily.conftest import Run
from tests.daily.drill import run_in_process
from tests.daily.world import REPORTS, Mailbox, News, at, publish_day, write_config

RECIPIENTS = ["one@example.org", "two@example.org"]


def config_with_mail(folder: Path, news: News, mailbox: Mailbox) -> Path:
    mail = {
        "id": "mail",
        "kind": "email",
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "none",
        "sender": "mujaz@example.org",
        "recipients": RECIPIENTS,
    }
    return write_config(folder, news, publishers=[mail, {"id": "site", "kind": "site", "folder": "public"}])


def check(archive: Archive, mailbox: Mailbox, folder: Path) -> None:
    """Assert what must hold after any number of kills and one whole run."""
    assert archive.verify() == []
    urls = Counter(each.document.url for each in archive.documents())
    assert len(urls) == sum(day == 1 for _, day, _ in REPORTS)
    assert set(urls.values()) == {1}
    assert len(archive.briefs(name="desk")) == 1
    items = {item.key: item.state for item in archive.outbox.list()}
    assert len(items) == 4
    sent = Counter(mailbox.recipients)
    for recipient in RECIPIENTS:
        # Held where nobody can know: then it went out once or not at all, and a person settles it. Never twice.
        state = items[f"desk:2018-03-02:mail:{recipient}"]
        assert state in ("sent", "uncertain")
        assert sent[recipient] == 1 if state == "sent" else sent[recipient] <= 1
    assert items["desk:2018-03-02:files"] == items["desk:2018-03-02:site"] == "sent"
    assert (folder / "public" / "index.html").read_text(encoding="utf-8").count(
        "2018-03-02/index.html"
    ) == 2 - 1
    assert not [path for path in folder.rglob(".*") if path.is_file()]  # no half-written file is left


def drill(
    tmp_path: Path,
    news: News,
    mailbox: Mailbox,
    archive_of: Callable[[Path], Archive],
    *,
    kills: int,
    seed: int,
) -> None:
    publish_day(news, 1)
    folder = tmp_path / "whole"
    folder.mkdir()
    steps = run_in_process(config_with_mail(folder, news, mailbox), at(1))
    check(archive_of(folder / "briefing.yaml"), mailbox, folder)
    random_numbers = random.Random(seed)
    folder, killed = tmp_path / "killed", 0
    folder.mkdir()
    mailbox.taken.clear()
    config = config_with_mail(folder, news, mailbox)
    for number in range(kills):
        if number % 5 == 0 and number:  # start anew: later kills find less and less to do
            run_in_process(config, at(1))
            check(archive_of(config), mailbox, folder)
            mailbox.taken.clear()
            folder = tmp_path / f"killed{number}"
            folder.mkdir()
            config = config_with_mail(folder, news, mailbox)
        killed += run_in_process(config, at(1), kill_at=random_numbers.randint(1, steps)) == -1
    assert killed >= kills // 2
    run_in_process(config, at(1))
    check(archive_of(config), mailbox, folder)


@pytest.mark.usefixtures("both_databases")
def test_killed_at_ten_points(
    tmp_path: Path, news: News, mailbox: Mailbox, archive_of: Callable[[Path], Archive]
) -> None:
    drill(tmp_path, news, mailbox, archive_of, kills=10, seed=1)


@pytest.mark.slow
@pytest.mark.usefixtures("both_databases")
def test_killed_at_fifty_points(
    tmp_path: Path, news: News, mailbox: Mailbox, archive_of: Callable[[Path], Archive]
) -> None:
    drill(tmp_path, news, mailbox, archive_of, kills=50, seed=2)


def pages_of(archive: Path) -> int:
    connection = sqlite3.connect(archive)
    try:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])
    finally:
        connection.close()


def test_a_full_disk_stops_the_run_and_loses_nothing(
    tmp_path: Path, news: News, mailbox: Mailbox, run: Run, archive_of: Callable[[Path], Archive]
) -> None:
    for name in ("roomy", "tight"):
        (tmp_path / name).mkdir()
    run(config_with_mail(tmp_path / "roomy", news, mailbox), at(1))
    mailbox.taken.clear()
    config = config_with_mail(tmp_path / "tight", news, mailbox)
    archive_of(config)  # made while there was room
    empty, used = (pages_of(tmp_path / name / "archive.sqlite") for name in ("tight", "roomy"))
    limits = [empty + (used - empty) * part // 5 for part in range(5)]

    def fill(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limits[0]}")

    sa.event.listen(sa.engine.Engine, "connect", fill)
    try:
        while limits:
            with pytest.raises(ArchiveError, match="disk is full"):
                run(config, at(1))
            limits.pop(0)
    finally:
        sa.event.remove(sa.engine.Engine, "connect", fill)
    assert archive_of(config).verify() == []
    run(config, at(1))
    check(archive_of(config), mailbox, tmp_path / "tight")


def test_a_locked_database_stops_the_run_and_loses_nothing(
    tmp_path: Path, news: News, mailbox: Mailbox, run: Run, archive_of: Callable[[Path], Archive]
) -> None:
    config = config_with_mail(tmp_path, news, mailbox)
    archive_of(config)
    other = sqlite3.connect(tmp_path / "archive.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArchiveError, match="another process is writing"):
        run(config, at(1), busy_seconds=0.05)
    other.rollback()
    other.close()
    run(config, at(1))
    check(archive_of(config), mailbox, tmp_path)


@pytest.mark.usefixtures("both_databases")
def test_an_archive_that_fails_in_the_middle_ends_the_run(
    tmp_path: Path, news: News, mailbox: Mailbox, run: Run, archive_of: Callable[[Path], Archive]
) -> None:
    """Readers must not wait for ever for a storing thread that has given up."""
    config = config_with_mail(tmp_path, news, mailbox)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Archive, "record", lambda *_: (_ for _ in ()).throw(ArchiveError("gone")))
        news.fail("/a/quake-1", 404)
        with pytest.raises(ArchiveError, match="gone"):
            run(config, at(1))
    assert archive_of(config).runs()[0].state == "failed"
    publish_day(news, 1)
    run(config, at(1))
    check(archive_of(config), mailbox, tmp_path)
