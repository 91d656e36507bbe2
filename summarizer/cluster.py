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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from summarizer import arabic
from summarizer.errors import InputError
from summarizer.schema import Document

_LOG = logging.getLogger(__name__)

#: Mean likeness at which two groups are one story: the lowest one with a pairwise precision of 0.98 on the silver
#: stories of ``benchmarks/cluster_mixtures.py`` (0.990, recall 0.954; the three joins that the labels call wrong
#: are stages of one event). Chosen on that set: with word weights from other news the precision there is 0.935. Undated stories like the example reports hold together up to 0.38.
DEFAULT_THRESHOLD: Final = 0.35
#: Likeness without regard to time at which a later story continues an earlier one.
FOLLOW_THRESHOLD: Final = 0.36
#: Days between two stories past which the later one starts afresh.
FOLLOW_DAYS: Final = 180
#: Stories that run longer than this are not looked for as forerunners once their start is too far back.
_LONGEST_STORY_DAYS: Final = 60
#: The likeness of dated reports falls by this rate a day. 0.05 and a first day free of it joined more stages of a
#: running affair that are stories of their own; 0.15 measured alike.
DECAY_PER_DAY: Final = 0.1
#: What the likeness of two reports counts where one has no date: nothing then speaks for the same days. In the random
#: heaps of the benchmark, with dates hidden, it cuts the joined pairs that are a fortnight or more apart from 57 to 35.
UNDATED_FACTOR: Final = 0.92
#: Reports without a date that name days this far apart (and none nearer) tell of different times ...
MENTION_DAYS: Final = 45
#: ... which speaks against one story, but softly: a report names other days than its own.
MENTION_PENALTY: Final = 0.75

#: What a word of the title, and one among the first ``LEAD_WORDS`` content words, counts.
TITLE_WEIGHT: Final = 3
LEAD_WEIGHT: Final = 2
LEAD_WORDS: Final = 40
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
    if not any(map(str.isalnum, arabic.normalize(text))):  # content_tokens expects a word at least
        return []
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
        return max(0.0, math.log((self.reports + 1) / (self.frequency.get(key, 0) + UNSEEN_FREQUENCY)))


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
    while at >= 0 and words[at] in ("من", "شهر"):
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
    while position < len(words) and words[position] in _BEFORE_YEAR:
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
    known = [_ordinal(m.year, m.month, m.day) for m in mentions if m.year is not None]
    if not known:
        return None
    latest = max(known)
    year = datetime.date.fromordinal(latest).year
    for mention in mentions:
        if mention.year is None:
            this = _ordinal(year, mention.month, mention.day)
            known.append(this if this >= latest else _ordinal(year + 1, mention.month, mention.day))
    return max(known)


def _days_of_year(mentions: Iterable[_Mention]) -> tuple[int, ...]:
    """Return the days of the year (1..366) named without a year: what is near in time goes without saying it."""
    return tuple(
        sorted({_ordinal(2000, m.month, m.day) - _ordinal(2000, 1, 1) for m in mentions if not m.year})
    )


# --- reports ------------------------------------------------------------------------------------

#: The year in steps of six days, one bit each, and the bits on either side that count as near.
_STEP_DAYS: Final = 6
_STEPS: Final = 61
_NEAR_STEPS: Final = MENTION_DAYS // _STEP_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class ReadReport:
    """What clustering remembers of a document."""

    id: str
    duplicate_of: str | None
    day: int | None  # of publication, a proleptic day number
    estimate: int | None  # the same, or what the text lets suppose
    season: int  # bit set of the steps of the year that the report is about; 0 where it does not say
    weights: dict[str, float]

    @property
    def rank(self) -> tuple[bool, int, str]:
        return (self.day is None, self.day or 0, self.id)

    @classmethod
    def read(cls, document: Document, *, background: Background) -> ReadReport:
        title, body = _title_and_body(document)
        day = _published_day(document)
        if day is None:
            mentions = _mentions(document.text)
            estimate, days = _estimated_day(mentions), _days_of_year(mentions)
        else:
            estimate, days = day, (datetime.date.fromordinal(day).timetuple().tm_yday - 1,)
        return cls(
            id=document.id,
            duplicate_of=document.duplicate_of,
            day=day,
            estimate=estimate,
            season=_bits(each // _STEP_DAYS for each in days),
            weights=weigh(word_keys(title), word_keys(body), background=background),
        )


def _title_and_body(document: Document) -> tuple[str, str]:
    """Return the title, and the text without what is marked (joined by line breaks, so that no words fuse)."""
    title = document.title or ""
    pieces, position = [], 0
    for mark in sorted(document.marks, key=lambda each: (each.start, each.end)):
        pieces.append(document.text[position : max(position, mark.start)])
        position = max(position, mark.end)
        if mark.kind == "title" and not title:
            title = document.text[mark.start : mark.end]
    pieces.append(document.text[position:])
    return title, "\n".join(pieces)


def _bits(steps: Iterable[int]) -> int:
    bits = 0
    for step in steps:
        bits |= 1 << (step % _STEPS)
    return bits


def _near(season: int) -> int:
    """Return the steps of the year near to those of ``season``, across the turn of the year too."""
    return _bits(
        step + offset
        for step in range(_STEPS)
        if season >> step & 1
        for offset in range(-_NEAR_STEPS, _NEAR_STEPS + 1)
    )


# --- the algorithm ------------------------------------------------------------------------------


class OnlineClusterer:
    """Stories of reports that come in over time.

    ``add`` compares new reports with those published in the days around them (and with undated ones), at a cost
    that grows with the reports in that window, not with all that came before; undated reports are compared with
    everything. ``clusters`` returns the stories of all reports added so far, the same ones as ``cluster`` returns
    for all of them at once, in whatever order and parcels they were added. Not safe for concurrent use.
    """

    def __init__(self, *, threshold: float = DEFAULT_THRESHOLD, background: Background | None = None) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"the clustering threshold must be above 0 and at most 1, not {threshold}")
        self.threshold = threshold
        #: Days between two reports past which not even equal texts reach the threshold.
        self.window_days = math.floor(-math.log(threshold) / DECAY_PER_DAY)
        self._floor = min(MIN_LIKENESS, threshold)
        self._background = background or default_background()
        self._reports: list[ReadReport] = []
        self._ids: set[str] = set()
        self._columns: dict[str, int] = {}
        self._matrix = _Matrix()
        self._by_day: defaultdict[int | None, list[int]] = defaultdict(list)
        self._links: list[_Links] = []
        self._groups: dict[tuple[int, ...], list[list[int]]] = {}  # connected reports -> their stories

    def add(self, documents: Iterable[Document]) -> None:
        """Take in new reports. An id that is known already is passed over (of two at once, the copy is)."""
        fresh: dict[str, Document] = {}
        for document in sorted(documents, key=lambda d: (d.id, d.duplicate_of is not None)):
            if document.id not in self._ids:
                fresh.setdefault(document.id, document)
        self.add_read(self.read(document) for document in fresh.values())

    def read(self, document: Document) -> ReadReport:
        """Return what clustering needs of a document, to be kept and given to ``add_read`` of any clusterer."""
        return ReadReport.read(document, background=self._background)

    def add_read(self, reports: Iterable[ReadReport]) -> None:
        """Take in new reports that were read before. An id that is known already is passed over."""
        fresh = {report.id: report for report in reports if report.id not in self._ids}
        by_day: dict[int | None, list[ReadReport]] = {}
        for report in sorted(fresh.values(), key=lambda report: report.rank):
            by_day.setdefault(report.day, []).append(report)
        for day, of_day in by_day.items():
            for start in range(0, len(of_day), _BLOCK):
                self._add_block(day, of_day[start : start + _BLOCK])

    def alike(self, ids: Iterable[str], *, least: float) -> set[str]:
        """Return the reports with a likeness of at least ``least`` to one of ``ids`` (those out)."""
        wanted = set(ids)
        links = _Links.join(self._links)
        is_wanted = np.array([report.id in wanted for report in self._reports], dtype=bool)
        links = links.where(links.value >= least * _UNIT)
        links = links.where(is_wanted[links.one] | is_wanted[links.other])
        return {self._reports[i].id for i in (*links.one.tolist(), *links.other.tolist())} - wanted

    def link_copies(self, duplicate_of: Mapping[str, str | None]) -> None:
        """Set, or with None unset, what reports added before are copies of."""
        for i, report in enumerate(self._reports):
            if report.id in duplicate_of:
                self._reports[i] = replace(report, duplicate_of=duplicate_of[report.id])

    def clusters(self) -> tuple[Cluster, ...]:
        """Return the stories of all reports added so far."""
        reports = self._reports
        order = sorted(range(len(reports)), key=lambda i: reports[i].rank)
        index = {report.id: i for i, report in enumerate(reports)}
        original = {
            i: index[report.duplicate_of]
            for i, report in enumerate(reports)
            if report.duplicate_of in index and report.duplicate_of != report.id
        }
        original = {i: root for i, root in original.items() if root not in original}
        copies: defaultdict[int, list[int]] = defaultdict(list)
        for i, root in original.items():
            copies[root].append(i)
        rank = np.empty(len(reports), dtype=np.int64)
        rank[order] = np.arange(len(reports))
        stories = []
        for members in self._stories([i for i in order if i not in original], rank):
            whole = [*members, *(copy for i in members for copy in copies[i])]
            stories.append(_Story(tuple(sorted(whole, key=lambda i: int(rank[i]))), reports))
        stories.sort(key=lambda story: story.sort_key)
        follows = _follow(stories, self._matrix.rows, len(self._columns))
        return tuple(
            Cluster(
                document_ids=tuple(reports[i].id for i in story.members),
                first=_iso(story.first),
                last=_iso(story.last),
                follows=earlier,
            )
            for story, earlier in zip(stories, follows, strict=True)
        )

    def _add_block(self, day: int | None, block: Sequence[ReadReport]) -> None:
        """Register reports of one day and link them to those registered before (and to each other)."""
        first = len(self._reports)
        for report in block:
            columns = [self._columns.setdefault(key, len(self._columns)) for key in report.weights]
            self._matrix.append(columns, list(report.weights.values()))
        self._reports.extend(block)
        self._ids.update(report.id for report in block)
        new = np.arange(first, len(self._reports))
        self._by_day[day].extend(new.tolist())
        if day is None:
            others = np.arange(len(self._reports))
        else:
            window = range(day - self.window_days, day + self.window_days + 1)
            others = np.array(sorted(i for near in (None, *window) for i in self._by_day.get(near, ())))
        left = self._matrix.rows(new, len(self._columns))
        right = self._matrix.rows(others, len(self._columns))
        product = sparse.coo_array(left @ right.T)  # (new, others): cosines
        one, other, value = new[product.coords[0]], others[product.coords[1]], product.data
        keep = (other < one) & (value >= self._floor)
        self._link(one[keep], other[keep], value[keep])

    def _link(
        self, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64], cosine: npt.NDArray[np.float64]
    ) -> None:
        """Store the likenesses of pairs: cosine, lowered by the time between the two."""
        if not len(one):
            return
        touched, position = np.unique(np.concatenate([one, other]), return_inverse=True)
        reports = [self._reports[i] for i in touched.tolist()]
        day = np.array([np.nan if report.day is None else report.day for report in reports])
        season = np.array([report.season for report in reports], dtype=np.uint64)
        near = np.array([_near(report.season) for report in reports], dtype=np.uint64)
        a, b = position[: len(one)], position[len(one) :]
        gap = np.abs(day[a] - day[b])  # nan where one of the two has no date
        apart = np.isnan(gap) & (season[a] != 0) & (season[b] != 0) & ((season[a] & near[b]) == 0)
        factor = np.where(np.isnan(gap), UNDATED_FACTOR, np.exp(-DECAY_PER_DAY * np.nan_to_num(gap)))
        value = np.rint(_UNIT * cosine * factor * np.where(apart, MENTION_PENALTY, 1.0)).astype(np.int64)
        keep = value >= self._floor * _UNIT
        self._links.append(_Links(one[keep], other[keep], value[keep]))

    def _stories(self, active: Sequence[int], rank: npt.NDArray[np.int64]) -> Iterator[list[int]]:
        """Yield the stories of the ``active`` reports, each story by rank.

        Average linkage joins two groups only where a pair of reports reaches the threshold, so the parts that such
        pairs connect can be clustered one by one, and the parts that did not change need not be again.
        """
        count = len(self._reports)
        links = _Links.join(self._links)
        is_active = np.zeros(count, dtype=bool)
        is_active[list(active)] = True
        links = links.where(is_active[links.one] & is_active[links.other])
        strong = links.where(links.value >= self.threshold * _UNIT)
        graph = sparse.coo_array((strong.value, (strong.one, strong.other)), shape=(count, count))
        _, part = sparse.csgraph.connected_components(graph, directed=False)
        inner = links.where(part[links.one] == part[links.other])
        members: defaultdict[int, list[int]] = defaultdict(list)
        for i in active:  # by rank
            members[int(part[i])].append(i)
        edges: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for one, other, value in zip(*(each.tolist() for each in inner), strict=True):
            edges[int(part[one])].append((one, other, value))
        groups: dict[tuple[int, ...], list[list[int]]] = {}
        for number, connected in members.items():
            key = tuple(sorted(connected))
            groups[key] = self._groups.get(key) or agglomerate(
                connected, edges[number], threshold=round(self.threshold * _UNIT)
            )
            yield from (sorted(group, key=lambda i: int(rank[i])) for group in groups[key])
        self._groups = groups


class _Links(NamedTuple):
    """Likenesses of pairs of reports, in millionths; three arrays of one length."""

    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]

    def where(self, keep: npt.NDArray[np.bool_]) -> _Links:
        return _Links(*(each[keep] for each in self))

    @classmethod
    def join(cls, parts: Sequence[_Links]) -> _Links:
        empty = np.zeros(0, dtype=np.int64)
        return cls(*(np.concatenate([empty, *(part[field] for part in parts)]) for field in range(3)))


class _Matrix:
    """Sparse rows that are appended one by one and read in any selection."""

    def __init__(self) -> None:
        self._columns: list[npt.NDArray[np.int32]] = []
        self._weights: list[npt.NDArray[np.float64]] = []

    def append(self, columns: Sequence[int], weights: Sequence[float]) -> None:
        self._columns.append(np.array(columns, dtype=np.int32))
        self._weights.append(np.array(weights, dtype=np.float64))

    def rows(self, selection: Iterable[int], width: int) -> Any:
        """Return a CSR array (len(selection), width)."""
        chosen = [int(i) for i in selection]
        ends = np.cumsum([0, *(len(self._columns[i]) for i in chosen)])
        columns = np.concatenate([np.zeros(0, np.int32), *(self._columns[i] for i in chosen)])
        weights = np.concatenate([np.zeros(0), *(self._weights[i] for i in chosen)])
        return sparse.csr_array((weights, columns, ends), shape=(len(chosen), width))


def agglomerate(
    members: Sequence[int], edges: Iterable[tuple[int, int, int]], *, threshold: int
) -> list[list[int]]:
    """Join ``members`` by average linkage while the mean likeness of two groups is at least ``threshold``.

    ``edges`` are ``(one, other, likeness)``; a pair without an edge has likeness 0. Likenesses are integers, so
    the result is exact. Of equally alike groups, those whose members come first in ``members`` are joined first.
    Costs O(e log e) for e edges, times the joins that an edge lives through.
    """
    place = {member: i for i, member in enumerate(members)}
    groups: dict[int, list[int]] = {i: [member] for i, member in enumerate(members)}
    sums: dict[int, dict[int, int]] = {i: {} for i in groups}  # group -> neighbour -> summed likeness
    for one, other, value in edges:
        a, b = place[one], place[other]
        sums[a][b] = sums[b][a] = value
    heap: list[tuple[float, int, int, int]] = []

    def offer(a: int, b: int) -> None:
        a, b = min(a, b), max(a, b)
        total, pairs = sums[a][b], len(groups[a]) * len(groups[b])
        if total >= threshold * pairs:
            heapq.heappush(heap, (-total / pairs, a, b, pairs))

    for a, neighbours in sums.items():
        for b in neighbours:
            if a < b:
                offer(a, b)
    while heap:
        _, a, b, pairs = heapq.heappop(heap)
        if a not in groups or b not in groups or len(groups[a]) * len(groups[b]) != pairs:
            continue  # one of the two has grown or gone since: a newer offer stands, if any
        groups[a].extend(groups.pop(b))  # a < b: a group keeps the name of its first member
        del sums[a][b]
        for c, value in sums.pop(b).items():
            if c != a:
                del sums[c][b]
                sums[a][c] = sums[c][a] = sums[a].get(c, 0) + value
        for c in sums[a]:
            offer(a, c)
    return [groups[a] for a in sorted(groups)]


# --- stories that follow stories ----------------------------------------------------------------


class _Story:
    """The reports of a story, by rank, and the days it spans."""

    def __init__(self, members: tuple[int, ...], reports: Sequence[ReadReport]) -> None:
        self.members = members
        days = [day for i in members if (day := reports[i].day) is not None]
        self.first = min(days, default=None)
        self.last = max(days, default=None)
        supposed = max((day for i in members if (day := reports[i].estimate) is not None), default=None)
        #: First and last day, supposed ones where none is known.
        self.start, self.end = (self.first, self.last) if days else (supposed, supposed)
        self.sort_key = (self.start is None, self.start or 0, reports[members[0]].rank)


def _iso(day: int | None) -> str | None:
    return None if day is None else datetime.date.fromordinal(day).isoformat()


def _follow(stories: Sequence[_Story], rows: Any, width: int) -> list[int | None]:
    """Return for each story the index of the earlier one it continues: the most alike one that ended before."""
    follows: list[int | None] = [None] * len(stories)
    timed = [i for i, story in enumerate(stories) if story.start is not None]
    if not timed:
        return follows
    members = [i for story in timed for i in stories[story].members]
    sizes = [len(stories[story].members) for story in timed]
    gather = sparse.csr_array(
        (np.ones(len(members)), np.arange(len(members)), np.cumsum([0, *sizes])),
        shape=(len(timed), len(members)),
    )
    centres = sparse.csr_array(gather @ rows(members, width))
    norms = np.sqrt(np.asarray(centres.multiply(centres).sum(axis=1)).ravel())
    norms[norms == 0] = 1
    centres = sparse.csr_array(sparse.diags_array(1 / norms) @ centres)
    start = np.array([stories[i].start for i in timed])
    end = np.array([stories[i].end for i in timed])
    for low in range(0, len(timed), _BLOCK):
        high = min(low + _BLOCK, len(timed))
        oldest = int(np.searchsorted(start, start[low] - FOLLOW_DAYS - _LONGEST_STORY_DAYS))
        product = sparse.coo_array(centres[low:high] @ centres[oldest:high].T)
        later, earlier = product.coords[0] + low, product.coords[1] + oldest
        value = np.rint(product.data * _UNIT).astype(np.int64)
        gap = start[later] - end[earlier]
        keep = (value >= FOLLOW_THRESHOLD * _UNIT) & (gap > 0) & (gap <= FOLLOW_DAYS)
        best: dict[int, tuple[int, int]] = {}
        for one, other, likeness in zip(
            later[keep].tolist(), earlier[keep].tolist(), value[keep].tolist(), strict=True
        ):
            best[one] = max(best.get(one, (0, 0)), (likeness, other))
        for one, (_, other) in best.items():
            follows[timed[one]] = timed[other]
    return follows
