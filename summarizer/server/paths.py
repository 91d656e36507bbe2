"""The path under which a proxy publishes the server: known in one place, so that no route need know of it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """ASGI middleware, the outermost: makes every path begin with the one that the server is published under.

    That is what ASGI says and what mounted applications count on. Some proxies cut that path off and some do not, and
    a caller on this machine may ask either way; behind this they are alike.
    """

    def __init__(self, app: ASGIApp, *, root_path: str) -> None:
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if self._root and scope["type"] in ("http", "websocket"):
            path: str = scope["path"]
            raw: bytes = scope.get("raw_path") or path.encode()
            if not f"{path}/".startswith(f"{self._root}/"):
                path, raw = self._root + path, self._root.encode() + raw
            elif path == self._root:
                path, raw = f"{path}/", raw + b"/"
            scope = {**scope, "root_path": self._root, "path": path, "raw_path": raw}
        await self._app(scope, receive, send)


def own_path(scope: Scope) -> str:
    """Return the path below the one under which a proxy publishes the server."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
