"""The routes of ``/v1``. Each reads a body, hands it on, and writes an answer; what they say is in ``docs/api.md``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from summarizer.errors import BusyError, MujazError, UnknownJobError
from summarizer.fetch import Fetcher
from summarizer.models import Registry
from summarizer.render import Form, render
from summarizer.schema import Brief
from summarizer.server.bodies import BodyError, read_request
from summarizer.server.editing import EditRequest, apply_edits
from summarizer.server.follow import Pulse, follow
from summarizer.server.gate import Gate
from summarizer.server.jobs import FINAL, Job, JobQueue
from summarizer.server.metrics import Metrics
from summarizer.server.openapi import brief_answers, error_answers, request_body
from summarizer.server.problems import Problem, failed_status
from summarizer.server.requests import (
    BriefRequest,
    StoriesRequest,
    TranslateRequest,
    check_request,
    run_stories,
    run_translate,
)
from summarizer.server.security import client_of
from summarizer.server.settings import ServerSettings

#: Seconds of silence after which an event stream sends a comment, so that nobody between takes it for dead.
_ALIVE_SECONDS: Final = 15.0
#: What a client is told to wait before it connects again (milliseconds).
_RETRY_MS: Final = 2000
MEDIA_TYPES: Final[dict[Form, str]] = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}


@dataclass(kw_only=True)
class Services:
    """What the routes work with; one a server."""

    queue: JobQueue
    registry: Registry
    settings: ServerSettings
    metrics: Metrics
    fetcher: Fetcher | None = None
    gate: Gate = field(default_factory=Gate)
    streams: int = 0  # event streams that are open
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.queue)


def _root(request: Request) -> str:
    """Return the path under which a proxy publishes the server, empty without one."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


Server = Annotated[Services, Depends(_services)]
FormQuery = Annotated[Form, Query(alias="format", description="How the brief is written.")]

router = APIRouter(prefix="/v1")


@router.post(
    "/brief",
    tags=["briefs"],
    summary="Make a brief and wait for it",
    openapi_extra=request_body(BriefRequest),
    responses={**brief_answers(), **error_answers(400, 413, 415, 422, 429, 503)},
)
async def make_brief(request: Request, server: Server, form: FormQuery = "json") -> Response:
    """Put the request into the queue, wait, and answer with the brief. Hanging up cancels it."""
    job = await _submit(request, server)
    try:
        async for event in follow(server.queue, server.pulse, job.id):
            if event is None and await request.is_disconnected():
                break
    finally:  # also where this server stops
        job = await run_in_threadpool(server.queue.get, job.id)
        if job.state not in FINAL:
            server.queue.cancel(job.id)
    return await _brief_response(job, form)


@router.post(
    "/jobs",
    status_code=202,
    tags=["jobs"],
    summary="Put a brief into the queue",
    openapi_extra=request_body(BriefRequest),
    responses=error_answers(400, 413, 415, 422, 429, 503),
)
async def submit_job(request: Request, server: Server) -> Response:
    """Answer at once with the job; its address is in ``Location``."""
    job = await _submit(request, server)
    return JSONResponse(
        _job_form(job), status_code=202, headers={"Location": f"{_root(request)}/v1/jobs/{job.id}"}
    )


@router.get(
    "/jobs/{job_id}", tags=["jobs"], summary="How a job stands, and its brief", responses=error_answers(404)
)
def get_job(job_id: str, server: Server) -> Response:
    """Answer with state, position and progress, and with the brief once it is done."""
    job = server.queue.get(job_id)
    return JSONResponse({**_job_form(job), "brief": None if job.brief is None else job.brief.to_dict()})


@router.get(
    "/jobs/{job_id}/brief",
    tags=["jobs"],
    summary="The brief of a job in a form of your choice",
    responses={**brief_answers(), **error_answers(404, 409)},
)
async def get_job_brief(job_id: str, server: Server, form: FormQuery = "json") -> Response:
    """Answer with the brief; 409 while there is none."""
    return await _brief_response(await run_in_threadpool(server.queue.get, job_id), form)


@router.post(
    "/jobs/{job_id}/brief",
    tags=["jobs"],
    summary="The brief of a job with a person's edits",
    openapi_extra=request_body(EditRequest),
    responses={**brief_answers(), **error_answers(400, 404, 409, 413, 415, 422, 429)},
)
async def edit_job_brief(job_id: str, request: Request, server: Server, form: FormQuery = "json") -> Response:
    """Answer with the brief as edited: each edit marked, its checks run again. The job keeps the brief as it was made."""
    asked = await read_request(request, EditRequest, settings=server.settings)
    job = await run_in_threadpool(server.queue.get, job_id)
    if job.brief is not None:
        glossary = await run_in_threadpool(server.queue.glossary, job_id)
        edited = await run_in_threadpool(apply_edits, job.brief, asked.edits, glossary=glossary)
        job = replace(job, brief=edited)
    return await _brief_response(job, form)


@router.delete(
    "/jobs/{job_id}",
    status_code=202,
    tags=["jobs"],
    summary="Cancel a job, or forget its result",
    responses={204: {"description": "The job had ended; its result is forgotten."}, **error_answers(404)},
)
def delete_job(job_id: str, server: Server) -> Response:
    """Cancel a job that has not ended (a running one stops at its next step), forget one that has."""
    job = server.queue.discard(job_id)
    return Response(status_code=204) if job is None else JSONResponse(_job_form(job), status_code=202)


@router.get(
    "/jobs/{job_id}/events",
    tags=["jobs"],
    summary="What happens to a job, as it happens",
    response_class=StreamingResponse,
    responses={
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {}}},
        **error_answers(404, 503),
    },
)
async def follow_job(
    job_id: str,
    server: Server,
    last_event_id: Annotated[int, Header(ge=0, description="Only events after this one.")] = 0,
) -> Response:
    """Send every event so far, then those to come, until the job has ended."""
    server.queue.events(job_id, after=last_event_id)  # an unknown job is an error now, not in the stream
    if server.streams >= server.settings.stream_limit:
        raise BusyError("too many event streams are open; try again later", code="queue_full")
    # nginx otherwise keeps the first events until it has some kilobytes of them.
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        _event_stream(server, job_id, last_event_id), media_type="text/event-stream", headers=headers
    )


@router.post(
    "/translate",
    tags=["parts"],
    summary="Put Arabic sentences into checked English",
    openapi_extra=request_body(TranslateRequest),
    responses=error_answers(400, 413, 415, 422, 429, 503),
)
async def translate(request: Request, server: Server) -> Response:
    """Answer with one row a sentence, in the same order: what ``mujaz translate --format jsonl`` prints."""
    asked = await read_request(request, TranslateRequest, settings=server.settings)
    if len(asked.sentences) > server.settings.translate_limit:
        detail = f"{len(asked.sentences)} sentences; at most {server.settings.translate_limit} are translated at once"
        raise BodyError(Problem(status=413, code="too_large", detail=detail))
    async with server.gate.turn(client_of(request)):
        rows = await run_in_threadpool(run_translate, asked, registry=server.registry)
    for row in rows:
        server.metrics.count_translation(check["verdict"] for check in row["checks"])
    return JSONResponse({"translations": rows})


@router.post(
    "/stories",
    tags=["parts"],
    summary="Group reports into stories",
    openapi_extra=request_body(StoriesRequest),
    responses=error_answers(400, 413, 415, 422, 429, 503),
)
async def group_stories(request: Request, server: Server) -> Response:
    """Answer with the documents and which of them make a story, without writing or translating anything."""
    asked = await read_request(request, StoriesRequest, settings=server.settings)
    async with server.gate.turn(client_of(request)):
        return JSONResponse(await run_in_threadpool(run_stories, asked, fetcher=server.fetcher))


@router.get("/profiles", tags=["parts"], summary="Profiles and their models")
def list_profiles(server: Server) -> dict[str, Any]:
    """Answer with every profile, its models, their licences, and whether it can run here."""
    registry = server.registry
    return {
        "default": registry.default_profile,
        "profiles": [
            {
                "name": profile.name,
                "description": profile.description,
                "models": [
                    {
                        "task": task,
                        "id": spec.id,
                        "engine": spec.engine,
                        "licence": spec.licence,
                        "size_mb": spec.size_mb,
                    }
                    for task, spec in ((task, registry.model(name)) for task, name in profile.models.items())
                ],
                **_readiness(registry, profile.name),
            }
            for profile in registry.profiles.values()
        ],
    }


def _readiness(registry: Registry, profile: str) -> dict[str, Any]:
    try:
        registry.require(profile)
    except MujazError as error:
        return {"ready": False, "problem": str(error)}
    return {"ready": True, "problem": None}


async def _submit(request: Request, server: Services) -> Job:
    """Read a request and put it into the queue; what is wrong with it is told now, not when its turn comes."""
    asked = await read_request(request, BriefRequest, settings=server.settings)
    await run_in_threadpool(check_request, asked, registry=server.registry)
    return await run_in_threadpool(server.queue.submit, asked, client=client_of(request))


# --- answers --------------------------------------------------------------------------------------


def _job_form(job: Job) -> dict[str, Any]:
    """Return the JSON form of a job, without its brief."""
    return {
        "id": job.id,
        "state": job.state,
        "position": job.position,
        "submitted": job.submitted.isoformat(timespec="milliseconds"),
        "finished": None if job.finished is None else job.finished.isoformat(timespec="milliseconds"),
        "progress": job.progress,
        "error": None if job.error is None else asdict(job.error),
    }


async def _brief_response(job: Job, form: Form) -> Response:
    if job.brief is not None:
        text = await run_in_threadpool(_written, job.brief, form)
        return Response(text, media_type=MEDIA_TYPES[form])
    if job.error is not None:
        raise BodyError(
            Problem(status=failed_status(job.error.code), code=job.error.code, detail=job.error.message)
        )
    detail = "the job was cancelled" if job.state == "cancelled" else "the job has not ended yet"
    raise BodyError(
        Problem(status=409, code="cancelled" if job.state == "cancelled" else "unfinished", detail=detail)
    )


def _written(brief: Brief, form: Form) -> str:
    return render(brief, form=form)


# --- events ---------------------------------------------------------------------------------------


async def _event_stream(server: Services, job_id: str, after: int) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    server.streams += 1
    try:
        yield f"retry: {_RETRY_MS}\n\n"
        spoken = loop.time()
        async for event in follow(server.queue, server.pulse, job_id, after=after):
            if event is not None:
                yield f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"
                spoken = loop.time()
            elif loop.time() - spoken > _ALIVE_SECONDS:
                yield ": still here\n\n"
                spoken = loop.time()
    except UnknownJobError:  # forgotten while it was followed
        return
    finally:
        server.streams -= 1
