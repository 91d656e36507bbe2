"""Fakes that answer exactly what they are told, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from summarizer.engines import Engine, Hypothesis, LatinNames
from summarizer.models import Registry
from summarizer.schema import Check, CheckKind, ModelInfo

Answer = str | Hypothesis | Sequence["str | Hypothesis"]


class FakeEngine:
    """An engine whose answers are given: a mapping from input to answer(s), or a function.

    An input that the mapping lacks is a ``KeyError``, so that a test notices a changed input. Tokens are words.
    ``calls`` holds one ``(inputs, hypotheses)`` for each call of ``generate``.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer] | Callable[[str], Answer],
        *,
        input_limit: int = 1000,
        word_limit: int | None = None,
        latin_names: LatinNames = "retry",
    ) -> None:
        self.info = ModelInfo(id="fake", engine="fake", licence="none")
        self.input_limit = input_limit
        self.word_limit = word_limit
        self.latin_names: LatinNames = latin_names
        self.calls: list[tuple[tuple[str, ...], int]] = []
        self._answer = answers if callable(answers) else answers.__getitem__

    @property
    def asked(self) -> list[str]:
        """Every input so far, in order."""
        return [text for texts, _ in self.calls for text in texts]

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        self.calls.append((tuple(texts), hypotheses))
        return [self._hypotheses(self._answer(text))[:hypotheses] for text in texts]

    @staticmethod
    def _hypotheses(answer: Answer) -> list[Hypothesis]:
        if isinstance(answer, (str, Hypothesis)):
            answer = [answer]
        return [
            each if isinstance(each, Hypothesis) else Hypothesis(text=each, score=-float(rank))
            for rank, each in enumerate(answer, 1)
        ]


class FakeTerms:
    """Terms that know ``names`` (Arabic -> English) and mend ``mistakes`` (wrong English -> right English)."""

    def __init__(
        self, names: Mapping[str, str] | None = None, mistakes: Mapping[str, str] | None = None
    ) -> None:
        self._names = dict(names or {})
        self._mistakes = dict(mistakes or {})

    def hint(self, arabic: str, *, vocabulary: bool = False) -> str:
        for name, english in self._names.items():
            arabic = arabic.replace(name, english)
        return arabic

    def enforce(self, english: str, arabic: str) -> tuple[str, tuple[str, ...]]:
        corrections = []
        for wrong, right in self._mistakes.items():
            if wrong in english:
                english = english.replace(wrong, right)
                corrections.append(f"{wrong} -> {right}")
        return english, tuple(corrections)


def forbid(*words: str, kind: CheckKind = "name") -> Callable[[str, str, object], tuple[Check, ...]]:
    """Return a check that fails where the English holds one of ``words``, and passes otherwise."""

    def check(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        found = [word for word in words if word in english]
        return (Check(kind=kind, on="en", verdict="fail" if found else "pass", detail=" ".join(found)),)

    return check


def require(*words: str, kind: CheckKind = "name") -> Callable[[str, str, object], tuple[Check, ...]]:
    """Return a check with one verdict a word: ``fail`` where the English lacks it."""

    def check(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        return tuple(
            Check(kind=kind, on="en", verdict="pass" if word in english else "fail", detail=word)
            for word in words
        )

    return check


class OneTranslator(Registry):
    """The shipped registry with one engine in place of the embedded translator."""

    def __init__(self, translator: Engine) -> None:
        shipped = Registry.load()
        super().__init__(
            models=shipped.models, profiles=shipped.profiles, default_profile=shipped.default_profile
        )
        self._engines[self.task_model("translation").id] = translator
