"""CSV: what a spreadsheet reads back, and that it runs none of it."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from summarizer.exports import export
from summarizer.exports.table import COLUMNS, escape_cell, to_csv
from summarizer.schema import Bilingual, Brief, Check
from tests.data.brief_sample import sample_brief


def rows(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_one_row_a_sentence_with_what_it_rests_on() -> None:
    first, second, third, fourth = rows(to_csv(sample_brief()))
    assert tuple(first) == COLUMNS
    assert (first["story"], first["sentence"], first["story_id"]) == ("1", "1", "s-1")
    assert first["ar"] == "افتتحت وزيرة النقل ليلى الحسن، الأحد، جسر الصفاء الذي يربط ضفتي النهر."
    assert (first["method"], first["checks_passed"], first["failed_checks"]) == ("extractive", "2", "")
    assert (
        second["failed_checks"] == "Numbers (English against the Arabic): the Arabic has 45, the English 54"
    )
    assert second["unclear_checks"].startswith("Dates (English against the Arabic): ")
    assert second["sources"] == "جريدة النهر; Al-Jisr Online"
    assert second["citations"] == "d-bridge-1 107-189; d-bridge-2 33-80"
    assert second["cited_sentences"].startswith("[3] وقالت الوزيرة")
    assert third["en"] == ""
    assert (fourth["story"], fourth["method"]) == ("2", "edited")


def test_it_is_what_excel_needs() -> None:
    data = export(sample_brief(), form="csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert data.count(b"\r\n") == 5
    assert data == export(sample_brief(), form="csv")


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "＋1", "－1", "＠x", "﹢1", "−1",
    "\u200f=1", "\ufeff=1", "\u200b\u00a0=1", "\u202e=1", "=cmd|' /C calc'!A0",
]  # fmt: skip


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet may take a cell for a formula: judged apart from the code under test."""
    visible = [
        each
        for each in cell
        if not each.isspace() and unicodedata.category(each) not in ("Cf", "Cc", "Mn", "Me")
    ]
    return bool(visible) and unicodedata.normalize("NFKC", visible[0])[0] in "=+-@\u2212"


def test_formulas_are_not_run() -> None:
    for formula in FORMULAS:
        assert runs(formula)
        assert escape_cell(formula).startswith("'")
    for harmless in ("", "1-2", "a=b", "قال: = 1", "'=1", "42"):
        assert escape_cell(harmless) == harmless


awkward = st.lists(
    st.one_of(
        st.sampled_from([*FORMULAS, '"', ";", ",", "\r\n", "\x00", "\ud800", "\u2028", "ع"]),
        st.text(max_size=5),
    ),
    max_size=6,
).map("".join)


@given(awkward, awkward, awkward)
def test_no_text_makes_a_formula_or_breaks_a_row(arabic: str, english: str, detail: str) -> None:
    brief = sample_brief()
    story = brief.stories[0]
    check = Check(kind="name", on="en", verdict="fail", detail=detail)
    sentence = replace(story.summary[0], ar=arabic, en=english, checks=(check,))
    changed: Brief = replace(
        brief,
        stories=(
            replace(
                story, title=Bilingual(ar=arabic, en=english), outlets=(arabic, english), summary=(sentence,)
            ),
        ),
    )
    (row,) = rows(to_csv(changed))
    assert not any(runs(cell) for cell in row.values())
    assert not any(character in cell for cell in row.values() for character in "\r\n\t\x00")
