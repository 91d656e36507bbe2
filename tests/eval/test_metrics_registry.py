"""The registry: every name loads, signs itself and does what ``Metric`` promises; unknown names get help."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from eval.errors import MetricError
from eval.items import TASKS, Item, hypothesis_text
from eval.metrics import REGISTRY, Metric, load_metric, load_metrics, metrics_for
from eval.metrics.base import SumMetric, arabic_fingerprint, code_fingerprint, sign

OPTIONAL = ("comet", "bertscore", "llm-judge")
OWN = [name for name in REGISTRY if name not in OPTIONAL]


@pytest.mark.parametrize("name", OWN)
def test_every_metric_keeps_its_promises(name: str) -> None:
    metric = load_metric(name)
    assert isinstance(metric, Metric)
    assert metric.name == name
    assert metric.tasks <= set(TASKS)
    assert metric.tasks
    assert metric.signature.count("|") >= 1
    assert metric.statistics([], []).shape[0] == 0
    assert np.isnan(metric.aggregate(metric.statistics([], [])))
    with pytest.raises(MetricError, match="1 hypotheses for 0 items"):
        metric.statistics(["نص"], [])


def test_signatures_are_unique() -> None:
    signatures = [load_metric(name).signature for name in OWN]
    assert len(set(signatures)) == len(signatures)


@pytest.mark.parametrize("task", TASKS)
def test_default_metrics_fit_their_task(task: str) -> None:
    names = metrics_for(task)  # type: ignore[arg-type]
    assert names
    for metric in load_metrics(names):
        assert task in metric.tasks


def test_unknown_names_get_near_ones() -> None:
    with pytest.raises(MetricError, match="did you mean bleu"):
        load_metric("blue")
    with pytest.raises(MetricError, match=r"unknown metric 'zzzz' \(known: bleu"):
        load_metric("zzzz")
    assert [metric.name for metric in load_metrics(["bleu", "rouge1", "bleu"])] == ["bleu", "rouge1"]


class Shouting(SumMetric):
    """A metric of somebody's own, in one file: the share of outputs that shout."""

    name = "shouting"
    tasks = frozenset({"translate"})
    signature = sign("shouting", mark="!", version=1)
    higher_is_better = False

    def row(self, hypothesis: object, item: Item) -> tuple[int, int]:
        return int(hypothesis_text(hypothesis).endswith("!")), 1

    def from_sums(self, sums: np.ndarray, count: int) -> np.ndarray:  # type: ignore[type-arg]
        return 100 * sums[:, 0] / sums[:, 1]


def test_a_metric_of_ones_own_is_loaded_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("somebodys_metrics")
    module.Shouting = Shouting  # type: ignore[attr-defined]
    module.Half = type("Half", (), {"name": "half"})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "somebodys_metrics", module)
    metric = load_metric("somebodys_metrics:Shouting")
    rows = metric.statistics(["a!", "b"], [Item("1", "س"), Item("2", "س")])
    assert metric.aggregate(rows) == 50.0
    with pytest.raises(MetricError, match="lacks tasks, higher_is_better"):
        load_metric("somebodys_metrics:Half")
    for unknown in ("somebodys_metrics:Nothing", "no_such_module:Metric"):
        with pytest.raises(MetricError, match="cannot import"):
            load_metric(unknown)


def test_the_normalisers_fingerprint_follows_behaviour(monkeypatch: pytest.MonkeyPatch) -> None:
    before = arabic_fingerprint()
    assert before == arabic_fingerprint()
    from summarizer import arabic

    monkeypatch.setattr(arabic, "stem", lambda token: token)
    arabic_fingerprint.cache_clear()
    try:
        assert arabic_fingerprint() != before
    finally:
        monkeypatch.undo()
        arabic_fingerprint.cache_clear()


def test_the_codes_fingerprint_ignores_comments_and_docstrings(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    monkeypatch.syspath_prepend(str(folder))
    written = {
        "one": 'def f():\n    """Says."""\n    return 1\n',
        "same": 'def f():\n    # why\n    """Says more."""\n\n    return 1\n',
        "other": 'def f():\n    """Says."""\n    return 2\n',
    }
    for name, source in written.items():
        (folder / f"fingerprint_{name}.py").write_text(source, encoding="utf-8")
    told = {name: code_fingerprint((f"fingerprint_{name}",)) for name in written}
    assert told["one"] == told["same"] != told["other"]
    with pytest.raises(MetricError, match="cannot find the source"):
        code_fingerprint(("fingerprint_missing",))


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        ("نص", "نص"),
        ({"text": "نص", "sentences": []}, "نص"),
        ({"sentences": [{"text": "أ"}, {"text": "ب"}]}, "أ\nب"),
        (["أ", {"text": "ب"}], "أ\nب"),
        (7, "7"),
    ],
)
def test_text_of_every_form_of_output(hypothesis: object, text: str) -> None:
    assert hypothesis_text(hypothesis) == text
