"""A checkpoint in pieces: what comes out is what went in, to half a step of each row; damage is told."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="recipes need the `train` extra: torch is missing")
pytest.importorskip("transformers", reason="recipes need the `train` extra: transformers is missing")
pytest.importorskip("sacrebleu", reason="choosing needs the `eval` extra: sacrebleu is missing")

import numpy as np
from safetensors.torch import load_file

from recipes import choose, pieces, prepare
from recipes.settings import RecipeError
from recipes.train import Trainer
from tests.recipes.toys import write_toy_base

pytestmark = pytest.mark.hub

TEXTS = [
    "قال الوزير إن 3 جنود غادروا",
    "the minister said 3 soldiers left",
    "نفى المتحدث",
    "the spokesman denied",
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_toy_base(tmp_path / "base", TEXTS)
    return tmp_path / "base"


@pytest.mark.parametrize("bits", [8, 7])
def test_a_checkpoint_comes_back_within_half_a_step_of_each_row(
    base: Path, tmp_path: Path, bits: int
) -> None:
    made = pieces.pack(base, tmp_path / "carried", bits=bits, piece_bytes=10_000)
    assert len(made) > 1
    assert all(path.stat().st_size <= 10_000 for path in made)
    pieces.unpack(tmp_path / "carried", tmp_path / "back")
    before, after = load_file(base / "model.safetensors"), load_file(tmp_path / "back" / "model.safetensors")
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        whole, back = tensor.float().numpy(), after[name].numpy()
        step = np.abs(whole).max(axis=-1, keepdims=True) / (2 ** (bits - 1) - 1) if whole.ndim == 2 else 0.0
        assert (np.abs(whole - back) <= step * 0.501).all(), name
    assert (tmp_path / "back" / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()


def test_what_was_quantized_once_is_quantized_to_itself(base: Path, tmp_path: Path) -> None:
    pieces.pack(base, tmp_path / "one")
    pieces.unpack(tmp_path / "one", tmp_path / "back")
    pieces.pack(tmp_path / "back", tmp_path / "two")
    pieces.unpack(tmp_path / "two", tmp_path / "again")
    one, two = (load_file(tmp_path / each / "model.safetensors") for each in ("back", "again"))
    for name, tensor in one.items():
        np.testing.assert_allclose(tensor.numpy(), two[name].numpy(), rtol=1e-6, atol=1e-9)


def test_a_missing_or_damaged_piece_is_told(base: Path, tmp_path: Path) -> None:
    made = pieces.pack(base, tmp_path / "carried", piece_bytes=10_000)
    data = made[-1].read_bytes()
    made[-1].write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(RecipeError, match="bring them again"):
        pieces.unpack(tmp_path / "carried", tmp_path / "back")
    made[0].unlink()
    with pytest.raises(RecipeError, match="bring them again"):
        pieces.unpack(tmp_path / "carried", tmp_path / "back")


# --- choosing among checkpoints ---


@pytest.fixture
def dev(base: Path, tmp_path: Path) -> Path:
    from tokenizers import Tokenizer

    pairs = [
        prepare.Pair(ar, en, "toy", synthetic=False) for ar, en in zip(TEXTS[::2], TEXTS[1::2], strict=True)
    ]
    arrays = prepare.tokenize(pairs, Tokenizer.from_file(str(base / "tokenizer.json")), 100)
    np.savez_compressed(tmp_path / "pairs.npz", allow_pickle=False, **arrays)
    return tmp_path / "pairs.npz"


def test_the_checkpoint_that_learned_the_pairs_is_chosen_before_the_one_it_started_from(
    base: Path, dev: Path, tmp_path: Path
) -> None:
    from recipes.settings import load_recipe

    smoke = load_recipe(Path(prepare.__file__).with_name("smoke.yaml"))
    train = smoke.train.model_copy(
        update={
            "budget": "steps",
            "budget_amount": 150,
            "peak_learning_rate": 1e-2,
            "checkpoint_minutes": 60,
        }
    )
    Trainer(smoke.model_copy(update={"train": train}), dev, base, tmp_path / "run", dev=dev).run()
    (learned,) = (tmp_path / "run").glob("step-*")
    log = (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert '"dev_loss"' in log[-1]

    scores = choose.choose([base, learned], dev, tmp_path / "best")
    assert len(scores) == 3, "each, and the mean of both"
    assert scores[f"run/{learned.name}"]["chrf"] == pytest.approx(100, abs=0.1)
    assert scores[f"{base.parent.name}/base"]["chrf"] < 50
    chosen, wanted = (
        load_file(folder / "model.safetensors")["model.norm.weight"]
        for folder in (tmp_path / "best", learned)
    )
    assert (chosen.float() == wanted.float()).all()
    assert (tmp_path / "best" / "tokenizer.json").exists()
