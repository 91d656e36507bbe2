"""Servers and browsers for the tests of the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.ui.serving import ARGUMENTS, CHROMIUM, Server
from tests.ui.visiting import Visit, visitors

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A quick server, shared: each browser context is a visitor of its own."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: `apt-get install chromium` to run the browser tests")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens the page of the shared server as a visitor of one's own (``visitors``)."""
    with visitors(browser, server) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots go: ``MUJAZ_SHOTS``, or ``out/screenshots``, which git ignores."""
    folder = Path(os.environ.get("MUJAZ_SHOTS") or ROOT / "out" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
