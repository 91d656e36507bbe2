"""The lexicon is learnt from pairs alone: words that go together in both directions, and no others."""

from __future__ import annotations

import random

import numpy as np

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
    pairs = pairs_of(("توتر", "tension", 20), ("توتر", "strain", 2), ("سوق", "market", 60))
    found = Renderings(pairs)
    assert found.believed["توتر"] == ["tension"]
    assert found.of("توتر") == ["tension", "strain"]
    assert found.count("توتر", ["tension"]) == (20, 22)


def test_only_written_pairs_count() -> None:
    found = Renderings([*pairs_of(("وفد", "deleg", 40), written=False), *pairs_of(("وفد", "group", 9))])
    assert found.count("وفد", ["deleg"]) == (0, 9)


def sure(pairs: list[Pair], added: dict[str, str] | None = None) -> set[str]:
    return {line.split("\t")[0] for line in lines(pairs, added) if line.count("\t") == 2}


def test_a_stem_is_sure_by_pairs_that_did_not_teach_its_renderings() -> None:
    often = [*pairs_of(("سوق", "market", 80)), *pairs_of(("وفد", "deleg", 40))]
    assert sure(often) == {"سوق", "وفد"}
    # Each half has one rendering, and the other half another one.
    split = [pair for both in zip(pairs_of(("وفد", "deleg", 20)), pairs_of(("وفد", "group", 20)), strict=True) for pair in both]  # fmt: skip
    assert sure([*pairs_of(("سوق", "market", 80)), *split]) == {"سوق"}
    assert sure([*pairs_of(("سوق", "market", 80)), *pairs_of(("وفد", "deleg", 8))]) == {"سوق"}  # too few
    assert sure(pairs_of(("ab", "cd", 40))) == set()  # no Arabic word


def test_what_was_added_by_hand_renders_too_and_may_unsay_a_stem() -> None:
    pairs = [*pairs_of(("سوق", "market", 80)), *pairs_of(("وفد", "deleg", 30), ("وفد", "mission", 3))]
    assert sure(pairs) == {"سوق"}
    assert sure(pairs, {"وفد": "missions", "سوق": "-"}) == {"وفد"}
    assert "وفد\tdeleg mission\t1.00" in list(lines(pairs, {"وفد": "missions"}))


def test_number_words_measures_and_common_nouns_of_countries_are_never_sure() -> None:
    rng = random.Random(3)
    words = {
        "هاتف": "phone",
        "ثلاث": "three",
        "كيلومتر": "kilomet",
        "سوق": "market",
        "متحد": "unit",
        "مطر": "rain",
        "سن": "2020",
    }
    pairs = []
    for _ in range(300):
        arabic = rng.sample(sorted(words), k=3)
        pairs.append(Pair(arabic, [words[word] for word in arabic], written=True))
    assert sure(pairs) == {"هاتف", "سوق", "مطر"}
