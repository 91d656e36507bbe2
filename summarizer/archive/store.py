"""``Archive``: everything that a newsroom's machine remembers. Each method is one transaction: all of it, or nothing.

The methods are thin: what they do stands in ``documents``, ``story_store``, ``briefs``, ``journal``, ``outbox``, ``search``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import sqlalchemy as sa

from summarizer.archive import briefs, documents, journal, search, search_index, story_store, tables
from summarizer.archive.changes import Change, word_changes
from summarizer.archive.database import BUSY_SECONDS, Database
from summarizer.archive.migrations import migrate
from summarizer.archive.outbox import Outbox
from summarizer.archive.records import (
    AddResult,
    HitKind,
    Publication,
    Run,
    RunRecord,
    RunState,
    StoredBrief,
    StoredDocument,
    StoredStory,
    StoryEvent,
    StoryState,
    Version,
)
from summarizer.archive.retention import Pruned, prune
from summarizer.archive.story_store import StoryChanges
from summarizer.archive.transfer import export_archive, import_archive
from summarizer.archive.verify import Problem, verify
from summarizer.errors import InputError
from summarizer.schema import Brief, Document


def open_archive(where: str | Path, *, busy_seconds: float = BUSY_SECONDS) -> Archive:
    """Open the archive at a path or a ``sqlite:///`` or ``postgresql://`` URL, made or upgraded where it must be.

    ``busy_seconds`` is how long a step waits for another process that is writing. Raises ``ArchiveError`` where the
    archive cannot be opened or is of a later version of Mujaz.
    """
    database = Database.connect(where, busy_seconds=busy_seconds)
    try:
        migrate(database)
        with database.read() as connection:
            current = search_index.is_current(connection)
        if not current:
            with database.write() as connection:
                search_index.rebuild(connection)
    except BaseException:
        database.close()
        raise
    return Archive(database)


class Archive:
    """An open archive; a context manager that closes itself. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.outbox = Outbox(database)
        self.edits = journal.Log(database, tables.edits)
        self.votes = journal.Log(database, tables.votes)
        self.sources = journal.Sources(database)
        self.pages = journal.Pages(database)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- articles -------------------------------------------------------------------------------

    def add_documents(
        self,
        given: Iterable[Document],
        *,
        run: int | None = None,
        at: datetime | None = None,
        group: Mapping[str, str] | None = None,
    ) -> AddResult:
        """Store articles; giving one twice changes nothing, and an edited one keeps its earlier versions.

        An article is the same as one before if its URL is (tracking parameters, fragment and http/https aside), or,
        without a URL, its id. ``at`` is when they were seen (default: now); ``group`` maps an outlet
        (``Document.source``) to its owner, where several speak with one voice. ``duplicate_of`` and ``shares`` are
        not stored: what an article copies is found by ``stories.update_stories``. A document that no database can
        hold is rejected and never costs the others.
        """
        at = at or _now()
        with self.database.write() as connection:
            return documents.add(connection, given, run=run, at=at, groups=group or {})

    def documents(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        ids: Sequence[str] | None = None,
        story: str | None = None,
    ) -> Iterator[StoredDocument]:
        """Yield articles as they are now, by day, then id: of the days ``since`` to ``until`` (both included), of the
        given ids, of a story. Unknown ids yield nothing."""
        with self.database.read() as connection:
            yield from documents.select(connection, since=since, until=until, ids=ids, story=story)

    def document(self, document_id: str) -> StoredDocument:
        """Return an article as it is now. Raises ``InputError`` for an unknown id."""
        for found in self.documents(ids=[document_id]):
            return found
        raise InputError(f"the archive has no document {document_id}")

    def versions(self, document_id: str) -> list[Version]:
        """Return every text that the article has had, the oldest first. Raises ``InputError`` for an unknown id."""
        with self.database.read() as connection:
            found = documents.read_versions(connection, document_id)
        if not found:
            raise InputError(f"the archive has no document {document_id}")
        return found

    def changes(self, document_id: str) -> list[tuple[Change, ...]]:
        """Return what each edit of the article changed, word by word; one item an edit, the oldest first."""
        found = self.versions(document_id)
        return [word_changes(before.document, after.document) for before, after in pairwise(found)]

    # --- stories --------------------------------------------------------------------------------

    def stories(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        ids: Sequence[str] | None = None,
        states: Sequence[StoryState] | None = None,
    ) -> list[StoredStory]:
        """Return the stories that have reports in the days ``since`` to ``until``, in the order in which they started."""
        with self.database.read() as connection:
            return story_store.select(connection, since=since, until=until, ids=ids, states=states)

    def story(self, story_id: str) -> StoredStory:
        """Return a story. Raises ``InputError`` for an unknown id."""
        for found in self.stories(ids=[story_id]):
            return found
        raise InputError(f"the archive has no story {story_id}")

    def history(self, story_id: str) -> list[StoryEvent]:
        """Return what happened to a story, the oldest first."""
        with self.database.read() as connection:
            return story_store.history(connection, story_id)

    def save_stories(
        self, changes: StoryChanges, *, at: datetime | None = None, run: int | None = None
    ) -> None:
        """Store what an update of the stories found (``stories.update_stories`` calls this)."""
        with self.database.write() as connection:
            story_store.save(connection, changes, at=at or _now(), run=run)

    # --- briefs ---------------------------------------------------------------------------------

    def save_brief(
        self,
        brief: Brief,
        *,
        day: date,
        name: str,
        run: int | None = None,
        stories: Mapping[str, str] | None = None,
        publications: Sequence[Publication] = (),
        at: datetime | None = None,
    ) -> int:
        """Store a brief with what is to be published of it, in one transaction, and return its number.

        Storing it again (equal but for ``created``) returns the same number; another brief of that name and day
        becomes the next edition. ``stories`` maps the ids of the brief's stories to the archive's; by default
        each is the story that most of its articles stand in.
        """
        with self.database.write() as connection:
            return briefs.save(
                connection,
                brief,
                day=day,
                name=name,
                run=run,
                stories=stories or {},
                publications=publications,
                at=at or _now(),
            )

    def briefs(
        self, day: date | None = None, *, name: str | None = None, limit: int | None = None
    ) -> list[StoredBrief]:
        """Return what is known of the briefs, of one day or of all, the newest first."""
        with self.database.read() as connection:
            return briefs.select(connection, day=day, name=name, limit=limit)

    def brief(self, brief_id: int) -> Brief:
        """Return a brief. Raises ``InputError`` for an unknown number, ``ArchiveError`` where it is damaged."""
        with self.database.read() as connection:
            return briefs.read(connection, brief_id)

    # --- search ---------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        kind: HitKind | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[search.Hit]:
        """Return what matches, the best first: articles, stories and briefs.

        All words must be there, in whatever inflection and spelling (عراق finds العراقية). ``"..."`` is a phrase, ``-word``
        must not be there, ``word*`` is the start of a word, ``OR`` (or ``أو``) stands between alternatives. Whatever
        else is typed is words; nothing is an error.
        """
        with self.database.read() as connection:
            return search.find(
                connection,
                query,
                language=language,
                kind=kind,
                since=since,
                until=until,
                limit=limit,
                offset=offset,
            )

    # --- runs -----------------------------------------------------------------------------------

    def start_run(
        self, kind: str, *, at: datetime | None = None, detail: Mapping[str, Any] | None = None
    ) -> int:
        """Open a run and return its number. Runs that an earlier process left open become ``interrupted``."""
        with self.database.write() as connection:
            return journal.start_run(connection, kind, at=at or _now(), detail=detail or {})

    def record(self, run: int, records: Iterable[RunRecord]) -> None:
        """Note what a run fetched, skipped or failed at, and why."""
        with self.database.write() as connection:
            journal.record(connection, run, records)

    def finish_run(
        self,
        run: int,
        *,
        at: datetime | None = None,
        state: RunState = "done",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Close a run; ``detail`` is added to what it was started with. Raises ``InputError`` for an unknown number."""
        with self.database.write() as connection:
            journal.finish_run(connection, run, at=at or _now(), state=state, detail=detail or {})

    def runs(self, *, limit: int | None = None) -> list[Run]:
        """Return the runs, the newest first."""
        with self.database.read() as connection:
            return journal.read_runs(connection, limit=limit)

    def run_records(self, run: int) -> list[RunRecord]:
        """Return what a run met, in order."""
        with self.database.read() as connection:
            return journal.read_records(connection, run)

    # --- the whole ------------------------------------------------------------------------------

    def verify(self) -> list[Problem]:
        """Return everything that is wrong with the archive: an empty list is a clean one. Reads all of it."""
        return verify(self.database)

    def export_to(self, file: IO[str]) -> int:
        """Write everything that cannot be made anew as JSON Lines (see ``transfer``) and return the number of rows."""
        return export_archive(self.database, file)

    def import_from(self, lines: Iterable[str]) -> int:
        """Fill this archive, which must be empty, from an export, and return the number of rows.

        Raises ``ArchiveError`` where it is not empty, ``InputError`` for a damaged file; nothing is stored then.
        """
        return import_archive(self.database, lines)

    def prune(self, *, before: date, keep_briefs: bool = False) -> Pruned:
        """Forget the stories that ended before a day, with their articles; briefs, runs and cached pages of before it.

        A story that reached beyond that day stays whole. What was forgotten is never news again.
        """
        with self.database.write() as connection:
            return prune(connection, before=before, keep_briefs=keep_briefs)

    def stats(self) -> dict[str, int]:
        """Return how much there is: rows by table, and stories by state."""
        with self.database.read() as connection:
            counts = {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in tables.metadata.sorted_tables
            }
            states = sa.select(tables.stories.c.state, sa.func.count()).group_by(tables.stories.c.state)
            counts |= {f"stories_{state}": count for state, count in connection.execute(states)}
        return counts


def _now() -> datetime:
    return datetime.now(UTC)
