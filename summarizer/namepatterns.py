"""Names that no list holds: what follows a title, or pairs a known given name with a known surname.

Which words are words of names, and which are mostly none, ``romanize.NameTable`` knows. A title
(``الرئيس``, ``وزير الخارجية``) announces a name, so there one word of it may be unknown or an everyday word; without
a title every word must be known from names. What is found is spelt by ``romanize``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from summarizer.arabic import GREGORIAN_MONTHS
from summarizer.gazetteer import Entry
from summarizer.romanize import OTHER_WORD, WORD, NameTable, romanize
from summarizer.termindex import (
    CONJUNCTIONS,
    FEWEST_LETTERS,
    PREPOSITIONS,
    ArabicIndex,
    ArabicWord,
    is_ordinary,
    is_title,
    joined_form,
    reach_from,
    without_clitics,
    word_set,
)

#: What may stand between a title and the name, besides nationalities.
_BETWEEN: Final = word_set(
    "السابق السابقة الأسبق الأسبقة الراحل الراحلة الحالي الحالية المنتخب المنتخبة الجديد الجديدة العام العامة "
    "الأول الأولى المكلف بالوكالة الأركان أركان الوزراء الحكومة الجمهورية البلاد الدولة النواب البرلمان "
    "الخارجية الداخلية الدفاع المالية العدل الصحة التعليم النفط الطاقة التجارة الاقتصاد الإعلام الثقافة الصناعة الزراعة "
    "العسكري العسكرية الصحفية الصحفي الإعلامي الرسمي الرسمية باسم الخاص الخاصة الأعلى الدولي الأممي الأممية للأمم "
    "المتحدة للناتو التنفيذي التنفيذية الركن الدكتور الشيخ السيد الجيش الشرطة الاستخبارات المخابرات المركزي البنك "
    "لشؤون شؤون في لدى الفني المعروف الشهير البارز البارزة الكبير الشاب المخضرم"
)
#: Most words between a title and the name, and most words of the name.
_MOST_BETWEEN, _MOST_NAME = 6, 4
#: Foreign words of names with fewer letters (``ثير``) are mostly chopped ordinary words.
FEWEST_FOREIGN: Final = 4
#: How words start and end that are no surname nobody knows, but a word with a clitic or a verb.
_CLITIC_LETTERS: Final = CONJUNCTIONS | PREPOSITIONS | {"ي"}
_PRONOUNS: Final = ("ه", "ها", "هم", "وا", "ات")
_NAME_LINKS: Final = word_set("بن ابن بنت ابو ابي ابا ام ال ولد دي دو دا فان فون دير لا لو بو")


class NamePatterns:
    """Finds names by what stands around them. Reads ``table`` and ``indexes``, changes nothing."""

    def __init__(self, table: NameTable, indexes: Sequence[ArabicIndex]) -> None:
        """``table`` tells words of names from everyday ones; a form in ``indexes`` is known already."""
        self._table = table
        self._arabic = indexes

    def find(self, words: Sequence[ArabicWord], folded: str) -> dict[int, tuple[int, int]]:
        """Return word number -> (how many words make a name there, letters of clitics before it)."""
        found: dict[int, tuple[int, int]] = {}
        for position, word in enumerate(words):
            if is_title(word.text):
                start = self._name_start(words, position + 1, folded)
                length = self._name_length(words, start, titled=True)
                if length:
                    found[start] = (length, 0)
            if position not in found:
                bare = self._bare_name(words, position)
                if bare is not None:
                    found[position] = bare
        return found

    def _name_start(self, words: Sequence[ArabicWord], position: int, folded: str) -> int:
        """Skip what stands between a title and the name: nationalities, offices, known places, one comma."""
        step = position
        while step < min(position + _MOST_BETWEEN, len(words)):
            comma = folded[words[step - 1].end : words[step].start].strip() in ("،", ",") and step > position
            if not (words[step].joined or comma):
                break
            known = self._known(words, step)
            if known is None and words[step].text not in _BETWEEN:
                return step
            if known is not None and known[0].kind == "person":
                break
            step += known[1] if known is not None else 1
        return len(words)

    def _known(self, words: Sequence[ArabicWord], position: int) -> tuple[Entry, int] | None:
        """Return (entry, words) of the longest gazetteer or glossary form that starts here."""
        reach = reach_from(words, position)
        best: tuple[Entry, int] | None = None
        for _, first in without_clitics(words[position].text):
            for index in self._arabic:
                for length in index.lengths.get(first, ()):
                    hit = (
                        index.forms.get(joined_form(first, words, position, length))
                        if length <= reach
                        else None
                    )
                    if hit is not None and (best is None or length > best[1]):
                        best = (hit[0], length)
        return best

    def _bare_name(self, words: Sequence[ArabicWord], position: int) -> tuple[int, int] | None:
        """Return (words, letters of clitics) of a name that no title announces: given name and surname known."""
        for dropped, first in without_clitics(words[position].text)[:4]:
            if first.startswith("ال") or not self._is_name_word(first):
                continue
            length = self._name_length(words, position, titled=False)
            if length or not dropped:
                return (length, dropped) if length else None
        return None

    def _name_length(self, words: Sequence[ArabicWord], start: int, *, titled: bool) -> int:
        """Return how many words from ``start`` are words of a name (0: fewer than two of them).

        The first word counts as checked when no title stands before it. After a title a given name may be an
        everyday word (``ينس``) if a sure surname follows, and the surname one that no list knows.
        """
        first, length, known = start, 0, 0
        guessed = False
        if titled and self._is_doubtful_given_name(words, start):
            length = known = 1
            start += 1
        for place, word in enumerate(words[start : start + _MOST_NAME], start):
            if (length and (not word.joined or is_title(word.text))) or _is_month_twice(words, place):
                break
            if word.text in _NAME_LINKS and (length or titled):
                length += 1
                continue
            if length and self.names_another(word.text):
                break
            if not (length == 0 and not titled) and not self._is_name_word(word.text):
                if not (titled and known == 1 and length == 1 and self._may_end_name(word.text)):
                    break
                guessed = True
            known += 1
            length += 1
            if guessed:
                break
        while length and words[first + length - 1].text in _NAME_LINKS:
            length -= 1
        return length if known >= 2 else 0

    def _is_doubtful_given_name(self, words: Sequence[ArabicWord], start: int) -> bool:
        if start + 1 >= len(words) or not words[start + 1].joined:
            return False
        given, surname = words[start].text, words[start + 1].text
        return (
            len(given) >= FEWEST_LETTERS
            and not given.startswith("ال")
            and is_ordinary(given, self._table)
            and bool(self._table.word(given))
            and self._is_name_word(surname)
            and not self.names_another(surname)
        )

    def _may_end_name(self, word: str) -> bool:
        """Tell whether a word that no list knows may be the surname after a title and a given name."""
        return (
            len(word) >= FEWEST_FOREIGN
            and word[0] not in _CLITIC_LETTERS
            and not word.endswith(_PRONOUNS)
            and not any(is_ordinary(form, self._table) for _, form in without_clitics(word))
        )

    def names_another(self, word: str) -> bool:
        """Tell whether a word alone is a known place, organisation, nationality or term."""
        return any(word in index.forms and index.forms[word][0].kind != "person" for index in self._arabic)

    def _is_name_word(self, word: str) -> bool:
        """Tell whether a word is known as part of names and not an everyday word. Short foreign ones do not count."""
        if is_ordinary(word, self._table):
            return False
        return (
            self._table.has(WORD, word)
            or (len(word) >= FEWEST_FOREIGN and self._table.has(OTHER_WORD, word))
            or (word.startswith("ال") and len(word) > 4 and bool(self._table.word(word[2:])))
        )


def _is_month_twice(words: Sequence[ArabicWord], place: int) -> bool:
    """Tell whether a word and the one beside it name one month in two systems: نيسان/أبريل is no Nissan April."""
    month = GREGORIAN_MONTHS.get(words[place].text)
    return month is not None and any(
        GREGORIAN_MONTHS.get(each.text) == month
        for each in (*words[max(0, place - 1) : place], *words[place + 1 : place + 2])
    )


@lru_cache(maxsize=16384)
def pattern_entry(name: str) -> Entry:
    """Return the entry of a person found by a pattern, ``name`` being its folded words."""
    return Entry(
        key=f"person:{name}", kind="person", source="pattern", arabic=(name,), english=romanize(name)
    )
