"""Markdown without its markup; the words are kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from summarizer.formats.article import Article
from summarizer.formats.records import from_fields

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
    article = from_fields(fields, text=text.strip("\n"))
    if article.title is None and heading is not None:
        title = heading[1]
        for pattern, replacement in _MARKDOWN:
            title = pattern.sub(replacement, title)
        article = replace(article, title=title.strip() or None)
    return article
