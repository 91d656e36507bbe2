"""Engines: what runs a model. One file an engine, one method that takes a batch.

An engine turns texts into hypotheses and knows nothing of sentences, terms or checks. Every engine here

* loads its weights at the first ``generate`` or ``count_tokens``, not when it is made, and once, whatever the
  number of threads that ask; all loaded models share one budget of memory (``memory``);
* may be called from several threads;
* is deterministic: greedy or beam search, never sampling (but for the later hypotheses of a server's model). The
  batches depend only on the *set* of texts, never on their order;
* never cuts an input: one longer than ``input_limit`` is a ``ModelError``;
* uses no network, with one exception: ``openai`` sends texts to the server that its model names, and it runs only
  when a profile or a user asks for that model.

``ENGINES`` maps names to ``module:Class``; a class is imported when a model of that engine is first asked for,
so that a light install never imports torch.
"""

from __future__ import annotations

import importlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast, runtime_checkable

from summarizer.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from summarizer.models import ModelSpec
    from summarizer.models.specs import EstimationSpec
    from summarizer.schema import ModelInfo

#: Engine name -> "module:Class". The class is called as ``Class(spec, locate)``.
ENGINES: Final[dict[str, str]] = {
    "ctranslate2": "summarizer.engines.ctranslate2:CTranslate2Engine",
    "extractive": "summarizer.engines.extractive:ExtractiveEngine",
    "openai": "summarizer.engines.openai:OpenAIEngine",
    "transformers": "summarizer.engines.transformers:TransformersEngine",
}

#: Whether names are best fed in Latin letters: at once, when the Arabic form failed, or not at all.
LatinNames = Literal["first", "retry", "never"]

#: Finds a model's files when they are first needed; raises MissingModelError or ModelError.
Locate = Callable[[], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One answer of a model.

    ``score`` is the mean log-probability of its tokens (<= 0, higher is better; 0.0 where an engine has none):
    comparable between hypotheses of one input, not between inputs. ``finished`` is False where the model was
    stopped by the length limit before it ended the sentence itself. ``fault`` says why there is no text, where an
    engine gave up on one input and not on the whole (a server that refused it, an answer of the wrong form).
    """

    text: str
    score: float = 0.0
    finished: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A word of a translation and the word of its source that it renders; ``(start, end)`` in code points."""

    source: tuple[int, int]
    target: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSentence:
    """A sentence that a model wrote, and the places (from 0) of the given sentences that it says it rests on."""

    text: str
    cited: tuple[int, ...]


@runtime_checkable
class Engine(Protocol):
    """What the rest of Mujaz may ask of a model."""

    @property
    def info(self) -> ModelInfo:
        """Id, engine and licence: what a brief says of the model."""
        ...

    @property
    def input_limit(self) -> int:
        """The most tokens an input may have, counted by ``count_tokens``."""
        ...

    @property
    def word_limit(self) -> int | None:
        """The most words the model handles *well* (None: as many as fit), from ``models.yaml``."""
        ...

    @property
    def latin_names(self) -> LatinNames:
        """When names go into the input in Latin letters, from ``models.yaml``."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` makes, with those that the feed form adds."""
        ...

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """Return up to ``hypotheses`` answers a text, best first, at least one each, in the order of ``texts``.

        ``max_new_tokens`` lowers the length limit that the registry gives (tokens). An empty or blank text
        gives one empty hypothesis. Raises ``MissingModelError`` where weights or an extra are not there, and
        ``ModelError`` on a text over ``input_limit`` or a model that fails.
        """
        ...


@runtime_checkable
class BatchingEngine(Engine, Protocol):
    """An engine that makes batches of its inputs, for callers that have made them already (``plan_batches``)."""

    def generate_batch(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """Return what ``generate`` would, of ``texts`` in one batch. Raises as it does."""
        ...


@runtime_checkable
class AligningEngine(Engine, Protocol):
    """An engine that can tell which words of a translation render which of its source, and go on from given words."""

    @property
    def aligns(self) -> bool:
        """Whether its model can: an encoder-decoder can, a decoder cannot."""
        ...

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
        """Return the links of each pair of texts, in the order of the target's words.

        Raises ``ModelError`` where the model has no such knowledge, or on a source over ``input_limit``.
        """
        ...

    def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
        """Return the best translation of each source among those that begin with the given text.

        Words that are asked for can so be forced: the model is led past them, and goes on by itself. Letters that its
        vocabulary lacks are lost from a beginning. Raises as ``align`` does.
        """
        ...


@runtime_checkable
class CitingEngine(Engine, Protocol):
    """An engine whose model is given numbered sentences and cites them."""

    def write_cited(
        self, packs: Sequence[Sequence[str]], *, hypotheses: int = 1
    ) -> list[list[list[CitedSentence]]]:
        """Return for each pack of sentences up to ``hypotheses`` summaries, best first.

        A pack has none where no answer came in the form that was asked for.
        """
        ...


@runtime_checkable
class RankedEngine(Engine, Protocol):
    """An engine whose model is too weak to rank its own answers: how much of the Arabic each covers counts as well."""

    @property
    def coverage_weight(self) -> float:
        """What a coverage of 1 is worth beside the score, a mean log-probability; 0: the model's order stands."""
        ...


#: Behind an input of a ``GlossedEngine``: feed it as it is, without glosses. No text has it, ``model_input`` drops it.
UNGLOSSED: Final = "\u2063"


@runtime_checkable
class GlossedEngine(Engine, Protocol):
    """An engine that may add a dictionary's glosses to its inputs, and leaves them out where ``UNGLOSSED`` ends one."""

    @property
    def glosses(self) -> bool:
        """Whether it does."""
        ...


@runtime_checkable
class EstimatedEngine(Engine, Protocol):
    """An engine of whose model it may be known which of its answers are doubtful."""

    @property
    def estimation(self) -> EstimationSpec | None:
        """What ``summarizer.estimation`` needs; None: nothing is known."""
        ...


@runtime_checkable
class FusingEngine(Engine, Protocol):
    """An engine whose model may be one that makes one sentence of several, given a line each."""

    @property
    def fuses(self) -> bool:
        """Whether it is asked so (``summarizer.fuse``)."""
        ...


def create_engine(spec: ModelSpec, locate: Locate) -> Engine:
    """Return the engine of ``spec``, not loaded yet. Raises ``ConfigError`` on an unknown engine name."""
    if spec.engine not in ENGINES:
        raise ConfigError(f"unknown engine {spec.engine!r}; there are: {', '.join(ENGINES)}")
    module, _, name = ENGINES[spec.engine].partition(":")
    factory = cast(Callable[["ModelSpec", Locate], Engine], getattr(importlib.import_module(module), name))
    return factory(spec, locate)


def generate_batch(
    engine: Engine, texts: Sequence[str], *, hypotheses: int, max_new_tokens: int | None
) -> list[list[Hypothesis]]:
    """Ask ``engine`` the texts of one batch of ``plan_batches``, which it does not cut again where it makes batches."""
    ask = engine.generate_batch if isinstance(engine, BatchingEngine) else engine.generate
    return ask(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)


def plan_batches(lengths: Sequence[int], texts: Sequence[str], *, budget: int) -> list[list[int]]:
    """Return indices in batches: shortest first, ``len(batch) * longest <= budget`` (tokens), even in number and in size.

    A text longer than the budget stands alone. Two batches run side by side on a laptop, so what would be one is two, and the
    largest (``len(batch) * longest``) is as small as that number of batches allows. Ties are broken by the text itself, so the
    same set of texts makes the same batches in whatever order it comes: batch-mates move the last bits of an int8 model's
    arithmetic, and with them now and then a word.
    """
    order = sorted(range(len(texts)), key=lambda i: (lengths[i], texts[i]))

    def cut(size: int) -> list[list[int]]:  # the fewest batches of that size
        batches: list[list[int]] = []
        for index in order:
            if batches and (len(batches[-1]) + 1) * lengths[index] <= size:
                batches[-1].append(index)
            else:
                batches.append([index])
        return batches

    fewest = len(cut(budget))
    sizes = range(1, budget + 1)
    smallest = bisect_left(sizes, -(fewest + fewest % 2), key=lambda size: -len(cut(size)))
    batches = cut(sizes[smallest])
    if len(batches) % 2:
        largest = max(batches, key=lambda batch: (len(batch) > 1) * len(batch) * lengths[batch[-1]])
        at, half = batches.index(largest), len(largest) // 2
        batches[at : at + 1] = [part for part in (largest[:half], largest[half:]) if part]
    return batches


def check_lengths(lengths: Iterable[int], texts: Sequence[str], *, limit: int, model: str) -> None:
    """Refuse texts that the model would have to cut. Raises ``ModelError`` that shows the first one."""
    for length, text in zip(lengths, texts, strict=True):
        if length > limit:
            raise ModelError(f"{model}: {length} tokens, {limit} are read; split the text: {text[:40]!r}...")


def check_hypotheses(hypotheses: int, max_new_tokens: int | None) -> None:
    """Refuse senseless counts. Raises ``ModelError``."""
    if hypotheses < 1 or (max_new_tokens is not None and max_new_tokens < 1):
        raise ModelError(f"hypotheses ({hypotheses}) and max_new_tokens ({max_new_tokens}) must be 1 or more")
