"""News articles → (salient sentences, summary) pairs that teach no invention.

The input is what `summarizer.salience` chooses of an article, as in use: one sentence, or several. The target of one
sentence is the same without the parts that may go (`summarizer.shorten`) and that its editors' summary and title do not
mention. The target of several is what the editors wrote, and only where the application's own check passes it against
the input and nearly all of its content words stand there: a model learns what it is shown.
Nothing of what evaluates the summaries comes in: neither an article of the held-out share, nor one of the silver
clusters, nor a run of words that either has.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipes.settings import RecipeError, SummaryPrepareSettings
from summarizer.arabic import content_tokens, is_arabic, normalize, token_spans, tokenize
from summarizer.faithfulness import check_arabic
from summarizer.salience import select
from summarizer.schema import Document
from summarizer.segment import segment, split_spans
from summarizer.shorten import leave_out, safe_parts
from summarizer.summarize import trim_opening

STANDFIRSTS = "sum/france24_standfirst_public.jsonl.xz"
ARTICLES = "sum/ant_v2.1_to_2018-07-15.jsonl.xz"
SILVER = "sum/mds_silver_public.jsonl.xz"
EXTRACTS = "sum/easc.jsonl.xz"

# Hashtags, addresses, hints to pictures and to other pages: nothing a brief should learn to write.
_NOISE = re.compile(
    r"#|https?:|www\.|@|\bfoto\b|اقرأ|إقرأ|شاهد|المزيد|فيديو|بالصور|[A-Za-z]{3,}.*[A-Za-z]{3,}.*[A-Za-z]{3,}"
)
#: What opens a sentence that leans on one before it: no summary may begin so.
_LEANS = re.compile(
    r"^[وف]?(?:ذلك|هذا|هذه|هو|هي|هم|كما|لكن|لكنه|لكنها|اضاف|تابع|اوضح|اضافت|تابعت|اكد ان|قال ان|قالت ان|منهم|منها|بينهم|بدوره|من جهته|من جانبه)\b"
)
_FINISHED = re.compile(r"[.!؟…»\"]$")


@dataclass(frozen=True)
class SummaryPair:
    source_text: str
    target: str
    kind: str  # "standfirst", "abstract", "cut" or "whole"; see `build_pairs`


def is_held_out(article_id: str, share: float) -> bool:
    """Tell whether an article is kept for evaluation: by the hash of its id, so for everybody and for ever."""
    return int(hashlib.sha256(article_id.encode()).hexdigest()[:8], 16) < share * 2**32


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        raise RecipeError(f"no {path}")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


class SummaryGuard:
    """Knows the articles, titles and word n-grams of the texts that summaries are evaluated on."""

    def __init__(self, data: Path, *, n: int, held_out_share: float) -> None:
        self.n = n
        self.ids: set[str] = set()
        self.titles: set[str] = set()
        self.grams: set[int] = set()
        for row in read_jsonl(data / STANDFIRSTS):
            if is_held_out(row["id"], held_out_share):
                self._learn([row["id"]], [row["title"]], [row["document"], *row["summaries"]])
        for row in read_jsonl(data / SILVER):
            self._learn(
                [each["id"] for each in row["meta"]],
                [each["title"] for each in row["meta"]],
                [*row["documents"], *row["summaries"]],
            )
        for row in read_jsonl(data / EXTRACTS):
            self._learn([], [], [row["document"], *row["summaries"]])

    def _learn(self, ids: Iterable[str], titles: Iterable[str], texts: Iterable[str]) -> None:
        self.ids.update(ids)
        self.titles.update(normalize(title) for title in titles)
        for text in texts:
            self.grams.update(self._grams(text))

    def _grams(self, text: str) -> Iterator[int]:
        words = tokenize(text)
        for i in range(len(words) - self.n + 1):
            yield hash(tuple(words[i : i + self.n]))

    def knows(self, *, article_id: str, title: str) -> bool:
        return article_id in self.ids or normalize(title) in self.titles

    def overlaps(self, *texts: str) -> bool:
        return any(gram in self.grams for text in texts for gram in self._grams(text))


# --- filters ------------------------------------------------------------------------------------


def support(target: str, source: str) -> float:
    """Return the share of the content stems of `target` that `source` has."""
    wanted, held = Counter(content_tokens(target)), Counter(content_tokens(source))
    return (wanted & held).total() / max(1, wanted.total())


def faithful(target: str, source: str, *, least_support: float) -> bool:
    """Tell whether a target says nothing that its input does not: the application's check, and its words."""
    return support(target, source) >= least_support and not any(
        check.verdict == "fail" for check in check_arabic(target, [source])
    )


def supported_part(summary: str, source: str, *, least_support: float) -> str:
    """Return the sentences of a summary that its input bears out, from the first on and without gaps before a
    sentence that leans on what was dropped; "" where none is left."""  # fmt: skip
    kept: list[str] = []
    dropped = False
    for start, end in split_spans(summary):
        sentence = summary[start:end].strip()
        leans = _LEANS.search(normalize(sentence)) is not None
        if (leans and (dropped or not kept)) or not faithful(sentence, source, least_support=least_support):
            dropped = True
            continue
        kept.append(sentence)
        dropped = False
    return " ".join(kept)


def why_drop(source: str, target: str, *, settings: SummaryPrepareSettings, whole: bool) -> str | None:
    """The first filter that a pair fails, or None."""
    words, read = len(target.split()), len(source.split())
    if words < settings.min_summary_words or read < settings.min_source_words:
        return "short"
    if words > settings.longest_share * read and not whole:
        return "no shorter"
    if _NOISE.search(source) or _NOISE.search(target):
        return "noise"
    if not is_arabic(target, share=0.9) or not is_arabic(source, share=0.9):
        return "script"
    return None


def cut_to_reference(sentence: str, reference: Counter[str], *, most_shared: float) -> str | None:
    """Return a sentence without the safe parts of which its editors' summary says next to nothing, or None.

    The longest part goes first. `reference` counts the content stems of title and summary; a part of which more than
    `most_shared` stands there stays.
    """
    words = [token for token, _, _ in token_spans(sentence)]
    chosen: list[tuple[int, int]] = []
    best: str | None = None
    for start, end in sorted(safe_parts(sentence), key=lambda part: (part[0] - part[1], part)):
        stems = content_tokens(" ".join(words[start:end]))
        told = sum(stem in reference for stem in stems)
        if told > most_shared * len(stems) or any(start < b and a < end for a, b in chosen):
            continue
        text = leave_out(sentence, [*chosen, (start, end)])
        if text is not None:
            chosen.append((start, end))
            best = text
    return best


# --- pairs --------------------------------------------------------------------------------------


def salient_sentences(document: Document, *, count: int) -> list[str]:
    """What the application would feed of one report: `count` sentences, without datelines and empty openings."""
    sentences = segment(document)
    chosen = select(sentences, {document.id: document}, count=count)
    return [trim_opening(sentences[each.index].text) for each in chosen]


def build_pairs(
    settings: SummaryPrepareSettings, data: Path, seed: int
) -> tuple[list[SummaryPair], dict[str, Counter[str]]]:
    """Return the pairs and, by kind, what became of the candidates.

    Of several sentences: `standfirst` and `abstract` (the editors' summary, where the input bears it out). Of one: `cut`
    (without the parts that may go and that the editors' summary does not mention) and `whole` (it mentions them all: a
    model that is shown only cuts cuts always).
    """
    rng = random.Random(seed)
    guard = SummaryGuard(data, n=settings.overlap_words, held_out_share=settings.held_out_share)
    report: dict[str, Counter[str]] = {}
    pairs: list[SummaryPair] = []

    def add(kind: str, source: str, target: str) -> None:
        counts = report.setdefault(kind, Counter())
        why = why_drop(source, target, settings=settings, whole=kind == "whole")
        if why is None and guard.overlaps(source, target):
            why = "overlaps the evaluation"
        if why is None and not faithful(target, source, least_support=settings.least_support):
            why = "not borne out"
        counts[why or "kept"] += 1
        if why is None:
            pairs.append(SummaryPair(source, target, kind))

    def add_summary(kind: str, row: dict[str, Any]) -> None:
        if guard.knows(article_id=row["id"], title=row["title"]):
            report.setdefault(kind, Counter())["held out"] += 1
            return
        document = Document(id=row["id"], text=row["document"], title=row["title"])
        reference = Counter(content_tokens(f"{row['title']} {row['summaries'][0]}"))
        for sentence in salient_sentences(document, count=settings.cut_sentences):
            if safe_parts(sentence) and _FINISHED.search(sentence):
                text = cut_to_reference(sentence, reference, most_shared=settings.most_shared)
                add("whole" if text is None else "cut", sentence, text or sentence)
        for count in settings.sentence_counts:
            source = " ".join(salient_sentences(document, count=count))
            target = supported_part(row["summaries"][0], source, least_support=settings.least_support)
            add(kind, source, target)

    for row in read_jsonl(data / STANDFIRSTS):
        add_summary("standfirst", row)

    for row in read_jsonl(data / ARTICLES):
        if row["source"].lower() in settings.abstract_outlets and row["summaries"]:
            add_summary("abstract", row)

    final = _at_most(pairs, settings.limits, rng)
    rng.shuffle(final)
    return final, report


def _at_most(pairs: Sequence[SummaryPair], limits: dict[str, int], rng: random.Random) -> list[SummaryPair]:
    """Draw at most `limits[kind]` pairs of a kind."""
    chosen: list[SummaryPair] = []
    for kind in sorted({pair.kind for pair in pairs}):
        mine = [pair for pair in pairs if pair.kind == kind]
        limit = limits.get(kind, len(mine))
        chosen += mine if len(mine) <= limit else rng.sample(mine, limit)
    return chosen
