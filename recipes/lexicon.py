"""The openly licensed pairs → a small Arabic-English lexicon of stems, for judging translations.

    python -m recipes.lexicon --data $MUJAZ_DATA --out summarizer/data/lexicon.tsv

IBM Model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", 1993), trained in both directions on
stems; a pair of stems is kept where both directions believe in it (the harmonic mean of the two probabilities, as
"intersection" does for alignments). Where a stem stands and none of its renderings does, the English that stands there more
often than elsewhere is a rendering too.

A stem is *sure* when the English of hardly a pair does without all of its renderings: each half of the pairs is counted with
what the other half taught, and only those count that were written for this project: they are news, and close to their
source. `recipes/renderings.tsv` adds what pairs are too few to teach (a large language model read the sure stems and
wrote which other words render them), and names stems that are not to be relied on. Number words and measures are never sure,
since English writes them in many ways and has checks of its own.

No sentence can be told from the result: it holds single stems only. A line is an Arabic stem, its renderings (the likeliest
first) and, of a sure one, the share of the pairs that have one of them, separated by tabs.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recipes.prepare import EvalGuard, clean, find_tsv, read_tsv
from recipes.settings import data_folder
from summarizer.arabic import content_tokens
from summarizer.lexicon import english_stems
from summarizer.measures import english_measures
from summarizer.numberwords import ENGLISH as NUMBER_WORDS

#: What was written for this project, and every pair of class A but interface strings, whose English is no sentence.
SOURCES: Final = (
    "written_news written_more written_wide written_gaps written_prose written_later written_world written_long written_long_more written_long_rest written_long_later tico19_dev xquad_wikipedia mlqa_questions un_sdg udhr nextstrain_covid_narratives creativecommons_legal opensource_guide"
    " mozilla_org_web ethereum_org debian_handbook tatoeba mmlu_gpt35_translated techdocs_llm_microsoft react_docs"
).split()
EVAL_FILES: Final = ("mt_eval/flores200_dev.tsv", "mt_eval/flores200_devtest.tsv", "mt_eval/tico19_test.tsv")
MAX_STEMS: Final = 40
MIN_COUNT: Final = 3
ROUNDS: Final = 6
#: Least harmonic mean of p(english | arabic) and p(arabic | english), and how many renderings a stem keeps.
MIN_BELIEF: Final = 0.02
MOST_RENDERINGS: Final = 12

#: How much oftener than elsewhere a stem stands where a known rendering is missing, to be one; and of a stem at most so many.
_LIFT: Final = 6.0
_MOST_FOUND: Final = 20
#: A sure stem: in so many written pairs, and rendered in this share of them.
SURE_COUNT: Final = 10
SURE_SHARE: Final = 0.97
_SURE: Final = re.compile("[\u0621-\u064a]{3,}")
_WRITTEN: Final = "written_"
ADDED: Final = Path(__file__).parent / "renderings.tsv"
UNSURE: Final = "-"

Ids = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """The stems of a sentence and of its English; ``written`` for this project or not."""

    arabic: Sequence[str]
    english: Sequence[str]
    written: bool


def read_pairs(data: Path, *, seed: int = 1) -> list[Pair]:
    """Return the stems of every pair, without what stands in an evaluation set."""
    guard = EvalGuard([data / name for name in EVAL_FILES], 8)
    pairs: list[Pair] = []
    for name in SOURCES:
        for raw_ar, raw_en in read_tsv(find_tsv(data / "mt", name)):
            ar, en = clean(raw_ar), clean(raw_en)
            if guard.overlaps(ar, en):
                continue
            pair = Pair(content_tokens(ar), english_stems(en), name.startswith(_WRITTEN))
            if all(0 < len(side) <= MAX_STEMS for side in (pair.arabic, pair.english)):
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


def build(pairs: Sequence[Pair]) -> dict[str, list[tuple[str, float]]]:
    """Return the English stems of each Arabic one with what is believed of them (0 to 1), the strongest first."""
    ar_stems, ar = number([pair.arabic for pair in pairs])
    en_stems, en = number([pair.english for pair in pairs])
    given_ar = dict(_believed(*model_1(ar, en)))
    rows: dict[int, list[tuple[float, int]]] = {}
    for (e, a), p in _believed(*model_1(en, ar)):
        if (other := given_ar.get((a, e))) is not None:
            belief = 2 * p * other / (p + other)
            if belief >= MIN_BELIEF:
                rows.setdefault(a, []).append((belief, e))
    return {
        ar_stems[a]: [(en_stems[e], belief) for belief, e in sorted(rows[a], reverse=True)[:MOST_RENDERINGS]]
        for a in sorted(rows, key=lambda i: ar_stems[i])
    }


class Renderings:
    """What renders the Arabic stems of some pairs."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._english = [frozenset(pair.english) for pair in pairs]
        self._written = [pair.written for pair in pairs]
        self._counts = Counter(stem for english in self._english for stem in english)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, pair in enumerate(pairs):
            for stem in set(pair.arabic):
                self._places[stem].append(place)
        self.believed = {arabic: [stem for stem, _ in found] for arabic, found in build(pairs).items()}

    def of(self, arabic: str) -> list[str]:
        """Return the renderings of a stem: what is believed, and what stands where that is missing."""
        known = list(self.believed.get(arabic, ()))
        left = [i for i in self._places[arabic] if self._english[i].isdisjoint(known)]
        while left and len(known) < MOST_RENDERINGS + _MOST_FOUND:
            counts = Counter(stem for i in left for stem in self._english[i])
            # A little more than by chance: a stem that is rare everywhere stands somewhere by accident.
            lifts = (
                (count / (self._counts[stem] / len(self._english) * len(left) + 0.2), stem)
                for stem, count in counts.items()
                if count > 1
            )
            lift, stem = max(lifts, default=(0.0, ""))
            if lift < _LIFT:
                break
            known.append(stem)
            left = [i for i in left if stem not in self._english[i]]
        return known

    def count(self, arabic: str, renderings: Iterable[str]) -> tuple[int, int]:
        """Return how many of the written pairs have one of the renderings where the stem stands, and how many there are."""
        known = frozenset(renderings)
        places = [i for i in self._places[arabic] if self._written[i]]
        return sum(not self._english[i].isdisjoint(known) for i in places), len(places)


#: Renderings that make a stem unsure.
_NEVER_SURE: Final = frozenset(
    english_stems(" ".join([*NUMBER_WORDS, *english_measures(), "hour o'clock clock percent degree"]))
)
#: Words beside or in the name of a country that names it without them ("Britain", "Benin").
_NEVER_SURE_ARABIC: Final = frozenset(content_tokens("المتحدة المملكة الدولة الدول البلد البلاد"))


def lines(pairs: Sequence[Pair], added: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the lines of the lexicon.

    ``added`` are English words by Arabic stem, with spaces between, that are renderings too; ``-`` for a stem that is not sure.
    """
    added = added or {}
    more = {arabic: english_stems(words) for arabic, words in added.items()}
    every, *halves = Renderings(pairs), Renderings(pairs[0::2]), Renderings(pairs[1::2])
    for arabic in every.believed:
        known = list(dict.fromkeys([*every.of(arabic), *more.get(arabic, ())]))
        sure = ""
        if _may_be_sure(arabic, known) and added.get(arabic) != UNSURE:
            counts = [
                half.count(arabic, [*other.of(arabic), *more.get(arabic, ())])
                for half, other in zip(halves, halves[::-1], strict=True)
            ]
            rendered, total = (sum(side) for side in zip(*counts, strict=True))
            if total >= SURE_COUNT and rendered / total >= SURE_SHARE:
                sure = f"\t{rendered / total:.2f}"
        yield f"{arabic}\t{' '.join(known)}{sure}"


def _may_be_sure(arabic: str, renderings: Sequence[str]) -> bool:
    return (
        _SURE.fullmatch(arabic) is not None
        and arabic not in _NEVER_SURE_ARABIC
        and _NEVER_SURE.isdisjoint(renderings)
        and not any(letter.isdigit() for stem in renderings for letter in stem)
    )


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
    added = dict(line.split("\t") for line in ADDED.read_text(encoding="utf-8").splitlines())
    rows = list(lines(read_pairs(data_folder(options.data)), added))
    text = "".join(f"{row}\n" for row in rows)
    options.out.write_text(text, encoding="utf-8")
    sure = sum(row.count("\t") > 1 for row in rows)
    print(f"{len(rows)} Arabic stems, {sure} of them sure, {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
