"""The fetcher against real servers on loopback: what it reads, and everything it refuses."""

from __future__ import annotations

import gzip
import http.server
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.errors import FetchError
from summarizer.fetch import USER_AGENT, Fetched, Fetcher, is_public_address, resolve

DATA = Path(__file__).parent / "data" / "ingest"
PAGE = "<html><body><p>اتفق العراق والولايات المتحدة على جولة جديدة.</p></body></html>".encode()
ARABIC = "text/html; charset=UTF-8"

MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"
Handler = Callable[[http.server.BaseHTTPRequestHandler], None]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up early are what these tests are about."""


@contextmanager
def serve(
    answer: Handler, *, address: str = "127.0.0.1", tls: bool = False
) -> Iterator[tuple[int, list[Any]]]:
    """Run a server; give its port and the requests it saw, as ``(path, headers)``."""
    seen: list[Any] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers))
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = _Server((address, 0), Answer)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(DATA / "tls-news.example.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(body: bytes = PAGE, *, status: int = 200, **headers: str) -> Handler:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Type": ARABIC, "Content_Length": str(len(body)), **headers}.items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def only_127_0_0_1(address: Any) -> bool:
    """The test's idea of "public": one address of the loopback network."""
    return address == ipaddress.ip_address("127.0.0.1")


def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def local(**options: Any) -> Fetcher:
    """A fetcher that may reach 127.0.0.1 and nothing else, on any port."""
    settings: dict[str, Any] = {
        "allow_address": only_127_0_0_1,
        "allowed_ports": None,
        "resolver": to_loopback,
        "timeout": 5.0,
    }
    return Fetcher(**{**settings, **options})


def code_of(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return caught.value.code


# --- what is read -------------------------------------------------------------------------------


def test_a_good_page_is_read_with_its_type_and_charset() -> None:
    with serve(send()) as (port, seen):
        page = local().fetch(f"http://news.example:{port}/خبر?x=١#frag")
    assert page == Fetched(
        url=f"http://news.example:{port}/%D8%AE%D8%A8%D8%B1?x=%D9%A1",
        content=PAGE,
        content_type="text/html",
        encoding="utf-8",
    )
    ((path, headers),) = seen
    assert path == "/%D8%AE%D8%A8%D8%B1?x=%D9%A1"
    assert headers["Host"] == f"news.example:{port}"
    assert headers["User-Agent"] == USER_AGENT
    assert "Cookie" not in headers
    assert "Authorization" not in headers


def test_arabic_host_names_are_sent_in_their_ascii_form() -> None:
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serve(send()) as (port, _):
        local(resolver=resolver).fetch(f"http://أخبار.مثال:{port}/")
    assert asked == ["xn--igbhd2h.xn--mgbh0fb"] or asked[0].startswith("xn--")


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("identity", bytes),
    ],
)
def test_compressed_bodies(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    body = PAGE * 5000  # several pieces
    with serve(send(pack(body), Content_Encoding=encoding)) as (port, _):
        assert local().fetch(f"http://news.example:{port}/").content == body


def test_an_empty_compressed_body_is_empty() -> None:
    with serve(send(b"", Content_Encoding="gzip")) as (port, _):
        assert local().fetch(f"http://news.example:{port}/").content == b""


def test_a_page_without_a_type_is_read() -> None:
    with serve(send(Content_Type="")) as (port, _):
        page = local().fetch(f"http://news.example:{port}/")
    assert (page.content_type, page.encoding) == ("", None)


def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serve(send()) as (port, _):
        assert local().fetch(f"http://news.example:{port}/").content == PAGE


def test_cookies_do_not_come_back() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.path == "/":
            send(b"", status=302, Location="/next", Set_Cookie="a=b; Path=/")(handler)
        else:
            send()(handler)

    with serve(answer) as (port, seen):
        fetcher = local()
        fetcher.fetch(f"http://news.example:{port}/")
        fetcher.fetch(f"http://news.example:{port}/next")
    assert [path for path, _ in seen] == ["/", "/next", "/next"]
    assert all(headers["Cookie"] is None for _, headers in seen)


def test_allow_private_reaches_an_intranet() -> None:
    with serve(send()) as (port, _):
        assert Fetcher(allow_private=True).fetch(f"http://localhost:{port}/").content == PAGE


# --- addresses ----------------------------------------------------------------------------------

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.5", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:0a00:0001::1",
    "2002:c0a8:101::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "5f00::1", "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:7f00:1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.1",
    "2606:4700:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::5efe:8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public_address(ipaddress.ip_address(address))


@given(st.integers(0, 2**32 - 1))
def test_embedding_an_address_never_makes_it_public(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    for form in (f"::ffff:{plain}", f"64:ff9b::{plain}", f"2606:4700::5efe:{plain}"):
        assert is_public_address(ipaddress.ip_address(form)) == is_public_address(plain)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)
    assert is_public_address(plain) or not is_public_address(six_to_four)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:127.0.0.1]", "[fe80::1]", "2130706433", "127.1",
        "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0177.1", "0", "127.0.0.1.", "0x", "[64:ff9b::7f00:1]",
        "١٢٧.٠.٠.١", "①②⑦.0.0.1",
    ],
)  # fmt: skip
def test_private_addresses_in_urls(host: str) -> None:
    assert code_of(Fetcher(), f"http://{host}/") in ("private_address", "url")


def test_localhost_is_refused_by_what_it_resolves_to() -> None:
    with serve(send()) as (port, seen):
        assert code_of(Fetcher(allowed_ports=None), f"http://localhost:{port}/") == "private_address"
    assert seen == []


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    fetcher = Fetcher(resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"])
    assert code_of(fetcher, "http://news.example/") == "private_address"


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    def two(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with serve(send()) as (port, _):
        fetcher = local(resolver=two, allow_address=lambda address: address.is_loopback)
        assert fetcher.fetch(f"http://news.example:{port}/").content == PAGE


def test_rebinding_cannot_change_the_address_that_was_checked() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with serve(send(), address="127.0.0.1") as (port, seen):
        fetcher = local(resolver=rebinding)
        assert fetcher.fetch(f"http://rebind.example:{port}/").content == PAGE
        assert asked == ["rebind.example"]  # asked once, and that answer was used
        assert code_of(fetcher, f"http://rebind.example:{port}/") == "private_address"
    assert len(seen) == 1


@pytest.mark.parametrize("answer", [[], ["not an address"]])
def test_names_without_a_usable_address(answer: list[str]) -> None:
    assert code_of(local(resolver=lambda host, port: answer), "http://news.example/") == "dns"


def test_names_that_do_not_resolve() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert code_of(local(resolver=unknown), "http://news.example/") == "dns"


def test_a_resolver_that_hangs_is_left_behind() -> None:
    release = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        release.wait(10)
        return []

    started = time.monotonic()
    assert code_of(local(resolver=hanging, timeout=0.2), "http://news.example/") == "timeout"
    assert time.monotonic() - started < 2
    release.set()


def test_the_systems_resolver_gives_numbers() -> None:
    assert "127.0.0.1" in resolve("127.0.0.1", 80)


# --- URLs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://news.example/a", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://news.example/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("news.example/page", "scheme"),
        ("", "scheme"),
        ("http://", "url"),
        ("http:///path", "url"),
        ("http://user:secret@news.example/", "url"),
        ("http://user@news.example/", "url"),
        ("http://news.example:22/", "url"),
        ("https://news.example:6379/", "url"),
        ("http://news.example:99999/", "url"),
        ("http://[::1/", "url"),
        ("http://a\nb/", "url"),
        ("http://" + "a" * 300 + ".example\u0000/", "url"),
    ],
)
def test_urls_that_are_refused_before_any_network(url: str, code: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    assert code_of(Fetcher(resolver=never), url) == code


def test_a_password_is_not_repeated_in_the_message() -> None:
    with pytest.raises(FetchError) as caught:
        Fetcher().fetch("http://user:secret@news.example/")
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_string_is_refused_or_unresolved(text: str) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    fetcher = Fetcher(resolver=unknown)
    for url in (text, f"http://{text}"):
        with pytest.raises(FetchError):
            fetcher.fetch(url)


# --- redirects ----------------------------------------------------------------------------------


def redirect(location: str, status: int = 302) -> Handler:
    return send(b"", status=status, Location=location)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(status: int) -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        (redirect("/page?x=1", status) if handler.path == "/" else send())(handler)

    with serve(answer) as (port, _):
        page = local().fetch(f"http://news.example:{port}/")
    assert page.url == f"http://news.example:{port}/page?x=1"
    assert page.content == PAGE


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.2:{port}/", "private_address"),
        ("http://10.0.0.1/", "private_address"),
        ("http://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://[::1]:{port}/", "private_address"),
        ("http://0x7f.1:{port}/", "private_address"),
        ("file:///etc/passwd", "scheme"),
        ("http://a:b@news.example:{port}/", "url"),
        ("http://inside.example:{port}/", "private_address"),
        ("http://[", "url"),
        ("http://news.example:port/", "redirects"),
    ],
)
def test_redirects_are_checked_like_first_urls(location: str, code: str) -> None:
    def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.2"] if host == "inside.example" else ["127.0.0.1"]

    target: list[str] = []
    with serve(lambda handler: redirect(target[0])(handler)) as (port, seen):
        target.append(location.format(port=port))
        assert code_of(local(resolver=resolver), f"http://news.example:{port}/") == code
    assert len(seen) == 1


def test_endless_redirects_end() -> None:
    with serve(redirect("/again")) as (port, seen):
        assert code_of(local(), f"http://news.example:{port}/") == "redirects"
    assert len(seen) == 6


def test_a_redirect_without_a_place_is_a_status() -> None:
    with serve(send(b"", status=302)) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "http_status"


# --- bodies, sizes and time ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 304, 403, 404, 500, 503])
def test_other_statuses(status: int) -> None:
    with serve(send(b"", status=status)) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "http_status"


@pytest.mark.parametrize(
    "kind", ["image/png", "video/mp4", "application/x-tar", "text/css", "text/javascript"]
)
def test_media_that_is_no_text(kind: str) -> None:
    with serve(send(Content_Type=kind)) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "content_type"


def test_an_announced_size_over_the_limit_is_not_read() -> None:
    with serve(send(b"x" * 5000)) as (port, _):
        assert code_of(local(limit_bytes=4999), f"http://news.example:{port}/") == "too_large"
        assert len(local(limit_bytes=5000).fetch(f"http://news.example:{port}/").content) == 5000


def test_an_endless_body_is_cut() -> None:
    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", ARABIC)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    with serve(endless) as (port, _):
        assert code_of(local(limit_bytes=1_000_000), f"http://news.example:{port}/") == "too_large"


def test_a_gzip_bomb_is_cut_and_never_held_in_memory() -> None:
    import tracemalloc

    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()  # 200 MB
    assert len(bomb) < 300_000
    with serve(send(bomb, Content_Encoding="gzip")) as (port, _):
        fetcher = local(limit_bytes=1_000_000)
        tracemalloc.start()
        code = code_of(fetcher, f"http://news.example:{port}/")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert code == "too_large"
    assert peak < 8_000_000


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"not gzip at all", "gzip", "network"),
        (gzip.compress(PAGE)[:-12], "gzip", "network"),
        (PAGE, "br", "content_type"),
        (PAGE, "gzip, gzip", "content_type"),
    ],
)
def test_bodies_that_cannot_be_unpacked(body: bytes, encoding: str, code: str) -> None:
    with serve(send(body, Content_Encoding=encoding)) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == code


def drip(pause: float, *, headers: bool) -> Handler:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if not headers:
            handler.send_response(200)
            handler.send_header("Content-Type", ARABIC)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            handler.wfile.write(b"X-%d: y\r\n" % number if headers else b"x")
            handler.wfile.flush()
            time.sleep(pause)

    return answer


@pytest.mark.parametrize("headers", [True, False])
def test_a_slow_drip_ends_at_the_deadline(headers: bool) -> None:
    with serve(drip(0.05, headers=headers)) as (port, _):
        started = time.monotonic()
        fetcher = local(timeout=0.4, step_timeout=0.3)  # each read is quick enough; all of them are not
        assert code_of(fetcher, f"http://news.example:{port}/") == "timeout"
        assert 0.3 < time.monotonic() - started < 2


def test_a_silent_server_ends_at_the_step_timeout() -> None:
    with serve(lambda handler: time.sleep(1)) as (port, _):
        started = time.monotonic()
        assert code_of(local(timeout=5, step_timeout=0.2), f"http://news.example:{port}/") == "timeout"
        assert time.monotonic() - started < 0.9


def test_a_closed_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert code_of(local(), f"http://news.example:{port}/") == "network"


def test_a_server_that_speaks_nonsense() -> None:
    with serve(lambda handler: handler.wfile.write(b"\x00\x01 nonsense\r\n\r\n") and None) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "network"


def test_a_body_that_breaks_off() -> None:
    with serve(send(b"short", Content_Length="5000")) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "network"


# --- TLS ----------------------------------------------------------------------------------------


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(DATA / "tls-news.example.pem"))


def test_tls_checks_the_name_although_the_connection_goes_to_an_address() -> None:
    with serve(send(), tls=True) as (port, seen):
        fetcher = local(ssl_context=trusting())
        assert fetcher.fetch(f"https://news.example:{port}/").content == PAGE
        assert code_of(fetcher, f"https://other.example:{port}/") == "network"
        assert code_of(local(), f"https://news.example:{port}/") == "network"  # not a known authority
    assert [headers["Host"] for _, headers in seen] == [f"news.example:{port}"]


def test_a_tls_handshake_that_never_comes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        fetcher = local(timeout=0.3, ssl_context=trusting())
        assert code_of(fetcher, f"https://news.example:{port}/") == "timeout"
        assert time.monotonic() - started < 2


# --- another transport --------------------------------------------------------------------------


def test_a_given_transport_is_used_and_its_errors_are_translated() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/slow":
            raise httpx.ReadTimeout("slow", request=request)
        if request.url.path == "/gone":
            raise httpx.ConnectError("gone", request=request)
        return httpx.Response(200, content=PAGE, headers={"Content-Type": ARABIC})

    fetcher = Fetcher(transport=httpx.MockTransport(answer))
    assert fetcher.fetch("http://news.example/").content == PAGE
    assert code_of(fetcher, "http://news.example/slow") == "timeout"
    assert code_of(fetcher, "http://news.example/gone") == "network"
    assert code_of(fetcher, "http://10.0.0.1/") == "private_address"


def test_an_asynchronous_body_is_refused() -> None:
    class Later(httpx.AsyncByteStream):
        pass

    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Later()))
    assert code_of(Fetcher(transport=transport), "http://news.example/") == "network"


# --- conditional requests -----------------------------------------------------------------------


def test_a_conditional_request_that_finds_nothing_new() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match") == '"v1"'
        send(b"" if known else PAGE, status=304 if known else 200, ETag='"v1"', Last_Modified=MODIFIED)(
            handler
        )

    with serve(answer) as (port, seen):
        fetcher, url = local(), f"http://news.example:{port}/feed"
        first = fetcher.fetch(url)
        again = fetcher.fetch(url, headers={"If-None-Match": '"v1"', "Authorization": "secret"})
    assert (first.etag, first.last_modified, first.not_modified) == ('"v1"', MODIFIED, False)
    assert (again.etag, again.content, again.not_modified) == ('"v1"', b"", True)
    assert "Authorization" not in seen[1][1]


def test_304_to_a_plain_request_is_an_error() -> None:
    with serve(send(b"", status=304)) as (port, _):
        assert code_of(local(), f"http://news.example:{port}/") == "http_status"


def test_an_error_carries_status_and_retry_after() -> None:
    with serve(send(b"", status=429, Retry_After="120")) as (port, _), pytest.raises(FetchError) as caught:
        local().fetch(f"http://news.example:{port}/")
    assert (caught.value.status, caught.value.retry_after) == (429, "120")
