"""Seconds and peak memory of a whole brief, stage by stage, beside the same model run naively in the same run.

    python -m benchmarks.speed                       # the five example reports; Mujaz and the naive peer
    MUJAZ_DATA=... python -m benchmarks.speed --reports 50 100 200    # and so many corpus reports (Mujaz only)

Every figure comes from a child process of its own, so that peak memory and the cold start are that run's alone. *Cold* is
everything from importing the library to the brief; *warm* is the same brief again in the same process, the mean of
``--repeat`` runs. The peer is ``benchmarks/naive.py``: the same weights in transformers, float32, one sentence at a time, inside
the same pipeline, doing the same job (retries included). Absolute seconds depend on the machine; read the ratios.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples" / "iraq-us-dialogue"
CORPUS: Final = Path("sum") / "ant_v2.1_to_2018-07-15.jsonl.xz"
SEED: Final = 1


def run_child(engine: str, reports: int, repeat: int, sentences: int | None) -> dict[str, Any]:
    """Measure in this process; return seconds by stage (cold and warm), counts, and peak memory in MB."""
    start = time.perf_counter()
    from summarizer.models import Registry
    from summarizer.pipeline import make_brief
    from summarizer.terms import Terms

    registry = Registry.load()
    if engine == "naive":
        from benchmarks.naive import NaiveEngine

        spec = registry.task_model("translation")
        registry._engines[spec.id] = NaiveEngine(spec, registry.locate(spec))
    documents = _example_reports() if reports == 0 else _corpus_reports(reports)
    terms = Terms.load()
    ready = time.perf_counter() - start

    def brief() -> tuple[dict[str, float], Any]:
        clock = _StageClock()
        made = make_brief(documents, registry=registry, terms=terms, sentences=sentences, progress=clock)
        return clock.finish(), made

    cold, made = brief()
    warm = [brief()[0] for _ in range(repeat)]
    shown = [text for story in made.stories for text in (story.title, *story.summary, *story.timeline)]
    return {
        "engine": engine,
        "reports": len(documents),
        "stories": len(made.stories),
        "translated": len(shown),
        "cold": {"start": ready, **cold},
        "warm": {stage: statistics.mean(run[stage] for run in warm) for stage in cold} if warm else {},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


class _StageClock:
    """A progress callback that adds up the seconds until each stage reports."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:  # noqa: ARG002 - the callback's form
        now = time.perf_counter()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + now - self._last
        self._last = now

    def finish(self) -> dict[str, float]:
        self("render", 1, 1)
        self._seconds["assemble"] = self._seconds.pop("render")
        return self._seconds


def _example_reports() -> Any:
    from summarizer.ingest import read_sources

    return read_sources([str(EXAMPLES)]).documents


def _corpus_reports(count: int) -> Any:
    from summarizer.ingest import read_bytes

    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        sys.exit("set MUJAZ_DATA to the folder of the corpora, or leave --reports out")
    with lzma.open(Path(folder) / CORPUS, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    # One stretch of days, as a newsroom has it, so that reports meet in stories.
    start = random.Random(SEED).randrange(len(lines) - count)
    records = [json.loads(line) for line in lines[start : start + count]]
    rows = [
        {
            "text": row.get("document") or row.get("text"),
            "title": row.get("title"),
            "source": row.get("source"),
            "published": row.get("date"),
        }
        for row in records
    ]
    data = json.dumps(rows, ensure_ascii=False).encode()
    return read_bytes(data, origin="corpus.json", suffix=".json").documents


def _measure(engine: str, reports: int, repeat: int, sentences: int | None) -> dict[str, Any]:
    command = [
        sys.executable,
        __file__,
        "--child",
        engine,
        "--reports",
        str(reports),
        "--repeat",
        str(repeat),
    ]
    command += [] if sentences is None else ["--sentences", str(sentences)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(done.stderr[-2000:] or f"{engine} failed")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _table(results: list[dict[str, Any]]) -> list[str]:
    stages = list(results[0]["cold"])
    lines = [
        f"| run | reports | texts translated | {' | '.join(stages)} | cold total | warm total | peak MB |",
        "|---|---:|---:|" + "---:|" * (len(stages) + 3),
    ]
    for each in results:
        seconds = " | ".join(f"{each['cold'].get(stage, 0.0):.1f}" for stage in stages)
        warm = f"{sum(each['warm'].values()):.1f}" if each["warm"] else "–"
        lines.append(
            f"| {each['engine']} | {each['reports']} | {each['translated']} | {seconds} "
            f"| {sum(each['cold'].values()):.1f} | {warm} | {each['peak_mb']:.0f} |"
        )
    return lines


def main(report: Callable[[str], None] = print) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--reports", type=int, nargs="*", default=[], help="also so many reports of the corpus"
    )
    parser.add_argument("--sentences", type=int, help="sentences a story; default: as `mujaz summarize`")
    parser.add_argument("--repeat", type=int, default=1, help="warm runs a process")
    parser.add_argument("--no-naive", action="store_true", help="leave the peer out (no torch needed)")
    parser.add_argument("--child", choices=["mujaz", "naive"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measured = run_child(options.child, (options.reports or [0])[0], options.repeat, options.sentences)
        report(json.dumps(measured))
        return
    results = [_measure("mujaz", 0, options.repeat, options.sentences)]
    if not options.no_naive:
        results.append(_measure("naive", 0, 0, options.sentences))
        ours, naive = (sum(each["cold"].values()) for each in results)
        report(f"Naive / Mujaz, end to end, cold: {naive / ours:.1f}x")
    results += [_measure("mujaz", count, 0, options.sentences) for count in options.reports]
    report(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
    )
    for line in _table(results):
        report(line)


if __name__ == "__main__":
    main()
