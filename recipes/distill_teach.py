"""The teacher: Arabic sentences → its best answers, in shards, through the engines that the application runs.

A shard is written whole or not at all, so a run that is killed goes on with the next one; several machines can share
the shards (`--share 0/4`). The teacher is any translator of `models.yaml`, or one that the recipe describes: a folder,
a hub repository, CTranslate2 or transformers, or a server.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recipes.distill_settings import TeacherSettings
from recipes.distill_sources import Question, questions
from recipes.settings import RecipeError
from recipes.stages import write_rows
from summarizer.engines import Engine
from summarizer.errors import MujazError
from summarizer.modelinput import model_input
from summarizer.models import Registry
from summarizer.models.files import merge, read_files

logger = logging.getLogger(__name__)


def teacher_registry(settings: TeacherSettings) -> Registry:
    """The shipped and the user's `models.yaml` with the recipe's entry over them. Relative paths count from here."""
    raw, _ = read_files(None)
    entry = dict(settings.entry)
    if str(entry.get("source", "")).startswith("path:"):
        entry["source"] = f"path:{Path(entry['source'].removeprefix('path:')).expanduser().resolve()}"
    try:
        registry = Registry.from_dict(
            merge(raw, {"models": {settings.model: entry}} if entry else {}), origin="teacher.entry"
        )
        spec = registry.model(settings.model)
    except MujazError as error:
        raise RecipeError(f"teacher: {error}") from error
    if (spec.task, spec.source_language, spec.target_language) != ("translation", "ar", "en"):
        raise RecipeError(f"teacher: {spec.id} does not translate Arabic into English")
    return registry


def teach(
    engine: Engine, asked: Path, out: Path, settings: TeacherSettings, *, share: tuple[int, int] = (0, 1)
) -> Iterator[Path]:
    """Write the shards of `out` that are not there yet, of which this process does `share` (which, of how many)."""
    mine, of = share
    for number, batch in enumerate(_batches(questions(asked), settings.shard_sentences)):
        shard = out / f"{number:05d}.jsonl"
        if number % of == mine and not shard.exists():
            began = time.monotonic()
            write_rows(shard, _answers(engine, batch, settings.hypotheses))
            logger.info(
                "%s: %d sentences in %.0f s", shard.name, len(batch), max(time.monotonic() - began, 0.001)
            )
        if shard.exists():
            yield shard


def shards_wanted(asked: Path, settings: TeacherSettings) -> int:
    return -(-sum(1 for _ in questions(asked)) // settings.shard_sentences)


def _batches(every: Iterator[Question], size: int) -> Iterator[list[Question]]:
    while batch := list(itertools.islice(every, size)):
        yield batch


def _answers(engine: Engine, batch: Sequence[Question], hypotheses: int) -> list[dict[str, Any]]:
    """A row a question. One that is too long for the teacher to be good at has no answers, and is not cut."""
    fed = [model_input(question.ar) for question in batch]
    able = [i for i, text in enumerate(fed) if text and _is_able(engine, text)]
    found = engine.generate([fed[i] for i in able], hypotheses=hypotheses)
    rows: list[dict[str, Any]] = [
        {"ar": q.ar, "reference": q.reference, "source": q.source, "answers": []} for q in batch
    ]
    for i, answers in zip(able, found, strict=True):
        # An unfinished answer is a sentence without its end.
        rows[i]["answers"] = [answer.text for answer in answers if answer.finished and answer.text.strip()]
    return rows


def _is_able(engine: Engine, text: str) -> bool:
    words_fit = engine.word_limit is None or len(text.split()) <= engine.word_limit
    return words_fit and engine.count_tokens(text) <= engine.input_limit
