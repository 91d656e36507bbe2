"""How fast an engine makes tokens: ours beside transformers and the bare CTranslate2 call, in one interleaved run.

    python -m benchmarks.engines                 # the exact shape of opus-mt-ar-en; several minutes on two cores
    python -m benchmarks.engines --toy           # seconds: does it run?

One contender is ours with a vocabulary map, as `recipes/vocabulary_map.py` makes them for a model: an answer is chosen from a part of
the vocabulary, here a random one of the size that a map learnt from real pairs leaves (`--candidates`). It does less work than
the others, so it stands apart.

The weights are random, so nothing need be downloaded: speed depends on shapes, not on values. A random model does not end its
sentences, so every answer has the same number of tokens; the end mark is made impossible, for all alike. Each round
runs every contender once and the next round begins with another one, so a busy machine slows all of them. Ratios are taken
within a round; read those, not the tokens a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ctranslate2
import torch
from ctranslate2.converters.transformers import MarianMTLoader
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import MarianConfig, MarianMTModel

from summarizer.engines import create_engine
from summarizer.engines.ctranslate2 import VOCABULARY_MAP_FILE
from summarizer.engines.devices import share_threads, threads
from summarizer.models import ModelSpec

SEED: Final = 20
#: Sentences that run together in transformers.
BATCH: Final = 16
#: Padded input tokens that run together in CTranslate2: what models.yaml says of Marian models with a beam of 4.
BATCH_TOKENS: Final = 1024
#: What makes a token impossible.
NEVER: Final = -1e4
OURS: Final = "ctranslate2 int8, Mujaz"
WITH_MAP: Final = "the same with a vocabulary map"
ONE_BY_ONE: Final = "transformers fp32, one by one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A Marian model's size, and how much it is given to do."""

    layers: int
    width: int
    inner: int
    heads: int
    vocabulary: int
    sentences: int
    shortest: int  # tokens of input
    longest: int
    new_tokens: int
    candidates: int  # tokens that the vocabulary map leaves


#: Helsinki-NLP/opus-mt-ar-en, with inputs as long as sentences of news.
OPUS: Final = Shape(
    layers=6, width=512, inner=2048, heads=8, vocabulary=62_834, sentences=48, shortest=12, longest=60, new_tokens=32, candidates=6000
)  # fmt: skip
TOY: Final = Shape(
    layers=2, width=32, inner=64, heads=4, vocabulary=300, sentences=6, shortest=3, longest=9, new_tokens=5, candidates=20
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The same sentences as text, as tokens and as ids."""

    texts: list[str]
    tokens: list[list[str]]
    ids: list[list[int]]
    new_tokens: int


def _silent(line: str) -> None:
    """Take the place of a progress callback."""


#: Translates part of a task with a beam and returns how many tokens it wrote.
Contender = Callable[[Task, int], int]


# --- the model ------------------------------------------------------------------------------------


def build(shape: Shape, folder: Path) -> MarianMTModel:
    """Make a random model; write it for CTranslate2 (int8) with its tokenizer to ``folder``, and return the original."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(SEED)
    config = MarianConfig(
        vocab_size=shape.vocabulary,
        d_model=shape.width,
        encoder_layers=shape.layers,
        decoder_layers=shape.layers,
        encoder_ffn_dim=shape.inner,
        decoder_ffn_dim=shape.inner,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        eos_token_id=0,
        forced_eos_token_id=None,
        pad_token_id=shape.vocabulary - 1,
        bos_token_id=None,
        decoder_start_token_id=shape.vocabulary - 1,
    )
    model = MarianMTModel(config).eval()
    for forbidden in (0, 1, shape.vocabulary - 1):  # </s>, <unk>, <pad>
        model.final_logits_bias[0, forbidden] = NEVER
    vocabulary = ["</s>", "<unk>", *(f"▁w{number}" for number in range(2, shape.vocabulary - 1)), "<pad>"]
    spec = MarianMTLoader().get_model_spec(model)
    spec.register_source_vocabulary(vocabulary[:-1])  # CTranslate2 starts from zeros and needs no <pad>
    spec.register_target_vocabulary(vocabulary[:-1])
    spec.config.decoder_start_token = "</s>"
    spec.config.add_source_eos = False
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    tokenizer = Tokenizer(
        models.WordLevel({token: index for index, token in enumerate(vocabulary)}, unk_token="<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 0)])
    tokenizer.add_special_tokens(["</s>", "<unk>", "<pad>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    return model


def make_task(shape: Shape, folder: Path) -> Task:
    """Return sentences of random words, their lengths spread evenly between the shortest and the longest."""
    draw = random.Random(SEED)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    step = (shape.longest - shape.shortest) / max(1, shape.sentences - 1)
    lengths = [round(shape.shortest + step * number) for number in range(shape.sentences)]
    draw.shuffle(lengths)
    texts = [
        " ".join(f"w{draw.randrange(2, shape.vocabulary - 1)}" for _ in range(length - 1))
        for length in lengths
    ]
    encoded = [tokenizer.encode(text) for text in texts]
    return Task(
        texts=texts,
        tokens=[each.tokens for each in encoded],
        ids=[each.ids for each in encoded],
        new_tokens=shape.new_tokens,
    )


def opus_like(folder: Path, *, beam: int) -> ModelSpec:
    """Return the registry entry of the model in ``folder``."""
    return ModelSpec.model_validate(
        {
            "id": f"random-beam{beam}",
            "task": "translation",
            "engine": "ctranslate2",
            "source": f"path:{folder}",
            "licence": "none",
            "size_mb": 0,
            "source_language": "ar",
            "target_language": "en",
            "input_limit": 512,
            "compute_type": "int8",
            "feed": {"special_tokens": True, "end_token": "</s>"},
            "generation": {"beam": beam, "batch_tokens": BATCH_TOKENS * beam},
        }
    )


# --- contenders -----------------------------------------------------------------------------------


def by_transformers(model: MarianMTModel, *, batch: int, share: int = 1) -> Contender:
    """Run ``generate`` on batches as they come, as most people do; only every ``share``-th sentence where it is slow."""
    pad = int(model.config.pad_token_id)

    def run(task: Task, beam: int) -> int:
        written = 0
        inputs = task.ids[::share]
        for start in range(0, len(inputs), batch):
            some = inputs[start : start + batch]
            longest = max(map(len, some))
            rows = torch.tensor([ids + [pad] * (longest - len(ids)) for ids in some])  # (batch, longest)
            output = model.generate(
                input_ids=rows,
                attention_mask=(rows != pad).long(),
                num_beams=beam,
                do_sample=False,
                max_new_tokens=task.new_tokens,
                max_length=None,
            )
            written += int((output[:, 1:] != pad).sum())  # the first token starts the decoder
        return written

    return run


def by_raw_call(folder: Path) -> Contender:
    """Run the one call of CTranslate2 on ready-made tokens, with the threads shared out as our engine does."""
    workers, threads_each = share_threads()
    translator = ctranslate2.Translator(
        str(folder), device="cpu", compute_type="int8", inter_threads=workers, intra_threads=threads_each
    )
    budget = opus_like(folder, beam=1).generation.batch_tokens

    def run(task: Task, beam: int) -> int:
        results = translator.translate_batch(
            task.tokens,
            beam_size=beam,
            max_decoding_length=task.new_tokens,
            max_input_length=0,
            max_batch_size=budget // beam,
            batch_type="tokens",
            return_scores=True,  # a ranked answer needs them; a greedy search pays for them
        )
        return sum(len(result.hypotheses[0]) for result in results)

    return run


def by_engine(folder: Path) -> Contender:
    """Run our engine on texts, tokenizing and checks included."""
    engines = {beam: create_engine(opus_like(folder, beam=beam), lambda: folder) for beam in (1, 4)}

    def run(task: Task, beam: int) -> int:
        answers = engines[beam].generate(task.texts, max_new_tokens=task.new_tokens)
        return sum(len(each[0].text.split()) for each in answers)

    return run


def write_map(shape: Shape, folder: Path, mapped: Path) -> None:
    """Write the model of ``folder`` once more, with a map that leaves ``shape.candidates`` random tokens for every input."""
    mapped.mkdir()
    for path in folder.iterdir():
        os.link(path, mapped / path.name)
    words = random.Random(SEED).sample(range(2, shape.vocabulary - 1), shape.candidates)
    (mapped / VOCABULARY_MAP_FILE).write_text(
        f"\t{' '.join(f'▁w{word}' for word in words)}\n", encoding="utf-8"
    )


def contenders(shape: Shape, folder: Path) -> dict[str, Contender]:
    """Return every contender by name."""
    plain, mapped = folder / "plain", folder / "mapped"
    model = build(shape, plain)
    write_map(shape, plain, mapped)
    half = MarianMTModel(model.config).eval()
    half.load_state_dict(model.state_dict())
    return {
        ONE_BY_ONE: by_transformers(model, batch=1, share=4),
        f"transformers fp32, batches of {BATCH}": by_transformers(model, batch=BATCH),
        f"transformers bf16, batches of {BATCH}": by_transformers(half.bfloat16(), batch=BATCH),
        OURS: by_engine(plain),
        "ctranslate2 int8, bare call": by_raw_call(plain),
        WITH_MAP: by_engine(mapped),
    }


# --- measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One contender with one beam: tokens a second of each round; ours, and ours with a map, divided by it in the same round."""

    name: str
    beam: int
    speeds: tuple[float, ...]
    ratios: tuple[float, ...]
    mapped_ratios: tuple[float, ...]


def measure(
    entrants: Mapping[str, Contender],
    task: Task,
    *,
    beams: Sequence[int],
    repeats: int,
    progress: Callable[[str], Any] = _silent,
) -> list[Row]:
    """Run ``repeats`` rounds a beam after a short one that does not count, each beginning with another contender.

    ``progress`` is told of each measurement as it is made.
    """
    rows: list[Row] = []
    names = list(entrants)
    warm_up = Task(
        texts=task.texts[:4], tokens=task.tokens[:4], ids=task.ids[:4], new_tokens=min(4, task.new_tokens)
    )
    for beam in beams:
        speeds: dict[str, list[float]] = {name: [] for name in names}
        for entrant in entrants.values():
            entrant(warm_up, beam)
        for number in range(repeats):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                start = time.perf_counter()
                written = entrants[name](task, beam)
                speeds[name].append(written / (time.perf_counter() - start))
                progress(f"round {number + 1}, beam {beam}, {name}: {speeds[name][-1]:.0f} tokens/s")
        rows += [
            Row(
                name=name,
                beam=beam,
                speeds=tuple(speeds[name]),
                ratios=_ratios(speeds[OURS], speeds[name]),
                mapped_ratios=_ratios(speeds[WITH_MAP], speeds[name]),
            )
            for name in names
        ]
    return rows


def _ratios(ours: Sequence[float], its: Sequence[float]) -> tuple[float, ...]:
    return tuple(mine / other for mine, other in zip(ours, its, strict=True))


def table(rows: Sequence[Row]) -> list[str]:
    """Return the rows in Markdown: medians, with the least and the greatest of the rounds."""
    lines = [
        "| contender | search | tokens/s | Mujaz is faster by | with a vocabulary map |",
        "|---|---|---:|---:|---:|",
    ]
    for row in rows:
        speed = f"{statistics.median(row.speeds):.0f} ({min(row.speeds):.0f}–{max(row.speeds):.0f})"
        search = "greedy" if row.beam == 1 else f"beam {row.beam}"
        ours = "" if row.name in (OURS, WITH_MAP) else _compared(row.ratios)
        mapped = "" if row.name == WITH_MAP else _compared(row.mapped_ratios)
        lines.append(f"| {row.name} | {search} | {speed} | {ours} | {mapped} |")
    return lines


def _compared(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f}× ({min(ratios):.2f}–{max(ratios):.2f})"


def run(shape: Shape, *, repeats: int, progress: Callable[[str], Any] = _silent) -> list[Row]:
    """Build the model in a temporary folder and measure."""
    with tempfile.TemporaryDirectory(prefix="mujaz-engines-") as name:
        folder = Path(name)
        torch.set_num_threads(threads())
        entrants = contenders(shape, folder)
        return measure(
            entrants, make_task(shape, folder / "plain"), beams=(1, 4), repeats=repeats, progress=progress
        )


def main(arguments: Sequence[str] | None = None, report: Callable[[str], Any] = print) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3, help="rounds that count")
    parser.add_argument("--sentences", type=int, help="how many; 48 by default, fewer on a slow machine")
    parser.add_argument(
        "--candidates", type=int, help="tokens that the vocabulary map leaves; 6,000 by default"
    )
    parser.add_argument("--toy", action="store_true", help="a tiny model: to see that it runs")
    options = parser.parse_args(arguments)
    shape: Shape = TOY if options.toy else OPUS
    if options.sentences:
        shape = dataclasses.replace(shape, sentences=options.sentences)
    if options.candidates:
        shape = dataclasses.replace(shape, candidates=min(options.candidates, shape.vocabulary - 3))
    rows = run(
        shape,
        repeats=options.repeats,
        progress=lambda line: print(line, file=sys.stderr, flush=True),
    )
    report(
        f"{threads()} threads; {shape.sentences} sentences of {shape.shortest} to {shape.longest} tokens, "
        f"{shape.new_tokens} new tokens each; the map leaves {shape.candidates:,} of {shape.vocabulary:,} tokens; median of {options.repeats} rounds (least–greatest)\n"
    )
    for line in table(rows):
        report(line)


if __name__ == "__main__":
    main()
