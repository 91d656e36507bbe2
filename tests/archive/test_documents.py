"""Articles: none doubled, none lost, every version kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.archive import Archive, open_archive
from summarizer.archive.changes import word_changes
from summarizer.archive.documents import article_key
from summarizer.errors import ArchiveError, InputError
from tests.archive.samples import NOON, article, edited

TALKS = article("talks", "بدأ الحوار الاستراتيجي بين العراق والولايات المتحدة في 7 نيسان.", title="الحوار")
FIRE = article("fire", "اندلع حريق في مصفاة النفط.", published=None, source="sky")


def test_adding_twice_changes_nothing(archive: Archive) -> None:
    first = archive.add_documents([TALKS, FIRE], at=NOON)
    assert (first.new, first.changed, first.known) == (("talks", "fire"), (), ())
    again = archive.add_documents([FIRE, TALKS, TALKS], at=NOON + timedelta(hours=1))
    assert (again.new, again.changed, again.known) == ((), (), ("fire", "talks"))
    stored = {each.id: each for each in archive.documents()}
    assert stored["talks"].document == TALKS
    assert stored["talks"].first_seen == NOON
    assert stored["talks"].last_seen == NOON + timedelta(hours=1)
    assert archive.verify() == []


def test_an_edited_article_keeps_every_version(archive: Archive) -> None:
    archive.add_documents([TALKS], at=NOON)
    later = edited(TALKS, "بدأ", "انتهى")
    result = archive.add_documents([later], at=NOON)
    assert result.changed == ("talks",)
    assert result.ids == {"talks-edited": "talks"}
    assert archive.document("talks").document == replace(later, id="talks")
    assert archive.document("talks").version == 2
    assert [each.document.text for each in archive.versions("talks")] == [TALKS.text, later.text]
    ((change,),) = archive.changes("talks")
    assert (change.where, change.before, change.after) == ("text", "بدأ", "انتهى")
    assert TALKS.text[change.before_start : change.before_end] == "بدأ"
    # An edit that is taken back is one more edit.
    assert archive.add_documents([TALKS], at=NOON).changed == ("talks",)
    assert archive.document("talks").version == 3
    assert archive.verify() == []


@pytest.mark.parametrize(
    "other",
    [
        "https://news.example/talks?utm_source=rss&utm_medium=feed",
        "https://news.example/talks?fbclid=123",
        "http://news.example/talks#comments",
        "HTTPS://NEWS.example:443/talks",
    ],
)
def test_one_url_however_written_is_one_article(sqlite_archive: Archive, other: str) -> None:
    sqlite_archive.add_documents([TALKS], at=NOON)
    result = sqlite_archive.add_documents([replace(TALKS, id="x", url=other)], at=NOON)
    assert result.ids == {"x": "talks"}
    assert result.known == ("talks",)


def test_urls_that_differ_in_what_they_ask_for_are_two() -> None:
    one, other = (replace(TALKS, url=f"https://news.example/?id={number}") for number in (1, 2))
    assert article_key(one) != article_key(other)


def test_two_articles_that_came_with_one_id_keep_apart(archive: Archive) -> None:
    other = replace(FIRE, id="talks")
    result = archive.add_documents([TALKS, other], at=NOON)
    assert result.new == ("talks", "talks-2")
    assert archive.document("talks-2").document.text == FIRE.text
    assert archive.verify() == []


def test_a_report_counts_for_the_day_it_says_unless_it_cannot(archive: Archive) -> None:
    future = article("future", "خبر من المستقبل.", published="2031-01-01")
    garbled = article("garbled", "خبر بلا تاريخ.", published="أمس")
    archive.add_documents([TALKS, FIRE, future, garbled], at=NOON + timedelta(days=3))
    days = {each.id: each.day for each in archive.documents()}
    assert days == {
        "talks": date(2021, 4, 7),
        "fire": date(2021, 4, 10),
        "future": date(2021, 4, 10),
        "garbled": date(2021, 4, 10),
    }
    assert archive.document("future").document.published == "2031-01-01"  # what it says is not touched


def test_what_no_database_can_hold_costs_only_itself(archive: Archive) -> None:
    broken = article("broken", "نص \ud800 مكسور")
    nul = article("nul", "نص\0")
    empty = article("empty", " \n")
    result = archive.add_documents([broken, TALKS, nul, empty], at=NOON)
    assert result.new == ("talks",)
    assert set(result.rejected) == {"broken", "nul", "empty"}


def test_one_owner_is_one_voice(archive: Archive) -> None:
    archive.add_documents([TALKS, FIRE], at=NOON, group={"bbc": "public"})
    assert {each.id: each.owner for each in archive.documents()} == {"talks": "public", "fire": "sky"}


def test_selecting_by_day_and_id(archive: Archive) -> None:
    early = article("early", "خبر قديم جدا.", published="2021-04-01")
    archive.add_documents([TALKS, early], at=NOON)
    assert [each.id for each in archive.documents()] == ["early", "talks"]
    assert [each.id for each in archive.documents(since=date(2021, 4, 2))] == ["talks"]
    assert [each.id for each in archive.documents(until=date(2021, 4, 2))] == ["early"]
    assert [each.id for each in archive.documents(ids=["talks", "none", "talks"])] == ["talks"]


def test_unknown_ids_are_said_so(archive: Archive) -> None:
    for ask in (archive.document, archive.versions, archive.changes, archive.story):
        with pytest.raises(InputError, match=r"no .* nothing"):
            ask("nothing")


@given(
    st.lists(st.sampled_from("ab cd\n ef"), max_size=12), st.lists(st.sampled_from("ab cd\n ef"), max_size=12)
)
def test_changes_turn_the_earlier_text_into_the_later(before: list[str], after: list[str]) -> None:
    earlier, later = (article("x", "".join(each)) for each in (before, after))
    built, place = "", 0
    for change in word_changes(earlier, later):
        assert earlier.text[change.before_start : change.before_end] == change.before
        assert later.text[change.after_start : change.after_end] == change.after
        built += earlier.text[place : change.before_start] + change.after
        place = change.before_end
    built += earlier.text[place:]
    assert built.split() == later.text.split()


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("mysql://localhost/x", "SQLite"),
        ("://", "not a URL"),
        ("/nowhere/at/all.sqlite", "no folder"),
    ],
)
def test_a_wrong_place_is_named(where: str, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        open_archive(where)
