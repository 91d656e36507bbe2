"""``--root-path`` behind a real nginx, with the configuration that the guide gives: page, API, events, agents, programs."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import ROOT
from tests.ui.serving import PASTED, Server, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="no nginx here: `apt-get install nginx-light` to try the proxy"),
]
#: One process, as whoever runs the test, with every file in one folder.
CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""


def guides_location(server: Server) -> str:
    """The location of the guide, which asks this server."""
    guide = (ROOT / "docs" / "workbench.md").read_text(encoding="utf-8")
    (location,) = re.findall(r"```nginx\n(.*?)```", guide, flags=re.DOTALL)
    assert "http://127.0.0.1:7860/;" in location
    return str(location.replace("http://127.0.0.1:7860/;", f"{server.url}/;"))


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the proxy asks. Each call of its translator takes a moment, so that events have time to come."""
    folder = tmp_path_factory.mktemp("behind")
    server = Server(folder, root_path="/mujaz", proxies=["127.0.0.1"], mcp=True, seconds=0.5)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(behind: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address below which nginx publishes the server, as the guide says."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, port=port, location=guides_location(behind)), encoding="utf-8"
    )
    assert NGINX is not None
    with subprocess.Popen([NGINX, "-p", str(folder), "-c", str(configuration)]) as process:
        address = f"http://127.0.0.1:{port}"
        while process.poll() is None:
            try:
                httpx.get(address)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        assert process.poll() is None, (folder / "nginx.log").read_text(encoding="utf-8")
        yield f"{address}/mujaz"
        process.terminate()


def timeless(brief: dict[str, Any]) -> dict[str, Any]:
    return {**brief, "created": ""}


def test_the_api_answers_below_the_path_with_addresses_below_it(proxy: str, behind: Server) -> None:
    body = {"reports": [{"text": PASTED}]}
    with httpx.Client(base_url=proxy, timeout=60) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        made = client.post("/v1/brief", json=body)
        assert made.status_code == 200, made.text
        assert timeless(made.json()) == timeless(httpx.post(f"{behind.url}/v1/brief", json=body).json())
        job = client.post("/v1/jobs", json=body)
        assert job.headers["location"] == f"/mujaz/v1/jobs/{job.json()['id']}"
        servers = client.get("/v1/openapi.json").json().get("servers")
        assert servers == [{"url": "/mujaz"}]


def test_a_proxy_may_keep_the_path(behind: Server) -> None:
    """What a proxy sends that does not cut the path off."""
    with httpx.Client(base_url=f"{behind.url}/mujaz", timeout=60) as client:
        for path, media_type in (
            ("/", "text/html"),
            ("/ar/", "text/html"),
            ("/v1/profiles", "application/json"),
            ("/workbench/static/workbench.css", "text/css"),
            ("/gradio_api/info", "application/json"),
            ("/healthz/live", "application/json"),
        ):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-type"].startswith(media_type), path
        assert 'lang="ar" dir="rtl"' in client.get("/ar/").text[:200]


def test_events_come_as_they_happen(proxy: str) -> None:
    with httpx.Client(base_url=proxy, timeout=60) as client:
        job = client.post("/v1/jobs", json={"reports": [{"text": PASTED}]}).json()["id"]
        states = []
        with client.stream("GET", f"/v1/jobs/{job}/events") as stream:
            for line in stream.iter_lines():
                if line.startswith("event: ") and len(states) < 2:
                    states.append(httpx.get(f"{proxy}/v1/jobs/{job}").json()["state"])
        assert "done" not in states  # the first events were here before the last


def test_gradio_client_works_through_the_proxy(proxy: str) -> None:
    from gradio_client import Client

    client = Client(f"{proxy}/", verbose=False)
    made = client.predict(text=PASTED, api_name="/summarize_reports")
    assert timeless(made) == timeless(
        httpx.post(f"{proxy}/v1/brief", json={"reports": [{"text": PASTED}]}, timeout=60).json()
    )
    client.close()


def test_an_agent_works_through_the_proxy(proxy: str) -> None:
    pytest.importorskip("mcp", reason="the `mcp` extra is not installed")
    from tests.ui.test_mcp import call

    said = call(f"{proxy}/mcp", "translate", text="وصل الوزير إلى بغداد.")
    assert said.structuredContent is not None
    assert said.structuredContent["translations"][0]["en"] == "The English of these 4 words."


def test_callers_are_told_apart_by_the_address_that_the_proxy_names(proxy: str, behind: Server) -> None:
    """The proxy adds the caller to what the caller claims, and only the last address counts."""
    claimed = httpx.get(f"{proxy}/v1/profiles", headers={"X-Forwarded-For": "203.0.113.9"})
    assert claimed.status_code == 200
    foreign = {"Origin": "https://evil.example"}
    assert httpx.post(f"{proxy}/v1/brief", json={}, headers=foreign).status_code == 403
    own = {"Origin": proxy.removesuffix("/mujaz")}
    assert httpx.post(f"{proxy}/v1/brief", json={}, headers=own).status_code == 422


@pytest.mark.parametrize("path", ["/", "/ar/"])
def test_the_page_works_and_stays_below_its_path(
    browser: Browser, proxy: str, tmp_path: Path, path: str
) -> None:
    context = browser.new_context(locale="ar" if path == "/ar/" else "en-US", accept_downloads=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
    page.on(
        "response",
        lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    page.on(
        "request",
        lambda asked: (
            troubles.append(f"asked beside the path: {asked.url}")
            if not asked.url.startswith((f"{proxy}/", "data:", "blob:"))
            else None
        ),
    )
    page.goto(f"{proxy}{path}")
    page.wait_for_selector("#mj-run")
    page.wait_for_timeout(300)
    assert urlsplit(page.url).path == f"/mujaz{path}"
    report = tmp_path / "report.txt"
    report.write_text(PASTED, encoding="utf-8")
    page.set_input_files("#mj-files input[type=file]", report)
    page.wait_for_function("document.querySelectorAll('#mj-files .file-preview .file').length === 1")
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-running .ar")  # the queue's own stream comes as it happens
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.locator("#story-1-sentence-1 [data-do=edit]").click()
    page.locator("#story-1-sentence-1 textarea[lang=en]").fill("Through the proxy.")
    page.locator("#story-1-sentence-1 .mj-editor [type=submit]").click()
    page.wait_for_selector("#story-1-sentence-1 .mj-edited")
    with page.expect_download() as caught:
        page.click("[data-do=download][data-form=md]")
    taken = tmp_path / "brief.md"
    caught.value.save_as(taken)
    assert "Through the proxy." in taken.read_text(encoding="utf-8")
    page.click("[data-do=language]")
    other = "/mujaz/" if path == "/ar/" else "/mujaz/ar/"
    page.wait_for_url(lambda url: urlsplit(url).path == other)
    page.wait_for_selector("#mj-cards [data-final]", timeout=30_000)
    context.close()
    assert troubles == []
