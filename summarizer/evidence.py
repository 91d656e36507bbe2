"""The words in which a check tells what it found: quotations short enough for one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from summarizer.facts import Fact

#: Characters of context shown on each side of a fact in a check's detail.
_CONTEXT: Final = 12
#: Facts named in the detail of a pass.
SHOWN: Final = 6
_SPACES: Final = re.compile(r"\s+")


def around(text: str, start: int, end: int) -> str:
    """Quote a fact with whole words around it, on one line."""
    low, high = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    while 0 < low < start and not text[low - 1].isspace():
        low += 1
    while end < high < len(text) and not text[high].isspace():
        high -= 1
    return _SPACES.sub(" ", text[low:high]).strip()


def flat(text: str) -> str:
    """Return ``text`` on one line."""
    return _SPACES.sub(" ", text).strip()


def lost_fact(fact: Fact, source: str) -> str:
    """Tell of a fact of ``source`` that is missing, with where it stands."""
    return f'lost: "{flat(fact.surface)}" ({fact.value}; source «{around(source, fact.start, fact.end)}»)'


def invented_fact(fact: Fact, subject: str) -> str:
    """Tell of a fact of ``subject`` that its source lacks, with where it stands."""
    return f'invented: "{flat(fact.surface)}" ({fact.value}; in «{around(subject, fact.start, fact.end)}»)'


def other_measure(number: Fact, word: str, measure: str, source: str, counted: Fact) -> str:
    """Tell of a number that the English counts in ``word`` and the Arabic in ``measure``."""
    quoted = around(source, counted.start, counted.end)
    return f'another measure: "{flat(number.surface)}" in {word}, not in {measure} (source «{quoted}»)'


def one_of_many(surface: str, source: str, start: int, end: int) -> str:
    """Tell of one unit of time in the English for the many at ``source[start:end]``."""
    return f'invented: "{flat(surface)}" (more than one in the source «{around(source, start, end)}»)'


def one_of_two(source: str, start: int, end: int) -> str:
    """Tell of a dual at ``source[start:end]`` of which the English has no more than one."""
    return f'lost: two of "{flat(source[start:end])}" (source «{around(source, start, end)}»)'


def opposite(surface: str, source: str, start: int, end: int) -> str:
    """Tell of what the English turned around: what it should say stands in the Arabic at ``source[start:end]``."""
    return f'turned around: "{flat(surface)}" (source «{around(source, start, end)}»)'


def matched(surfaces: Iterable[str]) -> str:
    """Tell what a check passed on, the first few by name."""
    shown = list(dict.fromkeys(flat(surface) for surface in surfaces))
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return "matched: " + ", ".join(shown[:SHOWN]) + more
