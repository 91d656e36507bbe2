"""Feeds: what each kind says about its entries, and what a stranger's feed may not do."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import feeds
from summarizer.errors import ReadError
from summarizer.feeds import FEED_LIMIT_BYTES, FeedEntry, parse_feed
from summarizer.ingest import read_bytes

HOME = "https://news.example/feeds/all.xml"
BODY = "أعلنت وزارة النقل في العاصمة افتتاح جسر جديد يربط ضفتي النهر بعد ثلاث سنوات من العمل."


def rss(items: str, *, prologue: str = "", namespaces: str = "") -> bytes:
    head = "<title>صحيفة &amp; الضفة</title><link>https://news.example/</link><language>ar</language>"
    return f'{prologue}<rss version="2.0"{namespaces}><channel>{head}{items}</channel></rss>'.encode()


def one(items: str, **options: Any) -> FeedEntry:
    (entry,) = parse_feed(rss(items, **options), url=HOME).entries
    return entry


def test_rss_with_the_whole_text() -> None:
    entry = one(
        "<item><title>جسر جديد</title><link>/2021/bridge?a=1&amp;b=2</link><guid isPermaLink='false'>g-1</guid>"
        "<description>ملخص</description>"
        f"<content:encoded><![CDATA[<p>{BODY}</p><p>سطر&nbsp;ثان<script>alert(1)</script></p>]]></content:encoded>"
        "<pubDate>Sun, 25 Jul 2021 10:30:00 +0300</pubDate></item>",
        namespaces=' xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    )
    assert entry == FeedEntry(
        id="g-1",
        url="https://news.example/2021/bridge?a=1&b=2",
        title="جسر جديد",
        text=f"{BODY}\nسطر ثان",
        complete=True,
        published="2021-07-25T10:30:00+03:00",
        source="صحيفة & الضفة",
    )


def test_atom_and_its_markup() -> None:
    atom = (
        '<?xml version="1.0" encoding="utf-16"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">'
        '<title>وكالة النهر</title><link href="https://river.example/"/><entry><id>urn:1</id>'
        '<title type="html">&lt;b&gt;جسر&lt;/b&gt; &amp;quot;الصفاء&amp;quot;</title><link href="b/1"/>'
        '<published>2021-07-25T10:30:00Z</published><updated>2022-01-01T00:00:00Z</updated><content type="xhtml">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>أول</p><p>ثان</p></div></content></entry></feed>'
    )
    feed = parse_feed(atom.encode("utf-16"))
    (entry,) = feed.entries
    assert (feed.title, feed.url) == ("وكالة النهر", "https://river.example/")
    assert (entry.title, entry.text, entry.complete) == ('جسر "الصفاء"', "أول\nثان", True)
    assert (entry.url, entry.published) == ("https://river.example/b/1", "2021-07-25T10:30:00+00:00")


def test_json_feed() -> None:
    plain = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "موقع",
        "home_page_url": "https://j.example/",
        "items": [
            {"id": 7, "url": "x", "title": "ع <i>ن</i>", "content_html": f"<p>{BODY}</p>", "date_published": "2021-07-25"},
            {"id": "8", "external_url": "https://k.example/", "summary": "موجز", "date_modified": "nonsense"},
            "not an item",
        ],
    }  # fmt: skip
    first, second = parse_feed(json.dumps(plain).encode()).entries
    assert (first.id, first.url, first.title, first.text) == ("7", "https://j.example/x", "ع ن", BODY)
    assert (first.complete, first.published) == (True, "2021-07-25")
    assert (second.url, second.text, second.complete, second.published) == (
        "https://k.example/",
        "موجز",
        False,
        None,
    )


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Sun, 25 Jul 2021 10:30:00 GMT", "2021-07-25T10:30:00+00:00"),
        ("2021-07-25T10:30:00+03:00", "2021-07-25T10:30:00+03:00"),
        ("25 تموز/يوليو 2021", "2021-07-25"),
        ("الأحد ٢٥ جويلية ٢٠٢١", "2021-07-25"),
        ("Sun Jul 25 10:30:00 UTC 2021", "2021-07-25T10:30:00+00:00"),
        ("Thu, 01 Jan 0001 00:00:00 GMT", None),
        ("غداً", None),
        ("", None),
    ],
)
def test_dates(written: str, date: str | None) -> None:
    assert one(f"<item><title>ع</title><pubDate>{written}</pubDate></item>").published == date


def test_a_summary_is_no_whole_text_and_an_aggregator_names_the_outlet() -> None:
    entry = one("<item><title>ع</title><description>موجز</description><source url='x'>رويترز</source></item>")
    assert (entry.text, entry.complete, entry.source, entry.url) == ("موجز", False, "رويترز", None)


def test_a_broken_feed_is_repaired() -> None:
    entry = one(
        "<item><title>ماء & هواء &eacute; &unknown;</title><dc:date>2021-07-25</dc:date><foo:bar>x</foo:bar>"
        '<link>https://news.example/?a=1&b=2</link><description>نص <b>غير مغلق</description><ع ص="1"/>'
    )
    assert (entry.title, entry.url) == ("ماء & هواء é &unknown;", "https://news.example/?a=1&b=2")
    assert entry.published == "2021-07-25"


def test_links_that_are_no_web_address_are_left_out() -> None:
    for link in ("javascript:alert(1)", "file:///etc/passwd", "https://user:pass@x.example/", "http://["):
        assert one(f"<item><title>ع</title><link>{link}</link></item>").url is None


def test_an_entry_given_twice_is_one() -> None:
    item = "<item><guid>g</guid><title>{}</title></item>"
    feed = parse_feed(rss(item.format("أول") + item.format("ثان")))
    assert [entry.title for entry in feed.entries] == ["أول"]


def test_entities_are_not_expanded_and_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*args: object, **options: object) -> None:
        raise AssertionError("a feed may not open anything")

    monkeypatch.setattr(socket, "socket", forbid)
    monkeypatch.setattr("builtins.open", forbid)
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    prologue = f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://x.example/x.dtd" [<!ENTITY a0 "ha">{bomb}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    entry = one("<item><title>t &a12; &f;</title><link>http://a.example/</link></item>", prologue=prologue)
    assert entry.title == "t &a12; &f;"


HOSTILE = {
    "noise": (lambda: os.urandom(2_000_000), "binary"),
    "no feed": (lambda: b"<html><body>x</body></html>", "malformed"),
    "text": (lambda: b"just words", "malformed"),
    "empty": (lambda: b" \n", "empty"),
    "large": (lambda: b"<rss>" + bytes(FEED_LIMIT_BYTES), "too_large"),
    "elements": (lambda: rss("<item>" * 150_000), None),
    "deep": (lambda: rss("<a>" * 1_000_000), None),
    "wide": (lambda: rss("<a/>" * 200_000), "too_large"),
    "attributes": (lambda: rss("<a " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"), "malformed"),
    "ampersands": (lambda: rss("&" * 500_000), None),
    "less than": (lambda: rss("<" * 2_000_000), None),
    "doctype": (lambda: b"<!DOCTYPE rss [" + b'<!ENTITY a "' * 300_000, "malformed"),
    "comments": (lambda: b"<!--" * 1_000_000, "malformed"),
    "markup in a title": (lambda: rss("<item><title>" + "&lt;a " * 200_000 + "</title></item>"), None),
    "unclosed JSON": (lambda: b'{"a":' * 500_000, "malformed"),
    "other JSON": (lambda: b'{"version": 1}', "malformed"),
    "JSON without items": (lambda: b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_end_well(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The lenient parser is quadratic in garbage: it must never be reached.
    monkeypatch.setattr(feedparser.api, "LooseFeedParser", None)
    make, code = HOSTILE[name]
    data = make()
    if code is None:
        assert isinstance(parse_feed(data), feeds.Feed)
        return
    with pytest.raises(ReadError) as caught:
        parse_feed(data)
    assert caught.value.code == code


@given(
    st.lists(st.sampled_from([*"<>&;/=\"' ]", "![CDATA[", "item", "title", "ع", "a:b", "&#x0;", "&#xD800;", "\U00010000", "xmlns", "]]>"]), max_size=60).map("".join)
)  # fmt: skip
def test_any_markup_gives_a_feed_or_a_read_error(markup: str) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(feedparser.api, "LooseFeedParser", None)
    try:
        for entry in parse_feed(rss(f"<item><title>{markup}</title>{markup}</item>")).entries:
            assert entry.title is None or "\n" not in entry.title
    except ReadError:
        pass
    finally:
        patch.undo()


# --- as input ---------------------------------------------------------------------------------------


def test_a_feed_becomes_its_entries() -> None:
    data = rss(
        f"<item><title>جسر جديد</title><link>https://news.example/1</link><description>{BODY}</description>"
        "<pubDate>2021-07-25</pubDate></item><item><title>In English</title><description>No Arabic.</description></item>"
    )
    for options in ({"suffix": ".rss"}, {"suffix": ".xml"}, {"media_type": "text/html"}, {"url": HOME}):
        read = read_bytes(data, origin="x", **options)
        (document,) = read.documents
        assert (document.title, document.source) == ("جسر جديد", "صحيفة & الضفة")
        assert (document.url, document.published) == ("https://news.example/1", "2021-07-25")
        assert BODY in document.text
        assert [(each.code, each.message) for each in read.warnings] == [
            ("not_arabic", "entry 2: not Arabic text")
        ]


def test_a_feed_without_entries_is_said() -> None:
    with pytest.raises(ReadError, match="x: a feed without entries"):
        read_bytes(rss(""), origin="x")
