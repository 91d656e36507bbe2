"""What every reader gives: an article, and what went wrong with a part of a file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

#: What python-docx, lxml, zipfile and pypdf raise on damaged or hostile files; none documents all of it.
DAMAGE: Final = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError,
    NotImplementedError, OSError, EOFError, LookupError, RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error,
    struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Text as it was read, and what the format says about it. ``number`` is its line or place in the file."""

    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None
    url: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A part of a file that could not be read while the rest could."""

    number: int
    code: str
    message: str


def one_line(text: str | None, *, width: int = 500) -> str | None:
    line = " ".join(text.split()) if text else ""
    return line if 0 < len(line) <= width else None
