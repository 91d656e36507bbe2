"""What visitors of the page do, and what is looked at while they do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.ui.serving import PASTED, Server
from ui.texts import Language

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

#: Locale of the browser that asks for each interface language.
LOCALES = {"en": "en-US", "ar": "ar-IQ"}
Visit = Callable[..., "Page"]


@contextmanager
def visitors(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open the page as visitors of their own; any error of its scripts, and any request outside, fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(
        language: Language = "en", *, width: int = 1440, dark: bool = False, calm: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if calm else "no-preference",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("request", lambda request: _check_origin(request.url, server.url, troubles))
        page.goto(server.url)
        page.wait_for_selector("#mj-run")
        page.wait_for_timeout(300)  # Gradio binds its handlers right after it paints
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def _check_origin(url: str, own: str, troubles: list[str]) -> None:
    if not url.startswith((own, "data:", "blob:")):
        troubles.append(f"asked another server: {url}")


def make_brief(page: Page, text: str = PASTED) -> None:
    """Paste a text and wait for its brief."""
    page.fill("#mj-paste textarea", text)
    page.click("#mj-run")
    wait_for_brief(page)


def fill_option(page: Page, selector: str, text: str) -> None:
    """Fill a field of the options; Gradio empties a field once, shortly after the panel around it has opened."""
    page.click("#mj-options button")
    for _ in range(20):
        page.fill(selector, text)
        page.wait_for_timeout(250)
        if page.input_value(selector) == text:
            return
    raise AssertionError(f"{selector} does not keep what is typed")


def wait_for_brief(page: Page) -> None:
    """Wait for the cards."""
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)


def serious(page: Page, *, within: str | None = None) -> list[str]:
    """What axe-core finds that keeps people out, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=within).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def tab_to(page: Page, selector: str, *, most: int = 120) -> None:
    """Press Tab until what ``selector`` names has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}")
