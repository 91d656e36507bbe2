"""What an edit changed, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from summarizer.schema import Document

_WORD: Final = re.compile(r"\S+")
#: Words of a text that are compared; what is longer is compared by lines.
MOST_WORDS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Words that an edit took out, put in or replaced.

    ``before == earlier[before_start:before_end]`` and ``after == later[after_start:after_end]``, in the title or the
    text of the two versions; one of the two is empty where words only went or came.
    """

    where: Literal["title", "text"]
    before: str
    after: str
    before_start: int
    before_end: int
    after_start: int
    after_end: int


def word_changes(earlier: Document, later: Document) -> tuple[Change, ...]:
    """Return what changed between two versions: in the title first, then in the text, in order.

    Words are compared as written. Where only white space differs there is no change.
    """
    return (
        *_changes("title", earlier.title or "", later.title or ""),
        *_changes("text", earlier.text, later.text),
    )


def _changes(where: Literal["title", "text"], earlier: str, later: str) -> list[Change]:
    old, new = _pieces(earlier), _pieces(later)
    matcher = SequenceMatcher(
        None,
        [earlier[start:end] for start, end in old],
        [later[start:end] for start, end in new],
        autojunk=False,
    )
    changes = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            continue
        before_start, before_end = _span(old, i, j, len(earlier))
        after_start, after_end = _span(new, k, m, len(later))
        changes.append(
            Change(
                where=where,
                before=earlier[before_start:before_end],
                after=later[after_start:after_end],
                before_start=before_start,
                before_end=before_end,
                after_start=after_start,
                after_end=after_end,
            )
        )
    return changes


def _pieces(text: str) -> list[tuple[int, int]]:
    words = [match.span() for match in _WORD.finditer(text)]
    if len(words) <= MOST_WORDS:
        return words
    return [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]


def _span(pieces: list[tuple[int, int]], first: int, end: int, length: int) -> tuple[int, int]:
    """Return the place of ``pieces[first:end]``; for none, the empty place before the next one."""
    if first == end:
        place = pieces[first][0] if first < len(pieces) else length
        return place, place
    return pieces[first][0], pieces[end - 1][1]
