"""Stories: which reports tell of the same event, and which story continues an earlier one.

A report is a bag of weighted words (title and lead count more), compared by cosine; the likeness of two reports is
lowered by the days between them. Reports are then joined by average linkage (Kaufman & Rousseeuw, "Finding
Groups in Data", 1990, ch. 5) while the mean likeness of two groups reaches a threshold: one chance likeness never
joins two stories. Words are weighted by how rare they are in a background table of news
(``data/document_frequency.tsv.xz``), because two or five reports cannot tell what is rare.

Three things keep Arabic reports of one event apart, and are taken away here: month names (``content_tokens`` makes
every system one), affixes (its light stemmer), and how outlets spell foreign names (أميركا/أمريكا, ترمب/ترامب): long
vowels inside a word are dropped by ``word_key``.

``OnlineClusterer`` is the one algorithm, ``cluster`` its batch form. New reports are compared with those of the days
around them only; then the linked groups that they touch are clustered again. The stories depend on the set of
reports and neither on their order nor on how they were parcelled into batches.
"""

from __future__ import annotations

import datetime
import heapq
import logging
import lzma
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from summarizer import arabic
from summarizer.errors import InputError
from summarizer.schema import Document

_LOG = logging.getLogger(__name__)

#: Mean likeness at which two groups are one story. See docs of ``benchmarks/cluster_mixtures.py`` for the curve.
DEFAULT_THRESHOLD: Final = 0.36
#: Likeness without regard to time at which a later story continues an earlier one.
FOLLOW_THRESHOLD: Final = 0.36
#: Days between two stories past which the later one starts afresh.
FOLLOW_DAYS: Final = 180
#: The likeness of dated reports falls by this rate a day, after the first day (agencies report overnight).
DECAY_PER_DAY: Final = 0.1
GRACE_DAYS: Final = 1
#: Reports without a date that name days this far apart (and none nearer) tell of different times ...
MENTION_DAYS: Final = 45
#: ... which speaks against one story, but softly: a report names other days than its own.
MENTION_PENALTY: Final = 0.75

#: What a word of the title, and one among the first ``LEAD_WORDS`` content words, counts.
TITLE_WEIGHT: Final = 3
LEAD_WEIGHT: Final = 2
LEAD_WORDS: Final = 60
#: Count -> weight. Between log (flat: long reports with an excursus fall out of their story) and linear.
COUNT_POWER: Final = 0.75
#: Pseudo-count of the document frequency: a word seen nowhere is no rarer than one seen in three reports.
UNSEEN_FREQUENCY: Final = 3
#: Likenesses below this are taken for nothing. Far below any threshold in use, and keeps the graph sparse.
MIN_LIKENESS: Final = 0.1
#: Likeness is stored in whole millionths, so that sums do not depend on the order of their terms.
_UNIT: Final = 1_000_000
#: Reports that are multiplied at once; bounds memory.
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Cluster:
    """The reports of one story. ``document_ids`` are sorted by date, then id (undated reports last).

    ``first`` and ``last`` are ISO dates, None where no report has one. ``follows`` is the index, in the tuple that
    ``cluster`` returns, of the earlier story that this one continues.
    """

    document_ids: tuple[str, ...]
    first: str | None
    last: str | None
    follows: int | None = None


def cluster(
    documents: Sequence[Document],
    *,
    threshold: float = DEFAULT_THRESHOLD,
    background: Background | None = None,
) -> tuple[Cluster, ...]:
    """Return the stories, each report in exactly one, sorted by date (stories of unknown date last).

    A report whose ``duplicate_of`` is among the documents goes with that one. Raises ``errors.InputError`` for a
    threshold outside 0..1.
    """
    clusterer = OnlineClusterer(threshold=threshold, background=background)
    clusterer.add(documents)
    return clusterer.clusters()


# --- words --------------------------------------------------------------------------------------


_ARABIC_VOWELS: Final = re.compile("[اوي]")


@lru_cache(maxsize=1 << 17)
def word_key(stem: str) -> str:
    """Return the stem without the long vowels that outlets spell as they like.

    ``امريك`` and ``اميرك`` become ``مرك``, ``ترامب`` and ``ترمب`` become ``ترمب``. Short words stay whole.
    """
    if len(stem) < 4 or not "\u0620" <= stem[0] <= "\u064a":
        return stem
    key = stem[0] + _ARABIC_VOWELS.sub("", stem[1:])
    if key[0] == "ا" and len(key) > 3:
        key = key[1:]
    return key if len(key) >= 3 else stem


def word_keys(text: str) -> list[str]:
    """Return the keys of the content words of ``text``, in order: what reports are compared by."""
    return [word_key(token) for token in arabic.content_tokens(text)]


class Background:
    """How many reports of a background collection hold a word: what makes a word rare."""

    def __init__(self, *, reports: int, frequency: dict[str, int]) -> None:
        self.reports = reports
        self.frequency = frequency

    @classmethod
    def load(cls, path: Path | None = None) -> Background:
        """Read a table: ``#`` comments, then ``reports<TAB>N``, then ``key<TAB>count`` lines, xz-compressed.

        None is the table inside the package. Raises ``errors.InputError`` where the file is not of that form.
        """
        source = path or resources.files("summarizer") / "data" / "document_frequency.tsv.xz"
        try:
            text = lzma.decompress(source.read_bytes()).decode("utf-8")
            rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
            (name, reports), *rest = rows
            if name != "reports":
                raise InputError(f"{source}: the first row must be 'reports', not {name!r}")
            return cls(reports=int(reports), frequency={key: int(count) for key, count in rest})
        except (OSError, lzma.LZMAError, ValueError) as error:
            raise InputError(f"{source}: not a table of document frequencies: {error}") from error

    def rarity(self, key: str) -> float:
        """Return the inverse document frequency, ``>= 0``; 0 for a word that every report has."""
        return max(
            0.0, math.log((self.reports + 1) / (self.frequency.get(key, 0) + UNSEEN_FREQUENCY))
        )


@cache
def default_background() -> Background:
    """Return the background that ships with the package, read once."""
    return Background.load()


def weigh(title: Sequence[str], body: Sequence[str], *, background: Background) -> dict[str, float]:
    """Return the unit-length vector of a report from the keys of its title and its body; empty for no words."""
    counts: Counter[str] = Counter()
    for key in title:
        counts[key] += TITLE_WEIGHT
    for position, key in enumerate(body):
        counts[key] += LEAD_WEIGHT if position < LEAD_WORDS else 1
    weights = {key: count**COUNT_POWER * background.rarity(key) for key, count in sorted(counts.items())}
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {key: weight / norm for key, weight in weights.items() if weight} if norm else {}


# --- time ---------------------------------------------------------------------------------------


class _Mention(NamedTuple):
    """A date that a text names; ``year`` None as in ``23 مارس``, ``day`` None as in ``أبريل المقبل``."""

    year: int | None
    month: int
    day: int | None


_ORDINALS: Final = {
    word: value
    for value, words in enumerate(
        (
            "الأول الحادي", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع",
            "العاشر",
        ),
        1,
    )
    for word in arabic.tokenize(words)
}  # fmt: skip
_TEN, _TWENTY, _THIRTY = arabic.tokenize("عشر والعشرين والثلاثين")
_ROUND: Final = dict(zip(arabic.tokenize("العشرين الثلاثين"), (20, 30), strict=True))
_RELATIVE: Final = frozenset(arabic.tokenize("المقبل القادم الجاري الحالي"))
_BEFORE_YEAR: Final = frozenset(arabic.tokenize("من عام سنة العام"))
_NUMERIC_DATE: Final = re.compile(
    r"(?<!\d)(?:(?P<y1>(?:19|20)\d\d)[-/](?P<m1>\d\d?)[-/](?P<d1>\d\d?)|(?P<d2>\d\d?)[-/](?P<m2>\d\d?)[-/](?P<y2>(?:19|20)\d\d))(?!\d)"
)


def _mentions(text: str) -> list[_Mention]:
    """Return the dates that ``text`` names, months of every system and digits of every kind."""
    found = [
        _Mention(int(m["y1"] or m["y2"]), int(m["m1"] or m["m2"]), int(m["d1"] or m["d2"]))
        for m in _NUMERIC_DATE.finditer(arabic.normalize(text))
    ]
    words = arabic.tokenize(text)
    position = 0
    while position < len(words):
        month, after = _month_at(words, position)
        if month is None:
            position += 1
            continue
        day = _day_before(words, position)
        year = _year_at(words, after)
        if year or day or (after < len(words) and words[after] in _RELATIVE):
            found.append(_Mention(year, month, day))
        position = after
    return [m for m in found if 1 <= m.month <= 12 and (m.day is None or 1 <= m.day <= 31)]


def _month_at(words: Sequence[str], position: int) -> tuple[int | None, int]:
    """Return the month named at ``position`` and where the words after it (and after its other name) start."""
    month, at = None, position
    while at < len(words):
        pair = arabic.month_number(" ".join(words[at : at + 2]))
        named = pair or arabic.month_number(words[at])
        if named is None or (month is not None and named != month):
            break
        month, at = named, at + (2 if pair else 1)
    return month, at


def _day_before(words: Sequence[str], position: int) -> int | None:
    """Return the day of the month that ends just before ``position``: ``23``, ``السابع من``, ``الحادي عشر من``."""
    at = position - 1
    if at >= 0 and words[at] in ("من", "شهر"):
        at -= 1
    if at < 0:
        return None
    word, before = words[at], words[at - 1] if at else ""
    if word.isdecimal() and len(word) <= 2:
        return int(word)
    if word in (_TEN, _TWENTY, _THIRTY):
        tens = {_TEN: 10, _TWENTY: 20, _THIRTY: 30}[word]
        return tens + _ORDINALS[before] if before in _ORDINALS else None
    return _ORDINALS.get(word) or _ROUND.get(word)


def _year_at(words: Sequence[str], position: int) -> int | None:
    if position < len(words) and words[position] in _BEFORE_YEAR:
        position += 1
    word = words[position] if position < len(words) else ""
    return int(word) if len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20") else None


def _ordinal(year: int, month: int, day: int | None) -> int:
    """Return the proleptic day number; the middle of the month for no day, its last day for a day too many."""
    last = 31 if month == 12 else (datetime.date(year, month + 1, 1) - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(day or 15, last)).toordinal()


def _published_day(document: Document) -> int | None:
    try:
        return datetime.date.fromisoformat((document.published or "")[:10]).toordinal()
    except ValueError:
        return None


def _estimated_day(mentions: Iterable[_Mention]) -> int | None:
    """Return about when an undated report was written: the latest date it names in full, or a day of the months
    after it that it names without a year (``23 مارس``, in a report that names June 2020)."""
    mentions = list(mentions)
    known = [_ordinal(m.year, m.month, m.day) for m in mentions if m.year]
    if not known:
        return None
    latest = max(known)
    year = datetime.date.fromordinal(latest).year
    for mention in mentions:
        if mention.year is None:
            this = _ordinal(year, mention.month, mention.day)
            known.append(this if this >= max(k for k in [latest]) else _ordinal(year + 1, mention.month, mention.day))
    return max(known)


def _days_of_year(mentions: Iterable[_Mention]) -> tuple[int, ...]:
    """Return the days of the year (1..366) named without a year: what is near in time goes without saying it."""
    return tuple(sorted({_ordinal(2000, m.month, m.day) - _ordinal(2000, 1, 1) for m in mentions if not m.year}))
