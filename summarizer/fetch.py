"""The hardened HTTP fetcher: what a stranger's URL may make this machine do, and no more.

A URL that a user pastes, a feed or a redirect names is not trusted. ``Fetcher.fetch``:

1. takes ``http`` and ``https`` only, on ordinary ports, without a user name in the URL;
2. resolves the name itself and refuses it when ANY of its addresses is not public (private, loopback,
   link-local, multicast, reserved, and IPv6 forms that embed such an IPv4 address);
3. connects to the very address that was checked, so that a second DNS answer cannot change it (DNS rebinding).
   The ``Host`` header, SNI and the certificate check keep the name;
4. follows at most ``max_redirects`` redirects, each checked from step 1;
5. has a time limit for the whole exchange, not only between two bytes, so that a slow drip ends;
6. stops reading at ``limit_bytes``, counted after decompression, which is done a piece at a time.

It sends no cookies and no credentials, and reads no environment variable: a proxy would resolve names itself and
undo steps 2 and 3. Pass ``transport`` to send requests another way (then steps 2 and 3 are that transport's duty).
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpcore
import httpx

from summarizer.errors import FetchError

logger = logging.getLogger(__name__)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
#: ``(host, port) -> addresses`` as numbers-and-dots strings; raises OSError where the name is unknown.
Resolver = Callable[[str, int], Sequence[str]]
#: Whether a connection to this address is allowed.
AddressPolicy = Callable[[IPAddress], bool]

USER_AGENT: Final = "Mujaz/0.1 (news brief reader; fetches single pages on a user's request)"
#: Seconds for one URL, redirects included. News pages answer in 1-3 s; a person waits about this long.
TIMEOUT_SECONDS: Final = 20.0
#: Seconds for one step (connecting, one read). Lower than the total, so that a dead server is noticed early.
STEP_TIMEOUT_SECONDS: Final = 8.0
#: Bytes of a body after decompression. A news page is 0.05-1 MB of HTML; a PDF report may have several.
LIMIT_BYTES: Final = 8_000_000
MAX_REDIRECTS: Final = 5
#: Ports where web servers stand; others reach databases, mail and caches of somebody's network.
ALLOWED_PORTS: Final = frozenset({80, 443, 8080, 8443})
#: Media types worth reading; ``*`` after the slash is a prefix. An absent type is read and sniffed later.
ACCEPTED_TYPES: Final = (
    "text/*",
    "application/json",
    "application/jsonl",
    "application/ld+json",
    "application/x-ndjson",
    "application/xml",
    "application/xhtml+xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/pdf",
    "application/zip",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
_REFUSED_TEXT_TYPES: Final = frozenset({"text/css", "text/javascript"})
#: The request headers that a caller may add.
CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
#: Piece of decompressed body taken at a time: the most that a bomb can add beyond the limit.
_INFLATE_PIECE: Final = 65_536

#: A host in ASCII form: letters, digits, hyphens, dots (and underscores, which exist in the wild), or IPv6.
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TIMEOUTS: Final = (httpx.TimeoutException, httpcore.TimeoutException)
_NETWORK_ERRORS: Final = (
    httpx.TransportError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    OSError,
)

#: Ranges that ``is_global`` lets pass in some Python versions though nothing public answers there.
_NEVER_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # NAT64 of a local network
        "100::/64",  # discard
        "2001:db8::/32",
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_ISATAP_MARKS: Final = frozenset({0x00005EFE, 0x02005EFE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page that was read. ``content`` is decompressed; ``encoding`` is the declared charset, if any."""

    url: str  # after redirects
    content: bytes
    content_type: str  # "text/html", lower case, without parameters; "" when not told
    encoding: str | None = None
    etag: str | None = None  # the validators to ask with the next time (``fetch``'s ``headers``)
    last_modified: str | None = None
    not_modified: bool = False  # the answer to a conditional request was 304; ``content`` is empty


def is_public_address(address: IPAddress) -> bool:
    """Tell whether ``address``, and every IPv4 address it embeds, belongs to the public Internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        embedded = _embedded_ipv4(address)
        if not all(is_public_address(each) for each in embedded):
            return False
        if address.ipv4_mapped is not None or (embedded and address in _NAT64):
            return True  # wholly described by what it embeds, which is public
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address.version == each.version and address in each for each in _NEVER_PUBLIC)
    )


def _embedded_ipv4(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that mapped, 6to4, Teredo, NAT64, compatible and ISATAP forms carry."""
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    found = [each for each in (address.ipv4_mapped, address.sixtofour) if each is not None]
    found.extend(address.teredo or ())
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        found.append(last)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP_MARKS:
        found.append(last)
    return found


def resolve(host: str, port: int) -> list[str]:
    """Return every address of ``host`` that the system's resolver knows. Raises OSError."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class Fetcher:
    """Fetches single pages under the limits that the module's docstring lists. Safe to share between threads.

    ``timeout`` and ``step_timeout`` are seconds; ``limit_bytes`` counts the decompressed body.
    ``allow_private=True`` drops the address and port rules, for a team's own intranet; ``allow_address`` replaces
    the address rule alone. ``resolver`` stands in for DNS and ``transport`` for the network in tests.
    """

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT_SECONDS,
        step_timeout: float = STEP_TIMEOUT_SECONDS,
        limit_bytes: int = LIMIT_BYTES,
        max_redirects: int = MAX_REDIRECTS,
        allow_private: bool = False,
        allow_address: AddressPolicy | None = None,
        allowed_ports: Iterable[int] | None = ALLOWED_PORTS,
        accepted_types: Sequence[str] = ACCEPTED_TYPES,
        user_agent: str = USER_AGENT,
        resolver: Resolver = resolve,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.timeout = timeout
        self.step_timeout = step_timeout
        self.limit_bytes = limit_bytes
        self.max_redirects = max_redirects
        self._allow_address = allow_address or (_allow_any if allow_private else is_public_address)
        self._ports = None if allow_private or allowed_ports is None else frozenset(allowed_ports)
        self._accepted_types = tuple(accepted_types)
        self._user_agent = user_agent
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._transport = transport
        self._lock = threading.Lock()

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Read ``url``. Raises ``FetchError`` with the code ``scheme``, ``url``, ``private_address``, ``dns``,
        ``timeout``, ``network``, ``redirects``, ``http_status``, ``content_type`` or ``too_large``.

        ``headers`` makes the request conditional (``If-None-Match``, ``If-Modified-Since``; no other is sent on, so
        that a redirect cannot carry a secret away); the answer 304 then comes back as ``not_modified``.
        """
        conditions = {name: value for name, value in (headers or {}).items() if name in CONDITIONS}
        deadline = _Deadline(self.timeout, url=url)
        target = self._check_url(url)
        for _ in range(self.max_redirects + 1):
            response = self._send(target, deadline, conditions)
            try:
                if conditions and response.status_code == httpx.codes.NOT_MODIFIED:
                    return _unchanged(response, target, conditions)
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or location is None:
                    return self._read(response, target, deadline)
            finally:
                response.close()
            logger.debug("%s redirects to %s", target, location)
            target = self._check_url(_join(target, location))
        raise FetchError(f"{url}: more than {self.max_redirects} redirects", code="redirects")

    # --- the steps ------------------------------------------------------------------------------

    def _check_url(self, url: str) -> httpx.URL:
        """Return the parsed URL, or refuse what needs no network to be refused."""
        shown = _shorten(url)
        try:
            parsed = httpx.URL(url.strip())
            host, port = parsed.raw_host.decode("ascii"), parsed.port
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"{shown}: not a URL ({error})", code="url") from error
        if parsed.scheme not in ("http", "https"):
            raise FetchError(f"{shown}: only http and https are fetched", code="scheme")
        if not _HOST.fullmatch(host):
            raise FetchError(f"{shown}: the URL names no valid host", code="url")
        if parsed.userinfo:
            raise FetchError(f"{parsed.host}: a URL with a user name or password is refused", code="url")
        port = port or (443 if parsed.scheme == "https" else 80)
        if self._ports is not None and port not in self._ports:
            raise FetchError(f"{shown}: port {port} is refused", code="url")
        self._check_literal(host, shown)
        return parsed.copy_with(fragment=None)

    def _check_literal(self, host: str, shown: str) -> None:
        """Refuse addresses in disguise: ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` are all 127.0.0.1."""
        literal = host.strip("[]")
        try:
            address: IPAddress = ipaddress.ip_address(literal)
        except ValueError:
            if not re.fullmatch(
                r"(0x[0-9a-f]*|[0-9]+)", literal.rstrip(".").rsplit(".", 1)[-1], re.IGNORECASE
            ):
                return  # a name
            raise FetchError(
                f"{shown}: the host is an address in an unusual form", code="private_address"
            ) from None
        if not self._allow_address(address):
            raise _refused(shown, address)

    def _send(self, url: httpx.URL, deadline: _Deadline, conditions: Mapping[str, str]) -> httpx.Response:
        step = min(self.step_timeout, deadline.left())
        request = httpx.Request(
            "GET",
            url,
            headers={
                "User-Agent": self._user_agent,
                "Accept": "text/html, application/xhtml+xml, text/*;q=0.9, */*;q=0.5",
                "Accept-Encoding": "gzip, deflate",
                "Accept-Language": "ar, en;q=0.5",
                "Connection": "close",
                **conditions,
            },
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), step)},
        )
        transport = self._transport or _GuardedTransport(
            backend=_GuardedBackend(
                resolver=self._resolver, allow_address=self._allow_address, deadline=deadline
            ),
            ssl_context=self._context() if url.scheme == "https" else None,
        )
        with _translated(str(url), deadline):
            response = transport.handle_request(request)
        if not isinstance(response.stream, httpx.SyncByteStream):
            raise FetchError(f"{url}: the transport is not a synchronous one", code="network")
        return response

    def _context(self) -> ssl.SSLContext:
        with self._lock:  # made once: loading the certificate bundle takes some 20 ms
            if self._ssl_context is None:
                self._ssl_context = httpx.create_ssl_context(trust_env=False)
            return self._ssl_context

    def _read(self, response: httpx.Response, url: httpx.URL, deadline: _Deadline) -> Fetched:
        shown = _shorten(str(url))
        if response.status_code != httpx.codes.OK:
            raise FetchError(
                f"{shown}: the server answered {response.status_code}",
                code="http_status",
                status=response.status_code,
                retry_after=response.headers.get("retry-after"),
            )
        media_type, charset = _content_type(response.headers.get("content-type", ""))
        if not self._accepts(media_type):
            raise FetchError(f"{shown}: {media_type} is not a text or a document", code="content_type")
        length = response.headers.get("content-length", "")
        if length.isdecimal() and len(length) < 20 and int(length) > self.limit_bytes:
            raise self._too_large(shown)
        body = bytearray()
        with _translated(str(url), deadline):
            assert isinstance(response.stream, httpx.SyncByteStream)  # ``_send`` saw to it
            packed = response.headers.get("content-encoding", "")
            for piece in _inflate(response.stream, packed, shown):
                deadline.left()
                body += piece
                if len(body) > self.limit_bytes:
                    raise self._too_large(shown)
        return Fetched(
            url=str(url),
            content=bytes(body),
            content_type=media_type,
            encoding=charset,
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
        )

    def _accepts(self, media_type: str) -> bool:
        if not media_type:
            return True
        if media_type in _REFUSED_TEXT_TYPES:
            return False
        return any(
            media_type.startswith(each[:-1]) if each.endswith("*") else media_type == each
            for each in self._accepted_types
        )

    def _too_large(self, shown: str) -> FetchError:
        return FetchError(f"{shown}: more than {self.limit_bytes:,} bytes", code="too_large")


def _unchanged(response: httpx.Response, url: httpx.URL, conditions: Mapping[str, str]) -> Fetched:
    """Return the answer 304; a server need not repeat the validators that it was asked with."""
    return Fetched(
        url=str(url),
        content=b"",
        content_type="",
        etag=response.headers.get("etag") or conditions.get("If-None-Match"),
        last_modified=response.headers.get("last-modified") or conditions.get("If-Modified-Since"),
        not_modified=True,
    )


def _allow_any(_address: IPAddress) -> bool:
    return True


def _refused(shown: str, address: IPAddress | str) -> FetchError:
    return FetchError(f"{shown}: {address} is a private or reserved address", code="private_address")


def _shorten(url: str, *, width: int = 200) -> str:
    """Return ``url`` on one line, short enough for a message."""
    line = "".join(character if character.isprintable() else "?" for character in url)
    return line if len(line) <= width else line[:width] + "…"


def _join(base: httpx.URL, location: str) -> str:
    try:
        return str(base.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{base}: redirects to something that is not a URL", code="redirects") from error


def _content_type(header: str) -> tuple[str, str | None]:
    media_type, _, parameters = header.partition(";")
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.IGNORECASE)
    return media_type.strip().lower(), match[1].lower() if match else None


# --- bodies -------------------------------------------------------------------------------------


def _inflate(pieces: Iterable[bytes], content_encoding: str, shown: str) -> Iterator[bytes]:
    """Yield the decompressed body in pieces of at most ``_INFLATE_PIECE`` bytes.

    httpx would inflate each network chunk whole: 64 KB of a bomb become 64 MB before anyone can count.
    """
    encodings = [each for each in (part.strip().lower() for part in content_encoding.split(",")) if each]
    encodings = [each for each in encodings if each != "identity"]
    if not encodings:
        yield from pieces
        return
    if len(encodings) > 1 or encodings[0] not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{shown}: unknown content encoding {content_encoding!r}", code="content_type")
    inflater: Any = None
    try:
        for piece in pieces:
            if inflater is None and piece:
                inflater = zlib.decompressobj(_window_bits(encodings[0], piece))
            waiting = piece
            while waiting and inflater is not None and not inflater.eof:
                yield inflater.decompress(waiting, _INFLATE_PIECE)
                waiting = inflater.unconsumed_tail
    except zlib.error as error:
        raise FetchError(f"{shown}: the compressed body is damaged", code="network") from error
    if inflater is not None and not inflater.eof:
        raise FetchError(f"{shown}: the compressed body ends too early", code="network")


def _window_bits(encoding: str, first: bytes) -> int:
    """Tell zlib which wrapper to expect; ``deflate`` is served both with one and (wrongly) without."""
    if encoding != "deflate":
        return zlib.MAX_WBITS | 16
    return zlib.MAX_WBITS if first[0] & 0x0F == 8 and first[0] >> 4 <= 7 else -zlib.MAX_WBITS


# --- time ---------------------------------------------------------------------------------------


class _Deadline:
    """The moment when one fetch must be over."""

    def __init__(self, seconds: float, *, url: str) -> None:
        self._seconds, self._url = seconds, _shorten(url)
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left. Raises ``FetchError`` (``timeout``) when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.error()
        return left

    def error(self) -> FetchError:
        return FetchError(f"{self._url}: not read within {self._seconds:g} seconds", code="timeout")


class _translated:  # noqa: N801 - reads as a with-statement's verb
    """Turn what the HTTP libraries raise into ``FetchError``."""

    def __init__(self, url: str, deadline: _Deadline) -> None:
        self._url, self._deadline = _shorten(url), deadline

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, _TIMEOUTS):
            raise FetchError(f"{self._url}: the server did not answer in time", code="timeout") from error
        if isinstance(error, _NETWORK_ERRORS):
            raise FetchError(f"{self._url}: {error or type(error).__name__}", code="network") from error


# --- the guarded network ------------------------------------------------------------------------


class _GuardedTransport(httpx.BaseTransport):
    """httpcore's connection pool on a guarded network backend, as an httpx transport. One per request."""

    def __init__(self, *, backend: httpcore.NetworkBackend, ssl_context: ssl.SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, network_backend=backend, max_connections=1, max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_PoolStream(answer, self._pool), request=request
        )


class _PoolStream(httpx.SyncByteStream):
    """A response body that closes its connection and its pool with it."""

    def __init__(self, answer: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._answer, self._pool = answer, pool

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves, checks and connects in one place: no connection can be made to an unchecked address."""

    def __init__(self, *, resolver: Resolver, allow_address: AddressPolicy, deadline: _Deadline) -> None:
        self._resolver, self._allow_address, self._deadline = resolver, allow_address, deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of ``host`` that answers; all of them must be allowed."""
        failure: Exception | None = None
        for address in self._checked(host, port, timeout):
            try:
                stream = self._network.connect_tcp(
                    str(address),
                    port,
                    timeout=_within(timeout, self._deadline),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._deadline)
        raise failure or FetchError(f"{host}: the name has no address", code="dns")

    def _checked(self, host: str, port: int, timeout: float | None) -> list[IPAddress]:
        found = []
        for text in self._look_up(host, port, timeout):
            try:
                address = ipaddress.ip_address(text)
            except ValueError as error:
                raise FetchError(f"{host}: resolves to {text!r}", code="dns") from error
            if not self._allow_address(address):
                raise _refused(host, address)
            found.append(address)
        return found

    def _look_up(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """Ask the resolver, in a thread because the system's resolver takes no time limit."""
        answers: list[Sequence[str]] = []
        errors: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(self._resolver(host.strip("[]"), port))
            except (OSError, UnicodeError) as error:
                errors.append(error)

        thread = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
        thread.start()
        thread.join(_within(timeout, self._deadline))
        if errors:
            raise FetchError(f"{host}: the name cannot be resolved ({errors[0]})", code="dns") from errors[0]
        if not answers:
            raise FetchError(f"{host}: the name was not resolved in time", code="timeout")
        return answers[0]


class _DeadlineStream(httpcore.NetworkStream):
    """A network stream whose every operation also ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within(timeout, self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _within(timeout, self._deadline))
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _within(timeout: float | None, deadline: _Deadline) -> float:
    left = deadline.left()
    return left if timeout is None else min(timeout, left)
