"""Loaded models share a budget: the longest unused leaves, one in use never does."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from summarizer.engines import Hypothesis
from summarizer.engines.local import LocalEngine
from summarizer.engines.memory import ModelMemory, memory_budget, weight_bytes
from summarizer.errors import ModelError
from summarizer.models import ModelSpec


class Model:
    def __init__(self, *, busy: bool = False) -> None:
        self.busy, self.loaded = busy, True

    def unload(self) -> bool:
        if not self.busy:
            self.loaded = False
        return not self.busy


def test_the_longest_unused_makes_room():
    memory, (first, second, third) = ModelMemory(100), (Model(), Model(), Model())
    memory.make_room(first, 40)
    memory.make_room(second, 40)
    memory.touch(first)
    memory.make_room(third, 40)
    assert (first.loaded, second.loaded, third.loaded) == (True, False, True)


def test_a_model_in_use_stays_and_one_that_is_too_large_is_let_in():
    memory, busy, idle, large = ModelMemory(100), Model(busy=True), Model(), Model()
    memory.make_room(busy, 60)
    memory.make_room(idle, 30)
    memory.make_room(large, 500)
    assert (busy.loaded, idle.loaded) == (True, False)


def test_what_is_gone_or_forgotten_takes_no_room():
    memory, gone, left, stays, new = ModelMemory(100), Model(), Model(), Model(), Model()
    for model in (gone, left, stays):
        memory.make_room(model, 33)
    del gone
    gc.collect()
    memory.forget(left)
    memory.make_room(new, 60)
    assert stays.loaded


def test_loading_again_counts_once():
    memory, model, other = ModelMemory(100), Model(), Model()
    memory.make_room(other, 50)
    for _ in range(3):
        memory.make_room(model, 50)
    assert other.loaded


def test_the_budget_is_half_the_machine_or_what_is_asked(monkeypatch):
    monkeypatch.delenv("MUJAZ_MODEL_MEMORY_MB", raising=False)
    assert 100_000_000 < memory_budget() < 1 << 44
    monkeypatch.setenv("MUJAZ_MODEL_MEMORY_MB", "500")
    assert memory_budget() == 500_000_000
    for wrong in ("0", "much", "-1"):
        monkeypatch.setenv("MUJAZ_MODEL_MEMORY_MB", wrong)
        with pytest.raises(ModelError, match="MUJAZ_MODEL_MEMORY_MB must be a whole number"):
            memory_budget()


class TinyEngine(LocalEngine[str, str]):
    """Counts its loads; ``gate`` holds a run until it is set."""

    def __init__(self, name: str, folder: Path) -> None:
        spec = ModelSpec(
            id=name, task="translation", engine="ctranslate2", source="path:x", licence="", size_mb=0,
            source_language="ar", target_language="en", input_limit=50,
        )  # fmt: skip
        super().__init__(spec, lambda: folder)
        self.loads = 0
        self.gate: threading.Event | None = None
        self.running = threading.Event()

    def _open(self, directory: Path) -> str:
        self.loads += 1
        return "loaded"

    def _encode(self, loaded: str, text: str) -> list[str]:
        return text.split()

    def _run(self, loaded, batch, *, beam, hypotheses, limit):
        self.running.set()
        if self.gate is not None:
            assert self.gate.wait(30)
        return [[Hypothesis(text=" ".join(each))] for each in batch]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights of 600 kB under a budget of 1 MB."""
    (tmp_path / "model.bin").write_bytes(bytes(600_000))
    (tmp_path / "config.json").write_bytes(bytes(10))
    monkeypatch.setenv("MUJAZ_MODEL_MEMORY_MB", "1")
    assert weight_bytes(tmp_path) == 600_000
    return tmp_path


def test_engines_unload_each_other_and_load_again_when_asked(folder):
    one, other = TinyEngine("one", folder), TinyEngine("other", folder)
    for _ in range(2):
        assert one.generate(["نعم"])[0][0].text == "نعم"
        assert other.generate(["لا"])[0][0].text == "لا"
    assert (one.loads, other.loads) == (2, 2)
    assert one._loaded is None


def test_an_engine_at_work_is_not_unloaded(folder):
    one, other = TinyEngine("one", folder), TinyEngine("other", folder)
    one.gate = threading.Event()
    worker = threading.Thread(target=one.generate, args=(["نعم"],))
    worker.start()
    assert one.running.wait(30)
    other.generate(["لا"])
    assert not one.unload()
    assert one._loaded == "loaded"
    one.gate.set()
    worker.join()
    assert one.unload()
    assert one._loaded is None


def test_a_model_that_fails_to_load_leaves_no_trace(folder):
    class Broken(TinyEngine):
        def _open(self, directory: Path) -> str:
            raise ModelError("broken")

    whole, broken = TinyEngine("whole", folder), Broken("broken", folder)
    with pytest.raises(ModelError, match="broken"):
        broken.generate(["نعم"])
    whole.generate(["نعم"])
    with pytest.raises(ModelError, match="broken"):
        broken.count_tokens("نعم")
    assert broken._loaded is None
    assert broken._users == 0
