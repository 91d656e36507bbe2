"""CTranslate2: int8 on the CPU, half precision on a GPU. Decoders (``Generator``) and encoder-decoders (``Translator``).

A model directory holds CTranslate2's own files (``model.bin``, ``config.json``, vocabulary) and a
``tokenizer.json`` for the ``tokenizers`` library; ``summarizer.models.convert`` makes one of a checkpoint. How a
sentence is fed (tokens before and after it, forced first target tokens) is data in ``models.yaml``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from summarizer.engines import UNGLOSSED, Hypothesis, Link, check_lengths, plan_batches
from summarizer.engines.alignment import links_of
from summarizer.engines.allocator import keep_freed_memory, return_freed_memory
from summarizer.engines.devices import compute_type, device, share_threads
from summarizer.engines.local import LocalEngine, error_line, foreign_tokens
from summarizer.errors import MissingModelError, ModelError
from summarizer.glosses import GLOSSES_FILE, MOST_GLOSSES, Glosses

if TYPE_CHECKING:
    from tokenizers import Tokenizer

logger = logging.getLogger(__name__)

TOKENIZER_FILE: Final = "tokenizer.json"
#: Of a model that cuts its two languages by different rules (Marian); only for aligning.
TARGET_TOKENIZER_FILE: Final = "target_tokenizer.json"
#: Which target tokens a source token may bring, one a line: CTranslate2 then computes only those of the output layer.
VOCABULARY_MAP_FILE: Final = "vmap.txt"
_UNKNOWN: Final = "<unk>"
#: Open models by directory and settings: two entries of ``models.yaml`` that ask the same weights for different things
#: (a translation, a summary) hold them once. A model goes when the last engine drops it.
_OPEN_MODELS: Final[WeakValueDictionary[tuple[object, ...], Any]] = WeakValueDictionary()
_OPENING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Tokenizer
    target: Tokenizer  # of the target language, most often the same
    model: Any  # ctranslate2.Translator or Generator
    special: frozenset[str]  # tokens that are no text
    end: str  # the token that ends an answer
    mapped: bool  # whether there is a vocabulary map
    glosses: Glosses | None  # of rare words of the input
    unwritten: list[list[str]]  # tokens that are never written, each a sequence


class CTranslate2Engine(LocalEngine[_Loaded, str]):
    """Runs one CTranslate2 model; ``spec.feed.form`` says of which of the two kinds."""

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        """See ``LocalEngine.generate``; what the steps kept for each other goes back to the system."""
        try:
            return super().generate(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)
        finally:
            return_freed_memory()

    def batches_at_once(self) -> int:
        """See ``LocalEngine.batches_at_once``."""
        return _shares(device())[0]

    @property
    def aligns(self) -> bool:
        """See ``AligningEngine.aligns``."""
        return self._spec.feed.form == "encoder-decoder"

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[Link]]:
        """See ``AligningEngine.align``: the attention of the decoder on the input, under the given translation.

        Raises ``ModelError`` for a decoder-only model, which has no such attention.
        """
        feed = self._spec.feed
        if not self.aligns:
            raise ModelError(f"{self.info.id} is a decoder: it has no attention between two texts")
        with self._using() as loaded:
            inputs = [self._encode(loaded, text) for text in sources]
            check_lengths([len(each) for each in inputs], sources, limit=self.input_limit, model=self.info.id)
            forced = [loaded.target.encode(text, add_special_tokens=False).tokens for text in targets]
            try:
                results = loaded.model.translate_batch(
                    inputs,
                    target_prefix=[[*feed.target_prefix, *tokens] for tokens in forced],
                    beam_size=1,
                    max_decoding_length=max(map(len, forced), default=0) + len(feed.target_prefix) + 1,
                    max_input_length=0,
                    return_attention=True,
                    return_end_token=True,
                )
            except (RuntimeError, ValueError) as error:
                raise ModelError(f"{self.info.id}: the model failed to run: {error_line(error)}") from error
        skip, before = len(feed.target_prefix), len(feed.before)
        return [
            links_of(
                source,
                target,
                source_tokens=tokens[before:],
                target_tokens=forced_tokens,
                # (target tokens, source tokens)
                attention=[row[before:] for row in result.attention[0][skip : skip + len(forced_tokens)]],
                marks=loaded.special - {_UNKNOWN},
                prefix=feed.text_prefix,
            )
            for source, target, tokens, forced_tokens, result in zip(
                sources, targets, inputs, forced, results, strict=True
            )
        ]

    def complete(self, sources: Sequence[str], beginnings: Sequence[str]) -> list[Hypothesis]:
        """See ``AligningEngine.complete``: the beginning is CTranslate2's ``target_prefix``."""
        generation = self._spec.generation
        if not self.aligns:
            raise ModelError(f"{self.info.id} is a decoder: no translation of it is begun for it")
        answers = [Hypothesis(text="")] * len(sources)
        with self._using() as loaded:
            inputs = [self._encode(loaded, text) for text in sources]
            lengths = [len(tokens) for tokens in inputs]
            check_lengths(lengths, sources, limit=self.input_limit, model=self.info.id)
            forced = [loaded.target.encode(text, add_special_tokens=False).tokens for text in beginnings]
            budget = max(1, generation.batch_tokens // generation.beam)
            for batch in plan_batches(lengths, sources, budget=budget):
                longest = max(lengths[i] for i in batch)
                with self._at_work(generation.beam * len(batch) * longest):
                    found = self._run(
                        loaded,
                        [inputs[i] for i in batch],
                        beam=generation.beam,
                        hypotheses=1,
                        limit=generation.length_limit(longest),
                        forced=[forced[i] for i in batch],
                    )
                for i, each in zip(batch, found, strict=True):
                    answers[i] = each[0]
        return answers

    # --- one batch ------------------------------------------------------------------------------

    def _encode(self, loaded: _Loaded, text: str) -> list[str]:
        feed = self._spec.feed
        fed = text.removesuffix(UNGLOSSED)
        if loaded.glosses is None or feed.gloss_marks is None or fed != text:
            return self._framed(loaded, fed)
        # Memory and time of a search grow with the input: a long one makes do with the likeliest glosses.
        for most in range(MOST_GLOSSES, 0, -1):
            tokens = self._framed(loaded, loaded.glosses.annotate(text, feed.gloss_marks, most=most))
            if feed.gloss_limit is None or len(tokens) <= feed.gloss_limit:
                break
        return tokens

    def _framed(self, loaded: _Loaded, fed: str) -> list[str]:
        feed = self._spec.feed
        encoded = loaded.tokenizer.encode(feed.text_prefix + fed, add_special_tokens=feed.special_tokens)
        return [*feed.before, *encoded.tokens, *feed.after]

    def _told(self, tokens: list[str]) -> int:
        """See ``LocalEngine._told``: glosses, which stand after the text, are help and not to be translated."""
        marks, after = self._spec.feed.gloss_marks, len(self._spec.feed.after)
        return tokens.index(marks[0]) + after if marks is not None and marks[0] in tokens else len(tokens)

    def _run(
        self,
        loaded: _Loaded,
        batch: list[list[str]],
        *,
        beam: int,
        hypotheses: int,
        limit: int,
        forced: list[list[str]] | None = None,
    ) -> list[list[Hypothesis]]:
        feed, generation = self._spec.feed, self._spec.generation
        options: dict[str, Any] = {
            "beam_size": beam,
            "num_hypotheses": hypotheses,
            "length_penalty": generation.length_penalty,
            "repetition_penalty": generation.repetition_penalty,
            "no_repeat_ngram_size": generation.no_repeat_ngram_size,
            "return_scores": True,
            "return_end_token": True,  # the only sign that the model ended by itself
        }
        if loaded.unwritten:
            options["suppress_sequences"] = loaded.unwritten
        if feed.end_token is not None:
            options["end_token"] = feed.end_token
        try:
            if feed.form == "decoder":
                results = loaded.model.generate_batch(
                    batch, min_length=1, max_length=limit, include_prompt_in_result=False, **options
                )
            else:
                prefixes = [[*feed.target_prefix, *tokens] for tokens in forced or [[]] * len(batch)]
                longest = max(map(len, prefixes))
                results = loaded.model.translate_batch(
                    batch,
                    target_prefix=prefixes if longest else None,
                    min_decoding_length=1 + len(feed.target_prefix),  # both count what is forced
                    max_decoding_length=generation.capped(limit + longest),
                    max_input_length=0,  # nothing is cut in silence: `check_lengths` has seen to it
                    use_vmap=loaded.mapped,
                    **options,
                )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.info.id}: the model failed to run: {error_line(error)}") from error
        return [self._read(loaded, result) for result in results]

    def _read(self, loaded: _Loaded, result: Any) -> list[Hypothesis]:
        """Return the hypotheses of one input, best first, each text once."""
        sequences = result.sequences if self._spec.feed.form == "decoder" else result.hypotheses
        hypotheses: dict[str, Hypothesis] = {}
        for tokens, score in zip(sequences, result.scores, strict=True):
            finished = bool(tokens) and tokens[-1] == loaded.end
            # Tokens, not ids: the vocabulary of a Marian model holds pieces that its source tokenizer lacks.
            words = [token for token in tokens if token not in loaded.special]
            text = loaded.tokenizer.decoder.decode(words).strip()
            hypotheses.setdefault(text, Hypothesis(text=text, score=float(score), finished=finished))
        return list(hypotheses.values())

    def unload(self) -> bool:
        """See ``LocalEngine.unload``; the system gets the memory back."""
        unloaded = super().unload()
        if unloaded:
            return_freed_memory()
        return unloaded

    # --- loading --------------------------------------------------------------------------------

    def _open(self, directory: Path) -> _Loaded:
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
        where = device()
        self.workers, threads_each = _shares(where)
        keep_freed_memory()
        computed = compute_type(self._spec.compute_type, half=self._spec.half_precision, on=where)
        try:
            tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
            other = directory / TARGET_TOKENIZER_FILE
            target = Tokenizer.from_file(str(other)) if other.is_file() else tokenizer
            key = (directory, kind, where, computed, self.workers, threads_each)
            with _OPENING:
                model = _OPEN_MODELS.get(key)
                if model is None:
                    model = _OPEN_MODELS[key] = kind(
                        str(directory),
                        device=where,
                        compute_type=computed,
                        inter_threads=self.workers,
                        intra_threads=threads_each,
                    )
        except Exception as error:  # `tokenizers` raises the bare Exception class
            if not isinstance(error, (RuntimeError, ValueError, OSError)) and type(error) is not Exception:
                raise
            raise ModelError(f"{self.info.id}: {directory} cannot be loaded: {error_line(error)}") from error
        logger.info(
            "%s loaded from %s: %s on %s, %d x %d threads",
            self.info.id,
            directory,
            computed,
            where,
            self.workers,
            threads_each,
        )
        return_freed_memory()  # while it loads, a model is in memory twice
        glosses = None if self._spec.feed.gloss_marks is None else Glosses.load(directory / GLOSSES_FILE)
        special = {each.content for each in tokenizer.get_added_tokens_decoder().values() if each.special}
        return _Loaded(
            tokenizer=tokenizer,
            target=target,
            model=model,
            special=frozenset(special | set(self._spec.feed.tokens)),
            end=self._spec.feed.end_token or _end_token(tokenizer),
            mapped=(directory / VOCABULARY_MAP_FILE).is_file(),
            glosses=glosses,
            unwritten=[[token] for token in foreign_tokens(target.get_vocab())]
            if self._spec.generation.latin_only
            else [],
        )


def _shares(where: str) -> tuple[int, int]:
    """Return the batches that run at a time, and the threads of each."""
    return (1, 1) if where == "cuda" else share_threads()


def _end_token(tokenizer: Tokenizer) -> str:
    """Return the usual name of the end of a sequence that the vocabulary has, or nothing."""
    return next((token for token in ("</s>", "<eos>") if tokenizer.token_to_id(token) is not None), "")
