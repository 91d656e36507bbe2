"""What every table is measured against: the simplest systems for each task, as plain functions on plain text.

=========== ==========================================================================================================
task        baselines
=========== ==========================================================================================================
summarize   ``lead`` the first sentences of the reports in turn; ``lexrank`` (Erkan & Radev, "LexRank", JAIR 22, 2004,
            continuous form); ``random`` (seeded by the item); ``oracle`` greedy ROUGE-1 + ROUGE-2 against the
            references (Nallapati et al., "SummaRuNNer", 2017): what the best choice of sentences could reach
translate   ``copy`` the Arabic itself
cluster     ``tfidf`` average-link agglomeration of TF-IDF vectors; ``single`` every report its own story
segment     ``punctuation`` a cut after every ``. ! ? ؟ …`` before white space, and at line breaks
facts       ``digits`` every run of digits is a number
=========== ==========================================================================================================

Choosing sentences returns indices, never copied text; ``Unit`` says where each sentence stands. How much is chosen is a
``Budget``, the same for all systems of a table, since a longer summary has the higher recall.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from eval.items import Item
from summarizer import arabic
from summarizer.errors import InputError
from summarizer.pipeline import LARGEST_SHARE, MOST_SENTENCES, SENTENCES_A_DOUBLING
from summarizer.segment import split_spans

# --- sentences and budgets ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of an item: ``item.sources[document][start:end] == text``."""

    document: int
    start: int
    end: int
    text: str


def units_of(item: Item) -> list[Unit]:
    """Return the sentences of all reports of ``item``, in reading order."""
    return [
        Unit(number, start, end, text[start:end])
        for number, text in enumerate(item.sources)
        for start, end in split_spans(text)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of the sentences a summary takes: a number of sentences, of words, or a share of the sentences.

    Without any: as many sentences as Mujaz itself takes, so that a table compares choices and not lengths.
    """

    sentences: int | None = None
    words: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        given = [each for each in (self.sentences, self.words, self.share) if each is not None]
        if len(given) > 1:
            raise InputError("give one of sentences, words and share, not several")
        if any(each <= 0 for each in given) or (self.share or 0) > 1:
            raise InputError("sentences and words must be 1 or more, share above 0 and at most 1")

    def count(self, reports: int, sentences: int) -> int:
        """Return how many of ``sentences`` sentences of ``reports`` reports are wanted (at least 1)."""
        if self.sentences is not None:
            return self.sentences
        if self.share is not None:
            return max(1, math.ceil(self.share * sentences))
        wanted = min(MOST_SENTENCES, round(SENTENCES_A_DOUBLING * (1 + math.log2(max(1, reports)))))
        return max(1, min(wanted, math.ceil(LARGEST_SHARE * sentences)))

    def take(self, ranking: Iterable[int], units: Sequence[Unit]) -> list[int]:
        """Return the first indices of ``ranking`` that fill the budget. Words: until the sum reaches the limit."""
        reports = len({unit.document for unit in units})
        limit = len(units) if self.words is not None else self.count(reports, len(units))
        chosen: list[int] = []
        words = 0
        for index in ranking:
            if len(chosen) >= limit or (self.words is not None and words >= self.words):
                break
            chosen.append(index)
            words += len(units[index].text.split())
        return chosen


def summary_of(units: Sequence[Unit], chosen: Sequence[int]) -> dict[str, Any]:
    """Return the summary mapping (see ``eval.items``) of the chosen units, in the order given."""
    sentences = [
        {
            "text": units[index].text,
            "citations": [
                {"document": units[index].document, "start": units[index].start, "end": units[index].end}
            ],
        }
        for index in chosen
    ]
    return {"text": "\n".join(units[index].text for index in chosen), "sentences": sentences}


# --- summarize ----------------------------------------------------------------------------------

#: ``choose(units, item, budget)`` returns the indices of the chosen units.
Chooser = Callable[[Sequence[Unit], Item, Budget], list[int]]


def choose_lead(units: Sequence[Unit], item: Item, budget: Budget) -> list[int]:  # noqa: ARG001 - a Chooser
    """Choose the first sentence of each report, then the second of each ...: for one report, its opening."""
    by_report: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        by_report.setdefault(unit.document, []).append(index)
    turns = chain.from_iterable(zip_longest(*by_report.values()))
    return budget.take((index for index in turns if index is not None), units)


def choose_random(units: Sequence[Unit], item: Item, budget: Budget, *, seed: int = 1) -> list[int]:
    """Choose at random, the same for the same item and seed wherever it runs."""
    key = hashlib.sha256(f"{seed}\n{item.id}".encode()).digest()
    order = list(range(len(units)))
    random.Random(key).shuffle(order)
    return sorted(budget.take(order, units))


def choose_lexrank(units: Sequence[Unit], item: Item, budget: Budget) -> list[int]:  # noqa: ARG001 - a Chooser
    """Choose the most central sentences, none too like one already chosen."""
    return lexrank([unit.text for unit in units], lambda ranking: budget.take(ranking, units))


def choose_oracle(units: Sequence[Unit], item: Item, budget: Budget) -> list[int]:
    """Add the sentence that raises ROUGE-1 + ROUGE-2 most, until none does. Raises ``InputError`` without references.

    Of several references each is tried, and the choice that scores best against its own is kept.
    """
    if not item.references:
        raise InputError(f"baseline:oracle needs references, and item {item.id!r} has none")
    grams = [_grams(unit.text) for unit in units]
    best_score, best = -1.0, list[int]()
    for reference in item.references:
        score, ranking = _greedy(grams, _grams(reference))
        chosen = budget.take(ranking, units)
        if score > best_score:
            best_score, best = score, chosen
    return sorted(best)


_Grams = tuple[Counter[str], Counter[tuple[str, str]]]


def _grams(text: str) -> _Grams:
    tokens = arabic.tokenize(text)
    return Counter(tokens), Counter(pairwise(tokens))


def _greedy(grams: Sequence[_Grams], reference: _Grams) -> tuple[float, list[int]]:
    """Return the best score and the indices in the order in which they were added."""
    held: _Grams = (Counter(), Counter())
    chosen: list[int] = []
    score = 0.0
    while len(chosen) < len(grams):
        gains = [
            (_f1(held[0] + one, reference[0]) + _f1(held[1] + two, reference[1]), -index)
            for index, (one, two) in enumerate(grams)
            if index not in chosen
        ]
        found, negative = max(gains)
        if found <= score:
            break
        score = found
        chosen.append(-negative)
        held = (held[0] + grams[-negative][0], held[1] + grams[-negative][1])
    return score, chosen


def _f1(mine: Counter[Any], theirs: Counter[Any]) -> float:
    hits = (mine & theirs).total()
    return 2 * hits / (mine.total() + theirs.total()) if hits else 0.0


#: Probability of a jump in the walk over sentences (Erkan & Radev: 0.15).
LEXRANK_JUMP: Final = 0.15
#: A sentence more like a chosen one than this adds nothing (their reranker's cross-sentence subsumption, 0.5).
LEXRANK_REDUNDANT: Final = 0.5
_ITERATIONS, _CONVERGED = 200, 1e-9
#: English function words, for LexRank over translations; Arabic ones are known to ``arabic.content_tokens``.
_ENGLISH_STOP_WORDS: Final = frozenset(
    "a an and are as at be been but by for from had has have he her his in into is it its not of on or said she that"
    " the their they this to was were which who will with would".split()
)


def lexrank(sentences: Sequence[str], take: Callable[[Iterable[int]], list[int]]) -> list[int]:
    """Return the indices of the central sentences, in reading order; ``take`` cuts the ranking to the budget.

    Continuous LexRank: a random walk whose steps go by idf-weighted cosine. Works on Arabic (stems without stop
    words) and on English. Ties go to the earlier sentence.
    """
    if not sentences:
        return []
    vectors = _tf_idf([_content(text) for text in sentences])  # (n, words), rows of length 1 or 0
    likeness = (vectors @ vectors.T).tocsr()  # (n, n)
    centrality = np.round(_walk(likeness), 9)
    ranking = sorted(range(len(sentences)), key=lambda index: (-centrality[index], index))
    return sorted(take(_unlike(ranking, likeness)))


def _content(text: str) -> list[str]:
    return [token for token in arabic.content_tokens(text) if token not in _ENGLISH_STOP_WORDS]


def _tf_idf(documents: Sequence[Sequence[str]]) -> sparse.csr_array:
    """Return ``(n, words)`` rows of unit length; idf = ln(n / sentences with the word), as the paper has it."""
    vocabulary: dict[str, int] = {}
    rows, columns, values = [], [], []
    frequency = Counter(token for tokens in documents for token in set(tokens))
    for row, tokens in enumerate(documents):
        for token, count in Counter(tokens).items():
            rows.append(row)
            columns.append(vocabulary.setdefault(token, len(vocabulary)))
            # One sentence alone has idf 0 everywhere; + 1 keeps it, and words that all sentences share.
            values.append(count * (1 + math.log(len(documents) / frequency[token])))
    matrix = sparse.csr_array((values, (rows, columns)), shape=(len(documents), max(1, len(vocabulary))))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)).tocsr() @ matrix


def _walk(likeness: sparse.csr_array) -> NDArray[np.float64]:
    """Return the stationary distribution ``(n,)`` of the walk."""
    count = likeness.shape[0]
    degrees = np.asarray(likeness.sum(axis=1)).ravel()
    steps = sparse.diags_array(1 / np.where(degrees > 0, degrees, 1)).tocsr() @ likeness
    rank = np.full(count, 1 / count)
    for _ in range(_ITERATIONS):
        lost = rank[degrees == 0].sum() / count  # a sentence without words leads everywhere
        following = LEXRANK_JUMP / count + (1 - LEXRANK_JUMP) * (steps.T @ rank + lost)
        if np.abs(following - rank).sum() < _CONVERGED:
            return np.asarray(following)
        rank = following
    return np.asarray(rank)


def _unlike(ranking: Sequence[int], likeness: sparse.csr_array) -> Iterable[int]:
    """Yield the ranking without sentences that repeat an earlier one of it."""
    kept: list[int] = []
    for index in ranking:
        row = likeness[[index], :].toarray().ravel()
        if all(row[other] <= LEXRANK_REDUNDANT for other in kept):
            kept.append(index)
            yield index


CHOOSERS: Final[dict[str, Chooser]] = {
    "lead": choose_lead,
    "lexrank": choose_lexrank,
    "random": choose_random,
    "oracle": choose_oracle,
}


def summarize(item: Item, *, chooser: Chooser, budget: Budget) -> dict[str, Any]:
    """Return the summary mapping of ``item`` that ``chooser`` makes."""
    units = units_of(item)
    return summary_of(units, chooser(units, item, budget))


# --- cluster ------------------------------------------------------------------------------------

#: Reports whose mean cosine is at least this are one story.
TFIDF_LIKENESS: Final = 0.25
#: Average link needs all pairs in memory: 8,000 reports are half a gigabyte.
MOST_REPORTS: Final = 8000


def cluster_tfidf(items: Sequence[Item], *, likeness: float = TFIDF_LIKENESS) -> list[int]:
    """Return a label an item: average-link agglomeration of TF-IDF stems. Raises ``InputError`` over MOST_REPORTS."""
    if len(items) > MOST_REPORTS:
        raise InputError(
            f"baseline:tfidf compares all pairs; {len(items)} reports are over its {MOST_REPORTS}"
        )
    if len(items) < 2:
        return [0] * len(items)
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{item.meta.get('title') or ''}\n{item.text}" for item in items]
    # A report without any content word still needs a vector: a word of its own makes it a story of its own.
    tokens = [arabic.content_tokens(text) or [f"\0{index}"] for index, text in enumerate(texts)]
    vectors = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(tokens)
    distances = 1 - (vectors @ vectors.T).toarray()  # (n, n)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1 - likeness
    ).fit_predict(np.clip(distances, 0, None))
    return [int(label) for label in labels]


def cluster_single(items: Sequence[Item]) -> list[int]:
    """Return a label of its own for each item."""
    return list(range(len(items)))


# --- segment and facts --------------------------------------------------------------------------

_STOPS: Final = re.compile(r"(?<=[.!?؟…])\s+|\s*\n\s*")
_DIGITS: Final = re.compile(r"\d+(?:[.,٫٬]\d+)*")


def segment_punctuation(text: str) -> list[str]:
    """Return the pieces of ``text`` between stops before white space and line breaks."""
    return [piece.strip() for piece in _STOPS.split(text) if piece.strip()]


def find_digits(text: str) -> list[dict[str, Any]]:
    """Return every run of digits as a number fact."""
    return [
        {
            "kind": "number",
            "value": arabic.normalize(match[0]).replace(",", ""),
            "surface": match[0],
            "start": match.start(),
            "end": match.end(),
        }
        for match in _DIGITS.finditer(text)
    ]
