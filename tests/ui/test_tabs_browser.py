"""Every path through the tabs beside Summarize, in Chromium, in both languages, narrow and wide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from eval.votes import read_votes
from tests.ui.tabs_world import HOSTILE, REPORTS, served
from tests.ui.visiting import serious
from ui.texts import Language, Texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

VIEWS = [(language, width) for language in ("en", "ar") for width in (360, 820, 1440)]
SECONDS = 20_000  # milliseconds to wait at most


class World(NamedTuple):
    """A server, and where it keeps the votes."""

    url: str
    votes: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tabs")
    with served(folder) as url:
        yield World(url, folder / "votes.jsonl")


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def view(request: pytest.FixtureRequest, world: World, browser: Browser) -> Iterator[View]:
    language, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale="ar" if language == "ar" else "en",
        color_scheme="dark" if width == 820 else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    yield View(page, language, width, world)
    context.close()


class View:
    """One visitor: a page in one language and width, and what went wrong in it."""

    def __init__(self, page: Page, language: Language, width: int, server: World) -> None:
        self.page, self.texts, self.width, self.server = page, Texts(language), width, server
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.set_default_timeout(SECONDS)
        page.goto(f"{server.url}/{'ar/' if language == 'ar' else ''}")
        page.wait_for_selector("#mj-run")
        page.wait_for_timeout(300)  # Gradio binds its handlers right after it paints

    def open(self, tab: str) -> None:
        """Open a tab, from the menu of those that found no room if need be."""
        name = self.texts(f"tabs.{tab}")
        button = self.page.locator(
            "#mj-tabs .tab-container.visually-hidden ~ .tab-container button, #mj-tabs [role=tab]"
        )
        shown = button.filter(has_text=name).locator("visible=true")
        if shown.count():
            shown.first.click()
        else:
            self.page.locator("#mj-tabs .overflow-menu > button").click()
            self.page.locator("#mj-tabs .overflow-dropdown button").filter(has_text=name).click()
        self.page.wait_for_timeout(300)  # Gradio binds a tab's handlers right after it shows it

    def click(self, key: str) -> None:
        self.page.get_by_role("button", name=self.texts(key), exact=True).click()

    def check(self, shots: Path, name: str) -> None:
        """Keep a picture; nothing is wider than the screen, nothing broke, nothing foreign ran, nobody is kept out."""
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=shots / f"{name}-{self.texts.language}-{self.width}.png", full_page=True)
        assert self.faults == []
        wide = self.page.evaluate(_WIDER_THAN_THE_SCREEN)
        assert wide == []
        assert self.page.locator("#mj-tabs img").count() == 0
        assert serious(self.page, within=".mt") == []


#: What of these tabs sticks out of the screen, and does not lie in a part that scrolls by itself.
_WIDER_THAN_THE_SCREEN = """() => [...document.querySelectorAll(".mt *, .mt")]
  .filter((each) => !each.closest(".mt-scroll, .mt-sr, svg") && each.checkVisibility())
  .filter((each) => { const box = each.getBoundingClientRect(); return box.width && (box.right > innerWidth + 1 || box.left < -1); })
  .map((each) => each.className + ": " + each.textContent.slice(0, 40))"""


def prepare(view: View, *, blind: bool) -> None:
    view.open("compare")
    view.page.locator("#mt-paste textarea").fill(REPORTS)
    view.page.get_by_label(view.texts("compare.choose_second")).click()
    view.page.get_by_role("option", name="fast", exact=True).click()
    if blind:
        view.page.get_by_label(view.texts("compare.blind")).check()
    view.page.locator("#mt-run").click()


def test_side_by_side(view: View, shots: Path) -> None:
    prepare(view, blind=False)
    view.page.wait_for_selector(".mt-compare")
    marked = " ".join(view.page.locator(".mt-compare mark.mt-diff").all_text_contents())
    assert "77 more" in marked
    english = view.page.locator(".mt-compare .mt-en").first
    assert english.evaluate("each => getComputedStyle(each).direction") == "ltr"
    view.check(shots, "compare")


def test_blind_by_keyboard(view: View, shots: Path) -> None:
    prepare(view, blind=True)
    view.page.wait_for_selector(".mt-ballot")
    text = view.page.locator("#mt-compare").inner_html()
    assert "fast" not in text
    assert "embedded" not in text
    view.check(shots, "blind")
    before = len(read_votes(view.server.votes)) if view.server.votes.exists() else 0
    button = view.page.get_by_role("button", name=view.texts("compare.vote.first"), exact=True)
    button.focus()
    view.page.keyboard.press("Enter")
    view.page.wait_for_selector('.mt-ballot[data-answered="1"]')
    assert "fast" in view.page.locator("#mt-compare").inner_text()
    vote = read_votes(view.server.votes)[before]
    assert {vote.a, vote.b} == {"embedded", "fast"}
    assert vote.choice == vote.left  # the one that stood first
    assert vote.texts is None
    assert not button.is_enabled()
    view.check(shots, "blind-revealed")


def test_the_example_reports_are_put_in(view: View) -> None:
    view.open("compare")
    box = view.page.locator("#mt-paste textarea")
    view.click("compare.example")
    view.page.wait_for_function("() => document.querySelector('#mt-paste textarea').value.length > 1000")
    assert box.input_value().count("\n---\n") == 4


def test_benchmarks(view: View, shots: Path) -> None:
    view.open("benchmarks")
    view.page.wait_for_selector(".mt-board")
    assert HOSTILE in view.page.locator(".mt-board").inner_text()
    assert view.page.locator(".mt-plot svg").locator("visible=true").count() == 1
    assert view.texts("benchmarks.partial_of", n=16) in view.page.locator("#mt-live").inner_text()
    view.check(shots, "benchmarks")
    items = view.page.locator("#mt-items .mt-hit")
    first = items.first.inner_text()
    view.page.get_by_label(view.texts("benchmarks.find")).fill("بغداد")
    view.page.keyboard.press("Enter")
    view.page.wait_for_function(
        "before => document.querySelector('#mt-items .mt-hit')?.innerText !== before", arg=first
    )
    assert all("بغداد" in text for text in items.all_inner_texts())
    view.check(shots, "benchmarks-items")


def test_briefings(view: View, shots: Path) -> None:
    view.open("briefings")
    view.page.locator("#mt-briefs input").first.check()
    view.page.wait_for_selector("#mt-brief .mj-story")
    assert view.page.locator("#archive-story-1").count() == 1
    view.check(shots, "briefings")
    view.page.get_by_label(view.texts("briefings.search")).first.fill("الجسر")
    view.page.keyboard.press("Enter")
    view.page.wait_for_selector("#mt-hits mark")
    view.check(shots, "briefings-search")


def test_models(view: View, shots: Path) -> None:
    view.open("models")
    view.page.wait_for_selector(".mt-card")
    assert view.texts("models.noncommercial") in view.page.locator("#mt-models").inner_text()
    assert HOSTILE in view.page.locator("#mt-models").inner_text()
    view.check(shots, "models")


def test_the_tabs_open_nothing_to_programs(world: World) -> None:
    """The Arabic page has no endpoints for programs, so any in it would be a tab's."""
    info = httpx.get(f"{world.url}/ar/gradio_api/info").json()
    assert info["named_endpoints"] == {}
