"""Results as the report shows them: boards, columns, cells, buckets, correlations. No layout here, no escaping.

A **board** is one set of items: results of one dataset whose checksum and item ids are the same. A **column** is one
metric under one signature: scores under two signatures never stand in one column. ``build_boards`` makes them from
result files, which hold the statistics of every item, and from the datasets where they are at hand (for sources,
references and buckets). Nothing is scored again: scores of subsets and resamples come from ``Metric.aggregate``.

Significance: all pairs of systems by paired approximate randomization on a column's rows, p-values corrected by Holm
(``eval.significance``). It is worked out for the columns of the leaderboard and the total of faults; the other columns
carry intervals.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import stats

from eval.datasets import Card, Dataset, find_card, load_dataset
from eval.errors import DatasetError, MetricError
from eval.items import TASKS, Item, Task, hypothesis_text
from eval.metrics import REGISTRY, Metric, Statistics, load_metric
from eval.results import Result, Score
from eval.significance import (
    ALPHA,
    RANDOMIZATION_TRIALS,
    Comparison,
    PairedResult,
    compare_systems,
    confidence_interval,
)
from summarizer.arabic import tokenize
from summarizer.errors import MissingModelError
from summarizer.facts import extract_facts
from summarizer.terms import Terms

logger = logging.getLogger(__name__)

#: Columns of quality in the leaderboard, the first being the one it is ordered by; more make it too wide to read.
LEADERBOARD_COLUMNS: Final = 4
#: Metrics that a model computes; where someone paid for them, they belong into the leaderboard.
_LEARNED: Final = ("comet", "bertscore", "llm-judge")
#: Families by the module a metric comes from. What is in none describes and is not to be ranked by.
_FAITHFUL: Final = frozenset(["citation-precision", "citation-recall"])
_DESCRIPTIVE_MODULE: Final = "eval.metrics.summary"
_FAITHFUL_MODULE: Final = "eval.metrics.faithfulness"
#: The total of the faithfulness family.
_TOTAL_FAULTS: Final = "faults"
#: Trials for each pair of systems in units of 1 / level, so that the smallest p-value is well below the level.
_TRIALS_A_PAIR: Final = 4
#: Stored scores are rounded by JSON; a recomputed one farther away was made by another version of the metric.
_SAME_SCORE: Final = 1e-6
#: A bucket of fewer items says nothing worth a column.
_SMALLEST_BUCKET: Final = 10
#: What a challenge item tests: the most frequent so many become buckets.
_MOST_TESTS: Final = 12
#: Metrics in the correlation table.
_MOST_CORRELATED: Final = 8
#: Licences under which texts may be passed on to anyone, by how their names begin. NC and ND licences, and licences
#: that a compiler of other people's news gave, are not among them: showing such texts is a choice for the user.
_OPEN_LICENCES: Final = (
    "cc0",
    "cc-by-4",
    "cc-by-3",
    "cc-by-2",
    "cc-by-sa",
    "apache-2.0",
    "mit",
    "public-domain",
    "odc-by",
)


# --- systems ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class System:
    """One result under the name that tables show it by. ``kind`` is the kind of spec: profile, baseline, files; ``options``
    are those of the spec that ``name`` leaves out.
    """

    name: str
    kind: str
    result: Result
    options: str = ""

    @property
    def baseline(self) -> bool:
        return self.kind == "baseline"

    @property
    def oracle(self) -> bool:
        """Whether it was shown the references: an upper bound, never the best system."""
        return self.baseline and self.result.system_id.partition(":")[2].startswith("oracle")

    @property
    def size(self) -> float | None:
        """Size of the weights in MB, None where it is not known."""
        size = self.result.cost.model_mb
        return size if size is not None else self.result.system.get("size_mb")


#: The options at the end of a spec.
_OPTIONS: Final = re.compile(r"((?:,[a-z_]+=[^,=]+)*)$")


def name_systems(results: Sequence[Result]) -> tuple[System, ...]:
    """Name each result as shortly as tells it apart: the bare name, with its options, the whole spec, with its date."""
    specs = [result.system_id for result in results]
    full = [spec.partition(":")[2] or spec for spec in specs]
    bare = [_OPTIONS.sub("", name) or name for name in full]
    named = []
    for spec, long, short, result in zip(specs, full, bare, results, strict=True):
        name = short if bare.count(short) == 1 else long if full.count(long) == 1 else spec
        if specs.count(spec) > 1:
            name = f"{spec} ({result.created[:10]}, {result.hash[:6]})"
        options = long[len(short) :].lstrip(",").replace(",", ", ") if name == short else ""
        named.append(System(name, spec.partition(":")[0] if ":" in spec else "", result, options))
    return tuple(named)


# --- columns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One score. ``letters``: significance groups (empty where nothing was tested). ``best``: of the column."""

    score: float
    low: float = math.nan
    high: float = math.nan
    letters: str = ""
    best: bool = False


@dataclass(frozen=True, eq=False)
class Column:
    """One metric under one signature, with a cell for each system of the board (None: not scored so).

    ``rows``: system name -> statistics, for the systems whose stored rows this version of the metric still turns into
    the stored score; only those are compared.
    """

    name: str
    label: str
    signature: str
    higher_is_better: bool
    family: str
    cells: Mapping[str, Cell]
    metric: Metric | None = None
    rows: Mapping[str, Statistics] = field(default_factory=dict)
    comparison: Comparison | None = None

    @cached_property
    def decimals(self) -> int:
        """3 for metrics from 0 to 1 (COMET, BERTScore), 1 for percentages and counts."""
        known = [abs(cell.score) for cell in self.cells.values() if math.isfinite(cell.score)]
        return 3 if self.family == "quality" and known and 0 < max(known) <= 1 else 1

    def ranking(self) -> list[str]:
        """Return the names of scored systems, best first."""
        sign = -1 if self.higher_is_better else 1
        known = [name for name, cell in self.cells.items() if math.isfinite(cell.score)]
        return sorted(known, key=lambda name: (sign * self.cells[name].score, name))

    def level_with(self, name: str) -> list[str]:
        """Return the systems that share a letter with ``name``, best first, without it."""
        if self.comparison is None or name not in self.comparison.groups:
            return []
        mine = set(_letters(self.comparison.groups[name]))
        return [
            each
            for each in self.comparison.order
            if each != name and mine & set(_letters(self.comparison.groups[each]))
        ]


def _letters(text: str) -> list[str]:
    """Return the groups of ``"ab2c"``: a, b2, c."""
    groups: list[str] = []
    for character in text:
        if character.isdigit() and groups:
            groups[-1] += character
        else:
            groups.append(character)
    return groups


def metric_label(name: str) -> str:
    """Return how tables write a metric: BLEU, ROUGE-1 (light stems), Invented numbers."""
    fixed = {
        "bleu": "BLEU", "chrf2": "chrF2", "chrf++": "chrF++", "ter": "TER", "comet": "COMET", "bertscore": "BERTScore",
        "llm-judge": "LLM judge", "ari": "ARI", "faults": "All faults", "words": "Words", "sentences": "Sentences",
    }  # fmt: skip
    if name in fixed:
        return fixed[name]
    base, *marks = name.removeprefix("xlsum-").split("-")
    if base.startswith("rouge"):
        notes = ["XL-Sum"] if name.startswith("xlsum-") else []
        notes += [{"stem": "stems", "en": "English"}.get(mark, mark) for mark in marks]
        return f"ROUGE-{base.removeprefix('rouge')}" + (f" ({', '.join(notes)})" if notes else "")
    if name.startswith("novelty"):
        return f"New {name.removeprefix('novelty')}-grams (%)"
    if name.startswith("bcubed-"):
        return f"B³ {marks[0] if marks[0] != 'f1' else 'F1'}"
    label = name.replace("-", " ").removesuffix(" f1")
    label = label[:1].upper() + label[1:]
    return f"{label} F1" if name.endswith("-f1") else label


def family_of(name: str) -> str:
    """Return ``quality``, ``faithfulness`` or ``description``."""
    module = REGISTRY.get(name, "").partition(":")[0]
    if module == _FAITHFUL_MODULE or name in _FAITHFUL:
        return "faithfulness"
    return "description" if module == _DESCRIPTIVE_MODULE or name == "reports-per-cluster" else "quality"


def _usable_rows(metric: Metric | None, score: Score, result: Result) -> Statistics | None:
    """Return the stored rows if this version of the metric makes the stored score of them, else None."""
    if metric is None:
        return None
    rows = result.statistics(score.metric)
    if rows.ndim != 2 or len(rows) == 0:
        return None
    try:
        again = metric.aggregate(rows)
    except (ValueError, IndexError, ZeroDivisionError, MetricError):
        logger.warning("%s: stored statistics are of another version", score.metric)
        return None
    if math.isnan(again) and math.isnan(score.score):
        return rows
    return rows if math.isclose(again, score.score, rel_tol=_SAME_SCORE, abs_tol=_SAME_SCORE) else None


def _load(name: str) -> Metric | None:
    """Return a metric, or None where this installation cannot make it (an extra, a plug-in that is not here)."""
    try:
        return load_metric(name)
    except (MetricError, MissingModelError) as error:
        logger.info("no significance for %s: %s", name, error)
        return None


def _columns(systems: Sequence[System]) -> list[Column]:
    """Return a column for each metric and signature, in the order of the result files, without comparisons."""
    found: dict[tuple[str, str], dict[str, tuple[Score, Result]]] = {}
    for system in systems:
        for score in system.result.scores:
            found.setdefault((score.metric, score.signature), {})[system.name] = (score, system.result)
    metrics = {name: _load(name) for name in dict.fromkeys(name for name, _ in found)}
    columns = []
    for (name, signature), scored in found.items():
        rows = {
            system: usable
            for system, (score, result) in scored.items()
            if (usable := _usable_rows(metrics[name], score, result)) is not None
        }
        higher = next(iter(scored.values()))[0].higher_is_better
        cells = {system: Cell(score.score, score.low, score.high) for system, (score, _) in scored.items()}
        column = Column(
            name, metric_label(name), signature, higher, family_of(name), cells, metrics[name], rows
        )
        columns.append(_with_best(column, systems))
    return columns


def _with_best(column: Column, systems: Sequence[System]) -> Column:
    if column.family == "description" or len(column.cells) < 2:
        return column
    # An oracle saw the references, and a baseline that copies is faithful by its nature: neither is to be beaten.
    out = {
        each.name for each in systems if each.oracle or (each.baseline and column.family == "faithfulness")
    }
    ranking = [name for name in column.ranking() if name not in out]
    top = column.cells[ranking[0]].score if ranking else math.nan
    cells = {
        name: Cell(cell.score, cell.low, cell.high, cell.letters, cell.score == top and name not in out)
        for name, cell in column.cells.items()
    }
    return _replace(column, cells=cells)


def _replace(column: Column, **changes: Any) -> Column:
    names = (
        "name",
        "label",
        "signature",
        "higher_is_better",
        "family",
        "cells",
        "metric",
        "rows",
        "comparison",
    )
    return Column(**{**{name: getattr(column, name) for name in names}, **changes})


def _compared(column: Column, *, samples: int | None) -> Column:
    """Return the column with significance groups, where at least two systems can be compared."""
    if column.metric is None or len(column.rows) < 2:
        return column
    pairs = len(column.rows) * (len(column.rows) - 1) // 2
    # A p-value is at least 1 / trials: with too few, nothing could be significant after correction for the pairs.
    trials = max(samples or RANDOMIZATION_TRIALS, math.ceil(_TRIALS_A_PAIR * pairs / ALPHA))
    comparison = compare_systems(column.metric, column.rows, samples=trials)
    cells = {
        name: Cell(cell.score, cell.low, cell.high, comparison.groups.get(name, ""), cell.best)
        for name, cell in column.cells.items()
    }
    return _replace(column, cells=cells, comparison=comparison)


# --- boards -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bucket:
    """Items that have something in common, as positions."""

    label: str
    group: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """Agreement of metrics over items, the mean over systems: ``kendall[i][j]``, ``pearson[i][j]``.

    Signs are turned so that 1 always means that the two metrics order the items alike.
    """

    labels: tuple[str, ...]
    kendall: tuple[tuple[float, ...], ...]
    pearson: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Board:
    """One set of items with every system that was run on it."""

    number: int
    id: str
    title: str
    task: Task
    checksum: str
    count: int
    silver: bool
    card: Card | None
    items: tuple[Item, ...] | None
    systems: tuple[System, ...]
    columns: tuple[Column, ...]
    leaders: tuple[Column, ...]
    buckets: tuple[Bucket, ...]
    correlation: Correlation | None
    texts: bool
    notes: tuple[str, ...]

    @property
    def anchor(self) -> str:
        return f"set-{self.number}"

    @property
    def primary(self) -> Column | None:
        """The column that orders the leaderboard."""
        return self.leaders[0] if self.leaders else None

    def family(self, name: str) -> list[Column]:
        """Return the columns of a family that the leaderboard does not show."""
        return [each for each in self.columns if each.family == name and each not in self.leaders]

    @cached_property
    def ranked(self) -> tuple[System, ...]:
        """Systems by the primary column, those without a score in it last."""
        order = self.primary.ranking() if self.primary else []
        place = {name: index for index, name in enumerate(order)}
        return tuple(sorted(self.systems, key=lambda each: (place.get(each.name, len(place)), each.name)))


def build_boards(
    results: Sequence[Result],
    *,
    datasets: Iterable[Dataset] = (),
    data: Path | None = None,
    texts: bool | None = None,
    samples: int | None = None,
) -> tuple[Board, ...]:
    """Return the boards of ``results``, by task and dataset, whole sets before parts of them.

    ``datasets``: those at hand; others are loaded by id from ``data`` (or the environment) where they are there, and
    used only if their checksum is that of the results. ``texts``: show texts of every dataset, of none, or (None) of
    those whose card gives a licence to pass them on. ``samples``: trials of each significance test.
    Raises ``InputError`` where the items of a result are gone or changed.
    """
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        ids = hashlib.sha256("\0".join(item.id for item in result.items).encode("utf-8", "surrogatepass"))
        key = (result.dataset_id, str(result.dataset["checksum"]), ids.hexdigest())
        groups.setdefault(key, []).append(result)
    known = {dataset.checksum: dataset for dataset in datasets}

    def rank(group: list[Result]) -> tuple[int, str, int, str]:
        first = group[0]
        return TASKS.index(first.task), first.dataset_id, -len(first.items), str(first.dataset["checksum"])

    ordered = sorted(groups.values(), key=rank)
    return tuple(
        _board(number, group, known, data=data, texts=texts, samples=samples)
        for number, group in enumerate(ordered, 1)
    )


def _board(
    number: int,
    results: list[Result],
    known: Mapping[str, Dataset],
    *,
    data: Path | None,
    texts: bool | None,
    samples: int | None,
) -> Board:
    first = results[0]
    card = _card(first.dataset_id, known.get(str(first.dataset["checksum"])))
    items = _items(first, known, data)
    systems = name_systems(results)
    columns = _columns(systems)
    chosen = _leaders(columns)
    tested = {id(each) for each in chosen} | {id(each) for each in columns if each.name == _TOTAL_FAULTS}
    done = {id(each): _compared(each, samples=samples) if id(each) in tested else each for each in columns}
    columns = [done[id(each)] for each in columns]
    leaders = tuple(done[id(each)] for each in chosen)
    shown = texts if texts is not None else card is not None and redistributable(card)
    return Board(
        number=number, id=first.dataset_id, title=str(first.dataset.get("title") or first.dataset_id), task=first.task,
        checksum=str(first.dataset["checksum"]), count=len(first.items), silver=bool(first.dataset.get("silver")),
        card=card, items=items, systems=systems, columns=tuple(columns), leaders=leaders,
        buckets=_buckets(items, first.task) if items is not None else (),
        correlation=_correlation(columns), texts=shown,
        notes=_notes(systems, columns, items),
    )  # fmt: skip


def _leaders(columns: Sequence[Column]) -> list[Column]:
    """Return the columns of the leaderboard: learned metrics always, then quality in the order of the results."""
    quality = [each for each in columns if each.family == "quality"]
    learned = [each for each in quality if each.name in _LEARNED]
    plain = [each for each in quality if each.name not in _LEARNED]
    chosen = {id(each) for each in (plain[:1] + learned + plain[1:])[:LEADERBOARD_COLUMNS]}
    return [each for each in quality if id(each) in chosen] or list(columns[:1])


def _card(name: str, dataset: Dataset | None) -> Card | None:
    if dataset is not None:
        return dataset.card
    try:
        return find_card(name) if not name.startswith(("jsonl:", "card:")) else None
    except DatasetError:
        return None


def _items(result: Result, known: Mapping[str, Dataset], data: Path | None) -> tuple[Item, ...] | None:
    """Return the items that were scored, if they are at hand: same checksum, so same texts in the same order."""
    checksum, count = str(result.dataset["checksum"]), len(result.items)
    dataset = known.get(checksum)
    if dataset is None:
        try:
            dataset = load_dataset(result.dataset_id, data=data)
            if len(dataset) > count:
                dataset = Dataset(dataset.card, dataset.items[:count])
        except DatasetError as error:
            logger.info("%s is not at hand: %s", result.dataset_id, error)
            return None
    if dataset.checksum != checksum:
        logger.info("%s at hand is not the one of the results", result.dataset_id)
        return None
    return dataset.items


def redistributable(card: Card) -> bool:
    """Tell whether the card's licence lets anyone pass the texts on; what is not plainly open is not."""
    return card.licence.casefold().replace(" ", "-").startswith(_OPEN_LICENCES)


def _notes(
    systems: Sequence[System], columns: Sequence[Column], items: tuple[Item, ...] | None
) -> tuple[str, ...]:
    """Return what a reader must know that no table shows."""
    notes = []
    if items is None:
        notes.append(
            "The dataset was not at hand when this page was made: sources, references and groups of items are missing."
        )
    twice = {column.name for column in columns if sum(each.name == column.name for each in columns) > 1}
    if twice:
        labels = ", ".join(metric_label(name) for name in sorted(twice))
        notes.append(
            f"Scored under different signatures: {labels}. Such scores stand in columns of their own; do not compare them."
        )
    stale = [each.label for each in columns if each.metric is not None and len(each.rows) < len(each.cells)]
    if stale:
        notes.append(
            f"Another version of the metric made some scores of {', '.join(dict.fromkeys(stale))}; those are shown and not tested."
        )
    if len(systems) == 1:
        notes.append("Only one system: there is nothing to compare it with.")
    machines = {str(sorted((k, str(v)) for k, v in each.result.machine.items() if k in ("cpu", "cores")))
                for each in systems if each.result.cost.seconds is not None}  # fmt: skip
    if len(machines) > 1:
        notes.append("Speeds were measured on different machines and do not compare.")
    if any(each.result.machine.get("mixed") for each in systems):
        notes.append(
            "A run was interrupted and went on with another machine: its speed is of no one machine."
        )
    return tuple(notes)


# --- buckets ------------------------------------------------------------------------------------


def _buckets(items: Sequence[Item], task: Task) -> tuple[Bucket, ...]:
    """Return groups by length of the source (thirds), numbers and names in it, and what the items test."""
    if task == "cluster":
        return ()  # a clustering is scored as a whole
    lengths = [len(tokenize(item.text)) for item in items]
    found: list[tuple[str, str, list[int]]] = []
    low, high = np.percentile(lengths, [100 / 3, 200 / 3]) if lengths else (0.0, 0.0)
    if low < high:
        parts = (
            (f"up to {low:.0f}", -1.0, low),
            (f"{low:.0f} to {high:.0f}", low, high),
            (f"over {high:.0f}", high, math.inf),
        )
        for label, above, up_to in parts:
            found.append(
                (f"{label} words", "length", [i for i, n in enumerate(lengths) if above < n <= up_to])
            )
    terms = Terms.load()
    for label, has in (
        (
            "numbers",
            [
                any(fact.kind in ("number", "date") for fact in extract_facts(item.text, language="ar"))
                for item in items
            ],
        ),
        ("names", [bool(terms.find(item.text)) for item in items]),
    ):
        found.append((f"with {label}", label, [i for i, yes in enumerate(has) if yes]))
        found.append((f"no {label}", label, [i for i, yes in enumerate(has) if not yes]))
    tests: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        for test in _tests(item):
            tests.setdefault(test, []).append(index)
    common = sorted(tests.items(), key=lambda each: (-len(each[1]), each[0]))[:_MOST_TESTS]
    found += [(test, "tests", positions) for test, positions in common]
    least = min(_SMALLEST_BUCKET, max(1, len(items) // 4))
    return tuple(
        Bucket(label, group, tuple(at)) for label, group, at in found if least <= len(at) < len(items)
    )


def _tests(item: Item) -> list[str]:
    tests = item.meta.get("tests", ())
    return (
        [tests]
        if isinstance(tests, str)
        else [str(each) for each in tests]
        if isinstance(tests, (list, tuple))
        else []
    )


def bucket_cells(board: Board, column: Column) -> dict[str, list[Cell]]:
    """Return a cell a bucket for each system that ``column`` has rows of, the best of each bucket marked."""
    if column.metric is None:
        return {}
    table: dict[str, list[Cell]] = {name: [] for name in column.rows}
    oracles = {each.name for each in board.systems if each.oracle}
    for bucket in board.buckets:
        cells = {}
        for name, rows in column.rows.items():
            interval = confidence_interval(column.metric, rows[list(bucket.positions)])
            cells[name] = Cell(interval.score, interval.low, interval.high)
        counted = [cell.score for name, cell in cells.items() if name not in oracles]
        known = [score for score in counted if math.isfinite(score)]
        top = (max(known) if column.higher_is_better else min(known)) if known else math.nan
        for name, cell in cells.items():
            table[name].append(
                Cell(
                    cell.score,
                    cell.low,
                    cell.high,
                    "",
                    len(counted) > 1 and cell.score == top and name not in oracles,
                )
            )
    return table


# --- items --------------------------------------------------------------------------------------


def item_scores(column: Column, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return ``(n_items,)``: the metric of each item alone. Sentence BLEU is rough; it is for sorting and reading."""
    if column.metric is None or name not in column.rows:
        return np.full(0, math.nan)
    rows = column.rows[name]
    from_sums: Any = getattr(column.metric, "from_sums", None)
    if callable(from_sums):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(from_sums(rows, 1), dtype=np.float64)
    return np.array(
        [column.metric.aggregate(rows[index : index + 1]) for index in range(len(rows))], dtype=np.float64
    )


def _correlation(columns: Sequence[Column]) -> Correlation | None:
    """Return how metrics agree over items, for up to eight of quality and the total of faults."""
    usable = [
        each for each in columns if each.rows and (each.family == "quality" or each.name == _TOTAL_FAULTS)
    ]
    usable = [
        *usable[: _MOST_CORRELATED - 1],
        *[each for each in usable[_MOST_CORRELATED - 1 :] if each.name == _TOTAL_FAULTS],
    ]
    if len(usable) < 2:
        return None
    signed = [
        {name: item_scores(each, name) * (1 if each.higher_is_better else -1) for name in each.rows}
        for each in usable
    ]
    size = len(usable)
    kendall, pearson = np.full((size, size), math.nan), np.full((size, size), math.nan)
    for one in range(size):
        for other in range(one, size):
            found = [
                _correlate(signed[one][name], signed[other][name])
                for name in signed[one]
                if name in signed[other]
            ]
            for table, values in ((kendall, [k for k, _ in found]), (pearson, [p for _, p in found])):
                known = [value for value in values if math.isfinite(value)]
                table[one, other] = table[other, one] = sum(known) / len(known) if known else math.nan
    return Correlation(
        tuple(each.label for each in usable),
        tuple(tuple(map(float, row)) for row in kendall),
        tuple(tuple(map(float, row)) for row in pearson),
    )


def _correlate(one: Any, other: Any) -> tuple[float, float]:
    """Return Kendall's tau-b and Pearson's r over the items that have both; nan where one of them never varies."""
    both = np.isfinite(one) & np.isfinite(other)
    a, b = one[both], other[both]
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan, math.nan
    return float(stats.kendalltau(a, b).statistic), float(np.corrcoef(a, b)[0, 1])


# --- sentences ----------------------------------------------------------------------------------


def conclusions(board: Board) -> list[str]:
    """Return what the primary column lets a reader conclude, and what not, in sentences."""
    column = board.primary
    oracles = {each.name for each in board.systems if each.oracle}
    ranking = [name for name in column.ranking() if name not in oracles] if column is not None else []
    if column is None or not ranking:
        return []
    best = column.cells[ranking[0]]
    told = f"{best.score:.{column.decimals}f}"
    if math.isfinite(best.low):
        told += f" ({best.low:.{column.decimals}f}–{best.high:.{column.decimals}f})"
    better = "highest" if column.higher_is_better else "lowest"
    lines = [f"{ranking[0]} has the {better} {column.label}, {told}."]
    if oracles:
        lines.append(
            f"{_and(sorted(oracles))}, which saw the references, shows what the outputs could reach and does not count."
        )
    tested = [name for name in ranking if name in column.rows] if column.comparison is not None else []
    if len(tested) > 1 and tested[0] == ranking[0]:
        same = [name for name in column.level_with(ranking[0]) if name not in oracles]
        if same:
            lines.append(
                f"These {board.count:,} items do not tell {ranking[0]} apart from {_and(same)}: either may be the better one."
            )
        elif len(tested) == len(ranking):
            lines.append(
                f"The difference from every other system is significant (p < {ALPHA:g} after Holm’s correction)."
            )
    if board.silver:
        lines.append("The references are silver, so ranks are an indication and no proof.")
    return lines


def advice(board: Board) -> list[tuple[str, str]]:
    """Return ``(question, system)`` for who must choose one to run: among the systems whose speed was measured."""
    column = board.primary
    measured = [each for each in board.ranked if each.result.cost.items_per_second and not each.baseline]
    if column is None or len(measured) < 2:
        return []
    scored = [
        each
        for each in measured
        if each.name in column.cells and math.isfinite(column.cells[each.name].score)
    ]
    if len(scored) < 2:
        return []
    speed = {each.name: each.result.cost.items_per_second or 0.0 for each in scored}
    found = [("Best score", scored[0].name), ("Fastest", max(speed, key=lambda name: (speed[name], name)))]
    if column.comparison is not None:
        same = {scored[0].name, *column.level_with(scored[0].name)}
        level = [each.name for each in scored if each.name in same]
        quick = max(level, key=lambda name: speed[name], default=scored[0].name)
        if quick not in (found[0][1], found[1][1]):
            found.insert(1, ("Fastest of those not told apart from the best", quick))
    sized = [each for each in scored if each.size]
    if sized:
        found.append(("Smallest", min(sized, key=lambda each: (each.size or 0.0, each.name)).name))
    merged: dict[str, list[str]] = {}
    for question, name in found:
        merged.setdefault(name, []).append(question)
    return [
        (", ".join([questions[0], *map(_lower, questions[1:])]), name) for name, questions in merged.items()
    ]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def pairs_of(column: Column) -> list[PairedResult]:
    """Return the tested pairs, the better system of each first, hardest to tell apart last."""
    return list(column.comparison.pairs) if column.comparison is not None else []


def shown_text(value: Any) -> str:
    """Return a hypothesis, reference or fact as text for reading."""
    if isinstance(value, (list, tuple)) and any(
        isinstance(each, Mapping) and "kind" in each for each in value
    ):
        return "\n".join(shown_text(each) for each in value)
    if isinstance(value, Mapping) and "kind" in value:
        surface = value.get("surface")
        return f"{value['kind']}: {value.get('value', '')}" + (f" ({surface})" if surface else "")
    return hypothesis_text(value)
