"""Numbers in running Arabic and English text, in digits and in words, as exact values with their places.

``scan(text)`` cuts a text into tokens, folded as ``arabic.fold`` folds them and mapped to source offsets;
``find_numerals(tokens, language=...)`` reads the numbers among them in one pass from left to right:

* digits of every script, with thousands separators (``2,500`` ``٢٬٥٠٠`` ``2 500``), decimals, clock times;
* words with every gender, case and spelling (``ألفان وخمسمئة``, ``خمس مائة``, ``two thousand five hundred``);
* scales after digits or words (``2.5 مليون``, ``3 آلاف``, ``3bn``), fractions (``مليون ونصف``, ``half a million``);
* ordinals (``السابع والعشرين``, ``7th``, ``twenty-first``);
* dual nouns of the newsroom (``جنديان``), ``ثلاثي``/``ثنائي``, and vague counts (``عشرات الآلاف``, ``dozens``).

Values are exact fractions, so ``٢٥٠٠``, ``ألفان وخمسمئة``, ``2.5 thousand`` and ``2,500`` are one value.
``أحد``/``إحدى`` and ``one of`` mean "one of" and are no numbers. The cost is linear in the text.

The parts: ``numbertokens`` (tokens, values), ``numberwords`` (the lexica), ``numberreaders`` (the grammars); here
they come together, with percentages and ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from summarizer.arabic import normalize
from summarizer.numberreaders import ArabicReader, EnglishReader
from summarizer.numbertokens import (
    MAX_DIGITS,
    Form,
    Language,
    Numeral,
    Token,
    canonical,
    digits_value,
    is_identifier,
    scan,
)

__all__ = ["Form", "Language", "Numeral", "Token", "canonical", "find_numerals", "is_identifier", "scan"]


def find_numerals(tokens: Sequence[Token], *, language: Language) -> list[Numeral]:
    """Return the numbers among ``tokens`` from left to right, never overlapping."""
    reader = ArabicReader(tokens) if language == "ar" else EnglishReader(tokens)
    found: list[Numeral] = []
    position = 0
    while position < len(tokens):
        numeral = reader.read(position)
        if numeral is None:
            position += 1
        else:
            found.append(numeral)
            position = numeral.last
    marked: list[Numeral] = []
    for numeral in found:
        if not marked or numeral.first >= marked[-1].last:  # the hundred of "in the hundred" is taken by now
            marked.append(_with_percent(tokens, numeral))
    return _share_in_ranges(tokens, marked)


# --- percent and ranges -------------------------------------------------------------------------

_PERCENT_WORDS: Final = frozenset(normalize("% percent pct بالمئة بالمائة بالمية").split())
_IN_HUNDRED: Final = frozenset(normalize("المئة المائة المية مائة").split())
_POINT: Final = frozenset(normalize("نقطة نقاط نقطتين نقطتان").split())
_POINT_ADJECTIVE: Final = frozenset(normalize("مئوية مئويه مائوية").split())


def _with_percent(tokens: Sequence[Token], numeral: Numeral) -> Numeral:
    """Mark the numeral as a percentage where a sign or words say so, before (``%60``) or after it."""
    if numeral.value is None or numeral.form in ("ordinal", "dual", "adjective"):
        return numeral
    first, last = numeral.first, numeral.last
    after = [token.text for token in tokens[last : last + 3]] + [""] * 3
    if after[0] in _PERCENT_WORDS:
        last += 1
    elif (
        (after[0] == "-" and after[1] == "percent")
        or (after[0] == "per" and after[1] == "cent")
        or (after[0] in ("في", "فى") and after[1] in _IN_HUNDRED)
    ):
        last += 2
    elif (after[0] in _POINT and after[1] in _POINT_ADJECTIVE) or after[0] == "percentage":
        last += 1
    elif not (first and tokens[first - 1].text == "%" and tokens[first - 1].high == tokens[first].low) or (
        first > 1 and tokens[first - 2].kind == "number" and tokens[first - 2].high == tokens[first - 1].low
    ):
        return numeral
    else:
        first -= 1
    return Numeral(first, last, numeral.value, numeral.form, percent=True, also=numeral.also)


_RANGE_MARKS: Final = frozenset(("-", "–", "—", "‑", "to", "الي", "حتي", "or", "او"))
_RANGE_ANDS: Final = frozenset(("and", "و"))
_BETWEEN: Final = frozenset(("between", "بين", "مابين"))


def _share_in_ranges(tokens: Sequence[Token], numerals: list[Numeral]) -> list[Numeral]:
    """Give the lower end of ``10-15 million`` or ``بين 5 و10%`` the scale and percent sign of the upper end."""
    shared = list(numerals)
    for index in range(len(numerals) - 1):
        low, high = shared[index], shared[index + 1]
        if low.value is None or high.value is None or high.first != low.last + 1 or low.form != "digits":
            continue
        mark = tokens[low.last].text
        opened = low.first > 0 and tokens[low.first - 1].text in _BETWEEN
        if mark not in _RANGE_MARKS and not (mark in _RANGE_ANDS and opened):
            continue
        head = tokens[high.first]
        raw = (
            digits_value(head.text) if head.kind == "number" and len(head.text) <= MAX_DIGITS else high.value
        )
        scale = high.value / raw if raw else Fraction(1)
        if low.percent or (scale == 1 and not high.percent) or not low.value < raw:
            continue
        shared[index] = Numeral(
            low.first, low.last, low.value * scale, low.form, percent=high.percent, also=low.value
        )
    return shared
