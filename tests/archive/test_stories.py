"""Stories over time: the window's are the batch form's; ids stay; what happened is written down."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from summarizer.archive import Archive, StoredDocument, open_archive
from summarizer.archive.stories import WINDOW_DAYS, update_stories
from summarizer.archive.vectors import pack, unpack
from summarizer.cluster import OnlineClusterer, cluster
from summarizer.duplicates import link_duplicates
from summarizer.errors import InputError
from summarizer.schema import Document
from tests.archive.samples import AFFAIRS, DAY, NOON, article, edited, fortnight

Partition = set[frozenset[str]]


def stories_of(archive: Archive) -> Partition:
    return {frozenset(each.document_ids) for each in archive.stories() if each.document_ids}


def replay(archive: Archive, documents: list[Document], *, window: int = WINDOW_DAYS) -> None:
    """Add the articles day by day, each day's as they came."""
    days: defaultdict[str, list[Document]] = defaultdict(list)
    for each in documents:
        days[each.published or ""].append(each)
    for day in sorted(days):
        noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        archive.add_documents(days[day], at=noon)
        update_stories(archive, window_days=window, at=noon)


def kinds(archive: Archive, story_id: str) -> list[str]:
    return [each.kind for each in archive.history(story_id)]


def report(name: str, affair: int, day: int, **fields: str) -> Document:
    """Return a report of an affair; those of one affair and different names are alike, and no copies."""
    words = AFFAIRS[affair].split()
    random.Random(name).shuffle(words)
    published = (DAY + timedelta(days=day)).isoformat()
    return article(
        name, f"{' '.join(words)} {name}.", title=" ".join(words[:3]), published=published, **fields
    )


# --- the same as the batch form -----------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_within_the_window_stories_are_those_of_the_batch_form(sqlite_archive: Archive, seed: int) -> None:
    news = fortnight(seed, days=WINDOW_DAYS)
    replay(sqlite_archive, news)
    batch = cluster(link_duplicates(news))
    assert stories_of(sqlite_archive) == {frozenset(each.document_ids) for each in batch}
    assert len(batch) > 1
    assert any(len(each.document_ids) > 3 for each in batch)
    # What follows what is the same too.
    id_of = {frozenset(each.document_ids): each.id for each in sqlite_archive.stories()}
    expected = {
        id_of[frozenset(each.document_ids)]: id_of[frozenset(batch[each.follows].document_ids)]
        for each in batch
        if each.follows is not None
    }
    living = [each for each in sqlite_archive.stories() if each.state != "merged"]
    assert {each.id: each.follows for each in living if each.follows} == expected
    assert sqlite_archive.verify() == []


@pytest.mark.parametrize("seed", [0, 1])
def test_the_window_stays_the_batch_form_of_its_reports_as_it_moves(archive: Archive, seed: int) -> None:
    news = fortnight(seed, days=9)
    for day in range(9):
        today = (DAY + timedelta(days=day)).isoformat()
        archive.add_documents(
            [each for each in news if each.published == today], at=NOON + timedelta(days=day)
        )
        update_stories(archive, window_days=4, at=NOON)
        first = DAY + timedelta(days=day - 3)
        stored = list(archive.documents(since=first))
        batch = cluster([each.document for each in stored])
        assert _split_by_story(stored) == {frozenset(each.document_ids) for each in batch}
    assert archive.verify() == []
    found = {each.id for each in archive.documents()}
    assert found == {each.id for each in news}
    assert sum(len(each.document_ids) for each in archive.stories()) == len(news)


def _split_by_story(stored: list[StoredDocument]) -> Partition:
    groups: defaultdict[str | None, set[str]] = defaultdict(set)
    for each in stored:
        groups[each.story_id].add(each.id)
    assert None not in groups
    return {frozenset(each) for each in groups.values()}


def test_all_at_once_is_the_same_as_day_by_day(sqlite_archive: Archive, tmp_path: Path) -> None:
    news = fortnight(7)
    replay(sqlite_archive, news)
    with open_archive(tmp_path / "other.sqlite") as other:
        other.add_documents(random.Random(1).sample(news, len(news)), at=NOON + timedelta(days=14))
        update = update_stories(other, at=NOON)
        assert len(update.days) == 14
        assert update.documents == len(news)
        assert other.stories() == sqlite_archive.stories()


def test_updating_again_changes_nothing(archive: Archive) -> None:
    replay(archive, fortnight(3, days=4))
    before = archive.stories()
    update = update_stories(archive, at=NOON)
    assert (update.days, update.stories) == ([], [])
    assert archive.stories() == before


def test_copies_are_found_and_go_with_their_original(archive: Archive) -> None:
    original = article("wire", " ".join(f"{AFFAIRS[0]} {n}" for n in range(9)), published="2021-04-07")
    copy = replace(
        original, id="copy", url="https://other.example/copy", source="sky", published="2021-04-08"
    )
    replay(archive, [original, copy])
    assert archive.document("copy").document.duplicate_of == "wire"
    assert archive.document("wire").document.duplicate_of is None
    assert stories_of(archive) == {frozenset({"wire", "copy"})}


def test_what_is_remembered_of_a_report_is_exact() -> None:
    for document in fortnight(5, days=2):
        read = OnlineClusterer().read(document)
        assert asdict(unpack(pack(read), duplicate_of=None)) == asdict(read)


# --- what happens to stories --------------------------------------------------------------------


def test_a_story_starts_grows_ends_and_is_followed(archive: Archive) -> None:
    news = [report(f"quake{day}", 0, day) for day in (0, 1, 2)]
    other = [report(f"vote{day}", 1, day) for day in (4, 9, 14)]
    later = [report("quake30", 0, 30)]
    replay(archive, [*news, *other, *later])
    by_document = {each: story for story in archive.stories() for each in story.document_ids}
    quake = by_document["quake0"]
    assert quake.document_ids == ("quake0", "quake1", "quake2")
    assert (quake.first, quake.last, quake.state) == (DAY, DAY + timedelta(days=2), "ended")
    assert kinds(archive, quake.id) == ["started", "grew", "grew", "ended"]
    ended = archive.history(quake.id)[-1]
    assert ended.day == DAY + timedelta(days=9)  # the first news more than a window after its last
    again = by_document["quake30"]
    assert again.id != quake.id
    assert again.follows == quake.id
    assert kinds(archive, again.id) == ["started", "follows"]
    assert by_document["vote4"].follows is None
    assert archive.verify() == []


def test_two_stories_that_a_report_ties_together_merge_into_the_larger(archive: Archive) -> None:
    quake, fires = AFFAIRS[0].split(), AFFAIRS[9].split()
    half = " ".join([*quake[:5], *fires[:5]])
    first = [
        article("q1", " ".join(quake[:7]), published="2021-04-07"),
        article("q2", " ".join(quake[1:7]) + " بغداد", published="2021-04-07"),
        article("f1", " ".join(fires[:7]), published="2021-04-07"),
    ]
    replay(archive, first)
    assert stories_of(archive) == {frozenset({"q1", "q2"}), frozenset({"f1"})}
    quake_story, fire_story = archive.document("q1").story_id, archive.document("f1").story_id
    ties = [article(f"t{n}", f"{half} {n}", published="2021-04-08") for n in range(4)]
    replay(archive, ties)
    (merged,) = (each for each in archive.stories() if each.state != "merged")
    assert merged.id == quake_story
    assert set(merged.document_ids) == {"q1", "q2", "f1", "t0", "t1", "t2", "t3"}
    gone = archive.story(str(fire_story))
    assert (gone.state, gone.merged_into, gone.document_ids) == ("merged", quake_story, ())
    assert kinds(archive, gone.id) == ["started", "merged"]
    assert kinds(archive, merged.id) == ["started", "grew", "merged"]
    assert archive.history(merged.id)[-1].other_id == gone.id
    assert archive.verify() == []


def test_an_edit_can_take_an_article_to_another_story(archive: Archive) -> None:
    replay(archive, [report("a", 0, 0), report("b", 0, 0), report("c", 1, 0)])
    quake, vote = archive.document("b").story_id, archive.document("c").story_id
    moved = replace(report("x", 1, 0), id="b2", url=report("b", 0, 0).url)
    assert archive.add_documents([moved], at=NOON).changed == ("b",)
    update_stories(archive, at=NOON)
    assert archive.document("b").story_id == vote
    assert [(each.kind, each.other_id) for each in archive.history(str(quake))][-1] == ("split", vote)
    assert [(each.kind, each.other_id) for each in archive.history(str(vote))][-1] == ("grew", quake)
    assert archive.verify() == []


def test_an_edit_that_says_the_same_moves_nothing(archive: Archive) -> None:
    talks = report("a", 0, 0)
    replay(archive, [talks, report("b", 0, 0)])
    before = archive.stories()
    archive.add_documents([edited(talks, " a.", " aa.")], at=NOON)
    update = update_stories(archive, at=NOON)
    assert (update.documents, update.stories) == (1, [])
    assert archive.stories() == before
    assert archive.verify() == []


def test_a_late_report_reaches_a_story_that_had_ended(archive: Archive) -> None:
    replay(archive, [report("a", 0, 0), report("z", 1, 20)])
    story = archive.document("a").story_id
    assert archive.story(str(story)).state == "ended"
    archive.add_documents([report("late", 0, 1)], at=NOON + timedelta(days=21))
    update_stories(archive, at=NOON + timedelta(days=21))
    assert archive.document("late").story_id == story
    assert kinds(archive, str(story)) == ["started", "ended", "resumed"]
    replay(archive, [report("zz", 1, 22)])
    assert archive.story(str(story)).state == "ended"
    assert archive.verify() == []


def test_a_clock_that_is_set_back_ends_nothing_and_doubles_nothing(archive: Archive) -> None:
    replay(archive, [report("a", 0, 0), report("b", 0, 1)])
    archive.add_documents([report("c", 0, 2)], at=NOON - timedelta(days=900))
    update_stories(archive, at=NOON - timedelta(days=900))
    assert {each.id for each in archive.documents()} == {"a", "b", "c"}
    assert archive.document("a").story_id == archive.document("b").story_id
    assert archive.verify() == []


def test_another_process_that_stored_stories_meanwhile_is_not_written_over(
    archive: Archive, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from summarizer.archive import stories

    archive.add_documents([report("a", 0, 0), report("b", 0, 0)], at=NOON)
    plan = stories._Day.plan
    raced: list[bool] = []

    def slow_plan(day: stories._Day) -> object:
        changes = plan(day)
        if not raced:
            raced.append(True)
            with open_archive(where) as other:
                update_stories(other, at=NOON)
        return changes

    monkeypatch.setattr(stories._Day, "plan", slow_plan)
    update_stories(archive, at=NOON)
    assert len(archive.stories()) == 1
    assert kinds(archive, archive.stories()[0].id) == ["started"]
    assert archive.verify() == []


def test_a_window_without_a_day_is_refused(sqlite_archive: Archive) -> None:
    with pytest.raises(InputError, match="at least one day"):
        update_stories(sqlite_archive, window_days=0)


def test_stories_can_be_asked_for_by_day_and_state(archive: Archive) -> None:
    replay(archive, [report("a", 0, 0), report("b", 1, 3), report("c", 2, 20)])
    ids = {each.document_ids[0]: each.id for each in archive.stories()}
    assert [each.id for each in archive.stories(since=date(2021, 4, 10))] == [ids["b"], ids["c"]]
    assert [each.id for each in archive.stories(until=date(2021, 4, 8))] == [ids["a"]]
    assert [each.id for each in archive.stories(states=["active"])] == [ids["c"]]
    assert [each.id for each in archive.stories(ids=[ids["c"], ids["a"]])] == [ids["a"], ids["c"]]
