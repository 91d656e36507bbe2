"""Editions as pages: the day's page, Markdown, e-mail, the Atom feed, the index of the site.

``EditionView`` is the brief's own view (``summarizer.view``: numbered citations, checks) laid out in sections. Templates
are ours (``summarizer/templates``: ``site_*``, ``email*``, ``atom*``) or the user's, file by file: ``outputs.templates``
names a folder that is looked into first. What reports say is escaped as in ``summarizer.render``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from summarizer.daily.editions import Edition, Note
from summarizer.display import format_date
from summarizer.errors import RenderError
from summarizer.escape import (
    english_html,
    escape_markdown,
    finalize_html,
    markdown_url,
    one_line,
    plain_line,
)
from summarizer.render import tidy
from summarizer.schema import Bilingual
from summarizer.view import NOTICE, BriefView

#: Characters of the line that mail programs show beside the subject.
PREVIEW_LENGTH: Final = 140
#: Controls that neither XML nor HTML carries.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Texts = Mapping[str, str]


def both(text: Bilingual) -> Texts:
    """Return a bilingual text as templates index it: ``text["ar"]``, ``text.en``."""
    return {"ar": text.ar, "en": text.en}


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as the templates see it. ``news`` is empty for a story never told before: all of it is new."""

    number: int
    anchor: str
    evidence_anchor: str
    title: Texts
    note: Any
    news_label: Texts
    news: Sequence[Any]
    background: Sequence[Any]
    outlets: tuple[str, ...]
    disagreements: int


@dataclass(frozen=True, slots=True)
class SectionView:
    title: Texts | None
    stories: list[StoryView]


@dataclass(frozen=True, slots=True)
class NoteView:
    reasons: list[Texts]
    importance: float
    figures: list[Texts]


class EditionView:
    """An edition as the templates see it."""

    notice = NOTICE

    def __init__(self, edition: Edition) -> None:
        """Raises ``RenderError`` for a brief that breaks its contract."""
        layout = edition.layout
        self.edition = edition
        self.languages = layout.languages
        self.direction = "rtl" if self.languages[0] == "ar" else "ltr"
        brief = BriefView.of(edition.brief)
        self.sources = brief.sources
        self.created = edition.brief.created
        by_id = {view.story.id: view for view in brief.stories}
        self.sections = [
            SectionView(
                both(section.title) if section.title else None,
                [_story(by_id[each], layout.notes.get(each)) for each in section.story_ids],
            )
            for section in layout.sections
        ]
        self.stories = [story for section in self.sections for story in section.stories]
        day = format_date(layout.day.isoformat())
        self.heading: Texts = {"ar": f"موجز الأخبار، {day.ar}", "en": f"News brief, {day.en}"}

    @property
    def subject(self) -> str:
        """One line: the day, and what happened."""
        language = self.languages[0]
        title = both(self.edition.title)[language] or self.edition.title.ar
        day = both(format_date(self.edition.layout.day.isoformat()))[language]
        return one_line(f"{day}{'،' if language == 'ar' else ','} {title}")

    @property
    def preview(self) -> str:
        """The titles after the first, as far as a mail program shows them."""
        titles = [story.title[self.languages[0]] or story.title["ar"] for story in self.stories[1:5]]
        return one_line(" · ".join(titles))[:PREVIEW_LENGTH]


def _story(view: Any, note: Note | None) -> StoryView:
    note = note or Note(importance=0.0, reasons=(), news=0)
    since = format_date(note.since.isoformat()) if note.since else None
    news = view.sentences[: note.news] if since else []
    return StoryView(
        number=view.number,
        anchor=f"story-{view.number}",
        evidence_anchor=view.anchor,
        title=both(view.story.title),
        note=NoteView(
            [both(reason) for reason in note.reasons],
            note.importance,
            [
                {
                    # The arrow points onward in its line's direction.
                    "ar": f"{each.about.ar}: {each.before.ar} ← {each.after.ar}",
                    "en": f"{each.about.en}: {each.before.en} → {each.after.en}",
                }
                for each in note.figures
            ],
        ),
        news_label={
            "ar": f"الجديد منذ موجز {since.ar}" if since else "",
            "en": f"New since the brief of {since.en}" if since else "",
        },
        news=news,
        background=view.sentences[len(news) :],
        outlets=view.story.outlets,
        disagreements=len(view.disagreements),
    )


# --- rendering ----------------------------------------------------------------------------------


def render_template(name: str, *, templates: Path | None = None, **values: Any) -> str:
    """Return a template filled in. ``templates`` is a folder of the user's own.

    Raises ``RenderError``, which names the template and the line, where it cannot be.
    """
    environment = _environment(name.split(".")[-2], templates)
    try:
        text = environment.get_template(name).render(style=_style(templates), **values)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(
            f"template {error.filename or name}, line {error.lineno}: {error.message}"
        ) from error
    except (jinja2.TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise RenderError(f"template {name}: {error}") from error
    return tidy(text) if name.endswith((".md.jinja", ".txt.jinja")) else text.lstrip()


def _finalize_xml(value: Any) -> Any:
    return (
        finalize_html(_NOT_XML.sub("\ufffd", value))
        if isinstance(value, str) and not isinstance(value, Markup)
        else value
    )


@lru_cache(maxsize=16)
def _environment(form: str, templates: Path | None) -> jinja2.Environment:
    ours = jinja2.PackageLoader("summarizer", "templates")
    loader = ours if templates is None else jinja2.ChoiceLoader([jinja2.FileSystemLoader(templates), ours])
    environment = jinja2.Environment(
        loader=loader,
        autoescape=form in ("html", "xml"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    if environment.autoescape:
        environment.finalize = _finalize_xml if form == "xml" else finalize_html
    environment.filters.update(
        attribute=one_line, english=english_html, md=escape_markdown, url=markdown_url, plain=plain_line
    )
    return environment


def _style(templates: Path | None) -> Markup:
    environment = _environment("css", templates)
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, "site.css")[0])
