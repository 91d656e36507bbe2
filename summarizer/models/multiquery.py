"""A decoder whose heads share one head of keys and values, in the form in which CTranslate2 keeps that head once.

Gemma 3 270M has four heads of queries and one of keys and values ("multi-query attention": Shazeer, "Fast Transformer Decoding: One
Write-Head is All You Need", 2019). CTranslate2 4.8 knows two ways to run such a layer. As *grouped* queries, what its
converter writes, it copies keys and values to every head: four times the memory of each token in each beam, and the copying of all of it
at each step. As *multi-query* it keeps them once, but takes the width of the model for that of the heads together, here 640 for 1,024.

So the model is made as wide as its heads. The further columns are zero everywhere: what reads them has no weights for them, what writes
them writes zeros, and they change no sum. A root mean square over more columns is smaller by the root of how much wider it is, so the
gains of the norms take that back and the epsilon in it shrinks with it (the norms of queries and keys, which are no wider, are large beside
either); the factor of the embeddings, which CTranslate2 takes from the
width, is written down. The answers are those of the narrow model but for rounding. Half as many weights again, a quarter of the keys and
values: for a beam of 4 over sentences half of the time and of the memory (docs/benchmarks.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from summarizer.errors import ModelError
from summarizer.models.bundled import CONFIG_FILE, WEIGHTS_FILE
from summarizer.models.weights import Variable, read_index, rewrite

#: Matrices whose columns are the model's width, and those whose rows are.
_READING: Final = (
    "embeddings/weight",
    "projection/weight",
    "self_attention/linear_0/weight",
    "ffn/linear_0/weight",
    "ffn/linear_0_noact/weight",
)
_WRITING: Final = ("self_attention/linear_1", "ffn/linear_1")
_HEADS_OF_KEYS: Final = "self_attention/num_heads_kv"
_FLAG: Final = "self_attention/multi_query"
#: CTranslate2's own, of root mean squares.
_EPSILON: Final = 1e-6
#: What an int8 row of zeros is divided by; any value does.
_ANY_SCALE: Final = 127.0

Array = npt.NDArray[np.generic]
#: Reads a variable by its name.
_Read = Callable[[str], Array]


def share_keys(directory: Path) -> None:
    """Bring the decoder in ``directory``, of CTranslate2's form, into that of multi-query attention.

    Changes ``model.bin`` and ``config.json``; a kill in between leaves a directory that must not be used. Raises ``ModelError``: another
    version of the format, several heads of keys, norms that are not root mean squares, or heads that are together narrower than
    the model.
    """
    weights, settings = directory / WEIGHTS_FILE, directory / CONFIG_FILE
    with weights.open("rb") as stream:
        index = read_index(stream)
        try:
            widths = _Widths.of(index, lambda name: index[name].read(stream))
        except KeyError as error:
            raise ModelError(
                f"{weights.name} is no decoder with multi-query attention: it has no {error}"
            ) from error
    wide = directory / f"{WEIGHTS_FILE}.wide"
    rewrite(weights, wide, widths.widened)
    wide.replace(weights)
    config = json.loads(settings.read_text(encoding="utf-8"))
    epsilon = config.get("layer_norm_epsilon") or _EPSILON
    config["layer_norm_epsilon"] = epsilon * widths.width / widths.wide
    settings.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


class _Widths:
    """The width that a model has, and the one that it gets."""

    def __init__(self, width: int, wide: int, gemma_norms: frozenset[str]) -> None:
        self.width, self.wide, self.gemma_norms = width, wide, gemma_norms

    @classmethod
    def of(cls, index: dict[str, Variable], read: _Read) -> _Widths:
        layers = [name.removesuffix(_HEADS_OF_KEYS) for name in index if name.endswith(_HEADS_OF_KEYS)]
        if not layers or any(int(read(f"{layer}{_HEADS_OF_KEYS}")) != 1 for layer in layers):
            raise ModelError("model.bin has no single head of keys and values")
        if any(name.endswith("norm/beta") for name in index):
            raise ModelError("model.bin has norms that are not root mean squares")
        width = index["decoder/embeddings/weight"].shape[1]
        heads = int(read("decoder/num_heads"))
        wide, *others = {heads * int(read(f"{layer}self_attention/head_dim")) for layer in layers}
        if others:
            raise ModelError("the heads of model.bin are not of one width")
        if wide < width:
            raise ModelError(f"the heads of model.bin are together {wide} wide, and the model {width}")
        residual = "/layer_norm_use_residual"
        norms = {name.removesuffix(residual) for name in index if name.endswith(residual) and int(read(name))}
        return cls(width, wide, frozenset(norms))

    def widened(self, name: str, values: Array) -> Iterator[tuple[str, Array]]:
        """Yield what takes the place of a variable."""
        more = self.wide - self.width
        part = name.rpartition("/")[0]
        if name.endswith(_READING):
            yield name, np.pad(values, ((0, 0), (0, more)))
        elif part.endswith(_WRITING):
            scale = name.endswith("_scale")
            pads = ((0, more),) + ((0, 0),) * (values.ndim - 1)
            yield name, np.pad(values, pads, constant_values=_ANY_SCALE if scale else 0)
        elif name.endswith("layer_norm/gamma"):
            yield name, self._gains(part, values)
        elif name == "decoder/scale_embeddings" and values.dtype == np.int8 and values:
            yield name, np.array(math.sqrt(self.width), dtype=np.float32)
        elif name.endswith(_HEADS_OF_KEYS):
            yield name, values
            yield name.replace(_HEADS_OF_KEYS, _FLAG), np.array(1, dtype=np.int8)
        elif self.width in values.shape and values.size > 1:
            raise ModelError(f"model.bin has {name}, of which it is not known how it grows")
        else:
            yield name, values

    def _gains(self, norm: str, gains: Array) -> Array:
        """Return the gains of a norm over more columns; Gemma's are kept as what they are above one."""
        if gains.dtype not in (np.float32, np.float16):
            raise ModelError(
                "the norms of model.bin are in bfloat16 or integers: convert it in int8, float16 or float32"
            )
        above = 1.0 if norm in self.gemma_norms else 0.0
        wide = np.zeros(self.wide, dtype=np.float32)
        wide[: self.width] = (gains.astype(np.float32) + above) * math.sqrt(self.width / self.wide)
        return (wide - above).astype(gains.dtype)
