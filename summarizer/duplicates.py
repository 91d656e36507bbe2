"""Which reports repeat each other: copies, near-copies, excerpts and quoted passages.

Three findings, all on folded tokens (so that diacritics, Persian letters and ``٢٣``/``23`` make no difference)
and with stretches that are marked as title, date, byline, boilerplate... left out:

* **copy**: nearly all of one report stands in another one, in the same words. ``Document.duplicate_of`` names the
  original. An excerpt of a longer report is a copy of it. Reports that differ in their figures are not copies,
  however alike their wording: yesterday's weather is not today's.
* **passage**: a long run of words stands in two reports that are not copies (a quotation, or shared wire text).
  ``Document.shares`` holds it, on both documents, with offsets into both texts.
* a copy never counts as independent confirmation: ``independent_outlets`` counts outlets without them.

How: winnowed fingerprints (Schleimer, Wilkerson & Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", 2003) in an inverted index propose pairs, and every pair is then verified token by token, so a
hash collision costs time and never a wrong answer. Posting lists are bounded, which keeps the cost linear in the
total number of tokens, also where thousands of reports carry the same footer or the same wire story. Nothing
depends on the order of the input.
"""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from summarizer import arabic
from summarizer.schema import Document, Passage

_LOG = logging.getLogger(__name__)

#: Tokens in a shingle. Five words in a row are seldom the same by chance; edits every few words still leave some.
SHINGLE: Final = 5
#: Winnowing window, in shingles: a common run of ``SHINGLE + WINDOW - 1`` = 8 tokens always shares a fingerprint.
WINDOW: Final = 4
#: Fingerprints that two reports must share before they are compared. A run of 12 tokens
#: always shares two (its 8 shingles are two whole windows), and passages are longer than that.
MIN_SHARED_FINGERPRINTS: Final = 2
#: Reports kept in the posting list of a fingerprint, the first ones in order of originality. Bounds the cost.
MAX_POSTINGS: Final = 32
#: A fingerprint in more different reports than this is a formula or a footer. It may still show a copy, but a
#: passage needs a rarer one.
COMMON_FINGERPRINT: Final = 12
#: Reports that one report is compared with, the ones that share most fingerprints first.
MAX_COMPARISONS: Final = 40
#: Share of the tokens of a report that must stand in the other one for it to be a copy. Chosen by
#: judgement after reading a dozen pairs of 2015 Saudi press reports at 0.6-0.8: many were reworked, enlarged or of
#: another stage of the event. There is no labelled set that it was measured on.
COPY_COVERAGE: Final = 0.8
#: Short reports are often templates (results, prices, weather): below ``SHORT_TOKENS`` more must agree.
SHORT_TOKENS: Final = 60
SHORT_COPY_COVERAGE: Final = 0.9
#: Content words (not stop words) in a shared passage. At 12, names with all their titles made up many of
#: the "passages" of the Saudi press; 15 leaves a third fewer passages, though some longer formulas remain.
PASSAGE_WORDS: Final = 15
#: Runs that are at most this many tokens apart on both sides belong to one passage ("nearly word for word").
PASSAGE_GAP: Final = 3
#: A gap of at most this many tokens on both sides, between runs, is read as a replacement of words by words.
REPLACEMENT_TOKENS: Final = 8
#: One replaced figure is forgiven in this many tokens: a long wire copy with one corrected number is a copy.
TOKENS_PER_REPLACED_FIGURE: Final = 150
#: Places of one shingle in a report that are looked at; more is repetition inside the report.
_MAX_PLACES: Final = 8
#: Odd 64-bit multiplier of the polynomial hash (the golden ratio, as in Fibonacci hashing).
_MULTIPLIER: Final = 0x9E3779B97F4A7C15

#: Number words that newsrooms use in place of digits, by value; only so that "ثلاث" does not count as unlike "3".
_NUMBER_WORDS: Final = {
    1: "واحد واحدة الأول الأولى", 2: "اثنان اثنين اثنتان اثنتين الثاني الثانية هدفان هدفين",
    3: "ثلاث ثلاثة الثالث الثالثة", 4: "أربع أربعة الرابع الرابعة", 5: "خمس خمسة الخامس الخامسة",
    6: "ست ستة السادس السادسة", 7: "سبع سبعة السابع السابعة", 8: "ثمان ثماني ثمانية الثامن الثامنة",
    9: "تسع تسعة التاسع التاسعة", 10: "عشر عشرة العاشر العاشرة", 20: "عشرون عشرين", 30: "ثلاثون ثلاثين",
    40: "أربعون أربعين", 50: "خمسون خمسين", 60: "ستون ستين", 70: "سبعون سبعين", 80: "ثمانون ثمانين",
    90: "تسعون تسعين", 100: "مئة مائة", 200: "مئتان مئتين مائتان مائتين", 1000: "ألف ألفا آلاف",
    2000: "ألفان ألفين", 1000000: "مليون مليونا ملايين", 1000000000: "مليار مليارا مليارات",
}  # fmt: skip
#: Folded word -> what it says: a number, a weekday or a month (of whichever system).
_FIGURES: Final = {
    **{word: str(value) for value, words in _NUMBER_WORDS.items() for word in arabic.tokenize(words)},
    **{word: word for word in arabic.tokenize("السبت الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة")},
    **{name: f"month{month}" for name, month in arabic.GREGORIAN_MONTHS.items() if " " not in name},
}
_PREFIXES: Final = ("", "و", "ب", "ل", "ال", "وال", "بال", "لل")


def link_duplicates(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the documents, in the same order, with ``duplicate_of`` and ``shares`` filled anew.

    ``duplicate_of`` always names an original (a document that is no duplicate itself): of two equal reports the
    earlier dated one, then the longer, then the smaller id; of an excerpt, the longer report. A second document
    with the same id is the same report read twice and names that id. ``shares`` are sorted by place.
    """
    reports = sorted(
        {document.id: _Report.read(document) for document in reversed(documents)}.values(),
        key=lambda r: r.rank,
    )
    originals: dict[str, str] = {}
    distinct = _collapse_equal(reports, originals)
    matches = [_match(distinct[i], distinct[j]) for i, j in _candidate_pairs(distinct)]
    _link_copies(matches, originals)
    passages: dict[str, list[Passage]] = {}
    common = _common_fingerprints(distinct)
    for match in matches:
        if match.left.id not in originals and match.right.id not in originals:
            for left, right in _passages(match, common):
                passages.setdefault(match.left.id, []).append(_passage(match.left, left, match.right, right))
                passages.setdefault(match.right.id, []).append(_passage(match.right, right, match.left, left))
    _LOG.debug("%d reports: %d copies, %d compared pairs", len(reports), len(originals), len(matches))
    return tuple(_linked(documents, originals, passages))


def independent_outlets(documents: Iterable[Document]) -> tuple[str, ...]:
    """Return the outlets that reported on their own, sorted: copies out, each outlet once.

    Give it documents that ``link_duplicates`` has seen. A group of copies whose original is not among the
    documents counts as one outlet, that of its smallest document id.
    """
    groups: dict[str, Document] = {}
    for document in sorted(documents, key=lambda d: (d.duplicate_of is not None, d.id)):
        groups.setdefault(document.duplicate_of or document.id, document)
    return tuple(sorted({document.outlet for document in groups.values()}))


# --- reports as tokens --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Report:
    """What is compared of a document: its unmarked tokens, where they stand, and their fingerprints."""

    id: str
    published: str | None
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]  # offsets in Document.text, one pair a token
    hashes: npt.NDArray[np.uint64]  # (tokens - SHINGLE + 1,), one a shingle
    fingerprints: frozenset[int]

    @classmethod
    def read(cls, document: Document) -> _Report:
        found = list(_unmarked(document))
        tokens = tuple(token for token, _, _ in found)
        hashes = _shingle_hashes(tokens)
        return cls(
            id=document.id,
            published=document.published,
            tokens=tokens,
            spans=tuple((start, end) for _, start, end in found),
            hashes=hashes,
            fingerprints=_winnow(hashes),
        )

    @property
    def rank(self) -> tuple[bool, str, int, str]:
        """Sorting key of originality, smallest first. Dated before undated; the day counts, not the hour's zone."""
        return (self.published is None, (self.published or "")[:10], -len(self.tokens), self.id)


def _unmarked(document: Document) -> Iterator[tuple[str, int, int]]:
    marks = sorted((mark.start, mark.end) for mark in document.marks)
    position = 0
    for token, start, end in arabic.token_spans(document.text):
        while position < len(marks) and marks[position][1] <= start:
            position += 1
        if position == len(marks) or marks[position][0] >= end:
            yield token, start, end


@lru_cache(maxsize=1 << 17)
def _token_code(token: str) -> int:
    """A 64-bit code that is the same in every process (unlike ``hash``)."""
    data = token.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) << 32 | zlib.adler32(data)


def _shingle_hashes(tokens: Sequence[str]) -> npt.NDArray[np.uint64]:
    codes = np.fromiter(map(_token_code, tokens), dtype=np.uint64, count=len(tokens))
    count = max(0, len(tokens) - SHINGLE + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(SHINGLE):  # Horner's rule, modulo 2**64 by overflow
        hashes = hashes * np.uint64(_MULTIPLIER) + codes[offset : offset + count]
    return hashes ^ (hashes >> np.uint64(29))


def _winnow(hashes: npt.NDArray[np.uint64]) -> frozenset[int]:
    """Return the smallest hash of every window of ``WINDOW`` shingles."""
    if len(hashes) < WINDOW:
        return frozenset(hashes.tolist())
    windows = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW)  # (shingles - WINDOW + 1, WINDOW)
    return frozenset(windows.min(axis=1).tolist())


# --- candidates ---------------------------------------------------------------------------------


def _collapse_equal(reports: Sequence[_Report], originals: dict[str, str]) -> list[_Report]:
    """Link reports with equal tokens to the first of them; return the first ones (and all empty ones out)."""
    first: dict[tuple[str, ...], str] = {}
    distinct = []
    for report in reports:
        if not report.tokens:
            continue
        if (original := first.setdefault(report.tokens, report.id)) != report.id:
            originals[report.id] = original
        else:
            distinct.append(report)
    return distinct


def _candidate_pairs(reports: Sequence[_Report]) -> list[tuple[int, int]]:
    """Return the pairs ``(earlier, later)`` of positions in ``reports`` (by rank) that are worth comparing."""
    postings: dict[int, list[int]] = {}
    pairs: list[tuple[int, int]] = []
    for later, report in enumerate(reports):
        hits: Counter[int] = Counter()
        for fingerprint in report.fingerprints:
            posting = postings.setdefault(fingerprint, [])
            hits.update(posting)
            if len(posting) < MAX_POSTINGS:
                posting.append(later)
        # Every fingerprint of a very short report may be the one that it has in common.
        worth = [
            (-count, earlier)
            for earlier, count in hits.items()
            if count
            >= min(MIN_SHARED_FINGERPRINTS, len(report.fingerprints), len(reports[earlier].fingerprints))
        ]
        pairs.extend((earlier, later) for _, earlier in sorted(worth)[:MAX_COMPARISONS])
    return pairs


def _common_fingerprints(reports: Sequence[_Report]) -> frozenset[int]:
    counts = Counter(fingerprint for report in reports for fingerprint in report.fingerprints)
    return frozenset(fingerprint for fingerprint, count in counts.items() if count > COMMON_FINGERPRINT)


# --- verification -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """Equal tokens: ``left.tokens[left:left + length] == right.tokens[right:right + length]``."""

    left: int
    right: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """Two reports and their common runs of at least ``SHINGLE`` tokens, disjoint and sorted on the left side."""

    left: _Report
    right: _Report
    runs: tuple[_Run, ...]

    @property
    def left_is_copy(self) -> bool:
        return self._is_copy(len(self.left.tokens), sum(run.length for run in self.runs))

    @property
    def right_is_copy(self) -> bool:
        covered = np.zeros(len(self.right.tokens), dtype=bool)
        for run in self.runs:
            covered[run.right : run.right + run.length] = True
        return self._is_copy(len(self.right.tokens), int(covered.sum()))

    def _is_copy(self, length: int, covered: int) -> bool:
        needed = COPY_COVERAGE if length >= SHORT_TOKENS else SHORT_COPY_COVERAGE
        return covered >= needed * length and _replaced_figures(self) <= length // TOKENS_PER_REPLACED_FIGURE


def _match(left: _Report, right: _Report) -> _Match:
    """Compare two reports, in time linear in their tokens."""
    places: dict[int, list[int]] = {}
    for place, value in enumerate(right.hashes.tolist()):
        at = places.setdefault(value, [])
        if len(at) < _MAX_PLACES:
            at.append(place)
    runs: list[_Run] = []
    position, expected = 0, 0
    values = left.hashes.tolist()
    while position < len(values):
        # Prefer what follows the last run, in order, then the first place.
        starts = sorted(places.get(values[position], ()), key=lambda place: (place < expected, place))
        length = _common_length(left, right, position, starts[0]) if starts else 0
        if length >= SHINGLE:
            runs.append(_Run(position, starts[0], length))
            position, expected = position + length, starts[0] + length
        else:
            position += 1
    return _Match(left, right, tuple(runs))


def _common_length(left: _Report, right: _Report, i: int, j: int) -> int:
    length, limit = 0, min(len(left.tokens) - i, len(right.tokens) - j)
    while length < limit and left.tokens[i + length] == right.tokens[j + length]:
        length += 1
    return length


def _figure(token: str) -> str | None:
    """Return what a token says where it is a number, a weekday or a month; None for any other word."""
    if token[0].isdigit():
        return token.replace(",", "")
    for prefix in _PREFIXES:
        if token.startswith(prefix) and (figure := _FIGURES.get(token[len(prefix) :])):
            return figure
    return None


def _replaced_figures(match: _Match) -> int:
    """Count short gaps between common runs where both sides have figures, unlike ones."""
    ends = [_Run(0, 0, 0), *match.runs, _Run(len(match.left.tokens), len(match.right.tokens), 0)]
    replaced = 0
    for before, after in pairwise(ends):
        one = match.left.tokens[before.left + before.length : after.left]
        other = match.right.tokens[before.right + before.length : after.right]
        if len(one) <= REPLACEMENT_TOKENS and len(other) <= REPLACEMENT_TOKENS:
            figures = {figure for token in one if (figure := _figure(token))}
            others = {figure for token in other if (figure := _figure(token))}
            replaced += bool(figures - others and others - figures)
    return replaced


# --- what follows from the matches --------------------------------------------------------------


def _link_copies(matches: Iterable[_Match], originals: dict[str, str]) -> None:
    """Add to ``originals`` the copies among the matches, each with an original that is no copy."""
    parents: dict[str, list[_Report]] = {}
    for match in matches:  # the left one is the more original by rank
        if match.right_is_copy:
            parents.setdefault(match.right.id, []).append(match.left)
        elif match.left_is_copy:
            parents.setdefault(match.left.id, []).append(match.right)
    # A parent is of smaller rank, or longer by a fifth and no copy of its child: the longest way up is short,
    # and a ring, should there be one, is cut at the report that is met twice.
    best = {child: min(found, key=lambda r: r.rank).id for child, found in parents.items()}
    roots: dict[str, str] = {}
    for child in sorted(best):
        seen = [child]
        while (parent := best.get(seen[-1])) is not None and parent not in seen:
            seen.append(parent)
        if parent is None:
            roots[child] = seen[-1]
        else:  # a ring: its smallest id stands for it
            root = min(seen[seen.index(parent) :])
            if child != root:
                roots[child] = root
    for child, original in originals.items():
        originals[child] = roots.get(original, original)
    originals.update(roots)


def _passages(match: _Match, common: frozenset[int]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield ``((start, end), (start, end))`` in tokens of the left and the right report."""
    chains: list[list[_Run]] = []
    for run in match.runs:
        last = chains[-1][-1] if chains else None
        if last is not None and (
            run.left - last.left - last.length <= PASSAGE_GAP
            and 0 <= run.right - last.right - last.length <= PASSAGE_GAP
        ):
            chains[-1].append(run)
        else:
            chains.append([run])
    for chain in chains:
        words = sum(
            token not in arabic.STOP_WORDS
            for run in chain
            for token in match.left.tokens[run.left : run.left + run.length]
        )
        rare = any(
            value in match.left.fingerprints and value not in common
            for run in chain
            for value in match.left.hashes[run.left : run.left + run.length - SHINGLE + 1].tolist()
        )
        if words >= PASSAGE_WORDS and rare:
            first, last = chain[0], chain[-1]
            yield (first.left, last.left + last.length), (first.right, last.right + last.length)


def _passage(report: _Report, own: tuple[int, int], other: _Report, others: tuple[int, int]) -> Passage:
    return Passage(
        start=report.spans[own[0]][0],
        end=report.spans[own[1] - 1][1],
        document_id=other.id,
        other_start=other.spans[others[0]][0],
        other_end=other.spans[others[1] - 1][1],
    )


def _linked(
    documents: Sequence[Document], originals: dict[str, str], passages: dict[str, list[Passage]]
) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        original = document.id if document.id in seen else originals.get(document.id)
        seen.add(document.id)
        shares = sorted(
            passages.get(document.id, ()), key=lambda p: (p.start, p.end, p.document_id, p.other_start)
        )
        yield replace(document, duplicate_of=original, shares=tuple(shares) if original is None else ())
