"""THE normaliser and tokenizer: how two pieces of Arabic text are recognised as the same.

Everything here is for *matching*. Text that a reader sees is never replaced by what these functions return;
``fold`` therefore also tells, for every character it returns, which source character it came from.

Folding is one substitution per character (never context-dependent), which makes it linear, idempotent and
easy to map back:

* Arabic-Indic ``٠١٢`` and Persian ``۰۱۲`` digits become ASCII; ``٫ ٬ ٪`` become ``. , %``;
* alef forms ``أإآٱ`` become ``ا``; ``ى ی ئ`` become ``ي``; ``ک`` becomes ``ك``; ``ة`` becomes ``ه``; ``ؤ`` becomes ``و``;
* presentation forms (``ﻻ``) become plain letters;
* diacritics, tatweel, zero-width and bidirectional marks disappear;
* Latin is case-folded.

The light stemmer is light10 (Larkey, Ballesteros & Connell, "Light Stemming for Arabic Information
Retrieval", 2007).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# --- folding ------------------------------------------------------------------------------------

#: Code points that carry no letter: harakat and Quranic marks, tatweel, zero-width and bidi controls.
_INVISIBLE: Final = frozenset(
    [
        *(0x0640, 0x0670, 0x00AD, 0x061C, 0xFEFF),
        *range(0x0610, 0x061B), *range(0x064B, 0x0660), *range(0x06D6, 0x06DD), *range(0x06DF, 0x06E5),
        *range(0x06E7, 0x06E9), *range(0x06EA, 0x06EE), *range(0x08D3, 0x0900),
        *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
    ]
)  # fmt: skip

_LETTERS: Final = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ئ": "ي", "ۍ": "ي",
    "ک": "ك", "ڪ": "ك", "گ": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۃ": "ه", "ؤ": "و",
    "پ": "ب", "چ": "ج", "ڤ": "ف", "ژ": "ز",
    "٫": ".", "٬": ",", "٪": "%",
}  # fmt: skip


class _FoldTable(dict[int, str]):
    """Character -> folded string, worked out on first use and then remembered by ``str.translate``."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._fold(chr(code))
        return folded

    def _fold(self, character: str) -> str:
        code = ord(character)
        if code in _INVISIBLE:
            return ""
        if character in _LETTERS:
            return _LETTERS[character]
        if 0xFB50 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFF:  # Arabic presentation forms
            expanded = unicodedata.normalize("NFKC", character)
            return expanded if expanded == character else "".join(self._fold(each) for each in expanded)
        digit = unicodedata.digit(character, None) if character.isdecimal() else None
        if digit is not None:
            return str(digit)
        if character.isspace():
            return " " if character not in "\n\r\v\f\x85\u2028\u2029" else "\n"
        return character.casefold()


_FOLD_TABLE: Final = _FoldTable()


def normalize(text: str) -> str:
    """Return ``text`` folded for matching. ``normalize(normalize(x)) == normalize(x)`` for every string."""
    return text.translate(_FOLD_TABLE)


def fold(text: str) -> tuple[str, list[int]]:
    """Return ``(folded, origin)``: folded text, and for each of its characters its offset in ``text``.

    ``origin`` has ``len(folded) + 1`` entries; the last one is ``len(text)``. The source of
    ``folded[i:j]`` is ``text[origin[i]:origin_end]`` where ``origin_end`` is given by ``span_in_source``.
    """
    pieces: list[str] = []
    origin: list[int] = []
    for offset, character in enumerate(text):
        folded = _FOLD_TABLE[ord(character)]
        pieces.append(folded)
        origin.extend([offset] * len(folded))
    origin.append(len(text))
    return "".join(pieces), origin


def span_in_source(text: str, origin: list[int], start: int, end: int) -> tuple[int, int]:
    """Map ``folded[start:end]`` (``end > start``) back to ``(start, end)`` in ``text``.

    Marks that follow the last letter (a final tanwin) belong to the span, so that a highlighted word is
    highlighted whole.
    """
    first, last = origin[start], origin[end - 1] + 1
    while last < len(text) and not _FOLD_TABLE[ord(text[last])]:
        last += 1
    return first, last


# --- tokens -------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)*|\w+")


def tokenize(text: str) -> list[str]:
    """Return the folded words and numbers of ``text``, punctuation dropped. Metrics use it too."""
    return _TOKEN.findall(normalize(text))


def token_spans(text: str) -> list[tuple[str, int, int]]:
    """Return ``(folded token, start, end)`` with offsets in ``text`` itself."""
    folded, origin = fold(text)
    return [(m[0], *span_in_source(text, origin, m.start(), m.end())) for m in _TOKEN.finditer(folded)]


_PREFIXES: Final = ("وال", "بال", "كال", "فال", "لل", "ال")
_SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


@lru_cache(maxsize=65536)
def stem(token: str) -> str:
    """Return the light10 stem of one folded token: prefixes and suffixes off, never below two letters."""
    if not ("\u0620" <= token[:1] <= "\u064a"):
        return token
    if token.startswith("و") and len(token) > 3:
        token = token[1:]
    for prefix in _PREFIXES:
        if token.startswith(prefix) and len(token) - len(prefix) >= 2:
            token = token[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if token.endswith(suffix) and len(token) - len(suffix) >= 2:
            token = token[: -len(suffix)]
    return token


def content_tokens(text: str) -> list[str]:
    """Return stems of the words that carry content: stop words out, months of every system made one.

    ``نيسان``, ``أبريل`` and ``April`` all become ``month4``, so that the naming of months never keeps two
    reports of one event apart.
    """
    words = tokenize(text)
    tokens = []
    skip = False
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if skip:
            skip = False
            continue
        pair, single = month_number(f"{word} {following}"), month_number(word)
        skip = pair is not None
        if pair or single:
            tokens.append(f"month{pair or single}")
        elif word not in STOP_WORDS:
            stemmed = stem(word)
            if stemmed not in STOP_WORDS and (len(stemmed) > 1 or stemmed.isdigit()):
                tokens.append(stemmed)
    return tokens


def month_number(name: str) -> int | None:
    """Return 1..12 for a folded Gregorian month name of any system (a leading ``و`` or ``ل`` is ignored)."""
    return GREGORIAN_MONTHS.get(name) or (
        GREGORIAN_MONTHS.get(name[1:]) if name[:1] in ("و", "ل", "ب") else None
    )


def is_arabic(text: str, *, share: float = 0.5) -> bool:
    """Tell whether at least ``share`` of the letters of ``text`` are Arabic script (and there are any)."""
    letters = arabic = 0
    for character in text:
        if character.isalpha():
            letters += 1
            arabic += "\u0600" <= character <= "\u06ff" or "\ufb50" <= character <= "\ufeff"
    return arabic > 0 and arabic >= share * letters


# --- months -------------------------------------------------------------------------------------


def _month_table(rows: tuple[str, ...]) -> dict[str, int]:
    return {normalize(name.strip()): number for number, row in enumerate(rows, 1) for name in row.split("|")}


#: Folded name -> month 1..12, in the Egyptian/Gulf, Levantine/Iraqi and Maghrebi systems, and English.
#: ``كانون الثاني`` and its like are two words: look them up with one space between.
GREGORIAN_MONTHS: Final = _month_table(
    (
        "يناير|كانون الثاني|كانون ثاني|جانفي|ينّاير|January|Jan",
        "فبراير|شباط|فيفري|February|Feb",
        "مارس|آذار|أذار|March|Mar",
        "أبريل|إبريل|نيسان|أفريل|April|Apr",
        "مايو|أيار|ماي|May",
        "يونيو|يونيه|حزيران|جوان|June|Jun",
        "يوليو|يوليه|تموز|جويلية|July|Jul",
        "أغسطس|آب|أوت|غشت|August|Aug",
        "سبتمبر|أيلول|شتنبر|September|Sept|Sep",
        "أكتوبر|تشرين الأول|تشرين أول|October|Oct",
        "نوفمبر|تشرين الثاني|تشرين ثاني|نونبر|November|Nov",
        "ديسمبر|كانون الأول|كانون أول|دجنبر|December|Dec",
    )
)

#: Folded name -> Hijri month 1..12.
HIJRI_MONTHS: Final = _month_table(
    (
        "محرم|محرم الحرام|Muharram", "صفر|Safar",
        "ربيع الأول|ربيع أول|Rabi al-Awwal", "ربيع الآخر|ربيع الثاني|Rabi al-Thani|Rabi al-Akhir",
        "جمادى الأولى|جمادى الاول|Jumada al-Ula|Jumada al-Awwal",
        "جمادى الآخرة|جمادى الثانية|جمادى الآخر|Jumada al-Thani|Jumada al-Akhirah|Jumada al-Akhira",
        "رجب|Rajab", "شعبان|Shaban", "رمضان|رمضان المبارك|Ramadan", "شوال|Shawwal",
        "ذو القعدة|ذي القعدة|Dhu al-Qadah", "ذو الحجة|ذي الحجة|Dhu al-Hijjah",
    )
)  # fmt: skip

#: Function words and newsroom glue that say nothing about which story a report tells (folded, unstemmed).
STOP_WORDS: Final = frozenset(
    normalize(
        """
        من في على الى عن مع بين عند عندما حول حتى منذ مذ خلال بعد قبل فوق تحت ضد دون بدون غير سوى عبر نحو لدى
        لدي لديه لديها لديهم امام وراء خلف ضمن حسب بحسب وفق وفقا اثر عقب بسبب بشان ازاء تجاه اثناء طوال رغم برغم
        هذا هذه ذلك تلك هؤلاء اولئك ذاك هنا هناك هناك الذي التي الذين اللذين اللتين اللواتي اللاتي ما ماذا من
        هو هي هم هما هن انا نحن انت انتم كان كانت كانوا يكون تكون يكونوا ليس ليست ليسوا لم لن لا لما قد لقد سوف
        ان انه انها انهم انهما انني اننا بان بانه بانها لان لانه لانها كان كانه لكن لكنه لكنها بل او ام اما اذا اذ
        لو لولا كي لكي كما كل كلا كلتا بعض جميع معظم اي ايه ايا نفس ذات مثل مثلا ايضا فقط جدا كذلك هكذا ثم حيث حين
        حينما بينما كلما مما عما فيما بما لما كيف متى اين لماذا هل الا عدا خاصه خصوصا لا سيما مجرد تم يتم وتم
        به بها بهم بهما له لها لهم لهما لنا لي لك فيه فيها فيهم منه منها منهم عنه عنها عنهم عليه عليها عليهم
        اليه اليها اليهم معه معها معهم بينهم بينها بينهما احد احدى اخر اخرى اخرون اخرين الاخر الاخرى
        قال قالت قالوا يقول تقول اضاف اضافت واضاف واضافت ذكر ذكرت وذكر وذكرت اكد اكدت واكد واكدت اعلن اعلنت
        اوضح اوضحت واوضح وقال وقالت اشار اشارت واشار واشارت الجدير ذكره بالذكر يذكر يشار تابع وتابع افاد افادت
        و ف ب ل ك ال كم هناك يوم امس اليوم غدا الان حاليا مؤخرا سابقا لاحقا وهو وهي وهم وكان وكانت وقد ولم ولا ولن
        وفي ومن وعلى والى وعن وان وانه وانها التى فى الي علي اى اول ثان عام سنه شهر اسبوع
        """
    ).split()
)
