"""Pairs for an encoder-decoder: cut into tokens once, then the same batches in the same order for a seed and epoch.

The source is fed as the result will be fed (`model.feed`, the same keys as in `models.yaml`), so that training and use
cannot differ: text prefix, tokens before and after (NLLB's languages), forced first target tokens, end token.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer

from recipes.prepare import Pair
from recipes.settings import RecipeError, TrainSettings
from recipes.train import MicroBatch, PairData
from summarizer.modelinput import model_input
from summarizer.models.specs import FeedSpec

_CHUNK = 1000  # pairs that are cut at once


class Cutter:
    """Cuts both sides of pairs into the ids that the model is fed and asked for."""

    def __init__(self, checkpoint: Path, feed: FeedSpec) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Marian recommends a library that only respaces punctuation
            self.tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
        self.feed = feed
        self.before, self.after = self._ids(feed.before), self._ids(feed.after)
        self.first = self._ids(feed.target_prefix)
        self.end = self._ids([feed.end_token or self.tokenizer.eos_token])

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        ids: list[int] = self.tokenizer.convert_tokens_to_ids(list(tokens))
        for token, number in zip(tokens, ids, strict=True):
            unknown = self.tokenizer.unk_token
            if number is None or (number == self.tokenizer.unk_token_id and token != unknown):
                raise RecipeError(f"model.feed: the checkpoint's tokenizer has no {token!r}")
        return ids

    @property
    def tokens(self) -> list[str]:
        """The token of every id."""
        return list(self.tokenizer.convert_ids_to_tokens(list(range(len(self.tokenizer)))))

    def sources(self, arabic: Sequence[str]) -> list[list[int]]:
        texts = [self.feed.text_prefix + model_input(each) for each in arabic]
        cut = self.tokenizer(texts, add_special_tokens=self.feed.special_tokens, verbose=False)["input_ids"]
        return [[*self.before, *ids, *self.after] for ids in cut]

    def targets(self, english: Sequence[str]) -> list[list[int]]:
        # Marian cuts its two languages by different rules; M2M-100 would ask for a language first.
        side = "text_target" if hasattr(self.tokenizer, "spm_files") else "text"
        cut = self.tokenizer(**{side: list(english)}, add_special_tokens=False, verbose=False)["input_ids"]
        return [[*self.first, *ids, *self.end] for ids in cut]


def pack(pairs: Iterable[Pair], cutter: Cutter, *, max_tokens: int) -> tuple[dict[str, np.ndarray], int]:
    """All sources end to end and all targets end to end, with where each starts; and how many pairs were too long."""
    sources: list[np.ndarray] = []
    targets: list[np.ndarray] = []
    too_long = 0
    kind = np.uint16 if len(cutter.tokenizer) <= 1 << 16 else np.uint32
    every = iter(pairs)
    while chunk := list(islice(every, _CHUNK)):
        for source, target in zip(
            cutter.sources([p.ar for p in chunk]), cutter.targets([p.en for p in chunk]), strict=True
        ):
            if max(len(source), len(target)) > max_tokens:
                too_long += 1
                continue
            sources.append(np.array(source, dtype=kind))
            targets.append(np.array(target, dtype=kind))
    arrays = {}
    for name, rows in (("source", sources), ("target", targets)):
        arrays[f"{name}_tokens"] = np.concatenate(rows) if rows else np.zeros(0, dtype=kind)
        arrays[f"{name}_offsets"] = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return arrays, too_long


@dataclass(frozen=True)
class Seq2SeqBatch(MicroBatch):
    """`ids` are the sources, padded on the right; `positions` count into the flattened decoder rows."""

    mask: torch.Tensor  # (rows, source length), 1 where there is a token
    decoder_ids: (
        torch.Tensor
    )  # (rows, target length): the start token, then the target without its last token


class Seq2SeqData(PairData):
    """Packed pairs, in the order and the batches of `PairData`; a pair is as long as its longer side."""

    def __init__(self, path: Path, settings: TrainSettings, seed: int, pad_id: int, start_id: int) -> None:
        stored = np.load(path)
        self.sources = stored["source_tokens"], stored["source_offsets"]
        self.targets = stored["target_tokens"], stored["target_offsets"]
        self.lengths = np.maximum(np.diff(self.sources[1]), np.diff(self.targets[1]))
        self.settings, self.seed, self.pad_id, self.start_id = settings, seed, pad_id, start_id
        if not len(self.lengths):
            raise RecipeError(f"{path} holds no pairs")

    def batch(self, indices: np.ndarray) -> Seq2SeqBatch:
        sources, targets = list(_rows(self.sources, indices)), list(_rows(self.targets, indices))
        width, depth = (self._padded(max(map(len, side))) for side in (sources, targets))
        ids = np.full((len(indices), width), self.pad_id, dtype=np.int64)
        mask = np.zeros((len(indices), width), dtype=np.int64)
        decoder = np.full((len(indices), depth), self.pad_id, dtype=np.int64)
        positions = []
        for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
            ids[row, : len(source)] = source
            mask[row, : len(source)] = 1
            decoder[row, 0] = self.start_id
            decoder[row, 1 : len(target)] = target[:-1]
            positions.append(np.arange(len(target)) + row * depth)
        return Seq2SeqBatch(
            ids=torch.from_numpy(ids),
            positions=torch.from_numpy(np.concatenate(positions)),
            labels=torch.from_numpy(np.concatenate(targets).astype(np.int64)),
            tokens=sum(map(len, sources)) + sum(map(len, targets)),
            mask=torch.from_numpy(mask),
            decoder_ids=torch.from_numpy(decoder),
        )


def _rows(side: tuple[np.ndarray, np.ndarray], indices: np.ndarray) -> Iterator[np.ndarray]:
    tokens, offsets = side
    return (tokens[offsets[i] : offsets[i + 1]] for i in indices)
