"""What a sentence looks like, whatever it says: does it loop, is it English, is it as long as a translation is?

``form_checks`` is the one place where the form of an English answer is judged: the checks of a brief and the retries of
``translate`` both go by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from summarizer.arabic import normalize, tokenize
from summarizer.evidence import SHOWN
from summarizer.schema import Check, CheckKind, CheckSide

#: A word run this long, a phrase said this often in a row, or a long phrase this often at all is a decoder's loop.
_RUN: Final = 4
_LOOPS: Final = 3
_LONGEST_LOOP: Final = 12
_PHRASE: Final = 4


def _repetition(text: str) -> str | None:
    """Return the phrase that loops, or None."""
    words = tokenize(text)
    for size in range(1, min(_LONGEST_LOOP, len(words) // _LOOPS) + 1):
        needed = _RUN if size == 1 else _LOOPS
        run = 0  # words in a row that equal the word `size` before
        for index in range(size, len(words)):
            run = run + 1 if words[index] == words[index - size] else 0
            if run >= size * (needed - 1):
                phrase = words[index - size + 1 : index + 1]
                if any(word.isalpha() for word in phrase):
                    return " ".join(phrase)
    grams = Counter(tuple(words[index : index + _PHRASE]) for index in range(len(words) - _PHRASE + 1))
    worst = max(grams.items(), key=lambda item: (item[1], item[0]), default=None)
    return " ".join(worst[0]) if worst and worst[1] >= _LOOPS else None


def form_checks(
    english: str, arabic: str, *, finished: bool = True, known: Collection[CheckKind] = ()
) -> list[Check]:
    """Check the form of an English text: its language, its length, whether it loops, whether it was ``finished``.

    ``known`` are kinds that somebody has checked already. Order: language, length, repetition. An empty text gets
    one failure and nothing else.
    """
    checks = [] if "language" in known else language_checks(english, arabic)
    if not finished and english.strip():
        checks.append(_failed("length", "the model was stopped before the end of the sentence"))
    if not english.strip():
        return checks
    more: dict[CheckKind, Callable[[], list[Check]]] = {
        "length": lambda: length_checks(english, arabic),
        "repetition": lambda: repetition_checks(english, arabic, "en"),
    }
    for kind, check in more.items():
        if kind not in known and (
            finished or kind != "length"
        ):  # an unfinished text is too short for a known reason
            checks += check()
    return checks


def _failed(kind: CheckKind, detail: str) -> Check:
    return Check(kind=kind, on="en", verdict="fail", detail=detail)


def repetition_checks(subject: str, source: str, side: CheckSide) -> list[Check]:
    """Fail a text that loops where its source does not."""
    phrase = _repetition(subject)
    if phrase is None or _repetition(source) is not None:
        return [Check(kind="repetition", on=side, verdict="pass", detail="no loop")]
    return [Check(kind="repetition", on=side, verdict="fail", detail=f'repeated: "{phrase}"')]


def _script(character: str) -> str:
    code = ord(character)
    if (
        0x0600 <= code <= 0x06FF
        or 0x0750 <= code <= 0x077F
        or 0x08A0 <= code <= 0x08FF
        or 0xFB50 <= code <= 0xFEFC
    ):
        return "Arabic"
    return "Latin" if code < 0x0250 or 0x1E00 <= code <= 0x1EFF else "other"


def language_checks(english: str, arabic: str) -> list[Check]:
    """Fail an English text that is empty, wordless, or in letters that are neither English nor in its Arabic.

    Arabic without a letter or digit ("...") may well become nothing.
    """

    def fail(detail: str) -> list[Check]:
        return [_failed("language", detail)]

    if not english.strip():
        return fail("empty") if any(character.isalnum() for character in arabic) else []
    letters = [character for character in english if character.isalpha()]
    foreign = "".join(character for character in letters if _script(character) == "Arabic")
    if foreign:
        word = next(
            word for word in english.split() if any(_script(c) == "Arabic" and c.isalpha() for c in word)
        )
        copied = " (untranslated)" if is_untranslated(english) else ""
        return fail(f'Arabic letters left: "{word}"{copied}')
    other = sorted({character for character in letters if _script(character) == "other"} - set(arabic))
    if other and len(other) * 5 > len(set(letters)):
        return fail(f'letters of neither language: "{"".join(other[:SHOWN])}"')
    if not letters and any(character.isalpha() for character in arabic):
        return fail("no words")
    return [Check(kind="language", on="en", verdict="pass", detail="English")]


def is_untranslated(english: str) -> bool:
    """Tell whether a text is no translation at all: empty, or more Arabic letters than others."""
    scripts = Counter(_script(character) for character in english if character.isalpha())
    return not english.strip() or scripts["Arabic"] * 2 > scripts.total()


#: Characters of English per character of Arabic (diacritics aside). Human references of FLORES-200 dev lie between
#: 0.61 and 2.46, of TICO-19 test (20 characters of Arabic and more) between 0.52 and 2.18: two of its 2,086 fall below.
_LENGTH_RATIO: Final = (0.55, 2.6)
#: Short sentences vary more: the bounds are for this many characters of Arabic and more.
_LENGTH_FLOOR: Final = 20


def length_checks(english: str, arabic: str) -> list[Check]:
    """Fail a translation far shorter or longer than translations are; short sentences are not checked."""
    size = len(normalize(arabic).strip())
    if size < _LENGTH_FLOOR:
        return []
    ratio = len(english.strip()) / size
    low, high = _LENGTH_RATIO
    if low <= ratio <= high:
        return [Check(kind="length", on="en", verdict="pass", detail=f"{ratio:.2f} of the Arabic length")]
    fault = "too short" if ratio < low else "too long"
    return [_failed("length", f"{fault}: {ratio:.2f} of the Arabic length")]
