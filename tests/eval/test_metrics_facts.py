"""Facts found and facts kept: by hand."""

from __future__ import annotations

import json

import pytest

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric
from eval.metrics.facts import FactScore

TRUTH = [
    {"kind": "number", "value": "2500", "start": 0, "end": 4},
    {"kind": "date", "value": "2021-04-07", "start": 9, "end": 20},
    {"kind": "number", "value": "2500", "start": 30, "end": 34},
]
ITEM = Item("1", "نص", meta={"facts": TRUTH})


def score(name: str, hypothesis: object, item: Item = ITEM) -> float:
    metric = load_metric(name)
    return metric.aggregate(metric.statistics([hypothesis], [item]))


def test_values_count_as_often_as_both_have_them() -> None:
    assert score("facts-f1", TRUTH) == 100.0
    assert score("facts-recall", TRUTH[:1]) == pytest.approx(100 / 3)
    assert score("facts-precision", [TRUTH[0]] * 3) == pytest.approx(200 / 3)
    assert score("facts-f1", []) == 0.0


def test_values_are_folded_and_json_text_is_read() -> None:
    found = [{"kind": "number", "value": "٢٥٠٠"}, {"kind": "date", "value": "2021-04-07 "}]
    assert score("facts-precision", json.dumps(found)) == 100.0
    assert score("facts-recall", "") == 0.0


def test_by_span_the_place_must_be_exact() -> None:
    moved = [{**TRUTH[0], "end": 5}, TRUTH[1], {**TRUTH[2], "value": "?"}]
    assert score("facts-span-precision", moved) == pytest.approx(200 / 3)


def test_kinds_that_nobody_annotated_do_not_count() -> None:
    found = [*TRUTH, {"kind": "name", "value": "بغداد"}]
    assert score("facts-precision", found) == 100.0
    dates = Item("1", "نص", meta={"facts": TRUTH, "kinds": ["date"]})
    assert score("facts-f1", found, dates) == 100.0
    assert (
        score(
            "facts-precision",
            [{"kind": "date", "value": "x"}],
            Item("1", "نص", meta={"facts": [], "kinds": ["date"]}),
        )
        == 0.0
    )


def test_what_cannot_be_scored_is_said() -> None:
    with pytest.raises(MetricError, match="no facts to compare"):
        score("facts-f1", [], Item("1", "نص"))
    for bad in ("not json", '{"kind": "number"}', ["text"], 3):
        with pytest.raises(MetricError, match="facts must be"):
            score("facts-f1", bad)
    for choice in ("f2,value", "f1", "f1,colour"):
        with pytest.raises(MetricError, match="unknown fact score"):
            FactScore(choice)


def test_facts_kept_by_a_translation() -> None:
    facts = [
        {"kind": "number", "value": "2500"},
        {"kind": "negation", "value": "not"},
        {"kind": "name", "value": "Ministry of Education"},
    ]
    item = Item("1", "نص", ("x",), {"facts": facts})
    assert score("facts-kept", "The ministry of education did not hire 2,500 teachers.", item) == 100.0
    assert score("facts-kept", "The ministry of culture hired 2,500 teachers.", item) == pytest.approx(
        100 / 3
    )
    lack = Item("1", "نص", ("x",), {"facts": [{"kind": "negation", "value": "lack"}]})
    assert score("facts-kept", "They did not agree.", lack) == 100.0  # a lack may be told as a not
    assert score("facts-kept", "They agreed.", lack) == 0.0
    with pytest.raises(MetricError, match="no facts to look for"):
        score("facts-kept", "text", Item("1", "نص"))
