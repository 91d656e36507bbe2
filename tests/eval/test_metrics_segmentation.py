"""Sentence cuts: by hand."""

from __future__ import annotations

import math

import pytest

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric

SENTENCES = ("قال الوزير نعم.", "وقال الرئيس لا!", "هل يعود؟")
TEXT = "  قال الوزير نعم.\nوقال الرئيس لا!  هل يعود؟"


def scores(hypothesis: object, references: tuple[str, ...] = SENTENCES) -> tuple[float, ...]:
    found = []
    for part in ("precision", "recall", "f1"):
        metric = load_metric(f"boundary-{part}")
        found.append(metric.aggregate(metric.statistics([hypothesis], [Item("1", TEXT, references)])))
    return tuple(found)


def test_the_right_cuts_score_100_whatever_the_white_space() -> None:
    assert scores(list(SENTENCES)) == (100, 100, 100)
    assert scores([f" {sentence}\n" for sentence in SENTENCES]) == (100, 100, 100)
    assert scores("\n".join(SENTENCES)) == (100, 100, 100)


def test_a_missing_and_a_wrong_cut() -> None:
    assert scores(["قال الوزير نعم. وقال الرئيس لا!", "هل يعود؟"]) == pytest.approx((100, 50, 200 / 3))
    assert scores(["قال الوزير", "نعم.", *SENTENCES[1:]]) == pytest.approx((200 / 3, 100, 80))


def test_no_cut_at_all_says_nothing_about_precision() -> None:
    precision, recall, f1 = scores([TEXT])
    assert math.isnan(precision)
    assert (recall, f1) == (0, 0)
    assert all(math.isnan(each) for each in scores([TEXT], (TEXT,)))


def test_changed_letters_earn_nothing() -> None:
    assert scores(["قال الوزير نعم", *SENTENCES[1:]]) == (0, 0, 0)


def test_truth_is_needed() -> None:
    with pytest.raises(MetricError, match="no reference"):
        scores(["نص"], ())
