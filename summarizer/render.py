"""A Brief as Markdown, HTML, JSON or plain text.

``render`` is the only entry. It first turns the brief into a *view* (``summarizer.view``): citations numbered
1, 2, ... in reading order, dates written out, every anchor named by ordinals (never by ids that came from
outside), failures counted. A template for each form (``templates/``) then lays the view out. Same brief, same
bytes.

What reports say is untrusted, and each form has its own way of keeping it harmless (``summarizer.escape``):

* **html**: Jinja2's autoescape; only http(s) addresses become links; a Content-Security-Policy that allows no
  network and only the page's own script, by its hash; foreign text stands in elements with ``dir`` or in
  ``<bdi>``, which contain any bidi override. The text of a report is exact: ``textContent`` of the element
  that a citation opens is ``document.text[start:end]``, except that characters which HTML cannot carry
  (NUL, other controls, lone surrogates) are shown as U+FFFD, one for one.
* **md**: every character with a meaning in CommonMark or GFM is escaped, HTML's three as entities (so that
  renderers which skip Markdown inside ``<div>`` are safe too); whitespace is one space.
* **text**: ANSI sequences, controls and bidi marks are taken out. Arabic stands on lines of its own, because
  terminals with bidi support take a line's direction from its first letter.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, get_args

import jinja2
from markupsafe import Markup

from summarizer.errors import RenderError
from summarizer.escape import (
    english_html,
    escape_markdown,
    finalize_html,
    markdown_url,
    one_line,
    plain_line,
)
from summarizer.schema import Brief
from summarizer.view import NOTICE, BriefView

__all__ = ["DEFAULT_WIDTH", "FORMS", "MIN_WIDTH", "NOTICE", "Form", "render", "tidy"]

Form = Literal["md", "html", "json", "text"]
FORMS: Final[tuple[str, ...]] = get_args(Form)

#: Columns of the ``text`` form: fits half a laptop screen, and leaves a margin in a terminal of 100.
DEFAULT_WIDTH: Final = 88
#: Below this a wrapped line holds two or three words and nothing can be read.
MIN_WIDTH: Final = 40


def render(
    brief: Brief, *, form: Form, digits: Literal["source"] = "source", width: int = DEFAULT_WIDTH
) -> str:
    """Return ``brief`` written in ``form``; the text ends with a newline.

    ``digits`` says how numbers are shown: ``source`` (the only way for now) leaves every digit as the reports
    and the translation have it. ``width`` is the number of columns of the ``text`` form.

    Raises ``RenderError`` for an unknown form or setting, and for a brief that breaks its own contract: a
    citation of a document that is not there, or of a span outside it.
    """
    if form not in FORMS:
        raise RenderError(unknown("form", str(form), FORMS))
    if digits != "source":
        raise RenderError(unknown("digits", str(digits), ("source",)))
    if width < MIN_WIDTH:
        raise RenderError(f"width {width} is too narrow to read; give at least {MIN_WIDTH} columns")
    if form == "json":
        return brief.to_json()
    view = BriefView.of(brief)
    if form == "html":
        return (
            _environment("html").get_template("brief.html.jinja").render(view=view, **_html_assets()).lstrip()
        )
    text = (
        _environment(form, width)
        .get_template("brief.md.jinja" if form == "md" else "brief.txt.jinja")
        .render(view=view)
    )
    return tidy(text)


def unknown(what: str, given: str, known: Sequence[str]) -> str:
    """Return what to tell of a name that is not ``known``: the nearest one, and all of them."""
    close = difflib.get_close_matches(given.casefold(), known, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown {what} {given!r}{hint} (known: {', '.join(known)})"


def tidy(text: str) -> str:
    """Return lines without trailing blanks, never two empty lines in a row, one newline at the end."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


# --- plain text ---------------------------------------------------------------------------------


def _columns(text: str) -> int:
    """Return how many terminal columns ``text`` takes: marks take none, wide letters two."""
    columns = 0
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def _starts_left_to_right(word: str) -> bool:
    """Tell whether the first letter of ``word`` with a direction is written from left to right."""
    for character in word:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction == "L"
    return False


def _carry(line: list[str], word: str, room: int) -> list[str]:
    """Take from the end of ``line`` what must go along so that the line of ``word`` begins with Arabic.

    Returns nothing, and leaves ``line`` alone, if ``word`` is Arabic itself, if nothing would be left on
    ``line``, or if the words do not fit on one line of ``room`` columns.
    """
    if not _starts_left_to_right(word):
        return []
    cut = len(line) - 1
    while cut > 0 and _starts_left_to_right(line[cut]):
        cut -= 1
    carried = line[cut:]
    if cut <= 0 or sum(_columns(each) + 1 for each in carried) + _columns(word) > room:
        return []
    del line[cut:]
    return carried


def _wrap(text: str, *, width: int, indent: int = 0, hang: int = 0, arabic: bool = False) -> str:
    """Return ``text`` (one line of words) as lines of at most ``width`` columns, ``indent`` blanks in front
    (``hang`` more from the second line on).

    A word is never broken, so an address or a citation stays whole. In Arabic text no line begins with a
    Latin word, if that can be helped by taking the word before along: a terminal would turn such a line.
    """
    room = width - indent - hang
    lines: list[list[str]] = [[]]
    used = 0
    for word in text.split(" "):
        size = _columns(word)
        if lines[-1] and used + 1 + size > room:
            carried = _carry(lines[-1], word, room) if arabic else []
            lines.append(carried)
            used = sum(_columns(each) + 1 for each in carried) - 1 if carried else 0
        used += size + 1 if lines[-1] else size
        lines[-1].append(word)
    first, *rest = (" " * indent + " ".join(line) for line in lines)
    return "\n".join([first, *(" " * hang + line for line in rest)])


# --- templates ----------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _environment(form: Literal["html", "md", "text"], width: int = DEFAULT_WIDTH) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("summarizer", "templates"),
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    if form == "html":
        environment.finalize = finalize_html
        environment.filters.update(attribute=one_line, english=english_html)
    elif form == "md":
        environment.filters["md"] = escape_markdown
        environment.filters["url"] = markdown_url
    else:

        def fill(text: str, indent: int = 0, hang: int = 0) -> str:
            return _wrap(plain_line(text), width=width, indent=indent, hang=hang)

        def fill_arabic(text: str, indent: int = 0) -> str:
            return _wrap(plain_line(text), width=width, indent=indent, arabic=True)

        def rule(character: str) -> str:
            return character * width

        environment.filters.update(fill=fill, arabic=fill_arabic, rule=rule, plain=plain_line)
    return environment


@lru_cache(maxsize=1)
def _html_assets() -> dict[str, Markup]:
    """Return the style, the script and the policy that lets exactly this script run."""
    loader = jinja2.PackageLoader("summarizer", "templates")
    environment = jinja2.Environment(autoescape=True)
    style, _, _ = loader.get_source(environment, "brief.css")
    script, _, _ = loader.get_source(environment, "brief.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": Markup(policy)}
