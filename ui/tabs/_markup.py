"""What the tabs beside Summarize share: their templates, their style, and the words of a failure.

Everything that comes from outside (reports, models, result files, archives) passes the templates' autoescape, which is
``summarizer.escape``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

import gradio as gr
import jinja2
from markupsafe import Markup

from summarizer.escape import english_html, finalize_html, one_line
from ui.texts import Language, Texts

#: What every event of these tabs has in common. Programs have the API; these are for the page alone.
EVENT: Final[dict[str, Any]] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": None,
}


def on_tab_select(
    work: Callable[..., Any],
    inputs: list[gr.components.Component] | None,
    outputs: list[gr.components.Component],
) -> None:
    """Call ``work`` whenever the tab that is being built is opened: a page that is only loaded costs nothing."""
    _tab().select(work, inputs, outputs, **EVENT)


def while_tab_is_open(timer: gr.Timer) -> None:
    """Let ``timer`` tick only while the tab that is being built is the one in sight."""
    tab = _tab()
    tabs, label = tab.parent, tab.label

    def chosen(event: gr.SelectData) -> Any:
        return gr.Timer(active=event.value == label)

    if isinstance(tabs, gr.Tabs):
        tabs.select(chosen, None, [timer], **EVENT)


def _tab() -> gr.Tab:
    """Return the tab that is being built."""
    block = gr.context.Context.block
    while block is not None and not isinstance(block, gr.Tab):
        block = block.parent
    if block is None:
        raise RuntimeError("these components are made for a tab; build them inside a gr.Tab")
    return block


def render(template: str, texts: Texts, **values: Any) -> str:
    """Return ``ui/templates/tabs/TEMPLATE.html.jinja`` filled in; ``t`` are the words of the interface."""
    return _environment(texts.language).get_template(f"{template}.html.jinja").render(t=texts, **values)


def render_note(message: str, texts: Texts, *, kind: str = "note") -> str:
    """Return one line in a frame: ``kind`` is ``note``, ``wait`` or ``problem``; a problem is read out at once.

    The library's own messages are English and keep their direction, and the Arabic in them its own, in either page.
    """
    form = Markup('<div class="mt mt-note {}" lang="{}" dir="{}" role="{}"><p>{}</p></div>')
    role = "alert" if kind == "problem" else "status"
    return str(form.format(kind, texts.language, texts.direction, role, own_words(message, texts)))


def own_words(message: str, texts: Texts) -> Markup:
    """Return a message as HTML: as the page's own words where it is in the page's script, else as English."""
    arabic = any("\u0620" <= letter <= "\u064a" for letter in message)
    if texts.language == "ar" and arabic and not _begins_latin(message):
        return Markup("<span>{}</span>").format(Markup(finalize_html(message)))
    return english_html(message)


def _begins_latin(message: str) -> bool:
    return next((letter.isascii() for letter in message if letter.isalpha()), False)


def style() -> str:
    """Return the style sheet of these tabs, to be put into each page once a tab."""
    source, _, _ = jinja2.PackageLoader("ui", "templates/tabs").get_source(
        jinja2.Environment(autoescape=True), "tabs.css"
    )
    return f"<style>{source}</style>"


def format_seconds(seconds: float) -> str:
    """Return a duration as digits: ``0:07``, ``12:30``, ``2:05:00``."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


#: Units of sizes, small and large. In Arabic they are words: Latin letters would turn around the number before them.
_UNITS: Final[dict[Language, tuple[str, str]]] = {"en": ("MB", "GB"), "ar": ("ميغابايت", "غيغابايت")}


def format_size(megabytes: float, *, language: Language = "en") -> str:
    """Return a size in MB or GB (powers of ten), as precise as a reader needs."""
    small, large = _UNITS[language]
    return f"{megabytes / 1000:.1f} {large}" if megabytes >= 1000 else f"{megabytes:.0f} {small}"


@lru_cache(maxsize=2)
def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ui", "templates/tabs"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalize_html,
    )
    environment.filters.update(
        attribute=one_line,
        english=english_html,
        seconds=format_seconds,
        size=partial(format_size, language=language),
    )
    return environment
