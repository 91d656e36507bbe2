"""What a model was asked, and for how long: an engine that writes it down."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from summarizer.engines import Engine, Hypothesis
from summarizer.engines.delegating import DelegatingEngine


class Asked(NamedTuple):
    """One input of the model, and how many hypotheses were wanted."""

    text: str
    hypotheses: int


class Recorder(DelegatingEngine):
    """An engine that passes everything on; ``asked`` holds the inputs and ``seconds`` the time they took together."""

    def __init__(self, inner: Engine) -> None:
        super().__init__(inner)
        self.asked: list[Asked] = []
        self.seconds = 0.0

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        start = time.perf_counter()
        answers = super().generate(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)
        self.seconds += time.perf_counter() - start
        self.asked += [Asked(text, hypotheses) for text in texts if text.strip()]
        return answers

    def save(self, path: Path) -> None:
        """Write what was asked so far, for ``load``."""
        path.write_text(json.dumps(self.asked, ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> list[Asked]:
    """Read what ``Recorder.save`` wrote."""
    return [Asked(*each) for each in json.loads(path.read_text(encoding="utf-8"))]
