"""With ``--mcp`` an agent finds two tools, and they do what they say."""

from __future__ import annotations

import asyncio
from ast import literal_eval  # Gradio gives agents what a function returns as Python writes it
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ui.serving import PASTED, Server

pytest.importorskip("mcp", reason="the `mcp` extra is not installed")


def test_an_agent_finds_two_tools_and_uses_them(tmp_path: Path) -> None:
    server = Server(tmp_path, mcp=True)
    server.start()
    try:
        with ThreadPoolExecutor(1) as apart:  # a browser test leaves an event loop running in this thread
            names, brief, lines = apart.submit(lambda: asyncio.run(_use(server.url))).result()
    finally:
        server.stop()
    assert names == {"summarize_reports", "translate"}
    assert len(brief["stories"]) == 2
    assert [line["en"] for line in lines] == ["The English of these 4 words."]


async def _use(url: str) -> tuple[set[str], dict[str, list[object]], list[dict[str, str]]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as agent,
    ):
        await agent.initialize()
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert "Arabic" in (tools["summarize_reports"].description or "")
        made = await agent.call_tool("summarize_reports", {"text": PASTED})
        said = await agent.call_tool("translate", {"text": "وصل الوزير إلى بغداد."})
        return set(tools), literal_eval(made.content[0].text), literal_eval(said.content[0].text)
