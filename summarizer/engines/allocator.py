"""glibc's allocator, told to keep what a decoding step gives back.

At every step CTranslate2 copies its cache of keys and values into new blocks of megabytes. glibc takes blocks of that
size from the kernel and returns them at once, so each step pays again for having its pages mapped and cleared: a
quarter of the time of a translation (`perf`, ar-en-v2, beam 2). With the thresholds below the blocks are used again.
Elsewhere than on glibc nothing is changed.
"""

from __future__ import annotations

import ctypes
import functools
import os
from typing import Final

#: Parameters of ``mallopt(3)``: number -> value in bytes.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
#: Batches that run side by side share one heap: with one each, each keeps what its widest search needed.
_ARENAS: Final = 1
#: Blocks up to this size come from the heap; glibc takes no more than half of a heap of 64 MB.
_MMAP_BYTES: Final = 32 << 20
#: So much free memory at the end of a heap is kept. What a batch needs is less.
_KEPT_BYTES: Final = 16 << 20
_PAD_BYTES: Final = 1 << 20
#: Whoever set one of these has tuned the allocator already.
_OWN_TUNING: Final = (
    "MALLOC_ARENA_MAX",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "GLIBC_TUNABLES",
    "LD_PRELOAD",
)


@functools.cache
def keep_freed_memory() -> bool:
    """Set the thresholds, once a process; tell whether they are set."""
    if any(name in os.environ for name in _OWN_TUNING):
        return False
    mallopt = _function("mallopt")
    if mallopt is None:
        return False
    wanted = {
        _MMAP_THRESHOLD: _MMAP_BYTES,
        _TRIM_THRESHOLD: _KEPT_BYTES,
        _TOP_PAD: _PAD_BYTES,
        _ARENA_MAX: _ARENAS,
    }
    answers = [
        mallopt(parameter, value) for parameter, value in wanted.items()
    ]  # each, whatever the others say
    return all(answer == 1 for answer in answers)


def return_freed_memory() -> None:
    """Give back to the system what is kept: for after a model was loaded or unloaded."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of glibc, None where the C library is another one."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  musl has a `mallopt` that does nothing
        function: ctypes._NamedFuncPointer = getattr(library, name)
    except (AttributeError, OSError, TypeError):
        return None
    return function
