"""Sources that have fallen silent: a feed that moved, a page that changed, an outlet that is down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from summarizer.archive import Archive
from summarizer.daily.config import BriefingConfig
from summarizer.daily.publishing import Alert


def silent_sources(archive: Archive, config: BriefingConfig, *, now: datetime) -> Iterator[Alert]:
    """Yield an alert for each source that has had nothing new for longer than the configuration allows.

    A silence is one alert, however many runs see it: its key holds the moment that it is counted from. A source that
    never had anything is counted from the first time that it was asked.
    """
    for source in config.sources:
        state = archive.sources.get(source.id)
        if state.checked is None:
            continue
        since = state.last_new or state.silent_since
        if since is None:
            archive.sources.put(replace(state, silent_since=now))
            continue
        hours = source.silent_after_hours or config.alerts.silent_after_hours
        if now - since < timedelta(hours=hours):
            continue
        told = since.isoformat(timespec="seconds")
        reason = f"; it failed {state.failures} times in a row" if state.failures else ""
        yield Alert(
            key=f"{config.name}:silent:{source.id}:{told}",
            subject=f"source {source.id} has been silent since {told}{reason}",
            text=(
                f"The source {source.id!r} of the briefing {config.name!r} has had nothing new for more than "
                f"{hours:g} hours (since {told}){reason}.\n"
                f"Look at it with: mujaz brief CONFIG --dry-run"
            ),
        )
