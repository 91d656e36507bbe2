"""A checkpoint → the folder that is shipped: CTranslate2 int8 weights in parts, checksums, golden sentences, card.

    python -m recipes.export recipes/translate_ar_en.yaml --run RUN --out models/ar-en-v1
    python -m recipes.export recipes/translate_ar_en.yaml --scores SCORES --out models/ar-en-v1    (its card, again)

Making it needs torch; using it needs only `ctranslate2` and `tokenizers`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from recipes.cards import GLOSSES_LICENSE, GLOSSES_NOTICE, LICENSE, NOTICE, write_card
from recipes.prepare import ROOT, SENTENCE_GAP, SUMMARY_MARK
from recipes.runtime import Translator, join_parts
from recipes.settings import Recipe, RecipeError, ScoreSettings, load_recipe
from recipes.stages import folder_in_place_of
from recipes.train import checkpoints
from summarizer.glosses import GLOSSES_FILE

GOLDEN_SENTENCES = Path(__file__).with_name("golden_ar.txt")
#: Reports written for this project, a report a line.
GOLDEN_REPORTS = Path(__file__).with_name("golden_summaries_ar.txt")
#: A summary is never longer than its input.
_SHORTER = ScoreSettings(sets={}, beam_size=4, no_repeat_ngram_size=4, length_factor=1.0, length_extra=10)
SPECIAL_TOKENS = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}
_READ_BYTES = 1 << 20


def average(folders: list[Path]) -> dict[str, torch.Tensor]:
    """The mean of the checkpoints' weights, summed in float32."""
    total: dict[str, torch.Tensor] = {}
    for folder in folders:
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        for name, tensor in model.state_dict().items():
            total[name] = total[name] + tensor if name in total else tensor.clone()
    return {name: tensor / len(folders) for name, tensor in total.items()}


def convert(folders: list[Path], out: Path, quantization: str) -> None:
    """Average, and write CTranslate2's three files and `tokenizer.json` to `out`."""
    tokenizer_file = next((f / "tokenizer.json" for f in folders if (f / "tokenizer.json").exists()), None)
    if tokenizer_file is None:
        raise RecipeError(f"no tokenizer.json in {folders[0]}")
    model: Any = AutoModelForCausalLM.from_pretrained(folders[0], dtype=torch.float32)
    if len(folders) > 1:
        model.load_state_dict(average(folders))
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch)  # in float32: weights that were int8 once stay what they were
        PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_file), **SPECIAL_TOKENS).save_pretrained(scratch)
        TransformersConverter(scratch).convert(str(out), quantization=quantization, force=True)
    slim = json.loads(tokenizer_file.read_text(encoding="utf-8"))
    (out / "tokenizer.json").write_text(
        json.dumps(slim, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )


def split(path: Path, part_bytes: int) -> list[Path]:
    """Cut the file into `NAME.part-00`, ... small enough for version control, and remove the whole."""
    parts: list[Path] = []
    with path.open("rb") as whole:
        while data := whole.read(part_bytes):
            part = path.with_name(f"{path.name}.part-{len(parts):02d}")
            part.write_bytes(data)
            parts.append(part)
    path.unlink()
    return parts


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def golden(translator: Translator, inputs: Path = GOLDEN_SENTENCES, *, answer: str = "en") -> Iterator[str]:
    """The model's own greedy output, so that a changed runtime or a damaged file shows."""
    sentences = [line.replace(SENTENCE_GAP, "\n") for line in inputs.read_text(encoding="utf-8").splitlines()]
    for ar, written in zip(sentences, translator.translate(sentences), strict=True):
        yield json.dumps({"ar": ar, answer: written}, ensure_ascii=False)


def golden_summaries(folder: Path, *, adapter: Path | None = None) -> Iterator[str]:
    """The same of weights that also tell several sentences in one."""
    writer = Translator(folder, _SHORTER, prompt_end=SUMMARY_MARK, adapter=adapter)
    return golden(writer, GOLDEN_REPORTS, answer="summary")


def write_sums(folder: Path, whole: str | None) -> None:
    """A line a file, and one for `model.bin` as it is once joined, if it lies in parts."""
    files = sorted(p for p in folder.iterdir() if p.name != "SHA256SUMS")
    lines = [f"{sha256(path)}  {path.name}" for path in files]
    lines += [f"{whole}  model.bin"] if whole else []
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def copy_glosses(recipe: Recipe, folder: Path) -> None:
    """Put the glosses that a recipe trains with beside its weights, with their licence."""
    if recipe.prepare.glosses is not None:
        shutil.copyfile(ROOT / recipe.prepare.glosses, folder / GLOSSES_FILE)
        (folder / "LICENSE.glosses").write_text(GLOSSES_LICENSE, encoding="utf-8")


def export(folders: list[Path], out: Path, *, recipe: Recipe, name: str) -> None:
    settings, glossed = recipe.export, recipe.prepare.glosses is not None
    with folder_in_place_of(out) as building:
        convert(folders, building, settings.quantization)
        copy_glosses(recipe, building)
        rows = list(golden(Translator(building)))
        if recipe.prepare.summary_repeat:
            rows += golden_summaries(building)
        (building / "golden.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
        whole = sha256(building / "model.bin")
        split(building / "model.bin", settings.part_mebibytes << 20)
        (building / "CARD.md").write_text(write_card(name, settings, None, glossed=glossed), encoding="utf-8")
        (building / "LICENSE").write_text(LICENSE, encoding="utf-8")
        (building / "NOTICE").write_text(NOTICE + (GLOSSES_NOTICE if glossed else ""), encoding="utf-8")
        write_sums(building, whole)
        join_parts(building)


def refresh_card(out: Path, *, recipe: Recipe, name: str, scores: Path) -> None:
    """Scores are measured on the exported folder, so its card is written again after them."""
    glossed = recipe.prepare.glosses is not None
    (out / "CARD.md").write_text(write_card(name, recipe.export, scores, glossed=glossed), encoding="utf-8")
    write_sums(out, join_parts(out))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--run", type=Path, help="run folder: its last checkpoints are averaged as the recipe says"
    )
    source.add_argument(
        "--checkpoint", type=Path, nargs="+", help="transformers checkpoints instead, averaged"
    )
    source.add_argument(
        "--scores", type=Path, help="what recipes.score wrote: put it on the card of an exported folder"
    )
    parser.add_argument("--name", help="default: the recipe's")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe = load_recipe(options.recipe)
    name = options.name or recipe.export.name
    if options.scores:
        refresh_card(options.out, recipe=recipe, name=name, scores=options.scores)
        return
    folders = options.checkpoint or checkpoints(options.run)[-recipe.export.average_last :]
    if not folders:
        raise RecipeError(f"no checkpoint in {options.run}")
    export(folders, options.out, recipe=recipe, name=name)


if __name__ == "__main__":
    main()
