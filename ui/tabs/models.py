"""Models: what is installed, under which licence, and the commands that get the rest. The page itself downloads nothing."""

from __future__ import annotations

from functools import partial

import gradio as gr

from ui.context import PageContext
from ui.installed import Installed, Lookout, lookout
from ui.tabs._markup import EVENT, on_tab_select, render, style
from ui.texts import Texts


def build(context: PageContext, texts: Texts) -> None:
    """Put the tab's components where this is called."""
    looking = lookout(context.registry)
    gr.HTML(style() + render("models_lead", texts), js_on_load=None, apply_default_css=False)
    shown = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-models")
    with gr.Row(elem_classes="mj-actions"):
        again = gr.Button(texts("models.refresh"))
    on_tab_select(lambda: render_models(looking.see(), texts), None, [shown])
    again.click(partial(_look_again, looking, texts), None, [shown], **EVENT)


def _look_again(looking: Lookout, texts: Texts) -> str:
    return render_models(looking.see(fresh=True), texts)


def render_models(installed: Installed, texts: Texts) -> str:
    """Return profiles and models as HTML."""
    return render("models", texts, installed=installed)
