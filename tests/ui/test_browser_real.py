"""The five reports with the models that ship: one click, the whole brief, the same by every way, and the picture of the README."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conftest import EXAMPLES, ROOT
from tests.ui.serving import Server
from ui.cards import STAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("real"), real=True)
    server.start()
    yield server
    server.stop()


def by_command_line() -> dict[str, Any]:
    """The brief as ``mujaz summarize`` writes it, in a process of its own."""
    command = [sys.executable, "-m", "summarizer.cli", "summarize", str(EXAMPLES), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    brief: dict[str, Any] = json.loads(done.stdout)
    return brief


def by_gradio_client(url: str, files: list[dict[str, str]]) -> dict[str, Any]:
    from gradio_client import Client

    client = Client(url, verbose=False)
    brief: dict[str, Any] = client.predict(files=files, api_name="/summarize_reports")
    client.close()
    return brief


def test_one_click_makes_the_brief_of_the_five_reports(
    browser: Browser, real: Server, shots: Path, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 1180},
        locale="en-US",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda each: (
            outside.append(each.url) if not each.url.startswith((real.url, "data:", "blob:")) else None
        ),
    )
    page.goto(real.url)
    page.wait_for_selector("#mj-example")
    page.wait_for_timeout(300)
    page.click("#mj-example")
    page.wait_for_selector(".mj-preview .ar", timeout=60_000)
    assert page.locator(".mj-stages li").count() == len(STAGES)
    page.wait_for_selector("#mj-cards [data-final]", timeout=300_000)

    # The troops that left or remained: the disagreement that this tool was made for.
    disagreement = page.locator(".mj-disagreements").first.inner_text()
    assert "2,500" in disagreement
    page.evaluate("scrollTo(0, 0)")
    page.locator("#story-1-sentence-1 .ar").hover()
    page.wait_for_timeout(400)
    page.screenshot(path=shots / "workbench.png")
    with page.expect_download() as caught:
        page.click("[data-do=download][data-form=json]")
    file = tmp_path / "brief.json"
    caught.value.save_as(file)
    made = json.loads(file.read_text(encoding="utf-8"))
    files = [
        {"name": path.name, "text": path.read_text(encoding="utf-8")}
        for path in sorted(EXAMPLES.glob("*.txt"))
    ]
    ways = {
        "page": made,
        "api": httpx.post(f"{real.url}/v1/brief", json={"reports": files}, timeout=300).json(),
        "command line": by_command_line(),
        "gradio_client": by_gradio_client(real.url, files),
    }
    timeless = {way: {**brief, "created": ""} for way, brief in ways.items()}
    for way, brief in timeless.items():
        assert brief == timeless["page"], way
    page.click("[data-do=language]")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.screenshot(path=shots / "workbench-ar.png")
    assert outside == []
    context.close()
