"""Clustering scores against their definitions and scikit-learn's."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric


def items(truth: list[str]) -> list[Item]:
    return [Item(str(number), "نص", meta={"cluster": label}) for number, label in enumerate(truth)]


def score(name: str, labels: list[object], truth: list[str]) -> float:
    metric = load_metric(name)
    return metric.aggregate(metric.statistics(labels, items(truth)))


TRUTH = list("aaaaabbbbbccccc")
#: Three clusters that are mostly a, mostly b and purely c.
LABELS: list[object] = [1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3]


def test_b_cubed_by_its_definition() -> None:
    precision = recall = 0.0
    for label, story in zip(LABELS, TRUTH, strict=True):
        both = sum(pair == (label, story) for pair in zip(LABELS, TRUTH, strict=True))
        precision += both / LABELS.count(label) / len(TRUTH)
        recall += both / TRUTH.count(story) / len(TRUTH)
    assert score("bcubed-precision", LABELS, TRUTH) == pytest.approx(100 * precision)
    assert score("bcubed-recall", LABELS, TRUTH) == pytest.approx(100 * recall)
    assert score("bcubed-f1", LABELS, TRUTH) == pytest.approx(
        100 * 2 * precision * recall / (precision + recall)
    )


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), min_size=2, max_size=25))
def test_pairs_and_rand_index_by_counting(pairs: list[tuple[int, str]]) -> None:
    labels, truth = [label for label, _ in pairs], [story for _, story in pairs]
    together = [(x[0] == y[0], x[1] == y[1]) for x, y in combinations(pairs, 2)]
    matched = sum(mine and theirs for mine, theirs in together)
    proposed, expected = sum(mine for mine, _ in together), sum(theirs for _, theirs in together)
    found = score("pairwise-f1", labels, truth)  # type: ignore[arg-type]
    if proposed + expected:
        assert found == pytest.approx(100 * 2 * matched / (proposed + expected))
    else:
        assert np.isnan(found)
    assert score("ari", labels, truth) == pytest.approx(100 * adjusted_rand_score(truth, labels))  # type: ignore[arg-type]


def test_the_right_stories_score_100_whatever_they_are_called() -> None:
    labels: list[object] = [{"a": 7, "b": "x", "c": 0}[story] for story in TRUTH]
    for name in (
        "bcubed-f1",
        "bcubed-precision",
        "bcubed-recall",
        "pairwise-f1",
        "pairwise-precision",
        "ari",
    ):
        assert score(name, labels, TRUTH) == pytest.approx(100)


def test_one_heap_and_all_alone_are_the_two_ways_to_fail() -> None:
    heap, alone = [0] * 15, list(range(15))
    assert score("bcubed-recall", heap, TRUTH) == score("bcubed-precision", alone, TRUTH) == 100.0  # type: ignore[arg-type]
    assert score("ari", heap, TRUTH) == pytest.approx(0)  # type: ignore[arg-type]
    assert score("ari", alone, TRUTH) == pytest.approx(0)  # type: ignore[arg-type]
    assert score("ari", alone, [str(each) for each in alone]) == 100.0  # type: ignore[arg-type]
    assert score("reports-per-cluster", heap, TRUTH) == pytest.approx(15)  # type: ignore[arg-type]
    assert score("reports-per-cluster", LABELS, TRUTH) == pytest.approx(5)


def test_rows_resample() -> None:
    metric = load_metric("bcubed-f1")
    rows = metric.statistics(LABELS, items(TRUTH))
    assert rows.shape == (15, 2)
    assert 0 < metric.aggregate(rows[[0, 0, 5]]) <= 100


def test_reports_without_a_label_are_refused() -> None:
    with pytest.raises(MetricError, match="has no label"):
        load_metric("ari").statistics([1], [Item("1", "نص")])
