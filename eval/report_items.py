"""The items of a board for the browser of the HTML report: texts, word differences and scores as one JSON value.

Differences are worked out here and not in the page, so that there is one way of comparing words (the normaliser of
``summarizer.arabic``) and it can be tested. Two ways, by task:

* ``align`` (translation, segmentation): the words of the output and of the reference that is most like it are aligned
  in order; words that the reference does not have there are marked, and words that it has besides are listed with
  their place;
* ``bag`` (summaries, everything else): a word is marked if no reference has it anywhere, since a good summary need not
  keep an order.

Letter case, punctuation, diacritics and spelling variants of Arabic letters do not count as differences.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from markupsafe import Markup

from eval.report_view import Board, Column, family_of, item_scores, shown_text
from summarizer.arabic import normalize
from summarizer.escape import HTML_TABLE

Mode = Literal["align", "bag"]

#: Characters of text in one board's items (UTF-8 is up to twice that); a browser still opens such a page at once.
MOST_CHARACTERS: Final = 6_000_000
#: Characters of one source that are shown: a story of seven reports is read elsewhere.
MOST_OF_A_SOURCE: Final = 4_000
#: Words beyond which alignment gives way to ``bag``: it takes time in the product of both lengths.
_MOST_ALIGNED: Final = 400
_PUNCTUATION: Final = re.compile(r"[^\w%]+")


def words_of(text: str) -> list[str]:
    """Return the words of ``text``: what stands between white space."""
    return text.split()


@lru_cache(maxsize=1 << 16)
def _key(word: str) -> str:
    """Return what two words must share to count as the same; empty for punctuation, which is never marked."""
    return _PUNCTUATION.sub("", normalize(word).casefold())


def compare_words(
    hypothesis: Sequence[str], references: Sequence[Sequence[str]], *, mode: Mode
) -> tuple[list[int], list[tuple[int, str]]]:
    """Return (marked, missing): ``[start, length, ...]`` of runs of marked words of ``hypothesis``; and, for ``align``,
    ``(place, words)`` of the reference that stand in no place of it, ``place`` being the index of the word they precede.

    Nothing is marked without a reference.
    """
    if not references:
        return [], []
    keys = [_key(word) for word in hypothesis]
    if mode == "bag" or len(keys) > _MOST_ALIGNED:
        known = {_key(word) for words in references for word in words}
        return _runs([bool(key) and key not in known for key in keys]), []
    matchers = [
        SequenceMatcher(None, keys, [_key(word) for word in words], autojunk=False) for words in references
    ]
    best = max(
        range(len(matchers)),
        key=lambda each: (sum(m.size for m in matchers[each].get_matching_blocks()), -each),
    )
    words = references[best]
    marked = [False] * len(keys)
    missing: list[tuple[int, str]] = []
    for tag, start, end, other, until in matchers[best].get_opcodes():
        if tag == "equal":
            continue
        for index in range(start, end):
            marked[index] = bool(keys[index])
        lost = [word for word in words[other:until] if _key(word)]
        if lost:
            missing.append((end, " ".join(lost)))
    return _runs(marked), missing


def _runs(marked: Sequence[bool]) -> list[int]:
    runs: list[int] = []
    for index, yes in enumerate(marked):
        if not yes:
            continue
        if runs and runs[-2] + runs[-1] == index:
            runs[-1] += 1
        else:
            runs += [index, 1]
    return runs


# --- the JSON value -----------------------------------------------------------------------------


def payload(
    board: Board, *, languages: tuple[str, str], directions: tuple[str, str]
) -> dict[str, Any] | None:
    """Return what the browser of ``board`` reads, or None where there is nothing to browse (no scores of items).

    Of each item: ``i`` id, ``b`` buckets, ``v`` scores ``[system][metric]``; where texts may be shown also ``s``
    sources, ``r`` references and for each system ``h`` its words, ``x`` marked runs and ``m`` missing words (see
    ``compare_words``). A set too large for one page is thinned evenly; ``total`` says how many items there are.
    """
    columns = [each for each in board.columns if each in board.leaders or each.name == "faults"]
    columns = [each for each in columns if each.rows]
    if not columns:
        return None
    systems = list(board.ranked)
    mode: Mode = "align" if board.task in ("translate", "segment") else "bag"
    scores = [
        [item_scores(column, system.name) for column in columns] for system in systems
    ]  # [system][metric](n,)
    hypotheses = [[shown_text(item.hypothesis) for item in system.result.items] for system in systems]
    chosen = _thinned(board, hypotheses)
    buckets: dict[int, list[int]] = {}
    for number, bucket in enumerate(board.buckets):
        for position in bucket.positions:
            buckets.setdefault(position, []).append(number)
    rows = []
    for position in chosen:
        row: dict[str, Any] = {
            "i": systems[0].result.items[position].id,
            "n": position,
            "v": [
                [_number(table[position]) if len(table) else None for table in tables] for tables in scores
            ],
        }
        if position in buckets:
            row["b"] = buckets[position]
        if board.texts:
            row |= _texts(board, position, [each[position] for each in hypotheses], mode)
        rows.append(row)
    return {
        "systems": [{"name": each.name, "baseline": each.baseline} for each in systems],
        "metrics": [_metric(each) for each in columns],
        "buckets": [bucket.label for bucket in board.buckets],
        "languages": languages,
        "directions": directions,
        "mode": mode,
        "texts": board.texts,
        "total": board.count,
        "items": rows,
    }


def _metric(column: Column) -> dict[str, Any]:
    return {
        "label": column.label,
        "up": column.higher_is_better,
        "decimals": 1 if family_of(column.name) != "quality" else column.decimals,
    }


def _number(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None


def _thinned(board: Board, hypotheses: Sequence[Sequence[str]]) -> list[int]:
    """Return the positions of the items that fit, spread evenly over the set."""
    count = board.count
    if not board.texts or not count:
        return list(range(count))
    size = sum(len(text) for texts in hypotheses for text in texts)
    if board.items is not None:
        for item in board.items:
            size += sum(min(len(each), MOST_OF_A_SOURCE) for each in item.sources) + sum(
                map(len, item.references)
            )
    fits = count if size <= MOST_CHARACTERS else max(1, count * MOST_CHARACTERS // size)
    return sorted({int(index) for index in np.linspace(0, count - 1, fits)})


def _texts(board: Board, position: int, hypotheses: Sequence[str], mode: Mode) -> dict[str, Any]:
    item = board.items[position] if board.items is not None else None
    references = [shown_text(each) for each in item.references] if item is not None else []
    if item is not None and not references and item.meta.get("facts"):
        references = [shown_text(list(item.meta["facts"]))]
    row: dict[str, Any] = {}
    if item is not None:
        row["s"] = [_cut(each) for each in item.sources]
        row["r"] = references
    split = [words_of(text) for text in hypotheses]
    against = [words_of(text) for text in references]
    compared = [compare_words(words, against, mode=mode) for words in split]
    row["h"] = [" ".join(words) for words in split]
    row["x"] = [runs for runs, _ in compared]
    if mode == "align":
        row["m"] = [missing for _, missing in compared]
    return row


def _cut(text: str) -> str:
    return text if len(text) <= MOST_OF_A_SOURCE else text[:MOST_OF_A_SOURCE].rsplit(" ", 1)[0] + " […]"


_JSON_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_json(value: Any) -> Markup:
    """Return ``value`` as JSON that can stand in a ``<script>``: nothing in it ends the element or opens a comment.

    Characters that HTML cannot carry become U+FFFD, as everywhere on the page.
    """
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(told.translate(HTML_TABLE).translate(_JSON_ESCAPES))
