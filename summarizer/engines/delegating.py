"""The base of engines that stand around another one: what they do not change passes through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from summarizer.engines import (
    Engine,
    EstimatedEngine,
    FusingEngine,
    GlossedEngine,
    Hypothesis,
    LatinNames,
    RankedEngine,
)

if TYPE_CHECKING:
    from summarizer.models.specs import EstimationSpec
    from summarizer.schema import ModelInfo


class DelegatingEngine:
    """``Engine`` that passes every question on to ``inner``; a subclass changes what it is for."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    @property
    def input_limit(self) -> int:
        return self._inner.input_limit

    @property
    def word_limit(self) -> int | None:
        return self._inner.word_limit

    @property
    def latin_names(self) -> LatinNames:
        return self._inner.latin_names

    @property
    def coverage_weight(self) -> float:
        return self._inner.coverage_weight if isinstance(self._inner, RankedEngine) else 0.0

    @property
    def estimation(self) -> EstimationSpec | None:
        return self._inner.estimation if isinstance(self._inner, EstimatedEngine) else None

    @property
    def glosses(self) -> bool:
        return isinstance(self._inner, GlossedEngine) and self._inner.glosses

    @property
    def fuses(self) -> bool:
        return isinstance(self._inner, FusingEngine) and self._inner.fuses

    def count_tokens(self, text: str) -> int:
        """See ``Engine.count_tokens``."""
        return self._inner.count_tokens(text)

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``Engine.generate``."""
        return self._inner.generate(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)
