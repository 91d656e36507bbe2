"""Which of yesterday's stories today's clusters are: ids stay, and what happened to each story is written down.

Clusters say how the articles of the window stand together now, stories how they stood before. A story goes on as the
cluster that holds most of its articles; where two stories claim one cluster, the larger (of equals the older) keeps
it and the other has merged into it. A cluster that no story keeps is a new story: started, or split from the story
that most of its older articles come from. Articles before the window stay where they are (with a story that merges
they go along).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from summarizer.archive.records import EventKind
from summarizer.archive.story_store import Happening, StoryChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The stories with articles in the window, as they stood.

    ``of`` maps each article of the window that had a story to it; ``frozen`` a story to its articles before the
    window; ``numbers`` a story to its place in the order of starting; ``ended`` are those that had ended.
    """

    of: Mapping[str, str]
    frozen: Mapping[str, Sequence[str]]
    numbers: Mapping[str, int]
    ended: frozenset[str] = frozenset()


def reconcile(
    before: Before,
    clusters: Sequence[Sequence[str]],
    *,
    day: date,
    is_free: Callable[[str], bool] = lambda _: True,
) -> tuple[StoryChanges, list[str]]:
    """Return what happened on ``day``, and for each cluster the id of its story.

    ``is_free`` tells whether no story has ever had an id. Deterministic: depends on the arguments alone, and on the
    order of ``clusters`` only where new stories get their place in the order.
    """
    changes = StoryChanges()
    overlap = [Counter(before.of[each] for each in group if each in before.of) for group in clusters]
    kept, merged = _claims(before, overlap)
    names = [kept.get(index, "") for index in range(len(clusters))]
    parents: dict[str, str] = {}
    for index, group in enumerate(clusters):
        if not names[index]:
            names[index] = _new_id(group, taken={*names, *before.numbers}, is_free=is_free)
            changes.started.append(names[index])
            if overlap[index]:
                parents[names[index]] = _most(overlap[index], before.numbers)
    for story, index in merged.items():
        changes.merged_into[story] = names[index]
        changes.states[story] = "merged"

    for index, group in enumerate(clusters):
        _tell_cluster(changes, before, names[index], group, parents=parents, day=day)
    for story, into in changes.merged_into.items():
        frozen = before.frozen.get(story, ())
        changes.moved.update(dict.fromkeys(frozen, into))
    _tell_partings(changes, before, names, clusters, day=day)
    return changes, names


def _claims(before: Before, overlap: Sequence[Counter[str]]) -> tuple[dict[int, str], dict[str, int]]:
    """Return ``(cluster -> the story that goes on as it, story that lost all -> cluster it merged into)``."""
    claims: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, counts in enumerate(overlap):
        for story, count in counts.items():
            claims[story].append((-count, index))
    size = {
        story: -sum(count for count, _ in claimed) + len(before.frozen.get(story, ()))
        for story, claimed in claims.items()
    }
    kept: dict[int, str] = {}
    merged: dict[str, int] = {}
    for story in sorted(claims, key=lambda each: (-size[each], before.numbers[each])):
        wanted = [index for _, index in sorted(claims[story])]
        free = next((index for index in wanted if index not in kept), None)
        if free is None:
            merged[story] = wanted[0]
        else:
            kept[free] = story
    return kept, merged


def _new_id(group: Sequence[str], *, taken: Iterable[str], is_free: Callable[[str], bool]) -> str:
    """Return an id that depends on the story's first article, and was never another's."""
    stem = "s" + hashlib.sha256(group[0].encode("utf-8")).hexdigest()[:12]
    identity, number, used = stem, 1, set(taken)
    while identity in used or not is_free(identity):
        number += 1
        identity = f"{stem}-{number}"
    return identity


def _most(counts: Counter[str], numbers: Mapping[str, int]) -> str:
    return min(counts, key=lambda story: (-counts[story], numbers[story]))


def _tell_cluster(
    changes: StoryChanges,
    before: Before,
    story: str,
    group: Sequence[str],
    *,
    parents: Mapping[str, str],
    day: date,
) -> None:
    """Write down where the articles of a cluster stand now, and what that means for its story."""
    fresh = [each for each in group if each not in before.of]
    gained: defaultdict[str, list[str]] = defaultdict(list)
    for each in group:
        origin = before.of.get(each)
        if origin != story:
            changes.moved[each] = story
            if origin is not None:
                gained[origin].append(each)

    def tell(kind: EventKind, ids: Sequence[str], other: str | None = None) -> None:
        changes.happenings.append(
            Happening(story_id=story, kind=kind, day=day, document_ids=tuple(ids), other_id=other)
        )

    parent = parents.get(story)
    if parent is not None:
        tell("split", gained.pop(parent), parent)
    elif story not in before.numbers:
        tell("started", fresh)
        fresh = []
    elif story in before.ended and (fresh or gained):
        changes.states[story] = "active"
        tell("resumed", fresh)
        fresh = []
    if fresh:
        tell("grew", fresh)
    for origin, ids in sorted(gained.items(), key=lambda pair: before.numbers[pair[0]]):
        if changes.merged_into.get(origin) == story:
            tell("merged", [*before.frozen.get(origin, ()), *ids], origin)
        else:
            tell("grew", ids, origin)


def _tell_partings(
    changes: StoryChanges,
    before: Before,
    names: Sequence[str],
    clusters: Sequence[Sequence[str]],
    *,
    day: date,
) -> None:
    """Write down, for stories that lost articles, where these went."""
    lost: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for story, group in zip(names, clusters, strict=True):
        for each in group:
            origin = before.of.get(each)
            if origin is not None and origin != story:
                lost[origin, story].append(each)
    for (origin, story), ids in sorted(
        lost.items(), key=lambda pair: (before.numbers[pair[0][0]], pair[0][1])
    ):
        is_merger = changes.merged_into.get(origin) == story
        ids = [*before.frozen.get(origin, ()), *ids] if is_merger else ids
        changes.happenings.append(
            Happening(
                story_id=origin,
                kind="merged" if is_merger else "split",
                day=day,
                document_ids=tuple(ids),
                other_id=story,
            )
        )
