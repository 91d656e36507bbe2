"""The first tab: reports in, checked if wanted, a brief out. Three steps, of which one is in sight at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from summarizer.errors import InputError, MujazError
from summarizer.formats import SUFFIXES
from summarizer.server.requests import BriefRequest, Report
from ui.cards import render_message
from ui.context import PageContext
from ui.drafts import to_reports
from ui.follow import follow
from ui.requesting import caller, make_request, read_form, read_glossary
from ui.tabs.reports import ReportList
from ui.texts import Texts

#: Script calls: the job of the address bar, and what was typed before the language was changed.
_JOB_OF_PAGE = "() => [window.mujaz.job()]"
_SAVED_TEXT = "(...typed) => window.mujaz.restore(...typed)"


@dataclass(frozen=True)
class _Form:
    """The components of the first step."""

    step: gr.Column
    text: gr.Textbox
    files: gr.File
    urls: gr.Textbox
    profile: gr.Dropdown
    sentences: gr.Number
    glossary: gr.Textbox
    glossary_file: gr.File
    example: gr.Button
    check: gr.Button
    run: gr.Button

    @property
    def sources(self) -> list[gr.components.Component]:
        """What ``read_form`` takes."""
        return [self.text, self.files, self.urls]

    @property
    def settings(self) -> list[gr.components.Component]:
        """What ``_Requests.settings`` takes."""
        return [self.profile, self.sentences, self.glossary, self.glossary_file]


@dataclass(frozen=True)
class _Result:
    """The components of the last step."""

    step: gr.Column
    html: gr.HTML
    job: gr.Textbox
    cancel: gr.Button
    back: gr.Button
    again: gr.Button
    attach: gr.Button


def build(context: PageContext, texts: Texts) -> Callable[[gr.Blocks], None]:
    """Put the tab's components here; return what is to be called with the whole page, to take up a job on load."""
    form = _build_form(context, texts)
    reports = ReportList(texts, fetcher=context.fetcher)
    result = _build_result(texts)
    steps = [form.step, reports.step, result.step]
    watched = [*steps, result.job, result.html, result.cancel, result.again]

    def show(step: int) -> list[Any]:
        return [gr.update(visible=index == step) for index in range(len(steps))]

    async def watch(job_id: str) -> AsyncIterator[list[Any]]:
        async for html in follow(context.queue, job_id, texts=texts):
            ended = "mj-running" not in html[:200]
            yield [*show(2), job_id, html, gr.update(visible=not ended), gr.update(visible=ended)]

    async def submit(request: BriefRequest, client: str) -> AsyncIterator[list[Any]]:
        job = await asyncio.to_thread(context.queue.submit, request, client=client)
        async for update in watch(job.id):
            yield update

    def refused(error: MujazError) -> list[Any]:
        message = render_message(str(error), texts=texts, state="failed")
        return [*show(2), "", message, gr.update(visible=False), gr.update(visible=False)]

    async def run(
        request: gr.Request, text: str, files: list[str], urls: str, *settings: Any
    ) -> AsyncIterator[list[Any]]:
        try:
            inputs = await asyncio.to_thread(read_form, text, files, urls)
            if not inputs:
                raise InputError(texts("run.nothing"))
            async for update in submit(_request(inputs, *settings), caller(request)):
                yield update
        except MujazError as error:
            yield refused(error)

    async def run_list(request: gr.Request, drafts: Any, *rest: Any) -> AsyncIterator[list[Any]]:
        try:
            kept = reports.keep(drafts, *rest[:5])
            inputs = await asyncio.to_thread(to_reports, kept)
            if not inputs:
                raise InputError(texts("run.nothing"))
            async for update in submit(_request(inputs, *rest[5:]), caller(request)):
                yield update
        except MujazError as error:
            yield refused(error)

    async def run_examples(request: gr.Request, *settings: Any) -> AsyncIterator[list[Any]]:
        inputs = _examples(context)
        listed = await asyncio.to_thread(reports.load, inputs)
        try:
            async for update in submit(_request(inputs, *settings), caller(request)):
                yield [*update, *listed]
        except MujazError as error:
            yield [*refused(error), *listed]

    async def take_up(job_id: str) -> AsyncIterator[list[Any]]:
        if job_id:
            async for update in watch(job_id):
                yield update
        else:
            yield [gr.skip() for _ in watched]

    private: dict[str, Any] = {
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": None,
    }
    inputs = [*form.sources, *form.settings]
    started = form.run.click(run, inputs, watched, **private)
    tried = form.example.click(run_examples, form.settings, [*watched, *reports.outputs], **private)
    listed = reports.run.click(run_list, [*reports.fields, *form.settings], watched, **private)
    attached = result.attach.click(take_up, [result.job], watched, js=_JOB_OF_PAGE, **private)
    result.cancel.click(lambda job_id: _cancel(context, job_id), [result.job], None, **private)
    result.again.click(
        lambda: [*show(0), "", ""], None, [*steps, result.job, result.html],
        cancels=[started, tried, listed, attached], js="() => { window.mujaz.leave(); }", **private,
    )  # fmt: skip
    result.back.click(lambda: show(0), None, steps, js="() => { window.mujaz.leave(); }", **private)
    form.check.click(
        lambda text, files, urls: [*show(1), *reports.load(_inputs(text, files, urls, texts))],
        form.sources, [*steps, *reports.outputs], **{**private, "show_progress": "minimal"},
    )  # fmt: skip
    reports.up.click(lambda: show(0), None, steps, **private)

    def on_load(page: gr.Blocks) -> None:
        typed: list[gr.components.Component] = [form.text, form.urls, form.glossary]
        page.load(None, typed, typed, js=_SAVED_TEXT)
        page.load(take_up, [result.job], watched, js=_JOB_OF_PAGE, **private)

    return on_load


def _build_form(context: PageContext, texts: Texts) -> _Form:
    with gr.Column(elem_id="mj-input") as step:
        gr.Markdown(f"## {texts('input.heading')}", elem_classes="mj-heading", rtl=texts.rtl)
        with gr.Row():
            text = gr.Textbox(
                label=texts("input.paste"), info=texts("input.paste_hint"), placeholder=texts("input.paste_placeholder"),
                lines=12, max_lines=24, elem_id="mj-paste", scale=3, min_width=300,
            )  # fmt: skip
            with gr.Column(scale=2, min_width=260):
                files = gr.File(
                    label=texts("input.files"),
                    file_count="multiple", file_types=[*SUFFIXES], type="filepath", height=150, elem_id="mj-files",
                )  # fmt: skip
                gr.Markdown(
                    texts("input.files_hint", limit=context.max_upload_mb),
                    elem_id="mj-files-hint",
                    rtl=texts.rtl,
                )
                urls = gr.Textbox(
                    label=texts("input.urls"), info=texts("input.urls_hint"), lines=2, max_lines=8,
                    placeholder="https://…", elem_id="mj-urls",
                )  # fmt: skip
        with gr.Accordion(texts("input.options"), open=False, elem_id="mj-options"):
            with gr.Row():
                profile = gr.Dropdown(
                    list(context.registry.profiles), value=context.start_profile,
                    label=texts("input.profile"), info=texts("input.profile_hint"), min_width=240,
                )  # fmt: skip
                sentences = gr.Number(
                    0, minimum=0, maximum=50, step=1, precision=0, label=texts("input.sentences"),
                    info=texts("input.sentences_hint"), min_width=240, elem_id="mj-sentences",
                )  # fmt: skip
            with gr.Row():
                glossary = gr.Textbox(
                    label=texts("input.glossary"), info=texts("input.glossary_hint"), lines=3, max_lines=12,
                    placeholder="قسد, SDF", elem_id="mj-glossary", scale=2, min_width=280,
                )  # fmt: skip
                glossary_file = gr.File(
                    label=texts("input.glossary_file"), file_types=[".csv", ".txt"], type="filepath", height=150, min_width=220,
                )  # fmt: skip
        with gr.Row(elem_classes="mj-actions"):
            run = gr.Button(texts("input.run"), variant="primary", elem_id="mj-run")
            check = gr.Button(texts("input.check"), elem_id="mj-check")
            example = gr.Button(texts("input.example"), elem_id="mj-example")
    return _Form(step, text, files, urls, profile, sentences, glossary, glossary_file, example, check, run)


def _build_result(texts: Texts) -> _Result:
    with gr.Column(visible=False, elem_id="mj-result") as step:
        with gr.Row(elem_classes="mj-actions mj-result-head"):
            gr.Markdown(f"## {texts('run.heading')}", elem_classes="mj-heading", rtl=texts.rtl)
            cancel = gr.Button(
                texts("run.cancel"), variant="stop", visible=False, elem_id="mj-cancel", size="sm"
            )
            back = gr.Button(texts("run.back"), elem_id="mj-back", size="sm")
            again = gr.Button(texts("run.again"), elem_id="mj-again", size="sm", visible=False)
        html = gr.HTML("", elem_id="mj-cards", js_on_load=None, apply_default_css=False)
        job = gr.Textbox(visible=False)
        attach = gr.Button("", elem_id="mj-attach")
    return _Result(step, html, job, cancel, back, again, attach)


def _request(
    reports: tuple[Report, ...], profile: str, sentences: float, glossary: str, file: str
) -> BriefRequest:
    rows = read_glossary(glossary, file)
    return make_request(reports, profile=profile, sentences=sentences, glossary=rows)


def _inputs(text: str, files: list[str], urls: str, texts: Texts) -> tuple[Report, ...]:
    try:
        inputs = read_form(text, files, urls)
    except MujazError as error:
        raise gr.Error(str(error), print_exception=False) from error
    if not inputs:
        raise gr.Error(texts("run.nothing"), print_exception=False)
    return inputs


def _examples(context: PageContext) -> tuple[Report, ...]:
    """Return the example reports as files, as ``mujaz summarize examples/iraq-us-dialogue`` reads them."""
    return tuple(
        Report(name=path.name, data=path.read_bytes()) for path in sorted(context.examples.glob("*.txt"))
    )


def _cancel(context: PageContext, job_id: str) -> None:
    try:
        context.queue.cancel(job_id)
    except MujazError as error:
        raise gr.Error(str(error), print_exception=False) from error
