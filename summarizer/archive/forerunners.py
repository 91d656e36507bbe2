"""The story, ended before the window, that a new one continues.

Comparing with every story of half a year would cost more every day. Each story is known by its few weightiest
words; those that share some of the new one's are its candidates, the latest ones per word, and the most promising of
them are compared in full, by the measure of ``summarizer.cluster``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import vectors
from summarizer.archive.tables import members, story_words
from summarizer.cluster import FOLLOW_DAYS, FOLLOW_THRESHOLD, ReadReport

#: Words that a story is known by.
KNOWN_WORDS: Final = 12
#: Of the stories that have one of these words, how many are looked at, the latest ones first. The bounds keep the cost of
#: a new story the same however large the archive is.
LATEST: Final = 60
#: How many are compared in full: those that promise most by the words they are known by.
CANDIDATES: Final = 4
#: Of these, how many reports are read, the latest by id.
REPORTS: Final = 30

# Made once: there is a handful for every new story, and putting them together costs more than answering them.
_KNOWN_BY: Final = (
    sa.select(story_words.c.story_id, story_words.c.last, story_words.c.weight)
    .where(
        story_words.c.word == sa.bindparam("word"),
        story_words.c.last < sa.bindparam("first"),
        story_words.c.last >= sa.bindparam("oldest"),
    )
    .order_by(story_words.c.last.desc(), story_words.c.story_id)
    .limit(LATEST)
)
_LATEST_OF: Final = (
    sa.select(members.c.document_id)
    .where(members.c.story_id == sa.bindparam("story"))
    .order_by(members.c.document_id.desc())
    .limit(REPORTS)
)


def centre(reports: Iterable[ReadReport]) -> dict[str, float]:
    """Return the mean direction of reports, of unit length; empty where they have no words."""
    total: defaultdict[str, float] = defaultdict(float)
    for report in reports:
        for word, weight in report.weights.items():
            total[word] += weight
    norm = math.sqrt(math.fsum(weight * weight for weight in total.values()))
    return {word: weight / norm for word, weight in total.items()} if norm else {}


def known_by(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weightiest of the words."""
    chosen = sorted(weights, key=lambda word: (-weights[word], word))[:KNOWN_WORDS]
    return {word: weights[word] for word in chosen}


def find_forerunner(
    connection: Connection, reports: Iterable[ReadReport], *, first: date, excluded: Set[str]
) -> str | None:
    """Return the id of the story that one of ``reports`` continues, which starts on ``first``; None for a new affair.

    ``excluded`` are the stories of the window: clustering has compared these.
    """
    own = centre(reports)
    promise: defaultdict[str, float] = defaultdict(float)
    latest: dict[str, date] = {}
    for word, weight in known_by(own).items():
        sought = {"word": word, "first": first, "oldest": first - timedelta(days=FOLLOW_DAYS)}
        for story, last, its_weight in connection.execute(_KNOWN_BY, sought).all():
            promise[story] += weight * its_weight
            latest[story] = last
    ranked = sorted(promise.keys() - excluded, key=lambda story: (-promise[story], story))
    best: tuple[float, int, str] | None = None
    for story in ranked[:CANDIDATES]:
        likeness = round(_cosine(own, centre(_reports(connection, story))), 6)
        if likeness >= FOLLOW_THRESHOLD:
            candidate = (likeness, latest[story].toordinal(), story)
            best = max(best or candidate, candidate)
    return best and best[2]


def _reports(connection: Connection, story: str) -> list[ReadReport]:
    ids = connection.scalars(_LATEST_OF, {"story": story}).all()
    return list(vectors.read(connection, list(ids))[0].values())


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return math.fsum(weight * other[word] for word, weight in one.items() if word in other)
