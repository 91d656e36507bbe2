"""The outbox: each publication is handed out once, whatever dies in between; and the other lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from summarizer.archive import Archive, LogEntry, Page, Publication, RunRecord, SourceState
from summarizer.errors import InputError
from tests.archive.samples import NOON

HOUR = timedelta(hours=1)
LETTERS = [Publication(key=f"k{n}", channel="mail", payload={"n": n}) for n in (1, 2)]


def test_publications_go_out_in_order_and_once(archive: Archive) -> None:
    archive.outbox.add(LETTERS, at=NOON)
    archive.outbox.add(LETTERS, at=NOON)
    first = archive.outbox.claim(now=NOON)
    assert first is not None
    assert (first.key, first.state, first.attempts) == ("k1", "sending", 1)
    archive.outbox.sent(first.id, at=NOON)
    second = archive.outbox.claim(now=NOON)
    assert second is not None
    assert second.key == "k2"
    assert archive.outbox.claim(now=NOON) is None  # being sent is not to be sent
    archive.outbox.sent(second.id, at=NOON)
    archive.outbox.add(LETTERS, at=NOON)  # the keys are remembered
    assert [each.state for each in archive.outbox.list()] == ["sent", "sent"]
    with pytest.raises(InputError, match="sent already"):
        archive.outbox.retry(second.id, at=NOON, next_at=NOON, error="")
    assert archive.verify() == []


def test_what_failed_waits_for_its_time(archive: Archive) -> None:
    archive.outbox.add(LETTERS[:1], at=NOON)
    item = archive.outbox.claim(now=NOON)
    assert item is not None
    archive.outbox.retry(item.id, at=NOON, next_at=NOON + HOUR, error="refused")
    assert archive.outbox.claim(now=NOON + HOUR / 2) is None
    again = archive.outbox.claim(now=NOON + HOUR)
    assert again is not None
    assert (again.attempts, again.error) == (2, "refused")
    archive.outbox.fail(again.id, at=NOON, error="no such address")
    assert archive.outbox.claim(now=NOON + 99 * HOUR) is None
    archive.outbox.retry(again.id, at=NOON, next_at=NOON, error="the address was mended")
    assert archive.outbox.claim(now=NOON) is not None


def test_a_clock_that_is_set_back_holds_nothing_up(archive: Archive) -> None:
    archive.outbox.add(LETTERS[:1], at=NOON)
    assert archive.outbox.claim(now=NOON - 999 * HOUR) is not None


def test_what_was_being_sent_at_a_crash_is_uncertain_and_not_sent_again(archive: Archive) -> None:
    archive.outbox.add(LETTERS, at=NOON)
    item = archive.outbox.claim(now=NOON)
    assert item is not None
    (left,) = archive.outbox.recover(at=NOON)
    assert (left.id, left.state) == (item.id, "uncertain")
    assert archive.outbox.recover(at=NOON) == ()
    other = archive.outbox.claim(now=NOON)
    assert other is not None
    assert other.key == "k2"
    assert archive.outbox.claim(now=NOON) is None
    assert [each.key for each in archive.outbox.list(state="uncertain")] == ["k1"]
    archive.outbox.sent(item.id, at=NOON)  # the channel says it came
    assert archive.outbox.list(key="k1")[0].state == "sent"
    with pytest.raises(InputError, match="not in the outbox"):
        archive.outbox.sent(99, at=NOON)


def test_runs_say_what_they_met_and_a_dead_one_was_interrupted(archive: Archive) -> None:
    first = archive.start_run("brief", at=NOON, detail={"config": "x"})
    archive.record(first, [RunRecord(source="bbc", outcome="failed", subject="http://x", reason="404")])
    archive.record(first, [])
    second = archive.start_run("brief", at=NOON + HOUR)
    archive.finish_run(second, at=NOON + HOUR, detail={"new": 3})
    assert [(each.id, each.state) for each in archive.runs()] == [(second, "done"), (first, "interrupted")]
    assert archive.runs(limit=1)[0].detail == {"new": 3}
    assert archive.run_records(first) == [
        RunRecord(source="bbc", outcome="failed", subject="http://x", reason="404")
    ]
    with pytest.raises(InputError, match="no run 99"):
        archive.finish_run(99)
    assert archive.verify() == []


def test_edits_and_votes_are_only_added_to(archive: Archive) -> None:
    number = archive.edits.add("brief:1/story:s1", {"ar": "نص", "before": None}, at=NOON, by="editor")
    archive.edits.add("brief:2", {}, at=NOON)
    assert archive.edits.list("brief:1/story:s1") == [
        LogEntry(
            id=number, at=NOON, subject="brief:1/story:s1", by="editor", data={"ar": "نص", "before": None}
        )
    ]
    assert len(archive.edits.list()) == 2
    assert archive.votes.list() == []


def test_sources_and_pages_are_remembered(archive: Archive) -> None:
    assert archive.sources.get("bbc") == SourceState(name="bbc")
    state = SourceState(name="bbc", etag='"1"', checked=NOON, failures=2, data={"seen": {"ن": 1}})
    archive.sources.put(state)
    archive.sources.put(state)
    assert archive.sources.list() == [state]
    page = Page(url="https://x/", fetched=NOON, status=200, headers={"etag": "1"}, body=b"\0\xff")
    archive.pages.put(page)
    archive.pages.put(page)
    assert archive.pages.get("https://x/") == page
    assert archive.pages.get("https://y/") is None
