"""All uploads together are bounded, and where they lie is nobody else's and does not last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.uploads import UploadQuota, private_uploads, uploads_folder


def test_the_folder_is_private_and_goes_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    with private_uploads():
        folder = uploads_folder()
        assert folder is not None
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "left.txt").write_text("x")
    assert not folder.exists()
    assert uploads_folder() is None
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/before")
    with private_uploads():
        assert os.environ["GRADIO_TEMP_DIR"] != "/before"
    assert os.environ["GRADIO_TEMP_DIR"] == "/before"


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/ar/gradio_api/upload"])
def test_no_upload_is_taken_while_the_folder_is_full(tmp_path: Path, path: str) -> None:
    async def taken(_: Request) -> PlainTextResponse:
        return PlainTextResponse("taken")

    app = Starlette(routes=[Route("/{rest:path}", taken, methods=["POST"])])
    app.add_middleware(UploadQuota, folder=lambda: tmp_path, limit_bytes=10)
    with TestClient(app) as client:
        assert client.post(path).text == "taken"
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "report.txt").write_bytes(b"x" * 11)
        refused = client.post(path)
        assert refused.status_code == 503
        assert refused.json()["code"] == "busy"
        assert int(refused.headers["retry-after"]) > 0
        assert client.post("/v1/brief").text == "taken"
        (tmp_path / "deep" / "report.txt").unlink()
        assert client.post(path).text == "taken"
