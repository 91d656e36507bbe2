"""A report's text as HTML with elements around its cited spans, shared passages and marks.

Spans come from different hands and may cross; ``annotate`` nests their tags and changes no character.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from summarizer.escape import escape_html
from summarizer.schema import MarkKind

_MARK_NAMES: Final[dict[MarkKind, str]] = {
    "title": "headline",
    "date": "date line",
    "outlet": "name of the outlet",
    "byline": "byline",
    "caption": "caption",
    "related": "related links",
    "boilerplate": "not part of the report",
}


@dataclass(frozen=True, slots=True)
class Span:
    """An element around ``text[start:end]``. ``again`` reopens it after a crossing element ended."""

    start: int
    end: int
    opening: Markup
    again: Markup
    closing: Markup

    @classmethod
    def cited(cls, start: int, end: int, *, number: int, anchor: str) -> Span:
        fill = Markup('<mark class="cited" data-c="{0}"')
        tag = fill.format(number)
        head = tag + Markup(' id="{}" data-n="{}" tabindex="-1">').format(anchor, number)
        return cls(start, end, head, tag + Markup(">"), Markup("</mark>"))

    @classmethod
    def shared(cls, anchor: str, start: int, end: int) -> Span:
        opening = Markup('<span class="shared" id="{}-p{}-{}">').format(anchor, start, end)
        return cls(start, end, opening, Markup('<span class="shared">'), Markup("</span>"))

    @classmethod
    def bold(cls, start: int, end: int) -> Span:
        return cls(start, end, Markup("<b>"), Markup("<b>"), Markup("</b>"))

    @classmethod
    def mark(cls, start: int, end: int, kind: MarkKind) -> Span:
        element = "strong" if kind == "title" else "span"
        opening = Markup('<{0} class="m-{1}" title="{2}">').format(Markup(element), kind, _MARK_NAMES[kind])
        return cls(start, end, opening, opening, Markup("</{}>").format(Markup(element)))


def annotate(text: str, spans: Iterable[Span]) -> Markup:
    """Return ``text`` as HTML with ``spans`` as properly nested elements; spans may cross each other.

    Longer spans stand outside shorter ones. Where two cross, the inner one is closed and opened again, so
    that tags nest and every character stays where it is. Empty spans are left out.
    """
    waiting = sorted(
        (span for span in spans if span.start < span.end), key=lambda span: (span.start, -span.end)
    )
    cuts = sorted({0, len(text)}.union(*((span.start, span.end) for span in waiting)))
    pieces: list[str] = []
    stack: list[Span] = []
    position = 0
    for left, right in pairwise(cuts):
        ended = next((depth for depth, span in enumerate(stack) if span.end <= left), None)
        if ended is not None:
            crossing = [span for span in stack[ended:] if span.end > left]
            pieces.extend(span.closing for span in reversed(stack[ended:]))
            pieces.extend(span.again for span in crossing)
            stack[ended:] = crossing
        while position < len(waiting) and waiting[position].start == left:
            pieces.append(waiting[position].opening)
            stack.append(waiting[position])
            position += 1
        pieces.append(escape_html(text[left:right]))
    pieces.extend(span.closing for span in reversed(stack))
    return Markup("".join(pieces))
