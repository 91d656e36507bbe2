"""Two of something that became one: Arabic says "two ministers" with an ending, وزيرا الخارجية, and a small model reads over it.

Only nouns are known whose dual looks like nothing else, as the subject: before a definite noun (وزيرا الخارجية) and alone (وزيران). "وزيرا" by
itself may be a single one in the accusative, "رئيسي" is "main" and "مدينتي" "my city": they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import fold, span_in_source

#: Stems (folded) and what English makes of more than one of them.
_NOUNS: Final = {
    "وزير": "ministers secretaries",
    "رييس": "presidents leaders heads chiefs chairmen speakers premiers ministers",
    "زعيم": "leaders chiefs",
    "قايد": "leaders commanders",
    "سفير": "ambassadors envoys",
    "مبعوث": "envoys representatives",
    "جيش": "armies militaries forces troops",
    "وفد": "delegations",
    "حزب": "parties",
    "فريق": "teams sides clubs",
    "منتخب": "teams sides",
    "مجلس": "councils chambers houses parliaments",
    "شرطي": "policemen officers police",
    "جندي": "soldiers troops servicemen",
    "حكومت": "governments",
    "دولت": "countries states nations",
    "مدينت": "cities towns",
    "شركت": "companies firms",
    "محافظت": "provinces governorates",
    "منطقت": "areas regions zones districts",
    "قريت": "villages",
    "جزيرت": "islands",
    "كتلت": "blocs blocks alliances groups",
    "صحيفت": "newspapers papers dailies",
    "وكالت": "agencies",
    "جامعت": "universities",
}
_STEM: Final = "|".join(sorted(_NOUNS, key=len, reverse=True))
_DUAL: Final = re.compile(
    rf"(?<!\w)[وف]?(?P<stem>{_STEM})(?:ا(?=\s+ال(?!ي\b|ا\b|ذين|تي\b|يوم\b)\w)|ان(?!\w))|(?<!\w)(?:[وفبل]|ول|وب)?(?P<genitive>وزيري)(?=\s+ال(?!ي\b)\w)"
)
#: With any of these the English has two, or names the one and the other.
_MORE: Final = frozenset(
    "and two both pair couple duo twin counterparts counterpart respectively either neither".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A dual of the Arabic, in code points, of which the English has no more than one."""

    start: int
    end: int


def lost_duals(english: str, arabic: str) -> Iterator[Lost]:
    """Yield the duals of ``arabic`` for which ``english`` has neither a plural nor a word for two."""
    folded, origin = fold(arabic)
    words: frozenset[str] | None = None
    for match in _DUAL.finditer(folded):
        if words is None:
            words = frozenset(re.findall(r"[a-z]+", english.lower()))
        stem = match["stem"] or match["genitive"].removesuffix("ي")
        if words.isdisjoint(_MORE) and words.isdisjoint(_NOUNS[stem].split()):
            start, end = span_in_source(arabic, origin, match.start(), match.end())
            yield Lost(start=start, end=end)
