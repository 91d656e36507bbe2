"""Money and measures: what a number counts, where both languages have a name for it.

A small model keeps ``10,000`` and makes dollars of its dirhams, or feet of kilometres. ``differing`` finds the number that
both texts have, but in measures that cannot translate each other. It also makes "a day after" of "days after"
(بعد أيام), where no number stands: ``one_for_many`` finds that. Where one side has no measure that is known here, nothing
is said: a check speaks only of what it sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import normalize, token_spans
from summarizer.facts import Fact

#: Key; what English may render it by (the first two are how we write it, one and many; spelt as the model spells); the Arabic forms.
_ROWS: Final = (
    ("dollar", "dollar dollars usd", "دولار دولارا دولارات دولاران دولارين"),
    ("euro", "euro euros eur", "يورو"),
    ("lira", "lira liras lire pound pounds", "ليرة ليرات ليرتان ليرتين"),
    ("pound", "pound pounds gbp egp", "جنيه جنيها جنيهات"),
    ("dinar", "dinar dinars", "دينار دينارا دنانير"),
    ("riyal", "riyal riyals rial rials real reals reais", "ريال ريالا ريالات"),
    ("dirham", "dirham dirhams aed", "درهم درهما دراهم"),
    ("yen", "yen jpy", "ين ينا"),
    ("yuan", "yuan renminbi rmb", "يوان يوانا"),
    ("rouble", "ruble rubles rouble roubles", "روبل روبلا روبلات"),
    ("rupee", "rupee rupees", "روبية روبيات"),
    ("franc", "franc francs", "فرنك فرنكا فرنكات"),
    ("cent", "cent cents", "سنت سنتا سنتات"),
    ("kilometre", "kilometer kilometers kilometre kilometres km kms kph kmh", "كيلومتر كيلومترا كيلومترات كم كلم"),
    ("metre", "meter meters metre metres m", "متر مترا أمتار"),
    ("centimetre", "centimeter centimeters centimetre centimetres cm", "سنتيمتر سنتيمترا سنتيمترات سنتمتر سم"),
    ("millimetre", "millimeter millimeters millimetre millimetres mm", "مليمتر مليمترا مليمترات ملم"),
    ("mile", "mile miles mi mph", "ميل ميلا أميال"),
    ("foot", "foot feet ft", "قدم قدما أقدام"),
    ("inch", "inch inches", "بوصة بوصات"),
    ("hectare", "hectare hectares ha", "هكتار هكتارا هكتارات"),
    ("acre", "acre acres feddan feddans", "فدان فدانا أفدنة"),
    ("tonne", "ton tons tonne tonnes", "طن طنا أطنان"),
    ("kilogram", "kilogram kilograms kilo kilos kg", "كيلوغرام كيلوغراما كيلوغرامات كيلوجرام كغ كلغ"),
    ("gram", "gram grams gramme grammes g", "غرام غراما غرامات جرام جراما"),
    ("barrel", "barrel barrels bbl", "برميل برميلا براميل"),
    ("litre", "liter liters litre litres", "لتر لترا لترات"),
    ("gallon", "gallon gallons", "غالون غالونا غالونات جالون"),
    ("ounce", "ounce ounces oz", "أونصة أونصات أوقية"),
)  # fmt: skip
#: Signs that stand before a number.
SIGNS: Final = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_ACCEPTED: Final = {key: frozenset(english.split()) for key, english, _ in _ROWS}
_WRITTEN: Final = {key: tuple(english.split()[:2]) for key, english, _ in _ROWS}
_ENGLISH: Final = frozenset(word for words in _ACCEPTED.values() for word in words)
_ARABIC: Final = {normalize(form): key for key, _, arabic in _ROWS for form in arabic.split()}
#: Letters that are a measure only right behind a figure: "5 m" and "10g", never "the g of ...".
_LETTERS: Final = frozenset("m g ha mi".split())
#: Words between an English number and its measure: "850 million Saudi riyals", "3 square kilometres".
_REACH: Final = 2
_WORD: Final = re.compile(r"[\s-]{0,2}([A-Za-z]+(?:/h)?)")
_ARABIC_WORD: Final = re.compile(r"\s{0,2}([\u0621-\u0652\u0670]+)")
_SIGN_BEFORE: Final = re.compile(r"(?:\b(?:US|U\.S\.|A|C|CA|AU)\s?)?([$€£¥])\s?$")


@dataclass(frozen=True, slots=True)
class Measured:
    """An English number with its measure: ``text[start:end]``, a sign before the number or a word after it."""

    number: Fact
    word: str
    start: int
    end: int
    before: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One number in two measures. ``source`` is the Arabic's own word, ``key`` names its measure."""

    english: Measured
    arabic: Fact
    source: str
    key: str

    def written(self, *, one: bool = False) -> str:
        """Return the Arabic's measure in English, ``one`` or as many as its number says."""
        return _WRITTEN[self.key][not one and self.arabic.value != "1"]


def english_measures() -> frozenset[str]:
    """Return the English names of measures and currencies that are known here, but for short signs that are words too."""
    return _ENGLISH - _LETTERS


def differing(
    english: str, english_numbers: Iterable[Fact], arabic: str, arabic_numbers: Iterable[Fact]
) -> list[Difference]:
    """Return the numbers that both texts have in measures of different kinds.

    A number that the English has twice is judged by the reading that agrees.
    """
    found = []
    measured: dict[str, list[Measured | None]] = {}
    for number in english_numbers:
        for value in {number.value, number.also or number.value}:
            measured.setdefault(value, []).append(_english_measure(english, number))
    for number in arabic_numbers:
        word = _ARABIC_WORD.match(arabic, number.end)
        key = _ARABIC.get(normalize(word[1])) if word else None
        if word is None or key is None or number.value not in measured:
            continue
        known = [each for each in measured[number.value] if each is not None]
        if len(known) == len(measured[number.value]) and not any(
            each.word in _ACCEPTED[key] for each in known
        ):
            found.append(Difference(english=known[0], arabic=number, source=word[1], key=key))
    return found


def _english_measure(text: str, number: Fact) -> Measured | None:
    sign = _SIGN_BEFORE.search(text, max(0, number.start - 8), number.start)
    if sign is not None:
        return Measured(number, SIGNS[sign[1]], sign.start(), sign.end(), before=True)
    for at, word in enumerate(_words_after(text, number.end)):
        found = word[1].lower().removesuffix("/h")
        if found in _ENGLISH and (found not in _LETTERS or at == 0):
            return Measured(number, found, word.start(1), word.end(1), before=False)
    return None


def _words_after(text: str, position: int) -> Iterator[re.Match[str]]:
    for _ in range(_REACH + 1):
        word = _WORD.match(text, position)
        if word is None:
            return
        yield word
        position = word.end()


# --- spans of time without a number -----------------------------------------------------------------

#: Of an English unit: its plural; the Arabic forms of one, and of many.
_FORMS: Final = {
    one: (many, frozenset(normalize(singular).split()), frozenset(normalize(plural).split()))
    for one, many, singular, plural in (
        ("minute", "minutes", "دقيقة", "دقائق"),
        ("hour", "hours", "ساعة", "ساعات"),
        ("day", "days", "يوم يوما يومها يومية غداة غد أمس نهار", "أيام أياما"),
        ("week", "weeks", "أسبوع أسبوعا أسبوعية", "أسابيع"),
        ("month", "months", "شهر شهرا شهرية", "أشهر أشهرا شهور شهورا"),
        ("year", "years", "سنة سنويا سنوية عام عاما عامه عامها حول", "سنوات سنين أعوام أعواما"),
        ("decade", "decades", "عقد عقدا", "عقود عقودا"),
        ("century", "centuries", "قرن قرنا", "قرون قرونا"),
    )
}
_ONE_SPAN: Final = re.compile(
    rf"\b(?:[Aa]n?|[Oo]ne) (?P<unit>{'|'.join(_FORMS)})(?= (?:after|before|later|earlier|ago)\b)"
)
#: What may hang on a word in front: "and", "so", "in", "for", "as", and the article.
_BEFORE_A_WORD: Final = re.compile("^[وف]?[بلك]?(?:ال|ل)?")


@dataclass(frozen=True, slots=True)
class OneForMany:
    """``english[start:end]`` says one unit of time where the Arabic, at ``source_start:source_end``, has many."""

    start: int
    end: int
    many: str
    source_start: int
    source_end: int


def one_for_many(english: str, arabic: str) -> list[OneForMany]:
    """Return the spans of time that the English gives as one ("a day after") and the Arabic only as many (أيام)."""
    found = []
    spans = [*_ONE_SPAN.finditer(english)]
    words = token_spans(arabic) if spans else []
    for match in spans:
        many, singular, plural = _FORMS[match["unit"]]
        if any(_is_of(word, singular) for word, _, _ in words):
            continue
        source = next(((start, end) for word, start, end in words if _is_of(word, plural)), None)
        if source is not None:
            found.append(OneForMany(match.start(), match.end(), many, *source))
    return found


def _is_of(word: str, forms: frozenset[str]) -> bool:
    return word in forms or _BEFORE_A_WORD.sub("", word) in forms
