"""Briefs, what they told, and what is news after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from summarizer.archive import Archive, Publication
from summarizer.archive.news import changed_numbers, news_since
from summarizer.archive.stories import update_stories
from summarizer.archive.tables import briefs
from summarizer.errors import ArchiveError, InputError
from summarizer.terms import Terms
from tests.archive.samples import NOON, article, brief_of, edited

TODAY = date(2021, 4, 8)
QUAKE = "ضرب زلزال قوي ولاية إزمير وقتل 12 شخصا في انهيار مبنى سكني وفق هيئة الكوارث التركية."
A = article("a", QUAKE, title="زلزال إزمير", published="2021-04-07", source="bbc")
B = article(
    "b",
    "قتل 17 شخصا في انهيار مبنى سكني بعد زلزال قوي ضرب ولاية إزمير وفق هيئة الكوارث التركية.",
    title="زلزال إزمير",
    published="2021-04-08",
    source="sky",
)


@pytest.fixture
def told(archive: Archive) -> Archive:
    archive.add_documents([A], at=NOON)
    update_stories(archive, at=NOON)
    archive.save_brief(brief_of([A]), day=TODAY, name="morning", at=NOON)
    return archive


def test_a_brief_comes_back_whole(told: Archive) -> None:
    (stored,) = told.briefs()
    assert (stored.day, stored.name, stored.edition) == (TODAY, "morning", 1)
    assert told.brief(stored.id) == brief_of([A])
    assert told.briefs(date(2021, 4, 9)) == []
    assert told.briefs(name="evening") == []
    with pytest.raises(InputError, match="no brief 99"):
        told.brief(99)


def test_the_same_brief_is_stored_once_and_another_is_an_edition(told: Archive) -> None:
    first = told.briefs()[0].id
    again = brief_of([A], created="2021-04-08T07:00:00+00:00")
    assert told.save_brief(again, day=TODAY, name="morning") == first
    other = replace(again, profile="quality")
    second = told.save_brief(other, day=TODAY, name="morning")
    assert [(each.id, each.edition) for each in told.briefs(TODAY)] == [(second, 2), (first, 1)]
    assert told.brief(first).profile == "embedded"
    assert told.verify() == []


def test_a_brief_and_its_publications_are_one_step(archive: Archive) -> None:
    archive.add_documents([A], at=NOON)
    letters = [Publication(key="2021-04-08/mail/x", channel="mail", payload={"to": "x"})]
    number = archive.save_brief(brief_of([A]), day=TODAY, name="m", publications=letters, at=NOON)
    (item,) = archive.outbox.list()
    assert (item.brief_id, item.state, item.payload) == (number, "pending", {"to": "x"})
    # Stored again after a crash, nothing is queued twice.
    archive.save_brief(brief_of([A]), day=TODAY, name="m", publications=letters, at=NOON)
    assert len(archive.outbox.list()) == 1
    with pytest.raises(InputError, match="not JSON"):  # neither brief nor publication is stored
        archive.save_brief(
            brief_of([A], created="2022-01-01"),
            day=date(2022, 1, 1),
            name="m",
            publications=[Publication(key="k", channel="mail", payload={"to": object()})],
        )
    assert [each.day for each in archive.briefs()] == [TODAY]


def test_a_damaged_brief_is_an_error_and_a_problem(told: Archive) -> None:
    with told.database.write() as connection:
        connection.execute(briefs.update().values(json=b"nonsense"))
    with pytest.raises(ArchiveError, match="damaged"):
        told.brief(1)
    assert [each.kind for each in told.verify()] == ["briefs"]


def test_what_is_news_after_a_brief(told: Archive) -> None:
    terms = Terms.load()
    story = str(told.document("a").story_id)
    assert not news_since(told, story, terms=terms, name="morning")
    told.add_documents([B], at=NOON + timedelta(days=1))
    update_stories(told, at=NOON + timedelta(days=1))
    assert told.document("b").story_id == story
    news = news_since(told, story, terms=terms, name="morning")
    assert [each.id for each in news.new] == ["b"]
    assert [each.id for each in news.known] == ["a"]
    assert news.since == TODAY
    (number,) = news.numbers
    assert (number.before.label.en, number.after.label.en) == ("12", "17")
    assert number.about.en == "how many people killed"
    # A brief of another name has told nothing of it.
    assert [each.id for each in news_since(told, story, terms=terms, name="evening").new] == ["a", "b"]
    # Told again, it is no news; and since the first brief it still is.
    told.save_brief(brief_of([A, B]), day=date(2021, 4, 9), name="morning")
    assert not news_since(told, story, terms=terms, name="morning")
    assert [each.id for each in news_since(told, story, terms=terms, brief_id=1).new] == ["b"]


def test_an_edit_after_the_brief_is_news_with_what_it_changed(told: Archive) -> None:
    told.add_documents([edited(A, "12", "19")], at=NOON)
    update_stories(told, at=NOON)
    news = news_since(told, str(told.document("a").story_id), terms=Terms.load(), name="morning")
    (one,) = news.edited
    assert [(each.before, each.after) for each in one.changes] == [("12", "19")]
    (number,) = news.numbers
    assert (number.before.label.en, number.after.label.en) == ("12", "19")
    assert told.verify() == []


def test_figures_that_did_not_change_are_no_news() -> None:
    terms = Terms.load()
    assert changed_numbers([A], [replace(A, id="c", source="sky")], terms=terms) == ()
    assert changed_numbers([], [A, B], terms=terms) == ()


def test_what_a_brief_told_of_the_archive_is_what_it_shows(told: Archive) -> None:
    with told.database.read() as connection:
        row = connection.execute(sa.text("SELECT document_id, version, story_id FROM told")).one()
    assert tuple(row) == ("a", 1, told.document("a").story_id)
