"""One command makes an Arabic→English encoder-decoder: distilled from a teacher, fine-tuned, or from scratch.

    python -m recipes.distill recipes/distill_opus_mt.yaml --fetch --data $MUJAZ_DATA --out work/opus

The stages, each in OUT, each whole or made again, so that the command may be killed and given again at any point:

1. sentences.jsonl  the Arabic to translate: of the open pairs and of monolingual text, no sentence of a test set
2. taught/          the teacher's answers, in shards
3. chosen/          the answer to learn of each sentence, or why there is none
4. student/         the weights to start from, with a vocabulary (a `base` is used where it lies)
5. pairs.npz        all pairs as tokens, with hints, templates and news typesetting as in `recipes/prepare.py`
6. run/             training: last.pt, step-N/, log.jsonl
7. model/           what `mujaz` runs: int8 weights in parts, tokenizer, models.yaml, card, golden sentences

Without a `teacher` in the recipe, stages 1 to 3 are skipped and the English of the pairs is learnt.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from recipes.distill_choose import choose_all, chosen_pairs
from recipes.distill_settings import DistillRecipe, TeacherSettings, load_distill_recipe
from recipes.distill_sources import gather
from recipes.distill_teach import shards_wanted, teach, teacher_registry
from recipes.prepare import Pair, build_pairs, dress_pairs
from recipes.seq2seq_data import Cutter, pack
from recipes.seq2seq_export import export
from recipes.seq2seq_student import find_base, write_student
from recipes.seq2seq_train import Seq2SeqTrainer, is_finished
from recipes.settings import RecipeError, data_folder
from recipes.stages import open_stage, write_whole
from recipes.train import checkpoints
from summarizer.errors import MujazError
from summarizer.models import fetch

logger = logging.getLogger(__name__)

STAGES: Final = ("teach", "choose", "pack", "train", "export")


def distill(
    recipe: DistillRecipe,
    data: Path,
    out: Path,
    *,
    until: str = STAGES[-1],
    share: tuple[int, int] = (0, 1),
    download: bool = False,
) -> None:
    """Go on with what OUT has, up to and with the stage `until`."""
    last = STAGES.index(until)
    out.mkdir(parents=True, exist_ok=True)
    if recipe.teacher is not None:
        if not ask_teacher(recipe, recipe.teacher, data, out, share=share, download=download):
            logger.info("other shares of the teacher's shards are not there yet; the same command goes on")
            return
        if last < STAGES.index("choose"):
            return
        choose(recipe, data, out)
    if last < STAGES.index("pack"):
        return
    base = make_pairs(recipe, data, out, download=download)
    if last >= STAGES.index("train") and not is_finished(out / "run", recipe.train):
        trainer = Seq2SeqTrainer(recipe, out / "pairs.npz", base, open_stage(out / "run", _train_key(recipe)))
        trainer.run()
        if trainer.stop_asked:
            logger.info("stopped as asked; the same command goes on")
            return
    if last >= STAGES.index("export"):
        report = json.loads((out / "pairs.report.json").read_text(encoding="utf-8"))
        export(
            checkpoints(out / "run")[-recipe.export.average_last :],
            recipe,
            out / "model",
            pairs=out / "pairs.npz",
            report=report,
        )


# --- stages 1 to 3: the teacher --------------------------------------------------------------------


def _asked_key(recipe: DistillRecipe) -> dict[str, Any]:
    """The settings that decide what the teacher is asked and what it answers."""
    whole = recipe.model_dump(mode="json")
    prepare = whole["prepare"]
    keys = ("sources", "eval_files", "overlap_words", "max_words", "length_ratio")
    return {
        "seed": whole["seed"],
        "monolingual": whole["monolingual"],
        "teacher": whole["teacher"],
        "prepare": {key: prepare[key] for key in keys},
    }


def ask_teacher(
    recipe: DistillRecipe,
    settings: TeacherSettings,
    data: Path,
    out: Path,
    *,
    share: tuple[int, int],
    download: bool,
) -> bool:
    """Fill `taught/`; tell whether every shard is there (others may be at work on theirs)."""
    taught = open_stage(out / "taught", _asked_key(recipe))
    asked = out / "sentences.jsonl"
    if not asked.exists():
        report = gather(recipe, data, asked)
        write_whole(out / "sentences.report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    wanted = shards_wanted(asked, settings)
    if not wanted:
        raise RecipeError("there is no sentence to ask the teacher: see sentences.report.json")
    if len(list(taught.glob("*.jsonl"))) < wanted:
        registry = teacher_registry(settings)
        if download:
            fetch(registry, models=[settings.model])
        for shard in teach(registry.engine(settings.model), asked, taught, settings, share=share):
            logger.info("taught %s of %d", shard.name, wanted)
    return len(list(taught.glob("*.jsonl"))) == wanted


def choose(recipe: DistillRecipe, data: Path, out: Path) -> None:
    chosen = open_stage(out / "chosen", {**_asked_key(recipe), "choose": _choose_key(recipe)})
    choose_all(recipe, data, sorted((out / "taught").glob("*.jsonl")), chosen)


def _choose_key(recipe: DistillRecipe) -> dict[str, Any]:
    settings = recipe.choose.model_dump(mode="json", exclude={"workers"})
    return {**settings, "checks": sorted(settings["checks"])}


# --- stages 4 and 5: the pairs and where training starts -------------------------------------------


def make_pairs(recipe: DistillRecipe, data: Path, out: Path, *, download: bool = False) -> Path:
    """Write `student/` (for a `shape`) and `pairs.npz`; return the checkpoint to start from."""
    whole = recipe.model_dump(mode="json", include={"seed", "prepare", "student"})
    whole["feed"] = recipe.spec.feed.model_dump(mode="json")
    if recipe.teacher is not None:
        whole |= {**_asked_key(recipe), "choose": _choose_key(recipe), "prepare": whole["prepare"]}
    open_stage(out / "packed", whole)
    base = out / "student" if recipe.student.shape is not None else find_base(recipe, download=download)
    if (out / "pairs.npz").exists():
        return base
    pairs, report = _pairs(recipe, data, out)
    if not pairs:
        raise RecipeError("no pair is left to learn from: see chosen/ for the reasons")
    if recipe.student.shape is not None and not base.exists():
        write_student(base, pairs, recipe.student.shape, seed=recipe.seed)
    arrays, too_long = pack(pairs, Cutter(base, recipe.spec.feed), max_tokens=recipe.student.max_tokens)
    report["all"] = Counter(
        pairs=len(arrays["source_offsets"]) - 1,
        too_long=too_long,
        synthetic=sum(pair.synthetic for pair in pairs),
        source_tokens=len(arrays["source_tokens"]),
        target_tokens=len(arrays["target_tokens"]),
    )
    write_whole(out / "pairs.report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    partial = out / ".pairs.partial.npz"
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.replace(out / "pairs.npz")
    return base


def _pairs(recipe: DistillRecipe, data: Path, out: Path) -> tuple[list[Pair], dict[str, Counter[str]]]:
    if recipe.teacher is None:
        return build_pairs(recipe.prepare, data, recipe.seed)
    report: dict[str, Counter[str]] = {}
    chosen = list(chosen_pairs(out / "chosen", recipe, report))
    if not chosen:
        return [], report
    rng = random.Random(recipe.seed)
    return dress_pairs(chosen, recipe.prepare, data, seed=recipe.seed, rng=rng, report=report), report


def _train_key(recipe: DistillRecipe) -> dict[str, Any]:
    """What may not change in the middle of a run; budgets, threads and checkpoints may."""
    free = {
        "budget_amount",
        "checkpoint_minutes",
        "keep_checkpoints",
        "threads",
        "threads_when_busy",
        "device",
        "compile",
    }
    return {"seed": recipe.seed, "train": recipe.train.model_dump(mode="json", exclude=free)}


def _share(text: str) -> tuple[int, int]:
    mine, _, of = text.partition("/")
    if not (mine.isdecimal() and of.isdecimal() and int(mine) < int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is not I/N with I from 0 to N - 1")
    return int(mine), int(of)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, help="folder with mt/, names/, mt_eval/; default: $MUJAZ_DATA")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="the last stage to do")
    parser.add_argument(
        "--share",
        type=_share,
        default=(0, 1),
        metavar="I/N",
        help="of the teacher's shards, do every Nth from I",
    )
    parser.add_argument(
        "--fetch", action="store_true", help="download the teacher or the base from the model hub"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    try:
        distill(
            load_distill_recipe(options.recipe), data_folder(options.data), options.out,
            until=options.until, share=options.share, download=options.fetch,
        )  # fmt: skip
    except (RecipeError, MujazError) as error:
        sys.exit(f"{parser.prog}: {error}")


if __name__ == "__main__":
    main()
