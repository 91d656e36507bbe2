"""A visitor's whole way through Summarize, in a real browser on a real server, in both interface languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.serving import PASTED, Server
from ui.texts import Language, Texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

#: Locale of the browser that asks for each interface language, and the page's path.
LOCALES = {"en": "en-US", "ar": "ar-IQ"}
WIDTHS = (360, 820, 1440)
Visit = Callable[..., "Page"]


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open the page as a visitor of one's own; any error of its scripts, and any request outside, fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(
        language: Language = "en", *, width: int = 1440, dark: bool = False, url: str | None = None
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("request", lambda request: _check_origin(request.url, server.url, troubles))
        page.goto(url or server.url)
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
    page.fill("#mj-paste textarea", text)
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)


def serious(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_fits_and_keeps_nobody_out(
    visit: Visit, shots: Path, language: Language, width: int
) -> None:
    dark = width == 820
    page = visit(language, width=width, dark=dark)
    texts = Texts(language)
    assert page.evaluate("document.documentElement.dir") == texts.direction
    assert page.locator("#mj-run").inner_text() == texts("input.run")
    page.click("#mj-options button")
    page.screenshot(path=shots / f"input-{language}-{width}.png", full_page=True)
    assert overflow(page) <= 0
    assert serious(page) == []
    page.fill("#mj-paste textarea", PASTED)
    page.click("#mj-check")
    page.wait_for_selector("#mj-reports input")
    page.screenshot(path=shots / f"list-{language}-{width}.png", full_page=True)
    assert overflow(page) <= 0
    assert serious(page) == []
    page.click("#mj-run-list")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.locator("#story-1 .mj-pair .ar").first.click()
    page.wait_for_selector("#story-1 .mj-sources.shown")
    page.screenshot(path=shots / f"brief-{language}-{width}.png", full_page=width > 820)
    assert overflow(page) <= 0
    assert serious(page) == []


def test_reports_are_listed_corrected_and_made_into_a_brief(visit: Visit) -> None:
    page = visit()
    page.fill("#mj-paste textarea", PASTED)
    page.click("#mj-check")
    page.wait_for_selector("#mj-reports input")
    assert page.locator("#mj-reports input").count() == 2
    assert page.locator("#mj-report-title :is(input, textarea)").input_value() == "الوزيرة تفتتح الجسر"
    page.click("#mj-merge")
    page.wait_for_function("document.querySelectorAll('#mj-reports input').length === 1")
    page.evaluate(
        """() => { const box = document.querySelector('#mj-report-text textarea');
        const at = box.value.indexOf('رسوم عبور'); box.focus(); box.setSelectionRange(at, at); }"""
    )
    page.click("#mj-split")
    page.wait_for_function("document.querySelectorAll('#mj-reports input').length === 2")
    page.fill("#mj-report-outlet :is(input, textarea)", "وكالة التجربة")
    page.locator("#mj-reports input").first.check()
    page.wait_for_function(
        "document.querySelector('#mj-report-title :is(input, textarea)').value.includes('الوزيرة')"
    )
    page.click("#mj-run-list")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    assert "وكالة التجربة" in page.locator("#mj-cards").inner_text()


def test_pointing_at_a_sentence_lights_its_counterpart_and_its_sources(visit: Visit) -> None:
    page = visit()
    make_brief(page)
    for pair in page.locator("#story-1 .mj-pair").all():
        numbers = pair.locator(".mj-cite").evaluate_all("cites => cites.map(each => each.dataset.c)")
        for side in (".ar", ".en"):
            page.mouse.move(0, 0)
            pair.locator(side).hover()
            assert "lit" in (pair.get_attribute("class") or "")
            lit = page.locator("#story-1 .mj-text mark.lit").evaluate_all(
                "marks => marks.map(each => each.dataset.c)"
            )
            assert sorted(set(lit)) == sorted(set(numbers))


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit()
    page.fill("#mj-paste textarea", PASTED)
    page.locator("#mj-run").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.locator("#story-1 .mj-pair .ar").first.focus()
    assert page.locator("#story-1 .mj-pair.lit").count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MARK"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('mj-say')")
    assert page.locator("#story-1 .mj-sources.shown").count() == 0


def test_an_edit_is_marked_survives_a_reload_and_is_taken_away(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    make_brief(page)
    page.locator("#story-1-sentence-1 [data-do=edit]").click()
    page.locator("#story-1-sentence-1 textarea[lang=en]").fill("A person wrote 99 of <i>these</i> words.")
    page.locator("#story-1-sentence-1 .mj-editor [type=submit]").click()
    page.wait_for_selector("#story-1-sentence-1 .mj-edited")
    assert page.locator("#story-1-sentence-1 .mj-mark.fail").count() == 1
    page.reload()
    page.wait_for_selector("#story-1-sentence-1 .mj-edited", timeout=30_000)
    assert page.locator("#story-1-sentence-1 .en").inner_text() == "A person wrote 99 of <i>these</i> words."
    with page.expect_download() as caught:
        page.click("[data-do=download][data-form=json]")
    file = tmp_path / "brief.json"
    caught.value.save_as(file)
    brief: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert brief["stories"][0]["summary"][0]["method"] == "edited"
    assert caught.value.suggested_filename.endswith(".json")


def test_another_translation_can_be_taken(visit: Visit) -> None:
    page = visit()
    make_brief(page)
    pair = page.locator(".mj-pair:has([data-do=use])").first
    pair.locator("details.mj-more:has([data-do=use]) summary").click()
    wanted = pair.locator("[data-do=use]").first.get_attribute("data-text")
    pair.locator("[data-do=use]").first.click()
    page.wait_for_selector(".mj-edited")
    assert page.locator(".mj-pair:has(.mj-edited) .en").first.inner_text() == wanted


def test_digits_change_for_the_eye_only(visit: Visit) -> None:
    page = visit()
    make_brief(page)
    said = page.locator("#story-1 .mj-pair .ar").all()
    before = [each.text_content() for each in said]
    assert any("42" in (text or "") for text in before)
    page.click("[data-do=digits][data-digits=arabic]")
    assert page.locator("[data-do=digits][data-digits=arabic]").get_attribute("aria-pressed") == "true"
    shown = page.evaluate(
        "getComputedStyle(document.querySelector('.mj-pair .mj-d[data-arabic=\"٤٢\"]'), '::after').content"
    )
    assert shown == '"٤٢"'
    assert [each.text_content() for each in said] == before


def test_the_language_is_remembered_and_the_text_is_kept(visit: Visit, server: Server) -> None:
    page = visit()
    page.fill("#mj-paste textarea", PASTED)
    page.click("[data-do=language]")
    page.wait_for_url("**/ar/")
    page.wait_for_selector("#mj-run")
    page.wait_for_function("document.querySelector('#mj-paste textarea').value.length > 0")
    assert page.locator("#mj-paste textarea").input_value() == PASTED
    page.goto(server.url)  # the plain address leads to the language that was chosen
    page.wait_for_url("**/ar/")


def test_nothing_to_read_is_said_and_the_way_back_is_open(visit: Visit) -> None:
    page = visit()
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-message")
    assert Texts("en")("run.nothing") in page.locator("#mj-cards").inner_text()
    page.click("#mj-back")
    page.wait_for_selector("#mj-run", state="visible")


def test_files_are_read_and_bad_ones_become_warnings(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    (tmp_path / "تقرير.txt").write_text(PASTED, encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    page.set_input_files("#mj-files input[type=file]", [tmp_path / "تقرير.txt", tmp_path / "broken.json"])
    page.wait_for_function("document.querySelectorAll('#mj-files .file').length === 2")
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.click(".mj-warnings summary")
    assert "broken.json" in page.locator(".mj-warnings").inner_text()


HOSTILE = (
    'افتتاح الجسر الجديد <img src=x onerror="window.hurt=1"> على النهر\n\n'
    "قال وزير النقل <script>window.hurt=3</script> إن مشروع الجسر الكبير بدأ اليوم في العاصمة بحضور رئيس الحكومة. "
    "وأضاف الوزير ${window.hurt=2} أن العمل مستمر \u202e حتى نهاية العام المقبل. "
    "وأوضح <svg onload=window.hurt=4> أن كلفة المشروع بلغت 42 مليون دينار وأن العمال {{constructor}} مئة."
)


def test_a_hostile_article_is_only_read(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    make_brief(page, HOSTILE)
    page.locator("#story-1 .mj-pair .ar").first.click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.hurt") is None
    assert "<script>window.hurt=3</script>" in (page.locator("#story-1 .mj-text").first.text_content() or "")
    assert page.locator("#mj-cards :is(script, img, svg)").count() == 0


def test_one_visitor_sees_nothing_of_another(visit: Visit) -> None:
    mine, theirs = visit(), visit()
    make_brief(mine)
    assert theirs.locator("#mj-cards .mj-story").count() == 0
    assert theirs.evaluate("window.mujaz.job()") == ""
    theirs.reload()
    theirs.wait_for_selector("#mj-run")
    assert theirs.locator("#mj-paste textarea").input_value() == ""
