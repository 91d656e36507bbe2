"""What the teacher is asked: the Arabic of the open pairs, and monolingual Arabic; each sentence once, none of a test set."""

from __future__ import annotations

import gzip
import itertools
import json
import lzma
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from recipes.distill_settings import DistillRecipe, Monolingual
from recipes.prepare import EvalGuard, clean, read_sources, why_skip_arabic, words
from recipes.settings import RecipeError
from recipes.stages import read_rows, write_rows
from summarizer.segment import split_spans

_TEXT_KEYS = ("document", "text")


@dataclass(frozen=True)
class Question:
    """An Arabic sentence for the teacher; `reference` is its human English, or empty."""

    ar: str
    reference: str
    source: str


def gather(recipe: DistillRecipe, data: Path, out: Path) -> dict[str, dict[str, int]]:
    """Write OUT, a question a line, and say how many sentences each filter dropped."""
    report: dict[str, Counter[str]] = {}
    seen: set[int] = set()  # hashes: a set of millions of sentences would not fit beside a teacher

    def rows() -> Iterator[dict[str, Any]]:
        for question in itertools.chain(_of_pairs(recipe, data, report), _of_texts(recipe, data, report)):
            key = hash(tuple(words(question.ar)))
            if key in seen:
                report[question.source]["duplicate"] += 1
                continue
            seen.add(key)
            report[question.source]["asked"] += 1
            yield {"ar": question.ar, "reference": question.reference, "source": question.source}

    write_rows(out, rows())
    return {name: dict(counts) for name, counts in report.items()}


def questions(path: Path) -> Iterator[Question]:
    return (Question(**row) for row in read_rows(path))


def _of_pairs(recipe: DistillRecipe, data: Path, report: dict[str, Counter[str]]) -> Iterator[Question]:
    if recipe.teacher is not None and recipe.teacher.pairs_too:
        rng = random.Random(recipe.seed)
        for pair in dict.fromkeys(read_sources(recipe.prepare, data, rng, report)):
            yield Question(pair.ar, pair.en, pair.source)


def _of_texts(recipe: DistillRecipe, data: Path, report: dict[str, Counter[str]]) -> Iterator[Question]:
    if recipe.monolingual is None:
        return
    settings = recipe.monolingual
    guard = EvalGuard([data / name for name in recipe.prepare.eval_files], recipe.prepare.overlap_words)
    taken = 0
    for name in settings.files:
        path = data / name  # an absolute name stays itself
        if not path.exists():
            raise RecipeError(f"no {path}: `monolingual.files` are relative to the data folder, or absolute")
        source = path.name.split(".")[0]
        counts = report.setdefault(source, Counter())
        for text in read_sentences(path):
            if taken == settings.limit:
                return
            reason = _why_skip(text, recipe, settings, guard)
            if reason:
                counts[reason] += 1
                continue
            taken += 1
            yield Question(text, "", source)


def _why_skip(ar: str, recipe: DistillRecipe, settings: Monolingual, guard: EvalGuard) -> str | None:
    if len(ar.split()) < settings.min_words:
        return "short"
    return why_skip_arabic(ar, settings=recipe.prepare) or (
        "eval overlap" if guard.overlaps(ar, ar) else None
    )


def read_sentences(path: Path) -> Iterator[str]:
    """The sentences of a text file (one a line) or of a file of articles (cut here), cleaned."""
    kind = path.suffixes[-2] if path.suffix in (".xz", ".gz") else path.suffix
    with _open(path) as lines:
        for line in lines:
            if kind != ".jsonl":
                yield clean(line)
                continue
            article = _text_of(json.loads(line), path)
            yield from (clean(article[start:end]) for start, end in split_spans(article))


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _text_of(row: dict[str, Any], path: Path) -> str:
    for key in _TEXT_KEYS:
        if key in row:
            return str(row[key])
    raise RecipeError(f"{path}: a row has neither {' nor '.join(_TEXT_KEYS)}")
