"""The part of a page that a source's ``selector`` names, for pages where looking for the article goes wrong.

A small part of CSS, enough for "the element that holds the story": ``tag``, ``.class``, ``#id``, ``[attribute]``,
``[attribute=value]``, descendants (a blank), children (``>``) and alternatives (``,``).
"""

from __future__ import annotations

import re
from typing import Final

from summarizer.errors import ConfigError, ReadError
from summarizer.formats import decode

_SIMPLE: Final = re.compile(
    r"(?P<tag>[a-zA-Z][\w-]*|\*)?(?P<rest>(?:\.[\w-]+|#[\w-]+|\[[\w:-]+(?:=\"?[^\]\"]*\"?)?\])*)"
)
_PART: Final = re.compile(
    r"\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)|\[(?P<name>[\w:-]+)(?:=\"?(?P<value>[^\]\"]*)\"?)?\]"
)


def to_xpath(selector: str) -> str:
    """Return the XPath of ``selector``. Raises ``ConfigError`` for what is not understood."""
    return " | ".join(_path(each.strip()) for each in selector.split(","))


def _path(selector: str) -> str:
    steps, axis = [], "//"
    for token in selector.replace(">", " > ").split():
        if token == ">":
            axis = "/"
            continue
        match = _SIMPLE.fullmatch(token)
        if match is None or not token:
            raise ConfigError(
                f"selector {selector!r}: {token!r} is not understood (tag, .class, #id, [attribute])"
            )
        steps.append(
            axis
            + (match["tag"] or "*").lower()
            + "".join(_condition(part) for part in _PART.finditer(match["rest"]))
        )
        axis = "//"
    if not steps or axis == "/":
        raise ConfigError(f"selector {selector!r}: names no element")
    return "".join(steps)


def _condition(part: re.Match[str]) -> str:
    if part["cls"]:
        return f"[contains(concat(' ', normalize-space(@class), ' '), ' {part['cls']} ')]"
    if part["id"]:
        return f"[@id='{part['id']}']"
    if part["value"] is None:
        return f"[@{part['name']}]"
    quote = '"' if "'" in part["value"] else "'"
    return f"[@{part['name']}={quote}{part['value']}{quote}]"


def select_html(data: bytes, selector: str, *, encoding: str | None = None) -> bytes:
    """Return the page with its body reduced to what ``selector`` finds; its head (title, date) stays.

    Raises ``ReadError`` (``empty``) where it finds nothing: the site has changed, and somebody should know.
    """
    from lxml import etree, html  # type: ignore[import-untyped, unused-ignore]

    charset = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", data[:4096], re.IGNORECASE)
    text = decode(data, declared=encoding or (charset[1].decode("ascii") if charset else None))
    parser = html.HTMLParser(encoding="utf-8", no_network=True, collect_ids=False)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("the page cannot be parsed", code="malformed") from error
    chosen = [each for each in tree.xpath(to_xpath(selector)) if isinstance(each.tag, str)]
    outer = [each for each in chosen if not any(ancestor in chosen for ancestor in each.iterancestors())]
    if not outer:
        raise ReadError(f"selector {selector!r} finds nothing on the page", code="empty")
    body = tree.find("body")
    article = etree.Element("article")
    article.extend(outer)
    if body is None:
        body = etree.SubElement(tree, "body")
    for child in list(body):
        body.remove(child)
    body.text = None
    body.append(article)
    # Served as UTF-8 from here on: a charset that the page declared would be believed by the next reader.
    for meta in tree.xpath("//meta[@charset or translate(@http-equiv, 'CT', 'ct')='content-type']"):
        meta.getparent().remove(meta)
    return bytes(
        b'<!doctype html><meta charset="utf-8">' + etree.tostring(tree, encoding="utf-8", method="html")
    )
