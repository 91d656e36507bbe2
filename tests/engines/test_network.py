"""Nothing leaves this machine unless it is asked to: no socket is opened for the default profile."""

from __future__ import annotations

import json
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


def run(*arguments: str, code: str = GUARDED) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


#: Imports every module there is, under the same guard; what an extra lacks is passed over.
IMPORTS = (
    GUARDED.partition("from summarizer.cli")[0]
    + """
import importlib, pkgutil, warnings
warnings.simplefilter("ignore")
seen = 0
for package in map(importlib.import_module, sys.argv[1:]):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        try:
            importlib.import_module(found.name)
            seen += 1
        except ImportError as error:
            assert (error.name or "").partition(".")[0] not in ("summarizer", "eval", "ui"), error
print(seen)
"""
)

#: Runs one command after the other in a process, under the guard; prints the status of each.
COMMANDS = (
    GUARDED.partition("from summarizer.cli")[0]
    + """
from summarizer.cli import main
for line in sys.argv[1:]:
    try:
        main(line.split())
    except SystemExit as ended:
        print(f"status {ended.code}: {line}", flush=True)
"""
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


def test_a_brief_of_the_default_profile_opens_no_socket(tmp_path):
    registry = Registry.load()
    if not registry.status(registry.task_model("translation").id).ready:
        pytest.skip("the embedded weights are not in this checkout")
    report = tmp_path / "report.txt"
    report.write_text("وصل وزير الخارجية إلى بغداد اليوم الأحد في زيارة رسمية.", encoding="utf-8")
    done = run("summarize", str(report), "--sentences", "1", "--format", "json")
    assert done.returncode == 0, done.stderr
    (sentence,) = json.loads(done.stdout)["stories"][0]["summary"]
    assert "Baghdad" in sentence["en"]


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


@pytest.mark.parametrize(
    ("packages", "least"),
    [(["summarizer", "eval"], 150), pytest.param(["ui"], 20, marks=pytest.mark.slow, id="ui")],
)
def test_importing_every_module_opens_no_socket(packages, least):
    done = run(*packages, code=IMPORTS)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > least


def test_no_command_opens_a_socket_unless_it_is_for_that(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    lines = tmp_path / "lines.txt"
    lines.write_text("\n", encoding="utf-8")
    commands = {
        "models list": 0,
        "models convert --model ar-en": 0,
        "models fetch --profile embedded": 0,  # there is nothing to fetch
        "models check --model extractive": 0,
        "models check --model opus-mt-ar-en": 1,
        "cache info": 0,
        "cache clear": 0,
        "bench list": 0,
        f"translate {lines}": 0,
        f"archive stats {tmp_path / 'none.sqlite'}": 2,
    }
    done = run(*commands, code=COMMANDS)
    assert done.returncode == 0, done.stderr
    for command, status in commands.items():
        assert f"status {status}: {command}\n" in done.stdout, (command, done.stdout, done.stderr)


def test_the_hub_is_not_asked_where_it_is_forbidden(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = run("models", "fetch", "--model", "opus-mt-ar-en")
    assert done.returncode == 1
    assert "socket" not in done.stderr
    assert "HF_HUB_OFFLINE is set" in done.stderr or "pip install 'mujaz[hub]'" in done.stderr
