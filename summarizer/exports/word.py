"""The parts of a Word file that python-docx lacks: two directions in one text, jumps, bookmarks, equal bytes.

``Writer`` adds paragraphs to a document or a table cell, ``Paragraph`` adds runs to a paragraph. All text comes in
here, and is made safe here: one line, without controls, bidi overrides and what XML cannot carry.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from summarizer.escape import MD_LINE_TABLE

_RTL_LETTER: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
#: Stretches that run the other way than their paragraph, with the numbers and marks between their words.
_RTL_RUN: Final = re.compile(
    rf"[«(\"]?(?:[0-9]{{1,4}} )?[{_RTL_LETTER}](?:[^A-Za-z\n]*[{_RTL_LETTER}])?[»)\"]?(?: [0-9]{{1,4}}\b)?"
)
_LTR_RUN: Final = re.compile(rf"[A-Za-z](?:[^{_RTL_LETTER}]*[A-Za-z0-9])?")
_LRM, _RLM = "\u200e", "\u200f"
_LANGUAGES: Final = ("en-US", "ar-SA")
_LATIN_FONT, _ARABIC_FONT = "Calibri", "Arial"
_INK, _SOFT, _WARN, _ACCENT = (
    RGBColor.from_string(each) for each in ("1F2421", "5D645F", "8A4A00", "0F5D57")
)
#: Style -> (points, colour, bold, right to left, points after the paragraph).
_STYLES: Final[dict[str, tuple[float, RGBColor, bool, bool, float]]] = {
    "Note": (9, _SOFT, False, False, 2),
    "Mark": (9, _WARN, False, False, 2),
    "Reference": (9.5, _INK, False, False, 2),
    "Quotation": (10, _INK, False, False, 6),
    "Arabic": (12.5, _INK, False, True, 4),
    "Arabic Title": (16, _INK, True, True, 4),
    "Arabic Quotation": (11, _INK, False, True, 6),
}
_HEADINGS: Final = {0: ("Title", 24), 1: ("Heading 1", 17), 2: ("Heading 2", 12.5)}
#: The dates of the files inside: no brief was made then, so nobody takes it for one.
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


class Paragraph:
    """A paragraph that is being written. ``rtl``: it runs from right to left."""

    def __init__(self, paragraph: Any, *, rtl: bool, language: str, bookmarks: dict[str, int]) -> None:
        self._paragraph, self._rtl, self._language = paragraph, rtl, language
        self._bookmarks = bookmarks
        self._last = rtl  # the direction of the last run

    def text(self, text: str, *, bold: bool = False, rtl: bool | None = None) -> None:
        """Add text; stretches of the other direction become runs of their own, or all of it where ``rtl`` says so."""
        self._add(self._paragraph._p, text, bold=bold, rtl=rtl)

    def jump(self, target: str, text: str) -> None:
        """Add text that leads to the bookmark ``target``, raised like a footnote number."""
        hyperlink = _element("w:hyperlink", anchor=_bookmark_name(target), history="1")
        self._paragraph._p.append(hyperlink)
        for run in self._add(hyperlink, text):
            run.get_or_add_rPr().insert(0, _element("w:vertAlign", val="superscript"))

    def link(self, url: str) -> None:
        """Add a link to a web address, shown as itself."""
        relation = self._paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        hyperlink = _element("w:hyperlink", history="1")
        hyperlink.set(qn("r:id"), relation)
        self._paragraph._p.append(hyperlink)
        for run in self._add(hyperlink, url):
            run.get_or_add_rPr().insert(0, _element("w:u", val="single"))

    def bookmark(self, name: str, text: str) -> None:
        """Add text under a name to which ``jump`` leads; a name that is there already stays where it is."""
        element = self._paragraph._p
        known = name in self._bookmarks
        number = str(self._bookmarks.setdefault(name, len(self._bookmarks)))
        if not known:
            element.append(_element("w:bookmarkStart", id=number, name=_bookmark_name(name)))
        self._add(element, text, bold=True)
        if not known:
            element.append(_element("w:bookmarkEnd", id=number))

    def _add(self, parent: Any, text: str, *, bold: bool = False, rtl: bool | None = None) -> list[Any]:
        runs = []
        line = clean(text)
        for piece, turned in split_directions(line, rtl=self._rtl) if rtl is None else [(line, rtl)]:
            run = OxmlElement("w:r")
            properties = run.get_or_add_rPr()
            if bold:
                properties.append(OxmlElement("w:b"))
                properties.append(OxmlElement("w:bCs"))
            if turned:
                properties.append(OxmlElement("w:rtl"))
                properties.append(_element("w:lang", bidi=self._language))
            words = OxmlElement("w:t")
            words.text = self._marked(piece, rtl=turned)
            words.set(qn("xml:space"), "preserve")
            run.append(words)
            parent.append(run)
            runs.append(run)
        return runs

    def _marked(self, piece: str, *, rtl: bool) -> str:
        """Return a piece of a left-to-right paragraph with a mark of direction in front, where its neighbour differs.

        The number in "النهر, 5 September" would else go with the Arabic, and the day in "· 3–5 أيلول" with the English:
        the direction of a run tells Word, but not LibreOffice, where numbers belong. Arabic paragraphs are left as
        they are, for they hold the sources' own words.
        """
        before, self._last = self._last, rtl
        return piece if self._rtl or before == rtl else (_RLM if rtl else _LRM) + piece


class Writer:
    """Writes paragraphs and tables, one below the other, into a new document or into a cell of it."""

    def __init__(self, *, title: str, created: str) -> None:
        self._document = docx.Document()
        self._place: Any = self._document
        self._unused: Any = None  # the empty paragraph that every cell begins with
        self._bookmarks: dict[str, int] = {}
        _set_up(self._document)
        _describe(self._document.core_properties, title=clean(title), created=created)

    def _within(self, cell: Any) -> Writer:
        writer: Writer = object.__new__(Writer)
        writer._document, writer._bookmarks = self._document, self._bookmarks
        writer._place, writer._unused = cell, cell.paragraphs[0]
        return writer

    def paragraph(
        self, text: str, *, style: str = "Normal", bold: bool = False, keep: bool = False
    ) -> Paragraph:
        """Add a left-to-right paragraph. ``keep``: on one page with what follows."""
        paragraph = self._new(style, rtl=False, language=_LANGUAGES[1], keep=keep)
        if text:
            paragraph.text(text, bold=bold)
        return paragraph

    def arabic(
        self, text: str, *, style: str = "Arabic", language: str = "ar", keep: bool = False
    ) -> Paragraph:
        """Add a right-to-left paragraph."""
        tag = _LANGUAGES[1] if language == "ar" else language
        paragraph = self._new(style, rtl=True, language=tag, keep=keep)
        paragraph.text(text)
        return paragraph

    def heading(self, english: str, arabic: str | None, *, level: int) -> None:
        """Add a heading, in both languages if it is Mujaz's own. Level 0 is the title of the document."""
        paragraph = self.paragraph(english, style=_HEADINGS[level][0])
        if arabic:
            paragraph.text(" · ")
            paragraph.text(arabic)

    @contextlib.contextmanager
    def table(self, *headings: str) -> Iterator[Table]:
        """Add a table with a row of headings that is repeated on every page."""
        table = Table(self._place.add_table(rows=1, cols=len(headings)), self)
        for cell, heading in zip(table.cells(0), headings, strict=True):
            if re.search(f"[{_RTL_LETTER}]", heading):
                cell.arabic(heading)
            else:
                cell.paragraph(heading, style="Note")
        yield table

    def to_bytes(self) -> bytes:
        """Return the file; the same paragraphs give the same bytes."""
        file = io.BytesIO()
        self._document.save(file)
        packed = io.BytesIO()
        with zipfile.ZipFile(file) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts.infolist():
                info = zipfile.ZipInfo(part.filename, date_time=_ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, parts.read(part))
        return packed.getvalue()

    def _new(self, style: str, *, rtl: bool, language: str, keep: bool) -> Paragraph:
        if self._unused is not None:
            paragraph, self._unused = self._unused, None
            paragraph.style = self._document.styles[style]
        else:
            paragraph = self._place.add_paragraph(style=self._document.styles[style])
        if keep:
            paragraph.paragraph_format.keep_with_next = True
        if rtl:
            _insert_bidi(paragraph._p.get_or_add_pPr())
        return Paragraph(paragraph, rtl=rtl, language=language, bookmarks=self._bookmarks)


class Table:
    """A table that is being written, a row at a time."""

    def __init__(self, table: Any, writer: Writer) -> None:
        self._table, self._writer = table, writer
        borders = OxmlElement("w:tblBorders")
        for side in ("top", "bottom", "insideH"):
            borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="DEDBD2"))
        table._tbl.tblPr.append(borders)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    def row(self) -> list[Writer]:
        """Add a row that stays on one page and return its cells."""
        self._table.add_row()._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        return self.cells(-1)

    def cells(self, row: int) -> list[Writer]:
        return [self._writer._within(cell) for cell in self._table.rows[row].cells]


# --- text ---------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Return ``text`` as one line that XML carries; blanks at its ends stay, for it may be a part of a line."""
    return re.sub(r"\s+", " ", text.translate(MD_LINE_TABLE))


def split_directions(text: str, *, rtl: bool) -> list[tuple[str, bool]]:
    """Split a line of a paragraph (``rtl`` is its direction) into ``(piece, is right-to-left)``; no character is lost."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in (_LTR_RUN if rtl else _RTL_RUN).finditer(text):
        pieces += [(text[end : match.start()], rtl), (match[0], not rtl)]
        end = match.end()
    pieces.append((text[end:], rtl))
    return [(piece, direction) for piece, direction in pieces if piece]


def _bookmark_name(name: str) -> str:
    return re.sub(r"\W", "_", name)


# --- the file -----------------------------------------------------------------------------------


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _insert_bidi(properties: Any) -> None:
    """Make a paragraph run from right to left. The order of properties is part of the format: bidi before these."""
    later = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc",
             "w:textDirection", "w:textAlignment", "w:outlineLvl", "w:rPr", "w:sectPr", "w:pPrChange")  # fmt: skip
    properties.insert_element_before(OxmlElement("w:bidi"), *later)


def _set_up(document: Any) -> None:
    """Set page, fonts, languages and styles."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    _number_pages(section.footer.paragraphs[0])
    for style, points in (("Normal", 11.0), ("List Bullet", 10.5), *_HEADINGS.values()):
        _set_style(document.styles[style], points=points, color=_INK if points < 12 else _ACCENT)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name, (points, color, bold, rtl, after) in _STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        _set_style(style, points=points, color=color, bold=bold)
        style.paragraph_format.space_after = Pt(after)
        if rtl:
            _insert_bidi(style.element.get_or_add_pPr())
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for language in defaults.findall(qn("w:lang")):
        defaults.remove(language)
    defaults.append(_element("w:lang", val=_LANGUAGES[0], eastAsia=_LANGUAGES[0], bidi=_LANGUAGES[1]))


def _set_style(style: Any, *, points: float, color: RGBColor, bold: bool = False) -> None:
    style.font.name = _LATIN_FONT
    style.font.size, style.font.bold = Pt(points), bold or style.font.bold
    style.font.color.rgb = color
    properties = style.element.get_or_add_rPr()
    fonts = properties.rFonts
    for theme in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[theme]
    fonts.set(qn("w:cs"), _ARABIC_FONT)
    for tag in ("w:bCs", "w:szCs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    later = (
        "w:highlight",
        "w:u",
        "w:effect",
        "w:bdr",
        "w:shd",
        "w:fitText",
        "w:vertAlign",
        "w:rtl",
        "w:cs",
        "w:lang",
    )
    properties.insert_element_before(_element("w:szCs", val=str(round(2 * points))), *later)
    if style.font.bold:
        properties.find(qn("w:b")).addnext(OxmlElement("w:bCs"))


def _number_pages(paragraph: Any) -> None:
    for instruction, before in (("PAGE", ""), ("NUMPAGES", " / ")):
        if before:
            paragraph.add_run(before)
        field = _element("w:fldSimple", instr=instruction)
        run = OxmlElement("w:r")
        run.append(OxmlElement("w:t"))
        field.append(run)
        paragraph._p.append(field)


def _describe(properties: Any, *, title: str, created: str) -> None:
    try:
        moment = datetime.fromisoformat(created)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        moment = datetime(*_ZIP_DATE, tzinfo=UTC).replace(tzinfo=None)
    properties.title, properties.author, properties.last_modified_by = title, "Mujaz", "Mujaz"
    properties.created = properties.modified = properties.last_printed = moment
    properties.language, properties.subject = (
        "en, ar",
        "A cited, checked, bilingual brief of Arabic news reports",
    )
    properties.comments, properties.keywords, properties.revision = "", "", 1
