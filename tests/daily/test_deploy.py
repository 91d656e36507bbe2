"""The files of docs/deploy do what they say: they are parsed, and their commands are run as they stand.

What cannot be run here is replaced by the nearest thing: `/opt/mujaz/bin` by a folder with this environment's `mujaz`, the paths
of the machine by a temporary folder, GitHub's runner by bash with a bare repository as origin. The container image is only read.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from summarizer.archive import open_archive
from tests.conftest import ROOT
from tests.daily.world import REPORTS

DEPLOY = ROOT / "docs" / "deploy"
CONFIG = {
    "name": "desk",
    "archive": "archive.sqlite",
    "languages": ["ar"],
    "sources": [{"id": "drop", "kind": "folder", "path": "inbox", "outlet": "a"}],
    "outputs": {"forms": ["html"]},
    "publishers": [{"id": "site", "kind": "site", "folder": "public"}],
    "schedule": {"at": "00:00"},
    "timezone": "UTC",
}


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a configuration, reports of yesterday, and ``bin/mujaz``."""
    (tmp_path / "briefing.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    old = time.time() - 60  # a file that may still be being written waits for the next run
    for number, (title, text) in enumerate(list(REPORTS.values())[:2]):
        path = tmp_path / "inbox" / f"{number}.html"
        path.write_text(
            f'<html><head><title>{title}</title><meta property="article:published_time" content="{day}T12:00:00Z">'
            f"</head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>",
            encoding="utf-8",
        )
        os.utime(path, (old, old))
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "mujaz"
    program.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from summarizer.cli import main; main()" "$@"\n'
    )
    program.chmod(0o755)
    return tmp_path


def environment(desk: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def here(command: str, desk: Path) -> str:
    """Return a command with the machine's paths replaced by those of ``desk``."""
    for there, place in (
        ("/opt/mujaz/bin", desk / "bin"),
        ("/var/lib/mujaz", desk),
        ("/etc/mujaz", desk),
    ):
        command = command.replace(there, str(place))
    return command


def one_brief(desk: Path) -> None:
    with open_archive(desk / "archive.sqlite") as archive:
        assert len(archive.briefs()) == 1
        assert archive.verify() == []


# --- cron -----------------------------------------------------------------------------------------


def test_the_cron_line_runs(desk: Path) -> None:
    lines = [line for line in text_of("crontab").splitlines() if line and not line.startswith("#")]
    settings, jobs = [line for line in lines if re.match(r"\w+=", line)], lines[-1:]
    assert len(settings) + len(jobs) == len(lines)
    *times, command = jobs[0].split(None, 5)
    limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    for each, (least, most) in zip(times, limits, strict=True):
        assert each == "*" or least <= int(each) <= most
    assert "%" not in command  # cron makes line breaks of them
    (desk / "secrets").write_text("MUJAZ_SMTP_PASSWORD='a b'\n")
    subprocess.run(["/bin/sh", "-c", here(command, desk)], check=True, env=environment(desk), cwd="/")
    one_brief(desk)


# --- systemd --------------------------------------------------------------------------------------


def unit() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for line in text_of("mujaz.service").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


def test_the_unit_is_what_systemd_reads(desk: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    path = desk / "mujaz.service"
    path.write_text(here(text_of("mujaz.service"), desk), encoding="utf-8")
    done = subprocess.run([program, "verify", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_the_unit_makes_the_brief_and_ends_on_sigterm(desk: Path) -> None:
    service = unit()["Service"]
    command = shlex.split(here(service["ExecStart"][0], desk))
    process = subprocess.Popen(command, cwd=here(service["WorkingDirectory"][0], desk), env=environment(desk))
    try:
        while not (desk / "public" / "index.html").exists():
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()
    one_brief(desk)


# --- GitHub ---------------------------------------------------------------------------------------


def git(*arguments: str, cwd: Path) -> str:
    named = ["-c", "user.name=desk", "-c", "user.email=desk@localhost", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *named, *arguments], cwd=cwd, check=True, capture_output=True, text=True
    ).stdout


def steps_of(workflow: dict[str, Any]) -> list[str]:
    """Return the shell of the steps, without that which installs."""
    steps = [step["run"] for step in workflow["jobs"]["brief"]["steps"] if "run" in step]
    assert steps.pop(0) == "pip install mujaz"
    return steps


def test_the_workflow_is_well_formed() -> None:
    workflow = yaml.safe_load(text_of("briefing.yml"))
    # YAML 1.1 reads the key `on` as true; GitHub reads it as it stands.
    assert set(workflow) == {"name", True, "concurrency", "permissions", "jobs"}
    assert workflow[True]["schedule"][0]["cron"].split()[2:] == ["*", "*", "*"]
    assert workflow["permissions"]["contents"] == "write"  # it pushes the branch of the archive
    for step in workflow["jobs"]["brief"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "uses" not in step or re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
    for step in workflow["jobs"]["brief"]["steps"]:
        if "pages" in step.get("uses", ""):
            assert step["if"] == "hashFiles('public/index.html') != ''"
            assert step.get("with", {"path": "public"}) == {"path": "public"}
    assert CONFIG["publishers"][0]["folder"] == "public"  # type: ignore[index]


@pytest.mark.slow
def test_the_workflow_keeps_its_archive_from_day_to_day(desk: Path) -> None:
    origin, seed = desk / "origin.git", desk / "seed"
    git("init", "-q", "--bare", str(origin), cwd=desk)
    seed.mkdir()
    shutil.copy(desk / "briefing.yaml", seed)
    shutil.copytree(desk / "inbox", seed / "inbox")
    git("init", "-q", cwd=seed)
    git("add", ".", cwd=seed)
    git("commit", "-qm", "desk", cwd=seed)
    git("push", "-q", str(origin), "main", cwd=seed)
    for day in ("first", "second"):
        checkout = desk / day
        git("clone", "-q", str(origin), str(checkout), "--depth", "1", "-b", "main", cwd=desk)
        for path in (checkout / "inbox").iterdir():
            os.utime(path, (time.time() - 60,) * 2)
        for step in steps_of(yaml.safe_load(text_of("briefing.yml"))):
            subprocess.run(["bash", "-e", "-c", step], cwd=checkout, env=environment(desk), check=True)
        # The second run finds the day's brief made, and publishes nothing: the steps that would are told to look.
        assert (checkout / "public" / "index.html").exists() == (day == "first")
    stored = subprocess.run(
        ["git", "show", "archive:archive.sqlite"], cwd=origin, check=True, capture_output=True
    ).stdout
    (desk / "archive.sqlite").write_bytes(stored)
    one_brief(desk)  # the second day knew the first one's
    with sqlite3.connect(desk / "archive.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] == 2
    connection.close()


# --- the container --------------------------------------------------------------------------------


def test_the_container_file_names_what_there_is() -> None:
    """It is not built here. Each instruction is known, and what it takes from the repository is there."""
    known = {"FROM", "COPY", "RUN", "USER", "WORKDIR", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
    joined = text_of("Containerfile").replace("\\\n", " ")
    lines = [line.split(None, 1) for line in joined.splitlines() if line and not line.startswith("#")]
    assert {name for name, _ in lines} <= known
    instructions = dict(lines)
    copied, place = instructions["COPY"].split()
    for path in re.findall(rf"{place}/([\w.]+)", instructions["RUN"]):
        assert (ROOT / copied / path).exists()
    extras = re.search(r"\[(\w+)\]'", instructions["RUN"])
    assert extras
    assert f"\n{extras[1]} = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [yaml.safe_load(instructions[each]) for each in ("ENTRYPOINT", "CMD")] == [
        ["mujaz"],
        ["watch", "briefing.yaml"],
    ]
    assert instructions["STOPSIGNAL"] == "SIGTERM"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv"} <= set(ignored)
