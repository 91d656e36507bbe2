"""A checkpoint → pieces small enough to carry to a machine that has a GPU and no network, and back.

    python -m recipes.pieces pack BASE --out carried --bits 7
    python -m recipes.pieces unpack carried --out BASE

Every row of a matrix is kept as small integers and one scale, as CTranslate2's int8 is, and deflated: 131 M weights
are 117 MB at 8 bits (what is exported from them is what it would have been) and 100 MB at 7, which is enough for weights
that are trained on. The checkpoint that comes out is in float32.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from recipes.settings import RecipeError

PIECE = "weights.npz.part-"
_WEIGHTS = "model.safetensors"
_SCALE = "/scale"
_CHUNK_BYTES = 1 << 22


def quantize(matrix: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Integers of `bits` bits for a float32 matrix, and what each row (rows,) of them is multiplied by."""
    most = 2 ** (bits - 1) - 1
    scale = np.abs(matrix).max(axis=1) / most
    scale[scale == 0] = 1
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def pack(checkpoint: Path, out: Path, *, bits: int = 8, piece_bytes: int = 15 << 20) -> list[Path]:
    """Write the pieces of a transformers checkpoint, and its configuration and tokenizer, into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    for name, tensor in load_file(checkpoint / _WEIGHTS).items():
        value = tensor.float().numpy()
        if value.ndim == 2:
            arrays[name], arrays[name + _SCALE] = quantize(value, bits)
        else:
            arrays[name] = value
    for path in checkpoint.glob("*.json"):
        shutil.copyfile(path, out / path.name)
    with tempfile.TemporaryFile() as whole:
        np.savez(whole, allow_pickle=False, **arrays)
        whole.seek(0)
        # Weights repeat nothing: only how often each value stands is worth coding, which is also quick.
        packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_HUFFMAN_ONLY)
        packed = bytearray()
        while chunk := whole.read(_CHUNK_BYTES):
            packed += packer.compress(chunk)
        packed += packer.flush()
    pieces: list[Path] = []
    for start in range(0, len(packed), piece_bytes):
        pieces.append(out / f"{PIECE}{len(pieces):02d}")
        pieces[-1].write_bytes(packed[start : start + piece_bytes])
    summary = {"pieces": len(pieces), "bytes": len(packed), "crc32": zlib.crc32(packed)}
    (out / "pieces.json").write_text(json.dumps(summary) + "\n", encoding="utf-8")
    return pieces


def unpack(folder: Path, out: Path) -> None:
    """Make a checkpoint of the pieces in ``folder`` again.

    Raises:
        RecipeError: a piece is missing or damaged.
    """
    packed = b"".join(path.read_bytes() for path in sorted(folder.glob(f"{PIECE}*")))
    summary = json.loads((folder / "pieces.json").read_text(encoding="utf-8"))
    if len(packed) != summary["bytes"] or zlib.crc32(packed) != summary["crc32"]:
        raise RecipeError(
            f"the pieces in {folder} are not the {summary['pieces']} that were packed: bring them again"
        )
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as whole:
        whole.write(zlib.decompress(packed))
        whole.seek(0)
        stored = np.load(whole)
        state: dict[str, Any] = {}
        for name in stored.files:
            if not name.endswith(_SCALE):
                value = stored[name].astype(np.float32)
                if name + _SCALE in stored.files:
                    value *= stored[name + _SCALE][:, None]
                state[name] = torch.from_numpy(value)
    save_file(state, out / _WEIGHTS, metadata={"format": "pt"})
    for path in folder.glob("*.json"):
        if path.name != "pieces.json":
            shutil.copyfile(path, out / path.name)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("way", choices=("pack", "unpack"))
    parser.add_argument("folder", type=Path, help="a checkpoint, or the folder of its pieces")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", type=int, default=8, choices=range(4, 9), metavar="4..8")
    options = parser.parse_args()
    if options.way == "pack":
        pack(options.folder, options.out, bits=options.bits)
    else:
        unpack(options.folder, options.out)


if __name__ == "__main__":
    main()
