"""Sending: each publication once, whatever dies when; what mail, hooks, feed and site hold."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from summarizer.archive import Archive
from summarizer.daily.publish_hooks import digest, sign
from summarizer.daily.publishing import settle
from summarizer.errors import ConfigError, InputError
from summarizer.feeds import parse_feed
from tests.daily.conftest import Run
from tests.daily.world import Mailbox, News, at, publish_day, write_config

OpenArchive = Callable[[Path], Archive]


def mail(mailbox: Mailbox, **changes: Any) -> dict[str, Any]:
    return {
        "id": "mail",
        "kind": "email",
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "none",
        "sender": "موجز <mujaz@example.org>",
        "recipients": ["one@example.org", "two@example.org"],
        **changes,
    }


def states(archive: Archive) -> dict[str, str]:
    return {
        item.key.partition(":mail:")[2]: item.state for item in archive.outbox.list() if ":mail:" in item.key
    }


# --- e-mail -------------------------------------------------------------------------------------


def test_one_message_a_recipient(
    news: News, mailbox: Mailbox, run: Run, archive_of: OpenArchive, tmp_path: Path
) -> None:
    config = write_config(tmp_path, news, languages=["ar", "en"], publishers=[mail(mailbox)])
    run(config, at(1))
    run(config, at(1, hour=8))
    assert mailbox.recipients == ["one@example.org", "two@example.org"]
    one, two = mailbox.messages
    assert one["to"] == "one@example.org"
    assert one["message-id"] != two["message-id"]
    assert one["from"].addresses[0].display_name == "موجز"
    assert "2 آذار/مارس 2018" in one["subject"]
    assert one.get_content_type() == "multipart/alternative"
    plain, rich = (one.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    assert "زلزال" in plain.get_content()
    assert states(archive_of(config)) == {"one@example.org": "sent", "two@example.org": "sent"}


def test_the_message_survives_mail_programs(news: News, mailbox: Mailbox, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news, languages=["ar", "en"], publishers=[mail(mailbox)])
    run(config, at(1))
    rich = mailbox.messages[0].get_body(("html",))
    assert rich is not None
    tree = html.document_fromstring(rich.get_content())
    # Gmail cuts messages at 102 kB, drops <style> and classes; Outlook needs dir and align on the cells themselves.
    assert len(rich.get_content().encode()) < 102_000
    assert not tree.xpath("//style | //script | //link | //img | //*[@class]")
    cells = [cell for cell in tree.xpath("//td[not(.//table)]") if cell.text_content().strip()]
    assert len(cells) > 20
    for cell in cells:
        arabic = cell.get("lang") == "ar"
        assert cell.get("dir") in ("rtl", "ltr")
        assert cell.get("align") == ("right" if cell.get("dir") == "rtl" else "left")
        assert not arabic or cell.get("dir") == "rtl"
        assert "font-family" in cell.get("style", "")
    assert all(link.get("href").startswith("http") for link in tree.xpath("//a"))


def test_a_server_that_dies_after_data_leaves_it_uncertain(
    news: News, mailbox: Mailbox, run: Run, archive_of: OpenArchive, tmp_path: Path
) -> None:
    mailbox.mode = "die_after_data"
    config = write_config(tmp_path, news, publishers=[mail(mailbox)])
    run(config, at(1))
    mailbox.mode = "take"
    later = run(config, at(1, hour=12))
    assert mailbox.recipients == ["one@example.org", "two@example.org"]  # held: never sent twice
    archive = archive_of(config)
    assert set(states(archive).values()) == {"uncertain"}
    assert [outcome.state for outcome in later.published] == ["uncertain", "uncertain"]
    settle(archive, "desk:2018-03-02:mail:one@example.org", "sent", now=at(1, hour=13))
    settle(archive, "desk:2018-03-02:mail:two@example.org", "resend", now=at(1, hour=13))
    run(config, at(1, hour=14))
    assert mailbox.recipients == ["one@example.org", "two@example.org", "two@example.org"]
    assert mailbox.messages[1]["message-id"] == mailbox.messages[2]["message-id"]
    assert set(states(archive).values()) == {"sent"}
    with pytest.raises(InputError):
        settle(archive, "desk:2018-03-02:mail:one@example.org", "resend", now=at(2))


def test_resending_keeps_the_message_id(news: News, mailbox: Mailbox, run: Run, tmp_path: Path) -> None:
    mailbox.mode = "die_after_data"
    config = write_config(
        tmp_path, news, publishers=[mail(mailbox, uncertain="resend", recipients=["one@example.org"])]
    )
    run(config, at(1))
    mailbox.mode = "take"
    run(config, at(1, hour=7))
    assert [message["message-id"] for message in mailbox.messages] == 2 * [mailbox.messages[0]["message-id"]]
    run(config, at(1, hour=8))
    assert len(mailbox.taken) == 2


@pytest.mark.parametrize("mode", ["die_before_data", "busy"])
def test_what_was_certainly_not_sent_is_tried_until_it_is(
    news: News, mailbox: Mailbox, run: Run, archive_of: OpenArchive, tmp_path: Path, mode: Any
) -> None:
    mailbox.mode = mode
    config = write_config(tmp_path, news, publishers=[mail(mailbox)])
    run(config, at(1))
    run(config, at(1) + timedelta(seconds=30))  # too early for the second attempt
    archive = archive_of(config)
    assert {item.attempts for item in archive.outbox.list(state="pending")} == {1}
    mailbox.mode = "take"
    run(config, at(1, hour=7))
    assert mailbox.recipients == ["one@example.org", "two@example.org"]


def test_one_refused_recipient_costs_the_others_nothing(
    news: News, mailbox: Mailbox, run: Run, archive_of: OpenArchive, tmp_path: Path
) -> None:
    mailbox.refused = frozenset({"one@example.org"})
    config = write_config(tmp_path, news, publishers=[mail(mailbox)])
    report = run(config, at(1))
    assert mailbox.recipients == ["two@example.org"]
    assert states(archive_of(config)) == {"one@example.org": "failed", "two@example.org": "sent"}
    assert "550" in next(outcome.error for outcome in report.published if outcome.state == "failed")


def test_a_clock_set_back_does_not_hold_mail_up(
    news: News, mailbox: Mailbox, run: Run, tmp_path: Path
) -> None:
    mailbox.mode = "busy"
    config = write_config(tmp_path, news, publishers=[mail(mailbox)])
    run(config, at(2))
    mailbox.mode = "take"
    run(config, at(1))
    assert len(mailbox.taken) == 2


# --- hooks --------------------------------------------------------------------------------------


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch, news: News) -> list[dict[str, Any]]:
    monkeypatch.setenv("HOOK", "secret")
    monkeypatch.setenv("SLACK", f"{news.url}/slack")
    monkeypatch.setenv("TOKEN", "1:abc")
    return [
        {"id": "hook", "kind": "webhook", "url": f"{news.url}/hook", "secret_env": "HOOK"},
        {"id": "chat", "kind": "slack", "url_env": "SLACK"},
        {"id": "channel", "kind": "telegram", "token_env": "TOKEN", "chat": "@desk", "api": news.url},
    ]


def test_hooks_are_posted_once_and_signed(
    news: News, run: Run, hooks: list[dict[str, Any]], tmp_path: Path
) -> None:
    config = write_config(tmp_path, news, languages=["ar", "en"], publishers=hooks)
    run(config, at(1))
    run(config, at(1, hour=9))
    assert [path for path, _, _ in news.posts] == ["/hook", "/slack", "/bot1:abc/sendMessage"]
    (_, headers, body), (_, _, slack), (_, _, telegram) = news.posts
    moment, code = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Mujaz-Signature"]).groups()  # type: ignore[union-attr]
    assert hmac.new(b"secret", moment.encode() + b"." + body, hashlib.sha256).hexdigest() == code
    assert sign(body, secret="secret", at=int(moment)) == headers["X-Mujaz-Signature"]
    plain = json.loads(body)
    assert (plain["key"], plain["kind"]) == ("desk:2018-03-02:hook", "brief")
    assert plain["brief"]["schema_version"] == 1
    assert "زلزال" in json.loads(slack)["text"]
    assert len(json.loads(telegram)["text"]) <= 4096
    assert json.loads(telegram)["chat_id"] == "@desk"


@pytest.mark.parametrize(
    ("status", "chat", "hook"),
    [
        (503, "pending", "pending"),
        (500, "uncertain", "pending"),
        (0, "uncertain", "pending"),
        (410, "failed", "failed"),
    ],
)
def test_what_an_answer_means(
    news: News, run: Run, hooks: list[dict[str, Any]], archive_of: OpenArchive, tmp_path: Path, status: int, chat: str, hook: str
) -> None:  # fmt: skip
    news.fail("/hook", status)
    news.fail("/slack", status)
    config = write_config(tmp_path, news, publishers=hooks[:2])
    run(config, at(1))
    found = {item.channel: item.state for item in archive_of(config).outbox.list()}
    assert found == {"files": "sent", "hook": hook, "chat": chat}


def test_a_missing_secret_is_told_and_mended_later(
    news: News, run: Run, hooks: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HOOK")
    config = write_config(tmp_path, news, publishers=hooks[:1])
    report = run(config, at(1))
    assert "HOOK is not set" in report.published[-1].error
    monkeypatch.setenv("HOOK", "secret")
    run(config, at(1, hour=7))
    assert len(news.posts) == 1


def test_a_digest_fits_and_says_how_many_are_missing(news: News, run: Run, tmp_path: Path) -> None:
    edition = run(write_config(tmp_path, news), at(1)).editions[0]
    assert digest(edition).count("\n\n") == 3
    short = digest(edition, limit=400)
    assert len(short) <= 400
    assert short.endswith(("+2", "+1"))


# --- files --------------------------------------------------------------------------------------


def test_the_site_and_the_feed(news: News, run: Run, tmp_path: Path) -> None:
    publishers = [
        {"id": "site", "kind": "site", "folder": "public"},
        {"id": "feed", "kind": "atom", "path": "public/feed.xml", "link": "https://b.example/x/"},
    ]
    config = write_config(tmp_path, news, languages=["ar", "en"], publishers=publishers)
    run(config, at(1))
    publish_day(news, 2)
    run(config, at(2))
    public = tmp_path / "public"
    index = html.parse(str(public / "index.html")).getroot()
    assert [link.get("href") for link in index.xpath("//ul//p[@lang='ar']//a")] == [
        "2018-03-03/index.html",
        "2018-03-02/index.html",
    ]
    for link in index.xpath("//ul//a/@href"):
        day = html.parse(str(public / link)).getroot()
        for target in day.xpath("//a[starts-with(@href, 'brief.html#')]/@href"):
            name = target.partition("#")[2]
            evidence = html.parse(str((public / link).parent / "brief.html")).getroot()
            assert evidence.xpath(f"//*[@id='{name}']"), target
    data = (public / "feed.xml").read_bytes()
    feed = parse_feed(data)
    assert [entry.url for entry in feed.entries] == [
        "https://b.example/x/2018-03-03/index.html",
        "https://b.example/x/2018-03-02/index.html",
    ]
    root = etree.fromstring(data)
    atom = "{http://www.w3.org/2005/Atom}"
    assert len({each.text for each in root.iter(f"{atom}id")}) == 3
    assert all(entry.find(f"{atom}updated") is not None for entry in root.iter(f"{atom}entry"))
    assert "كرمان" in html.fromstring(root.find(f".//{atom}content").text).text_content()


def test_a_site_that_was_lost_is_written_whole_again(news: News, run: Run, tmp_path: Path) -> None:
    import shutil

    config = write_config(tmp_path, news, publishers=[{"id": "site", "kind": "site", "folder": "public"}])
    run(config, at(1))
    shutil.rmtree(tmp_path / "public")
    publish_day(news, 2)
    run(config, at(2))
    assert (tmp_path / "public" / "2018-03-02" / "index.html").exists()
    assert (tmp_path / "public" / "index.html").read_text().count("/index.html") == 2


def test_a_full_disk_is_a_publication_that_waits(
    news: News, run: Run, archive_of: OpenArchive, tmp_path: Path
) -> None:
    (tmp_path / "briefs").write_text("in the way")
    config = write_config(tmp_path, news)
    report = run(config, at(1))
    assert [outcome.state for outcome in report.published] == ["retry"]
    (tmp_path / "briefs").unlink()
    run(config, at(1, hour=7))
    assert (tmp_path / "briefs" / "2018-03-02" / "brief.json").exists()
    assert archive_of(config).verify() == []


def test_templates_of_the_user(news: News, mailbox: Mailbox, run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "site_brief.md.jinja").write_text("{{ view.heading.ar|md }}: {{ view.stories|length }}")
    config = write_config(tmp_path, news, outputs={"forms": ["md"], "templates": "own"})
    run(config, at(1))
    assert (tmp_path / "briefs" / "2018-03-02" / "brief.md").read_text().endswith("2018: 3\n")
    (own / "site_brief.md.jinja").write_text("{{ view.nonsense }}")
    report = run(config, at(2))
    assert "site_brief.md.jinja" in report.published[0].error
    assert report.published[0].state == "retry"


def test_hostile_reports_stay_text(news: News, mailbox: Mailbox, run: Run, tmp_path: Path) -> None:
    title = 'زلزال </title><script>alert(1)</script> قوي & "كبير" ]]>'
    text = (
        "ضرب زلزال قوي مدينة كرمان الإيرانية فجر اليوم الخميس [x](javascript:1) وأسفر عن مقتل 12 شخصا <img src=x onerror=y>.\n"
        * 3
    )
    from html import escape

    body = f"<html><head><title>{escape(title)}</title></head><body><article><h1>{escape(title)}</h1><p>{escape(text)}</p></article></body></html>"
    news.put("/a/quake-1", body)
    publishers = [
        mail(mailbox),
        {"id": "site", "kind": "site", "folder": "public"},
        {"id": "feed", "kind": "atom", "path": "public/feed.xml", "link": "https://b.example/"},
    ]
    run(write_config(tmp_path, news, publishers=publishers), at(1))
    rich = mailbox.messages[0].get_body(("html",))
    assert rich is not None
    pages = [rich.get_content(), *(path.read_text() for path in (tmp_path / "public").rglob("index.html"))]
    for content in pages:
        tree = html.document_fromstring(content)
        assert not tree.xpath("//script | //img | //*[@onerror]")
    content = etree.parse(str(tmp_path / "public" / "feed.xml")).find(".//{*}content").text
    assert not html.fromstring(content).xpath("//script | //img")
    assert "<script" not in (tmp_path / "briefs" / "2018-03-02" / "brief.md").read_text()


def test_a_publisher_that_is_gone_from_the_configuration(
    news: News, mailbox: Mailbox, run: Run, tmp_path: Path
) -> None:
    mailbox.mode = "busy"
    config = write_config(tmp_path, news, publishers=[mail(mailbox)])
    run(config, at(1))
    report = run(write_config(tmp_path, news), at(1, hour=7))
    assert {outcome.state for outcome in report.published} == {"failed"}


def test_the_name_of_a_header_cannot_be_smuggled_in(tmp_path: Path, mailbox: Mailbox) -> None:
    from summarizer.daily.config import load_config

    bad = mail(mailbox, recipients=["x@example.org\nBcc: y@example.org"])
    with pytest.raises(ConfigError):
        load_config(
            write_config(tmp_path, publishers=[bad], sources=[{"id": "f", "kind": "folder", "path": "x"}])
        )
