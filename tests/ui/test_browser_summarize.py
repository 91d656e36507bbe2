"""A visitor's whole way through Summarize, in a real browser on a real server, in both interface languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.serving import BRIDGE, PASTED, TOLLS, Server
from tests.ui.visiting import Visit, make_brief, overflow, serious, wait_for_brief
from ui.texts import Language, Texts

pytestmark = pytest.mark.browser

#: Phone, tablet, desk.
WIDTHS = (360, 820, 1440)


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
    if width < 1120:  # the reports come up over the foot of the page, and not over what was chosen
        edges = """() => [document.querySelector("#story-1-sentence-1").getBoundingClientRect().bottom,
          document.querySelector("#story-1 .mj-sources.shown").getBoundingClientRect().top]"""
        sentence, reports = page.evaluate(edges)
        assert sentence <= reports
    page.screenshot(path=shots / f"brief-{language}-{width}.png", full_page=width > 820)
    assert overflow(page) <= 0
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.locator("#story-1-head [data-do=edit]").click()
    page.locator("#story-1-sentence-1 [data-do=edit]").click()
    page.screenshot(path=shots / f"editor-{language}-{width}.png", full_page=width > 820)
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


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_went_wrong_is_said_and_the_way_back_is_open(
    visit: Visit, shots: Path, language: Language, width: int
) -> None:
    page, texts = visit(language, width=width, dark=width == 820), Texts(language)
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-message")
    assert texts("run.nothing") in page.locator("#mj-cards").inner_text()
    page.click("#mj-back")
    page.fill("#mj-paste textarea", "English only, and no Arabic at all.")
    page.click("#mj-run")
    page.wait_for_selector(f"#mj-cards .mj-message:has-text('{texts('run.failed')}')")
    page.screenshot(path=shots / f"failed-{language}-{width}.png")
    assert overflow(page) <= 0
    assert serious(page) == []
    page.goto(f"{page.url.partition('#')[0]}#job={'x' * 22}")
    page.reload()
    page.wait_for_selector(f"#mj-cards .mj-message:has-text('{texts('run.gone')}')")
    page.click("#mj-back")
    page.wait_for_selector("#mj-run", state="visible")


LONG = (
    "مشروع" + "ـ" * 300 + " الجسر\n\n"
    "قالت وزيرة النقل ليلى الحسن إن الجسر مفتوح https://news.example/" + "path" * 80 + " للجميع منذ اليوم. "
    "وأضافت أن " + "العمل مستمر وأن الجسر كبير جداً " * 25 + "بكلفة 42 مليون دينار."
)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_long_words_and_sentences_stay_within_the_screen(
    visit: Visit, shots: Path, language: Language
) -> None:
    page = visit(language, width=360)
    make_brief(page, LONG)
    page.screenshot(path=shots / f"long-{language}-360.png", full_page=True)
    assert overflow(page) <= 0


def test_one_visitor_sees_nothing_of_another(visit: Visit) -> None:
    mine, theirs = visit(), visit()
    for page, text in ((mine, BRIDGE), (theirs, TOLLS)):  # at the same time
        page.fill("#mj-paste textarea", text)
        page.click("#mj-run")
    for page, own, foreign in ((mine, "الحسن", "رسوم"), (theirs, "رسوم", "الحسن")):
        wait_for_brief(page)
        shown = page.locator("#mj-cards").inner_text()
        assert own in shown
        assert foreign not in shown
    assert mine.evaluate("window.mujaz.job()") != theirs.evaluate("window.mujaz.job()")
    third = visit()
    assert third.locator("#mj-cards .mj-story").count() == 0
    assert third.evaluate("window.mujaz.job()") == ""
    assert third.locator("#mj-paste textarea").input_value() == ""
