"""BLEU, chrF and TER: sacrebleu's own corpus scores, from rows, on any resample; and the published FLORES figures."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER

from eval.datasets import load_dataset
from eval.errors import MetricError
from eval.items import Item
from eval.metrics import Metric, load_metric
from eval.significance import compare_systems

NAMES = ("bleu", "chrf2", "chrf++", "ter")
SCORERS = {"bleu": BLEU, "chrf2": CHRF, "chrf++": lambda: CHRF(word_order=2), "ter": TER}
#: What the publisher of the six public systems printed for FLORES-200 devtest, Arabic to English.
PUBLISHED = {
    "argos": 29.5, "opusmt": 33.9, "nllb": 36.5, "bergamot-base": 38.9, "microsoft": 43.7, "google": 45.1,
}  # fmt: skip

WORDS = "the minister said on Monday that 2,500 troops will leave Iraq after talks , and other troops remain .".split()


def made_up(count: int, *, references: int = 1, seed: int = 7) -> tuple[list[str], list[Item]]:
    random_ = random.Random(seed)
    items, hypotheses = [], []
    for number in range(count):
        words = random_.choices(WORDS, k=random_.randint(3, 18))
        hypotheses.append(" ".join(word for word in words if random_.random() > 0.2))
        texts = tuple(" ".join(random_.sample(words, len(words))) for _ in range(references - 1))
        items.append(Item(str(number), "نص", (" ".join(words), *texts)))
    return hypotheses, items


def sacrebleu_score(name: str, hypotheses: Sequence[str], items: Sequence[Item]) -> float:
    streams = [list(stream) for stream in zip(*(item.references for item in items), strict=True)]
    return float(SCORERS[name]().corpus_score(list(hypotheses), streams).score)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("references", [1, 3])
def test_rows_give_sacrebleus_corpus_score(name: str, references: int) -> None:
    hypotheses, items = made_up(60, references=references)
    metric = load_metric(name)
    rows = metric.statistics(hypotheses, items)
    assert rows.shape == (60, metric.columns)  # type: ignore[attr-defined]
    assert metric.aggregate(rows) == pytest.approx(sacrebleu_score(name, hypotheses, items), abs=1e-9)
    assert f"nrefs:{references}" in metric.signature
    assert "version:" in metric.signature


@pytest.mark.parametrize("name", NAMES)
def test_any_resample_of_rows_scores_as_sacrebleu_scores_those_sentences(name: str) -> None:
    hypotheses, items = made_up(40)
    metric = load_metric(name)
    rows = metric.statistics(hypotheses, items)
    generator = np.random.default_rng(3)
    for size in (1, 2, 7, 40, 90):
        drawn = generator.choice(40, size=size)
        expected = sacrebleu_score(name, [hypotheses[i] for i in drawn], [items[i] for i in drawn])
        assert metric.aggregate(rows[drawn]) == pytest.approx(expected, abs=1e-9)
        quick = metric.from_sums(rows[drawn].sum(axis=0)[None, :], size)  # type: ignore[attr-defined]
        assert quick[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("hypothesis", "reference"),
    [
        ("", "a b c d"),
        ("xx yy", "a b c d"),
        ("a b c d", "a b c d"),
        ("a", "a"),
        ("a b", "a b c d e f"),
        ("z", ""),
    ],
)
def test_formulas_agree_on_the_edges(name: str, hypothesis: str, reference: str) -> None:
    metric = load_metric(name)
    rows = metric.statistics([hypothesis], [Item("1", "نص", (reference,))])
    quick = metric.from_sums(rows, 1)  # type: ignore[attr-defined]
    assert quick[0] == pytest.approx(metric.aggregate(rows), abs=1e-6)


def test_better_is_lower_only_for_ter() -> None:
    assert [load_metric(name).higher_is_better for name in NAMES] == [True, True, True, False]


def test_number_of_references_may_vary_and_is_signed() -> None:
    metric = load_metric("bleu")
    assert metric.signature.startswith("BLEU|nrefs:?|case:mixed|eff:no|tok:13a|smooth:exp|")
    items = [Item("1", "نص", ("a b c d",)), Item("2", "نص", ("a b c d", "a b d d"))]
    assert metric.aggregate(metric.statistics(["a b c d", "a b d d"], items)) == pytest.approx(100)
    assert "nrefs:var" in metric.signature


def test_what_cannot_be_scored_is_said() -> None:
    metric = load_metric("bleu")
    with pytest.raises(MetricError, match="item '1' has no reference"):
        metric.statistics(["a"], [Item("1", "نص")])
    with pytest.raises(MetricError, match="2 hypotheses for 1 items"):
        metric.statistics(["a", "b"], [Item("1", "نص", ("a",))])
    assert math.isnan(metric.aggregate(metric.statistics([], [])))


def test_published_flores_scores_are_reproduced_with_their_order(corpora: Path) -> None:
    items = load_dataset("flores200-devtest", data=corpora).items
    metric: Metric = load_metric("bleu")
    folder = corpora / "mt_eval" / "systems"
    rows = {}
    for name in PUBLISHED:
        text = (folder / f"flores-test.{name}.en").read_text(encoding="utf-8")
        rows[name] = metric.statistics(text.removesuffix("\n").split("\n"), items)
    for name, score in PUBLISHED.items():
        assert metric.aggregate(rows[name]) == pytest.approx(score, abs=0.1), name
    compared = compare_systems(metric, rows)
    assert compared.order == ("google", "microsoft", "bergamot-base", "nllb", "opusmt", "argos")
    assert all(pair.significant() for pair in compared.pairs)
    assert compared.pair("google", "microsoft").adjusted == max(pair.adjusted for pair in compared.pairs)
    assert "".join(compared.groups[name] for name in compared.order) == "abcdef"


def test_two_versions_of_one_system_are_not_told_apart(corpora: Path) -> None:
    items = load_dataset("flores200-devtest", data=corpora).items
    metric = load_metric("bleu")
    rows = {}
    for name in ("bergamot-base", "bergamot-base-memory"):
        text = (corpora / "mt_eval" / "systems" / f"flores-test.{name}.en").read_text(encoding="utf-8")
        rows[name] = metric.statistics(text.removesuffix("\n").split("\n"), items)
    compared = compare_systems(metric, rows)
    assert not compared.pairs[0].significant()
    assert compared.groups == {"bergamot-base": "a", "bergamot-base-memory": "a"}
