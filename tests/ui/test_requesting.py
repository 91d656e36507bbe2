"""The form as a request: files, addresses and glossaries, the hostile ones too."""

from __future__ import annotations

from pathlib import Path

import pytest

from summarizer.errors import GlossaryError, InputError, ReadError
from summarizer.server.requests import MOST_REPORTS, Report
from ui.requesting import (
    FORM_LIMIT,
    GLOSSARY_LIMIT,
    make_request,
    make_translation,
    read_call,
    read_form,
    read_glossary,
)


def test_the_form_is_read_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_bytes(b"\xd8\xae")
    reports = read_form("نص", [str(file)], " https://news.example/1\nhttps://news.example/2 ")
    assert reports == (
        Report(text="نص"),
        Report(name="report.txt", data=b"\xd8\xae"),
        Report(url="https://news.example/1"),
        Report(url="https://news.example/2"),
    )
    assert read_form("  ", None, "\n") == ()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "/etc/passwd", "ftp://x.example/", "javascript:alert(1)", "news.example"]
)
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(InputError, match="http"):
        read_form("", [], url)


def test_a_file_that_was_swept_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose it again"):
        read_form("", [str(tmp_path / "gone.txt")], "")


def test_there_is_an_end_to_addresses() -> None:
    with pytest.raises(InputError, match=str(MOST_REPORTS)):
        read_form("", [], "https://x.example/ " * (MOST_REPORTS + 1))


def test_there_is_an_end_to_files_and_none_is_read_to_find_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.txt"
    with file.open("wb") as large:
        large.truncate(FORM_LIMIT // 4 + 1)  # holes take no place on the disk
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("a file was read"))
    with pytest.raises(InputError, match="100 MB"):
        read_form("", [str(file)] * 4, "")
    with pytest.raises(InputError, match=str(MOST_REPORTS)):
        read_form("", [str(file)] * (MOST_REPORTS + 1), "")


def test_a_glossary_is_typed_or_dropped(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_text('"Arabic","English"\nقسد,SDF\n# a note\n', encoding="utf-8")
    rows = read_glossary("الحشد الشعبي، PMF", str(file))
    assert [(row.ar, row.en) for row in rows][-2:] == [("قسد", "SDF"), ("الحشد الشعبي", "PMF")]


def test_every_fault_of_a_glossary_is_told() -> None:
    with pytest.raises(GlossaryError) as caught:
        read_glossary("قسد\nSDF, قسد\n")
    assert "line 1" in str(caught.value)


def test_a_glossary_is_not_endless(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_bytes(b"x" * (GLOSSARY_LIMIT + 1))
    with pytest.raises(ReadError, match="2 MB"):
        read_glossary("", str(file))


@pytest.mark.parametrize(("asked", "given"), [(0, None), (None, None), (3, 3), (4.0, 4)])
def test_no_number_leaves_the_length_to_the_pipeline(asked: float | None, given: int | None) -> None:
    assert make_request([Report(text="x")], profile="embedded", sentences=asked).sentences == given


def test_what_does_not_fit_is_one_line() -> None:
    with pytest.raises(InputError, match="sentences") as caught:
        make_request([Report(text="x")], profile="embedded", sentences=999)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="reports"):
        make_request([], profile="embedded")
    with pytest.raises(InputError):
        make_translation("x\n" * 10_000, profile="embedded")


def test_a_programs_call_is_a_request() -> None:
    made = read_call(
        "نص",
        [{"name": "a.txt", "text": "خبر"}],
        ["https://news.example/1"],
        profile="embedded",
        sentences=2,
        glossary=[["قسد", "SDF"]],
    )
    assert made.reports == (
        Report(text="نص"),
        Report(name="a.txt", text="خبر"),
        Report(url="https://news.example/1"),
    )
    assert (made.sentences, [(row.ar, row.en) for row in made.glossary]) == (2, [("قسد", "SDF")])


@pytest.mark.parametrize(
    ("files", "urls", "glossary", "message"),
    [
        ([{"name": "a.txt"}], [], [], "exactly one of"),
        ([{"path": "/etc/passwd"}], [], [], "path"),
        ([], ["file:///etc/passwd"], [], "http"),
        ([], ["https://x.example"], [["one"]], "pairs"),
    ],
)
def test_a_programs_mistake_is_told(
    files: list[dict[str, str]], urls: list[str], glossary: list[list[str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_call("", files, urls, profile="embedded", glossary=glossary)
