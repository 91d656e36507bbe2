"""``mujaz serve`` says what it needs, and nothing of the server is loaded to say so."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from summarizer.errors import ConfigError
from ui.cli import app

RUNNER = CliRunner()


def test_help_shows_every_option() -> None:
    shown = RUNNER.invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    for option in ("--host", "--port", "--profile", "--models", "--token", "--user", "--password", "--results",
                   "--archive", "--state", "--votes", "--mcp", "--root-path", "--max-upload-mb", "--workers"):  # fmt: skip
        assert option in shown.output


def test_help_does_not_load_the_server() -> None:
    code = "import sys, ui.cli; print(sorted({'gradio', 'fastapi', 'uvicorn'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "refusing to listen"),
        (["--host", "0.0.0.0", "--token", "short"], "too short"),
        (["--user", "reader"], "go together"),
        (["--profile", "embeded"], "did you mean 'embedded'"),
        (["--root-path", "mujaz/"], "--root-path 'mujaz/'"),
    ],
)
def test_unsafe_or_wrong_settings_end_in_one_line(arguments: list[str], message: str) -> None:
    result = RUNNER.invoke(app, ["--port", "0", *arguments])
    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)


def test_a_port_that_is_taken_is_told(unused_port: int) -> None:
    import socket

    with socket.create_server(("127.0.0.1", unused_port)):
        result = RUNNER.invoke(app, ["--port", str(unused_port)])
    assert isinstance(result.exception, ConfigError)
    assert f"127.0.0.1:{unused_port}" in str(result.exception)


@pytest.fixture
def unused_port() -> int:
    from tests.ui.serving import free_port

    return free_port()
