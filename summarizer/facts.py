"""What a sentence states that must not change: its numbers, its dates and its negations.

``extract_facts`` returns them in the order of the text with canonical values that compare equal across Arabic and
English (see ``numerals`` and ``dates`` for the forms). Facts say what is exact; what may be compared with some
leniency is marked ``soft``: 0, 1, 2 and the small ordinals, which languages put into duals, articles and idioms.

Negation is a fact too; its kinds, and what only looks like one, are told in ``negations``.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from summarizer.arabic import normalize
from summarizer.dates import DateMention, find_dates
from summarizer.negations import find_negations
from summarizer.numerals import Form, Language, Numeral, Token, find_numerals, scan

FactKind = Literal["number", "date", "negation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact; ``surface == text[start:end]``.

    ``unit``: what is counted (the folded next word, or ``percent``). ``bound``: ``about``, ``more than``,
    ``less than``, ``at least``, ``up to`` or empty. ``form``: how a number is written. ``resolved``: the absolute date
    that a relative or partial one means, where the report is dated. ``also``: a second reading of the value.
    ``soft``: differing in this alone is no error.
    """

    kind: FactKind
    value: str
    start: int
    end: int
    surface: str
    unit: str = ""
    bound: str = ""
    form: Form | Literal[""] = ""
    resolved: str | None = None
    also: str | None = None
    soft: bool = False


def extract_facts(text: str, *, language: Language, published: str | None = None) -> tuple[Fact, ...]:
    """Return the facts of ``text`` in order. ``published`` is an ISO date or date-time (anything else is ignored)."""
    extract = _extract if len(text) <= _REMEMBERED else _extract.__wrapped__
    return extract(text, language, (published or "")[:10])


#: Characters up to which the facts of a text are remembered: sentences are asked for many times, documents once.
_REMEMBERED: Final = 2000


@lru_cache(maxsize=4096)
def _extract(text: str, language: Language, published: str) -> tuple[Fact, ...]:
    tokens = scan(text)
    numerals = find_numerals(tokens, language=language)
    dates = find_dates(tokens, numerals, language=language, published=_parse_date(published))
    taken = {  # the 5 of "the last 5 days" is still a number
        index
        for mention in dates
        if not (mention.value.startswith("rel:") and mention.value.endswith(("+", "-")))
        for index in range(mention.first, mention.last)
    }
    facts = [_date_fact(text, tokens, mention) for mention in dates]
    facts += [
        _number_fact(text, tokens, numeral)
        for numeral in numerals
        if not any(index in taken for index in range(numeral.first, numeral.last))
    ]
    facts += [
        Fact(kind="negation", value=each.value, start=each.start, end=each.end,
             surface=text[each.start : each.end], soft=each.soft)
        for each in find_negations(tokens, language)
    ]  # fmt: skip
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end, fact.kind)))


def _parse_date(published: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(published)
    except ValueError:
        return None


def _date_fact(text: str, tokens: Sequence[Token], mention: DateMention) -> Fact:
    start, end = tokens[mention.first].start, tokens[mention.last - 1].end
    return Fact(
        kind="date", value=mention.value, start=start, end=end, surface=text[start:end],
        resolved=mention.resolved, also=mention.also, soft=mention.soft,
    )  # fmt: skip


# --- numbers --------------------------------------------------------------------------------------


def _phrases(rows: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {
        tuple(normalize(phrase).split()): bound
        for bound, phrases in rows.items()
        for phrase in phrases.split("|")
    }


#: What stands before a number and bounds it, longest match first.
_BOUNDS: Final = _phrases(
    {
        "about": "نحو|حوالي|قرابة|زهاء|ما يقارب|ما يقرب من|تقريبا|about|around|approximately|roughly|some|nearly|almost|an estimated",
        "more than": "أكثر من|أزيد من|يزيد على|يزيد عن|تزيد عن|تزيد على|ما يزيد عن|ما يزيد على|يفوق|فوق|more than|over|above|upwards of|in excess of",
        "less than": "أقل من|دون|ما دون|less than|fewer than|under|below",
        "at least": "ما لا يقل عن|لا يقل عن|على الأقل|at least|no fewer than|no less than",
        "up to": "حتى|يصل إلى|تصل إلى|up to|as many as|at most|no more than",
    }
)
_LONGEST_BOUND: Final = max(map(len, _BOUNDS))
_NO_UNIT: Final = frozenset(
    normalize(
        "من في إلى على عن مع و أو أن إن بين بعد قبل خلال حتى التي الذي هو هي كان كانت قد"
        " of in to on at by for from with and or the a an was were is are has have had that who which as than"
    ).split()
)
#: Values that grammar and idiom spell in many ways.
_SOFT_VALUES: Final = frozenset((0, 1, 2))
_SOFT_ORDINALS: Final = 3


def _number_fact(text: str, tokens: Sequence[Token], numeral: Numeral) -> Fact:
    start, end = tokens[numeral.first].start, tokens[numeral.last - 1].end
    following = tokens[numeral.last] if numeral.last < len(tokens) else None
    unit = "percent" if numeral.percent else ""
    if not unit and following and following.kind == "word" and following.text not in _NO_UNIT:
        unit = following.text
    soft = (
        numeral.form in ("fraction", "dual", "adjective")
        or (numeral.value is not None and not numeral.percent and numeral.value in _SOFT_VALUES)
        or any(token.text == "dozen" for token in tokens[numeral.first : numeral.last])
        or (numeral.form == "ordinal" and numeral.value is not None and numeral.value <= _SOFT_ORDINALS)
    )
    also = (
        Numeral(0, 1, numeral.also, "digits", percent=numeral.percent).canonical
        if numeral.also is not None
        else None
    )
    return Fact(
        kind="number", value=numeral.canonical, start=start, end=end, surface=text[start:end], unit=unit,
        bound=_bound(tokens, numeral.first), form=numeral.form, also=also, soft=soft,
    )  # fmt: skip


def _bound(tokens: Sequence[Token], first: int) -> str:
    for length in range(min(_LONGEST_BOUND, first), 0, -1):
        words = tuple(token.text for token in tokens[first - length : first])
        for candidate in (
            words,
            (words[0].removeprefix("و").removeprefix("ل").removeprefix("ب"), *words[1:]),
        ):
            if candidate in _BOUNDS:
                return _BOUNDS[candidate]
    return ""
