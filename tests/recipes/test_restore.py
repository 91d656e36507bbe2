"""A release goes back to a checkpoint: every weight within half a step of its row, and the same translations."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="restoring a checkpoint needs the `train` extra")

import torch
from transformers import AutoModelForCausalLM

from recipes.export import convert, sha256, split, write_sums
from recipes.restore import read_variables, restore
from recipes.settings import RecipeError
from tests.recipes.toys import write_toy_base

pytestmark = pytest.mark.hub

BFLOAT16_STEP = 2**-8  # relative: its significand has 8 bits


def test_every_weight_comes_back_within_half_a_step(tmp_path: Path) -> None:
    base, release, back = tmp_path / "base", tmp_path / "release", tmp_path / "back"
    config = write_toy_base(base, ["وصل الوزير إلى بغداد", "The minister arrived in Baghdad"])
    release.mkdir()
    convert([base], release, "int8")
    whole = sha256(release / "model.bin")
    split(release / "model.bin", 1 << 14)
    write_sums(release, whole)

    restore(release, back, config)

    before = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).state_dict()
    after = AutoModelForCausalLM.from_pretrained(back, dtype=torch.float32).state_dict()
    assert before.keys() == after.keys()
    for name, weight in before.items():
        largest = weight.abs().amax(dim=-1, keepdim=True)
        allowed = largest / 127 * 0.5 + largest * 2 * BFLOAT16_STEP
        assert bool(((weight - after[name]).abs() <= allowed).all()), name


def test_another_format_is_refused() -> None:
    with pytest.raises(RecipeError, match="version 7"):
        read_variables(io.BytesIO((7).to_bytes(4, "little")))
