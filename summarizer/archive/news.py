"""What is new in a story since a brief told it: reports, edits, and figures that changed.

Told is told by version, not by time: every brief records which version of which article it showed. So neither a late
report nor a clock that was set back hides news or repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import documents
from summarizer.archive.changes import Change, word_changes
from summarizer.archive.database import chunks
from summarizer.archive.records import StoredDocument
from summarizer.archive.store import Archive
from summarizer.archive.tables import briefs, members, told
from summarizer.disagreements import find_disagreements
from summarizer.facts import extract_facts
from summarizer.schema import Bilingual, DisagreementValue, Document
from summarizer.segment import segment
from summarizer.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The newest version of an article that a brief has shown, and the last day on which one did."""

    version: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An article that was told and has changed since; ``changes`` are against the version told."""

    document: StoredDocument
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNumber:
    """A figure that reports gave before, and the one that new reports give of the same thing."""

    about: Bilingual
    before: DisagreementValue
    after: DisagreementValue


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What readers of the briefs do not know of a story. ``since`` is the day of the last brief that told it, or None."""

    story_id: str
    since: date | None
    new: tuple[StoredDocument, ...]
    edited: tuple[Edited, ...]
    known: tuple[StoredDocument, ...]
    numbers: tuple[ChangedNumber, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.edited)


def read_told(
    connection: Connection, document_ids: Sequence[str], *, name: str | None, upto: int | None = None
) -> dict[str, Told]:
    """Return what briefs of a name (None: of any) have told of these articles; ``upto`` is the last brief that counts."""
    found: dict[str, Told] = {}
    for part in chunks(document_ids):
        query = (
            sa.select(
                told.c.document_id,
                sa.func.max(told.c.version).label("version"),
                sa.func.max(briefs.c.day, type_=sa.Date).label("day"),
            )
            .join(briefs, briefs.c.id == told.c.brief_id)
            .where(told.c.document_id.in_(part))
            .group_by(told.c.document_id)
        )
        if name is not None:
            query = query.where(briefs.c.name == name)
        if upto is not None:
            query = query.where(briefs.c.id <= upto)
        for row in connection.execute(query):
            found[row.document_id] = Told(version=row.version, day=row.day)
    return found


def news_since(
    archive: Archive, story_id: str, *, terms: Terms, name: str | None = None, brief_id: int | None = None
) -> News:
    """Return what is new in a story since brief ``brief_id`` (by default since the last one of that name).

    ``terms`` name what changed figures are about. Raises ``InputError`` for an unknown story.
    """
    archive.story(story_id)
    with archive.database.read() as connection:
        ids = connection.scalars(sa.select(members.c.document_id).where(members.c.story_id == story_id)).all()
        known = read_told(connection, ids, name=name, upto=brief_id)
        found = list(documents.select(connection, story=story_id))
        edited = [each for each in found if each.id in known and each.version > known[each.id].version]
        earlier = {
            each.id: next(
                version.document
                for version in documents.read_versions(connection, each.id)
                if version.number == known[each.id].version
            )
            for each in edited
        }
    new = [each for each in found if each.id not in known]
    unchanged = [each for each in found if each.id in known and each.id not in earlier]
    return News(
        story_id=story_id,
        since=max((each.day for each in known.values()), default=None),
        new=tuple(new),
        edited=tuple(
            Edited(document=each, changes=word_changes(earlier[each.id], each.document)) for each in edited
        ),
        known=tuple(unchanged),
        numbers=changed_numbers(
            [*(each.document for each in unchanged), *earlier.values()],
            [each.document for each in (*new, *edited)],
            terms=terms,
        ),
    )


def changed_numbers(
    before: Iterable[Document], after: Iterable[Document], *, terms: Terms
) -> tuple[ChangedNumber, ...]:
    """Return the figures that ``after`` gives otherwise than ``before``: 12 killed, now 15.

    A figure counts as changed where ``find_disagreements`` would list both, the one given only before and the other only
    after. An edited article may stand on both sides; its sides are told apart by ``document_id``, where
    the earlier one has the mark ``@before``. Copies of reports say nothing.
    """
    sides = {f"{each.id}@before": each for each in before} | {each.id: each for each in after}
    facts, reports = [], {}
    for identity, document in sides.items():
        reports[identity] = replace(document, id=identity, shares=())
        for sentence in segment(reports[identity]):
            if sentence.kind == "body":
                found = extract_facts(sentence.text, language="ar", published=document.published)
                facts.append((sentence, found))
    changed = []
    for each in find_disagreements(facts, reports, terms=terms):
        if each.kind != "number":
            continue
        old = [value for value in each.values if _is_of(value, before=True)]
        new = [value for value in each.values if _is_of(value, before=False)]
        if old and new:
            changed.append(ChangedNumber(about=each.about, before=old[0], after=new[0]))
    return tuple(changed)


def _is_of(value: DisagreementValue, *, before: bool) -> bool:
    return all(each.document_id.endswith("@before") is before for each in value.citations)
