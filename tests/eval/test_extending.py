"""docs/extending.md is true: its dataset and its metric work as they stand on the page."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from eval.datasets import load_dataset
from eval.errors import DatasetError
from eval.metrics import load_metric
from eval.significance import confidence_interval
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(found)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    data = "تمطر اليوم.\tIt is raining today.\nالجو مشمس!\tIt is sunny!\n".encode()
    (tmp_path / "weather.tsv").write_bytes(data)
    path = tmp_path / "weather.yaml"
    path.write_text(block("yaml").replace("CHECKSUM", hashlib.sha256(data).hexdigest()), encoding="utf-8")
    return path


def test_a_dataset_is_one_card(card: Path) -> None:
    dataset = load_dataset(f"card:{card}", data=card.parent)
    assert dataset.card.id == "weather"
    assert [item.references for item in dataset.items] == [("It is raining today.",), ("It is sunny!",)]


def test_a_changed_file_is_refused(card: Path) -> None:
    (card.parent / "weather.tsv").write_text("شيء آخر\tsomething else\n", encoding="utf-8")
    with pytest.raises(DatasetError):
        load_dataset(f"card:{card}", data=card.parent)


def test_a_metric_is_one_class(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (card.parent / "exclamations.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(card.parent))
    metric = load_metric("exclamations:Exclamations")
    items = load_dataset(f"card:{card}", data=card.parent).items
    rows = metric.statistics(["Rain.", "Sun!"], items)
    assert metric.aggregate(rows) == 50.0
    assert metric.aggregate(rows[1:]) == 100.0
    interval = confidence_interval(metric, rows)
    assert interval.low <= 50.0 <= interval.high
