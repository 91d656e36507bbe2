"""The second step of Summarize: the reports as they were read, to be corrected: chosen in a list, edited beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from summarizer.errors import InputError
from summarizer.fetch import Fetcher
from summarizer.server.requests import Report
from ui import drafts as lists
from ui.drafts import Draft, Drafts
from ui.texts import Texts

#: The place of the cursor in the text, in code points as Python counts them, as the last argument of a split.
_CURSOR = "(...args) => [...args.slice(0, -1), window.mujaz.cursor('#mj-report-text textarea')]"


class ReportList:
    """The components of the step, and what they do to the list that the session holds."""

    def __init__(self, texts: Texts, *, fetcher: Fetcher | None = None) -> None:
        self.texts, self._fetcher = texts, fetcher
        self.state = gr.State(None)
        with gr.Column(visible=False, elem_id="mj-list") as self.step:
            gr.Markdown(
                f"## {texts('list.heading')}\n\n{texts('list.lead')}",
                elem_classes="mj-heading",
                rtl=texts.rtl,
            )
            self.note = gr.Markdown("", elem_id="mj-skipped", rtl=texts.rtl)
            with gr.Row():
                self.choice = gr.Radio(
                    [],
                    label=texts("list.reports"),
                    elem_id="mj-reports",
                    min_width=260,
                    elem_classes="mj-rows",
                )
                with gr.Column(scale=2, min_width=280):
                    self.title = gr.Textbox(label=texts("list.title"), elem_id="mj-report-title")
                    with gr.Row():
                        self.outlet = gr.Textbox(
                            label=texts("list.outlet"), min_width=160, elem_id="mj-report-outlet"
                        )
                        self.date = gr.Textbox(
                            label=texts("list.date"), info=texts("list.date_hint"), min_width=160
                        )
                    self.text = gr.Textbox(
                        label=texts("list.text"), lines=10, max_lines=18, elem_id="mj-report-text"
                    )
                    with gr.Row():
                        split = gr.Button(texts("list.split"), size="sm", min_width=110, elem_id="mj-split")
                        merge = gr.Button(texts("list.merge"), size="sm", min_width=110, elem_id="mj-merge")
                        remove = gr.Button(
                            texts("list.remove"), size="sm", min_width=110, elem_id="mj-remove"
                        )
            with gr.Row(elem_classes="mj-actions"):
                self.run = gr.Button(texts("input.run"), variant="primary", elem_id="mj-run-list")
                self.up = gr.Button(texts("list.up"), elem_id="mj-up")
        cursor = gr.Number(0, visible=False)
        self.current = gr.Number(0, visible=False, precision=0)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        self.choice.input(self._choose, [*self.fields, self.choice], self.outputs, **private)
        merge.click(self._merge, self.fields, self.outputs, **private)
        remove.click(self._remove, self.fields, self.outputs, **private)
        split.click(self._split, [*self.fields, cursor], self.outputs, js=_CURSOR, **private)

    @property
    def fields(self) -> list[Any]:
        """What ``keep`` takes: the list, which report is shown, and what stands in its fields."""
        return [self.state, self.current, self.title, self.outlet, self.date, self.text]

    @property
    def outputs(self) -> list[Any]:
        """What ``show`` gives."""
        return [
            self.state,
            self.current,
            self.choice,
            self.title,
            self.outlet,
            self.date,
            self.text,
            self.note,
        ]

    def load(self, reports: Sequence[Report]) -> list[Any]:
        """Read the inputs and show the first report."""
        return self.show(lists.read_drafts(reports, fetcher=self._fetcher), 0)

    def keep(
        self, drafts: Drafts | None, index: int, title: str, outlet: str, date: str, text: str
    ) -> Drafts:
        """Take over what stands in the fields. Raises ``InputError`` on a bad date, and without a list."""
        if drafts is None:
            raise InputError(self.texts("list.lost"))
        if not drafts.items:
            return drafts
        try:
            return lists.edit(drafts, int(index), title=title, outlet=outlet, date=date, text=text)
        except InputError as error:
            raise InputError(self.texts("list.bad_date")) from error

    def show(self, drafts: Drafts, index: int) -> list[Any]:
        """Return the outputs that show one report of the list."""
        index = max(0, min(index, len(drafts.items) - 1))
        choices = [(self._label(number, item), number - 1) for number, item in enumerate(drafts.items, 1)]
        choice = gr.update(choices=choices, value=index if choices else None)
        note = "\n".join(
            f"- {self.texts('list.skipped', name=_plain(each.subject), reason=_plain(each.message))}"
            for each in drafts.warnings
        )
        if not drafts.items:
            return [drafts, 0, choice, "", "", "", "", note]
        item = drafts.items[index]
        return [drafts, index, choice, item.title, item.outlet, item.date, item.text, note]

    def _label(self, number: int, item: Draft) -> str:
        title = item.title or self.texts("list.untitled")
        rest = (item.outlet or item.origin.strip("-"), item.date, self.texts.count("list.words", item.words))
        # Isolates keep names of either direction from turning what stands around them.
        return f"{number}. \u2068{title}\u2069\n" + " · ".join(f"\u2068{each}\u2069" for each in rest if each)

    # --- what the buttons do ------------------------------------------------------------------------

    def _choose(self, *values: Any) -> list[Any]:
        *fields, chosen = values
        return self._change(fields, lambda drafts, _: (drafts, int(chosen)))

    def _merge(self, *fields: Any) -> list[Any]:
        return self._change(
            fields, lambda drafts, index: (lists.merge(drafts, index), index), refusal="list.no_next"
        )

    def _remove(self, *fields: Any) -> list[Any]:
        return self._change(fields, lambda drafts, index: (lists.remove(drafts, index), index))

    def _split(self, *values: Any) -> list[Any]:
        *fields, cursor = values
        return self._change(
            fields,
            lambda drafts, index: (lists.split(drafts, index, int(cursor)), index + 1),
            refusal="list.no_split",
        )

    def _change(
        self,
        fields: Sequence[Any],
        change: Callable[[Drafts, int], tuple[Drafts, int]],
        *,
        refusal: str = "list.lost",
    ) -> list[Any]:
        """Keep what stands in the fields, change the list, show a report of it."""
        try:
            drafts = self.keep(*fields)
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from error
        if not drafts.items:
            return self.show(drafts, 0)
        try:
            return self.show(*change(drafts, int(fields[1])))
        except InputError as error:
            raise gr.Error(self.texts(refusal), print_exception=False) from error


def _plain(text: str) -> str:
    """Return a name or message as Markdown that shows it and does nothing else."""
    from summarizer.escape import escape_markdown

    return escape_markdown(text)
