"""The HTTP API as one FastAPI application: ``/v1``, ``/healthz``, ``/metrics``, behind the guard of ``security``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from summarizer.errors import MujazError
from summarizer.fetch import Fetcher
from summarizer.models import Registry
from summarizer.server.bodies import BodyError, explain
from summarizer.server.jobs import JobQueue
from summarizer.server.metrics import CONTENT_TYPE, Metrics
from summarizer.server.openapi import describe_api
from summarizer.server.problems import Problem, describe
from summarizer.server.routes import Services, router
from summarizer.server.security import Guard, answer
from summarizer.server.settings import ServerSettings

logger = logging.getLogger(__name__)

#: Seconds for which a failed try to load the models is believed, so that asking often costs nothing.
_FAILURE_SECONDS: Final = 10.0


def create_app(
    *,
    queue: JobQueue,
    registry: Registry,
    settings: ServerSettings | None = None,
    fetcher: Fetcher | None = None,
) -> FastAPI:
    """Return the application. It closes ``queue`` when it is shut down.

    ``fetcher`` reads the addresses of ``/v1/stories`` (those of briefs are read by what the queue runs). Another
    application, like the page, may be mounted on it: the guard then stands before that too. Raises ``ConfigError``
    for settings that would leave the server open to others. Run it with ``settings.uvicorn_options``.
    """
    settings = settings or ServerSettings()
    settings.check()
    metrics = Metrics(queue.counts)
    queue.observe(metrics.count_job)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(queue.close)

    # FastAPI's own pages about the API load scripts from elsewhere; the description itself stays.
    app = FastAPI(
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = Services(
        queue=queue, registry=registry, settings=settings, metrics=metrics, fetcher=fetcher
    )
    app.include_router(router)
    _add_health(app, queue=queue, registry=registry)

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    _add_problems(app)
    app.openapi = describe_api(app, version=version("mujaz"))  # type: ignore[method-assign]
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(metrics.watch)  # added last, so outermost: it counts what the guard refuses
    return app


# --- health ---------------------------------------------------------------------------------------


class _Readiness:
    """Whether the models of the default profile load; tried once, remembered once they do."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = asyncio.Lock()
        self._problem: str | None = "not tried yet"
        self._tried = float("-inf")

    async def problem(self) -> str | None:
        """Return what keeps the server from working, None where nothing does."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._problem is not None and now - self._tried > _FAILURE_SECONDS:
                self._problem = await run_in_threadpool(self._load)
                self._tried = now
            return self._problem

    def _load(self) -> str | None:
        try:
            self._registry.warm()
        except MujazError as error:
            return str(error)
        return None


def _add_health(app: FastAPI, *, queue: JobQueue, registry: Registry) -> None:
    readiness = _Readiness(registry)

    @app.get("/healthz/live", tags=["health"], summary="Whether the process answers")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/healthz", tags=["health"], summary="Whether the server can work: its models load")
    async def ready() -> Response:
        problem = await readiness.problem()
        counts = queue.counts()
        body: dict[str, Any] = {
            "status": "ok" if problem is None else "unavailable",
            "problem": problem,
            "queued": counts["queued"],
            "running": counts["running"],
        }
        return JSONResponse(body, status_code=200 if problem is None else 503)


# --- errors ---------------------------------------------------------------------------------------


def _add_problems(app: FastAPI) -> None:
    """Give every error the one form."""

    @app.exception_handler(MujazError)
    async def told(_: Request, error: MujazError) -> Response:
        problem = describe(error)
        if problem.status >= 500:
            logger.warning("%s", error)
        return answer(problem)

    @app.exception_handler(BodyError)
    async def bad_body(_: Request, error: BodyError) -> Response:
        return answer(error.problem)

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(_: Request, error: RequestValidationError) -> Response:
        return answer(explain(error.errors()))

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        names = {404: "not_found", 405: "method_not_allowed"}
        told = answer(
            Problem(
                status=error.status_code, code=names.get(error.status_code, "http"), detail=str(error.detail)
            )
        )
        told.headers.update(error.headers or {})
        return told
