"""Where uploads lie until they are read: a folder of this process's own, bounded, and gone when the server is.

Gradio writes each file that is dropped on the page below ``GRADIO_TEMP_DIR`` and deletes it after a while
(``ui.app.UPLOADS_LIVE``). One request is bounded by the guard, and so is their rate; here all together are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from summarizer.server.paths import own_path
from summarizer.server.problems import Problem
from summarizer.server.security import answer

#: Bytes of all uploads that have not been deleted yet: some hundred people's days of reports.
UPLOADS_LIMIT: Final = 2_000_000_000
_VARIABLE: Final = "GRADIO_TEMP_DIR"
_UPLOAD: Final = "/gradio_api/upload"
_RETRY_SECONDS: Final = 600


@contextmanager
def private_uploads() -> Iterator[None]:
    """Keep uploads in a folder that nobody else may read, and take it away at the end."""
    folder = tempfile.mkdtemp(prefix="mujaz-uploads-")
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before
        shutil.rmtree(folder, ignore_errors=True)


def uploads_folder() -> Path | None:
    """Return where uploads lie; None where nobody has said."""
    return Path(os.environ[_VARIABLE]) if _VARIABLE in os.environ else None


class UploadQuota:
    """ASGI middleware that refuses an upload while the folder holds too much."""

    def __init__(
        self, app: ASGIApp, *, folder: Callable[[], Path | None], limit_bytes: int = UPLOADS_LIMIT
    ) -> None:
        self._app, self._folder, self._limit_bytes = app, folder, limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["method"] == "POST" and own_path(scope).endswith(_UPLOAD):
            folder = self._folder()
            if folder is not None and await run_in_threadpool(_size, folder) > self._limit_bytes:
                full = Problem(
                    status=503,
                    code="busy",
                    detail="too many uploads wait on this server; try again later",
                    retry_after=_RETRY_SECONDS,
                )
                await answer(full)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _size(folder: Path) -> int:
    """Return the bytes of the files below a folder; what is deleted meanwhile does not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
