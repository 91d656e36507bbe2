"""The paragraphs of a Word file; a zip bomb is refused by what it declares."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from summarizer.errors import ReadError
from summarizer.formats.article import DAMAGE, Article, one_line

#: Bytes that a .docx may unpack to, and parts that it may have. Pictures count: ten large photographs fit.
DOCX_MAX_BYTES: Final = 64_000_000
DOCX_MAX_PARTS: Final = 2_000
DOCX_MAX_XML_BYTES: Final = 16_000_000

_XML_PARTS: Final = (".xml", ".rels")


def read_docx(data: bytes) -> Article:
    """Return the paragraphs and table cells of a Word file; a paragraph of style Title is the title."""
    _check_zip(data)
    import docx
    from docx.opc.exceptions import OpcError

    try:
        blocks = list(_docx_blocks(docx.Document(io.BytesIO(data))))
    except (OpcError, *DAMAGE) as error:
        raise ReadError("a damaged Word file", code="malformed") from error
    title = next((text for text, style in blocks if style == "Title" and text.strip()), None)
    return Article(text="\n".join(text for text, _ in blocks).strip("\n"), title=one_line(title))


def _docx_blocks(document: Any) -> Iterator[tuple[str, str]]:
    """Yield ``(text, style)`` in reading order; the cells of a table row make one line."""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                yield "\t".join(dict.fromkeys(cell.text.strip() for cell in row.cells)), "Table"
        else:
            yield block.text, block.style.name if block.style is not None else ""


def _check_zip(data: bytes) -> None:
    """Refuse bombs by what the archive declares; zipfile reads no more of a part than it declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except DAMAGE as error:
        raise ReadError("a damaged Word file", code="malformed") from error
    if "word/document.xml" not in {part.filename for part in parts}:
        raise ReadError("an archive, not a Word file", code="binary")
    text_bytes = sum(part.file_size for part in parts if part.filename.lower().endswith(_XML_PARTS))
    if (
        len(parts) > DOCX_MAX_PARTS
        or sum(part.file_size for part in parts) > DOCX_MAX_BYTES
        or text_bytes > DOCX_MAX_XML_BYTES
    ):
        raise ReadError("the Word file unpacks to more than a document's size", code="too_large")
    if any(part.flag_bits & 1 for part in parts):
        raise ReadError("the file is encrypted; save it without a password", code="encrypted")
