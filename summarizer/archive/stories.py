"""Stories over time: unread articles find their stories, day by day, in a window that moves along.

For every day with unread articles, the articles of the window around it are clustered by the very algorithm of
``summarizer.cluster`` and the clusters are matched to the stories that were there (``reconcile``). So the stories of
the window are always those that the batch form makes of its articles, whatever the order in which they came in; what
lies before the window is settled. The cost of a day is that of its window, not of the archive.

Each day is one transaction. A killed update has done some days and not the others; calling it again does these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import documents, story_store, vectors
from summarizer.archive.database import chunks, get_setting, put_setting
from summarizer.archive.forerunners import centre, find_forerunner, known_by
from summarizer.archive.reconcile import Before, reconcile
from summarizer.archive.store import Archive
from summarizer.archive.story_store import Happening, StoryChanges
from summarizer.archive.tables import documents as documents_table
from summarizer.archive.tables import members, stories, unread
from summarizer.cluster import Cluster, OnlineClusterer, ReadReport
from summarizer.duplicates import link_duplicates
from summarizer.errors import ArchiveError, InputError

logger = logging.getLogger(__name__)

#: Days of the window. News of one event come within days; past a week of silence it is another round, which follows.
WINDOW_DAYS: Final = 7
#: Reports at least this alike are looked at word by word for copies. Copies of whole reports are far above it,
#: excerpts of long ones may come down to it.
COPY_LIKENESS: Final = 0.25
#: Times that a day is worked out anew because another process stored stories meanwhile.
_ATTEMPTS: Final = 5

Progress = Callable[[date, int], None]


@dataclass(slots=True, kw_only=True)
class StoryUpdate:
    """What an update did. ``stories`` are those that anything happened to, in order and each once."""

    days: list[date] = field(default_factory=list)
    documents: int = 0
    stories: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


def update_stories(
    archive: Archive,
    *,
    window_days: int = WINDOW_DAYS,
    at: datetime | None = None,
    run: int | None = None,
    progress: Progress | None = None,
) -> StoryUpdate:
    """Put every unread article into its story, and end the stories that have been silent for a window.

    ``window_days`` is the number of days that are clustered together, the article's own included. ``progress(day,
    articles)`` is called after each day. Time is that of the news: a day is over when there is news of a later one, so
    a wrong clock ends nothing. Raises ``InputError`` for a window of less than a day.
    """
    if window_days < 1:
        raise InputError(f"the window of the stories must be at least one day, not {window_days}")
    update = StoryUpdate()
    touched: dict[str, None] = {}
    while (day := _next_day(archive)) is not None:
        for _ in range(_ATTEMPTS):
            work = _Day(archive, day, window_days=window_days)
            changes = work.plan()
            ended = work.save(changes, at=at or datetime.now(UTC), run=run)
            if ended is not None:
                break
        else:
            raise ArchiveError(f"archive {archive.database.name}: another process keeps storing stories")
        update.days.append(day)
        update.documents += len(work.fresh)
        update.ended += ended
        touched.update(dict.fromkeys(each.story_id for each in changes.happenings))
        logger.info(
            "stories of %s: %d articles, %d happenings", day, len(work.fresh), len(changes.happenings)
        )
        if progress is not None:
            progress(day, len(work.fresh))
    update.stories = list(touched)
    return update


def _next_day(archive: Archive) -> date | None:
    with archive.database.read() as connection:
        first: date | None = connection.scalar(
            sa.select(sa.func.min(documents_table.c.day, type_=sa.Date)).join_from(
                unread, documents_table, documents_table.c.id == unread.c.document_id
            )
        )
    return first


class _Day:
    """The update of one day: everything is read at once, worked out, and stored if nobody else stored meanwhile."""

    def __init__(self, archive: Archive, day: date, *, window_days: int) -> None:
        self._archive = archive
        self._day = day
        self._first = day - timedelta(days=window_days - 1)
        self._last = day + timedelta(days=window_days - 1)
        with archive.database.read() as connection:
            self._state = get_setting(connection, "stories_state")
            self.fresh = self._unread(connection)
            self._of, days = self._window(connection)
            self._before = self._stand(connection, days)
            self._reports, self._read_now = vectors.read(connection, list(days))

    def plan(self) -> StoryChanges:
        """Return what the fresh articles change."""
        clusterer = OnlineClusterer()
        clusterer.add_read(self._reports.values())
        self.copies = self._find_copies(clusterer)
        clusterer.link_copies(self.copies)
        clusters = clusterer.clusters()
        with self._archive.database.read() as connection:
            changes, names = reconcile(
                self._before,
                [each.document_ids for each in clusters],
                day=self._day,
                is_free=lambda identity: not _exists(connection, identity),
            )
            self._follow(connection, changes, names, clusters)
        return changes

    def save(self, changes: StoryChanges, *, at: datetime, run: int | None) -> list[str] | None:
        """Store the changes and return the stories that ended; None, and nothing stored, where others came first."""
        with self._archive.database.write() as connection:
            if get_setting(connection, "stories_state") != self._state:
                return None
            story_store.save(connection, changes, at=at, run=run)
            ended = story_store.end_silent(connection, before=self._first, day=self._day, at=at, run=run)
            vectors.save(connection, self._reports, versions=self._read_now)
            for document_id, original in self.copies.items():
                connection.execute(
                    documents_table.update()
                    .where(documents_table.c.id == document_id)
                    .values(duplicate_of=original)
                )
            for document_id, version in self.fresh.items():
                connection.execute(
                    unread.delete().where(unread.c.document_id == document_id, unread.c.version == version)
                )
            put_setting(connection, "stories_state", str(int(self._state or 0) + 1))
            return ended

    # --- reading --------------------------------------------------------------------------------

    def _unread(self, connection: Connection) -> dict[str, int]:
        """Return the unread articles of the day and the version of each that is read now."""
        rows = connection.execute(
            sa.select(unread.c.document_id, unread.c.version)
            .join(documents_table, documents_table.c.id == unread.c.document_id)
            .where(documents_table.c.day == self._day)
            .order_by(unread.c.document_id)
        )
        return {row.document_id: row.version for row in rows}

    def _window(self, connection: Connection) -> tuple[dict[str, str], dict[str, date]]:
        """Return the story of each article of the window that has one, and the day of every article to be clustered."""
        rows = connection.execute(
            sa.select(members.c.document_id, members.c.story_id, documents_table.c.day)
            .join(documents_table, documents_table.c.id == members.c.document_id)
            .where(documents_table.c.day.between(self._first, self._last))
        ).all()
        of = {row.document_id: row.story_id for row in rows}
        return of, {row.document_id: row.day for row in rows} | dict.fromkeys(self.fresh, self._day)

    def _stand(self, connection: Connection, days: Mapping[str, date]) -> Before:
        ids = sorted(set(self._of.values()))
        inside = story_store.members_of(connection, ids)
        rows = [
            row
            for part in chunks(ids)
            for row in connection.execute(
                sa.select(stories.c.id, stories.c.number, stories.c.state, stories.c.follows).where(
                    stories.c.id.in_(part)
                )
            )
        ]
        self._follows = {row.id: row.follows for row in rows}
        return Before(
            of=self._of,
            frozen={story: [each for each in ids if each not in days] for story, ids in inside.items()},
            numbers={row.id: row.number for row in rows},
            ended=frozenset(row.id for row in rows if row.state == "ended"),
        )

    # --- working it out -------------------------------------------------------------------------

    def _find_copies(self, clusterer: OnlineClusterer) -> dict[str, str | None]:
        """Return what the fresh articles, and those that are like them, are copies of."""
        near = {*self.fresh, *clusterer.alike(self.fresh, least=COPY_LIKENESS)}
        with self._archive.database.read() as connection:
            originals = {self._reports[each].duplicate_of or each for each in near}
            copies = {
                each
                for part in chunks(sorted(originals))
                for each in connection.scalars(
                    sa.select(documents_table.c.id).where(documents_table.c.duplicate_of.in_(part))
                )
            }
            found = documents.select(connection, ids=sorted(near | originals | copies))
            linked = link_duplicates([vectors.dated(each.document, each.day) for each in found])
        return {each.id: each.duplicate_of for each in linked}

    def _follow(
        self,
        connection: Connection,
        changes: StoryChanges,
        names: Sequence[str],
        clusters: Sequence[Cluster],
    ) -> None:
        """Link stories to those they continue: in the window as clustering says, before it by what they are known by."""
        changed = {*changes.moved.values()}
        for name, group in zip(names, clusters, strict=True):
            if self._before.frozen.get(name):
                continue  # it began before the window, and what it follows is settled
            known = self._follows.get(name)
            earlier = None if group.follows is None else names[group.follows]
            if earlier is None and known not in self._before.numbers:
                earlier = known  # it ended before the window: nothing there can tell otherwise
            if earlier is None and name in changes.started:
                earlier = find_forerunner(
                    connection,
                    self._members(group),
                    first=self._start(group),
                    excluded=self._before.numbers.keys(),
                )
            if earlier is not None and earlier != known:
                changes.follows[name] = earlier
                changes.happenings.append(
                    Happening(story_id=name, kind="follows", day=self._day, other_id=earlier)
                )
            elif earlier is None and known is not None:
                changes.follows[name] = None
        for name, group in zip(names, clusters, strict=True):
            if name in changed:
                changes.words[name] = known_by(centre(self._members(group)))

    def _members(self, group: Cluster) -> list[ReadReport]:
        return [self._reports[each] for each in group.document_ids]

    def _start(self, group: Cluster) -> date:
        return date.fromisoformat(group.first) if group.first else self._day


def _exists(connection: Connection, story_id: str) -> bool:
    return connection.scalar(sa.select(stories.c.id).where(stories.c.id == story_id)) is not None
