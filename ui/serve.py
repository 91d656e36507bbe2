"""One process for everything: the HTTP API, the page in both languages, the routes that the page's script calls."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr

from summarizer.errors import ConfigError, MujazError
from summarizer.fetch import Fetcher
from summarizer.models import Registry
from summarizer.server.api import create_app
from summarizer.server.jobs import JobQueue, runner
from summarizer.server.paths import RootPath
from summarizer.server.requests import load_terms
from summarizer.server.settings import ServerSettings, uvicorn_options
from ui.app import PATHS, STATIC, build_page, head
from ui.context import PageContext
from ui.frame import Frame
from ui.routes import add_routes
from ui.texts import LANGUAGES, Language
from ui.theme import create_theme
from ui.uploads import UploadQuota, private_uploads, uploads_folder

logger = logging.getLogger(__name__)

#: What one request may hold beside its files: text, settings, the form's own frame.
_REQUEST_FRAME_MB: Final = 8
#: What a proxy may publish the server under: nothing, or segments that mean the same everywhere.
_ROOT_PATH: Final = re.compile(r"(?:/[\w.~-]+)*", re.ASCII)


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

    def __post_init__(self) -> None:
        """Raise ``ConfigError`` where ``root_path`` is no path."""
        if not _ROOT_PATH.fullmatch(self.root_path):
            raise ConfigError(
                f"--root-path {self.root_path!r}: give a path that begins with / and does not end with one, as /mujaz"
            )

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


def create_server(
    settings: Settings, *, registry: Registry | None = None, fetcher: Fetcher | None = None
) -> FastAPI:
    """Return the application; it closes its queue when it is shut down. ``fetcher`` reads addresses.

    Raises ``ConfigError`` for settings that are wrong or would open the server to others, and ``MissingModelError``
    or ``ModelError`` where the profile that it begins with cannot run.
    """
    server_settings = settings.server_settings()
    registry = registry or Registry.load(settings.models)
    registry.require(settings.profile)
    queue = JobQueue(runner(registry, fetcher=fetcher), folder=settings.state, workers=settings.workers)
    app = create_app(queue=queue, registry=registry, settings=server_settings, fetcher=fetcher)
    context = PageContext(
        queue=queue,
        registry=registry,
        results=settings.results,
        archive=settings.archive,
        votes=settings.votes,
        max_upload_mb=settings.max_upload_mb,
        profile=settings.profile,
        fetcher=fetcher,
    )
    app.mount(STATIC, StaticFiles(directory=Path(__file__).parent / "static"), name="workbench")
    add_routes(app, context)
    app.add_api_route("/ar", _to_arabic, include_in_schema=False)
    if settings.mcp:
        _add_agents(app, context, server_settings)
    # The page at "/" takes every path that nothing before it took, so it comes last.
    for language in ("ar", "en"):
        _mount(app, context, settings, language=language)
    heads = {PATHS[each]: (each, head(language=each, root_path=settings.root_path)) for each in LANGUAGES}
    app.add_middleware(Frame, pages=heads)
    app.add_middleware(UploadQuota, folder=uploads_folder)
    app.add_middleware(RootPath, root_path=settings.root_path)
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
        mcp_server=False,  # `ui.agents` answers in JSON; Gradio's own server as Python writes it
    )


def _add_agents(app: FastAPI, context: PageContext, server_settings: ServerSettings) -> None:
    try:
        from ui.agents import add_agents
    except ImportError as error:
        raise ConfigError("--mcp needs an extra: pip install 'mujaz[mcp]'") from error
    add_agents(app, context, body_limit_bytes=server_settings.body_limit_bytes)


def serve_forever(
    settings: Settings,
    *,
    announce: Callable[[str], None],
    registry: Registry | None = None,
    fetcher: Fetcher | None = None,
) -> None:
    """Serve until interrupted. ``announce`` is told the address. Raises what ``create_server`` raises."""
    server_settings = settings.server_settings()
    listener = _listen(settings.host, settings.port)
    settings = replace(settings, port=listener.getsockname()[1])
    registry = registry or Registry.load(settings.models)
    with private_uploads(), listener:
        app = create_server(settings, registry=registry, fetcher=fetcher)
        announce(f"mujaz: the workbench is at {_address(settings)} (stop it with Ctrl-C)")
        # The first reader finds the weights loaded. What ends the server does not wait for them.
        threading.Thread(
            target=_warm, args=(registry, settings.profile), name="mujaz-warm", daemon=True
        ).start()
        config = uvicorn.Config(app, log_level="warning", **uvicorn_options(server_settings))
        uvicorn.Server(config).run(sockets=[listener])


def _warm(registry: Registry, profile: str | None) -> None:
    """Load what a brief needs. What is wrong is told by ``/healthz`` and by the first brief."""
    try:
        load_terms()
        registry.warm(profile)
    except MujazError as error:
        logger.warning("the models could not be loaded ahead: %s", error)


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
