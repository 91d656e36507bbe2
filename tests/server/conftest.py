"""A real server on loopback, with an exact-answer translator behind it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from summarizer.models import Registry
from summarizer.server.api import create_app
from summarizer.server.jobs import JobQueue, runner
from summarizer.server.requests import BriefRequest, Report
from summarizer.server.settings import ServerSettings, uvicorn_options
from tests.fakes import FakeEngine, OneTranslator

#: One report of three sentences; the fakes below know nothing of it.
ARTICLE = (
    "وصل وزير الخارجية إلى بغداد اليوم الأحد في زيارة رسمية. والتقى الوزير رئيس الجمهورية في القصر. "
    "وبحث الجانبان ملفات المياه والطاقة بين البلدين."
)
CREATED = "2021-07-26T00:00:00+00:00"


def ask(text: str = ARTICLE, **fields: Any) -> BriefRequest:
    return BriefRequest(reports=(Report(text=text),), **fields)


@contextmanager
def serving(app: FastAPI, settings: ServerSettings | None = None) -> Iterator[str]:
    """Run the application in a thread, as `mujaz serve` runs it; give its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    options = uvicorn_options(settings or ServerSettings())
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def registry() -> Registry:
    return OneTranslator(FakeEngine(lambda text: f"English of {len(text)} letters."))


Connect = Callable[..., httpx.Client]


@pytest.fixture
def connect(registry: Registry) -> Iterator[Connect]:
    """Start a server with these settings and return a client of it. All are stopped after the test."""
    with ExitStack() as stack:

        def start(
            *, queue: JobQueue | None = None, fetcher: Any = None, headers: Any = None, **settings: Any
        ) -> httpx.Client:
            checked = ServerSettings.checked(**settings)
            queue = queue or JobQueue(runner(registry, fetcher=fetcher))
            app = create_app(queue=queue, registry=registry, settings=checked, fetcher=fetcher)
            address = stack.enter_context(serving(app, checked))
            return stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=60))

        yield start
