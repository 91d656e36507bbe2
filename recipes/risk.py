"""Train on the expected risk of the model's own answers (minimum risk training), with the loop of `recipes.train`.

    python -m recipes.risk RECIPE --data pairs.npz --answers answers.jsonl --base BASE --adapter models/ar-en-v9 --out RUN

Likelihood makes a model say each next word of a reference; it never hears which of its *own* answers is the better one. Here the
answers of a beam and their rewards (`recipes.risk_answers`) are given, and what falls is the reward lost on average, if an answer is
drawn by the model's weights: `sum p(y) cost(y)`, `p` over the answers of one pair (Shen et al., "Minimum Risk Training for Neural
Machine Translation", ACL 2016; costs from 0 to 1 within a pair, the mean log-probability of a token as the score, and a share of
likelihood beside it, as in Edunov et al., "Classical Structured Prediction Losses", NAACL 2018). That likelihood is the best answer's:
without it, a model learns to make bad answers unlikely by not ending them, and its English grows longer.

A row is the prompt once and all its answers behind it, each of which sees the prompt and itself: half the tokens of rows of their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from recipes.settings import Recipe, RecipeError, RiskSettings, TrainSettings, load_recipe
from recipes.train import MicroBatch, PairData, Trainer, parser_of_runs

_LEAST_SPREAD = 0.08  # of rewards; below it costs do not reach 1
_WIDTHS = 32  # rows are padded to a multiple of this


@dataclass(frozen=True)
class RiskBatch(MicroBatch):
    """`positions` and `labels` are of all answers, one after the other."""

    places: torch.Tensor  # (rows, length): of each token behind the start of its own answer's row
    mask: torch.Tensor  # (rows, 1, length, length): what each token sees
    answers: torch.Tensor  # (targets,): which answer a target is of
    rows: torch.Tensor  # (answers,): which row an answer is in
    costs: torch.Tensor  # (answers,), 0 to 1
    best: torch.Tensor  # (answers,): whether it is the best of its row


class RiskData(PairData):
    """Pairs of which the answers differ in reward; a pair's length is that of its packed row."""

    def __init__(
        self,
        pairs: Path,
        answers: Path,
        settings: TrainSettings,
        risk: RiskSettings,
        *,
        seed: int,
        ids: tuple[int, int],
    ) -> None:
        """`ids` are those of padding and of the end of an answer."""
        super().__init__(pairs, settings.model_copy(update={"length_multiple": _WIDTHS}), seed, ids[0])
        end = ids[1]
        self._rows: list[
            tuple[npt.NDArray[np.int64], list[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
        ] = []
        for line in answers.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            rewards = np.array(told["rewards"])
            if len(rewards) < 2 or rewards.max() - rewards.min() < risk.least_spread:
                continue
            start = self.offsets[told["pair"]]
            prompt = self.tokens[start : start + self.prompts[told["pair"]]].astype(np.int64)
            self._rows.append((prompt, [np.array([*each, end]) for each in told["answers"]], rewards))
        if not self._rows:
            raise RecipeError(f"{answers} holds no pair with answers of different rewards")
        self.lengths = np.array([len(prompt) + sum(map(len, each)) for prompt, each, _ in self._rows])

    def batch(self, indices: np.ndarray) -> RiskBatch:
        width = self._padded(self.lengths[indices].max())
        ids = np.full((len(indices), width), self.pad_id, dtype=np.int64)
        places = np.zeros_like(ids)
        mask = np.zeros((len(indices), 1, width, width), dtype=bool)
        mask[:, 0, range(width), range(width)] = (
            True  # padding sees itself: a softmax over nothing is no number
        )
        positions, labels, answers = list[int](), list[int](), list[int]()
        rows, costs, best = list[int](), list[float](), list[bool]()
        for row, i in enumerate(indices):
            prompt, said, rewards = self._rows[i]
            told = len(prompt)
            ids[row, :told], places[row, :told] = prompt, np.arange(told)
            mask[row, 0, :told, :told] = np.tri(told, dtype=bool)
            at = told
            for answer, reward in zip(said, rewards, strict=True):
                own = slice(at, at + len(answer))
                ids[row, own], places[row, own] = answer, np.arange(told, told + len(answer))
                mask[row, 0, own, :told] = True
                mask[row, 0, own, own] = np.tri(len(answer), dtype=bool)
                # The prompt's last token speaks for the first of every answer.
                positions += [row * width + p for p in (told - 1, *range(at, at + len(answer) - 1))]
                labels += answer.tolist()
                answers += [len(rows)] * len(answer)
                rows.append(row)
                costs.append((rewards.max() - reward) / max(rewards.max() - rewards.min(), _LEAST_SPREAD))
                best.append(reward == rewards.max())
                at += len(answer)
        return RiskBatch(
            torch.from_numpy(ids),
            torch.tensor(positions),
            torch.tensor(labels),
            int(self.lengths[indices].sum()),
            places=torch.from_numpy(places),
            mask=torch.from_numpy(mask),
            answers=torch.tensor(answers),
            rows=torch.tensor(rows),
            costs=torch.tensor(costs, dtype=torch.float32),
            best=torch.tensor(best),
        )


def token_costs(
    hidden: torch.Tensor, head: torch.Tensor, positions: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Return the negative log-probability of each target, (targets,), in nats."""
    logits = functional.linear(hidden.flatten(0, 1)[positions], head)  # (targets, vocabulary)
    return functional.cross_entropy(logits.float(), labels, reduction="none")


def expected_costs(scores: torch.Tensor, batch: RiskBatch) -> torch.Tensor:
    """Return the cost of each row, (rows,), expected over its answers; `scores` (answers,) are log-weights of them."""
    count = batch.ids.shape[0]
    of_row = (
        batch.rows.to(scores.device) == torch.arange(count, device=scores.device)[:, None]
    )  # (rows, answers)
    weights = torch.where(of_row, scores, -torch.inf).softmax(dim=1)
    return weights @ batch.costs.to(scores.device)


class RiskTrainer(Trainer):
    """`Trainer` of another loss, over the answers in a file of `recipes.risk_answers`."""

    def __init__(
        self, recipe: Recipe, data: Path, base: Path, out: Path, *, answers: Path, adapter: Path | None = None
    ) -> None:
        """Raises ``RecipeError`` where the recipe has no section `risk`."""
        if recipe.risk is None:
            raise RecipeError("the recipe has no section `risk`")
        self.risk, self.answers = recipe.risk, answers
        super().__init__(recipe, data, base, out, adapter=adapter)
        compiled = self.settings.compile
        self.token_costs = torch.compile(token_costs, dynamic=True) if compiled else token_costs

    def open_data(self, path: Path) -> PairData:
        config = self.model.config
        ids = (config.pad_token_id or 0, config.eos_token_id)
        return RiskData(path, self.answers, self.settings, self.risk, seed=self.recipe.seed, ids=ids)

    def loss_sum(self, batch: MicroBatch) -> torch.Tensor:
        """Return the loss times the targets, which `Trainer.step` divides it by."""
        if not isinstance(batch, RiskBatch):
            raise TypeError(f"expected risk is of RiskBatch, not {type(batch).__name__}")
        mask = batch.mask.to(self.device)  # answers are shorter than any window
        hidden = self.model.model(
            input_ids=batch.ids.to(self.device),
            position_ids=batch.places.to(self.device),
            attention_mask={"full_attention": mask, "sliding_attention": mask},
            use_cache=False,
        ).last_hidden_state
        head = self.model.get_output_embeddings().weight
        costs = self.token_costs(hidden, head, batch.positions.to(self.device), batch.labels.to(self.device))
        answers, rows, best = (each.to(self.device) for each in (batch.answers, batch.rows, batch.best))
        none = costs.new_zeros(len(rows))
        told, lengths = none.index_add(0, answers, costs), none.index_add(0, answers, torch.ones_like(costs))
        of_row = costs.new_zeros(len(batch.ids))
        mean_lengths = of_row.index_add(0, rows, lengths) / of_row.index_add(
            0, rows, torch.ones_like(lengths)
        )
        risk = expected_costs(-told / lengths * mean_lengths[rows], batch).mean()
        likelihood = told[best].sum() / lengths[best].sum()
        return (self.risk.share * risk + (1 - self.risk.share) * likelihood) * len(costs)


def main() -> None:
    parser = parser_of_runs(__doc__)
    parser.add_argument(
        "--answers", type=Path, required=True, help="the adapter's own, of recipes.risk_answers"
    )
    options = parser.parse_args()
    RiskTrainer(
        load_recipe(options.recipe),
        options.data,
        options.base,
        options.out,
        answers=options.answers,
        adapter=options.adapter,
    ).run()


if __name__ == "__main__":
    main()
