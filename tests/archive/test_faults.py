"""The fault drill: whatever goes wrong in the middle, the archive is clean, nothing is lost and nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from summarizer.archive import Archive, Publication, open_archive
from summarizer.archive.database import Database
from summarizer.archive.stories import update_stories
from summarizer.errors import ArchiveError
from tests.archive.samples import NOON, brief_of, edited, fortnight

DAYS = 4
NEWS = fortnight(11, days=DAYS, articles=4)


def work(archive: Archive, sent: Path) -> None:
    """Do the work of some days from wherever it was left, as the daily briefing does."""
    run = archive.start_run("brief", at=NOON)
    for item in archive.outbox.recover(at=NOON):
        assert item.state == "uncertain"
    for day in range(DAYS):
        at = NOON + timedelta(days=day)
        today = [each for each in NEWS if each.published == at.date().isoformat()]
        archive.add_documents(today, at=at, run=run)
        update_stories(archive, at=at, run=run)
        # The first of each day is edited, once: what it says afterwards is the same however often this is done.
        archive.add_documents([edited(today[0], ".", " عاجل.")], at=at, run=run)
        update_stories(archive, at=at, run=run)
        shown = [each.document for each in archive.documents(ids=[each.id for each in today])]
        brief = brief_of(shown, created=at.isoformat())
        letter = Publication(key=f"{at.date()}", channel="file", payload={"day": str(at.date())})
        archive.save_brief(brief, day=at.date(), name="m", run=run, publications=[letter], at=at)
        while (claimed := archive.outbox.claim(now=at)) is not None:
            with sent.open("a") as file:
                file.write(f"{claimed.key}\n")
            archive.outbox.sent(claimed.id, at=at)
    archive.finish_run(run, at=NOON)


def check(archive: Archive, sent: Path) -> None:
    """Everything is there, once."""
    assert archive.verify() == []
    stored = list(archive.documents())
    assert sorted(each.id for each in stored) == sorted(each.id for each in NEWS)
    assert all(each.story_id for each in stored)
    firsts = {f"d{day:02}-00" for day in range(DAYS)}
    assert all(len(archive.versions(each)) >= 2 for each in firsts)
    assert sum(len(each.document_ids) for each in archive.stories()) == len(NEWS)
    assert sorted(each.day.isoformat() for each in archive.briefs()) == _days()
    assert archive.stats()["unread"] == 0
    published = Counter(sent.read_text().split())
    assert set(published.values()) == {1}  # nothing twice
    states = {each.key: each.state for each in archive.outbox.list()}
    assert sorted(states) == _days()
    # What did not go out is known not to be certain.
    assert all(states[key] in ("sent", "uncertain") for key in states)
    assert all(key in published for key, state in states.items() if state == "sent")


def _days() -> list[str]:
    return [(NOON + timedelta(days=day)).date().isoformat() for day in range(DAYS)]


def run_and_die(where: str, sent: Path, *, after: int) -> bool:
    """Work in a process that is killed (kill -9) at its statement number ``after``; tell whether it was."""
    child = os.fork()
    if child == 0:  # the new process
        try:
            with open_archive(where) as archive:
                count = iter(range(1, 1 << 30))

                @sa.event.listens_for(archive.database.engine, "before_cursor_execute")
                def _die(*_: object) -> None:
                    if next(count) == after:
                        os.kill(os.getpid(), signal.SIGKILL)

                @sa.event.listens_for(archive.database.engine, "commit")
                def _die_at_commit(*_: object) -> None:
                    if next(count) == after:
                        os.kill(os.getpid(), signal.SIGKILL)

                work(archive, sent)
        except BaseException:  # noqa: BLE001 - a forked test must not go on as a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed; see its traceback"
    return os.WIFSIGNALED(status)


def drill(where: str, sent: Path, *, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    done = 0
    while done < kills:
        # Mostly soon, so that some kills find the work hardly begun again; sometimes late.
        after = chance.randrange(1, chance.choice([60, 300, 900]))
        if run_and_die(where, sent, after=after):
            done += 1
            with open_archive(where) as archive:
                assert archive.verify() == []
    run_and_die(where, sent, after=-1)
    with open_archive(where) as archive:
        check(archive, sent)


def test_killed_at_twenty_points(where: str, tmp_path: Path) -> None:
    kills = 6 if "://" in where else 20  # the slow test has more for PostgreSQL too
    drill(where, tmp_path / "sent", kills=kills, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_fifty_points(where: str, tmp_path: Path, seed: int) -> None:
    drill(where, tmp_path / "sent", kills=50, seed=100 + seed)


def test_a_full_disk_costs_the_step_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, sent = tmp_path / "a.sqlite", tmp_path / "sent"
    with open_archive(path) as archive:
        free = archive.database.engine
    pages = sa.create_engine(free.url).connect().exec_driver_sql("PRAGMA page_count").scalar_one()
    refused = 0
    for limit in range(pages, pages + 400, 5):
        with open_archive(path) as archive:

            @sa.event.listens_for(archive.database.engine, "connect")
            def _fill_disk(connection: object, _: object, limit: int = limit) -> None:
                connection.execute(f"PRAGMA max_page_count={limit}")  # type: ignore[attr-defined]

            archive.database.engine.dispose()
            try:
                work(archive, sent)
            except ArchiveError as error:
                assert "the disk is full" in str(error)  # noqa: PT017 - how often it is refused is counted
                refused += 1
            else:
                break
        with open_archive(path) as archive:
            assert archive.verify() == []
    assert refused >= 3
    with open_archive(path) as archive:
        work(archive, sent)
        check(archive, sent)


@pytest.fixture
def locked(where: str) -> Iterator[Callable[[], None]]:
    """Another process is writing; calling the fixture lets it finish."""
    open_archive(where).close()
    database = Database.connect(where)
    step = database.write()
    connection = step.__enter__()
    connection.execute(sa.text("UPDATE settings SET value = value"))
    ended: list[bool] = []

    def finish() -> None:
        if not ended:
            ended.append(True)
            step.__exit__(None, None, None)

    yield finish
    finish()
    database.close()


def test_a_locked_archive_says_so_and_can_still_be_read(where: str, locked: Callable[[], None]) -> None:
    with open_archive(where, busy_seconds=0.05) as archive:
        with pytest.raises(ArchiveError, match="another process is writing"):
            archive.add_documents(NEWS, at=NOON)
        assert list(archive.documents()) == []
        locked()
        assert len(archive.add_documents(NEWS, at=NOON).new) == len(NEWS)
        assert archive.verify() == []


def test_a_step_waits_for_the_one_before(where: str, locked: Callable[[], None]) -> None:
    with open_archive(where) as archive:
        later = threading.Timer(0.2, locked)
        later.start()
        assert len(archive.add_documents(NEWS, at=NOON).new) == len(NEWS)
        later.join()


def test_writers_at_once_double_nothing(archive: Archive) -> None:
    results: list[int] = []

    def add() -> None:
        results.extend(len(archive.add_documents([each], at=NOON).new) for each in NEWS)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == len(NEWS)
    assert archive.verify() == []


def test_a_clock_set_back_between_runs(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tests.archive.test_faults as here

    sent = tmp_path / "sent"
    work(archive, sent)
    monkeypatch.setattr(here, "NOON", NOON - timedelta(days=400))
    run = archive.start_run("brief", at=here.NOON)
    archive.add_documents(NEWS, at=here.NOON, run=run)
    update_stories(archive, at=here.NOON)
    assert archive.outbox.claim(now=here.NOON) is None
    archive.finish_run(run, at=here.NOON)
    monkeypatch.undo()
    check(archive, sent)
