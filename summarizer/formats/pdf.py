"""The text of a PDF: glyphs to letters, lines to paragraphs, and pages drawn in visual order turned round."""

from __future__ import annotations

import io
import re
import statistics
import unicodedata
from typing import Final

from summarizer.arabic import normalize
from summarizer.errors import ReadError
from summarizer.formats.article import DAMAGE, Article

PDF_MAX_PAGES: Final = 300

#: A line shorter than this share of the usual line ends a paragraph, if it also ends a sentence.
_SHORT_LINE: Final = 0.75
#: Frequent words that are no words when their letters are turned round.
_FORWARD: Final = frozenset(map(normalize, "في من على إلى أن عن التي الذي مع هذا هذه بعد".split()))
_BACKWARD: Final = frozenset(word[::-1] for word in _FORWARD)
_LEFT_TO_RIGHT: Final = re.compile(
    r"[A-Za-z0-9\u0660-\u0669\u06f0-\u06f9][A-Za-z0-9\u0660-\u0669\u06f0-\u06f9.,:/%@_٫٬+\-]*"
)
_MIRRORED: Final = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def read_pdf(data: bytes) -> Article:
    """Return the text of a PDF, paragraph by paragraph. Scanned pages have none (code ``empty``)."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("the PDF is encrypted; save it without a password", code="encrypted")
        if len(reader.pages) > PDF_MAX_PAGES:
            raise ReadError(f"a PDF of more than {PDF_MAX_PAGES} pages", code="too_large")
        pages = [page.extract_text() for page in reader.pages]
    except DependencyError as error:
        raise ReadError("the PDF is encrypted; save it without a password", code="encrypted") from error
    except (PyPdfError, *DAMAGE) as error:
        raise ReadError("a damaged PDF", code="malformed") from error
    text = _from_glyphs("\n".join(pages))
    if not text.strip():
        raise ReadError("the PDF holds pictures of text, no text", code="empty")
    return Article(text=_paragraphs(_forwards(text)))


def _from_glyphs(text: str) -> str:
    """Turn presentation forms (ﻻ) into letters: they are how a PDF draws, not what was written."""
    return "".join(
        unicodedata.normalize("NFKC", character)
        if "\ufb50" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc"
        else character
        for character in text.replace("\x00", "")
    )


def _forwards(text: str) -> str:
    """Turn the lines of a text round whose frequent words stand in it backwards."""
    words = normalize(text).split()
    if sum(word in _BACKWARD for word in words) <= sum(word in _FORWARD for word in words):
        return text
    return "\n".join(_turn(line) for line in text.split("\n"))


def _turn(line: str) -> str:
    """Reverse a line drawn in visual order; numbers and Latin words keep theirs."""
    turned = line[::-1].translate(_MIRRORED)
    return _LEFT_TO_RIGHT.sub(lambda match: match[0][::-1], turned)


def _paragraphs(text: str) -> str:
    """Join the lines that a page's width broke. A paragraph ends at a blank line or a short line with a stop."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    width = statistics.median_high([len(line) for line in lines if line] or [0])
    joined: list[str] = []
    open_line = False
    for line in lines:
        if not line:
            open_line = False
            continue
        if open_line:
            joined[-1] += " " + line
        else:
            joined.append(line)
        open_line = not _closes(line, width)
    return "\n".join(joined)


def _closes(line: str, width: float) -> bool:
    if len(line) < _SHORT_LINE * width:
        return True  # a heading, or the last line of a paragraph
    return line.endswith((".", "؟", "!")) and len(line) < 0.95 * width
