"""Result files of made-up systems on made-up items, for the tests of the report. Scores are real, texts are ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.datasets import Card, Dataset
from eval.items import Item, Task
from eval.metrics import load_metrics
from eval.results import Cost, ItemResult, Result, content_hash, write_result
from eval.significance import confidence_interval

_PLACES = ("بغداد", "عمان", "القاهرة", "الرباط", "بيروت", "دمشق")
_NAMES = ("Baghdad", "Amman", "Cairo", "Rabat", "Beirut", "Damascus")
MACHINE = {
    "cpu": "Test CPU",
    "cores": 2,
    "memory_gb": 8.0,
    "python": "3.11.0",
    "versions": {"ctranslate2": "4.6"},
}


def translation_items(count: int = 40) -> tuple[Item, ...]:
    """Sentences of different lengths, every third with a number."""
    items = []
    for index in range(count):
        place = index % len(_PLACES)
        arabic, english = (
            f"وصل الوزير إلى {_PLACES[place]} في موكب كبير",
            f"The minister arrived in {_NAMES[place]} in a long convoy",
        )
        if index % 3 == 0:
            arabic, english = f"{arabic} ومعه {index + 3} نواب", f"{english} with {index + 3} deputies"
        if index % 4 == 0:
            arabic += " في زيارة رسمية تستمر أياما عدة كما قال المتحدث"
            english += " for an official visit of several days, as the spokesman said"
        tests = {"tests": "visits" if index % 2 else ["visits", "places"]}
        items.append(Item(f"t{index}", arabic + ".", (english + ".",), tests))
    return tuple(items)


def card(task: Task = "translate", **changes: Any) -> Card:
    fields: dict[str, Any] = {
        "id": "made-up", "title": "Made-up sentences", "task": task, "languages": ("ar", "en") if task == "translate" else ("ar",),
        "size": "a few", "licence": "Apache-2.0", "citation": "none", "source": "https://example.org/made-up", "reader": "items",
        "caveats": ("Nobody said these sentences.",), "overlap": "none, as they are new",
    }  # fmt: skip
    return Card(**{**fields, **changes})


def dataset(items: Sequence[Item] | None = None, **changes: Any) -> Dataset:
    return Dataset(card(**changes), tuple(items if items is not None else translation_items()))


def result(
    folder: Path,
    made: Dataset,
    spec: str,
    hypotheses: Sequence[Any],
    *,
    metrics: Sequence[str] = ("bleu", "chrf2", "faults"),
    cost: Cost | None = None,
    size: float | None = None,
    machine: Mapping[str, Any] = MACHINE,
    created: str = "2026-03-04T05:06:07.000+00:00",
    signature: Mapping[str, str] | None = None,
) -> Result:
    """Score ``hypotheses`` and write the result as the runner does."""
    from eval.results import Score

    scores, rows = [], {}
    for name, metric in zip(metrics, load_metrics(metrics), strict=True):
        table = metric.statistics(hypotheses, made.items)
        interval = confidence_interval(metric, table, samples=50)
        rows[name] = table
        signed = (signature or {}).get(name, metric.signature)
        scores.append(
            Score(metric=name, score=interval.score, signature=signed, low=interval.low, high=interval.high,
                  higher_is_better=metric.higher_is_better)
        )  # fmt: skip
    items = [
        ItemResult(id=item.id, hypothesis=hypothesis, seconds=None, statistics={name: tuple(rows[name][index].tolist()) for name in rows})
        for index, (item, hypothesis) in enumerate(zip(made.items, hypotheses, strict=True))
    ]  # fmt: skip
    return write_result(
        folder / content_hash(spec), hash_=content_hash([spec, made.checksum, created, sorted(rows), signature]),
        dataset={"id": made.id, "title": made.card.title, "task": made.task, "silver": made.card.silver,
                 "checksum": made.checksum, "items": len(made)},
        system={"spec": spec, "id": spec, "settings": {}, "answers": content_hash([spec, created]), "size_mb": size},
        created=created, machine=machine, scores=scores, cost=cost or Cost(), items=items,
    )  # fmt: skip


def measured(items_per_second: float, *, size: float | None = None) -> Cost:
    return Cost(
        load_seconds=0.5, seconds=10.0, items_per_second=items_per_second, tokens_per_second=items_per_second * 9,
        peak_memory_mb=512.0, model_mb=size, sessions=1, load_average=0.3,
    )  # fmt: skip


def good(made: Dataset) -> list[str]:
    return [item.references[0] for item in made.items]


def fair(made: Dataset) -> list[str]:
    """Every sentence a little wrong."""
    return [text.replace("arrived in", "came to") for text in good(made)]


def bad(made: Dataset) -> list[str]:
    """Words left out, numbers changed."""
    return [
        text.replace("The minister", "Minister")
        .replace(" in a long convoy", " at last")
        .replace(" with 3", " with 9")
        for text in good(made)
    ]
