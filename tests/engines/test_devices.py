"""Which device and number format a model gets: on a CPU, on graphics cards of several ages, and as the user says.

No card is needed: what the libraries say of the machine is said here instead. The code on a card itself is not run.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import ctranslate2
import pytest

from summarizer.engines import ctranslate2 as engine
from summarizer.engines import devices
from summarizer.engines.transformers import _precision, _use_cuda
from summarizer.errors import ModelError
from summarizer.models import Registry

MODERN = {"float32", "float16", "bfloat16", "int8", "int8_float16", "int8_bfloat16"}
OLD = {"float32", "int8", "int8_float32"}  # a card that is slow in half precision


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUJAZ_DEVICE", raising=False)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUJAZ_DEVICE", raising=False)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)


def supported(monkeypatch: pytest.MonkeyPatch, types: set[str]) -> None:
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: types)


def test_a_card_is_used_where_there_is_one_and_it_is_not_forbidden(
    card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert devices.device() == "cuda"
    monkeypatch.setenv("MUJAZ_DEVICE", "cpu")
    assert devices.device() == "cpu"
    monkeypatch.setenv("MUJAZ_DEVICE", "CUDA")
    assert devices.device() == "cuda"
    monkeypatch.setenv("MUJAZ_DEVICE", "tpu")
    with pytest.raises(ModelError, match="must be cpu, cuda or auto, not 'tpu'"):
        devices.device()


def test_a_card_that_is_asked_for_and_not_there_is_an_error(
    no_card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert devices.device() == "cpu"
    monkeypatch.setenv("MUJAZ_DEVICE", "cuda")
    with pytest.raises(ModelError, match="there is no CUDA device here"):
        devices.device()
    torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False))
    with pytest.raises(ModelError, match="torch finds no CUDA device here"):
        _use_cuda(torch)
    torch.cuda.is_available = lambda: True
    assert _use_cuda(torch)
    monkeypatch.setenv("MUJAZ_DEVICE", "cpu")
    assert not _use_cuda(torch)


@pytest.mark.parametrize(
    ("on", "types", "half", "best"),
    [
        ("cpu", {"int8", "float32", "int8_float32"}, "float16", "int8"),
        ("cpu", {"float32"}, "float16", "float32"),
        ("cuda", MODERN, "float16", "float16"),
        ("cuda", MODERN, "bfloat16", "bfloat16"),  # T5 overflows in float16
        ("cuda", MODERN - {"bfloat16"}, "bfloat16", "int8_bfloat16"),
        ("cuda", OLD, "float16", "float32"),
        ("cuda", set(), "float16", "default"),
    ],
)
def test_the_best_format_of_a_device(
    monkeypatch: pytest.MonkeyPatch, on: devices.Device, types: set[str], half: str, best: str
) -> None:
    supported(monkeypatch, types)
    assert devices.compute_type("auto", half=half, on=on) == best
    assert devices.compute_type("int8_float32", half=half, on=on) == "int8_float32"  # as the user says


def test_a_card_gets_one_batch_at_a_time_and_its_weights_in_its_own_format(
    card: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    supported(monkeypatch, MODERN)
    monkeypatch.setenv("MUJAZ_THREADS", "4")
    made = engine.CTranslate2Engine(Registry.load().model("opus-mt-ar-en"), Path)
    assert made.batches_at_once() == 1
    assert devices.stored_type(devices.compute_type("auto", half="float16", on="cuda")) == "float16"
    monkeypatch.setenv("MUJAZ_DEVICE", "cpu")
    assert made.batches_at_once() == 4
    assert [devices.stored_type(each) for each in ("int8", "int8_bfloat16", "default")] == [
        "int8", "int8", "float32",
    ]  # fmt: skip


def test_torch_computes_in_bfloat16_where_the_processor_does(tmp_path: Path) -> None:
    spec = Registry.load().model("arabart-xlsum")
    listing = tmp_path / "cpuinfo"
    listing.write_text("flags\t\t: fpu avx512f avx512_bf16 sse\n", encoding="utf-8")
    assert _precision(spec, "cpu", cpuinfo=listing) == "bfloat16"
    listing.write_text("flags\t\t: fpu avx2\n", encoding="utf-8")
    assert _precision(spec, "cpu", cpuinfo=listing) == "float32"
    assert _precision(spec, "cpu", cpuinfo=tmp_path / "none") == "float32"
    assert _precision(spec, "cuda", cpuinfo=listing) == "float16"
    assert _precision(Registry.load().model("arat5v2-xlsum"), "cuda", cpuinfo=listing) == "bfloat16"
    asked = spec.model_copy(update={"compute_type": "float32"})
    assert _precision(asked, "cuda", cpuinfo=listing) == "float32"
