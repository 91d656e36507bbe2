"""The form of an Arabic sentence that is fed to a model; the reader never sees it.

``model_input`` frees it of marks and letters that a model stumbles over; ``latin_months`` writes its months in English,
which models copy rightly where they guess at ``نيسان``, and ``figures`` its number words as figures, for the same reason.
Names go into the input in ``terms``.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

from summarizer.arabic import GREGORIAN_MONTHS, HIJRI_MONTHS, fold, normalize, span_in_source
from summarizer.facts import Fact, extract_facts
from summarizer.numberwords import proclitics

#: What a model meets in its training text in place of each character. Nothing that carries a letter is lost.
_PLAIN: Final[dict[int, str | None]] = {
    **dict.fromkeys([0x0640, 0x0670, 0x00AD, 0x061C, 0xFEFF]),  # tatweel, dagger alef, soft hyphen, marks
    **dict.fromkeys([*range(0x0610, 0x061B), *range(0x064B, 0x0660), *range(0x06D6, 0x06EE)]),  # harakat
    **dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]),  # invisible
    **{ord(letter): "ي" for letter in "یېۍے"},
    **{ord(letter): "ك" for letter in "کڪ"},
    **{ord(letter): "ه" for letter in "ہھەۀ"},
    ord("ۃ"): "ة", ord("ٱ"): "ا",
    ord("٫"): ".", ord("٬"): ",", ord("٪"): "%", ord("…"): "...",
    **{ord(quote): '"' for quote in "«»“”„‟‹›"},
    **{ord(quote): "'" for quote in "‘’‚‛"},
    **{ord(dash): "-" for dash in "‐‑‒–—―−"},
}  # fmt: skip
_PRESENTATION: Final = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefc]+")
_JOIN_JUNK: Final = re.compile(r"([.!؟?])\s*[,،]+(?=\s|$)|[,،]+\s*([.!؟?])(?=\s|$)")
#: A score with its nought in words: "1-صفر", "صفر - 2".
_NIL_AFTER: Final = re.compile(r"(?<=\d)(\s?-\s?)صفر(?![\u0621-\u064a])")
_NIL_BEFORE: Final = re.compile(r"(?<![\u0621-\u064a])صفر(\s?-\s?)(?=\d)")
_SPACE_BEFORE: Final = re.compile(r"\s+(?=[،؛؟,;:!.](?:\s|$))")


def model_input(arabic: str) -> str:
    """Return the form of ``arabic`` that is fed to the model. Only for the model, never for the reader."""
    text = _PRESENTATION.sub(lambda match: unicodedata.normalize("NFKC", match[0]), arabic)
    text = "".join(_plain_character(character) for character in text)
    text, before = " ".join(text.split()), None
    while text != before:  # every pass but the last shortens the text
        before = text
        text = _SPACE_BEFORE.sub("", _JOIN_JUNK.sub(lambda match: match[1] or match[2], text)).strip(" ,،")
    return _NIL_BEFORE.sub(r"0\1", _NIL_AFTER.sub(r"\g<1>0", text))


def _plain_character(character: str) -> str:
    if ord(character) in _PLAIN:
        return _PLAIN[ord(character)] or ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character


_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: Month names that are everyday words too ("practised", "returned", "my"): months only beside a number.
_AMBIGUOUS_MONTHS: Final = frozenset(normalize(each) for each in ("مارس", "آب", "ماي", "أوت", "جوان"))
_ARABIC_MONTHS: Final = {name: number for name, number in GREGORIAN_MONTHS.items() if not name.isascii()}
_MONTH: Final = re.compile(
    rf"(?<!\w)([ولب]?)({'|'.join(sorted(map(re.escape, _ARABIC_MONTHS), key=len, reverse=True))})(?!\w)"
)
_NUMBER_BEFORE: Final = re.compile(r"(?:\d\s*[-/]?\s*|شهر\s+)$")
_NUMBER_AFTER: Final = re.compile(r"\s*[-/]?\s*(?:عام\s+|سنه\s+)?\d")
#: What stands between two names of one month: "كانون الثاني / يناير", "مايو أيار", "آذار (مارس)".
_SAME_MONTH_GAP: Final = re.compile(r"\s*[/(-]?\s*")


def latin_months(text: str) -> str:
    """Return ``text`` with Gregorian month names in English, ``كانون الثاني / يناير`` as one ``January``.

    Ambiguous words (``مارس`` is March and "practised") count only next to a number, after ``شهر`` or beside the
    same month's other name. Prefixed ``و``, ``ل`` and ``ب`` stay as words of their own.
    """
    folded, origin = fold(text)
    found: list[tuple[int, int, str, int, bool]] = []  # start, end (folded), prefix, month, sure
    for match in _MONTH.finditer(folded):
        number = _ARABIC_MONTHS[match[2]]
        beside = _NUMBER_BEFORE.search(folded[: match.start()]) or _NUMBER_AFTER.match(folded, match.end())
        sure = match[2] not in _AMBIGUOUS_MONTHS or beside is not None
        if (
            found
            and found[-1][3] == number
            and _SAME_MONTH_GAP.fullmatch(folded, found[-1][1], match.start())
        ):
            start, _, prefix, _, _ = found.pop()
            closes = folded[match.start() - 1] == "(" and folded[match.end() : match.end() + 1] == ")"
            found.append((start, match.end() + closes, prefix, number, True))
        else:
            found.append((match.start(), match.end(), match[1], number, sure))
    pieces, last = [], 0
    for start, end, prefix, number, sure in found:
        if sure:
            first, after = span_in_source(text, origin, start, end)
            pieces += [text[last:first], f"{prefix} " if prefix else "", _ENGLISH_MONTHS[number - 1]]
            last = after
    return "".join([*pieces, text[last:]])


#: Number words from here on are written as figures; smaller ones are right in words, and often are no quantities.
_LEAST_FIGURE: Final = 11
_SCALES: Final = ((10**12, "تريليون"), (10**9, "مليار"), (10**6, "مليون"))
_BARE: Final = frozenset([1000, *(scale for scale, _ in _SCALES)])
#: What says that a share is meant.
_PERCENT: Final = re.compile(r"\s*(?:في|ب)\s*ال(?:مئ|مائ)ة$|\s*بالم(?:ئ|ائ)ة$|\s*%$")


#: A date down to the day, of either calendar, or a month of the Hijri one; a part that is not said is ``-``.
_DATE: Final = re.compile(r"(?P<hijri>hijri:)?(?P<year>\d{1,4}|-)-(?P<month>\d\d)(?:-(?P<day>\d\d))?")
_HIJRI_ENGLISH: Final = {
    number: next(name for name, other in HIJRI_MONTHS.items() if other == number and name.isascii())
    for number in range(1, 13)
}
_HIJRI_FIRST: Final = tuple(name for name in HIJRI_MONTHS if not name.isascii())


def figures(text: str) -> str:
    """Return ``text`` with number words from 11 on in figures, and dates in words as English writes them.

    ``4.25 مليون``, ``12,800``, ``75 في المئة``; ``7 April`` for ``السابع من نيسان``, ``8 Dhu al-Hijjah``. Numbers and Gregorian dates that
    are figures already, ordinals, fractions and vague ones ("tens of thousands") stay as they are.
    """
    pieces, last = [], 0
    for fact in extract_facts(text, language="ar"):
        written = _date_in_figures(fact) if fact.kind == "date" else _figure(fact)
        if written is not None:
            pieces += [text[last : fact.start], written]
            last = fact.end
    return "".join([*pieces, text[last:]])


def _date_in_figures(fact: Fact) -> str | None:
    """Return how a date with its day in words, or of the Hijri calendar, is written; None where it is to stay."""
    parts = _DATE.fullmatch(fact.value)
    surface = normalize(fact.surface)
    if parts is None or not (surface[0].isdecimal() or surface.startswith(("ال", *_HIJRI_FIRST))):
        return None
    month, day = int(parts["month"]), parts["day"]
    year = "" if parts["year"] == "-" else f" {parts['year']}"
    if parts["hijri"]:
        name = _HIJRI_ENGLISH[month].title().replace("Al-", "al-")
        said = f"{name}{year} AH" if year else name
        return f"{int(day)} {said}" if day else said
    if day is None or re.search(rf"(?<!\d)0?{int(day)}(?!\d)", surface):
        return None
    return f"{int(day)} {_ENGLISH_MONTHS[month - 1]}{year}"


def _figure(fact: Fact) -> str | None:
    """Return how a number is written in figures, with the letters before it; None where it is to stay."""
    if fact.kind != "number" or fact.form != "words" or any(map(str.isdecimal, fact.surface.split()[0])):
        return None
    value = Fraction(fact.value.removesuffix("%"))
    prefix = proclitics(normalize(fact.surface.split()[0]))
    if value < _LEAST_FIGURE or prefix is None or prefix.endswith(("ال", "لل")):
        return None
    if value in _BARE and len(fact.surface.split()) == 1:
        return None  # ألف may be "he wrote" as well, and a lone scale is right in words
    share = _PERCENT.search(fact.surface)
    for scale, name in _SCALES:
        mantissa = value / scale
        if mantissa >= 1 and (mantissa * 100).denominator == 1:
            number = f"{float(mantissa):g} {name}"
            break
    else:
        if value.denominator != 1:
            return None
        number = f"{int(value):,}" if value >= 10_000 else str(int(value))
    return f"{prefix} {number}".lstrip() + (share[0] if share else "")
