"""What a summary is like besides its overlap with a reference: support, coverage, repetition, novelty, length.

All compare folded tokens (``summarizer.arabic``) of the output with those of the source reports; none needs a reference.
Length, compression and novelty describe; more is not better, whatever ``higher_is_better`` must say.
"""

# ruff: noqa: ARG002 -- the methods have the parameters of the base class
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from eval.errors import MetricError
from eval.items import Item, hypothesis_text
from eval.metrics.base import Mean, Ratio, arabic_fingerprint, sign
from eval.metrics.faithfulness import FACT_KINDS, checked_sentences, cited_sentences
from summarizer import arabic
from summarizer.schema import Check
from summarizer.segment import split_spans

_SUMMARIZE: Final = frozenset({"summarize"})

#: Share of a sentence's content stems that one citation must hold to count as support, and that all its citations
#: must hold together. A copy holds all of them; a sentence fused from two sources about half in each.
_CITATION_SHARE: Final = 0.3
_SENTENCE_SHARE: Final = 0.6
#: Share of a sentence's content stems that a report must hold to have contributed it, where nothing is cited.
_OUTLET_SHARE: Final = 0.6


@lru_cache(maxsize=1 << 13)
def _stems(text: str) -> frozenset[str]:
    return frozenset(arabic.content_tokens(text))


@lru_cache(maxsize=1 << 12)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(arabic.tokenize(text))


def _held(stems: frozenset[str], by: frozenset[str]) -> float:
    return len(stems & by) / len(stems) if stems else 1.0


def _sound(checks: Sequence[Check]) -> bool:
    return not any(check.verdict == "fail" and check.kind in FACT_KINDS for check in checks)


class CitationPrecision(Ratio):
    """Share of citations that support their sentence. Rows: supporting citations, citations.

    A citation supports when the checks of the sentence against all it cites find no fault and the cited span holds at
    least 30 % of the sentence's content stems. After citation precision of ALCE (Gao et al. 2023), with word overlap
    and fact checks for their entailment model: it says that a citation is *about* the sentence and contradicts none of
    its facts, not that the sentence follows from it.
    """

    name = "citation-precision"
    tasks = _SUMMARIZE

    def __init__(self) -> None:
        self.signature = sign(
            self.name,
            share=_CITATION_SHARE,
            checks="facts",
            stem="light10",
            norm=arabic_fingerprint(),
            version=1,
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        supporting = total = 0
        for (text, spans), sound in _cited_and_sound(self.name, hypothesis, item):
            stems = _stems(text)
            total += len(spans)
            supporting += sum(sound and _held(stems, _stems(span)) >= _CITATION_SHARE for span in spans)
        return supporting, total


class CitationRecall(Ratio):
    """Share of sentences that all their citations together support (no fault, 60 % of the stems). Rows: such, all."""

    name = "citation-recall"
    tasks = _SUMMARIZE

    def __init__(self) -> None:
        self.signature = sign(
            self.name,
            share=_SENTENCE_SHARE,
            checks="facts",
            stem="light10",
            norm=arabic_fingerprint(),
            version=1,
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        rows = list(_cited_and_sound(self.name, hypothesis, item))
        supported = sum(
            bool(spans)
            and sound
            and _held(_stems(text), frozenset().union(*map(_stems, spans))) >= _SENTENCE_SHARE
            for (text, spans), sound in rows
        )
        return supported, len(rows)


def _cited_and_sound(
    name: str, hypothesis: Any, item: Item
) -> Iterator[tuple[tuple[str, tuple[str, ...]], bool]]:
    if not isinstance(hypothesis, Mapping):
        raise MetricError(
            f"{name}: item {item.id!r}: plain text cites nothing; this metric reads outputs with citations"
        )
    checked = checked_sentences(hypothesis, item)
    for cited, (_, checks) in zip(cited_sentences(hypothesis, item), checked, strict=True):
        yield cited, _sound(checks)


class OutletCoverage(Ratio):
    """Share of the outlets of a story that its summary draws on. Rows: outlets drawn on, outlets.

    With citations, an outlet counts when it is cited. Without, when one of its reports holds at least 60 % of the content
    stems of some sentence (several may: wire copies). ``meta["outlets"]`` names the outlet of each report; else each
    report is one.
    """

    name = "outlet-coverage"
    tasks = _SUMMARIZE

    def __init__(self) -> None:
        self.signature = sign(
            self.name, share=_OUTLET_SHARE, stem="light10", norm=arabic_fingerprint(), version=1
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        outlets = list(item.meta.get("outlets") or range(len(item.sources)))
        if len(outlets) != len(item.sources):
            raise MetricError(
                f"{self.name}: item {item.id!r} names {len(outlets)} outlets for {len(item.sources)} reports"
            )
        used = (
            set(_cited_documents(hypothesis))
            if _has_citations(hypothesis)
            else self._matched(hypothesis, item)
        )
        return len({outlets[index] for index in used if 0 <= index < len(outlets)}), len(set(outlets))

    def _matched(self, hypothesis: Any, item: Item) -> set[int]:
        reports = [_stems(source) for source in item.sources]
        return {
            index
            for text, _ in cited_sentences(hypothesis, item)
            if _stems(text)
            for index, report in enumerate(reports)
            if _held(_stems(text), report) >= _OUTLET_SHARE
        }


def _has_citations(hypothesis: Any) -> bool:
    return isinstance(hypothesis, Mapping) and any(
        each.get("citations") for each in hypothesis.get("sentences", ())
    )


def _cited_documents(hypothesis: Mapping[str, Any]) -> Iterator[int]:
    for sentence in hypothesis["sentences"]:
        for citation in sentence.get("citations", ()):
            yield int(citation.get("document", 0))


class Redundancy(Ratio):
    """Share of a summary's word pairs that it says again, lower is better. Rows: repeated bigrams, bigrams.

    Bigrams of light stems over the whole text (1 - the unique n-gram ratio of Xiao & Carenini 2020).
    """

    name = "redundancy"
    tasks = _SUMMARIZE
    higher_is_better = False

    def __init__(self) -> None:
        self.signature = sign(
            self.name, n=2, tok="mujaz", stem="light10", norm=arabic_fingerprint(), version=1
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        stems = [arabic.stem(token) for token in _tokens(hypothesis_text(hypothesis))]
        pairs = list(pairwise(stems))
        return len(pairs) - len(set(pairs)), len(pairs)


class Novelty(Ratio):
    """Share of a summary's n-grams that no source report has (See et al. 2017). Rows: novel n-grams, n-grams."""

    tasks = _SUMMARIZE

    def __init__(self, n: str) -> None:
        self._n = int(n)
        self.name = f"novelty{n}"
        self.signature = sign(self.name, n=n, tok="mujaz", stem="no", norm=arabic_fingerprint(), version=1)

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        known = {gram for source in item.sources for gram in _ngrams(_tokens(source), self._n)}
        mine = list(_ngrams(_tokens(hypothesis_text(hypothesis)), self._n))
        return sum(gram not in known for gram in mine), len(mine)


def _ngrams(tokens: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(tokens[start:] for start in range(n)), strict=False)


class Words(Mean):
    """Mean length of an output in words (folded tokens). Rows: words."""

    name = "words"
    tasks = frozenset({"summarize", "translate"})
    scale = 1.0

    def __init__(self) -> None:
        self.signature = sign(self.name, tok="mujaz", norm=arabic_fingerprint(), version=1)

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        return (len(_tokens(hypothesis_text(hypothesis))),)


class Sentences(Mean):
    """Mean length of an output in sentences. Rows: sentences."""

    name = "sentences"
    tasks = _SUMMARIZE
    scale = 1.0

    def __init__(self) -> None:
        self.signature = sign(self.name, split="mujaz", version=1)

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        return (len(split_spans(hypothesis_text(hypothesis))),)


class Compression(Ratio):
    """Words of the sources for each word of the summary (Grusky et al. 2018), totals over totals. Rows: both counts."""

    name = "compression"
    tasks = _SUMMARIZE
    scale = 1.0

    def __init__(self) -> None:
        self.signature = sign(self.name, of="totals", tok="mujaz", norm=arabic_fingerprint(), version=1)

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        return sum(len(_tokens(source)) for source in item.sources), len(_tokens(hypothesis_text(hypothesis)))
