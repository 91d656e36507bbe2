"""Train a small Marian model on news sentences written from templates, to try what only encoder-decoders can do.

    MUJAZ_DATA=... python -m benchmarks.small_marian --out build/small-marian --minutes 8

No public Arabic-English checkpoint ships with Mujaz. This one is real, in the files that a repository of the hub has,
and it is made on one core in minutes: 2 + 2 layers of 160, trained on the pairs of ``recipes.synthetic``. It learns the
templates, and it spells names that it never met as best it can, which is what a glossary is for. It is no translator of
anything else.

Beside the checkpoint lie ``test.jsonl`` (sentences with people whom training never saw) and ``models.yaml``, so that

    python -m benchmarks.terminology --models build/small-marian/models.yaml --model small-marian \\
        --dataset jsonl:build/small-marian/test.jsonl --sentences 150

measures the means by which terms are kept.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import sentencepiece
import torch
import yaml
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

from recipes.prepare import load_names
from recipes.synthetic import write_pairs

Pair = tuple[str, str]

SEED: Final = 11
PAIRS: Final = 60_000
TEST_PAIRS: Final = 400
#: One person in so many is kept for the test.
HELD_OUT: Final = 10
#: Words of Arabic: longer ones are left out, of the test too.
LONGEST: Final = 18
PIECES: Final = 1_500
BATCH_TOKENS: Final = 1_000
RATE: Final = 1e-3
WARM_UP: Final = 300
MODEL_ENTRY: Final = {
    "task": "translation",
    "engine": "ctranslate2",
    "licence": "none",
    "size_mb": 15,
    "source_language": "ar",
    "target_language": "en",
    "input_limit": 120,
    "compute_type": "int8",
    "feed": {"form": "encoder-decoder", "special_tokens": True, "end_token": "</s>"},
    "generation": {"beam": 4, "length_ratio": 1.5, "length_constant": 20, "batch_tokens": 4096},
    "notes": "Made by benchmarks/small_marian.py; knows the templates of recipes/synthetic.py and nothing else.",
}


def split_people(people: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return people to train with, and others to test with."""
    mixed = sorted(set(people))
    random.Random(SEED).shuffle(mixed)
    return mixed[len(mixed) // HELD_OUT :], mixed[: len(mixed) // HELD_OUT]


def write_tokenizer(out: Path, pairs: Sequence[Pair]) -> MarianTokenizer:
    """Train SentencePiece on either language; write a Marian tokenizer's files to ``out`` and return it."""
    words: list[str] = []
    for name, side in (("source.spm", 0), ("target.spm", 1)):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(pair[side] for pair in pairs[:30_000]), model_writer=model, vocab_size=PIECES,
            character_coverage=1.0, model_type="unigram", minloglevel=2,
        )  # fmt: skip
        (out / name).write_bytes(model.getvalue())
        read = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        words += [read.id_to_piece(i) for i in range(read.get_piece_size()) if not read.is_control(i)]
    vocabulary = ["</s>", "<unk>", *(word for word in dict.fromkeys(words) if word != "<unk>"), "<pad>"]
    for name, content in (
        ("vocab.json", {word: number for number, word in enumerate(vocabulary)}),
        (
            "tokenizer_config.json",
            {"tokenizer_class": "MarianTokenizer", "source_lang": "ar", "target_lang": "en", "eos_token": "</s>",
             "unk_token": "<unk>", "pad_token": "<pad>", "separate_vocabs": False},
        ),
    ):  # fmt: skip
        (out / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return MarianTokenizer.from_pretrained(out)


def new_model(size: int) -> MarianMTModel:
    """Return an untrained model for a vocabulary of ``size`` with its padding last."""
    torch.manual_seed(SEED)
    return MarianMTModel(
        MarianConfig(
            vocab_size=size, d_model=160, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=640, decoder_ffn_dim=640,
            encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=256,
            activation_function="swish", scale_embedding=True, pad_token_id=size - 1, eos_token_id=0, bos_token_id=0,
            decoder_start_token_id=size - 1, forced_eos_token_id=None, dropout=0.0,
        )
    )  # fmt: skip


def batches(rows: Sequence[tuple[list[int], list[int]]], draw: random.Random) -> Iterator[list[int]]:
    """Yield indices in batches of about ``BATCH_TOKENS`` padded tokens a side, for ever, alike lengths together."""
    while True:
        order = sorted(range(len(rows)), key=lambda i: (len(rows[i][1]) // 4, draw.random()))
        made: list[list[int]] = [[]]
        for index in order:
            if made[-1] and (len(made[-1]) + 1) * len(rows[index][1]) > BATCH_TOKENS:
                made.append([])
            made[-1].append(index)
        draw.shuffle(made)
        yield from made


def train(model: MarianMTModel, rows: Sequence[tuple[list[int], list[int]]], *, minutes: float) -> int:
    """Train for so long (minutes of processor time), with a rate that falls to nothing; return the number of steps."""
    pad = int(model.config.pad_token_id)

    def padded(sides: Sequence[list[int]], fill: int) -> torch.Tensor:
        longest = max(map(len, sides))
        return torch.tensor([[*ids, *[fill] * (longest - len(ids))] for ids in sides])  # (batch, longest)

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    model.train()
    start, step, told = time.process_time(), 0, 0.0
    for batch in batches(rows, random.Random(SEED)):
        spent = (time.process_time() - start) / (60 * minutes)
        if spent >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * (1 - spent)
        source = padded([rows[i][0] for i in batch], pad)
        with torch.autocast("cpu", dtype=torch.bfloat16):  # twice as fast where the processor computes in it
            loss = model(
                input_ids=source,
                attention_mask=(source != pad).long(),
                labels=padded([rows[i][1] for i in batch], -100),
            ).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if spent - told > 0.05:
            told = spent
            print(f"{spent:4.0%}  step {step}  loss {loss.item():.3f}", file=sys.stderr, flush=True)
    model.eval()
    return step


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--minutes", type=float, default=8, help="of processor time to train (default: 8)")
    options = parser.parse_args(arguments)
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        sys.exit("set MUJAZ_DATA to the folder of the corpora: the names are read from there")
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    known, unseen = split_people(load_names(Path(folder) / "names")[0])
    pairs = write_pairs(PAIRS, known, seed=SEED, copy_share=0.0)
    tokenizer = write_tokenizer(out, pairs)
    rows = [
        (tokenizer(ar)["input_ids"], tokenizer(text_target=en)["input_ids"])
        for ar, en in pairs
        if len(ar.split()) <= LONGEST
    ]
    model = new_model(len(tokenizer.get_vocab()))
    steps = train(model, rows, minutes=options.minutes)
    model.generation_config.bad_words_ids = [[model.config.pad_token_id]]
    model.save_pretrained(out)
    with (out / "test.jsonl").open("w", encoding="utf-8") as file:
        for number, (ar, en) in enumerate(write_pairs(TEST_PAIRS, unseen, seed=SEED + 1, copy_share=0.0)):
            if len(ar.split()) > LONGEST:
                continue
            row = {"task": "translate", "id": str(number), "source": ar, "reference": en}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    entry = {**MODEL_ENTRY, "source": f"path:{out.resolve()}"}
    (out / "models.yaml").write_text(yaml.safe_dump({"models": {"small-marian": entry}}), encoding="utf-8")
    print(
        f"{steps} steps on {len(rows)} pairs; {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M weights"
    )


if __name__ == "__main__":
    main()
