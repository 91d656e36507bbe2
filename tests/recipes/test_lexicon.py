"""The lexicon is learnt from pairs alone: words that go together in both directions, and no others."""

from __future__ import annotations

import random

import numpy as np
import pytest

from recipes.lexicon import Pair, Renderings, build, lines, model_1

WORDS = {f"ar{i}": f"en{i}" for i in range(12)}


def test_translations_are_found_in_shuffled_sentences() -> None:
    rng = random.Random(5)
    pairs = []
    for _ in range(400):
        arabic = rng.sample(sorted(WORDS), k=5)
        english = [WORDS[word] for word in arabic]
        rng.shuffle(english)
        pairs.append(Pair(arabic, english, written=True))
    best = {arabic: found[0] for arabic, found in build(pairs).items()}
    assert {arabic: english for arabic, (english, _) in best.items()} == WORDS
    assert min(belief for _, belief in best.values()) > 0.8


def test_probabilities_sum_to_one_for_each_source_word() -> None:
    sources = [np.array([0, 1]), np.array([1, 2]), np.array([0])]
    targets = [np.array([0, 1]), np.array([1]), np.array([0, 0])]
    pair_source, _, p = model_1(sources, targets)
    np.testing.assert_allclose(np.bincount(pair_source, p), 1.0)


def pairs_of(*rows: tuple[str, str, int], written: bool = True) -> list[Pair]:
    """So many pairs of each row, told apart by a number so that chance finds nothing else in common."""
    return [
        Pair(arabic.split(), [*english.split(), f"x{number}{i}"], written=written)
        for number, (arabic, english, count) in enumerate(rows)
        for i in range(count)
    ]


def test_what_stands_where_a_rendering_is_missing_is_one_too() -> None:
    pairs = pairs_of(("توتر", "tension", 20), ("توتر", "strain", 6), ("سوق", "market", 60))
    found = Renderings(pairs)
    assert found.widened("توتر", ["tension"]) == ["tension", "strain"]
    assert found.share("توتر", ["tension"]) == 1.0


def test_a_stem_is_sure_by_pairs_that_taught_nothing_and_were_written() -> None:
    pairs = pairs_of(("وفد", "deleg", 12), ("وفد", "peopl", 1), ("سوق", "market", 80), ("ناس", "peopl", 30))
    share = Renderings(pairs).share("وفد", ["deleg"])
    assert share == pytest.approx(12 / 13)  # the one pair of its half is no rule for the other
    foreign = pairs_of(("وفد", "deleg", 40), written=False)
    assert Renderings(foreign).share("وفد", ["deleg"]) is None
    assert Renderings([*foreign, *pairs_of(("وفد", "group", 9))]).share("وفد", ["deleg"]) is None
    assert Renderings(pairs_of(("ab", "cd", 40))).share("ab", ["cd"]) is None  # no Arabic word


def test_number_words_and_measures_are_never_sure() -> None:
    rng = random.Random(3)
    words = {
        "هاتف": "phone",
        "ثلاث": "three",
        "كيلومتر": "kilomet",
        "سوق": "market",
        "وزير": "minist",
        "مطر": "rain",
    }
    pairs = []
    for _ in range(300):
        arabic = rng.sample(sorted(words), k=3)
        pairs.append(Pair(arabic, [words[word] for word in arabic], written=True))
    sure = {line.split("\t")[0] for line in lines(pairs) if line.count("\t") == 2}
    assert sure == {"هاتف", "سوق", "وزير", "مطر"}
