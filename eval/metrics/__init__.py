"""Metrics: what one is, and the registry of those there are.

A metric works in two steps, so that significance never scores a text twice (the design of sacrebleu):

1. ``statistics(hypotheses, items)`` reads the texts and returns one row of numbers an item: ``(n_items, k)``;
2. ``aggregate(rows)`` turns ANY rows -- all, a subset, a resample with repetitions -- into the score.

For an average, a row is ``(value, 1)``-like and aggregating is dividing sums; for BLEU, a row holds the n-gram
counts. Either way the corpus score is ``aggregate(statistics(...))``.

To add a metric: write a class with the members of ``Metric`` in one file, and add a line to ``REGISTRY`` -- or name
it by ``"package.module:Class"`` wherever a metric's name is asked for.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from typing import Any, Final, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from eval.errors import MetricError
from eval.items import Item, Task

#: Rows of per-item statistics: ``(n_items, k)``, float64.
Statistics = NDArray[np.float64]


@runtime_checkable
class Metric(Protocol):
    """What significance, the runner and the report know of a metric."""

    #: Short name, as the registry and result files have it.
    name: str
    #: Tasks whose items it can score.
    tasks: frozenset[str]
    #: Whether a larger score is the better one. Descriptive metrics (length) say True and mean nothing by it.
    higher_is_better: bool
    #: Every choice that changes the number: ``name|key:value|...``. Scores compare only under equal signatures.
    signature: str

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        """Return one row of numbers an item, ``(n_items, k)``. Raises ``MetricError`` where items lack what it needs."""
        ...

    def aggregate(self, statistics: Statistics) -> float:
        """Return the score of any rows ``(n, k)``; ``nan`` where they say nothing (no row, nothing to count)."""
        ...


_ROUGE: Final = ("rouge1", "rouge2", "rougeL", "rougeLsum")
_PARTS: Final = (("p", "precision"), ("r", "recall"), ("f1", "f1"))

#: Name -> ``module:Class`` or ``module:Class:argument``; imported when asked for, never before.
REGISTRY: Final[dict[str, str]] = {
    # translation (sacrebleu)
    "bleu": "eval.metrics.translation:Bleu",
    "chrf2": "eval.metrics.translation:Chrf2",
    "chrf++": "eval.metrics.translation:ChrfPlusPlus",
    "ter": "eval.metrics.translation:Ter",
    # ROUGE, Arabic: our tokenizer, plain and with light stemming; the published XL-Sum scorer's choices
    **{name: f"eval.metrics.rouge:RougeMetric:{name},arabic" for name in _ROUGE},
    **{f"{name}-stem": f"eval.metrics.rouge:RougeMetric:{name},light" for name in _ROUGE},
    **{f"xlsum-{name}": f"eval.metrics.rouge:RougeMetric:{name},xlsum" for name in _ROUGE[:3]},
    # ROUGE, English: rouge-score's tokenizer, plain and with Porter's stemmer
    **{f"{name}-en": f"eval.metrics.rouge:RougeMetric:{name},english" for name in _ROUGE},
    **{f"{name}-en-stem": f"eval.metrics.rouge:RougeMetric:{name},porter" for name in _ROUGE},
    # faults per 100 sentences, by the checks of summarizer.faithfulness
    "faults": "eval.metrics.faithfulness:Faults:any",
    **{
        f"{side}-{kind}s": f"eval.metrics.faithfulness:Faults:{kind},{side}"
        for kind in ("number", "date", "name")
        for side in ("invented", "lost")
    },
    "flipped-negations": "eval.metrics.faithfulness:Faults:negation",
    **{
        f"{kind}-faults": f"eval.metrics.faithfulness:Faults:{kind}"
        for kind in ("language", "repetition", "length")
    },
    # summaries, without a reference
    "citation-precision": "eval.metrics.summary:CitationPrecision",
    "citation-recall": "eval.metrics.summary:CitationRecall",
    "outlet-coverage": "eval.metrics.summary:OutletCoverage",
    "redundancy": "eval.metrics.summary:Redundancy",
    **{f"novelty{n}": f"eval.metrics.summary:Novelty:{n}" for n in (1, 2, 3)},
    "words": "eval.metrics.summary:Words",
    "sentences": "eval.metrics.summary:Sentences",
    "compression": "eval.metrics.summary:Compression",
    # stories, sentences, facts
    **{f"bcubed-{name}": f"eval.metrics.clustering:BCubed:{part}" for part, name in _PARTS},
    **{f"pairwise-{name}": f"eval.metrics.clustering:Pairwise:{part}" for part, name in _PARTS},
    "ari": "eval.metrics.clustering:AdjustedRand",
    "reports-per-cluster": "eval.metrics.clustering:Clusters",
    **{f"boundary-{name}": f"eval.metrics.segmentation:Boundaries:{part}" for part, name in _PARTS},
    **{f"facts-{name}": f"eval.metrics.facts:FactScore:{part},value" for part, name in _PARTS},
    **{f"facts-span-{name}": f"eval.metrics.facts:FactScore:{part},span" for part, name in _PARTS},
    "facts-kept": "eval.metrics.facts:KeptFacts",
    # extras: a model scores
    "comet": "eval.metrics.optional:Comet",
    "bertscore": "eval.metrics.optional:BertScore",
    "llm-judge": "eval.metrics.optional:LlmJudge",
}

#: What ``mujaz bench run`` scores when no metric is named.
DEFAULT_METRICS: Final[dict[Task, tuple[str, ...]]] = {
    "translate": (
        "bleu", "chrf2", "chrf++", "ter",
        "faults", "invented-numbers", "lost-numbers", "invented-dates", "lost-dates",
        "invented-names", "lost-names", "flipped-negations", "language-faults",
    ),
    "summarize": (
        "rouge1", "rouge2", "rougeL", "rougeLsum", "rouge1-stem", "rouge2-stem", "rougeL-stem", "rougeLsum-stem",
        "xlsum-rouge1", "xlsum-rouge2", "xlsum-rougeL",
        "faults", "invented-numbers", "invented-dates", "invented-names", "flipped-negations",
        "outlet-coverage", "redundancy", "novelty2", "words", "compression",
    ),
    "cluster": (
        "bcubed-f1", "bcubed-precision", "bcubed-recall", "pairwise-f1", "ari", "reports-per-cluster",
    ),
    "segment": ("boundary-f1", "boundary-precision", "boundary-recall"),
    "facts": ("facts-f1", "facts-precision", "facts-recall"),
}  # fmt: skip


def load_metric(name: str) -> Metric:
    """Return the metric called ``name``: a registry name, or ``package.module:Class`` of one of your own.

    Raises ``MetricError`` for an unknown name (with the nearest known ones), a class that cannot be imported or
    lacks a member of ``Metric``; ``MissingModelError`` when the metric needs an extra that is not installed.
    """
    target = REGISTRY.get(name)
    if target is None and ":" in name:
        target = name
    if target is None:
        raise MetricError(_unknown(name))
    module_name, _, rest = target.partition(":")
    class_name, _, argument = rest.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise MetricError(
            f"metric {name!r}: cannot import {class_name} from {module_name}: {error}"
        ) from error
    made = factory(argument) if argument else factory()
    missing = [each for each in ("name", "tasks", "higher_is_better", "signature", "statistics", "aggregate")
               if not hasattr(made, each)]  # fmt: skip
    if missing:
        raise MetricError(
            f"metric {name!r}: {class_name} lacks {', '.join(missing)} (see eval.metrics.Metric)"
        )
    return cast(Metric, made)


def load_metrics(names: Sequence[str]) -> tuple[Metric, ...]:
    """Return the metrics of ``names``, in order, each once. Raises as ``load_metric``."""
    return tuple(load_metric(name) for name in dict.fromkeys(names))


def metrics_for(task: Task) -> tuple[str, ...]:
    """Return the names of the default metrics of ``task``, in the order tables show them."""
    return DEFAULT_METRICS[task]


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.casefold(), REGISTRY, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"unknown metric {name!r}{hint} (known: {', '.join(REGISTRY)})"
