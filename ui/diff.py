"""Two briefs of the same reports, side by side: which sentences belong together, which words and failures differ.

Pure functions on the schema; no HTML. Stories pair by id, which depends on the reports alone and not on the models.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from summarizer.arabic import tokenize
from summarizer.schema import Brief, Check, Citation, Story, SummarySentence

#: Likeness (0 to 1) from which two sentences are shown as versions of one: they cite the same words, or say a third of
#: the same.
PAIR_LIKENESS: Final = 0.34
#: A word with its diacritics (combining marks, which ``\w`` leaves out) and inner joints ("2,500", "al-Kadhimi"), a run of
#: white space, or one other character. Every character falls into exactly one.
_WORDS: Final = re.compile(
    r"[\w\u0610-\u061a\u064b-\u065f\u0670]+(?:[.,٫٬'’-][\w\u064b-\u065f\u0670]+)*|\s+|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; ``changed`` where the other side does not have it."""

    text: str
    changed: bool


def diff_words(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces, the words that only one of them has marked. Joined, the pieces are the text."""
    words, others = _WORDS.findall(one), _WORDS.findall(other)
    kept, kept_other = [False] * len(words), [False] * len(others)
    for start, start_other, size in SequenceMatcher(
        None, words, others, autojunk=False
    ).get_matching_blocks():
        kept[start : start + size] = [True] * size
        kept_other[start_other : start_other + size] = [True] * size
    return _pieces(words, kept), _pieces(others, kept_other)


def _pieces(words: Sequence[str], kept: Sequence[bool]) -> tuple[Piece, ...]:
    """Join words of one kind; blanks alone are never marked, but those between two marked words are."""
    marked = [not each and not word.isspace() for word, each in zip(words, kept, strict=True)]
    for index in range(1, len(words) - 1):
        if words[index].isspace() and marked[index - 1] and marked[index + 1]:
            marked[index] = True
    pieces: list[Piece] = []
    for word, changed in zip(words, marked, strict=True):
        if pieces and pieces[-1].changed == changed:
            pieces[-1] = Piece(pieces[-1].text + word, changed)
        else:
            pieces.append(Piece(word, changed))
    return tuple(pieces)


# --- checks -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failures:
    """Checks that failed: on both sides alike, or on one only."""

    both: tuple[Check, ...]
    first: tuple[Check, ...]
    second: tuple[Check, ...]


def compare_failures(first: Iterable[Check], second: Iterable[Check]) -> Failures:
    """Sort the failed checks of two sides. The same fact failing in the same way on both sides is one failure of both."""
    one, other = (_by_fact(check for check in side if check.verdict == "fail") for side in (first, second))
    both = one.keys() & other.keys()
    return Failures(
        both=tuple(check for fact, check in one.items() if fact in both),
        first=tuple(check for fact, check in one.items() if fact not in both),
        second=tuple(check for fact, check in other.items() if fact not in both),
    )


def _by_fact(checks: Iterable[Check]) -> dict[tuple[str, str, str, int], Check]:
    """Return checks by the fact at fault, counted where it is at fault several times.

    A detail is what is wrong and then, in brackets, where: ``invented: "77" (77; in «and 77 more»)``. Where it stands differs
    between two translations; so does how far a length is off.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found: dict[tuple[str, str, str, int], Check] = {}
    for check in checks:
        what = check.detail.partition(":")[0] if check.kind == "length" else check.detail.partition(" (")[0]
        fact = (check.kind, check.on, what)
        seen[fact] += 1
        found[*fact, seen[fact]] = check
    return found


# --- sentences and stories ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of each side that tell the same, or one that the other side lacks. Numbers count from 1."""

    first: SummarySentence | None
    second: SummarySentence | None
    first_number: int | None = None
    second_number: int | None = None

    @property
    def same(self) -> bool:
        """Whether both sides read alike in both languages."""
        return (
            self.first is not None
            and self.second is not None
            and (self.first.ar, self.first.en) == (self.second.ar, self.second.en)
        )

    @property
    def failures(self) -> Failures:
        return compare_failures(
            self.first.checks if self.first else (), self.second.checks if self.second else ()
        )


@dataclass(frozen=True, slots=True)
class StoryPair:
    """What two profiles made of the same reports."""

    first: Story
    second: Story
    rows: tuple[Row, ...]

    @property
    def same(self) -> bool:
        """Whether a reader would see no difference."""
        return self.first.title == self.second.title and all(row.same for row in self.rows)

    @property
    def title_failures(self) -> Failures:
        return compare_failures(self.first.title_checks, self.second.title_checks)

    @property
    def failures(self) -> Failures:
        """Every failure of title and summary."""
        return compare_failures(_checks(self.first), _checks(self.second))


def _checks(story: Story) -> Iterator[Check]:
    yield from story.title_checks
    for sentence in story.summary:
        yield from sentence.checks


def pair_stories(first: Brief, second: Brief) -> tuple[StoryPair, ...]:
    """Return the stories of two briefs in their order. Raises KeyError where the briefs are of different reports."""
    others = {story.id: story for story in second.stories}
    return tuple(
        StoryPair(story, others[story.id], pair_sentences(story.summary, others[story.id].summary))
        for story in first.stories
    )


def pair_sentences(first: Sequence[SummarySentence], second: Sequence[SummarySentence]) -> tuple[Row, ...]:
    """Return every sentence of both sides exactly once, those that tell the same together, in the order of ``first``.

    The pairs are those with the greatest likeness in sum (the assignment problem); a sentence that only ``second`` has
    comes after the one that it follows there.
    """
    likeness = np.array([[_likeness(one, other) for other in second] for one in first]).reshape(
        len(first), len(second)
    )  # (first, second)
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    partner = {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if likeness[row, column] >= PAIR_LIKENESS
    }
    found = [_row(first, second, index, partner.get(index)) for index in range(len(first))]
    for column in sorted(set(range(len(second))) - set(partner.values())):
        # The sentence before it there is in the list by now, whichever side it came from.
        place = next((place + 1 for place, row in enumerate(found) if row.second_number == column), 0)
        found.insert(place, _row(first, second, None, column))
    return tuple(found)


def _row(
    first: Sequence[SummarySentence], second: Sequence[SummarySentence], row: int | None, column: int | None
) -> Row:
    return Row(
        first=None if row is None else first[row],
        second=None if column is None else second[column],
        first_number=None if row is None else row + 1,
        second_number=None if column is None else column + 1,
    )


def _likeness(one: SummarySentence, other: SummarySentence) -> float:
    """Return how much two sentences have in common: words cited, or words written, whichever is more."""
    return max(
        _share(_cited(one.citations), _cited(other.citations)),
        _share(set(tokenize(one.ar)), set(tokenize(other.ar))),
    )


def _cited(citations: Iterable[Citation]) -> set[tuple[str, int]]:
    return {(each.document_id, position) for each in citations for position in range(each.start, each.end)}


def _share(one: Set[object], other: Set[object]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
