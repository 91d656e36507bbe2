"""From a decoder's attention to links between the words of two texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Final

from summarizer.engines import Link

_WORD: Final = re.compile(r"\S+")
#: What SentencePiece writes for the space before a word.
_SPACE: Final = "\u2581"


def links_of(
    source: str,
    target: str,
    *,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    attention: Sequence[Sequence[float]],
    marks: Collection[str],
    prefix: str = "",
) -> list[Link]:
    """Link each word of ``target`` to the word of ``source`` that its tokens attend to most.

    ``attention`` is (target tokens, source tokens). A token belongs to the word that SentencePiece's space marks
    begin, and ``marks`` (of languages, of the end) to none. ``prefix`` is what the model was fed before ``source``.
    Words without attention on a word get no link.
    """
    marks = {mark for mark in marks if mark not in prefix}  # a mark that is written there is a word of it
    sources, targets = list(_WORD.finditer(prefix + source)), list(_WORD.finditer(target))
    of_source, of_target = (
        _words_of(source_tokens, len(sources), marks),
        _words_of(target_tokens, len(targets), marks),
    )
    links: list[Link] = []
    for word, group in groupby(range(len(target_tokens)), key=lambda i: of_target[i]):
        weights = [0.0] * len(sources)
        for i in group:
            for j, weight in enumerate(attention[i][: len(of_source)] if i < len(attention) else ()):
                owner = of_source[j]
                if owner is not None and sources[owner].start() >= len(prefix):
                    weights[owner] += weight
        if word is None or not any(weights):
            continue
        best = sources[max(range(len(weights)), key=lambda j: weights[j])]
        own = targets[word]
        links.append(
            Link(
                source=(best.start() - len(prefix), best.end() - len(prefix)), target=(own.start(), own.end())
            )
        )
    return links


def _words_of(tokens: Sequence[str], words: int, marks: Collection[str]) -> list[int | None]:
    """Return for each token the number of its word, None for marks and for what is past the last word."""
    owners: list[int | None] = []
    word = -1
    for token in tokens:
        if token in marks:
            owners.append(None)
            continue
        if token.startswith(_SPACE) or word < 0:
            word += 1
        owners.append(word if word < words else None)
    return owners
