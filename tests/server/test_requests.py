"""What is asked becomes the same brief as on the command line."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from summarizer import cli
from summarizer.errors import CancelledError, ConfigError, GlossaryError, ReadError
from summarizer.fetch import Fetched
from summarizer.models import Registry
from summarizer.server.requests import (
    NAME_LENGTH,
    BriefRequest,
    GlossaryRow,
    Report,
    StoriesRequest,
    TranslateRequest,
    plain_name,
    run_brief,
    run_stories,
    run_translate,
)
from tests.conftest import EXAMPLES
from tests.server.conftest import ARTICLE, CREATED, ask

FILES = sorted(EXAMPLES.glob("*.txt"))
GLOSSARY = 'العراق,Iraq\n"الحوار الاستراتيجي","Strategic Dialogue|strategic talks"\n'


def by_command_line(
    registry: Registry, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any, stdin: bytes = b""
) -> dict[str, Any]:
    """Return the JSON that ``mujaz summarize`` prints with the same models, but for its time."""

    class Stdin:
        class buffer:  # noqa: N801 - as sys.stdin has it
            @staticmethod
            def read(_: int) -> bytes:
                return stdin

    monkeypatch.setattr(cli.Registry, "load", lambda path: registry)
    monkeypatch.setattr(cli.sys, "stdin", Stdin)
    with pytest.raises(SystemExit) as ended:
        cli.main(["summarize", *arguments, "--format", "json"])
    assert ended.value.code == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {**printed, "created": CREATED}


def by_request(registry: Registry, **fields: Any) -> dict[str, Any]:
    # Through JSON and back, as it comes over the network.
    request = BriefRequest.model_validate_json(BriefRequest(**fields).model_dump_json())
    return json.loads(run_brief(request, registry=registry, created=CREATED).to_json())


def test_files_as_on_the_command_line(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    (tmp_path / "g.csv").write_text(GLOSSARY, encoding="utf-8")
    binary = tmp_path / "bad.txt"
    binary.write_bytes(bytes(range(256)))
    paths = [*FILES, FILES[0], binary]  # one comes twice, one cannot be read
    options = ["--sentences", "2", "--glossary", str(tmp_path / "g.csv")]
    expected = by_command_line(registry, [*map(str, paths), *options], monkeypatch, capsys)
    rows = [
        GlossaryRow(ar="العراق", en="Iraq"),
        GlossaryRow(ar="الحوار الاستراتيجي", en="Strategic Dialogue|strategic talks"),
    ]
    reports = [Report(name=path.name, data=path.read_bytes()) for path in paths]
    assert by_request(registry, reports=reports, sentences=2, glossary=rows) == expected
    assert next(each["code"] for each in expected["warnings"]) == "binary"


def test_a_text_files_content_may_come_as_text(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    expected = by_command_line(registry, [str(EXAMPLES)], monkeypatch, capsys)
    reports = [Report(name=path.name, text=path.read_text(encoding="utf-8")) for path in FILES]
    assert by_request(registry, reports=reports) == expected


def test_pasted_articles_as_from_a_pipe(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pasted = (
        f"{ARTICLE}\n---\nonly English here, and nothing else\n---\nاتفق الطرفان على موعد جديد للمحادثات."
    )
    expected = by_command_line(registry, ["-"], monkeypatch, capsys, stdin=pasted.encode())
    assert by_request(registry, reports=[Report(text=pasted)]) == expected
    assert next(each["code"] for each in expected["warnings"]) == "not_arabic"
    assert len(expected["documents"]) == 2


class OnePage:
    """A fetcher of one page."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked = body, []

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        return Fetched(url=url, content=self.body, content_type="text/plain")


def test_an_address_is_fetched_and_everything_else_is_not(registry: Registry) -> None:
    fetcher = OnePage(ARTICLE.encode())
    request = BriefRequest(reports=(Report(url="https://example.org/a"),))
    brief = run_brief(request, registry=registry, fetcher=fetcher)  # type: ignore[arg-type]
    assert fetcher.asked == ["https://example.org/a"]
    assert brief.documents[0].url == "https://example.org/a"


def test_what_a_callback_raises_ends_the_run(registry: Registry) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        raise CancelledError(stage)

    with pytest.raises(CancelledError, match="read"):
        run_brief(ask(), registry=registry, progress=stop)


def test_errors_before_any_work(registry: Registry) -> None:
    heard: list[str] = []
    for fields, error in (
        ({"profile": "embeded"}, ConfigError),
        ({"glossary": [{"ar": "latin", "en": "x"}]}, GlossaryError),
    ):
        with pytest.raises(error, match=r"did you mean 'embedded'|glossary: line 1"):
            run_brief(
                ask(**fields), registry=registry, progress=lambda stage, done, total: heard.append(stage)
            )
    assert heard == []
    with pytest.raises(ReadError, match="no report could be read: -: not Arabic text"):
        run_brief(ask("English only"), registry=registry)


def test_translations_as_on_the_command_line(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    lines = ["وصل الوزير إلى بغداد.", "", "غادر 250 جنديا."]
    (tmp_path / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(cli.Registry, "load", lambda path: registry)
    with pytest.raises(SystemExit):
        cli.main(["translate", str(tmp_path / "lines.txt"), "--format", "jsonl"])
    expected = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert run_translate(TranslateRequest(sentences=tuple(lines)), registry=registry) == expected


def test_stories_are_those_of_the_brief(registry: Registry) -> None:
    reports = [Report(name=path.name, data=path.read_bytes()) for path in (*FILES, FILES[0])]
    grouped = json.loads(json.dumps(run_stories(StoriesRequest(reports=tuple(reports)))))
    brief = by_request(registry, reports=reports)
    assert grouped["documents"] == brief["documents"]
    for own, whole in zip(grouped["stories"], brief["stories"], strict=True):
        assert own == {key: whole[key] for key in own}
    assert len(grouped["stories"]) == 2


# --- what may be asked ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "a", "data": b"b"},
        {"text": "a", "url": "https://example.org"},
        {"path": "/etc/passwd"},
        {"url": "/etc/passwd"},
        {"url": "file:///etc/passwd"},
        {"url": "ftp://example.org/a"},
        {"url": " https://example.org"},
        {"url": "https://example.org/" + "a" * 3000},
        {"text": "a", "name": "x" * 5000},
    ],
)
def test_reports_that_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Report(**fields)


def test_bytes_are_base64_in_json_and_nothing_else() -> None:
    data = bytes(range(256))
    sent = json.dumps({"name": "a.pdf", "data": base64.b64encode(data).decode()})
    assert Report.model_validate_json(sent).data == data
    assert Report.model_validate(json.loads(sent)).data == data
    with pytest.raises(ValidationError, match="Base64"):
        Report.model_validate_json('{"data": "not base64!"}')


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("تقرير.txt", "تقرير.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.docx", "report.docx"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("txt.\u202egpj.exe", "txt.gpj.exe"),
        ("\x1b[31mred.txt", "[31mred.txt"),
        ("..", "-"),
        ("/", "-"),
        ("", "-"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),  # escaped where it is shown
        ("a" * 300 + ".html", "a" * (NAME_LENGTH - 5) + ".html"),
    ],
)
def test_hostile_file_names(given_name: str, name: str) -> None:
    assert plain_name(given_name) == name


@given(name=st.text(max_size=400))
def test_a_name_is_never_a_path_and_cleaning_it_twice_changes_nothing(name: str) -> None:
    plain = plain_name(name)
    assert plain
    assert plain not in (".", "..")
    assert not set(plain) & set("/\\\0\r\n\x1b\u202e")
    assert len(plain) <= NAME_LENGTH
    assert plain_name(plain) == plain
