"""Arabic names in Latin letters, and how alike two spellings of a name sound.

Three things live here, because each needs the others:

* ``sounds`` and ``similarity``: names of either script as short phonetic codes, and a weighted edit distance
  between them (Wagner & Fischer, 1974, with costs by how often two sounds stand for each other). ``ظ`` is spelt
  dh, z, th or d; short vowels are not written at all; so vowels weigh little and related consonants are close.
* ``NameTable``: the names that ship with Mujaz (``data/names.tsv.xz``, built by ``benchmarks/build_names.py``),
  kept as one sorted block of bytes that is searched by bisection: no object per name.
* ``romanize``: the likely English spellings of a name, best first: the table where it knows the word, rules else.
"""

from __future__ import annotations

import lzma
import re
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from summarizer.arabic import normalize

# --- sounds -------------------------------------------------------------------------------------

_VOWELS: Final = frozenset("aeiou")
#: Sounds that one language writes and the other swallows.
_WEAK: Final = frozenset("hwy")

#: What a sound adds to the length of a name.
_VOWEL_WEIGHT: Final = 0.15
_WEAK_WEIGHT: Final = 0.5

_ARABIC_SOUNDS: Final = {
    "ب": "b", "ت": "t", "ث": "T", "ج": "j", "ح": "h", "خ": "x", "د": "d", "ذ": "D", "ر": "r", "ز": "z",
    "س": "s", "ش": "S", "ص": "s", "ض": "d", "ط": "t", "ظ": "D", "غ": "g", "ف": "f", "ق": "q", "ك": "k",
    "ل": "l", "م": "m", "ن": "n", "ه": "h", "ا": "a",
}  # fmt: skip

_LATIN_SOUNDS: Final = {
    "tsch": "C", "tch": "C", "sch": "S", "kh": "x", "gh": "g", "sh": "S", "ch": "C", "dh": "D", "th": "T",
    "ph": "f", "ck": "k", "zh": "j", "cz": "C", "qu": "k", "dj": "j", "dz": "z", "x": "ks", "c": "k",
    "ce": "se", "ci": "si", "cy": "si", "ß": "s", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "a", "œ": "o",
    "þ": "T", "ð": "D", "تش": "C",
}  # fmt: skip
#: Longest first.
_DIGRAPHS: Final = re.compile("|".join(sorted(_LATIN_SOUNDS, key=lambda each: (-len(each), each))))

#: Cost of hearing one sound as the other, where it is below 1.
_NEAR: Final = {
    frozenset(pair): cost
    for cost, pairs in (
        (0.05, "kq vf yi wu"),
        (0.15, "bp"),
        (0.2, "Dz SC wv wo"),
        (0.3, "Dd DT Tt Ts qg gj jC hx dt ye vb"),
        (0.4, "zs Ds kx kC gx jS jy jz Ss kg pf qx"),
        (0.6, "mn rl dz"),
    )
    for pair in pairs.split()
}
_VOWEL_CHANGE: Final = 0.12
_VOWEL_GAP: Final = 0.1


@lru_cache(maxsize=65536)
def sounds(name: str) -> str:
    """Return the phonetic code of a name in Arabic or Latin script: one character a sound, articles kept."""
    folded = unicodedata.normalize("NFKD", normalize(name))
    return _squeeze(_arabic_sounds(_DIGRAPHS.sub(lambda match: _LATIN_SOUNDS[match[0]], folded)))


def _arabic_sounds(text: str) -> str:
    """Turn Arabic letters into sounds; ``و`` and ``ي`` are consonants only before a vowel or at the start."""
    pieces = []
    for position, letter in enumerate(text):
        if letter in "ويy":
            consonant = position == 0 or text[position - 1] == " " or text[position + 1 : position + 2] in (
                *_VOWELS, "ا", "و", "ي",
            )  # fmt: skip
            pieces.append(("w" if letter == "و" else "y") if consonant else ("u" if letter == "و" else "i"))
        elif letter in _ARABIC_SOUNDS:
            pieces.append(_ARABIC_SOUNDS[letter])
        elif letter.isascii() and letter.isalpha():
            pieces.append(letter)
    return "".join(pieces)


def _squeeze(code: str) -> str:
    return "".join(each for each, before in zip(code, " " + code, strict=False) if each != before)


def weight(code: str) -> float:
    """Return how much of a name a code holds: about the number of its consonants."""
    return sum(_VOWEL_WEIGHT if each in _VOWELS else _WEAK_WEIGHT if each in _WEAK else 1.0 for each in code)


def _gap(sound: str) -> float:
    return _VOWEL_GAP if sound in _VOWELS else 0.3 if sound in _WEAK else 1.0


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        return _VOWEL_CHANGE
    return _NEAR.get(frozenset((one, other)), 1.0 if one not in _VOWELS and other not in _VOWELS else 1.1)


@lru_cache(maxsize=65536)
def code_similarity(one: str, other: str) -> float:
    """Return 0..1: how alike two codes of ``sounds`` are (1 where every sound agrees)."""
    longest = max(weight(one), weight(other))
    if not longest:
        return 0.0
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _gap(sound))
    for left in one:
        last, row = row, [row[0] + _gap(left)]
        for column, right in enumerate(other, 1):
            row.append(
                min(last[column - 1] + _change(left, right), last[column] + _gap(left), row[-1] + _gap(right))
            )
    return max(0.0, 1.0 - row[-1] / longest)


def similarity(one: str, other: str) -> float:
    """Return 0..1: how alike two names sound, each in Arabic or Latin script. Symmetric; 1 for one sound."""
    return code_similarity(sounds(one), sounds(other))


# --- the table of names -------------------------------------------------------------------------

#: Kinds of line in ``data/names.tsv.xz``: ``kind key<TAB>renderings``, key folded and joined (``join_words``).
FULL_NAME: Final = "f"
WORD: Final = "u"  # one word of a full name of the list
OTHER_WORD: Final = "v"  # another word of a name, mostly foreign
PLACE: Final = "p"
ORDINARY: Final = "w"  # an Arabic word that mostly is no name
ENGLISH: Final = "e"  # an everyday English word, in lower case

_NEWLINE: Final = 10
#: Look-ups kept (about 3 MB).
_MOST_REMEMBERED: Final = 20_000


class NameTable:
    """A read-only map (kind, folded key) -> renderings over one sorted block of UTF-8 lines.

    Held as bytes with an array of line starts (about 6 MB for 150,000 lines); a look-up is one bisection.
    """

    def __init__(self, lines: bytes) -> None:
        """``lines`` must be sorted by their bytes and end with a newline (or be empty)."""
        self._lines = lines
        self._remembered: dict[bytes, int] = {}
        ends: NDArray[np.int64] = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == _NEWLINE)
        self._starts = [0, *(ends[:-1] + 1).tolist()] if len(ends) else []

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> NameTable:
        """Return the table that ships with Mujaz (read once, on first use)."""
        packed = resources.files("summarizer").joinpath("data/names.tsv.xz").read_bytes()
        return cls(lzma.decompress(packed))

    def __len__(self) -> int:
        return len(self._starts)

    def _line(self, start: int) -> bytes:
        return self._lines[start : self._lines.index(b"\n", start)]

    def _first(self, prefix: bytes) -> int:
        """Return the number of the first line that is not before ``prefix`` (remembered: words recur)."""
        known = self._remembered.get(prefix)
        if known is not None:
            return known
        low, high, width = 0, len(self._starts), len(prefix)
        while low < high:
            middle = (low + high) // 2
            start = self._starts[middle]
            if self._lines[start : start + width] < prefix:
                low = middle + 1
            else:
                high = middle
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[prefix] = low
        return low

    def get(self, kind: str, key: str) -> tuple[str, ...]:
        """Return the renderings of a folded key, best first; () where the table lacks it."""
        wanted = f"{kind}{key}\t".encode()
        number = self._first(wanted)
        if number == len(self._starts):
            return ()
        line = self._line(self._starts[number])
        return tuple(line[len(wanted) :].decode().split("|")) if line.startswith(wanted) else ()

    def word(self, word: str) -> tuple[str, ...]:
        """Return the renderings of one folded word of a name, without its article; () where it is unknown."""
        return self.get(WORD, word) or self.get(OTHER_WORD, word)

    def has(self, kind: str, key: str, *, prefix: bool = False) -> bool:
        """Tell whether a key (with ``prefix``: any key that starts like this) is there."""
        wanted = f"{kind}{key}{'' if prefix else chr(9)}".encode()
        number = self._first(wanted)
        return number < len(self._starts) and self._lines.startswith(wanted, self._starts[number])


# --- words of a name ----------------------------------------------------------------------------

#: ``عبد`` with what may be written to it. (``معبد`` is a temple.)
_SERVANTS: Final = frozenset(
    f"{clitic}عبد" for clitic in ("", "و", "ف", "ل", "ب", "ك", "ول", "وب", "فل", "فب")
)


def join_words(words: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return ``(word, how many)`` with ``عبد الرحمن`` and ``عبدالرحمن`` made one: the form of table keys.

    ``words`` are folded. ``how many`` counts the words that were joined (1 or 2).
    """
    joined: list[tuple[str, int]] = []
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1] if position + 1 < len(words) else ""
        if following.startswith("ال") and word in _SERVANTS:
            joined.append((word + following, 2))
            position += 2
        else:
            joined.append((word, 1))
            position += 1
    return tuple(joined)


#: Small words of names: folded -> renderings (lower-case ones stay so unless they open the name).
_PARTICLES: Final = {
    "بن": ("bin", "ben"), "ابن": ("ibn", "bin"), "بنت": ("bint",), "ابو": ("Abu", "Abou"), "ابي": ("Abi", "Abu"),
    "ابا": ("Aba", "Abu"), "ام": ("Umm", "Um"), "ال": ("Al",), "الدين": ("al-Din", "Eddine"), "ولد": ("Ould", "Weld"), "بو": ("Bou", "Bu"),
    "ذو": ("Dhu",), "دي": ("de", "di"), "دو": ("do", "du"), "دا": ("da",), "فان": ("van",), "فون": ("von",),
    "لا": ("la",), "لو": ("le",), "دير": ("der",), "مولاي": ("Moulay",), "سيدي": ("Sidi",),
}  # fmt: skip

_CONSONANTS: Final = {
    "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z",
    "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "dh", "ع": "", "غ": "gh", "ف": "f", "ق": "q",
    "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h",
}  # fmt: skip

#: Folding loses these: the source letter tells p, v, g and final a from b, f, k and i.
_SOURCE_LETTERS: Final = {
    "پ": "p",
    "ڤ": "v",
    "گ": "g",
    "چ": "ch",
    "ژ": "zh",
    "ة": "a",
    "ى": "a",
    "ئ": "'",
    "ؤ": "'",
}

#: How many renderings ``romanize`` returns, and how many of each word it combines.
MOST_ROMANIZED: Final = 12
_PER_WORD: Final = 3


def romanize(name: str, *, table: NameTable | None = None) -> tuple[str, ...]:
    """Return likely English spellings of an Arabic name, best first; () where there is no Arabic letter.

    ``table`` defaults to the names that ship with Mujaz. Spelling follows what most bearers of a name use
    (``محمد`` Mohamed), ``ال`` is written ``al-``, a word that the table lacks is spelt by rule.

    >>> romanize("عبد الرحمن")[0]
    'Abdul Rahman'
    """
    table = table if table is not None else NameTable.load()
    source = tuple(re.findall(r"[^\W\d_]+", _without_marks(name)))
    choices: list[tuple[str, ...]] = []
    position = 0
    for word, width in join_words(tuple(normalize(each) for each in source)):
        if word == "الله" and choices:  # نصر الله
            choices[-1] = tuple(f"{each.rstrip('a')}allah" for each in choices[-1])
        else:
            choices.append(_word_renderings(word, "".join(source[position : position + width]), table))
        position += width
    choices = [each for each in choices if each]
    if not choices:
        return ()
    ranked = sorted(
        product(*(tuple(enumerate(each[:_PER_WORD])) for each in choices[:6])),
        key=lambda combined: (sum(rank for rank, _ in combined), [rank for rank, _ in combined]),
    )
    spelt = (_assemble([text for _, text in combined]) for combined in ranked[: 3 * MOST_ROMANIZED])
    return tuple(dict.fromkeys(spelt))[:MOST_ROMANIZED]


def _without_marks(name: str) -> str:
    """Drop what has no letter of its own but keep every letter as it was written (``ة``, ``پ``)."""
    return "".join(each for each in unicodedata.normalize("NFC", name) if normalize(each))


def _assemble(words: list[str]) -> str:
    text = " ".join(words)
    return text if text.startswith("al-") else text[:1].upper() + text[1:]


def _word_renderings(word: str, source: str, table: NameTable) -> tuple[str, ...]:
    if word.isascii():
        return (source,)
    if word in _PARTICLES:
        return _PARTICLES[word]
    if word.startswith("عبدال") and len(word) > len("عبدال") + 1:
        rest = _bare_renderings(word[len("عبدال") :], source[len("عبدال") :], table)
        if word == "عبدالله":
            return ("Abdullah", "Abdallah", "Abdalla")
        return tuple(f"{servant} {each}" for each in rest[:2] for servant in ("Abdul", "Abdel"))
    if word.startswith("ال") and len(word) > 3 and source[0] == "ا":  # ألبرت has no article
        known = table.word(word) or table.word(word[2:]) or _spell(source[2:])
        return tuple(f"al-{each}" for each in known)
    return _bare_renderings(word, source, table)


def _bare_renderings(word: str, source: str, table: NameTable) -> tuple[str, ...]:
    known = table.word(word) or table.word(f"ال{word}")
    if word.startswith("ال"):  # ألبرت: the table cannot tell it from an article
        known = tuple(each for each in known if each[0] in "AEIOU")
    return tuple(dict.fromkeys((*known, *_spell(source)))) if known else _spell(source)


def _spell(source: str) -> tuple[str, ...]:
    """Spell one word by rule: long vowels as written, a short ``a`` where consonants would pile up."""
    letters: list[str] = []  # "" marks a letter that is silent
    for position, letter in enumerate(source):
        folded = normalize(letter)
        last = position == len(source) - 1
        after = normalize(source[position + 1 : position + 2])
        if letter in _SOURCE_LETTERS and (letter not in "ةى" or last):
            letters.append(_SOURCE_LETTERS[letter].replace("'", ""))
        elif folded == "ا":
            letters.append("i" if letter == "إ" else "a")
        elif folded in "وي":
            consonant = (
                position == 0 or after in ("ا", "و", "ي") or (after == "ه" and position == len(source) - 2)
            )
            letters.append(("w" if folded == "و" else "y") if consonant else ("u" if folded == "و" else "i"))
        elif folded == "ه" and last and len(source) > 3:
            letters.append("a")
        else:
            letters.append(_CONSONANTS.get(folded, folded if folded.isascii() else ""))
    spelt = _add_vowels([each for each in letters if each])
    if not spelt:
        return ()
    spelt = spelt[:1].upper() + spelt[1:]
    variants = [spelt, spelt.replace("u", "o"), spelt.replace("j", "g").replace("J", "G")]
    return tuple(dict.fromkeys(variants))


def _add_vowels(letters: list[str]) -> str:
    """Put ``a`` after a first consonant that another follows, and into every third consonant in a row."""
    result: list[str] = []
    run = 0
    for position, letter in enumerate(letters):
        vowel = letter in "aiou"
        run = 0 if vowel else run + 1
        if not vowel and (run == 3 or (run == 2 and (position == 1 or position == len(letters) - 1))):
            result.append("a")
            run = 1
        result.append(letter)
    return "".join(result)
