"""The headers that keep browsers from doing what this server never needs.

What the API answers may not load, run or embed anything. The page is Gradio's, and its policy is as strict as that
allows; no address outside this server is allowed anywhere, so Gradio's analytics, CDN scripts and web fonts stay off.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

#: What answers of the API may do in a browser: nothing.
API_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: A brief as HTML brings its own policy (no network, one script by its hash); opened from here it is also kept apart
#: from this server's cookies and storage.
BRIEF_POLICY: Final = "sandbox allow-scripts allow-popups; frame-ancestors 'none'"
#: The page. Exceptions that Gradio 6 needs, each seen in Chromium to break it when it is taken away:
#:   script hashes           its index page carries the configuration in inline scripts: exactly these run, no others
#:                           and no `onerror=` (`page_policy` adds the hashes);
#:   script 'unsafe-eval'    `gr.HTML` compiles its template in the browser, and events their `js=`; what reports say is
#:                           escaped by the server's templates, never by these;
#:   style 'unsafe-inline'   components set style attributes, themes are inline sheets;
#:   img, media, font data:  icons and fonts; blob: what a user drops is shown from memory.
PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_INLINE_SCRIPT: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def page_policy(html: bytes) -> str:
    """Return the policy of a page: its own inline scripts may run, by their hashes."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(html))
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return PAGE_POLICY.replace("script-src 'self'", "script-src 'self'" + hashes)


def with_headers(send: Send, *, page: bool, cookie: str | None) -> Send:
    """Return ``send`` with the headers added; ``page``: the answer is the page's, not the API's."""
    waiting: Message | None = None  # the head of a page, whose policy depends on its body
    body = b""

    async def guarded(message: Message) -> None:
        nonlocal waiting, body
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            html = headers.get("content-type", "").startswith("text/html")
            _set_headers(headers, page=page, html=html, cookie=cookie)
            if page and html:
                waiting = message
                return
        elif waiting is not None:
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            MutableHeaders(scope=waiting)["Content-Security-Policy"] = page_policy(body)
            await send(waiting)
            message, waiting = {**message, "body": body}, None
        await send(message)

    return guarded


def _set_headers(headers: MutableHeaders, *, page: bool, html: bool, cookie: str | None) -> None:
    for name, value in _ALWAYS.items():
        headers[name] = value
    if page:
        headers["Content-Security-Policy"] = PAGE_POLICY
    else:
        headers["Content-Security-Policy"] = BRIEF_POLICY if html else API_POLICY
        headers["Cache-Control"] = "no-store"
    for name in [each for each in headers if each.startswith("access-control-")]:
        del headers[name]  # Gradio's own
    if cookie is not None:
        headers.append("Set-Cookie", cookie)
