"""The page's ``<head>`` as the server sends it, so that language, direction, colours and fonts stand before first paint.

Gradio adds a ``head`` of ours only when its own script runs: a reader of Arabic would first see an English page turn.
So the index page is changed on its way out, and only that: our lines go in first, and the cards for social networks,
which name addresses outside, go out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from summarizer.server.paths import own_path
from ui.texts import Language, Texts

#: Also the manifest of an installed page, which this is not: its address is none of this server's below a proxy's path.
_SOCIAL: Final = re.compile(rb'<(?:meta\s+(?:property="og:|name="twitter:)|link\s+rel="manifest")[^>]*>\s*')
_OPENING: Final = b'<html\n\tlang="en"'
_HEAD: Final = re.compile(rb"<head>")


class Frame:
    """ASGI middleware. ``pages`` maps the path of an index page to its language and the lines for its head."""

    def __init__(self, app: ASGIApp, *, pages: Mapping[str, tuple[Language, str]]) -> None:
        self._app = app
        self._pages = dict(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        page = self._pages.get(own_path(scope)) if scope["type"] == "http" else None
        if page is None:
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def framed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                if not Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                    await send(message)
                    return
                start = message  # its length is known when the body is
            elif message["type"] == "http.response.body" and start is not None:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                framed_body = frame(body, language=page[0], head=page[1])
                headers = MutableHeaders(raw=start["headers"])
                if scope["method"] != "HEAD":
                    headers["Content-Length"] = str(len(framed_body))
                headers["Cache-Control"] = "no-cache"
                await send(start)
                await send({"type": "http.response.body", "body": framed_body})
            else:
                await send(message)

        await self._app(scope, receive, framed)


def frame(page: bytes, *, language: Language, head: str) -> bytes:
    """Return Gradio's index page in our frame."""
    opening = f'<html\n\tlang="{language}" dir="{Texts(language).direction}"'.encode()
    page = _SOCIAL.sub(b"", page).replace(_OPENING, opening, 1)
    return _HEAD.sub(lambda match: match[0] + b"\n" + head.encode(), page, count=1)
