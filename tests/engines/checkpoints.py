"""Checkpoints of every architecture that Mujaz runs, tiny and random, in the files that a hub repository has.

Weights are drawn wide (``STD``), so that greedy answers differ from input to input and a wrong step shows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SENTENCES = [
    "وصل الوزير إلى بغداد.",
    "قال المتحدث إن القوات ستبقى في البلاد.",
    "نعم.",
    "أعلنت الحكومة موعد الجولة الجديدة من المحادثات بين البلدين في الشهر المقبل.",
]
#: What the target side is trained on, so that a vocabulary has pieces of both.
ENGLISH = [
    "The minister arrived in Baghdad.",
    "The spokesman said the forces will stay in the country.",
    "The government announced the date of the new round of talks between the two countries next month.",
]
STD = 0.6
LAYERS = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 128,
    "init_std": STD,
}


def sentencepiece(
    path: Path, texts: list[str], *, kind: str = "unigram", size: int = 120, **options: Any
) -> None:
    """Train a SentencePiece model of ``texts`` and write it to ``path``."""
    import sentencepiece as spm

    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 4),
        model_writer=model,
        model_type=kind,
        vocab_size=size,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
        **options,
    )
    path.write_bytes(model.getvalue())


def pieces(path: Path) -> list[str]:
    """Return the pieces of a SentencePiece model, without its control symbols."""
    import sentencepiece as spm

    model = spm.SentencePieceProcessor(model_file=str(path))
    return [
        model.id_to_piece(i)
        for i in range(model.get_piece_size())
        if not model.is_control(i) and not model.is_unknown(i)
    ]


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def fast_tokenizer(directory: Path, *more: str) -> int:
    """Save a byte-pair tokenizer of the test sentences, and return its size; ``more`` are special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>", "<s>", *more]
    tokenizer.train_from_iterator(
        SENTENCES + ENGLISH,
        trainers.BpeTrainer(vocab_size=220, special_tokens=special, show_progress=False),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", bos_token="<s>"
    ).save_pretrained(directory)
    return tokenizer.get_vocab_size()


def marian(directory: Path) -> None:
    """opus-mt: two SentencePiece models, one vocabulary of both with <pad> last, sinusoid positions."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    sentencepiece(directory / "source.spm", SENTENCES)
    sentencepiece(directory / "target.spm", ENGLISH)
    words = [
        "</s>",
        "<unk>",
        *dict.fromkeys(pieces(directory / "source.spm") + pieces(directory / "target.spm")),
        "<pad>",
    ]
    write_json(directory / "vocab.json", {word: number for number, word in enumerate(words)})
    write_json(
        directory / "tokenizer_config.json",
        {"tokenizer_class": "MarianTokenizer", "source_lang": "ar", "target_lang": "en", "eos_token": "</s>",
         "unk_token": "<unk>", "pad_token": "<pad>", "separate_vocabs": False},
    )  # fmt: skip
    pad = len(words) - 1
    torch.manual_seed(7)
    model = MarianMTModel(
        MarianConfig(
            **LAYERS, vocab_size=len(words), pad_token_id=pad, eos_token_id=0, bos_token_id=0, forced_eos_token_id=None,
            decoder_start_token_id=pad, activation_function="swish", scale_embedding=True,
        )
    )  # fmt: skip
    torch.nn.init.normal_(model.final_logits_bias)  # trained ones are not zero
    model.generation_config.bad_words_ids = [[pad]]  # as in the repositories: padding is no answer
    model.save_pretrained(directory)


def m2m(directory: Path) -> None:
    """M2M-100: SentencePiece in Python, 100 language tokens behind the vocabulary."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    sentencepiece(directory / "sentencepiece.bpe.model", SENTENCES + ENGLISH, kind="bpe", size=160)
    words = ["<s>", "<pad>", "</s>", "<unk>", *pieces(directory / "sentencepiece.bpe.model")]
    write_json(directory / "vocab.json", {word: number for number, word in enumerate(words)})
    tokenizer = M2M100Tokenizer(
        vocab_file=str(directory / "vocab.json"), spm_file=str(directory / "sentencepiece.bpe.model")
    )
    tokenizer.save_pretrained(directory)
    torch.manual_seed(7)
    config = M2M100Config(
        **LAYERS, vocab_size=len(words) + 100 + 8, pad_token_id=1, eos_token_id=2, bos_token_id=0,
        decoder_start_token_id=2, activation_function="relu", scale_embedding=True,
    )  # fmt: skip
    M2M100ForConditionalGeneration(config).save_pretrained(directory)


def nllb(directory: Path) -> None:
    """NLLB-200: M2M-100's layers under a fast tokenizer with 202 language tokens."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trained.train_from_iterator(
        SENTENCES + ENGLISH,
        trainers.BpeTrainer(
            vocab_size=200, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False
        ),
    )
    model = json.loads(trained.to_str())["model"]
    tokenizer = NllbTokenizer(vocab=model["vocab"], merges=[tuple(each) for each in model["merges"]])
    tokenizer.save_pretrained(directory)
    torch.manual_seed(7)
    config = M2M100Config(
        **LAYERS, vocab_size=len(tokenizer), pad_token_id=1, eos_token_id=2, bos_token_id=0,
        decoder_start_token_id=2, activation_function="relu", scale_embedding=True,
    )  # fmt: skip
    M2M100ForConditionalGeneration(config).save_pretrained(directory)


def mt5(directory: Path) -> None:
    """mT5: only ``spiece.model`` for a tokenizer, gated GELU, its own output layer."""
    import torch
    from transformers import MT5Config, MT5ForConditionalGeneration

    _t5_tokenizer(directory, "spiece.model")
    torch.manual_seed(7)
    config = MT5Config(
        vocab_size=_t5_size(directory), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, pad_token_id=0,
        eos_token_id=1, decoder_start_token_id=0, tie_word_embeddings=False, initializer_factor=3.0,
    )  # fmt: skip
    MT5ForConditionalGeneration(config).save_pretrained(directory)


def madlad(directory: Path) -> None:
    """MADLAD-400: a T5 whose first token names the target language."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    _t5_tokenizer(directory, "spiece.model", user_defined_symbols=["<2en>", "<2ar>"])
    torch.manual_seed(7)
    config = T5Config(
        vocab_size=_t5_size(directory), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, pad_token_id=0,
        eos_token_id=1, decoder_start_token_id=0, feed_forward_proj="gated-gelu", tie_word_embeddings=False,
        initializer_factor=3.0,
    )  # fmt: skip
    T5ForConditionalGeneration(config).save_pretrained(directory)


def _t5_tokenizer(directory: Path, name: str, **options: Any) -> None:
    sentencepiece(
        directory / name, SENTENCES + ENGLISH, size=200, pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
        pad_piece="<pad>", eos_piece="</s>", unk_piece="<unk>", **options,
    )  # fmt: skip
    write_json(
        directory / "tokenizer_config.json",
        {
            "tokenizer_class": "T5Tokenizer",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "extra_ids": 0,
        },
    )


def _t5_size(directory: Path) -> int:
    import sentencepiece as spm

    return int(spm.SentencePieceProcessor(model_file=str(directory / "spiece.model")).get_piece_size())


def bart(directory: Path) -> None:
    """BART, as AraBART is built: learned positions, normalised embeddings."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    size = fast_tokenizer(directory)
    torch.manual_seed(7)
    config = BartConfig(
        **LAYERS, vocab_size=size, pad_token_id=0, eos_token_id=1, bos_token_id=3, decoder_start_token_id=3,
        forced_eos_token_id=None, tie_word_embeddings=False,
        normalize_before=False, normalize_embedding=True,  # as the configurations on the hub still say
    )  # fmt: skip
    BartForConditionalGeneration(config).save_pretrained(directory)


def gemma(directory: Path, *, heads: int = 2, local_layers: int = 1) -> None:
    """A decoder like the embedded model: Gemma 3, told where the Arabic ends by a token of its own.

    The heads are 8 wide each and the model 16; after ``local_layers`` comes one that sees everything.
    """
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    size = fast_tokenizer(directory, "<unused0>")
    torch.manual_seed(7)
    config = Gemma3TextConfig(
        vocab_size=size, hidden_size=16, intermediate_size=32, num_hidden_layers=local_layers + 1,
        num_attention_heads=heads, num_key_value_heads=1, head_dim=8, query_pre_attn_scalar=8,
        max_position_embeddings=128, pad_token_id=0, eos_token_id=1, bos_token_id=3, initializer_range=STD,
        sliding_window=64, layer_types=["sliding_attention"] * local_layers + ["full_attention"],
    )  # fmt: skip
    Gemma3ForCausalLM(config).save_pretrained(directory)


#: Architecture -> what makes its checkpoint, and the fields of a model that runs it.
ARCHITECTURES: dict[str, tuple[Callable[[Path], None], dict[str, Any]]] = {
    "marian": (marian, {"feed": {"end_token": "</s>"}}),
    "m2m": (
        m2m,
        {
            "source_code": "__ar__",
            "target_code": "__en__",
            "feed": {
                "special_tokens": False,
                "before": ["__ar__"],
                "after": ["</s>"],
                "target_prefix": ["__en__"],
                "end_token": "</s>",
            },
        },
    ),
    "nllb": (
        nllb,
        {
            "source_code": "arb_Arab",
            "target_code": "eng_Latn",
            "feed": {
                "special_tokens": False,
                "before": ["arb_Arab"],
                "after": ["</s>"],
                "target_prefix": ["eng_Latn"],
                "end_token": "</s>",
            },
        },
    ),
    "mt5": (mt5, {"task": "summarization", "target_language": "ar", "feed": {"end_token": "</s>"}}),
    "madlad": (madlad, {"target_code": "<2en>", "feed": {"text_prefix": "<2en> ", "end_token": "</s>"}}),
    "bart": (bart, {"task": "summarization", "target_language": "ar"}),
    "gemma": (
        gemma,
        {
            "feed": {
                "form": "decoder",
                "special_tokens": False,
                "before": ["<s>"],
                "after": ["<unused0>"],
                "end_token": "</s>",
            }
        },
    ),
}
