"""The openly licensed pairs → a small Arabic-English lexicon of stems, for judging translations.

    python -m recipes.lexicon --data $MUJAZ_DATA --out summarizer/data/lexicon.tsv

IBM Model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", 1993), trained in both directions on
stems; a pair of stems is kept where both directions believe in it (the harmonic mean of the two probabilities, as
"intersection" does for alignments). No sentence can be told from the result: it holds pairs of single stems only.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recipes.prepare import EvalGuard, clean, find_tsv, read_tsv
from recipes.settings import data_folder
from summarizer.arabic import content_tokens
from summarizer.lexicon import english_stems

#: What was written for this project, and every pair of class A but interface strings, whose English is no sentence.
SOURCES: Final = (
    "written_news written_more written_wide written_gaps written_prose written_later written_world tico19_dev xquad_wikipedia mlqa_questions un_sdg udhr nextstrain_covid_narratives creativecommons_legal opensource_guide"
    " mozilla_org_web ethereum_org debian_handbook tatoeba mmlu_gpt35_translated techdocs_llm_microsoft react_docs"
).split()
EVAL_FILES: Final = ("mt_eval/flores200_dev.tsv", "mt_eval/flores200_devtest.tsv", "mt_eval/tico19_test.tsv")
MAX_STEMS: Final = 40
MIN_COUNT: Final = 3
ROUNDS: Final = 6
#: Least harmonic mean of p(english | arabic) and p(arabic | english), and how many renderings a stem keeps.
MIN_BELIEF: Final = 0.02
MOST_RENDERINGS: Final = 12

Ids = NDArray[np.int64]
Reals = NDArray[np.float64]


def read_pairs(data: Path, *, seed: int = 1) -> list[tuple[list[str], list[str]]]:
    """Return the stems of every pair, Arabic and English, without what stands in an evaluation set."""
    guard = EvalGuard([data / name for name in EVAL_FILES], 8)
    pairs: list[tuple[list[str], list[str]]] = []
    for name in SOURCES:
        for raw_ar, raw_en in read_tsv(find_tsv(data / "mt", name)):
            ar, en = clean(raw_ar), clean(raw_en)
            if guard.overlaps(ar, en):
                continue
            pair = content_tokens(ar), english_stems(en)
            if all(0 < len(side) <= MAX_STEMS for side in pair):
                pairs.append(pair)
    random.Random(seed).shuffle(pairs)
    return pairs


def number(sides: Sequence[Sequence[str]]) -> tuple[list[str], list[Ids]]:
    """Return the stems seen often enough, and each text as their indices; others are left out."""
    counts = Counter(stem for side in sides for stem in side)
    stems = sorted(stem for stem, count in counts.items() if count >= MIN_COUNT)
    index = {stem: i for i, stem in enumerate(stems)}
    return stems, [np.array([index[s] for s in side if s in index], dtype=np.int64) for side in sides]


def model_1(sources: Sequence[Ids], targets: Sequence[Ids]) -> tuple[Ids, Ids, Reals]:
    """Return pairs ``(source, target)`` and p(target | source); source 0 is the empty word.

    All cells of all sentences stand in one array, so that a round of the algorithm is a few sums over it.
    """
    with_null = [np.concatenate(([0], side + 1)) for side in sources]
    cells_s = np.concatenate([np.repeat(s, len(t)) for s, t in zip(with_null, targets, strict=True)])
    cells_t = np.concatenate([np.tile(t, len(s)) for s, t in zip(with_null, targets, strict=True)])
    starts = np.cumsum([0, *(len(t) for t in targets)])
    # The target token that each cell explains: probabilities sum to one over the cells of a token.
    token = np.concatenate(
        [
            np.tile(np.arange(a, a + len(t)), len(s))
            for a, s, t in zip(starts, with_null, targets, strict=False)
        ]
    )
    width = int(cells_t.max()) + 1
    keys, entry = np.unique(cells_s * width + cells_t, return_inverse=True)
    pair_s, pair_t = keys // width, keys % width
    p: Reals = np.full(len(keys), 1.0 / width)
    for _ in range(ROUNDS):
        share = p[entry]
        share /= np.bincount(token, share)[token]
        expected = np.bincount(entry, share, minlength=len(keys))
        p = expected / np.bincount(pair_s, expected)[pair_s]
    return pair_s, pair_t, p


def build(pairs: Sequence[tuple[list[str], list[str]]]) -> list[tuple[str, str, float]]:
    """Return ``(Arabic stem, English stem, belief)``, the strongest first for each Arabic stem."""
    ar_stems, ar = number([pair[0] for pair in pairs])
    en_stems, en = number([pair[1] for pair in pairs])
    given_ar = dict(_believed(*model_1(ar, en)))
    rows: dict[int, list[tuple[float, int]]] = {}
    for (e, a), p in _believed(*model_1(en, ar)):
        if (other := given_ar.get((a, e))) is not None:
            belief = 2 * p * other / (p + other)
            if belief >= MIN_BELIEF:
                rows.setdefault(a, []).append((belief, e))
    return [
        (ar_stems[a], en_stems[e], belief)
        for a in sorted(rows, key=lambda i: ar_stems[i])
        for belief, e in sorted(rows[a], reverse=True)[:MOST_RENDERINGS]
    ]


def _believed(sources: Ids, targets: Ids, p: Reals) -> list[tuple[tuple[int, int], float]]:
    """Return what is not negligible, without the empty word."""
    kept = np.flatnonzero((p >= MIN_BELIEF / 2) & (sources > 0))
    return [((int(sources[i]) - 1, int(targets[i])), float(p[i])) for i in kept]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with mt/ and mt_eval/; default: $MUJAZ_DATA")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = build(read_pairs(data_folder(options.data)))
    by_stem: dict[str, list[str]] = {}
    for ar, en, belief in rows:
        by_stem.setdefault(ar, []).append(f"{en} {belief:.2f}")
    text = "".join(f"{ar}\t{' '.join(found)}\n" for ar, found in by_stem.items())
    options.out.write_text(text, encoding="utf-8")
    print(f"{len(by_stem)} Arabic stems, {len(rows)} pairs, {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
