"""The page: one Gradio app a language, a tab a file of ``ui/tabs``. Only what all tabs share is here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

import gradio as gr
from markupsafe import Markup

from ui.api import ENDPOINTS, add_endpoints
from ui.context import PageContext
from ui.tabs import benchmarks, briefings, compare, models, summarize
from ui.texts import LANGUAGES, Language, Texts

#: The tabs after the first, in their order.
TABS: Final[Mapping[str, Callable[[PageContext, Texts], None]]] = {
    "compare": compare.build,
    "benchmarks": benchmarks.build,
    "briefings": briefings.build,
    "models": models.build,
}
#: Seconds: uploads are deleted when they are so old, looked for so often. A brief never needs them again.
UPLOADS_LIVE, UPLOADS_SWEPT = 3600, 600
#: The address of each language's page, below the root.
PATHS: Final[dict[Language, str]] = {"en": "/", "ar": "/ar/"}
STATIC: Final = "/workbench/static"


def build_page(context: PageContext, *, language: Language = "en", root_path: str = "") -> gr.Blocks:
    """Return the page in one language. The English one also carries the endpoints for programs (``ui.api``)."""
    texts = Texts(language)
    page: gr.Blocks
    with gr.Blocks(
        title=texts("page.title"),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(UPLOADS_SWEPT, UPLOADS_LIVE),
    ) as page:
        gr.HTML(_banner(texts, root_path=root_path), elem_id="mj-banner", js_on_load=None)
        with gr.Tabs(elem_id="mj-tabs"):
            with gr.Tab(texts("tabs.summarize"), id="summarize"):
                start = summarize.build(context, texts)
            for name, build in TABS.items():
                with gr.Tab(texts(f"tabs.{name}"), id=name):
                    build(context, texts)
        gr.HTML(_footer(texts, root_path=root_path), elem_id="mj-footer", js_on_load=None)
        start(page)
        if language == LANGUAGES[0]:
            add_endpoints(context)
        for event in page.fns.values():  # whatever a tab forgot: its events are nobody's interface
            if event.api_name not in ENDPOINTS:
                event.api_visibility = "private"
    return page


def head(*, language: Language, root_path: str = "") -> str:
    """Return what the page's ``<head>`` needs: style and script from this server, language and direction at once."""
    texts = Texts(language)
    return Markup(
        '<link rel="icon" href="{base}/icon.svg" type="image/svg+xml">\n'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">\n'
        '<link rel="stylesheet" href="{base}/workbench.css">\n<link rel="stylesheet" href="{base}/cards.css">\n'
        '<script src="{base}/early.js" data-language="{language}" data-direction="{direction}" data-root="{root}"></script>\n'
        '<script src="{base}/workbench.js" data-words="{words}" defer></script>'
    ).format(
        base=f"{root_path}{STATIC}",
        root=root_path,
        language=language,
        direction=texts.direction,
        words=_script_words(texts),
    )


def _script_words(texts: Texts) -> str:
    """Return the few words that the script shows, as JSON."""
    keys = ("connection.lost", "connection.back", "connection.gone", "result.copied", "result.export_failed",
            "result.edit_failed", "result.save", "result.cancel", "result.edit_ar", "result.edit_en",
            "result.edit_title_ar", "result.edit_title_en")  # fmt: skip
    return json.dumps({key: texts(key) for key in keys}, ensure_ascii=False)


def _banner(texts: Texts, *, root_path: str) -> str:
    other: Language = "ar" if texts.language == "en" else "en"
    return Markup(
        '<header class="mj-banner" lang="{language}" dir="{direction}">\n'
        '<div><h1><bdi lang="en">Mujaz</bdi> <bdi lang="ar">موجز</bdi></h1><p>{lead}</p></div>\n'
        '<nav aria-label="{tools}">\n'
        '<a class="mj-button" data-do="language" data-language="{other}" lang="{other}" href="{href}">{name}</a>\n'
        '<button type="button" class="mj-button mj-look" data-do="look" aria-label="{look}" title="{look}"></button>\n'
        "</nav></header>\n"
        '<div id="mj-connection" role="status" aria-live="assertive" lang="{language}" dir="{direction}" hidden></div>'
    ).format(
        language=texts.language,
        direction=texts.direction,
        lead=texts("page.lead"),
        tools=texts("page.tools"),
        other=other,
        href=f"{root_path}{PATHS[other]}",
        name=texts("page.other_language"),
        look=texts("page.look"),
    )


def _footer(texts: Texts, *, root_path: str) -> str:
    return Markup(
        '<footer class="mj-footer" lang="{language}" dir="{direction}"><p>{words}</p><p><a href="{root}/v1/openapi.json">{api}</a></p></footer>'
    ).format(
        language=texts.language,
        direction=texts.direction,
        words=texts("page.footer"),
        root=root_path,
        api=texts("page.api"),
    )
