"""Feeds, sitemaps, folders, maildirs: what is read, what waits, what is given up, and that nothing is forgotten."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from summarizer.archive import SourceState
from summarizer.daily.config import FeedSource, FolderSource, MaildirSource, SitemapSource, Source
from summarizer.daily.listing import Batch, clean_url
from summarizer.daily.selectors import select_html
from summarizer.daily.sitemaps import parse_sitemap
from summarizer.daily.sources import read_source
from summarizer.errors import ReadError
from tests.daily.world import REPORTS, News, at, page, polite, publish_day, rss

NOW = datetime(2018, 3, 2, 6, tzinfo=UTC)


def read(
    source: Source, state: SourceState | None = None, *, attempts: int = 2, **options: Any
) -> list[Batch]:
    state = state or SourceState(name=source.id)
    return list(read_source(source, state, fetcher=polite(**options), attempts=attempts, now=NOW))


def feed(news: News, **changes: Any) -> FeedSource:
    return FeedSource(**{"kind": "feed", "id": "b", "url": f"{news.url}/b/feed", **changes})


def urls(batches: list[Batch]) -> list[str]:
    return [(document.url or "").rpartition("/")[2] for batch in batches for document in batch.documents]


def outcomes(batches: list[Batch]) -> list[tuple[str, str]]:
    return [
        (record.outcome, record.subject.rpartition("/")[2]) for batch in batches for record in batch.records
    ]


# --- feeds --------------------------------------------------------------------------------------


def test_a_feed_names_pages_and_pages_are_the_reports(news: News) -> None:
    batches = read(feed(news, outlet="الباء"))
    assert urls(batches) == ["quake-1", "vote-1", "flood-1"]
    document = batches[-1].documents[0]
    assert document.title == REPORTS["quake", 1, "b"][0]
    assert REPORTS["quake", 1, "b"][1].split("\n")[2] in document.text
    assert (document.source, (document.published or "")[:10]) == ("الباء", "2018-03-01")
    assert "utm_source" not in (document.url or "")


def test_a_page_named_before_the_kill_is_read_after_it(news: News) -> None:
    """The first batch holds the feed's validators and all its pages: a 304 afterwards hides none of them."""
    first = read(feed(news))[0]
    assert first.documents == ()
    assert len(first.state.data["pending"]) == 3
    batches = read(feed(news), first.state)
    assert news.asked("/b/feed") == 2
    assert sorted(urls(batches)) == ["flood-1", "quake-1", "vote-1"]
    assert batches[-1].state.data["pending"] == []


def test_a_page_that_is_down_waits_and_then_the_teaser_is_too_short(news: News) -> None:
    news.fail("/b/flood-1", 500)
    first = read(feed(news))
    assert ("waiting", "flood-1") in outcomes(first)
    assert [each["attempts"] for each in first[-1].state.data["pending"]] == [1]
    second = read(feed(news), first[-1].state)
    assert outcomes(second) == [("failed", "flood-1")]
    assert second[-1].state.data["pending"] == []


def test_a_feed_that_carries_its_reports_is_enough(news: News) -> None:
    text = REPORTS["quake", 1, "b"][1] * 2
    body = rss(news, "b", [("quake", 1)]).replace("<description>", f"<description>{text}")
    news.put("/b/feed", body, kind="application/rss+xml")
    news.fail("/b/quake-1", 404)
    batches = read(feed(news))
    assert outcomes(batches) == [("feed_text", "quake-1")]
    assert text.split("\n")[0] in batches[-1].documents[0].text
    plain = read(feed(news, full_text=False))
    assert urls(plain) == ["quake-1"]
    assert news.asked("/b/quake-1") == 1


def test_a_host_that_is_down_costs_no_attempts(news: News) -> None:
    for story in ("quake", "vote", "flood"):
        news.fail(f"/b/{story}-1", 429, Retry_After="9999")
    batches = read(feed(news))
    assert news.asked("/b/vote-1") == 0
    assert sorted(each["attempts"] for each in batches[-1].state.data["pending"]) == [0, 0, 1]


def test_more_than_the_limit_waits(news: News) -> None:
    first = read(feed(news, limit=2))
    assert len(urls(first)) == 2
    assert len(urls(read(feed(news, limit=2), first[-1].state))) == 1


def test_addresses_that_are_not_wanted(news: News) -> None:
    assert urls(read(feed(news, allow="vote"))) == ["vote-1"]


def test_a_report_in_another_language_is_skipped(news: News) -> None:
    news.put("/b/vote-1", page("Vote in Tunisia", "Tunisians voted on Thursday. " * 20, day=1))
    assert ("skipped", "vote-1") in outcomes(read(feed(news)))


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 100, b"<html>down</html>", b"x" * 10_000_000, os.urandom(10_000_000)]
)
def test_a_feed_of_garbage_costs_nothing_but_itself(news: News, body: bytes) -> None:
    state = SourceState(name="b", failures=2)
    news.put("/b/feed", body, kind="application/rss+xml")
    [batch] = read(feed(news), state)
    assert [record.outcome for record in batch.records] == ["failed"]
    assert batch.state.failures == 3


def test_pages_wait_for_nobody_when_the_feed_is_down(news: News) -> None:
    first = read(feed(news))[0]
    news.fail("/b/feed", 500)
    batches = read(feed(news), first.state)
    assert len(urls(batches)) == 3
    assert batches[-1].state.failures == 1


def test_the_state_does_not_grow(news: News) -> None:
    state = read(feed(news))[-1].state
    for day in range(5):
        news.put(
            "/b/feed", rss(news, "b", [("quake", 1)]).replace("quake-1", f"quake-{day}"), kind="text/xml"
        )
        state = read(feed(news), state)[-1].state
    assert len(state.data["seen"]) == 1


def test_a_selector_takes_the_place_of_guessing() -> None:
    body = page("عنوان", "نص الخبر الأول هنا.", day=1).replace("<nav>", "<nav><p class='x'>إعلان طويل</p>")
    chosen = select_html(body.encode(), "article p").decode()
    assert "نص الخبر" in chosen
    assert "إعلان" not in chosen
    with pytest.raises(ReadError, match="finds nothing"):
        select_html(body.encode(), ".gone")


def test_one_report_has_one_address() -> None:
    assert clean_url("https://x.example/a?id=3&utm_source=rss&fbclid=1#top") == "https://x.example/a?id=3"
    assert clean_url("https://x.example/a?q=%D8%A7&b") == "https://x.example/a?q=%D8%A7&b"


# --- sitemaps -----------------------------------------------------------------------------------


def sitemap(news: News, *entries: tuple[str, str], news_of: str | None = None) -> bytes:
    rows = "".join(
        f"<url><loc>{news.url}{path}</loc><lastmod>{day}</lastmod>"
        + (f"<n:news><n:publication><n:name>باء</n:name></n:publication><n:publication_date>{day}</n:publication_date><n:title>{news_of}</n:title></n:news>" if news_of else "")
        + "</url>"
        for path, day in entries
    )  # fmt: skip
    return (
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"{rows}</urlset>"
    ).encode()


def test_a_news_sitemap(news: News) -> None:
    body = sitemap(news, ("/b/quake-1", "2018-03-01"), ("/b/vote-1", "2018-01-01"), news_of="زلزال")
    news.put("/map.xml", body, kind="application/xml")
    source = SitemapSource(kind="sitemap", id="m", url=f"{news.url}/map.xml")
    first = read(source)
    assert urls(first) == ["quake-1"]  # the other is two months old
    assert first[-1].documents[0].published == "2018-03-01"
    assert urls(read(source, first[-1].state)) == []
    assert news.seen[-1][1]["If-None-Match"]


def test_an_index_of_packed_sitemaps(news: News) -> None:
    for name in ("one", "two"):
        path = "/b/quake-1" if name == "one" else "/b/vote-1"
        news.put(
            f"/{name}.xml.gz",
            gzip.compress(sitemap(news, (path, "2018-03-02"))),
            kind="application/octet-stream",
        )
    index = "".join(
        f"<sitemap><loc>{news.url}/{name}.xml.gz</loc></sitemap>" for name in ("one", "two", "gone")
    )
    news.put("/map.xml", f"<sitemapindex>{index}</sitemapindex>", kind="text/xml")
    source = SitemapSource(kind="sitemap", id="m", url=f"{news.url}/map.xml")
    assert sorted(urls(read(source))) == ["quake-1", "vote-1"]


@pytest.mark.parametrize("body", [b"", b"<html/>", b"\x1f\x8bjunk", b"no address here"])
def test_what_is_no_sitemap(body: bytes) -> None:
    with pytest.raises(ReadError):
        list(parse_sitemap(body))


# --- folders and maildirs -----------------------------------------------------------------------


def test_a_folder_is_read_once_and_changed_files_again(tmp_path: Path) -> None:
    def put(name: str, story: str, *, when: float = 0.0) -> None:
        path = tmp_path / name
        path.write_text("\n\n".join(REPORTS[story, 1, "b"]), encoding="utf-8")
        os.utime(path, (when, when))

    source = FolderSource(kind="folder", id="f", path=tmp_path, outlet="باء")
    put("one.txt", "quake")
    put("late.txt", "vote", when=NOW.timestamp() - 1)
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    os.utime(tmp_path / "bad.txt", (0, 0))
    (tmp_path / ".hidden.txt").write_text("x")
    [first] = read(source)
    assert [document.origin for document in first.documents] == [
        "one.txt"
    ]  # the other is still being written
    assert first.documents[0].source == "باء"
    assert [record.subject for record in first.records] == ["bad.txt"]
    put("late.txt", "vote", when=NOW.timestamp() - 10)
    put("one.txt", "flood", when=NOW.timestamp() - 9)
    [second] = read(source, first.state)
    assert [document.origin for document in second.documents] == ["late.txt", "one.txt"]
    (tmp_path / "one.txt").unlink()
    [third] = read(source, second.state)
    assert third.documents == ()
    assert "one.txt" not in third.state.data["seen"]


def test_a_folder_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    [batch] = read(FolderSource(kind="folder", id="f", path=tmp_path / "none"))
    assert [record.outcome for record in batch.records] == ["failed"]


def test_a_maildir(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    title, text = REPORTS["quake", 1, "b"]
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["From"] = "وكالة جيم <wire@example.org>"
    message["Subject"] = f"Fwd: {title}"
    message["Date"] = "Thu, 01 Mar 2018 10:00:00 +0300"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("ignored")
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    plain = message.get_body(("plain",))
    assert plain is not None
    plain.set_content(text)
    (tmp_path / "new" / "1.host").write_bytes(message.as_bytes())
    (tmp_path / "new" / "2.host").write_bytes(
        b"Subject: =?utf-8?b?!!!?=\nContent-Type: text/plain; charset=nope\n\n\xff\xfe"
    )
    source = MaildirSource(kind="maildir", id="w", path=tmp_path)
    [first] = read(source)
    [document] = first.documents
    assert (document.title, document.source, document.published) == (
        title,
        "وكالة جيم",
        "2018-03-01T10:00:00+03:00",
    )
    assert len(first.records) == 1
    (tmp_path / "new" / "1.host").rename(
        tmp_path / "cur" / "1.host:2,S"
    )  # read by a person: the same message
    assert read(source, first.state)[0].documents == ()


def test_two_days(news: News) -> None:
    state = read(feed(news))[-1].state
    publish_day(news, 2)
    second = read(feed(news), state)
    assert urls(second) == ["flood-2"]
    assert second[-1].state.checked == NOW
    assert at(1) == NOW
