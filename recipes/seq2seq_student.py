"""Where an encoder-decoder starts: random weights in Marian's form with a vocabulary of its own, or a checkpoint.

Marian's form is one that `summarizer/models/convert.py` knows: `source.spm` and `target.spm` (here the same model:
names that stand in Latin letters in the Arabic are then cut as in the English, and can be copied), `vocab.json` with
`</s>` first and `<pad>` last, sinusoid positions, and one matrix for the embeddings of both sides and the output.
Firefox's students have an SSRU in place of the decoder's self-attention (Kim et al., "From Research to Production and
Back", 2019); neither transformers nor CTranslate2 has one, so the decoder here is a plain one, and shallow.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import MarianConfig, MarianMTModel

from recipes.distill_settings import DistillRecipe, Shape
from recipes.prepare import Pair
from recipes.settings import RecipeError
from summarizer.errors import ModelError
from summarizer.modelinput import model_input
from summarizer.models.hub import snapshot

_END, _UNKNOWN, _PAD = "</s>", "<unk>", "<pad>"
#: Of the vocabulary's training: enough to know every piece, few enough for the memory of a laptop.
_VOCABULARY_SENTENCES = 2_000_000
#: Of the characters of the text; the rarest become <unk>.
_COVERAGE = 0.9998


def train_vocabulary(texts: Iterable[str], size: int) -> bytes:
    """A SentencePiece unigram model of both languages; digits stand alone, so that a number is spelled, not guessed."""
    model = io.BytesIO()
    sentencepiece.set_random_generator_seed(0)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="unigram",
        vocab_size=size + 3,  # <unk>, <s> and </s> of its own, two of which ours has no place for
        character_coverage=_COVERAGE,
        split_digits=True,
        hard_vocab_limit=False,
        input_sentence_size=_VOCABULARY_SENTENCES,
        shuffle_input_sentence=True,
        minloglevel=2,
    )
    return model.getvalue()


def write_student(folder: Path, pairs: Iterable[Pair], shape: Shape, *, seed: int) -> None:
    """A checkpoint of random weights with its tokenizer; whole or not at all."""
    texts = (text for pair in pairs for text in (model_input(pair.ar), pair.en))
    vocabulary = train_vocabulary(texts, shape.vocabulary)
    reader = sentencepiece.SentencePieceProcessor(model_proto=vocabulary)
    pieces = [
        reader.id_to_piece(i)
        for i in range(reader.get_piece_size())
        if not reader.is_control(i) and not reader.is_unknown(i)
    ]
    words = [_END, _UNKNOWN, *pieces, _PAD]
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".student-"))
    try:
        for name in ("source.spm", "target.spm"):
            (building / name).write_bytes(vocabulary)
        _write_json(building / "vocab.json", {word: number for number, word in enumerate(words)})
        _write_json(
            building / "tokenizer_config.json",
            {"tokenizer_class": "MarianTokenizer", "source_lang": "ar", "target_lang": "en", "eos_token": _END,
             "unk_token": _UNKNOWN, "pad_token": _PAD, "separate_vocabs": False},
        )  # fmt: skip
        torch.manual_seed(seed)
        model: Any = MarianMTModel(marian_config(shape, len(words)))
        with torch.no_grad():  # the decoder starts from it, and CTranslate2 from zeros
            model.get_input_embeddings().weight[-1].zero_()
        model.save_pretrained(building)
        building.chmod(0o755)  # mkdtemp's folder is its owner's alone
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def marian_config(shape: Shape, vocabulary: int) -> Any:
    return MarianConfig(
        vocab_size=vocabulary,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.feed_forward,
        decoder_ffn_dim=shape.feed_forward,
        dropout=shape.dropout,
        max_position_embeddings=shape.max_positions,
        init_std=shape.width**-0.5,  # scaled embeddings and tied logits then both start at variance 1
        activation_function="relu",
        scale_embedding=True,
        eos_token_id=0,
        bos_token_id=0,
        forced_eos_token_id=None,
        pad_token_id=vocabulary - 1,
        decoder_start_token_id=vocabulary - 1,
    )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def find_base(recipe: DistillRecipe, *, download: bool = False) -> Path:
    """The folder of `student.base`; only with `download` is anything fetched from the hub."""
    base = recipe.student.base or ""
    kind, _, name = base.partition(":")
    if kind == "path":
        folder = Path(name).expanduser()
        if not (folder / "config.json").is_file():
            raise RecipeError(f"student.base: {folder} holds no checkpoint of transformers")
        return folder
    spec = recipe.spec.model_copy(update={"source": base, "engine": "transformers"})
    try:
        return snapshot(spec, download=download)
    except ModelError as error:
        raise RecipeError(f"student.base: {base} is not on this machine; add --fetch ({error})") from error
