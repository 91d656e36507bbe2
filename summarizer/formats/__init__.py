"""Bytes of each format -> text, and what the file says beside it.

``read_as(kind, data, ...)`` returns ``Article`` values: text with title, outlet, date and address where the format
carries them. All readers are for strangers' files: each is bounded in memory and time, raises ``ReadError`` with a
code, and never runs, fetches or follows anything a file names.

What is done to text: line ends become ``\\n``, and nothing else for plain text and JSON. Markdown loses its markup
(a few line patterns; words are kept). HTML keeps what trafilatura takes for the article; its deduplication is off,
for it drops words next to Arabic commas. PDF stores glyphs, not letters: presentation forms become letters, lines
become paragraphs, and pages drawn in visual order are turned round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from summarizer.errors import ReadError
from summarizer.formats.article import Article, Problem
from summarizer.formats.encodings import decode
from summarizer.formats.markdown import read_markdown
from summarizer.formats.pdf import read_pdf
from summarizer.formats.records import read_json, read_jsonl
from summarizer.formats.webpage import LOOKS_LIKE_HTML, check_attributes, plain_html, read_html
from summarizer.formats.word import read_docx
from summarizer.zipped import has_word_document, is_other_document

__all__ = [
    "LOOKS_LIKE_HTML",
    "SUFFIXES",
    "Article",
    "Kind",
    "Problem",
    "check_attributes",
    "decode",
    "kind_of",
    "plain_html",
    "read_as",
    "read_docx",
    "read_html",
    "read_json",
    "read_jsonl",
    "read_markdown",
    "read_pdf",
]

Kind = Literal["text", "markdown", "html", "json", "jsonl", "docx", "pdf", "feed", "zip"]

#: File name endings that are read, and as what.
SUFFIXES: Final[Mapping[str, Kind]] = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".docx": "docx", ".pdf": "pdf",
    ".rss": "feed", ".atom": "feed", ".zip": "zip",
}  # fmt: skip
_MEDIA_TYPES: Final[Mapping[str, Kind]] = {
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "text", "text/markdown": "markdown",
    "application/json": "json", "application/ld+json": "json", "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl", "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/rss+xml": "feed", "application/atom+xml": "feed", "application/rdf+xml": "feed",
    "application/feed+json": "feed", "application/zip": "zip",
}  # fmt: skip


def kind_of(data: bytes, *, suffix: str = "", media_type: str = "") -> Kind:
    """Tell what ``data`` is: by its first bytes where they are a signature, else by type, else by ending.

    Raises ``ReadError``: ``binary`` for pictures, programs and the like, ``unsupported`` for formats not read.
    """
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    declared = _MEDIA_TYPES.get(media_type) or SUFFIXES.get(suffix.lower())
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data, declared)
    if head.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise ReadError("old Word and RTF files are not read; save it as .docx or .txt", code="unsupported")
    if head.startswith(_BINARY_SIGNATURES):
        raise ReadError("a picture, sound, program or archive, not text", code="binary")
    if declared in ("pdf", "docx", "zip"):
        raise ReadError(f"not a {declared} file", code="malformed" if data.strip() else "empty")
    if _FEED_START.match(head) or (head.lstrip().startswith(b"{") and b"//jsonfeed.org/version/" in head):
        return "feed"
    if declared in (None, "text") and _HTML_START.match(head):
        return "html"
    return declared or "text"


def _zip_kind(data: bytes, declared: Kind | None) -> Kind:
    """Tell a Word file from an archive of reports; both are zip files. Raises ``ReadError`` for other documents."""
    if declared == "docx" or has_word_document(data):
        return "docx"
    if is_other_document(data):
        raise ReadError("an office document, e-book or program, not text", code="binary")
    return "zip"


_BINARY_SIGNATURES: Final = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!",
    b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"ID3", b"OggS", b"\x00\x00\x01\x00", b"SQLite format 3", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_HTML_START: Final = re.compile(
    rb"^[\s\xef\xbb\xbf]*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


_FEED_START: Final = re.compile(
    rb"^[\s\xef\xbb\xbf]*(?:<\?xml[^>]{0,200}\?>\s*|<!--.{0,500}?-->\s*|<\?xml-stylesheet[^>]{0,200}\?>\s*"
    rb"|<!DOCTYPE\s+rss[^>]{0,300}>\s*){0,6}<(?:rss|feed|rdf:RDF)[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def read_as(
    kind: Kind, data: bytes, *, url: str | None = None, encoding: str | None = None
) -> tuple[list[Article], list[Problem]]:
    """Return the articles in ``data`` and the parts that could not be read. Raises ``ReadError``.

    Feeds and archives are not of this file: ``feeds`` and ``zipped`` read them, ``ingest`` puts them together.
    """
    if kind == "docx":
        return [read_docx(data)], []
    if kind == "pdf":
        return [read_pdf(data)], []
    if kind == "html":
        return [read_html(data, url=url, encoding=encoding)], []
    text = decode(data, declared=encoding)
    if kind == "markdown":
        return [read_markdown(text)], []
    if kind == "json":
        return read_json(text)
    if kind == "jsonl":
        return read_jsonl(text)
    return [Article(text=text)], []
