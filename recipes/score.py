"""Score exported translators on the same sentences, with signatures and significance; and draw a learning curve.

    python -m recipes.score recipes/translate_ar_en.yaml --models models/ar-en-v0 models/ar-en-v1 --out SCORES
    python -m recipes.score recipes/translate_ar_en_v7.yaml --models models/ar-en-v6 models/ar-en-v7 --on models/ar-en-v6 --out SCORES
    python -m recipes.score recipes/translate_ar_en.yaml --curve RUN --base CHECKPOINT --out SCORES

The first model is the baseline; a model that is an adapter is scored on the release that `--on` names. SCORES keeps every output (`MODEL.SET.en`), so that a second call scores without
translating again; delete the folder to translate anew. The learning curve uses a development set, never a test set.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest

from recipes.prepare import ROOT, find_set, read_pairs
from recipes.runtime import Translator
from recipes.settings import Recipe, RecipeError, ScoreSettings, data_folder, load_recipe
from summarizer.glosses import GLOSSES_FILE
from summarizer.models.bundled import ADAPTER_FILE, SUMS_FILE, WEIGHTS_FILE, read_sums

_BOOTSTRAP_SAMPLES = 1000


def read_set(path: Path, limit: int | None) -> tuple[list[str], list[str]]:
    pairs = list(itertools.islice(read_pairs(path), limit))
    if not pairs:
        raise RecipeError(f"{path} holds no sentence pairs")
    return [ar for ar, _ in pairs], [en for _, en in pairs]


def translate_set(
    folder: Path, sentences: list[str], settings: ScoreSettings, kept: Path, on: Path | None = None
) -> tuple[list[str], float | None]:
    """The model's output, from `kept` when it is there; and seconds, when it was made now."""
    if kept.exists():
        lines = kept.read_text(encoding="utf-8").split("\n")[:-1]
        if len(lines) == len(sentences):
            return lines, None
    translator = _opened(folder, settings, on)
    began = time.monotonic()
    lines = [" ".join(line.split()) for line in translator.translate(sentences)]
    seconds = time.monotonic() - began
    kept.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return lines, seconds


def _opened(folder: Path, settings: ScoreSettings, on: Path | None) -> Translator:
    if not (folder / ADAPTER_FILE).exists():
        return Translator(folder, settings)
    if on is None:
        raise RecipeError(f"{folder} is an adapter: name the release that it fits with --on")
    return Translator(on, settings, adapter=folder)


def score_models(
    folders: Sequence[Path], recipe: Recipe, data: Path, out: Path, on: Path | None = None
) -> list[dict[str, Any]]:
    """One row a set and model; with two models or more, p-values against the first by paired bootstrap."""
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name, limit in recipe.score.sets.items():
        ar, en = read_set(find_set(data, name), limit)
        outputs = {}
        speeds = {}
        for folder in folders:
            outputs[folder.name], seconds = translate_set(
                folder, ar, recipe.score, out / f"{folder.name}.{Path(name).stem}.en", on
            )
            speeds[folder.name] = round(len(ar) / seconds, 1) if seconds else None
        values, signatures = _compare(outputs, en)
        for model, metrics in values.items():
            rows.append(
                {
                    "set": Path(name).stem,
                    "sentences": len(ar),
                    "model": model,
                    **metrics,
                    "sentences_per_second": speeds[model],
                }
            )
        rows[-1]["signatures"] = signatures
    (out / "scores.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


def _compare(
    outputs: dict[str, list[str]], references: list[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    metrics = {"BLEU": BLEU(), "chrF2": CHRF()}
    values: dict[str, dict[str, Any]] = {
        model: {
            name: round(metric.corpus_score(lines, [references]).score, 2) for name, metric in metrics.items()
        }
        for model, lines in outputs.items()
    }
    signatures = {name: str(metric.get_signature()) for name, metric in metrics.items()}
    if len(outputs) > 1:
        test = PairedTest(
            list(outputs.items()),
            metrics=metrics,
            references=[references],
            test_type="bs",
            n_samples=_BOOTSTRAP_SAMPLES,
        )
        _, results = test()
        for name in metrics:
            for model, result in zip(outputs, results[name], strict=True):
                values[model][f"{name} p"] = None if result.p_value is None else round(result.p_value, 4)
    return values, signatures


def learning_curve(
    run: Path, base: Path, recipe: Recipe, data: Path, dev: str, limit: int, out: Path, on: Path | None = None
) -> list[dict[str, Any]]:
    """BLEU and chrF2 of the base and of every checkpoint, against minutes and tokens; measured once each.

    `base` is a checkpoint or a release. `on` is the release that a run of adapters was started from.
    """
    from recipes.train import checkpoints

    out.mkdir(parents=True, exist_ok=True)
    ar, en = read_set(data / dev, limit)
    curve: list[dict[str, Any]] = []
    for folder in [base, *checkpoints(run)]:
        progress = {"step": 0, "seconds": 0.0, "tokens": 0}
        if (folder / "progress.json").exists():
            progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        kept = out / f"curve-{progress['step']:06d}.{Path(dev).stem}-{limit}.en"
        with tempfile.TemporaryDirectory() as scratch:
            model = folder if kept.exists() else _exported(folder, Path(scratch), recipe, on)
            lines, _ = translate_set(model, ar, recipe.score, kept, on)
        curve.append(
            {
                "step": progress["step"],
                "minutes": round(progress["seconds"] / 60, 1),
                "tokens": progress["tokens"],
                "BLEU": round(BLEU().corpus_score(lines, [en]).score, 2),
                "chrF2": round(CHRF().corpus_score(lines, [en]).score, 2),
            }
        )
    (out / "curve.json").write_text(json.dumps(curve, indent=1) + "\n", encoding="utf-8")
    return curve


def _exported(folder: Path, scratch: Path, recipe: Recipe, on: Path | None) -> Path:
    """What can be run of a checkpoint: itself, if it is a release."""
    from recipes.adapter import ADAPTER_FILE as CHECKPOINT
    from recipes.export import convert
    from recipes.export_adapter import write_factors

    if (folder / SUMS_FILE).exists():
        return folder
    if not (folder / CHECKPOINT).exists():
        convert([folder], scratch, recipe.export.quantization)
    elif on is None:
        raise RecipeError(f"{folder} is an adapter: name the release that it fits with --on")
    else:
        base = read_sums(on)[WEIGHTS_FILE]
        write_factors([folder], scratch / ADAPTER_FILE, base=base, strength=recipe.export.strength)
        if recipe.prepare.glosses is not None:
            shutil.copyfile(ROOT / recipe.prepare.glosses, scratch / GLOSSES_FILE)
    return scratch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, help="folder with mt_eval/; default: $MUJAZ_DATA")
    parser.add_argument(
        "--models", type=Path, nargs="+", default=[], help="exported folders, the baseline first"
    )
    parser.add_argument("--on", type=Path, help="the release that an adapter among them fits")
    parser.add_argument("--curve", type=Path, help="run folder whose checkpoints to score")
    parser.add_argument("--base", type=Path, help="checkpoint that the run started from")
    parser.add_argument("--dev", default="mt_eval/flores200_dev.tsv", help="development set of the curve")
    parser.add_argument("--dev-sentences", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe, data = load_recipe(options.recipe), data_folder(options.data)
    rows: list[dict[str, Any]] = []
    if options.models:
        rows += score_models(options.models, recipe, data, options.out, options.on)
    if options.curve:
        if options.base is None:
            parser.error("--curve needs --base")
        rows += learning_curve(
            options.curve,
            options.base,
            recipe,
            data,
            options.dev,
            options.dev_sentences,
            options.out,
            options.on,
        )
    for row in rows:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
