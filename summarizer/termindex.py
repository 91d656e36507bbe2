"""How texts are looked up: their words, the forms that an entry takes, and an index of them for each language.

Arabic is compared as folded words (``arabic_words``), the first of a name with and without its clitics
(``without_clitics``); English as words without case, diacritics, apostrophes and articles (``english_words``). An index
maps forms to entries, and a first word to the lengths worth trying, so that a look-up costs the same however long
the lists are. ``TermMatch`` is what a look-up comes to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from summarizer.arabic import normalize
from summarizer.gazetteer import WORD_PATTERN, Entry, Kind, Role, Source, arabic_form, surname_of
from summarizer.romanize import ORDINARY, NameTable, join_words, romanize


@dataclass(frozen=True, slots=True, kw_only=True)
class TermMatch:
    """A name or term in a text: ``text[start:end] == surface``.

    ``english`` are the accepted renderings, the best one for this form first (for ``الكاظمي`` that is
    ``al-Kadhimi``, for ``عراقية`` it is ``Iraqi``). ``key`` is the same for every form of one name.
    """

    start: int
    end: int
    surface: str
    key: str
    kind: Kind
    english: tuple[str, ...]
    source: Source
    role: Role = "full"


# --- Arabic words and forms ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArabicWord:
    """One folded word (``عبد الرحمن`` is one); offsets are those of the folded text."""

    text: str
    start: int
    end: int
    joined: bool  # only blanks or a hyphen stand between it and the word before


#: What may stand between two words of one name: "العربية/الحدث", "العربية.نت".
_JOINT: Final = re.compile(r"[ \u00a0]*[-/]?[ \u00a0]*|\.")


def arabic_words(folded: str) -> list[ArabicWord]:
    """Return the words of a folded Arabic text; two that make one name word (``عبد الرحمن``) are one."""
    spans = [(match[0], match.start(), match.end()) for match in WORD_PATTERN.finditer(folded)]
    words: list[ArabicWord] = []
    position = 0
    for text, width in join_words(tuple(word for word, _, _ in spans)):
        start, end = spans[position][1], spans[position + width - 1][2]
        if width == 2 and not _JOINT.fullmatch(folded, spans[position][2], spans[position + 1][1]):
            for word, first, last in spans[position : position + 2]:
                words.append(ArabicWord(word, first, last, _joins(folded, words, first)))
        else:
            words.append(ArabicWord(text, start, end, _joins(folded, words, start)))
        position += width
    return words


def _joins(folded: str, words: Sequence[ArabicWord], start: int) -> bool:
    return bool(words) and _JOINT.fullmatch(folded, words[-1].end, start) is not None


def reach_from(words: Sequence[ArabicWord], position: int) -> int:
    """Return how many words from ``position`` on hang together, at most ten."""
    reach = 1
    while reach < 10 and position + reach < len(words) and words[position + reach].joined:
        reach += 1
    return reach


def joined_form(first: str, words: Sequence[ArabicWord], position: int, length: int) -> str:
    """Return the form of ``length`` words from ``position`` on, the first one written as ``first``."""
    return " ".join((first, *(word.text for word in words[position + 1 : position + length])))


CONJUNCTIONS: Final = frozenset("وف")
PREPOSITIONS: Final = frozenset("بلك")
#: What is left of a word when a clitic is taken off holds at least this many letters.
FEWEST_LETTERS: Final = 3


@lru_cache(maxsize=65536)
def without_clitics(word: str) -> tuple[tuple[int, str], ...]:
    """Return ``(letters dropped, form)``, the word itself first; ``للناتو`` gives ``(0, الناتو)``."""
    forms = [(0, word)]
    for dropped in (0, 1):
        if dropped and (word[0] not in CONJUNCTIONS or len(word) - 1 < FEWEST_LETTERS):
            break
        rest = word[dropped:]
        if dropped:
            forms.append((dropped, rest))
        if rest.startswith("لل") and len(rest) - 2 >= FEWEST_LETTERS - 1:
            forms.append((dropped, "ال" + rest[2:]))
        if rest[0] in PREPOSITIONS and len(rest) - 1 >= FEWEST_LETTERS:
            forms.append((dropped + 1, rest[1:]))
    return tuple(forms)


_NISBA_ENDINGS: Final = ("", "ه", "ون", "ين", "ات", "ان", "تان", "تين", "ا")


def _adjective_forms(adjective: str) -> Iterator[str]:
    """Yield the agreement forms of a folded nisba (``عراقي``): gender, number, case, with and without article."""
    bare = adjective.removeprefix("ال") if len(adjective) > 4 else adjective
    endings = _NISBA_ENDINGS if bare.endswith("ي") and " " not in bare else ("",)
    for ending in endings:
        yield bare + ending
        yield "ال" + bare + ending
    if adjective != bare:
        yield adjective


def _spelling_variants(form: str) -> tuple[str, ...]:
    """Return a folded form and the spellings that stand for the same: ``ابو/ابي/ابا``, written joined or not."""
    words = form.split()
    variants = [form]
    for position, word in enumerate(words[:-1]):
        if word == "ابو":
            head, tail = words[:position], words[position + 1 :]
            variants += [" ".join([*head, each, *tail]) for each in ("ابي", "ابا")]
            variants.append(" ".join([*head, "ابو" + tail[0], *tail[1:]]))
    return tuple(variants)


def word_set(text: str) -> frozenset[str]:
    """Return the folded words of a list written as one string."""
    return frozenset(normalize(text).split())


#: A person's name follows one of these (after a nationality, a comma, a ministry...).
_TITLES: Final = word_set(
    "الرئيس رئيس رئيسة الرئيسة وزير وزيرة الوزير الوزيرة الجنرال جنرال اللواء لواء العميد عميد العقيد الفريق المشير "
    "السفير سفير السفيرة سفيرة النائب نائب النائبة السيناتور الأمير أمير الأميرة الملك ملك الملكة السلطان الشيخ "
    "الشيخة القائد قائد الزعيم زعيم المتحدث المتحدثة متحدث الناطق السيد السيدة الدكتور الدكتورة دكتور المستشار "
    "المستشارة مستشار المبعوث المبعوثة مبعوث المدير مدير المديرة مديرة الأمين أمين المدعي المحامي القاضي الكاتب "
    "الصحفي الصحافي الصحفية الصحافية المخرج الممثل الممثلة الفنان الفنانة المدرب مدرب اللاعب لاعب المهاجم المهندس "
    "البابا الأستاذ البروفيسور العاهل الباحث الباحثة السكرتيرة السكرتير المرشح المرشحة مرشح النجم نجم الرائد "
    "النقيب المقدم العالم الروائي الشاعر المفوض المفوضة محافظ المحافظ حاكم الخبير المحلل وكيل الوكيل المعارض"
)


@lru_cache(maxsize=16384)
def is_title(word: str) -> bool:
    """Tell whether a folded word, clitics aside, is a title."""
    return any(form in _TITLES for _, form in without_clitics(word))


def is_ordinary(word: str, table: NameTable) -> bool:
    """Tell whether a folded word is mostly no name in running text (measured, see ``build_names``)."""
    return table.has(ORDINARY, word)


@dataclass(slots=True)
class ArabicIndex:
    """Folded forms -> (entry, role), and for each first word the lengths worth trying, longest first."""

    forms: dict[str, tuple[Entry, Role]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, form: str, entry: Entry, role: Role) -> None:
        """Add a form; the first entry that claims a form keeps it."""
        if form and form not in self.forms:
            self.forms[form] = (entry, role)
            words = form.split()
            known = self.lengths.get(words[0], ())
            if len(words) not in known:
                self.lengths[words[0]] = tuple(sorted((*known, len(words)), reverse=True))


def index_arabic(entries: Iterable[Entry], *, ordinary: NameTable) -> ArabicIndex:
    """Index every form of ``entries``. Full names go first, then adjectives, then surnames that are one person's."""
    entries = list(entries)
    index = ArabicIndex()
    for entry in entries:
        for arabic in entry.arabic:
            for form in _spelling_variants(arabic_form(arabic)):
                index.add(form, entry, "full")
    for entry in entries:
        for arabic in entry.arabic_adjectives:
            for form in _adjective_forms(arabic_form(arabic)):
                index.add(form, entry, "adj")
    claims: dict[str, list[Entry]] = {}
    for entry in entries:
        for arabic in entry.arabic_short if entry.kind == "person" else ():  # a term's are a story's
            claims.setdefault(arabic_form(arabic), []).append(entry)
    for form, claimants in claims.items():
        distinctive = form not in _TITLES and (form.startswith("ال") or not is_ordinary(form, ordinary))
        if distinctive and len({each.english_short[:1] for each in claimants}) == 1:
            index.add(form, claimants[0], "short")
    return index


# --- English words ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnglishWord:
    """One word of an English text: ``norm`` for matching, offsets in the text, and how it was written."""

    norm: str
    start: int
    end: int
    surface: str
    opens: bool  # nothing but quotes stands between it and the end of the sentence before

    @property
    def capital(self) -> bool:
        """Whether the word is written with a capital."""
        return self.surface[:1].isupper()


_LATIN_WORD: Final = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*['’](?!\w)|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*"
)
_POSSESSIVE: Final = re.compile(r"['’][sS]?$")
_MARKS: Final = re.compile("['’ʼ`´‘ʿʾ.]")
#: The Arabic article as English writes it. The assimilated ones only count before a hyphen.
ENGLISH_ARTICLES: Final = frozenset({"al", "el"})
_HYPHEN_ARTICLES: Final = frozenset({"al", "el", "ul", "an", "ar", "as", "ash", "ad", "at", "az", "l"})


def english_words(text: str) -> list[EnglishWord]:
    """Return the words of an English text; ``U.S.`` is one word, ``al-`` and ``the`` are none."""
    words = []
    for match in _LATIN_WORD.finditer(text):
        surface = _POSSESSIVE.sub("", match[0])
        norm = english_norm(surface)
        after = text[match.end() : match.end() + 2]
        hyphen_article = norm in _HYPHEN_ARTICLES and after[:1] in "-‑–" and after[1:].isalpha()
        spaced_article = norm in ENGLISH_ARTICLES and after[:1] == " " and after[1:].isupper()
        if norm and norm != "the" and not hyphen_article and not spaced_article:
            opens = opens_sentence(text, match.start())
            words.append(EnglishWord(norm, match.start(), match.start() + len(surface), surface, opens))
    return words


_SENTENCE_END: Final = re.compile(r"(?:^|[.!?…:][\"”»’)]*\s)\s*[\"“«‘(]*$")


def opens_sentence(text: str, start: int) -> bool:
    """Tell whether nothing but quotes stands between ``start`` and the end of the sentence before."""
    return _SENTENCE_END.search(text[max(0, start - 8) : start] if start > 8 else text[:start]) is not None


@lru_cache(maxsize=16384)
def english_norm(surface: str) -> str:
    """Return an English word without case, diacritics, apostrophes and dots."""
    stripped = unicodedata.normalize("NFKD", _MARKS.sub("", surface))
    return "".join(each for each in stripped if not unicodedata.combining(each)).casefold()


@lru_cache(maxsize=16384)
def rendering_words(rendering: str) -> tuple[str, ...]:
    """Return an English rendering as the index has it: its normalised words."""
    return tuple(word.norm for word in english_words(rendering))


#: Renderings of this many capitals (``US``, ``IS``, ``WHO``) would be everyday words in lower case.
_LONGEST_ACRONYM: Final = 4


@lru_cache(maxsize=16384)
def is_acronym(rendering: str) -> bool:
    """Tell whether a rendering is a few capitals, to be matched with its case."""
    letters = _MARKS.sub("", rendering)
    return letters.isupper() and len(letters) <= _LONGEST_ACRONYM


def written_like(words: Sequence[EnglishWord], rendering: str, kind: Kind) -> bool:
    """Tell whether matched words have the capitals that the rendering calls for."""
    if is_acronym(rendering):
        return all(_MARKS.sub("", word.surface).isupper() for word in words)
    return kind == "term" or rendering.islower() or any(word.capital for word in words)


def _same_word(one: str, other: str) -> bool:
    """Tell whether two normalised words are one: the article glued on (``alkadhimi``) or a plural s aside."""
    return (
        one == other
        or one in (f"al{other}", f"el{other}")
        or (one == f"{other}s" and len(other) > 3 and other[-1] in "in")
    )


def occurrences(words: Sequence[EnglishWord], rendering: str) -> list[int]:
    """Return the numbers of the words where a rendering starts, as ``Terms.rendered`` compares."""
    wanted = rendering_words(rendering)
    return [
        position
        for position in range(len(words) - len(wanted) + 1)
        if wanted
        and all(_same_word(words[position + step].norm, each) for step, each in enumerate(wanted))
        and written_like(words[position : position + len(wanted)], rendering, "term")
    ]


@dataclass(slots=True)
class EnglishIndex:
    """Normalised renderings -> entries that use them, and the lengths worth trying for each first word."""

    forms: dict[tuple[str, ...], tuple[Entry, Role, str]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, words: tuple[str, ...], entry: Entry, role: Role, rendering: str) -> None:
        """Add a rendering; the first entry that claims it keeps it."""
        if words and words not in self.forms:
            self.forms[words] = (entry, role, rendering)
            known = self.lengths.get(words[0], ())
            if len(words) not in known:
                self.lengths[words[0]] = tuple(sorted((*known, len(words)), reverse=True))

    def add_name(self, words: tuple[str, ...], entry: Entry, role: Role, rendering: str) -> None:
        """Add a rendering unless it is one everyday word for a name (``international``, ``parliament``)."""
        if entry.kind == "term" or len(words) > 1 or not rendering.islower():
            self.add(words, entry, role, rendering)


def index_english(entries: Iterable[Entry]) -> EnglishIndex:
    """Index every rendering of ``entries``: full names, then adjectives, then surnames that are one person's."""
    entries = list(entries)
    index = EnglishIndex()
    for entry in entries:
        for rendering in entry.english:
            index.add_name(rendering_words(rendering), entry, "full", rendering)
    for entry in entries:
        for rendering in entry.english_adjectives:
            words = rendering_words(rendering)
            index.add_name(words, entry, "adj", rendering)
            if words and words[-1][-1] in "in":  # Iraqis, Americans
                index.add_name((*words[:-1], words[-1] + "s"), entry, "adj", rendering)
    claims: dict[tuple[str, ...], list[tuple[Entry, str]]] = {}
    for entry in entries:
        if entry.english_short:
            surnames = (surname_of(each) for each in entry.english if " " in each)
            for rendering in dict.fromkeys((*entry.english_short, *surnames)):
                claims.setdefault(rendering_words(rendering), []).append((entry, rendering))
    for words, claimants in claims.items():
        if len({entry.english_short[0] for entry, _ in claimants}) == 1:
            index.add(words, claimants[0][0], "short", claimants[0][1])
    return index


# --- matches ------------------------------------------------------------------------------------

#: Spellings by ``romanize`` that are accepted besides those of the open list.
MOST_SPELT: Final = 4


def match_of(text: str, start: int, end: int, entry: Entry, role: Role) -> TermMatch:
    """Return ``text[start:end]`` as a match of ``entry``, the renderings that suit its role first."""
    surface = text[start:end]
    english = entry.renderings(role)
    if entry.source == "pattern":
        english = _romanized(surface) or english
    elif entry.source == "names" and entry.kind == "person" and role == "full":
        english = tuple(dict.fromkeys((*english, *_romanized(surface)[:MOST_SPELT])))
    return TermMatch(
        start=start,
        end=end,
        surface=surface,
        key=entry.key,
        kind=entry.kind,
        english=english,
        source=entry.source,
        role=role,
    )


@lru_cache(maxsize=16384)
def _romanized(surface: str) -> tuple[str, ...]:
    """Spell a name as it stands in the text: its hamza tells ``إلهام`` from a word with the article."""
    return romanize(surface)
