"""What a day costs as the archive grows: seconds a day by step, megabytes, and whether it stays flat.

    MUJAZ_DATA=... python -m benchmarks.archive --days 60 --out results/archive

Replays the ANT corpus day by day, as the daily briefing would: add the day's articles, update the stories, search, ask for
the news. ``--times N`` gives every article N readings of other wording, for a larger newsroom. Writes ``archive.csv`` (a line
a day), ``archive.md`` and ``archive.svg``. Flat means: the slope of the cost of an article over the days, which the table
gives in percent of the mean a hundred days, with its standard error.
"""

from __future__ import annotations

import argparse
import csv
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.charts import Line, Panel, draw
from benchmarks.cluster_mixtures import articles
from summarizer.archive import Archive, open_archive
from summarizer.archive.stories import update_stories
from summarizer.schema import Document

CORPUS: Final = "ant_v2.1_to_2018-07-15.jsonl.xz"
#: The corpus has a handful of articles of earlier years; from here on every day has news.
FIRST_DAY: Final = "2018-03-01"
QUERIES: Final = ("سوريا", '"مجلس الأمن"', "انتخابات العراق", "ترام* OR ترمب", "نفط أسعار -أوبك")
STEPS: Final = ("add", "stories", "search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The cost of one day. Steps in seconds, ``search`` for all of ``QUERIES``."""

    day: str
    articles: int
    archive: int  # articles in the archive afterwards
    add: float
    stories: float
    search: float
    megabytes: float  # of the database
    peak: float  # of the process, MB, so far


def days_of(*, times: int) -> dict[str, list[Document]]:
    """Return the corpus by day; with ``times`` > 1 every article comes that often, its paragraphs turned round."""
    by_day: defaultdict[str, list[Document]] = defaultdict(list)
    for document in sorted(articles(CORPUS), key=lambda each: each.id):
        if (document.published or "") >= FIRST_DAY:
            by_day[str(document.published)] += [_reading(document, number) for number in range(times)]
    return dict(sorted(by_day.items()))


def _reading(document: Document, number: int) -> Document:
    if number == 0:
        return document
    words = document.text.split()
    turned = [word for start in range(number % 7, 7) for word in words[start::7]]
    return replace(document, id=f"{document.id}-{number}", text=" ".join(turned), source=f"outlet{number}")


def replay(archive: Archive, path: Path, by_day: Mapping[str, Sequence[Document]]) -> list[Day]:
    """Live through the days and return what each cost."""
    measured = []
    total = 0
    for day, documents in by_day.items():
        at = datetime.fromisoformat(f"{day}T20:00:00+00:00")
        total += len(documents)
        seconds = {
            "add": _seconds(partial(archive.add_documents, documents, at=at)),
            "stories": _seconds(partial(update_stories, archive, at=at)),
            "search": _seconds(lambda: [archive.search(query) for query in QUERIES]),
        }
        measured.append(
            Day(
                day=day,
                articles=len(documents),
                archive=total,
                megabytes=path.stat().st_size / 1e6,
                peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
                **seconds,
            )
        )
        print(f"{day}  {len(documents)} articles  " + "  ".join(f"{k} {v:.2f} s" for k, v in seconds.items()))
    return measured


def _seconds(step: Callable[[], object]) -> float:
    """Return the processor seconds of a step: other programs on the machine do not count."""
    start = time.process_time()
    step()
    return time.process_time() - start


def slope(days: Sequence[Day], step: str) -> tuple[float, float, float]:
    """Return ``(mean, slope, its standard error)``: ms an article, and percent of the mean a hundred days.

    The first week is left out, while the window fills.
    """
    cost = [1e3 * getattr(day, step) / day.articles for day in days[7:]]
    mean = statistics.fmean(cost)
    at = list(range(len(cost)))
    line = statistics.linear_regression(at, cost)
    residual = [y - line.intercept - line.slope * x for x, y in zip(at, cost, strict=True)]
    spread = sum((x - statistics.fmean(at)) ** 2 for x in at)
    error = (sum(each * each for each in residual) / max(1, len(at) - 2) / spread) ** 0.5
    return mean, 1e4 * line.slope / mean, 1e4 * error / mean


def table(days: Sequence[Day]) -> str:
    """Return the findings as Markdown."""
    last = days[-1]
    first_week = days[min(6, len(days) - 1)]
    summary = (
        f"{len(days)} days, {last.archive} articles, {last.megabytes:.0f} MB on disk "
        f"({1e3 * last.megabytes / last.archive:.1f} KB an article), peak memory {last.peak:.0f} MB "
        f"(after a week {first_week.peak:.0f} MB)."
    )
    lines = [
        summary,
        "",
        "| step | processor ms an article, after the first week | change in 100 days |",
        "|---|---|---|",
    ]
    for step in STEPS:
        mean, change, error = slope(days, step)
        lines.append(f"| {step} | {mean:.2f} | {change:+.0f} % ± {error:.0f} |")
    return "\n".join(lines) + "\n"


def drawing(days: Sequence[Day]) -> str:
    """Return an SVG: milliseconds an article of each step, day by day."""
    xs = [float(each.archive) for each in days]
    cost = Panel(
        title="Processor milliseconds an article, by articles archived",
        xs=xs,
        lines=[
            Line(name=step, ys=[1e3 * getattr(day, step) / day.articles for day in days], smooth=9)
            for step in STEPS
        ],
        labels=[(xs[index], days[index].day) for index in (0, len(days) // 2, len(days) - 1)],
        unit=" ms",
    )
    return draw([cost], title="What a day costs as the archive grows")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--times", type=int, default=1, help="readings of each article")
    parser.add_argument("--out", type=Path, default=Path("results/archive"))
    options = parser.parse_args()
    by_day = dict(list(days_of(times=options.times).items())[: options.days])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        with open_archive(path) as archive:
            days = replay(archive, path, by_day)
            problems = archive.verify()
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "archive.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(asdict(days[0])))
        writer.writeheader()
        writer.writerows(asdict(day) for day in days)
    (options.out / "archive.md").write_text(table(days), encoding="utf-8")
    (options.out / "archive.svg").write_text(drawing(days), encoding="utf-8")
    print(table(days))
    print(f"verify: {len(problems)} problems" if problems else "verify: clean")


if __name__ == "__main__":
    main()
