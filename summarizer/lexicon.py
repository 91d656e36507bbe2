"""How much of an Arabic sentence its English accounts for, word by word, by a lexicon of stems.

The other checks look at numbers, dates, names and negation; between them a fluent sentence may still speak of
something else ("the Islamic State group announced" for "the militias announced"). ``Lexicon.coverage`` is the share of
content words that have a counterpart on the other side. It ranks answers of a model; it is too coarse to call one wrong.
``Lexicon.omitted`` names words that hardly a translator does without and the English has nothing for ("book with the
airline" for booking *by phone*). Of 63 such words in answers of ar-en-v7 to FLORES-200 dev 44 were missing indeed, as read by a
large language model, and 43 of the 60 sentences were wrong somewhere. Of the 385 reference translations of our own sets four are without one.

The lexicon is made by ``recipes/lexicon.py`` from openly licensed pairs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from summarizer.arabic import content_tokens, token_spans

FILE: Final = Path(__file__).parent / "data" / "lexicon.tsv"

_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_FUNCTION_WORDS: Final = frozenset(
    """a an the and or but of to in on at by for with from as is are was were be been being it its this that these those he she
    they them his her their him who whom which what when where while will would shall should can could may might must do
    does did has have had not no nor so if than then there here into out up down over under about after before between
    during through also only very more most such some any each all both other own same too just because until against
    s t i you we me my your our us""".split()
)


@functools.lru_cache(maxsize=65536)
def _english_stem(word: str) -> str:
    # Not `snowballstemmer.stemmer`, which gives way to PyStemmer where that is installed: another release of the algorithm.
    # One for each word: a stemmer keeps its word in itself, and threads share this.
    from snowballstemmer.english_stemmer import EnglishStemmer

    return str(EnglishStemmer().stemWord(word))


def english_stems(text: str) -> list[str]:
    """Return the stems of the content words of an English text, in order."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    return [_english_stem(word.removesuffix("'s")) for word in words if word not in _FUNCTION_WORDS]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares from 0 to 1: of the Arabic content words that the English renders, and the other way round.

    Only words that the lexicon knows are counted; a side without any counts as covered.
    """

    arabic: float
    english: float

    @property
    def mean(self) -> float:
        """The harmonic mean of both: leaving out and adding count alike."""
        total = self.arabic + self.english
        return 2 * self.arabic * self.english / total if total else 0.0


class Lexicon:
    """Arabic stems and their English renderings (stems, with spaces between); ``sure`` ones are hardly left out."""

    def __init__(self, renderings: Mapping[str, str], *, sure: Collection[str] = ()) -> None:
        self._english = renderings  # cut when asked for: most never are
        self._sure = frozenset(sure) & renderings.keys()
        self._known_english = frozenset(stem for found in renderings.values() for stem in found.split())

    def coverage(self, english: str, arabic: str) -> Coverage:
        """Compare the content words of a translation with those of its source."""
        ar, en = content_tokens(arabic), english_stems(english)
        said = frozenset(en)
        known = [found.split() for stem in ar if (found := self._english.get(stem))]
        possible = frozenset(stem for found in known for stem in found) | frozenset(ar)
        known_en = [stem for stem in en if stem in self._known_english]
        return Coverage(
            arabic=sum(not said.isdisjoint(found) for found in known) / len(known) if known else 1.0,
            english=sum(stem in possible for stem in known_en) / len(known_en) if known_en else 1.0,
        )

    def omitted(self, english: str, arabic: str, *, but: Sequence[tuple[int, int]] = ()) -> tuple[str, ...]:
        """Return the sure words of ``arabic``, as they stand there, of which ``english`` has no rendering; each once.

        ``but`` are spans of ``arabic`` whose words do not count: names and terms, which are rendered as they are asked for.
        """
        said = frozenset(english_stems(english))
        return tuple(
            dict.fromkeys(
                arabic[start:end]
                for token, start, end in token_spans(arabic)
                if not any(first <= start < last for first, last in but)
                for stem in content_tokens(token)
                if stem in self._sure and said.isdisjoint(self._english[stem].split())
            )
        )


@functools.cache
def load() -> Lexicon:
    """Return the lexicon that ships with Mujaz."""
    renderings: dict[str, str] = {}
    sure: set[str] = set()
    for line in FILE.read_text(encoding="utf-8").splitlines():
        stem, found, *share = line.split("\t")
        renderings[stem] = found
        if share:
            sure.add(stem)
    return Lexicon(renderings, sure=sure)
