"""With ``--mcp`` an agent finds two tools, and they answer in JSON what the API answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from tests.ui.serving import PASTED, Server

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp.types import CallToolResult

pytest.importorskip("mcp", reason="the `mcp` extra is not installed")

_Answer = TypeVar("_Answer")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Server(tmp_path_factory.mktemp("mcp"), mcp=True)
    server.start()
    yield server.url
    server.stop()


def as_agent(url: str, use: Callable[[ClientSession], Awaitable[_Answer]]) -> _Answer:
    """Connect as an agent does, and use the session."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def session() -> _Answer:
        async with (
            streamable_http_client(url) as (read, write, _),
            ClientSession(read, write) as agent,
        ):
            await agent.initialize()
            return await use(agent)

    with ThreadPoolExecutor(1) as apart:  # a browser test leaves an event loop running in this thread
        return apart.submit(lambda: asyncio.run(session())).result()


def call(url: str, tool: str, **arguments: Any) -> CallToolResult:
    return as_agent(url, lambda agent: agent.call_tool(tool, arguments))


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def test_an_agent_finds_two_tools_that_say_what_they_take(url: str) -> None:
    tools = {tool.name: tool for tool in as_agent(f"{url}/mcp", lambda agent: agent.list_tools()).tools}
    assert set(tools) == {"summarize_reports", "translate"}
    for tool in tools.values():
        assert "Arabic" in (tool.description or "")
        assert tool.outputSchema is not None
    taken = tools["summarize_reports"].inputSchema["properties"]
    assert set(taken) == {"text", "files", "urls", "profile", "sentences", "glossary"}
    assert all(each.get("description") for each in taken.values())


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_the_brief_is_the_json_of_the_api(url: str, path: str) -> None:
    by_api = httpx.post(f"{url}/v1/brief", json={"reports": [{"text": PASTED}]}, timeout=60).json()
    made = call(f"{url}{path}", "summarize_reports", text=PASTED)
    assert not made.isError
    assert made.structuredContent is not None
    assert {**made.structuredContent, "created": ""} == {**by_api, "created": ""}
    assert json.loads(text_of(made)) == made.structuredContent  # for clients that know text alone


def test_a_translation_is_the_json_of_the_api(url: str) -> None:
    lines = ["وصل الوزير إلى بغداد.", "عاد الوزير."]
    pairs = [["الوزير", "the minister"]]
    by_api = httpx.post(
        f"{url}/v1/translate",
        json={"sentences": lines, "glossary": [{"ar": "الوزير", "en": "the minister"}]},
    ).json()
    said = call(f"{url}/mcp", "translate", text="\n".join(lines), glossary=pairs)
    assert said.structuredContent == by_api
    assert "\\u06" not in text_of(said)  # Arabic is Arabic


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("summarize_reports", {}, "reports"),
        ("summarize_reports", {"text": PASTED, "profile": "embeded"}, "did you mean"),
        ("summarize_reports", {"urls": ["file:///etc/passwd"]}, "http"),
        ("summarize_reports", {"urls": ["http://127.0.0.1/"]}, "no report could be read"),
        ("translate", {"text": "وصل", "glossary": [["وصل"]]}, "glossary"),
    ],
)
def test_an_agent_is_told_what_is_wrong(url: str, tool: str, arguments: dict[str, Any], message: str) -> None:
    refused = call(f"{url}/mcp", tool, **arguments)
    assert refused.isError
    assert message in text_of(refused)
    assert "Traceback" not in text_of(refused)


def test_an_agent_that_asks_hears_of_the_progress(url: str) -> None:
    heard: list[tuple[float, str | None]] = []

    async def listen(progress: float, _total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async def use(agent: ClientSession) -> CallToolResult:
        return await agent.call_tool("summarize_reports", {"text": PASTED}, progress_callback=listen)

    assert not as_agent(f"{url}/mcp", use).isError
    assert heard
    assert [progress for progress, _ in heard] == sorted({progress for progress, _ in heard})


@pytest.mark.slow
def test_an_agent_that_hangs_up_takes_its_job_along(tmp_path: Path) -> None:
    server = Server(tmp_path, mcp=True, seconds=3)
    server.start()
    try:
        asked = {"name": "summarize_reports", "arguments": {"text": PASTED}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
        headers = {"Accept": "application/json, text/event-stream"}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{server.url}/mcp", json=body, headers=headers, timeout=1)
        ended = 'mujaz_jobs_ended_total{state="%s"} 1.0'
        while ended % "cancelled" not in (told := httpx.get(f"{server.url}/metrics").text):
            assert ended % "done" not in told
            time.sleep(0.1)
    finally:
        server.stop()


def test_another_sites_page_cannot_call_a_tool(url: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    answer = httpx.post(f"{url}/mcp", json=body, headers={**headers, "Origin": "https://evil.example"})
    assert answer.status_code == 403
    answer = httpx.post(f"{url}/mcp", json=body, headers={**headers, "Host": "evil.example"})
    assert answer.status_code == 400
