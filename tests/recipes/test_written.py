"""The pairs that were written for the translator's training: well formed, each once, and none of what it is measured on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("tokenizers", reason="recipes need the `train` extra: tokenizers")

from recipes import prepare

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "eval" / "sets"
PAIRS = [
    tuple(line.split("\t"))
    for path in sorted(prepare.WRITTEN.glob("*.tsv"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
ARABIC = re.compile("[\u0621-\u064a]")


def test_every_line_is_an_arabic_sentence_and_its_english() -> None:
    assert len(PAIRS) > 10_000
    for pair in PAIRS:
        assert len(pair) == 2, pair
        ar, en = pair
        assert (ar.strip(), en.strip()) == pair
        assert len(ARABIC.findall(ar)) > 0.5 * len(ar.replace(" ", "")), pair
        assert re.search("[A-Za-z]{2}", en), pair
        assert not ARABIC.search(en), pair


def test_no_arabic_sentence_stands_twice() -> None:
    keys = [" ".join(prepare.words(ar)) for ar, _ in PAIRS]
    assert len(set(keys)) == len(keys)


def test_none_of_our_own_evaluation_sentences_was_written_again() -> None:
    guard = prepare.EvalGuard([SETS / "challenge.jsonl", *(SETS / "reports").glob("*_sentences.jsonl")], n=8)
    assert guard.seen
    assert [pair for pair in PAIRS if guard.overlaps(*pair)] == []
