"""A trained adapter → the folder that is shipped: the factors in int8, checksums, golden answers, licence, card.

    python -m recipes.export_adapter recipes/summarize_ar.yaml --run RUN --base models/ar-en-v2 --out models/ar-sum-v1

The folder holds no weights of the base, only its checksum: `models.yaml` names both, and the application merges them at
the first use (`summarizer/models/adapters.py`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from transformers import Gemma3TextConfig

from recipes.adapter import load_adapter
from recipes.export import sha256
from recipes.prepare_summaries import SUMMARY_MARK
from recipes.restore import variable_of
from recipes.runtime import Translator
from recipes.settings import ExportSettings, RecipeError, ScoreSettings, SummaryRecipe, load_run
from recipes.summary_cards import LICENSE, NOTICE, write_card
from recipes.train import checkpoints
from summarizer.models.adapters import merge_adapter, write_adapter
from summarizer.models.bundled import ADAPTER_FILE, GOLDEN_FILE, SUMS_FILE, WEIGHTS_FILE, read_sums

GOLDEN_INPUTS = Path(__file__).with_name("golden_summaries_ar.txt")
#: An answer is never longer than its input.
_SHORTER = ScoreSettings(sets={}, no_repeat_ngram_size=4, length_factor=1.0, length_extra=0, threads=1)


def write_factors(checkpoint: Path, out: Path, *, base: str) -> None:
    """Write a checkpoint's adapter with the names that the base's `model.bin` has; `base` is that file's SHA-256."""
    config = Gemma3TextConfig.from_pretrained(checkpoint)
    factors = {
        variable_of(name, config): (down.numpy(), np.ascontiguousarray(up.numpy().T))
        for name, (down, up) in load_adapter(checkpoint).items()
    }
    write_adapter(out, factors, base=base)


def merged(base: Path, adapter: Path, into: Path) -> Translator:
    """Join the base in `into`, merge the adapter, and return what runs it."""
    digest = read_sums(base)[WEIGHTS_FILE]
    for name in ("config.json", "vocabulary.json", "tokenizer.json"):
        shutil.copyfile(base / name, into / name)
    with (into / WEIGHTS_FILE).open("wb") as whole:
        for part in sorted(base.glob(f"{WEIGHTS_FILE}.part-*")):
            whole.write(part.read_bytes())
    if sha256(into / WEIGHTS_FILE) != digest:
        raise RecipeError(f"{base}: the joined {WEIGHTS_FILE} does not match {SUMS_FILE}")
    merge_adapter(into / WEIGHTS_FILE, adapter, base=digest)
    return Translator(into, _SHORTER, prompt_end=SUMMARY_MARK)


def golden(writer: Translator) -> Iterator[str]:
    """The model's own greedy answers to reports written for this project."""
    inputs = GOLDEN_INPUTS.read_text(encoding="utf-8").splitlines()
    for ar, summary in zip(inputs, writer.translate(inputs), strict=True):
        yield json.dumps({"ar": ar, "summary": summary}, ensure_ascii=False)


def export(
    checkpoint: Path, base: Path, out: Path, *, settings: ExportSettings, name: str, scores: Path | None
) -> None:
    """Built beside `out` and put in its place whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=".building-"))
    try:
        building.chmod(0o755)  # mkdtemp's folder is its owner's alone
        write_factors(checkpoint, building / ADAPTER_FILE, base=read_sums(base)[WEIGHTS_FILE])
        with tempfile.TemporaryDirectory() as scratch:
            writer = merged(base, building / ADAPTER_FILE, Path(scratch))
            (building / GOLDEN_FILE).write_text("\n".join(golden(writer)) + "\n", encoding="utf-8")
        _write_texts(building, settings=settings, name=name, base=base.name, scores=scores)
        if out.exists():
            shutil.rmtree(out)
        building.replace(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_texts(
    folder: Path, *, settings: ExportSettings, name: str, base: str, scores: Path | None
) -> None:
    (folder / "CARD.md").write_text(write_card(name, base, settings, scores), encoding="utf-8")
    (folder / "LICENSE").write_text(LICENSE, encoding="utf-8")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8")
    files = sorted(path for path in folder.iterdir() if path.name != SUMS_FILE)
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in files)
    (folder / SUMS_FILE).write_text(sums, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--run", type=Path, help="run folder: its last checkpoint is exported")
    parser.add_argument("--checkpoint", type=Path, help="another checkpoint instead")
    parser.add_argument(
        "--base", type=Path, required=True, help="the release that the adapter was trained on"
    )
    parser.add_argument("--scores", type=Path, help="a table in Markdown for the card")
    parser.add_argument("--name", help="default: the recipe's")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe = load_run(options.recipe)
    if not isinstance(recipe, SummaryRecipe):
        raise RecipeError(f"{options.recipe} is no recipe of a summarizer")
    found = [options.checkpoint] if options.checkpoint else checkpoints(options.run)[-1:]
    if not found:
        raise RecipeError(f"no checkpoint in {options.run}")
    name = options.name or recipe.export.name
    export(found[0], options.base, options.out, settings=recipe.export, name=name, scores=options.scores)


if __name__ == "__main__":
    main()
