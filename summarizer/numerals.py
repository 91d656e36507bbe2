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
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from summarizer.arabic import fold, normalize, span_in_source

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
_AMBIGUOUS: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}")
#: Numbers longer than this many digits are identifiers, not quantities (and cost no big-integer work).
_MAX_DIGITS: Final = 24


def _digits_value(text: str) -> Fraction:
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "").replace("،", "")
    elif _DOTTED.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    return Fraction(text.replace(",", "."))


# --- Arabic lexicon (folded) ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word contributes. ``role`` is one of the names in ``_ARABIC`` and ``_ENGLISH`` below."""

    role: str
    value: Fraction
    label: str = ""


def _lexicon(rows: dict[str, dict[str, int | Fraction]]) -> dict[str, _Word]:
    table: dict[str, _Word] = {}
    for role, words in rows.items():
        for names, value in words.items():
            for name in names.split():
                table[normalize(name)] = _Word(role, Fraction(value))
    return table


_HALF: Final = Fraction(1, 2)
_THIRD: Final = Fraction(1, 3)
_QUARTER: Final = Fraction(1, 4)

_ARABIC_UNITS: Final[dict[str, int | Fraction]] = {
    "واحد واحدة": 1, "اثنان اثنين اثنتان اثنتين إثنان إثنين": 2, "ثلاث ثلاثة": 3, "أربع أربعة": 4,
    "خمس خمسة": 5, "ست ستة": 6, "سبع سبعة": 7, "ثمان ثماني ثمانية": 8, "تسع تسعة": 9,
}  # fmt: skip
_ARABIC: Final = _lexicon(
    {
        "unit": _ARABIC_UNITS,
        "zero": {"صفر": 0},
        # Only before عشر: أحد alone means "one of".
        "teen-unit": {"أحد إحدى احدي": 1, "اثنا اثني اثنتا اثنتي إثنا إثني": 2},
        "ten": {"عشر عشرة": 10},
        "tens": {
            "عشرون عشرين": 20, "ثلاثون ثلاثين": 30, "أربعون أربعين": 40, "خمسون خمسين": 50, "ستون ستين": 60,
            "سبعون سبعين": 70, "ثمانون ثمانين": 80, "تسعون تسعين": 90,
        },
        "hundred": {"مئة مائة": 100},
        "hundreds": {
            "مئتان مئتين مائتان مائتين مئتا مئتي مائتا مائتي": 200,
            "ثلاثمئة ثلاثمائة ثلثمئة ثلثمائة": 300, "أربعمئة أربعمائة": 400, "خمسمئة خمسمائة": 500,
            "ستمئة ستمائة": 600, "سبعمئة سبعمائة": 700, "ثمانمئة ثمانمائة ثمانيمئة ثمانيمائة": 800,
            "تسعمئة تسعمائة": 900,
        },
        "scale": {
            "ألف آلاف ألوف": 1000, "مليون ملايين مليونا": 10**6,
            "مليار مليارات مليارا بليون بلايين بليونا": 10**9,
            "تريليون ترليون تريليونات ترليونات تريليونا": 10**12,
        },
        "double": {
            "ألفان ألفين ألفي ألفا": 2000, "مليونان مليونين مليوني": 2 * 10**6,
            "ملياران مليارين ملياري": 2 * 10**9, "تريليونان تريليونين تريليوني": 2 * 10**12,
        },
        "fraction": {
            "نصف": _HALF, "ثلث": _THIRD, "ثلثا ثلثي ثلثان ثلثين": 2 * _THIRD, "ربع": _QUARTER,
            "½": _HALF, "¼": _QUARTER, "¾": 3 * _QUARTER,
        },
        "denominator": {"أثلاث": _THIRD, "أرباع": _QUARTER, "أخماس": Fraction(1, 5), "أعشار": Fraction(1, 10)},
        "ordinal": {
            "أول أولى": 1, "ثاني ثان": 2, "ثالث ثالثة": 3, "رابع رابعة": 4, "خامس خامسة": 5, "سادس سادسة": 6,
            "سابع سابعة": 7, "ثامن ثامنة": 8, "تاسع تاسعة": 9, "عاشر عاشرة": 10,
        },
        # Only with the article: ثانية alone is also "again" and "a second".
        "ordinal-definite": {"ثانية": 2},
        "ordinal-teen": {"حادي حادية": 1},
        "adjective": {
            "ثنائي ثنائية": 2, "ثلاثي ثلاثية": 3, "رباعي رباعية": 4, "خماسي خماسية": 5, "سداسي سداسية": 6,
            "مزدوج مزدوجة": 2, "ضعف": 2, "كلا كلتا كلي": 2,
        },
    }
)  # fmt: skip

#: Counted nouns whose dual a newsroom uses; the dual in -ين of nouns with a plural in -ين is left out.
_DUAL_NOUNS: Final = """
    جندي شخص يوم سنة عام شهر أسبوع ساعة دقيقة رجل امرأة طفل قتيل جريح صاروخ مرة جولة دولة جانب طرف حزب رئيس
    وزير هجوم انفجار قنبلة مدينة منطقة ضابط عنصر ضربة غارة طائرة سيارة قوة مرحلة قرن عقد جثة شقيق ابن ابنة هدف كتاب
    اجتماع قرار بند ملف قرية شاب فتاة طالب موقع قاعدة سفينة ناقلة عملية اتفاقية معركة قذيفة صحافي شركة
    حكومة شعب كيلومتر متر طن قمة لقاء جيش معسكر حادث حادثة لغة نائب فريق دورة نقطة درجة ليلة مباراة
"""
_DUAL_ONLY_AN: Final = "مدني مسؤول مقاتل لاعب شرطي صحفي مواطن مسلح عراقي سوري متهم مرشح بلد مصاب"


def _dual_forms() -> frozenset[str]:
    forms: set[str] = set()
    for noun in normalize(_DUAL_NOUNS).split():
        stem = noun[:-1] + "ت" if noun.endswith("ه") else noun
        forms.update((stem + "ان", stem + "ين"))
    forms.update(noun + "ان" for noun in normalize(_DUAL_ONLY_AN).split())
    forms.update(("بلدين", "امراتان", "امراتين", "مباراتان", "مباراتين", "فتاتان", "فتاتين"))
    # Words of the same letters with another meaning: countries, a month, humming.
    return frozenset(forms - {"بلدان", "شعبان", "طنين"})


_DUALS: Final = _dual_forms()
_VAGUE_ARABIC: Final = {
    normalize(word): label
    for word, label in {
        "عشرات": "tens", "مئات": "hundreds", "مئآت": "hundreds", "مائات": "hundreds", "آلاف": "thousands",
        "ألوف": "thousands", "ملايين": "millions", "مليارات": "billions", "تريليونات": "trillions",
    }.items()
}  # fmt: skip
#: Whole words that a prefix plus a number word would spell by accident (لست "I am not" is no ل + ست).
_NOT_NUMBERS: Final = frozenset(
    normalize(word)
    for word in "لست ولست فلست بست كست كمية وكمية الكمية والكمية بكمية لكمية وكلا بكلا فكلي كلي الكلي وكلي".split()
)
_PROCLITICS: Final = (
    "",
    "و",
    "ال",
    "ب",
    "ل",
    "ك",
    "ف",
    "وال",
    "بال",
    "لل",
    "كال",
    "فال",
    "وب",
    "ول",
    "وبال",
    "ولل",
    "فب",
)


@dataclass(frozen=True, slots=True)
class _Read:
    word: _Word
    conjunction: bool
    definite: bool


@lru_cache(maxsize=65536)
def _read_arabic(text: str) -> _Read | None:
    """Look one folded Arabic word up, with its proclitics (و ف ب ل ك ال) taken off where needed."""
    if text in _NOT_NUMBERS:
        return None
    if text in _ARABIC:
        return _Read(_ARABIC[text], conjunction=False, definite=False)
    for prefix in _PROCLITICS[1:]:
        if text.startswith(prefix) and text[len(prefix) :] in _ARABIC:
            return _Read(
                _ARABIC[text[len(prefix) :]],
                conjunction=prefix.startswith("و"),
                definite=prefix.endswith(("ال", "لل")),
            )
    return None


@lru_cache(maxsize=65536)
def _vague_label(text: str) -> str | None:
    """Return the label of one folded Arabic word for a vague count (``لآلاف``), else None."""
    for prefix in _PROCLITICS:
        if text.startswith(prefix) and text[len(prefix) :] in _VAGUE_ARABIC:
            return _VAGUE_ARABIC[text[len(prefix) :]]
    return None


@lru_cache(maxsize=65536)
def _is_dual(text: str) -> bool:
    return any(text.startswith(prefix) and text[len(prefix) :] in _DUALS for prefix in _PROCLITICS)


# --- English lexicon ------------------------------------------------------------------------------

_ENGLISH: Final = _lexicon(
    {
        "zero": {"zero": 0},
        "unit": {
            "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        },
        "teen": {
            "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
            "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
        },
        "tens": {
            "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
            "eighty": 80, "ninety": 90,
        },
        "hundred": {"hundred": 100},
        "dozen": {"dozen": 12},
        "scale": {
            "thousand": 1000, "million": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12,
            "tn": 10**12,
        },
        "ordinal": {
            "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
            "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
            "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
            "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60,
            "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100, "thousandth": 1000,
        },
        "fraction": {"half": _HALF, "halves": _HALF, "quarter": _QUARTER, "½": _HALF, "¼": _QUARTER, "¾": 3 * _QUARTER},
        "denominator": {
            "thirds": _THIRD, "quarters": _QUARTER, "fourths": _QUARTER, "fifths": Fraction(1, 5),
            "tenths": Fraction(1, 10),
        },
        "adjective": {
            "both": 2, "twice": 2, "couple": 2, "double": 2, "doubled": 2, "pair": 2, "bilateral": 2, "dual": 2,
            "trilateral": 3, "tripartite": 3, "triple": 3, "tripled": 3, "single": 1, "quadrilateral": 4,
        },
    }
)  # fmt: skip
_VAGUE_ENGLISH: Final = {
    "dozens": "tens", "tens": "tens", "scores": "tens", "hundreds": "hundreds", "thousands": "thousands",
    "millions": "millions", "billions": "billions", "trillions": "trillions",
}  # fmt: skip
_VAGUE_SCALE: Final = {
    100: "hundreds",
    1000: "thousands",
    10**6: "millions",
    10**9: "billions",
    10**12: "trillions",
}
_FEW: Final = frozenset(normalize("several few many some بضع بضعة عدة").split())
_GLUED: Final = {"k": 1000, "bn": 10**9, "mn": 10**6, "tn": 10**12}
_CURRENCY: Final = frozenset("$£€")
_ORDINAL_SUFFIX: Final = frozenset(("st", "nd", "rd", "th"))


# --- the reader ---------------------------------------------------------------------------------


def find_numerals(tokens: Sequence[Token], *, language: Language) -> list[Numeral]:
    """Return the numbers among ``tokens`` from left to right, never overlapping."""
    reader = _Arabic(tokens) if language == "ar" else _English(tokens)
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


class _Reader:
    """What both languages share: digit groups, clock times and looking at neighbours."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def glued(self, index: int) -> bool:
        """Tell whether nothing stands between token ``index - 1`` and token ``index``."""
        return 0 < index < len(self.tokens) and self.tokens[index - 1].high == self.tokens[index].low

    def spaced(self, index: int) -> bool:
        """Tell whether exactly one space stands between token ``index - 1`` and token ``index``."""
        return 0 < index < len(self.tokens) and self.tokens[index].low - self.tokens[index - 1].high == 1

    def read(self, start: int) -> Numeral | None:
        token = self.tokens[start]
        if token.kind == "clock":
            hours, _, minutes = token.text.partition(":")
            return Numeral(start, start + 1, None, "clock", label=f"{int(hours)}:{minutes}")
        if token.kind == "number":
            return self.read_digits(start) if len(token.text) <= _MAX_DIGITS else None
        return self.read_words(start) if token.kind == "word" else None

    def identifier(self, index: int) -> bool:
        """Tell whether the number at ``index`` is the tail of a name (``COVID-19``, ``F-16``, ``SARS-CoV-2``)."""
        return is_identifier(self.tokens, index)

    def group(self, start: int) -> tuple[Fraction, int]:
        """Read digits at ``start``, joining groups set apart by one space (``2 500``): value and next index."""
        text, end = self.text(start), start + 1
        if text.isdigit() and len(text) <= 3 and text[0] != "0":
            while (
                end < len(self.tokens)
                and self.tokens[end].kind == "number"
                and len(self.text(end)) == 3
                and self.text(end).isdigit()
                and self.spaced(end)
            ):
                text += self.text(end)
                end += 1
        return _digits_value(text), end

    def read_digits(self, start: int) -> Numeral | None:
        raise NotImplementedError

    def read_words(self, start: int) -> Numeral | None:
        raise NotImplementedError


_TEN: Final = _read_arabic("عشر")
_AND_ELEVEN: Final = _Read(_ARABIC["احد"], conjunction=True, definite=False)
#: How a hundred is written: with the hamza, or with its silent alef.
_HUNDRED_SPELT: Final = re.compile("ئ|ما|ﺋ")


class _Arabic(_Reader):
    def look(self, index: int) -> _Read | None:
        """Read the word at ``index``; a lone ``و`` before it counts as its conjunction."""
        if not 0 <= index < len(self.tokens):
            return None
        text = self.text(index)
        if text == "واحد" and (
            "أ" in self.tokens[index].surface or _read_arabic(self.text(index + 1)) == _TEN
        ):
            return _AND_ELEVEN  # وأحد (عشر) folds like واحد
        read = _read_arabic(text)
        if (
            read
            and read.word.role in ("hundred", "hundreds")
            and not _HUNDRED_SPELT.search(self.tokens[index].surface)
        ):
            return None  # ميتا "dead" folds like مئتا "two hundred"
        return read

    def read_digits(self, start: int) -> Numeral | None:
        value, end = self.group(start)
        if self.identifier(start):
            return Numeral(start, end, value, "digits")
        also = None
        if _AMBIGUOUS.fullmatch(
            self.text(start)
        ):  # 2.500: thousands in Arabic newsrooms, unless a scale follows
            also, value = value, value * 1000
        following = self.look(end)
        if following and following.word.role == "scale" and not following.conjunction:
            return self.compose(start, end, also if also is not None else value, Fraction(0))
        if following and following.conjunction and following.word.role == "fraction":
            return Numeral(start, end + 1, value + following.word.value, "digits")
        return Numeral(start, end, value, "digits", also=also)

    def read_words(self, start: int) -> Numeral | None:
        special = self.vague(start) or self.dual(start)
        if special:
            return special
        read = self.look(start)
        if read is None:
            return None
        role, value = read.word.role, read.word.value
        if role in ("ordinal", "ordinal-definite", "ordinal-teen"):
            return self.ordinal(start, read)
        if role == "zero":
            return Numeral(start, start + 1, value, "words")
        if role == "adjective":
            return Numeral(start, start + 1, value, "adjective")
        if role == "fraction":
            following = self.look(start + 1)
            if following and following.word.role == "scale" and not following.conjunction:
                return Numeral(start, start + 2, value * following.word.value, "words")
            return Numeral(start, start + 1, value, "fraction")
        if role == "denominator" or (role == "teen-unit" and not self.is_ten(start + 1)):
            return None
        if self.text(start).endswith("ا") and role in ("scale", "double"):
            # Before its noun ألفا, مليونا is two; with tanwin (ألفًا) it is one.
            one = self.tokens[start].surface.endswith(("ًا", "اً"))
            if not one and not self.counts_noun(start + 1):
                return None  # "alpha"
            value = value / (2 if role == "double" else 1) * (1 if one else 2)
            role = "scale" if one else "double"
        if role in ("scale", "double"):
            return self.compose_tail(start, start + 1, value, abs(value if role == "scale" else value / 2))
        small, end = self.below_thousand(start)
        if role == "unit":
            following = self.look(start + 1)
            if following and following.word.role == "denominator" and not following.conjunction:
                return Numeral(start, start + 2, value * following.word.value, "fraction")
        return self.compose(start, end, small, Fraction(0))

    def counts_noun(self, index: int) -> bool:
        """Tell whether an indefinite noun follows, as it must after a dual in the construct."""
        text = self.text(index)
        indefinite = not text.startswith(("ال", "و", "لل", "بال")) and len(text) > 2
        return indefinite and text not in ("الي", "علي", "التي", "الذي") and self.tokens[index].kind == "word"

    def is_ten(self, index: int) -> bool:
        read = self.look(index)
        return read is not None and read.word.role == "ten" and not read.conjunction

    def after_and(self, index: int) -> tuple[_Read, int] | None:
        """Read ``وعشرون`` or ``و عشرون`` at ``index``: the word and its index."""
        read = self.look(index)
        if read and read.conjunction:
            return read, index
        if self.text(index) == "و":
            read = self.look(index + 1)
            if read and not read.conjunction:
                return read, index + 1
        return None

    def below_thousand(self, start: int) -> tuple[Fraction, int]:
        """Read one group below a thousand that starts at ``start``: its value and the next index."""
        read = self.look(start)
        if read is None:  # pragma: no cover - callers looked already
            return Fraction(0), start
        role, value, end = read.word.role, read.word.value, start + 1
        if role in ("unit", "teen-unit") and self.is_ten(end):
            return value + 10, end + 1
        if role == "unit":
            following = self.look(end)
            if following and following.word.role == "hundred" and not following.conjunction and value >= 3:
                return self.after_hundred(value * 100, end + 1)
            joined = self.after_and(end)
            if joined and joined[0].word.role == "tens":
                return value + joined[0].word.value, joined[1] + 1
        if role in ("hundred", "hundreds"):
            return self.after_hundred(value, end)
        return value, end

    def after_hundred(self, value: Fraction, end: int) -> tuple[Fraction, int]:
        joined = self.after_and(end)
        if joined and joined[0].word.role in ("unit", "ten", "tens", "teen-unit"):
            if joined[0].word.role == "teen-unit" and not self.is_ten(joined[1] + 1):
                return value, end
            rest, end = self.below_thousand(joined[1])
            return value + rest, end
        return value, end

    def compose(self, start: int, end: int, group: Fraction, total: Fraction) -> Numeral:
        """Multiply ``group`` by the scales that follow, then go on with what ``و`` adds."""
        scale = Fraction(1)
        following = self.look(end)
        while following and following.word.role == "scale" and not following.conjunction:
            if scale > following.word.value:
                break
            scale *= following.word.value
            end += 1
            following = self.look(end)
        if (
            scale == 1
            and following
            and following.word.role == "double"
            and not following.conjunction
            and self.text(end).endswith("الفا")
        ):
            scale, end = Fraction(1000), end + 1  # خمسون ألفا
        if scale == 1:
            return self.with_fraction(start, end, total + group, Fraction(1))
        return self.compose_tail(start, end, total + group * scale, scale)

    def compose_tail(self, start: int, end: int, total: Fraction, scale: Fraction) -> Numeral:
        """``total`` is read up to ``scale``; add a smaller group after ``و`` (words, or digits from 100 on)."""
        following = self.look(end)
        if (
            following
            and not following.conjunction
            and following.word.role == "scale"
            and following.word.value > scale
        ):
            return self.compose_tail(start, end + 1, total * following.word.value, following.word.value)
        joined = self.after_and(end)
        if joined:
            read, index = joined
            role = read.word.role
            if role == "fraction":
                return self.with_fraction(start, end, total, scale)
            if role in ("scale", "double") and read.word.value < scale:
                inner = read.word.value if role == "scale" else read.word.value / 2
                return self.compose_tail(start, index + 1, total + read.word.value, inner)
            if role in ("unit", "ten", "tens", "hundred", "hundreds") or (
                role == "teen-unit" and self.is_ten(index + 1)
            ):
                group, after = self.below_thousand(index)
                tail = self.compose(index, after, group, Fraction(0))
                if tail.value is not None and tail.value < scale:
                    return Numeral(start, tail.last, total + tail.value, "words")
        digits = self.digits_after_and(end, scale)
        if digits:
            return Numeral(start, digits[1], total + digits[0], "words")
        return Numeral(start, end, total, "words")

    def digits_after_and(self, index: int, scale: Fraction) -> tuple[Fraction, int] | None:
        """Read ``و500`` or ``و300 ألف`` after a scale, where the sum is one number and not a list."""
        if (
            self.text(index) != "و"
            or index + 1 >= len(self.tokens)
            or self.tokens[index + 1].kind != "number"
        ):
            return None
        if len(self.text(index + 1)) > _MAX_DIGITS:
            return None
        value, end = self.group(index + 1)
        following = self.look(end)
        if following and following.word.role == "scale" and not following.conjunction:
            value, end = value * following.word.value, end + 1
        elif value < 100:
            return None
        return (value, end) if value < scale else None

    def with_fraction(self, start: int, end: int, total: Fraction, scale: Fraction) -> Numeral:
        """Add ``ونصف``, ``وربع`` or ``وثلث`` of the last scale (``مليون ونصف المليون``)."""
        joined = self.after_and(end)
        if joined and joined[0].word.role == "fraction" and joined[0].word.value < 1:
            total, end = total + joined[0].word.value * scale, joined[1] + 1
            again = self.look(end)
            if again and again.word.role == "scale" and not again.conjunction and again.word.value == scale:
                end += 1
        return Numeral(start, end, total, "words")

    def ordinal(self, start: int, read: _Read) -> Numeral | None:
        value, end = read.word.value, start + 1
        following = self.look(end)
        if following and following.word.role == "ten" and not following.conjunction and self.forms_teen(read):
            return Numeral(start, end + 1, value + 10, "ordinal")
        joined = self.after_and(end)
        if joined and joined[0].word.role == "tens" and joined[0].definite == read.definite and value < 10:
            return Numeral(start, joined[1] + 1, value + joined[0].word.value, "ordinal")
        if read.word.role == "ordinal-teen" or (read.word.role == "ordinal-definite" and not read.definite):
            return None
        return Numeral(start, end, value, "ordinal")

    def forms_teen(self, read: _Read) -> bool:
        """``الحادي عشر`` is one numeral; ``أول عشر عينات`` is "the first ten"."""
        return read.word.role != "ordinal" or read.word.value not in (1, 10)

    def dual(self, start: int) -> Numeral | None:
        text = self.text(start)
        if _is_dual(text):
            return Numeral(start, start + 1, Fraction(2), "dual")
        return None

    def vague(self, start: int) -> Numeral | None:
        text = self.text(start)
        label = _vague_label(text)
        if label is None:
            return None
        if label in ("tens", "hundreds"):
            outer = _vague_label(self.text(start + 1))
            if outer and outer not in ("tens", "hundreds"):
                return Numeral(start, start + 2, None, "vague", label=f"{label} of {outer}")
        return Numeral(start, start + 1, None, "vague", label=label)


class _English(_Reader):
    def look(self, index: int) -> _Word | None:
        return _ENGLISH.get(self.text(index)) if 0 <= index < len(self.tokens) else None

    def role(self, index: int) -> str:
        word = self.look(index)
        return word.role if word else ""

    def skip_hyphen(self, index: int) -> int:
        return index + 1 if self.text(index) in ("-", "‐", "‑") else index

    def skip_sign(self, index: int) -> int:
        """Step over the hyphen or plus before a scale: ``2-million``, ``300+ billion``, ``two-dozen``."""
        hyphen = self.text(index) in ("-", "+", "‑") and self.role(index + 1) in ("scale", "dozen", "hundred")
        return index + 1 if hyphen else index

    def read_digits(self, start: int) -> Numeral | None:
        value, end = self.group(start)
        if self.identifier(start):
            return Numeral(start, end, value, "digits")
        suffix = self.text(end) if self.glued(end) else ""
        if suffix in _ORDINAL_SUFFIX:
            return Numeral(start, end + 1, value, "ordinal")
        if suffix in _GLUED or (suffix == "m" and self.text(start - 1) in _CURRENCY):
            return Numeral(start, end + 1, value * _GLUED.get(suffix, 10**6), "digits")
        scaled, end = self.scales(value, self.skip_sign(end))
        also = value * 1000 if _AMBIGUOUS.fullmatch(self.text(start)) and scaled == value else None
        return self.and_half(
            start, end, scaled, scaled / value if value else Fraction(1), form="digits", also=also
        )

    def scales(self, value: Fraction, index: int) -> tuple[Fraction, int]:
        while True:
            word = self.look(index)
            if word is None or word.role not in ("scale", "hundred", "dozen"):
                return value, index
            value *= word.value
            index += 1

    def and_half(
        self,
        start: int,
        end: int,
        value: Fraction,
        scale: Fraction,
        *,
        form: Form,
        also: Fraction | None = None,
    ) -> Numeral:
        """``two and a half (million)``, ``a million and a half``."""
        index = end + 2 if self.text(end + 1) in ("a", "one") else end + 1
        if self.text(end) == "and" and self.role(index) == "fraction" and index == end + 2:
            part = _ENGLISH[self.text(index)].value
            if scale == 1:
                total, end = self.scales(value + part, index + 1)
                return Numeral(start, end, total, form)
            return Numeral(start, index + 1, value + part * scale, form)
        return Numeral(start, end, value, form, also=also)

    def read_words(self, start: int) -> Numeral | None:
        text = self.text(start)
        if text in _VAGUE_ENGLISH:
            return self.vague(start)
        word = self.look(start)
        if word is None:
            return None
        role = word.role
        if role in ("scale", "hundred", "dozen"):
            return self.bare_scale(start, word)
        if role == "ordinal":
            return self.ordinal(start, word)
        if role == "fraction":
            return self.fraction(start, word)
        if role in ("zero", "adjective"):
            return Numeral(start, start + 1, word.value, "words" if role == "zero" else "adjective")
        if role == "denominator":
            return None
        if text == "one" and self.text(start + 1) == "of":
            return None
        return self.cardinal(start)

    def bare_scale(self, start: int, word: _Word) -> Numeral | None:
        """``a hundred``, ``several thousand`` (vague), ``hundred and five``."""
        if word.role in ("scale", "hundred") and self.text(start - 1) in _FEW:
            value, end = self.scales(Fraction(1), start)
            label = (
                _VAGUE_SCALE.get(int(value))
                or f"hundreds of {_VAGUE_SCALE.get(int(value / 100), 'trillions')}"
            )
            return Numeral(start, end, None, "vague", label=label)
        if (self.text(start - 2), self.text(start - 1)) == ("couple", "of"):
            value, end = self.scales(Fraction(2), start)
            return Numeral(start, end, value, "words")
        if len(self.text(start)) < 3:  # "bn", "mn" and "tn" need a number before them
            return None
        return self.cardinal(start)

    def below_hundred(self, index: int) -> tuple[Fraction, int] | None:
        word = self.look(index)
        if word is None or word.role not in ("unit", "teen", "tens"):
            return None
        value, end = word.value, index + 1
        if word.role == "tens":
            after = self.skip_hyphen(end)
            if self.role(after) == "unit":
                return value + _ENGLISH[self.text(after)].value, after + 1
        return value, end

    def cardinal(self, start: int) -> Numeral | None:
        total, index, floor = Fraction(0), start, Fraction(10**15)
        last_scale = Fraction(1)
        ordinal = False
        while True:
            at = index
            if index > start:
                at = index + 1 if self.text(index) == "and" and total else index
                if self.text(at) == "a":
                    at += 1
            part = self.hundreds(at)
            if part is None:
                break
            value, end, is_ordinal = part
            scaled, after = self.scales(value, self.skip_sign(end))
            if scaled >= floor or (at == index and index > start and last_scale == 1):
                break
            total, index = total + scaled, after
            last_scale = floor = scaled / value if value and scaled != value else Fraction(1)
            if is_ordinal:
                ordinal = True
                break
            if last_scale == 1:
                break
        if index == start:
            return None
        if not ordinal and total < 10 and self.role(self.skip_hyphen(index)) in ("denominator", "ordinal"):
            return self.word_fraction(start, index, total)
        if ordinal:
            return Numeral(start, index, total, "ordinal")
        return self.and_half(start, index, total, last_scale, form="words")

    def word_fraction(self, start: int, index: int, count: Fraction) -> Numeral:
        """``two-thirds``, ``three quarters``, ``one-third``; otherwise the count alone."""
        at = self.skip_hyphen(index)
        word = _ENGLISH[self.text(at)]
        if word.role == "denominator":
            return Numeral(start, at + 1, count * word.value, "fraction")
        if count == 1 and 3 <= word.value <= 10:
            return Numeral(start, at + 1, 1 / word.value, "fraction")
        return Numeral(start, index, count, "words")

    def hundreds(self, index: int) -> tuple[Fraction, int, bool] | None:
        """Read a group below a thousand: its value, the next index, and whether it ended as an ordinal."""
        if self.role(index) in ("hundred", "scale", "dozen"):
            if self.role(index) == "hundred":
                value, end = Fraction(100), index + 1
            else:
                return Fraction(1), index, False
        else:
            small = self.below_hundred(index)
            if small is None:
                return None
            value, end = small
            after = self.skip_hyphen(end)
            if value >= 20 and value % 10 == 0 and self.role(after) == "ordinal":
                rest = _ENGLISH[self.text(after)].value
                if rest < 10:
                    return value + rest, after + 1, True
            if self.role(end) != "hundred":
                return value, end, False
            value, end = value * 100, end + 1
        after = end + 1 if self.text(end) == "and" else end
        small = self.below_hundred(after)
        if small:
            return value + small[0], small[1], False
        return value, end, False

    def ordinal(self, start: int, word: _Word) -> Numeral | None:
        before = self.text(start - 1)
        if 3 <= word.value <= 10 and before == "a" and self.text(start + 1) == "of":
            return Numeral(start, start + 1, 1 / word.value, "fraction")
        if word.value == 2 and (before == "per" or before[:1].isdigit() or self.text(start + 1) == "per"):
            return None
        return Numeral(start, start + 1, word.value, "ordinal")

    def fraction(self, start: int, word: _Word) -> Numeral:
        index = start + 1
        if self.text(index) == "of":
            index += 1
        if self.text(index) in ("a", "an"):
            index += 1
        if self.role(index) in ("scale", "dozen") and index <= start + 3:
            value, end = self.scales(word.value, index)
            return Numeral(start, end, value, "words")
        return Numeral(start, start + 1, word.value, "fraction")

    def vague(self, start: int) -> Numeral:
        label = _VAGUE_ENGLISH[self.text(start)]
        outer = _VAGUE_ENGLISH.get(self.text(start + 2)) if self.text(start + 1) == "of" else None
        if label in ("tens", "hundreds") and outer and outer not in ("tens", "hundreds"):
            return Numeral(start, start + 3, None, "vague", label=f"{label} of {outer}")
        return Numeral(start, start + 1, None, "vague", label=label)


# --- percent and ranges ---------------------------------------------------------------------------

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
            _digits_value(head.text)
            if head.kind == "number" and len(head.text) <= _MAX_DIGITS
            else high.value
        )
        scale = high.value / raw if raw else Fraction(1)
        if low.percent or (scale == 1 and not high.percent) or not low.value < raw:
            continue
        shared[index] = Numeral(
            low.first, low.last, low.value * scale, low.form, percent=high.percent, also=low.value
        )
    return shared
