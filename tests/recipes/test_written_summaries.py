"""The examples that were written for the Arabic summarizer: well formed, each once, and faithful by our own check."""

from __future__ import annotations

import pytest

pytest.importorskip("tokenizers", reason="recipes need the `train` extra: tokenizers")

from recipes import prepare
from summarizer.faithfulness import check_arabic

EXAMPLES = [
    tuple(line.split("\t"))
    for line in (prepare.WRITTEN / "summaries" / "written_summaries.tsv")
    .read_text(encoding="utf-8")
    .splitlines()
]
#: Of a kind: source sentences, and words of the target.
KINDS = {
    "FUSE": (range(2, 4), range(12, 35)),
    "CUT": (range(1, 2), range(9, 29)),
    "HEAD": (range(1, 4), range(4, 13)),
}


def test_every_line_is_a_kind_its_sources_and_what_becomes_of_them() -> None:
    assert len(EXAMPLES) > 1_500
    for example in EXAMPLES:
        kind, source, target = example
        sentences, words = KINDS[kind]
        assert len(source.split(" ¶ ")) in sentences, example
        assert len(target.split()) in words, example
        assert len(target) < len(source), example
    assert len({source for _, source, _ in EXAMPLES}) == len(EXAMPLES)


def test_every_target_passes_the_check_against_its_sources() -> None:
    for kind, source, target in EXAMPLES:
        failed = [each.detail for each in check_arabic(target, source.split(" ¶ ")) if each.verdict == "fail"]
        assert not failed, (kind, target)
