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
    FULL_NAME,
    ORDINARY,
    PLACE,
    WORD,
    NameTable,
    code_similarity,
    join_words,
    romanize,
    sounds,
    weight,
)

logger = logging.getLogger(__name__)

Kind = Literal["person", "place", "organisation", "term"]
Source = Literal["glossary", "gazetteer", "names", "pattern"]
#: How a form names its entry: in full, by an adjective (``عراقي``), by the surname alone (``الكاظمي``).
Role = Literal["full", "adj", "short"]

KINDS: Final[tuple[Kind, ...]] = ("person", "place", "organisation", "term")
_PRIORITY: Final[dict[Source, int]] = {"glossary": 0, "gazetteer": 1, "names": 2, "pattern": 3}


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
    entries, problems = [], []
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
        entry = Entry(
            key=cells[1], kind=kind, source="gazetteer", arabic=arabic, english=english
        )
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
    problems = []
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


_JOINT: Final = re.compile(r"[ \u00a0]*-?[ \u00a0]*")


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
        if len({each.english_short[:1] for each in claimants}) == 1 and not _is_ordinary(form, ordinary):
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

    @property
    def capital(self) -> bool:
        return self.surface[:1].isupper()


_LATIN_WORD: Final = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*['’](?!\w)|[^\W_]+(?:['’ʼ`´‘ʿʾ][^\W\d_]+)*")
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
            words.append(_Latin(norm, match.start(), match.start() + len(surface), surface))
    return words


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
    first = next((each for each in rendering.split()[-len(words) :] if each), rendering)
    proper = kind != "term" and any(each[:1].isupper() for each in (first, rendering.split("-")[-1]))
    return not proper or any(word.capital for word in words)
