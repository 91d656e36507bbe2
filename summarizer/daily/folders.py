"""Folders and maildirs as sources: no network needed.

``SourceState.data["seen"]`` maps each file to its size and time; files that are gone are forgotten. A file changed
within the last moments may still be on its way, and waits for the next run.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from summarizer.archive import RunRecord, SourceState
from summarizer.daily.config import FolderSource, MaildirSource
from summarizer.daily.listing import Batch
from summarizer.errors import ReadError
from summarizer.formats import SUFFIXES, plain_html
from summarizer.ingest import FILE_LIMIT_BYTES, read_bytes
from summarizer.schema import Document

#: Files a transaction.
BATCH: Final = 100
#: Seconds after its last change in which a file is taken to be still written.
SETTLE_SECONDS: Final = 2.0


def read_folder(source: FolderSource, state: SourceState, *, now: datetime) -> Iterator[Batch]:
    """Yield what is new or changed below ``source.path``, oldest file first. Raises ``ReadError`` without a folder."""
    files = {str(path.relative_to(source.path)): path for path in _walk(source.path)}
    return _read_files(source, state, files, now=now)


def read_maildir(source: MaildirSource, state: SourceState) -> Iterator[Batch]:
    """Yield the messages of ``new`` and ``cur`` that are not known. Flags in a name are no part of its identity."""
    files = {}
    for name in ("new", "cur"):
        folder = source.path / name
        if not folder.is_dir():
            raise ReadError(f"{source.path}: not a maildir (no folder {name!r})", code="missing")
        for entry in os.scandir(folder):
            if entry.is_file() and not entry.name.startswith("."):
                files[entry.name.partition(":")[0]] = Path(entry.path)
    return _read_files(source, state, files, now=None)


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise ReadError(f"{folder}: no such folder", code="missing")
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)


def _read_files(
    source: FolderSource | MaildirSource, state: SourceState, files: dict[str, Path], *, now: datetime | None
) -> Iterator[Batch]:
    known = dict(state.data.get("seen", {}))
    seen = {name: mark for name, mark in known.items() if name in files}
    fresh: list[tuple[float, str, Path, str]] = []
    for name, path in files.items():
        try:
            status = path.stat()
        except FileNotFoundError:  # taken away since it was listed
            continue
        # A message never changes; what changes is its name, when it is read.
        mark = "" if now is None else f"{status.st_size} {status.st_mtime_ns}"
        unsettled = now is not None and 0 <= now.timestamp() - status.st_mtime < SETTLE_SECONDS
        if known.get(name) != mark and not unsettled:
            fresh.append((status.st_mtime, name, path, mark))
    fresh.sort()
    state = replace(state, failures=0)
    documents: list[Document] = []
    records: list[RunRecord] = []

    def batch() -> Batch:
        nonlocal documents, records
        made = Batch(
            documents=tuple(documents),
            records=tuple(records),
            state=replace(state, data={"seen": dict(seen)}),
        )
        documents, records = [], []
        return made

    for number, (_, name, path, mark) in enumerate(fresh[: source.limit], 1):
        try:
            data = _read(path)
            found = _message(data, name, source) if now is None else _file(data, name, path, source)
            documents += found
        except ReadError as error:
            outcome = "skipped" if error.code in ("not_arabic", "empty") else "failed"
            records.append(RunRecord(source=source.id, outcome=outcome, subject=name, reason=str(error)))
        seen[name] = mark
        if number % BATCH == 0:
            yield batch()
    if len(fresh) > source.limit:
        left = f"{len(fresh) - source.limit} more files than `limit` wait for the next run"
        records.append(RunRecord(source=source.id, outcome="waiting", subject=str(source.path), reason=left))
    yield batch()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be read ({error.strerror})", code="unreadable") from error
    if len(data) > FILE_LIMIT_BYTES:
        raise ReadError(f"{path.name}: more than {FILE_LIMIT_BYTES / 1e6:g} MB", code="too_large")
    return data


def _file(data: bytes, name: str, path: Path, source: FolderSource | MaildirSource) -> list[Document]:
    found = read_bytes(data, origin=name, suffix=path.suffix).documents
    return [replace(each, source=source.outlet or each.source) for each in found]


# --- mail ---------------------------------------------------------------------------------------

_REPLY: Final = re.compile(r"^\s*((re|fwd?|رد|إعادة توجيه)\s*:\s*)+", re.IGNORECASE)


def _message(data: bytes, name: str, source: FolderSource | MaildirSource) -> list[Document]:
    """Read one message as a report: subject, sender, date, and its plain text or else its HTML."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # the default policy makes no other
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        if body is not None and body.get_content_subtype() == "html":
            text = plain_html(text)
        sender = message["from"].addresses[0].display_name if message["from"] else ""
        subject = _REPLY.sub("", str(message["subject"] or ""))
        date = parsedate_to_datetime(message["date"]).isoformat() if message["date"] else None
        identity = str(message["message-id"] or name).strip()
    # The parser is lenient, its accessors are not: a broken header or charset is the message's fault, not ours.
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise ReadError(f"{name}: not a readable message ({error})", code="malformed") from error
    record = {"text": text, "title": subject, "source": source.outlet or sender, "published": date}
    record = {key: value for key, value in record.items() if value}
    return list(read_bytes(json.dumps(record).encode(), origin=identity, suffix=".json").documents)
