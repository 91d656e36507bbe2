"""Names and terms: found in the Arabic, recognised in the English, and put right where the English missed them.

Four sources, the first that knows a stretch of text wins among equally long ones:

* ``glossary``: the user's ``--glossary`` file, CSV of Arabic and English (``read_glossary``);
* ``gazetteer``: the hand-made lists ``data/gazetteer-*.tsv`` (``read_gazetteer``);
* ``names``: full names of people (Wikidata, CC0) and places, in ``romanize.NameTable``;
* ``pattern``: what follows a title (``الرئيس``, ``وزير الخارجية``) and looks like a name, spelt by ``romanize``.

Arabic is matched as folded words in a dictionary (longest first, leftmost), the first word with and without its
clitics (``و ف ب ل ك``, ``لل``), so cost grows with the text and not with the lists. A story has its own view
(``Terms.for_document``): where one of its reports names somebody in full, the surname alone is the same person.

The parts: ``gazetteer`` reads the lists, ``termindex`` cuts texts into words and looks them up, ``namepatterns`` finds
names that no list holds, ``likeness`` tells garbled names by their sound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from summarizer.arabic import fold, normalize, span_in_source
from summarizer.forcing import Asked
from summarizer.gazetteer import (
    Entry,
    Kind,
    Role,
    Source,
    arabic_form,
    merge,
    override,
    read_gazetteer,
    read_glossary,
    surname_of,
)
from summarizer.likeness import guesses, sounds_like
from summarizer.measures import SIGNS
from summarizer.namepatterns import NamePatterns, pattern_entry
from summarizer.romanize import ENGLISH, FULL_NAME, PLACE, NameTable
from summarizer.termindex import (
    FEWEST_LETTERS,
    ArabicIndex,
    ArabicWord,
    EnglishIndex,
    EnglishWord,
    TermMatch,
    arabic_words,
    english_norm,
    english_words,
    index_arabic,
    index_english,
    is_ordinary,
    joined_form,
    match_of,
    occurrences,
    opens_sentence,
    reach_from,
    rendering_words,
    without_clitics,
    written_like,
)

__all__ = ["Correction", "Entry", "TermMatch", "Terms", "read_gazetteer", "read_glossary"]

#: Texts whose matches are remembered: a sentence is checked many times (sources, hypotheses).
_MOST_FOUND: Final = 4096
#: ``أشرف على`` (he supervised) folds to the name ``أشرف علي``.
_PREPOSITION_ALA: Final = " على"
#: ``اليد اليمنى`` (the right hand) folds to ``اليمني`` (Yemeni).
_RIGHT_HAND: Final = "يمنى"
#: An adverb or a predicate (``ملتزماً``), hardly ever a name.
_TANWIN: Final = "\u064b"
#: ... unless it is the adjective of a place: عراقياً.
_NISBA: Final = re.compile("ي(?:\u0651?\u064bا|\u0651?ا\u064b)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One rendering that ``Terms.enforce`` replaced."""

    before: str
    after: str
    key: str


class Terms:
    """Every known name and term, ready to be found. Immutable; ``for_document`` gives a view for one story."""

    def __init__(self, entries: Sequence[Entry], *, table: NameTable) -> None:
        """Index ``entries`` (unique keys); ``table`` holds the open lists. ``Terms.load`` reads both."""
        self._entries = tuple(entries)
        self._table = table
        self._by_key = {entry.key: entry for entry in self._entries}
        self._found: dict[str, tuple[TermMatch, ...]] = {}
        self._arabic: tuple[ArabicIndex, ...] = (index_arabic(self._entries, ordinary=table),)
        self._patterns = NamePatterns(table, self._arabic)
        self._english: tuple[EnglishIndex, ...] = (index_english(self._entries),)

    @classmethod
    def load(cls, *, glossary: Path | Iterable[Entry] | None = None) -> Terms:
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
        own = read_glossary(glossary) if isinstance(glossary, Path) else glossary
        return cls.of(entries, glossary=own or ())

    @classmethod
    def of(
        cls, gazetteer: Iterable[Entry], *, glossary: Iterable[Entry] = (), table: NameTable | None = None
    ) -> Terms:
        """Build from entries already read; those of ``glossary`` take the place of gazetteer entries they name."""
        merged = merge(gazetteer)
        return cls(override(merged, glossary), table=table if table is not None else NameTable.load())

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
        words = arabic_words(folded)
        patterns = self._patterns.find(words, folded)
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
            matches.append(match_of(text, start, end, entry, role))
            position += length
        return tuple(matches)

    def _longest(
        self, words: Sequence[ArabicWord], position: int, patterns: dict[int, tuple[int, int]]
    ) -> tuple[Entry, Role, int, int] | None:
        """Return (entry, role, words, letters of clitics) of the best match that starts here."""
        best: tuple[tuple[int, bool, int, int], Entry, Role, int, int] | None = None
        reach = reach_from(words, position)
        for dropped, first in without_clitics(words[position].text):
            for number, index in enumerate(self._arabic):
                for length in index.lengths.get(first, ()):
                    if length > reach:
                        continue
                    hit = index.forms.get(joined_form(first, words, position, length))
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
        if position in patterns and not self._runs_into_person(words, position, patterns[position][0]):
            return self._spelt(words, position, *patterns[position])
        return None

    def _runs_into_person(self, words: Sequence[ArabicWord], position: int, length: int) -> bool:
        """Tell whether a known person's full name begins within a name that only its pattern tells: "ترأس محمد شياع السوداني"."""
        inner = (self._longest(words, step, {}) for step in range(position + 1, position + length))
        return any(
            hit is not None and hit[2] >= 2 and hit[0].kind == "person" and hit[0].key in self._by_key
            for hit in inner
        )

    def _may_drop(self, first: str, hit: tuple[Entry, Role]) -> bool:
        """A person's single name counts with a clitic only where it is no everyday word (``لصالح``)."""
        entry, _ = hit
        if entry.kind != "person" or entry.source == "glossary" or first.startswith("ال"):
            return True
        return not is_ordinary(first, self._table)

    def _listed(
        self, words: Sequence[ArabicWord], position: int, reach: int
    ) -> tuple[Entry, Role, int, int] | None:
        """Return the longest full name or place of the open lists that starts here."""
        if reach < 2 and len(words[position].text) < 4:
            return None
        for dropped, first in without_clitics(words[position].text):
            if reach >= 2 and self._table.has(FULL_NAME, f"{first} {words[position + 1].text}", prefix=True):
                for length in range(min(reach, 5), 1, -1):
                    name = joined_form(first, words, position, length)
                    english = self._table.get(FULL_NAME, name)
                    if english and self._trusted(name.split()):
                        return _listed_entry(name, "person", english), "full", length, dropped
            for length in range(min(reach, 3), 0, -1):
                name = joined_form(first, words, position, length)
                english = self._table.get(PLACE, name)
                if english and (not dropped or length > 1 or len(first) > 4):
                    return _listed_entry(name, "place", english), "full", length, dropped
        return None

    def _trusted(self, name: Sequence[str]) -> bool:
        """Tell whether a listed full name is a name wherever it stands: not both words are everyday ones."""
        return not all(is_ordinary(word, self._table) for word in (name[0], name[-1]))

    def _spelt(
        self, words: Sequence[ArabicWord], position: int, length: int, dropped: int
    ) -> tuple[Entry, Role, int, int]:
        first = words[position].text[dropped:]
        return pattern_entry(joined_form(first, words, position, length)), "full", length, dropped

    # --- English --------------------------------------------------------------------------------

    def find_english(self, text: str) -> tuple[TermMatch, ...]:
        """Return the known names of an English text, with the keys that ``find`` gives in the Arabic."""
        return tuple(match for match, _ in self._find_english(english_words(text), text))

    def _find_english(
        self, words: Sequence[EnglishWord], text: str
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
            yield match_of(text, start, end, entry, role), (position, position + length)
            position += length

    def _english_at(self, words: Sequence[EnglishWord], position: int) -> tuple[Entry, Role, int] | None:
        best: tuple[Entry, Role, int] | None = None
        for index in self._english:
            for length in index.lengths.get(words[position].norm, ()):
                stretch = words[position : position + length]
                hit = index.forms.get(tuple(word.norm for word in stretch))
                if (
                    hit is not None
                    and len(stretch) == length
                    and written_like(stretch, hit[2], hit[0].kind)
                    and (length > 1 or hit[0].kind == "term" or not self._is_plain(words, position))
                ):
                    if best is None or length > best[2]:
                        best = (hit[0], hit[1], length)
                    break
        return best

    def _is_plain(self, words: Sequence[EnglishWord], position: int) -> bool:
        """Tell whether an everyday word has its capital only because a sentence opens with it."""
        return words[position].opens and self._table.has(ENGLISH, words[position].norm)

    def rendered(self, english: str, match: TermMatch) -> bool:
        """Tell whether ``english`` carries an accepted rendering of a match of ``find``.

        Case (but for acronyms), diacritics, hyphens and ``al-`` do not count; a person may go by the surname, a
        place by its adjective. Names of source ``names`` and ``pattern`` have no one right spelling: there what
        sounds like the name counts.
        """
        words = english_words(english)
        if any(
            occurrences(words, rendering) or (rendering in SIGNS and rendering in english)
            for rendering in _accepted(match)
        ):
            return True
        if match.source in ("names", "pattern"):
            return any(sounds_like(match, words, position) for position in range(len(words)))
        return False

    def hinted(self, arabic: str, match: TermMatch) -> bool:
        """Tell whether a word that tells a place or body of ``find_english`` from others stands in ``arabic``.

        ``find`` wants more than ``جدة`` for Jeddah, because it is a grandmother too. Where the English has Jeddah and
        the Arabic that word, nobody can say that Jeddah was invented.
        """
        entry = self._by_key.get(match.key)
        if entry is None or entry.kind == "person":
            return False
        telling = _telling_words(entry)
        if not telling:
            return False
        folded, origin = fold(arabic)
        named = [(each.start, each.end) for each in self.find(arabic)]  # somebody else, then
        for word in arabic_words(folded):
            if telling.isdisjoint(form for _, form in without_clitics(word.text)):
                continue
            start, end = span_in_source(arabic, origin, word.start, word.end)
            if not any(first < end and start < last for first, last in named):
                return True
        return False

    # --- putting right --------------------------------------------------------------------------

    def enforce(self, english: str, arabic: str) -> tuple[str, tuple[Correction, ...]]:
        """Return ``english`` with the names that it missed by a little put right, and what was replaced.

        A name of ``arabic`` that ``english`` lacks is looked for among the capitalised stretches that nothing
        else explains (no other known name, no everyday word); the one that sounds like it and like no other
        missing name is replaced by the accepted rendering. So is a rendering that the gazetteer calls wrong for a term
        of ``arabic``. Everything else stays as it is: a name that was left out or translated beyond recognition is for
        the checks to report.
        """
        words = english_words(english)
        matches = self.find(arabic)
        missing, explained = self._account(words, english, matches)
        corrections = self._unify(words, english, {match.key for match in matches if match.kind == "person"})
        corrections += self._mend_wrong(words, english, {match.key for match in matches})
        for guess in guesses(words, missing=missing, explained=explained, entries=self._by_key):
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
        self, words: Sequence[EnglishWord], english: str, persons: set[str]
    ) -> list[tuple[int, int, Correction]]:
        """Return the replacements that give every person of the Arabic one spelling, the gazetteer's first."""
        corrections = []
        for match, (first, last) in self._find_english(words, english):
            entry = self._by_key.get(match.key)
            if match.key not in persons or entry is None or entry.source == "glossary":
                continue
            written = tuple(word.norm for word in words[first:last])
            best = {len(rendering_words(each)): each for each in (*entry.english_short[:1], entry.english[0])}
            wanted = best.get(len(written))
            if wanted is None:
                continue
            start, end = match.start, match.end
            before, after = english[start:end], _open_sentence(wanted, english, start)
            small = english[words[last - 1].start : words[last - 1].end].islower()  # "Jen psaki"
            odd = before.casefold() == after.casefold() and not before.isupper()  # "al-MuhandIS"
            if before != after and (rendering_words(wanted) != written or small or odd):
                corrections.append((start, end, Correction(before=before, after=after, key=match.key)))
        return corrections

    def _mend_wrong(
        self, words: Sequence[EnglishWord], english: str, keys: set[str]
    ) -> list[tuple[int, int, Correction]]:
        """Return the replacements of renderings that are wrong for what the Arabic has, by the best right one."""
        found: dict[int, tuple[int, int, Correction]] = {}  # by the word where it starts: each stretch once
        for entry in (self._by_key[key] for key in sorted(keys) if key in self._by_key):
            for wrong in entry.english_wrong:
                for first in occurrences(words, wrong):
                    start, end = words[first].start, words[first + len(rendering_words(wrong)) - 1].end
                    after = _open_sentence(entry.english[0], english, start)
                    found[first] = (
                        start,
                        end,
                        Correction(before=english[start:end], after=after, key=entry.key),
                    )
        return list(found.values())

    def _account(
        self, words: Sequence[EnglishWord], english: str, matches: Iterable[TermMatch]
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
                for first in occurrences(words, rendering)
                for number in range(first, first + len(rendering_words(rendering)))
            ]
            explained.update(covered)
            if not covered and match.source != "pattern":  # a guessed spelling is no better than the model's
                missing.setdefault(match.key, match)
        return list(missing.values()), explained

    def _may_be_name(self, word: EnglishWord) -> bool:
        return word.capital and word.norm.isalpha() and not self._table.has(ENGLISH, word.norm)

    def asked(self, arabic: str, english: str) -> tuple[Asked, ...]:
        """Return what ``english`` lacks: names of ``arabic`` whose spelling is known, and terms of the glossary."""
        return tuple(
            Asked(start=match.start, end=match.end, rendering=match.english[0])
            for match in self.find(arabic)
            if match.source != "pattern"  # a guessed spelling is no better than the model's
            and (match.kind != "term" or match.source == "glossary")
            and not self.rendered(english, match)
        )

    def hint(
        self, arabic: str, *, vocabulary: bool = False, wanted: Callable[[TermMatch], bool] | None = None
    ) -> str:
        """Return the Arabic with its known names in Latin letters, an input that a translator copies from.

        Clitics stay: ``والكاظمي`` becomes ``و al-Kadhimi``. Countries and nationalities are written so too: a small
        model confuses them with each other more than anything else. Terms that are no names are, only with
        ``vocabulary``: the sentence loses its Arabic shape, so this is for a second try. ``wanted`` may refuse a name
        (training, where the English calls it something else).
        """
        pieces, position = [], 0
        for match in self.find(arabic):
            small = match.english[0].islower()
            if match.kind == "term" and (small or match.source != "glossary") and not vocabulary:
                continue
            if wanted is not None and not wanted(match):
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

        A term that they have in full may go by its short forms.
        Where two persons of the story share a surname, it stands for the one named more often if both are spelt
        alike in English, and for nobody else. Surnames that are everyday words are left alone.
        """
        named: Counter[str] = Counter()
        persons: dict[str, tuple[Entry, str]] = {}
        terms: dict[str, Entry] = {}
        for text in texts:
            for match in self.find(text):
                if match.kind == "term" and (known := self._by_key.get(match.key)) and known.arabic_short:
                    terms[match.key] = known
                forms = arabic_form(match.surface).split()
                if match.kind == "person" and len(forms) > 1:
                    named[match.key] += 1
                    persons.setdefault(match.key, (self._person(match), forms[-1]))
        claims: dict[str, list[Entry]] = {}
        for key in sorted(persons, key=lambda each: (-named[each], each)):
            entry, last = persons[key]
            for form in dict.fromkeys((last, *(arabic_form(each) for each in entry.arabic_short))):
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
        surnames += [
            (arabic_form(form), terms[key]) for key in sorted(terms) for form in terms[key].arabic_short
        ]
        return self._view(list(story.values()), surnames)

    def _person(self, match: TermMatch) -> Entry:
        """Return the entry of a person match, with a surname in English."""
        entry = self._by_key.get(match.key) or Entry(
            key=match.key, kind="person", source=match.source, arabic=(match.surface,), english=match.english
        )
        return entry if entry.english_short else replace(entry, english_short=(surname_of(entry.english[0]),))

    def _is_surname(self, form: str, entry: Entry) -> bool:
        if " " in form or len(form) < FEWEST_LETTERS or self._patterns.names_another(form):
            return False
        known = form in {arabic_form(each) for each in entry.arabic_short}
        return known or not is_ordinary(form, self._table)

    def _view(self, entries: Sequence[Entry], surnames: Sequence[tuple[str, Entry]]) -> Terms:
        """Return a view that shares everything with this one and knows some more surnames."""
        view = Terms.__new__(Terms)
        view._entries, view._table = self._entries, self._table
        arabic, english = ArabicIndex(), EnglishIndex()
        for form, entry in surnames:
            arabic.add(form, entry, "short")
        for entry in entries:
            for rendering in entry.english:
                english.add(rendering_words(rendering), entry, "full", rendering)
        for _, entry in surnames:
            for rendering in entry.english_short:
                english.add(rendering_words(rendering), entry, "short", rendering)
        view._arabic, view._english = (arabic, *self._arabic), (english, *self._english)
        view._patterns = NamePatterns(view._table, view._arabic)
        view._found = {}
        view._by_key = {**self._by_key, **{entry.key: entry for entry in entries}}
        return view


#: What kind of place or body something is, and whose: no word of these tells one from another (folded).
_KINDS: Final = frozenset(
    normalize(word)
    for word in "نادي النادي مدينة محافظة قاعدة العاصمة مطار مخيم حركة تحالف كتلة ائتلاف حزب جماعة جامعة مجلس وزارة وكالة قناة"
    " صحيفة شركة بنك دولة جمهورية مملكة منظمة اتحاد الاتحاد هيئة لجنة محكمة مؤسسة دوري كأس بطولة شمال جنوب شرق غرب بحر نهر جبل"
    " جزيرة جزر العام العالم".split()
)


@lru_cache(maxsize=4096)
def _telling_words(entry: Entry) -> frozenset[str]:
    """Return the word that all Arabic forms of an entry share, folded; none where it is a form by itself: ``find`` knows that."""
    forms = [arabic_form(each).split() for each in entry.arabic]
    if not forms or any(len(form) == 1 for form in forms):
        return frozenset()
    shared = frozenset(forms[0]).intersection(*forms[1:]) - _KINDS
    nisbas = {word for word in shared if word.endswith(("ي", "يه"))}
    telling = shared - nisbas if shared - nisbas else shared
    return frozenset(word for word in telling if len(word.removeprefix("ال")) >= FEWEST_LETTERS)


def _is_lookalike(surface: str, source: Source) -> bool:
    """Tell whether letters that folding drops show that a match is no name after all."""
    if _TANWIN in surface and (source in ("names", "pattern") or not _NISBA.search(surface)):
        return source != "glossary"  # درعاً is a shield, no Daraa
    if source in ("names", "pattern") and surface.endswith(_PREPOSITION_ALA):
        return True
    return surface.endswith(_RIGHT_HAND)


@lru_cache(maxsize=16384)
def _listed_entry(name: str, kind: Kind, english: tuple[str, ...]) -> Entry:
    return Entry(key=f"{kind}:{name}", kind=kind, source="names", arabic=(name,), english=english)


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
    return (*match.english, *(each for each in surnames if len(english_norm(each)) > 2))


def _open_sentence(rendering: str, text: str, start: int) -> str:
    """Write ``al-Kadhimi`` with a capital where it opens a sentence."""
    return rendering[:1].upper() + rendering[1:] if opens_sentence(text, start) else rendering


def _is_clitic_article(match: TermMatch) -> bool:
    """Tell whether ``لل`` at the start of a surface is a preposition and article, not letters of the name."""
    return len(arabic_form(match.surface).split()[0]) > 3
