"""The named peer of the speed benchmark: the same weights, run the way most people first run them.

``NaiveEngine`` is a drop-in for the CTranslate2 engine: transformers, float32, one sentence at a time, the same feed
form, beam and limits. ``read_ctranslate2`` turns the shipped int8 model back into a transformers checkpoint (each row
``int8 / scale``), so both engines compute with the same numbers and anyone can run the comparison from this
repository alone. The layout is that of ``ctranslate2.specs.model_spec`` and its Gemma 3 converter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from summarizer.engines import Hypothesis, LatinNames
from summarizer.errors import ModelError
from summarizer.glosses import GLOSSES_FILE, Glosses
from summarizer.models import ModelSpec, Registry
from summarizer.models.weights import read_index
from summarizer.schema import ModelInfo


def narrow(registry: Registry, spec: ModelSpec) -> Path:
    """Return the directory of a model as it was trained: not widened for CTranslate2 (``summarizer.models.multiquery``)."""
    return registry.locate(spec.model_copy(update={"multi_query": False}))


def read_ctranslate2(folder: Path) -> Gemma3ForCausalLM:
    """Return the float32 transformers model of an int8 CTranslate2 Gemma 3 decoder."""
    with (folder / "model.bin").open("rb") as stream:
        variables = {name: each.read(stream) for name, each in read_index(stream).items()}

    def tensor(key: str) -> torch.Tensor:
        value = variables[key].astype(np.float32)
        scale = variables.get(f"{key}_scale")
        if scale is not None:
            divisor = scale.astype(np.float32)
            value = value / (divisor[:, None] if divisor.ndim else divisor)
        return torch.from_numpy(np.ascontiguousarray(value))

    embeddings = tensor("decoder/embeddings/weight")
    layers = sum(key.endswith("/input_layer_norm/gamma") for key in variables)
    first = "decoder/layer_0"
    head = int(variables[f"{first}/self_attention/q_norm/gamma"].shape[0])
    query = int(variables[f"{first}/self_attention/linear_1/weight"].shape[1])
    fused = int(variables[f"{first}/self_attention/linear_0/weight"].shape[0])
    key_value = (fused - query) // 2
    windows = [
        int(variables.get(f"decoder/layer_{index}/self_attention/sliding_window", np.array(0)))
        for index in range(layers)
    ]
    config = Gemma3TextConfig(
        vocab_size=embeddings.shape[0],
        hidden_size=embeddings.shape[1],
        intermediate_size=int(variables[f"{first}/ffn/linear_0/weight"].shape[0]),
        num_hidden_layers=layers,
        num_attention_heads=query // head,
        num_key_value_heads=key_value // head,
        head_dim=head,
        query_pre_attn_scalar=head,
        layer_types=["sliding_attention" if window else "full_attention" for window in windows],
        sliding_window=max(windows),
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        tie_word_embeddings=True,
    )
    state = {"model.embed_tokens.weight": embeddings, "lm_head.weight": embeddings}
    state["model.norm.weight"] = tensor("decoder/layer_norm/gamma")
    for index in range(layers):
        here, there = f"decoder/layer_{index}", f"model.layers.{index}"
        for name, other in (
            ("input_layer_norm", "input_layernorm"),
            ("post_attention_layer_norm", "post_attention_layernorm"),
            ("pre_feedforward_layer_norm", "pre_feedforward_layernorm"),
            ("post_feedforward_layer_norm", "post_feedforward_layernorm"),
            ("self_attention/q_norm", "self_attn.q_norm"),
            ("self_attention/k_norm", "self_attn.k_norm"),
        ):
            state[f"{there}.{other}.weight"] = tensor(f"{here}/{name}/gamma")
        parts = tensor(f"{here}/self_attention/linear_0/weight").split([query, key_value, key_value])
        for name, part in zip(("q_proj", "k_proj", "v_proj"), parts, strict=True):
            state[f"{there}.self_attn.{name}.weight"] = part
        state[f"{there}.self_attn.o_proj.weight"] = tensor(f"{here}/self_attention/linear_1/weight")
        state[f"{there}.mlp.gate_proj.weight"] = tensor(f"{here}/ffn/linear_0/weight")
        state[f"{there}.mlp.up_proj.weight"] = tensor(f"{here}/ffn/linear_0_noact/weight")
        state[f"{there}.mlp.down_proj.weight"] = tensor(f"{here}/ffn/linear_1/weight")
    model = Gemma3ForCausalLM(config)
    model.load_state_dict(state)
    return model.float().eval()


class NaiveEngine:
    """``summarizer.engines.Engine`` by transformers in float32, one sentence at a time."""

    def __init__(self, spec: ModelSpec, folder: Path) -> None:
        self.info = ModelInfo(id=f"{spec.id} (naive)", engine="transformers", licence=spec.licence)
        self.input_limit, self.word_limit = spec.input_limit, spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self._spec = spec
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._model = read_ctranslate2(folder)
        self._glosses = Glosses.load(folder / GLOSSES_FILE) if spec.feed.gloss_marks else None

    def _tokens(self, text: str, *, glosses: bool = True) -> list[int]:
        feed = self._spec.feed
        if glosses and self._glosses is not None and feed.gloss_marks is not None:
            text = self._glosses.annotate(text, feed.gloss_marks)
        encoded = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [*map(self._id, feed.before), *encoded, *map(self._id, feed.after)]

    def _id(self, token: str | None) -> int:
        found = self._tokenizer.token_to_id(token or "")
        if found is None:
            raise ModelError(f"{self._spec.id}: its tokenizer has no {token!r}")
        return found

    def count_tokens(self, text: str) -> int:
        return len(self._tokens(text))

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        generation = self._spec.generation
        end = self._id(self._spec.feed.end_token)
        answers = []
        for text in texts:
            if not text.strip():
                answers.append([Hypothesis(text="")])
                continue
            prompt = self._tokens(text)
            output = self._model.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                max_new_tokens=generation.length_limit(
                    len(self._tokens(text, glosses=False)), max_new_tokens
                ),
                num_beams=max(generation.beam, hypotheses),
                num_return_sequences=hypotheses,
                no_repeat_ngram_size=generation.no_repeat_ngram_size,
                do_sample=False,
                eos_token_id=end,
                pad_token_id=0,
            )
            answers.append(
                [
                    Hypothesis(
                        text=self._tokenizer.decode(
                            row[len(prompt) :].tolist(), skip_special_tokens=True
                        ).strip()
                    )
                    for row in output
                ]
            )
        return answers
