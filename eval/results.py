"""Result files: written once, never changed, read back by one reader.

::

    RESULTS/<dataset>/<system>/<hash>.json           scores, signatures, machine, cost (schema_version 1)
                               <hash>.items.jsonl    {"id", "hypothesis", "seconds", "statistics": {metric: [...]}}
                               answers-<key>.jsonl   the journal: answers as they came, batch by batch

``hash`` names the content: of the dataset's items, the system's settings and the signatures of the metrics. The same run
again finds its file and does nothing; a further metric or another version of the system makes a new file beside it.
Both files are written whole, synced and renamed into place, items first: a file that is there is complete. The JSON holds
the items' checksum, so that an edited file is noticed. ``latest`` gives the newest of each system and dataset.

The **journal** is what makes a run resumable: one line a batch, synced before the next batch begins. A kill loses at most
the batch in work; its torn line is cut off when the journal is opened again. A batch is found by the checksum of its
items, so a longer run of the same system takes over the batches of a shorter one, with the same batch-mates.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import numpy as np

from eval.items import Item, Task
from eval.metrics import Statistics
from summarizer.errors import InputError, RenderError

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
#: Where results lie when nobody says.
DEFAULT_RESULTS: Final = Path("results")
#: Hex digits of a file's name: 16 are enough for a folder of runs.
_HASH_DIGITS: Final = 16


def content_hash(value: object) -> str:
    """Return hex digits of a plain value, the same for equal values (keys sorted)."""
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]


def folder_name(name: str) -> str:
    """Return a file name for a dataset or system: letters, digits, ``.``, ``_`` and ``-`` only."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "unnamed"


# --- results ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric's score with its 95 % interval. ``metric`` is what ``eval.metrics.load_metric`` takes.

    ``score`` is ``nan`` where the items say nothing (JSON: null).
    """

    metric: str
    score: float
    signature: str
    low: float
    high: float
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the answers took, on the machine of ``Result.machine``. All None for hypotheses from files.

    ``seconds`` is the time of answering, without ``load_seconds``. ``tokens_per_second`` counts words and numbers of the
    source (``summarizer.arabic.tokenize``): the same unit for every system, whatever its own tokens are.
    ``peak_memory_mb`` is the largest resident size of the whole process while it loaded and answered (MiB);
    ``model_mb`` the weights on disk (10^6 bytes). ``sessions``: processes that the answers came from (2 after a kill).
    """

    load_seconds: float | None = None
    seconds: float | None = None
    items_per_second: float | None = None
    tokens_per_second: float | None = None
    peak_memory_mb: float | None = None
    model_mb: float | None = None
    sessions: int = 0
    load_average: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item's answer; ``statistics``: metric name -> its row (nan where JSON has null)."""

    id: str
    hypothesis: Any
    seconds: float | None
    statistics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result file. The items are read when they are first asked for."""

    hash: str
    dataset: Mapping[str, Any]
    system: Mapping[str, Any]
    created: str
    machine: Mapping[str, Any]
    scores: tuple[Score, ...]
    cost: Cost
    items_file: str
    items_sha256: str
    path: Path
    schema_version: int = SCHEMA_VERSION

    @property
    def dataset_id(self) -> str:
        return str(self.dataset["id"])

    @property
    def task(self) -> Task:
        task: Task = self.dataset["task"]
        return task

    @property
    def system_id(self) -> str:
        return str(self.system["id"])

    def score(self, metric: str) -> Score | None:
        """Return the score of a metric, None where it was not scored."""
        return next((each for each in self.scores if each.metric == metric), None)

    @cached_property
    def items(self) -> tuple[ItemResult, ...]:
        """Every item, in the dataset's order. Raises ``InputError`` where the file is gone or was changed."""
        path = self.path.parent / self.items_file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
        if hashlib.sha256(data).hexdigest() != self.items_sha256:
            raise InputError(
                f"{path} is not the file that {self.path.name} was written with; run the benchmark again"
            )
        return tuple(_item_result(json.loads(line)) for line in data.decode("utf-8").split("\n") if line)

    def statistics(self, metric: str) -> Statistics:
        """Return the rows ``(n_items, k)`` of a metric. Raises ``InputError`` where it was not scored."""
        if self.score(metric) is None:
            known = ", ".join(each.metric for each in self.scores) or "nothing"
            raise InputError(
                f"{self.system_id} on {self.dataset_id} was not scored with {metric!r} (it has: {known})"
            )
        return np.array([item.statistics[metric] for item in self.items], dtype=np.float64)


def _item_result(row: Mapping[str, Any]) -> ItemResult:
    return ItemResult(
        id=row["id"],
        hypothesis=row["hypothesis"],
        seconds=row["seconds"],
        statistics={name: tuple(map(_number, values)) for name, values in row["statistics"].items()},
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _plain(value: float) -> float | None:
    return None if not math.isfinite(value) else int(value) if value == int(value) else value


def read_result(path: Path) -> Result:
    """Read one result file. Raises ``InputError`` where it is none, or of another schema version."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["schema_version"] != SCHEMA_VERSION:
            raise InputError(f"{path} has schema version {plain['schema_version']}; {SCHEMA_VERSION} is read")
        scores = tuple(
            Score(**{**each, **{key: _number(each[key]) for key in ("score", "low", "high")}})
            for each in plain["scores"]
        )
        return Result(
            hash=plain["hash"],
            dataset=plain["dataset"],
            system=plain["system"],
            created=plain["created"],
            machine=plain["machine"],
            scores=scores,
            cost=Cost(**plain["cost"]),
            items_file=Path(plain["items_file"]).name,  # never a path out of the folder
            items_sha256=plain["items_sha256"],
            path=path,
        )
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a result file: {error!r}") from error


def read_results(folder: Path) -> tuple[Result, ...]:
    """Return every result under ``folder``, by dataset, system and age (oldest first). Raises ``InputError``.

    A folder without results gives an empty tuple; one that is not there is an error.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}; make results with: mujaz bench run")
    found = [read_result(path) for path in folder.rglob("*.json") if _RESULT_NAME.fullmatch(path.name)]
    return tuple(sorted(found, key=lambda each: (each.dataset_id, each.system_id, each.created, each.hash)))


_RESULT_NAME: Final = re.compile(rf"[0-9a-f]{{{_HASH_DIGITS}}}\.json")


def latest(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return one result of each system on each set of items: of its newest answers the one with most scores.

    Runs on other items (a limit, an altered set) are other tests and all stay.
    """
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.dataset_id, str(result.dataset["checksum"]), result.system_id), []).append(
            result
        )
    chosen = []
    for group in groups.values():
        newest = max(group, key=lambda each: (each.created, each.hash))
        same = [each for each in group if each.system["answers"] == newest.system["answers"]]
        chosen.append(max(same, key=lambda each: (len(each.scores), each.created, each.hash)))
    return tuple(sorted(chosen, key=lambda each: (each.dataset_id, each.system_id, each.created)))


def write_result(
    folder: Path,
    *,
    hash_: str,
    dataset: Mapping[str, Any],
    system: Mapping[str, Any],
    created: str,
    machine: Mapping[str, Any],
    scores: Sequence[Score],
    cost: Cost,
    items: Sequence[ItemResult],
) -> Result:
    """Write the two files of a result into ``folder`` and return it as read back.

    A result that is there already is left as it is and returned. Raises ``RenderError`` where nothing can be written.
    """
    path = folder / f"{hash_}.json"
    if path.exists():
        return read_result(path)
    rows = [
        {
            "id": item.id,
            "hypothesis": item.hypothesis,
            "seconds": item.seconds,
            "statistics": {
                name: [_plain(value) for value in values] for name, values in item.statistics.items()
            },
        }
        for item in items
    ]
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode(
        "utf-8", "backslashreplace"
    )
    plain = {
        "schema_version": SCHEMA_VERSION,
        "hash": hash_,
        "dataset": dict(dataset),
        "system": dict(system),
        "created": created,
        "machine": dict(machine),
        "scores": [
            {**_fields(each), "score": _plain(each.score), "low": _plain(each.low), "high": _plain(each.high)}
            for each in scores
        ],
        "cost": _fields(cost),
        "items_file": f"{hash_}.items.jsonl",
        "items_sha256": hashlib.sha256(lines).hexdigest(),
    }
    _write_once(folder / f"{hash_}.items.jsonl", lines)
    text = json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    # Half of a surrogate pair becomes its JSON escape, which reads back as the same character.
    _write_once(path, text.encode("utf-8", "backslashreplace"))
    return read_result(path)


def _fields(value: Score | Cost) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _write_once(path: Path, data: bytes) -> None:
    """Put ``data`` under ``path`` whole or not at all, synced, and not to be written again."""
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o444)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    """Make a new name last through a power cut, where the system has it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# --- the journal --------------------------------------------------------------------------------


def batch_key(items: Sequence[Item]) -> str:
    """Return the checksum of what a system sees of a batch: everything but nothing of other batches."""
    return content_hash([[item.id, item.sources, item.references, dict(item.meta)] for item in items])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One process that answered: its number in the journal, load time, machine and memory."""

    load_seconds: float
    peak_memory_mb: float
    machine: Mapping[str, Any]
    load_average: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The answers of one batch, each with its seconds, and the session they came from."""

    hypotheses: tuple[Any, ...]
    seconds: tuple[float, ...]
    session: int


class Journal:
    """The answers of one system (one content hash of its settings) on one dataset, as a file that only grows.

    ::

        {"session": 0, "load_seconds": ..., "machine": {...}}            a process began to answer
        {"batch": KEY, "session": 0, "peak_memory_mb": ..., "answers": [[hypothesis, seconds], ...]}

    To be used as a context manager; it holds a lock, since two writers would both compute every batch.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: dict[str, Batch] = {}
        self.sessions: list[Session] = []
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Journal:
        """Open, lock and read the journal; cut off a torn last line. Raises ``InputError`` and ``RenderError``."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
        except OSError as error:
            raise RenderError(f"cannot write {self.path}: {error.strerror or error}") from error
        try:
            self._lock(self._file)
            self._read(self._file)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()  # and with it the lock

    def _lock(self, file: IO[bytes]) -> None:
        if sys.platform == "win32":
            return  # two runs of one system at once are the user's to avoid
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(f"another process is running this system: {self.path} is locked") from error

    def _read(self, file: IO[bytes]) -> None:
        file.seek(0)
        sound = 0
        for line in file.read().splitlines(keepends=True):
            # A kill tears only the last line; whatever follows damage of another kind is computed again.
            if not line.endswith(b"\n") or not self._takes(line):
                logger.warning("%s: the line at byte %d is torn; cut off there", self.path, sound)
                break
            sound += len(line)
        file.truncate(sound)
        file.seek(0, os.SEEK_END)

    def _takes(self, line: bytes) -> bool:
        try:
            self._take(json.loads(line))
        except (ValueError, KeyError, TypeError, IndexError):
            return False
        return True

    def _take(self, row: Mapping[str, Any]) -> None:
        if "batch" not in row:
            self.sessions.append(
                Session(
                    load_seconds=float(row["load_seconds"]),
                    peak_memory_mb=float(row["peak_memory_mb"]),
                    machine=dict(row["machine"]),
                    load_average=row.get("load_average"),
                )
            )
            return
        number = int(row["session"])
        session = self.sessions[number]
        self.batches[str(row["batch"])] = Batch(
            hypotheses=tuple(answer[0] for answer in row["answers"]),
            seconds=tuple(float(answer[1]) for answer in row["answers"]),
            session=number,
        )
        peak = max(session.peak_memory_mb, float(row["peak_memory_mb"]))
        self.sessions[number] = Session(
            load_seconds=session.load_seconds,
            peak_memory_mb=peak,
            machine=session.machine,
            load_average=session.load_average,
        )

    def begin(self, session: Session) -> None:
        """Write that this process begins to answer."""
        self._append(_fields_of_session(session))

    def add(self, key: str, answers: Sequence[tuple[Any, float]], *, peak_memory_mb: float) -> Batch:
        """Write the answers of one batch, to last through a kill; returned as a later run will read them."""
        self._append(
            {
                "batch": key,
                "session": len(self.sessions) - 1,
                "peak_memory_mb": peak_memory_mb,
                "answers": [[hypothesis, seconds] for hypothesis, seconds in answers],
            }
        )
        return self.batches[key]

    def _append(self, row: Mapping[str, Any]) -> None:
        if self._file is None:
            raise RenderError(f"{self.path} is not open")
        try:
            plain = json.dumps(row, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise RenderError(f"{self.path}: an answer has no JSON form: {error}") from error
        line = plain.encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RenderError(f"cannot write {self.path}: {error.strerror or error}") from error
        self._take(json.loads(line))


def _fields_of_session(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in session.__slots__}


def journals(folder: Path) -> Iterator[Path]:
    """Yield the journals under ``folder``."""
    yield from sorted(folder.rglob("answers-*.jsonl"))
