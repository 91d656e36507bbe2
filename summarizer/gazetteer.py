"""What is known of names and terms: the hand-made gazetteers, the user's glossary, and both made one list.

A gazetteer (``data/gazetteer-*.tsv``) is a table of kind, key, Arabic and English (``read_gazetteer``); a glossary
is the user's CSV of Arabic and English (``read_glossary``). Both give ``Entry``s. ``merge`` makes one entry of those
that share a key, ``override`` lets the glossary have the last word. Every fault of a file is told at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from summarizer.arabic import normalize
from summarizer.errors import GlossaryError
from summarizer.romanize import join_words

Kind = Literal["person", "place", "organisation", "term"]
Source = Literal["glossary", "gazetteer", "names", "pattern"]
#: How a form names its entry: in full, by an adjective (``عراقي``), by the surname alone (``الكاظمي``).
Role = Literal["full", "adj", "short"]

KINDS: Final[tuple[Kind, ...]] = ("person", "place", "organisation", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name or term and everything it is called, in both languages, best first.

    ``english_wrong`` are renderings that a translator may choose and an editor would not ("strategic conversation").
    """

    key: str
    kind: Kind
    source: Source
    arabic: tuple[str, ...]
    english: tuple[str, ...]
    arabic_adjectives: tuple[str, ...] = ()
    english_adjectives: tuple[str, ...] = ()
    arabic_short: tuple[str, ...] = ()
    english_short: tuple[str, ...] = ()
    english_wrong: tuple[str, ...] = ()

    def renderings(self, role: Role) -> tuple[str, ...]:
        """Return every accepted English rendering, those that suit ``role`` first."""
        order = {
            "full": (self.english, self.english_adjectives, self.english_short),
            "adj": (self.english_adjectives, self.english, self.english_short),
            "short": (self.english_short, self.english, self.english_adjectives),
        }[role]
        return tuple(dict.fromkeys(each for group in order for each in group))


#: A word of either script: letters and digits.
WORD_PATTERN: Final = re.compile(r"[^\W_]+")


def arabic_form(arabic: str) -> str:
    """Return the key under which an Arabic form stands in an index: its folded, joined words."""
    words = tuple(match[0] for match in WORD_PATTERN.finditer(normalize(arabic)))
    return " ".join(word for word, _ in join_words(words))


def surname_of(rendering: str) -> str:
    """Return the last name of an English rendering, its article kept (``al-Kadhimi``, ``bin Salman``)."""
    words = rendering.split()
    if len(words) > 2 and words[-2].casefold() in ("al", "el", "bin", "ben", "van", "von", "de", "abu"):
        return " ".join(words[-2:])
    return words[-1] if words else rendering


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

    Places may mark adjectives ``adj:``, persons their surname alone ``short:`` and terms what they go by in a story that
    has them in full (``الجولة`` for a round of talks); ``not:`` marks English that is to be put
    right. Raises GlossaryError that names
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
        marker = "short:" if kind in ("person", "term") else "adj:"
        arabic, arabic_marked = _split(cells[2], marker)
        rest, english_marked = _split(cells[3], marker)
        english, wrong = _split(" | ".join(rest), "not:")
        if not (arabic or arabic_marked) or not english:
            problems.append(f"line {number}: {cells[1]} has no Arabic or no English")
            continue
        entry = Entry(
            key=cells[1], kind=kind, source="gazetteer", arabic=arabic, english=english, english_wrong=wrong
        )
        if kind in ("person", "term"):
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
    return parse_glossary(_read_text(path), name=str(path))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GlossaryError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise GlossaryError(f"{path}: not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error


def parse_glossary(text: str, *, name: str) -> list[Entry]:
    """Read the text of a glossary as ``read_glossary`` does; ``name`` is what messages call it."""
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
        raise GlossaryError(f"{name}: " + "; ".join(problems))
    return list(entries.values())


def _cell(text: str) -> str:
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _glossary_entry(cells: Sequence[str]) -> tuple[str, Entry | None]:
    """Return (problem, entry): one of them says something."""
    if len(cells) != 2:
        return f"expected Arabic,English, found {len(cells)} cell{'s' * (len(cells) != 1)}", None
    key = arabic_form(cells[0])
    if not key or not any("\u0620" <= each <= "\u064a" for each in key):
        return f"{cells[0]!r} holds no Arabic word", None
    english = tuple(dict.fromkeys(each.strip() for each in cells[1].split("|") if each.strip()))
    if not english or not all(re.search(r"\w", each) for each in english):
        return f"{cells[0]} has no English", None
    return "", Entry(key=key, kind="term", source="glossary", arabic=(cells[0],), english=english)


# --- merging ------------------------------------------------------------------------------------


def merge(entries: Iterable[Entry]) -> list[Entry]:
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
        english_wrong=both(one.english_wrong, other.english_wrong),
    )


def override(entries: Sequence[Entry], glossary: Iterable[Entry]) -> list[Entry]:
    """Return glossary and gazetteer as one list; where both name the same thing, the glossary's English rules.

    The gazetteer then still lends its other Arabic forms: ``الكاظمي`` follows what the glossary says of
    ``مصطفى الكاظمي``.
    """
    glossary = list(glossary)
    by_form = {arabic_form(arabic): entry for entry in glossary for arabic in entry.arabic}
    kept = []
    for entry in entries:
        named = next(
            (by_form[arabic_form(each)] for each in entry.arabic if arabic_form(each) in by_form), None
        )
        if named is None:
            kept.append(entry)
            continue
        short = tuple(surname_of(each) for each in named.english) if entry.kind == "person" else ()
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
