"""Files that are written beside their place and renamed: readers, and a killed program, see the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def replacing(path: Path, *, text: bool = False, alone: bool = False) -> Iterator[IO[Any]]:
    """Give a file (bytes, or UTF-8 ``text``) that takes the place of ``path`` once it is written whole, never before.

    It is flushed to the disk before it is renamed, so that a power cut leaves no empty file under the name. Where the
    block raises, ``path`` is as it was and nothing is left beside it. ``alone``: a lock keeps other
    writers of this path away, so that one hidden name serves each time and what a kill left behind is written over.
    Raises ``OSError`` where it cannot be written (a full disk, no permission).
    """
    unique = "" if alone else f".{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.name}{unique}.part")
    mode, encoding = ("w", "utf-8") if text else ("wb", None)
    try:
        with temporary.open(mode, encoding=encoding) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
