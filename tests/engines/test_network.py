"""Nothing leaves this machine unless it is asked to: no socket is opened for the default profile."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from summarizer.models import Registry
from tests.conftest import EXAMPLES, ROOT

#: Refuses every socket and name look-up from the first import on, then makes a brief as the command line does.
GUARDED = """
import socket, sys

def refuse(*arguments, **options):
    raise AssertionError(f"a socket was opened: {arguments}")

class Refused(socket.socket):
    __init__ = refuse

socket.socket = Refused
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
from summarizer.cli import main
main(sys.argv[1:])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GUARDED, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_the_guard_refuses_a_socket():
    failed = run("summarize", "http://93.184.215.14/")
    assert failed.returncode != 0
    assert "a socket was opened" in failed.stderr


def test_registry_and_status_need_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    done = run("models", "list")
    assert done.returncode == 0, done.stderr
    assert "model gguf-translator" in done.stdout
    assert "mujaz models fetch" in done.stdout


def test_a_brief_of_the_default_profile_opens_no_socket():
    registry = Registry.load()
    if not registry.status(registry.task_model("translation").id).ready:
        pytest.skip("the embedded weights are not in this checkout")
    report = sorted(EXAMPLES.glob("*.txt"))[0]
    done = run("summarize", str(report), "--sentences", "1", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"schema_version"' in done.stdout


@pytest.mark.parametrize("profile", ["standard", "quality"])
def test_a_profile_that_is_not_here_asks_nobody_and_names_the_command(profile, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    report = sorted(EXAMPLES.glob("*.txt"))[0]
    done = run("summarize", str(report), "--profile", profile)
    assert done.returncode == 1
    assert (
        f"mujaz models fetch --profile {profile}" in done.stderr or "pip install 'mujaz[hub]'" in done.stderr
    )


def test_no_shipped_model_sends_text_to_another_machine():
    assert not any(spec.sends_text for spec in Registry.load().models.values())
    assert socket.socket.__name__ == "socket"  # the guard stays in its own process
