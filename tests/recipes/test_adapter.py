"""An adapter: training resumes to the letter, and the application's merge is the torch merge to int8."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training an adapter needs the `train` extra")

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, Gemma3TextConfig

from recipes import adapter
from recipes.export import convert, sha256, split, write_sums
from recipes.export_adapter import export, write_factors
from recipes.restore import restore
from recipes.score import score_models
from recipes.settings import Recipe, RecipeError, load_recipe
from recipes.train import Trainer, checkpoints
from summarizer.models.adapters import merge_adapter, read_factors
from summarizer.models.weights import dequantize_rows, read_index
from tests.recipes.toys import write_toy_base

pytestmark = pytest.mark.hub

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["وصل الوزير إلى بغداد", "The minister arrived in Baghdad"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Gemma3TextConfig]:
    folder = tmp_path_factory.mktemp("adapter") / "base"
    return folder, write_toy_base(folder, TEXTS)


@pytest.fixture(scope="module")
def pairs(base: tuple[Path, Gemma3TextConfig]) -> Path:
    """Forty rows of 12 tokens that count up, so that there is something to learn."""
    path = base[0].parent / "pairs.npz"
    tokens = np.array([[2, *range(start, start + 10), 1] for start in range(5, 45)], dtype=np.uint16)
    np.savez(
        path,
        tokens=tokens.reshape(-1),
        offsets=np.arange(41, dtype=np.int64) * 12,
        prompt_lengths=np.full(40, 4),
    )
    return path


def recipe(steps: int) -> Recipe:
    smoke = load_recipe(ROOT / "recipes" / "smoke.yaml")
    train = smoke.train.model_copy(
        update={
            "adapter_rank": 4, "adapter_alpha": 8.0, "budget_amount": float(steps), "micro_batch_tokens": 160,
            "bfloat16": False, "peak_learning_rate": 0.02,
        }
    )  # fmt: skip
    return smoke.model_copy(update={"train": train})


def losses(run: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]


class _StopsAfter(Trainer):
    stop_at = 3

    def step(self, batches: Any, rate: float) -> dict[str, float]:
        self.stop_asked = self.progress.step + 1 == self.stop_at
        return super().step(batches, rate)


def test_a_stopped_run_goes_on_as_if_nothing_had_been(
    base: tuple[Path, Gemma3TextConfig], pairs: Path, tmp_path: Path
) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    Trainer(recipe(8), pairs, base[0], straight).run()
    _StopsAfter(recipe(8), pairs, base[0], broken).run()
    assert len(losses(broken)) == 3
    Trainer(recipe(8), pairs, base[0], broken).run()
    assert losses(broken) == pytest.approx(losses(straight), rel=1e-5)
    assert losses(straight)[-1] < 0.97 * losses(straight)[0]
    assert {p.name for p in checkpoints(broken)[-1].iterdir()} >= {adapter.ADAPTER_FILE, "tokenizer.json"}
    frozen = AutoModelForCausalLM.from_pretrained(base[0]).state_dict()
    trained = Trainer(recipe(8), pairs, base[0], broken)
    trained.resume()
    kept = trained.model.state_dict()
    assert torch.equal(
        kept["model.layers.0.mlp.up_proj.base.weight"], frozen["model.layers.0.mlp.up_proj.weight"]
    )
    assert torch.equal(kept["model.embed_tokens.weight"], frozen["model.embed_tokens.weight"])


def test_a_run_goes_on_from_an_adapter_that_was_shipped(
    base: tuple[Path, Gemma3TextConfig], pairs: Path, tmp_path: Path
) -> None:
    Trainer(recipe(6), pairs, base[0], tmp_path / "run").run()
    checkpoint, shipped = checkpoints(tmp_path / "run")[-1], tmp_path / "shipped"
    shipped.mkdir()
    write_factors([checkpoint], shipped / "adapter.npz", base="0" * 64)
    after = Trainer(recipe(2), pairs, base[0], tmp_path / "after", adapter=shipped)
    wanted = adapter.load_adapter(checkpoint)
    mine = adapter.adapters(after.model)
    assert mine.keys() == wanted.keys()
    for name, (down, up) in wanted.items():
        product, of_run = mine[name].up @ mine[name].down * mine[name].scale, up @ down
        assert torch.allclose(product, of_run, atol=0.03 * float(of_run.abs().max())), name
    after.run()
    assert losses(tmp_path / "after")[0] < 0.99 * losses(tmp_path / "run")[0]

    other = recipe(2)
    other = other.model_copy(update={"train": other.train.model_copy(update={"adapter_rank": 2})})
    with pytest.raises(RecipeError, match="of rank 4, the recipe's is 2"):
        Trainer(other, pairs, base[0], tmp_path / "other", adapter=shipped)
    (shipped / "adapter.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(RecipeError, match="damaged"):
        Trainer(recipe(2), pairs, base[0], tmp_path / "other", adapter=shipped)


def test_the_mean_of_a_run_and_its_continuation(
    base: tuple[Path, Gemma3TextConfig], pairs: Path, tmp_path: Path
) -> None:
    Trainer(recipe(6), pairs, base[0], tmp_path / "run").run()
    both = checkpoints(tmp_path / "run")[-1:] * 2
    first, mean = tmp_path / "first.npz", tmp_path / "mean.npz"
    write_factors(both[:1], first, base="0" * 64)
    write_factors(both, mean, base="0" * 64)
    alone, together = read_factors(first), read_factors(mean)
    assert alone.keys() == together.keys()
    for place, factors in alone.items():
        for one, other in zip(factors, together[place], strict=True):
            assert np.array_equal(one, other)

    other = tmp_path / "other"
    shutil.copytree(both[0], other)
    state = load_file(other / "adapter.safetensors")
    save_file({name: 3 * tensor for name, tensor in state.items()}, other / "adapter.safetensors")
    write_factors([both[0], other], mean, base="0" * 64)
    for place, factors in read_factors(mean).items():
        for one, other_one in zip(factors, alone[place], strict=True):
            assert np.allclose(one, 2 * other_one, atol=0.02 * float(np.abs(one).max()))

    release = tmp_path / "release"
    release.mkdir()
    write_factors([other], release / "adapter.npz", base="0" * 64)
    write_factors([both[0], release], tmp_path / "of-release.npz", base="0" * 64)
    for place, factors in read_factors(tmp_path / "of-release.npz").items():
        for one, other_one in zip(factors, alone[place], strict=True):
            assert np.allclose(one, 2 * other_one, atol=0.03 * float(np.abs(one).max()))


def test_the_merge_into_int8_weights_is_the_merge_in_torch(
    base: tuple[Path, Gemma3TextConfig], pairs: Path, tmp_path: Path
) -> None:
    run, plain, reference = tmp_path / "run", tmp_path / "plain", tmp_path / "reference"
    Trainer(recipe(6), pairs, base[0], run).run()
    checkpoint = checkpoints(run)[-1]
    convert([base[0]], plain, "int8")
    digest = sha256(plain / "model.bin")
    write_factors([checkpoint], tmp_path / "adapter.npz", base=digest)
    merge_adapter(plain / "model.bin", tmp_path / "adapter.npz", base=digest)

    model: Any = AutoModelForCausalLM.from_pretrained(base[0], dtype=torch.float32)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    adapter.merge_adapter(model, checkpoint)
    merged_base = tmp_path / "merged"
    model.save_pretrained(merged_base)
    (merged_base / "tokenizer.json").write_bytes((base[0] / "tokenizer.json").read_bytes())
    convert([merged_base], reference, "int8")

    assert not torch.equal(
        model.state_dict()["model.layers.1.self_attn.v_proj.weight"],
        before["model.layers.1.self_attn.v_proj.weight"],
    )
    mine, theirs = values(plain / "model.bin"), values(reference / "model.bin")
    assert mine.keys() == theirs.keys()
    for name, wanted in theirs.items():
        step = np.abs(wanted).max(axis=1, keepdims=True) / 127
        # Half a step each of: the base, the merged matrix on both sides, the bfloat16 of the converter, the factors.
        assert (np.abs(mine[name] - wanted) <= 2.5 * step).all(), name


def test_a_translators_adapter_is_a_release_that_can_be_scored_and_trained_on(
    base: tuple[Path, Gemma3TextConfig], pairs: Path, tmp_path: Path
) -> None:
    release, shipped, back = tmp_path / "release", tmp_path / "toy-v2", tmp_path / "back"
    release.mkdir()
    convert([base[0]], release, "int8")
    whole = sha256(release / "model.bin")
    split(release / "model.bin", 1 << 14)
    write_sums(release, whole)
    half = recipe(6)
    half = half.model_copy(update={"export": half.export.model_copy(update={"strength": 0.5})})
    Trainer(half, pairs, base[0], tmp_path / "run").run()
    checkpoint = checkpoints(tmp_path / "run")[-1]

    export(half, [checkpoint], release, shipped, name="toy-v2")

    files = {path.name for path in shipped.iterdir()}
    assert files == {"adapter.npz", "golden.jsonl", "SHA256SUMS", "CARD.md", "LICENSE", "NOTICE"}
    assert "on `release`" in (shipped / "CARD.md").read_text(encoding="utf-8")
    golden = (shipped / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line).keys() == {"ar", "en"} for line in golden)

    restore(release, back, base[1], adapter=shipped)
    before = AutoModelForCausalLM.from_pretrained(base[0], dtype=torch.float32).state_dict()
    after = AutoModelForCausalLM.from_pretrained(back, dtype=torch.float32).state_dict()
    for name, (down, up) in adapter.load_adapter(checkpoint).items():
        wanted = before[f"{name}.weight"] + 0.5 * up @ down
        step = wanted.abs().amax(dim=1, keepdim=True) / 127
        assert bool(((after[f"{name}.weight"] - wanted).abs() <= 3 * step).all()), name

    sets = tmp_path / "sets.tsv"
    sets.write_text("\t".join(TEXTS) + "\n", encoding="utf-8")
    scored = half.model_copy(update={"score": half.score.model_copy(update={"sets": {"sets.tsv": None}})})
    rows = score_models([release, shipped], scored, tmp_path, tmp_path / "scores", release)
    assert [row["model"] for row in rows] == ["release", "toy-v2"]
    with pytest.raises(RecipeError, match="--on"):
        score_models([shipped], scored, tmp_path, tmp_path / "other")


def values(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        index = read_index(stream)
        return {
            name: dequantize_rows(
                index[name].read(stream).astype(np.int8),
                index[f"{name}_scale"].read(stream).astype(np.float32),
            )
            for name in index
            if f"{name}_scale" in index
        }
