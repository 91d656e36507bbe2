"""The command line: its contract of forms, exits and one-line errors. Translations are faked; reading is real."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from summarizer import cli
from summarizer.models import Registry
from summarizer.schema import Brief
from tests.conftest import EXAMPLES, ROOT
from tests.data.brief_sample import sample_brief
from tests.fakes import FakeEngine, OneTranslator

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    registry = OneTranslator(FakeEngine(lambda text: f"English of {len(text)} letters."))
    monkeypatch.setattr(registry, "require", lambda profile: registry.profile(profile))

    def call(*arguments: object, stdin: bytes = b"", fake: bool = True) -> tuple[int, str, str]:
        if fake:
            monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return call


def one_line_error(result: tuple[int, str, str], status: int) -> str:
    code, out, err = result
    assert (code, out) == (status, "")
    assert err.startswith("mujaz: error: ")
    assert err.count("\n") == 1
    return err


# --- summarize ------------------------------------------------------------------------------------


def test_text_is_printed_and_a_pipe_sees_no_progress(run: Run) -> None:
    code, out, err = run("summarize", EXAMPLES)
    assert (code, err) == (0, "")
    assert "STORY 1 OF 2" in out


@pytest.mark.parametrize("form", ["md", "html", "json", "text"])
def test_every_form_can_be_printed(run: Run, form: str) -> None:
    code, out, _ = run("summarize", EXAMPLES, "--format", form)
    assert code == 0
    assert "الكاظمي" in out
    if form == "json":
        assert len(Brief.from_json(out).documents) == 5


def test_several_files_are_written_by_their_suffix(run: Run, tmp_path: Path) -> None:
    names = ["brief.md", "brief.html", "brief.json", "brief.txt"]
    outs = [part for name in names for part in ("--out", tmp_path / "new" / name)]
    code, out, _ = run("summarize", EXAMPLES, "--out", "-", *outs)
    assert code == 0
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == sorted(names)
    assert (tmp_path / "new" / "brief.txt").read_text(encoding="utf-8").splitlines()[3:] == out.splitlines()[
        3:
    ]
    assert (tmp_path / "new" / "brief.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_sentences_and_glossary_are_obeyed(run: Run, tmp_path: Path) -> None:
    glossary = tmp_path / "terms.csv"
    glossary.write_text("Arabic,English\nالكاظمي,Kadhimi\n", encoding="utf-8")
    code, out, _ = run("summarize", EXAMPLES, "--sentences", 1, "--glossary", glossary, "--format", "json")
    assert code == 0
    assert all(len(story.summary) == 1 for story in Brief.from_json(out).stories)


def test_stdin_may_hold_several_articles(run: Run) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.iterdir())[:2]]
    code, out, _ = run("summarize", "-", "--format", "json", stdin="\n---\n".join(texts).encode())
    assert code == 0
    assert len(Brief.from_json(out).documents) == 2


BAD: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "empty"),
    "english.txt": (b"The president said on Monday that the talks would resume next month.", "not_arabic"),
    "binary.txt": (bytes(range(256)) * 40, "binary"),
    "encoding.txt": ("العراق".encode() + b"\xff\xfe\xfa\x81\x8d\x8f\x90" * 30, "encoding"),
    "large.txt": ("العراق يطلب الحوار.\n".encode() * 300_000, "too_large"),
    "broken.pdf": (b"%PDF-1.7\nnothing here", "malformed"),
    "broken.docx": (b"PK\x03\x04 no zip at all", "malformed"),
    "broken.json": (b'{"text": ', "malformed"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "binary"),
    "script.html": (b"<html><script>alert(1)</script>" + b"<div>" * 100_000, "empty"),
}


def test_bad_input_costs_the_good_reports_nothing(run: Run, tmp_path: Path) -> None:
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    _, alone, _ = run("summarize", EXAMPLES, "--format", "json")
    code, out, err = run(
        "summarize", EXAMPLES, *(tmp_path / name for name in BAD), tmp_path / "missing.txt", "http://127.0.0.1/feed", "ftp://example.org/a",
        "--format", "json",
    )  # fmt: skip
    assert code == 0
    brief = Brief.from_json(out)
    assert brief.stories == Brief.from_json(alone).stories
    codes = {warning.subject: warning.code for warning in brief.warnings if warning.on == "document"}
    for name, (_, expected) in BAD.items():
        assert codes[name] == expected, name
    assert len(codes) == len(BAD) + 3
    assert err.count("\n") == len(codes)
    assert all(line.startswith("mujaz: warning: ") for line in err.splitlines())


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_alone_is_one_line(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name][0])
    assert name in one_line_error(run("summarize", tmp_path / name), 2)


@pytest.mark.parametrize(
    "source", ["nowhere.txt", "http://localhost/a", "http://169.254.169.254/x", "file:///etc/passwd"]
)
def test_sources_that_are_refused(run: Run, source: str) -> None:
    one_line_error(run("summarize", source), 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["summarize"], "Missing argument"),
        (["summarise", "x"], "summarize"),
        (["summarize", EXAMPLES, "--profile", "embeded"], "embedded"),
        (["summarize", EXAMPLES, "--format", "pdf"], "pdf"),
        (["summarize", EXAMPLES, "--out", "brief.xyz"], "brief.xyz"),
        (["summarize", EXAMPLES, "--sentences", "0"], "sentences"),
        (["summarize", EXAMPLES, "--glossary", "missing.csv"], "missing.csv"),
        (["models", "fetch"], "--profile"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run: Run, arguments: list[object], says: str) -> None:
    assert says in one_line_error(run(*arguments), 2)


def test_an_unwritable_file_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    one_line_error(run("summarize", EXAMPLES, "--out", tmp_path / "file" / "brief.md"), 2)


# --- render ---------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "brief.json"
    path.write_text(sample_brief().to_json(), encoding="utf-8")
    return path


def test_a_stored_brief_is_written_in_other_forms(run: Run, tmp_path: Path, stored: Path) -> None:
    names = ["b.docx", "b.csv", "b.html", "deep/b.json"]
    outs = [each for name in names for each in ("--out", tmp_path / name)]
    assert run("render", stored, *outs) == (0, "", "")
    assert (tmp_path / "b.docx").read_bytes().startswith(b"PK")
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "b.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "deep" / "b.json").read_bytes() == stored.read_bytes()


def test_a_stored_brief_is_printed(run: Run, stored: Path) -> None:
    code, out, err = run("render", "-", "--format", "md", stdin=stored.read_bytes())
    assert (code, err) == (0, "")
    assert out.startswith("# News brief, 2 October 2021")


def test_a_summary_goes_straight_into_a_word_file(run: Run, tmp_path: Path) -> None:
    assert run("summarize", EXAMPLES, "--out", tmp_path / "brief.docx")[0] == 0
    assert (tmp_path / "brief.docx").read_bytes().startswith(b"PK")


def test_what_render_refuses(run: Run, tmp_path: Path, stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    assert "not a Mujaz brief" in one_line_error(run("render", tmp_path / "other.json"), 2)
    assert "--out brief.docx" in one_line_error(run("render", stored, "--format", "docx"), 2)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    missing = one_line_error(run("summarize", "no-such-report.txt", "--out", tmp_path / "b.pdf"), 1)
    assert "pip install 'mujaz[pdf]'" in missing  # told before anything is read


def test_a_failed_write_leaves_the_old_brief(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "brief.md"
    target.write_text("old", encoding="utf-8")

    def fail(self: Path, other: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    assert "No space left" in one_line_error(run("summarize", EXAMPLES, "--out", target), 2)
    assert target.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["brief.md"]


# --- translate ------------------------------------------------------------------------------------


def test_one_line_in_one_line_out(run: Run) -> None:
    code, out, err = run("translate", "-", stdin="وصل الوزير.\n\nغادر الوفد العاصمة.\n".encode())
    assert (code, err) == (0, "")
    assert out.splitlines() == ["English of 11 letters.", "", "English of 19 letters."]


def test_jsonl_holds_the_checks(run: Run) -> None:
    _, out, _ = run("translate", "-", "--format", "jsonl", stdin="في العراق ٢٥٠٠ جندي.".encode())
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert row["ar"] == "في العراق ٢٥٠٠ جندي."
    assert any(check["verdict"] == "fail" for check in row["checks"])


# --- models ---------------------------------------------------------------------------------------


def test_models_are_listed_with_what_is_missing(run: Run) -> None:
    code, out, _ = run("models", "list", fake=False)
    assert code == 0
    assert "profile embedded" in out
    assert "Gemma" in out


# --- the process ----------------------------------------------------------------------------------


def test_help_shows_examples() -> None:
    for command in (
        ["--help"],
        ["summarize", "--help"],
        ["translate", "--help"],
        ["models", "check", "--help"],
    ):
        shown = subprocess.run(
            [sys.executable, "-m", "summarizer.cli", *command],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        assert "mujaz" in shown.stdout
        assert shown.stderr == ""


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m summarizer.cli models list | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=True, env={**os.environ}
    )
    assert done.stderr == ""


def test_starting_up_imports_nothing_heavy() -> None:
    code = (
        "import sys, summarizer.cli; "
        "print([each for each in ('torch', 'transformers', 'sklearn', 'ctranslate2', 'trafilatura') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
