"""Which words of an English text are a garbled name: told by how they sound.

The translator writes ``Mustafa al-Kazimi`` for ``al-Kadhimi``. ``guesses`` compares the capitalised stretches that
nothing else explains with the names that the English lacks, and keeps what is like one name and clearly less like
every other. Likeness is that of ``romanize.code_similarity``: weighted sounds, the same for both scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from summarizer.arabic import normalize
from summarizer.gazetteer import Entry, surname_of
from summarizer.romanize import code_similarity, similarity, sounds, weight
from summarizer.termindex import ENGLISH_ARTICLES, EnglishWord, TermMatch, is_acronym

#: How alike a name and a stretch of English must sound to be the same, and how much name there must be.
SOUNDS_SAME: Final = 0.8
FEWEST_SOUNDS: Final = 1.6
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


@dataclass(frozen=True, slots=True)
class Guess:
    """``length`` English words from ``position`` on are taken for a name and should read ``rendering``."""

    score: float
    position: int
    length: int
    key: str
    rendering: str


def guesses(
    words: Sequence[EnglishWord],
    *,
    missing: Sequence[TermMatch],
    explained: set[int],
    entries: Mapping[str, Entry],
) -> list[Guess]:
    """Return what could be replaced by what, the surest first; rivals for the same words cancel out."""
    found: list[Guess] = []
    for position, length in _stretches(words, explained):
        stretch = words[position : position + length]
        scored = []
        for match in missing:
            score, rendering = _likeness(match, entries.get(match.key), stretch)
            if score >= SOUNDS_SAME:
                scored.append(Guess(score, position, length, match.key, rendering))
        scored.sort(key=lambda each: (-each.score, each.key))
        if scored and (len(scored) == 1 or scored[0].score - scored[1].score >= CLEAR_LEAD):
            found.append(scored[0])
    found.sort(key=lambda each: (-(each.score + LENGTH_BONUS * each.length), each.position))
    chosen: dict[str, Guess] = {}
    for guess in found:
        chosen.setdefault(guess.key, guess)
    return [
        guess
        for guess in found
        if guess is chosen[guess.key] or guess.score >= SURE or guess.score >= chosen[guess.key].score
    ]


def _likeness(match: TermMatch, entry: Entry | None, stretch: Sequence[EnglishWord]) -> tuple[float, str]:
    """Return (how much a stretch sounds like a match, what should stand there)."""
    best = (0.0, "")
    adjectives = entry.english_adjectives if entry else ()
    for name, rendering in _spellings(match, entry):
        score = _name_likeness(name, stretch, person=match.kind == "person")
        if score > best[0] and (score >= ADJECTIVE_SURE or rendering not in adjectives):
            best = (score, rendering)
    return best


def _spellings(match: TermMatch, entry: Entry | None) -> list[tuple[str, str]]:
    """Return (spelling to compare with, rendering to put in its place) of a match."""
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
        pairs.append((surname_of(full[0]), surname_of(full[0])))
    return [(name, rendering) for name, rendering in pairs if not is_acronym(name)]


def _stretches(words: Sequence[EnglishWord], explained: set[int]) -> Iterator[tuple[int, int]]:
    """Yield (first word, words) of every stretch of unexplained words, at most ``_LONGEST_NAME`` long."""
    for position in range(len(words)):
        for length in range(1, _LONGEST_NAME + 1):
            last = position + length - 1
            if last >= len(words) or last in explained:
                break
            if length > 1 and words[last].start - words[last - 1].end > len(" al-"):
                break
            yield position, length


def _name_likeness(name: str, stretch: Sequence[EnglishWord], *, person: bool) -> float:
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


def _cut_short(parts: Sequence[str], stretch: Sequence[EnglishWord]) -> bool:
    """Tell whether everything before the surname is equal and the surname lost or gained a letter at its end."""
    written, wanted = stretch[-1].norm, normalize(parts[-1])
    return (
        [normalize(part) for part in parts[:-1]] == [word.norm for word in stretch[:-1]]
        and abs(len(written) - len(wanted)) <= 1
        and (written.startswith(wanted) or wanted.startswith(written))
    )


def _same_start(one: str, other: str) -> bool:
    """Tell whether two given names start with sounds that stand for each other (``Joe``, ``George``)."""
    left, right = _bare_sounds(one)[:1], sounds(other)[:1]
    return bool(left and right) and code_similarity(left, right) >= 0.7


def sounds_like(match: TermMatch, words: Sequence[EnglishWord], position: int) -> bool:
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
    return sounds("".join(word for word in bare if word not in ENGLISH_ARTICLES))


def _sounds_of(words: Sequence[EnglishWord]) -> str:
    return sounds("".join(word.norm for word in words))
