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

import codecs
import io
import json
import logging
import re
import statistics
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from summarizer.arabic import normalize
from summarizer.errors import ReadError
from summarizer.metadata import parse_date
from summarizer.zipped import has_word_document, is_other_document

logger = logging.getLogger(__name__)

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

#: Elements of a page that the article extraction is given. News pages have 500-5,000; trafilatura's time is
#: quadratic in the worst pages (2 s at this size, 45 s at 20,000). Larger pages get a plain, linear reading.
HTML_MAX_ELEMENTS: Final = 6_000
#: A page with less text beside its title is a list, a consent form or a page that failed to parse.
HTML_MIN_CHARS: Final = 60
#: Attributes of one tag; real pages stay below 60.
HTML_MAX_ATTRIBUTES: Final = 200
#: Bytes that a .docx may unpack to, and parts that it may have. Pictures count: ten large photographs fit.
DOCX_MAX_BYTES: Final = 64_000_000
DOCX_MAX_PARTS: Final = 2_000
DOCX_MAX_XML_BYTES: Final = 16_000_000
PDF_MAX_PAGES: Final = 300
#: Records in one JSON file, and how deep lists of records may be nested.
JSON_MAX_RECORDS: Final = 10_000


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


# --- encodings ----------------------------------------------------------------------------------

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


# --- Markdown -----------------------------------------------------------------------------------

_FRONT_MATTER: Final = re.compile(
    r"\A---[ \t]*\n(?P<fields>.{0,5000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FIELD: Final = re.compile(r"^(?P<key>[\w-]{1,30})[ \t]*:[ \t]*(?P<value>\S.{0,500})$", re.MULTILINE)
_MARKDOWN: Final = (
    (re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n]*$", re.MULTILINE), ""),  # fences
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+([^\n]*?)[ \t]*#*[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"(?<=\S)\n[ \t]{0,3}(?:={2,}|-{2,})[ \t]*$", re.MULTILINE), ""),  # underlined headings
    (
        re.compile(r"^[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE),
        "",
    ),  # rules
    (re.compile(r"^[ \t]{0,3}(?:>[ \t]?){1,5}", re.MULTILINE), ""),  # quotations
    (re.compile(r"<!--[^>]{0,2000}-->|</?[a-zA-Z][^<>\n]{0,500}>"), ""),
    (
        re.compile(r"!\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:[ \t]+\"[^\"\n]{0,300}\")?\)"),
        r"\1",
    ),  # pictures
    (re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\s]{0,2000}(?:[ \t]+\"[^\"\n]{0,300}\")?\)"), r"\1"),  # links
    (re.compile(r"\[([^\[\]\n]{1,500})\]\[[^\[\]\n]{0,100}\]"), r"\1"),
    (re.compile(r"^[ \t]{0,3}\[[^\[\]\n]{1,100}\]:[ \t]+\S+[^\n]{0,300}$", re.MULTILINE), ""),  # link targets
    (re.compile(r"(\*{1,3}|_{2,3}|~~|`{1,2})(?=\S)([^\n*_`~]{1,2000}?)(?<=\S)\1"), r"\2"),  # emphasis, code
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])"), r"\1"),  # escapes
)


def read_markdown(text: str) -> Article:
    """Return the words of a Markdown text; the fields of its front matter, or its first heading as the title."""
    fields: dict[str, Any] = {}
    front = _FRONT_MATTER.match(text)
    if front is not None:
        fields = {m["key"].lower(): m["value"].strip().strip("\"'") for m in _FIELD.finditer(front["fields"])}
        text = text[front.end() :]
    heading = re.match(r"\s{0,200}#[ \t]+([^\n]{1,300}?)[ \t]*#*[ \t]*(?:\n|\Z)", text)
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    article = _from_fields(fields, text=text.strip("\n"))
    if article.title is None and heading is not None:
        title = heading[1]
        for pattern, replacement in _MARKDOWN:
            title = pattern.sub(replacement, title)
        article = replace(article, title=title.strip() or None)
    return article


# --- JSON ---------------------------------------------------------------------------------------

#: Names that news APIs, scrapers and corpora give to the same fields, best first.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "body", "content", "article", "articlebody", "article_body", "full_text", "fulltext", "document",
             "story", "نص", "النص"),
    "title": ("title", "headline", "name", "العنوان", "عنوان"),
    "source": ("source", "outlet", "publisher", "site", "sitename", "site_name", "newspaper", "المصدر", "مصدر"),
    "published": ("published", "date", "datetime", "published_at", "publishedat", "pubdate", "date_published",
                  "datepublished", "publish_date", "timestamp", "created_at", "التاريخ", "تاريخ"),
    "url": ("url", "link", "href", "canonical_url", "الرابط"),
}  # fmt: skip
_LISTS: Final = ("articles", "documents", "items", "data", "results", "records", "news", "entries")


def read_json(text: str) -> tuple[list[Article], list[Problem]]:
    """Return the records of a JSON text: one object, a list, or an object that holds a list of them."""
    plain = _parse_json(text)
    records = _records(plain)
    if len(records) > JSON_MAX_RECORDS:
        raise ReadError(f"more than {JSON_MAX_RECORDS:,} records in one file", code="too_large")
    articles: list[Article] = []
    problems: list[Problem] = []
    for number, record in enumerate(records, 1):
        _take(record, number, articles, problems)
    if not records:
        raise ReadError("no records in the JSON", code="empty")
    return articles, problems


def read_jsonl(text: str) -> tuple[list[Article], list[Problem]]:
    """Return one record per line; a line that is none becomes a ``Problem`` with its number (from 1)."""
    articles: list[Article] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(articles) + len(problems) >= JSON_MAX_RECORDS:
            raise ReadError(f"more than {JSON_MAX_RECORDS:,} records in one file", code="too_large")
        try:
            record = _parse_json(line)
        except ReadError as error:
            problems.append(Problem(number=number, code=error.code, message=str(error)))
        else:
            _take(record, number, articles, problems)
    if not articles and not problems:
        raise ReadError("no records in the file", code="empty")
    return articles, problems


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        detail = (
            error.msg + f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "too deep"
        )
        raise ReadError(f"not JSON ({detail})", code="malformed" if text.strip() else "empty") from error


def _records(plain: Any) -> list[Any]:
    if isinstance(plain, list):
        return plain
    if isinstance(plain, dict) and not _field(plain, "text"):
        for name in _LISTS:
            if isinstance(plain.get(name), list):
                return list(plain[name])
    return [plain]


def _take(record: Any, number: int, articles: list[Article], problems: list[Problem]) -> None:
    if isinstance(record, str):
        record = {"text": record}
    text = _text(_field(record, "text")) if isinstance(record, dict) else None
    if text is None:
        problem = Problem(
            number=number, code="malformed", message="no text (one of: text, body, content, article)"
        )
        problems.append(problem)
        return
    if LOOKS_LIKE_HTML.search(text):
        text = plain_html(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    articles.append(replace(_from_fields(record, text=text), number=number))


def _field(record: Mapping[str, Any], name: str) -> Any:
    lowered = {key.lower(): value for key, value in record.items() if isinstance(key, str)}
    for key in _FIELDS[name]:
        if lowered.get(key) not in (None, "", [], {}):
            return lowered[key]
    return None


def _text(value: Any) -> str | None:
    """Return a field as text: itself, the lines of a list, or the name in ``{"id": ..., "name": ...}``."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("title") or value.get("text"))
    return None


def _from_fields(record: Mapping[str, Any], *, text: str) -> Article:
    title, source, url = (_text(_field(record, name)) for name in ("title", "source", "url"))
    return Article(
        text=text,
        title=_one_line(title),
        source=_one_line(source),
        published=parse_date(_field(record, "published")),
        url=url.strip() if url and re.match(r"https?://\S{1,2000}$", url.strip()) else None,
    )


def _one_line(text: str | None, *, width: int = 500) -> str | None:
    line = " ".join(text.split()) if text else ""
    return line if 0 < len(line) <= width else None


# --- HTML ---------------------------------------------------------------------------------------

LOOKS_LIKE_HTML: Final = re.compile(
    r"</(?:p|div|span|a|b|strong|em|h[1-6]|li|article)>|<(?:p|br)\s*/?>", re.IGNORECASE
)
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_PROLOGUE: Final = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!DOCTYPE[^>\[]{0,500}\[.{0,20000}?\]\s*>)?",
    re.DOTALL | re.IGNORECASE,
)
_UNREAD: Final = frozenset(
    "script style noscript template iframe object embed svg math canvas form button select textarea head nav aside".split()
)
_BLOCKS: Final = frozenset(
    "p div section article main header footer h1 h2 h3 h4 h5 h6 li ul ol table tr td th blockquote pre figure"
    " figcaption br hr dl dt dd address".split()
)


def read_html(data: bytes, *, url: str | None = None, encoding: str | None = None) -> Article:
    """Return the article of a page by trafilatura, with the title, outlet, date and address the page declares."""
    charset = _META_CHARSET.search(data[:4096])
    text = decode(data, declared=encoding or (charset[1].decode("ascii") if charset else None))
    tree = _parse_html(text)
    if tree is None:
        raise ReadError("the page is empty", code="empty")
    declared = _declared_metadata(tree)
    if sum(1 for _ in tree.iter()) > HTML_MAX_ELEMENTS:
        logger.info(
            "a page of more than %d elements is read without looking for its article", HTML_MAX_ELEMENTS
        )
        return replace(declared, text=_text_of(tree), url=url)
    extracted = _extract(tree, url)
    if (
        extracted is None
        or _body_length(extracted.text or "", (extracted.title, declared.title)) < HTML_MIN_CHARS
    ):
        raise ReadError("no article was found on the page", code="empty")
    return Article(
        text=extracted.text,
        title=_one_line(extracted.title) or declared.title,
        source=_one_line(declared.source or extracted.sitename),
        published=declared.published or parse_date(extracted.date),
        url=url or declared.url,
    )


def _body_length(text: str, titles: tuple[str | None, ...]) -> int:
    """Return the characters of ``text`` without the lines that repeat a title."""
    known = {_one_line(title) for title in titles}
    return sum(len(line) for line in text.split("\n") if _one_line(line) not in known)


def _parse_html(text: str) -> Any:
    """Parse a page with libxml2: no network, no entities of its own, no depth or size beyond its limits."""
    from lxml import etree, html  # type: ignore[import-untyped, unused-ignore]

    check_attributes(text)
    text = _PROLOGUE.sub("", text, count=1)
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        return html.document_fromstring(_ILLEGAL.sub("", text).encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        logger.debug("no HTML: %s", error)
        return None


def check_attributes(text: str) -> None:
    """Refuse tags with hundreds of attributes: libxml2 compares each with all before it (300,000 take minutes)."""
    position = 0
    while (tag := _TAG.search(text, position)) is not None:
        position = tag.end()
        count = 0
        while (attribute := _ATTRIBUTE.match(text, position)) is not None:
            position = attribute.end()
            count += 1
            if count > HTML_MAX_ATTRIBUTES:
                raise ReadError(f"more than {HTML_MAX_ATTRIBUTES} attributes on one tag", code="malformed")
        if tag[1].lower() in ("script", "style"):
            end = text.find("</", position)
            position = len(text) if end < 0 else end


_TAG: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})")
_ATTRIBUTE: Final = re.compile(r"[\s/]*[^\s/>=][^\s/>=]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?")
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def _extract(tree: Any, url: str | None) -> Any:
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise ReadError(
            "reading web pages needs trafilatura and lxml_html_clean: pip install trafilatura lxml_html_clean",
            code="unsupported",
        ) from error
    try:
        return bare_extraction(
            tree,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            deduplicate=False,  # it drops words next to Arabic commas
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        raise ReadError("the page cannot be parsed", code="malformed") from error


def _declared_metadata(tree: Any) -> Article:
    """Return what the page's header declares: Open Graph and its like."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        content = _one_line(element.get("content"))
        if content is not None:
            found.setdefault(name, content)
    title = next((_one_line(element.text) for element in tree.iter("title")), None)
    dates = (
        "article:published_time",
        "datepublished",
        "og:published_time",
        "date",
        "dc.date",
        "pubdate",
        "publishdate",
    )
    published = next((parse_date(found[name]) for name in dates if name in found), None)
    return Article(
        text="",
        title=found.get("og:title") or title,
        source=found.get("og:site_name") or found.get("application-name"),
        published=published,
        url=found.get("og:url") if re.match(r"https?://", found.get("og:url", "")) else None,
    )


def plain_html(text: str) -> str:
    tree = _parse_html(f"<html><body>{text}</body></html>")
    return text if tree is None else _text_of(tree)


def _text_of(tree: Any) -> str:
    """Return all running text of a tree, a line for each block. One pass, no recursion."""
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    pieces: list[str] = []
    unread = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        skipped = element.tag in _UNREAD
        if event == "start":
            unread += skipped
            if element.tag in _BLOCKS:
                pieces.append("\n")
            if not unread and element.text:
                pieces.append(re.sub(r"\s+", " ", element.text))
        else:
            unread -= skipped
            if element.tag in _BLOCKS:
                pieces.append("\n")
            if not unread and element.tail:
                pieces.append(re.sub(r"\s+", " ", element.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


# --- Word ---------------------------------------------------------------------------------------

_XML_PARTS: Final = (".xml", ".rels")
#: What python-docx, lxml, zipfile and pypdf raise on damaged or hostile files; none documents all of it.
_DAMAGE: Final = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError,
    NotImplementedError, OSError, EOFError, LookupError, RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error,
    struct.error,
)  # fmt: skip


def read_docx(data: bytes) -> Article:
    """Return the paragraphs and table cells of a Word file; a paragraph of style Title is the title."""
    _check_zip(data)
    import docx
    from docx.opc.exceptions import OpcError

    try:
        blocks = list(_docx_blocks(docx.Document(io.BytesIO(data))))
    except (OpcError, *_DAMAGE) as error:
        raise ReadError("a damaged Word file", code="malformed") from error
    title = next((text for text, style in blocks if style == "Title" and text.strip()), None)
    return Article(text="\n".join(text for text, _ in blocks).strip("\n"), title=_one_line(title))


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
    except _DAMAGE as error:
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


# --- PDF ----------------------------------------------------------------------------------------

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
    except (PyPdfError, *_DAMAGE) as error:
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
