"""Fine-tune a small decoder on prepared pairs; stop, kill and resume it at any point.

    python -m recipes.train recipes/translate_ar_en.yaml --data pairs.npz --base CHECKPOINT --out RUN

Rows are `<bos> source separator target <eos>`, the loss is on the target only. What makes it fast on a CPU: rows of one
length together (little padding), logits at target positions only, bfloat16 weights with float32 masters instead of
autocast, and `torch.compile`: about 950 tokens a second on 2 free cores, against 240 for plain autocast.

RUN holds `last.pt` (masters, optimizer, position: what a second call of the same command resumes from),
`step-N/` (weights to export) and `log.jsonl` (one line a step).

With `adapter_rank` the base is frozen and a low-rank adapter is trained instead (`recipes/adapter.py`): `step-N/` then
holds the adapter alone, and a step costs about a third less. `--adapter models/ar-en-v9` goes on from one that was shipped.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TextIO

import numpy as np
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

from recipes.adapter import add_adapter, save_adapter, start_from
from recipes.settings import RecipeError, TrainSettings, load_recipe
from summarizer.models.bundled import ADAPTER_FILE as SHIPPED_ADAPTER

_POOL_PAIRS = 8192  # pairs sorted by length together: enough for < 3 % padding, small against the data
_EPSILON = 1e-8
_IDLE_LOAD = 0.4  # runnable tasks of others, one-minute average


@dataclass
class Progress:
    """Where a run stands; all that resuming needs beside the tensors."""

    step: int = 0
    epoch: int = 0
    micro: int = 0  # micro-batches of this epoch already used
    tokens: int = 0  # without padding
    seconds: float = 0.0  # of training: neither pauses nor compilation


@dataclass(frozen=True)
class MicroBatch:
    ids: torch.Tensor  # (rows, length), padded on the right: a causal model never looks there
    positions: torch.Tensor  # (targets,) into the flattened rows: the position before each target token
    labels: torch.Tensor  # (targets,)
    tokens: int


class PairData:
    """The prepared pairs, cut into the same micro-batches in the same order for a given seed and epoch."""

    def __init__(self, path: Path, settings: TrainSettings, seed: int, pad_id: int) -> None:
        stored = np.load(path)
        self.tokens, self.offsets = stored["tokens"], stored["offsets"]
        self.prompts = stored["prompt_lengths"].astype(np.int64)
        self.lengths = np.diff(self.offsets)
        self.settings, self.seed, self.pad_id = settings, seed, pad_id
        if not len(self.lengths):
            raise RecipeError(f"{path} holds no pairs")

    def plan(self, epoch: int) -> list[np.ndarray]:
        """Indices of the pairs of each micro-batch. Pools are shuffled, sorted by length, cut, and shuffled again."""
        rng = np.random.default_rng((self.seed, epoch))
        order = rng.permutation(len(self.lengths))
        batches: list[np.ndarray] = []
        for start in range(0, len(order), _POOL_PAIRS):
            pool = order[start : start + _POOL_PAIRS]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            cut = 0
            for i in range(len(pool)):
                if (
                    self._padded(self.lengths[pool[i]]) * (i + 1 - cut) > self.settings.micro_batch_tokens
                    and i > cut
                ):
                    batches.append(pool[cut:i])
                    cut = i
            batches.append(pool[cut:])
        return [batches[i] for i in rng.permutation(len(batches))]

    def _padded(self, length: int) -> int:
        multiple = self.settings.length_multiple
        return -(-int(length) // multiple) * multiple

    def batch(self, indices: np.ndarray) -> MicroBatch:
        width = self._padded(self.lengths[indices].max())
        ids = np.full((len(indices), width), self.pad_id, dtype=np.int64)
        positions, labels = [], []
        for row, i in enumerate(indices):
            pair = self.tokens[self.offsets[i] : self.offsets[i + 1]]
            ids[row, : len(pair)] = pair
            positions.append(np.arange(self.prompts[i] - 1, len(pair) - 1) + row * width)
            labels.append(pair[self.prompts[i] :].astype(np.int64))
        return MicroBatch(
            torch.from_numpy(ids),
            torch.from_numpy(np.concatenate(positions)),
            torch.from_numpy(np.concatenate(labels)),
            int(self.lengths[indices].sum()),
        )

    def steps(self, progress: Progress) -> Iterator[list[MicroBatch]]:
        """Endless steps of micro-batches, from where `progress` stands; advances it past what it yields."""
        while True:
            plan = self.plan(progress.epoch)
            while progress.micro < len(plan):
                group = plan[progress.micro : progress.micro + self.settings.accumulate]
                progress.micro += len(group)
                yield [self.batch(indices) for indices in group]
            progress.epoch, progress.micro = progress.epoch + 1, 0


def share_done(progress: Progress, settings: TrainSettings) -> float:
    done = progress.seconds / 60 if settings.budget == "minutes" else progress.step
    return min(done / settings.budget_amount, 1.0)


def learning_rate(share: float, settings: TrainSettings) -> float:
    """Linear warm-up, then a cosine to `final_share`, over the budget: it ends well however busy the machine is."""
    if share < settings.warmup_share:
        return settings.peak_learning_rate * max(share / settings.warmup_share, 0.02)
    after = (share - settings.warmup_share) / (1 - settings.warmup_share)
    cosine = 0.5 * (1 + math.cos(math.pi * after))
    return settings.peak_learning_rate * (settings.final_share + (1 - settings.final_share) * cosine)


def target_loss(
    hidden: torch.Tensor, head: torch.Tensor, positions: torch.Tensor, labels: torch.Tensor, smoothing: float
) -> torch.Tensor:
    """Cross-entropy summed over the target positions only: the head is a quarter of the work, the source needs none."""
    wanted = hidden.flatten(0, 1)[positions]  # (targets, width)
    logits = functional.linear(wanted, head)  # (targets, vocabulary)
    return functional.cross_entropy(logits.float(), labels, label_smoothing=smoothing, reduction="sum")


def adamw_update(
    weight: torch.Tensor,
    master: torch.Tensor,
    mean: torch.Tensor,
    square: torch.Tensor,
    gradient: torch.Tensor,
    scalars: torch.Tensor,
    kept: torch.Tensor,
) -> None:
    """AdamW on flat tensors, in place. Compiled, it reads and writes each array once: memory is what it waits for.

    The weight may be bfloat16; updates of these sizes would vanish in it, so they are summed in a float32 master.
    """  # fmt: skip
    clip, beta1, beta2, rate, square_scale = scalars.unbind()
    clipped = gradient.float() * clip
    new_mean = mean * beta1 + clipped * (1 - beta1)
    new_square = square * beta2 + clipped * clipped * (1 - beta2)
    new_master = master * kept - rate * new_mean / ((new_square * square_scale).sqrt() + _EPSILON)
    mean.copy_(new_mean)
    square.copy_(new_square)
    master.copy_(new_master)
    weight.copy_(new_master)


def threads_now(settings: TrainSettings) -> int:
    """Two threads of which one waits for a busy core are slower than one: measured 210 against 590 tokens a second."""
    others = os.getloadavg()[0] - torch.get_num_threads()
    return settings.threads if others < _IDLE_LOAD else settings.threads_when_busy


class TrainPlan(Protocol):
    """What training asks of a recipe."""

    @property
    def seed(self) -> int: ...

    @property
    def train(self) -> TrainSettings: ...


class Trainer:
    #: Beside the weights of a checkpoint, copied from the base.
    tokenizer_files: tuple[str, ...] = ("tokenizer.json", "tokenizer_config.json", "generation_config.json")

    def __init__(
        self,
        recipe: TrainPlan,
        data: Path,
        base: Path,
        out: Path,
        *,
        adapter: Path | None = None,
        dev: Path | None = None,
    ) -> None:
        """`adapter` is a shipped folder whose adapter, of the same base and rank, a new run starts from.

        `dev` holds pairs that are not trained on: each checkpoint logs the loss on them.
        """
        self.recipe, self.settings, self.base, self.out = recipe, recipe.train, base, out
        torch.manual_seed(recipe.seed)
        torch.set_num_threads(self.settings.threads)
        auto = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(auto if self.settings.device == "auto" else self.settings.device)
        dtype = torch.bfloat16 if self.settings.bfloat16 else torch.float32
        self.model: Any = self.open_model(dtype)
        if self.settings.adapter_rank:
            self.add_adapter()
        if adapter is not None:
            start_from(self.model, adapter / SHIPPED_ADAPTER)
        self.model.to(self.device).train()
        self.weights = [p for p in self.model.parameters() if p.requires_grad]
        self.masters = [p.detach().float().clone() for p in self.weights]
        self.means = [torch.zeros_like(m) for m in self.masters]
        self.squares = [torch.zeros_like(m) for m in self.masters]
        self.progress = Progress()
        out.mkdir(parents=True, exist_ok=True)
        self.data = self.open_data(data)
        self.dev = self.open_data(dev) if dev else None
        self.target_loss = target_loss
        self.update = adamw_update
        if (
            self.settings.compile
        ):  # a layer, not the whole: the layers share one compiled function, in seconds
            for layer in self.layers():
                layer.compile(dynamic=True)
            self.target_loss = torch.compile(target_loss, dynamic=True)
            self.update = torch.compile(adamw_update, dynamic=True)
        self.stop_asked = False

    # --- what another kind of model does in its own way (`recipes/seq2seq_train.py`) ---

    def open_model(self, dtype: torch.dtype) -> Any:
        return AutoModelForCausalLM.from_pretrained(self.base, dtype=dtype)

    def open_data(self, path: Path) -> PairData:
        return PairData(path, self.settings, self.recipe.seed, self.model.config.pad_token_id or 0)

    def layers(self) -> Iterable[torch.nn.Module]:
        """Return what is compiled: equal parts, so that they share one compiled function."""
        layers: Iterable[torch.nn.Module] = self.model.model.layers
        return layers

    def add_adapter(self) -> None:
        settings = self.settings
        add_adapter(self.model, self.layers(), rank=settings.adapter_rank, alpha=settings.adapter_alpha)

    # --- one step ---

    def loss_inputs(self, batch: MicroBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """What `target_loss` is of: hidden states, head, positions, labels."""
        hidden = self.model.model(input_ids=batch.ids.to(self.device), use_cache=False).last_hidden_state
        head = self.model.get_output_embeddings().weight
        return hidden, head, batch.positions.to(self.device), batch.labels.to(self.device)

    def loss_sum(self, batch: MicroBatch) -> torch.Tensor:
        return self.target_loss(*self.loss_inputs(batch), self.settings.label_smoothing)

    def backward(self, batch: MicroBatch, targets: int) -> torch.Tensor:
        """Return the loss, summed; still under way on a GPU, which the next batch need not wait for."""
        loss = self.loss_sum(batch)
        (loss / targets).backward()
        return loss.detach()

    def dev_loss(self) -> float:
        """Cross-entropy a target token on the development pairs, without smoothing, in nats."""
        assert self.dev is not None
        total, targets = 0.0, 0
        with torch.no_grad():
            for indices in self.dev.plan(0):
                batch = self.dev.batch(indices)
                total += float(target_loss(*self.loss_inputs(batch), 0.0))
                targets += len(batch.labels)
        return total / targets

    def step(self, batches: list[MicroBatch], rate: float) -> dict[str, float]:
        targets = sum(len(b.labels) for b in batches)
        losses = [self.backward(b, targets) for b in batches]
        norm = self.apply_gradients(rate, self.progress.step + 1)
        loss = float(torch.stack(losses).float().sum()) / targets
        return {"loss": loss, "norm": norm, "targets": targets, "rate": rate}

    def apply_gradients(self, rate: float, step: int) -> float:
        gradients = [w.grad for w in self.weights if w.grad is not None]
        norm = float(torch.stack(torch._foreach_norm(gradients)).float().norm())
        beta1, beta2 = self.settings.betas
        scalars = torch.tensor(
            [
                min(1.0, self.settings.clip_norm / (norm + 1e-6)), beta1, beta2,
                rate / (1 - beta1**step), 1 / (1 - beta2**step),
            ],
            device=self.device,
        )  # fmt: skip
        for weight, master, mean, square in zip(
            self.weights, self.masters, self.means, self.squares, strict=True
        ):
            assert weight.grad is not None
            kept = 1 - rate * (self.settings.weight_decay if weight.ndim > 1 else 0.0)
            self.update(
                weight.detach().view(-1), master.view(-1), mean.view(-1), square.view(-1), weight.grad.view(-1),
                scalars, torch.tensor(kept, device=self.device),
            )  # fmt: skip
            weight.grad = None
        return norm

    # --- the run ---

    def run(self) -> None:
        """Train until the budget is used or a signal asks to stop; a checkpoint is written either way."""
        self.resume()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, self._ask_stop)
        if self.settings.compile:
            self.warm_up()
        saved = time.monotonic()
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            for batches in self.data.steps(self.progress):
                began = time.monotonic()
                torch.set_num_threads(threads_now(self.settings))
                rate = learning_rate(share_done(self.progress, self.settings), self.settings)
                record = self.step(batches, rate)
                seconds = time.monotonic() - began
                tokens = sum(b.tokens for b in batches)
                self.progress.step += 1
                self.progress.tokens += tokens
                self.progress.seconds += seconds
                line = {
                    **asdict(self.progress),
                    **record,
                    "tokens_per_second": tokens / seconds,
                    "threads": torch.get_num_threads(),
                }
                self._write(log, line)
                done = share_done(self.progress, self.settings) >= 1
                if (
                    done
                    or self.stop_asked
                    or time.monotonic() - saved > self.settings.checkpoint_minutes * 60
                ):
                    self.save()
                    if self.dev:
                        self._write(log, {"step": self.progress.step, "dev_loss": self.dev_loss()})
                    saved = time.monotonic()
                if done or self.stop_asked:
                    return

    def warm_up(self) -> None:
        """Compile outside the clock, which drives the learning rate; nothing is learned."""
        for threads in {self.settings.threads, self.settings.threads_when_busy}:
            torch.set_num_threads(threads)
            for indices in self.data.plan(0)[:2]:
                self.backward(self.data.batch(indices), 1)
        for weight in self.weights:
            weight.grad = None

    @staticmethod
    def _write(log: TextIO, line: dict[str, float]) -> None:
        log.write(json.dumps({k: round(v, 8) for k, v in line.items()}) + "\n")
        log.flush()

    def _ask_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked = True

    def save(self) -> None:
        """First the state to resume from, whole or not at all; then the weights to export, the oldest making room."""
        state = {
            "progress": asdict(self.progress),
            "masters": self.masters,
            "means": self.means,
            "squares": self.squares,
        }
        partial = self.out / "last.pt.partial"
        torch.save(state, partial)
        partial.replace(self.out / "last.pt")
        folder = self.out / f"step-{self.progress.step:06d}"
        if self.settings.adapter_rank:
            folder.mkdir(exist_ok=True)
            save_adapter(self.model, folder)
            self.model.config.save_pretrained(folder)
        else:
            self.model.save_pretrained(folder)
        (folder / "progress.json").write_text(json.dumps(asdict(self.progress)) + "\n", encoding="utf-8")
        for name in self.tokenizer_files:
            if (self.base / name).exists():
                shutil.copyfile(self.base / name, folder / name)
        for old in checkpoints(self.out)[: -self.settings.keep_checkpoints]:
            shutil.rmtree(old)

    def resume(self) -> None:
        if not (self.out / "last.pt").exists():
            return
        state = torch.load(self.out / "last.pt", map_location=self.device, weights_only=True)
        self.progress = Progress(**state["progress"])
        with torch.no_grad():
            torch._foreach_copy_(self.masters, state["masters"])
            torch._foreach_copy_(self.weights, self.masters)
            torch._foreach_copy_(self.means, state["means"])
            torch._foreach_copy_(self.squares, state["squares"])
        self._drop_log_after(self.progress.step)

    def _drop_log_after(self, step: int) -> None:
        """Steps after the checkpoint are trained again; the log keeps one line a step."""
        log = self.out / "log.jsonl"
        if log.exists():
            lines = [
                x for x in log.read_text(encoding="utf-8").splitlines() if x and json.loads(x)["step"] <= step
            ]
            log.write_text("".join(f"{x}\n" for x in lines), encoding="utf-8")


def checkpoints(run: Path) -> list[Path]:
    """The exportable checkpoints of a run, oldest first."""
    return sorted(p for p in run.glob("step-*") if (p / "config.json").exists())


def parser_of_runs(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every training of a decoder is told."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="written by recipes.prepare")
    parser.add_argument("--base", type=Path, required=True, help="transformers checkpoint to start from")
    parser.add_argument(
        "--out", type=Path, required=True, help="run folder; resumed when it holds a checkpoint"
    )
    parser.add_argument(
        "--adapter",
        type=Path,
        help="shipped folder of an adapter on the base, to start from; the recipe's rank",
    )
    return parser


def main() -> None:
    parser = parser_of_runs(__doc__)
    parser.add_argument(
        "--dev", type=Path, help="pairs to log the loss on at each checkpoint, of recipes.prepare"
    )
    options = parser.parse_args()
    Trainer(
        load_recipe(options.recipe),
        options.data,
        options.base,
        options.out,
        adapter=options.adapter,
        dev=options.dev,
    ).run()


if __name__ == "__main__":
    main()
