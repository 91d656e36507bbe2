"""Do the briefs lead with what the outlets led with? Over a replay's days, by count; on six days, by hand.

    MUJAZ_DATA=... python -m benchmarks.replay --days 151 --folder /tmp/replay
    python -m benchmarks.top_stories /tmp/replay [--days 2018-05-08,2018-05-09] [--show]

*Led with*, by count: the five stories of the day (the archive's, as they stand in the end) that most outlets had, of equals those
with most articles. It leans on our own clustering, and on the count that the importance of a story is made of too: it finds
what is lost on the way into the brief, not a wrong idea of importance. *By hand* (``eval/sets/top_stories.jsonl``): the stories that
a reader of all titles would lead with, as ids of articles; three days were read together with the briefs, three (13 to 15 May) were
drawn at random and labelled before the briefs were seen. What went wrong on all six has since shaped the weights (that
affairs weigh whole is owed to 13 May): for a clean verdict, label other days.

*Stale* is a story without a report of the day that the brief is about. ``--show`` prints titles of the corpus.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Final

from summarizer.archive import Archive, StoredDocument, open_archive

TOP: Final = 5
#: The days that were read together with the briefs.
READ_WITH: Final = frozenset({"2018-05-08", "2018-05-09", "2018-05-10"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One story of a brief: the ids of its articles in the corpus, those of the day, and its title."""

    articles: frozenset[str]
    of_day: frozenset[str]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """A story that outlets led with."""

    articles: frozenset[str]
    name: str
    top: bool = True


def corpus_id(document: StoredDocument) -> str:
    return (document.document.url or document.id).rpartition("/")[2]


def briefs_of(archive: Archive) -> dict[str, list[Told]]:
    """Return the stories of each brief in order, by the day that it is about: the one before its own."""
    found: dict[str, list[Told]] = {}
    for stored in archive.briefs(limit=None):
        about = (stored.day - timedelta(days=1)).isoformat()
        brief = archive.brief(stored.id)
        documents = {each.id: each for each in brief.documents}
        stories = []
        for story in brief.stories:
            articles = {
                (documents[each].url or each).rpartition("/")[2]: (documents[each].published or "")[:10]
                for each in story.document_ids
            }
            stories.append(
                Told(
                    articles=frozenset(articles),
                    of_day=frozenset(each for each, day in articles.items() if day == about),
                    title=story.title.ar,
                )
            )
        found[about] = stories
    return found


def led_with(archive: Archive, day: str) -> list[Led]:
    """Return the stories of a day, by the outlets that had them, then by articles."""
    when = date.fromisoformat(day)
    by_story: defaultdict[str, list[StoredDocument]] = defaultdict(list)
    for each in archive.documents(since=when, until=when):
        by_story[each.story_id or each.id].append(each)

    def weight(story: str) -> tuple[int, int, str]:
        articles = by_story[story]
        return (-len({each.document.outlet for each in articles}), -len(articles), story)

    return [
        Led(
            articles=frozenset(map(corpus_id, by_story[story])),
            name=by_story[story][0].document.title or story,
        )
        for story in sorted(by_story, key=weight)
    ]


def by_hand() -> dict[str, list[Led]]:
    """Return the stories picked by hand, by day."""
    found: defaultdict[str, list[Led]] = defaultdict(list)
    source = resources.files("eval") / "sets" / "top_stories.jsonl"
    for line in source.read_text("utf-8").splitlines():
        row = json.loads(line)
        found[row["day"]].append(Led(articles=frozenset(row["ids"]), name=row["story"], top=row["top"]))
    return dict(found)


def hits(told: Iterable[Told], led: Sequence[Led]) -> int:
    """Return how many of ``led`` one of ``told`` tells by an article of the day."""
    return sum(any(story.of_day & each.articles for story in told) for each in led)


def by_count(archive: Archive, briefs: Mapping[str, Sequence[Told]]) -> None:
    agreement, first_top, first_in, stale_top, stale = [], [], [], [], []
    for day, stories in sorted(briefs.items()):
        led = led_with(archive, day)[:TOP]
        if len(led) < TOP or not stories:
            continue
        agreement.append(hits(stories[:TOP], led))
        first_top.append(hits(stories[:TOP], led[:1]))
        first_in.append(hits(stories, led[:1]))
        stale_top += [not story.of_day for story in stories[:TOP]]
        stale += [not story.of_day for story in stories]
    print(f"{len(agreement)} days, by count of outlets:")
    print(f"  top {TOP} told of the {TOP} that most outlets had: {statistics.fmean(agreement):.2f}")
    print(
        f"  the one that most outlets had is among the top {TOP} on {100 * statistics.fmean(first_top):.0f} % of days, "
        f"in the brief on {100 * statistics.fmean(first_in):.0f} %"
    )
    print(
        f"  stale: {100 * statistics.fmean(stale_top):.0f} % of the top {TOP}, {100 * statistics.fmean(stale):.0f} % of all stories"
    )


def judged(briefs: Mapping[str, Sequence[Told]], *, show: bool) -> None:
    labels = by_hand()
    days = sorted(labels.keys() & briefs.keys())
    print(
        "| day | of the five: in our top five | in the brief | our top five: of the five | or of the next | stale |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for day in days:
        led, stories = labels[day], briefs[day]
        top = stories[:TOP]
        five = [each for each in led if each.top]
        ours = [any(story.of_day & each.articles for each in five) for story in top]
        any_of = [any(story.of_day & each.articles for each in led) for story in top]
        mark = " (read with the briefs)" if day in READ_WITH else ""
        print(
            f"| {day}{mark} | {hits(top, five)} | {hits(stories, five)} | {sum(ours)} | {sum(any_of)} | "
            f"{sum(not story.of_day for story in top)} |"
        )
    if show:
        for day in days:
            print(f"\n{day}")
            for number, story in enumerate(briefs[day], 1):
                names = [each.name for each in labels[day] if story.of_day & each.articles]
                print(
                    f"  {number:2} {len(story.of_day)}/{len(story.articles)} {story.title}  <- {', '.join(names) or '-'}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="what `benchmarks.replay --folder` left")
    parser.add_argument("--days", type=lambda text: text.split(","), default=[], metavar="DAY,DAY")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with open_archive(options.folder / "archive.sqlite") as archive:
        briefs = briefs_of(archive)
        if options.days:
            briefs = {day: stories for day, stories in briefs.items() if day in options.days}
        by_count(archive, briefs)
        judged(briefs, show=options.show)


if __name__ == "__main__":
    main()
