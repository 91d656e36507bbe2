"""With ``--mcp``: an MCP server for agents, at ``/mcp`` (streamable HTTP), with two tools that answer in JSON.

``summarize_reports`` goes through the queue like everybody, tells its progress, and gives the brief that the API gives;
``translate`` gives what ``/v1/translate`` gives. Both come as structured content and, for older clients, as JSON text.
The guard of the server stands before it: secret, limits, and the Host and Origin of a request are its matter. Importing
this needs the `mcp` extra.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import FastAPI
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from summarizer.server.jobs import Job
from summarizer.server.requests import run_translate
from summarizer.server.security import client_of
from ui.context import PageContext
from ui.follow import run_job
from ui.requesting import make_translation, read_call, read_pairs

PATH: Final = "/mcp"
_INSTRUCTIONS: Final = (
    "Mujaz groups Arabic news reports into stories, summarizes each in Arabic, translates the summary sentence by sentence, "
    "and cites the source of every sentence. A check whose verdict is `fail` marks a sentence that may be unfaithful."
)

_Profile = Annotated[str, Field(description="A profile of models; empty for the server's own.")]
_Glossary = Annotated[
    list[tuple[str, str]] | None, Field(description="Pairs of an Arabic term and its English rendering.")
]


def add_agents(app: FastAPI, context: PageContext, *, body_limit_bytes: int) -> None:
    """Add the MCP server to ``app``; it lives as long as the application does."""
    server = _server(context, body_limit_bytes=body_limit_bytes)
    (route,) = server.streamable_http_app().routes
    app.router.routes.append(route)
    if isinstance(route, Route):  # clients write the address with and without a slash at its end
        app.router.routes.append(Route(f"{PATH}/", endpoint=route.endpoint))
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[Any]:
        async with before(started) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


def _server(context: PageContext, *, body_limit_bytes: int) -> FastMCP[Any]:
    server = FastMCP(
        "mujaz",
        instructions=_INSTRUCTIONS,
        log_level="WARNING",
        stateless_http=True,
        streamable_http_path=PATH,
        max_request_body_size=body_limit_bytes,
        # The guard checks Host and Origin, and knows which names the server was told.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    async def summarize_reports(
        ctx: Context[Any, Any, Request],
        text: Annotated[
            str, Field(description="One or more Arabic articles; a line of --- separates two.")
        ] = "",
        files: Annotated[
            list[dict[str, str]] | None,
            Field(description='{"name": "a.txt", "text": "..."} or {"name": "a.pdf", "data": "<Base64>"}.'),
        ] = None,
        urls: Annotated[
            list[str] | None, Field(description="Public http(s) addresses of reports or feeds.")
        ] = None,
        profile: _Profile = "",
        sentences: Annotated[
            int, Field(ge=0, le=50, description="A story; 0: by the number of its reports.")
        ] = 0,
        glossary: _Glossary = None,
    ) -> dict[str, Any]:
        """Make a cited, checked, bilingual brief of Arabic news reports."""
        asked = read_call(
            text,
            files,
            urls,
            profile=profile or context.start_profile,
            sentences=sentences,
            glossary=glossary,
        )
        told: set[tuple[str, int]] = set()

        async def tell(job: Job) -> None:
            where = (
                (job.progress["stage"], job.progress["done"]) if job.progress else ("queued", job.position)
            )
            if where not in told:  # progress only ever grows, as the protocol demands
                told.add(where)
                await ctx.report_progress(len(told), message=f"{where[0]} {where[1]}")

        brief = await run_job(context.queue, asked, client=_client(ctx), tell=tell)
        return brief.to_dict()

    async def translate(
        text: Annotated[str, Field(description="Arabic sentences, one a line.")],
        profile: _Profile = "",
        glossary: _Glossary = None,
    ) -> dict[str, Any]:
        """Translate Arabic lines into English, one line in, one row out, each with its checks and alternatives."""
        asked = make_translation(
            text, profile=profile or context.start_profile, glossary=read_pairs(glossary)
        )
        rows = await asyncio.to_thread(run_translate, asked, registry=context.registry)
        return {"translations": rows}

    for tool in (summarize_reports, translate):
        server.add_tool(tool, structured_output=True)
    return server


def _client(ctx: Any) -> str:
    """Return whom a call counts for: the same name as for the HTTP API."""
    return client_of(ctx.request_context.request)
