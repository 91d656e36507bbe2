"""Claims: the numbers and dates of a sentence with the predicate that rules each.

A claim is found by rule and by distance, from the words in ``predicates``; ``disagreements`` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from summarizer.arabic import STOP_WORDS, content_tokens, fold, normalize, span_in_source, stem
from summarizer.facts import Fact
from summarizer.predicates import (
    ADDED_UP,
    BRIDGE,
    CHARGE,
    COUNTED,
    DEATH,
    DEATH_OF,
    DOCUMENT,
    EVENT_NOUN,
    EVENTS,
    MET,
    PART_AFTER,
    PART_BEFORE,
    PAST_STRETCH,
    PAUSE,
    RULING_NUMBERS,
    SAID,
    SIGNED,
    STRETCH,
    UNITS,
    VICTIMS,
    Predicate,
)
from summarizer.schema import Bilingual, Sentence
from summarizer.summarize import trim_opening
from summarizer.timeline import calendar_date

#: A predicate rules a number at most this many words away ...
NUMBER_REACH: Final = 9
#: ... and a date at most this many: names and offices stand between ("مقتل قائد ... ونائب ... في يناير").
DATE_REACH: Final = 20
#: What an event is about stands at most this many words around its predicate and date.
ANCHOR_REACH: Final = 14
#: A verb that follows its number stands at most this many words after it ("54 people, 28 of them civilians, were killed").
VERB_AFTER: Final = 10
#: A verb of saying at most this many words before a date has the date.
SAID_BEFORE: Final = 4
#: A person is the subject of an event if the name stands at most this many words from the predicate or the date.
NAME_REACH: Final = 8
#: Numbers below this are seldom claims worth comparing ("two countries", "three officials").
SMALLEST_NUMBER: Final = 4
#: How far from a number its unit may stand, in words after it, then before it ("عدد القوات إلى حوالي 2500").
UNIT_AFTER, UNIT_BEFORE = 2, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A number or date of one sentence with the predicate that rules it."""

    sentence: Sentence
    fact: Fact
    value: str
    unit: tuple[str, Bilingual] | None
    predicate: Predicate
    words: tuple[int, int]  # span of the excerpt that shows predicate, number and unit together
    stems: frozenset[str]  # what the sentence is about, numbers and the predicate left out
    anchors: frozenset[str]  # stems near the predicate and the date
    subject: frozenset[str]  # stems of what the predicate says: up to the number or date, or what follows
    near: tuple[int, int]  # span in which the name stands of whom the event happened to
    days: frozenset[str]  # every calendar date of the sentence, ISO
    stretch: bool  # the sentence speaks of a stretch of the past ("the last weeks")

    @property
    def excerpt(self) -> str:
        return self.sentence.text[self.words[0] : self.words[1]]


@dataclass(frozen=True, slots=True)
class Word:
    folded: str
    start: int
    end: int


def split_words(text: str) -> list[Word]:
    folded, origin = fold(text)
    return [
        Word(match[0], *span_in_source(text, origin, match.start(), match.end()))
        for match in re.finditer(r"[\w%.,]*\w%?|[%،؛:]", folded)
    ]


def _position(words: Sequence[Word], fact: Fact) -> tuple[int, int] | None:
    inside = [index for index, word in enumerate(words) if word.start < fact.end and word.end > fact.start]
    return (inside[0], inside[-1]) if inside else None


def number_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[Claim]:
    """Return the numbers that one of two opposite predicates rules, wherever in their reach it stands."""
    words = split_words(sentence.text)
    claims = []
    for fact, place in _numbers(words, facts):
        nearest = _nearest(words, *place, predicates=RULING_NUMBERS, reach=NUMBER_REACH)
        if nearest is not None:
            unit = _unit(words, *place, before=UNIT_BEFORE)
            claims.append(_claim(sentence, fact, fact.value, unit, words, place, nearest, facts))
    return claims


def count_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[Claim]:
    """Return the numbers of people that a predicate beside them says something of ("مقتل نحو 40 شخصا")."""
    words = split_words(sentence.text)
    claims = []
    for fact, place in _numbers(words, facts):
        unit = _unit(words, *place, before=0)
        ruling = None if unit is None or _is_part(words, *place) else _count_predicate(words, *place)
        if ruling is not None:
            claims.append(_claim(sentence, fact, fact.value, unit, words, place, ruling, facts))
    return claims


def _numbers(words: Sequence[Word], facts: Sequence[Fact]) -> Iterator[tuple[Fact, tuple[int, int]]]:
    for fact in facts:
        amount = amount_of(fact)
        place = _position(words, fact)
        if fact.kind == "number" and amount is not None and amount >= SMALLEST_NUMBER and place is not None:
            yield fact, place


def _is_part(words: Sequence[Word], first: int, last: int) -> bool:
    """Tell whether a number counts some of those whom another number counts."""
    before = [word.folded for word in words[max(0, first - 3) : first]]
    after = [word.folded for word in words[last + 1 : last + 3]]
    return (
        any(word in PART_BEFORE for word in before)
        or after == ["من", "بين"]
        or any(word in PART_AFTER for word in after[:1])
    )


def _count_predicate(words: Sequence[Word], first: int, last: int) -> tuple[int, Predicate] | None:
    """Return the word that says what became of those counted by ``words[first:last + 1]``: beside the number."""
    following = words[last + 1].folded if last + 1 < len(words) else ""
    if following in VICTIMS:
        return last + 1, VICTIMS[following]
    index = first - 1
    while index >= 0 and words[index].folded in BRIDGE:
        index -= 1
    if index >= 0:
        for predicate in COUNTED:
            if predicate.pattern.match(words[index].folded):
                met = MET.match(words[index].folded) is not None
                deadly = any(DEATH.match(word.folded) for word in words[last + 1 : last + 1 + VERB_AFTER])
                return None if met and not deadly else (index, predicate)
    for index in range(last + 1, min(len(words), last + 1 + VERB_AFTER)):
        word = words[index].folded
        if SAID.match(word):
            break
        for predicate in COUNTED:
            if word.endswith("وا") and predicate.pattern.match(word):
                return index, predicate
    return None


def date_claims(sentence: Sentence, facts: Sequence[Fact]) -> list[Claim]:
    words = split_words(sentence.text)
    places = {id(fact): place for fact in facts if (place := _position(words, fact)) is not None}
    taken = {
        index
        for fact in facts
        if fact.kind == "date" and id(fact) in places
        for index in range(places[id(fact)][0], places[id(fact)][1] + 1)
    }
    claims = []
    for fact in facts:
        date, place = calendar_date(fact), places.get(id(fact))
        if date is None or place is None or fact.value.startswith("rel:day"):
            continue
        ruling = _event(words, *place, taken=taken)
        if ruling is not None:
            claims.append(_claim(sentence, fact, date, None, words, place, ruling, facts))
    return claims


def _event(words: Sequence[Word], first: int, last: int, *, taken: set[int]) -> tuple[int, Predicate] | None:
    """Return the event that ``words[first:last + 1]`` dates: before the date, or a verb right after it.

    No date and no verb of saying stands between the two, and the date is not the edge of a stretch of time.
    """
    if any(word.folded in STRETCH for word in words[max(0, first - 2) : first]):
        return None
    index = last + 1
    while index < len(words) and words[index].folded in ("،", "قد", "تم"):
        index += 1
    announced = any(SAID.match(word.folded) for word in words[max(0, first - SAID_BEFORE) : first])
    if index < len(words) and not announced and not EVENT_NOUN.match(words[index].folded):
        ruling = _event_at(words, index)
        if ruling is not None:
            return index, ruling
    for index in range(first - 1, max(-1, first - 1 - DATE_REACH), -1):
        word = words[index].folded
        if index in taken or word in ("؛", ":") or SAID.match(word):
            return None
        ruling = _event_at(words, index)
        if ruling is not None:
            return index, ruling
    return None


def _event_at(words: Sequence[Word], index: int) -> Predicate | None:
    word = words[index].folded
    predicate = next((each for each in EVENTS if each.pattern.match(word)), None)
    if predicate is DEATH_OF:
        before = words[index - 1].folded if index else ""
        if word.removeprefix("و") != "قتل" and word.endswith("قتل") and not word.endswith("مقتل"):
            return None  # "بقتل", "القتل"
        if before in CHARGE and not word.endswith("مقتل"):
            return None
    if predicate is SIGNED and not any(
        DOCUMENT.match(near.folded) for near in words[max(0, index - 6) : index + 9]
    ):
        return None
    return predicate


def _nearest(
    words: Sequence[Word], first: int, last: int, *, predicates: Sequence[Predicate], reach: int
) -> tuple[int, Predicate] | None:
    """Return the predicate word that rules ``words[first:last + 1]``: the nearest one, before it on a tie."""
    best: tuple[float, int, Predicate] | None = None
    for index in range(max(0, first - reach), min(len(words), last + reach + 1)):
        if first <= index <= last:
            continue
        distance = first - index if index < first else index - last + 0.5
        for predicate in predicates:
            if predicate.pattern.match(words[index].folded) and (best is None or distance < best[0]):
                best = (distance, index, predicate)
    return (best[1], best[2]) if best else None


def _unit(
    words: Sequence[Word], first: int, last: int, *, before: int
) -> tuple[int, tuple[str, Bilingual]] | None:
    """Return the index of the word that says what ``words[first:last + 1]`` counts, and its class.

    It stands in the number's last word, after the number, or at most ``before`` words before it.
    """
    following = range(last + 1, min(len(words), last + 1 + UNIT_AFTER))
    preceding = range(first - 1, max(-1, first - 1 - before), -1)
    for index in (last, *following, *preceding):
        word = words[index].folded
        unit = (
            UNITS.get(word)
            or UNITS.get(word.removeprefix("ال"))
            or (UNITS["%"] if word.endswith("%") else None)
        )
        if unit is not None:
            return index, unit
    return None


def _claim(
    sentence: Sentence,
    fact: Fact,
    value: str,
    unit: tuple[int, tuple[str, Bilingual]] | None,
    words: Sequence[Word],
    place: tuple[int, int],
    nearest: tuple[int, Predicate],
    facts: Sequence[Fact],
) -> Claim:
    index, predicate = nearest
    shown = [index, *place] + ([unit[0]] if unit else [])
    first, last = min(shown), max(shown)
    around = sentence.text[
        words[max(0, first - ANCHOR_REACH)].start : words[min(len(words) - 1, last + ANCHOR_REACH)].end
    ]
    own = {stem(words[index].folded)}
    said = (
        words[index + 1 : place[0]]
        if index < place[0]
        else list(takewhile(lambda word: word.folded not in PAUSE, words[index + 1 : index + 1 + NAME_REACH]))
    )
    near = words[max(0, min(index, place[0]) - NAME_REACH) : max(index, place[1]) + NAME_REACH]
    return Claim(
        sentence=sentence,
        fact=fact,
        value=value,
        unit=unit[1] if unit else None,
        predicate=predicate,
        words=(min(words[first].start, _with_bound(sentence.text, fact)), words[last].end),
        stems=frozenset(_about(trim_opening(sentence.text)) - own),
        anchors=frozenset(_about(around) - own),
        subject=frozenset(_about(" ".join(word.folded for word in said))),
        near=(near[0].start, near[-1].end),
        days=frozenset(date for each in facts if (date := calendar_date(each)) is not None),
        stretch=any(each.kind == "date" and PAST_STRETCH.match(each.value) for each in facts)
        or ADDED_UP.search(normalize(sentence.text)) is not None,
    )


def _with_bound(text: str, fact: Fact) -> int:
    """Return where the number starts with its "more than" or "about" before it, if it has one."""
    if not fact.bound:
        return fact.start
    before = list(re.finditer(r"\S+", text[: fact.start]))[-2:]
    folded = [normalize(word[0]) for word in before]
    if len(before) == 2 and folded[1] in ("من", "عن"):
        return before[0].start()
    return before[-1].start() if before else fact.start


def _about(text: str) -> set[str]:
    return {
        token
        for token in content_tokens(text)
        if not token[0].isdigit() and not token.startswith("month") and token not in STOP_WORDS
    }


def amount_of(fact: Fact) -> float | None:
    try:
        return float(fact.value.rstrip("%"))
    except ValueError:  # a vague number ("dozens"), a range, a fraction
        return None
