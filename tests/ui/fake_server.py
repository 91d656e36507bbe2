"""``python -m tests.ui.fake_server OPTIONS``: ``mujaz serve`` with a translator that needs no weights.

Everything else is the real thing. ``OPTIONS`` is JSON: ``seconds`` is how long each call of the translator takes (time
to cancel, or to kill the server), ``open`` lets this machine stand for the Internet, so that a test can serve a feed;
the rest are fields of ``ui.serve.Settings``.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from summarizer.engines import Hypothesis
from summarizer.fetch import Fetcher
from tests.fakes import FakeEngine, OneTranslator
from ui.serve import Settings, serve_forever


class SlowEngine(FakeEngine):
    """Writes an English sentence that keeps the numbers of its Arabic, after a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__(self._translate)
        self._seconds = seconds

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        time.sleep(self._seconds)
        return super().generate(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)

    @staticmethod
    def _translate(text: str) -> Sequence[str]:
        numbers = " and ".join(re.findall(r"[0-9]+", text))
        words = f"The English of these {len(text.split())} words{' with ' + numbers if numbers else ''}."
        return [words, words.replace("The English", "Another English")]


def main(*, seconds: float = 0.0, open: bool = False, **settings: Any) -> None:
    state = Path(settings.pop("state"))
    fetcher = Fetcher(allow_private=True) if open else None
    serve_forever(
        Settings(
            state=state, votes=state.parent / "votes.jsonl", results=state.parent / "results", **settings
        ),
        announce=lambda line: print(line, flush=True),
        registry=OneTranslator(SlowEngine(seconds)),
        fetcher=fetcher,
    )


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
