"""One process for everything: the HTTP API, the page in both languages, the routes that the page's script calls."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr

from summarizer.errors import ConfigError
from summarizer.models import Registry
from summarizer.server.api import create_app
from summarizer.server.jobs import JobQueue, runner
from summarizer.server.settings import ServerSettings, uvicorn_options
from ui.app import PATHS, STATIC, build_page, head
from ui.context import PageContext
from ui.frame import Frame
from ui.routes import add_routes
from ui.texts import LANGUAGES, Language
from ui.theme import create_theme

#: What one request may hold beside its files: text, settings, the form's own frame.
_REQUEST_FRAME_MB: Final = 8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of ``mujaz serve``; what each means stands there."""

    host: str = "127.0.0.1"
    port: int = 7860
    profile: str | None = None
    models: Path | None = None
    token: str | None = None
    user: str | None = None
    password: str | None = None
    allow_hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    https: bool = False
    results: Path = Path("results")
    archive: str | None = None
    state: Path | None = None
    votes: Path = Path("votes.jsonl")
    mcp: bool = False
    root_path: str = ""
    max_upload_mb: int = 32
    workers: int = 1

    def server_settings(self) -> ServerSettings:
        """Return what the guard of the server is told. Raises ``ConfigError`` where that would be unsafe."""
        return ServerSettings.checked(
            host=self.host,
            token=SecretStr(self.token) if self.token is not None else None,
            user=self.user,
            password=SecretStr(self.password) if self.password is not None else None,
            allowed_hosts=self.allow_hosts,
            proxies=self.proxies,
            secure_cookies=self.https,
            body_limit_bytes=(self.max_upload_mb + _REQUEST_FRAME_MB) * 1_000_000,
        )


def create_server(settings: Settings, *, registry: Registry | None = None) -> FastAPI:
    """Return the application; it closes its queue when it is shut down.

    Raises ``ConfigError`` for settings that are wrong or would open the server to others, and ``MissingModelError``
    or ``ModelError`` where the profile that it begins with cannot run.
    """
    server_settings = settings.server_settings()
    registry = registry or Registry.load(settings.models)
    registry.require(settings.profile)
    queue = JobQueue(runner(registry), folder=settings.state, workers=settings.workers)
    app = create_app(queue=queue, registry=registry, settings=server_settings)
    context = PageContext(
        queue=queue,
        registry=registry,
        results=settings.results,
        archive=settings.archive,
        votes=settings.votes,
        max_upload_mb=settings.max_upload_mb,
        profile=settings.profile,
    )
    app.mount(STATIC, StaticFiles(directory=Path(__file__).parent / "static"), name="workbench")
    add_routes(app, context)
    app.add_api_route("/ar", _to_arabic, include_in_schema=False)
    # The page at "/" takes every path that nothing before it took, so it comes last.
    for language in ("ar", "en"):
        _mount(app, context, settings, language=language)
    heads = {PATHS[each]: (each, head(language=each, root_path=settings.root_path)) for each in LANGUAGES}
    app.add_middleware(Frame, pages=heads)
    return app


def _to_arabic() -> RedirectResponse:
    return RedirectResponse("ar/")


def _mount(app: FastAPI, context: PageContext, settings: Settings, *, language: Language) -> None:
    path = PATHS[language].rstrip("/") or "/"
    gr.mount_gradio_app(
        app,
        build_page(context, language=language, root_path=settings.root_path),
        path=path,
        root_path=f"{settings.root_path}{path.rstrip('/')}" if settings.root_path else None,
        theme=create_theme(),
        allowed_paths=[],
        footer_links=[],
        run_history=False,
        show_error=True,
        max_file_size=settings.max_upload_mb * 1_000_000,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=settings.mcp and language == "en",
    )


def serve_forever(
    settings: Settings, *, announce: Callable[[str], None], registry: Registry | None = None
) -> None:
    """Serve until interrupted. ``announce`` is told the address. Raises what ``create_server`` raises."""
    server_settings = settings.server_settings()
    listener = _listen(settings.host, settings.port)
    settings = replace(settings, port=listener.getsockname()[1])
    with _private_uploads(), listener:
        app = create_server(settings, registry=registry)
        announce(f"mujaz: the workbench is at {_address(settings)} (stop it with Ctrl-C)")
        config = uvicorn.Config(app, log_level="warning", **uvicorn_options(server_settings))
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; try another --port"
        ) from error
    return listener


def _address(settings: Settings) -> str:
    host = (
        f"[{settings.host}]" if ":" in settings.host and not settings.host.startswith("[") else settings.host
    )
    return f"http://{host}:{settings.port}{settings.root_path}/"


@contextmanager
def _private_uploads() -> Iterator[None]:
    """Keep uploads in a folder of this process's own, readable by nobody else, and take it away at the end."""
    folder = tempfile.mkdtemp(prefix="mujaz-uploads-")
    before = os.environ.get("GRADIO_TEMP_DIR")
    os.environ["GRADIO_TEMP_DIR"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["GRADIO_TEMP_DIR"]
        else:
            os.environ["GRADIO_TEMP_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)
