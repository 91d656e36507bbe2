"""The folder that is shipped → a transformers checkpoint to train on, so that a recipe can go on from any release.

    python -m recipes.restore models/ar-en-v6 --out BASE
    python -m recipes.restore models/ar-en-v6 --adapter models/ar-en-v9 --out BASE     (a release that is an adapter)

CTranslate2 keeps each row of a weight as 8-bit integers and one scale: a release restored from them is within half a
step of 1/127 of each row's largest weight (`tests/recipes/test_restore.py`). Only Gemma 3's shape is known here.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, PreTrainedTokenizerFast

from recipes.export import SPECIAL_TOKENS
from recipes.runtime import write_whole_weights
from recipes.settings import RecipeError
from recipes.variables import MATRICES
from summarizer.errors import ModelError
from summarizer.models.bundled import ADAPTER_FILE, WEIGHTS_FILE
from summarizer.models.weights import read_index

# Gemma 3 270M with the vocabulary that Arabic and English need; what differs from transformers' defaults.
GEMMA_270M: dict[str, Any] = {
    "vocab_size": 48006,
    "hidden_size": 640,
    "intermediate_size": 2048,
    "num_hidden_layers": 18,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "query_pre_attn_scalar": 256,
    "sliding_window": 512,
    "max_position_embeddings": 32768,
    "rms_norm_eps": 9.999999974752427e-07,
}

# CTranslate2's names of a layer's parts → transformers'.
_NORMS = {
    "input_layer_norm": "input_layernorm",
    "post_attention_layer_norm": "post_attention_layernorm",
    "pre_feedforward_layer_norm": "pre_feedforward_layernorm",
    "post_feedforward_layer_norm": "post_feedforward_layernorm",
    "self_attention/q_norm": "self_attn.q_norm",
    "self_attention/k_norm": "self_attn.k_norm",
}


def read_variables(stream: BinaryIO) -> dict[str, np.ndarray]:
    """Every variable of an open `model.bin`, in the types it is stored in.

    Raises:
        RecipeError: another version of the format, or an unknown type.
    """
    try:
        return {name: variable.read(stream) for name, variable in read_index(stream).items()}
    except ModelError as error:
        raise RecipeError(str(error)) from error


def gemma_state(stored: dict[str, np.ndarray], config: Gemma3TextConfig) -> dict[str, torch.Tensor]:
    """The names and matrices that transformers gives a Gemma 3 text model; the inverse of CTranslate2's converter."""

    def matrix(name: str) -> torch.Tensor:
        weight = stored[f"{name}/weight"].astype(np.float32)
        if (scale := stored.get(f"{name}/weight_scale")) is not None:
            weight = weight / scale.reshape(-1, 1)
        return torch.from_numpy(weight)

    def norm(name: str) -> torch.Tensor:
        return torch.from_numpy(stored[f"{name}/gamma"].astype(np.float32))

    state = {
        "model.embed_tokens.weight": matrix("decoder/embeddings"),
        "model.norm.weight": norm("decoder/layer_norm"),
    }
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    queries, keys = (config.head_dim * n for n in (config.num_attention_heads, config.num_key_value_heads))
    for i in range(config.num_hidden_layers):
        here, there = f"decoder/layer_{i}", f"model.layers.{i}"
        for name, target in _NORMS.items():
            state[f"{there}.{target}.weight"] = norm(f"{here}/{name}")
        for name, target in MATRICES.items():
            state[f"{there}.{target}.weight"] = matrix(f"{here}/{name}")
        fused = matrix(f"{here}/self_attention/linear_0").split([queries, keys, keys])
        for target, part in zip("qkv", fused, strict=True):
            state[f"{there}.self_attn.{target}_proj.weight"] = part
    return state


def restore(folder: Path, out: Path, config: Gemma3TextConfig, *, adapter: Path | None = None) -> None:
    """Write OUT: weights in bfloat16, configuration, tokenizer. Checks the parts against SHA256SUMS.

    ``adapter`` is the folder of an adapter on the release, whose factors are added.
    """
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / WEIGHTS_FILE
        write_whole_weights(folder, whole, adapter / ADAPTER_FILE if adapter else None)
        with whole.open("rb") as stream:
            state = gemma_state(read_variables(stream), config)
    model: Any = Gemma3ForCausalLM(config)
    model.load_state_dict(state)
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(out)
    PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **SPECIAL_TOKENS).save_pretrained(
        out
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "model", type=Path, help="an exported folder: model.bin.part-*, SHA256SUMS, tokenizer.json"
    )
    parser.add_argument("--adapter", type=Path, help="the folder of an adapter on it, to be added")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    restore(arguments.model, arguments.out, Gemma3TextConfig(**GEMMA_270M), adapter=arguments.adapter)


if __name__ == "__main__":
    main()
