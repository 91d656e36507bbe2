"""The words of the index: what is stored for search, and how it is kept in step with what it indexes.

What is indexed is not the text but its words, folded and stemmed by ``summarizer.arabic`` (Latin ones by Porter's stemmer),
one token a word, so that a query that goes through the same functions meets them, in SQLite (FTS5) and in PostgreSQL
(tsvector) alike. The database's own tokenizers see only these words and have nothing left to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer import arabic
from summarizer.archive import tables
from summarizer.archive.database import get_setting, put_setting, upsert

#: What the words of an index were made with. Raise it with every change of ``word_of``: archives index anew.
WORDS_VERSION: Final = "1"
#: Words of one text that are indexed, and characters of one word: PostgreSQL's tsvector ends at 1 MB.
MOST_WORDS: Final = 40_000
LONGEST_WORD: Final = 64
_ARTICLE_AND_WAW: Final = re.compile("(?:[وبكف]?ال|لل)(?=و...)")


class Word(NamedTuple):
    """An indexed word and where it stands in the text."""

    key: str
    start: int
    end: int


@cache
def _porter() -> Any:
    from nltk.stem.porter import PorterStemmer  # takes a second: only where Latin words are met

    return PorterStemmer()


@lru_cache(maxsize=1 << 16)
def word_of(token: str) -> str:
    """Return the indexed form of a folded token: light10 stem of Arabic, Porter stem of English, else itself."""
    if token.isascii() and token.isalpha():
        return str(_porter().stem(token))[:LONGEST_WORD]
    # light10 takes a first و for "and", but not behind an article: وزير would not find الوزير.
    behind_article = _ARTICLE_AND_WAW.match(token)
    return arabic.stem(token[behind_article.end() :] if behind_article else token)[:LONGEST_WORD]


def words_with_places(text: str) -> list[Word]:
    """Return the words of ``text`` with their places in it, as the index has them."""
    return [Word(word_of(token), start, end) for token, start, end in arabic.token_spans(text)]


def words(text: str) -> list[str]:
    """Return the words of ``text`` as the index has them."""
    return [word_of(token) for token in arabic.tokenize(text)[:MOST_WORDS]]


# --- keeping it ---------------------------------------------------------------------------------


def create(connection: Connection) -> None:
    """Make the empty index."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE search_index USING fts5"
            "(title, body, tokenize=\"unicode61 remove_diacritics 0 tokenchars '.,_'\")"
        )
    else:
        connection.exec_driver_sql(
            "CREATE TABLE search_index (entry_id integer PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE, "
            "words tsvector NOT NULL)"
        )
        connection.exec_driver_sql("CREATE INDEX search_index_words ON search_index USING gin (words)")


def put(
    connection: Connection,
    *,
    kind: Literal["document", "story", "brief"],
    item: str,
    language: str,
    day: date,
    title: str,
    text: str,
) -> None:
    """Index something, in place of what was indexed under its kind, item and language.

    A document's text is read from its current version when it is found; of the others the entry keeps it.
    """
    kept = {"title": None, "text": None} if kind == "document" else {"title": title, "text": text}
    statement = upsert(connection, tables.entries).values(
        kind=kind, item=item, language=language, day=day, **kept
    )
    number = connection.scalar(
        statement.on_conflict_do_update(
            index_elements=["kind", "item", "language"], set_={"day": day, **kept}
        ).returning(tables.entries.c.id)
    )
    if connection.dialect.name == "sqlite":
        connection.execute(
            sa.text("INSERT OR REPLACE INTO search_index (rowid, title, body) VALUES (:id, :title, :body)"),
            {"id": number, "title": " ".join(words(title)), "body": " ".join(words(text))},
        )
    else:
        connection.execute(
            sa.text(
                "INSERT INTO search_index (entry_id, words) VALUES (:id, CAST(:words AS tsvector)) "
                "ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words"
            ),
            {"id": number, "words": _tsvector(words(title), words(text))},
        )


def remove(connection: Connection, *, kind: str, items: Iterable[str]) -> None:
    """Take items out of the index."""
    for item in items:
        chosen = (tables.entries.c.kind == kind) & (tables.entries.c.item == item)
        if connection.dialect.name == "sqlite":
            for number in connection.scalars(sa.select(tables.entries.c.id).where(chosen)).all():
                connection.execute(sa.text("DELETE FROM search_index WHERE rowid = :id"), {"id": number})
        connection.execute(tables.entries.delete().where(chosen))


def rebuild(connection: Connection) -> int:
    """Index everything anew, each entry under its number, and return how many there are."""
    connection.exec_driver_sql("DELETE FROM search_index")
    kept = connection.execute(sa.select(tables.entries).where(tables.entries.c.kind != "document")).all()
    count = 0
    for item in (*_documents(connection), *({**row._mapping} for row in kept)):
        put(connection, **{name: item[name] for name in ("kind", "item", "language", "day", "title", "text")})
        count += 1
    put_setting(connection, "search_words", WORDS_VERSION)
    return count


def is_current(connection: Connection) -> bool:
    """Tell whether the index was made with the words of this version of Mujaz."""
    return get_setting(connection, "search_words") == WORDS_VERSION


def _documents(connection: Connection) -> Iterator[Mapping[str, Any]]:
    latest = sa.select(tables.documents.c.id, tables.documents.c.day, tables.versions.c.document).join_from(
        tables.documents,
        tables.versions,
        (tables.versions.c.document_id == tables.documents.c.id)
        & (tables.versions.c.number == tables.documents.c.versions),
    )
    for row in connection.execute(latest.order_by(tables.documents.c.id)).all():
        yield {
            "kind": "document",
            "item": row.id,
            "language": row.document["language"],
            "day": row.day,
            "title": row.document["title"] or "",
            "text": row.document["text"],
        }


def _tsvector(title: list[str], body: list[str]) -> str:
    """Return the literal of a tsvector: title words weigh A, the others D; a gap keeps phrases from spanning both."""
    places: dict[str, list[str]] = {}
    for position, word in enumerate(title, 1):
        places.setdefault(word, []).append(f"{position}A")
    for position, word in enumerate(body, len(title) + 2):
        places.setdefault(word, []).append(str(position))
    return " ".join(f"{quote_lexeme(word)}:{','.join(each[:255])}" for word, each in places.items())


def quote_lexeme(word: str) -> str:
    """Return a word as tsvector and tsquery literals write it."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
