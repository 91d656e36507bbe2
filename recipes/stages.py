"""Stages of a long run that may be killed: what is whole stays, what is half-made is made again, old settings are told."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recipes.settings import RecipeError

_STAMP = "settings.json"


def open_stage(folder: Path, settings: Any) -> Path:
    """Return the folder of a stage, for the settings (JSON) that decide what is in it.

    Raises:
        RecipeError: the folder was filled under other settings; mixing both would be a recipe that nobody wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp, text = folder / _STAMP, json.dumps(settings, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if not stamp.exists():
        write_whole(stamp, text)
    elif stamp.read_text(encoding="utf-8") != text:
        raise RecipeError(
            f"{folder} was made with other settings ({stamp}): remove it, or choose another --out"
        )
    return folder


def write_whole(path: Path, text: str) -> None:
    """Write the file, or leave nothing under its name."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def folder_in_place_of(out: Path) -> Iterator[Path]:
    """Yield a folder beside ``out``, which takes its place once the block ends well: no reader meets a half-made one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=".building-"))
    try:
        building.chmod(0o755)  # mkdtemp's folder is its owner's alone
        yield building
        if out.exists():
            shutil.rmtree(out)
        building.replace(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
