"""Bytes to text: which encoding they are in, and whether they are text at all."""

from __future__ import annotations

import codecs
import re
from typing import Final

from summarizer.errors import ReadError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Bytes looked at for the signs of an encoding.
_SAMPLE: Final = 65_536
#: In UTF-16 Arabic, every other byte is 0x06 (letters) or 0x00 (spaces, Latin); in other encodings few bytes are.
_UTF16_SHARE: Final = 0.6
#: Control characters per character above which decoded text is no text. SUB (0x1A) is not among them: newspapers' systems
#: leave one where a quotation mark was (2 of 1,543 reports of a day of SaudiNewsNet).
_CONTROL_SHARE: Final = 0.001
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
#: Arabic letters among all letters, and frequent words among all words, that show a right guess of a code page.
_PLAUSIBLE_LETTERS: Final = 0.6
_PLAUSIBLE_WORDS: Final = 0.04
_FREQUENT: Final = frozenset(
    "في من على إلى الى أن ان عن التي الذي مع ما لا هذا هذه بعد كما قال وقال كان".split()
)
#: UTF-8 read as windows-1256 (ط§ظ„) or as Latin-1 (Ø§Ù„) and saved so: every other character is one of a pair.
_MOJIBAKE: Final = re.compile(
    r"[طظ][\u0080-\u00ff\u2010-\u2030\u0152-\u0192\u20ac\u2122\u0679-\u06d2]|[ØÙ][\u0080-\u00ff\u2010-\u2122\u0152-\u0192]"
)
_MOJIBAKE_SHARE: Final = 0.2


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Return ``data`` as text with ``\\n`` line ends: UTF-8, UTF-16, UTF-32 or windows-1256 (or ISO 8859-6).

    In order: a byte order mark, ``declared`` (the charset a server or page names), strict UTF-8, UTF-16 by its
    pattern of bytes, and an Arabic code page whose result reads like Arabic. Raises ``ReadError``: ``binary`` where
    the bytes are no text, ``encoding`` where they are text that cannot be read, or was damaged before it came.
    """
    text = _decode(data, declared)
    controls = len(_CONTROLS.findall(text))
    if "\x00" in text or controls > max(2, _CONTROL_SHARE * len(text)):
        raise ReadError("binary data, not text", code="binary")
    if 2 * len(_MOJIBAKE.findall(text[:_SAMPLE])) > _MOJIBAKE_SHARE * len(text[:_SAMPLE]):
        raise ReadError(
            "the text was once decoded wrongly (ط§ظ„ or Ø§Ù„ for ال); get it again from where it came",
            code="encoding",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, declared: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name)
    if declared is not None and (text := _declared(data, declared)) is not None:
        return text
    wide = _utf16(data)
    if wide is not None:
        return _strictly(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\x00" in data:
            raise ReadError("binary data, not text", code="binary") from error
        text = _code_page(data)
        if text is None:
            raise ReadError(
                f"neither UTF-8 (broken at byte {error.start}), UTF-16 nor windows-1256 text; save it as UTF-8",
                code="encoding",
            ) from error
        return text


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise ReadError(f"broken {name.upper()} text at byte {error.start}", code="encoding") from error


def _declared(data: bytes, name: str) -> str | None:
    """Decode by a declared charset; None where it is unknown or does not fit (declarations are often wrong)."""
    try:
        found = codecs.lookup(name).name
        if found in ("iso8859-1", "cp1252", "ascii") or not codecs.lookup(name)._is_text_encoding:
            return None  # what servers declare when nobody told them
        return data.decode(found).removeprefix("\ufeff")
    except (LookupError, UnicodeError, AttributeError):
        return None


def _utf16(data: bytes) -> str | None:
    """Tell whether text without a byte order mark is UTF-16, and which."""
    sample = data[: _SAMPLE // 2 * 2]
    if len(sample) < 4 or len(data) % 2:
        return None
    for high, name in ((sample[1::2], "utf-16-le"), (sample[0::2], "utf-16-be")):
        low = sample[0::2] if name == "utf-16-le" else sample[1::2]
        marked = high.count(6) + high.count(0)
        if marked >= _UTF16_SHARE * len(high) and low.count(0) <= 0.01 * len(low):
            return name
    return None


def _code_page(data: bytes) -> str | None:
    """Decode by the Arabic code page whose result reads like Arabic; None where neither does."""
    best: tuple[float, str] | None = None
    for name in ("cp1256", "iso8859-6"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        score = _plausibility(text[:_SAMPLE])
        if score is not None and (best is None or score > best[0]):
            best = score, text
    return best[1] if best else None


def _plausibility(text: str) -> float | None:
    """Return the share of frequent Arabic words; None where the text does not read like Arabic."""
    letters = sum(character.isalpha() for character in text)
    arabic = sum("\u0621" <= character <= "\u064a" for character in text)
    words = re.findall(r"\w+", text)
    if not words or arabic < _PLAUSIBLE_LETTERS * letters:
        return None
    frequent = sum(word in _FREQUENT for word in words) / len(words)
    enough = frequent >= _PLAUSIBLE_WORDS or (len(words) < 40 and sum(w.startswith("ال") for w in words) > 0)
    return frequent if enough else None
