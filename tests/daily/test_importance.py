"""What makes a story lead: voices with news of it today, all the stories of its affair, and not what it once was."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from summarizer.archive import Archive, StoredDocument, open_archive
from summarizer.archive.stories import update_stories
from summarizer.daily.affairs import group, weigh_affairs
from summarizer.daily.config import Interests
from summarizer.daily.importance import Importance, Matcher, raised, weigh
from summarizer.schema import Document
from tests.archive.samples import NOON
from tests.daily.world import tiny_terms

TODAY = date(2018, 5, 9)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(tiny_terms())


def report(name: str, outlet: str, *, day: date = TODAY, owner: str | None = None) -> StoredDocument:
    document = Document(id=name, text="نص الخبر.", source=outlet, published=day.isoformat())
    return StoredDocument(
        document=document,
        day=day,
        version=1,
        owner=owner or outlet,
        first_seen=NOON,
        last_seen=NOON,
    )


def weight(
    documents: list[StoredDocument], matcher: Matcher, *, fresh: set[str] | None = None, told: bool = False
) -> Importance:
    return weigh(
        documents,
        fresh=frozenset({each.id for each in documents} if fresh is None else fresh),
        told_before=told,
        since=TODAY,
        interests=Interests(),
        sections=(),
        matcher=matcher,
    )


def test_an_old_affair_with_one_line_of_news_does_not_lead(matcher: Matcher) -> None:
    old = [report(f"o{n}", f"outlet {n}", day=TODAY - timedelta(days=2)) for n in range(5)]
    old.append(report("line", "outlet 1"))
    new = [report("n1", "outlet 1"), report("n2", "outlet 2")]
    assert weight(new, matcher).score > weight(old, matcher, fresh={"line"}, told=True).score


def test_of_equals_the_one_that_more_outlets_have_written_of_leads(matcher: Matcher) -> None:
    known = [report("k1", "outlet 3", day=TODAY - timedelta(days=1)), report("k2", "outlet 1")]
    alone = [report("a1", "outlet 1", day=TODAY - timedelta(days=1)), report("a2", "outlet 1")]
    one, other = (weight(each, matcher, fresh={each[1].id}, told=True) for each in (known, alone))
    assert one.score > other.score


def test_news_that_found_no_room_yesterday_fades(matcher: Matcher) -> None:
    ages = [
        weight([report(f"{n}", f"outlet {n}", day=TODAY - timedelta(days=days)) for n in range(3)], matcher)
        for days in range(3)
    ]
    assert ages[0].score > ages[1].score > ages[2].score
    assert sum(ages[0].voices.values()) == 3
    assert sum(ages[1].voices.values()) == 1.5


def test_owners_count_once_and_the_loudest_day_of_each(matcher: Matcher) -> None:
    both = [
        report("1", "one", owner="group"),
        report("2", "two", owner="group", day=TODAY - timedelta(days=1)),
    ]
    assert weight(both, matcher).voices == {"group": 1.0}


def test_an_affair_weighs_as_much_as_one_story_of_all_its_reports(matcher: Matcher) -> None:
    parts = [weight([report(f"{n}", f"outlet {n}")], matcher) for n in range(4)]
    whole = weight([report(f"{n}", f"outlet {n}") for n in range(4)], matcher)
    leading = raised(parts[0], parts[1:])
    assert leading.voices == parts[0].voices  # what it is itself does not change
    standing = whole.score - leading.score
    assert 0 < standing < 1  # but for the voices that it has itself
    assert leading.reasons[-1].en == "foremost of 4 stories of one affair, with 4 independent voices"


def test_stories_join_the_foremost_and_make_no_chains() -> None:
    a, b, c = {"x": 1.0}, {"x": 0.6, "y": 0.8}, {"y": 1.0}
    assert group([a, b, c], [3.0, 2.0, 1.0]) == [[0, 1], [2]]
    assert group([a, b, c], [1.0, 3.0, 2.0]) == [[1, 2, 0]]
    assert group([{}, {}], [1.0, 1.0]) == [[0], [1]]
    assert group([], []) == []


ATTACK = "طعن رجل خمسة من المارة في حي الأوبرا وسط باريس مساء السبت وقتلته الشرطة الفرنسية"
CUP = "فاز الفريق بكأس البلاد بعد مباراة طويلة حسمتها ركلات الترجيح أمام جمهور كبير"


@pytest.fixture
def told_of(tmp_path: Path) -> Archive:
    texts = {
        "attack": ATTACK,
        "attacker": f"قالت الشرطة الفرنسية إن منفذ هجوم حي الأوبرا وسط باريس مولود في الشيشان. {ATTACK[:40]}",
        "cup": CUP,
    }
    archive = open_archive(tmp_path / "archive.sqlite")
    archive.add_documents(
        [
            Document(
                id=name, text=text, title=text[:40], source=f"{name} outlet", published=TODAY.isoformat()
            )
            for name, text in texts.items()
        ],
        at=NOON,
    )
    update_stories(archive, at=NOON)
    return archive


def test_the_foremost_story_of_an_affair_is_raised_and_no_other(told_of: Archive) -> None:
    with told_of as archive:
        plain = [
            Importance(score=score, reasons=(), voices={name: 1.0}, reports=1.0)
            for name, score in (("one", 3.0), ("two", 2.0), ("three", 3.5))
        ]
        fresh = [frozenset({name}) for name in ("attack", "attacker", "cup")]
        found = [each.score for each in weigh_affairs(archive, plain, fresh)]
        assert found[0] > 4
        assert found[1:] == [2.0, 3.5]
        # The foremost has only news of yesterday: the one with today's leads.
        plain[0] = Importance(score=3.0, reasons=(), voices={"one": 0.5}, reports=0.5)
        found = [each.score for each in weigh_affairs(archive, plain, fresh)]
        assert found[0] == 3.0
        assert found[1] > 2.0
