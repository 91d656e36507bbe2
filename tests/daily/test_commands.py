"""The commands as users type them, on folders: exit status, what is printed, what a dry run leaves alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from summarizer.archive import open_archive
from summarizer.daily import commands
from summarizer.errors import ConfigError, InputError, MujazError
from tests.daily.world import REPORTS, write_config

app = typer.Typer()
app.command("brief")(commands.brief)
app.command("watch")(commands.watch)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number, (story, outlet) in enumerate([("quake", "a"), ("quake", "b"), ("vote", "a")]):
        (inbox / f"{number}.txt").write_text("\n\n".join(REPORTS[story, 1, outlet]), encoding="utf-8")
    sources = [{"id": "drop", "kind": "folder", "path": "inbox"}]
    (tmp_path / "later").touch()
    import os

    for path in inbox.iterdir():
        os.utime(path, (0, 0))
    return write_config(tmp_path, sources=sources, log="logs/mujaz.jsonl")


def call(*arguments: object) -> None:
    app(args=["brief", *map(str, arguments)], standalone_mode=False)


def test_a_brief_from_the_command_line(
    config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    call(config, "--out", tmp_path / "out")
    printed = capsys.readouterr().out.splitlines()
    today = datetime.now(UTC).date().isoformat()
    assert printed[0] == "drop: 3 new"
    assert printed[1] == f"brief of {today}: 2 stories of 3 reports"
    assert (tmp_path / "out" / today / "brief.json").exists()
    rows = [json.loads(line) for line in (tmp_path / "logs" / "mujaz.jsonl").read_text().splitlines()]
    report = next(row["report"] for row in rows if row.get("event") == "run")
    assert report["briefs"][0]["stories"] == 2
    assert {"time", "level", "logger", "message"} <= set(rows[0])
    call(config)
    assert capsys.readouterr().out == f"the brief of {today} exists\n"


def test_a_dry_run_keeps_nothing(config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    call(config, "--dry-run")
    assert "2 stories of 3 reports" in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before
    call(config)
    capsys.readouterr()
    call(config, "--dry-run", "--since", "2000-01-01", "--out", tmp_path / "preview")
    assert "exists" in capsys.readouterr().out
    with open_archive(tmp_path / "archive.sqlite") as archive:
        assert len(archive.runs()) == 1


def test_a_report_of_bad_options(config: Path) -> None:
    with pytest.raises(InputError, match="--date: not a date: 'tomorrow'"):
        call(config, "--date", "tomorrow")
    with pytest.raises(InputError, match="no uncertain or failed publication"):
        call(config, "--settle", "desk:x=sent")
    with pytest.raises(ConfigError):
        call(config.with_name("none.yaml"))


def test_an_archive_of_something_else_is_left_alone(config: Path, tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_text("not a database, and longer than a header" * 50)
    with pytest.raises(MujazError, match="not an archive"):
        call(config)
