"""Weeks of news, day by day, through the whole briefing: is anything lost or doubled, and does a day's cost stay flat?

    MUJAZ_DATA=... python -m benchmarks.replay --days 20                    # Arabic briefs, extractive
    MUJAZ_DATA=... python -m benchmarks.replay --days 3 --english           # with the embedded translator
    MUJAZ_DATA=... python -m benchmarks.replay --corpus saudi --from 2015-07-25 --days 1 --english --stories 10
    MUJAZ_DATA=... python -m benchmarks.replay --days 151 --folder /tmp/replay --svg docs/images/replay.svg

The dated articles of the ANT corpus (five outlets, 2018) are served by a local HTTP server as one RSS feed an outlet and
one page an article. Every morning one run reads them into a fresh archive, updates the stories, and makes the brief; the
clock is the corpus's. What the corpus has of before the first day is in the feeds of the first day, under its own date, as old
items are in a feed that is new. The server is a process of its own, so memory is the briefing's. *Lost* are articles that are
neither in the archive nor skipped with a reason in the run report; *doubled* are those in it twice. Seconds are of CPU, so that
other work on the machine does not count; the *slope* is what an article costs more for every thousand articles that
the archive holds already: flat means that a day after a year costs what the first one did. ``--from 2018-06-16 --days 30`` is
the same month on an archive that holds nothing else: what differs is what the archive's size costs. ``--corpus saudi`` is
SaudiNewsNet (twelve outlets, 21 to 31 July 2015): 1,300 to 2,900 articles a day.
"""

from __future__ import annotations

import argparse
import http.server
import json
import lzma
import multiprocessing
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.charts import Line, Panel, draw

#: File of a corpus, and its first day.
CORPORA: Final = {
    "ant": (Path("sum") / "ant_v2.1_to_2018-07-15.jsonl.xz", date(2018, 2, 15)),
    "saudi": (Path("sum") / "saudinewsnet_july.jsonl.xz", date(2015, 7, 21)),
}
STAGES: Final = ("gather", "stories", "choose", "write", "translate", "store", "publish")

Articles = dict[date, dict[str, list[dict[str, str]]]]  # day -> outlet -> its articles


@dataclass
class Day:
    """What one morning came to. ``seconds`` are of CPU, by stage; ``archived`` counts the articles held afterwards."""

    day: str
    served: int
    new: int
    skipped: int
    archived: int
    stories: int
    seconds: dict[str, float]
    walls: dict[str, float]  # by stage too, by the clock
    memory_mb: float
    peak_mb: float
    archive_mb: float

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    @property
    def wall(self) -> float:
        return sum(self.walls.values())


def read_corpus(folder: Path, *, corpus: str = "ant", first: date, days: int, texts: bool = True) -> Articles:
    """Return the articles of ``days`` days from ``first`` on, each id once; without ``texts``, only their ids and dates.

    Few articles are older than the corpus's first day: they stand in the feeds of that day.
    """
    articles: Articles = defaultdict(lambda: defaultdict(list))
    seen: set[str] = set()
    last = first + timedelta(days=days)
    path, beginning = CORPORA[corpus]
    with lzma.open(folder / path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            day = date.fromisoformat(row["date"][:10])
            if (first == beginning or day >= first) and day < last and row["id"] not in seen:
                seen.add(row["id"])
                article = {"id": row["id"], "date": day.isoformat()}
                if texts:
                    article |= {"title": row["title"] or "", "text": row["document"] or ""}
                articles[max(day, first)][row["source"]].append(article)
    return articles


# --- the server ---------------------------------------------------------------------------------


def serve(
    folder: Path, corpus: str, first: date, days: int, port: Synchronized[int], today: Synchronized[int]
) -> None:
    """Serve ``/feed/OUTLET`` (of the day of ordinal ``today``) and ``/page/OUTLET/ID`` until the process is ended."""
    articles = read_corpus(folder, corpus=corpus, first=first, days=days)
    pages = {
        f"/page/{outlet}/{each['id']}": each
        for outlets in articles.values()
        for outlet, of_outlet in outlets.items()
        for each in of_outlet
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            day = date.fromordinal(today.value)
            if self.path.startswith("/feed/"):
                outlet = self.path.removeprefix("/feed/")
                body = feed(articles[day][outlet], outlet, base=f"http://127.0.0.1:{port.value}")
            elif self.path in pages:
                body = page(pages[self.path])
            else:
                self.send_error(404)
                return
            data = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.value = server.server_address[1]
    server.serve_forever()


def feed(articles: Iterable[dict[str, str]], outlet: str, *, base: str) -> str:
    """Return a day's RSS of one outlet, titles only."""
    items = "".join(
        f"<item><title>{escape(each['title'])}</title><link>{base}/page/{outlet}/{each['id']}</link>"
        f"<guid>{each['id']}</guid><pubDate>{format_datetime(_noon(each['date']))}</pubDate></item>"
        for each in articles
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{outlet}</title>{items}</channel></rss>'


def _noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def page(article: dict[str, str]) -> str:
    """Return an article as a web page."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article["text"].split("\n") if line.strip())
    return (
        f'<!doctype html><html lang="ar"><head><title>{escape(article["title"])}</title>'
        f'<meta property="article:published_time" content="{_noon(article["date"]).isoformat()}"></head>'
        f"<body><article><h1>{escape(article['title'])}</h1>{paragraphs}</article></body></html>"
    )


# --- the mornings -------------------------------------------------------------------------------


def replay(
    articles: Articles,
    folder: Path,
    *,
    port: int,
    today: Synchronized[int],
    english: bool,
    stories: int,
    report: Callable[[str], None],
) -> list[Day]:
    """Run a briefing a day into ``folder``; return what each came to."""
    from summarizer.archive import open_archive
    from summarizer.daily.briefing import Briefing
    from summarizer.daily.config import load_config
    from summarizer.daily.lock import exclusive
    from summarizer.models import Registry
    from summarizer.terms import Terms

    outlets = sorted({outlet for of_day in articles.values() for outlet in of_day})
    path = folder / "replay.yaml"
    path.write_text(
        yaml.safe_dump(configuration(outlets, port, english=english, stories=stories)), encoding="utf-8"
    )
    config = load_config(path)
    registry, terms = Registry.load(), Terms.load()
    days = []
    for number, day in enumerate(sorted(articles)):
        today.value = day.toordinal()
        morning = datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1)
        # As a fresh process would: the archive is opened for each run.
        with open_archive(config.archive_url) as archive, exclusive(archive):
            briefing = Briefing(config, archive, clock=_stopped(morning), registry=registry, terms=terms)
            done = briefing.run()
            archived = archive.stats()["documents"]
        days.append(
            Day(
                day=day.isoformat(),
                served=sum(map(len, articles[day].values())),
                new=done.sources.total("new"),
                skipped=done.sources.total("skipped") + done.sources.total("failed"),
                archived=archived,
                stories=done.briefs[0]["stories"] if done.briefs else 0,
                seconds={stage: done.cpu_seconds.get(stage, 0.0) for stage in STAGES},
                walls={stage: done.seconds.get(stage, 0.0) for stage in STAGES},
                memory_mb=_memory_mb(),
                peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                archive_mb=(folder / "archive.sqlite").stat().st_size / 1e6,
            )
        )
        if number % 5 == 0:
            latest = days[-1]
            report(
                f"{latest.day}: {latest.served} articles, {latest.total:.1f} s of CPU, {latest.wall:.1f} s, {latest.peak_mb:.0f} MB"
            )
    return days


def _memory_mb() -> float:
    """Return what this process holds in memory now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _stopped(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def configuration(outlets: Sequence[str], port: int, *, english: bool, stories: int) -> dict[str, Any]:
    """Return the briefing's configuration."""
    return {
        "name": "replay",
        "archive": "archive.sqlite",
        "languages": ["ar", "en"] if english else ["ar"],
        "stories": stories,
        "sources": [
            {
                "id": each.lower(),
                "kind": "feed",
                "url": f"http://127.0.0.1:{port}/feed/{each}",
                "outlet": each,
                "limit": 5000,
            }
            for each in outlets
        ],
        "fetching": {"delay_seconds": 0, "robots": False, "allow_private": True, "hosts_at_once": 2},
        "outputs": {"folder": "briefs", "forms": ["html", "json"]},
    }


def account(folder: Path, articles: Articles, days: Sequence[Day]) -> dict[str, Any]:
    """Return what was lost or doubled, and what was skipped and why, after all days."""
    from summarizer.archive import open_archive

    with open_archive(folder / "archive.sqlite") as archive:
        kept: defaultdict[str, int] = defaultdict(int)
        for each in archive.documents():
            kept[(each.document.url or "").rpartition("/")[2]] += 1
        reasons: dict[str, str] = {}
        for run in archive.runs():
            for record in archive.run_records(run.id):
                reasons[record.subject.rpartition("/")[2]] = record.reason
        problems = [problem.message for problem in archive.verify()]
    served = {each["id"] for of_day in articles.values() for some in of_day.values() for each in some}
    skipped = {each for each in served if each not in kept and each in reasons}
    return {
        "served": len(served),
        "archived": sum(kept.values()),
        "skipped": len(skipped),
        "lost": sorted(served - set(kept) - skipped),
        "doubled": sorted(each for each, count in kept.items() if count > 1),
        "reasons": sorted({reasons[each].rpartition(": ")[2] for each in skipped}),
        "verify": problems,
        "briefs": len(days),
    }


def slope(days: Sequence[Day], seconds: Callable[[Day], float]) -> float:
    """Return milliseconds that an article costs more for every 1,000 articles already archived (least squares)."""
    points = [
        (each.archived / 1000, 1000 * seconds(each) / each.served) for each in days if each.served >= 20
    ]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 2 else 0.0


def table(days: Sequence[Day]) -> list[str]:
    """Return the figures as Markdown: by stage, over all days."""
    articles = sum(each.served for each in days)
    lines = [
        "| stage | CPU seconds | seconds by the clock | articles a CPU second | ms more an article per 1,000 archived |",
        "|---|---:|---:|---:|---:|",
    ]
    for stage in (*STAGES, "all"):

        def of(day: Day, stage: str = stage) -> float:
            return day.total if stage == "all" else day.seconds[stage]

        seconds = sum(map(of, days))
        rate = f"{articles / seconds:,.0f}" if seconds > 0.05 else "–"
        clock = sum(each.wall if stage == "all" else each.walls[stage] for each in days)
        lines.append(f"| {stage} | {seconds:.1f} | {clock:.1f} | {rate} | {slope(days, of):+.2f} |")
    return lines


def chart(days: Sequence[Day]) -> str:
    """Return the cost of an article by stage, and the memory, day by day, as SVG."""
    # A day of a handful says little of an article, and the first one fills an empty archive.
    full = [each for each in days[1:] if each.served >= 20] or list(days)
    xs = [float(each.archived) for each in full]
    labels = [(float(each.archived), each.day) for each in full[:: max(1, len(full) // 5)]]
    cost = [
        Line(
            name=stage,
            ys=[
                1000 * (each.total if stage == "all" else each.seconds[stage]) / each.served for each in full
            ],
            smooth=9,
        )
        for stage in ("all", *STAGES)
        if stage == "all" or sum(each.seconds[stage] for each in full) > 0.02 * sum(e.total for e in full)
    ]
    memory = [
        Line(name="in use after the run", ys=[each.memory_mb for each in full]),
        Line(name="highest so far", ys=[each.peak_mb for each in full]),
        Line(name="archive on disk", ys=[each.archive_mb for each in full]),
    ]
    return draw(
        [
            Panel(
                title="Processor milliseconds an article, by articles archived",
                xs=xs, lines=cost, labels=labels, unit=" ms",
            ),
            Panel(title="Megabytes, by articles archived", xs=xs, lines=memory, labels=labels, unit=" MB"),
        ],
        title=f"{len(days)} days replayed: the cost of a day as the archive grows",
    )  # fmt: skip


def main(report: Callable[[str], None] = print) -> None:
    """Run the replay and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=20, help="how many days are replayed")
    parser.add_argument("--corpus", choices=sorted(CORPORA), default="ant")
    parser.add_argument(
        "--from",
        dest="first",
        type=date.fromisoformat,
        metavar="DATE",
        help="the first day; default: the corpus's",
    )
    parser.add_argument("--stories", type=int, default=12, help="stories a brief")
    parser.add_argument("--english", action="store_true", help="translate the briefs with the embedded model")
    parser.add_argument("--folder", type=Path, help="where the archive and the briefs stay; default: removed")
    parser.add_argument("--json", type=Path, help="write every day's figures")
    parser.add_argument("--svg", type=Path, help="draw them")
    options = parser.parse_args()
    data = os.environ.get("MUJAZ_DATA")
    if not data:
        sys.exit("set MUJAZ_DATA to the folder of the corpora")
    first = options.first or CORPORA[options.corpus][1]
    articles = read_corpus(Path(data), corpus=options.corpus, first=first, days=options.days, texts=False)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="mujaz-replay-"))
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    port, today = context.Value("i", 0), context.Value("i", 0)
    server = context.Process(
        target=serve, args=(Path(data), options.corpus, first, options.days, port, today), daemon=True
    )
    server.start()
    try:
        while not port.value and server.is_alive():
            time.sleep(0.05)
        days = replay(
            articles,
            folder,
            port=port.value,
            today=today,
            english=options.english,
            stories=options.stories,
            report=report,
        )
        accounts = account(folder, articles, days)
    finally:
        server.terminate()
        server.join()
        if options.folder is None:
            shutil.rmtree(folder)
    report(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for line in table(days):
        report(line)
    early, late = days[: len(days) // 4 or 1], days[-(len(days) // 4 or 1) :]
    report(
        f"\n{accounts['served']} articles in {len(days)} days: {accounts['archived']} archived, {accounts['skipped']} "
        f"skipped with a reason ({'; '.join(accounts['reasons'][:5])}), {len(accounts['lost'])} lost, "
        f"{len(accounts['doubled'])} doubled; verify: {accounts['verify'] or 'clean'}."
    )
    report(
        f"CPU ms an article, first and last quarter: {_cost(early):.0f} and {_cost(late):.0f}; peak memory "
        f"{days[0].peak_mb:.0f} MB on the first day, {days[-1].peak_mb:.0f} MB on the last; archive {days[-1].archive_mb:.0f} MB."
    )
    if options.svg:
        options.svg.write_text(chart(days), encoding="utf-8")
    if options.json:
        plain = {"days": [asdict(day) for day in days], "accounts": accounts}
        options.json.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cost(days: Sequence[Day]) -> float:
    return 1000 * sum(each.total for each in days) / max(1, sum(each.served for each in days))


if __name__ == "__main__":
    main()
