"""RSS, Atom and JSON Feed -> entries: what a feed says about each report, and as much of its text as it carries.

``parse_feed`` reads bytes and touches no network: whoever has a URL fetches it with ``fetch.Fetcher`` first. A feed is
a stranger's file, so before feedparser sees it the bytes are decoded as everywhere (``formats.decode``), the document
type with its entities is dropped, and libxml2 repairs what is not well-formed, in linear time. feedparser's own
lenient parser, whose time is quadratic in garbage, and its HTML clean-up are never reached.

Titles and texts come back as plain text. Dates are ISO 8601, read by ``metadata.parse_date`` (RFC 2822, ISO, Arabic
month names), then by feedparser; a date that neither can read, or of an impossible year, is None.
"""

from __future__ import annotations

import calendar
import html
import html.entities
import io
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

from summarizer.errors import ReadError
from summarizer.escape import safe_url
from summarizer.formats import LOOKS_LIKE_HTML, Article, check_attributes, decode, plain_html
from summarizer.metadata import YEARS, parse_date

logger = logging.getLogger(__name__)

#: Bytes of a feed. Those of news outlets have 0.02-2 MB; full-text archives some more.
FEED_LIMIT_BYTES: Final = 8_000_000
#: Elements of a feed: 2,000 entries of 50, which feedparser reads in 3 s.
FEED_MAX_ELEMENTS: Final = 100_000
#: Characters of a title; longer ones are cut, for they are texts in the wrong place.
TITLE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One report of a feed. ``text`` is plain, one paragraph a line, and empty where the feed carries none."""

    id: str | None  # what the feed itself calls the entry (guid, atom:id)
    url: str | None  # absolute http(s)
    title: str | None
    text: str
    complete: bool  # ``text`` is the entry's content; else its summary, and the report stands at ``url``
    published: str | None  # ISO date or date-time; where missing, the day of the last change
    source: str | None  # the outlet: the entry's own source (aggregators), else the feed's title

    @property
    def article(self) -> Article:
        """The entry as ``ingest`` takes it."""
        return Article(
            text=self.text, title=self.title, source=self.source, published=self.published, url=self.url
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, its entries in its own order, each once."""

    title: str | None
    url: str | None  # the site it belongs to
    language: str | None
    entries: tuple[FeedEntry, ...]


def parse_feed(data: bytes, *, url: str | None = None, encoding: str | None = None) -> Feed:
    """Return the feed in ``data``; ``url`` is where it came from (relative links), ``encoding`` a declared charset.

    Raises ``ReadError``: ``too_large``, ``empty``, ``malformed`` where it is no feed, and those of ``decode``.
    """
    if len(data) > FEED_LIMIT_BYTES:
        raise ReadError(
            f"a feed of {len(data) / 1e6:.1f} MB; at most {FEED_LIMIT_BYTES / 1e6:g} MB are read",
            code="too_large",
        )
    if not data.strip():
        raise ReadError("the feed is empty", code="empty")
    declared = _XML_ENCODING.match(data[:200].removeprefix(b"\xef\xbb\xbf"))
    text = decode(data, declared=encoding or (declared[1].decode("ascii") if declared else None)).lstrip(
        "\ufeff \t\r\n"
    )
    return _json_feed(text, url) if text.startswith("{") else _xml_feed(text, url)


_XML_ENCODING: Final = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")


# --- RSS and Atom -------------------------------------------------------------------------------

_FEED_ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel"})
_PROLOGUE: Final = re.compile(r"\A(?:<\?[^>]{0,1000}\?>|<!--.{0,5000}?-->|\s)*", re.DOTALL)
_DOCTYPE: Final = re.compile(
    r"<!DOCTYPE[^>\[]{0,1000}(?:\[(?:[^\]\"']|\"[^\"]{0,10000}\"|'[^']{0,10000}')*+\]\s*)?>", re.IGNORECASE
)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)?")
_XML_REFERENCES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
#: Prefixes that feeds use without declaring them.
_NAMESPACES: Final[Mapping[str, str]] = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}


def _xml_feed(text: str, url: str | None) -> Feed:
    import feedparser  # type: ignore[import-untyped, unused-ignore]

    root = _well_formed(text)
    headers = {"content-location": url} if url else {}
    try:
        parsed = feedparser.parse(
            io.BytesIO(root),
            response_headers={**headers, "content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        outlet = _line(parsed.feed.get("title"))
        site = _address(parsed.feed.get("link"), url)
        entries = [_xml_entry(each, outlet=outlet, base=site or url) for each in parsed.entries]
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ReadError("the feed cannot be parsed", code="malformed") from error
    return Feed(title=outlet, url=site, language=_line(parsed.feed.get("language")), entries=_once(entries))


def _well_formed(text: str) -> bytes:
    """Return the feed's XML repaired: no document type, known references and prefixes only, tags that close.

    Raises ``ReadError`` (``malformed``, ``too_large``). What comes back is well-formed, so feedparser reads it once.
    """
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    start = _PROLOGUE.match(text)
    check_attributes(text)
    text = _DOCTYPE.sub("", text[start.end() if start else 0 :], count=1)
    text = _REFERENCE.sub(_character, _NOT_XML.sub("", text))
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8"), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("not a feed (RSS, Atom or JSON Feed)", code="malformed") from error
    if root is None or etree.QName(root).localname.lower() not in _FEED_ROOTS:
        raise ReadError("not a feed (RSS, Atom or JSON Feed)", code="malformed")
    for number, element in enumerate(root.iter(etree.Element)):
        if number >= FEED_MAX_ELEMENTS:
            raise ReadError(f"a feed of more than {FEED_MAX_ELEMENTS:,} elements", code="too_large")
        _mend_names(element)
    return bytes(etree.tostring(root, encoding="utf-8"))


def _character(match: re.Match[str]) -> str:
    """Return a named character of HTML as itself, what XML names as it is, and a bare ``&`` escaped."""
    name = match[1]
    if name in _XML_REFERENCES:
        return match[0]
    if name is None:
        return "&" if match.string[match.end() : match.end() + 1] == "#" else "&amp;"
    return html.entities.html5.get(name, f"&amp;{name}")


def _mend_names(element: Any) -> None:
    """Give undeclared prefixes their usual namespace, and take names away that expat would stumble on."""
    if not element.tag.startswith("{"):
        prefix, colon, local = element.tag.rpartition(":")
        if colon:
            known = _NAMESPACES.get(prefix)
            element.tag = f"{{{known}}}{local}" if known and local.isascii() else "unknown"
    if not element.tag.isascii():
        element.tag = "unknown"
    for name in element.attrib:
        if not name.isascii() or (":" in name and not name.startswith("{")):
            del element.attrib[name]


def _xml_entry(entry: dict[str, Any], *, outlet: str | None, base: str | None) -> FeedEntry:
    contents = [_plain(each.get("value"), each.get("type")) for each in entry.get("content", ())]
    detail = entry.get("summary_detail") or {}
    summary = _plain(entry.get("summary"), detail.get("type"))
    # Some feeds put a shorter text into content:encoded than into the description: the longer one is the report.
    content = max(contents, key=len, default="")
    source = entry.get("source") or {}
    return FeedEntry(
        id=_line(entry.get("id")),
        url=_address(entry.get("link"), base),
        title=_line(entry.get("title")),
        text=content if len(content) >= len(summary) else summary,
        complete=bool(content) and len(content) >= len(summary),
        published=_first_date(entry, ("published", "created", "updated")),
        source=_line(source.get("title")) or outlet,
    )


#: What .NET writes for "no date". RFC 2822 has it that this means 2001.
_YEAR_ONE: Final = re.compile(r"(?<![+\-0-9])0001\b")


def _first_date(entry: dict[str, Any], names: Iterable[str]) -> str | None:
    for name in names:
        # Past feedparser's own ``get``, which answers ``updated`` with ``published`` and warns that it will not.
        written = dict.get(entry, name)
        if isinstance(written, str) and _YEAR_ONE.search(written):
            continue
        found, parsed = _date(written), dict.get(entry, f"{name}_parsed")
        if found is None and parsed is not None and YEARS[0] <= parsed.tm_year <= YEARS[1]:
            found = datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC).isoformat()
        if found is not None:
            return found
    return None


# --- JSON Feed ----------------------------------------------------------------------------------


def _json_feed(text: str, url: str | None) -> Feed:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError("the JSON Feed is not JSON", code="malformed") from error
    if not isinstance(plain, dict) or "jsonfeed.org/version" not in str(plain.get("version")):
        raise ReadError("not a feed (RSS, Atom or JSON Feed)", code="malformed")
    items = plain.get("items")
    if not isinstance(items, list):
        raise ReadError("a JSON Feed without items", code="malformed")
    outlet, site = _line(plain.get("title")), _address(plain.get("home_page_url"), url)
    entries = [
        _json_entry(item, outlet=outlet, base=site or url)
        for item in items[:FEED_MAX_ELEMENTS]
        if isinstance(item, dict)
    ]
    return Feed(title=outlet, url=site, language=_line(plain.get("language")), entries=_once(entries))


def _json_entry(item: Mapping[str, Any], *, outlet: str | None, base: str | None) -> FeedEntry:
    content = _plain(item.get("content_text"), "text/plain") or _plain(item.get("content_html"), "text/html")
    identifier = item.get("id")
    return FeedEntry(
        id=_line(str(identifier)) if isinstance(identifier, str | int) else None,
        url=_address(item.get("url"), base) or _address(item.get("external_url"), base),
        title=_line(item.get("title")),
        text=content or _plain(item.get("summary"), "text/plain"),
        complete=bool(content),
        published=_date(item.get("date_published")) or _date(item.get("date_modified")),
        source=outlet,
    )


# --- values -------------------------------------------------------------------------------------

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--.{0,2000}?-->", re.DOTALL)


def _line(value: object) -> str | None:
    """Return a title as one line of plain text; tags go, references become characters (feeds escape them twice)."""
    if not isinstance(value, str):
        return None
    text = html.unescape(_TAG.sub(" ", html.unescape(value[: 20 * TITLE_LIMIT])))
    return " ".join(_NOT_XML.sub("", text).split())[:TITLE_LIMIT].strip() or None


def _plain(value: object, kind: str | None) -> str:
    """Return a text as paragraphs, one a line; HTML where the feed calls it so or it looks so."""
    if not isinstance(value, str):
        return ""
    value = _NOT_XML.sub("", value)
    if LOOKS_LIKE_HTML.search(value) or (kind != "text/plain" and ("<" in value or "&" in value)):
        value = plain_html(value)
    lines = (" ".join(line.split()) for line in value.splitlines())
    return "\n".join(line for line in lines if line)


def _date(value: object) -> str | None:
    found = parse_date(value) if isinstance(value, str | int | float) else None
    return found if found is not None and YEARS[0] <= int(found[:4]) <= YEARS[1] else None


def _address(value: object, base: str | None) -> str | None:
    """Return an absolute http(s) address, or None."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return safe_url(urljoin(base or "", value.strip()))
    except ValueError:
        return None


def _once(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Return each entry once, the first of those that the feed gives one id (or, without an id, one address)."""
    seen: dict[object, FeedEntry] = {}
    for entry in entries:
        seen.setdefault(entry.id or entry.url or (entry.title, entry.text), entry)
    return tuple(seen.values())
