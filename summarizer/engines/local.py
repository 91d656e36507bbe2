"""What the engines that run a model on this machine share: loading once, batches, limits, order.

A subclass says how a directory is opened, how a text becomes tokens, and how one batch is run.
"""

from __future__ import annotations

import logging
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from summarizer.engines import Hypothesis, check_hypotheses, check_lengths, plan_batches
from summarizer.engines.memory import MEMORY, weight_bytes
from summarizer.engines.sidebyside import Room, from_both_ends, side_by_side

if TYPE_CHECKING:
    from summarizer.engines import LatinNames, Locate
    from summarizer.models import ModelSpec
    from summarizer.models.specs import EstimationSpec
    from summarizer.schema import ModelInfo

logger = logging.getLogger(__name__)

#: What a loaded model is to its engine.
LoadedT = TypeVar("LoadedT")
#: One input token: CTranslate2 takes strings, transformers takes ids.
TokenT = TypeVar("TokenT", str, int)


class LocalEngine(ABC, Generic[LoadedT, TokenT]):
    """An engine whose model is loaded into this process."""

    #: How many batches run at the same time. More than one needs a model that threads may share.
    workers: int = 1

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        self.info: ModelInfo = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self.fuses: bool = spec.fuses
        self.glosses: bool = spec.feed.gloss_marks is not None
        self.coverage_weight: float = spec.coverage_weight
        self.estimation: EstimationSpec | None = spec.estimation
        self._spec = spec
        self._locate = locate
        self._lock = threading.Lock()  # of the two fields below
        self._loaded: LoadedT | None = None
        self._users = 0
        self._room = Room()  # for tokens

    def batches_at_once(self) -> int:
        """Return how many batches run at the same time once the model is loaded; loads nothing."""
        return self.workers

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens that are fed for ``text``."""
        with self._using() as loaded:
            return len(self._encode(loaded, text))

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``Engine.generate``. ``hypotheses`` above the model's beam widens the beam to it."""
        return self._generate(texts, hypotheses, max_new_tokens, planned=False)

    def generate_batch(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``BatchingEngine.generate_batch``."""
        return self._generate(texts, hypotheses, max_new_tokens, planned=True)

    def _generate(
        self, texts: Sequence[str], hypotheses: int, max_new_tokens: int | None, *, planned: bool
    ) -> list[list[Hypothesis]]:
        """Answer in batches; ``planned``: the texts are one."""
        check_hypotheses(hypotheses, max_new_tokens)
        answers: list[list[Hypothesis]] = [[Hypothesis(text="")] for _ in texts]
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        if not wanted:
            return answers
        generation = self._spec.generation
        with self._using() as loaded:
            inputs = [self._encode(loaded, texts[index]) for index in wanted]
            lengths = [len(tokens) for tokens in inputs]
            asked = [texts[index] for index in wanted]
            check_lengths(lengths, asked, limit=self.input_limit, model=self.info.id)
            beam = max(generation.beam, hypotheses)
            budget = max(1, generation.batch_tokens // beam)
            batches = [list(range(len(asked)))] if planned else plan_batches(lengths, asked, budget=budget)

            def run(batch: list[int]) -> list[list[Hypothesis]]:
                # All inputs of a batch share one length limit.
                longest = max(lengths[i] for i in batch)
                told = max(self._told(inputs[i]) for i in batch)
                limit = generation.length_limit(told, max_new_tokens)
                with self._at_work(beam * len(batch) * longest):
                    return self._run(
                        loaded, [inputs[i] for i in batch], beam=beam, hypotheses=hypotheses, limit=limit
                    )

            # Which texts share a batch does not depend on the number of workers.
            for batch, found in side_by_side(run, from_both_ends(batches), workers=self.workers):
                for i, each in zip(batch, found, strict=True):
                    answers[wanted[i]] = each
        return answers

    def unload(self) -> bool:
        """Free the weights and return True; return False while they are in use or being loaded."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._users:
                return False
            self._loaded = None
        finally:
            self._lock.release()
        MEMORY.forget(self)
        return True

    def _at_work(self, tokens: int) -> AbstractContextManager[None]:
        """Wait until a batch of so many tokens (padded input x beam) may run, and hold its room.

        Each worker has room for a full batch, and for a text with as many glosses as it may have. What is longer, or
        searched wider, is beyond that: memory would grow with each such text at work, whoever asked for it.
        """
        generation, feed = self._spec.generation, self._spec.feed
        share = max(generation.batch_tokens, generation.beam * (feed.gloss_limit or 0))
        return self._room.taken(tokens, of=self.workers * share)

    @contextmanager
    def _using(self) -> Iterator[LoadedT]:
        """Yield the loaded model, which stays in memory meanwhile."""
        with self._lock:
            if self._loaded is None:
                directory = self._locate()
                MEMORY.make_room(self, weight_bytes(directory))
                try:
                    self._loaded = self._open(directory)
                except BaseException:
                    MEMORY.forget(self)
                    raise
            loaded = self._loaded
            self._users += 1
        MEMORY.touch(self)
        try:
            yield loaded
        finally:
            with self._lock:
                self._users -= 1

    @abstractmethod
    def _open(self, directory: Path) -> LoadedT:
        """Load the model of ``directory``. Raises ``MissingModelError`` or ``ModelError``."""

    @abstractmethod
    def _encode(self, loaded: LoadedT, text: str) -> list[TokenT]:
        """Return the tokens that are fed for ``text``, those of the feed form with them."""

    def _told(self, tokens: list[TokenT]) -> int:
        """Return how many tokens of an input there are to answer to: what the length of the answer is limited by."""
        return len(tokens)

    @abstractmethod
    def _run(
        self, loaded: LoadedT, batch: list[list[TokenT]], *, beam: int, hypotheses: int, limit: int
    ) -> list[list[Hypothesis]]:
        """Return the hypotheses of each input, best first, each text once; ``limit`` new tokens at most.

        Raises ``ModelError`` where the model fails.
        """


#: A byte that a tokenizer of SentencePiece writes where it has no piece.
_BYTE: Final = re.compile("<0x([0-9A-F]{2})>")
#: The first bytes of a letter in UTF-8, from Greek to N'Ko.
_FOREIGN_BYTES: Final = range(0xCE, 0xE0)


def foreign_tokens(vocabulary: Iterable[str]) -> list[str]:
    """Return the tokens with a letter outside the Latin script, sorted; bytes that begin one are among them."""
    return sorted(
        token
        for token in vocabulary
        if any(letter.isalpha() and not _is_latin(letter) for letter in token)
        or ((byte := _BYTE.fullmatch(token)) is not None and int(byte[1], 16) in _FOREIGN_BYTES)
    )


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00" or "\ufb00" <= letter < "\ufb07"


def error_line(error: BaseException, *, most: int = 300) -> str:
    """Return the message of an error on one line, at most ``most`` characters of it."""
    return " ".join(str(error).split())[:most]
