"""Embeddings and HDBSCAN as a baseline: what it joins, what dates change, and what it says of a wrong file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eval import density
from eval.datasets import Dataset, find_card
from eval.items import Item
from eval.systems import create_system
from summarizer.errors import InputError

BOMB = "انفجار كبير في الموصل يقتل عشرين مدنيا ويصيب آخرين في سوق شعبية"
CUP = "فاز المنتخب المصري بكأس أفريقيا بعد مباراة مثيرة في القاهرة"
OIL = "ارتفعت أسعار النفط في الأسواق العالمية بعد اجتماع أوبك في فيينا"


def items(*, days: tuple[str, ...] = ("2018-03-01",) * 7) -> list[Item]:
    texts = [BOMB, f"{BOMB} اليوم", CUP, f"{CUP} أمس", OIL, f"{OIL} الخميس", "؟"]
    return [
        Item(str(number), text, meta={"published": day})
        for number, (text, day) in enumerate(zip(texts, days, strict=True))
    ]


def test_reports_of_one_event_come_together_and_noise_stands_alone() -> None:
    labels = density.cluster_hdbscan(items())
    assert labels[0] == labels[1]
    assert labels[2] == labels[3]
    assert labels[4] == labels[5]
    assert len(set(labels)) == 4


def test_dates_keep_the_same_words_of_another_year_apart() -> None:
    old = ("2018-03-01", "2015-03-01", *("2018-03-01",) * 5)
    assert len({density.cluster_hdbscan(items(days=old))[each] for each in (0, 1)}) == 1
    assert len({density.cluster_hdbscan(items(days=old), dates=True)[each] for each in (0, 1)}) == 2


def test_a_cut_takes_what_holds_together_there() -> None:
    assert len(set(density.cluster_hdbscan(items(), cut=0.0001))) == 5  # oil, of other words, falls apart
    assert len(set(density.cluster_hdbscan(items(), cut=0.5))) == 4


def test_too_few_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert density.cluster_hdbscan([]) == []
    assert density.cluster_hdbscan(items()[:2]) == [0, 1]
    monkeypatch.setattr(density, "MOST_REPORTS", 3)
    with pytest.raises(InputError, match="7 reports"):
        density.cluster_hdbscan(items())


def test_vectors_come_from_a_file_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    np.savez(path, ids=np.array(["1", "0"]), vectors=np.array([[3.0, 4.0], [0.0, 0.0]]))
    found = density.read_vectors(path, items()[:2])
    assert found.tolist() == [[0.0, 0.0], [0.6, 0.8]]
    with pytest.raises(InputError, match="no vector for 1 reports, '2'"):
        density.read_vectors(path, items()[1:3])
    path.write_text("no array")
    with pytest.raises(InputError, match=r"not an \.npz"):
        density.read_vectors(path, items())


def test_the_harness_knows_it() -> None:
    card = find_card("mujaz-clusters")
    data_set = Dataset(card, tuple(items()))
    labels = create_system("baseline:hdbscan", data_set).answer(data_set.items)
    assert len(labels) == len(data_set.items)
    with pytest.raises(InputError, match="yes or no"):
        create_system("baseline:hdbscan,dates=1", data_set)
    with pytest.raises(InputError, match=r"cannot read nowhere\.npz"):
        create_system("baseline:hdbscan,vectors=nowhere.npz", data_set)
    with pytest.raises(InputError, match="option"):
        create_system("baseline:hdbscan,size=3", data_set)
