"""Which facts a system found: precision, recall and F1 by value or by place.

Hypothesis: a list of facts, mappings with ``kind`` and ``value`` (and ``start``, ``end`` for matching by place).
Truth: ``meta["facts"]``. Only the kinds that the truth is annotated for (``meta["kinds"]``, else the kinds in it) are
counted, so a system is not blamed for finding what nobody annotated.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

from eval.errors import MetricError
from eval.items import Item, hypothesis_text
from eval.metrics.base import Part, PrecisionRecall, Ratio, arabic_fingerprint, code_fingerprint, sign
from summarizer.arabic import normalize, tokenize
from summarizer.facts import extract_facts


class FactScore(PrecisionRecall):
    """Micro precision, recall or F1 of facts. Rows: matched, proposed, expected.

    ``by``: ``value`` (kind and folded value, each counted as often as both have it), or ``span`` (kind, start and end
    exactly as annotated).
    """

    tasks = frozenset({"facts"})

    def __init__(self, choice: str = "f1,value") -> None:
        """``choice``: ``p``, ``r`` or ``f1``, then ``value`` or ``span``: ``f1,span``."""
        part, _, by = choice.partition(",")
        if part not in ("p", "r", "f1") or by not in ("value", "span"):
            raise MetricError(
                f"unknown fact score {choice!r}: write p, r or f1, then value or span, as in f1,span"
            )
        self.part: Part = part  # type: ignore[assignment]
        self._by: Literal["value", "span"] = by  # type: ignore[assignment]
        named = {"p": "precision", "r": "recall", "f1": "f1"}[part]
        self.name = f"facts-{'span-' if by == 'span' else ''}{named}"
        choices = {"match": f"kind+{by}", "mean": "micro", "scale": 100}
        self.signature = sign(
            self.name, **choices, norm=arabic_fingerprint() if by == "value" else "no", version=1
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        if "facts" not in item.meta:
            raise MetricError(f"{self.name}: item {item.id!r} has no facts to compare with (meta.facts)")
        truth: Sequence[Mapping[str, Any]] = item.meta["facts"]
        kinds = set(item.meta.get("kinds") or (each["kind"] for each in truth))
        expected = Counter(self._key(each) for each in truth if each["kind"] in kinds)
        proposed = Counter(self._key(each) for each in _facts(hypothesis) if each.get("kind") in kinds)
        return (expected & proposed).total(), proposed.total(), expected.total()

    def _key(self, fact: Mapping[str, Any]) -> Hashable:
        if self._by == "span":
            return fact.get("kind"), fact.get("start"), fact.get("end")
        return fact.get("kind"), normalize(str(fact.get("value", ""))).strip()


class KeptFacts(Ratio):
    """Share of the annotated facts that an English translation keeps. Rows: facts kept, facts.

    For sets whose items list facts (the challenge set): numbers and dates are looked for with ``summarizer.facts``
    (canonical values that compare across languages), names as words of the output. Negations need only be as many: a
    language may tell a *lack* as a *not*.
    """

    name = "facts-kept"
    tasks = frozenset({"translate"})

    def __init__(self) -> None:
        checks = code_fingerprint(("summarizer.facts", "summarizer.numerals", "summarizer.dates"))
        self.signature = sign(
            self.name,
            match="kind+value",
            names="words",
            negations="count",
            checks=checks,
            norm=arabic_fingerprint(),
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        if "facts" not in item.meta:
            raise MetricError(f"{self.name}: item {item.id!r} has no facts to look for (meta.facts)")
        text = hypothesis_text(hypothesis)
        found = Counter(_loosely(fact.kind, fact.value) for fact in extract_facts(text, language="en"))
        words = f" {' '.join(tokenize(text))} "
        kept = 0
        for fact in item.meta["facts"]:
            key = _loosely(fact["kind"], str(fact["value"]))
            if fact["kind"] == "name":
                kept += f" {' '.join(tokenize(key[1]))} " in words
            elif found[key]:
                found[key] -= 1
                kept += 1
        return kept, len(item.meta["facts"])


def _loosely(kind: str, value: str) -> tuple[str, str]:
    return (kind, "") if kind == "negation" else (kind, value)


def _facts(hypothesis: Any) -> list[Mapping[str, Any]]:
    """Return the facts of a list, or of its JSON text (as hypothesis files have it). Raises ``MetricError``."""
    if isinstance(hypothesis, str):
        try:
            hypothesis = json.loads(hypothesis) if hypothesis.strip() else []
        except json.JSONDecodeError as error:
            raise MetricError(f"facts must be a JSON list of objects: {error}") from error
    if not isinstance(hypothesis, (list, tuple)) or not all(isinstance(each, Mapping) for each in hypothesis):
        raise MetricError("facts must be a list of objects with kind and value")
    return list(hypothesis)
