"""Watching a run: counts, speed and partial scores are right, and nothing of the run is touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import Dataset, load_dataset
from eval.items import Item
from eval.live import PARTIAL_METRICS, LiveReader
from eval.metrics import load_metric, metrics_for
from eval.results import journals
from eval.run import run_benchmark
from eval.systems import BaseSystem, Request

DATASET = "mujaz-challenge"
BATCH = 8


class Copy(BaseSystem):
    """Answers with the reference, and breaks down after ``good`` items, as a kill would."""

    def __init__(self, dataset: Dataset, *, good: int) -> None:
        request = Request(spec="tests.live:Copy", name="Copy", task=dataset.task, dataset=dataset)
        super().__init__(request, settings={"version": "1"}, batch_size=BATCH)
        self.left = good

    def answer(self, items: Sequence[Item]) -> list[Any]:
        if self.left < len(items):
            raise KeyboardInterrupt
        self.left -= len(items)
        return [item.references[0] for item in items]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(DATASET)


def start(dataset: Dataset, results: Path, *, good: int = 2 * BATCH) -> Path:
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(dataset, Copy(dataset, good=good), results=results, metrics=["chrf2"])
    (journal,) = journals(results)
    return journal


def test_a_run_in_work_is_counted_and_scored(dataset: Dataset, tmp_path: Path) -> None:
    journal = start(dataset, tmp_path)
    before = journal.read_bytes()
    (run,) = LiveReader(tmp_path).read()
    assert journal.read_bytes() == before
    assert (run.dataset, run.task, run.answered, run.total) == (
        DATASET,
        dataset.task,
        2 * BATCH,
        len(dataset.items),
    )
    assert run.items_per_second is not None
    assert run.remaining == pytest.approx((len(dataset.items) - 2 * BATCH) / run.items_per_second)
    assert [each.metric for each in run.scores] == list(metrics_for(dataset.task)[:PARTIAL_METRICS])
    for each in run.scores:
        metric = load_metric(each.metric)
        answered = dataset.items[: 2 * BATCH]
        exact = metric.aggregate(metric.statistics([item.references[0] for item in answered], answered))
        assert each.score == pytest.approx(exact)
        assert each.items == 2 * BATCH


def test_a_line_that_is_being_written_is_left_alone(dataset: Dataset, tmp_path: Path) -> None:
    journal = start(dataset, tmp_path)
    torn = journal.read_bytes() + b'{"batch": "x", "session": 0, "ans'
    journal.write_bytes(torn)
    assert LiveReader(tmp_path).read()[0].answered == 2 * BATCH
    assert journal.read_bytes() == torn


def test_a_reader_follows_the_run_to_its_end(dataset: Dataset, tmp_path: Path) -> None:
    start(dataset, tmp_path)
    reader = LiveReader(tmp_path)
    assert reader.read()[0].answered == 2 * BATCH
    start(dataset, tmp_path, good=BATCH)
    assert reader.read()[0].answered == 3 * BATCH
    assert reader.read()[0].scores[0].items == 3 * BATCH
    run_benchmark(dataset, Copy(dataset, good=10**6), results=tmp_path, metrics=["chrf2"])
    assert reader.read() == ()


def test_a_result_of_fewer_items_does_not_end_a_longer_run(dataset: Dataset, tmp_path: Path) -> None:
    short = Dataset(dataset.card, dataset.items[:BATCH])
    run_benchmark(short, Copy(short, good=BATCH), results=tmp_path, metrics=["chrf2"])
    assert LiveReader(tmp_path).read() == ()
    start(dataset, tmp_path)
    assert LiveReader(tmp_path).read()[0].answered == 3 * BATCH


def test_an_unknown_dataset_has_counts_only(dataset: Dataset, tmp_path: Path) -> None:
    journal = start(dataset, tmp_path)
    other = tmp_path / "my-lines" / journal.parent.name
    other.parent.mkdir()
    journal.parent.rename(other)
    (run,) = LiveReader(tmp_path).read()
    assert (run.dataset, run.task, run.answered, run.total, run.remaining, run.scores) == (
        "my-lines", None, 2 * BATCH, None, None, (),
    )  # fmt: skip


def test_there_may_be_nothing(tmp_path: Path) -> None:
    assert LiveReader(tmp_path / "none").read() == ()
    (tmp_path / "d" / "s").mkdir(parents=True)
    (tmp_path / "d" / "s" / "answers-1.jsonl").write_bytes(b"not a journal\n")
    assert LiveReader(tmp_path).read() == ()
