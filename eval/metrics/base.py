"""What most metrics share: scores that follow from column sums, and fingerprints of the text processing they use."""

# ruff: noqa: ARG002 -- the methods have the parameters of the base class
from __future__ import annotations

import ast
import hashlib
import importlib.util
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import Statistics
from summarizer import arabic

#: Shares and averages are told in percent, as BLEU is; the signature says so.
PERCENT: Final = 100.0


class SumMetric:
    """A metric whose score follows from the column sums of its rows and from how many rows there are.

    Subclasses set the members of ``Metric`` and write ``row`` (one item) and ``from_sums`` (many resamples at once).
    Significance tests recognise ``from_sums`` and then work on sums: a thousand resamples are one matrix product.
    """

    name: str
    tasks: frozenset[str]
    higher_is_better: bool = True
    signature: str
    #: Number of columns ``k``; rows of no items have it too.
    columns: int = 2

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        """Return ``(n_items, k)``. Raises ``MetricError`` where lengths differ or items lack what is needed."""
        check_lengths(self.name, hypotheses, items)
        rows = [self.row(hypothesis, item) for hypothesis, item in zip(hypotheses, items, strict=True)]
        return np.array(rows, dtype=np.float64).reshape(len(rows), self.columns)

    def aggregate(self, statistics: Statistics) -> float:
        """Return the score of any rows ``(n, k)``; ``nan`` where they say nothing."""
        if len(statistics) == 0:
            return math.nan
        return float(self.from_sums(statistics.sum(axis=0)[None, :], len(statistics))[0])

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        """Return the ``k`` numbers of one item."""
        raise NotImplementedError

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        """Return ``(s,)`` scores from ``s`` rows of column sums ``(s, k)``, each over ``count`` items."""
        raise NotImplementedError


class Ratio(SumMetric):
    """``scale * sum(first column) / sum(second column)``: rates, shares and averages weighted by size."""

    scale: float = PERCENT

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        return self.scale * divide(sums[:, 0], sums[:, 1])


class Mean(SumMetric):
    """``scale * mean(first column)`` over the items."""

    scale: float = PERCENT
    columns = 1

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        return self.scale * sums[:, 0] / count


#: A metric's part: precision, recall or their harmonic mean.
Part = Literal["p", "r", "f1"]


class PrecisionRecall(SumMetric):
    """Precision, recall or F1 from the counts (matched, proposed, expected), summed over items (micro)."""

    columns = 3
    part: Part = "f1"

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        matched, proposed, expected = sums[:, 0], sums[:, 1], sums[:, 2]
        if self.part == "p":
            return PERCENT * divide(matched, proposed)
        if self.part == "r":
            return PERCENT * divide(matched, expected)
        return PERCENT * divide(2 * matched, proposed + expected)


def divide(above: Statistics, below: Statistics) -> Statistics:
    """Return ``above / below`` with ``nan`` (no score, not a bad one) where ``below`` is 0."""
    quotient: Statistics = np.divide(above, below, out=np.full(np.shape(above), math.nan), where=below != 0)
    return quotient


def check_lengths(name: str, hypotheses: Sequence[Any], items: Sequence[Item]) -> None:
    """Raise ``MetricError`` unless there is one hypothesis an item."""
    if len(hypotheses) != len(items):
        raise MetricError(f"{name}: {len(hypotheses)} hypotheses for {len(items)} items")


def references_of(name: str, item: Item) -> tuple[str, ...]:
    """Return the references of ``item``, at least one. Raises ``MetricError``."""
    if not item.references:
        raise MetricError(f"{name}: item {item.id!r} has no reference; this metric needs one for every item")
    return item.references


def count_references(items: Sequence[Item]) -> str:
    """Return how many references the items have, for a signature: ``1``, ``5``, ``var``; ``0`` for none."""
    counts = {len(item.references) for item in items}
    return str(counts.pop()) if len(counts) == 1 else "var" if counts else "0"


def sign(name: str, **choices: object) -> str:
    """Return ``name|key:value|...`` in the order given."""
    return "|".join([name, *(f"{key}:{value}" for key, value in choices.items())])


# --- fingerprints -------------------------------------------------------------------------------

#: Code points that the fingerprint of the normaliser looks at: all of the BMP below CJK, and presentation forms.
_PROBED: Final = (range(0x20, 0x3000), range(0xFB50, 0xFF00))
#: Words that the fingerprint of the tokenizer and stemmer looks at: every affix that light10 knows, and none.
_PROBES: Final = (
    "والكتاب بالمدرسة كالبحر فالرجل للسلام المعلمون كتابها طالبان مهندسات مسلمين مصرية مدينة كتابي وزير ولد ال "
    "والان ١٬٢٣٤٫٥ 1,234.5 12.5% ٢٠٢١/٧/٢٥ A-1 don't الـ«قمة» هــــذا مُؤَسَّسَة آراء رؤية شيء کتاب ی foo_bar"
)


@lru_cache(maxsize=1)
def arabic_fingerprint() -> str:
    """Return 8 hex digits that change exactly when the normaliser, tokenizer or stemmer changes what it returns.

    This is the "normaliser version" of signatures: it follows behaviour, so an edited comment keeps scores comparable
    and a changed letter table does not.
    """
    told = hashlib.sha256()
    for codes in _PROBED:
        for code in codes:
            told.update(arabic.normalize(chr(code)).encode("utf-8", "surrogatepass") + b"\0")
    tokens = arabic.tokenize(_PROBES)
    told.update("\0".join([*tokens, *map(arabic.stem, tokens), *arabic.content_tokens(_PROBES)]).encode())
    return told.hexdigest()[:8]


@lru_cache(maxsize=8)
def code_fingerprint(modules: tuple[str, ...]) -> str:
    """Return 8 hex digits of what ``modules`` do: their syntax trees without docstrings, comments or layout.

    For checks that are too large to probe (the faithfulness checks), where any change of code may change a verdict. The
    modules of ``summarizer`` that they import count too, and so on: code that moves to another file stays signed.
    """
    told = hashlib.sha256()
    for _, tree in sorted(_trees(modules).items()):
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_docstring(body[0]):
                body[0] = ast.Expr(ast.Constant(""))
        told.update(ast.dump(tree).encode())
    return told.hexdigest()[:8]


def _trees(modules: tuple[str, ...]) -> dict[str, ast.Module]:
    """Return the syntax trees of ``modules`` and of every module of ``summarizer`` that they lead to, by name."""
    found: dict[str, ast.Module] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise MetricError(f"cannot find the source of {module} to sign the metric with")
        found[module] = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        waiting += [
            node.module
            for node in ast.walk(found[module])
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("summarizer.")
            and node.module
        ]
    return found


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
