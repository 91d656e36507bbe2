"""What the fusing summarizer does to a summary: length, overlap with references, repetition, and how often.

    MUJAZ_DATA=... python -m benchmarks.fusing --model ar-fuse --items 60
    MUJAZ_DATA=... python -m benchmarks.fusing --model ar-fuse --items 60 --english 60 --read 60    (pairs for reading by eye)

Two systems draft the summary of the same chosen sentences: *extractive* leaves them as they are, and the model tells long ones
shorter or together with what another outlet says of the same (``summarizer.fuse``). On articles of France 24 and on the
silver clusters; the model saw neither. ``--english`` translates changed sentences as they were and as they are, and
counts whose English fails a check. p: two-sided approximate randomization of ROUGE-1 against *extractive*.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from eval.baselines import Budget
from eval.datasets import load_dataset
from eval.items import Item
from eval.metrics.rouge import Variant, score_pair
from eval.metrics.summary import Redundancy
from eval.systems_mujaz import draft_summary
from summarizer.engines import Engine
from summarizer.faithfulness import check_english
from summarizer.models import Registry
from summarizer.summarize import Draft
from summarizer.terms import Terms
from summarizer.translate import translate_sentences

_VARIANTS: Final[tuple[Variant, ...]] = ("rouge1", "rouge2", "rougeL")
_TRIALS: Final = 10_000


@dataclass
class Tally:
    """What one system did on one dataset."""

    rouge: dict[Variant, list[float]] = field(default_factory=lambda: {each: [] for each in _VARIANTS})
    words: list[int] = field(default_factory=list)
    repeated: list[Sequence[float]] = field(default_factory=list)
    drafts: list[tuple[Item, Draft]] = field(default_factory=list)
    seconds: float = 0.0

    def row(self, name: str, base: Tally) -> str:
        means = [100 * float(np.mean(self.rouge[each])) for each in _VARIANTS]
        repeated, pairs = np.sum(self.repeated, axis=0)
        changed = [draft.method == "abstractive" for _, draft in self.drafts]
        failed = [any(c.verdict == "fail" for c in draft.checks) for _, draft in self.drafts]
        cells = [
            name,
            *(f"{mean:.1f}" for mean in means),
            f"{randomization(self.rouge['rouge1'], base.rouge['rouge1']):.3f}" if self is not base else "",
            f"{np.mean(self.words):.1f}",
            f"{100 * repeated / pairs:.2f}",
            f"{100 * np.mean(changed):.0f} %",
            f"{100 * np.mean(failed):.1f} %",
            f"{1000 * self.seconds / len(self.words):.0f}",
        ]
        return "| " + " | ".join(cells) + " |"


HEAD: Final = (
    "| system | R-1 | R-2 | R-L | p | words | redundancy % | sentences changed | sentences that fail a check | ms a summary |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def randomization(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p-value that the means of paired scores differ by chance (Noreen 1989)."""
    rng = np.random.default_rng(12345)
    differences = np.array(one) - np.array(other)
    real = abs(differences.mean())
    signs = rng.choice((-1.0, 1.0), size=(_TRIALS, len(differences)))
    return float(((np.abs((signs * differences).mean(axis=1)) >= real).sum() + 1) / (_TRIALS + 1))


def tally(items: Sequence[Item], engine: Engine, terms: Terms) -> Tally:
    found, redundancy = Tally(), Redundancy()
    for item in items:
        began = time.perf_counter()
        drafts, _ = draft_summary(item, engine=engine, terms=terms, budget=Budget())
        found.seconds += time.perf_counter() - began
        text = "\n".join(draft.text for draft in drafts)
        for variant in _VARIANTS:
            scores = [
                score_pair(text, reference, variant=variant, tokenizer="light").f1
                for reference in item.references
            ]
            found.rouge[variant].append(float(np.mean(scores)))
        found.words.append(len(text.split()))
        found.repeated.append(redundancy.row(text, item))
        found.drafts += [(item, draft) for draft in drafts]
    return found


def changed_pairs(found: Tally, base: Tally) -> Iterator[tuple[str, str]]:
    """Yield ``(as the extractive summary has it, as the model tells it)``."""
    for (_, before), (_, after) in zip(base.drafts, found.drafts, strict=True):
        if after.method == "abstractive":
            yield before.text, after.text


def english_row(name: str, sentences: Sequence[str], engine: Engine, terms: Terms) -> str:
    """Translate as a brief does; how many sentences fail a check in English, and of which kind."""
    translations = translate_sentences(
        sentences,
        engine=engine,
        terms=[terms.for_document([sentence]) for sentence in sentences],
        check=lambda english, arabic, names: check_english(english, arabic, terms=names),
    )
    failed = [{check.kind for check in each.checks if check.verdict == "fail"} for each in translations]
    kinds = Counter(kind for each in failed for kind in each)
    return (
        f"{name}: {sum(map(bool, failed))} of {len(failed)} fail a check in English "
        f"({', '.join(f'{kind} {count}' for kind, count in sorted(kinds.items()))}), "
        f"{np.mean([len(sentence.split()) for sentence in sentences]):.1f} Arabic words"
    )


def datasets(limit: int | None) -> Iterator[tuple[str, list[Item]]]:
    for name in ("france24", "silver-mds"):
        items = list(load_dataset(name).items)
        yield name, items if limit is None else random.Random(3).sample(items, min(limit, len(items)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="ar-fuse", help="an id of models.yaml")
    parser.add_argument("--models", help="a models.yaml of your own over the shipped one")
    parser.add_argument("--items", type=int, help="of each dataset at most")
    parser.add_argument("--english", type=int, default=0, help="translate this many of them before and after")
    parser.add_argument(
        "--read", type=int, default=0, help="print this many changed sentences, drawn at random"
    )
    options = parser.parse_args()
    registry, terms = Registry.load(options.models), Terms.load()
    extractive = registry.engine("extractive")
    engines: dict[str, Any] = {"extractive": extractive}
    engines[options.model] = registry.engine(options.model)
    engines[options.model].count_tokens("")  # reads the weights
    last: list[tuple[str, str]] = []
    for name, items in datasets(options.items):
        print(f"\n{name}: {len(items)} items\n\n{HEAD}")
        found: dict[str, Tally] = {}
        for system, engine in engines.items():
            found[system] = tally(items, engine, terms)
            print(found[system].row(system, found["extractive"]), flush=True)
        last += changed_pairs(found[system], found["extractive"])
    if options.english:
        chosen = random.Random(2).sample(last, min(options.english, len(last)))
        for name, side in (("as it was", 0), ("as told", 1)):
            print(english_row(name, [pair[side] for pair in chosen], registry.engine("ar-en"), terms))
    for before, after in random.Random(1).sample(last, min(options.read, len(last))):
        print(f"\n- {before}\n+ {after}")


if __name__ == "__main__":
    main()
