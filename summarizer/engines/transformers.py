"""transformers + torch: the reference engine, for models of the hub. Needs the ``hub`` extra.

``AutoModelForSeq2SeqLM`` or ``AutoModelForCausalLM`` (left-padded) and ``generate``; on a GPU in half precision, on
the CPU in bfloat16 where it computes in that, else in float32. Files are read from this machine only: ``mujaz
models fetch`` brings them.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from summarizer.engines import Hypothesis, Link, check_lengths
from summarizer.engines.alignment import links_of
from summarizer.engines.local import LocalEngine, error_line, foreign_tokens
from summarizer.errors import MissingModelError, ModelError

if TYPE_CHECKING:
    from summarizer.engines import Locate
    from summarizer.models import ModelSpec

logger = logging.getLogger(__name__)

#: What Linux calls the instructions that compute in bfloat16. Measured on one core with the first of them, a layer of
#: 512 x 2048: 16 rows in 0.31 ms against 1.16 in float32, one row in 0.30 against 0.23.
_BFLOAT16_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16"})


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Any
    model: Any
    special: frozenset[int]  # tokens that are no text
    unwritten: list[int]  # tokens that are never written


class TransformersEngine(LocalEngine[_Loaded, int]):
    """Runs one transformers checkpoint."""

    def __init__(self, spec: ModelSpec, locate: Locate) -> None:
        super().__init__(spec, locate)
        self._running = threading.Lock()  # tokenizers and models of transformers keep state while they run

    @property
    def aligns(self) -> bool:
        """See ``AligningEngine.aligns``."""
        return self._spec.feed.form == "encoder-decoder"

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
        """See ``AligningEngine.align``: the cross-attention of the decoder's last layer, mean of its heads."""
        feed = self._spec.feed
        if not self.aligns:
            raise ModelError(f"{self.info.id} is a decoder: it has no attention between two texts")
        links: list[list[Link]] = []
        with self._using() as loaded:
            inputs = [self._encode(loaded, text) for text in sources]
            check_lengths([len(each) for each in inputs], sources, limit=self.input_limit, model=self.info.id)
            for source, target, ids in zip(sources, targets, inputs, strict=True):
                with self._running:
                    forced = self._target_ids(loaded, target)
                    attention = self._attention(loaded, ids, forced)  # (target tokens, source tokens)
                    words = [loaded.tokenizer.convert_ids_to_tokens(each) for each in (ids, forced)]
                before = len(feed.before)
                marks = set(loaded.tokenizer.convert_ids_to_tokens(sorted(loaded.special)))
                marks -= {loaded.tokenizer.unk_token}
                links.append(
                    links_of(
                        source,
                        target,
                        source_tokens=words[0][before:],
                        target_tokens=words[1],
                        attention=[row[before:] for row in attention],
                        marks=marks,
                        prefix=feed.text_prefix,
                    )
                )
        return links

    def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
        """See ``AligningEngine.complete``: one at a time, because ``generate`` takes no padded beginnings."""
        if not self.aligns:
            raise ModelError(f"{self.info.id} is a decoder: no translation of it is begun for it")
        generation = self._spec.generation
        answers: list[Hypothesis] = []
        with self._using() as loaded:
            inputs = [self._encode(loaded, text) for text in sources]
            check_lengths([len(each) for each in inputs], sources, limit=self.input_limit, model=self.info.id)
            for ids, beginning in zip(inputs, beginnings, strict=True):
                with self._running:
                    forced = self._target_ids(loaded, beginning)
                limit = generation.length_limit(len(ids))
                ((best,),) = self._run(
                    loaded, [ids], beam=generation.beam, hypotheses=1, limit=limit, forced=forced
                )
                answers.append(best)
        return answers

    @staticmethod
    def _target_ids(loaded: _Loaded, text: str) -> list[int]:
        # Marian cuts its two languages by different rules; M2M-100 would ask for a language first.
        side = "text_target" if hasattr(loaded.tokenizer, "spm_files") else "text"
        ids: list[int] = loaded.tokenizer(**{side: text}, add_special_tokens=False)["input_ids"]
        return ids

    def _attention(self, loaded: _Loaded, ids: list[int], forced: list[int]) -> list[list[float]]:
        """Return how much each forced target token attended to each input token when it was to be written."""
        import torch

        start = loaded.model.config.decoder_start_token_id
        prefix = loaded.tokenizer.convert_tokens_to_ids(list(self._spec.feed.target_prefix))
        decoder = [start, *prefix, *forced]
        model, where = loaded.model, loaded.model.device
        quick = model.config._attn_implementation
        try:
            model.set_attn_implementation("eager")  # the quick ones keep no weights
            with torch.inference_mode():
                result = model(
                    input_ids=torch.tensor([ids], device=where),
                    decoder_input_ids=torch.tensor([decoder], device=where),
                    output_attentions=True,
                )
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(f"{self.info.id}: the model failed to run: {error_line(error)}") from error
        finally:
            model.set_attn_implementation(quick)
        # (heads, target tokens, source tokens) -> (target tokens, source tokens)
        last = result.cross_attentions[-1][0].float().mean(dim=0)
        rows: list[list[float]] = last[len(prefix) : len(prefix) + len(forced)].tolist()
        return rows

    # --- one batch ------------------------------------------------------------------------------

    def _encode(self, loaded: _Loaded, text: str) -> list[int]:
        feed = self._spec.feed
        with self._running:
            ids = loaded.tokenizer(
                feed.text_prefix + text, add_special_tokens=feed.special_tokens, verbose=False
            )
            before, after = (
                loaded.tokenizer.convert_tokens_to_ids(list(each)) for each in (feed.before, feed.after)
            )
        return [*before, *ids["input_ids"], *after]

    def _run(
        self,
        loaded: _Loaded,
        batch: list[list[int]],
        *,
        beam: int,
        hypotheses: int,
        limit: int,
        forced: list[int] | None = None,
    ) -> list[list[Hypothesis]]:
        import torch

        feed, generation = self._spec.feed, self._spec.generation
        tokenizer, model = loaded.tokenizer, loaded.model
        longest = max(len(ids) for ids in batch)
        decoder = feed.form == "decoder"
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else model.config.eos_token_id
        rows, masks = [], []  # (batch, longest) each
        for ids in batch:
            gap = longest - len(ids)
            rows.append([pad] * gap + ids if decoder else ids + [pad] * gap)
            masks.append([0] * gap + [1] * len(ids) if decoder else [1] * len(ids) + [0] * gap)
        options: dict[str, Any] = {}
        if loaded.unwritten:
            options["suppress_tokens"] = loaded.unwritten
        if feed.end_token is not None:
            options["eos_token_id"] = tokenizer.convert_tokens_to_ids(feed.end_token)
        prefix = tokenizer.convert_tokens_to_ids(list(feed.target_prefix))
        if forced:
            begun = [model.config.decoder_start_token_id, *prefix, *forced]
            options["decoder_input_ids"] = torch.tensor([begun], device=model.device)
        elif prefix:
            options["forced_bos_token_id"] = prefix[0]
        try:
            with self._running, torch.inference_mode():
                result = model.generate(
                    input_ids=torch.tensor(rows, device=model.device),
                    attention_mask=torch.tensor(masks, device=model.device),
                    do_sample=False,
                    num_beams=beam,
                    num_return_sequences=hypotheses,
                    # Both count a language that is forced, and not a beginning that is fed.
                    min_new_tokens=1 + (0 if forced else len(prefix)),
                    max_new_tokens=limit + (0 if forced else len(prefix)),
                    max_length=None,
                    min_length=None,
                    length_penalty=generation.length_penalty,
                    repetition_penalty=generation.repetition_penalty,
                    no_repeat_ngram_size=generation.no_repeat_ngram_size,
                    renormalize_logits=True,  # what is forbidden has no share: scores as CTranslate2 counts them
                    pad_token_id=pad,
                    return_dict_in_generate=True,
                    output_scores=True,
                    **options,
                )
                # (batch * hypotheses,): mean log-probability of a sequence's tokens
                scores = self._scores(model, result, beam)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(f"{self.info.id}: the model failed to run: {error_line(error)}") from error
        skip = longest if decoder else 1  # the prompt, or the token that starts the decoder
        sequences = [ids[skip:] for ids in result.sequences.tolist()]
        ends = _end_ids(options.get("eos_token_id", model.generation_config.eos_token_id))
        found: list[list[Hypothesis]] = []
        for start in range(0, len(sequences), hypotheses):
            unique: dict[str, Hypothesis] = {}
            for ids, score in zip(
                sequences[start : start + hypotheses], scores[start : start + hypotheses], strict=True
            ):
                words = [each for each in ids if each not in loaded.special]
                text = tokenizer.decode(words, skip_special_tokens=True).strip()
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

    def _open(self, directory: Path) -> _Loaded:
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer
        except ImportError as error:
            raise MissingModelError(
                f"{self.info.id} needs torch and transformers: pip install 'mujaz[hub]'"
            ) from error
        kind = AutoModelForCausalLM if self._spec.feed.form == "decoder" else AutoModelForSeq2SeqLM
        where = "cuda" if _use_cuda(torch) else "cpu"
        precision = getattr(torch, _precision(self._spec, where))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they are about training and about optional tokenizers
                tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
                model = kind.from_pretrained(directory, local_files_only=True, dtype=precision)
            model = model.to(where).eval()
        except OSError as error:  # transformers' word for "there is no such file"
            raise MissingModelError(
                f"{self.info.id}: {directory} is not whole ({error_line(error, most=200)}); {self._spec.remedy}"
            ) from error
        except (ValueError, RuntimeError, KeyError, ImportError) as error:
            raise ModelError(f"{self.info.id}: {directory} cannot be loaded: {error_line(error)}") from error
        logger.info("%s loaded from %s: %s on %s", self.info.id, directory, precision, where)
        special = {*tokenizer.all_special_ids, *tokenizer.convert_tokens_to_ids(list(self._spec.feed.tokens))}
        # transformers 5 no longer counts the languages of M2M-100 among the special tokens.
        special.update(getattr(tokenizer, "lang_token_to_id", {}).values())
        foreign = foreign_tokens(tokenizer.get_vocab()) if self._spec.generation.latin_only else []
        return _Loaded(tokenizer, model, frozenset(special), tokenizer.convert_tokens_to_ids(foreign))


def _use_cuda(torch: Any) -> bool:
    """Tell whether torch runs on a GPU; ``MUJAZ_DEVICE`` counts as in ``devices.device``."""
    from summarizer.engines.devices import asked_device

    asked = asked_device()
    if asked == "cuda" and not torch.cuda.is_available():
        raise ModelError("MUJAZ_DEVICE is cuda, but torch finds no CUDA device here")
    return asked != "cpu" and bool(torch.cuda.is_available())


def _precision(spec: ModelSpec, where: str, *, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the number format of the weights: what ``models.yaml`` says, else the best that ``where`` is fast in.

    The int8 formats are CTranslate2's; here they count as ``auto``.
    """
    if spec.compute_type in ("float32", "float16", "bfloat16"):
        return spec.compute_type
    if where == "cuda":
        return spec.half_precision
    try:
        flags = cpuinfo.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        flags = []
    return "float32" if _BFLOAT16_FLAGS.isdisjoint(flags) else "bfloat16"


def _end_ids(ids: int | list[int] | None) -> frozenset[int]:
    return frozenset([ids] if isinstance(ids, int) else ids or ())
