"""What numbers are read from and read into: the tokens of a text, and exact values with their places.

``numerals`` says what is read; ``numberreaders`` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from summarizer.arabic import fold, span_in_source

Language = Literal["ar", "en"]
Form = Literal["digits", "words", "ordinal", "fraction", "dual", "adjective", "clock", "vague"]


# --- tokens -------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"""
    (?P<date>\d{1,2}([/.\-])\d{1,2}\2\d{4}(?!\d) | \d{4}([/.\-])\d{1,2}\3\d{1,2}(?!\d))
    | (?P<clock>\d{1,2}:\d{2}(?![\d:]))
    | (?P<number>
        \d{1,3}(?:[,،]\d{3})+(?:\.\d+)?(?![.,]?\d)       # 2,500   2،500   1,250.75
      | \d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?![.,]?\d)       # 1.250.000
      | (?<!\d[.,])\d+\.\d+(?![.,]?\d)                           # 2.5
      | (?<!\d[.,])\d{1,3},\d{1,2}(?![.,]?\d)                    # 2,5 (decimal comma)
      | \d+)
    | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
    | (?P<mark>[^\w\s])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One folded word, number or mark. ``start``/``end`` are source offsets; ``low``/``high`` folded ones."""

    text: str
    kind: str  # "word", "number", "clock", "date" (all digits) or "mark"
    start: int
    end: int
    low: int
    high: int
    surface: str


def scan(text: str) -> list[Token]:
    """Return the tokens of ``text``, marks included, in order."""
    folded, origin = fold(text)
    tokens = []
    for match in _TOKEN.finditer(folded):
        start, end = span_in_source(text, origin, match.start(), match.end())
        kind = match.lastgroup or "mark"
        tokens.append(Token(match[0], kind, start, end, match.start(), match.end(), text[start:end]))
    return tokens


def is_identifier(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether the number ``tokens[index]`` hangs on a word by a hyphen or directly: ``كوفيد-19``, ``B52``."""
    before = index - 1
    if before < 0 or tokens[before].high != tokens[index].low:
        return False
    if (
        tokens[before].text in ("-", "‑", "_")
        and before > 0
        and tokens[before - 1].high == tokens[before].low
    ):
        before -= 1
    return tokens[before].kind == "word" and tokens[before].text not in _GLUED_BEFORE


#: What may stand right before a quantity: Arabic proclitics, and "mid-", "pre-" and the like before years.
_GLUED_BEFORE: Final = frozenset(
    (
        *("و", "ب", "ل", "ك", "ف", "ال", "بال", "وال", "لل", "ول", "وب"),
        *("mid", "early", "late", "pre", "post", "us", "rs"),
    )
)


# --- values -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that stands in ``tokens[first:last]``.

    ``value`` is None only where ``form`` is ``vague`` or ``clock``; ``label`` then holds the canonical text.
    ``also`` is a second reading that the writing leaves open (``2.500`` as 2500 or 2.5).
    """

    first: int
    last: int
    value: Fraction | None
    form: Form
    label: str = ""
    percent: bool = False
    also: Fraction | None = None

    @property
    def integer(self) -> int | None:
        """The value if it is a whole number without a percent sign."""
        if self.value is None or self.percent or self.value.denominator != 1:
            return None
        return self.value.numerator

    @property
    def canonical(self) -> str:
        """``2500``, ``2.5``, ``60%``, ``1/3``, ``10:30`` or a vague label such as ``thousands``."""
        return self.label if self.value is None else canonical(self.value) + ("%" if self.percent else "")


def canonical(value: Fraction) -> str:
    """Return ``2500`` or ``2.5`` where a finite decimal exists, else ``1/3``."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


_GROUPED: Final = re.compile(r"\d{1,3}(?:[,،]\d{3})+(?:\.\d+)?")
_DOTTED: Final = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?")
AMBIGUOUS: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}")
#: Numbers longer than this many digits are identifiers, not quantities (and cost no big-integer work).
MAX_DIGITS: Final = 24


def digits_value(text: str) -> Fraction:
    """Return the value of a folded number in digits, as ``_TOKEN`` cuts it, separators and all."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "").replace("،", "")
    elif _DOTTED.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    return Fraction(text.replace(",", "."))
