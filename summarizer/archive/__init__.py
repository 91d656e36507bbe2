"""The archive: what was read, what became of it, and what was told. ``open_archive`` is the way in.

``store`` holds ``Archive``, the one class that callers need; ``stories`` keeps stories over time; ``news`` says what is new
since the last brief, ``importance`` what matters most.
"""

from summarizer.archive.records import (
    AddResult,
    LogEntry,
    OutboxItem,
    Page,
    Publication,
    Run,
    RunRecord,
    SourceState,
    StoredBrief,
    StoredDocument,
    StoredStory,
    StoryEvent,
    Version,
)
from summarizer.archive.search import Hit
from summarizer.archive.store import Archive, open_archive

__all__ = [
    "AddResult",
    "Archive",
    "Hit",
    "LogEntry",
    "OutboxItem",
    "Page",
    "Publication",
    "Run",
    "RunRecord",
    "SourceState",
    "StoredBrief",
    "StoredDocument",
    "StoredStory",
    "StoryEvent",
    "Version",
    "open_archive",
]
