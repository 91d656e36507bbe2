"""The lexicon is learnt from pairs alone: words that go together in both directions, and no others."""

from __future__ import annotations

import random

import numpy as np

from recipes.lexicon import build, model_1

WORDS = {f"ar{i}": f"en{i}" for i in range(12)}


def test_translations_are_found_in_shuffled_sentences() -> None:
    rng = random.Random(5)
    pairs = []
    for _ in range(400):
        arabic = rng.sample(sorted(WORDS), k=5)
        english = [WORDS[word] for word in arabic]
        rng.shuffle(english)
        pairs.append((arabic, english))
    best = {}
    for arabic, english, belief in build(pairs):
        best.setdefault(arabic, (english, belief))
    assert {arabic: english for arabic, (english, _) in best.items()} == WORDS
    assert min(belief for _, belief in best.values()) > 0.8


def test_probabilities_sum_to_one_for_each_source_word() -> None:
    sources = [np.array([0, 1]), np.array([1, 2]), np.array([0])]
    targets = [np.array([0, 1]), np.array([1]), np.array([0, 0])]
    pair_source, _, p = model_1(sources, targets)
    np.testing.assert_allclose(np.bincount(pair_source, p), 1.0)
