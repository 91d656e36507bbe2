"""Dates in running Arabic and English text: absolute, partial, relative, Hijri, weekdays and decades.

``find_dates(tokens, numerals, language=..., published=...)`` works on what ``numerals`` returns and tells which
tokens are dates, so that the numbers inside them are not taken for quantities. Canonical values:

=====================  =====================================================================
``2021-07-25``         a day; ``2020-01`` a month; ``2008`` a year
``--04-07``, ``--04``  a day or a month of a year that is not said
``hijri:1442-09-15``   a Hijri date (``hijri:1442``, ``hijri:--09``)
``decade:1990``        the nineteen-nineties; ``decade:90`` where no century is said
``weekday:sunday``     a weekday
``rel:month+1``        relative to the report: ``day`` ``week`` ``month`` ``year``..., ``-1`` ``0`` ``+1``
``rel:months-``        a stretch of the near past or (``+``) future: "the past months"
=====================  =====================================================================

Month names of both Arabic systems side by side (``كانون الثاني / يناير``, ``مايو أيار``) are one date. Names that are
also common words (مارس practised, آب returned, May, ماي, جوان, صفر) count only where a day, a year or a
preposition of time shows that a month is meant.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from summarizer.arabic import GREGORIAN_MONTHS, HIJRI_MONTHS, normalize
from summarizer.numerals import Language, Numeral, Token, is_identifier


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in ``tokens[first:last]``; ``also`` is a second reading (``7/4`` as 4 July)."""

    first: int
    last: int
    value: str
    resolved: str | None = None
    also: str | None = None
    soft: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(normalize(text).split())


#: A bare integer in this range, and where nothing is counted with it, is a year.
_YEARS: Final = range(1900, 2100)
#: With a word such as "year" or a month before it, a year may be older or farther.
_ANY_YEAR: Final = range(1000, 2200)
_HIJRI_YEARS: Final = range(1, 1500)

# --- months -------------------------------------------------------------------------------------

#: Month names that are ordinary words or names too: they need a day, a year or a word of time beside them.
_AMBIGUOUS: Final = _words(
    "مارس آب ماي جوان أوت غشت May March Mar Jan Jun Sep Dec Apr Nov Oct Feb Jul Aug Sept نيسان August"
)
#: Of these, the ones that even a plain preposition cannot save (``لأب``, ``تيريزا ماي``, ``في جوان``).
_STRICT: Final = _words("آب ماي جوان أوت Mar Jan Jun Sep Dec Apr Nov Oct Feb Jul Aug Sept")
_TIME_BEFORE: Final = _words(
    "في منذ حتى خلال شهر شهري أوائل أواخر مطلع منتصف نهاية بداية مستهل قبل بعد لشهر بشهر الى من وشهر بحلول فجر صباح مساء"
    " in of by since until till from to early late mid last next this during before after between and through end"
    " beginning"
)
_TIME_BEFORE_STRICT: Final = _words("شهر شهري لشهر بشهر وشهر أوائل أواخر مطلع منتصف مستهل")
_ADJECTIVE: Final = {
    word: sign
    for sign, words in (
        (
            -1,
            "الماضي الماضية الماضيين الماضيتين المنصرم المنصرمة الفائت الفائتة الأخير الأخيرة الأخيرين last past previous",
        ),
        (+1, "المقبل المقبلة القادم القادمة المقبلين القادمين next coming"),
        (0, "الجاري الجارية الحالي الحالية this current"),
    )
    for word in _words(words)
}
_CONTEXT_AFTER: Final = frozenset(_ADJECTIVE) | _words("التالي التالية من")
_DASHES: Final = frozenset(("-", "–", "—"))
_JOINERS: Final = frozenset(("/", "-", "–", "(", "\\", "او"))
_ARABIC_YEAR_WORDS: Final = _words(
    "عام العام سنة السنة لعام لسنة بعام وعام للعام عامي سنتي موسم وسنة لعامي بعامي ولعام الأعوام أعوام سنوات صيف شتاء ربيع خريف"
)
_ENGLISH_YEAR_BEFORE: Final = _words(
    "in since of until till by from to year years and during early late mid before after for between through around"
    " summer winter spring autumn fall the , ( - – end season circa"
)
_ARABIC_YEAR_BEFORE: Final = _words(
    "في منذ حتى خلال قبل بعد بين إلى من و أوائل أواخر مطلع منتصف نهاية بداية ( - – / انتخابات ثورة حرب مونديال أولمبياد دستور"
)
_FUNCTION_WORDS: Final = _words(
    "في من إلى على عن مع و أو أن إن التي الذي حتى بعد قبل بين عندما حين حيث لكن ثم بسبب ضد إثر عقب خلال هو هي كان كانت قد لم لا"
    " ما منذ بشأن حول وفق بحسب عبر كما أي لدى تحت ميلادي ميلادية م لتصبح فإن بأن"
)

_PAIR_FIRST: Final = frozenset(name.split()[0] for name in GREGORIAN_MONTHS if " " in name)
_HIJRI_FIRST: Final = frozenset(name.split()[0] for name in HIJRI_MONTHS if " " in name)
_HIJRI_SAFE: Final = _words("رمضان Ramadan")


@lru_cache(maxsize=65536)
def _month(name: str) -> tuple[int, str] | None:
    """Return the month number and the bare name for one folded word, proclitics taken off."""
    for prefix in ("", "و", "ل", "ب", "ول", "وب", "ف"):
        bare = name[len(prefix) :]
        if name.startswith(prefix) and bare in GREGORIAN_MONTHS and " " not in bare:
            return GREGORIAN_MONTHS[bare], bare
    return None


@dataclass(frozen=True, slots=True)
class _MonthName:
    number: int
    first: int
    last: int
    certain: bool  # no context is needed to take it for a month
    strict: bool = False
    hijri: bool = False


class _Finder:
    """One pass over the tokens of one text."""

    def __init__(
        self,
        tokens: Sequence[Token],
        numerals: Sequence[Numeral],
        language: Language,
        published: datetime.date | None,
    ) -> None:
        self.tokens, self.language, self.published = tokens, language, published
        self.starting = {numeral.first: numeral for numeral in numerals}
        self.ending = {numeral.last: numeral for numeral in numerals}
        self.found: list[DateMention] = []
        self.taken: set[int] = set()

    # -- looking around

    def text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> str:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def capital(self, index: int) -> bool:
        return self.tokens[index].surface[:1].isupper()

    def add(self, mention: DateMention) -> None:
        self.found.append(mention)
        self.taken.update(range(mention.first, mention.last))

    def free(self, first: int, last: int) -> bool:
        return not any(index in self.taken for index in range(first, last))

    def run(self) -> list[DateMention]:
        for index, token in enumerate(self.tokens):
            if token.kind == "date":
                self.numeric(index)
        index = 0
        while index < len(self.tokens):
            index = self.month_date(index) or index + 1
        for index in range(len(self.tokens)):
            if index not in self.taken:
                self.others(index)
        return sorted(self.found, key=lambda mention: mention.first)

    def others(self, index: int) -> None:
        """Try everything that is not a month name at a token nothing has claimed."""
        for attempt in (self.decade, self.year, self.weekday, self.relative, self.slashed):
            mention = attempt(index)
            if mention is not None and self.free(mention.first, mention.last):
                self.add(mention)
                return

    # -- numeric dates

    def numeric(self, index: int) -> None:
        parts = [int(part) for part in re.split(r"[/.\-]", self.text(index))]
        year_first = len(re.split(r"[/.\-]", self.text(index))[0]) == 4
        year, second, third = (parts[0], parts[1], parts[2]) if year_first else (parts[2], parts[1], parts[0])
        if year_first:
            month, day = second, third
        else:
            day, month = third, second
        other = _iso(year, day, month)
        value = _iso(year, month, day)
        if not year_first and self.language == "en" and other:  # month first, as American newsrooms write
            value, other = other, value
        value = value or other
        if value and year in _ANY_YEAR:
            prefix = (
                "hijri:"
                if self.language == "ar" and year < 1500 and self.text(index + 1).startswith("ه")
                else ""
            )
            self.add(
                DateMention(
                    index,
                    index + 1,
                    prefix + value,
                    value if not prefix else None,
                    other if other != value else None,
                )
            )

    def slashed(self, index: int) -> DateMention | None:
        """``9/11`` in English; ``11/9`` in Arabic after a word of time."""
        if self.text(index + 1) != "/" or self.kind(index) != "number" or self.kind(index + 2) != "number":
            return None
        first, second = self.text(index), self.text(index + 2)
        if len(first) > 2 or len(second) > 2 or not (first + second).isdigit() or self.text(index + 3) == "/":
            return None
        if self.language == "en":
            return DateMention(index, index + 3, "--09-11") if (first, second) == ("9", "11") else None
        before = self.text(index - 1)
        if before not in _DAY_BEFORE and before not in _ARABIC_WEEKDAYS:
            return None
        value = _iso(None, int(second), int(first))
        return DateMention(index, index + 3, value) if value else None

    # -- month names

    def month_name(self, index: int) -> _MonthName | None:
        if self.kind(index) != "word":
            return None
        text = self.text(index)
        pair = f"{text} {self.text(index + 1)}"
        for prefix in ("", "و", "ل", "ب") if self.language == "ar" else ("",):
            bare = pair[len(prefix) :]
            if pair.startswith(prefix) and bare.split(" ")[0] in _PAIR_FIRST and bare in GREGORIAN_MONTHS:
                return _MonthName(GREGORIAN_MONTHS[bare], index, index + 2, certain=True)
            if pair.startswith(prefix) and bare.split(" ")[0] in _HIJRI_FIRST and bare in HIJRI_MONTHS:
                safe = bare.startswith(("ربيع", "جمادي", "ذو", "ذي"))
                return _MonthName(HIJRI_MONTHS[bare], index, index + 2, certain=safe, hijri=True)
        if self.language == "en" and text in _HIJRI_FIRST and self.text(index + 1) == "al":
            tail = index + 3 if self.text(index + 2) == "-" else index + 2
            bare = f"{text} al-{self.text(tail)}"
            if bare in HIJRI_MONTHS:
                return _MonthName(HIJRI_MONTHS[bare], index, tail + 1, certain=True, hijri=True)
        single = _month(text)
        if single and (self.language == "en") == single[1].isascii():
            number, bare = single
            certain = bare not in _AMBIGUOUS
            if self.language == "en" and not self.capital(index):
                if bare in ("may", "march", "mar"):
                    return None
                return _MonthName(number, index, index + 1, certain=False, strict=True)
            if bare == "اب" and "آ" in self.tokens[index].surface:
                return _MonthName(number, index, index + 1, certain=False)
            return _MonthName(number, index, index + 1, certain=certain, strict=bare in _STRICT)
        hijri = HIJRI_MONTHS.get(text)
        if (
            text == "صفر"
            and self.text(index - 1) in _DASHES
            and self.year_after(index + 1, hijri=True) is None
        ):
            return None  # "3-صفر": a score, nil
        if hijri:
            return _MonthName(
                hijri, index, index + 1, certain=False, hijri=True, strict=text not in _HIJRI_SAFE
            )
        return None

    def month_pair(self, name: _MonthName) -> tuple[int, bool]:
        """Step over the same month named again (``/ يناير``, ``(أبريل)``): next index, and whether it was there."""
        index, opened = name.last, False
        while self.text(index) in _JOINERS and index < name.last + 2:
            opened = opened or self.text(index) == "("
            index += 1
        again = self.month_name(index)
        if again is None or again.number != name.number or again.hijri != name.hijri:
            return name.last, False
        index = again.last
        return (index + 1 if opened and self.text(index) == ")" else index), True

    def day_before(self, first: int) -> tuple[int, int] | None:
        """Return ``(day, first token)`` of a day of the month that ends at ``first``."""
        index = first
        if self.text(index - 1) in ("من", "of", "-", "/", "،"):
            index -= 1
        if self.text(index - 1) == "شهر":
            index -= 1
            if self.text(index - 1) == "من":
                index -= 1
        numeral = self.ending.get(index)
        if (
            numeral is None
            or numeral.form in ("dual", "adjective", "fraction")
            or self.text(index - 1) == "%"
        ):
            return None
        day = numeral.integer
        if day is None or not 1 <= day <= 31 or (index < first and self.text(index) == "،"):
            return None
        if is_identifier(self.tokens, numeral.first):
            return None
        if numeral.form == "words" and self.language == "en":
            return None
        start = numeral.first
        if self.language == "en" and self.text(start - 1) == "the":
            start -= 1
        return day, start

    def day_after(self, last: int) -> tuple[int, int] | None:
        """English ``April 7``: the day and the next index."""
        index = last + 1 if self.text(last) in ("the", ".") else last
        numeral = self.starting.get(index)
        if (
            self.language != "en"
            or numeral is None
            or numeral.percent
            or self.tokens[index].text in ("½", "¼")
        ):
            return None
        day = numeral.integer
        if (
            day is None
            or not 1 <= day <= 31
            or numeral.form not in ("digits", "ordinal")
            or numeral.last > index + 2
        ):
            return None
        return day, numeral.last

    def year_after(self, index: int, *, hijri: bool = False) -> tuple[int, int] | None:
        """Return ``(year, next index)`` of a year that follows a month, past commas and "of the year"."""
        at = index
        while at < index + 3 and self.text(at) in _YEAR_GLUE:
            at += 1
        text = self.text(at)
        wide = hijri and at < len(self.tokens)
        if (
            self.kind(at) != "number"
            or not text.isdigit()
            or not (len(text) == 4 or (wide and 3 <= len(text) <= 4))
        ):
            return None
        year = int(text)
        if hijri:
            if year not in _HIJRI_YEARS:
                return None
            return year, at + 2 if self.text(at + 1) in ("ه", "هجري", "هجريه", "للهجره") else at + 1
        if year not in _ANY_YEAR:
            return None
        return year, at + 2 if self.text(at + 1) == "م" else at + 1

    def month_date(self, index: int) -> int | None:
        """Read the whole date around a month name at ``index``; return where to go on, or None if it is none."""
        name = self.month_name(index)
        if name is None or not self.free(name.first, name.last):
            return None
        if self.text(index - 1) in _NAME_BEFORE or self.text(name.last) in _NAME_AFTER:
            return None
        last, paired = self.month_pair(name)
        day = self.day_before(name.first)
        first = day[1] if day else name.first
        if day is None and (after := self.day_after(last)):
            day, last = (after[0], first), after[1]
            more_last, more_days = self.days_after(last)
        else:
            more_last, more_days = last, []
        year = self.year_after(more_last, hijri=name.hijri)
        adjective = _ADJECTIVE.get(self.text(more_last)) if self.language == "ar" else None
        if adjective is None and self.language == "en" and self.text(name.first - 1) in ("last", "next"):
            adjective = _ADJECTIVE[self.text(name.first - 1)]
        if not (name.certain or day or year or paired or self.in_time_context(name, last)):
            return None
        end = year[1] if year else more_last
        number = year[0] if year else None
        prefix = "hijri:" if name.hijri else ""
        for other, where in [*self.days_before(first, has_day=day is not None), *more_days]:
            self.emit(where, where + 1, prefix, number, name.number, other, adjective)
        self.emit(first, end, prefix, number, name.number, day[0] if day else None, adjective)
        return end

    def days_before(self, first: int, *, has_day: bool) -> list[tuple[int, int]]:
        """Days listed before the last one: ``23 و24 مارس``, ``5-10 April``: ``(day, token)``."""
        days: list[tuple[int, int]] = []
        index = first
        while has_day and self.text(index - 1) in _DAY_JOINERS and index - 2 not in self.taken:
            numeral = self.ending.get(index - 1)
            day = numeral.integer if numeral and numeral.form in ("digits", "ordinal") else None
            if numeral is None or day is None or not 1 <= day <= 31 or numeral.last - numeral.first > 2:
                break
            if is_identifier(self.tokens, numeral.first):
                break
            days.insert(0, (day, numeral.first))
            index = numeral.first
        return days

    def days_after(self, last: int) -> tuple[int, list[tuple[int, int]]]:
        """English ``April 5-10``, ``April 5 and 6``: the next index and the further days."""
        days: list[tuple[int, int]] = []
        while self.text(last) in _DAY_JOINERS and (numeral := self.starting.get(last + 1)):
            day = numeral.integer
            if day is None or not 1 <= day <= 31 or numeral.form not in ("digits", "ordinal"):
                break
            if self.month_name(numeral.last):  # "April 5 and 6 May"
                break
            days.append((day, numeral.first))
            last = numeral.last
        return last, days

    def in_time_context(self, name: _MonthName, last: int) -> bool:
        before, after = self.text(name.first - 1), self.text(last)
        if after in _CONTEXT_AFTER and after != "من" and after not in ("last", "next", "this", "past"):
            return True
        if name.hijri:
            return before in _TIME_BEFORE_STRICT or (not name.strict and before in _TIME_BEFORE)
        if self.beside_month(name, last):
            return True
        if name.strict:
            return before in _TIME_BEFORE_STRICT
        return before in _TIME_BEFORE or (
            before in ("-", "–") and self.text(name.first - 2) in ("mid", "late", "early")
        )

    def beside_month(self, name: _MonthName, last: int) -> bool:
        """Tell whether another month is joined to this one: ``حزيران وآب``, ``Nov-Feb``."""
        before = name.first - 1
        if self.text(before) in _MONTH_JOINERS:
            before -= 1
        near = (
            [self.month_name(before)]
            if before >= 0 and (before < name.first - 1 or self.language == "ar")
            else []
        )
        if before > 0 and self.language == "ar" and not near[0]:
            near.append(self.month_name(before - 1))  # two-word names
        if self.text(last) in _MONTH_JOINERS:
            near.append(self.month_name(last + 1))
        return any(each is not None and each.last <= max(name.first, each.first + 2) for each in near)

    def emit(
        self,
        first: int,
        last: int,
        prefix: str,
        year: int | None,
        month: int,
        day: int | None,
        adjective: int | None,
    ) -> None:
        value = _iso(year, month, day)
        if value is None:
            value = _iso(year, month, None) or ""
        resolved = value if year and not prefix else None
        if resolved is None and not prefix and self.published:
            since = self.text(first - 1) in ("منذ", "since")
            resolved = _resolve_month(
                value, adjective if adjective is not None else (-1 if since else None), self.published
            )
        self.add(DateMention(first, last, prefix + value, resolved))

    # -- years, decades, weekdays, relative

    def year(self, index: int) -> DateMention | None:
        text = self.text(index)
        if self.kind(index) != "number" or len(text) != 4 or not text.isdigit():
            return self.short_hijri_year(index)
        numeral = self.starting.get(index)
        year, before, after = int(text), self.text(index - 1), self.text(index + 1)
        if (numeral is not None and (numeral.percent or numeral.value != year)) or before in ("$", "£", "€"):
            return None
        if self.language == "ar" and after in ("ه", "هجري", "هجريه", "للهجره") and year in _HIJRI_YEARS:
            return DateMention(index, index + 2, f"hijri:{year}")
        said = before in _ARABIC_YEAR_WORDS or before == "year"
        if before == "the" and year in _YEARS and self.kind(index + 1) == "word" and self.capital(index + 1):
            said = True  # the 2012 Olympics
        if (said and year in _ANY_YEAR) or (
            year in _YEARS and not self.counts(index + 1) and self.year_likely(index, before)
        ):
            return DateMention(index, index + 1, text, text)
        old = self.language == "en" and before in ("in", "since", "of") and year in _ANY_YEAR
        if old and not self.counts(index + 1):
            return DateMention(index, index + 1, text, text)
        return None

    def short_hijri_year(self, index: int) -> DateMention | None:
        if (
            self.kind(index) == "number"
            and len(self.text(index)) == 3
            and self.text(index + 1) in ("هجري", "هجريه")
        ):
            return DateMention(index, index + 2, f"hijri:{self.text(index)}")
        return None

    def year_likely(self, index: int, before: str) -> bool:
        if self.language == "ar":
            return before in _ARABIC_YEAR_BEFORE or not self.is_noun(index + 1)
        return before in _ENGLISH_YEAR_BEFORE or before.isalpha() or self.kind(index + 1) != "word"

    def is_noun(self, index: int) -> bool:
        return self.kind(index) == "word" and self.text(index) not in _FUNCTION_WORDS

    def counts(self, index: int) -> bool:
        """Tell whether the word at ``index`` is likely counted by the number before it."""
        text = self.text(index)
        if self.kind(index) != "word":
            return text in ("%", "$", "€", "£")
        if self.language == "en":
            return (text.endswith("s") and len(text) > 3 and text not in _NOT_COUNTED) or text in _COUNTED
        if text in _FUNCTION_WORDS or text.startswith(("ال", "و", "ف", "لل", "بال")):
            return False
        return text in _COUNTED_ARABIC

    def decade(self, index: int) -> DateMention | None:
        text = self.text(index)
        if self.language == "en":
            if text in _ENGLISH_DECADES:
                return DateMention(index, index + 1, f"decade:{_ENGLISH_DECADES[text]}")
            if self.kind(index) != "number" or self.tokens[index].high >= len_end(self.tokens, index + 1):
                return None
            plural = self.text(index + 1) == "s" or (
                self.text(index + 1) in ("'", "’") and self.text(index + 2) == "s"
            )
            if not plural or not text.isdigit() or len(text) not in (2, 4) or not text.endswith("0"):
                return None
            return DateMention(index, index + (2 if self.text(index + 1) == "s" else 3), f"decade:{text}")
        for prefix in ("", "و", "ب", "ل", "ف"):
            bare = text[len(prefix) :]
            if not text.startswith(prefix) or bare not in _ARABIC_DECADES:
                continue
            tens, last, century = _ARABIC_DECADES[bare], index + 1, ""
            following = (self.text(index + 1), self.text(index + 2))
            if following[0] == "القرن" and (following[1] in ("الماضي", "الفايت", "المنصرم", "العشرين")):
                century, last = "19", index + 3
            elif following[0] == "القرن" and (numeral := self.starting.get(index + 2)) and numeral.integer:
                century, last = str(numeral.integer - 1), numeral.last
            return DateMention(index, last, f"decade:{century}{tens}")
        return None

    def weekday(self, index: int) -> DateMention | None:
        if self.kind(index) != "word":
            return None
        text = self.text(index)
        if self.language == "en":
            day = _ENGLISH_WEEKDAYS.get(text) or _ENGLISH_WEEKDAYS.get(
                text.removesuffix("s").removesuffix("'").removesuffix("’")
            )
            sign = _ADJECTIVE.get(self.text(index - 1), None)
        else:
            day = _ARABIC_WEEKDAYS.get(text) or next(
                (
                    _ARABIC_WEEKDAYS[text[1:]]
                    for prefix in "وفبل"
                    if text.startswith(prefix) and text[1:] in _ARABIC_WEEKDAYS
                ),
                None,
            )
            if day is None and self.recurs(index):
                day = _ARABIC_WEEKDAYS.get("ال" + text.removeprefix("و"))
            sign = _ADJECTIVE.get(self.text(index + 1), None)
        if day is None or self.text(index + 1) == "معا":  # الاثنين معا: "both"
            return None
        if day in _NUMBERED and _NUMBERED[day].fullmatch(self.text(index + 1)):
            return None
        joined = self.text(index + 1).removeprefix("و") in _ARABIC_WEEKDAYS
        if day == "monday" and self.text(index - 1) == "بين" and not joined:  # بين الاثنين: "between the two"
            return None
        resolved = _resolve_weekday(day, sign, self.published) if self.published else None
        return DateMention(index, index + 1, f"weekday:{day}", resolved)

    def recurs(self, index: int) -> bool:
        """Tell whether a weekday may stand here without its article: كل خميس, أول سبت, كل ثلاثاء وجمعة."""
        before = self.text(index - 1)
        if before.removeprefix("و") in _EVERY:
            return True
        again = self.text(index).startswith("و") and "ال" + before in _ARABIC_WEEKDAYS
        return again and self.text(index - 2) in _EVERY

    def relative(self, index: int) -> DateMention | None:
        return self.relative_arabic(index) if self.language == "ar" else self.relative_english(index)

    def relative_arabic(self, index: int) -> DateMention | None:
        text, after = self.text(index), self.text(index + 1)
        if text in ("امس", "البارحه", "بامس", "وامس", "بالامس", "الامس"):
            two = after in ("الاول",)
            return self.rel(index, index + (2 if two else 1), "day", -2 if two else -1)
        if text in ("غدا", "غد", "الغد", "وغدا"):
            two = self.text(index - 1) == "بعد" and text == "غد"
            return self.rel(index - 1 if two else index, index + 1, "day", 2 if two else 1)
        ordinal = self.starting.get(index + 1)
        if ordinal is not None and ordinal.form == "ordinal" and text == "اليوم":
            return None  # اليوم السابع: "the seventh day"
        if (
            text in ("اليوم", "الليله")
            and after not in _CONTEXT_AFTER
            and self.text(index - 1) not in _NOT_TODAY
        ):
            return self.rel(index, index + 1, "day", 0, soft=True)
        if text == "القرن" and (numeral := self.starting.get(index + 1)) and numeral.integer:
            return None  # a century by its number stays a number, as "the 19th century" does
        unit = _ARABIC_PERIODS.get(text) or _ARABIC_PERIODS.get(
            text[1:] if text[:1] in ("و", "ف", "ب", "ل") else ""
        )
        if unit is None:
            return None
        if self.text(index - 1) in ("هذا", "هذه", "لهذا", "بهذا", "وهذا") and not unit.endswith("s"):
            return self.rel(index - 1, index + 1, unit, 0)
        at = index + 1
        while at < index + 3 and (self.text(at) in _FEW_WORDS or at in self.starting):
            at += 1
        sign = _ADJECTIVE.get(self.text(at))
        if (
            sign is None
            and unit in ("year", "month", "week", "day")
            and self.text(at) in ("التالي", "التاليه")
        ):
            return self.rel(index, at + 1, unit, 1, soft=True)
        if sign is None:
            return None
        if unit == "year" and sign == 0 and self.text(index - 1).startswith("ال"):
            return None  # الأمين العام الحالي: "general", not "year"
        return self.rel(index, at + 1, unit, sign)

    def relative_english(self, index: int) -> DateMention | None:
        text, after = self.text(index), self.text(index + 1)
        if text == "yesterday":
            two = (self.text(index - 1), self.text(index - 2)) == ("before", "day")
            return self.rel(index - 2 if two else index, index + 1, "day", -2 if two else -1)
        if text == "tomorrow":
            two = (self.text(index - 1), self.text(index - 2)) == ("after", "day")
            return self.rel(index - 2 if two else index, index + 1, "day", 2 if two else 1)
        if text == "last" and after == "night":
            return self.rel(index, index + 2, "day", -1)
        if text in ("today", "tonight"):
            return self.rel(index, index + 1, "day", 0, soft=True)
        if text in (
            "following",
            "previous",
            "next",
            "last",
            "past",
            "this",
            "current",
            "coming",
            "recent",
            "upcoming",
        ):
            sign = {"following": 1, "upcoming": 1, "recent": -1}.get(text, _ADJECTIVE.get(text, 0))
            at = index + 1
            while at < index + 3 and (self.text(at) in _FEW_WORDS or at in self.starting):
                at += 1
            unit = _ENGLISH_PERIODS.get(self.text(at))
            if unit is None or (unit == "day" and text in ("this", "past")):
                return None
            return self.rel(
                index, at + 1, unit, sign, soft=text in ("following", "previous") or after == "day"
            )
        return None

    def rel(self, first: int, last: int, unit: str, offset: int, *, soft: bool = False) -> DateMention:
        if unit.endswith("s"):
            return DateMention(
                first, last, f"rel:{unit}{'+' if offset > 0 else '-' if offset < 0 else '0'}", soft=True
            )
        value = f"rel:{unit}{offset:+d}" if offset else f"rel:{unit}0"
        resolved = _resolve_relative(unit, offset, self.published) if self.published else None
        return DateMention(first, last, value, resolved, soft=soft)


#: Di Maio, Mayo Clinic, Nissan cars: names that are spelt like months.
_NAME_BEFORE: Final = _words("دي شركة سيارة سيارات تيريزا")
_NAME_AFTER: Final = _words("كلينيك موتور clinic")
_YEAR_GLUE: Final = _words("/ - , ، ( من عام سنة لعام لسنة of in .") | frozenset(("", ".", ","))
_MONTH_JOINERS: Final = frozenset(
    ("-", "–", "/", "and", "to", "و", "الي", "or", "او", "until", "through", "حتي")
)
_DAY_JOINERS: Final = frozenset(("و", "-", "–", "—", "and", "to", "الي", "حتي", "or", "او", ","))
_DAY_BEFORE: Final = _words("يوم في بتاريخ أحداث هجمات منذ")
_NOT_COUNTED: Final = _words("was has its his this as is us does news")
_COUNTED: Final = _words(
    "people men women children troops million billion km police kilometres of percent personnel staff"
)
_COUNTED_ARABIC: Final = _words(
    "جندي جنديا جنود شخص شخصا أشخاص مقاتل مقاتلا عنصر عنصرا مسلح مسلحا مدني مدنيا طفل طفلا امرأة رجل حالة إصابة وفاة قتيل"
    " قتيلا جريح جريحا مصاب مصابا عائلة أسرة منزل منزلا وحدة دولار دولارا يورو جنيه جنيها ريال ريالا درهم دينار دينارا"
    " ليرة طن طنا كيلومتر كيلومترا كلم كم متر مترا ميل ميلا لاجئ لاجئا نازح نازحا مهاجر مهاجرا طالب طالبا طالبة موظف"
    " موظفا عامل عاملا سجين سجينا معتقل معتقلا ناخب صوت صوتا مقعد مقعدا موقع موقعا صاروخ صاروخا طائرة سيارة شاحنة"
    " سفينة برميل برميلا نسمة ساعة يوم يوما دقيقة نقطة شركة مدرسة قرية متر مريض مريضا مواطن مواطنا ألف مليون مليار"
)
_NOT_TODAY: Final = _words("هذا ذلك نفس ذات في")
_FEW_WORDS: Final = _words(
    "القليلة few several couple of many القليلتين العشر الثلاثة الثلاث الأربعة الخمس الستة two three"
)
_ENGLISH_DECADES: Final = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip
_ARABIC_DECADES: Final = {
    normalize(stem + ending): tens
    for stem, tens in (
        ("العشرين", 20), ("الثلاثين", 30), ("الأربعين", 40), ("الخمسين", 50), ("الستين", 60), ("السبعين", 70),
        ("الثمانين", 80), ("التسعين", 90), ("عشرين", 20), ("ثلاثين", 30), ("أربعين", 40), ("خمسين", 50),
        ("ستين", 60), ("سبعين", 70), ("ثمانين", 80), ("تسعين", 90),
    )
    for ending in ("يات", "ات")
}  # fmt: skip
_EVERY: Final = frozenset(("كل", "اول", "ثاني", "ثالث", "رابع", "اخر"))
#: What makes a weekday of Arabic a number: الأحد عشر (the eleven), الاثنين والعشرين (the 22).
_NUMBERED: Final = {
    "sunday": re.compile("عشره?"),
    "monday": re.compile("وال(?:عشر|ثلاث|اربع|خمس|ست|سبع|ثمان|تسع)(?:ين|ون)"),
}
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENGLISH_WEEKDAYS: Final = {name: name for name in _DAY_NAMES}
_ARABIC_WEEKDAYS: Final = {
    normalize(name): day
    for names, day in zip(
        (
            "الاثنين الإثنين الأثنين",
            "الثلاثاء الثلاثا",
            "الأربعاء الاربعا",
            "الخميس",
            "الجمعة",
            "السبت",
            "الأحد",
        ),
        _DAY_NAMES,
        strict=True,
    )
    for name in names.split()
}
_ARABIC_PERIODS: Final = {
    normalize(name): unit
    for names, unit in (
        ("العام السنة", "year"), ("الشهر", "month"), ("الأسبوع", "week"), ("اليوم", "day"), ("القرن", "century"),
        ("العقد", "decade"), ("الأعوام السنوات السنين العامين السنتين", "years"), ("الأشهر الشهور الشهرين", "months"),
        ("الأسابيع الأسبوعين", "weeks"), ("الأيام اليومين", "days"), ("الساعات", "hours"), ("العقود العقدين", "decades"),
        ("الصيف", "summer"),
    )
    for name in names.split()
}  # fmt: skip
_ENGLISH_PERIODS: Final = {
    **{unit: unit for unit in ("year", "month", "week", "day", "century", "decade", "summer")},
    **{unit: unit for unit in ("years", "months", "weeks", "days", "hours", "decades")},
}


def len_end(tokens: Sequence[Token], index: int) -> int:
    """Return one past the folded start of token ``index``, or 0 past the end: "is glued to the one before"."""
    return tokens[index].low + 1 if index < len(tokens) else 0


# --- resolving ------------------------------------------------------------------------------------


def _iso(year: int | None, month: int, day: int | None) -> str | None:
    """Return the ISO form of a possible date, else None. 29 February stands where no year is said."""
    if not 1 <= month <= 12:
        return None
    if day is not None:
        leap = year is None or calendar.isleap(year)
        longest = 29 if month == 2 and leap else 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
        if not 1 <= day <= longest:
            return None
    head = f"{year:04d}-{month:02d}" if year is not None else f"--{month:02d}"
    return head if day is None else f"{head}-{day:02d}"


#: Without "last" or "next", a month is resolved only to a date this near the report: news looks back two months
#: without saying "last", and ahead one.
_NEAR_PAST_DAYS: Final = 62
_NEAR_FUTURE_DAYS: Final = 31


def _resolve_month(value: str, sign: int | None, published: datetime.date) -> str | None:
    """Give ``--04`` or ``--04-07`` the year that the report's date and ``الماضي``/``المقبل`` mean."""
    month, day = int(value[2:4]), int(value[5:7]) if len(value) > 4 else None
    if sign == 0:
        return f"{published.year:04d}{value[1:]}"
    months_off = month - published.month
    if sign is not None:
        ahead = months_off > 0 or (months_off == 0 and day is not None and day > published.day)
        behind = months_off < 0 or (months_off == 0 and day is not None and day < published.day)
        if sign > 0:
            year = published.year if ahead else published.year + 1
        else:
            year = published.year if behind else published.year - 1
        return f"{year:04d}{value[1:]}" if datetime.MINYEAR <= year <= datetime.MAXYEAR else None
    near: list[tuple[int, str]] = []
    for year in (published.year - 1, published.year, published.year + 1):
        if not datetime.MINYEAR <= year <= datetime.MAXYEAR or _iso(year, month, day) is None:
            continue
        days = (datetime.date(year, month, day or 15) - published).days
        if -_NEAR_PAST_DAYS <= days <= _NEAR_FUTURE_DAYS:
            near.append((abs(days), f"{year:04d}{value[1:]}"))
    return min(near)[1] if near else None


def _resolve_weekday(day: str, sign: int | None, published: datetime.date) -> str:
    """The nearest such day up to the report's own, or after it where "next" says so."""
    back = (published.weekday() - _DAY_NAMES.index(day)) % 7
    days = 7 - back if sign == 1 else -(back or 7) if sign == -1 else -back
    return _shift(published, days).isoformat()


def _shift(date: datetime.date, days: int) -> datetime.date:
    ordinal = min(max(date.toordinal() + days, 1), datetime.date.max.toordinal())
    return datetime.date.fromordinal(ordinal)


def _resolve_relative(unit: str, offset: int, published: datetime.date) -> str | None:
    if unit == "day":
        return _shift(published, offset).isoformat()
    if unit == "month":
        months = max(published.year * 12 + published.month - 1 + offset, 12)
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    if unit == "year":
        return f"{max(published.year + offset, datetime.MINYEAR):04d}"
    return None


def find_dates(
    tokens: Sequence[Token],
    numerals: Sequence[Numeral],
    *,
    language: Language,
    published: datetime.date | None = None,
) -> list[DateMention]:
    """Return the dates among ``tokens``, in order and never overlapping."""
    found = _Finder(tokens, numerals, language, published).run()
    return [replace(mention, also=None) if mention.also == mention.value else mention for mention in found]
