"""Between two batches a caller may look in, and stop the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from summarizer.engines import Hypothesis
from summarizer.engines.local import LocalEngine
from summarizer.engines.pauses import between_batches, pause
from summarizer.errors import CancelledError
from summarizer.models import Registry

TEXTS = [f"جملة رقم {number} " * number for number in range(1, 9)]


class Echo(LocalEngine[None, str]):
    """A model that says what it was given, and remembers its batches."""

    batches = 0

    def _open(self, directory: Path) -> None:
        return None

    def _encode(self, loaded: None, text: str) -> list[str]:
        return text.split()

    def _run(
        self, loaded: None, batch: list[list[str]], *, beam: int, hypotheses: int, limit: int
    ) -> list[list[Hypothesis]]:
        self.batches += 1
        return [[Hypothesis(text=" ".join(tokens))] for tokens in batch]


@pytest.fixture
def echo(tmp_path: Path) -> Echo:
    (tmp_path / "model.bin").write_bytes(b"")
    spec = Registry.load().task_model("translation")
    small = spec.model_copy(update={"generation": spec.generation.model_copy(update={"batch_tokens": 24})})
    return Echo(small, lambda: tmp_path)


def test_a_caller_may_look_in_and_changes_nothing(echo: Echo) -> None:
    expected = echo.generate(TEXTS)
    batches, echo.batches = echo.batches, 0
    looks: list[int] = []
    with between_batches(lambda: looks.append(echo.batches)):
        assert echo.generate(TEXTS) == expected
    assert looks == list(range(batches))
    assert batches > 3
    echo.generate(TEXTS)
    assert len(looks) == batches  # nobody looks in any more


def test_what_the_caller_raises_ends_the_run(echo: Echo) -> None:
    def look() -> None:
        if echo.batches == 2:
            raise CancelledError("enough")

    with between_batches(look), pytest.raises(CancelledError):
        echo.generate(TEXTS)
    assert echo.batches == 2
    assert echo.unload()  # nothing holds the model


def test_without_a_caller_a_pause_is_nothing() -> None:
    pause()
