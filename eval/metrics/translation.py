"""BLEU, chrF2, chrF++ and TER, as sacrebleu counts them (Post 2018; Popović 2015, 2017; Snover et al. 2006).

sacrebleu extracts the statistics of each sentence and turns their sums into the score. Those two steps are internal to
it (its own significance tests use them), so the supported versions are pinned in the package's dependencies and
``tests/eval/test_metrics_translation.py`` holds this file to ``corpus_score``. Only for resampling, where thousands of
sums become scores, the formulas are repeated here over arrays; the same test holds them to sacrebleu's.

sacrebleu's defaults throughout: 13a tokens, mixed case, exponential smoothing, no effective order at corpus level;
chrF with 6 character n-grams (and 2 word n-grams for ++), beta 2; TER without normalising.
"""

# ruff: noqa: ARG002 -- the methods have the parameters of the base class
from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, ClassVar, Final

import numpy as np
from sacrebleu.metrics import BLEU, CHRF, TER

from eval.items import Item, hypothesis_text
from eval.metrics import Statistics
from eval.metrics.base import PERCENT, SumMetric, check_lengths, references_of

#: 13a tokens are made for Latin script: English hypotheses and references.
_TASKS: Final = frozenset({"translate"})


class _Sacrebleu(SumMetric):
    """A sacrebleu metric in the two steps of ``Metric``. ``signature`` tells ``nrefs`` once ``statistics`` has run."""

    tasks = _TASKS
    label: ClassVar[str]

    def __init__(self, scorer: Any, *, name: str, columns: int) -> None:
        self.name = name
        self.columns = columns
        self._scorer = scorer
        self._nrefs = "?"

    @property
    def signature(self) -> str:  # type: ignore[override]
        """sacrebleu's own signature behind the metric's name; ``nrefs:?`` before any items were read."""
        told = self._scorer.get_signature().format() if self._nrefs != "?" else self._unread_signature()
        return f"{self.label}|{told}"

    def _unread_signature(self) -> str:
        self._scorer.num_refs = 1
        return str(self._scorer.get_signature().format()).replace("nrefs:1", "nrefs:?", 1)

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        check_lengths(self.name, hypotheses, items)
        if not items:
            return np.zeros((0, self.columns))
        texts = [hypothesis_text(each) for each in hypotheses]
        references = [references_of(self.name, item) for item in items]
        streams = [
            list(stream) for stream in zip_longest(*references)
        ]  # (most references) x (n_items), None-padded
        rows = self._scorer._extract_corpus_statistics(texts, streams)
        self._nrefs = str(self._scorer.num_refs)
        return np.array(rows, dtype=np.float64)

    def aggregate(self, statistics: Statistics) -> float:
        if len(statistics) == 0:
            return math.nan
        return float(self._scorer._compute_score_from_stats(statistics.sum(axis=0).tolist()).score)


class Bleu(_Sacrebleu):
    """Corpus BLEU. Rows: hypothesis length, reference length, 4 matches, 4 totals."""

    label = "BLEU"

    def __init__(self) -> None:
        super().__init__(BLEU(force=True), name="bleu", columns=10)

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        lengths, references = sums[:, 0], sums[:, 1]
        matches, totals = sums[:, 2:6], sums[:, 6:10]  # (s, 4) each
        # Exponential smoothing: the k-th order without a match counts as 1 / 2^k of a match.
        missed = np.cumsum(matches == 0, axis=1)
        smoothed = np.where(matches == 0, 0.5**missed, matches)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(smoothed / totals).mean(axis=1)
            brevity = np.where(lengths < references, np.exp(1 - references / lengths), 1.0)
            scores = PERCENT * brevity * np.exp(logs)
        return np.where((totals == 0).any(axis=1) | (matches == 0).all(axis=1), 0.0, scores)


class _Chrf(_Sacrebleu):
    """Rows: (hypothesis, reference, matched) counts of each order."""

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        orders = sums.reshape(len(sums), -1, 3)  # (s, orders, 3)
        proposed, expected, matched = orders[..., 0], orders[..., 1], orders[..., 2]
        counted = (proposed > 0) & (expected > 0)
        effective = np.maximum(counted.sum(axis=1), 1)
        precision = np.where(counted, matched / np.maximum(proposed, 1), 0).sum(axis=1) / effective
        recall = np.where(counted, matched / np.maximum(expected, 1), 0).sum(axis=1) / effective
        weight = float(self._scorer.beta) ** 2
        below = weight * precision + recall
        return PERCENT * np.where(
            below > 0, (1 + weight) * precision * recall / np.where(below > 0, below, 1), 0.0
        )


class Chrf2(_Chrf):
    """chrF2: 6 orders of characters, no words."""

    label = "chrF2"

    def __init__(self) -> None:
        super().__init__(CHRF(), name="chrf2", columns=18)


class ChrfPlusPlus(_Chrf):
    """chrF2++: 6 orders of characters and 2 of words."""

    label = "chrF2++"

    def __init__(self) -> None:
        super().__init__(CHRF(word_order=2), name="chrf++", columns=24)


class Ter(_Sacrebleu):
    """Translation edit rate, lower is better. Rows: edits, reference length."""

    label = "TER"
    higher_is_better = False

    def __init__(self) -> None:
        super().__init__(TER(), name="ter", columns=2)

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        edits, references = sums[:, 0], sums[:, 1]
        return PERCENT * np.where(
            references > 0, edits / np.maximum(references, 1e-9), (edits > 0).astype(np.float64)
        )
