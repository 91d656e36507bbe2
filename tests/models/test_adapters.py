"""Merging an adapter without torch: on a tiny ``model.bin`` written by hand, and through the cache."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from summarizer.errors import ModelError
from summarizer.models.adapters import merge_adapter, write_adapter
from summarizer.models.bundled import read_sums, unpack_bundled, verify
from summarizer.models.weights import dequantize_rows, quantize_rows, read_index
from tests.models.samples import write_sums

RNG = np.random.default_rng(7)
ROWS, COLUMNS, RANK = 6, 8, 2
WEIGHT = RNG.normal(size=(ROWS, COLUMNS)).astype(np.float32)


def write_weights(path: Path) -> str:
    """Write a ``model.bin`` with one int8 matrix, an alias and a bfloat16 vector; return its SHA-256."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    def variable(name: str, kind: int, values: np.ndarray) -> bytes:
        shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        return string(name) + shape + struct.pack("<BI", kind, values.nbytes) + values.tobytes()

    rows, scale = quantize_rows(WEIGHT)
    data = struct.pack("<I", 6) + string("Spec") + struct.pack("<II", 1, 3)
    data += variable("layer/weight", 1, rows) + variable("layer/weight_scale", 0, scale)
    data += variable("norm/gamma", 5, np.array([0x3F80, 0xC000], dtype=np.uint16))
    data += struct.pack("<I", 1) + string("same/weight") + string("layer/weight")
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def factors(rows: int) -> tuple[np.ndarray, np.ndarray]:
    down = RNG.normal(size=(RANK, COLUMNS)).astype(np.float32)
    return down, RNG.normal(size=(RANK, rows)).astype(np.float32)


def read_weight(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        index = read_index(stream)
        rows = index["layer/weight"].read(stream).astype(np.int8)
        return dequantize_rows(rows, index["layer/weight_scale"].read(stream).astype(np.float32))


def test_variables_are_read_in_their_types(tmp_path: Path) -> None:
    write_weights(tmp_path / "model.bin")
    with (tmp_path / "model.bin").open("rb") as stream:
        index = read_index(stream)
        assert index["same/weight"] == index["layer/weight"]
        assert index["norm/gamma"].read(stream).tolist() == [1.0, -2.0]
    assert np.abs(read_weight(tmp_path / "model.bin") - WEIGHT).max() <= np.abs(WEIGHT).max() / 254 + 1e-6


@pytest.mark.parametrize("length", [0, 3, 30, 60])
def test_weights_that_are_cut_short_are_an_error(tmp_path: Path, length: int) -> None:
    write_weights(tmp_path / "model.bin")
    data = (tmp_path / "model.bin").read_bytes()
    (tmp_path / "cut.bin").write_bytes(data[:length])
    with (tmp_path / "cut.bin").open("rb") as stream, pytest.raises(ModelError, match="cut short"):
        read_index(stream)


def test_a_product_is_added_to_its_rows_alone(tmp_path: Path) -> None:
    weights, adapter = tmp_path / "model.bin", tmp_path / "adapter.npz"
    base = write_weights(weights)
    down, up = factors(3)
    write_adapter(adapter, {("layer", 2): (down, up)}, base=base)
    before = read_weight(weights)
    merge_adapter(weights, adapter, base=base)
    after = read_weight(weights)
    wanted = before.copy()
    wanted[2:5] += up.T @ down
    allowed = (
        np.abs(wanted).max(axis=1, keepdims=True) / 254 + 0.06
    )  # a row's half step; the factors are int8 too
    assert (np.abs(after - wanted) <= allowed).all()
    assert (after[[0, 1, 5]] == before[[0, 1, 5]]).all()
    assert np.abs(after[2:5] - before[2:5]).max() > 0.5


def test_an_adapter_of_another_base_or_shape_is_refused(tmp_path: Path) -> None:
    weights, adapter = tmp_path / "model.bin", tmp_path / "adapter.npz"
    base = write_weights(weights)
    write_adapter(adapter, {("layer", 0): factors(ROWS)}, base="0" * 64)
    with pytest.raises(ModelError, match="fits another model"):
        merge_adapter(weights, adapter, base=base)
    for place in (("layer", 4), ("missing", 0)):
        write_adapter(adapter, {place: factors(3)}, base=base)
        with pytest.raises(ModelError, match="damaged or fits another"):
            merge_adapter(weights, adapter, base=base)


def test_a_damaged_adapter_file_is_named(tmp_path: Path) -> None:
    weights, adapter = tmp_path / "model.bin", tmp_path / "adapter.npz"
    base = write_weights(weights)
    write_adapter(adapter, {("layer", 0): factors(ROWS)}, base=base)
    data = adapter.read_bytes()
    for damaged in (b"", data[: len(data) // 2], b"PK" + data[100:]):
        adapter.write_bytes(damaged)
        with pytest.raises(ModelError, match=r"adapter\.npz is missing or damaged"):
            merge_adapter(weights, adapter, base=base)


# --- through the cache --------------------------------------------------------------------------


def write_release(folder: Path) -> str:
    folder.mkdir()
    base = write_weights(folder / "whole")
    data = (folder / "whole").read_bytes()
    (folder / "whole").unlink()
    (folder / "model.bin.part-00").write_bytes(data[:50])
    (folder / "model.bin.part-01").write_bytes(data[50:])
    (folder / "config.json").write_text("{}")
    (folder / "NOTICE").write_text("of the base")
    write_sums(folder, **{"model.bin": base})
    return base


def write_adapter_folder(folder: Path, base: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    write_adapter(folder / "adapter.npz", {("layer", 0): factors(ROWS)}, base=base)
    (folder / "NOTICE").write_text("of the adapter")
    write_sums(folder)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))


def test_the_merged_model_is_cached_under_both_checksums(tmp_path: Path) -> None:
    base = write_release(tmp_path / "base")
    write_adapter_folder(tmp_path / "sum", base)
    plain = unpack_bundled(tmp_path / "base")
    merged = unpack_bundled(tmp_path / "base", adapter=tmp_path / "sum")
    assert merged == unpack_bundled(tmp_path / "base", adapter=tmp_path / "sum") != plain
    assert merged.name.startswith(f"sum-{plain.name.removeprefix('base-')}-")
    assert (merged / "NOTICE").read_text() == "of the adapter"
    assert (merged / "config.json").read_text() == "{}"
    assert not np.array_equal(read_weight(merged / "model.bin"), read_weight(plain / "model.bin"))
    verify(merged, read_sums(merged))
    write_adapter_folder(tmp_path / "sum", base)  # other factors
    other = unpack_bundled(tmp_path / "base", adapter=tmp_path / "sum")
    assert other != merged
    assert not list(merged.parent.glob(".partial-*"))


def test_what_else_an_adapter_has_goes_with_the_merged_model(tmp_path: Path) -> None:
    base = write_release(tmp_path / "base")
    adapter = tmp_path / "translator"
    write_adapter_folder(adapter, base)
    (adapter / "SHA256SUMS").unlink()
    (adapter / "glosses.tsv.gz").write_bytes(b"first")
    (adapter / "CARD.md").write_text("for people")
    write_sums(adapter)
    first = unpack_bundled(tmp_path / "base", adapter=adapter)
    assert (first / "glosses.tsv.gz").read_bytes() == b"first"
    assert not (first / "CARD.md").exists()
    (adapter / "SHA256SUMS").unlink()
    (adapter / "glosses.tsv.gz").write_bytes(b"second")  # as long, or nearly: the name must tell them apart
    write_sums(adapter)
    second = unpack_bundled(tmp_path / "base", adapter=adapter)
    assert second != first
    assert (second / "glosses.tsv.gz").read_bytes() == b"second"
    (adapter / "glosses.tsv.gz").unlink()
    with pytest.raises(ModelError, match=r"glosses\.tsv\.gz is missing"):
        unpack_bundled(tmp_path / "base", adapter=adapter)


def test_a_damaged_or_missing_adapter_leaves_no_model_behind(tmp_path: Path) -> None:
    base = write_release(tmp_path / "base")
    write_adapter_folder(tmp_path / "sum", base)
    file = tmp_path / "sum" / "adapter.npz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(ModelError, match=r"adapter\.npz is damaged"):
        unpack_bundled(tmp_path / "base", adapter=tmp_path / "sum")
    file.unlink()
    with pytest.raises(ModelError, match=r"adapter\.npz is missing"):
        unpack_bundled(tmp_path / "base", adapter=tmp_path / "sum")
    assert not list((tmp_path / "cache" / "models").glob("*"))
