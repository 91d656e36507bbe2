"""A Brief as a file: the text forms of ``render``, and Word, PDF and CSV.

``export(brief, form=...)`` returns the bytes to write. Like ``render``, it is a function of the brief alone: the same
brief gives the same bytes, dates and identifiers inside included (a PDF's as long as its fonts are the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from summarizer.errors import RenderError
from summarizer.render import render, unknown
from summarizer.schema import Brief

ExportForm = Literal["md", "html", "json", "text", "csv", "docx", "pdf"]
EXPORT_FORMS: Final[tuple[ExportForm, ...]] = get_args(ExportForm)

#: File name endings, and the form that they ask for.
EXPORT_SUFFIXES: Final[Mapping[str, ExportForm]] = {
    ".md": "md", ".html": "html", ".htm": "html", ".json": "json", ".txt": "text", ".csv": "csv", ".docx": "docx",
    ".pdf": "pdf",
}  # fmt: skip
MEDIA_TYPES: Final[Mapping[ExportForm, str]] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def export(brief: Brief, *, form: ExportForm) -> bytes:
    """Return ``brief`` written in ``form``.

    Raises ``RenderError`` for an unknown form, a brief that breaks its own contract and a PDF that cannot be laid out,
    and ``MissingModelError`` where the extra of a form is not installed.
    """
    if form == "docx":
        from summarizer.exports.docx import to_docx

        return to_docx(brief)
    if form == "pdf":
        from summarizer.exports.pdf import to_pdf

        return to_pdf(brief)
    if form == "csv":
        from summarizer.exports.table import to_csv

        return to_csv(brief)
    if form not in EXPORT_FORMS:
        raise RenderError(unknown("form", str(form), EXPORT_FORMS))
    # Half of a surrogate pair must not stop an export; in JSON its escape stands for it.
    return render(brief, form=form).encode("utf-8", "backslashreplace" if form == "json" else "replace")


def require(form: ExportForm) -> None:
    """Raise ``MissingModelError`` where what ``form`` needs is not installed; the message says what to install."""
    if form == "pdf":
        from summarizer.exports.pdf import load_weasyprint

        load_weasyprint()
