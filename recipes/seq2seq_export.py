"""A trained encoder-decoder → a folder that Mujaz runs: weights, tokenizer, golden sentences, card, and its `models.yaml`.

What CTranslate2 converts (Marian, T5, M2M-100, NLLB, ...) becomes int8, cut into parts, by the conversion of the
application itself; what it does not (T5Gemma) stays a checkpoint for engine `transformers`. The folder is used by

    mujaz translate lines.txt --models FOLDER/models.yaml          once
    MUJAZ_CONFIG=FOLDER mujaz ...                                  as the embedded model, in every command
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers import AutoModelForSeq2SeqLM

from recipes.distill_settings import DistillRecipe, VocabularyMapSettings
from recipes.export import GOLDEN_SENTENCES, sha256, split, write_sums
from recipes.runtime import join_parts
from recipes.seq2seq_data import Cutter
from recipes.seq2seq_train import TOKENIZER_FILES
from recipes.stages import folder_in_place_of
from recipes.vocabulary_map import learn, write
from summarizer.engines.ctranslate2 import VOCABULARY_MAP_FILE
from summarizer.models import ModelSpec, Registry
from summarizer.models.convert import convert

_WEIGHTS = "model.bin"  # of CTranslate2
#: What a reader of `models.yaml` should see first.
_HEAD = """# This model's entry, and the profile `embedded` with it as the translator. `path:.` is the folder of this file.
#   mujaz translate lines.txt --models THIS_FILE            use it once
#   MUJAZ_CONFIG=FOLDER_OF_THIS_FILE mujaz ...              use it in every command, instead of the shipped one
#   mujaz models check --profile embedded --models THIS_FILE
"""


def average(folders: list[Path], out: Path) -> None:
    """Write the mean of the checkpoints' weights, summed in float32, with the last one's tokenizer."""
    model: Any = AutoModelForSeq2SeqLM.from_pretrained(
        folders[-1], dtype=torch.float32, local_files_only=True
    )
    if len(folders) > 1:
        with torch.no_grad():
            others = [
                AutoModelForSeq2SeqLM.from_pretrained(each, dtype=torch.float32, local_files_only=True)
                for each in folders[:-1]
            ]
            for weights in zip(model.parameters(), *(each.parameters() for each in others), strict=True):
                weights[0].copy_(torch.stack(list(weights)).mean(dim=0))
    model.save_pretrained(out)
    for name in TOKENIZER_FILES:
        if (folders[-1] / name).exists():
            shutil.copyfile(folders[-1] / name, out / name)


def export(
    folders: list[Path],
    recipe: DistillRecipe,
    out: Path,
    *,
    pairs: Path,
    report: Mapping[str, Mapping[str, int]],
) -> None:
    """`pairs` are those it was trained on, for a vocabulary map; `report` is what the card tells of the data."""
    notes: list[str] = []
    with folder_in_place_of(out) as building:
        with tempfile.TemporaryDirectory() as scratch:
            average(folders, Path(scratch))
            if recipe.vocabulary_map is not None:
                notes.append(_put_vocabulary_map(recipe, recipe.vocabulary_map, pairs, Path(scratch)))
            _put_weights(recipe, Path(scratch), building)
        _write_entry(recipe, building)
        _write_golden(recipe, building)
        whole = sha256(building / _WEIGHTS) if (building / _WEIGHTS).exists() else None
        if whole:
            split(building / _WEIGHTS, recipe.export.part_mebibytes << 20)
        (building / "CARD.md").write_text(write_card(recipe, report, notes), encoding="utf-8")
        write_sums(building, whole)
        if whole:
            join_parts(building)


def _put_vocabulary_map(
    recipe: DistillRecipe, settings: VocabularyMapSettings, pairs: Path, checkpoint: Path
) -> str:
    """Write the map beside the checkpoint, where the conversion looks for it; return what the card says of it."""
    tokens = Cutter(checkpoint, recipe.spec.feed).tokens
    found, measured = learn(pairs, tokens, settings)
    write(found, tokens, checkpoint / VOCABULARY_MAP_FILE)
    return f"A vocabulary map of {settings.renderings} renderings a token: {measured.described(len(tokens))}."


def _put_weights(recipe: DistillRecipe, checkpoint: Path, building: Path) -> None:
    spec = recipe.spec
    if spec.engine == "transformers":
        shutil.copytree(checkpoint, building, dirs_exist_ok=True)
        return
    with tempfile.TemporaryDirectory() as cache, _cache_in(Path(cache)):
        shutil.copytree(convert(spec, checkpoint), building, dirs_exist_ok=True)


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    """What is made on the way is not left in the user's cache."""
    before = os.environ.get("MUJAZ_CACHE")
    os.environ["MUJAZ_CACHE"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MUJAZ_CACHE"]
        else:
            os.environ["MUJAZ_CACHE"] = before


def entry_of(spec: ModelSpec, *, size_mb: float) -> dict[str, Any]:
    """The model as an entry of `models.yaml`, without what is default."""
    entry: dict[str, Any] = spec.model_dump(mode="json", exclude_defaults=True, exclude={"id"})
    return {**entry, "size_mb": size_mb}


def _write_entry(recipe: DistillRecipe, folder: Path) -> None:
    name, spec = recipe.export.name, recipe.spec
    size = round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1)
    profiles: dict[str, Any] = {
        each: {
            "description": f"Summaries are source sentences; English by {name}.",
            "models": {"summarization": "extractive", "translation": name},
        }
        for each in (name, "embedded")
    }
    profiles[name]["fallback"] = {"translation": "ar-en"}
    content = {
        "profiles": profiles,
        "models": {name: entry_of(spec, size_mb=size)},
    }
    text = _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    (folder / "models.yaml").write_text(text, encoding="utf-8")


def _write_golden(recipe: DistillRecipe, folder: Path) -> None:
    """What this model itself answers, so that a changed runtime or a damaged file shows."""
    engine = Registry.load(folder / "models.yaml").engine(recipe.export.name)
    every = GOLDEN_SENTENCES.read_text(encoding="utf-8").splitlines()
    sentences = [each for each in every if engine.count_tokens(each) <= engine.input_limit]
    rows = [
        {"ar": ar, "en": found[0].text}
        for ar, found in zip(sentences, engine.generate(sentences), strict=True)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "golden.jsonl").write_text(lines, encoding="utf-8")


# --- the card -------------------------------------------------------------------------------------


def write_card(
    recipe: DistillRecipe, report: Mapping[str, Mapping[str, int]], notes: Sequence[str] = ()
) -> str:
    spec, student = recipe.spec, recipe.student
    if student.shape is not None:
        shape = student.shape
        what = (
            f"A Marian encoder-decoder, {shape.encoder_layers} + {shape.decoder_layers} layers of {shape.width}, "
            f"{shape.vocabulary:,} pieces at most, trained from random weights."
        )
    else:
        what = f"A fine-tune of {student.base}."
    taught = (
        "No teacher: the English is that of the pairs."
        if recipe.teacher is None
        else f"Sequence-level distillation: the English was written by {recipe.teacher.model}, filtered by fact checks."
    )
    use = "Not for commercial use." if spec.non_commercial else ""
    return f"""# {recipe.export.name}: Arabic → English, one sentence at a time

**What it is.** {what} {taught} Engine: {spec.engine}. Licence: {spec.licence}. {use}

**Use.** `mujaz translate lines.txt --models models.yaml`, with the `models.yaml` of this folder; how it is fed stands there.

## Data

{_table(report)}
## Training

{_bullets([*recipe.export.training_notes, *notes])}- Settings: {recipe.train.model_dump_json()}

## Scores

Not measured for this export. `mujaz bench run --models models.yaml --dataset flores200-devtest --system model:{recipe.export.name}`

## Limits

{_bullets(recipe.export.limits) or "- Not known yet."}
"""


def _bullets(lines: list[str]) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _table(report: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        f"| {name} | {', '.join(f'{what} {number:,}' for what, number in counts.items())} |"
        for name, counts in report.items()
    ]
    return "| source | pairs |\n|---|---|\n" + "\n".join(rows) + "\n"
