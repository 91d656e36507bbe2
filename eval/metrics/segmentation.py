"""How well a text was cut into sentences: precision, recall and F1 of the cuts.

Hypothesis: the sentences, in order. Truth: the item's references. A cut is told by how many characters other than
white space stand before it, so white space between and inside sentences does not matter. The end of the text is no cut:
everyone finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from eval.items import Item, hypothesis_text
from eval.metrics.base import Part, PrecisionRecall, references_of, sign


class Boundaries(PrecisionRecall):
    """Micro precision, recall or F1 of sentence boundaries. Rows: matched, proposed, expected cuts.

    Sentences that lost or changed letters cannot be lined up: then every proposed cut counts as wrong.
    """

    tasks = frozenset({"segment"})

    def __init__(self, part: Part = "f1") -> None:
        self.part = part
        self.name = f"boundary-{ {'p': 'precision', 'r': 'recall', 'f1': 'f1'}[part] }"
        self.signature = sign(
            self.name, cuts="inner", offsets="non-space characters", mean="micro", scale=100, version=1
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        expected, letters = _cuts(references_of(self.name, item))
        proposed, found = _cuts(_sentences(hypothesis))
        return len(proposed & expected) if found == letters else 0, len(proposed), len(expected)


def _sentences(hypothesis: Any) -> list[str]:
    """Return the sentences of a list, or the lines of a text."""
    if isinstance(hypothesis, (list, tuple)):
        return [hypothesis_text(each) for each in hypothesis]
    return hypothesis_text(hypothesis).splitlines()


def _cuts(sentences: Sequence[str]) -> tuple[set[int], str]:
    """Return the inner cuts, and all characters but white space."""
    bare = ["".join(sentence.split()) for sentence in sentences]
    letters = "".join(bare)
    return {cut for cut in accumulate(map(len, bare)) if 0 < cut < len(letters)}, letters
