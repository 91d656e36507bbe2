"""What models have answered before, on disk: a small store that several processes share and may lose at any time.

``AnswerCache`` maps keys to bytes in one SQLite file (write-ahead log) in the user's cache folder. It knows nothing
of models; ``engines/cached.py`` decides what a key is. The promises:

* it never stops the work: a damaged file is set aside with a warning, and a disk that is full or cannot be written
  turns the cache off for the rest of the process, with a warning;
* it never gives back what was not put in: each value carries a checksum over itself and its key;
* it stays below ``limit_mb``: what was used longest ago goes first;
* it keeps answers only, never the texts that were asked (keys are hashes), in a folder that its owner alone can
  read; what is deleted is overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from summarizer.errors import ConfigError
from summarizer.models import cache_directory

logger = logging.getLogger(__name__)

#: The form of the table stands in the name, so that two versions of Mujaz never take each other's file for damage.
CACHE_FILE: Final = "answers-1.sqlite"
#: Largest size of the file (MB). A translated sentence takes about 0.4 kB: this holds some 600,000.
DEFAULT_LIMIT_MB: Final = 256.0
LIMIT_VARIABLE: Final = "MUJAZ_ANSWER_CACHE_MB"

#: Seconds to wait for another process that is writing; after that this one goes on without.
_BUSY_SECONDS: Final = 5.0
#: A row's time of use is exact to this many seconds, so that reading does not write each time.
_USE_SECONDS: Final = 3600
#: Share of the rows that go when the file is full: seldom and many rather than often and few.
_EVICTED_SHARE: Final = 0.25
#: Keys looked up in one statement.
_KEYS_AT_ONCE: Final = 500
_CHECKSUM_BYTES: Final = 8
#: SQLite's words for "this is no database (of ours)" and for "somebody else is writing".
_DAMAGED: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

#: What a new file gets; it takes the write lock.
_CREATION: Final = (
    "PRAGMA auto_vacuum = INCREMENTAL",  # works only before the first table
    "PRAGMA journal_mode = WAL",
    "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL)",
)
#: What a connection runs first.
_SETTINGS: Final = (
    "PRAGMA synchronous = NORMAL",  # a power cut may lose the last rows, not the file
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 4194304",
    "SELECT key, value, used FROM answers LIMIT 0",  # a table of another form is noticed here
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheInfo:
    """What the cache holds: ``rows``, the file's size and largest size (bytes), when the oldest row was last used
    (seconds since 1970, None without rows)."""

    path: Path
    rows: int
    size: int
    limit: int
    oldest: int | None


class AnswerCache:
    """A bounded store of bytes by key. May be used from several threads and processes; none of its calls raises."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        limit_mb: float | None = None,
        warn: Callable[[str], None] = logger.warning,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open nothing yet. Raises ``ConfigError`` where ``MUJAZ_ANSWER_CACHE_MB`` is no size.

        ``path`` is by default ``answers/answers-1.sqlite`` in ``cache_directory()``; ``warn`` takes what the user
        should know; ``clock`` gives seconds since 1970.
        """
        self.path: Final = path or cache_directory() / "answers" / CACHE_FILE
        self.limit: Final = round((default_limit() if limit_mb is None else limit_mb) * 1e6)
        self._warn = warn
        self._clock = clock
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None
        self._owner = 0  # the process that opened the connection: a forked child must not use it
        self._inode = 0
        self._off = self.limit <= 0

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those ``keys`` that there are."""

        def read(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            now = int(self._clock())
            found: dict[bytes, bytes] = {}
            stale: list[bytes] = []
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = list(keys[start : start + _KEYS_AT_ONCE])
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, value, used FROM answers WHERE key IN ({marks})", some
                )
                for key, stored, used in rows:
                    checksum, value = stored[:_CHECKSUM_BYTES], stored[_CHECKSUM_BYTES:]
                    if checksum != _checksum(key, value):
                        logger.info("a row of %s is damaged and counts as absent", self.path)
                        continue
                    found[key] = value
                    if used < now - _USE_SECONDS:
                        stale.append(key)
            if stale:
                with contextlib.suppress(sqlite3.OperationalError), _transaction(connection):
                    connection.executemany(
                        "UPDATE answers SET used = ? WHERE key = ?", [(now, key) for key in stale]
                    )
            return found

        return self._try(read, {}) if keys else {}

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep ``rows`` (key -> value) in the place of what was there, and make room if need be."""

        def write(connection: sqlite3.Connection) -> None:
            now = int(self._clock())
            with _transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
                    [(key, _checksum(key, value) + value, now) for key, value in rows.items()],
                )
                self._evict(connection)
            connection.execute("PRAGMA incremental_vacuum").fetchall()

        if rows:
            self._try(write, None)

    def info(self) -> CacheInfo:
        """Tell what the cache holds; a cache that is off or cannot be opened holds nothing."""

        def read(connection: sqlite3.Connection) -> tuple[int, int | None]:
            rows, oldest = connection.execute("SELECT count(*), min(used) FROM answers").fetchone()
            return rows, oldest

        empty: tuple[int, int | None] = (0, None)
        rows, oldest = self._try(read, empty) if self.path.exists() else empty
        size = sum(each.stat().st_size for each in self._files() if each.exists())
        return CacheInfo(path=self.path, rows=rows, size=size, limit=self.limit, oldest=oldest)

    def clear(self) -> int:
        """Delete every row, and damaged files that were set aside; return how many rows there were."""

        def delete(connection: sqlite3.Connection) -> int:
            with _transaction(connection):
                rows = connection.execute("DELETE FROM answers").rowcount
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return rows

        with contextlib.suppress(OSError):
            self._aside().unlink(missing_ok=True)
        return self._try(delete, 0) if self.path.exists() else 0

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None and self._owner == os.getpid():
                self._connection.close()
            self._connection = None

    # --- when things go wrong -------------------------------------------------------------------

    def _try(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Return what ``work`` returns, ``otherwise`` where the file cannot serve it."""
        with self._lock:
            for _ in range(2):  # once more with a new file where the old one is damaged
                if self._off:
                    break
                try:
                    return work(self._open())
                except sqlite3.Error as error:
                    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
                    if code in _BUSY:
                        logger.info("%s is busy; going on without", self.path)
                        break
                    if code in _DAMAGED:
                        self._set_aside(error)
                    else:
                        self._turn_off(error)
                except OSError as error:
                    self._turn_off(error)
            return otherwise

    def _set_aside(self, error: Exception) -> None:
        """Move the damaged file out of the way, unless another process has done so already."""
        self.close()
        try:
            if self.path.stat().st_ino == self._inode:
                self.path.replace(self._aside())
                for each in self._files()[1:]:
                    each.unlink(missing_ok=True)
                self._warn(
                    f"the cache {self.path} is damaged ({error}); it is now {self._aside().name}, a new one begins"
                )
        except FileNotFoundError:
            return  # another process was faster
        except OSError as failure:
            self._turn_off(failure)

    def _turn_off(self, error: Exception) -> None:
        self.close()
        self._off = True
        self._warn(f"going on without the cache {self.path}: {getattr(error, 'strerror', None) or error}")

    # --- the file -------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._owner == os.getpid():
            return self._connection
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here and not by SQLite, which would let others read it; its log files copy the mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        for path, mode in ((self.path.parent, 0o700), (self.path, 0o600)):
            if path.stat().st_mode & 0o077:
                path.chmod(mode)
        self._inode = self.path.stat().st_ino
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            new = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            for statement in (*(_CREATION if new else ()), *_SETTINGS):
                connection.execute(statement).fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        self._inherited = self._connection  # closing a parent's connection in its child could harm the parent
        self._connection, self._owner = connection, os.getpid()
        return connection

    def _evict(self, connection: sqlite3.Connection) -> None:
        """Delete what was used longest ago until the rest fits. Runs inside a transaction."""
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        while True:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            rows = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
            if (pages - free) * page <= self.limit or not rows:
                return
            connection.execute(
                "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers ORDER BY used, rowid LIMIT ?)",
                (max(1, int(rows * _EVICTED_SHARE)),),
            )

    def _files(self) -> list[Path]:
        return [self.path.with_name(self.path.name + end) for end in ("", "-wal", "-shm")]

    def _aside(self) -> Path:
        return self.path.with_name(self.path.name + ".damaged")


def default_limit() -> float:
    """Return the largest size in MB: ``MUJAZ_ANSWER_CACHE_MB`` (0: no cache), or 256. Raises ``ConfigError``."""
    asked = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not asked:
        return DEFAULT_LIMIT_MB
    if not asked.isdecimal():
        raise ConfigError(
            f"{LIMIT_VARIABLE} must be a whole number of megabytes (0: no cache), not {asked!r}"
        )
    return float(asked)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; keep all of the work, or none where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _checksum(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECKSUM_BYTES, key=key).digest()
