"""What happens between two batches of a model: the caller of a long run may look in, and stop it.

``generate`` takes hundreds of texts and may run for minutes. Smaller calls would make other batches, and with them now
and then another word; so the engines pause between their batches instead, and the results stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_call: ContextVar[Callable[[], None] | None] = ContextVar("between_batches", default=None)


@contextmanager
def between_batches(call: Callable[[], None]) -> Iterator[None]:
    """Have the engines that run in this thread call ``call`` between batches; what it raises ends the run."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)


def pause() -> None:
    """Call what the caller of this run wants to be called. For engines."""
    call = _call.get()
    if call is not None:
        call()
