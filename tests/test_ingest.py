"""Every kind of source, good and bad: what becomes a document, and what becomes a warning."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import ingest
from summarizer.errors import ReadError
from summarizer.fetch import Fetcher
from summarizer.formats import decode, read_markdown
from summarizer.ingest import Ingested, read_bytes, read_lines, read_sources, read_text
from tests.conftest import EXAMPLES

TITLE = "بغداد تطلب جولة جديدة من الحوار"
LEAD = "أعلنت وزارة الخارجية في العاصمة عقد جولة جديدة من المحادثات بين البلدين في السابع من الشهر المقبل."
MORE = "وقال مسؤول إن الوفدين سيبحثان ملفات الأمن والتجارة والطاقة، ثم يصدران بيانا مشتركا في ختام اللقاء."
REPORT = f"{TITLE}\n\n{LEAD}\n{MORE}\n"
PAGE = (
    "<html><head><title>{t} | صحيفة الضفة</title><meta property='og:title' content='{t}'>"
    "<meta property='og:site_name' content='صحيفة الضفة'>"
    "<meta property='article:published_time' content='2021-07-25T10:00:00+03:00'><script>alert('خطر')</script></head>"
    "<body><nav><a href='/'>الرئيسية</a></nav><article><h1>{t}</h1>{body}</article></body></html>"
)
HTML = PAGE.format(t=TITLE, body=f"<p>{LEAD}</p><p>{MORE}</p>" + f"<p>{LEAD.replace('السابع', 'الثامن')}</p>")

needs_trafilatura = pytest.mark.skipif(
    importlib.util.find_spec("lxml_html_clean") is None,
    reason="trafilatura needs lxml_html_clean to be installed",
)


def code_of(data: bytes, suffix: str = ".txt", **options: Any) -> str:
    with pytest.raises(ReadError) as caught:
        read_bytes(data, origin=f"x{suffix}", suffix=suffix, **options)
    assert str(caught.value).startswith(f"x{suffix}: ")
    assert "\n" not in str(caught.value)
    return caught.value.code


def one(data: bytes, suffix: str = ".txt", **options: Any) -> Any:
    (document,) = read_bytes(data, origin=f"x{suffix}", suffix=suffix, **options).documents
    for mark in document.marks:
        assert 0 <= mark.start < mark.end <= len(document.text)
    return document


def word_file(*paragraphs: str, title: str | None = None, row: tuple[str, ...] = ()) -> bytes:
    document = docx.Document()
    if title:
        document.add_paragraph(title, style="Title")
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if row:
        table = document.add_table(rows=1, cols=len(row))
        for cell, text in zip(table.rows[0].cells, row, strict=True):
            cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf_file(*lines: str, password: str | None = None) -> bytes:
    pdfmetrics = pytest.importorskip("reportlab.pdfbase.pdfmetrics")
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not font.exists():
        pytest.skip("no Arabic font to draw a PDF with")
    pdfmetrics.registerFont(TTFont("Arabic", str(font)))
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption(password) if password else None)
    canvas.setFont("Arabic", 12)
    for number, line in enumerate(lines):
        canvas.drawString(40, 780 - 18 * number, line)
    canvas.save()
    return file.getvalue()


# --- the five reports ---------------------------------------------------------------------------


def test_the_five_reports_from_their_folder() -> None:
    read = read_sources([str(EXAMPLES)])
    assert read.warnings == ()
    assert [document.origin for document in read.documents] == sorted(
        path.name for path in EXAMPLES.iterdir()
    )
    for document in read.documents:
        assert document.text == (EXAMPLES / str(document.origin)).read_text(encoding="utf-8")
    assert read.documents[4].published == "2021-07-25"
    assert "الامریکیة" in read.documents[2].text


def test_ids_do_not_depend_on_order_or_folder(tmp_path: Path) -> None:
    paths = sorted(EXAMPLES.glob("*.txt"))
    there = {d.origin: d.id for d in read_sources([str(path) for path in paths]).documents}
    back = {d.origin: d.id for d in read_sources([str(path) for path in reversed(paths)]).documents}
    (tmp_path / paths[0].name).write_bytes(paths[0].read_bytes())
    (moved,) = read_sources([str(tmp_path / paths[0].name)]).documents
    assert there == back
    assert moved.id == there[paths[0].name]
    assert len(set(there.values())) == 5


def test_the_same_file_twice_has_two_ids(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(REPORT, encoding="utf-8")
    first, second, third = read_sources([str(file)] * 3).documents
    assert (second.id, third.id) == (f"{first.id}-2", f"{first.id}-3")


def test_pasted_articles() -> None:
    pasted = "\n---\n".join(path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.txt")))
    read = read_sources(["-"], stdin=io.BytesIO(pasted.encode()))
    assert len(read.documents) == 5
    assert {document.origin for document in read.documents} == {"-"}
    assert [d.id for d in read.documents] == [d.id for d in read_text(pasted)]
    alone = read_text(read.documents[3].text)
    assert [document.id for document in alone] == [read.documents[3].id]


def test_a_bad_article_among_pasted_ones_is_one_warning() -> None:
    read = read_sources(["-"], stdin=io.BytesIO(f"{REPORT}\n---\nOnly English here.\n---\n{LEAD}".encode()))
    assert len(read.documents) == 2
    assert [(w.subject, w.code) for w in read.warnings] == [("- (article 2)", "not_arabic")]
    assert len(read_text(f"{REPORT}\n---\nOnly English here.")) == 1
    with pytest.raises(ReadError, match="not Arabic"):
        read_text("Only English here.")
    with pytest.raises(ReadError, match="no text"):
        read_text(" \n ")


def test_a_file_piped_into_stdin() -> None:
    (document,) = read_sources(["-"], stdin=io.BytesIO(word_file(LEAD, title=TITLE))).documents
    assert (document.title, document.origin) == (TITLE, "-")


@pytest.mark.parametrize(
    ("stdin", "code"), [(None, "missing"), (io.BytesIO(b""), "empty"), (io.BytesIO(b"\n\n"), "empty")]
)
def test_an_empty_or_missing_stdin(stdin: io.BytesIO | None, code: str) -> None:
    assert [w.code for w in read_sources(["-"], stdin=stdin).warnings] == [code]


# --- all that is bad, in one run ----------------------------------------------------------------


def test_bad_sources_cost_one_warning_each_and_nothing_else(tmp_path: Path) -> None:
    bad = {
        "empty.txt": (b"", "empty"),
        "blank.txt": (b" \n\t ", "empty"),
        "english.txt": (b"Talks will resume next month, an official said.", "not_arabic"),
        "persian.txt": (
            "این گزارش را که در تهران است برای شما می خوانیم و با این همه از آن خبر نشده است".encode(),
            "not_arabic",
        ),
        "digits.txt": ("١٢٣ ... !".encode(), "empty"),
        "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary"),
        "noise.txt": (bytes(range(256)) * 40, "binary"),
        "broken.txt": (LEAD.encode()[:100] + b"\xff\xff" + LEAD.encode(), "encoding"),
        "twice.txt": (LEAD.encode().decode("cp1256", "replace").encode(), "encoding"),
        "large.txt": ("كلمة ".encode() * 1_200_000, "too_large"),
        "old.doc": (b"\xd0\xcf\x11\xe0" + bytes(100), "unsupported"),
        "zip.docx": (b"PK\x03\x04 nonsense", "malformed"),
        "broken.pdf": (b"%PDF-1.4 nonsense", "malformed"),
        "false.pdf": (LEAD.encode(), "malformed"),
        "broken.json": (b"{", "malformed"),
        "nothing.json": (b"[]", "empty"),
    }
    for name, (data, _) in bad.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    sources = [str(tmp_path / name) for name in bad]
    others = [
        str(tmp_path / "folder"),
        str(tmp_path / "missing.txt"),
        "http://127.0.0.1/",
        "ftp://news.example/x",
        "\0",
    ]
    fetcher = Fetcher(resolver=lambda host, port: ["10.0.0.1"])
    read = read_sources([str(EXAMPLES), *sources, *others, "http://inside.example/"], fetcher=fetcher)
    assert len(read.documents) == 5
    assert [(warning.subject, warning.code) for warning in read.warnings] == [
        *((name, code) for name, (_, code) in bad.items()),
        ("folder", "empty"),
        ("missing.txt", "missing"),
        ("http://127.0.0.1/", "private_address"),
        ("ftp://news.example/x", "scheme"),
        ("\0", "unreadable"),
        ("http://inside.example/", "private_address"),
    ]
    for warning in read.warnings:
        assert warning.on == "document"
        assert warning.message
        assert "\n" not in warning.message
        assert not warning.message.startswith(warning.subject)


def test_files_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_text(REPORT, encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert [w.code for w in read_sources([str(file)]).warnings] == ["unreadable"]


def test_things_that_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert [w.code for w in read_sources([str(tmp_path / "pipe.txt")]).warnings] == ["unsupported"]
    monkeypatch.setattr(ingest, "FILE_LIMIT_BYTES", 10)
    (tmp_path / "a.txt").write_text(REPORT, encoding="utf-8")
    assert [w.code for w in read_sources([str(tmp_path / "a.txt")]).warnings] == ["too_large"]
    assert [w.code for w in read_sources(["-"], stdin=io.BytesIO(REPORT.encode())).warnings] == ["too_large"]


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden.txt", "sub/c.TXT", ".git/d.txt", "skip.png", "skip.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(REPORT, encoding="utf-8")
    read = read_sources([str(tmp_path)])
    assert [document.origin for document in read.documents] == ["a.md", "b.txt", "c.TXT"]
    assert read.warnings == ()


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1256", "iso8859-6"]
)
def test_encodings(encoding: str) -> None:
    assert one(REPORT.encode(encoding)).text == REPORT


def test_text_is_kept_to_the_letter_but_for_line_ends() -> None:
    text = (
        "قالـــت الوزارةُ إنّ القوات الامریکیة کما ﻻ يخفى\u200f ستبقى\u200c في ,البلاد، عام ٢٠٢١؟ \t\n\n  (ب) "
    )
    assert one(text.encode()).text == text
    assert one(text.replace("\n", "\r\n").encode()).text == text
    assert one(text.replace("\n", "\r").encode()).text == text


def test_declared_encodings_are_tried_and_not_trusted() -> None:
    assert decode(REPORT.encode("cp1256"), declared="windows-1256") == REPORT
    for wrong in ("iso-8859-1", "utf-16", "no-such-charset", "base64", "ascii"):
        assert decode(REPORT.encode(), declared=wrong) in (REPORT,)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("Größe café naïve".encode("latin-1") * 10, "encoding"),
        (b"\xff\xfe\x41", "encoding"),
        (b"\xef\xbb\xbf\xff", "encoding"),
        (LEAD.encode().decode("latin-1").encode(), "encoding"),
        (b"\xd9\x81\x00\xff\xff\xff", "binary"),
        (LEAD.encode() + b"\x00", "binary"),
        (LEAD.encode() + b"\x01\x02\x03\x04", "binary"),
    ],
)
def test_encodings_that_cannot_be_read(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_marks_that_a_newspapers_system_lost_do_not_make_a_report_binary() -> None:
    report = LEAD.replace("،", "\x1a") + "\x1aقال الوزير\x1a إنه لا يعلم\x1a"
    assert decode(report.encode()) == report


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for suffix in (".txt", ".md", ".json", ".jsonl", ".docx", ".pdf"):
        try:
            assert isinstance(read_bytes(data, origin="x", suffix=suffix), Ingested)
        except ReadError as error:
            refused = error.code
            assert refused


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for suffix in (".txt", ".md", ".json"):
        data = json.dumps({"title": text[:20], "text": text}).encode() if suffix == ".json" else None
        try:
            found = read_bytes(
                data or (LEAD + text).encode("utf-8", "surrogatepass"), origin="x", suffix=suffix
            )
        except ReadError:
            continue
        assert all(d.text[m.start : m.end].strip() for d in found.documents for m in d.marks)


# --- formats ------------------------------------------------------------------------------------


def test_markdown() -> None:
    text = (
        f'---\ntitle: "{TITLE}"\ndate: 2021-07-25\nsource: صحيفة الضفة\n---\n# {TITLE}\n\n> **أعلنت** وزارة _الخارجية_ في'
        ' [العاصمة](https://example.com/a "x") عقد `جولة` جديدة.\n\n---\n\n![صورة الوفد](a.png)\n\n## عنوان\\*\n```\nنص\n```\n'
        "فرعي\n====\n\n[1]: https://example.com\n<b>وقال</b> مسؤول snake_case_name إن 3 * 4 = 12.\n"
    )
    document = one(text.encode(), ".md")
    assert (document.title, document.published, document.source) == (TITLE, "2021-07-25", "صحيفة الضفة")
    assert document.text.split("\n\n")[:2] == [TITLE, "أعلنت وزارة _الخارجية_ في العاصمة عقد جولة جديدة."]
    assert not set("#`>[]") & set(document.text)
    assert "snake_case_name إن 3 * 4 = 12." in document.text
    assert read_markdown(f"# **{TITLE}** #\n{LEAD}").title == TITLE


@pytest.mark.parametrize(
    "wrap", [lambda r: r, lambda r: [r], lambda r: {"articles": [r]}, lambda r: {"data": [r]}]
)
@pytest.mark.parametrize(
    "names",
    [("text", "title", "source", "published", "url"), ("Body", "Headline", "Outlet", "date", "link"),
     ("content", "title", "publisher", "datetime", "url"), ("article", "headline", "site", "date", "URL")],
)  # fmt: skip
def test_json(wrap: Any, names: tuple[str, ...]) -> None:
    values = (LEAD, TITLE, "الضفة", "2021-07-25", "https://news.example/1")
    document = one(json.dumps(wrap(dict(zip(names, values, strict=True)))).encode(), ".json")
    assert document.text == f"{TITLE}\n\n{LEAD}"
    assert (document.title, document.source) == (TITLE, "الضفة")
    assert (document.published, document.url) == ("2021-07-25", "https://news.example/1")
    assert [(mark.kind, mark.start, mark.end) for mark in document.marks] == [("title", 0, len(TITLE))]


def test_json_of_other_shapes() -> None:
    record = {
        "text": [LEAD, MORE],
        "source": {"id": None, "name": "الضفة"},
        "url": "javascript:x",
        "title": TITLE + ".",
    }
    document = one(json.dumps(record).encode(), ".json")
    assert document.text == f"{TITLE}.\n\n{LEAD}\n{MORE}"
    assert (document.source, document.url) == ("الضفة", None)
    assert document.marks[0].kind == "title"
    assert one(json.dumps([LEAD]).encode(), ".json").text == LEAD
    markup = {"content": f"<p>{LEAD}</p><script>x()</script><ul><li>{MORE}</li></ul>"}
    assert one(json.dumps(markup).encode(), ".json").text == f"{LEAD}\n{MORE}"
    repeated = {"title": TITLE, "text": REPORT}
    assert one(json.dumps(repeated).encode(), ".json").text == REPORT


def test_records_of_one_text_and_other_titles_have_other_ids() -> None:
    records = [{"text": LEAD, "title": TITLE}, {"text": LEAD, "title": TITLE + " الثاني"}, {"text": LEAD}]
    read = read_bytes(json.dumps(records).encode(), origin="x.json", suffix=".json")
    assert len({document.id for document in read.documents}) == 3


def test_jsonl_with_bad_lines() -> None:
    lines = [
        json.dumps({"text": LEAD}),
        "{",
        "",
        "3",
        json.dumps({"title": "x"}),
        json.dumps({"text": "English only"}),
    ]
    read = read_bytes("\n".join(lines).encode(), origin="x.jsonl", suffix=".jsonl")
    assert len(read.documents) == 1
    assert [(w.code, w.message.partition(":")[0]) for w in read.warnings] == [
        ("malformed", "line 2"),
        ("malformed", "line 4"),
        ("malformed", "line 5"),
        ("not_arabic", "line 6"),
    ]
    assert code_of(b"{\n{\n", ".jsonl") == "malformed"
    assert code_of(("[" * 100_000).encode(), ".json") == "malformed"


def test_too_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.formats.records.JSON_MAX_RECORDS", 2)
    assert code_of(json.dumps([LEAD] * 3).encode(), ".json") == "too_large"
    assert code_of("\n".join([json.dumps(LEAD)] * 3).encode(), ".jsonl") == "too_large"


def test_surrogates_in_json_are_refused() -> None:
    assert code_of(b'{"text": "' + LEAD.encode() + b' \\ud800"}', ".json") == "encoding"


def test_word_files() -> None:
    document = one(word_file(LEAD, "", MORE, title=TITLE, row=("الوفد", "١٢ عضوا")), ".docx")
    assert document.text == f"{TITLE}\n{LEAD}\n\n{MORE}\nالوفد\t١٢ عضوا"
    assert document.title == TITLE


def zipped(parts: dict[str, bytes], *, encrypted: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    packed = bytearray(file.getvalue())
    if encrypted:
        at = packed.index(b"PK\x01\x02") + 8
        packed[at : at + 2] = struct.pack("<H", 1)
    return bytes(packed)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"word/document.xml": bytes(70_000_000)}), "too_large"),
        (zipped({f"p{n}": b"" for n in range(2001)} | {"word/document.xml": b""}), "too_large"),
        (zipped({"a.txt": b"x"}), "binary"),
        (zipped({"word/document.xml": b"x"}, encrypted=True), "encrypted"),
        (zipped({"word/document.xml": b"<x/>"}), "malformed"),
        (word_file(LEAD)[:-30], "malformed"),
        (word_file(""), "empty"),
    ],
    ids=["bomb", "parts", "other", "encrypted", "no types", "cut", "blank"],
)
def test_hostile_word_files(data: bytes, code: str) -> None:
    assert code_of(data, ".docx") == code


@pytest.mark.parametrize("turn", [False, True], ids=["as typed", "as shown"])
def test_pdf_text_comes_in_reading_order(turn: bool) -> None:
    lines = ["أعلنت وزارة الخارجية في العاصمة عقد جولة", "جديدة من المحادثات بين البلدين على ما قالت."]
    data = pdf_file(*(line[::-1] if turn else line for line in lines))
    assert one(data, ".pdf").text == " ".join(lines)


def test_pdf_files_that_hold_no_readable_text() -> None:
    assert code_of(pdf_file(), ".pdf") == "empty"
    assert code_of(pdf_file(LEAD, password="x"), ".pdf") == "encrypted"


# --- pages --------------------------------------------------------------------------------------


@needs_trafilatura
def test_html() -> None:
    document = one(HTML.encode(), ".html")
    assert document.text.startswith(f"{TITLE}\n")
    assert LEAD in document.text
    assert MORE in document.text
    assert "خطر" not in document.text
    assert (document.title, document.source, document.published) == (
        TITLE,
        "صحيفة الضفة",
        "2021-07-25T10:00:00+03:00",
    )


@needs_trafilatura
def test_html_encodings() -> None:
    page = HTML.replace("<head>", "<head><meta charset=windows-1256>")
    assert LEAD in one(page.encode("cp1256"), ".html").text
    assert LEAD in one(HTML.encode("cp1256"), "", encoding="windows-1256").text
    assert LEAD in one(HTML.encode("utf-16"), ".html").text


@needs_trafilatura
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<p>{0}</p>" + "<div>" * 100_000, None),
        ("<div>" * 100_000 + "<p>{0}</p>", "empty"),
        ("<p>{0}</p><p data-x='" + "a" * 4_000_000 + "'>x</p>", None),
        ("<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">{0}</p>", "malformed"),
        ("<p>{0}</p><p>" + "<b>ن</b><i>م</i>" * 50_000 + "</p>", None),
        ("<script>" + "x='</scrip';" * 100_000 + "</script><p>{0}</p>", None),
        ("<p>{0}</p>" + "<!--" * 300_000, None),
        ("<p>{0} &x11;</p>", None),
        ("", "empty"),
    ],
    ids=[
        "deep after",
        "deep before",
        "long attribute",
        "attributes",
        "elements",
        "script",
        "comments",
        "entity",
        "none",
    ],
)
def test_hostile_pages(body: str, code: str | None) -> None:
    text = f"{LEAD}</p><p>{MORE}</p><p>{LEAD.replace('السابع', 'الثامن')}"
    page = PAGE.format(t=TITLE, body="@").replace("@", body.replace("{0}", text))
    bomb = "".join(f"<!ENTITY x{n} '{f'&x{n - 1};' * 10}'>" for n in range(1, 12))
    page = f"<?xml version='1.0'?><!DOCTYPE html [<!ENTITY x0 'ها'>{bomb}]>" + page
    if code is None:
        assert LEAD in one(page.encode(), ".html").text
    else:
        assert code_of(page.encode(), ".html") == code


@needs_trafilatura
def test_urls_are_fetched_and_keep_their_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/slow":
            raise httpx.ReadTimeout("slow", request=request)
        if request.url.path == "/feed.txt":
            return httpx.Response(
                200, content=REPORT.encode("cp1256"), headers={"Content-Type": "text/plain"}
            )
        return httpx.Response(
            200, content=HTML.encode(), headers={"Content-Type": "text/html; charset=utf-8"}
        )

    fetcher = Fetcher(transport=httpx.MockTransport(answer))
    urls = ["https://news.example/1", "https://news.example/slow", "https://news.example/feed.txt"]
    read = read_sources(urls, fetcher=fetcher)
    assert [(document.origin, document.url) for document in read.documents] == [
        (urls[0], urls[0]),
        (urls[2], urls[2]),
    ]
    assert read.documents[1].text == REPORT
    assert [(warning.subject, warning.code) for warning in read.warnings] == [(urls[1], "timeout")]


def test_a_missing_part_of_trafilatura_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "trafilatura", None)
    assert code_of(HTML.encode(), ".html") == "unsupported"


# --- lines --------------------------------------------------------------------------------------


def test_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(f"{LEAD}\r\n\r\n{MORE}\r\n".encode("utf-16"))
    assert read_lines(str(file)) == [LEAD, "", MORE]
    assert read_lines("-", stdin=io.BytesIO(LEAD.encode())) == [LEAD]
    assert read_lines("-", stdin=io.BytesIO(b"")) == []
    for source in (str(tmp_path), str(tmp_path / "none"), "-"):
        with pytest.raises(ReadError):
            read_lines(source)
    file.write_bytes(b"\x00\x01")
    with pytest.raises(ReadError, match="binary"):
        read_lines(str(file))
