"""Significance: sacrebleu's own p-values, textbook corrections, and honest answers where there is nothing to say."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU
from sacrebleu.significance import PairedTest

from eval import significance
from eval.errors import MetricError
from eval.items import Item
from eval.metrics import Statistics, load_metric
from eval.metrics.base import Mean
from eval.significance import (
    compare_systems,
    confidence_interval,
    holm,
    letters,
    paired_bootstrap,
    paired_randomization,
)

WORDS = (
    "the minister said that talks with Iraq on 2500 troops will resume in April after a long pause".split()
)


class Average(Mean):
    """Rows: one number."""

    name = "average"
    tasks = frozenset({"translate"})
    scale = 1.0
    signature = "average|version:1"


class Slow:
    """The same without the short cut from sums: what a metric of somebody's own may look like."""

    name = "slow"
    tasks = frozenset({"translate"})
    higher_is_better = True
    signature = "slow|version:1"

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        raise NotImplementedError

    def aggregate(self, statistics: Statistics) -> float:
        return float(statistics[:, 0].mean())


def system(error: float, *, seed: int, references: Sequence[str]) -> list[str]:
    random_ = random.Random(seed)
    return [
        " ".join(random_.choice(WORDS) if random_.random() < error else word for word in reference.split())
        for reference in references
    ]


@pytest.fixture(scope="module")
def corpus() -> tuple[list[str], list[list[str]]]:
    random_ = random.Random(5)
    references = [" ".join(random_.choices(WORDS, k=random_.randint(6, 20))) for _ in range(120)]
    systems = [
        system(error, seed=seed, references=references) for seed, error in enumerate((0.30, 0.31, 0.34, 0.5))
    ]
    return references, systems


@pytest.mark.parametrize(("kind", "samples"), [("bs", 400), ("ar", 800)])
def test_p_values_on_bleu_are_sacrebleus(
    kind: str, samples: int, corpus: tuple[list[str], list[list[str]]]
) -> None:
    references, systems = corpus
    named = [(str(number), hypotheses) for number, hypotheses in enumerate(systems)]
    test = PairedTest(named, {"BLEU": BLEU()}, [references], test_type=kind, n_samples=samples)
    _, scores = test()
    metric = load_metric("bleu")
    items = [Item(str(number), "نص", (reference,)) for number, reference in enumerate(references)]
    rows = [metric.statistics(hypotheses, items) for hypotheses in systems]
    theirs = scores["BLEU"]
    for number in (1, 2, 3):
        mine = (
            paired_bootstrap(metric, rows[0], rows[number], samples=samples)
            if kind == "bs"
            else paired_randomization(metric, rows[0], rows[number], trials=samples)
        )
        expected = theirs[number]
        assert mine.score_b == pytest.approx(expected.score)  # type: ignore[union-attr]
        # sacrebleu sums in single precision: at most one sample may fall on the other side.
        assert mine.p_value == pytest.approx(expected.p_value, abs=1.1 / samples)  # type: ignore[union-attr]
    p_values = [result.p_value for result in theirs[1:]]  # type: ignore[union-attr]
    assert max(p_values) > 0.05 > min(p_values)  # the comparison covers both verdicts


def test_the_short_cut_from_sums_changes_nothing() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(0, 1, (50, 1)), generator.normal(0.3, 1, (50, 1))
    quick, slow = Average(), Slow()
    for test in (paired_bootstrap, paired_randomization):
        assert test(quick, a, b).p_value == pytest.approx(test(slow, a, b).p_value, abs=2e-3)
    assert confidence_interval(quick, a).low == pytest.approx(confidence_interval(slow, a).low)


def test_the_same_seed_gives_the_same_answer_and_another_does_not() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.normal(0, 1, (30, 1)), generator.normal(0.4, 1, (30, 1))
    one, again = (paired_randomization(Average(), a, b, trials=500) for _ in range(2))
    assert one == again
    assert paired_randomization(Average(), a, b, trials=500, seed=2).p_value != one.p_value


def test_identical_systems_are_never_told_apart() -> None:
    rows = np.random.default_rng(2).normal(0, 1, (20, 1))
    assert paired_randomization(Average(), rows, rows, trials=200).p_value == 1.0
    assert paired_bootstrap(Average(), rows, rows, samples=200).p_value == 1.0


def test_a_constant_gain_is_significant_and_its_interval_is_the_gain() -> None:
    rows = np.random.default_rng(3).normal(0, 1, (40, 1))
    found = paired_randomization(Average(), rows, rows + 1, names=("old", "new"))
    assert (found.a, found.b, found.items, found.test) == ("old", "new", 40, "randomization")
    assert found.p_value < 0.001
    assert (found.difference, found.low, found.high) == pytest.approx((1, 1, 1))


def test_false_alarms_are_as_rare_as_promised() -> None:
    generator = np.random.default_rng(4)
    alarms = 0
    for _ in range(200):
        a, b = generator.normal(0, 1, (25, 1)), generator.normal(0, 1, (25, 1))
        alarms += paired_randomization(Average(), a, b, trials=200, interval_samples=2).p_value < 0.05
    assert alarms <= 20  # 10 expected; 20 or more would happen once in 500


def test_the_interval_covers_the_mean_and_narrows_with_level() -> None:
    rows = np.random.default_rng(5).normal(10, 2, (400, 1))
    wide, narrow = confidence_interval(Average(), rows), confidence_interval(Average(), rows, level=0.5)
    assert wide.low < narrow.low < wide.score < narrow.high < wide.high
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.15)
    with pytest.raises(MetricError, match="level"):
        confidence_interval(Average(), rows, level=1.0)


def test_parts_of_the_random_numbers_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(6).normal(0, 1, (20, 1))
    whole = confidence_interval(Average(), rows)
    monkeypatch.setattr(significance, "_CHUNK", 20 * 64)
    parts = confidence_interval(Average(), rows)
    assert (parts.low, parts.high) == pytest.approx((whole.low, whole.high), abs=0.1)
    assert paired_randomization(Average(), rows, rows + 1, trials=300).p_value == pytest.approx(1 / 301)


def test_rows_that_do_not_pair_are_refused() -> None:
    for bad in (np.zeros((3, 1)), np.zeros((4, 2)), np.zeros((0, 1)), np.zeros(4)):
        with pytest.raises(MetricError):
            paired_bootstrap(Average(), np.zeros((4, 1)), bad)


def test_nothing_to_score_is_no_finding() -> None:
    metric = load_metric("boundary-precision")
    empty, some = np.zeros((3, 3)), np.array([[1.0, 2, 2], [0, 0, 0], [0, 0, 0]])
    found = paired_randomization(metric, empty, some, trials=50)
    assert math.isnan(found.difference)
    assert found.p_value == 1.0
    assert math.isnan(confidence_interval(metric, empty).low)
    # Resamples that draw only empty items have no score, and count against the finding.
    assert paired_bootstrap(metric, some, np.add(some, [0, 1, 0]), samples=50).p_value > 0.2


# --- several systems ------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_raises_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    by_p = sorted(range(len(p_values)), key=lambda index: (p_values[index], index))
    assert [adjusted[index] for index in by_p] == sorted(adjusted)


def test_letters_by_hand() -> None:
    # a and c differ, b differs from neither: b belongs to both groups.
    assert letters(["a", "b", "c"], {frozenset("ac")}) == {"a": "a", "b": "ab", "c": "b"}
    assert letters(["a", "b"], set()) == {"a": "a", "b": "a"}
    everything = [str(number) for number in range(28)]
    apart = {frozenset((one, other)) for one in everything for other in everything if one != other}
    assert letters(everything, apart)["27"] == "b2"


@given(st.sets(st.sampled_from([frozenset(pair) for pair in ("ab", "ac", "ad", "bc", "bd", "cd")])))
def test_names_share_a_letter_exactly_when_they_are_not_apart(apart: set[frozenset[str]]) -> None:
    groups = letters("abcd", apart)
    for one in "abcd":
        for other in "abcd":
            if one < other:
                assert bool(set(groups[one]) & set(groups[other])) == (frozenset((one, other)) not in apart)


@pytest.mark.parametrize("test", ["randomization", "bootstrap"])
def test_compare_ranks_corrects_and_groups(test: str) -> None:
    generator = np.random.default_rng(7)
    base = generator.normal(0, 1, (60, 1))
    rows = {
        "mid": base + 1,
        "mid2": base + 1 + generator.normal(0, 0.5, (60, 1)),
        "best": base + 3,
        "worst": base,
    }
    compared = compare_systems(Average(), rows, test=test, samples=400)  # type: ignore[arg-type]
    assert compared.order[0] == "best"
    assert compared.order[-1] == "worst"
    assert len(compared.pairs) == 6
    assert compared.groups["mid"] == compared.groups["mid2"] == "b"
    assert (compared.groups["best"], compared.groups["worst"]) == ("a", "c")
    assert compared.pair("worst", "best") is compared.pair("best", "worst")
    assert all(pair.adjusted >= pair.p_value for pair in compared.pairs)
    with pytest.raises(KeyError):
        compared.pair("best", "unknown")


def test_compare_puts_the_lower_first_where_lower_is_better_and_the_unscored_last() -> None:
    metric = load_metric("ter")
    rows = {"bad": np.array([[5.0, 10]] * 4), "good": np.array([[1.0, 10]] * 4)}
    assert compare_systems(metric, rows, samples=20).order == ("good", "bad")
    unscored = {"none": np.zeros((4, 3)), "some": np.ones((4, 3))}
    assert compare_systems(load_metric("boundary-f1"), unscored, samples=20).order == ("some", "none")
    with pytest.raises(MetricError, match="no system"):
        compare_systems(metric, {})
