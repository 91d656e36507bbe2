"""What happened when: the dated clauses of a story's reports, in order, each with its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from summarizer.arabic import content_tokens, tokenize
from summarizer.facts import Fact
from summarizer.schema import Citation, Document, Sentence
from summarizer.summarize import cite, trim_opening

#: A sentence up to this many words is shown whole; a longer one is cut to the clauses around its date.
WHOLE_WORDS: Final = 28
#: A cut clause is widened until it has this many words, so that it says what happened.
CLAUSE_WORDS: Final = 12
#: A story's timeline shows at most this many entries; those that most outlets give stay.
MOST_ENTRIES: Final = 12

_ABSOLUTE: Final = re.compile(r"^(?:\d{4}(?:-\d{2}(?:-\d{2})?)?|--\d{2}(?:-\d{2})?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedExcerpt:
    """One entry in Arabic: an ISO date (see ``schema.TimelineEntry``), the source's words, its citations."""

    date: str
    text: str
    citations: tuple[Citation, ...]


def find_timeline(
    facts: Iterable[tuple[Sentence, Sequence[Fact]]], documents: Mapping[str, Document]
) -> tuple[DatedExcerpt, ...]:
    """Return the timeline of one story, oldest first.

    A sentence enters with every date in it that stands for a calendar day, month or year; relative dates enter
    only where the report's own date resolves them. One entry a date: the excerpt that shares most with the other
    reports' sentences of that date is shown, and all of them are cited. Dates without a year ("7 April") belong
    to the reports' own present: they stand after every full date up to the newest one that is not later.
    """
    groups: dict[str, list[tuple[Sentence, Fact]]] = {}
    for sentence, sentence_facts in facts:
        if documents[sentence.document_id].duplicate_of is not None:
            continue
        for fact in sentence_facts:
            date = calendar_date(fact)
            if date is not None and all(known is not sentence for known, _ in groups.get(date, ())):
                groups.setdefault(date, []).append((sentence, fact))
    _merge_vague(groups)
    entries = [_entry(date, members) for date, members in groups.items()]
    if len(entries) > MOST_ENTRIES:
        entries.sort(
            key=lambda each: (-len({c.document_id for c in each.citations}), -len(each.date), each.date)
        )
        entries = entries[:MOST_ENTRIES]
    return tuple(sorted(entries, key=lambda each: sort_key(each.date)))


def calendar_date(fact: Fact) -> str | None:
    """Return the ISO date (or part of one) that a date fact stands for, or None."""
    if fact.kind != "date":
        return None
    for value in (fact.resolved, fact.value):
        if value is not None and _ABSOLUTE.match(value):
            return value
    return None


def sort_key(date: str) -> tuple[int, str]:
    """Order ISO dates; those without a year come last, among themselves by month and day."""
    return (1, date) if date.startswith("--") else (0, date)


def _merge_vague(groups: dict[str, list[tuple[Sentence, Fact]]]) -> None:
    """Let a vaguer date of one sentence go where the same sentence has the exact one ("2020" beside "2020-01")."""
    for date in list(groups):
        finer = [other for other in groups if other != date and other.startswith(date)]
        kept = [
            (sentence, fact)
            for sentence, fact in groups[date]
            if not any(known is sentence for other in finer for known, _ in groups[other])
        ]
        if kept:
            groups[date] = kept
        else:
            del groups[date]


def _entry(date: str, members: Sequence[tuple[Sentence, Fact]]) -> DatedExcerpt:
    excerpts = [(excerpt(sentence.text, fact.start, fact.end), sentence) for sentence, fact in members]
    stems = [set(content_tokens(text)) for text, _ in excerpts]

    def worth(position: int) -> tuple[float, int, str, int]:
        mine, (text, sentence) = stems[position], excerpts[position]
        shared = sum(len(mine & other) for index, other in enumerate(stems) if index != position)
        return shared / max(1, len(mine)) ** 0.5, -len(text), sentence.document_id, -sentence.index

    best = max(range(len(excerpts)), key=worth)
    ordered = sorted((sentence for _, sentence in excerpts), key=lambda each: (each.document_id, each.index))
    first = excerpts[best][1]
    return DatedExcerpt(
        date=date,
        text=excerpts[best][0],
        citations=(cite(first), *(cite(each) for each in ordered if each is not first)),
    )


def excerpt(text: str, start: int, end: int) -> str:
    """Return the clauses of ``text`` around ``text[start:end]``, with an ellipsis where words are left out."""
    trimmed = trim_opening(text)
    if len(tokenize(text)) <= WHOLE_WORDS:
        return trimmed if len(text) - len(trimmed) <= start else text
    edges = [0, *(match.end() for match in re.finditer(r"[،؛;](?=\s)", text)), len(text)]
    first = max(edge for edge in edges if edge <= start)
    last = min(edge for edge in edges if edge >= end)
    while len(tokenize(text[first:last])) < CLAUSE_WORDS and (first, last) != (0, len(text)):
        earlier = max((edge for edge in edges if edge < first), default=0)
        later = min((edge for edge in edges if edge > last), default=len(text))
        # The shorter neighbour joins first: the cut stays close to the date.
        if first > 0 and (last == len(text) or first - earlier <= later - last):
            first = earlier
        else:
            last = later
    piece = text[first:last].strip().strip("،؛;").strip()
    return ("… " if first > 0 else "") + piece + (" …" if last < len(text) else "")
