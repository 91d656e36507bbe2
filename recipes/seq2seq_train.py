"""Train an encoder-decoder on packed pairs: `recipes/train.py` with another model and other batches.

Stopping, killing, resuming, the schedule, the optimizer, the log and the checkpoints are those of `recipes.train`. The
loss is taken from the model's own logits, because their scale, bias or soft cap differ from architecture to architecture.
Dropout is drawn anew for every step from the seed and the step's number, so that a resumed run repeats the whole one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from transformers import AutoModelForSeq2SeqLM

from recipes.seq2seq_data import Seq2SeqBatch, Seq2SeqData
from recipes.settings import RecipeError, TrainSettings
from recipes.train import MicroBatch, PairData, Trainer, checkpoints

#: What a checkpoint's folder holds beside weights: the base's own files of these kinds go along.
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "source.spm",
    "target.spm",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "generation_config.json",
)


def decoder_start(model: Any) -> int:
    """The token that a decoder is fed before its first one."""
    decoder = getattr(model.config, "decoder", None)
    for source, name in (
        (model.generation_config, "decoder_start_token_id"),
        (model.config, "decoder_start_token_id"),
        (decoder, "decoder_start_token_id"),
        (decoder, "bos_token_id"),  # T5Gemma
    ):
        found = getattr(source, name, None)
        if isinstance(found, int):
            return found
    raise RecipeError("the checkpoint does not say which token its decoder starts from")


def freeze_unreached(model: Any) -> None:
    """Freeze what text never reaches: an image tower, sinusoids that are kept as weights. Found by one small pass."""
    ids = torch.zeros(1, 2, dtype=torch.long)
    model(input_ids=ids, decoder_input_ids=ids, use_cache=False).logits.float().sum().backward()
    for weight in model.parameters():
        if weight.grad is None:
            weight.requires_grad_(requires_grad=False)
        weight.grad = None


class Seq2SeqTrainer(Trainer):
    tokenizer_files = TOKENIZER_FILES

    def open_model(self, dtype: torch.dtype) -> Any:
        model: Any = AutoModelForSeq2SeqLM.from_pretrained(self.base, dtype=dtype, local_files_only=True)
        for part in model.modules():
            if hasattr(part, "layerdrop"):  # M2M-100 skips layers at random; a step wants a gradient of each
                part.layerdrop = 0.0
        freeze_unreached(model)
        if model.config.model_type == "marian":
            # The decoder starts from the padding's embedding, which Marian and CTranslate2 take for zeros; the output
            # shares that row, and would move it.
            pad = model.config.pad_token_id
            model.get_input_embeddings().weight.register_hook(
                lambda gradient: gradient.index_fill(0, torch.tensor([pad], device=gradient.device), 0)
            )
        return model

    def open_data(self, path: Path) -> PairData:
        pad = self.model.config.pad_token_id
        if pad is None:
            pad = getattr(getattr(self.model.config, "decoder", None), "pad_token_id", None) or 0
        return Seq2SeqData(path, self.settings, self.recipe.seed, pad, decoder_start(self.model))

    def layers(self) -> Iterable[torch.nn.Module]:
        return [
            part
            for name, part in self.model.named_modules()
            if name.rpartition(".")[2].isdecimal()
            and name.rpartition(".")[0].endswith((".layers", ".block"))
            and any(weight.requires_grad for weight in part.parameters())
        ]

    def loss_sum(self, batch: MicroBatch) -> torch.Tensor:
        if not isinstance(batch, Seq2SeqBatch):
            raise TypeError(f"an encoder-decoder is trained on Seq2SeqBatch, not {type(batch).__name__}")
        logits = self.model(
            input_ids=batch.ids.to(self.device),
            attention_mask=batch.mask.to(self.device),
            decoder_input_ids=batch.decoder_ids.to(self.device),
            use_cache=False,
        ).logits  # (rows, target length, vocabulary)
        wanted = logits.flatten(0, 1)[batch.positions.to(self.device)]  # (targets, vocabulary)
        loss: torch.Tensor = functional.cross_entropy(
            wanted.float(),
            batch.labels.to(self.device),
            label_smoothing=self.settings.label_smoothing,
            reduction="sum",
        )
        return loss

    def step(self, batches: Sequence[MicroBatch], rate: float) -> dict[str, float]:
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.progress.step)
        return super().step(list(batches), rate)


def is_finished(run: Path, settings: TrainSettings) -> bool:
    """Whether the last checkpoint of a run stands at the end of its budget."""
    made = checkpoints(run)
    if not made:
        return False
    progress = json.loads((made[-1] / "progress.json").read_text(encoding="utf-8"))
    done = progress["seconds"] / 60 if settings.budget == "minutes" else progress["step"]
    return bool(done >= settings.budget_amount)
