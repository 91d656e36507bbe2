"""What a run did, for people, for the archive and for the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from summarizer.daily.editions import Edition
from summarizer.daily.gathering import Gathered
from summarizer.daily.publishing import Outcome


@dataclass
class RunReport:
    """What a run did: for the archive, ``run.json`` and the log."""

    run: int = 0
    sources: Gathered = field(default_factory=Gathered)
    briefs: list[dict[str, Any]] = field(default_factory=list)
    published: list[Outcome] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # by the wall clock, a stage
    cpu_seconds: dict[str, float] = field(default_factory=dict)  # of all threads
    notes: list[str] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, without the briefs themselves."""
        return {
            "run": self.run,
            "sources": self.sources.to_dict(),
            "failed": [
                {"source": each.source, "subject": each.subject, "reason": each.reason}
                for each in self.sources.problems[:200]
            ],
            "briefs": self.briefs,
            "published": [
                {"key": each.key, "state": each.state, "error": each.error} for each in self.published
            ],
            "alerts": self.alerts,
            "notes": self.notes,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "cpu_seconds": {stage: round(seconds, 3) for stage, seconds in self.cpu_seconds.items()},
        }

    def lines(self) -> Iterator[str]:
        """Yield the report as lines for people."""
        for source, counts in self.sources.to_dict().items():
            told = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
            yield f"{source}: {told}"
        for each in self.briefs:
            left = ", ".join(f"{count} {reason}" for reason, count in each["left_out"].items())
            yield f"brief of {each['day']}: {each['stories']} stories of {each['reports']} reports" + (
                f"; left out: {left}" if left else ""
            )
        for outcome in self.published:
            yield f"{outcome.key}: {outcome.state}" + (f" ({outcome.error})" if outcome.error else "")
        yield from self.notes
        yield from (f"alert: {each}" for each in self.alerts)
