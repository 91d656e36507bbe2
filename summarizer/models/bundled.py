"""Weights that ship with Mujaz: cut into parts, and joined into the user's cache when first used.

Package registries and code hosts limit the size of a file, so ``models/NAME`` holds ``model.bin.part-00, -01, ...``
and a ``SHA256SUMS``. Nothing here uses a network.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from summarizer.errors import ConfigError, MissingModelError, ModelError

logger = logging.getLogger(__name__)

MODELS_FILE: Final = "models.yaml"
SUMS_FILE: Final = "SHA256SUMS"
#: Of a model in the cache: the sizes of its files when it was made.
SIZES_FILE: Final = "sizes.json"
GOLDEN_FILE: Final = "golden.jsonl"
WEIGHTS_FILE: Final = "model.bin"
CONFIG_FILE: Final = "config.json"
ADAPTER_FILE: Final = "adapter.npz"
PART_MARK: Final = ".part-"
#: Files of a bundled model that are for people and tests, not for running it.
_NOT_NEEDED: Final = frozenset({"CARD.md", "README.md", GOLDEN_FILE, SUMS_FILE})
#: A half-made cache entry older than this was left by a process that was killed (joining takes a second).
_STALE_SECONDS: Final = 3600.0
#: In the names of caches; counted up when ``multiquery`` writes something else.
MULTI_QUERY_FORM: Final = 1
_CHUNK_BYTES: Final = 1 << 20


def shipped_file() -> Path:
    """Return the ``models.yaml`` of this installation: in the wheel, or in the repository's root."""
    return _shipped(MODELS_FILE)


def bundled_directory(name: str) -> Path:
    """Return the directory of a model that ships with Mujaz. Raises ``MissingModelError``."""
    try:
        return _shipped(f"models/{name}")
    except ConfigError as error:
        raise MissingModelError(
            f"the bundled model {name} is not in this installation; reinstall with: pip install --force-reinstall mujaz"
        ) from error


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "data" / name, package.parent / name):
        if candidate.exists():
            return candidate
    raise ConfigError(f"{name} is not in this installation of mujaz; reinstall it")


def is_plain_name(name: str) -> bool:
    """Tell whether ``name`` is one component of a path, so that it cannot lead out of its directory."""
    return Path(name).name == name and name not in (".", "..")


def read_golden(directory: Path) -> list[dict[str, str]]:
    """Return the recorded answers of a model, ``{"ar": ..., "en": ...}`` each; none where there is no record.

    A summarizer's are ``{"ar": ..., "summary": ...}``.

    Raises ``ModelError`` where the record is damaged.
    """
    path = directory / GOLDEN_FILE
    try:
        rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
        answers = ["summary" if "summary" in row else "en" for row in rows]
        return [{"ar": str(row["ar"]), kind: str(row[kind])} for row, kind in zip(rows, answers, strict=True)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged; reinstall mujaz") from error


def cache_directory() -> Path:
    """Return where Mujaz keeps what it can make again: ``$MUJAZ_CACHE``, or ``mujaz`` in the user's cache."""
    own = os.environ.get("MUJAZ_CACHE", "")
    if own:
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(shared) if shared and Path(shared).is_absolute() else Path("~/.cache").expanduser()
    return base / "mujaz"


def unpack_bundled(directory: Path, *, adapter: Path | None = None, multi_query: bool = False) -> Path:
    """Return a directory with the whole model of ``directory``, whose weights may lie there in parts.

    With ``adapter`` (the directory of an adapter, see ``adapters``), that is merged into the weights; the name in
    the cache then holds the checksums of both, and what else the adapter has (licence, notice, glosses) takes the base's place.
    With ``multi_query`` the weights are brought into that form (see ``multiquery``).

    The parts ``model.bin.part-00, -01, ...`` are checked against ``SHA256SUMS`` while they are joined into a
    temporary directory of the cache, which then gets its final name in one step: another process, or a
    kill in the middle, finds either a whole model or none. The final name holds the checksums, so new files
    never meet an old cache. A cached model whose sizes are off is made again.

    Raises ``ModelError`` that names a damaged or missing file, or says that the cache cannot be written.
    """
    whole = directory / WEIGHTS_FILE
    if whole.is_file() and adapter is None and not multi_query:
        return directory
    parts = [whole] if whole.is_file() else weight_parts(directory)
    if not parts:
        raise MissingModelError(
            f"{directory} has no weights ({WEIGHTS_FILE} or {WEIGHTS_FILE}{PART_MARK}00); "
            "reinstall with: pip install --force-reinstall mujaz"
        )
    sums = read_sums(directory)
    if WEIGHTS_FILE not in sums:
        raise ModelError(f"{directory / SUMS_FILE} does not name {WEIGHTS_FILE}")
    beside = [name for name in sums if PART_MARK not in name and name not in _NOT_NEEDED | {WEIGHTS_FILE}]
    for name in (*beside, *(name for name in sums if PART_MARK in name and parts != [whole])):
        if not (directory / name).is_file():
            raise ModelError(f"{directory / name} is missing; reinstall mujaz")
    base = _sum_of(sums, (WEIGHTS_FILE, *beside))
    name = f"{directory.name}-{base[:16]}"
    if adapter is not None:
        name = f"{adapter.name}-{base[:16]}-{_adapter_sum(adapter)[:16]}"
        for each in _own_files(adapter):
            if not (adapter / each).is_file():
                raise ModelError(f"{adapter / each} is missing; reinstall mujaz")
    target = cache_directory() / "models" / (f"{name}-mq{MULTI_QUERY_FORM}" if multi_query else name)
    if _is_whole(target):
        return target
    try:
        _build(directory, parts, beside, sums, target, adapter=adapter, multi_query=multi_query)
    except OSError as error:
        if _is_whole(target):  # another process was faster
            return target
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        need = f"{sum(part.stat().st_size for part in parts) * (3 if multi_query else 1) / 1e6:.0f} MB"
        raise ModelError(
            f"cannot write {need} to {target.parent}: {'the disk is full' if full else error.strerror or error}; "
            "make room or set MUJAZ_CACHE to another directory"
        ) from error
    return target


def _adapter_sum(adapter: Path) -> str:
    """Return one checksum of what an adapter's directory adds to a model. Raises ``ModelError``."""
    sums = read_sums(adapter)
    if ADAPTER_FILE not in sums or not (adapter / ADAPTER_FILE).is_file():
        raise ModelError(f"{adapter / ADAPTER_FILE} is missing; reinstall mujaz")
    return _sum_of(sums, (ADAPTER_FILE, *_own_files(adapter)))


def _sum_of(sums: Mapping[str, str], names: Iterable[str]) -> str:
    """Return one checksum of several files."""
    return hashlib.sha256("".join(f"{sums[name]} {name}\n" for name in sorted(names)).encode()).hexdigest()


def _own_files(adapter: Path) -> list[str]:
    """Return the files of an adapter's directory that the merged model has in place of its base's, or beside them."""
    return [name for name in read_sums(adapter) if name not in _NOT_NEEDED | {ADAPTER_FILE}]


def _build(
    directory: Path,
    parts: Sequence[Path],
    beside: Sequence[str],
    sums: Mapping[str, str],
    target: Path,
    *,
    adapter: Path | None,
    multi_query: bool,
) -> None:
    """Make ``target`` whole, or leave it alone. Raises OSError, or ModelError on damage."""
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(target.parent)
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    try:
        for name in beside:
            _copy([directory / name], work / name, sums)
        _copy(parts, work / WEIGHTS_FILE, sums)
        if adapter is not None:
            _apply(adapter, work, base=sums[WEIGHTS_FILE])
        if multi_query:
            from summarizer.models.multiquery import share_keys  # numpy, as below

            share_keys(work)
        lines = [f"{_sha256(path)}  {path.name}\n" for path in sorted(work.iterdir())]
        (work / SUMS_FILE).write_text("".join(lines), encoding="utf-8")
        sizes = {path.name: path.stat().st_size for path in work.iterdir()}
        (work / SIZES_FILE).write_text(json.dumps(sizes), encoding="utf-8")
        _put(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    logger.info("joined %d parts of %s into %s", len(parts), directory.name, target)


def _put(work: Path, target: Path) -> None:
    """Give what was made in ``work`` its name; what another process made meanwhile stays, what is off makes room."""
    if target.exists() and not _is_whole(target):
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=target.parent, ignore_cleanup_errors=True) as off:
            target.replace(Path(off) / target.name)
    if not target.exists():
        work.replace(target)


def _apply(adapter: Path, work: Path, *, base: str) -> None:
    """Merge an adapter into the model in ``work``, and put its files over the base's."""
    from summarizer.models.adapters import merge_adapter  # numpy, which `mujaz --help` must not wait for

    verify(adapter, read_sums(adapter))
    merge_adapter(work / WEIGHTS_FILE, adapter / ADAPTER_FILE, base=base)
    for name in _own_files(adapter):
        shutil.copyfile(adapter / name, work / name)


def _copy(sources: Sequence[Path], target: Path, sums: Mapping[str, str]) -> None:
    """Write ``sources`` one after the other into ``target``; each and the whole must match their checksums."""
    whole = hashlib.sha256()
    with target.open("xb") as out:
        for source in sources:
            own = hashlib.sha256()
            with source.open("rb") as data:
                while chunk := data.read(_CHUNK_BYTES):
                    own.update(chunk)
                    whole.update(chunk)
                    out.write(chunk)
            _compare(source, own.hexdigest(), sums.get(source.name))
        out.flush()
        os.fsync(out.fileno())
    if len(sources) > 1:
        _compare(sources[0].parent / target.name, whole.hexdigest(), sums.get(target.name))


def _compare(path: Path, found: str, wanted: str | None) -> None:
    if wanted is None:
        raise ModelError(f"{path.name} is not in {path.parent / SUMS_FILE}; reinstall mujaz")
    if found != wanted:
        raise ModelError(
            f"{path} is damaged (SHA-256 {found[:12]}..., not {wanted[:12]}...); reinstall mujaz"
        )


def verify(directory: Path, sums: Mapping[str, str]) -> None:
    """Check every file of ``directory`` that ``sums`` names. Raises ``ModelError`` on the first that is off."""
    for name, wanted in sums.items():
        path = directory / name
        if path.is_file():
            _compare(path, _sha256(path), wanted)


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def weight_parts(directory: Path) -> list[Path]:
    """Return the parts of a model's weights, in order; none where they lie whole."""
    return sorted(directory.glob(f"{WEIGHTS_FILE}{PART_MARK}*"))


def read_sums(directory: Path) -> dict[str, str]:
    """Return file name -> SHA-256 of a ``SHA256SUMS`` file. Raises ``ModelError``."""
    path = directory / SUMS_FILE
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read; reinstall mujaz") from error
    sums: dict[str, str] = {}
    for row in rows:
        digest, _, name = row.partition(" ")
        name = name.strip().removeprefix("*").removeprefix("./")
        if len(digest) != 64 or not is_plain_name(name):
            raise ModelError(f"{path} is damaged: {row[:80]!r}; reinstall mujaz")
        sums[name] = digest.lower()
    return sums


def _is_whole(directory: Path) -> bool:
    """Tell whether a cached model has all its files, in the sizes that they were made with."""
    try:
        sizes = json.loads((directory / SIZES_FILE).read_text(encoding="utf-8"))
        return all((directory / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def remove_stale(directory: Path) -> None:
    """Remove what killed processes left behind."""
    for leftover in directory.glob(".partial-*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
