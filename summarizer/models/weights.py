"""CTranslate2's ``model.bin``: where each variable lies, so that weights can be read and changed in place.

The layout is that of ``ctranslate2/specs/model_spec.py`` (format version 6, little-endian): the specification's name and
revision, then for each variable name, shape, type and bytes, then names that share another's bytes. An int8 weight W
(rows, columns) has a ``weight_scale`` (rows,) beside it: its values are ``W / weight_scale`` row by row.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from summarizer.errors import ModelError

FORMAT_VERSION: Final = 6
_VERSION_BYTES: Final = 4
_BFLOAT16: Final = 5  # the upper half of a float32; NumPy has no such type
_TYPES: Final[dict[int, np.dtype[np.generic]]] = {
    kind: np.dtype(name)
    for kind, name in enumerate(("float32", "int8", "int16", "int32", "float16", "uint16"))
}
_SYMMETRIC: Final = 127.0  # the largest absolute value of a quantised row

Array = npt.NDArray[np.generic]
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

    def read_raw(self, stream: BinaryIO) -> Array:
        """Return the array in the type it is stored in; bfloat16 as uint16."""
        stream.seek(self.offset)
        count = int(np.prod(self.shape, dtype=np.int64))
        return np.frombuffer(stream.read(count * self.dtype.itemsize), dtype=self.dtype).reshape(self.shape)

    def read(self, stream: BinaryIO) -> Array:
        """Return the array in the type it is stored in; bfloat16 as float32."""
        values = self.read_raw(stream)
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


def rewrite(source: Path, target: Path, change: Callable[[str, Array], Iterable[tuple[str, Array]]]) -> None:
    """Write the file ``source`` to ``target`` with what ``change(name, values)`` yields in the place of each variable.

    bfloat16 goes through as uint16. Names that share another's bytes do so in ``target`` too. Raises ``ModelError`` as ``read_index``.
    """
    with source.open("rb") as stream:
        index = read_index(stream)
        owners: dict[int, str] = {}
        aliases = {
            name: owners[at.offset]
            for name, at in index.items()
            if owners.setdefault(at.offset, name) != name
        }
        stream.seek(_VERSION_BYTES)
        (length,) = struct.unpack("<H", stream.read(2))
        name = stream.read(length).rstrip(b"\0").decode("ascii")
        (revision,) = struct.unpack("<I", stream.read(4))
        changed = (pair for owner in owners.values() for pair in change(owner, index[owner].read_raw(stream)))
        write(target, changed, specification=name, revision=revision, aliases=aliases)


def write(
    target: Path,
    variables: Iterable[tuple[str, Array]],
    *,
    specification: str,
    revision: int,
    aliases: Mapping[str, str],
) -> None:
    """Write a new ``model.bin``; ``aliases`` are names that share the bytes of another: name -> that one."""
    with target.open("xb") as out:
        out.write(struct.pack("<I", FORMAT_VERSION) + _string(specification) + struct.pack("<I", revision))
        count_at, count = out.tell(), 0
        out.write(struct.pack("<I", count))
        for name, values in variables:
            _write_variable(out, name, values)
            count += 1
        out.write(struct.pack("<I", len(aliases)))
        for name, owner in aliases.items():
            out.write(_string(name) + _string(owner))
        out.seek(count_at)
        out.write(struct.pack("<I", count))
        out.flush()
        os.fsync(out.fileno())


def _write_variable(out: BinaryIO, name: str, values: Array) -> None:
    kind = next(number for number, dtype in _TYPES.items() if dtype == values.dtype)
    out.write(_string(name) + struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape))
    out.write(struct.pack("<BI", kind, values.nbytes))
    out.write(np.ascontiguousarray(values).tobytes())


def _string(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode("ascii") + b"\0"


def quantize_rows(values: Floats) -> tuple[Quantized, Floats]:
    """Return int8 rows and their scales (rows,), as CTranslate2's converter makes them."""
    largest = np.abs(values).max(axis=1)
    largest[largest == 0] = _SYMMETRIC
    scale = (_SYMMETRIC / largest).astype(np.float32)
    return np.rint(values * scale[:, np.newaxis]).astype(np.int8), scale


def dequantize_rows(rows: Quantized, scale: Floats) -> Floats:
    """Return what ``quantize_rows`` was given, within half a step."""
    return rows.astype(np.float32) / scale[:, np.newaxis]
