"""Of some checkpoints and the means of them, the one whose answers to development pairs are best.

    python -m recipes.choose run1/step-001900 run2/step-001900 --dev pairs.dev.npz --out BEST

The means of every two and of all are tried too: runs from one start whose weights are averaged are often better
than either (Wortsman et al., "Model soups", ICML 2022). Answers are greedy, all at once, with transformers: seconds on
a GPU. BEST holds the winner, and `choice.json` the BLEU and chrF2 of all.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sacrebleu.metrics import BLEU, CHRF
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from recipes.settings import RecipeError

_WEIGHTS = "model.safetensors"
_MOST_NEW_TOKENS = 128


def mean_weights(folders: list[Path]) -> dict[str, torch.Tensor]:
    """The mean of the checkpoints' weights, in float32."""
    states = [load_file(folder / _WEIGHTS) for folder in folders]
    return {name: torch.stack([state[name].float() for state in states]).mean(dim=0) for name in states[0]}


def candidates(folders: list[Path]) -> Iterator[list[Path]]:
    """Each checkpoint; the mean of every two; the mean of all."""
    yield from ([folder] for folder in folders)
    yield from map(list, combinations(folders, 2))
    if len(folders) > 2:
        yield folders


class DevSet:
    """The prompts of prepared pairs, padded on the left, and their answers as text."""

    def __init__(self, path: Path, tokenizer: Tokenizer) -> None:
        stored = np.load(path)
        rows = np.split(stored["tokens"].astype(np.int64), stored["offsets"][1:-1])
        lengths = stored["prompt_lengths"].astype(np.int64)
        if not rows:
            raise RecipeError(f"{path} holds no pairs")
        self.tokenizer = tokenizer
        self.ids = torch.zeros((len(rows), int(lengths.max())), dtype=torch.long)
        self.mask = torch.zeros_like(self.ids)
        for i, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            self.ids[i, -length:] = torch.from_numpy(row[:length])
            self.mask[i, -length:] = 1
        self.references = [self.text(row[length:]) for row, length in zip(rows, lengths, strict=True)]

    def text(self, ids: Any) -> str:
        return " ".join(self.tokenizer.decode([int(i) for i in ids], skip_special_tokens=True).split())

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch has no types here
    def answers(self, model: Any) -> list[str]:
        """Greedy answers of ``model``, in order."""
        width = self.ids.shape[1]
        written = model.generate(
            input_ids=self.ids.to(model.device),
            attention_mask=self.mask.to(model.device),
            do_sample=False,
            max_new_tokens=_MOST_NEW_TOKENS,
            eos_token_id=self.tokenizer.token_to_id("<eos>"),
            pad_token_id=self.tokenizer.token_to_id("<pad>") or 0,
        )[:, width:].cpu()
        end = self.tokenizer.token_to_id("<eos>")
        return [self.text(row[: [*row.tolist(), end].index(end)]) for row in written]

    def score(self, model: Any) -> dict[str, float]:
        answers = self.answers(model)
        return {
            "bleu": round(BLEU().corpus_score(answers, [self.references]).score, 2),
            "chrf": round(CHRF().corpus_score(answers, [self.references]).score, 2),
        }


def choose(folders: list[Path], dev: Path, out: Path) -> dict[str, dict[str, float]]:
    """Write the best candidate, by BLEU + chrF2, to ``out``; return the scores of all."""
    first = folders[0]
    held_out = DevSet(dev, Tokenizer.from_file(str(first / "tokenizer.json")))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = torch.bfloat16 if device == "cuda" else torch.float32
    model: Any = AutoModelForCausalLM.from_pretrained(first, dtype=kind).to(device).eval()
    scores: dict[str, dict[str, float]] = {}
    best = -1.0
    for members in candidates(folders):
        weights = mean_weights(members)
        model.load_state_dict(weights, strict=False)  # a tied head has no weights of its own
        name = " + ".join(f"{each.parent.name}/{each.name}" for each in members)
        scores[name] = held_out.score(model)
        print(name, scores[name], flush=True)
        if sum(scores[name].values()) > best:
            best = sum(scores[name].values())
            out.mkdir(parents=True, exist_ok=True)
            save_file(
                {key: value.contiguous() for key, value in weights.items()},
                out / _WEIGHTS,
                metadata={"format": "pt"},
            )
    for path in first.glob("*.json"):
        shutil.copyfile(path, out / path.name)
    (out / "choice.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--dev", type=Path, required=True, help="OUT.dev.npz of recipes.prepare")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    choose(options.checkpoints, options.dev, options.out)


if __name__ == "__main__":
    main()
