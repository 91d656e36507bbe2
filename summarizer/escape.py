"""What reports say, kept harmless in each form that a brief is written in.

Everything here takes text as it came from outside and returns it so that HTML, Markdown or a terminal shows those
characters and does nothing else with them; ``render`` has the rules. No function raises, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

#: Bidi embeddings, overrides and isolates: they can turn the letters of what follows.
_BIDI_SPANS: Final = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
#: What else a terminal shows as garbage or not at all: bidi marks, soft hyphen, BOM, joiners of words,
#: deprecated format characters, tags. The zero-width (non-)joiner stays: Persian spelling and emoji need it.
_INVISIBLE: Final = frozenset(
    map(chr, [0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x2060, 0x2066), *range(0x206A, 0x2070),
              *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)])
)  # fmt: skip
#: CSI, OSC/DCS/APC/PM/SOS strings with their end, and two-character escapes (ECMA-48).
ANSI: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x9b[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]"
)
#: Controls that HTML carries unharmed.
_HTML_CONTROLS: Final = frozenset("\t\n\f\r\x85")


class _Table(dict[int, str]):
    """Character -> replacement for ``str.translate``, worked out on first use."""

    def __init__(self, replace: dict[str, str], *, form: Literal["html", "line"]) -> None:
        super().__init__({ord(character): text for character, text in replace.items()})
        self.form = form

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cs" or code & 0xFFFE == 0xFFFE:
            result = "\ufffd"
        elif category != "Cc" or (self.form == "html" and character in _HTML_CONTROLS):
            result = character
        elif self.form == "html":
            result = "\ufffd"
        else:
            result = " " if character.isspace() else ""
        self[code] = result
        return result


HTML_TABLE: Final = _Table({}, form="html")
MD_LINE_TABLE: Final = _Table(dict.fromkeys(_BIDI_SPANS, ""), form="line")
_TEXT_LINE_TABLE: Final = _Table(dict.fromkeys(_BIDI_SPANS | _INVISIBLE, ""), form="line")


# --- HTML ---------------------------------------------------------------------------------------


def escape_html(text: str) -> Markup:
    """Return ``text`` escaped for HTML so that a parser gives the same characters back."""
    return Markup(str(escape(text.translate(HTML_TABLE))).replace("\r", "&#13;"))


def finalize_html(value: Any) -> Any:
    """Escape every string that a template prints with ``escape_html``, which is stricter than Jinja2's own escape."""
    return escape_html(value) if isinstance(value, str) and not isinstance(value, Markup) else value


#: Arabic words with what stands between them, and a short number at either end ("7 نيسان / أبريل 2021").
_ARABIC_RUN: Final = re.compile(
    r"(?:[0-9]{1,4} )?[\u0600-\u06ff](?:[^A-Za-z\n()\[\]«»“”\"]*[\u0600-\u06ff])?(?: [0-9]{1,4}\b)?"
)


def english_html(text: str) -> Markup:
    """Return an English line of Mujaz's own as HTML, the Arabic that it quotes isolated from its direction."""
    pieces: list[str] = []
    end = 0
    for run in _ARABIC_RUN.finditer(text):
        pieces += [
            escape_html(text[end : run.start()]),
            '<bdi lang="ar" dir="rtl">',
            escape_html(run[0]),
            "</bdi>",
        ]
        end = run.end()
    return Markup('<span dir="ltr">{}</span>').format(Markup("".join([*pieces, escape_html(text[end:])])))


def one_line(text: str) -> str:
    """Return ``text`` as one line without bidi controls, for attributes and titles, which cannot isolate."""
    return " ".join(text.translate(_TEXT_LINE_TABLE).split())


# --- Markdown, plain text, addresses ------------------------------------------------------------

_MD_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$^]")
_MD_LINE_START: Final = re.compile(r"([#+\-=:!])|([0-9]{1,9})([.)])")


def escape_markdown(text: str) -> str:
    """Return ``text`` as one line of Markdown that renders as that text and as nothing else."""
    line = " ".join(ANSI.sub("", text).translate(MD_LINE_TABLE).split())
    line = _MD_SPECIAL.sub(r"\\\g<0>", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if start := _MD_LINE_START.match(line):
        cut = start.end() - 1
        line = f"{line[:cut]}\\{line[cut:]}"
    return line


def markdown_url(url: str) -> str:
    """Return a safe URL as a Markdown link destination: what Markdown or HTML could read is percent-encoded."""
    return quote(url, safe="/:?#@!$&'+,;=%-._~").replace("&", "&amp;").replace("_", "%5F").replace("~", "%7E")


def plain_line(text: str) -> str:
    """Return ``text`` as one line that a terminal can be given."""
    return " ".join(ANSI.sub("", text).translate(_TEXT_LINE_TABLE).split())


def safe_url(url: str | None) -> str | None:
    """Return an http(s) address, or None for anything that must not become a link."""
    if not url or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and parts.username is None else None
