"""A brief, or one that is on its way, as HTML for the page: cards of stories, made by Jinja templates that escape.

What reports say is untrusted and passes ``summarizer.escape``; their texts are annotated by ``summarizer.annotate``, so
the text of the element that a citation opens is ``document.text[start:end]``. Digits are never changed either: where a
reader wants others, the style sheet shows them, and a copy still holds what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import jinja2
from markupsafe import Markup

from summarizer.escape import english_html, escape_html, finalize_html, one_line
from summarizer.exclusive import find_exclusive
from summarizer.ingest import STDIN
from summarizer.schema import Brief
from summarizer.view import BriefView
from ui.texts import Language, Texts

#: The forms that a brief can be taken away in, in the order of the buttons.
EXPORT_FORMS: Final = ("md", "html", "pdf", "docx", "csv", "json")
#: What stands around the cards (``around.html.jinja``).
PARTS: Final = ("counts", "warnings", "contents")
#: What a job goes through, in its order: ``pipeline.Progress`` and ``requests.run_brief``.
STAGES: Final = ("read", "segment", "duplicates", "cluster", "summarize", "translate")

_DIGITS: Final = re.compile(r"[0-9٠-٩۰-۹]+")
_TO_LATIN: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_TO_ARABIC: Final = str.maketrans("0123456789۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class _Alone:
    outlet: str
    quotes: list[_Quote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage in the row of stages: ``state`` is ``done``, ``now`` or ``next``."""

    name: str
    state: str
    done: int
    total: int


def digits_html(text: str) -> Markup:
    """Return ``text`` as HTML in which each run of digits carries both forms beside what was written."""
    pieces: list[Markup] = []
    end = 0
    for run in _DIGITS.finditer(text):
        pieces.append(escape_html(text[end : run.start()]))
        form = Markup('<span class="mj-d" data-latin="{}" data-arabic="{}"><span>{}</span></span>')
        pieces.append(form.format(run[0].translate(_TO_LATIN), run[0].translate(_TO_ARABIC), run[0]))
        end = run.end()
    return Markup("").join([*pieces, escape_html(text[end:])])


def render_brief(brief: Brief, *, texts: Texts, job: str = "") -> str:
    """Return the cards of a finished brief; with a ``job`` id also what acts on it: copy, download, edit.

    Raises ``RenderError`` for a brief whose citations are broken.
    """
    view = BriefView.of(brief)
    return _render(
        "brief.html.jinja",
        texts,
        view=view,
        job=job,
        forms=EXPORT_FORMS,
        alone=_alone(brief, view),
        **_tally(brief, texts),
    )


def render_around(brief: Brief, *, texts: Texts) -> dict[str, str]:
    """Return what stands around the cards and tells of them, by the name of its part: an edit changes it."""
    template = _environment(texts.language).get_template("around.html.jinja")
    parts = template.make_module({"t": texts, "view": BriefView.of(brief), **_tally(brief, texts)})
    return {name: str(getattr(parts, name)()) for name in PARTS}


def render_story(brief: Brief, story_id: str, *, texts: Texts, job: str) -> str:
    """Return the card of one story, as it stands in ``render_brief``. Raises KeyError without such a story."""
    view = BriefView.of(brief)
    for story in view.stories:
        if story.story.id == story_id:
            return _render(
                "story.html.jinja", texts, view=view, story=story, job=job, alone=_alone(brief, view)
            )
    raise KeyError(story_id)


def render_progress(
    *,
    texts: Texts,
    job: str,
    state: str,
    line: str,
    progress: Mapping[str, tuple[int, int]] | None = None,
    stories: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Return how far a job is: ``line`` says it in words, ``progress`` holds ``stage -> (done, total)`` so far."""
    stages = _stages(progress or {})
    return _render(
        "progress.html.jinja",
        texts,
        job=job,
        state=state,
        line=line,
        stages=stages,
        percent=_percent(stages),
        stories=list(stories),
    )


def render_message(message: str, *, texts: Texts, state: str, job: str = "") -> str:
    """Return a line in place of a brief: why there is none."""
    form = Markup(
        '<div class="mj-brief mj-message" data-state="{}" data-job="{}" lang="{}" dir="{}" role="alert"><p>{}</p></div>'
    )
    return str(form.format(state, job, texts.language, texts.direction, english_or_own(message, texts=texts)))


def english_or_own(message: str, *, texts: Texts) -> Markup:
    """Return a message as HTML; the library's own are English, and keep their direction in an Arabic page."""
    return english_html(message) if message.isascii() or texts.language == "en" else escape_html(message)


def current_stage(progress: Mapping[str, tuple[int, int]]) -> str:
    """Return the stage that is worked on; the last one once all have ended."""
    return next((stage.name for stage in _stages(progress) if stage.state == "now"), STAGES[-1])


# --- pieces -------------------------------------------------------------------------------------


def _tally(brief: Brief, texts: Texts) -> dict[str, Any]:
    """Return how many sentences a brief has, and how many are to be looked at, in words."""
    sentences = [sentence for story in brief.stories for sentence in story.summary]
    failed = sum(bool(sentence.failures) for sentence in sentences)
    tally = texts.count("result.failed", failed) if failed else texts("result.all_hold")
    return {"sentences": len(sentences), "tally": tally}


def _alone(brief: Brief, view: BriefView) -> dict[str, list[_Alone]]:
    """Return, by story, what each outlet alone reports."""
    reports = {report.document.id: report for report in view.reports}
    groups: dict[str, list[_Alone]] = {}
    for story in brief.stories:
        by_outlet: dict[str, list[_Quote]] = {}
        for citation in find_exclusive([reports[each].document for each in story.document_ids]):
            report = reports[citation.document_id]
            quote = _Quote(brief.quote(citation), report.language, report.direction)
            by_outlet.setdefault(report.outlet, []).append(quote)
        groups[story.id] = [_Alone(outlet, quotes) for outlet, quotes in by_outlet.items()]
    return groups


def _stages(progress: Mapping[str, tuple[int, int]]) -> list[Stage]:
    reached = [index for index, name in enumerate(STAGES) if name in progress]
    last = max(reached, default=-1)
    stages = []
    for index, name in enumerate(STAGES):
        done, total = progress.get(name, (0, 0))
        ended = index < last or (index == last and 0 < total <= done)
        following = index == last + 1 and last >= 0 and _ended(progress.get(STAGES[last], (0, 0)))
        state = "done" if ended else "now" if index == last or following else "next"
        stages.append(Stage(name=name, state=state, done=done, total=total))
    return stages


def _ended(progress: tuple[int, int]) -> bool:
    done, total = progress
    return 0 < total <= done


def _percent(stages: Sequence[Stage]) -> int:
    """Translation takes most of the time on a CPU: half the bar is its."""
    weights = {name: 0.5 if name == "translate" else 0.1 for name in STAGES}
    part = sum(
        weights[stage.name]
        * (1.0 if stage.state == "done" else stage.done / stage.total if stage.total else 0.0)
        for stage in stages
    )
    return round(100 * part)


def _render(template: str, texts: Texts, **values: Any) -> str:
    def outlet(name: str) -> str:
        return texts("result.pasted") if name == STDIN else name

    return _environment(texts.language).get_template(template).render(t=texts, outlet=outlet, **values)


@lru_cache(maxsize=2)
def _environment(language: Language) -> jinja2.Environment:  # noqa: ARG001 - one for each: macros are cached with it
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalize_html,
    )
    environment.filters.update(attribute=one_line, english=english_html, digits=digits_html)
    return environment
