"""Affairs: stories of a day that are about one matter, such as an attack, who did it, and what the president said of it.

Clustering keeps them apart, as an editor's pages do, but the matter leads because all its stories together are many: counted
one by one, the largest news of a day can lose to a football match that nobody split. So the foremost story of an affair
weighs with the voices and reports of all of it, and is the one that opens it; the others weigh for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy import sparse

from summarizer.archive import Archive, vectors
from summarizer.archive.forerunners import centre
from summarizer.daily.importance import Importance, raised

#: Cosine of the news of two stories at which they are of one affair. Read on three days of ANT (8, 9 and 13 May 2018): of the
#: pairs above it, all were; between 0.2 and 0.3 about half, of one conflict but of different matters.
AFFAIR_LIKENESS: Final = 0.30


def weigh_affairs(
    archive: Archive, weights: Sequence[Importance], fresh: Sequence[frozenset[str]]
) -> list[Importance]:
    """Return the weights with those of the foremost story of each affair raised. ``fresh``: the ids of each story's news."""
    affairs = group(news_of(archive, fresh), [each.score for each in weights])
    result = list(weights)
    for members in affairs:
        # What was there yesterday already, and found no room, does not lead today.
        first = next((each for each in members if max(weights[each].voices.values(), default=0) >= 1), None)
        if first is not None and len(members) > 1:
            result[first] = raised(weights[first], [weights[each] for each in members if each != first])
    return result


def news_of(archive: Archive, fresh: Sequence[frozenset[str]]) -> list[Mapping[str, float]]:
    """Return the direction (word -> weight, of length 1) of the news of each story."""
    with archive.database.read() as connection:
        reports, _ = vectors.read(connection, sorted({each for ids in fresh for each in ids}))
    return [centre(reports[each] for each in sorted(ids) if each in reports) for ids in fresh]


def group(news: Sequence[Mapping[str, float]], scores: Sequence[float]) -> list[list[int]]:
    """Return the affairs as indices, the weightiest story of each first.

    Each story, the weightiest first, opens an affair or joins the one whose first story it is most like: no chain
    leads from one matter to the next.
    """
    if not news:
        return []
    columns: dict[str, int] = {}
    places = [[columns.setdefault(word, len(columns)) for word in each] for each in news]
    ends = np.cumsum([0, *map(len, places)])
    matrix = sparse.csr_array(
        (
            np.array([weight for each in news for weight in each.values()], dtype=np.float64),
            np.array([place for row in places for place in row], dtype=np.int64),
            ends,
        ),
        shape=(len(news), max(1, len(columns))),
    )
    likeness = np.round((matrix @ matrix.T).toarray(), 6)  # (stories, stories)
    affairs: list[list[int]] = []
    for index in sorted(range(len(news)), key=lambda each: (-scores[each], each)):
        best = max(affairs, key=lambda affair: likeness[index, affair[0]], default=None)
        if best is not None and likeness[index, best[0]] >= AFFAIR_LIKENESS:
            best.append(index)
        else:
            affairs.append([index])
    return affairs
