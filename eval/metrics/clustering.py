"""How well reports were grouped into stories: B-cubed, pairwise F1 and the adjusted Rand index.

An item is one report; the hypothesis is its label, the truth is ``meta["cluster"]``; labels only need to be equal or not.
Statistics are per report but each depends on the whole labelling, so resampling reports is approximate: read
intervals and p-values as orders of magnitude.
"""

# ruff: noqa: ARG002 -- the methods have the parameters of the base class
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import Statistics
from eval.metrics.base import PERCENT, Part, PrecisionRecall, SumMetric, check_lengths, divide, sign

_CLUSTER: Final = frozenset({"cluster"})
_PARTS: Final[dict[str, str]] = {"p": "precision", "r": "recall", "f1": "f1"}


def _counts(name: str, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
    """Return ``(n, 3)`` for each report: how many reports (itself too) share label and story, label, story."""
    check_lengths(name, hypotheses, items)
    for item in items:
        if item.meta.get("cluster") is None:
            raise MetricError(
                f"{name}: item {item.id!r} has no label (meta.cluster); the set mujaz-clusters has them"
            )
    truth = [str(item.meta["cluster"]) for item in items]
    labels = [str(label) for label in hypotheses]
    both, mine, theirs = Counter(zip(labels, truth, strict=True)), Counter(labels), Counter(truth)
    rows = [(both[pair], mine[pair[0]], theirs[pair[1]]) for pair in zip(labels, truth, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 3)


class BCubed(SumMetric):
    """B-cubed (Bagga & Baldwin 1998): the mean over reports of how pure and how complete their cluster is.

    Rows: precision and recall of each report. F1 is the harmonic mean of the two means.
    """

    tasks = _CLUSTER

    def __init__(self, part: Part = "f1") -> None:
        self._part: Part = part
        self.name = f"bcubed-{_PARTS[part]}"
        self.signature = sign(self.name, mean="items", scale=100, version=1)

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        counts = _counts(self.name, hypotheses, items)
        return counts[:, :1] / counts[:, 1:] if len(counts) else np.zeros((0, 2))

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        precision, recall = sums[:, 0] / count, sums[:, 1] / count
        if self._part == "p":
            return PERCENT * precision
        if self._part == "r":
            return PERCENT * recall
        return PERCENT * divide(2 * precision * recall, precision + recall)


class Pairwise(PrecisionRecall):
    """Precision, recall or F1 of the pairs of reports put together. Rows: partners matched, proposed, expected."""

    tasks = _CLUSTER

    def __init__(self, part: Part = "f1") -> None:
        self.part = part
        self.name = f"pairwise-{_PARTS[part]}"
        self.signature = sign(self.name, count="pairs", scale=100, version=1)

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        return _counts(self.name, hypotheses, items) - 1  # partners: without the report itself


class AdjustedRand(SumMetric):
    """Adjusted Rand index (Hubert & Arabie 1985) in percent: 0 is chance, 100 perfect, it may be negative.

    Rows: partners matched, proposed, expected, possible; their sums are twice the numbers of pairs.
    """

    name = "ari"
    tasks = _CLUSTER
    columns = 4

    def __init__(self) -> None:
        self.signature = sign(self.name, adjusted="Hubert-Arabie", scale=100, version=1)

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        partners = _counts(self.name, hypotheses, items) - 1
        return np.column_stack([partners, np.full(len(partners), len(partners) - 1.0)])

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        matched, proposed, expected, possible = sums.T
        chance = divide(proposed * expected, possible)
        above, below = matched - chance, (proposed + expected) / 2 - chance
        # Both sides all singletons, or both one cluster: nothing to adjust, and they agree.
        return PERCENT * np.where(
            (proposed == expected) & (matched == proposed) & (possible > 0), 1.0, divide(above, below)
        )


class Clusters(SumMetric):
    """Reports for each cluster found: it describes, and needs no labels. Rows: share of a cluster, 1."""

    name = "reports-per-cluster"
    tasks = _CLUSTER
    columns = 1

    def __init__(self) -> None:
        self.signature = sign(self.name, version=1)

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        check_lengths(self.name, hypotheses, items)
        sizes = Counter(map(str, hypotheses))
        return np.array([[1 / sizes[str(label)]] for label in hypotheses], dtype=np.float64).reshape(
            len(hypotheses), 1
        )

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        return divide(np.full(len(sums), float(count)), sums[:, 0])
