"""Benchmark results for the page: read by ``eval``'s own readers, laid out once and kept until the files change.

Significance tests make a board cost seconds, so boards and their items are kept by the hashes of the results that they show, and
one is worked out at a time however many people ask.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from eval.live import LiveReader, LiveRun
from eval.report import BoardView
from eval.report_items import payload
from eval.report_view import build_boards
from eval.results import Result, latest, read_results
from summarizer.errors import InputError

#: Boards that are kept: those of the datasets that people look at now.
KEPT: Final = 6

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A dataset that there are results on. ``key`` tells runs on all its items from runs on some."""

    key: str
    id: str
    title: str
    task: str
    items: int
    silver: bool
    results: tuple[Result, ...]


class _Kept(Generic[_Value]):
    """Values by key, the least recently used one forgotten; each worked out once."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[str, ...], _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], _Value]) -> _Value:
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > KEPT:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]


class Boards:
    """The results under a folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._views: _Kept[BoardView] = _Kept()
        self._items: _Kept[Mapping[str, Any] | None] = _Kept()
        self._live = LiveReader(folder)
        self._live_lock = threading.Lock()

    def choices(self) -> tuple[Choice, ...]:
        """Return the datasets with results, none where there is no folder. Raises ``InputError`` for a broken file."""
        if not self.folder.is_dir():
            return ()
        groups: dict[str, list[Result]] = {}
        for result in latest(read_results(self.folder)):
            key = f"{result.dataset_id}:{result.dataset['checksum']}"
            groups.setdefault(key, []).append(result)
        return tuple(_choice(key, group) for key, group in groups.items())

    def choice(self, key: str) -> Choice:
        """Return one of ``choices``. Raises ``InputError`` where it is not there any more."""
        for each in self.choices():
            if each.key == key:
                return each
        raise InputError(f"there are no results on {key.partition(':')[0]} any more")

    def view(self, choice: Choice) -> BoardView:
        """Return the board of a dataset, as the report has it. Raises ``InputError`` where items are gone or changed."""
        return self._views.get(_hashes(choice), lambda: BoardView(build_boards(choice.results)[0]))

    def items(self, choice: Choice) -> Mapping[str, Any] | None:
        """Return what the browser of items shows (``eval.report_items.payload``), None where there is nothing."""
        view = self.view(choice)
        return self._items.get(
            _hashes(choice), lambda: payload(view.board, languages=view.languages, directions=view.directions)
        )

    def live(self) -> tuple[LiveRun, ...]:
        """Return the runs that have no result yet."""
        with self._live_lock:
            return self._live.read()

    def signature(self) -> str:
        """Return what changes whenever a result comes or goes."""
        if not self.folder.is_dir():
            return ""
        return ",".join(sorted(path.name for path in self.folder.rglob("*.json")))


def _choice(key: str, results: list[Result]) -> Choice:
    dataset = results[0].dataset
    return Choice(
        key=key,
        id=results[0].dataset_id,
        title=str(dataset.get("title") or results[0].dataset_id),
        task=results[0].task,
        items=int(dataset["items"]),
        silver=bool(dataset.get("silver")),
        results=tuple(results),
    )


def _hashes(choice: Choice) -> tuple[str, ...]:
    return tuple(result.hash for result in choice.results)
