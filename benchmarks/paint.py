"""How long a reader waits: first paint of the page, and the first story of the five example reports, in a real browser.

    python -m benchmarks.paint                # needs Chromium and `pip install 'mujaz[dev]'`
    python -m benchmarks.paint --visits 10

Starts ``mujaz serve`` in a process of its own on loopback, opens the page some times as a new visitor each (nothing
cached), then makes the brief of the five reports twice: with models that load for it, and with models that are there.
Times are of the browser's own clock, from the click or the start of the navigation.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from benchmarks.load import server, spread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: What the page is asked: milliseconds since the navigation began, and bytes that came over the wire.
_MEASURES: Final = """() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
  bytes: [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
    .reduce((sum, each) => sum + each.transferSize, 0),
})"""
#: The form, ready to be filled in.
_READY: Final = "#mj-run"
#: What a reader sees of a brief, in the order in which it comes.
_STEPS: Final = {
    "the page answers the click": "#mj-cards .mj-brief",
    "first story, Arabic": "#mj-cards .mj-preview .ar",
    "the whole brief, English checked": "#mj-cards [data-final]",
}


def visit(browser: Browser, address: str) -> tuple[Page, dict[str, float]]:
    """Open the page as a new visitor; return it and what it took: seconds, and MB."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US").new_page()
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(_READY)
    ready = time.perf_counter() - begin
    page.wait_for_load_state("load")
    measured: dict[str, Any] = page.evaluate(_MEASURES)
    return page, {"painted": measured["painted"] / 1000, "ready": ready, "mb": measured["bytes"] / 1e6}


def make_brief(page: Page) -> dict[str, float]:
    """Click on the example reports; return the seconds until each step is in sight."""
    page.wait_for_timeout(300)  # Gradio binds its handlers right after it paints
    begin = time.perf_counter()
    page.click("#mj-example")
    seconds = {}
    for name, selector in _STEPS.items():
        page.wait_for_selector(selector, timeout=600_000)
        seconds[name] = time.perf_counter() - begin
    return seconds


def main(report: Callable[[str], None] = print) -> None:
    """Run the benchmark and print Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    begin = time.perf_counter()
    with server(path="/healthz/live") as (address, _), sync_playwright() as playwright:
        started = time.perf_counter() - begin
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        visits = []
        for _ in range(options.visits):
            page, measured = visit(browser, address)
            visits.append(measured)
            page.context.close()
        rounds = []
        for _ in ("models load", "models are there"):
            page, _measured = visit(browser, address)
            rounds.append(make_brief(page))
            page.context.close()
        browser.close()
    machine = platform.processor() or platform.machine()
    report(
        f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}; {options.visits} visits: median / 95 % / maximum\n"
    )
    report("| measure | value |\n|---|---|")
    report(f"| `mujaz serve` to its first answer (s) | {started:.1f} |")
    report(f"| first contentful paint (s) | {spread([each['painted'] for each in visits])} |")
    report(f"| the form can be used (s) | {spread([each['ready'] for each in visits])} |")
    report(f"| sent to a new visitor (MB) | {max(each['mb'] for each in visits):.2f} |")
    for name in _STEPS:
        report(f"| {name}: models load / are there (s) | {rounds[0][name]:.1f} / {rounds[1][name]:.1f} |")


if __name__ == "__main__":
    main()
