"""The engine that writes nothing: it returns the sentences it is given, as they are.

It is the summarizer of profile ``embedded``: the summary then consists of source sentences, word for word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from summarizer.engines import Hypothesis, check_hypotheses

if TYPE_CHECKING:
    from summarizer.engines import LatinNames, Locate
    from summarizer.models import ModelSpec
    from summarizer.schema import ModelInfo


class ExtractiveEngine:
    """Gives each text back as its own one hypothesis."""

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        del locate  # there are no files
        self.info: ModelInfo = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names

    def count_tokens(self, text: str) -> int:
        """Return the number of white-space separated words."""
        return len(text.split())

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """Return ``[[text], ...]``: exactly one finished hypothesis a text, whatever was asked for."""
        check_hypotheses(hypotheses, max_new_tokens)
        return [[Hypothesis(text=text)] for text in texts]
