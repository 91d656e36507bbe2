"""Which of the teacher's answers the student learns: sound ones only, and of those the one closest to the reference.

Sequence-level interpolation (Kim & Rush, "Sequence-Level Knowledge Distillation", EMNLP 2016): where there is a human
translation, the answer most like it; elsewhere the teacher's first. Before that, every answer must pass the checks
that the application shows its readers (numbers, dates, negation, names, language, length, loops), so that the student
is never taught a wrong fact. A row keeps what was chosen or why nothing was; nothing is dropped without a word.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from recipes.distill_settings import ChooseSettings, DistillRecipe
from recipes.prepare import EvalGuard, Pair, clean, why_drop
from recipes.settings import PrepareSettings, Source
from recipes.stages import read_rows, write_rows
from summarizer.faithfulness import check_english
from summarizer.terms import Terms
from summarizer.tidying import tidy_english

#: The lengths of monolingual sentences are `monolingual.min_words`' affair.
_ANY_LENGTH = Source.model_validate({"min_words": 1})


@dataclass(frozen=True)
class Judge:
    """All that choosing needs; built once a process, for the name lists take a second to read."""

    settings: ChooseSettings
    prepare: PrepareSettings
    guard: EvalGuard
    terms: Terms

    @classmethod
    def of(cls, recipe: DistillRecipe, data: Path) -> Judge:
        guard = EvalGuard([data / name for name in recipe.prepare.eval_files], recipe.prepare.overlap_words)
        return cls(recipe.choose, recipe.prepare, guard, Terms.load())

    def choose(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """What of a taught row is learnt: `{ar, en, source, by}`, by teacher or reference; or `{ar, source, why}`."""
        ar, reference, source = row["ar"], row["reference"], row["source"]
        answers = list(dict.fromkeys(tidy_english(clean(answer), ar) for answer in row["answers"]))
        faults = [self.fault(answer, ar) for answer in answers]
        sound = [answer for answer, fault in zip(answers, faults, strict=True) if fault is None]
        best, why = (sound[0] if sound else None), (faults[0] if faults else "no answer")
        if reference and sound:
            likeness, best = max(
                ((self.likeness(answer, reference), answer) for answer in sound), key=lambda each: each[0]
            )
            if likeness < self.settings.min_likeness:
                best, why = None, "unlike the reference"
        learnt = [{"ar": ar, "en": best, "source": source, "by": "teacher"}] if best is not None else []
        wanted = self.settings.references
        if reference and reference != best and (wanted == "beside" or (wanted == "fallback" and not learnt)):
            learnt.append({"ar": ar, "en": reference, "source": source, "by": "reference"})
        return learnt or [{"ar": ar, "source": source, "why": why}]

    def fault(self, english: str, arabic: str) -> str | None:
        """The first reason not to teach an answer, or None. The cheap reasons come first."""
        reason = why_drop(arabic, english, settings=self.prepare, source=_ANY_LENGTH)
        if reason is not None:
            return reason
        if self.guard.overlaps(arabic, english):
            return "eval overlap"
        checks = check_english(english, arabic, terms=self.terms)
        failed = [each.kind for each in checks if each.verdict == "fail"]
        return next((f"check: {kind}" for kind in failed if kind in self.settings.checks), None)

    def likeness(self, answer: str, reference: str) -> float:
        """0 to 100, of one sentence."""
        metric = CHRF() if self.settings.measure == "chrF" else BLEU(effective_order=True)
        return float(metric.sentence_score(answer, [reference]).score)


def choose_all(recipe: DistillRecipe, data: Path, taught: Sequence[Path], out: Path) -> None:
    """Write one file a shard, those that are not there yet, in as many processes as the recipe says."""
    todo = [(shard, out / shard.name) for shard in taught if not (out / shard.name).exists()]
    if not todo:
        return
    if recipe.choose.workers == 1 or len(todo) == 1:
        judge = Judge.of(recipe, data)
        for shard, target in todo:
            _choose_shard(judge, shard, target)
        return
    # Not forked: the teacher has left threads in this process, and memory on a GPU.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(recipe.choose.workers, context, partial(_start, recipe, data)) as pool:
        for _ in pool.map(_work, *zip(*todo, strict=True)):
            pass


_judges: list[Judge] = []  # of a worker process: the one that `_start` made


def _start(recipe: DistillRecipe, data: Path) -> None:
    _judges.append(Judge.of(recipe, data))


def _work(shard: Path, target: Path) -> None:
    _choose_shard(_judges[0], shard, target)


def _choose_shard(judge: Judge, shard: Path, target: Path) -> None:
    write_rows(target, [each for row in read_rows(shard) for each in judge.choose(row)])


def chosen_pairs(folder: Path, recipe: DistillRecipe, report: dict[str, Counter[str]]) -> Iterator[Pair]:
    """Every chosen pair, as often as the recipe repeats its source; counts what was chosen and why the rest was not."""
    for path in sorted(folder.glob("*.jsonl")):
        for row in read_rows(path):
            counts = report.setdefault(f"taught: {row['source']}", Counter())
            if "why" in row:
                counts[f"dropped: {row['why']}"] += 1
                continue
            counts[f"by {row['by']}"] += 1
            source = recipe.prepare.sources.get(row["source"], _ANY_LENGTH)
            synthetic = row["by"] == "teacher" or source.machine_translated
            for _ in range(source.repeat):
                yield Pair(row["ar"], row["en"], row["source"], synthetic=synthetic)
