"""CTranslate2's ``model.bin``: where each variable lies, so that weights can be read and changed in place.

The layout is that of ``ctranslate2/specs/model_spec.py`` (format version 6, little-endian): the specification's name and
revision, then for each variable name, shape, type and bytes, then names that share another's bytes. An int8 weight W
(rows, columns) has a ``weight_scale`` (rows,) beside it: its values are ``W / weight_scale`` row by row.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from summarizer.errors import ModelError

FORMAT_VERSION: Final = 6
_BFLOAT16: Final = 5  # the upper half of a float32; NumPy has no such type
_TYPES: Final[dict[int, np.dtype[np.generic]]] = {
    kind: np.dtype(name)
    for kind, name in enumerate(("float32", "int8", "int16", "int32", "float16", "uint16"))
}
_SYMMETRIC: Final = 127.0  # the largest absolute value of a quantised row

Floats = npt.NDArray[np.float32]
Quantized = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Variable:
    """One array of an open ``model.bin``: its shape, its type and the offset of its first byte."""

    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return _TYPES[self.kind]

    def read(self, stream: BinaryIO) -> npt.NDArray[np.generic]:
        """Return the array in the type it is stored in; bfloat16 as float32."""
        stream.seek(self.offset)
        count = int(np.prod(self.shape, dtype=np.int64))
        values = np.frombuffer(stream.read(count * self.dtype.itemsize), dtype=self.dtype).reshape(self.shape)
        if self.kind == _BFLOAT16:
            return (values.astype(np.uint32) << 16).view(np.float32)
        return values


def read_index(stream: BinaryIO) -> dict[str, Variable]:
    """Return the variables of an open ``model.bin`` by name.

    Raises ``ModelError``: another version of the format, an unknown type, or a file that ends too early.
    """
    try:
        return _read_index(stream)
    except (struct.error, UnicodeDecodeError) as error:
        raise ModelError("model.bin is cut short or damaged") from error


def _read_index(stream: BinaryIO) -> dict[str, Variable]:
    def number(code: str) -> int:
        (value,) = struct.unpack(f"<{code}", stream.read(struct.calcsize(code)))
        return int(value)

    def string() -> str:
        return stream.read(number("H")).rstrip(b"\0").decode("ascii")

    version = number("I")
    if version != FORMAT_VERSION:
        raise ModelError(f"model.bin is in version {version} of its format, not {FORMAT_VERSION}")
    string(), number("I")  # the specification and its revision
    index: dict[str, Variable] = {}
    for _ in range(number("I")):
        name = string()
        shape = tuple(number("I") for _ in range(number("B")))
        kind = number("B")
        if kind not in _TYPES:
            raise ModelError(f"{name} of model.bin is of type {kind}, which is not known here")
        size = number("I")
        index[name] = Variable(shape, kind, stream.tell())
        stream.seek(size, 1)
    for _ in range(number("I")):
        name, target = string(), string()
        index[name] = index[target]
    return index


def quantize_rows(values: Floats) -> tuple[Quantized, Floats]:
    """Return int8 rows and their scales (rows,), as CTranslate2's converter makes them."""
    largest = np.abs(values).max(axis=1)
    largest[largest == 0] = _SYMMETRIC
    scale = (_SYMMETRIC / largest).astype(np.float32)
    return np.rint(values * scale[:, np.newaxis]).astype(np.int8), scale


def dequantize_rows(rows: Quantized, scale: Floats) -> Floats:
    """Return what ``quantize_rows`` was given, within half a step."""
    return rows.astype(np.float32) / scale[:, np.newaxis]
