"""A trained adapter → the folder that is shipped: the factors in int8, checksums, golden answers, licence, card.

    python -m recipes.export_adapter recipes/translate_ar_en_v7.yaml --run RUN --base models/ar-en-v6 --out models/ar-en-v7
    python -m recipes.export_adapter recipes/translate_ar_en_v7.yaml --scores SCORES --base models/ar-en-v6 --out models/ar-en-v7
                                                                                              (its card, again)

The folder holds no weights of the base, only its checksum: `models.yaml` names both, and the application merges them at
the first use (`summarizer/models/adapters.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from transformers import Gemma3TextConfig

from recipes import cards
from recipes.adapter import load_adapter
from recipes.export import copy_glosses, golden, golden_summaries, write_sums
from recipes.runtime import Translator
from recipes.settings import Recipe, RecipeError, load_recipe
from recipes.stages import folder_in_place_of
from recipes.train import checkpoints
from recipes.variables import variable_of
from summarizer.glosses import GLOSSES_FILE
from summarizer.models.adapters import read_factors, write_adapter
from summarizer.models.bundled import ADAPTER_FILE, GOLDEN_FILE, WEIGHTS_FILE, read_golden, read_sums
from summarizer.models.weights import Floats


def write_factors(folders: Sequence[Path], out: Path, *, base: str, strength: float = 1.0) -> None:
    """Write the adapter of a checkpoint with the names that the base's `model.bin` has; `base` is that file's SHA-256.

    Of several, which must be of one run, what goes on from it or the release that it went on from (a folder with
    `adapter.npz`; not the first), the mean of each factor. `strength` scales what training added: a point on the line
    between the base and its continuation (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
    """
    config = Gemma3TextConfig.from_pretrained(folders[0])
    adapters = [_factors(each, config) for each in folders]
    factors = {}
    for place in adapters[0]:
        downs, ups = zip(*(each[place] for each in adapters), strict=True)
        down, up = (np.mean(side, axis=0) for side in (downs, ups))
        factors[place] = (down, up * np.float32(strength))
    write_adapter(out, factors, base=base)


def _factors(folder: Path, config: Gemma3TextConfig) -> dict[tuple[str, int], tuple[Floats, Floats]]:
    """The factors of a checkpoint or of a release, (rank, in) and (rank, out), by name and first row of the base's matrix."""
    if (folder / ADAPTER_FILE).exists():
        return read_factors(folder / ADAPTER_FILE)
    return {
        variable_of(name, config): (down.numpy(), np.ascontiguousarray(up.numpy().T))
        for name, (down, up) in load_adapter(folder).items()
    }


def export(
    recipe: Recipe,
    folders: Sequence[Path],
    base: Path,
    out: Path,
    *,
    name: str | None = None,
    scores: Path | None = None,
) -> None:
    """Built beside `out` and put in its place whole."""
    with folder_in_place_of(out) as building:
        adapter = building / ADAPTER_FILE
        digest = read_sums(base)[WEIGHTS_FILE]
        write_factors(folders, adapter, base=digest, strength=recipe.export.strength)
        if not (base / GLOSSES_FILE).exists():
            copy_glosses(recipe, building)
        rows = list(golden(Translator(base, adapter=building)))
        if any("summary" in row for row in read_golden(base)):
            rows += golden_summaries(base, adapter=building)
        (building / GOLDEN_FILE).write_text("\n".join(rows) + "\n", encoding="utf-8")
        write_texts(recipe, building, name=name or recipe.export.name, base=base.name, scores=scores)


def write_texts(recipe: Recipe, folder: Path, *, name: str, base: str, scores: Path | None) -> None:
    """Card, licence, notice and sums. `scores` is a folder of scores."""
    glossed = (folder / GLOSSES_FILE).exists()
    card = cards.write_card(name, recipe.export, scores, base=base, glossed=glossed)
    texts = (card, cards.LICENSE, cards.ADAPTER_NOTICE + (cards.GLOSSES_NOTICE if glossed else ""))
    for file, text in zip(("CARD.md", "LICENSE", "NOTICE"), texts, strict=True):
        (folder / file).write_text(text, encoding="utf-8")
    write_sums(folder, None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--run", type=Path, help="run folder: its last checkpoint is exported")
    source.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        help="other checkpoints instead, of a run, of what goes on from it, and the release that it went on from: their mean",
    )
    parser.add_argument(
        "--base", type=Path, required=True, help="the release that the adapter was trained on"
    )
    parser.add_argument(
        "--scores",
        type=Path,
        help="for the card: what recipes.score wrote",
    )
    parser.add_argument("--name", help="default: the recipe's")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe = load_recipe(options.recipe)
    name = options.name or recipe.export.name
    if options.scores and not (options.run or options.checkpoint):
        write_texts(recipe, options.out, name=name, base=options.base.name, scores=options.scores)
        return
    found = options.checkpoint or (checkpoints(options.run)[-1:] if options.run else [])
    if not found:
        raise RecipeError("no checkpoint: name a run that has one with --run, or one with --checkpoint")
    export(recipe, found, options.base, options.out, name=name, scores=options.scores)


if __name__ == "__main__":
    main()
