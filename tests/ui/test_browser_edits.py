"""A person corrects the brief in the page: sentences and titles, in either language; by keyboard too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.serving import PASTED
from tests.ui.visiting import Visit, make_brief, overflow, serious, tab_to, wait_for_brief
from ui.texts import Language, Texts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def edit(page: Page, place: str, **texts: str) -> None:
    """Open the editor of a title or sentence, change it, and wait until the change is marked."""
    page.locator(f"{place} [data-do=edit]").click()
    for side, text in texts.items():
        page.locator(f"{place} textarea[lang={side}]").fill(text)
    page.locator(f"{place} .mj-editor [type=submit]").click()
    page.wait_for_selector(f"{place} .mj-edited")


def download(page: Page, form: str, folder: Path) -> str:
    """Take the brief away in a form; return the file's text."""
    with page.expect_download() as caught:
        page.click(f"[data-do=download][data-form={form}]")
    assert caught.value.suggested_filename.endswith(f".{form}")
    file = folder / f"brief.{form}"
    caught.value.save_as(file)
    return file.read_text(encoding="utf-8")


def test_an_edit_is_marked_survives_a_reload_and_is_taken_away(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    make_brief(page)
    edit(page, "#story-1-sentence-1", en="A person wrote 99 of <i>these</i> words.")
    assert page.locator("#story-1-sentence-1 .mj-mark.fail").count() == 1
    page.reload()
    page.wait_for_selector("#story-1-sentence-1 .mj-edited", timeout=30_000)
    assert page.locator("#story-1-sentence-1 .en").inner_text() == "A person wrote 99 of <i>these</i> words."
    brief: dict[str, Any] = json.loads(download(page, "json", tmp_path))
    assert brief["stories"][0]["summary"][0]["method"] == "edited"


def test_another_translation_can_be_taken(visit: Visit) -> None:
    page = visit()
    make_brief(page)
    pair = page.locator(".mj-pair:has([data-do=use])").first
    pair.locator("details.mj-more:has([data-do=use]) summary").click()
    wanted = pair.locator("[data-do=use]").first.get_attribute("data-text")
    pair.locator("[data-do=use]").first.click()
    page.wait_for_selector(".mj-edited")
    assert page.locator(".mj-pair:has(.mj-edited) .en").first.inner_text() == wanted


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_title_is_edited_in_both_languages(
    visit: Visit, shots: Path, tmp_path: Path, language: Language, width: int
) -> None:
    page, texts = visit(language, width=width), Texts(language)
    make_brief(page)
    head = page.locator("#story-1-head")
    before = {side: head.locator(f"h3 .{side}").inner_text() for side in ("ar", "en")}
    english, arabic = "Bridge opened by <i>hand</i>", "جسر الصفاء يفتتح بكلفة 54 مليون دينار"
    edit(page, "#story-1-head", en=english)
    assert head.locator(".mj-edited").inner_text() == texts("result.edited.en")
    edit(page, "#story-1-head", ar=arabic)
    page.wait_for_selector(f"#story-1-head .mj-edited:text-is('{texts('result.edited.ar_en')}')")
    assert head.locator("h3 .en").inner_text() == english
    assert head.locator("h3 .ar").text_content() == arabic
    assert head.locator(".mj-mark.fail").count() == 1  # 54 million stands nowhere in the reports
    contents = page.locator(".mj-contents").inner_text()
    assert english in contents
    assert arabic in contents
    page.locator("#story-1-head .mj-before summary").click()
    page.screenshot(path=shots / f"title-edited-{language}-{width}.png")
    assert overflow(page) <= 0
    assert serious(page) == []
    made = download(page, "md", tmp_path)
    assert "Bridge opened by" in made
    assert "edited by hand" in made
    page.locator("#story-1-head [data-do=undo]").click()
    page.wait_for_function("!document.querySelector('#story-1-head .mj-edited')")
    assert {side: head.locator(f"h3 .{side}").inner_text() for side in ("ar", "en")} == before
    assert english not in page.locator(".mj-contents").inner_text()


def test_an_edit_that_cannot_be_kept_is_told_and_what_was_typed_stays(visit: Visit) -> None:
    page, texts = visit(), Texts("en")
    make_brief(page)
    page.locator("#story-1-sentence-1 [data-do=edit]").click()
    box = page.locator("#story-1-sentence-1 textarea[lang=en]")
    box.fill("Typed with care.")
    page.route("**/workbench/jobs/**", lambda route: route.abort())  # the server is gone
    page.locator("#story-1-sentence-1 .mj-editor [type=submit]").click()
    page.wait_for_selector(f"#mj-connection:has-text('{texts('result.edit_failed')}')")
    assert box.input_value() == "Typed with care."
    page.unroute("**/workbench/jobs/**")
    page.locator("#story-1-sentence-1 .mj-editor [type=submit]").click()
    page.wait_for_selector("#story-1-sentence-1 .mj-edited")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_keyboard_alone_is_enough(visit: Visit, language: Language) -> None:
    """From the address bar to an edited, downloaded brief with Tab, Enter, Space, Escape and letters."""
    page = visit(language)
    tab_to(page, "#mj-paste textarea")
    page.keyboard.insert_text(PASTED)
    tab_to(page, "#mj-run")
    page.keyboard.press("Enter")
    wait_for_brief(page)
    tab_to(page, "#story-1-sentence-1 .mj-say")
    assert page.locator("#story-1 .mj-pair.lit").count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MARK"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('mj-say')")
    assert page.locator("#story-1 .mj-sources.shown").count() == 0
    tab_to(page, "#story-1-sentence-1 .mj-checks summary")
    page.keyboard.press("Enter")
    assert page.locator("#story-1-sentence-1 .mj-checks").get_attribute("open") is not None
    tab_to(page, "#story-1-sentence-1 [data-do=edit]")
    page.keyboard.press("Enter")
    side = page.evaluate("document.activeElement.lang")  # the editor begins with the reader's own language
    assert side == language
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("By keyboard. بلوحة المفاتيح.")
    tab_to(page, ".mj-editor [type=submit]")
    page.keyboard.press("Space")
    page.wait_for_selector("#story-1-sentence-1 .mj-edited")
    assert page.evaluate("document.activeElement.closest('#story-1-sentence-1') !== null")
    page.keyboard.press("Shift+Tab")
    with page.expect_download():
        page.locator("[data-do=download][data-form=json]").focus()
        page.keyboard.press("Enter")


def test_nothing_moves_for_who_asks_for_calm(visit: Visit) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter((each) => { const style = getComputedStyle(each);
      return style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0 && style.transitionProperty !== "none")
        || (style.animationName !== "none" && parseFloat(style.animationDuration) > 0); }).length"""
    calm, lively = visit(), visit(calm=False)
    for page in (calm, lively):
        make_brief(page)
    assert calm.evaluate(moving) == 0
    assert lively.evaluate(moving) > 0
