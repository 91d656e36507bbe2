"""Search: what was typed becomes a safe query, and what is found comes with its own words, highlighted by offset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.engine import Connection

from summarizer import arabic
from summarizer.archive.records import HitKind
from summarizer.archive.search_index import Word, quote_lexeme, word_of, words_with_places
from summarizer.archive.tables import documents, entries, versions

#: A word of the title counts as much as this many of the text.
TITLE_WEIGHT: Final = 4.0
#: Words in a snippet.
SNIPPET_WORDS: Final = 36
#: Terms of a query; what is typed beyond them is left out.
MOST_TERMS: Final = 32

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found. ``item`` is the id of the document or story, or the number of the brief as text.

    ``snippet == text[start : start + len(snippet)]``, and ``marks`` are the places of what was searched in that same
    ``text``: of a document its ``Document.text``, of a story or brief its summary, a line a sentence. ``title_marks``
    are places in ``title``. ``score`` orders the hits of one search and means nothing beyond.
    """

    kind: HitKind
    item: str
    language: str
    day: date
    title: str
    snippet: str
    start: int
    marks: tuple[Span, ...]
    title_marks: tuple[Span, ...]
    score: float


# --- the query ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or the words of a phrase, as the index has them. With ``prefix`` the last one is the start of a word."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Every one of ``clauses`` must be met, by any of its terms; none of ``excluded``."""

    clauses: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(term for clause in self.clauses for term in clause)


_PIECE: Final = re.compile(
    r'(?P<minus>(?<!\S)-)?(?:["“”«»](?P<phrase>[^"“”«»]*)["“”«»]?|(?P<plain>[^\s"“”«»]+))'
)
_OR: Final = frozenset(("OR", "أو", "او", "|"))


def parse(typed: str) -> Query:
    """Return the query that was typed. There is no wrong one: signs that mean nothing are passed over."""
    clauses: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    join = False
    for piece in _PIECE.finditer(typed):
        plain = piece["plain"]
        if plain in _OR and clauses and not piece["minus"]:
            join = True
            continue
        terms = _terms(
            piece["phrase"] if plain is None else plain, prefix=bool(plain and plain.endswith("*"))
        )
        if not terms:
            continue
        if piece["minus"]:
            excluded.extend(terms)
        elif join:
            clauses[-1] = (*clauses[-1], *terms)
        else:
            clauses.append(terms)
        join = False
    return Query(tuple(clauses[:MOST_TERMS]), tuple(excluded[:MOST_TERMS]))


def _terms(written: str, *, prefix: bool) -> tuple[Term, ...]:
    """Return the ways to meet what was written: of a start of a word, as it stands and as a stem."""
    tokens = arabic.tokenize(written)
    if not tokens:
        return ()
    stems = tuple(word_of(token) for token in tokens)
    if not prefix:
        return (Term(stems),)
    return tuple(dict.fromkeys(Term((*stems[:-1], last), prefix=True) for last in (stems[-1], tokens[-1])))


def _fts5(query: Query) -> str:
    """Return the query in the language of FTS5. Words are quoted, so nothing typed is ever syntax."""

    def one(term: Term) -> str:
        quoted = '"' + " ".join(term.words).replace('"', '""') + '"'
        return quoted + " *" if term.prefix else quoted

    def any_of(terms: Sequence[Term]) -> str:
        return "(" + " OR ".join(map(one, terms)) + ")"

    wanted = " AND ".join(any_of(clause) for clause in query.clauses)
    return f"({wanted}) NOT {any_of(query.excluded)}" if query.excluded else wanted


def _tsquery(query: Query) -> str:
    """Return the query as a literal of PostgreSQL's tsquery."""

    def one(term: Term) -> str:
        quoted = [quote_lexeme(word) for word in term.words]
        return "(" + " <-> ".join(quoted) + (":*" if term.prefix else "") + ")"

    wanted = [f"({' | '.join(map(one, clause))})" for clause in query.clauses]
    return " & ".join([*wanted, *(f"!{one(term)}" for term in query.excluded)])


# --- finding ------------------------------------------------------------------------------------


def find(
    connection: Connection,
    typed: str,
    *,
    language: str | None,
    kind: HitKind | None,
    since: date | None,
    until: date | None,
    limit: int,
    offset: int,
) -> list[Hit]:
    """Return what matches, the best first; see ``Archive.search``."""
    query = parse(typed)
    if not query.clauses or limit <= 0:
        return []
    if connection.dialect.name == "sqlite":
        index = sa.table("search_index", sa.column("rowid"))
        source = entries.join(index, index.c.rowid == entries.c.id)
        score: sa.ColumnElement[Any] = sa.literal_column(f"-bm25(search_index, {TITLE_WEIGHT}, 1.0)")
        matches = sa.literal_column("search_index").op("MATCH")(_fts5(query))
    else:
        index = sa.table("search_index", sa.column("entry_id"))
        source = entries.join(index, index.c.entry_id == entries.c.id)
        words, asked = sa.column("words", TSVECTOR), sa.cast(_tsquery(query), TSQUERY)
        weights = sa.cast(sa.literal(f"{{{1 / TITLE_WEIGHT},0,0,1}}"), ARRAY(sa.REAL))  # of D, C, B, A
        score = sa.func.ts_rank_cd(weights, words, asked, 1)
        matches = words.op("@@")(asked)
    statement = sa.select(entries, score.label("score")).select_from(source).where(matches)
    if language is not None:
        statement = statement.where(entries.c.language == language)
    if kind is not None:
        statement = statement.where(entries.c.kind == kind)
    if since is not None:
        statement = statement.where(entries.c.day >= since)
    if until is not None:
        statement = statement.where(entries.c.day <= until)
    statement = statement.order_by(sa.desc("score"), entries.c.day.desc(), entries.c.id.desc())
    rows = connection.execute(statement.limit(limit).offset(max(0, offset))).all()
    texts = _document_texts(connection, [row.item for row in rows if row.kind == "document"])
    hits = []
    for row in rows:
        title, text = texts[row.item] if row.kind == "document" else (row.title, row.text)
        hits.append(_hit(row, title, text, query))
    return hits


def _document_texts(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        sa.select(documents.c.id, versions.c.document)
        .join_from(
            documents,
            versions,
            (versions.c.document_id == documents.c.id) & (versions.c.number == documents.c.versions),
        )
        .where(documents.c.id.in_(ids))
    )
    return {row.id: (row.document["title"] or "", row.document["text"]) for row in rows}


def _hit(row: Any, title: str, text: str, query: Query) -> Hit:
    places = words_with_places(text)
    marks = _matches(places, query.terms)
    start, end = _with_signs(text, *_window(places, marks, len(text)))
    titles = words_with_places(title)
    return Hit(
        kind=row.kind,
        item=row.item,
        language=row.language,
        day=row.day,
        title=title,
        snippet=text[start:end],
        start=start,
        marks=tuple(
            (places[i].start, places[j - 1].end)
            for i, j, _ in marks
            if start <= places[i].start and places[j - 1].end <= end
        ),
        title_marks=tuple((titles[i].start, titles[j - 1].end) for i, j, _ in _matches(titles, query.terms)),
        score=float(row.score),
    )


def _matches(places: Sequence[Word], terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Return ``(first word, end word, term)`` of everything in a text that a query asks for, never overlapping."""
    starts: dict[str, list[int]] = {}
    for number, term in enumerate(terms):
        starts.setdefault("" if term.prefix and len(term.words) == 1 else term.words[0], []).append(number)
    found: list[tuple[int, int, int]] = []
    free = 0
    for position, word in enumerate(places):
        if position < free:
            continue
        fits = [
            (len(terms[number].words), -number)
            for number in (*starts.get(word.key, ()), *starts.get("", ()))
            if _fits(places, position, terms[number])
        ]
        if fits:
            length, number = max(fits)
            free = position + length
            found.append((position, free, -number))
    return found


def _fits(places: Sequence[Word], position: int, term: Term) -> bool:
    *most, last = term.words
    if position + len(term.words) > len(places):
        return False
    ending = places[position + len(most)].key
    return (ending.startswith(last) if term.prefix else ending == last) and all(
        places[position + i].key == word for i, word in enumerate(most)
    )


def _with_signs(text: str, start: int, end: int) -> Span:
    """Widen a stretch by the signs that touch its first and last word, and take white space off."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, start + len(text[start:end].rstrip())


def _window(places: Sequence[Word], marks: Sequence[tuple[int, int, int]], length: int) -> Span:
    """Return the stretch of about ``SNIPPET_WORDS`` words that meets most of the query, the first of equals."""
    if len(places) <= SNIPPET_WORDS:
        return 0, length
    best, first = (0, 0), 0
    for index, (start, _, _) in enumerate(marks):
        inside = [mark for mark in marks[index:] if mark[1] <= start + SNIPPET_WORDS]
        value = (len({term for *_, term in inside}), len(inside))
        if value > best:
            # Some words before the first match, so that it does not stand at the very edge.
            middle = (SNIPPET_WORDS - (inside[-1][1] - start)) // 2 if inside else 0
            best, first = value, max(0, start - middle)
    first = min(first, len(places) - SNIPPET_WORDS)
    return places[first].start, places[first + SNIPPET_WORDS - 1].end
