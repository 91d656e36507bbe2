"""The words that make numbers, in Arabic (folded, with their proclitics) and in English, and what each contributes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from summarizer.arabic import normalize


@dataclass(frozen=True, slots=True)
class NumberWord:
    """What a word contributes. ``role`` is one of the names in ``ARABIC`` and ``ENGLISH`` below."""

    role: str
    value: Fraction
    label: str = ""


def _lexicon(rows: dict[str, dict[str, int | Fraction]]) -> dict[str, NumberWord]:
    table: dict[str, NumberWord] = {}
    for role, words in rows.items():
        for names, value in words.items():
            for name in names.split():
                table[normalize(name)] = NumberWord(role, Fraction(value))
    return table


_HALF: Final = Fraction(1, 2)
_THIRD: Final = Fraction(1, 3)
_QUARTER: Final = Fraction(1, 4)


# --- Arabic (folded) ----------------------------------------------------------------------------

_ARABIC_UNITS: Final[dict[str, int | Fraction]] = {
    "واحد واحدة": 1, "اثنان اثنين اثنتان اثنتين إثنان إثنين": 2, "ثلاث ثلاثة": 3, "أربع أربعة": 4,
    "خمس خمسة": 5, "ست ستة": 6, "سبع سبعة": 7, "ثمان ثماني ثمانية": 8, "تسع تسعة": 9,
}  # fmt: skip
ARABIC: Final = _lexicon(
    {
        "unit": _ARABIC_UNITS,
        "zero": {"صفر": 0},
        # Only before عشر: أحد alone means "one of".
        "teen-unit": {"أحد إحدى احدي": 1, "اثنا اثني اثنتا اثنتي إثنا إثني": 2},
        # Accusatives, only before و and tens (تسعا وعشرين): alone they are other words.
        "compound-unit": {
            "واحدا": 1, "ثلاثا": 3, "أربعا": 4, "خمسا": 5, "ستا": 6, "سبعا": 7, "ثمانيا": 8, "تسعا": 9,
        },
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
            "نصف نصفه نصفها نصفهم": _HALF, "ثلث ثلثه ثلثها ثلثهم": _THIRD, "ربع ربعه ربعها ربعهم": _QUARTER,
            "ثلثا ثلثي ثلثان ثلثين ثلثاه ثلثاها ثلثاهم ثلثيه ثلثيها ثلثيهم": 2 * _THIRD,
            "½": _HALF, "¼": _QUARTER, "¾": 3 * _QUARTER,
        },
        "denominator": {
            "أثلاث أثلاثه أثلاثها أثلاثهم": _THIRD, "أرباع أرباعه أرباعها أرباعهم": _QUARTER,
            "أخماس أخماسه أخماسها أخماسهم": Fraction(1, 5), "أعشار أعشاره أعشارها أعشارهم": Fraction(1, 10),
        },
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
class Reading:
    """A word as it stands in a text: whether a ``و`` and an article were taken off it."""

    word: NumberWord
    conjunction: bool
    definite: bool


@lru_cache(maxsize=65536)
def read_arabic(text: str) -> Reading | None:
    """Look one folded Arabic word up, with its proclitics (و ف ب ل ك ال) taken off where needed."""
    if text in _NOT_NUMBERS:
        return None
    if text in ARABIC:
        return Reading(ARABIC[text], conjunction=False, definite=False)
    for prefix in _PROCLITICS[1:]:
        if text.startswith(prefix) and text[len(prefix) :] in ARABIC:
            return Reading(
                ARABIC[text[len(prefix) :]],
                conjunction=prefix.startswith("و"),
                definite=prefix.endswith(("ال", "لل")),
            )
    return None


def proclitics(text: str) -> str | None:
    """Return the letters before the number word in one folded Arabic word (``وب`` of ``وبمئتي``); None without a number word."""
    return next((each for each in _PROCLITICS if text.startswith(each) and text[len(each) :] in ARABIC), None)


@lru_cache(maxsize=65536)
def vague_label(text: str) -> str | None:
    """Return the label of one folded Arabic word for a vague count (``لآلاف``), else None."""
    for prefix in _PROCLITICS:
        if text.startswith(prefix) and text[len(prefix) :] in _VAGUE_ARABIC:
            return _VAGUE_ARABIC[text[len(prefix) :]]
    return None


@lru_cache(maxsize=65536)
def is_dual(text: str) -> bool:
    """Tell whether one folded Arabic word is a dual that counts (``جنديان``), with or without proclitics."""
    return any(text.startswith(prefix) and text[len(prefix) :] in _DUALS for prefix in _PROCLITICS)


# --- English ------------------------------------------------------------------------------------

ENGLISH: Final = _lexicon(
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
VAGUE_ENGLISH: Final = {
    "dozens": "tens", "tens": "tens", "scores": "tens", "hundreds": "hundreds", "thousands": "thousands",
    "millions": "millions", "billions": "billions", "trillions": "trillions",
}  # fmt: skip
VAGUE_SCALE: Final = {
    100: "hundreds",
    1000: "thousands",
    10**6: "millions",
    10**9: "billions",
    10**12: "trillions",
}
FEW: Final = frozenset(normalize("several few many some بضع بضعة عدة").split())
GLUED: Final = {"k": 1000, "bn": 10**9, "mn": 10**6, "tn": 10**12}
CURRENCY: Final = frozenset("$£€")
ORDINAL_SUFFIX: Final = frozenset(("st", "nd", "rd", "th"))
