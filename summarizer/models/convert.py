"""Checkpoints of transformers into CTranslate2 models, once, in the user's cache.

A conversion is made beside its place and moved there whole, under a lock that other processes wait for: two
that start together convert once, and a kill in the middle leaves nothing that is taken for a model. The name
of the result holds all that decides its content (the checkpoint's files, the number format, CTranslate2's
version), so that a changed checkpoint is converted anew and never mixed with the old one.

Converting needs the ``hub`` extra (torch reads the checkpoint); running what was converted does not.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from summarizer.engines.ctranslate2 import TARGET_TOKENIZER_FILE, TOKENIZER_FILE, VOCABULARY_MAP_FILE
from summarizer.engines.devices import compute_type, device, stored_type
from summarizer.engines.local import error_line
from summarizer.errors import ModelError
from summarizer.models.bundled import MULTI_QUERY_FORM, WEIGHTS_FILE, cache_directory, remove_stale
from summarizer.models.hub import require_extras
from summarizer.models.multiquery import share_keys
from summarizer.models.specs import ModelSpec

logger = logging.getLogger(__name__)

#: Raised when what is written beside the weights changes: older conversions are then made again.
_LAYOUT: Final = 1
#: What converting needs beyond the core install.
MODULES: Final = ("torch", "transformers", "sentencepiece", "filelock")
#: How the converter's fillers begin.
_MADE_UP: Final = "madeupword"
_SUFFIXES: Final = frozenset({".json", ".bin", ".safetensors", ".model", ".spm", ".txt"})


def is_checkpoint(directory: Path) -> bool:
    """Tell whether a directory holds a checkpoint of transformers, and not a CTranslate2 model."""
    try:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and "model_type" in config


def converted_directory(spec: ModelSpec, checkpoint: Path) -> Path:
    """Return where the conversion of ``checkpoint`` lies, whether it is there yet or not."""
    stored = stored_type(compute_type(spec.compute_type, half=spec.half_precision, on=device()))
    form = f"multi-query {MULTI_QUERY_FORM} " if spec.multi_query else ""
    told = hashlib.sha256(f"{_LAYOUT} {form}{stored} {metadata.version('ctranslate2')}".encode())
    for path in sorted(each for each in checkpoint.iterdir() if each.suffix in _SUFFIXES):
        # Weights by name and size: hashing gigabytes at every start costs more than it tells. The hub's cache
        # holds links to files that are named by their own checksum, and those do tell.
        named = path.resolve().name if path.is_symlink() else ""
        told.update(f"\n{path.name} {path.stat().st_size} {named}".encode())
        if path.suffix == ".json" and not named:
            told.update(path.read_bytes())
    return cache_directory() / "converted" / f"{spec.id}-{stored}-{told.hexdigest()[:16]}"


def is_converted(directory: Path) -> bool:
    """Tell whether a conversion is there: it gets its name only when it is whole."""
    return (directory / WEIGHTS_FILE).is_file()


def convert(spec: ModelSpec, checkpoint: Path) -> Path:
    """Return the CTranslate2 model of ``checkpoint``, converting it if that has not been done.

    Raises ``MissingModelError`` where the `hub` extra is missing, ``ModelError`` where the checkpoint is broken or
    of a kind that CTranslate2 does not know, or the cache cannot be written.
    """
    target = converted_directory(spec, checkpoint)
    if is_converted(target):
        return target
    require_extras(spec, modules=MODULES)
    try:
        with _lock(target):
            if not is_converted(target):  # another process may have been faster
                _build(spec, checkpoint, target)
    except OSError as error:
        raise ModelError(
            f"{spec.id}: cannot write {target.parent}: {error.strerror or error}; "
            "make room or set MUJAZ_CACHE to another directory"
        ) from error
    return target


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    from filelock import FileLock

    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / f".{target.name}.lock"):
        yield


def _build(spec: ModelSpec, checkpoint: Path, target: Path) -> None:
    """Make ``target`` whole, or leave it alone."""
    remove_stale(target.parent)
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    logger.info("converting %s into %s", checkpoint, target)
    try:
        out = work / "model"
        _convert_weights(spec, checkpoint, out, stored=target.name.removeprefix(f"{spec.id}-").split("-")[0])
        if spec.multi_query:
            share_keys(out)
        tokens = _write_tokenizer(spec, checkpoint, out)
        _complete_vocabulary(spec, out, tokens)
        out.replace(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _convert_weights(spec: ModelSpec, checkpoint: Path, out: Path, *, stored: str) -> None:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]
        def load_tokenizer(self, *args: Any, **options: Any) -> Any:
            tokenizer = super().load_tokenizer(*args, **options)
            # M2M-100 counts on languages that transformers 5 no longer lists among the special tokens. Without this
            # count the converter fills up to the size of the model, and `_complete_vocabulary` puts them there.
            if hasattr(tokenizer, "num_madeup_words"):
                del tokenizer.num_madeup_words
            return tokenizer

        def _load(self) -> Any:
            spec = super()._load()
            if hasattr(spec.decoder, "alignment_heads") and hasattr(spec, "encoder"):
                spec.decoder.alignment_heads = (
                    spec.decoder.num_heads
                )  # the mean of all says more than the first
            return spec

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about training and about optional tokenizers
            mapping = checkpoint / VOCABULARY_MAP_FILE
            Converter(str(checkpoint)).convert(
                str(out), quantization=stored, vmap=str(mapping) if mapping.is_file() else None
            )
    except (RuntimeError, ValueError, KeyError, AttributeError, NotImplementedError, ImportError) as error:
        raise ModelError(
            f"{spec.id}: {checkpoint} cannot be converted ({error_line(error)}); "
            "engine `transformers` may run it as it is"
        ) from error


# --- tokenizers -----------------------------------------------------------------------------------


def _write_tokenizer(spec: ModelSpec, checkpoint: Path, out: Path) -> dict[str, int]:
    """Write ``tokenizer.json`` for the `tokenizers` library; return the tokens of the checkpoint with their ids."""
    tokenizer = load_tokenizer(spec, checkpoint)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        backend, *others = _from_sentencepiece(spec, tokenizer)
        for other in others:
            other.save(str(out / TARGET_TOKENIZER_FILE))
    backend.save(str(out / TOKENIZER_FILE))
    vocabulary: dict[str, int] = dict(tokenizer.get_vocab())
    vocabulary.update(getattr(tokenizer, "lang_token_to_id", {}))  # M2M-100 keeps its languages beside
    return vocabulary


def load_tokenizer(spec: ModelSpec, checkpoint: Path) -> Any:
    """Return the transformers tokenizer of a checkpoint. Raises ``ModelError``."""
    from transformers import AutoTokenizer

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Marian recommends a library that only respaces punctuation
            return AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{spec.id}: the tokenizer of {checkpoint} cannot be read: {error_line(error)}"
        ) from error


def _from_sentencepiece(spec: ModelSpec, tokenizer: Any) -> list[Any]:
    """Return `tokenizers` tokenizers of one that runs SentencePiece in Python: M2M-100's one, Marian's of either side.

    CTranslate2 is fed tokens, not ids, so it does not matter that SentencePiece numbers its pieces otherwise.
    """
    from tokenizers import AddedToken
    from tokenizers.processors import TemplateProcessing

    files = (
        [tokenizer.spm_file] if hasattr(tokenizer, "spm_file") else list(getattr(tokenizer, "spm_files", ()))
    )
    if not files:
        raise ModelError(
            f"{spec.id}: its tokenizer ({type(tokenizer).__name__}) is of a kind that is not known"
        )
    codes = [each for each in tokenizer.get_vocab() if each.startswith(">>") and each.endswith("<<")]
    codes += list(getattr(tokenizer, "lang_token_to_id", ()))
    end = tokenizer.eos_token
    special = [end, tokenizer.pad_token, tokenizer.unk_token, *codes]
    backends = [_sentencepiece_backend(Path(file)) for file in files]
    for backend in backends:
        backend.add_special_tokens(
            [AddedToken(each, rstrip=True, normalized=False) for each in special if each]
        )
        backend.post_processor = TemplateProcessing(
            single=f"$A {end}", special_tokens=[(end, backend.token_to_id(end))]
        )
    return backends


def _sentencepiece_backend(file: Path) -> Any:
    """Return a `tokenizers` tokenizer that cuts text as the SentencePiece model of ``file`` does."""
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE, Unigram
    from transformers.convert_slow_tokenizer import SentencePieceExtractor, import_protobuf

    proto = import_protobuf().ModelProto.FromString(file.read_bytes())
    trained = proto.trainer_spec
    if trained.model_type == trained.BPE:
        parts = SentencePieceExtractor(str(file)).extract(BPE)
        backend = Tokenizer(BPE(parts["vocab"], parts["merges"], unk_token=trained.unk_piece, fuse_unk=True))
    else:
        scores = [(piece.piece, piece.score) for piece in proto.pieces]
        backend = Tokenizer(Unigram(scores, unk_id=trained.unk_id))
    steps: list[Any] = [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    if proto.normalizer_spec.precompiled_charsmap:
        steps.insert(0, normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap))
    backend.normalizer = normalizers.Sequence(steps)
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    backend.decoder = decoders.Metaspace(prepend_scheme="always")
    return backend


def _complete_vocabulary(spec: ModelSpec, out: Path, tokens: dict[str, int]) -> None:
    """Put tokens in the places that the converter filled with made-up words, and see that ``spec.feed`` is known.

    A model fed by a vocabulary without its language marks would translate out of and into any language.
    """
    for file in sorted(out.glob("*vocabulary.json")):
        words: list[str] = json.loads(file.read_text(encoding="utf-8"))
        for token, place in tokens.items():
            if place < len(words) and words[place].startswith(_MADE_UP):
                words[place] = token
        if missing := [token for token in spec.feed.tokens if token not in words]:
            raise ModelError(
                f"{spec.id}: its vocabulary has no {missing[0]!r}; correct `feed` in models.yaml"
            )
        file.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
