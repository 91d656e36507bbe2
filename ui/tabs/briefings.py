"""Briefings: the archive by day, search in both languages, and a stored brief as the cards that it was made as."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import gradio as gr
from markupsafe import Markup

from summarizer.archive import Archive, Hit, StoredBrief, open_archive
from summarizer.display import format_date
from summarizer.errors import InputError, MujazError
from summarizer.escape import escape_html, safe_url
from summarizer.view import RTL_LANGUAGES
from ui.cards import render_brief
from ui.context import PageContext
from ui.tabs._markup import EVENT, on_tab_select, render, render_note, style
from ui.texts import Texts

#: Hits of one page of results, days to choose from, and the value of the choice that is no day.
MOST_HITS: Final = 20
MOST_BRIEFS: Final = 500
NEWEST: Final = ""
#: Where a search looks: the word for it, and the value.
LANGUAGES: Final = (("any", "any"), ("arabic", "ar"), ("english", "en"))
#: Ids and what refers to them: two sets of cards stand in one page, so those of the archive get a prefix.
_ANCHOR: Final = re.compile(
    r' (id|data-at|data-to|aria-labelledby|aria-controls|for)="((?:doc|story|sentence)-[^"]*)"'
)
#: Characters of a query; nobody types more.
_QUERY_LENGTH: Final = 300


@dataclass(slots=True)
class Shelf:
    """The archive behind the tab. It is opened when it is first asked for, and may come to be while the server runs."""

    where: str | None
    _archive: Archive | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> Archive | None:
        """Return the archive, None where there is none (yet). Raises ``ArchiveError`` where it cannot be read."""
        with self._lock:
            if self._archive is None and self.exists:
                self._archive = open_archive(str(self.where))
            return self._archive

    @property
    def exists(self) -> bool:
        """Whether there is something to open: to look into an archive must not make one."""
        if not self.where:
            return False
        path = self.where.removeprefix("sqlite:///")
        return "://" in path or Path(path).is_file()


def build(context: PageContext, texts: Texts) -> None:
    """Put the tab's components where this is called."""
    panel = Panel(Shelf(context.archive), texts)
    gr.HTML(style() + render("briefings_lead", texts), js_on_load=None, apply_default_css=False)
    state = gr.HTML(js_on_load=None, apply_default_css=False)
    with gr.Column(visible=False) as contents:
        query = gr.Textbox(
            label=texts("briefings.search"),
            info=texts("briefings.search_info"),
            max_lines=1,
            max_length=_QUERY_LENGTH,
        )
        language = gr.Radio(
            [(texts(f"briefings.{name}"), value) for name, value in LANGUAGES],
            value="any",
            label=texts("briefings.language"),
        )
        with gr.Row(elem_classes="mj-actions"):
            find = gr.Button(texts("briefings.search_run"), variant="primary")
        found = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-hits")
        day = gr.Dropdown([(texts("briefings.newest"), NEWEST)], value=NEWEST, label=texts("briefings.day"))
        chosen = gr.Radio([], label=texts("briefings.choose"), elem_id="mt-briefs")
        brief = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-brief")

    on_tab_select(panel.arrive, None, [state, contents, day, chosen])
    day.change(panel.list_day, [day], [chosen], **EVENT)
    gr.on([find.click, query.submit], panel.search, [query, language], [found, chosen], **EVENT)
    chosen.change(panel.open_brief, [chosen], [brief], **EVENT)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the tab does. It reads the archive and changes nothing in it."""

    shelf: Shelf
    texts: Texts

    def arrive(self) -> list[Any]:
        """Return what a page that was just opened shows: the newest day, or how to make an archive."""
        unchanged = [gr.update(visible=False), gr.update(), gr.update()]
        try:
            archive = self.shelf.open()
            if archive is None:
                return [render("briefings_none", self.texts), *unchanged]
            briefs = archive.briefs(limit=MOST_BRIEFS)
        except MujazError as error:
            problem = f"{self.texts('briefings.problem')}: {error}"
            return [render_note(problem, self.texts, kind="problem"), *unchanged]
        if not briefs:
            return [
                render_note(self.texts("briefings.empty"), self.texts),
                gr.update(visible=True),
                gr.update(),
                gr.update(),
            ]
        days = [
            (self.texts("briefings.newest"), NEWEST),
            *((self._day(each), each.isoformat()) for each in _days(briefs)),
        ]
        return [
            "",
            gr.update(visible=True),
            gr.update(choices=days, value=NEWEST),
            self._choices(_newest(briefs)),
        ]

    def list_day(self, day: str) -> Any:
        """Return the briefs of a day, or of the newest one."""
        try:
            archive = self.shelf.open()
            if archive is None:
                return self._choices([])
            if day == NEWEST:
                return self._choices(_newest(archive.briefs(limit=MOST_BRIEFS)))
            return self._choices(archive.briefs(_date(day)))
        except MujazError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def search(self, query: str, language: str) -> list[Any]:
        """Return what was found, and the briefs among it to choose from."""
        archive = self.shelf.open()
        typed = query.strip()[:_QUERY_LENGTH]
        if archive is None or not typed:
            return ["", gr.update()]
        try:
            hits = archive.search(typed, language=None if language == "any" else language, limit=MOST_HITS)
        except MujazError as error:
            return [render_note(str(error), self.texts, kind="problem"), gr.update()]
        views = _hit_views(archive, hits, self.texts)
        numbers = {hit.item for hit in hits if hit.kind == "brief"}
        briefs = [each for each in archive.briefs(limit=MOST_BRIEFS) if str(each.id) in numbers]
        return [
            render("hits", self.texts, hits=views, query=typed),
            self._choices(briefs) if briefs else gr.update(),
        ]

    def open_brief(self, number: int | None) -> str:
        """Return a stored brief as cards."""
        try:
            archive = self.shelf.open()
            if archive is None or number is None:
                return ""
            return with_prefix(render_brief(archive.brief(int(number)), texts=self.texts), "archive")
        except MujazError as error:
            return render_note(str(error), self.texts, kind="problem")

    def _choices(self, briefs: Sequence[StoredBrief]) -> Any:
        labels = []
        for each in briefs:
            edition = f", {self.texts('briefings.edition', n=each.edition)}" if each.edition > 1 else ""
            labels.append((f"{self._day(each.day)} · {each.name}{edition}", each.id))
        return gr.update(choices=labels, value=None)

    def _day(self, day: date) -> str:
        written = format_date(day.isoformat())
        return written.ar if self.texts.language == "ar" else written.en


# --- pieces -------------------------------------------------------------------------------------


def _days(briefs: Iterable[StoredBrief]) -> list[date]:
    return sorted({each.day for each in briefs}, reverse=True)


def _newest(briefs: Sequence[StoredBrief]) -> list[StoredBrief]:
    """Return the briefs of the last day that has any."""
    days = _days(briefs)
    return [each for each in briefs if each.day == days[0]] if days else []


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"not a day: {written[:40]}") from error


def with_prefix(html: str, prefix: str) -> str:
    """Return cards whose anchors begin with ``prefix``, so that they are theirs alone in a page that has other cards.

    Quotation marks in what reports say are escaped, so nothing but attributes of the template can match.
    """
    return _ANCHOR.sub(rf' \1="{prefix}-\2"', html)


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A hit ready to lay out: title and snippet with what was searched marked."""

    kind: str
    day: str
    language: str
    direction: str
    title: Markup
    snippet: Markup
    outlet: str
    link: str | None


def _hit_views(archive: Archive, hits: Sequence[Hit], texts: Texts) -> list[HitView]:
    ids = [hit.item for hit in hits if hit.kind == "document"]
    documents = {stored.id: stored.document for stored in archive.documents(ids=ids)} if ids else {}
    views = []
    for hit in hits:
        document = documents.get(hit.item)
        written = format_date(hit.day.isoformat())
        views.append(
            HitView(
                kind=hit.kind,
                day=written.ar if texts.language == "ar" else written.en,
                language=hit.language,
                direction="rtl" if hit.language in RTL_LANGUAGES else "ltr",
                title=mark(hit.title, hit.title_marks),
                snippet=mark(hit.snippet, [(start - hit.start, end - hit.start) for start, end in hit.marks]),
                outlet=document.outlet if document else "",
                link=safe_url(document.url) if document else None,
            )
        )
    return views


def mark(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """Return ``text`` escaped, with ``<mark>`` around the spans that lie in it."""
    pieces, position = [], 0
    for start, end in sorted(spans):
        if position <= start < end <= len(text):
            pieces += [
                escape_html(text[position:start]),
                Markup("<mark>{}</mark>").format(escape_html(text[start:end])),
            ]
            position = end
    return Markup("").join([*pieces, escape_html(text[position:])])
