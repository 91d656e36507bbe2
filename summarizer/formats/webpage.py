"""The article of a web page by trafilatura, and what the page declares about it; plain text of HTML fragments."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any, Final

from summarizer.errors import ReadError
from summarizer.formats.article import Article, one_line
from summarizer.formats.encodings import decode
from summarizer.metadata import parse_date

logger = logging.getLogger(__name__)


#: Elements of a page that the article extraction is given. News pages have 500-5,000; trafilatura's time is
#: quadratic in the worst pages (2 s at this size, 45 s at 20,000). Larger pages get a plain, linear reading.
HTML_MAX_ELEMENTS: Final = 6_000
#: A page with less text beside its title is a list, a consent form or a page that failed to parse.
HTML_MIN_CHARS: Final = 60
#: Attributes of one tag; real pages stay below 60.
HTML_MAX_ATTRIBUTES: Final = 200

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
        title=one_line(extracted.title) or declared.title,
        source=one_line(declared.source or extracted.sitename),
        published=declared.published or parse_date(extracted.date),
        url=url or declared.url,
    )


def _body_length(text: str, titles: tuple[str | None, ...]) -> int:
    """Return the characters of ``text`` without the lines that repeat a title."""
    known = {one_line(title) for title in titles}
    return sum(len(line) for line in text.split("\n") if one_line(line) not in known)


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
        content = one_line(element.get("content"))
        if content is not None:
            found.setdefault(name, content)
    title = next((one_line(element.text) for element in tree.iter("title")), None)
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
    """Return the running text of a fragment of HTML, a line for each block."""
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
