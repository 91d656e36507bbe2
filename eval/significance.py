"""Is one system better than another, or was it luck with these items? For any metric, from rows of statistics.

Two tests, both paired (the same items resampled for both systems):

* **approximate randomization** (Noreen 1989; Riezler & Maxwell 2005): swap the two systems' rows item by item at
  random; how often is the difference of scores at least as large as the real one? Two-sided. The default for p-values.
* **paired bootstrap** (Koehn 2004; Efron & Tibshirani 1993): draw items with replacement. Its p-value is that of
  sacrebleu and Moses: how often the resampled difference exceeds its own mean by the real difference.

Random numbers are drawn as sacrebleu draws them, so that p-values on BLEU equal sacrebleu's with the same seed (a test
holds this). One difference: a tie counts against the finding (``>=``, as Noreen defines it, where sacrebleu writes
``>``), so two identical systems get p = 1 and not p = 1/(samples + 1).

What these tests cannot say: whether another test set, another training run or a reader would agree. Items are taken as
independent, which sentences of one document and documents of one clustering are not quite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from eval.errors import MetricError
from eval.metrics import Metric, Statistics

Test = Literal["randomization", "bootstrap"]

#: sacrebleu's seed and numbers of samples: published p-values use them.
SEED: Final = 12345
BOOTSTRAP_SAMPLES: Final = 1000
RANDOMIZATION_TRIALS: Final = 10_000
#: The usual level of intervals, and of significance after correction.
LEVEL: Final = 0.95
ALPHA: Final = 0.05

#: Random numbers held at a time (samples x items); more are drawn in several parts.
_CHUNK: Final = 16_000_000
#: Differences closer than this are ties: rounding of sums, not of scores.
_TIE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with its bootstrap percentile interval at ``level``."""

    score: float
    low: float
    high: float
    level: float
    samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class PairedResult:
    """What a paired test found. ``difference`` is ``score_b - score_a``; ``low`` and ``high`` bound it at 95 %.

    The interval always comes from the paired bootstrap. ``p_value`` is two-sided for randomization; ``adjusted`` is
    after correction for the number of pairs (equal to ``p_value`` for one pair).
    """

    a: str
    b: str
    metric: str
    test: Test
    score_a: float
    score_b: float
    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float
    items: int
    samples: int
    seed: int

    def significant(self, alpha: float = ALPHA) -> bool:
        """Tell whether the difference stands at level ``alpha`` after correction."""
        return self.adjusted < alpha


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs of several systems under one metric, best system first.

    ``groups`` gives each system letters: two systems that share a letter are not told apart by these items
    (a *compact letter display*, Piepho 2004).
    """

    metric: str
    signature: str
    order: tuple[str, ...]
    scores: Mapping[str, Interval]
    pairs: tuple[PairedResult, ...]
    groups: Mapping[str, str]
    alpha: float

    def pair(self, one: str, other: str) -> PairedResult:
        """Return the result of two systems, whichever way round it was computed. Raises KeyError."""
        for each in self.pairs:
            if {each.a, each.b} == {one, other}:
                return each
        raise KeyError((one, other))


# --- resampling ---------------------------------------------------------------------------------


def confidence_interval(
    metric: Metric,
    statistics: Statistics,
    *,
    samples: int = BOOTSTRAP_SAMPLES,
    level: float = LEVEL,
    seed: int = SEED,
) -> Interval:
    """Return the score with its percentile interval. Raises ``MetricError`` for no rows or a bad ``level``."""
    if not 0 < level < 1:
        raise MetricError(f"level must lie between 0 and 1, not {level}")
    _check(statistics)
    scores = _bootstrap_scores(metric, [statistics], samples=samples, seed=seed)[0]
    low, high = _percentiles(scores, level)
    return Interval(metric.aggregate(statistics), low, high, level, samples, seed)


def paired_bootstrap(
    metric: Metric,
    a: Statistics,
    b: Statistics,
    *,
    names: tuple[str, str] = ("a", "b"),
    samples: int = BOOTSTRAP_SAMPLES,
    seed: int = SEED,
) -> PairedResult:
    """Test the difference of two systems' rows by paired bootstrap. Raises ``MetricError`` for rows that do not pair."""
    _check(a, b)
    scores_a, scores_b = _bootstrap_scores(metric, [a, b], samples=samples, seed=seed)
    real = metric.aggregate(b) - metric.aggregate(a)
    differences = np.abs(scores_b - scores_a)
    p_value = _p_value(
        differences - np.nanmean(differences) if np.isfinite(differences).any() else differences, real
    )
    return _result(metric, a, b, names, "bootstrap", p_value, scores_b - scores_a, samples, seed)


def paired_randomization(
    metric: Metric,
    a: Statistics,
    b: Statistics,
    *,
    names: tuple[str, str] = ("a", "b"),
    trials: int = RANDOMIZATION_TRIALS,
    interval_samples: int = BOOTSTRAP_SAMPLES,
    seed: int = SEED,
) -> PairedResult:
    """Test the difference of two systems' rows by approximate randomization. Raises ``MetricError``."""
    _check(a, b)
    real = metric.aggregate(b) - metric.aggregate(a)
    differences = _randomized_differences(metric, a, b, trials=trials, seed=seed)
    p_value = _p_value(np.abs(differences), real)
    scores_a, scores_b = _bootstrap_scores(metric, [a, b], samples=interval_samples, seed=seed)
    return _result(metric, a, b, names, "randomization", p_value, scores_b - scores_a, trials, seed)


def _result(
    metric: Metric,
    a: Statistics,
    b: Statistics,
    names: tuple[str, str],
    test: Test,
    p_value: float,
    bootstrap_differences: NDArray[np.float64],
    samples: int,
    seed: int,
) -> PairedResult:
    score_a, score_b = metric.aggregate(a), metric.aggregate(b)
    low, high = _percentiles(bootstrap_differences, LEVEL)
    return PairedResult(
        a=names[0], b=names[1], metric=metric.name, test=test, score_a=score_a, score_b=score_b,
        difference=score_b - score_a, low=low, high=high, p_value=p_value, adjusted=p_value,
        items=len(a), samples=samples, seed=seed,
    )  # fmt: skip


def _check(*tables: Statistics) -> None:
    for table in tables:
        if table.ndim != 2 or len(table) == 0:
            raise MetricError(f"significance needs rows of statistics (n_items, k), got shape {table.shape}")
    if len({table.shape for table in tables}) > 1:
        shapes = " and ".join(str(table.shape) for table in tables)
        raise MetricError(
            f"systems must be scored on the same items to be compared: rows have shapes {shapes}"
        )


def _p_value(samples: NDArray[np.float64], real: float) -> float:
    """Return the share of ``samples`` at least as large as ``|real|``, counting the real one among them.

    A sample that has no score (nan: it drew only items that say nothing) counts against the finding.
    """
    if not math.isfinite(real):
        return 1.0
    extreme = int(np.count_nonzero((samples >= abs(real) - _TIE) | np.isnan(samples)))
    return (extreme + 1) / (len(samples) + 1)


def _percentiles(scores: NDArray[np.float64], level: float) -> tuple[float, float]:
    known = scores[np.isfinite(scores)]
    if len(known) == 0:
        return math.nan, math.nan
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def _bootstrap_scores(
    metric: Metric, tables: Sequence[Statistics], *, samples: int, seed: int
) -> list[NDArray[np.float64]]:
    """Return the scores ``(samples,)`` of each table on the same ``samples`` draws of items."""
    size = len(tables[0])
    from_sums = _from_sums(metric)
    scores = [np.empty(samples) for _ in tables]
    done = 0
    for drawn in _draws(size, samples, seed):  # (part, n) indices
        part = slice(done, done + len(drawn))
        if from_sums is not None:
            counts = np.stack([np.bincount(row, minlength=size) for row in drawn]).astype(
                np.float64
            )  # (part, n)
            for out, table in zip(scores, tables, strict=True):
                out[part] = from_sums(counts @ table, size)
        else:
            for out, table in zip(scores, tables, strict=True):
                out[part] = [metric.aggregate(table[row]) for row in drawn]
        done += len(drawn)
    return scores


def _draws(size: int, samples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    part = max(1, _CHUNK // size)
    for start in range(0, samples, part):
        yield generator.choice(size, size=(min(part, samples - start), size), replace=True)


def _randomized_differences(
    metric: Metric, a: Statistics, b: Statistics, *, trials: int, seed: int
) -> NDArray[np.float64]:
    """Return ``(trials,)`` differences of the scores after swapping rows at random."""
    generator = np.random.default_rng(seed)
    size = len(a)
    from_sums = _from_sums(metric)
    differences = np.empty(trials)
    part = max(1, _CHUNK // size)
    for start in range(0, trials, part):
        swaps = generator.integers(2, size=(min(part, trials - start), size), dtype=bool)  # (part, n)
        if from_sums is not None:
            # Only rows that differ can change a sum: moved = what leaves ``b`` for ``a``.
            moved = swaps.astype(np.float64) @ (a - b)  # (part, k)
            sums_a, sums_b = b.sum(axis=0) + moved, a.sum(axis=0) - moved
            found = from_sums(sums_a, size) - from_sums(sums_b, size)
        else:
            pairs = ((np.where(swap[:, None], a, b), np.where(swap[:, None], b, a)) for swap in swaps)
            found = np.array([metric.aggregate(one) - metric.aggregate(other) for one, other in pairs])
        differences[start : start + len(swaps)] = found
    return differences


def _from_sums(metric: Metric) -> Callable[[Statistics, int], Statistics] | None:
    """Return the metric's short cut from column sums, if it has one (``eval.metrics.base.SumMetric``)."""
    found: Any = getattr(metric, "from_sums", None)
    return found if callable(found) else None


# --- several systems ----------------------------------------------------------------------------


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's step-down method (1979), in the order given."""
    adjusted = [0.0] * len(p_values)
    worst = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: (p_values[each], each))):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = worst
    return adjusted


def compare_systems(
    metric: Metric,
    statistics: Mapping[str, Statistics],
    *,
    test: Test = "randomization",
    samples: int | None = None,
    alpha: float = ALPHA,
    seed: int = SEED,
) -> Comparison:
    """Compare every pair of ``statistics`` (system name -> rows on the same items), corrected by Holm.

    ``samples``: trials or resamples of each test (default: 10,000 or 1,000). Raises ``MetricError`` where the rows do
    not pair or there is no system.
    """
    if not statistics:
        raise MetricError("there is no system to compare")
    _check(*statistics.values())
    intervals = {name: confidence_interval(metric, table, seed=seed) for name, table in statistics.items()}
    order = _ranking(metric, intervals)
    found = []
    for one, other in combinations(order, 2):
        a, b, names = statistics[one], statistics[other], (one, other)
        if test == "bootstrap":
            count = samples or BOOTSTRAP_SAMPLES
            found.append(paired_bootstrap(metric, a, b, names=names, samples=count, seed=seed))
        else:
            count = samples or RANDOMIZATION_TRIALS
            found.append(paired_randomization(metric, a, b, names=names, trials=count, seed=seed))
    pairs = adjust(found)
    apart = {frozenset((each.a, each.b)) for each in pairs if each.significant(alpha)}
    return Comparison(
        metric=metric.name, signature=metric.signature, order=order, scores=intervals, pairs=pairs,
        groups=letters(order, apart), alpha=alpha,
    )  # fmt: skip


def adjust(pairs: Sequence[PairedResult]) -> tuple[PairedResult, ...]:
    """Return ``pairs`` with ``adjusted`` filled in by Holm over all of them."""
    values = holm([each.p_value for each in pairs])
    return tuple(replace(each, adjusted=value) for each, value in zip(pairs, values, strict=True))


def _ranking(metric: Metric, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
    """Return names best first; systems without a score last; ties by name."""

    def key(name: str) -> tuple[bool, float, str]:
        score = intervals[name].score
        return (math.isnan(score), -score if metric.higher_is_better else score, name)

    return tuple(sorted(intervals, key=key))


def letters(order: Sequence[str], apart: set[frozenset[str]]) -> dict[str, str]:
    """Return letters for each name of ``order``: names that share one are not in ``apart`` (maximal cliques, in order).

    Insert-and-absorb (Piepho 2004): start with one group of all, split it at every pair that is apart, drop groups
    that another one holds.
    """
    groups: list[frozenset[str]] = [frozenset(order)]
    for one, other in combinations(order, 2):
        if frozenset((one, other)) not in apart:
            continue
        split: list[frozenset[str]] = []
        for group in groups:
            split += [group - {one}, group - {other}] if {one, other} <= group else [group]
        groups = [
            group
            for index, group in enumerate(split)
            if not any(group < other_group or (group == other_group and later < index)
                       for later, other_group in enumerate(split))
        ]  # fmt: skip
    place = {name: index for index, name in enumerate(order)}
    groups.sort(key=lambda group: sorted(place[name] for name in group))
    return {
        name: "".join(_letter(number) for number, group in enumerate(groups) if name in group)
        for name in order
    }


def _letter(number: int) -> str:
    """Return a, b, ..., z, a2, b2, ..."""
    turn, position = divmod(number, 26)
    return chr(ord("a") + position) + (str(turn + 1) if turn else "")
