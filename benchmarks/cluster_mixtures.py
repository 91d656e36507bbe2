"""Measure the clustering into stories: how good, on mixtures of known stories, and at what cost.

    MUJAZ_DATA=/path/to/data python -m benchmarks.cluster_mixtures [quality|foreign|scale ...]

``quality``   the 253 silver stories (ANT, 2018: 896 reports of at least three outlets each) mixed into one heap:
              pairwise and B-cubed precision and recall at several thresholds; with and without dates; with word
              weights from another collection (Saudi press, 2015); against plain TF-IDF with average linkage. Prints
              the joins that the labels call wrong: most are one event that the silver labels split.
``foreign``   the example reports among random reports of ANT and SaudiNewsNet, dated and undated: which reports
              joined the examples, and how many of the others joined each other.
``scale``     CPU seconds and memory for 2,000 to 10,000 (20,000 with ``--large``) reports, dated and undated, and of
              ``duplicates.link_duplicates``.

Everything is drawn with ``SEED``; two runs print the same numbers but for seconds and bytes.
"""

from __future__ import annotations

import json
import lzma
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from email.utils import parsedate_to_datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.build_document_frequency import CORPORA, count
from summarizer import arabic
from summarizer.cluster import DEFAULT_THRESHOLD, Background, cluster
from summarizer.duplicates import link_duplicates
from summarizer.schema import Document

SEED: Final = 2018
THRESHOLDS: Final = (0.24, 0.28, 0.30, 0.32, 0.34, 0.35, 0.36, 0.38, 0.40, 0.44, 0.50)
BASELINE_THRESHOLDS: Final = (0.10, 0.14, 0.18, 0.20, 0.22, 0.24, 0.26, 0.28, 0.30, 0.34, 0.40)
EXAMPLES: Final = Path(__file__).parent.parent / "examples" / "iraq-us-dialogue"
SIZES: Final = (2_000, 5_000, 10_000)
LARGE: Final = 20_000
#: Two reports this many days apart are taken to be of different events.
FAR_DAYS: Final = 14
#: Pairwise precision that the threshold is chosen for.
AIMED_PRECISION: Final = 0.98
#: Joined pairs printed for reading.
SHOWN: Final = 12


class Scores(NamedTuple):
    """Shares of 1. Pairwise: of pairs of reports; B-cubed: mean over reports (Bagga & Baldwin, 1998)."""

    pair_precision: float
    pair_recall: float
    b3_precision: float
    b3_recall: float

    @property
    def b3_f1(self) -> float:
        return 2 * self.b3_precision * self.b3_recall / (self.b3_precision + self.b3_recall)

    def __str__(self) -> str:
        return (
            f"pairs P {self.pair_precision:.4f} R {self.pair_recall:.4f}   "
            f"B3 P {self.b3_precision:.4f} R {self.b3_recall:.4f} F1 {self.b3_f1:.4f}"
        )


def score(gold: Sequence[int], found: Sequence[int]) -> Scores:
    """Compare two labellings of the same reports."""
    truth, guess = np.array(gold), np.array(found)
    same_truth = truth[:, None] == truth[None, :]  # (n, n)
    same_guess = guess[:, None] == guess[None, :]
    both = (same_truth & same_guess).sum(axis=1)
    pairs, truths, guesses = (
        float(both.sum()) - len(truth),
        float(same_truth.sum()) - len(truth),
        float(same_guess.sum()) - len(truth),
    )
    return Scores(
        pair_precision=pairs / guesses if guesses else 1.0,
        pair_recall=pairs / truths,
        b3_precision=float((both / same_guess.sum(axis=1)).mean()),
        b3_recall=float((both / same_truth.sum(axis=1)).mean()),
    )


# --- data ---------------------------------------------------------------------------------------


def read_rows(name: str) -> list[dict[str, Any]]:
    with lzma.open(data_folder() / "sum" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def data_folder() -> Path:
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        raise SystemExit("set MUJAZ_DATA to the folder that holds sum/")
    return Path(folder)


def iso_date(value: str | None) -> str | None:
    """Return the ISO date of an ISO or RFC 822 date; None for anything else."""
    try:
        return date.fromisoformat((value or "")[:10]).isoformat()
    except ValueError:
        try:
            return parsedate_to_datetime(value or "").date().isoformat()
        except ValueError:
            return None


def silver() -> tuple[list[Document], list[int]]:
    """Return the reports of the silver stories, and for each the number of its story."""
    documents, labels = [], []
    for label, row in enumerate(read_rows("mds_silver_public.jsonl.xz")):
        for text, meta in zip(row["documents"], row["meta"], strict=True):
            documents.append(
                Document(
                    id=meta["id"],
                    text=text,
                    title=meta["title"],
                    source=meta["source"],
                    published=iso_date(meta["date"]),
                )
            )
            labels.append(label)
    return documents, labels


def articles(corpus: str) -> list[Document]:
    """Return the articles of a corpus in a random order (the same in every run)."""
    documents = {
        row["id"]: Document(
            id=row["id"],
            text=row["document"],
            title=row["title"] or None,
            source=row["source"],
            published=iso_date(row["date"]),
        )
        for row in read_rows(corpus)
    }
    shuffled = sorted(documents.values(), key=lambda d: d.id)
    random.Random(SEED).shuffle(shuffled)
    return shuffled


def examples() -> list[Document]:
    """Return the example reports as files hold them: untitled, undated, boilerplate unmarked."""
    return [Document(id=path.stem, text=path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))]


def undated(documents: Iterable[Document]) -> list[Document]:
    return [replace(document, published=None) for document in documents]


# --- measurements -------------------------------------------------------------------------------


def labels_of(documents: Sequence[Document], **options: Any) -> list[int]:
    label = {
        identity: number
        for number, story in enumerate(cluster(documents, **options))
        for identity in story.document_ids
    }
    return [label[document.id] for document in documents]


def baseline(documents: Sequence[Document]) -> Callable[[float], list[int]]:
    """Return plain TF-IDF (stems, weights of the heap itself) with average linkage, as a function of threshold."""
    vectorizer = TfidfVectorizer(analyzer=arabic.content_tokens, sublinear_tf=True)
    vectors = vectorizer.fit_transform([f"{d.title or ''}\n{d.text}" for d in documents])
    distance: npt.NDArray[np.float64] = 1 - np.clip((vectors @ vectors.T).toarray(), 0, 1)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average")
    return lambda threshold: [int(label) for label in fcluster(tree, 1 - threshold, "distance")]


def quality() -> None:
    documents, gold = silver()
    print(f"{len(documents)} reports, {gold[-1] + 1} silver stories")
    reports, frequency = count(data_folder(), corpora=CORPORA[:1])
    held_out = Background(reports=reports, frequency=dict(frequency))
    for name, heap, background in (
        ("shipped weights, dated", documents, None),
        ("Saudi-press weights, dated", documents, held_out),
        ("shipped weights, dates hidden", undated(documents), None),
    ):
        print(f"\n{name}")
        for threshold in THRESHOLDS:
            found = labels_of(heap, threshold=threshold, background=background)
            mark = "  <- default" if threshold == DEFAULT_THRESHOLD else ""
            print(f"  {threshold:.2f}  {score(gold, found)}{mark}")
    print("\nthreshold chosen on half of the stories (precision >= 0.98), scored on the other half")
    for half in (0, 1):
        print(f"  {cross_checked(documents, gold, half=half)}")
    print("\nplain TF-IDF, average linkage (no dates)")
    plain = baseline(documents)
    for threshold in BASELINE_THRESHOLDS:
        print(f"  {threshold:.2f}  {score(gold, plain(threshold))}")
    for name, heap in (("dated", documents), ("dates hidden", undated(documents))):
        print(f"\njoined at {DEFAULT_THRESHOLD} against the labels, {name}")
        for line in joined_stories(documents, gold, labels_of(heap)):
            print(f"  {line}")


def cross_checked(documents: Sequence[Document], gold: Sequence[int], *, half: int) -> str:
    """Choose the lowest threshold of precision 0.98 on the stories of one parity; score those of the other."""

    def part(parity: int) -> tuple[list[Document], list[int]]:
        chosen = [i for i, label in enumerate(gold) if label % 2 == parity]
        return [documents[i] for i in chosen], [gold[i] for i in chosen]

    tuning, tuning_gold = part(half)
    for threshold in THRESHOLDS:
        if score(tuning_gold, labels_of(tuning, threshold=threshold)).pair_precision >= AIMED_PRECISION:
            break
    rest, rest_gold = part(1 - half)
    return f"{threshold:.2f}  {score(rest_gold, labels_of(rest, threshold=threshold))}"


def joined_stories(documents: Sequence[Document], gold: Sequence[int], found: Sequence[int]) -> list[str]:
    """Return one line for every found story that mixes silver ones: the first title of each."""
    titles: dict[int, dict[int, str]] = {}
    for document, label, number in zip(documents, gold, found, strict=True):
        titles.setdefault(number, {}).setdefault(label, f"{document.published} {document.title}")
    return [" ||| ".join(each.values()) for each in titles.values() if len(each) > 1]


def foreign(*, rounds: int = 20, others: int = 200) -> None:
    """Random reports are mostly of different events; two of them a fortnight apart and more surely are."""
    reports = examples()
    mine = {report.id for report in reports}
    for corpus in CORPORA[::-1]:
        heap = articles(corpus)
        by_id = {document.id: document for document in heap}
        for name, change in (("dated", list[Document]), ("dates hidden", undated)):
            joined = split = 0
            pairs: list[tuple[Document, Document]] = []
            for number in range(rounds):
                stories = cluster([*reports, *change(heap[number * others : (number + 1) * others])])
                ours = [story for story in stories if mine & set(story.document_ids)]
                joined += sum(len(set(story.document_ids) - mine) for story in ours)
                split += len(ours) != 2
                for story in stories:
                    strangers = [by_id[identity] for identity in story.document_ids if identity not in mine]
                    pairs.extend(combinations(strangers, 2))
            far = sum(days_between(*pair) >= FAR_DAYS for pair in pairs)
            print(
                f"{corpus} {name}: {rounds} heaps of {len(reports)} + {others}: {joined} strangers joined the examples; "
                f"{split} heaps where those are not two stories; {len(pairs)} pairs of strangers joined, "
                f"{far} of them {FAR_DAYS} days or more apart"
            )
            for one, other in random.Random(SEED).sample(pairs, min(SHOWN, len(pairs))):
                print(f"    {one.published} {one.title} ||| {other.published} {other.title}")


def days_between(one: Document, other: Document) -> int:
    """Return the days between two dated reports; 0 where a date is missing."""
    if one.published is None or other.published is None:
        return 0
    return abs((date.fromisoformat(one.published) - date.fromisoformat(other.published)).days)


def scale(*, large: bool = False) -> None:
    heap = articles(CORPORA[1])
    for size in (*SIZES, *((LARGE,) if large else ())):
        for name, drawn in (("dated", heap[:size]), ("undated", undated(heap[:size]))):
            start = time.process_time()
            stories = cluster(drawn)
            seconds = time.process_time() - start
            largest = max(len(story.document_ids) for story in stories)
            follow = sum(story.follows is not None for story in stories)
            print(
                f"cluster {size:6d} {name:8s} {seconds:6.1f} s {1e3 * seconds / size:5.2f} ms a report  "
                f"{len(stories)} stories, largest {largest}, {follow} follow  peak {peak_megabytes()} MB",
                flush=True,
            )
        start = time.process_time()
        linked = link_duplicates(heap[:size])
        seconds = time.process_time() - start
        copies = sum(document.duplicate_of is not None for document in linked)
        print(
            f"link_duplicates {size:6d} {seconds:6.1f} s {1e3 * seconds / size:5.2f} ms a report  {copies} copies"
        )


def peak_megabytes() -> int:
    """Return the peak resident memory of this process so far (corpus included), in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(arguments: Sequence[str]) -> int:
    large = "--large" in arguments
    parts: dict[str, Callable[[], None]] = {
        "quality": quality,
        "foreign": foreign,
        "scale": lambda: scale(large=large),
    }
    chosen = [argument for argument in arguments if argument != "--large"] or list(parts)
    if unknown := [name for name in chosen if name not in parts]:
        sys.stderr.write(f"unknown part {unknown[0]!r}; there are {', '.join(parts)}\n")
        return 2
    for name in chosen:
        print(f"== {name}")
        parts[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
