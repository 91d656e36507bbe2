"""transformers + torch: the reference engine, for models of the hub. Needs the ``hub`` extra.

``AutoModelForSeq2SeqLM`` or ``AutoModelForCausalLM`` (left-padded) and ``generate``; float32 on the CPU. Files
are read from this machine only: ``mujaz models fetch`` brings them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summarizer.engines import Hypothesis, check_hypotheses, check_lengths, plan_batches
from summarizer.errors import MissingModelError, ModelError

if TYPE_CHECKING:
    from summarizer.engines import LatinNames, Locate
    from summarizer.models import ModelSpec
    from summarizer.schema import ModelInfo

logger = logging.getLogger(__name__)


class TransformersEngine:
    """Runs one transformers checkpoint."""

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        self.info: ModelInfo = spec.info
        self.input_limit: int = spec.input_limit
        self.word_limit: int | None = spec.word_limit
        self.latin_names: LatinNames = spec.latin_names
        self._spec = spec
        self._locate = locate
        self._lock = threading.RLock()  # tokenizers and models of transformers keep state while they run
        self._loaded: tuple[Any, Any] | None = None

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens that are fed for ``text``."""
        with self._lock:
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
        with self._lock:
            tokenizer, model = self._load()
            inputs = [self._encode(tokenizer, texts[index]) for index in wanted]
            lengths = [len(ids) for ids in inputs]
            asked = [texts[index] for index in wanted]
            check_lengths(lengths, asked, limit=self.input_limit, model=self.info.id)
            beam = max(self._spec.generation.beam, hypotheses)
            budget = max(1, self._spec.generation.batch_tokens // beam)
            for batch in plan_batches(lengths, asked, budget=budget):
                found = self._run(
                    tokenizer, model, [inputs[i] for i in batch], beam, hypotheses, max_new_tokens
                )
                for i, each in zip(batch, found, strict=True):
                    answers[wanted[i]] = each
        return answers

    # --- one batch ------------------------------------------------------------------------------

    def _encode(self, tokenizer: Any, text: str) -> list[int]:
        feed = self._spec.feed
        ids = tokenizer(feed.text_prefix + text, add_special_tokens=feed.special_tokens, verbose=False)
        before, after = (tokenizer.convert_tokens_to_ids(list(each)) for each in (feed.before, feed.after))
        return [*before, *ids["input_ids"], *after]

    def _run(
        self,
        tokenizer: Any,
        model: Any,
        batch: list[list[int]],
        beam: int,
        hypotheses: int,
        max_new_tokens: int | None,
    ) -> list[list[Hypothesis]]:
        """Return the hypotheses of each input. All inputs of a batch share one length limit."""
        import torch

        feed, generation = self._spec.feed, self._spec.generation
        longest = max(len(ids) for ids in batch)
        decoder = feed.form == "decoder"
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else model.config.eos_token_id
        rows, masks = [], []  # (batch, longest) each
        for ids in batch:
            gap = longest - len(ids)
            rows.append([pad] * gap + ids if decoder else ids + [pad] * gap)
            masks.append([0] * gap + [1] * len(ids) if decoder else [1] * len(ids) + [0] * gap)
        options: dict[str, Any] = {}
        if feed.end_token is not None:
            options["eos_token_id"] = tokenizer.convert_tokens_to_ids(feed.end_token)
        if feed.target_prefix:
            options["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(feed.target_prefix[0])
        try:
            with torch.inference_mode():
                result = model.generate(
                    input_ids=torch.tensor(rows),
                    attention_mask=torch.tensor(masks),
                    do_sample=False,
                    num_beams=beam,
                    num_return_sequences=hypotheses,
                    max_new_tokens=generation.length_limit(longest, max_new_tokens),
                    max_length=None,
                    min_length=0,
                    length_penalty=generation.length_penalty,
                    repetition_penalty=generation.repetition_penalty,
                    no_repeat_ngram_size=generation.no_repeat_ngram_size,
                    pad_token_id=pad,
                    return_dict_in_generate=True,
                    output_scores=True,
                    **options,
                )
                # (batch * hypotheses,): mean log-probability of a sequence's tokens
                scores = self._scores(model, result, beam)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(f"{self.info.id}: the model failed to run: {_one_line(error)}") from error
        skip = longest if decoder else 1  # the prompt, or the token that starts the decoder
        sequences = [ids[skip:] for ids in result.sequences.tolist()]
        ends = _end_ids(options.get("eos_token_id", model.generation_config.eos_token_id))
        found: list[list[Hypothesis]] = []
        for start in range(0, len(sequences), hypotheses):
            unique: dict[str, Hypothesis] = {}
            for ids, score in zip(
                sequences[start : start + hypotheses], scores[start : start + hypotheses], strict=True
            ):
                text = tokenizer.decode(ids, skip_special_tokens=True).strip()
                finished = any(each in ends for each in ids)
                unique.setdefault(text, Hypothesis(text=text, score=score, finished=finished))
            found.append(list(unique.values()))
        return found

    @staticmethod
    def _scores(model: Any, result: Any, beam: int) -> list[float]:
        if beam > 1:
            return [float(each) for each in result.sequences_scores]
        # (batch, new tokens), -inf or 0 after the end
        steps = model.compute_transition_scores(result.sequences, result.scores, normalize_logits=True)
        means: list[float] = []
        for row in steps.tolist():
            real = [each for each in row if -1e9 < each < 0]
            means.append(sum(real) / len(real) if real else 0.0)
        return means

    # --- loading --------------------------------------------------------------------------------

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[Any, Any]:
        try:
            import torch  # noqa: F401
            from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
        except ImportError as error:
            raise MissingModelError(
                f"{self.info.id} needs torch and transformers: pip install 'mujaz[hub]'"
            ) from error
        directory: Path = self._locate()
        kind = AutoModelForCausalLM if self._spec.feed.form == "decoder" else AutoModelForSeq2SeqLM
        try:
            tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
            model = kind.from_pretrained(directory, local_files_only=True).eval()
        except OSError as error:  # transformers' word for "there is no such file"
            raise MissingModelError(
                f"{self.info.id}: {directory} is not whole ({_one_line(error)}); {self._spec.remedy}"
            ) from error
        except (ValueError, RuntimeError, KeyError, ImportError) as error:
            raise ModelError(f"{self.info.id}: {directory} cannot be loaded: {_one_line(error)}") from error
        logger.info("%s loaded from %s", self.info.id, directory)
        return tokenizer, model


def _end_ids(ids: int | list[int] | None) -> frozenset[int]:
    return frozenset([ids] if isinstance(ids, int) else ids or ())


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
