"""A Brief as a Word file: English on the left, Arabic on the right, every citation a link to the sentence it rests on.

Arabic is Arabic to Word, not Latin pushed to the right: its paragraphs are bidirectional (``w:bidi``), its runs
right-to-left (``w:rtl``) with complex-script sizes and weights and the language ``ar-SA``, so spelling, fonts, screen
readers and line breaking treat it as such. Table columns stay left to right. Citations are numbers in brackets that
lead to bookmarks under "Sentences cited"; failed checks are said in words. ``summarizer.exports.word`` has the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from summarizer.exports.word import Paragraph, Table, Writer
from summarizer.schema import Bilingual, Brief
from summarizer.view import (
    BriefView,
    CheckView,
    DisagreementView,
    EventView,
    ReportView,
    SentenceView,
    SourceView,
    StoryView,
)

_NO_ENGLISH: Final = "(no English)"


def to_docx(brief: Brief) -> bytes:
    """Return ``brief`` as a Word file. Raises ``RenderError`` for a brief that breaks its own contract."""
    view = BriefView.of(brief)
    writer = Writer(title=f"Mujaz brief, {view.created.en}", created=brief.created)
    _write_head(writer, view)
    for story in view.stories:
        _write_story(writer, story, of=len(view.stories))
    if not view.stories:
        writer.paragraph("This brief has no stories.", style="Note")
    if view.reports:
        writer.heading("Reports", "التقارير", level=1)
        for report in view.reports:
            _write_report(writer, report)
    _write_making(writer, view)
    return writer.to_bytes()


def _write_head(writer: Writer, view: BriefView) -> None:
    writer.heading("News brief", "موجز الأخبار", level=0)
    _bilingual_line(writer, view.created)
    writer.paragraph(" · ".join(view.counts), bold=True)
    if view.has_english:
        writer.paragraph(view.notice, style="Note", bold=True)
        for line in view.failures:
            writer.paragraph(line, style="Note")
    if view.warnings:
        writer.heading("Warnings", "تنبيهات", level=2)
        for each in view.warnings:
            item = writer.paragraph("", style="List Bullet")
            item.text(each.subject)
            item.text(f": {each.warning.message} ({each.warning.code})")


def _write_story(writer: Writer, view: StoryView, *, of: int) -> None:
    if of > 1:
        writer.paragraph(f"Story {view.number} of {of}", style="Note")
    writer.heading(view.story.title.en or "(no English title)", None, level=1)
    writer.arabic(view.story.title.ar, style="Arabic Title")
    if view.title_sources:
        _cite(writer.paragraph("Title from", style="Note"), view.title_sources)
    _write_checks(writer, view.title_checks)
    if view.title_edited:
        writer.paragraph(f"✎ {view.title_edited}", style="Mark")
    if view.dates:
        _bilingual_line(writer, view.dates, label="Reported: ")
    outlets = writer.paragraph(f"Outlets ({len(view.story.outlets)}): ", style="Note")
    for place, outlet in enumerate(view.story.outlets):
        outlets.text(("; " if place else "") + outlet)
    if isinstance(view.follows, StoryView):
        writer.paragraph(f"Follows story {view.follows.number}: ", style="Note").text(view.follows.name)
    elif view.follows:
        writer.paragraph(f"Follows an earlier story: {view.follows}", style="Note")
    if of > 1:
        for line in view.failures:
            writer.paragraph(line, style="Note")

    writer.heading("Summary", "الملخّص", level=2)
    if view.sentences:
        with writer.table("English", "العربية") as table:
            for sentence in view.sentences:
                _write_sentence(table, sentence)
    else:
        writer.paragraph("No summary was made of this story.", style="Note")
    if view.disagreements:
        writer.heading("Where the sources disagree", "اختلاف المصادر", level=2)
        for disagreement in view.disagreements:
            _write_disagreement(writer, disagreement)
    if view.events:
        writer.heading("Timeline", "التسلسل الزمني", level=2)
        for event in view.events:
            _write_event(writer, event)
    if view.repeats or view.shared:
        writer.heading("Repeated reports and passages", "التكرار بين التقارير", level=2)
        _write_repeats(writer, view)
    if view.sources:
        writer.heading("Sentences cited", "الجمل المستشهد بها", level=2)
        for source in view.sources:
            _write_source(writer, source)


def _write_sentence(table: Table, view: SentenceView) -> None:
    english, arabic = table.row()
    line = english.paragraph(f"{view.number}. ")
    line.text(view.sentence.en or _NO_ENGLISH)
    _cite(line, view.sources)
    arabic.arabic(view.sentence.ar)
    if view.edited:
        english.paragraph(f"✎ {view.edited}", style="Mark")
    _write_checks(english, view.checks, told=True)


def _write_checks(writer: Writer, checks: Sequence[CheckView], *, told: bool = False) -> None:
    """Say in words what failed or is unclear, and how many checks passed. ``told``: say too where there were none."""
    for each in checks:
        if each.check.verdict != "pass":
            mark = writer.paragraph(f"{each.sign} ", style="Mark")
            mark.text(f"{each.name} {each.word}", bold=True)
            mark.text(f" ({each.side}): {each.check.detail}")
    passed = sum(each.check.verdict == "pass" for each in checks)
    if passed:
        writer.paragraph(f"✓ {passed} check{'' if passed == 1 else 's'} passed", style="Note")
    elif told and not checks:
        writer.paragraph("Not checked", style="Note")


def _write_disagreement(writer: Writer, view: DisagreementView) -> None:
    about = view.disagreement.about
    writer.paragraph("", keep=True).text(about.en, bold=True)
    writer.arabic(about.ar, keep=True)
    for value in view.values:
        item = writer.paragraph("", style="List Bullet")
        item.text(value.label.en, bold=True)
        item.text(" — ")
        outlets = dict.fromkeys(each.report.outlet for each in value.sources)
        for place, outlet in enumerate(outlets):
            item.text(("; " if place else "") + outlet)
        _cite(item, value.sources)
        writer.arabic(f"«{value.value}»", style="Arabic Quotation")


def _write_event(writer: Writer, view: EventView) -> None:
    _bilingual_line(writer, view.date, bold=True, keep=True)
    line = writer.paragraph(view.en or _NO_ENGLISH)
    _cite(line, view.sources)
    writer.arabic(view.ar)
    _write_checks(writer, view.checks)


def _write_repeats(writer: Writer, view: StoryView) -> None:
    for report in view.repeats:
        item = writer.paragraph("", style="List Bullet")
        item.text(report.label)
        item.text(" repeats ")
        item.text(report.repeats.label if isinstance(report.repeats, ReportView) else report.repeats or "")
        item.text(". It is not counted as a second source.")
    for each in view.shared:
        count = len(each.passages)
        item = writer.paragraph("", style="List Bullet")
        item.text(each.one.label)
        item.text(" and ")
        item.text(each.other.label)
        item.text(f" share {count} passage{'' if count == 1 else 's'}, {each.characters} characters.")


def _write_source(writer: Writer, source: SourceView) -> None:
    line = writer.paragraph("", style="Reference", keep=True)
    line.bookmark(f"source-{source.number}", f"[{source.number}]")
    line.text(" ")
    line.text(source.report.outlet)
    date = f", {source.report.date.en}" if source.report.date else ""
    span = f"characters {source.citation.start}–{source.citation.end}"
    line.text(f"{date} (report {source.report.number}, {span})")
    if source.report.direction == "rtl":
        writer.arabic(source.quote, style="Arabic Quotation", language=source.report.language)
    else:
        writer.paragraph(source.quote, style="Quotation")


def _write_report(writer: Writer, report: ReportView) -> None:
    line = writer.paragraph(f"{report.number}. ", style="Reference")
    line.text(report.name, bold=True)
    if report.name != report.outlet:
        line.text(" — ")
        line.text(report.outlet)
    if report.date:
        line.text(f", {report.date.en}")
    if report.link:
        line.text(", ")
        line.link(report.link)
    elif report.document.url:
        line.text(f", address (not linked): {report.document.url}")
    if report.repeats:
        name = report.repeats.label if isinstance(report.repeats, ReportView) else report.repeats
        line.text("; repeats ")
        line.text(name)
    cited = len(report.sources)
    line.text(f"; {cited} sentence{'' if cited == 1 else 's'} cited")


def _write_making(writer: Writer, view: BriefView) -> None:
    writer.heading("How this brief was made", "كيف أُعدّ هذا الموجز", level=2)
    writer.paragraph(f"Profile: {view.brief.profile}", style="Note")
    for role, model in view.models:
        writer.paragraph(f"Model ({role}): {model}", style="Note")


def _cite(paragraph: Paragraph, sources: Iterable[SourceView]) -> None:
    for source in sources:
        paragraph.text(" ")
        paragraph.jump(f"source-{source.number}", f"[{source.number}]")


def _bilingual_line(
    writer: Writer, value: Bilingual, *, label: str = "", bold: bool = False, keep: bool = False
) -> None:
    line = writer.paragraph(label, style="Note", keep=keep)
    line.text(value.en, bold=bold)
    if value.ar != value.en:
        line.text(" · ")
        line.text(value.ar, rtl=True)
