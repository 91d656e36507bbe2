"""The runner: kill -9 costs nothing that was on disk, nothing is computed twice, and the same run ends the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval import run as runner
from eval.datasets import Dataset, load_dataset
from eval.errors import MetricError
from eval.items import Item
from eval.results import Journal, Result, journals, read_results
from eval.run import run_benchmark
from eval.systems import BaseSystem, Request, create_system
from summarizer.errors import InputError, ModelError
from tests.conftest import ROOT

SYSTEM = "tests.eval.slow_system:Slow"
ITEMS = 12


@pytest.fixture
def dataset_file(tmp_path: Path) -> Path:
    path = tmp_path / "lines.jsonl"
    rows = [
        {
            "id": f"i{number}",
            "source": f"جملة رقم {number} عن بغداد",
            "reference": f"sentence {number} about Baghdad",
        }
        for number in range(ITEMS)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def load(path: Path, limit: int | None = None) -> Dataset:
    return load_dataset(f"jsonl:{path}", task="translate", limit=limit)


class Fake(BaseSystem):
    """Counts its calls; answers from a function."""

    def __init__(
        self, dataset: Dataset, *, batch_size: int | None = 4, version: str = "1", fail_at: str = ""
    ) -> None:
        request = Request(spec="tests.fake:Fake", name="Fake", task=dataset.task, dataset=dataset)
        super().__init__(request, settings={"version": version}, batch_size=batch_size, size_mb=1.5)
        self.loads = 0
        self.asked: list[str] = []
        self.fail_at = fail_at

    def load(self) -> None:
        self.loads += 1

    def answer(self, items: Sequence[Item]) -> list[Any]:
        if any(item.id == self.fail_at for item in items):
            raise ModelError("out of memory")
        self.asked += [item.id for item in items]
        return [f"answer to {item.id}" for item in items]


def content(result: Result) -> dict[str, Any]:
    """Everything of a result but times, memory and the date."""
    plain = json.loads(result.path.read_text(encoding="utf-8"))
    for varying in ("created", "cost", "machine", "items_sha256"):
        del plain[varying]
    plain["rows"] = [(item.id, item.hypothesis, item.statistics) for item in result.items]
    return plain


# --- kill -9 --------------------------------------------------------------------------------------


def start(dataset_file: Path, results: Path, log: Path, *, seconds: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "eval.cli", "run", "--dataset", f"jsonl:{dataset_file}", "--task", "translate",
            "--system", SYSTEM, "--metric", "bleu", "--metric", "chrf2", "--results", str(results),
        ],
        cwd=ROOT,
        env={**os.environ, "SLOW_LOG": str(log), "SLOW_SECONDS": str(seconds), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def batches_on_disk(results: Path) -> int:
    return sum(path.read_bytes().count(b'"batch"') for path in journals(results)) if results.exists() else 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_killed_run_goes_on_and_ends_as_if_never_killed(dataset_file: Path, tmp_path: Path) -> None:
    killed, log = tmp_path / "killed", tmp_path / "killed.log"
    for stop_at in (1, 3):  # killed twice, in different places
        process = start(dataset_file, killed, log, seconds=0.25)
        deadline = time.monotonic() + 120
        while batches_on_disk(killed) < stop_at and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.poll() is None, process.communicate()[1].decode()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert not read_results(killed)
    on_disk = batches_on_disk(killed)
    assert 3 <= on_disk < ITEMS // 2

    process = start(dataset_file, killed, log, seconds=0)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()

    finished = [line for line in log.read_text(encoding="utf-8").split() if line != "load"]
    assert len(finished) == len(set(finished)) == ITEMS  # no item computed twice
    assert log.read_text(encoding="utf-8").split().count("load") == 3

    whole, whole_log = tmp_path / "whole", tmp_path / "whole.log"
    process = start(dataset_file, whole, whole_log, seconds=0)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    (resumed,), (uninterrupted,) = read_results(killed), read_results(whole)
    assert content(resumed) == content(uninterrupted)
    assert resumed.hash == uninterrupted.hash
    assert resumed.cost.sessions == 3
    assert uninterrupted.cost.sessions == 1


def test_a_torn_line_is_cut_off_and_its_batch_computed_again(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    broken = Fake(dataset, fail_at="i9")
    with pytest.raises(ModelError, match="out of memory"):
        run_benchmark(dataset, broken, metrics=["bleu"], results=tmp_path)
    (journal,) = journals(tmp_path)
    whole = journal.read_bytes()
    assert whole.count(b"\n") == 3  # a session, two batches
    journal.write_bytes(whole[:-20])

    again = Fake(dataset)
    result = run_benchmark(dataset, again, metrics=["bleu"], results=tmp_path)
    assert again.asked == [f"i{number}" for number in range(4, ITEMS)]
    assert [item.hypothesis for item in result.items] == [f"answer to i{number}" for number in range(ITEMS)]
    with Journal(journal) as after:
        assert len(after.batches) == 3
        assert len(after.sessions) == 2


# --- caching --------------------------------------------------------------------------------------


def test_the_same_run_again_does_nothing(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    first = run_benchmark(dataset, Fake(dataset), metrics=["bleu"], results=tmp_path)
    written = first.path.read_bytes()
    second = Fake(dataset)
    again = run_benchmark(dataset, second, metrics=["bleu"], results=tmp_path)
    assert (second.loads, second.asked) == (0, [])
    assert again.path == first.path
    assert again.path.read_bytes() == written


def test_a_further_metric_scores_the_same_answers(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    first = run_benchmark(dataset, Fake(dataset), metrics=["bleu"], results=tmp_path)
    other = Fake(dataset)
    second = run_benchmark(dataset, other, metrics=["bleu", "chrf2"], results=tmp_path)
    assert (other.loads, other.asked) == (0, [])
    assert second.hash != first.hash
    assert second.cost == first.cost  # measured when the answers were made
    assert second.score("bleu") == first.score("bleu")


def test_another_version_is_another_result(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    first = run_benchmark(dataset, Fake(dataset), metrics=["bleu"], results=tmp_path)
    newer = Fake(dataset, version="2")
    second = run_benchmark(dataset, newer, metrics=["bleu"], results=tmp_path)
    assert len(newer.asked) == ITEMS
    assert first.hash != second.hash
    assert first.path.exists()


def test_a_longer_run_takes_over_the_batches_of_a_shorter_one(dataset_file: Path, tmp_path: Path) -> None:
    short = load(dataset_file, limit=6)  # batches of 4: one whole, one of 2
    run_benchmark(short, Fake(short), metrics=["bleu"], results=tmp_path)
    dataset = load(dataset_file)
    longer = Fake(dataset)
    result = run_benchmark(dataset, longer, metrics=["bleu"], results=tmp_path)
    assert longer.asked == [f"i{number}" for number in range(4, ITEMS)]
    assert len(result.items) == ITEMS


def test_two_runs_of_one_system_at_once_are_refused(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    run_benchmark(dataset, Fake(dataset), metrics=["bleu"], results=tmp_path)
    (journal,) = journals(tmp_path)
    with Journal(journal), pytest.raises(InputError, match="another process"):
        run_benchmark(dataset, Fake(dataset), metrics=["chrf2"], results=tmp_path)


def test_all_items_at_once_for_systems_that_ask_for_it(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    system = Fake(dataset, batch_size=None)
    run_benchmark(dataset, system, metrics=["bleu"], results=tmp_path)
    (journal,) = journals(tmp_path)
    assert journal.read_bytes().count(b'"batch"') == 1


# --- scores and cost ------------------------------------------------------------------------------


def test_scores_are_those_of_the_metric_with_an_interval(dataset_file: Path, tmp_path: Path) -> None:
    from eval.metrics import load_metric

    dataset = load(dataset_file)
    result = run_benchmark(dataset, Fake(dataset), metrics=["chrf2"], results=tmp_path)
    metric = load_metric("chrf2")
    rows = metric.statistics([f"answer to {item.id}" for item in dataset.items], dataset.items)
    score = result.score("chrf2")
    assert score is not None
    assert score.score == pytest.approx(metric.aggregate(rows))
    assert score.low <= score.score <= score.high
    assert score.signature == metric.signature
    assert "nrefs:1" in score.signature
    assert (result.statistics("chrf2") == rows).all()


def test_cost_and_machine_are_told(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    steps: list[tuple[str, int, int]] = []
    result = run_benchmark(
        dataset, Fake(dataset), metrics=["bleu"], results=tmp_path, progress=lambda *step: steps.append(step)
    )
    cost = result.cost
    assert cost.items_per_second is not None
    assert cost.tokens_per_second == pytest.approx(cost.items_per_second * 5, rel=1e-3)  # five words an item
    assert cost.peak_memory_mb is not None
    assert cost.peak_memory_mb > 20
    assert (cost.model_mb, cost.sessions) == (1.5, 1)
    assert result.machine["cores"] >= 1
    assert result.machine["cpu"]
    assert result.machine["versions"]["numpy"]
    assert steps == [("answer", 4, 12), ("answer", 8, 12), ("answer", 12, 12), ("score", 1, 1)]


def test_answers_from_a_file_have_no_cost(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    hypotheses = tmp_path / "ours.txt"
    hypotheses.write_text("".join(f"sentence {number}\n" for number in range(ITEMS)), encoding="utf-8")
    result = run_benchmark(
        dataset, create_system(f"files:{hypotheses}", dataset), metrics=["bleu"], results=tmp_path / "r"
    )
    assert result.cost.seconds is None
    assert result.cost.items_per_second is None
    assert result.items[0].seconds is None


def test_peak_memory_is_that_of_this_run() -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the peak cannot be reset on this system")
    ballast = bytearray(200 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    high = runner.peak_memory_mb()
    del ballast
    runner.reset_peak_memory()
    assert runner.peak_memory_mb() < high - 100


def test_metrics_must_fit_and_defaults_are_those_that_can_score(dataset_file: Path, tmp_path: Path) -> None:
    dataset = load(dataset_file)
    with pytest.raises(MetricError, match="not translate"):
        run_benchmark(dataset, Fake(dataset), metrics=["ari"], results=tmp_path)
    assert not list(tmp_path.rglob("answers-*"))  # told before any work
    bare = tmp_path / "bare.jsonl"
    bare.write_text('{"id": "1", "source": "نص"}\n', encoding="utf-8")
    unlabelled = load(bare)
    assert {"bleu", "chrf2"} <= set(runner.choose_metrics(dataset, None))
    assert not {"bleu", "chrf2"} & set(runner.choose_metrics(unlabelled, None))


def test_a_system_that_loses_an_item_is_an_error(dataset_file: Path, tmp_path: Path) -> None:
    class Losing(Fake):
        def answer(self, items: Sequence[Item]) -> list[Any]:
            return super().answer(items)[1:]

    dataset = load(dataset_file)
    with pytest.raises(ModelError, match="3 answers for 4 items"):
        run_benchmark(dataset, Losing(dataset), metrics=["bleu"], results=tmp_path)
