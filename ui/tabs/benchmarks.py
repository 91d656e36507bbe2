"""Benchmarks: the leaderboard, the plot and the item browser from result files, and runs as they go on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import gradio as gr

from eval.live import LiveRun
from eval.report import BoardView
from summarizer.errors import MujazError
from ui.boards import Boards, Choice
from ui.context import PageContext
from ui.items import ORDERS, ItemQuery, Order, browse
from ui.tabs._markup import EVENT, on_tab_select, render, render_note, style, while_tab_is_open
from ui.texts import Texts

#: Seconds between looks at the runs that go on, while somebody has this tab open.
LIVE_SECONDS: Final = 4.0
#: Seconds without an answer after which a run is shown as stopped: a batch of a large model takes a minute or two.
QUIET_SECONDS: Final = 300.0
#: The value of the choice to show no second system.
NOBODY: Final = -1
#: Components that change with the dataset: see ``of_board`` in ``build``.
_BOARD_OUTPUTS: Final = 9


def build(context: PageContext, texts: Texts) -> None:
    """Put the tab's components where this is called."""
    panel = Panel(Boards(context.results), texts)
    lead = render("benchmarks_lead", texts, folder=str(context.results))
    gr.HTML(style() + lead, js_on_load=None, apply_default_css=False)
    live = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-live")
    choice = gr.Dropdown(
        [], value=None, label=texts("benchmarks.dataset_choice"), visible=False, filterable=False
    )
    board = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-board")
    with gr.Column(visible=False) as browser:
        gr.HTML(render("items_lead", texts), js_on_load=None, apply_default_css=False)
        with gr.Row():
            system = gr.Dropdown([], label=texts("benchmarks.item_system"), filterable=False, min_width=220)
            other = gr.Dropdown([], label=texts("benchmarks.item_other"), filterable=False, min_width=220)
        with gr.Row():
            metric = gr.Dropdown([], label=texts("benchmarks.metric"), filterable=False, min_width=160)
            order = gr.Dropdown(
                [(texts(f"benchmarks.orders.{each}"), each) for each in ORDERS],
                value="set",
                label=texts("benchmarks.order"),
                filterable=False,
                min_width=160,
            )
            words = gr.Textbox(
                label=texts("benchmarks.find"),
                info=texts("benchmarks.find_info"),
                max_lines=1,
                max_length=200,
                min_width=220,
            )
        items = gr.HTML(js_on_load=None, apply_default_css=False, elem_id="mt-items")
        with gr.Row(elem_classes="mj-actions"):
            previous = gr.Button(texts("benchmarks.previous"))
            following = gr.Button(texts("benchmarks.next"))
    page = gr.State(0)
    seen = gr.State("")
    timer = gr.Timer(LIVE_SECONDS, active=False)

    asked = [choice, system, other, metric, order, words]
    shown = [items, page, previous, following]
    of_board = [board, browser, system, other, metric, *shown]
    everything = [live, choice, *of_board, seen]
    on_tab_select(panel.arrive, [choice], everything)
    while_tab_is_open(timer)
    timer.tick(panel.tick, [choice, seen], everything, **EVENT)
    choice.input(panel.show, [choice], of_board, **EVENT)
    for component in (system, other, metric, order):
        component.input(panel.first_page, asked, shown, **EVENT)
    words.submit(panel.first_page, asked, shown, **EVENT)
    words.blur(panel.first_page, asked, shown, **EVENT)
    previous.click(partial(panel.turn, -1), [page, *asked], shown, **EVENT)
    following.click(partial(panel.turn, 1), [page, *asked], shown, **EVENT)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the tab does; it only reads."""

    boards: Boards
    texts: Texts

    def arrive(self, key: str | None) -> list[Any]:
        """Return everything: what goes on, the datasets, and the board of the chosen or the first one."""
        live, signature = self.render_live(), self.boards.signature()
        hidden = gr.update(visible=False)
        try:
            choices = self.boards.choices()
        except MujazError as error:
            return [live, hidden, *self._no_board(self._problem(error)), signature]
        if not choices:
            return [live, hidden, *self._no_board(render("benchmarks_none", self.texts)), signature]
        keys = [each.key for each in choices]
        chosen = key if key in keys else keys[0]
        labels = [(self._label(each), each.key) for each in choices]
        return [live, gr.update(choices=labels, value=chosen, visible=True), *self.show(chosen), signature]

    def tick(self, key: str | None, seen: str) -> list[Any]:
        """Return what goes on; and everything anew where a result has come since."""
        if self.boards.signature() != seen:
            return self.arrive(key)
        return [self.render_live(), *([gr.skip()] * (_BOARD_OUTPUTS + 2))]

    def show(self, key: str | None) -> list[Any]:
        """Return the board of a dataset and its first items."""
        if not key:
            return self._no_board("")
        try:
            choice = self.boards.choice(key)
            html = render_board(self.boards.view(choice), self.texts)
            data = self.boards.items(choice)
        except MujazError as error:
            return self._no_board(self._problem(error))
        if data is None:
            return self._no_board(html)
        systems = [(each["name"], number) for number, each in enumerate(data["systems"])]
        metrics = [(each["label"], number) for number, each in enumerate(data["metrics"])]
        second = 1 if len(systems) > 1 else NOBODY
        return [
            html,
            gr.update(visible=True),
            gr.update(choices=systems, value=0),
            gr.update(choices=[(self.texts("benchmarks.nobody"), NOBODY), *systems], value=second),
            gr.update(choices=metrics, value=0),
            *self._items(key, ItemQuery(other=None if second == NOBODY else second)),
        ]

    def first_page(
        self, key: str | None, system: int, other: int, metric: int, order: Order, words: str
    ) -> list[Any]:
        """Return the first items of a new question."""
        return self.turn(0, 0, key, system, other, metric, order, words)

    def turn(
        self,
        by: int,
        page: int,
        key: str | None,
        system: int,
        other: int,
        metric: int,
        order: Order,
        words: str,
    ) -> list[Any]:
        """Return the page of items that comes ``by`` pages after ``page``."""
        query = ItemQuery(
            system=system,
            other=None if other == NOBODY else other,
            metric=metric,
            order=order,
            words=words,
            page=page + by,
        )
        return self._items(key, query)

    def _items(self, key: str | None, query: ItemQuery) -> list[Any]:
        try:
            data = self.boards.items(self.boards.choice(key or ""))
        except MujazError as error:
            return [self._problem(error), 0, gr.update(interactive=False), gr.update(interactive=False)]
        if data is None:
            return ["", 0, gr.update(interactive=False), gr.update(interactive=False)]
        found = browse(data, query)
        shown = len(data["items"])
        html = render(
            "items",
            self.texts,
            data=data,
            page=found,
            metric=data["metrics"][query.metric],
            thinned=shown if shown < data["total"] else 0,
        )
        return [
            html,
            found.page,
            gr.update(interactive=found.page > 0),
            gr.update(interactive=found.page + 1 < found.pages),
        ]

    def _no_board(self, html: str) -> list[Any]:
        """Return ``html`` in the board's place, and no items."""
        return [html, gr.update(visible=False), *([gr.skip()] * (_BOARD_OUTPUTS - 2))]

    def render_live(self) -> str:
        """Return the runs without a result: those that answer, and those that have stopped."""
        runs = self.boards.live()
        groups = [
            (name, [self._live_view(run) for run in runs if (run.age <= QUIET_SECONDS) == (name == "live")])
            for name in ("live", "paused")
        ]
        return render("live", self.texts, groups=[(name, views) for name, views in groups if views])

    def _live_view(self, run: LiveRun) -> dict[str, Any]:
        return {
            "run": run,
            "percent": round(100 * run.answered / run.total) if run.total else None,
            "rate": _plain(run.items_per_second),
            "scores": [(each, f"{each.score:.1f}") for each in run.scores if math.isfinite(each.score)],
        }

    def _label(self, choice: Choice) -> str:
        items = self.texts.count("benchmarks.items", choice.items)
        return f"{self.texts(f'benchmarks.task.{choice.task}')} · {choice.title} · {items}"

    def _problem(self, error: MujazError) -> str:
        return render_note(f"{self.texts('benchmarks.problem')}: {error}", self.texts, kind="problem")


def render_board(view: BoardView, texts: Texts) -> str:
    """Return the leaderboard and the plot of one dataset."""
    board = view.board
    rows = [
        {
            "system": system,
            "cells": [(column, _cell(view, index, row)) for index, column in enumerate(board.leaders)],
            "rate": _plain(system.result.cost.items_per_second),
            "size": system.size,
        }
        for row, system in enumerate(board.ranked)
    ]
    return render("board", texts, view=view, board=board, rows=rows)


def _cell(view: BoardView, column: int, row: int) -> dict[str, str] | None:
    leader = view.board.leaders[column]
    cell = view.cell(leader, view.board.ranked[row])
    if cell is None:
        return None
    digits = leader.decimals
    known = math.isfinite(cell.low) and math.isfinite(cell.high)
    return {
        "score": f"{cell.score:.{digits}f}" if math.isfinite(cell.score) else "–",
        "range": f"{cell.low:.{digits}f}–{cell.high:.{digits}f}" if known else "",
        "letters": cell.letters,
        "best": "best" if cell.best else "",
    }


def _plain(value: float | None) -> str | None:
    """Return a rate with two or three significant digits."""
    return None if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
