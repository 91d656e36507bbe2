"""Batches run side by side where an engine may: the answers, their order and the batches stay what they are."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from summarizer.cache import AnswerCache
from summarizer.engines import Hypothesis
from summarizer.engines.cached import CachedEngine, plan_like
from summarizer.engines.devices import share_threads
from summarizer.engines.local import LocalEngine
from summarizer.engines.pauses import between_batches
from summarizer.errors import CancelledError, ModelError
from summarizer.models import Registry

TEXTS = [f"جملة رقم {number} " * (1 + number % 5) for number in range(40)]


class Echo(LocalEngine[None, str]):
    """Says what it was given; two batches must meet in it, if two workers are asked for."""

    def __init__(self, directory: Path, *, workers: int) -> None:
        spec = Registry.load().task_model("translation")
        small = spec.model_copy(
            update={"generation": spec.generation.model_copy(update={"batch_tokens": 60})}
        )
        super().__init__(small, lambda: directory)
        self.workers = workers
        self.seen: list[tuple[str, ...]] = []
        self.meeting = threading.Barrier(workers)
        self.calls = itertools.count()
        self.fail = False

    def _open(self, directory: Path) -> None:
        return None

    def _encode(self, loaded: None, text: str) -> list[str]:
        return text.split()

    def _run(
        self, loaded: None, batch: list[list[str]], *, beam: int, hypotheses: int, limit: int
    ) -> list[list[Hypothesis]]:
        if next(self.calls) < self.workers:
            self.meeting.wait(timeout=60)
        self.seen.append(tuple(" ".join(tokens) for tokens in batch))
        if self.fail:
            raise ModelError("broken")
        return [[Hypothesis(text=" ".join(tokens))] for tokens in batch]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(b"")
    return tmp_path


def test_two_workers_answer_as_one_does(folder: Path) -> None:
    one, two = Echo(folder, workers=1), Echo(folder, workers=2)
    expected = one.generate(TEXTS)
    assert two.generate(TEXTS) == expected
    assert [answers[0].text for answers in expected] == [text.strip() for text in TEXTS]
    assert sorted(two.seen) == sorted(one.seen)
    assert len(one.seen) > 4


def test_a_caller_ends_the_run_of_two_workers(folder: Path) -> None:
    echo, looks = Echo(folder, workers=2), 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 4:
            raise CancelledError("enough")

    with between_batches(look), pytest.raises(CancelledError):
        echo.generate(TEXTS)
    assert len(echo.seen) <= 3
    assert echo.unload()


def test_the_cache_keeps_all_workers_busy_and_the_caller_may_still_look_in(folder: Path) -> None:
    def cached(echo: Echo, name: str) -> CachedEngine:
        return CachedEngine(
            echo,
            AnswerCache(folder / name),
            fingerprint=lambda: "same",
            plan=plan_like(echo._spec),
            parallel=echo.batches_at_once,
        )

    for texts in (TEXTS, TEXTS[:3]):
        alone = Echo(folder, workers=1)
        expected = alone.generate(texts)
        echo, looks = Echo(folder, workers=2), 0  # waits until two batches are at work
        assert cached(echo, f"{len(texts)}.sqlite").generate(texts) == expected
        assert sorted(echo.seen) == sorted(alone.seen)  # a batch is not cut again

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 4:
            raise CancelledError("enough")

    stopped = Echo(folder, workers=2)
    with between_batches(look), pytest.raises(CancelledError):
        cached(stopped, "stopped.sqlite").generate(TEXTS)
    assert len(stopped.seen) <= 3


def test_a_failure_of_a_batch_reaches_the_caller(folder: Path) -> None:
    echo = Echo(folder, workers=2)
    echo.fail = True
    with pytest.raises(ModelError, match="broken"):
        echo.generate(TEXTS)
    assert echo.unload()


@pytest.mark.parametrize(
    ("threads", "shares"), [(1, (1, 1)), (2, (2, 1)), (4, (4, 1)), (8, (4, 2)), (11, (4, 2))]
)
def test_threads_are_shared_out(
    monkeypatch: pytest.MonkeyPatch, threads: int, shares: tuple[int, int]
) -> None:
    monkeypatch.setenv("MUJAZ_THREADS", str(threads))
    assert share_threads() == shares


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_the_allocator_is_told_once_and_only_where_nobody_tuned_it() -> None:
    code = (
        "from summarizer.engines import allocator as a; print(a.keep_freed_memory()); a.return_freed_memory()"
    )
    free = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "GLIBC_TUNABLES")}

    def told(**extra: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], env={**free, **extra}, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert (
        told() == "True"
        or not hasattr(os, "confstr")
        or "glibc" not in (os.confstr("CS_GNU_LIBC_VERSION") or "")
    )
    assert told(MALLOC_TRIM_THRESHOLD_="1000000") == "False"
