"""The guide's commands and code, run against a server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from summarizer.server.limits import ADDRESS_FACTOR
from summarizer.server.problems import _STATUS, _TABLE
from summarizer.server.requests import MOST_REPORTS, MOST_SENTENCES
from summarizer.server.settings import SHORTEST_SECRET, ServerSettings
from tests.conftest import EXAMPLES, ROOT
from tests.server.conftest import Connect

GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
HERE = "http://127.0.0.1:7860"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)


def test_the_python_example_prints_a_brief(connect: Connect, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    assert HERE in code
    address = str(connect().base_url).rstrip("/")
    exec(compile(code.replace(HERE, address), "docs/api.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "'final': True" in printed
    assert re.search(r"^English of \d+ letters", printed, flags=re.MULTILINE)
    assert re.search(r"^- English of \d+ letters\. \['number'", printed, flags=re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("block", blocks("bash"))
def test_every_command_works(connect: Connect, tmp_path: Path, block: str) -> None:
    for number, path in enumerate(sorted(EXAMPLES.glob("*.txt"))[:2], 1):
        shutil.copy(path, tmp_path / f"report{number}.txt")
    secret = {"token": "correct horse battery"} if "MUJAZ_TOKEN" in block else {}
    address = str(connect(**secret).base_url).rstrip("/")
    for command in re.split(r"\n(?=curl )", block.strip()):
        done = subprocess.run(
            ["bash", "-c", command.replace("curl ", "curl -sS --fail-with-body ", 1).replace(HERE, address)],
            cwd=tmp_path,
            env={"MUJAZ_TOKEN": "correct horse battery", "PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert done.stdout


def test_the_limits_are_those_of_the_code() -> None:
    settings = ServerSettings()
    for words in (
        f"{settings.held_limit_bytes // 1_000_000} MB for all",
        f"{settings.body_seconds:g} seconds to arrive",
        f"{MOST_REPORTS} reports",
        f"{settings.file_limit} files in a form",
        f"{MOST_SENTENCES} sentences in a translation",
        f"{settings.requests_per_minute} requests a minute",
        f"a secret of {SHORTEST_SECRET} characters",
    ):
        assert words in GUIDE, words
    assert ADDRESS_FACTOR == 20
    assert "twenty times that" in GUIDE
    assert settings.translate_limit == MOST_SENTENCES


def test_the_statuses_are_those_of_the_code() -> None:
    told = set(re.findall(r"\b[45]\d\d\b", GUIDE[GUIDE.index("## Errors") : GUIDE.index("## Limits")]))
    assert {str(status) for _, status, _ in _TABLE} | {str(status) for status in _STATUS.values()} <= told
