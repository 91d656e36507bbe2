"""What visitors give the page: files, archives, addresses, feeds; and what strangers hide in them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_fetch import send, serve
from tests.ui.serving import BRIDGE, PASTED, TOLLS, Server
from tests.ui.visiting import Visit, fill_option, make_brief, visitors, wait_for_brief
from ui.texts import Texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def give(page: Page, *files: Path) -> None:
    """Drop files on the page and wait until they are uploaded."""
    page.set_input_files("#mj-files input[type=file]", list(files))
    page.wait_for_function(
        f"document.querySelectorAll('#mj-files .file-preview .file').length === {len(files)}"
    )


def test_files_are_read_and_bad_ones_become_warnings(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    (tmp_path / "تقرير.txt").write_text(PASTED, encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    page.set_input_files("#mj-files input[type=file]", [tmp_path / "تقرير.txt", tmp_path / "broken.json"])
    page.wait_for_function("document.querySelectorAll('#mj-files .file-preview .file').length === 2")
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards [data-final]", timeout=60_000)
    page.click(".mj-warnings summary")
    assert "broken.json" in page.locator(".mj-warnings").inner_text()


def test_a_zip_of_reports_is_read(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    with zipfile.ZipFile(tmp_path / "day.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("جسر.txt", BRIDGE)
        archive.writestr("../../../tmp/رسوم.txt", TOLLS)  # a path that leads out is a name
    give(page, tmp_path / "day.zip")
    page.click("#mj-check")
    page.wait_for_selector("#mj-reports input")
    assert page.locator("#mj-reports input").count() == 2
    page.click("#mj-run-list")
    wait_for_brief(page)
    assert page.locator("#mj-cards .mj-story").count() == 2
    assert not Path("/tmp/رسوم.txt").exists()


def test_a_zip_bomb_is_a_message(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"\0" * 40_000_000)
    give(page, tmp_path / "bomb.zip")
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-message")
    assert "bomb.zip" in page.locator("#mj-cards").inner_text()


def test_what_is_no_report_is_not_taken(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    (tmp_path / "run.exe").write_bytes(b"MZ\x90\0" * 100)
    page.set_input_files("#mj-files input[type=file]", tmp_path / "run.exe")
    page.wait_for_selector("[data-testid=toast-body]")  # Gradio says what it takes
    assert page.locator("#mj-files .file").count() == 0


def test_a_name_that_hurts_is_only_a_name(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    name = "<img src=x onerror='window.hurt=1'>&amp;\u202etxt.txt"
    (tmp_path / name).write_text(PASTED, encoding="utf-8")
    give(page, tmp_path / name)
    page.click("#mj-check")
    page.wait_for_selector("#mj-reports input")
    page.click("#mj-run-list")
    wait_for_brief(page)
    page.wait_for_timeout(200)
    assert page.evaluate("window.hurt") is None
    assert page.locator("#mj-cards img").count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/v1/profiles",
        "http://[::1]/",
        "http://169.254.169.254/latest/",
        "http://0x7f.1/",
    ],
)
def test_the_box_of_addresses_leads_to_no_machine_inside(visit: Visit, server: Server, address: str) -> None:
    page = visit()
    address = address.format(port=server.port)
    page.fill("#mj-urls textarea", address)
    page.click("#mj-check")
    page.wait_for_selector("#mj-skipped li")
    assert page.locator("#mj-reports input").count() == 0
    page.click("#mj-up")
    page.click("#mj-run")
    page.wait_for_selector("#mj-cards .mj-message")
    shown = page.locator("#mj-cards").inner_text()
    assert "embedded" not in shown  # a profile's name, which that address would tell
    assert "no report could be read" in shown


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Server]:
    """A server for which this machine stands for the Internet."""
    server = Server(tmp_path, open=True)
    server.start()
    yield server
    server.stop()


FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>إذاعة المدينة</title><link>https://news.example/</link>
{
    "".join(
        f"<item><title>{title}</title><link>https://news.example/{n}</link><description><![CDATA[<p>{text}</p>]]></description>"
        f"<pubDate>Sun, 0{n} Aug 2021 10:00:00 GMT</pubDate></item>"
        for n, (title, text) in enumerate(
            [(each.splitlines()[0], each.splitlines()[-1]) for each in (BRIDGE, TOLLS)], 1
        )
    )
}
</channel></rss>"""


def test_a_feed_is_a_list_of_reports(browser: Browser, open_server: Server) -> None:
    with (
        serve(send(FEED.encode(), Content_Type="application/rss+xml; charset=utf-8")) as (port, seen),
        visitors(browser, open_server) as visit,
    ):
        page = visit("ar")
        page.fill("#mj-urls textarea", f"http://127.0.0.1:{port}/feed.xml")
        page.click("#mj-check")
        page.wait_for_selector("#mj-reports input")
        assert page.locator("#mj-reports input").count() == 2
        assert "إذاعة المدينة" in page.locator("#mj-reports").inner_text()
        page.click("#mj-run-list")
        wait_for_brief(page)
        shown = page.locator("#mj-cards").inner_text()
        assert "إذاعة المدينة" in shown
        assert page.locator("#mj-cards .mj-story").count() == 2
        assert {path for path, _ in seen} == {"/feed.xml"}


def test_a_glossary_of_the_form_reaches_the_checks(visit: Visit) -> None:
    page = visit()
    fill_option(page, "#mj-glossary textarea", "وزيرة النقل، transport secretary")
    make_brief(page)
    kinds = page.locator("#story-1 .mj-check b").all_text_contents()
    assert any(Texts("en")("check.name.term") in each for each in kinds)


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
