"""Days of a briefing: what is new, what is not repeated, and what happens when days or clocks go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from summarizer.archive import Archive
from summarizer.daily.config import load_config
from summarizer.daily.lock import exclusive
from summarizer.errors import InputError, LockedError
from tests.daily.conftest import Run
from tests.daily.world import REPORTS, News, at, publish_day, write_config

pytestmark = pytest.mark.usefixtures("both_databases")


def titles(report: object, number: int = 0) -> list[str]:
    return [story.title.ar for story in report.editions[number].stories]  # type: ignore[attr-defined]


def test_a_first_day(news: News, run: Run, tmp_path: Path) -> None:
    report = run(write_config(tmp_path, news), at(1))
    assert report.sources.to_dict() == {"a": {"new": 2}, "b": {"new": 3}}
    edition = report.editions[0]
    assert [len(story.document_ids) for story in edition.stories] == [2, 2, 1]
    assert titles(report)[2] == REPORTS["flood", 1, "b"][0]
    notes = [edition.layout.notes[story.id] for story in edition.stories]
    assert [note.since for note in notes] == [None, None, None]
    assert [reason.en for reason in notes[0].reasons] == ["2 independent outlets", "new story", "2 reports"]
    for story in edition.brief.stories:
        for sentence in story.summary:
            assert sentence.citations
            assert all(edition.brief.quote(citation) for citation in sentence.citations)
    folder = tmp_path / "briefs" / "2018-03-02"
    assert sorted(each.name for each in folder.iterdir()) == [
        "brief.html", "brief.json", "brief.md", "index.html", "layout.json",
    ]  # fmt: skip


def test_a_second_day_tells_only_what_is_new(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    first = run(config, at(1))
    publish_day(news, 2)
    second = run(config, at(2))
    assert second.sources.to_dict() == {"a": {"known": 2, "new": 2}, "b": {"known": 3, "new": 1}}
    assert set(titles(second)) == {REPORTS["quake", 2, "a"][0], REPORTS["match", 2, "a"][0]}
    assert sum(second.briefs[0]["left_out"].values()) == 1  # the flood: all copied, nothing new
    edition = second.editions[0]
    quake = next(story for story in edition.stories if "كرمان" in story.title.ar)
    assert quake.id in {story.id for story in first.editions[0].stories}
    note = edition.layout.notes[quake.id]
    assert (note.since, note.fresh_reports) == (date(2018, 3, 2), 1)
    news_part = quake.summary[: note.news]
    assert "31" in news_part[0].ar
    assert all("فجر الخميس" not in sentence.ar for sentence in news_part)  # told on the first day
    assert len(quake.summary) > note.news  # background
    assert news_part[0].reasons[0] == "new since the brief of 2 March 2018"


def test_the_same_day_again_does_nothing(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    run(config, at(1))
    before = len(news.seen)
    again = run(config, at(1, hour=9))
    assert (again.briefs, again.published) == ([], [])
    assert again.notes == ["the brief of 2018-03-02 exists"]
    assert sorted(path for path, _ in news.seen[before:]) == ["/a/feed", "/b/feed"]  # 304, and no page again


def test_an_edited_report_is_news_again(
    news: News, run: Run, archive_of: Callable[[Path], Archive], tmp_path: Path
) -> None:
    config = write_config(tmp_path, news)
    run(config, at(1))
    title, text = REPORTS["flood", 1, "b"]
    from tests.daily.world import page, rss

    changed = text.replace("مئة محتجز", "400 محتجز")
    news.put("/b/flood-1", page(title, changed, day=1))
    feed = rss(news, "b", [("flood", 1)]).replace(title, f"{title} (محدث)")
    news.put("/b/feed", feed, kind="application/rss+xml")
    second = run(config, at(2))
    assert second.sources.to_dict()["b"]["changed"] == 1
    story = second.editions[0].stories[0]
    note = second.editions[0].layout.notes[story.id]
    assert note.since == date(2018, 3, 2)
    assert "400" in story.summary[0].ar
    archive = archive_of(config)
    [stored] = [each for each in archive.documents() if "flood" in (each.document.url or "")]
    assert [version.number for version in archive.versions(stored.id)] == [1, 2]


def test_blocked_and_followed_words(news: News, run: Run, tmp_path: Path) -> None:
    interests = {"places": ["تونس"], "topics": ["الزلازل"], "block": ["السيول"]}
    sections = [
        {"id": "gulf", "title": {"ar": "الخليج", "en": "Gulf"}, "places": ["السعودية"]},
        {"id": "rest", "title": {"ar": "العالم", "en": "World"}},
    ]
    report = run(write_config(tmp_path, news, interests=interests, sections=sections), at(1))
    assert report.briefs[0]["left_out"] == {"blocked: السيول": 1}
    edition = report.editions[0]
    assert [section.title.en for section in edition.layout.sections if section.title] == ["World"]
    reasons = {
        story.title.ar: [reason.en for reason in edition.layout.notes[story.id].reasons]
        for story in edition.stories
    }
    vote = next(reasons[title] for title in reasons if "تونس" in title)
    assert "place you follow: تونس" in vote


def test_the_limits_of_sections_hold(news: News, run: Run, tmp_path: Path) -> None:
    sections = [{"id": "all", "title": {"ar": "كل", "en": "All"}, "stories": 2}]
    report = run(write_config(tmp_path, news, sections=sections), at(1))
    assert len(report.editions[0].stories) == 2
    assert report.briefs[0]["left_out"] == {"no room in section all": 1}


# --- days that are missed, and clocks -----------------------------------------------------------


def test_after_downtime_one_brief_covers_what_was_missed(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news, catch_up="one")
    run(config, at(1))
    publish_day(news, 2)
    late = run(config, at(8))
    assert [each["day"] for each in late.briefs] == ["2018-03-09"]
    assert REPORTS["match", 2, "a"][0] in titles(late)


def test_after_downtime_each_day_gets_its_brief(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news, catch_up="each")
    run(config, at(1))
    publish_day(news, 2)
    late = run(config, at(4))
    assert [each["day"] for each in late.briefs] == ["2018-03-03", "2018-03-04", "2018-03-05"]
    assert set(titles(late, 0)) == {REPORTS["quake", 2, "a"][0], REPORTS["match", 2, "a"][0]}
    assert titles(late, 1) == titles(late, 2) == []
    assert (tmp_path / "briefs" / "2018-03-05" / "index.html").exists()


def test_a_clock_set_back_makes_no_second_brief(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    run(config, at(2))
    back = run(config, at(1))
    assert back.briefs == []
    assert "was the clock set back?" in back.notes[0]
    again = run(config, at(3))
    assert [each["stories"] for each in again.briefs] == [0]  # all was told on the day that came first


def test_a_day_that_is_asked_for(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    publish_day(news, 2)
    report = run(config, at(4), day=date(2018, 3, 1))
    assert [each["day"] for each in report.briefs] == ["2018-03-01"]
    assert REPORTS["match", 2, "a"][0] not in titles(report)  # of the day after
    with pytest.raises(InputError, match="has not begun"):
        run(config, at(4), day=date(2018, 4, 1))


def test_since_tells_again_what_was_told(news: News, run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    run(config, at(1))
    assert titles(run(config, at(2))) == []
    assert len(titles(run(config, at(3), since=date(2018, 3, 1)))) == 3


# --- operation ----------------------------------------------------------------------------------


def test_one_run_at_a_time(
    news: News, run: Run, archive_of: Callable[[Path], Archive], tmp_path: Path
) -> None:
    config = write_config(tmp_path, news)
    with exclusive(archive_of(config)), pytest.raises(LockedError, match="another run"):
        run(config, at(1))
    run(config, at(1))  # the lock went with its holder


def test_the_report_says_what_failed_and_how_long_it_took(
    news: News, run: Run, archive_of: Callable[[Path], Archive], tmp_path: Path
) -> None:
    news.fail("/a/quake-1", 404)
    news.fail("/b/feed", 500)
    config = write_config(tmp_path, news)
    report = run(config, at(1))
    plain = json.loads(json.dumps(report.to_dict()))
    assert {(each["source"], each["subject"].rpartition("/")[2]) for each in plain["failed"]} == {
        ("a", "quake-1"), ("b", "feed"),
    }  # fmt: skip
    assert {"gather", "stories", "choose", "write", "translate", "store", "publish"} <= set(plain["seconds"])
    archive = archive_of(config)
    assert archive.runs()[0].detail["briefs"] == plain["briefs"]
    assert {record.reason for record in archive.run_records(report.run)} == {
        each["reason"] for each in plain["failed"]
    }
    assert archive.verify() == []


def test_only_fetching(news: News, run: Run, archive_of: Callable[[Path], Archive], tmp_path: Path) -> None:
    config = write_config(tmp_path, news)
    report = run(config, at(1), brief=False)
    assert report.briefs == []
    assert len(list(archive_of(config).documents())) == 5
    assert len(run(config, at(1, hour=7)).editions[0].stories) == 3


def test_a_silent_source_is_told_once(news: News, run: Run, tmp_path: Path) -> None:
    publishers = [
        {"id": "ops", "kind": "webhook", "url": f"{news.url}/hook", "secret_env": "HOOK", "when": "alerts"}
    ]
    config = write_config(tmp_path, news, publishers=publishers, alerts={"silent_after_hours": 30})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", "secret")
        assert run(config, at(1)).alerts == []
        assert len(run(config, at(3)).alerts) == 2
        run(config, at(4))
    alerts = [json.loads(body) for _, _, body in news.posts]
    assert sorted(each["key"].split(":")[2] for each in alerts) == ["a", "b"]
    assert all(each["kind"] == "alert" for each in alerts)


def test_folders_need_no_network(run: Run, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, text in {"one": REPORTS["quake", 1, "a"], "two": REPORTS["quake", 1, "b"]}.items():
        (inbox / f"{name}.txt").write_text("\n\n".join(text), encoding="utf-8")
    config = write_config(tmp_path, sources=[{"id": "drop", "kind": "folder", "path": "inbox"}])
    report = run(config, at(1))
    assert [len(story.document_ids) for story in report.editions[0].stories] == [2]
    assert load_config(config).path(Path("inbox")) == inbox
