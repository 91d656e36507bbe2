"""The files of the job queue: what was asked, until it is answered, and the answers, until they expire.

One folder, readable by its owner alone, used by one server at a time:

    ID.request.json   the request, with its client and time; there while the job is unfinished
    ID.starts         one byte for each time the work was begun
    ID.brief.json     the brief of a job that is done, exactly as ``Brief.to_json`` writes it
    ID.glossary.json  the glossary that it was made with, where there was one: an edited brief is checked with it too
    ID.end.json       how the job ended; written last, so a job has ended exactly if this file is there

Files are written beside their place and renamed, so a killed server leaves a whole file or none.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from summarizer.errors import ConfigError, InputError, UnknownJobError
from summarizer.schema import Brief
from summarizer.server.requests import BriefRequest, GlossaryRow

logger = logging.getLogger(__name__)

_REQUEST, _STARTS, _HALF = ".request.json", ".starts", ".half"
_BRIEF, _GLOSSARY, _END = ".brief.json", ".glossary.json", ".end.json"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request in the spool. ``submitted`` is in seconds since 1970, ``size`` in bytes."""

    id: str
    client: str
    submitted: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a job ended. ``state`` is done, failed or cancelled; ``last`` the number of its last event."""

    client: str
    submitted: float
    finished: float
    state: str
    last: int
    message: str = ""
    code: str = ""


class Spool:
    """The folder. Raises ``ConfigError`` where it cannot be used, or another server uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise ConfigError(f"jobs cannot be kept in {folder}: {error.strerror or error}") from error
        try:
            _lock_file(self._lock)
        except OSError as error:
            os.close(self._lock)
            raise ConfigError(
                f"another server keeps its jobs in {folder}; give this one another folder"
            ) from error
        for half in folder.glob(f"*{_HALF}"):
            half.unlink()

    def close(self) -> None:
        """Let another server use the folder."""
        os.close(self._lock)

    # --- requests -------------------------------------------------------------------------------

    def save_request(self, entry: Entry, body: str) -> None:
        """Keep a request (its JSON on one line) until ``end``. Raises ``OSError``."""
        self._write(entry.id + _REQUEST, f"{json.dumps(asdict(entry), ensure_ascii=False)}\n{body}\n")

    def request(self, job_id: str) -> BriefRequest:
        """Return a request. Raises ``OSError`` or ``ValueError`` where it cannot be read."""
        _, _, body = (self._folder / (job_id + _REQUEST)).read_text(encoding="utf-8").partition("\n")
        return BriefRequest.model_validate_json(body)

    def entries(self) -> list[Entry]:
        """Return the unfinished requests, oldest first. One that cannot be read is logged and removed."""
        found = []
        for job_id, path in self._files(_REQUEST):
            if (self._folder / (job_id + _END)).exists():  # killed between the two
                self._remove(job_id, _REQUEST, _STARTS)
                continue
            try:
                with path.open(encoding="utf-8") as file:
                    found.append(Entry(**json.loads(file.readline())))
            except (OSError, ValueError, TypeError):
                logger.exception("a job in %s cannot be read and is lost", self._folder)
                self._remove(job_id, _REQUEST, _STARTS)
        return sorted(found, key=lambda each: each.submitted)

    def count_start(self, job_id: str) -> int:
        """Note that the work on a job begins; return how often it has."""
        with _private(self._folder / (job_id + _STARTS), os.O_APPEND) as file:
            os.write(file, b".")
            return os.fstat(file).st_size

    def starts(self, job_id: str) -> int:
        """Return how often the work on a job was begun."""
        path = self._folder / (job_id + _STARTS)
        return path.stat().st_size if path.exists() else 0

    def forget_starts(self, job_id: str) -> None:
        """Note that the work was put down in good order."""
        self._remove(job_id, _STARTS)

    # --- results --------------------------------------------------------------------------------

    def end(
        self,
        job_id: str,
        ending: Ending,
        brief: Brief | None = None,
        *,
        glossary: Sequence[GlossaryRow] = (),
    ) -> None:
        """Keep how a job ended in place of its request. Raises ``OSError``."""
        if brief is not None:
            self._write(job_id + _BRIEF, brief.to_json())
            if glossary:
                rows = [(row.ar, row.en) for row in glossary]
                self._write(job_id + _GLOSSARY, json.dumps(rows, ensure_ascii=False))
        self._write(job_id + _END, json.dumps(asdict(ending), ensure_ascii=False))
        self._remove(job_id, _REQUEST, _STARTS)

    def endings(self) -> dict[str, Ending]:
        """Return how jobs ended, by id. One that cannot be read is logged and removed."""
        found = {}
        for job_id, path in self._files(_END):
            try:
                found[job_id] = Ending(**json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                logger.exception("a result in %s cannot be read and is lost", self._folder)
                self.forget(job_id)
        return found

    def brief(self, job_id: str) -> Brief:
        """Return the brief of a job that is done. Raises ``UnknownJobError`` where it has expired."""
        try:
            return Brief.from_json((self._folder / (job_id + _BRIEF)).read_text(encoding="utf-8"))
        except (OSError, InputError) as error:
            raise UnknownJobError("the result of this job is gone; submit it again") from error

    def glossary(self, job_id: str) -> tuple[GlossaryRow, ...]:
        """Return the glossary that a brief was made with. Raises ``UnknownJobError`` where it cannot be read."""
        try:
            rows = json.loads((self._folder / (job_id + _GLOSSARY)).read_text(encoding="utf-8"))
            return tuple(GlossaryRow(ar=arabic, en=english) for arabic, english in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise UnknownJobError("the glossary of this job is gone; submit it again") from error

    def forget(self, job_id: str) -> None:
        """Remove every file of a job."""
        self._remove(job_id, _REQUEST, _STARTS, _BRIEF, _GLOSSARY, _END)

    # --- files ----------------------------------------------------------------------------------

    def _files(self, suffix: str) -> list[tuple[str, Path]]:
        found = ((path.name.removesuffix(suffix), path) for path in self._folder.glob(f"*{suffix}"))
        return [(job_id, path) for job_id, path in found if _ID.fullmatch(job_id)]

    def _write(self, name: str, text: str) -> None:
        half = self._folder / (name + _HALF)
        try:
            with (
                _private(half, os.O_TRUNC) as file,
                open(file, "w", encoding="utf-8", closefd=False) as stream,
            ):
                stream.write(text)
                stream.flush()
                os.fsync(file)  # the job is accepted: it must outlive a power cut too
            half.replace(self._folder / name)
        except OSError:
            half.unlink(missing_ok=True)
            raise

    def _remove(self, job_id: str, *suffixes: str) -> None:
        for suffix in suffixes:
            (self._folder / (job_id + suffix)).unlink(missing_ok=True)


@contextlib.contextmanager
def _private(path: Path, flags: int) -> Iterator[int]:
    """Open a file for writing that only its owner may read."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | flags, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _lock_file(file: int) -> None:
    """Lock a file for this process, until it ends however it ends. Raises ``OSError`` where another has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
