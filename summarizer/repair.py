"""Put right the one fact that a translation exchanged for another of its kind.

A small model seldom drops a number, it writes another one: 2010 for 2008, Turkish for Iraqi, dollars for dirhams. Where exactly one fact
of a kind is lost and exactly one of the same kind is invented, they are the two ends of one exchange, and the English
is given the fact of the Arabic. With two exchanges in a sentence nobody can tell which is which: nothing is touched, and the
checks report it. An Arabic word that was left standing in the English gets its rendering, where one is known, and a person
who was made the country of his own office ("the president of Moon Jae-in") gets the office back. Every
repair is recorded, and makes an answer worth less than one that was right by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from summarizer.articles import article_start
from summarizer.display import format_date, format_number
from summarizer.factchecks import side_of
from summarizer.facts import Fact
from summarizer.faithfulness import unmatched_facts
from summarizer.measures import differing, one_for_many
from summarizer.opposites import turned_around
from summarizer.roles import exchanged_roles

#: Numbers from here on are exchanged as figures; smaller ones are often idioms in one of the languages.
SMALLEST: Final = 3
_WHOLE: Final = re.compile(r"\d+(?:\.\d+)?%?")
_YEAR: Final = re.compile(r"\d{4}")
_ARABIC_RUN: Final = re.compile(r"[\u0621-\u064a\u0671-\u06d3]+(?: [\u0621-\u064a\u0671-\u06d3]+)*")
_PER_HOUR: Final = frozenset(("mph", "kph", "kmh"))
#: An office as an English sentence has it before "of" and a person: nobody is the president of a person.
_OFFICE_OF: Final = re.compile(
    r"(?:\b[Tt]he )?\b((?:[Pp]rime [Mm]inister|(?:[A-Za-z]+ )?[Mm]inister|(?:[Vv]ice )?[Pp]resident|[Kk]ing|[Ee]mir|[Ss]ultan|[Pp]ope)) of $"
)
_CALENDAR: Final = re.compile(r"(?:\d{4}|-)-\d{2}(?:-\d{2})?")


@runtime_checkable
class NameFinder(Protocol):
    """What is asked of ``terms.Terms`` to put places right."""

    def find(self, arabic_text: str, /) -> Sequence[Any]: ...
    def find_english(self, english_text: str, /) -> Sequence[Any]: ...
    def rendered(self, english_text: str, match: Any, /) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One exchange that was undone: what the model wrote, what stands there now, and the Arabic it goes by."""

    before: str
    after: str
    source: str


def repair_facts(english: str, arabic: str, *, terms: object | None = None) -> tuple[str, tuple[Repair, ...]]:
    """Return ``english`` with its exchanged number, date and place put right, and what was replaced."""
    repairs: list[tuple[int, int, Repair]] = []
    if english:
        invented, lost = unmatched_facts(english, arabic)
        repairs += _exchanged(invented, lost)
        repairs += _other_measure(english, arabic)
        repairs += _one_for_many(english, arabic)
        repairs += [
            _replaced(english, each.start, each.end, each.right, arabic[each.source_start : each.source_end])
            for each in exchanged_roles(english, arabic)
            if each.right is not None
        ]
        repairs += [
            _replaced(english, each.start, each.end, each.right, arabic[each.source_start : each.source_end])
            for each in turned_around(english, arabic)
        ]
        if isinstance(terms, NameFinder):
            in_arabic, in_english = terms.find(arabic), terms.find_english(english)
            repairs += _exchanged_place(english, in_arabic, in_english, terms)
            repairs += _left_in_arabic(english, terms)
            repairs += _office_of_person(english, in_arabic, in_english)
    repairs.sort(key=lambda each: each[0])
    kept = [
        each
        for before, each in zip([None, *repairs], repairs, strict=False)
        if not before or before[1] <= each[0]
    ]
    for start, end, repair in reversed(kept):
        english = english[:start] + repair.after + english[end:]
    return english, tuple(repair for _, _, repair in kept)


def _replaced(english: str, start: int, end: int, after: str, source: str) -> tuple[int, int, Repair]:
    """Return the repair that writes ``after`` for ``english[start:end]``, with its place."""
    return start, end, Repair(before=english[start:end], after=after, source=source)


def _exchanged(invented: Sequence[Fact], lost: Sequence[Fact]) -> list[tuple[int, int, Repair]]:
    found = []
    for kind, written in (("year", _write_year), ("calendar", _write_date), ("number", _write_number)):
        mine = [fact for fact in invented if _kind(fact) == kind]
        theirs = [fact for fact in lost if _kind(fact) == kind]
        if len(mine) == len(theirs) == 1:
            after = written(mine[0], theirs[0])
            if after is not None:
                repair = Repair(before=mine[0].surface, after=after, source=theirs[0].surface)
                found.append((mine[0].start, mine[0].end, repair))
    return found


def _kind(fact: Fact) -> str | None:
    if fact.kind == "date":
        if _YEAR.fullmatch(fact.value):
            return "year"
        return "calendar" if _CALENDAR.fullmatch(fact.value) else None
    if fact.kind == "number" and _WHOLE.fullmatch(fact.value) and not fact.soft:
        return "number" if float(fact.value.rstrip("%")) >= SMALLEST else None
    return None


def _write_year(mine: Fact, theirs: Fact) -> str | None:
    return mine.surface.replace(mine.value, theirs.value) if mine.value in mine.surface else None


def _write_date(_: Fact, theirs: Fact) -> str | None:
    return format_date(theirs.value).en


def _write_number(mine: Fact, theirs: Fact) -> str | None:
    """Write the number the way the English has it: in figures, and only a percentage for a percentage."""
    if mine.value.endswith("%") != theirs.value.endswith("%") or not mine.surface[0].isdigit():
        return None
    figures = re.match(r"\d[\d,.]*", mine.surface)
    plain = mine.value.rstrip("%")
    if figures is None or figures[0].replace(",", "").rstrip(".") != plain:
        return None  # "2 million", "7th": more than figures would have to change
    return format_number(theirs.value.rstrip("%")) + mine.surface[figures.end() :]


def _other_measure(english: str, arabic: str) -> list[tuple[int, int, Repair]]:
    """Give each number the measure that the Arabic counts in: "$10,000" for dirhams becomes "10,000 dirhams"."""
    one, other = side_of(english, "en", None), side_of(arabic, "ar", None)
    found = []
    for each in differing(english, one.numbers, arabic, other.numbers):
        mine = each.english
        if mine.before:
            start, end = mine.start, mine.number.end
            figure = english[mine.end : end]
            adjective = article_start(english[:start]) < start  # "a $10,000 fine"
            after = f"{figure}-{each.written(one=True)}" if adjective else f"{figure} {each.written()}"
        else:
            start, end = mine.start, mine.end
            after = each.written() + (" per hour" if mine.word in _PER_HOUR else "")
        found.append(_replaced(english, start, end, after, each.source))
    return found


def _one_for_many(english: str, arabic: str) -> list[tuple[int, int, Repair]]:
    """Make "days after" of "a day after" where the Arabic has days that it does not count."""
    counted = [number.end for number in side_of(arabic, "ar", None).numbers]
    found = []
    for each in one_for_many(english, arabic):
        if any(not arabic[end : each.source_start].strip() for end in counted if end <= each.source_start):
            continue  # "three days": the check tells of the number
        before = english[each.start : each.end]
        after = each.many.capitalize() if before[0].isupper() else each.many
        source = arabic[each.source_start : each.source_end]
        found.append(_replaced(english, each.start, each.end, after, source))
    return found


def _exchanged_place(
    english: str, in_arabic: Sequence[Any], in_english: Sequence[Any], terms: NameFinder
) -> list[tuple[int, int, Repair]]:
    keys = {match.key for match in in_arabic}
    lost = {
        match.key: match
        for match in in_arabic
        if match.kind == "place" and not terms.rendered(english, match)
    }
    invented = [match for match in in_english if match.kind == "place" and match.key not in keys]
    if len(lost) != 1 or len({match.key for match in invented}) != 1:
        return []
    (wanted,) = lost.values()
    if any(
        match.role != wanted.role for match in invented
    ):  # a country for its people would need other grammar
        return []
    return [
        (match.start, match.end, Repair(before=match.surface, after=wanted.english[0], source=wanted.surface))
        for match in invented
    ]


def _left_in_arabic(english: str, terms: NameFinder) -> list[tuple[int, int, Repair]]:
    """Render what the model copied instead of translating it: a name or term, alone between English words."""
    found = []
    for left in _ARABIC_RUN.finditer(english):
        known = [match for match in terms.find(left[0]) if match.surface == left[0] and match.english]
        if known:
            repair = Repair(before=left[0], after=known[0].english[0], source=left[0])
            found.append((left.start(), left.end(), repair))
    return found


def _office_of_person(
    english: str, in_arabic: Sequence[Any], in_english: Sequence[Any]
) -> list[tuple[int, int, Repair]]:
    """Write "Prime Minister X" for "the prime minister of X" where X is a person of the Arabic."""
    persons = {match.key: match.surface for match in in_arabic if match.kind == "person"}
    found = []
    for match in in_english:
        before = _OFFICE_OF.search(english[: match.start]) if match.key in persons else None
        if before is not None:
            office = " ".join(word[0].upper() + word[1:] for word in before[1].split())
            repair = Repair(
                before=english[before.start() : match.end],
                after=f"{office} {english[match.start : match.end]}",
                source=persons[match.key],
            )
            found.append((before.start(), match.end, repair))
    return found
