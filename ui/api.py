"""The two endpoints of ``gradio_client``. Both go the way of the HTTP API.

``/summarize_reports`` puts a job into the queue like everybody and waits for it; its JSON is the command line's.
``/translate`` answers at once. The page's own events are private: they are no interface.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import gradio as gr
from gradio.events import api

from summarizer.errors import MujazError
from summarizer.server.requests import run_translate
from ui.context import PageContext
from ui.follow import run_job
from ui.requesting import caller, make_translation, read_call, read_pairs

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
            asked = read_call(
                text,
                files,
                urls,
                profile=profile or context.start_profile,
                sentences=sentences,
                glossary=glossary,
            )
            brief = await run_job(context.queue, asked, client=caller(request))
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
                text, profile=profile or context.start_profile, glossary=read_pairs(glossary)
            )
            return await asyncio.to_thread(run_translate, wanted, registry=context.registry)
        except MujazError as error:
            raise gr.Error(str(error), print_exception=False) from error

    api(summarize_reports, api_name="summarize_reports", concurrency_limit=None)
    api(translate, api_name="translate", concurrency_limit=2)
