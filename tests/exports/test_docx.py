"""Word files: what python-docx reads back, and what Word needs for Arabic."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from summarizer.exports import export
from summarizer.exports.docx import to_docx
from summarizer.exports.word import clean, split_directions
from summarizer.formats import read_docx
from summarizer.schema import Bilingual, Brief
from tests.data.brief_sample import sample_brief

_MARKS = dict.fromkeys(map(ord, "\u200e\u200f"))


def opened(brief: Brief) -> Any:
    return docx.Document(io.BytesIO(to_docx(brief)))


def texts(document: Any) -> list[str]:
    """Every paragraph in order, those of tables too, without marks of direction."""
    return [
        "".join(each.text or "" for each in paragraph.iter(qn("w:t"))).translate(_MARKS)
        for paragraph in document.element.body.iter(qn("w:p"))
    ]


def is_rtl(paragraph: Any) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None


def test_everything_of_the_brief_is_in_it() -> None:
    brief = sample_brief()
    lines = texts(opened(brief))
    for story in brief.stories:
        assert {story.title.en, story.title.ar} <= set(lines)
        for sentence in story.summary:
            assert clean(sentence.ar) in lines
            assert any((sentence.en or "(no English)") in line for line in lines)
            for citation in sentence.citations:
                assert clean(brief.quote(citation)) in lines
        for event in story.timeline:
            assert event.ar in lines
        for disagreement in story.disagreements:
            for value in disagreement.values:
                assert f"«{value.value}»" in lines
    assert "⚠ Numbers failed (English against the Arabic): the Arabic has 45, the English 54" in lines
    assert "? Dates unclear (English against the Arabic): “Sunday” has no date to compare" in lines
    assert "⚠ Dates failed (English against the Arabic): the Arabic has 1 October, the English none" in lines
    assert "✎ Edited by hand" in lines
    assert "2. The bridge cost between 42 and 54 million dinars. [3] [4]" in lines
    assert "[4] Al-Jisr Online, 3 September 2021, 18:30 UTC+03:00 (report 2, characters 33–80)" in lines
    assert (
        "1. افتتاح جسر «الصفاء» بعد ثلاث سنوات — جريدة النهر, 5 September 2021, https://news.example/bridge?id=1&lang=ar; 4 sentences cited"
        in lines
    )


def test_arabic_is_right_to_left_and_the_rest_is_not() -> None:
    body = opened(sample_brief()).element.body
    arabic = [each for each in body.iter(qn("w:p")) if is_rtl(each)]
    sentence = sample_brief().stories[0].summary[1].ar
    assert sentence in {"".join(t.text for t in each.iter(qn("w:t"))) for each in arabic}
    for run in body.iter(qn("w:r")):
        text = "".join(each.text or "" for each in run.iter(qn("w:t")))
        rtl = run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None
        letters = [each for each in text if each.isalpha()]
        if letters and all("\u0600" <= each <= "\u06ff" for each in letters):
            assert rtl, text
            assert run.find(f"{qn('w:rPr')}/{qn('w:lang')}").get(qn("w:bidi")).startswith("ar")
        if letters and all(each.isascii() for each in letters):
            assert not rtl, text


def test_styles_have_complex_script_sizes_fonts_and_languages() -> None:
    styles = opened(sample_brief()).styles
    for name in ("Normal", "Arabic", "Arabic Title", "Heading 1"):
        properties = styles[name].element.rPr
        assert properties.find(qn("w:szCs")).get(qn("w:val")) == properties.find(qn("w:sz")).get(qn("w:val"))
        assert properties.rFonts.get(qn("w:cs"))
    assert styles["Arabic"].element.pPr.find(qn("w:bidi")) is not None
    language = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}")
    assert (language.get(qn("w:val")), language.get(qn("w:bidi"))) == ("en-US", "ar-SA")


def test_every_citation_leads_to_its_sentence() -> None:
    body = opened(sample_brief()).element.body
    anchors = [each.get(qn("w:anchor")) for each in body.iter(qn("w:hyperlink"))]
    names = [each.get(qn("w:name")) for each in body.iter(qn("w:bookmarkStart"))]
    assert len(names) == len(set(names)) == 9
    assert {each for each in anchors if each} == set(names)
    identifiers = [each.get(qn("w:id")) for each in body.iter(qn("w:bookmarkStart"))]
    assert identifiers == [each.get(qn("w:id")) for each in body.iter(qn("w:bookmarkEnd"))]


def test_only_web_addresses_become_links() -> None:
    document = opened(sample_brief())
    targets = [each.target_ref for each in document.part.rels.values() if each.is_external]
    assert targets == ["https://news.example/bridge?id=1&lang=ar"]
    assert any("address (not linked): javascript:alert(1)" in line for line in texts(document))


def test_properties_and_bytes_come_of_the_brief_alone() -> None:
    brief = sample_brief()
    data = export(brief, form="docx")
    assert data == export(brief, form="docx")
    properties = docx.Document(io.BytesIO(data)).core_properties
    assert (properties.title, properties.author) == ("Mujaz brief, 2 October 2021, 06:00 UTC", "Mujaz")
    assert properties.created.replace(tzinfo=None) == datetime(2021, 10, 2, 6)
    assert properties.language == "en, ar"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert to_docx(replace(brief, created="some day"))


def test_our_own_reader_reads_it() -> None:
    assert sample_brief().stories[0].summary[0].ar in read_docx(to_docx(sample_brief())).text


@pytest.mark.parametrize(("text", "rtl", "pieces"), [
    ("by النهر, 5 May", False, [("by ", False), ("النهر", True), (", 5 May", False)]),
    ("قال U.S. Bridge Co. إن", True, [("قال ", True), ("U.S. Bridge Co", False), (". إن", True)]),
    ("2021", True, [("2021", True)]),
    ("", False, []),
])  # fmt: skip
def test_directions_of_a_line(text: str, rtl: bool, pieces: list[tuple[str, bool]]) -> None:
    assert split_directions(text, rtl=rtl) == pieces


@given(st.text(), st.booleans())
def test_no_character_is_lost_between_directions(text: str, rtl: bool) -> None:
    assert "".join(piece for piece, _ in split_directions(text, rtl=rtl)) == text


@pytest.mark.parametrize("text", ["\x00\x0b\ud800\ufffe", "<w:p/>&amp;", "\u202eabc", "س\r\nص\tع", " "])
def test_any_text_makes_a_file(text: str) -> None:
    brief = sample_brief()
    story = brief.stories[0]
    sentence = replace(story.summary[0], ar=text, en=text, alternatives=(text,))
    changed = replace(
        brief,
        profile=text,
        stories=(replace(story, title=Bilingual(ar=text, en=text), outlets=(text,), summary=(sentence,)),),
    )
    assert clean(text) in texts(opened(changed))
    assert "\u202e" not in "".join(texts(opened(changed)))


def test_an_empty_brief() -> None:
    brief = replace(sample_brief(), stories=(), documents=(), warnings=())
    assert "This brief has no stories." in texts(opened(brief))
