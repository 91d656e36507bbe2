"""What every tab of the page is given: the queue of jobs, the models, and where results and archive are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from summarizer.examples import EXAMPLE_REPORTS

if TYPE_CHECKING:
    from summarizer.fetch import Fetcher
    from summarizer.models import Registry
    from summarizer.server.jobs import JobQueue


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """One server's pieces, shared by its two pages (English and Arabic). Nothing of a user's is in here."""

    queue: JobQueue
    registry: Registry
    results: Path  # of ``mujaz bench``
    archive: str | None  # path or URL of an archive; None where there is none
    votes: Path  # the JSONL file of the blind comparison
    examples: Path = EXAMPLE_REPORTS
    max_upload_mb: int = 32  # of one file
    profile: str | None = None  # the profile that the page begins with; None: the registry's own
    fetcher: Fetcher | None = None  # reads addresses; None: one that asks public servers alone

    @property
    def start_profile(self) -> str:
        """The profile of whoever does not name one."""
        return self.profile or self.registry.default_profile
