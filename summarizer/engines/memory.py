"""Loaded models share one budget of memory: the one that was used longest ago makes room for the next.

Only whole models move: a model in use is never unloaded, and one that was is loaded again when it is next asked
(from the page cache of the system, if the memory is not needed elsewhere).
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import weakref
from collections import OrderedDict
from pathlib import Path
from typing import Final, Protocol

from summarizer.errors import ModelError

logger = logging.getLogger(__name__)

#: Share of the machine's memory that weights may take; the rest is for batches, pages and everybody else.
_SHARE: Final = 0.5
_CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_WEIGHTS: Final = ("*.bin", "*.safetensors")


class Unloadable(Protocol):
    """A model that can be asked to leave memory."""

    def unload(self) -> bool:
        """Leave memory and return True; return False, changing nothing, while in use."""
        ...


class ModelMemory:
    """The loaded models, least recently used first, and how many bytes they may take together."""

    def __init__(self, budget_bytes: int | None = None) -> None:
        self._budget = budget_bytes
        self._lock = threading.Lock()
        self._loaded: OrderedDict[int, tuple[weakref.ref[Unloadable], int]] = OrderedDict()

    def make_room(self, model: Unloadable, needed_bytes: int) -> None:
        """Count ``model`` in; unload others, the longest unused first, while all together are over the budget.

        A model that is too large alone is let in: whether it fits is for the system to say.
        """
        budget = memory_budget() if self._budget is None else self._budget
        with self._lock:
            self._forget(model)
            others = [(key, *entry) for key, entry in self._loaded.items()]
        total = needed_bytes + sum(size for _, _, size in others)
        for key, reference, size in others:
            other = reference()
            if other is None or (total > budget and other.unload()):
                if other is not None:
                    logger.info("unloaded a model of %d MB to make room", size // 1_000_000)
                total -= size
                with self._lock:
                    self._loaded.pop(key, None)
        with self._lock:
            self._loaded[id(model)] = (weakref.ref(model), needed_bytes)

    def touch(self, model: Unloadable) -> None:
        """Note that ``model`` was used just now."""
        with self._lock:
            if id(model) in self._loaded:
                self._loaded.move_to_end(id(model))

    def forget(self, model: Unloadable) -> None:
        """Count ``model`` out: it has left memory."""
        with self._lock:
            self._forget(model)

    def _forget(self, model: Unloadable) -> None:
        self._loaded.pop(id(model), None)


#: The one memory of this process.
MEMORY: Final = ModelMemory()


def memory_budget() -> int:
    """Return the bytes that weights may take: ``MUJAZ_MODEL_MEMORY_MB``, or half of what the machine has.

    What the machine has is its memory, or the limit of the container where that is less. Raises ``ModelError`` on
    a setting that is no number.
    """
    asked = os.environ.get("MUJAZ_MODEL_MEMORY_MB", "")
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise ModelError(f"MUJAZ_MODEL_MEMORY_MB must be a whole number of 1 or more, not {asked!r}")
        return int(asked) * 1_000_000
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else []
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        sizes.append(int(_CGROUP_LIMIT.read_text(encoding="ascii")))
    return int(min(sizes, default=1 << 34) * _SHARE)


def weight_bytes(directory: Path) -> int:
    """Return the size of the weights in a model's directory."""
    return sum(path.stat().st_size for pattern in _WEIGHTS for path in directory.glob(pattern))
