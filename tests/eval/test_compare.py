"""Comparing: only like with like, and what cannot be said is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.compare import compare, shared_metrics
from eval.datasets import Dataset, load_dataset
from eval.errors import MetricError
from eval.results import Result
from eval.run import run_benchmark
from eval.systems import create_system

COUNT = 40


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    path = tmp_path / "set.jsonl"
    words = ["the", "minister", "said", "that", "talks", "with", "Baghdad", "will", "go", "on"]
    rows = [
        {"id": str(n), "source": f"نص {n}", "reference": " ".join([*words[n % 3 :], str(n)])}
        for n in range(COUNT)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return load_dataset(f"jsonl:{path}", task="translate")


def result(
    data: Dataset, folder: Path, name: str, answer: Any, metrics: tuple[str, ...] = ("bleu", "chrf2")
) -> Result:
    path = folder / f"{name}.txt"
    path.write_text("".join(f"{answer(item)}\n" for item in data.items), encoding="utf-8")
    system = create_system(f"files:{path},name={name}", data)
    return run_benchmark(data, system, metrics=list(metrics), results=folder / "results")


def perfect(item: Any) -> str:
    return str(item.references[0])


def poor(item: Any) -> str:
    return "the minister of something else"


def test_a_clear_difference_is_found_and_a_tie_is_not_called_one(data: Dataset, tmp_path: Path) -> None:
    results = [result(data, tmp_path, "good", perfect), result(data, tmp_path, "poor", poor)]
    results.append(result(data, tmp_path, "twin", perfect))
    bleu, chrf = compare(results, samples=500)
    assert (bleu.metric, chrf.metric) == ("bleu", "chrf2")
    assert bleu.comparison is not None
    assert bleu.comparison.order == ("files:good", "files:twin", "files:poor")
    assert bleu.comparison.pair("files:good", "files:poor").significant()
    assert bleu.comparison.groups == {"files:good": "a", "files:twin": "a", "files:poor": "b"}
    told = " ".join(bleu.cannot)
    assert "that files:good and files:twin differ, nor that they are equal: the scores are equal" in told
    assert "files:poor" not in told
    assert "on other texts" in told


def test_few_trials_few_items_and_silver_are_told(data: Dataset, tmp_path: Path) -> None:
    results = [result(data, tmp_path, "good", perfect), result(data, tmp_path, "poor", poor)]
    (few,) = compare(results, metrics=["bleu"], samples=10)
    assert any("ask for more samples" in line for line in few.cannot)
    small = [replace(each, dataset={**each.dataset, "items": 5, "silver": True}) for each in results]
    (told,) = compare(small, metrics=["bleu"], test="bootstrap", samples=100)
    assert any("too few" in line for line in told.cannot)
    assert any("SILVER" in line for line in told.cannot)


def test_one_system_alone_is_not_compared(data: Dataset, tmp_path: Path) -> None:
    (finding,) = compare([result(data, tmp_path, "good", perfect)], metrics=["chrf2"])
    assert finding.comparison is None
    assert "nothing to compare" in finding.cannot[0]


def test_unlike_results_are_refused(data: Dataset, tmp_path: Path) -> None:
    good, bad = result(data, tmp_path, "good", perfect), result(data, tmp_path, "poor", poor)
    with pytest.raises(MetricError, match="different test sets"):
        compare([good, replace(bad, dataset={**bad.dataset, "id": "another"})])
    with pytest.raises(MetricError, match="different items of jsonl"):
        compare([good, replace(bad, dataset={**bad.dataset, "checksum": "x", "items": 10})])
    with pytest.raises(MetricError, match="stands there twice"):
        compare([good, good])
    with pytest.raises(MetricError, match="no result"):
        compare([])


def test_unlike_signatures_are_refused_and_the_difference_named(data: Dataset, tmp_path: Path) -> None:
    good, bad = result(data, tmp_path, "good", perfect), result(data, tmp_path, "poor", poor)
    altered = tuple(
        replace(each, signature=each.signature.replace("tok:13a", "tok:none")) for each in bad.scores
    )
    with pytest.raises(MetricError, match=r"different signatures, tok:13a and tok:none"):
        compare([good, replace(bad, scores=altered)], metrics=["bleu"])


def test_missing_metrics_are_refused(data: Dataset, tmp_path: Path) -> None:
    good = result(data, tmp_path, "good", perfect, ("bleu",))
    bad = result(data, tmp_path, "poor", poor, ("chrf2",))
    with pytest.raises(MetricError, match="share no metric"):
        compare([good, bad])
    with pytest.raises(MetricError, match="was not scored with bleu"):
        compare([good, bad], metrics=["bleu"])
    assert shared_metrics([]) == ()


def test_a_score_that_no_longer_follows_from_its_rows_is_refused(data: Dataset, tmp_path: Path) -> None:
    good = result(data, tmp_path, "good", perfect)
    false = tuple(replace(each, score=each.score - 3) for each in good.scores)
    with pytest.raises(MetricError, match="the metric has changed"):
        compare([replace(good, scores=false), result(data, tmp_path, "poor", poor)])
