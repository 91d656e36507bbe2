"""A small world for the tests of the tabs: two profiles that answer differently, results, a run in work, an archive.

``python -m tests.ui.tabs_world FOLDER`` serves it.
"""

from __future__ import annotations

import datetime
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.datasets import Dataset, load_dataset
from eval.items import Item
from eval.run import run_benchmark
from eval.systems import BaseSystem, Request
from summarizer.archive import open_archive
from summarizer.models import ModelSpec, Profile, Registry
from tests.conftest import ROOT
from tests.data.brief_sample import sample_brief
from tests.fakes import FakeEngine

#: Two reports of one event; the second says another number.
REPORTS = (
    "بغداد تستضيف المؤتمر\n\nأعلنت وزارة الخارجية العراقية، الأحد، أن بغداد ستستضيف مؤتمراً إقليمياً في 28 آب 2021 "
    "بمشاركة 9 دول. وقال الوزير فؤاد حسين إن المؤتمر يبحث أمن المنطقة واقتصادها.\n\n---\n\n"
    "مؤتمر إقليمي في بغداد\n\nتستضيف بغداد في 28 آب 2021 مؤتمراً إقليمياً بمشاركة 10 دول، بحسب وزارة الخارجية العراقية. "
    "وأضاف الوزير فؤاد حسين أن الدعوات وُجّهت إلى قادة الدول المجاورة.\n"
)
HOSTILE = "<img src=x onerror=alert(1)>&\"'{{7*7}}${7*7}"


def careful(text: str) -> str:
    return f"In Baghdad the ministry said on 28 August 2021 that {len(text.split())} words were written by Fuad Hussein."


def quick(text: str) -> str:
    return f"The ministry in Baghdad said {len(text.split())} words, and 77 more."


class TwoProfiles(Registry):
    """The shipped registry with fakes for its own translator and for a second profile's, ``fast``."""

    def __init__(self) -> None:
        shipped = Registry.load()
        own = shipped.task_model("translation")
        other = ModelSpec(
            **{**own.model_dump(), "id": "ar-en-greedy", "non_commercial": True, "notes": HOSTILE}
        )
        fast = Profile(
            name="fast", description=HOSTILE, models={**shipped.profile().models, "translation": other.id}
        )
        super().__init__(
            models={**shipped.models, other.id: other},
            profiles={**shipped.profiles, fast.name: fast},
            default_profile=shipped.default_profile,
        )
        self._engines[own.id] = FakeEngine(careful)
        self._engines[other.id] = FakeEngine(quick)


class Reference(BaseSystem):
    """Answers with the reference and some words more, and stops after ``good`` items as a kill would."""

    def __init__(self, dataset: Dataset, *, name: str, tail: str = "", good: int = 10**6) -> None:
        request = Request(spec=f"tests.world:{name}", name=name, task=dataset.task, dataset=dataset)
        super().__init__(request, settings={"tail": tail}, batch_size=8, size_mb=12.5)
        self.tail, self.left = tail, good

    def answer(self, items: Sequence[Item]) -> list[Any]:
        if self.left < len(items):
            raise KeyboardInterrupt
        self.left -= len(items)
        return [f"{item.references[0]}{self.tail}" for item in items]


def make_results(folder: Path, *, running: bool = True) -> Dataset:
    """Write the results of two systems, and the journal of a third that goes on."""
    dataset = load_dataset("mujaz-challenge")
    for name, tail in (("good", ""), (f"poor {HOSTILE}", " and so on and on")):
        run_benchmark(
            dataset, Reference(dataset, name=name, tail=tail), results=folder, metrics=["bleu", "chrf2"]
        )
    if running:
        try:
            run_benchmark(
                dataset, Reference(dataset, name="third", good=16), results=folder, metrics=["chrf2"]
            )
        except KeyboardInterrupt:
            return dataset
    return dataset


def make_archive(path: Path) -> tuple[int, int]:
    """Store a brief on each of two days; return their numbers."""
    with open_archive(path) as archive:
        brief = sample_brief()
        archive.add_documents(brief.documents)
        first = archive.save_brief(brief, day=datetime.date(2021, 9, 3), name="morning")
        second = archive.save_brief(brief, day=datetime.date(2021, 9, 4), name=HOSTILE)
    return first, second


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve this world in a process of its own; yield its address, and end it as Ctrl-C would."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the server did not start"
            yield found[0].rstrip("/")
        finally:
            process.send_signal(signal.SIGINT)


def main(folder: Path) -> None:
    from ui.serve import Settings, serve_forever

    make_results(folder / "results")
    make_archive(folder / "archive.sqlite")
    settings = Settings(
        port=0,
        results=folder / "results",
        archive=str(folder / "archive.sqlite"),
        votes=folder / "votes.jsonl",
    )
    serve_forever(settings, announce=lambda line: print(line, flush=True), registry=TwoProfiles())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
