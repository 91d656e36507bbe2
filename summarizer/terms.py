"""Names and terms: found in the Arabic, recognised in the English, and put right where the English missed them.

Four sources, the first that knows a stretch of text wins among equally long ones:

* ``glossary``: the user's ``--glossary`` file, CSV of Arabic and English (``read_glossary``);
* ``gazetteer``: the hand-made lists ``data/gazetteer-*.tsv`` (``read_gazetteer``);
* ``names``: full names of people (Wikidata, CC0) and places, in ``romanize.NameTable``;
* ``pattern``: what follows a title (``الرئيس``, ``وزير الخارجية``) and looks like a name, spelt by ``romanize``.

Arabic is matched as folded words in a dictionary (longest first, leftmost), the first word with and without its
clitics (``و ف ب ل ك``, ``لل``), so cost grows with the text and not with the lists. A story has its own view
(``Terms.for_document``): where one of its reports names somebody in full, the surname alone is the same person.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal

from summarizer.arabic import fold, normalize, span_in_source
from summarizer.errors import GlossaryError
from summarizer.romanize import (
    ENGLISH,
    FULL_NAME,
    ORDINARY,
    OTHER_WORD,
    PLACE,
    WORD,
    NameTable,
    code_similarity,
    join_words,
    romanize,
    similarity,
    sounds,
    weight,
)

logger = logging.getLogger(__name__)

Kind = Literal["person", "place", "organisation", "term"]
Source = Literal["glossary", "gazetteer", "names", "pattern"]
#: How a form names its entry: in full, by an adjective (``عراقي``), by the surname alone (``الكاظمي``).
Role = Literal["full", "adj", "short"]

KINDS: Final[tuple[Kind, ...]] = ("person", "place", "organisation", "term")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One rendering that ``Terms.enforce`` replaced."""

    before: str
    after: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name or term and everything it is called, in both languages, best first."""

    key: str
    kind: Kind
    source: Source
    arabic: tuple[str, ...]
    english: tuple[str, ...]
    arabic_adjectives: tuple[str, ...] = ()
    english_adjectives: tuple[str, ...] = ()
    arabic_short: tuple[str, ...] = ()
    english_short: tuple[str, ...] = ()

    def renderings(self, role: Role) -> tuple[str, ...]:
        """Return every accepted English rendering, those that suit ``role`` first."""
        order = {
            "full": (self.english, self.english_adjectives, self.english_short),
            "adj": (self.english_adjectives, self.english, self.english_short),
            "short": (self.english_short, self.english, self.english_adjectives),
        }[role]
        return tuple(dict.fromkeys(each for group in order for each in group))


# --- reading the lists --------------------------------------------------------------------------


def _split(cell: str, marker: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (plain, marked) alternatives of a cell: ``العراق | adj:عراقي``."""
    plain, marked = [], []
    for each in cell.split("|"):
        text = " ".join(each.split())
        if text.startswith(marker):
            marked.append(text.removeprefix(marker).strip())
        elif text:
            plain.append(text)
    return tuple(plain), tuple(each for each in marked if each)


def read_gazetteer(text: str, *, name: str) -> list[Entry]:
    """Read a gazetteer: ``kind<TAB>key<TAB>Arabic | ...<TAB>English | ...``, ``#`` comments.

    Places may mark adjectives ``adj:``, persons their surname alone ``short:``. Raises GlossaryError that names
    ``name`` and every faulty line.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 4 or not all(cells):
            problems.append(f"line {number}: expected kind, key, Arabic, English separated by tabs")
            continue
        kind = next((each for each in KINDS if each == cells[0]), None)
        if kind is None:
            problems.append(f"line {number}: unknown kind {cells[0]!r} (one of {', '.join(KINDS)})")
            continue
        marker = "short:" if kind == "person" else "adj:"
        arabic, arabic_marked = _split(cells[2], marker)
        english, english_marked = _split(cells[3], marker)
        if not (arabic or arabic_marked) or not english:
            problems.append(f"line {number}: {cells[1]} has no Arabic or no English")
            continue
        entry = Entry(key=cells[1], kind=kind, source="gazetteer", arabic=arabic, english=english)
        if kind == "person":
            entry = replace(entry, arabic_short=arabic_marked, english_short=english_marked)
        else:
            entry = replace(entry, arabic_adjectives=arabic_marked, english_adjectives=english_marked)
        entries.append(entry)
    if problems:
        raise GlossaryError(f"{name}: " + "; ".join(problems))
    return entries


_HEADERS: Final = frozenset({"arabic", "ar", "عربي", "العربية", "source"})


def read_glossary(path: Path) -> list[Entry]:
    """Read a user's glossary: CSV of ``Arabic,English``, UTF-8; several renderings separated by ``|``, best first.

    A header line, ``#`` comments, a byte order mark and empty lines are fine. A cell may start with ``=``, ``+``
    or ``@`` behind an apostrophe, as spreadsheets write it: it is text. Raises GlossaryError that names the file
    and every faulty line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GlossaryError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise GlossaryError(f"{path}: not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    text = re.sub(r'"[ \t]+(?=,|$)', '"', text, flags=re.MULTILINE)  # blanks after a quoted cell
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        for row in reader:
            cells = [_cell(each) for each in row]
            while cells and not cells[-1]:
                cells.pop()
            if not cells or cells[0].startswith("#"):
                continue
            if not entries and not problems and cells[0].casefold() in _HEADERS:
                continue
            problem, entry = _glossary_entry(cells)
            if entry is None:
                problems.append(f"line {reader.line_num}: {problem}")
                continue
            known = entries.get(entry.key)
            if known is not None and known.english != entry.english:
                problems.append(f"line {reader.line_num}: {cells[0]} is rendered twice, differently")
            entries[entry.key] = entry
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    if problems:
        raise GlossaryError(f"{path}: " + "; ".join(problems))
    return list(entries.values())


def _cell(text: str) -> str:
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _glossary_entry(cells: Sequence[str]) -> tuple[str, Entry | None]:
    """Return (problem, entry): one of them says something."""
    if len(cells) != 2:
        return f"expected Arabic,English, found {len(cells)} cell{'s' * (len(cells) != 1)}", None
    key = _form(cells[0])
    if not key or not any("\u0620" <= each <= "\u064a" for each in key):
        return f"{cells[0]!r} holds no Arabic word", None
    english = tuple(dict.fromkeys(each.strip() for each in cells[1].split("|") if each.strip()))
    if not english or not all(re.search(r"\w", each) for each in english):
        return f"{cells[0]} has no English", None
    return "", Entry(key=key, kind="term", source="glossary", arabic=(cells[0],), english=english)


def _form(arabic: str) -> str:
    """Return the key under which an Arabic form stands in an index: its folded, joined words."""
    words = tuple(match[0] for match in _WORD.finditer(normalize(arabic)))
    return " ".join(word for word, _ in join_words(words))


_WORD: Final = re.compile(r"[^\W_]+")


# --- Arabic words and forms ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    """One folded word (``عبد الرحمن`` is one); offsets are those of the folded text."""

    text: str
    start: int
    end: int
    joined: bool  # only blanks or a hyphen stand between it and the word before


#: What may stand between two words of one name: "العربية/الحدث", "العربية.نت".
_JOINT: Final = re.compile(r"[ \u00a0]*[-/]?[ \u00a0]*|\.")


def _arabic_words(folded: str) -> list[_Word]:
    spans = [(match[0], match.start(), match.end()) for match in _WORD.finditer(folded)]
    words: list[_Word] = []
    position = 0
    for text, width in join_words(tuple(word for word, _, _ in spans)):
        start, end = spans[position][1], spans[position + width - 1][2]
        if width == 2 and not _JOINT.fullmatch(folded, spans[position][2], spans[position + 1][1]):
            for word, first, last in spans[position : position + 2]:
                words.append(_Word(word, first, last, _joins(folded, words, first)))
        else:
            words.append(_Word(text, start, end, _joins(folded, words, start)))
        position += width
    return words


def _joins(folded: str, words: Sequence[_Word], start: int) -> bool:
    return bool(words) and _JOINT.fullmatch(folded, words[-1].end, start) is not None


_CONJUNCTIONS: Final = frozenset("وف")
_PREPOSITIONS: Final = frozenset("بلك")
#: What is left of a word when a clitic is taken off holds at least this many letters.
_FEWEST_LETTERS: Final = 3


@lru_cache(maxsize=65536)
def _without_clitics(word: str) -> tuple[tuple[int, str], ...]:
    """Return ``(letters dropped, form)``, the word itself first; ``للناتو`` gives ``(0, الناتو)``."""
    forms = [(0, word)]
    for dropped in (0, 1):
        if dropped and (word[0] not in _CONJUNCTIONS or len(word) - 1 < _FEWEST_LETTERS):
            break
        rest = word[dropped:]
        if dropped:
            forms.append((dropped, rest))
        if rest.startswith("لل") and len(rest) - 2 >= _FEWEST_LETTERS - 1:
            forms.append((dropped, "ال" + rest[2:]))
        if rest[0] in _PREPOSITIONS and len(rest) - 1 >= _FEWEST_LETTERS:
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


@dataclass(slots=True)
class _Index:
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


def _index_arabic(entries: Iterable[Entry], *, ordinary: NameTable) -> _Index:
    """Index every form of ``entries``. Full names go first, then adjectives, then surnames that are one person's."""
    entries = list(entries)
    index = _Index()
    for entry in entries:
        for arabic in entry.arabic:
            for form in _spelling_variants(_form(arabic)):
                index.add(form, entry, "full")
    for entry in entries:
        for arabic in entry.arabic_adjectives:
            for form in _adjective_forms(_form(arabic)):
                index.add(form, entry, "adj")
    claims: dict[str, list[Entry]] = {}
    for entry in entries:
        for arabic in entry.arabic_short:
            claims.setdefault(_form(arabic), []).append(entry)
    for form, claimants in claims.items():
        distinctive = form not in _TITLES and (form.startswith("ال") or not _is_ordinary(form, ordinary))
        if distinctive and len({each.english_short[:1] for each in claimants}) == 1:
            index.add(form, claimants[0], "short")
    return index


def _is_ordinary(word: str, table: NameTable) -> bool:
    """Tell whether a folded word is mostly no name in running text (measured, see ``build_names``)."""
    return table.has(ORDINARY, word)


# --- English words ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Latin:
    """One word of an English text: ``norm`` for matching, offsets in the text, and how it was written."""

    norm: str
    start: int
    end: int
    surface: str
    opens: bool  # nothing but quotes stands between it and the end of the sentence before

    @property
    def capital(self) -> bool:
        return self.surface[:1].isupper()


_LATIN_WORD: Final = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*['’](?!\w)|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*"
)
_POSSESSIVE: Final = re.compile(r"['’][sS]?$")
_MARKS: Final = re.compile("['’ʼ`´‘ʿʾ.]")
#: The Arabic article as English writes it. The assimilated ones only count before a hyphen.
_ARTICLES: Final = frozenset({"al", "el"})
_HYPHEN_ARTICLES: Final = frozenset({"al", "el", "ul", "an", "ar", "as", "ash", "ad", "at", "az", "l"})


def _latin_words(text: str) -> list[_Latin]:
    """Return the words of an English text; ``U.S.`` is one word, ``al-`` and ``the`` are none."""
    words = []
    for match in _LATIN_WORD.finditer(text):
        surface = _POSSESSIVE.sub("", match[0])
        norm = _norm(surface)
        after = text[match.end() : match.end() + 2]
        hyphen_article = norm in _HYPHEN_ARTICLES and after[:1] in "-‑–" and after[1:].isalpha()
        spaced_article = norm in _ARTICLES and after[:1] == " " and after[1:].isupper()
        if norm and norm != "the" and not hyphen_article and not spaced_article:
            opens = _opens_sentence(text, match.start())
            words.append(_Latin(norm, match.start(), match.start() + len(surface), surface, opens))
    return words


_SENTENCE_END: Final = re.compile(r"(?:^|[.!?…:][\"”»’)]*\s)\s*[\"“«‘(]*$")


def _opens_sentence(text: str, start: int) -> bool:
    return _SENTENCE_END.search(text[max(0, start - 8) : start] if start > 8 else text[:start]) is not None


@lru_cache(maxsize=16384)
def _norm(surface: str) -> str:
    """Return an English word without case, diacritics, apostrophes and dots."""
    stripped = unicodedata.normalize("NFKD", _MARKS.sub("", surface))
    return "".join(each for each in stripped if not unicodedata.combining(each)).casefold()


@lru_cache(maxsize=16384)
def _rendering_words(rendering: str) -> tuple[str, ...]:
    return tuple(word.norm for word in _latin_words(rendering))


#: Renderings of this many capitals (``US``, ``IS``, ``WHO``) would be everyday words in lower case.
_LONGEST_ACRONYM: Final = 4


@lru_cache(maxsize=16384)
def _is_acronym(rendering: str) -> bool:
    letters = _MARKS.sub("", rendering)
    return letters.isupper() and len(letters) <= _LONGEST_ACRONYM


def _written_like(words: Sequence[_Latin], rendering: str, kind: Kind) -> bool:
    """Tell whether matched words have the capitals that the rendering calls for."""
    if _is_acronym(rendering):
        return all(_MARKS.sub("", word.surface).isupper() for word in words)
    return kind == "term" or rendering.islower() or any(word.capital for word in words)


@dataclass(slots=True)
class _EnglishIndex:
    """Normalised renderings -> entries that use them, and the lengths worth trying for each first word."""

    forms: dict[tuple[str, ...], tuple[Entry, Role, str]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, words: tuple[str, ...], entry: Entry, role: Role, rendering: str) -> None:
        if words and words not in self.forms:
            self.forms[words] = (entry, role, rendering)
            known = self.lengths.get(words[0], ())
            if len(words) not in known:
                self.lengths[words[0]] = tuple(sorted((*known, len(words)), reverse=True))

    def add_name(self, words: tuple[str, ...], entry: Entry, role: Role, rendering: str) -> None:
        """Add a rendering unless it is one everyday word for a name (``international``, ``parliament``)."""
        if entry.kind == "term" or len(words) > 1 or not rendering.islower():
            self.add(words, entry, role, rendering)


def _index_english(entries: Iterable[Entry]) -> _EnglishIndex:
    entries = list(entries)
    index = _EnglishIndex()
    for entry in entries:
        for rendering in entry.english:
            index.add_name(_rendering_words(rendering), entry, "full", rendering)
    for entry in entries:
        for rendering in entry.english_adjectives:
            words = _rendering_words(rendering)
            index.add_name(words, entry, "adj", rendering)
            if words and words[-1][-1] in "in":  # Iraqis, Americans
                index.add_name((*words[:-1], words[-1] + "s"), entry, "adj", rendering)
    claims: dict[tuple[str, ...], list[tuple[Entry, str]]] = {}
    for entry in entries:
        if entry.english_short:
            surnames = (_surname(each) for each in entry.english if " " in each)
            for rendering in dict.fromkeys((*entry.english_short, *surnames)):
                claims.setdefault(_rendering_words(rendering), []).append((entry, rendering))
    for words, claimants in claims.items():
        if len({entry.english_short[0] for entry, _ in claimants}) == 1:
            index.add(words, claimants[0][0], "short", claimants[0][1])
    return index


# --- titles -------------------------------------------------------------------------------------


def _word_set(text: str) -> frozenset[str]:
    return frozenset(normalize(text).split())


#: A person's name follows one of these (after a nationality, a comma, a ministry...).
_TITLES: Final = _word_set(
    "الرئيس رئيس رئيسة الرئيسة وزير وزيرة الوزير الوزيرة الجنرال جنرال اللواء لواء العميد عميد العقيد الفريق المشير "
    "السفير سفير السفيرة سفيرة النائب نائب النائبة السيناتور الأمير أمير الأميرة الملك ملك الملكة السلطان الشيخ "
    "الشيخة القائد قائد الزعيم زعيم المتحدث المتحدثة متحدث الناطق السيد السيدة الدكتور الدكتورة دكتور المستشار "
    "المستشارة مستشار المبعوث المبعوثة مبعوث المدير مدير المديرة مديرة الأمين أمين المدعي المحامي القاضي الكاتب "
    "الصحفي الصحافي الصحفية الصحافية المخرج الممثل الممثلة الفنان الفنانة المدرب مدرب اللاعب لاعب المهاجم المهندس "
    "البابا الأستاذ البروفيسور العاهل الباحث الباحثة السكرتيرة السكرتير المرشح المرشحة مرشح النجم نجم الرائد "
    "النقيب المقدم العالم الروائي الشاعر المفوض المفوضة محافظ المحافظ حاكم الخبير المحلل وكيل الوكيل المعارض"
)
#: What may stand between a title and the name, besides nationalities.
_BETWEEN: Final = _word_set(
    "السابق السابقة الأسبق الأسبقة الراحل الراحلة الحالي الحالية المنتخب المنتخبة الجديد الجديدة العام العامة "
    "الأول الأولى المكلف بالوكالة الأركان أركان الوزراء الحكومة الجمهورية البلاد الدولة النواب البرلمان "
    "الخارجية الداخلية الدفاع المالية العدل الصحة التعليم النفط الطاقة التجارة الاقتصاد الإعلام الثقافة الصناعة الزراعة "
    "العسكري العسكرية الصحفية الصحفي الإعلامي الرسمي الرسمية باسم الخاص الخاصة الأعلى الدولي الأممي الأممية للأمم "
    "المتحدة للناتو التنفيذي التنفيذية الركن الدكتور الشيخ السيد الجيش الشرطة الاستخبارات المخابرات المركزي البنك "
    "لشؤون شؤون في لدى الفني المعروف الشهير البارز البارزة الكبير الشاب المخضرم"
)
#: Most words between a title and the name, and most words of the name.
_MOST_BETWEEN, _MOST_NAME = 6, 4
#: ``أشرف على`` (he supervised) folds to the name ``أشرف علي``.
_PREPOSITION_ALA: Final = " على"
#: ``اليد اليمنى`` (the right hand) folds to ``اليمني`` (Yemeni).
_RIGHT_HAND: Final = "يمنى"
#: An adverb or a predicate (``ملتزماً``), hardly ever a name.
_TANWIN: Final = "\u064b"
#: Foreign words of names with fewer letters (``ثير``) are mostly chopped ordinary words.
FEWEST_FOREIGN: Final = 4
#: How words start and end that are no surname nobody knows, but a word with a clitic or a verb.
_CLITIC_LETTERS: Final = _CONJUNCTIONS | _PREPOSITIONS | {"ي"}
_PRONOUNS: Final = ("ه", "ها", "هم", "وا", "ات")
_NAME_LINKS: Final = _word_set("بن ابن بنت ابو ابي ابا ام ال ولد دي دو دا فان فون دير لا لو بو")


@lru_cache(maxsize=16384)
def _is_title(word: str) -> bool:
    return any(form in _TITLES for _, form in _without_clitics(word))


#: Texts whose matches are remembered: a sentence is checked many times (sources, hypotheses).
_MOST_FOUND: Final = 4096


def _is_lookalike(surface: str, source: Source) -> bool:
    """Tell whether letters that folding drops show that a match is no name after all."""
    if source in ("names", "pattern") and (surface.endswith(_PREPOSITION_ALA) or _TANWIN in surface):
        return True
    return surface.endswith(_RIGHT_HAND)


class Terms:
    """Every known name and term, ready to be found. Immutable; ``for_document`` gives a view for one story."""

    def __init__(self, entries: Sequence[Entry], *, table: NameTable) -> None:
        """Index ``entries`` (unique keys); ``table`` holds the open lists. ``Terms.load`` reads both."""
        self._entries = tuple(entries)
        self._table = table
        self._by_key = {entry.key: entry for entry in self._entries}
        self._found: dict[str, tuple[TermMatch, ...]] = {}
        self._arabic: tuple[_Index, ...] = (_index_arabic(self._entries, ordinary=table),)
        self._english: tuple[_EnglishIndex, ...] = (_index_english(self._entries),)

    @classmethod
    def load(cls, *, glossary: Path | None = None) -> Terms:
        """Read the gazetteers that ship with Mujaz and the user's glossary. Raises GlossaryError."""
        folder = resources.files("summarizer").joinpath("data")
        files = sorted(
            (each for each in folder.iterdir() if re.fullmatch(r"gazetteer-.+\.tsv", each.name)),
            key=lambda each: each.name,
        )
        entries = [
            entry
            for file in files
            for entry in read_gazetteer(file.read_text(encoding="utf-8"), name=file.name)
        ]
        return cls.of(entries, glossary=read_glossary(glossary) if glossary is not None else ())

    @classmethod
    def of(
        cls, gazetteer: Iterable[Entry], *, glossary: Iterable[Entry] = (), table: NameTable | None = None
    ) -> Terms:
        """Build from entries already read; those of ``glossary`` take the place of gazetteer entries they name."""
        merged = _merge(gazetteer)
        return cls(_override(merged, glossary), table=table if table is not None else NameTable.load())

    # --- Arabic ---------------------------------------------------------------------------------

    def find(self, text: str) -> tuple[TermMatch, ...]:
        """Return the names and terms of an Arabic text: longest first, leftmost, none overlapping, in order."""
        known = self._found.get(text)
        if known is None:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            known = self._found[text] = self._find(text)
        return known

    def _find(self, text: str) -> tuple[TermMatch, ...]:
        folded, origin = fold(text)
        words = _arabic_words(folded)
        patterns = self._patterns(words, folded)
        matches = []
        position = 0
        while position < len(words):
            found = self._longest(words, position, patterns)
            if found is None:
                position += 1
                continue
            entry, role, length, dropped = found
            start, end = span_in_source(
                text, origin, words[position].start + dropped, words[position + length - 1].end
            )
            if _is_lookalike(text[start:end], entry.source):
                position += 1
                continue
            matches.append(_match(text, start, end, entry, role))
            position += length
        return tuple(matches)

    def _longest(
        self, words: Sequence[_Word], position: int, patterns: dict[int, tuple[int, int]]
    ) -> tuple[Entry, Role, int, int] | None:
        """Return (entry, role, words, letters of clitics) of the best match that starts here."""
        best: tuple[tuple[int, bool, int, int], Entry, Role, int, int] | None = None
        reach = _reach(words, position)
        for dropped, first in _without_clitics(words[position].text):
            for number, index in enumerate(self._arabic):
                for length in index.lengths.get(first, ()):
                    if length > reach:
                        continue
                    hit = index.forms.get(_join(first, words, position, length))
                    if hit is None or (dropped and length == 1 and not self._may_drop(first, hit)):
                        continue
                    rank = (-length, hit[0].source != "glossary", number, dropped)
                    if best is None or rank < best[0]:
                        best = (rank, *hit, length, dropped)
                    break
        listed = self._listed(words, position, reach)
        if listed is not None and (best is None or -listed[2] < best[0][0]):
            return listed
        if best is not None:
            return best[1:]
        if position in patterns:
            return self._spelt(words, position, *patterns[position])
        return None

    def _may_drop(self, first: str, hit: tuple[Entry, Role]) -> bool:
        """A person's single name counts with a clitic only where it is no everyday word (``لصالح``)."""
        entry, _ = hit
        if entry.kind != "person" or entry.source == "glossary" or first.startswith("ال"):
            return True
        return not _is_ordinary(first, self._table)

    def _listed(
        self, words: Sequence[_Word], position: int, reach: int
    ) -> tuple[Entry, Role, int, int] | None:
        """Return the longest full name or place of the open lists that starts here."""
        if reach < 2 and len(words[position].text) < 4:
            return None
        for dropped, first in _without_clitics(words[position].text):
            if reach >= 2 and self._table.has(FULL_NAME, f"{first} {words[position + 1].text}", prefix=True):
                for length in range(min(reach, 5), 1, -1):
                    name = _join(first, words, position, length)
                    english = self._table.get(FULL_NAME, name)
                    if english and self._trusted(name.split()):
                        return _listed_entry(name, "person", english), "full", length, dropped
            for length in range(min(reach, 3), 0, -1):
                name = _join(first, words, position, length)
                english = self._table.get(PLACE, name)
                if english and (not dropped or length > 1 or len(first) > 4):
                    return _listed_entry(name, "place", english), "full", length, dropped
        return None

    def _trusted(self, name: Sequence[str]) -> bool:
        """Tell whether a listed full name is a name wherever it stands: not both words are everyday ones."""
        return not all(_is_ordinary(word, self._table) for word in (name[0], name[-1]))

    def _spelt(
        self, words: Sequence[_Word], position: int, length: int, dropped: int
    ) -> tuple[Entry, Role, int, int]:
        first = words[position].text[dropped:]
        return _pattern_entry(_join(first, words, position, length)), "full", length, dropped

    def _patterns(self, words: Sequence[_Word], folded: str) -> dict[int, tuple[int, int]]:
        """Return word number -> (how many words make a name there, letters of clitics before it)."""
        found: dict[int, tuple[int, int]] = {}
        for position, word in enumerate(words):
            if _is_title(word.text):
                start = self._name_start(words, position + 1, folded)
                length = self._name_length(words, start, titled=True)
                if length:
                    found[start] = (length, 0)
            if position not in found:
                bare = self._bare_name(words, position)
                if bare is not None:
                    found[position] = bare
        return found

    def _name_start(self, words: Sequence[_Word], position: int, folded: str) -> int:
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

    def _known(self, words: Sequence[_Word], position: int) -> tuple[Entry, int] | None:
        """Return (entry, words) of the longest gazetteer or glossary form that starts here."""
        reach = _reach(words, position)
        best: tuple[Entry, int] | None = None
        for _, first in _without_clitics(words[position].text):
            for index in self._arabic:
                for length in index.lengths.get(first, ()):
                    hit = index.forms.get(_join(first, words, position, length)) if length <= reach else None
                    if hit is not None and (best is None or length > best[1]):
                        best = (hit[0], length)
        return best

    def _bare_name(self, words: Sequence[_Word], position: int) -> tuple[int, int] | None:
        """Return (words, letters of clitics) of a name that no title announces: given name and surname known."""
        for dropped, first in _without_clitics(words[position].text)[:4]:
            if first.startswith("ال") or not self._is_name_word(first):
                continue
            length = self._name_length(words, position, titled=False)
            if length or not dropped:
                return (length, dropped) if length else None
        return None

    def _name_length(self, words: Sequence[_Word], start: int, *, titled: bool) -> int:
        """Return how many words from ``start`` are words of a name (0: fewer than two of them).

        The first word counts as checked when no title stands before it. After a title a given name may be an
        everyday word (``ينس``) if a sure surname follows, and the surname one that no list knows.
        """
        first, length, known = start, 0, 0
        guessed = False
        if titled and self._is_doubtful_given_name(words, start):
            length = known = 1
            start += 1
        for word in words[start : start + _MOST_NAME]:
            if length and (not word.joined or _is_title(word.text)):
                break
            if word.text in _NAME_LINKS and (length or titled):
                length += 1
                continue
            if length and self._names_another(word.text):
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

    def _is_doubtful_given_name(self, words: Sequence[_Word], start: int) -> bool:
        if start + 1 >= len(words) or not words[start + 1].joined:
            return False
        given, surname = words[start].text, words[start + 1].text
        return (
            len(given) >= _FEWEST_LETTERS
            and not given.startswith("ال")
            and _is_ordinary(given, self._table)
            and bool(self._table.word(given))
            and self._is_name_word(surname)
            and not self._names_another(surname)
        )

    def _may_end_name(self, word: str) -> bool:
        """Tell whether a word that no list knows may be the surname after a title and a given name."""
        return (
            len(word) >= FEWEST_FOREIGN
            and word[0] not in _CLITIC_LETTERS
            and not word.endswith(_PRONOUNS)
            and not any(_is_ordinary(form, self._table) for _, form in _without_clitics(word))
        )

    def _names_another(self, word: str) -> bool:
        """Tell whether a word alone is a known place, organisation, nationality or term."""
        return any(word in index.forms and index.forms[word][0].kind != "person" for index in self._arabic)

    def _is_name_word(self, word: str) -> bool:
        """Tell whether a word is known as part of names and not an everyday word. Short foreign ones do not count."""
        if _is_ordinary(word, self._table):
            return False
        return (
            self._table.has(WORD, word)
            or (len(word) >= FEWEST_FOREIGN and self._table.has(OTHER_WORD, word))
            or (word.startswith("ال") and len(word) > 4 and bool(self._table.word(word[2:])))
        )

    # --- English --------------------------------------------------------------------------------

    def find_english(self, text: str) -> tuple[TermMatch, ...]:
        """Return the known names of an English text, with the keys that ``find`` gives in the Arabic."""
        return tuple(match for match, _ in self._find_english(_latin_words(text), text))

    def _find_english(
        self, words: Sequence[_Latin], text: str
    ) -> Iterator[tuple[TermMatch, tuple[int, int]]]:
        """Yield (match, (first word, word after the last))."""
        position = 0
        while position < len(words):
            hit = self._english_at(words, position)
            if hit is None:
                position += 1
                continue
            entry, role, length = hit
            start, end = words[position].start, words[position + length - 1].end
            start = _with_article(text, start)
            yield _match(text, start, end, entry, role), (position, position + length)
            position += length

    def _english_at(self, words: Sequence[_Latin], position: int) -> tuple[Entry, Role, int] | None:
        best: tuple[Entry, Role, int] | None = None
        for index in self._english:
            for length in index.lengths.get(words[position].norm, ()):
                stretch = words[position : position + length]
                hit = index.forms.get(tuple(word.norm for word in stretch))
                if (
                    hit is not None
                    and len(stretch) == length
                    and _written_like(stretch, hit[2], hit[0].kind)
                    and (length > 1 or hit[0].kind == "term" or not self._is_plain(words, position))
                ):
                    if best is None or length > best[2]:
                        best = (hit[0], hit[1], length)
                    break
        return best

    def _is_plain(self, words: Sequence[_Latin], position: int) -> bool:
        """Tell whether an everyday word has its capital only because a sentence opens with it."""
        return words[position].opens and self._table.has(ENGLISH, words[position].norm)

    def rendered(self, english: str, match: TermMatch) -> bool:
        """Tell whether ``english`` carries an accepted rendering of a match of ``find``.

        Case (but for acronyms), diacritics, hyphens and ``al-`` do not count; a person may go by the surname, a
        place by its adjective. Names of source ``names`` and ``pattern`` have no one right spelling: there what
        sounds like the name counts.
        """
        words = _latin_words(english)
        if any(_occurrences(words, rendering) for rendering in _accepted(match)):
            return True
        if match.source in ("names", "pattern"):
            return any(_sounds_like(match, words, position) for position in range(len(words)))
        return False

    # --- putting right --------------------------------------------------------------------------

    def enforce(self, english: str, arabic: str) -> tuple[str, tuple[Correction, ...]]:
        """Return ``english`` with the names that it missed by a little put right, and what was replaced.

        A name of ``arabic`` that ``english`` lacks is looked for among the capitalised stretches that nothing
        else explains (no other known name, no everyday word); the one that sounds like it and like no other
        missing name is replaced by the accepted rendering. Everything else stays as it is: a name that was left
        out or translated beyond recognition is for the checks to report.
        """
        words = _latin_words(english)
        matches = self.find(arabic)
        missing, explained = self._account(words, english, matches)
        corrections = self._unify(words, english, {match.key for match in matches if match.kind == "person"})
        for guess in self._guesses(words, missing, explained):
            start = _with_article(english, words[guess.position].start)
            end = words[guess.position + guess.length - 1].end
            if any(start < taken_end and taken_start < end for taken_start, taken_end, _ in corrections):
                continue
            after = _open_sentence(guess.rendering, english, start)
            if after != english[start:end]:
                corrections.append(
                    (start, end, Correction(before=english[start:end], after=after, key=guess.key))
                )
        corrections.sort(key=lambda each: each[0])
        for start, end, correction in reversed(corrections):
            english = english[:start] + correction.after + english[end:]
        return english, tuple(correction for _, _, correction in corrections)

    def _unify(
        self, words: Sequence[_Latin], english: str, persons: set[str]
    ) -> list[tuple[int, int, Correction]]:
        """Return the replacements that give every person of the Arabic one spelling, the gazetteer's first."""
        corrections = []
        for match, (first, last) in self._find_english(words, english):
            entry = self._by_key.get(match.key)
            if match.key not in persons or entry is None or entry.source == "glossary":
                continue
            written = tuple(word.norm for word in words[first:last])
            best = {
                len(_rendering_words(each)): each for each in (*entry.english_short[:1], entry.english[0])
            }
            wanted = best.get(len(written))
            if wanted is not None and _rendering_words(wanted) != written:
                start, end = match.start, match.end
                after = _open_sentence(wanted, english, start)
                corrections.append(
                    (start, end, Correction(before=english[start:end], after=after, key=match.key))
                )
        return corrections

    def _account(
        self, words: Sequence[_Latin], english: str, matches: Iterable[TermMatch]
    ) -> tuple[list[TermMatch], set[int]]:
        """Return (matches that the English lacks, one a key; numbers of English words that are spoken for)."""
        explained = {
            number for _, (first, last) in self._find_english(words, english) for number in range(first, last)
        }
        explained |= {number for number, word in enumerate(words) if not self._may_be_name(word)}
        missing: dict[str, TermMatch] = {}
        for match in matches:
            if match.kind == "term" and match.source != "glossary":
                continue
            wanted = match
            if match.source == "names" and match.kind == "person":  # one spelling through the brief: the best
                wanted = replace(match, english=match.english[:1])
            covered = [
                number
                for rendering in _accepted(wanted)
                for first in _occurrences(words, rendering)
                for number in range(first, first + len(_rendering_words(rendering)))
            ]
            explained.update(covered)
            if not covered and match.source != "pattern":  # a guessed spelling is no better than the model's
                missing.setdefault(match.key, match)
        return list(missing.values()), explained

    def _may_be_name(self, word: _Latin) -> bool:
        return word.capital and word.norm.isalpha() and not self._table.has(ENGLISH, word.norm)

    def _guesses(
        self, words: Sequence[_Latin], missing: Sequence[TermMatch], explained: set[int]
    ) -> list[_Guess]:
        """Return what could be replaced by what, the surest first; rivals for the same words cancel out."""
        guesses: list[_Guess] = []
        for position, length in _stretches(words, explained):
            stretch = words[position : position + length]
            scored = []
            for match in missing:
                score, rendering = self._likeness(match, stretch)
                if score >= SOUNDS_SAME:
                    scored.append(_Guess(score, position, length, match.key, rendering))
            scored.sort(key=lambda each: (-each.score, each.key))
            if scored and (len(scored) == 1 or scored[0].score - scored[1].score >= CLEAR_LEAD):
                guesses.append(scored[0])
        guesses.sort(key=lambda each: (-(each.score + LENGTH_BONUS * each.length), each.position))
        chosen: dict[str, _Guess] = {}
        for guess in guesses:
            chosen.setdefault(guess.key, guess)
        return [
            guess
            for guess in guesses
            if guess is chosen[guess.key] or guess.score >= SURE or guess.score >= chosen[guess.key].score
        ]

    def _likeness(self, match: TermMatch, stretch: Sequence[_Latin]) -> tuple[float, str]:
        """Return (how much a stretch sounds like a match, what should stand there)."""
        best = (0.0, "")
        entry = self._by_key.get(match.key)
        adjectives = entry.english_adjectives if entry else ()
        for name, rendering in self._spellings(match):
            score = _name_likeness(name, stretch, person=match.kind == "person")
            if score > best[0] and (score >= ADJECTIVE_SURE or rendering not in adjectives):
                best = (score, rendering)
        return best

    def _spellings(self, match: TermMatch) -> list[tuple[str, str]]:
        """Return (spelling to compare with, rendering to put in its place) of a match."""
        entry = self._by_key.get(match.key)
        full = (
            entry.english
            if entry
            else tuple(each for each in match.english if " " in each or match.kind == "place")
        )
        pairs = []
        if match.kind == "person" or similarity(match.surface, match.english[0]) >= TRANSLITERATED:
            pairs.append((match.surface, match.english[0]))
        pairs += [(each, full[0]) for each in full[:4]]
        if entry:
            pairs += [(each, each) for each in entry.english_adjectives]
            pairs += [(each, entry.english_short[0]) for each in entry.english_short[:4]]
        if match.kind == "person" and full and not (entry and entry.english_short):
            pairs.append((_surname(full[0]), _surname(full[0])))
        return [(name, rendering) for name, rendering in pairs if not _is_acronym(name)]

    def hint(self, arabic: str, *, vocabulary: bool = False) -> str:
        """Return the Arabic with its known names in Latin letters, an input that a translator copies from.

        Clitics stay: ``والكاظمي`` becomes ``و al-Kadhimi``. Countries and nationalities are written so too: a small
        model confuses them with each other more than anything else. Terms that are no names are, only with
        ``vocabulary``: the sentence loses its Arabic shape, so this is for a second try.
        """
        pieces, position = [], 0
        for match in self.find(arabic):
            if match.kind == "term" and match.source != "glossary" and not vocabulary:
                continue
            before = arabic[position : match.start]
            clitic = normalize(match.surface).startswith("لل") and _is_clitic_article(match)
            glue = before[-1:].isalpha()
            pieces += [before, " " if glue else "", "ل " if clitic else "", match.english[0]]
            position = match.end
        return "".join((*pieces, arabic[position:]))

    # --- one story ------------------------------------------------------------------------------

    def for_document(self, texts: Sequence[str]) -> Terms:
        """Return the view for one story: surnames of persons that ``texts`` name in full are those persons.

        Where two persons of the story share a surname, it stands for the one named more often if both are spelt
        alike in English, and for nobody else. Surnames that are everyday words are left alone.
        """
        named: Counter[str] = Counter()
        persons: dict[str, tuple[Entry, str]] = {}
        for text in texts:
            for match in self.find(text):
                forms = _form(match.surface).split()
                if match.kind == "person" and len(forms) > 1:
                    named[match.key] += 1
                    persons.setdefault(match.key, (self._person(match), forms[-1]))
        claims: dict[str, list[Entry]] = {}
        for key in sorted(persons, key=lambda each: (-named[each], each)):
            entry, last = persons[key]
            for form in dict.fromkeys((last, *(_form(each) for each in entry.arabic_short))):
                claims.setdefault(form, []).append(entry)
        story: dict[str, Entry] = {}
        surnames: list[tuple[str, Entry]] = []
        for form, claimants in claims.items():
            if len({entry.english_short[:1] for entry in claimants}) > 1 or not self._is_surname(
                form, claimants[0]
            ):
                continue
            entry = claimants[0]
            surnames.append((form, entry))
            story[entry.key] = entry
        return self._view(list(story.values()), surnames)

    def _person(self, match: TermMatch) -> Entry:
        """Return the entry of a person match, with a surname in English."""
        entry = self._by_key.get(match.key) or Entry(
            key=match.key, kind="person", source=match.source, arabic=(match.surface,), english=match.english
        )
        return entry if entry.english_short else replace(entry, english_short=(_surname(entry.english[0]),))

    def _is_surname(self, form: str, entry: Entry) -> bool:
        if " " in form or len(form) < _FEWEST_LETTERS or self._names_another(form):
            return False
        known = form in {_form(each) for each in entry.arabic_short}
        return known or not _is_ordinary(form, self._table)

    def _view(self, entries: Sequence[Entry], surnames: Sequence[tuple[str, Entry]]) -> Terms:
        """Return a view that shares everything with this one and knows some more surnames."""
        view = Terms.__new__(Terms)
        view._entries, view._table = self._entries, self._table
        arabic, english = _Index(), _EnglishIndex()
        for form, entry in surnames:
            arabic.add(form, entry, "short")
        for entry in entries:
            for rendering in entry.english:
                english.add(_rendering_words(rendering), entry, "full", rendering)
        for _, entry in surnames:
            for rendering in entry.english_short:
                english.add(_rendering_words(rendering), entry, "short", rendering)
        view._arabic, view._english = (arabic, *self._arabic), (english, *self._english)
        view._found = {}
        view._by_key = {**self._by_key, **{entry.key: entry for entry in entries}}
        return view


# --- likeness -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Guess:
    """``length`` English words from ``position`` on are taken for a name and should read ``rendering``."""

    score: float
    position: int
    length: int
    key: str
    rendering: str


#: How far ahead of its rival a guess must be; what a longer stretch is worth; what is sure enough to repeat.
CLEAR_LEAD: Final = 0.05
LENGTH_BONUS: Final = 0.2
SURE: Final = 0.9
#: In a full name: the surname must be this alike for the given name to be replaced with it, and how alike that is.
SURNAME_SURE: Final = 0.84
GIVEN_ALIKE: Final = 0.55
_LONGEST_NAME: Final = 5
#: Below this an English name is a translation (``الهند``, India): its Arabic is nothing to compare with.
TRANSLITERATED: Final = 0.75
#: Adjectives are short and end alike.
ADJECTIVE_SURE: Final = 0.92


def _stretches(words: Sequence[_Latin], explained: set[int]) -> Iterator[tuple[int, int]]:
    """Yield (first word, words) of every stretch of unexplained words, at most ``_LONGEST_NAME`` long."""
    for position in range(len(words)):
        for length in range(1, _LONGEST_NAME + 1):
            last = position + length - 1
            if last >= len(words) or last in explained:
                break
            if length > 1 and words[last].start - words[last - 1].end > len(" al-"):
                break
            yield position, length


def _cut_short(parts: Sequence[str], stretch: Sequence[_Latin]) -> bool:
    """Tell whether everything before the surname is equal and the surname lost or gained a letter at its end."""
    written, wanted = stretch[-1].norm, normalize(parts[-1])
    return (
        [normalize(part) for part in parts[:-1]] == [word.norm for word in stretch[:-1]]
        and abs(len(written) - len(wanted)) <= 1
        and (written.startswith(wanted) or wanted.startswith(written))
    )


def _name_likeness(name: str, stretch: Sequence[_Latin], *, person: bool) -> float:
    """Return 0..1: how much a stretch of English sounds like a name in either script."""
    parts = [each for each in re.split(r"[\s-]+", name) if _bare_sounds(each)]
    if not parts or abs(len(parts) - len(stretch)) > 1 or weight(_bare_sounds(name)) < FEWEST_SOUNDS:
        return 0.0
    whole = code_similarity(_bare_sounds(name), _sounds_of(stretch))
    if not person and not _same_start(parts[0], stretch[0].norm):  # Hindi is not India
        return 0.0
    if not person or len(parts) < 2 or len(parts) != len(stretch):
        return whole if len(parts) == len(stretch) or whole >= SURE else 0.0
    surname = code_similarity(_bare_sounds(parts[-1]), sounds(stretch[-1].norm))
    given = code_similarity(_bare_sounds(parts[0]), sounds(stretch[0].norm))
    if surname < SURNAME_SURE:
        return SURE if _cut_short(parts, stretch) else 0.0
    if given < GIVEN_ALIKE and not _same_start(parts[0], stretch[0].norm):
        return 0.0
    return max(whole, (surname + max(given, 0.75)) / 2)


def _same_start(one: str, other: str) -> bool:
    """Tell whether two given names start with sounds that stand for each other (``Joe``, ``George``)."""
    left, right = _bare_sounds(one)[:1], sounds(other)[:1]
    return bool(left and right) and code_similarity(left, right) >= 0.7


def _occurrences(words: Sequence[_Latin], rendering: str) -> list[int]:
    """Return the numbers of the words where a rendering starts, as ``Terms.rendered`` compares."""
    wanted = _rendering_words(rendering)
    return [
        position
        for position in range(len(words) - len(wanted) + 1)
        if wanted
        and all(_same_word(words[position + step].norm, each) for step, each in enumerate(wanted))
        and _written_like(words[position : position + len(wanted)], rendering, "term")
    ]


def _open_sentence(rendering: str, text: str, start: int) -> str:
    """Write ``al-Kadhimi`` with a capital where it opens a sentence."""
    return rendering[:1].upper() + rendering[1:] if _opens_sentence(text, start) else rendering


def _is_clitic_article(match: TermMatch) -> bool:
    """Tell whether ``لل`` at the start of a surface is a preposition and article, not letters of the name."""
    return len(_form(match.surface).split()[0]) > 3


# --- matches ------------------------------------------------------------------------------------


def _match(text: str, start: int, end: int, entry: Entry, role: Role) -> TermMatch:
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


def _reach(words: Sequence[_Word], position: int) -> int:
    """Return how many words from ``position`` on hang together, at most ten."""
    reach = 1
    while reach < 10 and position + reach < len(words) and words[position + reach].joined:
        reach += 1
    return reach


def _join(first: str, words: Sequence[_Word], position: int, length: int) -> str:
    return " ".join((first, *(word.text for word in words[position + 1 : position + length])))


#: Spellings by ``romanize`` that are accepted besides those of the open list.
MOST_SPELT: Final = 4


@lru_cache(maxsize=16384)
def _listed_entry(name: str, kind: Kind, english: tuple[str, ...]) -> Entry:
    return Entry(key=f"{kind}:{name}", kind=kind, source="names", arabic=(name,), english=english)


@lru_cache(maxsize=16384)
def _pattern_entry(name: str) -> Entry:
    return Entry(
        key=f"person:{name}", kind="person", source="pattern", arabic=(name,), english=romanize(name)
    )


_ARTICLE_BEFORE: Final = re.compile(
    r"\b(?:(?:al|el)[-‑– ]|(?:ul|an|ar|as|ash|ad|at|az)[-‑–])$", re.IGNORECASE
)


def _with_article(text: str, start: int) -> int:
    """Return where a name starts when the ``al-`` before it belongs to it."""
    before = _ARTICLE_BEFORE.search(text[max(0, start - 5) : start])
    return start - len(before[0]) if before and before[0][:1].lower() in "aeu" else start


def _accepted(match: TermMatch) -> tuple[str, ...]:
    """Return every rendering that counts for a match: a person's last word alone too."""
    if match.kind != "person":
        return match.english
    surnames = (rendering.split()[-1] for rendering in match.english if " " in rendering)
    return (*match.english, *(each for each in surnames if len(_norm(each)) > 2))


def _same_word(one: str, other: str) -> bool:
    """Tell whether two normalised words are one: the article glued on (``alkadhimi``) or a plural s aside."""
    return (
        one == other
        or one in (f"al{other}", f"el{other}")
        or (one == f"{other}s" and len(other) > 3 and other[-1] in "in")
    )


#: How alike a name and a stretch of English must sound to be the same, and how much name there must be.
SOUNDS_SAME: Final = 0.8
FEWEST_SOUNDS: Final = 1.6


def _sounds_like(match: TermMatch, words: Sequence[_Latin], position: int) -> bool:
    """Tell whether the words from ``position`` on sound like a match or like its last word."""
    if not words[position].capital:
        return False
    forms = match.surface.split()
    last = "".join(forms[-1:])
    for length, name in ((len(forms), match.surface), (len(forms) + 1, match.surface), (1, last)):
        code = _bare_sounds(name)
        heard = _sounds_of(words[position : position + length])
        if weight(code) >= FEWEST_SOUNDS and code_similarity(code, heard) >= SOUNDS_SAME:
            return True
    return False


@lru_cache(maxsize=16384)
def _bare_sounds(name: str) -> str:
    """Return the sounds of an Arabic or English name without its articles."""
    words = (normalize(word) for word in re.split(r"[\s-]+", name))
    bare = (word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words)
    return sounds("".join(word for word in bare if word not in _ARTICLES))


def _sounds_of(words: Sequence[_Latin]) -> str:
    return sounds("".join(word.norm for word in words))


# --- merging ------------------------------------------------------------------------------------


def _merge(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries with those of one key made one (two lists may each know a name)."""
    merged: dict[str, Entry] = {}
    for entry in entries:
        known = merged.get(entry.key)
        merged[entry.key] = entry if known is None else _union(known, entry)
    return list(merged.values())


def _union(one: Entry, other: Entry) -> Entry:
    def both(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*left, *right)))

    return replace(
        one,
        arabic=both(one.arabic, other.arabic),
        english=both(one.english, other.english),
        arabic_adjectives=both(one.arabic_adjectives, other.arabic_adjectives),
        english_adjectives=both(one.english_adjectives, other.english_adjectives),
        arabic_short=both(one.arabic_short, other.arabic_short),
        english_short=both(one.english_short, other.english_short),
    )


def _override(entries: Sequence[Entry], glossary: Iterable[Entry]) -> list[Entry]:
    """Return glossary and gazetteer as one list; where both name the same thing, the glossary's English rules.

    The gazetteer then still lends its other Arabic forms: ``الكاظمي`` follows what the glossary says of
    ``مصطفى الكاظمي``.
    """
    glossary = list(glossary)
    by_form = {_form(arabic): entry for entry in glossary for arabic in entry.arabic}
    kept = []
    for entry in entries:
        named = next((by_form[_form(each)] for each in entry.arabic if _form(each) in by_form), None)
        if named is None:
            kept.append(entry)
            continue
        short = tuple(_surname(each) for each in named.english) if entry.kind == "person" else ()
        adjectives = entry.english_adjectives
        kept.append(
            replace(
                entry,
                source="glossary",
                english=named.english,
                english_short=short,
                english_adjectives=adjectives,
            )
        )
        glossary.remove(named) if named in glossary else None
    return [*glossary, *kept]


def _surname(rendering: str) -> str:
    """Return the last name of an English rendering, its article kept (``al-Kadhimi``, ``bin Salman``)."""
    words = rendering.split()
    if len(words) > 2 and words[-2].casefold() in ("al", "el", "bin", "ben", "van", "von", "de", "abu"):
        return " ".join(words[-2:])
    return words[-1] if words else rendering
