"""The runner: one dataset x one system -> one immutable result. Killed at any moment, it goes on where it was."""

from __future__ import annotations

import gc
import logging
import math
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from eval.datasets import Dataset
from eval.errors import MetricError
from eval.items import Item
from eval.metrics import Metric, Statistics, load_metric, metrics_for
from eval.results import (
    DEFAULT_RESULTS,
    Batch,
    Cost,
    ItemResult,
    Journal,
    Result,
    Score,
    Session,
    batch_key,
    content_hash,
    folder_name,
    read_result,
    write_result,
)
from eval.significance import confidence_interval
from eval.systems import System, batches, timed_answers
from summarizer import arabic
from summarizer.errors import MissingModelError

logger = logging.getLogger(__name__)

#: ``progress(stage, done, total)``; stages are ``answer`` and ``score``.
Progress = Callable[[str, int, int], None]


def run_benchmark(
    dataset: Dataset,
    system: System,
    *,
    metrics: Sequence[str] | None = None,
    results: Path = DEFAULT_RESULTS,
    progress: Progress | None = None,
) -> Result:
    """Answer every item of ``dataset`` with ``system``, score the answers, and store the result.

    1. recognise   the same items, settings and signatures were scored before: that result, and nothing else
    2. recover     batches that an earlier run answered are taken from its journal
    3. answer      the others, batch by batch, each on disk before the next begins; the model loads if there are any
    4. score       every metric on every item, with a bootstrap interval
    5. write       once, read-only

    ``metrics``: names for ``load_metric``; by default those of the task that the items allow (a set without references
    has no ROUGE). A kill -9 at any point costs the batch in work, and the next run ends in the same result.

    Raises ``MetricError`` for a metric that is unknown or, asked for by name, cannot score these items; whatever the
    system raises (answers so far stay); ``InputError`` while another process runs the same.
    """
    report = progress or _no_progress
    folder = results / folder_name(dataset.id) / folder_name(system.spec)
    key = content_hash({"spec": system.spec, "settings": system.settings, "batch_size": system.batch_size})
    chosen = choose_metrics(dataset, metrics)

    # 1. recognise
    hash_ = content_hash(
        {
            "items": dataset.checksum,
            "answers": key,
            "metrics": [[name, _static_signature(metric)] for name, metric in chosen.items()],
        }
    )
    if (folder / f"{hash_}.json").exists():
        return read_result(folder / f"{hash_}.json")

    # 2. recover, 3. answer
    with Journal(folder / f"answers-{key}.jsonl") as journal:
        found = answer_all(dataset, system, journal, report)
        cost, machine = cost_of(dataset, system, found, journal.sessions)

        # 4. score
        hypotheses = [hypothesis for batch in found for hypothesis in batch.hypotheses]
        seconds = [each for batch in found for each in batch.seconds]
        scores, statistics = score_all(chosen, hypotheses, dataset.items, report)

        # 5. write
        return write_result(
            folder,
            hash_=hash_,
            dataset={
                "id": dataset.id,
                "title": dataset.card.title,
                "task": dataset.task,
                "silver": dataset.card.silver,
                "checksum": dataset.checksum,
                "items": len(dataset.items),
            },
            system={
                "spec": system.spec,
                "id": system.spec,
                "settings": dict(system.settings),
                "answers": key,
                "size_mb": system.size_mb,
            },
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            machine=machine,
            scores=scores,
            cost=cost,
            items=[
                ItemResult(
                    id=item.id,
                    hypothesis=hypothesis,
                    seconds=round(took, 6) if system.measured else None,
                    statistics={name: tuple(rows[number].tolist()) for name, rows in statistics.items()},
                )
                for number, (item, hypothesis, took) in enumerate(
                    zip(dataset.items, hypotheses, seconds, strict=True)
                )
            ],
        )


def _no_progress(stage: str, done: int, total: int) -> None:
    """Take the place of a progress callback."""


# --- answering ----------------------------------------------------------------------------------


def answer_all(dataset: Dataset, system: System, journal: Journal, progress: Progress) -> list[Batch]:
    """Return the answers of every batch, in order: from the journal, or computed and written to it."""
    plan = [(batch_key(batch), batch) for batch in batches(dataset.items, system.batch_size)]
    missing = [(key, batch) for key, batch in plan if key not in journal.batches]
    done = len(dataset.items) - sum(len(batch) for _, batch in missing)
    if done:
        progress("answer", done, len(dataset.items))
    if missing:
        reset_peak_memory()
        begun = time.perf_counter()
        system.load()
        journal.begin(
            Session(
                load_seconds=round(time.perf_counter() - begun, 3),
                peak_memory_mb=peak_memory_mb(),
                machine=describe_machine(),
                load_average=_load_average(),
            )
        )
    for key, batch in missing:
        if key not in journal.batches:  # the same batch twice in one set is answered once
            journal.add(key, timed_answers(system, batch), peak_memory_mb=peak_memory_mb())
        done += len(batch)
        progress("answer", done, len(dataset.items))
    return [journal.batches[key] for key, _ in plan]


def cost_of(
    dataset: Dataset, system: System, found: Sequence[Batch], sessions: Sequence[Session]
) -> tuple[Cost, Mapping[str, Any]]:
    """Return what these answers took and the machine they were computed on (the last one, if several)."""
    used = sorted({batch.session for batch in found})
    machine = dict(sessions[used[-1]].machine) if used else describe_machine()
    if not system.measured or not used:
        return Cost(), machine
    if len({content_hash(sessions[number].machine) for number in used}) > 1:
        machine["mixed"] = True  # an interrupted run that went on elsewhere: its speed is of no one machine
    seconds = sum(each for batch in found for each in batch.seconds)
    tokens = sum(len(arabic.tokenize(text)) for item in dataset.items for text in item.sources)
    averages = [average for number in used if (average := sessions[number].load_average) is not None]
    return (
        Cost(
            load_seconds=max(sessions[number].load_seconds for number in used),
            seconds=round(seconds, 3),
            items_per_second=_rate(len(dataset.items), seconds),
            tokens_per_second=_rate(tokens, seconds),
            peak_memory_mb=max(sessions[number].peak_memory_mb for number in used),
            model_mb=system.size_mb,
            sessions=len(used),
            load_average=max(averages) if averages else None,
        ),
        machine,
    )


def _rate(count: int, seconds: float) -> float | None:
    return float(f"{count / seconds:.4g}") if seconds > 0 else None


# --- scoring ------------------------------------------------------------------------------------


def choose_metrics(dataset: Dataset, names: Sequence[str] | None) -> dict[str, Metric]:
    """Return the metrics to score, by the name that loads them: those asked for, else the task's own.

    Raises ``MetricError`` for one that is unknown or of another task.
    """
    chosen: dict[str, Metric] = {}
    for name in dict.fromkeys(names if names is not None else metrics_for(dataset.task)):
        try:
            chosen[name] = load_metric(name)
        except MissingModelError:
            if names is not None:
                raise
            logger.info("%s is left out: it needs an extra that is not installed", name)
    for metric in chosen.values():
        if dataset.task not in metric.tasks:
            raise MetricError(f"{metric.name} is for {', '.join(sorted(metric.tasks))}, not {dataset.task}")
    if names is not None:
        return chosen
    return {name: metric for name, metric in chosen.items() if _can_score(metric, dataset)}


def _can_score(metric: Metric, dataset: Dataset) -> bool:
    """Tell whether the items have what the metric needs, by scoring nothing against the first of them."""
    empty: Mapping[str, Any] = {"translate": "", "summarize": "", "cluster": 0, "segment": [], "facts": []}
    try:
        for item in dataset.items:
            metric.statistics([empty[dataset.task]], [item])
            if item is dataset.items[min(len(dataset.items), _PROBED) - 1]:
                break
    except MetricError:
        return False
    return True


#: Items that tell whether a set has what a metric needs.
_PROBED: Final = 3


def _static_signature(metric: Metric) -> str:
    """Return the part of a signature that is known before scoring: not the number of references."""
    return re.sub(r"\|n?refs:[^|]*", "", metric.signature)


def score_all(
    metrics: Mapping[str, Metric], hypotheses: Sequence[Any], items: Sequence[Item], progress: Progress
) -> tuple[list[Score], dict[str, Statistics]]:
    """Return the scores with intervals, and each metric's rows ``(n_items, k)``."""
    scores: list[Score] = []
    statistics: dict[str, Statistics] = {}
    for done, (name, metric) in enumerate(metrics.items(), 1):
        rows = metric.statistics(hypotheses, items)
        interval = confidence_interval(metric, rows)
        statistics[name] = rows
        scores.append(
            Score(
                metric=name,
                score=interval.score,
                signature=metric.signature,
                low=interval.low,
                high=interval.high,
                higher_is_better=metric.higher_is_better,
            )
        )
        progress("score", done, len(metrics))
    return scores, statistics


# --- the machine --------------------------------------------------------------------------------

#: Libraries whose version moves speed or answers.
_LIBRARIES: Final = (
    "mujaz",
    "ctranslate2",
    "tokenizers",
    "numpy",
    "scikit-learn",
    "sacrebleu",
    "torch",
    "transformers",
)
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_MIB: Final = 1 << 20


def describe_machine() -> dict[str, Any]:
    """Return what a reader needs to judge a speed: processor, cores in use, memory, versions. Nothing personal."""
    return {
        "cpu": _cpu_name(),
        "cores": _cores(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in _LIBRARIES if (version := _version(name))},
    }


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30), 1)
    except (ValueError, OSError, AttributeError):
        return None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _load_average() -> float | None:
    """Return how many processes wanted the processors over the last minute: speeds of a busy machine say less."""
    try:
        return round(os.getloadavg()[0], 1)
    except (OSError, AttributeError):
        return None


def reset_peak_memory() -> None:
    """Forget the peak so far, where the system can (Linux): an earlier system's peak is not this one's."""
    gc.collect()
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return


def peak_memory_mb() -> float:
    """Return the largest resident size of this process since ``reset_peak_memory`` (else: ever), in MiB."""
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        found = None
    if found:
        return round(int(found[1]) * 1024 / _MIB, 1)
    try:
        import resource
    except ImportError:
        return math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / _MIB, 1)
