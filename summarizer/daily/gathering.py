"""Sources -> archive: every source is read in its own thread, and one thread stores what they give.

A batch is stored as: the documents, then what was met, then the source's state. Each is one transaction; a kill between
two of them makes the next run read the batch again, and the archive knows its articles: nothing is lost or doubled.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from summarizer.archive import Archive, RunRecord
from summarizer.daily.config import BriefingConfig, Source
from summarizer.daily.listing import Batch
from summarizer.daily.polite import PoliteFetcher
from summarizer.daily.sources import read_source
from summarizer.errors import MujazError

logger = logging.getLogger(__name__)

#: Batches that wait to be stored; readers pause when the disk is slower than the network.
MOST_WAITING = 8
#: What a run says of each thing it met that is not worth a row of its own: a feed lists the same reports all day.
_UNRECORDED = frozenset({"known"})


@dataclass
class Gathered:
    """What reading the sources came to. ``counts``: source -> outcome -> how many."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    problems: list[RunRecord] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)  # sources that had something new

    def add(self, source: str, outcome: str, count: int = 1) -> None:
        if count:
            self.counts.setdefault(source, Counter())[outcome] += count

    def total(self, outcome: str) -> int:
        return sum(counts[outcome] for counts in self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        return {source: dict(sorted(counts.items())) for source, counts in sorted(self.counts.items())}


def gather(
    archive: Archive, config: BriefingConfig, *, run: int, now: datetime, fetcher: PoliteFetcher
) -> Gathered:
    """Read all sources into the archive. A source that fails costs only itself; an archive that fails ends the run."""
    gathered = Gathered()
    groups = owner_groups(config.sources)
    batches: queue.Queue[tuple[Source, Batch | BaseException | None]] = queue.Queue(maxsize=MOST_WAITING)
    stopping = threading.Event()

    def read(source: Source) -> None:
        try:
            state = archive.sources.get(source.id)
            placed = placed_source(source, config)
            for batch in read_source(
                placed, state, fetcher=fetcher, attempts=config.fetching.attempts, now=now
            ):
                if stopping.is_set():
                    return
                batches.put((source, batch))
        except BaseException as error:  # noqa: BLE001 - carried to the storing thread, which raises it
            batches.put((source, error))
        finally:
            batches.put((source, None))

    with ThreadPoolExecutor(config.fetching.hosts_at_once, thread_name_prefix="source") as pool:
        for source in config.sources:
            pool.submit(read, source)
        left = len(config.sources)
        failure: BaseException | None = None
        while left:
            source, item = batches.get()
            if item is None:
                left -= 1
            elif isinstance(item, BaseException):
                failure = failure or item
                stopping.set()
            elif failure is None:
                try:
                    _store(archive, source, item, gathered, run=run, now=now, groups=groups)
                except MujazError as error:
                    failure = error
                    stopping.set()
    if failure is not None:
        raise failure
    return gathered


def _store(
    archive: Archive,
    source: Source,
    batch: Batch,
    gathered: Gathered,
    *,
    run: int,
    now: datetime,
    groups: Mapping[str, str],
) -> None:
    state = batch.state
    records = [each for each in batch.records if each.outcome not in _UNRECORDED]
    if batch.documents:
        added = archive.add_documents(
            batch.documents, run=run, at=now, group=_groups_of(source, batch, groups)
        )
        for outcome, ids in (("new", added.new), ("changed", added.changed), ("known", added.known)):
            gathered.add(source.id, outcome, len(ids))
        records += [
            RunRecord(source=source.id, outcome="failed", subject=subject, reason=reason)
            for subject, reason in added.rejected.items()
        ]
        if added.new or added.changed:
            gathered.fresh.add(source.id)
    if records:
        archive.record(run, records)
    if source.id in gathered.fresh:  # the reader's own state does not know what was new
        state = replace(state, last_new=now, silent_since=None)
    archive.sources.put(state)
    for record in batch.records:
        gathered.add(source.id, record.outcome)
    gathered.problems += [each for each in records if each.outcome == "failed"]


def owner_groups(sources: Sequence[Source]) -> dict[str, str]:
    """Return outlet -> owner for the sources that name both."""
    return {source.outlet: source.owner for source in sources if source.outlet and source.owner}


def _groups_of(source: Source, batch: Batch, groups: Mapping[str, str]) -> dict[str, str]:
    """Return outlet -> owner for a batch: a source with an owner speaks for all outlets that it carries."""
    if source.owner is None:
        return dict(groups)
    return {**{each.source: source.owner for each in batch.documents if each.source}, **groups}


def placed_source(source: Source, config: BriefingConfig) -> Source:
    """Return the source with its path made absolute: relative ones count from the configuration's folder."""
    path = getattr(source, "path", None)
    return source if path is None else source.model_copy(update={"path": config.path(path)})
