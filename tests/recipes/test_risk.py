"""Expected risk: packed rows say what rows of their own say, and what falls is the weight of bad answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the `train` extra")

import torch
from transformers import AutoModelForCausalLM

from recipes.risk import RiskBatch, RiskData, RiskTrainer, expected_costs, token_costs
from recipes.risk_answers import Judge
from recipes.settings import Recipe, RecipeError, RiskSettings, load_recipe
from tests.recipes.toys import write_toy_base

pytestmark = pytest.mark.hub

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["وصل الوزير إلى بغداد", "The minister arrived in Baghdad"]
SETTINGS = RiskSettings(pairs=9, length_cost=0.4, check_cost=0.1, omission_cost=0.1, share=0.8)
#: Three pairs; the second has answers of one reward, and is left out.
ANSWERS = [
    {"pair": 0, "answers": [[10, 11, 12], [13, 14], [10]], "rewards": [0.2, 0.7, 0.3]},
    {"pair": 1, "answers": [[10, 11], [12]], "rewards": [0.5, 0.5]},
    {"pair": 2, "answers": [[20, 21, 22, 23], [24]], "rewards": [0.9, 0.88]},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("risk") / "base"
    write_toy_base(folder, TEXTS)
    tokens = [[2, 30, 31, 4, 10, 1], [2, 32, 4, 12, 1], [2, 33, 34, 35, 4, 20, 1]]
    np.savez(
        folder.parent / "pairs.npz",
        tokens=np.concatenate(tokens).astype(np.uint16),
        offsets=np.cumsum([0, *map(len, tokens)]),
        prompt_lengths=np.array([4, 3, 5]),
    )
    lines = "".join(json.dumps(each) + "\n" for each in ANSWERS)
    (folder.parent / "answers.jsonl").write_text(lines, encoding="utf-8")
    return folder


def recipe(steps: int) -> Recipe:
    smoke = load_recipe(ROOT / "recipes" / "smoke.yaml")
    train = smoke.train.model_copy(
        update={
            "adapter_rank": 4, "adapter_alpha": 8.0, "budget": "steps", "budget_amount": float(steps), "accumulate": 1,
            "peak_learning_rate": 0.02, "checkpoint_minutes": 60.0, "bfloat16": False, "compile": False,
        }
    )  # fmt: skip
    return smoke.model_copy(update={"train": train, "risk": SETTINGS})


def data(base: Path) -> RiskData:
    paths = (base.parent / "pairs.npz", base.parent / "answers.jsonl")
    return RiskData(*paths, recipe(1).train, SETTINGS, seed=1, ids=(0, 1))


def test_answers_of_one_reward_are_left_out_and_costs_are_within_a_pair(base: Path) -> None:
    batch = data(base).batch(np.array([0, 1]))
    assert batch.rows.tolist() == [0, 0, 0, 1, 1]
    assert batch.costs.tolist() == pytest.approx([1.0, 0.0, 0.8, 0.0, 0.02 / 0.08])
    assert batch.best.tolist() == [False, True, False, True, False]
    assert batch.tokens == 4 + (4 + 3 + 2) + 5 + (5 + 2)
    assert batch.labels.tolist() == [10, 11, 12, 1, 13, 14, 1, 10, 1, 20, 21, 22, 23, 1, 24, 1]


@torch.no_grad()  # type: ignore[untyped-decorator]
def test_a_packed_answer_costs_what_it_does_alone(base: Path) -> None:
    batch = data(base).batch(np.array([0, 1]))
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    head = model.get_output_embeddings().weight
    hidden = model.model(
        input_ids=batch.ids,
        position_ids=batch.places,
        attention_mask={"full_attention": batch.mask, "sliding_attention": batch.mask},
    ).last_hidden_state
    packed = token_costs(hidden, head, batch.positions, batch.labels)
    alone = []
    for prompt, told in (([2, 30, 31, 4], ANSWERS[0]), ([2, 33, 34, 35, 4], ANSWERS[2])):
        for answer in told["answers"]:  # type: ignore[union-attr]
            row = [*prompt, *answer, 1]
            logs = model(torch.tensor([row])).logits[0].log_softmax(-1)
            alone += [-float(logs[at - 1, row[at]]) for at in range(len(prompt), len(row))]
    assert packed.tolist() == pytest.approx(alone, abs=1e-4)


def test_the_expected_cost_is_weighted_by_the_scores(base: Path) -> None:
    batch: RiskBatch = data(base).batch(np.array([0, 1]))
    even = expected_costs(torch.zeros(5), batch)
    assert even.tolist() == pytest.approx([1.8 / 3, 0.125])
    sure = expected_costs(torch.tensor([0.0, 50.0, 0.0, 0.0, 50.0]), batch)
    assert sure.tolist() == pytest.approx([0.0, 0.25])


def test_training_makes_the_better_answers_likelier(base: Path, tmp_path: Path) -> None:
    paths = {"data": base.parent / "pairs.npz", "base": base, "out": tmp_path / "run"}
    bare = recipe(60).model_copy(update={"risk": SETTINGS.model_copy(update={"share": 1.0})})
    RiskTrainer(bare, **paths, answers=base.parent / "answers.jsonl").run()
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert len(log) == 60
    assert log[-1]["loss"] < log[0]["loss"] / 2
    assert (tmp_path / "run" / "step-000060" / "adapter.safetensors").exists()


def test_a_recipe_without_the_section_is_refused(base: Path, tmp_path: Path) -> None:
    plain = recipe(1).model_copy(update={"risk": None})
    with pytest.raises(RecipeError, match="no section `risk`"):
        RiskTrainer(plain, base, base, tmp_path, answers=base)


def test_a_reward_falls_with_length_lost_facts_and_words_left_out() -> None:
    arabic, english = "وصل 12 وزيراً إلى بغداد", "12 ministers arrived in Baghdad"
    same, longer, wrong = Judge(SETTINGS).rewards(
        [english, english + " arrived in Baghdad", "13 ministers arrived in Baghdad"], arabic, english
    )
    assert same == pytest.approx(1.0)
    assert wrong < 0.9
    unpunished = Judge(SETTINGS.model_copy(update={"length_cost": 0.0}))
    (free,) = unpunished.rewards([english + " arrived in Baghdad"], arabic, english)
    assert free - longer == pytest.approx(0.4 * 3 / 5, abs=1e-3)
