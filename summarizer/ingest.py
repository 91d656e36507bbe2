"""Files, folders, URLs and pasted text -> Documents.

``read_sources`` takes anything a user names on a command line and never fails as a whole: a source that cannot be
read becomes one warning, and the others are read. ``read_text`` and ``read_bytes`` read one text and raise.

``Document.text`` is the text as decoded, every character of it, with ``\\n`` line ends; titles and outlets that stand
beside the text (a JSON field, a page's header) are put above it unless it begins with them. What is not news is
marked (``metadata``), never removed.

Pasted text may hold several articles (``paste``): a line of three or more ``-``, ``=`` or ``*`` separates them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from summarizer.arabic import is_arabic, normalize, tokenize
from summarizer.errors import ReadError
from summarizer.feeds import parse_feed
from summarizer.fetch import Fetcher
from summarizer.formats import SUFFIXES, Article, Kind, Problem, decode, kind_of, read_as
from summarizer.metadata import annotate
from summarizer.paste import split_articles
from summarizer.schema import BriefWarning, Document, Mark
from summarizer.zipped import read_zip

logger = logging.getLogger(__name__)

#: Bytes of UTF-8 text that one document may hold: some 200,000 Arabic words. Long reports have 20,000.
DOCUMENT_LIMIT_BYTES: Final = 2_000_000
#: Bytes of one file, page or stdin, whatever its format: pictures in a PDF, many records, many pasted articles.
FILE_LIMIT_BYTES: Final = 32_000_000
#: Formats whose bytes are nearly all text of one document, so that the document limit bounds the file too.
_ONE_TEXT: Final = frozenset({"text", "markdown"})
#: Markup around an article may be this many times its text.
_MARKUP_FACTOR: Final = 4
#: Share of Arabic script among the letters of a report. Low enough for one full of Latin names and quotations.
ARABIC_SHARE: Final = 0.5
#: Function words that Persian, Urdu, Kurdish and Pashto have and Arabic has not, and frequent Arabic ones.
_OTHER_LANGUAGES: Final = frozenset(
    normalize(
        "است که را این برای شده می شود کرد های خود با از است ہے کے میں کی سے نے اور کا یہ دی چې سره ئەو لە بۆ بە کە"
    ).split()
)
_ARABIC_WORDS: Final = frozenset(
    normalize("في من على إلى عن أن إن التي الذي مع هذا هذه لا ما بعد كما قال بين").split()
)
_LANGUAGE_SAMPLE: Final = 20_000

_URL: Final = re.compile(r"^[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
#: Where pasted text comes from; its documents have no name of their own.
STDIN: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What could be read, in the order of the sources, and one warning for each thing that could not."""

    documents: tuple[Document, ...]
    warnings: tuple[BriefWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came over the network: bytes and a name, never a path. ``-`` names what was pasted."""

    name: str
    data: bytes


def read_sources(
    sources: Iterable[str | Upload],
    *,
    stdin: BinaryIO | None = None,
    fetcher: Fetcher | None = None,
    limit_bytes: int = DOCUMENT_LIMIT_BYTES,
) -> Ingested:
    """Read every source: a file, a folder (walked in sorted order, hidden files left out), a URL or ``-`` (stdin).

    An ``Upload`` is read as a file of that name would be, or as stdin where it is named ``-``.

    Nothing is raised for a bad source: it gives one warning, with the code of its ``ReadError`` and its name as
    subject. ``limit_bytes`` bounds the UTF-8 text of one document. ``fetcher`` reads the URLs.
    """
    reader = _Reader(stdin=stdin, fetcher=fetcher, limit_bytes=limit_bytes)
    for source in sources:
        reader.read(source)
    return Ingested(documents=_with_unique_ids(reader.documents), warnings=tuple(reader.warnings))


def nothing_read(warnings: Sequence[BriefWarning]) -> ReadError:
    """Return the error to raise where a run has no document: what was wrong with the first source, and how many more."""
    if not warnings:
        return ReadError("there is nothing to read", code="empty")
    first = f"{warnings[0].subject}: {warnings[0].message}"
    rest = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
    return ReadError(f"no report could be read: {first}{rest}", code=warnings[0].code)


def read_text(text: str, *, origin: str = STDIN, limit_bytes: int = DOCUMENT_LIMIT_BYTES) -> list[Document]:
    """Return the articles of a pasted text, in its order. Raises ``ReadError`` where none can be used.

    Articles that cannot be used beside others that can are logged and left out.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    pieces = [text[start:end] for start, end in split_articles(text)]
    documents: list[Document] = []
    problem: ReadError | None = None
    for number, piece in enumerate(pieces, 1):
        try:
            documents.append(_document(Article(text=piece), origin=origin, limit_bytes=limit_bytes))
        except ReadError as error:
            logger.info("article %d of %s is left out: %s", number, origin, error)
            problem = problem or error
    if not documents:
        raise problem or ReadError(f"{origin}: no text", code="empty")
    return list(_with_unique_ids(documents))


def read_bytes(
    data: bytes,
    *,
    origin: str,
    suffix: str = "",
    media_type: str = "",
    encoding: str | None = None,
    url: str | None = None,
    limit_bytes: int = DOCUMENT_LIMIT_BYTES,
) -> Ingested:
    """Read one file's bytes. ``suffix`` (``.docx``) and ``media_type`` say what it is where its first bytes do not.

    Raises ``ReadError`` where nothing in it can be used. Parts that cannot (a bad line of a JSONL file) are warnings.
    """
    try:
        documents, warnings = _read_bytes(
            data, origin, limit_bytes, suffix=suffix, media_type=media_type, encoding=encoding, url=url
        )
    except ReadError as error:
        raise _named(error, origin) from error
    if not documents:
        raise ReadError(f"{origin}: {warnings[0].message}", code=warnings[0].code)
    return Ingested(documents=_with_unique_ids(documents), warnings=tuple(warnings))


def read_lines(source: str, *, stdin: BinaryIO | None = None) -> list[str]:
    """Return the lines of a text file or of stdin (``-``), empty ones included. Raises ``ReadError``."""
    data = _read_stdin(stdin) if source == STDIN else _read_file(Path(source))
    try:
        text = decode(data)
    except ReadError as error:
        raise _named(error, source) from error
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


# --- sources ------------------------------------------------------------------------------------


class _Reader:
    """Collects the documents and warnings of one run."""

    def __init__(self, *, stdin: BinaryIO | None, fetcher: Fetcher | None, limit_bytes: int) -> None:
        self.documents: list[Document] = []
        self.warnings: list[BriefWarning] = []
        self._stdin, self._fetcher, self._limit = stdin, fetcher, limit_bytes

    def read(self, source: str | Upload) -> None:
        """Read one source, whatever it is."""
        if isinstance(source, Upload):
            self._attempt(source.name, lambda: self._uploaded(source))
        elif source == STDIN:
            self._attempt(STDIN, lambda: self._pasted(_read_stdin(self._stdin)))
        elif _URL.match(source):
            self._attempt(source, lambda: self._page(source))
        else:
            path = Path(source)
            self._attempt(path.name or source, lambda: self._path(path))

    def _attempt(self, origin: str, read: Callable[[], None]) -> None:
        try:
            read()
        except ReadError as error:
            message = str(error).removeprefix(f"{origin}: ")
            self.warnings.append(_warning(origin, error.code, message))

    def _uploaded(self, upload: Upload) -> None:
        if len(upload.data) > FILE_LIMIT_BYTES:
            raise _too_large(upload.name, len(upload.data), FILE_LIMIT_BYTES)
        if upload.name == STDIN:
            self._pasted(upload.data)
        else:
            self._add(upload.data, upload.name, suffix=Path(upload.name).suffix)

    def _pasted(self, data: bytes) -> None:
        kind = kind_of(data)
        if kind != "text":  # a file that was piped in
            self._add(data, STDIN)
            return
        text = decode(data)
        for number, (start, end) in enumerate(pieces := split_articles(text), 1):
            label = f"{STDIN} (article {number})" if len(pieces) > 1 else STDIN
            article = Article(text=text[start:end])
            self._attempt(label, lambda article=article: self._append(article))  # type: ignore[misc]
        if not pieces:
            raise ReadError("no text", code="empty")

    def _append(self, article: Article) -> None:
        self.documents.append(_document(article, origin=STDIN, limit_bytes=self._limit))

    def _page(self, url: str) -> None:
        if self._fetcher is None:
            self._fetcher = Fetcher()
        page = self._fetcher.fetch(url)
        suffix = Path(page.url.partition("?")[0]).suffix
        self._add(
            page.content,
            url,
            suffix=suffix,
            media_type=page.content_type,
            encoding=page.encoding,
            url=page.url,
        )

    def _path(self, path: Path) -> None:
        if path.is_dir():
            found = False
            for file in _walk(path):
                found = True
                self._attempt(file.name, lambda file=file: self._file(file))  # type: ignore[misc]
            if not found:
                raise ReadError(f"a folder without readable files ({', '.join(SUFFIXES)})", code="empty")
        else:
            self._file(path)

    def _file(self, path: Path) -> None:
        self._add(_read_file(path), path.name, suffix=path.suffix)

    def _add(
        self,
        data: bytes,
        origin: str,
        *,
        suffix: str = "",
        media_type: str = "",
        encoding: str | None = None,
        url: str | None = None,
    ) -> None:
        documents, warnings = _read_bytes(
            data, origin, self._limit, suffix=suffix, media_type=media_type, encoding=encoding, url=url
        )
        self.documents.extend(documents)
        self.warnings.extend(warnings)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of a known kind below ``folder``, sorted, hidden ones and links to folders left out."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)


def _read_file(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReadError(f"{path.name}: a folder", code="unsupported")
        if not stat.S_ISREG(status.st_mode):
            raise ReadError(f"{path.name}: not an ordinary file", code="unsupported")
        if status.st_size > FILE_LIMIT_BYTES:
            raise _too_large(path.name, status.st_size, FILE_LIMIT_BYTES)
        with path.open("rb") as file:
            return file.read(FILE_LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise ReadError(f"{path.name}: no such file or folder", code="missing") from error
    except PermissionError as error:
        raise ReadError(f"{path.name}: no permission to read it", code="unreadable") from error
    except (OSError, ValueError) as error:
        raise ReadError(
            f"{_printable(path.name)}: cannot be read ({_reason(error)})", code="unreadable"
        ) from error


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "not a file name"


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)


def _read_stdin(stdin: BinaryIO | None) -> bytes:
    if stdin is None:
        raise ReadError("-: there is no standard input here", code="missing")
    data = stdin.read(FILE_LIMIT_BYTES + 1)
    if len(data) > FILE_LIMIT_BYTES:
        raise _too_large(STDIN, None, FILE_LIMIT_BYTES)
    return data


# --- documents ----------------------------------------------------------------------------------


def _read_bytes(
    data: bytes,
    origin: str,
    limit: int,
    *,
    suffix: str,
    media_type: str,
    encoding: str | None,
    url: str | None,
) -> tuple[list[Document], list[BriefWarning]]:
    """Read one file's bytes into documents and warnings. Raises ``ReadError`` where it cannot be read at all."""
    if not data.strip():
        raise ReadError("the file is empty", code="empty")
    kind = kind_of(data, suffix=suffix, media_type=media_type)
    _check_size(data, kind, limit)
    if kind == "zip":
        return _read_archive(data, limit)
    articles: list[Article]
    problems: list[Problem]
    if kind == "feed":
        articles, problems = _entries(data, url=url, encoding=encoding), []
        url = None  # of the feed, not of its entries
    else:
        articles, problems = read_as(kind, data, url=url, encoding=encoding)
    documents: list[Document] = []
    warnings = [_warning(origin, each.code, _at(kind, each)) for each in problems]
    for article in articles:
        try:
            placed = replace(article, url=article.url or url)
            documents.append(_document(placed, origin=origin, limit_bytes=limit))
        except ReadError as error:
            if len(articles) + len(problems) == 1:
                raise
            reason = str(error).removeprefix(f"{origin}: ")
            problem = Problem(number=article.number or 0, code=error.code, message=reason)
            warnings.append(_warning(origin, error.code, _at(kind, problem)))
    return documents, warnings


def _read_archive(data: bytes, limit: int) -> tuple[list[Document], list[BriefWarning]]:
    """Read the members of a zip archive as the files of a folder are read. Raises ``ReadError``."""
    documents: list[Document] = []
    warnings: list[BriefWarning] = []
    found = False
    for member in read_zip(data):
        if member.suffix not in SUFFIXES:
            continue
        found = True
        try:
            inside = member.read()
            if kind_of(inside, suffix=member.suffix) == "zip":
                raise ReadError("an archive in an archive; unpack it first", code="unsupported")  # noqa: TRY301
            read, noted = _read_bytes(
                inside, member.name, limit, suffix=member.suffix, media_type="", encoding=None, url=None
            )
        except ReadError as error:
            message = str(error).removeprefix(f"{member.name}: ")
            warnings.append(_warning(member.name, error.code, message))
        else:
            documents.extend(read)
            warnings.extend(noted)
    if not found:
        raise ReadError(f"an archive without readable files ({', '.join(SUFFIXES)})", code="empty")
    return documents, warnings


def _entries(data: bytes, *, url: str | None, encoding: str | None) -> list[Article]:
    """Return the entries of a feed as articles, numbered from 1. Raises ``ReadError``, also where it has none."""
    feed = parse_feed(data, url=url, encoding=encoding)
    if not feed.entries:
        raise ReadError("a feed without entries", code="empty")
    return [replace(entry.article, number=number) for number, entry in enumerate(feed.entries, 1)]


def _check_size(data: bytes, kind: Kind, limit: int) -> None:
    """Refuse by size before any parsing. UTF-16 and windows-1256 are never longer than twice their UTF-8."""
    most = FILE_LIMIT_BYTES
    if kind in _ONE_TEXT:
        most = 2 * limit
    elif kind == "html":
        most = _MARKUP_FACTOR * limit
    if len(data) > min(most, FILE_LIMIT_BYTES):
        raise _too_large(None, len(data), limit if kind in _ONE_TEXT else most)


def _document(article: Article, *, origin: str, limit_bytes: int) -> Document:
    """Make a Document of one article. Raises ``ReadError``: ``empty``, ``too_large`` or ``not_arabic``."""
    text, given = _with_heading(article)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit_bytes:
        raise _too_large(origin, size, limit_bytes)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ReadError(f"{origin}: half of a surrogate pair in the text", code="encoding")
    _check_language(text, origin)
    found = annotate(text, title=given)
    return Document(
        id=_identify(article, origin=origin, text=text),
        text=text,
        title=found.title,
        source=article.source or found.source,
        published=article.published or found.published,
        url=article.url,
        origin=origin,
        marks=found.marks if not given else _with_title(text, given, found.marks),
    )


def _with_heading(article: Article) -> tuple[str, str | None]:
    """Return the text with a title that stood beside it put above it, and that title."""
    title = article.title
    if title is None:
        return article.text, None
    start = article.text.lstrip()
    first = " ".join(start[: 2 * len(title) + 100].partition("\n")[0].split())
    if normalize(first) == normalize(title):
        return article.text, title
    return f"{title}\n\n{start}", title


def _with_title(text: str, title: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Mark the first line as the title where the rules took it for something else."""
    if any(mark.kind == "title" for mark in marks):
        return tuple(marks)
    start = len(text) - len(text.lstrip())
    end = start + len(text[start:].partition("\n")[0].rstrip())
    kept = [mark for mark in marks if mark.start >= end]
    return (Mark(start=start, end=end, kind="title"), *kept) if title else tuple(marks)


def _check_language(text: str, origin: str) -> None:
    words = tokenize(text[:_LANGUAGE_SAMPLE])
    if not any(any(character.isalpha() for character in word) for word in words):
        raise ReadError(f"{origin}: no words in it", code="empty")
    if not is_arabic(text, share=ARABIC_SHARE):
        raise ReadError(f"{origin}: not Arabic text", code="not_arabic")
    other = sum(word in _OTHER_LANGUAGES for word in words)
    if other > sum(word in _ARABIC_WORDS for word in words) and other > 0.05 * len(words):
        raise ReadError(
            f"{origin}: Arabic script, but not Arabic (Persian, Urdu or Kurdish?)", code="not_arabic"
        )


def _identify(article: Article, *, origin: str, text: str) -> str:
    """Return an id that depends on what was read and the name it came under, not on where or in which order.

    Pasted text has no name. Fields that a record carries beside its text count as content.
    """
    name = "" if origin == STDIN else article.url or origin
    parts = (name, article.title or "", article.source or "", article.published or "", text)
    return "d" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _with_unique_ids(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Number documents of one id (the same content under the same name): they are alike, so order does not matter."""
    seen: dict[str, int] = {}
    unique = []
    for document in documents:
        count = seen[document.id] = seen.get(document.id, 0) + 1
        unique.append(document if count == 1 else replace(document, id=f"{document.id}-{count}"))
    return tuple(unique)


# --- messages -----------------------------------------------------------------------------------


def _warning(subject: str, code: str, message: str) -> BriefWarning:
    return BriefWarning(subject=subject, on="document", code=code, message=message)


def _at(kind: Kind, problem: Problem) -> str:
    part = {"jsonl": "line", "feed": "entry"}.get(kind, "record")
    return f"{part} {problem.number}: {problem.message}"


def _named(error: ReadError, origin: str) -> ReadError:
    """Return the error with the name of what was read at the front of its message."""
    message = str(error)
    return ReadError(
        message if message.startswith(f"{origin}: ") else f"{origin}: {message}", code=error.code
    )


def _too_large(origin: str | None, size: int | None, limit: int) -> ReadError:
    name = f"{origin}: " if origin else ""
    held = f"{size / 1e6:.1f} MB" if size is not None else f"more than {limit / 1e6:g} MB"
    return ReadError(f"{name}{held}; at most {limit / 1e6:g} MB are read, split it", code="too_large")
