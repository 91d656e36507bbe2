"""How often an output says what its source does not, or leaves out what it must keep: faults per 100 sentences.

The verdicts are those of ``summarizer.faithfulness``, the checks that the pipeline itself gates on. For a system that
re-ranks or falls back by these very checks the rates are therefore flattering; they are honest between systems that do
not, and the signature carries a fingerprint of the checks' code and name lists. Checks err too: the human references of
FLORES-200 devtest score about 10 faults per 100 sentences, six of them names that no list knows. Read differences.

* translation: each English output against its Arabic (``check_english``), both ways: *invented* and *lost*;
* summary: each sentence against what it cites, or against the whole source where the output has no citations
  (``check_arabic``; an English sentence of a cross-lingual summary: ``check_english``). A summary may leave things out,
  so only *invented* facts and turned negations count.

An item is a translation when its reference is not Arabic and not much shorter than its one source; so the copied source
is a (bad) translation, not a (perfect) summary. One item of a translation set is one sentence; a summary is split by
``summarizer.segment``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from eval.errors import MetricError
from eval.items import Item, hypothesis_text
from eval.metrics.base import PERCENT, Ratio, arabic_fingerprint, code_fingerprint, sign
from summarizer.arabic import is_arabic
from summarizer.faithfulness import check_arabic, check_english
from summarizer.schema import Check
from summarizer.segment import split_spans
from summarizer.terms import Terms

#: Kinds of checks that are about facts, and about form.
FACT_KINDS: Final = ("number", "date", "name", "negation")
FORM_KINDS: Final = ("language", "repetition", "length")
#: A reference shorter than this share of the source is a summary of it: English is 0.6 to 2.9 times as long as Arabic.
_SUMMARY_SHARE: Final = 0.4
#: The modules that decide a verdict.
_CHECKERS: Final = tuple(
    f"summarizer.{name}" for name in ("facts", "numerals", "dates", "faithfulness", "terms", "romanize")
)
#: Texts checked in one run (several metrics read each verdict).
_REMEMBERED: Final = 1 << 15


@lru_cache(maxsize=1)
def _terms() -> Terms:
    return Terms.load()


@lru_cache(maxsize=1)
def terms_fingerprint() -> str:
    """Return 8 hex digits of the name lists that ship with Mujaz."""
    told = hashlib.sha256()
    folder = resources.files("summarizer").joinpath("data")
    for file in sorted((each for each in folder.iterdir() if each.is_file()), key=lambda each: each.name):
        told.update(file.name.encode() + file.read_bytes())
    return told.hexdigest()[:8]


@lru_cache(maxsize=_REMEMBERED)
def _english_checks(english: str, arabic: str, published: str | None) -> tuple[Check, ...]:
    return check_english(english, arabic, terms=_terms(), published=published)


@lru_cache(maxsize=_REMEMBERED)
def _arabic_checks(arabic: str, cited: tuple[str, ...], published: str | None) -> tuple[Check, ...]:
    return check_arabic(arabic, cited, terms=_terms(), published=published)


def checked_sentences(hypothesis: Any, item: Item) -> Iterator[tuple[str, tuple[Check, ...]]]:
    """Yield each sentence of a summary with its checks; a mapping's citations say what it is held against."""
    published = item.meta.get("published")
    for text, cited in cited_sentences(hypothesis, item):
        held_against = cited or item.sources
        if is_arabic(text) or not any(character.isalpha() for character in text):
            yield text, _arabic_checks(text, held_against, published)
        else:
            checks = _english_checks(text, "\n".join(held_against), published)
            yield text, tuple(check for check in checks if not _is_lost(check) and check.kind != "length")


def cited_sentences(hypothesis: Any, item: Item) -> list[tuple[str, tuple[str, ...]]]:
    """Return the sentences of a summary, each with the source spans it cites (none for a plain text)."""
    if isinstance(hypothesis, Mapping) and "sentences" in hypothesis:
        return [
            (str(each["text"]), tuple(_spans(each.get("citations", ()), item)))
            for each in hypothesis["sentences"]
            if str(each["text"]).strip()
        ]
    text = hypothesis_text(hypothesis)
    return [(text[start:end], ()) for start, end in split_spans(text)]


def _spans(citations: Sequence[Mapping[str, Any]], item: Item) -> Iterator[str]:
    """Yield the cited text of each citation that points into a source of the item; others cite nothing."""
    for each in citations:
        document = each.get("document", 0)
        if isinstance(document, int) and 0 <= document < len(item.sources):
            span = item.sources[document][int(each["start"]) : int(each["end"])]
            if span.strip():
                yield span


def _is_lost(check: Check) -> bool:
    return check.detail.startswith("lost")


class Faults(Ratio):
    """Faults of one kind per 100 sentences, lower is better. Rows: faults, sentences."""

    higher_is_better = False
    scale = PERCENT

    def __init__(self, choice: str) -> None:
        """``choice``: ``KIND``, or ``KIND,invented`` or ``KIND,lost``; ``any`` counts every kind of fact."""
        kind, _, side = choice.partition(",")
        if kind not in (*FACT_KINDS, *FORM_KINDS, "any") or side not in ("", "invented", "lost"):
            known = ", ".join((*FACT_KINDS, *FORM_KINDS, "any"))
            raise MetricError(
                f"unknown faults {choice!r}: write KIND or KIND,invented or KIND,lost, KIND of {known}"
            )
        self._kinds = FACT_KINDS if kind == "any" else (kind,)
        self._side = side
        if kind == "any":
            self.name = f"{side}-facts" if side else "faults"
        elif side:
            self.name = f"{side}-{kind}s"
        else:
            self.name = "flipped-negations" if kind == "negation" else f"{kind}-faults"
        only_translation = side == "lost" or kind in ("language", "length")
        self.tasks = frozenset({"translate"}) if only_translation else frozenset({"translate", "summarize"})
        self.signature = sign(
            self.name,
            kinds="+".join(self._kinds),
            side=side or "both",
            per="100 sentences",
            checks=code_fingerprint(_CHECKERS),
            names=terms_fingerprint(),
            norm=arabic_fingerprint(),
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        if _is_summary(item):
            checked = list(checked_sentences(hypothesis, item))
            return sum(self._faults(checks) for _, checks in checked), len(checked)
        text = hypothesis_text(hypothesis)
        return self._faults(_english_checks(text, item.text, item.meta.get("published"))), 1

    def _faults(self, checks: Sequence[Check]) -> int:
        return sum(
            check.verdict == "fail"
            and check.kind in self._kinds
            and (not self._side or _is_lost(check) == (self._side == "lost"))
            for check in checks
        )


def _is_summary(item: Item) -> bool:
    """Tell from sources and references whether the outputs are summaries: items do not carry their task."""
    if len(item.sources) > 1:
        return True
    if not item.references:
        return False
    return is_arabic(item.references[0]) or len(item.references[0]) < _SUMMARY_SHARE * len(item.text)
