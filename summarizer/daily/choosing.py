"""Which stories go into a day's brief: those with news, the weightiest first, each in its section.

News is what no brief of this name has told, by version: a report that came late is news, one that was edited is, one that
was told yesterday is not, whatever the clock says. Reports older than ``window_days`` are archived and are no news.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from summarizer.archive import Archive, StoredDocument, StoredStory
from summarizer.archive.news import Told, read_told
from summarizer.daily.affairs import weigh_affairs
from summarizer.daily.config import BriefingConfig
from summarizer.daily.importance import Importance, Matcher, weigh
from summarizer.daily.writing import Chosen, Written
from summarizer.schema import Document

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story with news, weighed. ``documents`` are linked and by date; ``fresh`` are ids."""

    story: StoredStory
    documents: tuple[StoredDocument, ...]
    fresh: frozenset[str]
    since: date | None
    importance: Importance


@dataclass
class Choice:
    """What was chosen, in order of weight, and how many stories were left out, by reason."""

    picked: list[tuple[Candidate, Written]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def candidates(
    archive: Archive,
    config: BriefingConfig,
    *,
    day: date,
    since: date | None,
    last: date | None = None,
    matcher: Matcher,
) -> tuple[list[Candidate], Counter[str]]:
    """Return the stories with news on ``day``, weightiest first, and how many were left out and why.

    ``since`` (a day) forgets what the briefs from that day on have told; ``last`` is the day of the brief before.
    """
    last = last or day - timedelta(days=1)
    oldest = since or day - timedelta(days=round(config.window_days))
    documents = list(archive.documents(since=oldest, until=day))
    known = _told(archive, config.name, [each.id for each in documents], before=since)
    fresh: defaultdict[str, set[str]] = defaultdict(set)
    for each in documents:
        if each.story_id is not None and _is_news(each, known):
            fresh[each.story_id].add(each.id)
    left_out: Counter[str] = Counter()
    found = []
    stories = archive.stories(ids=sorted(fresh))
    everything = [each for story in stories for each in story.document_ids]
    known = _told(archive, config.name, everything, before=since)
    kept = {story.id: _kept(story, fresh=fresh[story.id], most=config.reports_a_story) for story in stories}
    stored = {each.id: each for each in archive.documents(ids=[one for ids in kept.values() for one in ids])}
    for story in stories:
        members = _members([stored[each] for each in kept[story.id]], until=day)
        news = frozenset(fresh[story.id]) & {each.id for each in members}
        told_on = max((known[each].day for each in story.document_ids if each in known), default=None)
        importance = weigh(
            members,
            fresh=news,
            told_before=told_on is not None,
            since=min(last, day - timedelta(days=1)),
            interests=config.interests,
            sections=config.sections,
            matcher=matcher,
        )
        if importance.blocked is not None:
            left_out[f"blocked: {importance.blocked}"] += 1
        elif config.sections and importance.section is None:
            left_out["in no section"] += 1
        elif all(each.document.duplicate_of for each in members if each.id in news) and told_on is not None:
            left_out["only copies of what was told"] += 1
        else:
            found.append(
                Candidate(story=story, documents=members, fresh=news, since=told_on, importance=importance)
            )
    weights = weigh_affairs(archive, [each.importance for each in found], [each.fresh for each in found])
    found = [replace(each, importance=weight) for each, weight in zip(found, weights, strict=True)]
    found.sort(key=lambda each: (-each.importance.score, each.story.id))
    return found, left_out


def choose(
    found: Sequence[Candidate],
    config: BriefingConfig,
    *,
    write: Callable[[Chosen], Written | None],
    before: Callable[[Candidate], Sequence[Document]],
    left_out: Counter[str],
) -> Choice:
    """Fill the brief from the weightiest candidate down, writing each: one that says nothing new gives up its place.

    ``before(candidate)`` are the texts that readers had of a story that was told already.
    """
    choice = Choice(left_out=left_out)
    room = {section.id: section.stories for section in config.sections}
    taken: Counter[str | None] = Counter()
    for candidate in found:
        section = candidate.importance.section
        most = room.get(section) if section else None
        if len(choice.picked) >= config.stories:
            choice.left_out["no room"] += 1
        elif most is not None and taken[section] >= most:
            choice.left_out[f"no room in section {section}"] += 1
        else:
            written = write(_chosen(candidate, before))
            if written is None:
                choice.left_out["says nothing new"] += 1
                continue
            taken[section] += 1
            choice.picked.append((candidate, written))
    return choice


def _chosen(candidate: Candidate, before: Callable[[Candidate], Sequence[Document]]) -> Chosen:
    return Chosen(
        id=candidate.story.id,
        documents=tuple(each.document for each in candidate.documents),
        fresh=candidate.fresh,
        before=tuple(before(candidate)) if candidate.since is not None else (),
        since=candidate.since,
        follows=candidate.story.follows,
    )


def told_texts(
    archive: Archive, name: str, candidate: Candidate, *, since: date | None = None
) -> Iterator[Document]:
    """Yield what readers had of a story: its reports that are no news, and the versions told of those that are.

    ``since`` as in ``candidates``.
    """
    known = _told(archive, name, [each.id for each in candidate.documents], before=since)
    for each in candidate.documents:
        if each.id not in candidate.fresh:
            yield each.document
        elif each.id in known:
            version = known[each.id].version
            yield from (found.document for found in archive.versions(each.id) if found.number == version)


def _is_news(document: StoredDocument, known: Mapping[str, Told]) -> bool:
    return document.id not in known or known[document.id].version < document.version


def _kept(story: StoredStory, *, fresh: set[str], most: int) -> list[str]:
    """Return the reports of a story that are looked at: its news, and the newest of the others, ``most`` in all."""
    old = [each for each in story.document_ids if each not in fresh]
    news = [each for each in story.document_ids if each in fresh][-most:]
    return [*old[max(0, len(old) - most + len(news)) :], *news]


def _members(documents: Sequence[StoredDocument], *, until: date) -> tuple[StoredDocument, ...]:
    """Return the reports up to ``until`` by date; what is a copy of a report that is not among them stands for it."""
    found = [each for each in documents if each.day <= until]
    here = {each.id for each in found}
    placed = [
        each
        if each.document.duplicate_of in here
        else replace(each, document=replace(each.document, duplicate_of=None))
        for each in found
    ]
    return tuple(sorted(placed, key=lambda each: (each.document.published or each.day.isoformat(), each.id)))


def _told(archive: Archive, name: str, ids: Sequence[str], *, before: date | None) -> dict[str, Told]:
    """Return what the briefs of a name, those before a day or all, have told of these reports."""
    with archive.database.read() as connection:
        known = read_told(connection, ids, name=name)
    return {each: told for each, told in known.items() if before is None or told.day < before}
