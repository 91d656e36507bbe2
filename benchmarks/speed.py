"""Seconds and peak memory of a whole brief, stage by stage, beside the same model run naively in the same run.

    python -m benchmarks.speed                       # the five example reports; Mujaz and the naive peer
    MUJAZ_DATA=... python -m benchmarks.speed --reports 50 100 200    # and so many corpus reports (Mujaz only)
    MUJAZ_DATA=... python -m benchmarks.speed --reports 200 --naive-sample 60 --cache    # with the peer, extrapolated

Every figure comes from a child process of its own, so that peak memory and the cold start are that run's alone. *Cold* is
everything from importing the library to the brief; *warm* is the same brief again in the same process, the mean of
``--repeat`` runs. The peer is ``benchmarks/naive.py``: the same weights in transformers, float32, one sentence at a time, inside
the same pipeline, doing the same job (retries included). Absolute seconds depend on the machine; read the ratios.

**The sampled peer.** On hundreds of reports the peer would run for hours. One sentence at a time, its cost is a sum over the
inputs of the model, so ``--naive-sample N`` measures N of the very inputs that Mujaz asked its model in the same run (a retry
for more hypotheses is an input too), drawn as ``benchmarks/sampling.py`` says, in strata of search width and length, and
extrapolates. What is not the model's work counts as it was measured for Mujaz. Such rows are marked as extrapolated, with
a 95 % interval, which tells of the sampling and not of a machine that was busier in one half than in the other.

**The cache.** None of the above uses it, except with ``--cache``: then the cold run fills an empty one, and the brief is
made once more from it; both tell how many inputs were given to the model.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import json
import lzma
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples" / "iraq-us-dialogue"
CORPUS: Final = Path("sum") / "ant_v2.1_to_2018-07-15.jsonl.xz"
SEED: Final = 1


def run_child(options: argparse.Namespace) -> dict[str, Any]:
    """Measure in this process; return seconds by stage (cold and warm), counts, and peak memory in MB."""
    start = time.perf_counter()
    from benchmarks.asked import Recorder
    from summarizer.cache import AnswerCache
    from summarizer.engines.cached import CachedEngine
    from summarizer.engines.wrapped import WrappedRegistry, wrap_engines
    from summarizer.models import Registry
    from summarizer.pipeline import make_brief
    from summarizer.terms import Terms

    loaded = Registry.load()
    spec = loaded.task_model("translation")
    if options.child == "naive":
        from benchmarks.naive import NaiveEngine, narrow

        loaded._engines[spec.id] = NaiveEngine(spec, narrow(loaded, spec))
    documents = _corpus_reports(options.reports[0]) if options.reports else _example_reports()
    terms = Terms.load()
    ready = time.perf_counter() - start

    def brief(store: AnswerCache | None = None) -> tuple[dict[str, float], Any, Recorder, dict[str, int]]:
        registry = loaded if store is None else wrap_engines(loaded, store=store)
        engine = registry.engine(spec.id)
        recorder = Recorder(engine)
        clock = _StageClock()
        made = make_brief(
            documents,
            registry=WrappedRegistry(registry, lambda each, of: recorder if of.id == spec.id else each),
            terms=terms,
            sentences=options.sentences,
            progress=clock,
            created="2020-01-01T00:00:00+00:00",
        )
        seconds = clock.finish()
        if store is None:
            return seconds, made, recorder, {}
        if not isinstance(engine, CachedEngine):
            sys.exit(f"{spec.id} does not run on this machine: nothing is cached")
        return seconds, made, recorder, {"computed": engine.use.computed, "reused": engine.use.reused}

    with tempfile.TemporaryDirectory(prefix="mujaz-speed-") as folder:
        store = AnswerCache(Path(folder) / "answers.sqlite") if options.cache else None
        cold, made, recorder, first = brief(store)
        if options.asked:
            recorder.save(options.asked)
        model_seconds, inputs = recorder.seconds, len(recorder.asked)
        warm = [brief()[0] for _ in range(options.repeat)]
        cache: dict[str, Any] = {}
        if store is not None:
            seconds, again, _, second = brief(store)
            cache = {
                "empty": {"seconds": ready + sum(cold.values()), **first},
                "filled": {"seconds": sum(seconds.values()), **second, "same": again == made},
                "mb": store.info().size / 1e6,
            }
            store.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = [text for story in made.stories for text in (story.title, *story.summary, *story.timeline)]
    return {
        "engine": options.child,
        "reports": len(documents),
        "stories": len(made.stories),
        "translated": len(shown),
        "cold": {"start": ready, **cold},
        "warm": {stage: statistics.mean(run[stage] for run in warm) for stage in cold} if warm else {},
        "model": {"inputs": inputs, "seconds": model_seconds},
        "cache": cache,
        "peak_mb": peak_mb,
    }


def run_sample(options: argparse.Namespace) -> dict[str, Any]:
    """Measure a sample of the recorded inputs on the naive peer; return the estimated seconds of all of them."""
    start = time.perf_counter()
    from benchmarks.asked import load
    from benchmarks.naive import NaiveEngine, narrow
    from benchmarks.sampling import draw, estimate
    from summarizer.models import Registry

    registry = Registry.load()
    spec = registry.task_model("translation")
    engine = NaiveEngine(spec, narrow(registry, spec))
    ready = time.perf_counter() - start
    asked = load(options.asked)
    # A wider search of any input costs more than a narrow one: beams first, then tokens.
    costs = [each.hypotheses * 10_000 + engine.count_tokens(each.text) for each in asked]
    strata = draw(costs, options.naive_sample, seed=SEED)
    engine.generate([asked[strata[0].drawn[0]].text], max_new_tokens=2)  # the first call of torch is slow

    def seconds(index: int) -> float:
        began = time.perf_counter()
        engine.generate([asked[index].text], hypotheses=asked[index].hypotheses)
        return time.perf_counter() - began

    found = estimate(strata, [[seconds(index) for index in stratum.drawn] for stratum in strata])
    return {
        "start": ready,
        "estimate": dataclasses.asdict(found),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def extrapolate(mujaz: dict[str, Any], sample: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the naive peer: its start and the estimate of its model, and all else as Mujaz took."""
    cold = {**mujaz["cold"], "start": sample["start"]}
    cold["translate"] += sample["estimate"]["total"] - mujaz["model"]["seconds"]
    return {
        **mujaz,
        "engine": "naive (extrapolated)",
        "cold": cold,
        "warm": {},
        "cache": {},
        "margin": sample["estimate"]["margin"],
        "measured": sample["estimate"]["measured"],
        "peak_mb": sample["peak_mb"],
    }


def compare(mujaz: dict[str, Any], naive: dict[str, Any]) -> str:
    """Return one line: how many times as long the naive peer takes, end to end and cold."""
    ours, theirs = (sum(each["cold"].values()) for each in (mujaz, naive))
    line = f"{mujaz['reports']} reports, naive / Mujaz, end to end, cold: {theirs / ours:.1f}x"
    if "margin" not in naive:
        return line
    margin = naive["margin"]
    return (
        f"{line} (95 % interval {(theirs - margin) / ours:.1f}-{(theirs + margin) / ours:.1f}; EXTRAPOLATED from "
        f"{naive['measured']} of {naive['model']['inputs']} inputs of the model)"
    )


def tell_cache(mujaz: dict[str, Any]) -> str:
    """Return one line: what the second run with the cache took, and how many inputs it gave to the model."""
    empty, filled = mujaz["cache"]["empty"], mujaz["cache"]["filled"]
    same = "the same brief" if filled["same"] else "ANOTHER BRIEF"
    return (
        f"{mujaz['reports']} reports with the cache: first {empty['seconds']:.1f} s, {empty['computed']} inputs given to "
        f"the model; again {filled['seconds']:.1f} s, {filled['computed']} inputs; {same}; "
        f"{mujaz['cache']['mb']:.1f} MB"
    )


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
    # Read twice, a line at a time: the corpus in memory would count as that of the brief.
    corpus = functools.partial(lzma.open, Path(folder) / CORPUS, "rt", encoding="utf-8")
    with corpus() as file:
        size = sum(1 for _ in file)
    # One stretch of days, as a newsroom has it, so that reports meet in stories.
    start = random.Random(SEED).randrange(size - count)
    with corpus() as file:
        records = [json.loads(line) for line in itertools.islice(file, start, start + count)]
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


def _measure(child: str, reports: int, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.speed", "--child", child, *arguments]
    command += ["--reports", str(reports)] if reports else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(done.stderr[-2000:] or f"{child} failed")
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
        total = f"{sum(each['cold'].values()):.1f}"
        total += f" ± {each['margin']:.1f}" if "margin" in each else ""
        warm = f"{sum(each['warm'].values()):.1f}" if each["warm"] else "–"
        lines.append(
            f"| {each['engine']} | {each['reports']} | {each['translated']} | {seconds} "
            f"| {total} | {warm} | {each['peak_mb']:.0f} |"
        )
    return lines


def main(arguments: Sequence[str] | None = None, report: Callable[[str], Any] = print) -> None:
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
    parser.add_argument(
        "--naive-sample",
        type=int,
        metavar="N",
        help="extrapolate the peer on --reports from N inputs of the model (2 or more; 60 take minutes)",
    )
    parser.add_argument("--cache", action="store_true", help="with the answer cache, empty and then filled")
    parser.add_argument("--child", choices=["mujaz", "naive", "sample"], help=argparse.SUPPRESS)
    parser.add_argument("--asked", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.naive_sample is not None and options.naive_sample < 2:
        parser.error("--naive-sample must be 2 or more: one input tells nothing of the error")
    if options.child:
        report(json.dumps(run_sample(options) if options.child == "sample" else run_child(options)))
        return
    common = [] if options.sentences is None else ["--sentences", str(options.sentences)]
    ours = [*common, "--repeat", str(options.repeat), *(["--cache"] if options.cache else [])]
    results: list[dict[str, Any]] = []
    for count in (0, *options.reports):
        with tempfile.TemporaryDirectory(prefix="mujaz-speed-") as folder:
            asked = str(Path(folder) / "asked.json")
            results.append(mujaz := _measure("mujaz", count, *ours, "--asked", asked))
            naive = None
            if count and options.naive_sample:
                sample = _measure("sample", 0, "--asked", asked, "--naive-sample", str(options.naive_sample))
                naive = extrapolate(mujaz, sample)
            elif not count and not options.no_naive:
                naive = _measure("naive", 0, *common, "--repeat", "0")
        if naive is not None:
            results.append(naive)
            report(compare(mujaz, naive))
        if options.cache:
            report(tell_cache(mujaz))
    report(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n"
    )
    for line in _table(results):
        report(line)


if __name__ == "__main__":
    main()
