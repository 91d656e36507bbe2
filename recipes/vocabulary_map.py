"""Pairs as tokens → CTranslate2's vocabulary map (`vmap.txt`): which tokens each source token may bring.

    python -m recipes.vocabulary_map CHECKPOINT PAIRS.tsv              # beside the checkpoint, before it is converted

The output layer of a small translator costs as much as all of its decoder: 62,834 rows of 512 in OPUS-MT against six layers. A batch
needs few of them, so each source token brings its best renderings, and the most frequent tokens stand by for all ("lexical
shortlist": Jean et al., "On Using Very Large Target Vocabulary for Neural Machine Translation", ACL 2015; Marian and Firefox
translate so). The renderings are those of IBM Model 1, as in `recipes/lexicon.py`. Whatever the pairs say, a token may be copied (names in
Latin letters), and any word can be spelled: tokens of one character stay.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recipes.distill_settings import VocabularyMapSettings
from recipes.lexicon import model_1
from recipes.prepare import read_tsv
from recipes.seq2seq_data import Cutter
from recipes.settings import RecipeError
from summarizer.engines.ctranslate2 import VOCABULARY_MAP_FILE
from summarizer.models.specs import FeedSpec

#: Every so many pairs one is kept apart, to tell how much of unseen English a map allows.
HELD_OUT: Final = 50
#: Sentences of a batch, for which a map is the union of what its tokens bring.
BATCH: Final = 32
#: What marks the beginning of a word in a vocabulary of SentencePiece.
WORD_START: Final = "▁"

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyMap:
    """Ids of the target tokens: of each source token, and for every input."""

    renderings: Mapping[int, tuple[int, ...]]
    always: frozenset[int]

    def candidates(self, sources: Iterable[Sequence[int]]) -> set[int]:
        """Return what may be written for a batch of sources."""
        found = set(self.always)
        for source in sources:
            for token in source:
                found.update(self.renderings.get(token, ()))
        return found


def build(
    sources: Sequence[Ids], targets: Sequence[Ids], tokens: Sequence[str], settings: VocabularyMapSettings
) -> VocabularyMap:
    """Learn the map from pairs of token ids; ``tokens`` are the strings of both sides' ids. Memory: 60 bytes for each source token × target token of a pair."""
    sources, targets = sources[: settings.pairs], targets[: settings.pairs]
    pair_s, pair_t, p = model_1(sources, targets)
    order = np.lexsort((-p, pair_s))
    pair_s, pair_t = pair_s[order], pair_t[order]
    starts = np.searchsorted(pair_s, np.arange(1, len(tokens) + 1))  # source 0 is Model 1's empty word
    ends = np.searchsorted(pair_s, np.arange(1, len(tokens) + 1), side="right")
    counts = Counter(int(token) for target in targets for token in target)
    spelled = {number for number, token in enumerate(tokens) if len(token.removeprefix(WORD_START)) <= 1}
    frequent = {token for token, _ in counts.most_common(settings.frequent)}
    return VocabularyMap(
        renderings={
            token: (token, *map(int, pair_t[start : min(end, start + settings.renderings)]))
            for token, (start, end) in enumerate(zip(starts, ends, strict=True))
        },
        always=frozenset(spelled | frequent),
    )


def write(found: VocabularyMap, tokens: Sequence[str], path: Path) -> None:
    """Write the form that CTranslate2 reads: a source token, a tab, its target tokens; first the line of no source token."""

    def line(source: str, ids: Iterable[int]) -> str:
        return f"{source}\t{' '.join(tokens[each] for each in dict.fromkeys(ids))}\n"

    lines = [line("", sorted(found.always))]
    lines += [line(tokens[source], ids) for source, ids in sorted(found.renderings.items())]
    path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a map does to batches that it was not learnt from."""

    allowed: float  # share of the target's tokens
    candidates: float  # tokens that may be written, mean of the batches

    def described(self, vocabulary: int) -> str:
        """Return it as a sentence."""
        return (
            f"batches of {BATCH} unseen sentences may write {self.candidates:,.0f} of {vocabulary:,} tokens, "
            f"among them {self.allowed:.1%} of those of the English"
        )


def coverage(found: VocabularyMap, sources: Sequence[Ids], targets: Sequence[Ids]) -> Coverage:
    """Measure a map on pairs, in batches of ``BATCH`` as they come."""
    allowed, written, sizes = 0, 0, []
    for start in range(0, len(sources), BATCH):
        may = found.candidates(source.tolist() for source in sources[start : start + BATCH])
        sizes.append(len(may))
        for target in targets[start : start + BATCH]:
            written += len(target)
            allowed += sum(token in may for token in target.tolist())
    return Coverage(allowed=allowed / max(1, written), candidates=float(np.mean(sizes or [0])))


def learn(
    pairs: Path, tokens: Sequence[str], settings: VocabularyMapSettings
) -> tuple[VocabularyMap, Coverage]:
    """Learn the map from a recipe's `pairs.npz`, but for the held-out pairs, and measure it on those."""
    with np.load(pairs) as stored:
        sides = [
            np.split(stored[f"{side}_tokens"].astype(np.int64), stored[f"{side}_offsets"][1:-1])
            for side in ("source", "target")
        ]
    return _learn(sides[0], sides[1], tokens, settings)


def _learn(
    sources: Sequence[Ids], targets: Sequence[Ids], tokens: Sequence[str], settings: VocabularyMapSettings
) -> tuple[VocabularyMap, Coverage]:
    if len(sources) < 2:
        raise RecipeError("a vocabulary map needs two pairs at least: one to learn from, one to measure on")
    (sources, held_sources), (targets, held_targets) = _split_off(sources), _split_off(targets)
    found = build(sources, targets, tokens, settings)
    return found, coverage(found, held_sources, held_targets)


def _split_off(rows: Sequence[Ids]) -> tuple[list[Ids], list[Ids]]:
    """Return what to learn from, and every ``HELD_OUT``-th row."""
    return [row for number, row in enumerate(rows) if number % HELD_OUT], list(rows[::HELD_OUT])


def main(arguments: Sequence[str] | None = None, report: Callable[[str], object] = print) -> None:
    """Learn the map of a checkpoint and write it beside."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="a folder of transformers: an encoder-decoder")
    parser.add_argument(
        "pairs",
        type=Path,
        nargs="+",
        help="Arabic, tab, English; best the English that the model itself writes",
    )
    for name, field in VocabularyMapSettings.model_fields.items():
        parser.add_argument(f"--most-{name}", type=int, default=field.default, help=field.description)
    options = parser.parse_args(arguments)
    settings = VocabularyMapSettings(
        renderings=options.most_renderings, frequent=options.most_frequent, pairs=options.most_pairs
    )
    cutter = Cutter(options.checkpoint, FeedSpec(special_tokens=True))
    rows = [pair for path in options.pairs for pair in read_tsv(path)][: settings.pairs]
    if len(rows) < HELD_OUT:
        sys.exit(f"{parser.prog}: {len(rows)} pairs are too few to learn from")
    found, measured = _learn(
        [np.array(ids, dtype=np.int64) for ids in cutter.sources([ar for ar, _ in rows])],
        [np.array(ids, dtype=np.int64) for ids in cutter.targets([en for _, en in rows])],
        cutter.tokens,
        settings,
    )
    out = options.checkpoint / VOCABULARY_MAP_FILE
    write(found, cutter.tokens, out)
    report(f"{out}: {measured.described(len(cutter.tokens))}")


if __name__ == "__main__":
    main()
