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

#: Longest first; what is left over goes letter by letter.
_LATIN_SOUNDS: Final = (
    ("tsch", "C"), ("tch", "C"), ("sch", "S"), ("kh", "x"), ("gh", "g"), ("sh", "S"), ("ch", "C"), ("dh", "D"),
    ("th", "T"), ("ph", "f"), ("ck", "k"), ("zh", "j"), ("cz", "C"), ("qu", "k"), ("dj", "j"), ("dz", "z"),
    ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("ß", "s"), ("ı", "i"), ("ł", "l"),
    ("ø", "o"), ("đ", "d"), ("æ", "a"), ("œ", "o"), ("þ", "T"), ("ð", "D"),
)  # fmt: skip

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
    return _squeeze(_arabic_sounds(_latin_sounds(folded)))


def _latin_sounds(text: str) -> str:
    for letters, code in _LATIN_SOUNDS:
        text = text.replace(letters, code)
    return text


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
    return sum(
        _VOWEL_WEIGHT if each in _VOWELS else _WEAK_WEIGHT if each in _WEAK else 1.0 for each in code
    )


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


