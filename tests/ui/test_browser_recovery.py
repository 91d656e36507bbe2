"""Long jobs: cancelled, waited for, and found again after the server was killed in the middle of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ui.serving import PASTED, Server
from ui.texts import Texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
TEXTS = Texts("en")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Server]:
    """A server whose translator takes its time: long enough to act, short enough to wait for."""
    server = Server(tmp_path, seconds=1.5)
    server.start()
    yield server
    server.stop()


def visit(browser: Browser, server: Server) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US").new_page()
    page.goto(server.url)
    page.wait_for_selector("#mj-run")
    page.wait_for_timeout(300)
    return page


def begin(page: Page) -> None:
    page.fill("#mj-paste textarea", PASTED)
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-running")


def test_arabic_comes_first_and_a_cancel_cancels(browser: Browser, slow: Server, shots: Path) -> None:
    page = visit(browser, slow)
    begin(page)
    page.wait_for_selector(".mj-preview .ar")
    assert page.locator(".mj-preview .mj-wait").count() > 0  # the English is not there yet
    page.screenshot(path=shots / "running-en-1280.png")
    page.click("#mj-cancel")
    page.wait_for_selector(f"#mj-cards .mj-message:has-text('{TEXTS('run.cancelled')}')", timeout=30_000)
    assert "#job" not in page.url
    page.click("#mj-again")
    page.wait_for_selector("#mj-run", state="visible")
    page.context.close()


def test_who_waits_sees_the_place_in_the_queue(browser: Browser, slow: Server) -> None:
    first, second = visit(browser, slow), visit(browser, slow)
    begin(first)
    begin(second)
    second.wait_for_selector(f"#mj-cards :has-text('{TEXTS('run.queued', position=1)}')")
    second.wait_for_selector("#mj-cards [data-final]", timeout=90_000)
    assert first.locator("#mj-cards [data-final]").count() == 1
    first.context.close()
    second.context.close()


def test_a_killed_server_is_told_and_its_job_is_taken_up(browser: Browser, slow: Server, shots: Path) -> None:
    page = visit(browser, slow)
    begin(page)
    page.wait_for_selector(".mj-preview .ar")
    job = page.evaluate("window.mujaz.job()")
    assert job
    slow.kill()
    page.wait_for_selector(f"#mj-connection:has-text('{TEXTS('connection.lost')[:30]}')", timeout=30_000)
    page.screenshot(path=shots / "lost-en-1280.png")
    slow.start()
    page.wait_for_selector("#mj-cards [data-final]", timeout=90_000)
    assert page.locator("#mj-cards [data-final]").get_attribute("data-job") == job
    assert page.evaluate("window.mujaz.job()") == job
    # The page works on as if nothing had been: another brief, without a reload.
    page.click("#mj-again")
    begin(page)
    page.wait_for_selector("#mj-cards [data-final]", timeout=90_000)
    page.context.close()


def test_a_reload_in_the_middle_finds_the_job_again(browser: Browser, slow: Server) -> None:
    page = visit(browser, slow)
    begin(page)
    job = page.evaluate("window.mujaz.job()")
    page.reload()
    page.wait_for_selector("#mj-cards [data-final]", timeout=90_000)
    assert page.locator("#mj-cards [data-final]").get_attribute("data-job") == job
    page.context.close()


def test_nothing_of_an_upload_is_left_behind(browser: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    page = visit(browser, server)
    report = tmp_path / "report.txt"
    report.write_text(PASTED, encoding="utf-8")
    page.set_input_files("#mj-files input[type=file]", report)
    page.wait_for_function("document.querySelectorAll('#mj-files .file-preview .file').length === 1")
    uploads = list(tmp_path.glob("mujaz-uploads-*"))
    assert [each.stat().st_mode & 0o777 for each in uploads] == [0o700]
    assert [each.name for each in uploads[0].rglob("*.txt")] == ["report.txt"]
    page.context.close()
    server.stop()
    assert not list(tmp_path.glob("mujaz-uploads-*"))
