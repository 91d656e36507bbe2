"""A Brief as CSV: one row a summary sentence, for spreadsheets.

A spreadsheet runs what looks like a formula, and reports are written by strangers. So a cell that begins with ``=``,
``+``, ``-``, ``@``, a tab or a carriage return (or their full-width forms, or any of these behind blanks and invisible
characters) gets an apostrophe in front, as OWASP advises; every cell is quoted and one line. UTF-8 with a byte order
mark, without which Excel takes Arabic for another encoding; lines end in CR LF (RFC 4180).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from typing import Final

from summarizer.escape import MD_LINE_TABLE
from summarizer.schema import Brief
from summarizer.view import BriefView, SentenceView, StoryView

COLUMNS: Final = (
    "story", "story_id", "title_ar", "title_en", "first", "last", "outlets", "sentence", "ar", "en", "method", "edited",
    "failed_checks", "unclear_checks", "checks_passed", "sources", "citations", "cited_sentences",
)  # fmt: skip
#: What spreadsheets take for the start of a formula; compared after compatibility folding, which also
#: turns the full-width forms (＝ ＋ － ＠) and the small ones into these.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\u2212")
#: Between several values in one cell.
_BETWEEN: Final = "; "


def to_csv(brief: Brief) -> bytes:
    """Return ``brief`` as CSV. Raises ``RenderError`` for a brief that breaks its own contract."""
    view = BriefView.of(brief)
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for story in view.stories:
        for sentence in story.sentences:
            writer.writerow([escape_cell(each) for each in _cells(story, sentence)])
    return file.getvalue().encode("utf-8-sig")


def escape_cell(text: str) -> str:
    """Return ``text`` as one line that a spreadsheet shows and does not run."""
    line = " ".join(text.translate(MD_LINE_TABLE).split())
    start = unicodedata.normalize("NFKC", line.lstrip(_invisible(line)))
    return f"'{line}" if start.startswith(_FORMULA_STARTS) else line


def _invisible(line: str) -> str:
    """Return the characters of ``line`` that a spreadsheet may skip before it looks for a formula."""
    return "".join(
        {each for each in line if each.isspace() or unicodedata.category(each) in ("Cf", "Mn", "Me")}
    )


def _cells(story: StoryView, view: SentenceView) -> Iterator[str]:
    sentence, subject = view.sentence, story.story
    yield from (str(story.number), subject.id, subject.title.ar, subject.title.en)
    yield from (subject.first or "", subject.last or "", _BETWEEN.join(subject.outlets))
    yield from (str(view.number), sentence.ar, sentence.en, sentence.method, " ".join(sentence.edited))
    for verdict in ("fail", "unknown"):
        lines = (
            f"{each.name} ({each.side}): {each.check.detail}"
            for each in view.checks
            if each.check.verdict == verdict
        )
        yield _BETWEEN.join(lines)
    yield str(sum(each.check.verdict == "pass" for each in view.checks))
    yield _BETWEEN.join(dict.fromkeys(each.report.outlet for each in view.sources))
    yield _BETWEEN.join(
        f"{each.citation.document_id} {each.citation.start}-{each.citation.end}" for each in view.sources
    )
    yield _BETWEEN.join(f"[{each.number}] {each.quote}" for each in view.sources)
