"""Low-rank adapters: a second model for a thirtieth of the size, merged into the weights of the one it was trained on.

An adapter holds for some matrices W of its base the two thin factors of what training added: ``W + up.T @ down``
(Hu et al., "LoRA", ICLR 2022). Its file is NumPy's ``.npz``; for the rows from ``R`` on of the variable ``NAME`` of
``model.bin`` it has ``NAME@R/down`` (rank, columns) and ``NAME@R/up`` (rank, rows), int8 with a scale for each of the
``rank`` rows (``.../down_scale``, ``.../up_scale``: value = int8 / scale), and ``base``, the SHA-256 of the base's
``model.bin``. Merging dequantises the base's rows, adds the product and quantises them again.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from summarizer.errors import ModelError
from summarizer.models.weights import Floats, Variable, dequantize_rows, quantize_rows, read_index

BASE_KEY: Final = "base"
_INT8: Final = np.dtype(np.int8)


def write_adapter(path: Path, factors: Mapping[tuple[str, int], tuple[Floats, Floats]], *, base: str) -> None:
    """Write an adapter file: ``(name, first row) -> (down (rank, columns), up (rank, rows))``.

    ``base`` is the SHA-256 of the ``model.bin`` that it fits. The same factors give the same bytes.
    """
    arrays: dict[str, Any] = {BASE_KEY: np.array(base)}
    for (name, first), (down, up) in sorted(factors.items()):
        for part, values in (("down", down), ("up", up)):
            rows, scale = quantize_rows(values)
            arrays[f"{name}@{first}/{part}"], arrays[f"{name}@{first}/{part}_scale"] = rows, scale
    np.savez(path, allow_pickle=False, **arrays)


def merge_adapter(weights: Path, adapter: Path, *, base: str) -> None:
    """Add an adapter to the int8 weights of the file ``weights``, in place.

    ``base`` is the SHA-256 that ``weights`` has. Raises ``ModelError`` where the adapter is damaged or fits another
    base; the file may then be half changed.
    """
    arrays = _read(adapter)
    wanted = str(arrays.get(BASE_KEY, ""))
    if wanted != base:
        raise ModelError(
            f"{adapter} fits another model (SHA-256 {wanted[:12]}..., not {base[:12]}...); reinstall mujaz"
        )
    with weights.open("r+b") as stream:
        index = read_index(stream)
        for key in sorted(arrays):
            if key.endswith("/down"):
                place = key.removesuffix("/down")
                name, _, first = place.rpartition("@")
                try:
                    _add(
                        stream, index, name, int(first), _factor(arrays, key), _factor(arrays, f"{place}/up")
                    )
                except (KeyError, ValueError) as error:
                    raise ModelError(f"{adapter} is damaged or fits another model ({place})") from error


def read_factors(path: Path) -> dict[tuple[str, int], tuple[Floats, Floats]]:
    """Return what ``write_adapter`` was given: ``(name, first row) -> (down (rank, columns), up (rank, rows))``.

    Raises ``ModelError`` where the file is damaged.
    """
    arrays = _read(path)
    places = [key.removesuffix("/down") for key in arrays if key.endswith("/down")]
    try:
        return {
            (name, int(first)): (_factor(arrays, f"{place}/down"), _factor(arrays, f"{place}/up"))
            for place in places
            for name, _, first in [place.rpartition("@")]
        }
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path} is damaged; reinstall mujaz") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{path} is missing or damaged; reinstall mujaz") from error


def _factor(arrays: Mapping[str, Any], key: str) -> Floats:
    return dequantize_rows(arrays[key], arrays[f"{key}_scale"])


def _add(
    stream: BinaryIO, index: Mapping[str, Variable], name: str, first: int, down: Floats, up: Floats
) -> None:
    """Add ``up.T @ down`` to the rows from ``first`` on. Raises KeyError or ValueError where the shapes do not fit."""
    weight, scales = index[f"{name}/weight"], index[f"{name}/weight_scale"]
    if weight.dtype != _INT8:
        raise ValueError(f"{name} is not int8")
    columns = weight.shape[1]
    if not 0 <= first <= first + up.shape[1] <= weight.shape[0] or down.shape[1] != columns:
        raise ValueError(f"{name} has another shape")
    part = Variable((up.shape[1], columns), weight.kind, weight.offset + first * columns)
    scale_at = Variable((up.shape[1],), scales.kind, scales.offset + first * scales.dtype.itemsize)
    before = dequantize_rows(
        part.read(stream).astype(np.int8), scale_at.read(stream).astype(np.float32)
    )  # (rows, columns)
    rows, scale = quantize_rows(before + up.T @ down)
    for at, values in ((part, rows), (scale_at, scale.astype(scales.dtype))):
        stream.seek(at.offset)
        stream.write(values.tobytes())
