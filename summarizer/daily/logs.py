"""Logs as JSON lines: one object a line, for ``jq`` and for whatever collects logs."""

from __future__ import annotations

import json
import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

#: Bytes of a log file before it is moved aside, and how many of those are kept.
LOG_BYTES, LOG_FILES = 10_000_000, 5
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """``{"time", "level", "logger", "message", ...}`` and whatever ``extra`` a record carries."""

    def format(self, record: logging.LogRecord) -> str:
        plain: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        plain |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            plain["traceback"] = self.formatException(record.exc_info)
        return json.dumps(plain, ensure_ascii=False, default=str)


@contextmanager
def json_log(path: Path | None) -> Iterator[None]:
    """Write what Mujaz logs, from INFO on, to a file that is moved aside when it grows large. None: do nothing."""
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(JsonLines())
    handler.setLevel(logging.INFO)
    root = logging.getLogger("summarizer")
    level = root.level
    root.addHandler(handler)
    root.setLevel(min(logging.INFO, root.level or logging.INFO))
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
