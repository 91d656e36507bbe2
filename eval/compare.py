"""Compare results: which system is better, by which metric, and what the numbers cannot say.

Only like is compared with like. ``compare`` refuses results on different items, with different signatures, or without a
score; it recomputes each score from the stored rows and refuses where the metric has changed since. What remains is told
with its limits (``Finding.cannot``): a test that finds no difference has not found that there is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from eval.errors import MetricError
from eval.metrics import Metric, Statistics, load_metric
from eval.results import Result
from eval.significance import (
    ALPHA,
    BOOTSTRAP_SAMPLES,
    RANDOMIZATION_TRIALS,
    SEED,
    Comparison,
    PairedResult,
    Test,
    compare_systems,
)

#: Fewer items than this, and a test can hardly find anything: randomization of 5 items has 32 outcomes.
FEW_ITEMS: Final = 30
#: Relative difference between a stored score and the one recomputed from its rows that is rounding.
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All systems of a dataset under one metric.

    ``comparison`` holds scores with intervals, pairs with corrected p-values, and letter groups; it is None for one
    system alone. ``cannot`` are sentences that say what does not follow.
    """

    dataset_id: str
    metric: str
    signature: str
    higher_is_better: bool
    items: int
    comparison: Comparison | None
    cannot: tuple[str, ...]


def compare(
    results: Sequence[Result],
    *,
    metrics: Sequence[str] | None = None,
    test: Test = "randomization",
    samples: int | None = None,
    alpha: float = ALPHA,
    seed: int = SEED,
) -> tuple[Finding, ...]:
    """Compare ``results``, which must be of one dataset and of different systems, by each of ``metrics``.

    ``metrics``: by default those that all of them were scored with. ``samples``: trials of each test. Raises
    ``MetricError`` where the results are not of the same items, lack a metric, were scored with different signatures, or
    no longer follow from their rows.
    """
    if not results:
        raise MetricError("there is no result to compare")
    check_same_items(results)
    chosen = tuple(dict.fromkeys(metrics)) if metrics else shared_metrics(results)
    if not chosen:
        raise MetricError(
            "these results share no metric; score them with the same: mujaz bench run --metric NAME"
        )
    return tuple(
        _compare_by(name, results, test=test, samples=samples, alpha=alpha, seed=seed) for name in chosen
    )


def check_same_items(results: Sequence[Result]) -> None:
    """Raise ``MetricError`` unless all results are of the same items and of different systems."""
    first = results[0]
    names = [result.system_id for result in results]
    for name in names:
        if names.count(name) > 1:
            raise MetricError(
                f"{name} stands there twice on {first.dataset_id}; compare one result of each system"
            )
    for other in results[1:]:
        if other.dataset_id != first.dataset_id:
            raise MetricError(
                f"{first.system_id} was scored on {first.dataset_id} and {other.system_id} on {other.dataset_id}: "
                "different test sets cannot be compared"
            )
        if other.dataset["checksum"] != first.dataset["checksum"]:
            raise MetricError(
                f"{first.system_id} and {other.system_id} were scored on different items of {first.dataset_id} "
                f"({first.dataset['items']} and {other.dataset['items']}; a --limit, or another version of the set): "
                "they cannot be compared"
            )


def shared_metrics(results: Iterable[Result]) -> tuple[str, ...]:
    """Return the metrics that every result was scored with, in the order of the first."""
    scored = [[score.metric for score in result.scores] for result in results]
    return tuple(name for name in scored[0] if all(name in others for others in scored)) if scored else ()


def _compare_by(
    name: str, results: Sequence[Result], *, test: Test, samples: int | None, alpha: float, seed: int
) -> Finding:
    signature = _signature(name, results)
    metric = load_metric(name)
    rows = {result.system_id: _rows(metric, name, result) for result in results}
    comparison = None
    if len(results) > 1:
        comparison = compare_systems(metric, rows, test=test, samples=samples, alpha=alpha, seed=seed)
    default = RANDOMIZATION_TRIALS if test == "randomization" else BOOTSTRAP_SAMPLES
    return Finding(
        dataset_id=results[0].dataset_id,
        metric=name,
        signature=signature,
        higher_is_better=metric.higher_is_better,
        items=int(results[0].dataset["items"]),
        comparison=comparison,
        cannot=tuple(_limits(results, comparison, alpha=alpha, trials=samples or default)),
    )


def _signature(name: str, results: Sequence[Result]) -> str:
    """Return the one signature of a metric in all results. Raises ``MetricError`` where there are two, or none."""
    signatures: dict[str, str] = {}
    for result in results:
        score = result.score(name)
        if score is None:
            known = ", ".join(each.metric for each in result.scores) or "nothing"
            raise MetricError(
                f"{result.system_id} was not scored with {name} (it has: {known}); run: mujaz bench run --metric {name}"
            )
        signatures.setdefault(score.signature, result.system_id)
    if len(signatures) > 1:
        (one, first), (other, second), *_ = signatures.items()
        raise MetricError(
            f"{name} of {first} and of {second} cannot be compared: different signatures, {_difference(one, other)}"
        )
    return next(iter(signatures))


def _difference(one: str, other: str) -> str:
    """Return the parts in which two signatures differ."""
    mine, theirs = one.split("|"), other.split("|")
    left = [part for part in mine if part not in theirs]
    right = [part for part in theirs if part not in mine]
    return f"{'|'.join(left) or 'none'} and {'|'.join(right) or 'none'}"


def _rows(metric: Metric, name: str, result: Result) -> Statistics:
    """Return the stored rows, after the score followed from them. Raises ``MetricError`` where it does not."""
    rows = result.statistics(name)
    stored = result.score(name)
    told = math.nan if stored is None else stored.score
    now = metric.aggregate(rows)
    if not np.isclose(now, told, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True):
        raise MetricError(
            f"{name} of {result.system_id}: its rows now give {now:.4f}, not the {told:.4f} of the file: the metric has "
            "changed; score it again"
        )
    return rows


# --- what cannot be said ------------------------------------------------------------------------


def _limits(
    results: Sequence[Result], comparison: Comparison | None, *, alpha: float, trials: int
) -> Iterable[str]:
    """Yield what the numbers of this table do not show."""
    items = int(results[0].dataset["items"])
    if comparison is None:
        yield "one system alone: there is nothing to compare it with"
    else:
        for pair in comparison.pairs:
            if not pair.significant(alpha):
                yield _not_apart(pair, alpha)
        if (smallest := 1 / (trials + 1)) * len(comparison.pairs) >= alpha:
            yield (
                f"{trials} trials cannot give a p-value under {smallest:.2g}, too large for {len(comparison.pairs)} "
                "corrected comparisons: ask for more samples"
            )
    if items < FEW_ITEMS:
        yield f"{items} item{'s' if items != 1 else ''}: too few for a test to find any but huge differences"
    if results[0].dataset.get("silver"):
        yield "the references are SILVER (not written for this input): a higher score need not be a better summary"
    yield "whether the order holds on other texts: the test resamples these items only"


def _not_apart(pair: PairedResult, alpha: float) -> str:
    same = (
        "the scores are equal"
        if pair.difference == 0
        else f"the difference of {abs(pair.difference):.2f} may be chance"
    )
    return (
        f"that {pair.a} and {pair.b} differ, nor that they are equal: {same} (p = {pair.adjusted:.3g} after correction, "
        f"95 % interval of the difference {pair.low:+.2f} to {pair.high:+.2f}, level {alpha:g})"
    )
