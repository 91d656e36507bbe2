"""The tables of the archive, as SQLAlchemy Core sees them. ``migrations`` makes them; nothing else creates tables.

One word of caution on time: instants are written for people. Nothing is ordered by them, because a clock can be set
back; order is that of the whole numbers (``versions.id``, ``events.id``...) that only ever grow.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant of time: timestamptz in PostgreSQL; in SQLite a fixed-width UTC text, which sorts as it should."""

    impl = sa.String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.String(27))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


metadata: Final = sa.MetaData()


def _number() -> sa.Column[int]:
    """A key that is given out once: also a deleted row's number is never used again."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


migrations = sa.Table(
    "migrations",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied", Instant, nullable=False),
)

#: Small facts about the archive itself: the normaliser that its index was made with, how far stories have read.
settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    _number(),
    sa.Column("kind", sa.Text, nullable=False),  # "brief", "watch", "import"...
    sa.Column("started", Instant, nullable=False),
    sa.Column("finished", Instant),
    sa.Column("state", sa.Text, nullable=False),  # running, done, failed, interrupted
    sa.Column("detail", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

#: What a run met: one row for everything fetched, skipped or failed, and why.
run_records = sa.Table(
    "run_records",
    metadata,
    _number(),
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # the URL or file
    sa.Column("reason", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

#: One row an article. ``key`` is what makes it the same article tomorrow: its URL, or else its id.
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("owner", sa.Text, nullable=False),  # the trust group that counts as one voice; else the outlet
    sa.Column("day", sa.Date, nullable=False, index=True),  # when it counts: published, else first seen
    sa.Column("first_seen", Instant, nullable=False),
    sa.Column("last_seen", Instant, nullable=False),
    sa.Column("versions", sa.Integer, nullable=False),
    sa.Column("duplicate_of", sa.Text, index=True),  # the article it copies, as the stories' update found
)

#: The keys of articles that were pruned, so that a site that lists one again does not make it news.
forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)

#: Every text that an article has had. The one with the highest number is what it says now.
versions = sa.Table(
    "versions",
    metadata,
    _number(),
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 1, 2, ... within the article
    sa.Column("seen", Instant, nullable=False),
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    sa.Column("checksum", sa.Text, nullable=False),  # of title and text
    sa.Column("document", sa.JSON, nullable=False),  # schema.Document, whole
    sa.UniqueConstraint("document_id", "number"),
    sqlite_autoincrement=True,
)

#: Articles that no update of the stories has seen in this version yet.
unread = sa.Table(
    "unread",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)

#: What clustering remembers of an article, so that a day's work does not read the week again.
vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("form", sa.Text, nullable=False),  # what made it; another form is computed anew
    sa.Column("data", sa.LargeBinary, nullable=False),
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False, unique=True),  # the order in which they started
    sa.Column("state", sa.Text, nullable=False, index=True),  # active, ended, merged
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False, index=True),
    sa.Column("size", sa.Integer, nullable=False),  # articles
    sa.Column("follows", sa.ForeignKey("stories.id", ondelete="SET NULL"), index=True),
    sa.Column("merged_into", sa.ForeignKey("stories.id", ondelete="SET NULL"), index=True),
)

#: The story that an article stands in now (at most one).
members = sa.Table(
    "members",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("story_id", sa.ForeignKey("stories.id", ondelete="CASCADE"), nullable=False, index=True),
)

#: What a story is known by: its weightiest words, to find the forerunner of a later one without reading them all.
story_words = sa.Table(
    "story_words",
    metadata,
    sa.Column("word", sa.Text, primary_key=True),
    sa.Column("story_id", sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("weight", sa.Double, nullable=False),
    sa.Index("story_words_last", "word", "last"),
)

#: The history of stories, in order.
events = sa.Table(
    "events",
    metadata,
    _number(),
    sa.Column("story_id", sa.ForeignKey("stories.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),  # started, grew, merged, split, ended, follows, resumed
    sa.Column("day", sa.Date, nullable=False),  # of the news that made it happen
    sa.Column("at", Instant, nullable=False),
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    sa.Column("other_id", sa.Text),  # the story on the other side of a merge, a split or a continuation
    sa.Column("documents", sa.JSON, nullable=False),  # ids of the articles concerned
    sqlite_autoincrement=True,
)

briefs = sa.Table(
    "briefs",
    metadata,
    _number(),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),  # 1, 2, ... of this name on this day
    sa.Column("created", Instant, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),  # of the JSON without ``created``
    sa.Column("json", sa.LargeBinary, nullable=False),  # zlib-compressed ``Brief.to_json``
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    sa.UniqueConstraint("day", "name", "edition"),
    sqlite_autoincrement=True,
)

#: Which version of which article a brief has told, and as part of which story: what is news after it.
told = sa.Table(
    "told",
    metadata,
    sa.Column("brief_id", sa.ForeignKey("briefs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("brief_story", sa.Text, nullable=False),  # the id of the story inside the brief
    sa.Column("story_id", sa.ForeignKey("stories.id", ondelete="SET NULL"), index=True),
)

#: Publications. The key makes the second copy of one impossible, whoever asks for it.
outbox = sa.Table(
    "outbox",
    metadata,
    _number(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("brief_id", sa.ForeignKey("briefs.id", ondelete="SET NULL"), index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),  # pending, sending, sent, uncertain, failed
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("updated", Instant, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)


def _log(name: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        _number(),
        sa.Column("at", Instant, nullable=False),
        sa.Column("subject", sa.Text, nullable=False, index=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )


edits = _log("edits")
votes = _log("votes")

#: What is remembered of a source between runs.
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("checked", Instant),  # last time that it was asked
    sa.Column("last_new", Instant),  # last time that it had something new
    sa.Column("silent_since", Instant),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("next_at", Instant),  # not to be asked before
    sa.Column("data", sa.JSON, nullable=False),
)

#: Fetched pages and what their servers said of them, for conditional requests.
pages = sa.Table(
    "pages",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("fetched", Instant, nullable=False, index=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.LargeBinary),
)

#: What search finds. The words themselves are in ``search_index`` (FTS5) or in ``words`` (PostgreSQL).
entries = sa.Table(
    "entries",
    metadata,
    _number(),
    sa.Column("kind", sa.Text, nullable=False),  # document, story, brief
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("text", sa.Text),  # None where it is the current text of the document
    sa.UniqueConstraint("kind", "item", "language"),
    sqlite_autoincrement=True,
)
