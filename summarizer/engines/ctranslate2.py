"""CTranslate2: int8 on the CPU. Decoder-only models (``Generator``) and encoder-decoders (``Translator``).

A model directory holds CTranslate2's own files (``model.bin``, ``config.json``, vocabulary) and a
``tokenizer.json`` for the ``tokenizers`` library. How a sentence is fed (tokens before and after it, forced
first target tokens) is data in ``models.yaml``.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from summarizer.engines import Hypothesis, check_hypotheses, check_lengths, plan_batches
from summarizer.errors import MissingModelError, ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from summarizer.engines import LatinNames, Locate
    from summarizer.models import ModelSpec
    from summarizer.schema import ModelInfo

logger = logging.getLogger(__name__)

TOKENIZER_FILE: Final = "tokenizer.json"


class CTranslate2Engine:
    """Runs one CTranslate2 model; ``spec.feed.form`` says of which of the two kinds."""

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        self.info: ModelInfo = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self._spec = spec
        self._locate = locate
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, Any] | None = None

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens that are fed for ``text``."""
        return len(self._encode(self._load()[0], text))

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``Engine.generate``. ``hypotheses`` above the model's beam widens the beam to it."""
        check_hypotheses(hypotheses, max_new_tokens)
        answers: list[list[Hypothesis]] = [[Hypothesis(text="")] for _ in texts]
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        if not wanted:
            return answers
        tokenizer, model = self._load()
        inputs = [self._encode(tokenizer, texts[index]) for index in wanted]
        lengths = [len(tokens) for tokens in inputs]
        asked = [texts[index] for index in wanted]
        check_lengths(lengths, asked, limit=self.input_limit, model=self.info.id)
        beam = max(self._spec.generation.beam, hypotheses)
        budget = max(1, self._spec.generation.batch_tokens // beam)
        for batch in plan_batches(lengths, asked, budget=budget):
            results = self._run(model, [inputs[i] for i in batch], beam, hypotheses, max_new_tokens)
            for i, result in zip(batch, results, strict=True):
                answers[wanted[i]] = self._read(tokenizer, result)
        return answers

    # --- one batch ------------------------------------------------------------------------------

    def _encode(self, tokenizer: Tokenizer, text: str) -> list[str]:
        feed = self._spec.feed
        encoded = tokenizer.encode(feed.text_prefix + text, add_special_tokens=feed.special_tokens)
        return [*feed.before, *encoded.tokens, *feed.after]

    def _run(
        self, model: Any, batch: list[list[str]], beam: int, hypotheses: int, max_new_tokens: int | None
    ) -> list[Any]:
        """Return one result of CTranslate2 an input. All inputs of a batch share one length limit."""
        feed, generation = self._spec.feed, self._spec.generation
        limit = generation.length_limit(max(len(tokens) for tokens in batch), max_new_tokens)
        options: dict[str, Any] = {
            "beam_size": beam,
            "num_hypotheses": hypotheses,
            "length_penalty": generation.length_penalty,
            "repetition_penalty": generation.repetition_penalty,
            "no_repeat_ngram_size": generation.no_repeat_ngram_size,
            "return_scores": True,
            "return_end_token": True,  # the only sign that the model ended by itself
        }
        if feed.end_token is not None:
            options["end_token"] = feed.end_token
        try:
            if feed.form == "decoder":
                results = model.generate_batch(
                    batch, max_length=limit, include_prompt_in_result=False, **options
                )
            else:
                prefix = [list(feed.target_prefix)] * len(batch) if feed.target_prefix else None
                results = model.translate_batch(
                    batch,
                    target_prefix=prefix,
                    max_decoding_length=limit,
                    max_input_length=0,  # nothing is cut in silence: `check_lengths` has seen to it
                    **options,
                )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.info.id}: the model failed to run: {_one_line(error)}") from error
        return list(results)

    def _read(self, tokenizer: Tokenizer, result: Any) -> list[Hypothesis]:
        """Return the hypotheses of one input, best first, each text once."""
        sequences = result.sequences if self._spec.feed.form == "decoder" else result.hypotheses
        hypotheses: dict[str, Hypothesis] = {}
        for tokens, score in zip(sequences, result.scores, strict=True):
            finished = bool(tokens) and tokens[-1] == self._end_token(tokenizer)
            ids = [tokenizer.token_to_id(token) for token in tokens[len(self._spec.feed.target_prefix) :]]
            text = tokenizer.decode([i for i in ids if i is not None], skip_special_tokens=True).strip()
            hypotheses.setdefault(text, Hypothesis(text=text, score=float(score), finished=finished))
        return list(hypotheses.values())

    def _end_token(self, tokenizer: Tokenizer) -> str:
        """Return the token that ends a sequence: the model's own, or the usual name that it has."""
        if self._spec.feed.end_token is not None:
            return self._spec.feed.end_token
        return next(token for token in ("</s>", "<eos>", "") if not token or tokenizer.token_to_id(token))

    # --- loading --------------------------------------------------------------------------------

    def _load(self) -> tuple[Tokenizer, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open(self._locate())
            return self._loaded

    def _open(self, directory: Path) -> tuple[Tokenizer, Any]:
        try:
            import ctranslate2
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingModelError(
                f"{self.info.id} needs ctranslate2 and tokenizers: pip install mujaz"
            ) from error
        for name in ("model.bin", "config.json", TOKENIZER_FILE):
            if not (directory / name).is_file():
                raise MissingModelError(f"{self.info.id}: {directory} has no {name}; {self._spec.remedy}")
        kind = ctranslate2.Generator if self._spec.feed.form == "decoder" else ctranslate2.Translator
        try:
            tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
            model = kind(
                str(directory),
                device="cpu",
                compute_type=self._spec.compute_type,
                inter_threads=1,
                intra_threads=threads(),
            )
        except Exception as error:  # `tokenizers` raises the bare Exception class
            if not isinstance(error, (RuntimeError, ValueError, OSError)) and type(error) is not Exception:
                raise
            raise ModelError(f"{self.info.id}: {directory} cannot be loaded: {_one_line(error)}") from error
        logger.info("%s loaded from %s, %d threads", self.info.id, directory, threads())
        return tokenizer, model


def threads() -> int:
    """Return how many threads a model uses: ``MUJAZ_THREADS``, or the physical cores this process may use.

    Hyper-threads share one multiplier, so counting them makes int8 kernels slower, not faster.
    """
    asked = os.environ.get("MUJAZ_THREADS", "")
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise ModelError(f"MUJAZ_THREADS must be a whole number of 1 or more, not {asked!r}")
        return int(asked)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, physical_cores() or usable))


def physical_cores(cpuinfo: Path = Path("/proc/cpuinfo")) -> int | None:
    """Return the number of distinct (socket, core) pairs that Linux lists, None where it lists none."""
    try:
        blocks = cpuinfo.read_text(encoding="utf-8", errors="replace").split("\n\n")
    except OSError:
        return None
    cores: set[tuple[str, str]] = set()
    for block in blocks:
        fields = {
            key.strip(): value.strip() for key, _, value in (row.partition(":") for row in block.split("\n"))
        }
        if "core id" in fields:
            cores.add((fields.get("physical id", "0"), fields["core id"]))
    return len(cores) or None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
