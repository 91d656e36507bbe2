"""A slow system that notes every item it has finished, for tests that kill it. Not a test itself."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.items import Item
from eval.systems import BaseSystem, Request


class Slow(BaseSystem):
    """Answers with the source backwards; seconds an item from ``SLOW_SECONDS``, a line an item to ``SLOW_LOG``."""

    def __init__(self, request: Request) -> None:
        super().__init__(request, settings={"system": "slow", "options": dict(request.options)}, batch_size=2)

    def load(self) -> None:
        self._note("load")

    def answer(self, items: Sequence[Item]) -> list[Any]:
        time.sleep(len(items) * float(os.environ.get("SLOW_SECONDS", "0")))
        for item in items:
            self._note(item.id)
        return [item.text[::-1] for item in items]

    @staticmethod
    def _note(line: str) -> None:
        if path := os.environ.get("SLOW_LOG"):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def make_nothing(request: Request) -> None:
    """Make no system at all."""
