"""PDF: its words, links and description, and that laying it out touches nothing."""

from __future__ import annotations

import builtins
import io
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from summarizer import exports
from summarizer.errors import MissingModelError, RenderError
from summarizer.exports import EXPORT_FORMS, EXPORT_SUFFIXES, MEDIA_TYPES, export
from summarizer.exports.pdf import to_pdf
from summarizer.schema import Bilingual
from tests.data.brief_sample import sample_brief


@pytest.fixture(scope="module")
def made() -> bytes:
    pytest.importorskip("weasyprint", reason="PDF needs the pdf extra")
    return to_pdf(sample_brief())


def test_what_is_on_the_pages(made: bytes) -> None:
    reader = PdfReader(io.BytesIO(made))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    text = " ".join(pages)
    for words in (
        "The bridge cost between 42 and 54 million dinars.", "Numbers failed", "the Arabic has 45, the English 54",
        "Where the sources disagree", "Timeline", "Sentences cited", "Edited by hand", "https://news.example/bridge?id=1&lang=ar",
    ):  # fmt: skip
        assert words in text
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page
    assert all(
        (page.mediabox.width, page.mediabox.height) == pytest.approx((595.28, 841.89), abs=0.1)
        for page in reader.pages
    )


def test_arabic_is_shaped_by_an_embedded_font(made: bytes) -> None:
    reader = PdfReader(io.BytesIO(made))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "جسر" in text or "رسج" in text  # letters with their meaning, in either order of drawing
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    descendants = [each["/DescendantFonts"][0].get_object()["/FontDescriptor"] for each in fonts]
    assert descendants
    assert all(any(key.startswith("/FontFile") for key in each) for each in descendants)


def test_it_says_what_it_is(made: bytes) -> None:
    reader = PdfReader(io.BytesIO(made))
    information: Mapping[str, Any] = reader.metadata or {}
    assert information["/Title"] == "Mujaz brief, 2 October 2021, 06:00 UTC"
    assert information["/Author"] == "Mujaz"
    assert information["/CreationDate"].startswith("D:20211002060000")
    root: Mapping[str, Any] = reader.root_object
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root


def test_citations_lead_to_the_quoted_sentences(made: bytes) -> None:
    reader = PdfReader(io.BytesIO(made))
    targets = set(reader.named_destinations)
    assert {f"source-{number}" for number in range(1, 10)} <= targets


def test_the_same_brief_gives_the_same_bytes(made: bytes) -> None:
    assert to_pdf(sample_brief()) == made
    assert to_pdf(replace(sample_brief(), created="2021-10-03T06:00:00Z")) != made


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch, made: bytes) -> None:
    attack = "<img src='http://127.0.0.1:9/x.png'><link rel=stylesheet href='file:///etc/passwd'> url(http://127.0.0.1:9/)"
    brief = sample_brief()
    title = Bilingual(ar=attack, en=attack)
    changed = replace(brief, profile=attack, stories=(replace(brief.stories[1], title=title, follows=None),))
    opened: list[str] = []
    real = builtins.open

    def watching(file: Any, *arguments: Any, **options: Any) -> Any:
        opened.append(str(file))
        return real(file, *arguments, **options)

    def forbid(*arguments: object, **options: object) -> None:
        raise AssertionError("a PDF needs no network")

    monkeypatch.setattr(socket, "socket", forbid)
    monkeypatch.setattr(socket, "getaddrinfo", forbid)
    monkeypatch.setattr(builtins, "open", watching)
    pdf = to_pdf(changed)
    assert "/etc/passwd" not in opened
    assert not any("127.0.0.1" in line for line in opened)
    assert b"/URI (http://127" not in pdf


def test_every_address_is_refused() -> None:
    from summarizer.exports import pdf

    for url in ("http://x.example/", "file:///etc/passwd", "data:text/css,a", "ftp://x/"):
        with pytest.raises(ValueError, match="refused"):
            pdf._refuse(url)


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingModelError, match=r"pip install 'mujaz\[pdf\]'"):
        to_pdf(sample_brief())
    with pytest.raises(MissingModelError):
        exports.require("pdf")
    exports.require("docx")


def test_a_broken_brief_is_no_pdf() -> None:
    pytest.importorskip("weasyprint", reason="PDF needs the pdf extra")
    brief = sample_brief()
    with pytest.raises(RenderError):
        to_pdf(replace(brief, documents=brief.documents[1:]))


# --- all forms ----------------------------------------------------------------------------------------


def test_forms_have_types_and_endings() -> None:
    assert set(MEDIA_TYPES) == set(EXPORT_FORMS) == set(EXPORT_SUFFIXES.values())


@pytest.mark.parametrize("form", ["md", "html", "json", "text"])
def test_text_forms_are_those_of_render(form: Any) -> None:
    from summarizer.render import render

    assert export(sample_brief(), form=form).decode() == render(sample_brief(), form=form)


def test_half_a_surrogate_pair_stops_no_export() -> None:
    from summarizer.schema import Brief

    brief = replace(sample_brief(), profile="\ud800")
    assert Brief.from_json(export(brief, form="json").decode()) == brief
    for form in ("md", "html", "text", "csv", "docx"):
        assert export(brief, form=form)  # type: ignore[arg-type]


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(RenderError, match="did you mean 'docx'"):
        export(sample_brief(), form="doc")  # type: ignore[arg-type]
