"""``mujaz archive``: what it prints, what it makes, and how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from summarizer.archive import Archive, open_archive
from summarizer.archive.stories import update_stories
from summarizer.archive_commands import app
from summarizer.errors import ArchiveError, InputError
from tests.archive.samples import DAY, NOON, article, brief_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite"
    talks = article("talks", "بدأ الحوار الاستراتيجي بين بغداد وواشنطن.", title="الحوار يبدأ")
    with open_archive(path) as archive:
        archive.add_documents([talks], at=NOON)
        update_stories(archive, at=NOON)
        archive.save_brief(brief_of([talks]), day=DAY, name="m", at=NOON)
        update_stories(archive, at=NOON)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=True)


def test_search(path: Path) -> None:
    result = run("search", path, "حوار", "--kind", "document")
    assert result.exit_code == 0
    assert "document talks" in result.output
    assert "الحوار يبدأ" in result.output
    assert "بدأ الحوار الاستراتيجي بين بغداد وواشنطن." in result.output
    assert "nothing found" in run("search", path, "زلزال").output
    assert "brief 1" in run("search", path, "negotiations", "--language", "en").output
    assert "nothing found" in run("search", path, "حوار", "--until", "2020-01-01").output
    wrong = run("search", path, "x", "--kind", "picture")
    assert isinstance(wrong.exception, InputError)


def test_stats(path: Path) -> None:
    lines = dict(line.split("\t") for line in run("stats", path).output.splitlines())
    assert (lines["documents"], lines["stories_active"], lines["briefs"]) == ("1", "1", "1")


def test_verify(path: Path) -> None:
    assert run("verify", path).output == "clean\n"
    with open_archive(path) as archive, archive.database.write() as connection:
        connection.execute(sa.text("UPDATE stories SET size = 5"))
    result = run("verify", path)
    assert "counters: story" in result.output
    assert isinstance(result.exception, ArchiveError)


def test_export_import_prune(path: Path, tmp_path: Path) -> None:
    out, copy = tmp_path / "a.jsonl", tmp_path / "copy.sqlite"
    assert run("export", path, "--out", out).exit_code == 0
    assert run("export", path).output == out.read_text("utf-8")
    assert run("import", copy, out).exit_code == 0
    assert run("verify", copy).output == "clean\n"
    assert isinstance(run("import", copy, out).exception, ArchiveError)  # not empty any more
    with open_archive(copy) as archive:
        end_everything(archive)
    result = run("prune", copy, "--before", "2030-01-01", "--compact")
    assert "1 stories with 1 articles, 1 briefs" in result.output
    assert run("verify", copy).output == "clean\n"
    assert not list(tmp_path.glob(".*")), "no temporary file stays"


def end_everything(archive: Archive) -> None:
    later = article("later", "خبر آخر بعد شهر.", published="2021-05-30")
    archive.add_documents([later], at=NOON.replace(month=5, day=30))
    update_stories(archive, at=NOON)


def test_wrong_paths_make_no_archive(tmp_path: Path) -> None:
    for command in (["search", "x"], ["stats"], ["verify"], ["export"], ["prune", "--before", "2030-01-01"]):
        name, *rest = command
        result = run(name, tmp_path / "none.sqlite", *rest)
        assert isinstance(result.exception, InputError), command
        assert not (tmp_path / "none.sqlite").exists()
    assert isinstance(run("import", tmp_path / "new.sqlite", tmp_path / "none.jsonl").exception, InputError)
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\xff\xfe")
    assert isinstance(run("import", tmp_path / "new.sqlite", broken).exception, InputError)
    unwritable = run("export", _made(tmp_path), "--out", tmp_path / "no" / "folder.jsonl")
    assert isinstance(unwritable.exception, ArchiveError)


def _made(folder: Path) -> Path:
    open_archive(folder / "made.sqlite").close()
    return folder / "made.sqlite"
