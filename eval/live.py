"""Runs that have no result yet: how far they are, when they may end, and what the answers so far score.

Only reads, and only journals (``eval.results.Journal``): a run is neither slowed nor stopped by being watched. Whether its
process still lives cannot be told from a file, so the age of its last answer is given instead.

A partial score is of the items answered so far, which are the first ones of the dataset and not a sample of it: it shows
that a run goes well or badly, and compares with no other score.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from eval.datasets import Dataset, list_cards, load_dataset
from eval.errors import DatasetError, MetricError
from eval.items import Task
from eval.metrics import Metric, Statistics, load_metric, metrics_for
from eval.results import Result, batch_key, folder_name, journals, read_results
from eval.systems import batches
from summarizer.errors import InputError, MissingModelError

logger = logging.getLogger(__name__)

#: Metrics whose partial scores are worked out: the first of the task's own, which lead the leaderboard.
PARTIAL_METRICS: Final = 2
_PREFIX: Final = "answers-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialScore:
    """The score of the items answered so far: of ``items`` of them."""

    metric: str
    score: float
    items: int
    higher_is_better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRun:
    """A run whose answers are not all there. Times are in seconds.

    ``dataset`` and ``system`` are as the folders are called. ``total`` is None where the dataset is not at hand, and
    ``remaining`` then too; a run with a limit ends before ``total``. ``age``: how long ago the last answer came.
    """

    dataset: str
    system: str
    task: Task | None
    answered: int
    total: int | None
    seconds: float
    age: float
    scores: tuple[PartialScore, ...] = ()

    @property
    def items_per_second(self) -> float | None:
        return self.answered / self.seconds if self.seconds > 0 else None

    @property
    def remaining(self) -> float | None:
        """Seconds of answering left at the speed so far."""
        rate = self.items_per_second
        return None if rate is None or self.total is None else max(0, self.total - self.answered) / rate


class LiveReader:
    """Reads the runs under a results folder again and again; what was scored once is kept.

    ``data``: the folder of the corpora (default: ``$MUJAZ_DATA``), for totals and partial scores. Not for several threads
    at once.
    """

    def __init__(self, folder: Path, *, data: Path | None = None) -> None:
        self.folder = folder
        self.data = data
        self._datasets: dict[str, Dataset | None] = {}
        self._rows: dict[tuple[str, str, str], Statistics] = {}

    def read(self) -> tuple[LiveRun, ...]:
        """Return the runs without a result, the one that answered last first; none where there is no folder."""
        if not self.folder.is_dir():
            return ()
        results = _results_by_answers(self.folder)
        found = [self._read_journal(path, results) for path in journals(self.folder)]
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.age))

    def _read_journal(self, path: Path, results: Mapping[str, Sequence[Result]]) -> LiveRun | None:
        try:
            age = max(0.0, time.time() - path.stat().st_mtime)
            answers = _answers(path.read_bytes())
        except OSError as error:  # gone, or not ours to read: nothing to show
            logger.info("%s: %s", path, error)
            return None
        answered = sum(map(len, answers.values()))
        siblings = results.get(path.stem.removeprefix(_PREFIX), ())
        if not answered or any(int(each.dataset["items"]) >= answered for each in siblings):
            return None
        name = path.parent.parent.name
        dataset = self._dataset(name)
        return LiveRun(
            dataset=name,
            system=path.parent.name,
            task=dataset.task if dataset else None,
            answered=answered,
            total=len(dataset.items) if dataset else None,
            seconds=sum(float(seconds) for batch in answers.values() for _, seconds in batch),
            age=age,
            scores=tuple(self._scores(str(path), dataset, answers)) if dataset else (),
        )

    def _dataset(self, folder: str) -> Dataset | None:
        if folder not in self._datasets:
            card = next((each for each in list_cards() if folder_name(each.id) == folder), None)
            try:
                self._datasets[folder] = load_dataset(card.id, data=self.data) if card else None
            except DatasetError as error:
                logger.info("%s: no totals and scores: %s", folder, error)
                self._datasets[folder] = None
        return self._datasets[folder]

    def _scores(
        self, path: str, dataset: Dataset, answers: Mapping[str, Sequence[Sequence[Any]]]
    ) -> list[PartialScore]:
        step = max(map(len, answers.values()))
        plan = [
            (key, batch) for batch in batches(dataset.items, step) if (key := batch_key(batch)) in answers
        ]
        found = []
        for name in metrics_for(dataset.task)[:PARTIAL_METRICS]:
            try:
                metric = load_metric(name)
                rows = [self._score_batch(path, key, metric, answers[key], batch) for key, batch in plan]
            except (MetricError, MissingModelError) as error:
                logger.info("%s: %s is not scored: %s", path, name, error)
                continue
            if rows:
                table = np.concatenate(rows)
                found.append(
                    PartialScore(
                        metric=name,
                        score=float(metric.aggregate(table)),
                        items=len(table),
                        higher_is_better=metric.higher_is_better,
                    )
                )
        return found

    def _score_batch(
        self, path: str, key: str, metric: Metric, answers: Sequence[Sequence[Any]], batch: Sequence[Any]
    ) -> Statistics:
        known = (path, key, metric.name)
        if known not in self._rows:
            self._rows[known] = metric.statistics([answer for answer, _ in answers], batch)
        return self._rows[known]


def _results_by_answers(folder: Path) -> dict[str, list[Result]]:
    """Return the results by the key of the journal that they were made from; none where one cannot be read."""
    found: dict[str, list[Result]] = {}
    try:
        for result in read_results(folder):
            found.setdefault(str(result.system["answers"]), []).append(result)
    except InputError as error:
        logger.info("%s", error)
    return found


def _answers(data: bytes) -> dict[str, list[list[Any]]]:
    """Return batch key -> [[hypothesis, seconds], ...]; a line that is being written, or was torn, ends it."""
    found: dict[str, list[list[Any]]] = {}
    for line in data.split(b"\n")[:-1]:
        try:
            row = json.loads(line)
            if "batch" in row:
                found[str(row["batch"])] = [
                    [hypothesis, float(seconds)] for hypothesis, seconds in row["answers"]
                ]
        except (ValueError, KeyError, TypeError):
            break
    return found
