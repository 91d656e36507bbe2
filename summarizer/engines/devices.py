"""Where a model runs and in which number format, and how many threads it gets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from summarizer.errors import ModelError

Device = Literal["cpu", "cuda"]

#: Formats by device, best first. A GPU with too little memory for half precision can be told
#: ``compute_type: int8_bfloat16`` in ``models.yaml``; nothing guesses that for it.
_PREFERRED: Final[dict[Device, tuple[str, ...]]] = {
    "cpu": ("int8", "float32"),
    "cuda": ("HALF", "int8_HALF", "float32"),
}


def asked_device() -> Literal["auto", "cpu", "cuda"]:
    """Return what ``MUJAZ_DEVICE`` asks for, by default ``auto``. Raises ``ModelError`` on another value."""
    match os.environ.get("MUJAZ_DEVICE", "").lower():
        case "" | "auto":
            return "auto"
        case "cpu":
            return "cpu"
        case "cuda":
            return "cuda"
        case other:
            raise ModelError(f"MUJAZ_DEVICE must be cpu, cuda or auto, not {other!r}")


def device() -> Device:
    """Return where CTranslate2 runs: as ``MUJAZ_DEVICE`` asks, by default on a GPU where there is one.

    Raises ``ModelError`` where ``cuda`` is asked for and not there.
    """
    asked = asked_device()
    if asked == "cpu":
        return "cpu"
    import ctranslate2

    if ctranslate2.get_cuda_device_count() > 0:
        return "cuda"
    if asked == "cuda":
        raise ModelError("MUJAZ_DEVICE is cuda, but there is no CUDA device here")
    return "cpu"


def compute_type(asked: str, *, half: str, on: Device) -> str:
    """Return the format CTranslate2 computes in: ``asked``, or for ``auto`` the best that ``on`` supports.

    ``half`` is the half precision that the model bears (T5 overflows in float16). On the CPU the best is int8:
    a quarter of the memory of float32, and its speed is in ``benchmarks/engines.py``.
    """
    if asked != "auto":
        return asked
    import ctranslate2

    supported = ctranslate2.get_supported_compute_types(on)
    preferred = [name.replace("HALF", half) for name in _PREFERRED[on]]
    return next((name for name in preferred if name in supported), "default")


def stored_type(compute: str) -> str:
    """Return the format in which converted weights lie on disk for ``compute``: all int8 kinds share one."""
    return "int8" if compute.startswith("int8") else "float32" if compute == "default" else compute


#: Batches that run at the same time on a CPU, at most. Beyond it the threads of a batch grow.
_MOST_WORKERS: Final = 4


def share_threads(usable: int | None = None) -> tuple[int, int]:
    """Return how many batches CTranslate2 runs at a time on a CPU with ``usable`` threads, and the threads of each.

    The steps of a small decoder are short, and much of each is copying: two batches with a thread each are faster than
    one batch with two threads (ar-en-v2, beam 2, 48 sentences on 2 cores: 8.2 s against 12.4 s).
    """
    usable = threads() if usable is None else usable
    workers = min(usable, _MOST_WORKERS)
    return workers, usable // workers


def threads() -> int:
    """Return how many threads a model uses: ``MUJAZ_THREADS``, or the physical cores this process may use.

    Hyper-threads share one multiplier, so counting them makes int8 kernels slower, not faster.
    """
    asked = os.environ.get("MUJAZ_THREADS", "")
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise ModelError(f"MUJAZ_THREADS must be a whole number of 1 or more, not {asked!r}")
        return int(asked)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, physical_cores() or usable))


def physical_cores(cpuinfo: Path = Path("/proc/cpuinfo")) -> int | None:
    """Return the number of distinct (socket, core) pairs that Linux lists, None where it lists none."""
    try:
        blocks = cpuinfo.read_text(encoding="utf-8", errors="replace").split("\n\n")
    except OSError:
        return None
    cores: set[tuple[str, str]] = set()
    for block in blocks:
        fields = {
            key.strip(): value.strip() for key, _, value in (row.partition(":") for row in block.split("\n"))
        }
        if "core id" in fields:
            cores.add((fields.get("physical id", "0"), fields["core id"]))
    return len(cores) or None
