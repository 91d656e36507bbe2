"""The items of a board, a page at a time: what ``eval.report_items`` prepares for the report's browser, found and ordered.

Words are compared by ``eval`` (one way of comparing for the report and this page); here they are only chosen and cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from summarizer.arabic import normalize
from ui.diff import Piece

#: ``set``: as the dataset has them; ``worst`` and ``best`` of the system; ``gap``: where it loses most against the other.
Order = Literal["set", "worst", "best", "gap"]
ORDERS: Final[tuple[Order, ...]] = ("set", "worst", "best", "gap")
PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuery:
    """What a reader asks for. Systems and metrics are numbers in the payload's lists; ``page`` counts from 0."""

    system: int = 0
    other: int | None = None
    metric: int = 0
    order: Order = "set"
    words: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One system's answer; words that the reference lacks are marked."""

    system: str
    score: float | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item as it is shown."""

    id: str
    number: int  # from 1, in the dataset
    sources: tuple[str, ...]
    references: tuple[str, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Some of the items found: ``found`` in all, on ``pages`` pages of which this is number ``page`` (from 0)."""

    items: tuple[ItemView, ...]
    found: int
    page: int
    pages: int


def browse(data: Mapping[str, Any], query: ItemQuery) -> ItemPage:
    """Return the page of items that ``query`` asks for; a page behind the last one is the last one."""
    rows = [row for row in data["items"] if _holds(row, query.words)]
    ordered = _ordered(rows, data, query)
    pages = max(1, -(-len(ordered) // PAGE_SIZE))
    page = min(max(0, query.page), pages - 1)
    chosen = [query.system, *([query.other] if query.other not in (None, query.system) else [])]
    return ItemPage(
        items=tuple(
            _view(row, data, chosen, query.metric)
            for row in ordered[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
        ),
        found=len(ordered),
        page=page,
        pages=pages,
    )


def _holds(row: Mapping[str, Any], words: str) -> bool:
    """Tell whether an item holds what was typed, in its id or any text, in whatever spelling of Arabic letters."""
    wanted = normalize(words).casefold().strip()
    if not wanted:
        return True
    texts = [row["i"], *row.get("s", ()), *row.get("r", ()), *row.get("h", ())]
    return any(wanted in normalize(text).casefold() for text in texts)


def _ordered(rows: Sequence[Any], data: Mapping[str, Any], query: ItemQuery) -> list[Any]:
    """Return rows in the order asked for; those without the score stand last, in the dataset's order."""
    if query.order == "set" or (query.order == "gap" and query.other is None):
        return list(rows)
    better = 1 if data["metrics"][query.metric]["up"] else -1

    def value(row: Mapping[str, Any]) -> float | None:
        own = row["v"][query.system][query.metric]
        if query.order != "gap" or own is None:
            return None if own is None else better * own
        other = row["v"][query.other][query.metric]
        return None if other is None else better * (own - other)

    known = [(found, row) for row in rows if (found := value(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=query.order == "best")
    return [row for _, row in known] + [row for row in rows if value(row) is None]


def _view(
    row: Mapping[str, Any], data: Mapping[str, Any], systems: Sequence[int | None], metric: int
) -> ItemView:
    outputs = []
    for number in systems:
        if number is None:
            continue
        words = row["h"][number].split(" ") if "h" in row else []
        outputs.append(
            Output(
                system=data["systems"][number]["name"],
                score=row["v"][number][metric],
                pieces=_pieces(words, row["x"][number]) if words else (),
            )
        )
    return ItemView(
        id=row["i"],
        number=row["n"] + 1,
        sources=tuple(row.get("s", ())),
        references=tuple(row.get("r", ())),
        outputs=tuple(outputs),
    )


def _pieces(words: Sequence[str], runs: Sequence[int]) -> tuple[Piece, ...]:
    """Return the words as text, the runs ``[start, length, ...]`` marked."""
    pieces: list[Piece] = []
    position = 0
    for start, length in zip(runs[::2], runs[1::2], strict=True):
        if position < start:
            pieces.append(Piece(" ".join(words[position:start]) + " ", changed=False))
        tail = " " if start + length < len(words) else ""
        pieces.append(Piece(" ".join(words[start : start + length]), changed=True))
        if tail:
            pieces.append(Piece(tail, changed=False))
        position = start + length
    if position < len(words):
        pieces.append(Piece(" ".join(words[position:]), changed=False))
    return tuple(pieces)
