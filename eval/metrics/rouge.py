"""ROUGE-1, -2, -L and -Lsum (Lin 2004) for Arabic and English: F1 of n-grams or of the longest common subsequence.

``rouge-score``'s tokenizer deletes Arabic, so that two identical Arabic texts score 0. Four tokenizers here:

=========== ==================================================================================================
``arabic``  ``summarizer.arabic.tokenize``: folded words and numbers (the whole pipeline matches by it)
``light``   the same, then ``summarizer.arabic.stem`` (light10)
``english`` that of ``rouge-score``: lower case, ``[a-z0-9]+``; ``porter`` adds its Porter stemmer
``xlsum``   that of the published XL-Sum scorer, for numbers to put beside published ones (see below)
=========== ==================================================================================================

Scores of one pair lie in 0..1 (``score_pair``); a metric's score is the mean of the items' F1 in percent. With several
references an item's score is the mean over them, as ROUGE 1.5.5 does by default (``-f A``; ``refs:mean``); the best one
counts (``-f B``, ``rouge-score``'s ``score_multi``) with ``eval.metrics.rouge:RougeMetric:rouge1,light,best``. Lsum splits
hypothesis and reference into sentences with ``summarizer.segment``, since hypothesis files have one line an item.

**The XL-Sum scorer** (Hasan et al. 2021, ``csebuetnlp/xl-sum``, folder ``multilingual_rouge_scoring``, called by their
``seq2seq/utils.py`` with ``lang="arabic"`` and ``use_stemmer=True``), choice by choice:

* lower-case; drop control and format characters (bidi marks, zero-width joiners) and U+FFFD; every ASCII
  non-alphanumeric and every Unicode punctuation character separates words and is dropped; other symbols are kept;
* then the "aggressive" mode of the OpenNMT tokenizer, which splits runs of letters, of digits and single symbols
  (``covid19`` -> ``covid 19``); combining marks stay with what they follow. Written out here
  (one dependency less); compared with pyonmttok 1.38 on 26,020 Arabic news texts, 39 differ, each by a stray mark after
  a space, which OpenNMT writes with an escape;
* tokens longer than 3 letters go through NLTK's Snowball Arabic stemmer with ``ignore_stopwords=True``: words of NLTK's
  stop word list are normalised, not stemmed. The list is a download (``python -m nltk.downloader stopwords``); without
  it those words are stemmed too and the signature says ``stop:none`` instead of ``stop:nltk``, so that the two are never
  compared. It matters little: 0.07, 0.02 and 0.02 points of ROUGE-1, -2 and -L for lead-2 on France 24;
* no folding of alef, ya, ta marbuta or digits beyond what the stemmer does: ``إيران`` and ``ايران`` differ where it leaves
  them apart, ``٢٥`` and ``25`` always;
* the published figure is the middle of a bootstrap over the items, within about 0.1 of the mean that is given here;
* ROUGE-Lsum of the published scorer uses another tokenizer by mistake (sentences are not passed to the Arabic one), and
  is not reproduced: there is no ``xlsum-rougeLsum``.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, get_args

import numpy as np

from eval.errors import MetricError
from eval.items import Item, hypothesis_text
from eval.metrics import Statistics
from eval.metrics.base import PERCENT, SumMetric, arabic_fingerprint, count_references, references_of, sign
from summarizer import arabic
from summarizer.errors import MissingModelError
from summarizer.segment import split_spans

Tokenizer = Literal["arabic", "light", "english", "porter", "xlsum"]
Variant = Literal["rouge1", "rouge2", "rougeL", "rougeLsum"]

_VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)
_TOKENIZERS: Final[tuple[Tokenizer, ...]] = get_args(Tokenizer)


# --- scores of token lists ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rouge:
    """Precision, recall and F1 of one pair of texts, each in 0..1."""

    precision: float
    recall: float
    f1: float


_NOTHING: Final = Rouge(0.0, 0.0, 0.0)


def _rouge(hits: int, proposed: int, expected: int) -> Rouge:
    if not hits:
        return _NOTHING
    precision, recall = hits / proposed, hits / expected
    return Rouge(precision, recall, 2 * precision * recall / (precision + recall))


def rouge_n(hypothesis: Sequence[str], reference: Sequence[str], *, n: int) -> Rouge:
    """Score the n-grams of two token lists, each counted as often as both have it."""
    mine, theirs = _ngrams(hypothesis, n), _ngrams(reference, n)
    return _rouge((mine & theirs).total(), mine.total(), theirs.total())


def _ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(n)), strict=False))


def rouge_l(hypothesis: Sequence[str], reference: Sequence[str]) -> Rouge:
    """Score the longest common subsequence of two token lists."""
    return _rouge(lcs_length(hypothesis, reference), len(hypothesis), len(reference))


def lcs_length(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, one machine word of ``one`` at a time.

    The bit-vector method of Hyyrö (2004): bit i of ``row`` is 0 where the table grows at ``one[i]``.
    """
    places: dict[str, int] = {}
    for index, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << index
    full = (1 << len(one)) - 1
    row = full
    for token in other:
        hit = row & places.get(token, 0)
        row = ((row + hit) | (row - hit)) & full
    return len(one) - row.bit_count()


def rouge_lsum(hypothesis: Sequence[Sequence[str]], reference: Sequence[Sequence[str]]) -> Rouge:
    """Score two lists of tokenized sentences by the union of each reference sentence's subsequences.

    As ROUGE 1.5.5 and ``rouge-score`` do it: no token is counted more often than either text has it.
    """
    left = Counter(token for sentence in hypothesis for token in sentence)
    wanted = Counter(token for sentence in reference for token in sentence)
    proposed, expected = left.total(), wanted.total()
    hits = 0
    for sentence in reference:
        union = sorted({index for other in hypothesis for index in _lcs_indices(sentence, other)})
        for index in union:
            token = sentence[index]
            if left[token] > 0 and wanted[token] > 0:
                left[token] -= 1
                wanted[token] -= 1
                hits += 1
    return _rouge(hits, proposed, expected)


def _lcs_indices(reference: Sequence[str], hypothesis: Sequence[str]) -> list[int]:
    """Return the places in ``reference`` of one longest common subsequence.

    Which one matters for the union: read from the end, a step back in ``reference`` goes before one in
    ``hypothesis`` when both are as good (the choice of ``rouge-score``).
    """
    table = [[0] * (len(hypothesis) + 1)]
    for token in reference:
        above, row = table[-1], [0]
        for column, other in enumerate(hypothesis):
            row.append(above[column] + 1 if token == other else max(above[column + 1], row[column]))
        table.append(row)
    found: list[int] = []
    i, j = len(reference), len(hypothesis)
    while i and j:
        if reference[i - 1] == hypothesis[j - 1]:
            i, j = i - 1, j - 1
            found.append(i)
        elif table[i][j - 1] > table[i - 1][j]:
            j -= 1
        else:
            i -= 1
    return found


# --- tokens -------------------------------------------------------------------------------------


def tokens_of(text: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    """Return the tokens of ``text``. Raises ``MissingModelError`` where the tokenizer's library is missing."""
    return _tokens(text, tokenizer)


@lru_cache(maxsize=1 << 14)  # one run scores each text by several variants
def _tokens(text: str, tokenizer: Tokenizer) -> tuple[str, ...]:
    if tokenizer == "arabic":
        return tuple(arabic.tokenize(text))
    if tokenizer == "light":
        return tuple(map(arabic.stem, arabic.tokenize(text)))
    if tokenizer == "xlsum":
        return tuple(_xlsum_tokens(text))
    return tuple(_english(porter=tokenizer == "porter")(text))


@lru_cache(maxsize=2)
def _english(*, porter: bool) -> Callable[[str], list[str]]:
    try:
        from rouge_score.tokenizers import DefaultTokenizer
    except ImportError as error:
        raise MissingModelError('English ROUGE needs rouge-score: pip install "mujaz[eval]"') from error
    tokenize: Callable[[str], list[str]] = DefaultTokenizer(use_stemmer=porter).tokenize
    return tokenize


def _xlsum_clean(text: str) -> str:
    """Lower-case, drop controls, and put a space for every space and punctuation character."""
    return text.lower().translate(_XLSUM_TABLE)


class _XlsumTable(dict[int, str]):
    """Character -> what the scorer's cleaning leaves of it, remembered by ``str.translate``."""

    def __missing__(self, code: int) -> str:
        self[code] = kept = self._kept(code)
        return kept

    @staticmethod
    def _kept(code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            return " "
        if code == 0xFFFD or category.startswith("C"):
            return ""
        ascii_symbol = code < 128 and not character.isalnum()
        return " " if ascii_symbol or category.startswith("P") else character


_XLSUM_TABLE: Final = _XlsumTable()


def _kind(character: str) -> str:
    """Return the class that OpenNMT's aggressive mode splits by: ``letter``, ``number``, ``mark`` or ``other``."""
    category = unicodedata.category(character)
    if category.startswith("L"):
        return "letter"
    if category.startswith("N"):
        return "number"
    return "mark" if category.startswith("M") else "other"


def _aggressive(word: str) -> list[str]:
    """Split a word into runs of letters, runs of digits and single symbols; marks stay with what they follow."""
    pieces: list[str] = []
    previous = ""
    for character in word:
        kind = _kind(character)
        if kind == "mark" and previous:
            pieces[-1] += character
            continue
        if kind == previous and kind in ("letter", "number"):
            pieces[-1] += character
        else:
            pieces.append(character)
        previous = kind
    return pieces


def _xlsum_tokens(text: str) -> list[str]:
    stem, _ = _snowball()
    tokens = []
    for word in _xlsum_clean(text).split():
        for piece in [word] if word.isalpha() else _aggressive(word):
            token = stem(piece) if len(piece) > _XLSUM_STEM_ABOVE else piece
            if token:
                tokens.append(token)
    return tokens


#: The scorer's ``min_char_length``: only longer tokens are stemmed.
_XLSUM_STEM_ABOVE: Final = 3


@lru_cache(maxsize=1)
def _snowball() -> tuple[Callable[[str], str], str]:
    """Return NLTK's Snowball Arabic stemmer and ``nltk`` or ``none``: which stop words it leaves alone."""
    try:
        from nltk.stem.snowball import ArabicStemmer
    except ImportError as error:
        raise MissingModelError('the XL-Sum scorer needs NLTK: pip install "mujaz[eval]"') from error
    try:
        stemmer, stop = ArabicStemmer(ignore_stopwords=True), "nltk"
    except (LookupError, ValueError):
        stemmer, stop = ArabicStemmer(), "none"
    return lru_cache(maxsize=1 << 17)(stemmer.stem), stop


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_spans(text)]


# --- the metric ---------------------------------------------------------------------------------


def score_pair(
    hypothesis: str, reference: str, *, variant: Variant = "rouge1", tokenizer: Tokenizer = "arabic"
) -> Rouge:
    """Score one pair of texts: 1.0 for equal texts (with any token), 0.0 for texts without a token in common."""
    if variant == "rougeLsum":
        mine, theirs = (
            [tokens_of(each, tokenizer) for each in _sentences(text)] for text in (hypothesis, reference)
        )
        return rouge_lsum(mine, theirs)
    mine_tokens, their_tokens = tokens_of(hypothesis, tokenizer), tokens_of(reference, tokenizer)
    if variant == "rougeL":
        return rouge_l(mine_tokens, their_tokens)
    return rouge_n(mine_tokens, their_tokens, n=int(variant[-1]))


class RougeMetric(SumMetric):
    """Mean F1 of a ROUGE variant in percent. Rows: precision, recall, F1 (each in 0..1), mean or best over references."""

    tasks = frozenset({"summarize", "translate"})
    columns = 3

    def __init__(self, choice: str) -> None:
        """``choice``: ``variant,tokenizer`` and, for several references, ``,mean`` or ``,best``: ``rougeL,light,best``.

        Raises ``MetricError`` for a word that is none of these.
        """
        variant, tokenizer, several = (
            [*choice.split(","), "mean"][:3] if choice.count(",") in (1, 2) else ("", "", "")
        )
        if variant not in _VARIANTS or tokenizer not in _TOKENIZERS or several not in ("mean", "best"):
            known = f"{' '.join(_VARIANTS)}; {' '.join(_TOKENIZERS)}; mean best"
            raise MetricError(
                f"unknown ROUGE {choice!r}: write VARIANT,TOKENIZER or VARIANT,TOKENIZER,SEVERAL of {known}"
            )
        if tokenizer == "xlsum" and variant == "rougeLsum":
            raise MetricError("the XL-Sum scorer has no usable rougeLsum (see eval/metrics/rouge.py)")
        self._variant: Variant = variant
        self._tokenizer: Tokenizer = tokenizer
        self._several = several
        suffix = {"arabic": "", "light": "-stem", "english": "-en", "porter": "-en-stem", "xlsum": ""}[
            tokenizer
        ]
        self.name = (
            ("xlsum-" if tokenizer == "xlsum" else "")
            + variant
            + suffix
            + ("-best" if several == "best" else "")
        )
        self._nrefs = "?"

    @property
    def signature(self) -> str:  # type: ignore[override]
        """Every choice; ``nrefs:?`` before any items were read."""
        shared: dict[str, object] = {
            "nrefs": self._nrefs,
            "refs": self._several,
            "score": "f1",
            "mean": "items",
            "scale": 100,
        }
        split = {"split": "mujaz"} if self._variant == "rougeLsum" else {}
        return sign(self._variant, **shared, **split, **self._tokenizer_choices(), version=_VERSION)

    def _tokenizer_choices(self) -> dict[str, object]:
        if self._tokenizer in ("arabic", "light"):
            stem = "light10" if self._tokenizer == "light" else "no"
            return {"tok": "mujaz", "stem": stem, "case": "lc", "norm": arabic_fingerprint()}
        if self._tokenizer == "xlsum":
            return {"tok": "xlsum", "stem": "snowball-ar", "stop": _snowball()[1], "case": "lc", "norm": "no"}
        stem = "porter" if self._tokenizer == "porter" else "no"
        return {"tok": "rouge-score", "stem": stem, "case": "lc", "norm": "no"}

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        rows = super().statistics(hypotheses, items)
        self._nrefs = count_references(items)
        return rows

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        text = hypothesis_text(hypothesis)
        scores = [
            score_pair(text, reference, variant=self._variant, tokenizer=self._tokenizer)
            for reference in references_of(self.name, item)
        ]
        if self._several == "best":
            scores = [max(scores, key=lambda each: each.f1)]
        table = np.array([(each.precision, each.recall, each.f1) for each in scores])  # (references, 3)
        precision, recall, f1 = table.mean(axis=0).tolist()
        return precision, recall, f1

    def from_sums(self, sums: Statistics, count: int) -> Statistics:
        return PERCENT * sums[:, 2] / count


#: Of the counting here; raised when a score would change.
_VERSION: Final = 1
