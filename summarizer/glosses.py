"""Dictionary glosses of rare words, after the text in a model's input: ``...<unused2> الرصيف<unused3> sidewalk; platform``.

A small model has met a rare word too seldom to know it, and guesses. A dictionary knows it, out of context; the model,
which was trained on inputs with glosses, chooses among them and inflects (Ghazvininejad et al., "Dictionary-based
phrase-level prompting of large language models for machine translation", 2023, do the same with large models).
Nothing here is shown to a reader. After the text and not within it: there, the model loses the sentence.

Words are analysed as Buckwalter's analyzer does (Buckwalter, "Arabic Morphological Analyzer Version 1.0", LDC2002L49):
every way to cut a word into prefix, stem and suffix that the tables know and allow side by side. Vowels are ignored,
so a word has the glosses of all stems that it may be. The file belongs to a model and lies beside its weights;
``recipes/glosses.py`` writes it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from gzip import BadGzipFile
from gzip import open as open_gzip
from pathlib import Path
from typing import Final

from summarizer.errors import ModelError

GLOSSES_FILE: Final = "glosses.tsv.gz"
#: Of a word: at most so many glosses, and characters of them together.
MOST_GLOSSES: Final = 3
MOST_CHARACTERS: Final = 32

#: What vowels and lengthening add to a word; the dictionary has none of it.
UNWRITTEN: Final = re.compile("[\u064b-\u0652\u0670\u0640]")
#: Words of three letters or more; shorter ones are particles, or too many words at once.
WORD: Final = re.compile("[\u0621-\u063a\u0640-\u0652\u0670]{3,}")
#: Of a lemma: its best glosses.
_RANKS: Final = 3
_LONGEST_PREFIX: Final = 4
_LONGEST_SUFFIX: Final = 6
#: Words remembered; news repeats itself.
_REMEMBERED: Final = 1 << 14


class Glosses:
    """A dictionary of stems and the tables that say how words are built of them.

    ``lines`` are tab-separated, and the first field says what a line is: ``prefix`` and ``suffix`` (form, categories),
    ``pair`` (two categories that may follow each other: of prefix and stem, prefix and suffix, stem and suffix),
    ``common`` (words that the model knows without help) and ``stem`` (form, then for each reading
    ``lemma#category#gloss;gloss``, glosses best first; a reading without glosses is a particle or a name, and a word that
    may be one gets no glosses at all).
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._prefixes: dict[str, tuple[str, ...]] = {}
        self._suffixes: dict[str, tuple[str, ...]] = {}
        self._stems: dict[str, str] = {}  # readings stay text until they are asked for: a tenth of the memory
        self._pairs: set[tuple[str, str]] = set()
        self._common: set[str] = set()
        self._found: dict[str, tuple[str, ...]] = {}
        for line in lines:
            kind, _, rest = line.rstrip("\n").partition("\t")
            form, _, values = rest.partition("\t")
            match kind:
                case "stem":
                    self._stems[form] = values
                case "prefix":
                    self._prefixes[form] = tuple(values.split("\t"))
                case "suffix":
                    self._suffixes[form] = tuple(values.split("\t"))
                case "pair":
                    self._pairs.add((form, values))
                case "common":
                    self._common.add(form)
                case _:
                    raise ValueError(f"a line of kind {kind!r}")

    @classmethod
    def load(cls, path: Path) -> Glosses:
        """Read a file of ``recipes/glosses.py``. Raises ``ModelError``."""
        try:
            with open_gzip(path, "rt", encoding="utf-8") as lines:
                return cls(lines)
        except (OSError, EOFError, BadGzipFile, zlib.error, ValueError) as error:
            raise ModelError(f"{path} is missing or damaged; reinstall mujaz") from error

    def annotate(
        self,
        text: str,
        marks: tuple[str, str],
        *,
        wanted: Callable[[str], bool] | None = None,
        most: int = MOST_GLOSSES,
    ) -> str:
        """Return ``text`` with its rare Arabic words and their glosses after it: ``text<1> word<2> gloss; gloss<1> word...``.

        ``wanted`` may refuse words (training shows some without); a word has at most ``most`` glosses, its likeliest.
        """
        told = "".join(
            f"{marks[0]} {word}{marks[1]} {'; '.join(found[:most])}"
            for word in dict.fromkeys(WORD.findall(text))
            if (found := self.of(word)) and (wanted is None or wanted(word))
        )
        return text + told

    def of(self, word: str) -> tuple[str, ...]:
        """Return the glosses of a rare word, the likeliest first; none for a common, unknown or special one."""
        form = UNWRITTEN.sub("", word)
        if form not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[form] = () if form in self._common else self._look_up(form)
        return self._found[form]

    def _look_up(self, form: str) -> tuple[str, ...]:
        """Return the first gloss of every lemma, then the second ones, as far as there is room."""
        lemmas: dict[str, list[str]] = {}
        for lemma, glosses in self._readings(form):
            if not glosses:
                return ()
            of_lemma = lemmas.setdefault(lemma, [])
            of_lemma += [each for each in glosses.split(";") if each not in of_lemma]
        chosen: list[str] = []
        characters = 0
        for rank in range(_RANKS):
            for glosses_ in lemmas.values():
                if rank >= len(glosses_) or glosses_[rank] in chosen:
                    continue
                if len(chosen) < MOST_GLOSSES and characters + len(glosses_[rank]) <= MOST_CHARACTERS:
                    chosen.append(glosses_[rank])
                    characters += len(glosses_[rank])
        return tuple(chosen)

    def _readings(self, form: str) -> Iterator[tuple[str, str]]:
        """Yield lemma and glosses of every stem that the word may be built of, the longest stems first."""
        for start in range(min(_LONGEST_PREFIX, len(form) - 1) + 1):
            if (prefixes := self._prefixes.get(form[:start])) is None:
                continue
            for end in range(len(form), max(start, len(form) - _LONGEST_SUFFIX - 1), -1):
                suffixes = self._suffixes.get(form[end:])
                readings = self._stems.get(form[start:end]) if suffixes is not None else None
                if suffixes is None or readings is None:
                    continue
                for reading in readings.split("\t"):
                    lemma, category, glosses = reading.split("#")
                    if self._may_stand(prefixes, category, suffixes):
                        yield lemma, glosses

    def _may_stand(self, prefixes: tuple[str, ...], stem: str, suffixes: tuple[str, ...]) -> bool:
        return any(
            (before, stem) in self._pairs and (stem, after) in self._pairs and (before, after) in self._pairs
            for before in prefixes
            for after in suffixes
        )
