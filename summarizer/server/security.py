"""The guard in front of everything the server serves, the page too: one ASGI middleware.

A request passes, in this order:

1. Host       names a server that this is: an address, ``localhost``, or a name it was told (against DNS rebinding);
2. client     a session cookie signed by this server, or the address: whom limits and turns count for;
3. rate       a token bucket for the client, one for its address;
4. secret     where one is set: a bearer token, or Basic authentication, compared in constant time;
5. origin     a request that changes something must not come from another site's page (no CORS, no cross-site forms);
6. body       counted while it arrives, alone and with all others.

Answers get the headers of ``headers``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from summarizer.server.headers import with_headers
from summarizer.server.limits import ADDRESS_FACTOR, RateLimiter, network_of
from summarizer.server.paths import own_path
from summarizer.server.problems import INTERNAL, MEDIA_TYPE, Problem
from summarizer.server.settings import ServerSettings

logger = logging.getLogger(__name__)

COOKIE: Final = "mujaz_session"
#: Where the guard leaves the client's name for the rest of the server.
_CLIENT: Final = "mujaz.client"

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Paths without a secret, cookie or rate: what a supervisor asks.
_OPEN_PATHS: Final = frozenset({"/healthz", "/healthz/live"})


_NO_SESSION: Final = _OPEN_PATHS | {"/metrics"}
_API_PATHS: Final = ("/v1", "/healthz", "/metrics")


class BodyTooLargeError(Exception):
    """A request body grew over a limit while it was read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Guard:
    """The middleware; see the module's docstring."""

    def __init__(self, app: ASGIApp, *, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = {
            each.casefold().strip("[]") for each in (*settings.allowed_hosts, settings.host, "localhost")
        }
        self._key = secrets.token_bytes(32)
        self._clients = RateLimiter(settings.requests_per_minute)
        self._addresses = RateLimiter(ADDRESS_FACTOR * settings.requests_per_minute)
        self._held = 0  # bytes of the bodies of all requests that are worked on

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        session, fresh = self._session(headers)
        address = network_of(self._address(scope, headers))
        path = own_path(scope)
        supervised = path in _OPEN_PATHS
        # A session that begins with this request does not count yet: whoever drops the cookie stays one client.
        scope[_CLIENT] = f"address {address}" if fresh else f"session {session}"
        cookie = self._cookie(session) if fresh and path not in _NO_SESSION else None
        send = with_headers(send, page=not path.startswith(_API_PATHS), cookie=cookie)
        problem = self._bad_host(headers) or (None if supervised else self._refusal(scope, headers, address))
        if problem is None:
            await self._counted(scope, headers, receive, send)
        else:
            await answer(problem)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, address: str) -> Problem | None:
        # The page's own files are many at once; what costs anything is /v1 and what changes something.
        limited = scope["method"] not in _SAFE_METHODS or own_path(scope).startswith("/v1")
        allowed = self._allowed(headers)
        if limited or not allowed:
            # Guesses at the secret count for the address, whatever session they come with.
            client = scope[_CLIENT] if allowed else f"guess {address}"
            wait = max(self._addresses.take(address), self._clients.take(client))
            if wait:
                return Problem(
                    status=429,
                    code="rate_limit",
                    detail="too many requests; slow down",
                    retry_after=math.ceil(wait),
                )
        if not allowed:
            return Problem(
                status=401, code="unauthorized", detail="this server asks for a token, or a user and password"
            )
        if scope["method"] not in _SAFE_METHODS and not _same_origin(headers):
            return Problem(
                status=403, code="cross_origin", detail="requests from another site's page are refused"
            )
        return None

    # --- who --------------------------------------------------------------------------------------

    def _bad_host(self, headers: Headers) -> Problem | None:
        given = headers.getlist("host")
        if len(given) == 1 and self._is_own(_host_name(given[0])):
            return None
        return Problem(
            status=400,
            code="bad_host",
            detail="the Host header names another server; the name must be allowed with --allow-host",
        )

    def _is_own(self, name: str) -> bool:
        if name in self._hosts:
            return True
        try:  # a page of another site cannot make a browser send an address that is not its own
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _address(self, scope: Scope, headers: Headers) -> str:
        """Return the address of the other side; of those that trusted proxies name, the last that is none of them."""
        client = scope.get("client")
        address = client[0] if client else "unknown"
        if address in self._settings.proxies:
            forwarded = ",".join(headers.getlist("x-forwarded-for")).split(",")
            for each in reversed([part.strip() for part in forwarded if part.strip()]):
                address = each[:64]
                if address not in self._settings.proxies:
                    break
        return address

    def _session(self, headers: Headers) -> tuple[str, bool]:
        """Return the caller's session, and whether it is a new one."""
        name, _, signature = cookie_parser(headers.get("cookie", "")).get(COOKIE, "").partition(".")
        if name and hmac.compare_digest(signature.encode(), self._sign(name).encode()):
            return name, False
        return secrets.token_urlsafe(16), True

    def _sign(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def _allowed(self, headers: Headers) -> bool:
        if not self._settings.guarded:
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        user, password = _basic(value) if scheme.casefold() == "basic" else ("", "")
        given = value.strip() if scheme.casefold() == "bearer" else password
        token, own = self._settings.token, self._settings.password
        # Every comparison is made, whatever the others gave.
        by_token = token is not None and _equal(given, token.get_secret_value())
        by_name = _equal(user, self._settings.user or "")
        by_password = own is not None and _equal(password, own.get_secret_value())
        return by_token or (by_name & by_password)

    # --- what -------------------------------------------------------------------------------------

    async def _counted(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Run the application, and stop it where the body grows over a limit."""
        size, limit = 0, self._settings.body_limit_bytes
        too_large = Problem(
            status=413,
            code="too_large",
            detail=f"the request is too large; at most {limit / 1e6:g} MB are read",
        )
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            await answer(too_large)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            length = len(message.get("body", b""))
            size += length
            self._held += length
            if size > limit:
                raise BodyTooLargeError(too_large)
            if self._held > self._settings.held_limit_bytes:
                raise BodyTooLargeError(
                    Problem(
                        status=503, code="busy", detail="the server is busy; try again later", retry_after=10
                    )
                )
            return message

        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except BodyTooLargeError as error:
            if started:
                raise
            await answer(error.problem)(scope, receive, send)
        except Exception:  # answered here, so that this answer has the headers too
            if started:
                raise
            logger.exception("a request failed")
            await answer(INTERNAL)(scope, receive, send)
        finally:
            self._held -= size

    def _cookie(self, name: str) -> str:
        secure = "; Secure" if self._settings.secure_cookies else ""
        return f"{COOKIE}={name}.{self._sign(name)}; Path=/; HttpOnly; SameSite=Strict{secure}"


def client_of(request: Request) -> str:
    """Return whom a request counts for: the name that ``JobQueue.submit`` takes as its ``client``."""
    client: str = request.scope[_CLIENT]
    return client


def answer(problem: Problem) -> JSONResponse:
    """Return the answer that tells a problem."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Mujaz", charset="UTF-8", Bearer realm="Mujaz"'
    return JSONResponse(problem.to_dict(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _host_name(host: str) -> str:
    """Return a Host header's name without its port, lower case, an IPv6 address without its brackets."""
    name = host.casefold()
    return name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]


def _same_origin(headers: Headers) -> bool:
    """Tell whether a request may change something: from this server's page, or from no page at all."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].casefold() == headers["host"].casefold()


def _basic(value: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = decoded.partition(":")
    return user, password


def _equal(given: str, secret: str) -> bool:
    """Compare in a time that tells nothing, not even the length."""
    digests = (hashlib.sha256(each.encode("utf-8", "surrogatepass")).digest() for each in (given, secret))
    return hmac.compare_digest(*digests)
