"""Every attack that the guard is there for, tried."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse, PlainTextResponse

from summarizer.errors import ConfigError
from summarizer.fetch import Fetcher
from summarizer.models import Registry
from summarizer.server import security
from summarizer.server.api import create_app
from summarizer.server.headers import API_POLICY, BRIEF_POLICY, PAGE_POLICY, page_policy
from summarizer.server.jobs import JobQueue, runner
from summarizer.server.limits import RateLimiter
from summarizer.server.paths import RootPath
from summarizer.server.security import COOKIE
from summarizer.server.settings import ServerSettings, is_loopback, uvicorn_options
from tests.server.conftest import ARTICLE, Connect, serving
from tests.server.test_api import REPORT, problem
from tests.test_fetch import redirect, send, serve

TOKEN = "correct horse battery staple"


def raw(client: httpx.Client, head: str, body: bytes = b"") -> bytes:
    """Send bytes that no proper client would, and return the whole answer."""
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    with socket.create_connection((host, port), timeout=30) as link:
        link.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body)
        received = b""
        while part := link.recv(65536):
            received += part
    return received


# --- who may connect ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example"])
def test_nobody_opens_the_server_without_a_secret(host: str, registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"refusing to listen on .* add --token"):
        ServerSettings.checked(host=host)
    with pytest.raises(ConfigError, match="too short"):
        ServerSettings.checked(host=host, token="123456")
    assert ServerSettings.checked(host=host, token=TOKEN).guarded
    queue = JobQueue(runner(registry))
    try:
        with pytest.raises(ConfigError, match="refusing"):
            create_app(queue=queue, registry=registry, settings=ServerSettings(host=host))
    finally:
        queue.close()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"user": "me"}, "go together"),
        ({"user": "a:b", "password": "x"}, "colon"),
        ({"token": ""}, "empty"),
        ({"body_limit_bytes": 0}, "body_limit_bytes"),
        ({"tokens": "x"}, "tokens"),
    ],
)
def test_settings_that_make_no_sense(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ServerSettings.checked(**values)


def test_the_secret_is_in_no_representation() -> None:
    settings = ServerSettings(token=TOKEN, user="u", password=TOKEN)  # type: ignore[arg-type]
    assert TOKEN not in repr(settings) + settings.model_dump_json()


def test_loopback() -> None:
    assert [is_loopback(each) for each in ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "LocalHost")] == [
        True
    ] * 5
    assert [is_loopback(each) for each in ("0.0.0.0", "::", "10.0.0.1", "localhost.example")] == [False] * 4
    assert uvicorn_options(ServerSettings())["proxy_headers"] is False


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass for the rate limits."""
    monkeypatch.setattr(security, "RateLimiter", partial(RateLimiter, clock=lambda: 0.0))


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer", 401),
        ("Bearer wrong", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Token {TOKEN}", 401),
        ("Basic !!!", 401),
        ("Basic /w==", 401),
        (basic("me", "wrong"), 401),
        (basic("you", "pass word"), 401),
        (basic("", "pass word"), 401),
        ("Bearer pass word", 401),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (basic("anybody", TOKEN), 200),  # how a browser sends a token
        (basic("me", "pass word"), 200),
    ],
)
def test_secrets(connect: Connect, header: str | None, status: int) -> None:
    client = connect(token=TOKEN, user="me", password="pass word")
    for method, path in (
        ("GET", "/v1/profiles"),
        ("GET", "/metrics"),
        ("GET", "/"),
        ("GET", "/v1/openapi.json"),
    ):
        answer = client.request(method, path, headers={"Authorization": header} if header else {})
        expected = 404 if status == 200 and path == "/" else status
        assert answer.status_code == expected, path
        if status == 401:
            problem(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Basic ")
    assert client.get("/healthz/live").status_code == 200


@pytest.mark.usefixtures("no_time")
def test_guessing_is_slowed_down(connect: Connect) -> None:
    client = connect(token=TOKEN, requests_per_minute=10)
    answers = [client.get("/page", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(8)]
    assert answers == [401] * 5 + [429] * 3


# --- where from -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:7860", 200),
        ("LOCALHOST", 200),
        ("[::1]:7860", 200),
        ("news.example", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
        ("", 400),
        ("evil.example#127.0.0.1", 400),
        ("user@127.0.0.1", 400),
    ],
)
def test_a_rebound_name_is_refused(connect: Connect, host: str, status: int) -> None:
    client = connect(allowed_hosts=("News.example",))
    answer = client.get("/v1/profiles", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        problem(answer, 400, "bad_host")
        assert "evil" not in answer.text


def test_two_hosts_are_none(connect: Connect) -> None:
    client = connect()
    assert raw(client, "GET /v1/profiles HTTP/1.1\nHost: 127.0.0.1\nHost: 127.0.0.1\n").startswith(
        b"HTTP/1.1 400"
    )
    assert raw(client, "GET /v1/profiles HTTP/1.0\n").startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_can_change_nothing(connect: Connect, headers: dict[str, str]) -> None:
    client = connect()
    form = {"files": {"text": (None, ARTICLE)}}  # what a page may send without asking first
    problem(client.post("/v1/brief", **form, headers=headers), 403, "cross_origin")  # type: ignore[arg-type]
    problem(client.delete("/v1/jobs/" + "a" * 22, headers=headers), 403, "cross_origin")
    own = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/brief", **form, headers=own).status_code == 200  # type: ignore[arg-type]


def test_no_cross_origin_answer_is_ever_allowed(connect: Connect) -> None:
    client = connect()
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answers = [
        client.options("/v1/brief", headers=asked),
        client.get("/v1/profiles", headers={"Origin": "https://evil.example"}),
    ]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answers[0].status_code == 405


# --- whom requests count for ----------------------------------------------------------------------


@pytest.mark.usefixtures("no_time")
def test_rates_are_limited_by_client_and_by_address(connect: Connect) -> None:
    client = connect(requests_per_minute=4)
    first = client.get("/v1/openapi.json")  # counts for the address
    assert COOKIE in first.headers["set-cookie"]
    answers = [client.get("/v1/openapi.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem(answers[-1], 429, "rate_limit")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 15
    client.cookies.clear()
    assert client.get("/v1/openapi.json").status_code == 200  # the second of those without a session
    statuses = []
    for _ in range(40):  # a new session each time: the address has a limit too
        client.cookies.clear()
        client.get("/page")
        statuses.append(client.get("/v1/openapi.json").status_code)
    assert statuses == [200] * 35 + [429] * 5  # forty in all, with the five above
    assert client.get("/healthz/live").status_code == 200


@pytest.mark.usefixtures("no_time")
def test_forwarded_addresses_are_believed_from_trusted_proxies_alone(connect: Connect) -> None:
    def count(client: httpx.Client, chain: str) -> list[int]:
        headers = [{"X-Forwarded-For": chain.format(n)} for n in range(5)]
        statuses = []
        for each in headers:
            client.cookies.clear()
            statuses.append(client.get("/v1/openapi.json", headers=each).status_code)
        return statuses

    assert 429 in count(connect(requests_per_minute=4), "203.0.113.{}")
    trusted = {"requests_per_minute": 4, "proxies": ("127.0.0.1", "10.0.0.1")}
    assert 429 not in count(connect(**trusted), "203.0.113.{}")
    # What the caller wrote in front counts for nothing: the last address that is no proxy is the caller.
    assert 429 in count(connect(**trusted), "198.51.100.{}, 203.0.113.9, 10.0.0.1")


def test_a_session_cannot_be_made_up(connect: Connect) -> None:
    client = connect(requests_per_minute=4)
    name, _, signature = client.get("/page").cookies[COOKIE].partition(".")
    for forged in (f"other.{signature}", f"{name}.", f"{name}.{'0' * 64}", f".{signature}", "é", name):
        client.cookies.clear()
        answer = client.get("/page", headers={"Cookie": f"{COOKIE}={forged}".encode()})
        assert COOKIE in answer.headers["set-cookie"], forged
    client.cookies.clear()
    answer = client.get("/page", headers={"Cookie": f"{COOKIE}={name}.{signature}"})
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_kept_from_scripts_and_other_sites(connect: Connect) -> None:
    cookie = connect().get("/page").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert connect(secure_cookies=True).get("/page").headers["set-cookie"].endswith("; Secure")


# --- how much -------------------------------------------------------------------------------------


def chunks(size: int) -> Iterator[bytes]:
    yield b'{"reports": [{"text": "'
    for _ in range(size // 1000):
        yield b"a" * 1000


def test_a_body_that_is_too_large(connect: Connect) -> None:
    client = connect(body_limit_bytes=10_000)
    told = problem(client.post("/v1/brief", json={"reports": [{"text": "a" * 20_000}]}), 413, "too_large")
    assert told["detail"] == "the request is too large; at most 0.01 MB are read"
    headers = {"content-type": "application/json"}
    problem(client.post("/v1/jobs", content=chunks(50_000), headers=headers), 413, "too_large")
    files = {"files": ("a.txt", b"a" * 20_000)}
    problem(client.post("/v1/brief", files=files), 413, "too_large")
    assert client.post("/v1/brief", json=REPORT).status_code == 200


def test_a_body_that_lies_about_its_length(connect: Connect) -> None:
    client = connect(body_limit_bytes=10_000)
    head = "POST /v1/brief HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\n"
    assert (
        b"413"
        in raw(client, head + "Connection: close\nContent-Length: 99999999999999999999\n").split(b"\n")[0]
    )
    assert raw(client, head + "Content-Length: -1\n").startswith(b"HTTP/1.1 400")
    both = head + "Content-Length: 5\nTransfer-Encoding: chunked\nConnection: close\n"
    assert b" 200 " not in raw(client, both, b"0\r\n\r\n").split(b"\n")[0]


def test_all_bodies_together_are_bounded(connect: Connect) -> None:
    client = connect(held_limit_bytes=5000)
    problem(client.post("/v1/brief", json={"reports": [{"text": "a" * 6000}]}), 503, "busy")
    assert client.post("/v1/brief", json=REPORT).status_code == 200  # what was held is let go


def test_a_body_that_never_ends_in_time(connect: Connect) -> None:
    client = connect(body_seconds=0.2)
    head = "POST /v1/brief HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nContent-Length: 100\n"
    answer = raw(client, head + "Connection: close\n", b"{")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer


def test_the_number_of_files_is_bounded(connect: Connect) -> None:
    client = connect(file_limit=3)
    files = [("files", (f"{n}.txt", ARTICLE.encode())) for n in range(4)]
    problem(client.post("/v1/brief", files=files), 400, "malformed")
    assert client.post("/v1/brief", files=files[:3]).status_code == 200


def test_a_zip_bomb_is_refused_before_it_is_opened(connect: Connect) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            archive.writestr(f"{number}.txt", b"\0" * 50_000_000)
    assert len(packed.getvalue()) < 1_000_000
    answer = connect().post("/v1/brief", files={"files": ("bomb.zip", packed.getvalue())})
    assert answer.status_code == 413, answer.text
    problem(answer, 413, "too_large")


# --- files and addresses --------------------------------------------------------------------------


def test_no_name_reaches_the_disk_and_no_upload_stays_there(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = connect()
    names = [
        "../../../../tmp/evil.txt",
        "/etc/cron.d/evil",
        "..\\..\\evil.txt",
        "a\x00b.txt",
        "evil\r\nX: y.txt",
        ".",
    ]
    large = b"\0\1" * 750_000  # more than is kept in memory, and no text
    for name in names:
        answer = client.post("/v1/brief", json={"reports": [{"name": name, "text": ARTICLE}]})
        (document,) = answer.json()["documents"]
        assert not set(document["origin"]) & set("/\\\0\r\n")
        files = {"files": (name.replace("\r\n", " "), large)}
        problem(client.post("/v1/brief", files=files), 415, "binary")
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    left = [path.name for path in tmp_path.iterdir()]
    assert all(name.startswith("mujaz-jobs-") for name in left), left  # of the queue, until it is closed


def test_the_queues_files_go_with_it(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    app = create_app(queue=JobQueue(runner(registry)), registry=registry)
    with serving(app) as address:
        assert httpx.post(f"{address}/v1/brief", json=REPORT).status_code == 200
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost:7860/v1/profiles",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.0.0.1:22/",
        "http://user:secret@127.0.0.1/",
        "https://0.0.0.0/",
    ],
)
def test_addresses_inside_are_not_fetched(connect: Connect, url: str) -> None:
    client = connect()
    for path in ("/v1/brief", "/v1/stories"):
        answer = client.post(path, json={"reports": [{"url": url}]})
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] in ("private_address", "url"), answer.text


def test_a_redirect_inside_is_not_followed(connect: Connect) -> None:
    with (
        serve(send()) as (inside, seen),
        serve(redirect(f"http://127.0.0.2:{inside}/secret")) as (outside, _),
    ):
        fetcher = Fetcher(
            allow_address=lambda address: str(address) == "127.0.0.1",  # stands for the public Internet
            allowed_ports=None,
        )
        answer = connect(fetcher=fetcher).post(
            "/v1/brief", json={"reports": [{"url": f"http://127.0.0.1:{outside}/"}, {"text": ARTICLE}]}
        )
        assert answer.status_code == 200
        (warning,) = [
            each for each in answer.json()["warnings"] if "127.0.0.1" in each.get("document_id", "")
        ]
        assert warning["code"] == "private_address"
        assert seen == []


# --- what browsers are told -----------------------------------------------------------------------


def test_every_answer_has_the_headers(connect: Connect) -> None:
    client = connect(token=TOKEN, headers={"Authorization": f"Bearer {TOKEN}"})
    answers = [
        client.get("/v1/profiles"),
        client.get("/v1/nothing"),
        client.post("/v1/brief", content=b"x"),
        client.get("/healthz"),
        client.get("/v1/profiles", headers={"Authorization": ""}),
        client.get("/v1/profiles", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == API_POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_scripts_in_an_article_are_text_in_every_form(connect: Connect) -> None:
    evil = "<script>alert(1)</script><img src=x>"
    article = f"{evil} {ARTICLE} وقال الوزير {evil} إن الزيارة ناجحة. {ARTICLE}"
    client = connect()
    body = {"reports": [{"name": f"{evil}.txt", "text": article}]}
    html = client.post("/v1/brief?format=html", json=body)
    assert html.headers["content-security-policy"] == BRIEF_POLICY
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(1)" in html.text
    assert "<script>alert" not in html.text
    assert "<img" not in html.text
    assert "<script" not in client.post("/v1/brief?format=md", json=body).text
    assert json.loads(client.post("/v1/brief", json=body).text)["documents"][0]["text"] == article


def test_no_header_can_be_injected(connect: Connect) -> None:
    client = connect()
    body = {"reports": [{"name": "a.txt\r\nSet-Cookie: evil=1", "text": ARTICLE}]}
    answers = [
        client.post("/v1/jobs", json=body),
        client.post("/v1/brief?format=md%0d%0aSet-Cookie:%20evil=1", json=body),
        client.get("/v1/jobs/a%0d%0aSet-Cookie:%20evil=1"),
        client.get("/%0d%0aSet-Cookie:%20evil=1"),
    ]
    for answer in answers:
        assert "evil" not in answer.cookies
        assert "evil" not in "".join(answer.headers.values())


PAGE = '<p>page</p><script>run()</script><SCRIPT type="module" src="./a.js"></SCRIPT><img onerror="evil()">'


def test_exactly_the_inline_scripts_of_a_page_may_run() -> None:
    assert page_policy(b"<p>none</p>") == PAGE_POLICY
    two = page_policy(b"<script>a</script><script src='b.js'></script>\n<script data-x>c\n</script>")
    assert two.count("'sha256-") == 2


def test_a_mounted_page_stands_behind_the_guard(registry: Registry) -> None:
    page = FastAPI(openapi_url=None)

    @page.get("/")
    async def index() -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"Access-Control-Allow-Origin": "*", "X-Frame-Options": "ALLOWALL"})

    @page.post("/upload")
    async def upload() -> PlainTextResponse:
        return PlainTextResponse("taken")

    settings = ServerSettings(token=TOKEN)  # type: ignore[arg-type]
    app = create_app(queue=JobQueue(runner(registry)), registry=registry, settings=settings)
    app.mount("/", page)
    with serving(app, settings) as address, httpx.Client(base_url=address) as client:
        assert client.get("/").status_code == 401
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        answer = client.get("/")
        digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
        assert (
            f"script-src 'self' 'sha256-{digest}' 'unsafe-eval';" in answer.headers["content-security-policy"]
        )
        assert "unsafe-inline" not in answer.headers["content-security-policy"].partition("style-src")[0]
        assert answer.text == PAGE
        assert answer.headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in answer.headers
        assert client.get("/v1/profiles").headers["content-security-policy"] == API_POLICY
        problem(client.post("/upload", headers={"Origin": "https://evil.example"}), 403, "cross_origin")
        assert client.post("/upload").text == "taken"


@pytest.mark.usefixtures("no_time")
def test_what_changes_something_in_a_mounted_page_is_limited_too(registry: Registry) -> None:
    settings = ServerSettings(requests_per_minute=4)
    app = create_app(queue=JobQueue(runner(registry)), registry=registry, settings=settings)
    app.mount("/", PlainTextResponse("page"))
    with serving(app, settings) as address, httpx.Client(base_url=address) as client:
        client.get("/")  # the session
        assert [client.post("/gradio_api/queue/join").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/").status_code == 200


def test_a_path_under_a_proxy_changes_nothing(registry: Registry) -> None:
    app = create_app(queue=JobQueue(runner(registry)), registry=registry)
    app.mount("/deep", PlainTextResponse("mounted"))
    app.add_middleware(RootPath, root_path="/mujaz")
    with serving(app) as address, httpx.Client(base_url=address) as client:
        for before in ("", "/mujaz"):  # the proxy has cut the path off, or not
            answer = client.get(f"{before}/v1/profiles")
            assert answer.status_code == 200
            assert answer.headers["content-security-policy"] == API_POLICY
            assert client.get(f"{before}/deep/x").text == "mounted"
            job = client.post(f"{before}/v1/jobs", json=REPORT)
            assert job.headers["location"] == f"/mujaz/v1/jobs/{job.json()['id']}"
        assert "set-cookie" not in client.get("/mujaz/healthz").headers
        for other in ("/mujazer/v1/profiles", "/mujaz", "/mujaz/mujaz/v1/profiles"):
            assert client.get(other).status_code == 404


def test_web_sockets_are_refused(connect: Connect) -> None:
    client = connect()
    answer = raw(
        client,
        "GET /v1/profiles HTTP/1.1\nHost: 127.0.0.1\nConnection: Upgrade\nUpgrade: websocket\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\nConnection: close\n",
    )
    assert b" 101 " not in answer.split(b"\r\n")[0]
