"""CTranslate2's names for the matrices of a Gemma 3 decoder layer, and transformers'."""

from __future__ import annotations

from transformers import Gemma3TextConfig

from recipes.settings import RecipeError

#: CTranslate2's → transformers'. Queries, keys and values are one matrix there: `self_attention/linear_0`.
MATRICES = {
    "self_attention/linear_1": "self_attn.o_proj",
    "ffn/linear_0": "mlp.gate_proj",
    "ffn/linear_0_noact": "mlp.up_proj",
    "ffn/linear_1": "mlp.down_proj",
}


def variable_of(name: str, config: Gemma3TextConfig) -> tuple[str, int]:
    """Where CTranslate2 keeps a matrix of transformers: `model.layers.3.self_attn.k_proj` → (variable, first row)."""
    _, _, layer, part = name.split(".", 3)
    here = f"decoder/layer_{layer}"
    for variable, target in MATRICES.items():
        if part == target:
            return f"{here}/{variable}", 0
    queries, keys = (config.head_dim * n for n in (config.num_attention_heads, config.num_key_value_heads))
    firsts = {
        "self_attn.q_proj": 0,
        "self_attn.k_proj": queries,
        "self_attn.v_proj": queries + keys,
    }
    if part not in firsts:
        raise RecipeError(f"{name} is not known here")
    return f"{here}/self_attention/linear_0", firsts[part]
