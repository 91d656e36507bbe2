"""The two endpoints for programs: ``gradio_client`` and, with ``--mcp``, agents. Both go the way of the HTTP API.

``/summarize_reports`` puts a job into the queue like everybody and waits for it; its JSON is the command line's.
``/translate`` answers at once. The page's own events are private: they are no interface.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from summarizer.errors import InputError, JobError, MujazError
from summarizer.schema import Brief
from summarizer.server.jobs import FINAL, JobQueue
from summarizer.server.requests import BriefRequest, GlossaryRow, Report, run_translate
from ui.context import PageContext
from ui.follow import LOOK_SECONDS
from ui.requesting import caller, first_problem, make_request, make_translation

#: The names that are an interface.
ENDPOINTS: Final = ("summarize_reports", "translate")


def add_endpoints(context: PageContext) -> None:
    """Add both endpoints to the Gradio app that is being built."""

    async def summarize_reports(
        request: gr.Request,
        text: str = "",
        files: list[dict[str, str]] | None = None,
        urls: list[str] | None = None,
        profile: str = "",
        sentences: int = 0,
        glossary: list[list[str]] | None = None,
    ) -> dict[str, Any]:
        """Make a cited, checked, bilingual brief of Arabic news reports.

        Args:
            text: One or more Arabic articles; a line of --- separates two.
            files: Reports as {"name": "report.txt", "text": "..."} or {"name": "report.pdf", "data": "<Base64>"}.
            urls: Public http(s) addresses of reports or feeds.
            profile: A profile of models; empty for the server's own.
            sentences: Sentences of each story's summary, 1 to 50; 0 lets the number of reports decide.
            glossary: Pairs of an Arabic term and its English rendering.

        Returns:
            The brief: documents, stories, Arabic and English sentences with their citations and checks, disagreements.
        """
        try:
            brief = await _finished(
                context.queue,
                _request(context, text, files, urls, profile, sentences, glossary),
                client=caller(request),
            )
        except MujazError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return brief.to_dict()

    async def translate(
        text: str, profile: str = "", glossary: list[list[str]] | None = None
    ) -> list[dict[str, Any]]:
        """Translate Arabic lines into English, one line in, one line out, each with its checks.

        Args:
            text: Arabic sentences, one a line.
            profile: A profile of models; empty for the server's own.
            glossary: Pairs of an Arabic term and its English rendering.

        Returns:
            For each line: ar, en, checks and alternatives.
        """
        try:
            wanted = make_translation(
                text, profile=profile or context.start_profile, glossary=_rows(glossary)
            )
            return await asyncio.to_thread(run_translate, wanted, registry=context.registry)
        except MujazError as error:
            raise gr.Error(str(error), print_exception=False) from error

    api(summarize_reports, api_name="summarize_reports", concurrency_limit=None)
    api(translate, api_name="translate", concurrency_limit=2)


def _request(
    context: PageContext,
    text: str,
    files: list[dict[str, str]] | None,
    urls: list[str] | None,
    profile: str,
    sentences: int,
    glossary: list[list[str]] | None,
) -> BriefRequest:
    try:
        reports = [Report(text=text)] if text.strip() else []
        reports += [Report.model_validate(each) for each in files or ()]
        reports += [Report(url=each) for each in urls or ()]
    except ValidationError as error:
        raise InputError(first_problem(error)) from error
    return make_request(
        reports,
        profile=profile or context.start_profile,
        sentences=sentences,
        glossary=_rows(glossary),
    )


def _rows(glossary: list[list[str]] | None) -> list[GlossaryRow]:
    try:
        return [GlossaryRow(ar=arabic, en=english) for arabic, english in glossary or ()]
    except (ValidationError, ValueError) as error:
        raise InputError("glossary: a list of pairs, Arabic and English, is needed") from error


async def _finished(queue: JobQueue, request: BriefRequest, *, client: str) -> Brief:
    """Run a request in its turn. A caller that goes away takes its job along. Raises what the job failed with."""
    job = queue.submit(request, client=client)
    try:
        while job.state not in FINAL:
            await asyncio.sleep(LOOK_SECONDS)
            job = queue.get(job.id)
    except asyncio.CancelledError:
        queue.cancel(job.id)
        raise
    if job.brief is None:
        raise JobError(job.error.message if job.error else f"the job was {job.state}")
    return job.brief
