"""Results as a report: Markdown tables for a README, or one self-contained HTML page.

``render_report`` is the only entry. ``report_view`` turns results into boards, columns and cells; ``report_plot`` draws;
``report_items`` prepares the item browser; the templates lay it out. Same results and datasets, same bytes.

The page asks no network for anything. Its Content-Security-Policy allows exactly its own style and script, by their
hashes; what datasets and systems wrote is escaped (``summarizer.render`` has the rules) or stands as data in a
``<script type="application/json">``, from where the script puts it into the page as text, never as HTML.

Texts of a corpus that its card does not say may be passed on are left out unless asked for: ids and scores stay.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import jinja2
from markupsafe import Markup

from eval.datasets import Dataset
from eval.report_items import payload, script_json
from eval.report_plot import (
    NARROW,
    WIDE,
    Drawing,
    Point,
    front,
    megabytes,
    per_second,
    plot,
    split_far,
    strip_of,
)
from eval.report_view import (
    Board,
    Cell,
    Column,
    System,
    advice,
    bucket_cells,
    build_boards,
    conclusions,
    pairs_of,
)
from eval.results import Result
from eval.significance import ALPHA, LEVEL
from summarizer.display import format_date
from summarizer.errors import RenderError
from summarizer.escape import escape_markdown, finalize_html, one_line, safe_url
from summarizer.render import tidy
from summarizer.view import RTL_LANGUAGES

Form = Literal["md", "html"]
FORMS: Final[tuple[str, ...]] = get_args(Form)

#: Where the part of the brief's style that any page needs (colours, fonts, the head of a page) ends.
_THEME_ENDS: Final = "/* a story */"
_UNITS: Final = {
    "translate": "sentences", "summarize": "summaries", "cluster": "reports", "segment": "texts", "facts": "texts",
}  # fmt: skip
_TASK_NAMES: Final = {
    "translate": "Translation", "summarize": "Summarization", "cluster": "Clustering", "segment": "Sentence splitting",
    "facts": "Facts",
}  # fmt: skip
_FAITHFULNESS: Final = (
    "Faults per 100 sentences by the checks of Mujaz, lower is better; citations in percent. A system that chooses its "
    "output by these very checks looks better here than it is."
)
_KINDS: Final = {
    "baseline": "baseline",
    "files": "outputs from a file",
    "profile": "profile",
    "model": "model",
}


def render_report(
    results: Sequence[Result],
    *,
    form: Form,
    datasets: Iterable[Dataset] = (),
    data: Path | None = None,
    texts: bool | None = None,
    samples: int | None = None,
    title: str = "Benchmark",
) -> str:
    """Return ``results`` as a report in ``form``; the text ends with a newline.

    ``results``: what ``eval.results.latest(read_results(folder))`` gives. ``datasets``: the sets they were made on, if
    loaded already; others are looked for in ``data`` or the environment's data folder, and the report does without
    them (and says so) where they are not there. ``texts``: embed sources, references and outputs of every dataset
    (True), of none (False), or of those whose licence lets anyone pass them on (None). ``samples``: trials of each
    significance test (default: 10,000).

    Raises ``RenderError`` for an unknown form or no results, ``InputError`` where a result's items are gone or changed.
    """
    if form not in FORMS:
        raise RenderError(f"unknown form {form!r} (known: {', '.join(FORMS)})")
    if not results:
        raise RenderError("there are no results to report; make some with: mujaz bench run")
    boards = build_boards(results, datasets=datasets, data=data, texts=texts, samples=samples)
    view = ReportView(title, tuple(BoardView(each) for each in boards), max(each.created for each in results))
    if form == "md":
        return tidy(_environment("md").get_template("report.md.jinja").render(view=view))
    page = _environment("html").get_template("report.html.jinja").render(view=view, **_assets())
    return page.lstrip()


# --- views --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ReportView:
    """The whole page."""

    title: str
    boards: tuple[BoardView, ...]
    created: str
    level: int = round(100 * LEVEL)
    alpha: float = ALPHA

    @property
    def date(self) -> str:
        return format_date(self.created[:10]).en

    @property
    def counts(self) -> list[str]:
        systems = {system.result.system_id for view in self.boards for system in view.board.systems}
        items = sum(view.board.count for view in self.boards)
        return [
            _count(len({view.board.id for view in self.boards}), "dataset"),
            _count(len(systems), "system"),
            _count(items, "item"),
        ]

    @property
    def machines(self) -> list[str]:
        """Each machine that a speed was measured on, in words."""
        found: dict[str, None] = {}
        for view in self.boards:
            for system in view.board.systems:
                if system.result.cost.seconds is not None:
                    found[_machine(system.result)] = None
        return list(found)


@dataclass(frozen=True, eq=False)
class BoardView:
    """One board with what the templates ask about it."""

    board: Board

    @cached_property
    def conclusions(self) -> list[str]:
        return conclusions(self.board)

    @property
    def advice(self) -> list[tuple[str, str]]:
        return advice(self.board)

    @property
    def unit(self) -> str:
        return _UNITS[self.board.task]

    @property
    def task_name(self) -> str:
        return _TASK_NAMES[self.board.task]

    @property
    def languages(self) -> tuple[str, str]:
        """Language tags of sources and outputs."""
        languages = (
            self.board.card.languages
            if self.board.card
            else ("ar", "en")
            if self.board.task == "translate"
            else ("ar",)
        )
        return _tag(languages[0]), _tag(languages[-1] if self.board.task == "translate" else languages[0])

    @property
    def directions(self) -> tuple[str, str]:
        one, other = (("rtl" if tag.split("-")[0] in RTL_LANGUAGES else "ltr") for tag in self.languages)
        return one, other

    @property
    def link(self) -> str | None:
        return safe_url(self.board.card.source) if self.board.card else None

    @property
    def sized(self) -> bool:
        return any(system.size for system in self.board.systems)

    @property
    def timed(self) -> bool:
        return any(system.result.cost.items_per_second for system in self.board.systems)

    @cached_property
    def signatures(self) -> list[tuple[int, Column]]:
        """Every column with the number of its footnote: the leaderboard's first."""
        rest = [each for each in self.board.columns if each not in self.board.leaders]
        return list(enumerate((*self.board.leaders, *rest), 1))

    def footnote(self, column: Column) -> int:
        return next(number for number, each in self.signatures if each is column)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Return ``(slug, name)`` of the sections that this board has, in their order."""
        found = [("leaders", "Leaderboard")] if self.board.primary else []
        found += [("plot", "Quality and speed")] if self.drawings else []
        found += [("buckets", "By kind of item")] if self.bucket_rows else []
        found += [(f"family-{number}", name) for number, (name, _, _) in enumerate(self.families, 1)]
        found += [("cost", "Cost")] if self.timed else []
        found += [("correlation", "Agreement of metrics")] if self.board.correlation else []
        found += [("items", "Item by item")] if self.data else []
        return [*found, ("fine", "Signatures")]

    @property
    def families(self) -> list[tuple[str, str, list[Column]]]:
        """``(heading, explanation, columns)`` of what the leaderboard does not show."""
        found = [
            ("Faithfulness", _FAITHFULNESS, self.board.family("faithfulness")),
            ("Other scores", "", self.board.family("quality")),
            (
                "What the outputs are like",
                "Descriptions: more is not better.",
                self.board.family("description"),
            ),
        ]
        return [each for each in found if each[2]]

    def cell(self, column: Column, system: System) -> Cell | None:
        return column.cells.get(system.name)

    def strip(self, system: System) -> Markup:
        """Return the interval of the primary score as a small picture, on one scale for the board."""
        column = self.board.primary
        cell = column.cells.get(system.name) if column else None
        if column is None or cell is None:
            return Markup("")
        return strip_of(cell.score, cell.low, cell.high, scale=self.scale)

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Least and most of the intervals of the primary column; far baselines fall off it."""
        drawn, _ = split_far(self.points)
        ends = [value for each in drawn for value in (each.low, each.high) if math.isfinite(value)]
        return (min(ends), max(ends)) if ends else (0.0, 1.0)

    @cached_property
    def points(self) -> list[Point]:
        column = self.board.primary
        if column is None:
            return []
        return [
            Point(
                name=each.name, score=cell.score, low=cell.low, high=cell.high,
                speed=each.result.cost.items_per_second or None, size=each.size, baseline=each.baseline,
                oracle=each.oracle,
            )
            for each in self.board.ranked
            if (cell := column.cells.get(each.name)) is not None and math.isfinite(cell.score)
        ]  # fmt: skip

    @cached_property
    def drawings(self) -> list[Drawing]:
        """The plot for wide and for narrow pages; none where no speed was measured."""
        column = self.board.primary
        if column is None or not any(point.speed for point in split_far(self.points)[0]):
            return []
        return [
            plot(self.points, metric=column.label, unit=self.unit, higher_is_better=column.higher_is_better, shape=shape,
                 identifier=f"{self.board.anchor}-plot-{name}", decimals=column.decimals)
            for name, shape in (("wide", WIDE), ("narrow", NARROW))
        ]  # fmt: skip

    @property
    def front(self) -> list[str]:
        """The systems that the dashed line of the plot joins."""
        column = self.board.primary
        drawn, _ = split_far(self.points)
        return (
            [each.name for each in front(drawn, higher_is_better=column.higher_is_better)] if column else []
        )

    @property
    def hollow(self) -> bool:
        """Whether the plot has baselines in it."""
        return any(each.baseline for each in split_far(self.points)[0])

    @cached_property
    def bucket_rows(self) -> list[tuple[System, list[Cell]]]:
        column = self.board.primary
        if column is None or not self.board.buckets:
            return []
        table = bucket_cells(self.board, column)
        return [(each, table[each.name]) for each in self.board.ranked if each.name in table]

    @property
    def pairs(self) -> list[Any]:
        return pairs_of(self.board.primary) if self.board.primary else []

    @cached_property
    def data(self) -> Markup | None:
        """The items as JSON for the browser, None where there is nothing to browse."""
        value = payload(self.board, languages=self.languages, directions=self.directions)
        return script_json(value) if value is not None else None


def _tag(language: str) -> str:
    return language if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language) else "und"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _machine(result: Result) -> str:
    machine = result.machine
    parts = [str(machine.get("cpu") or "unknown processor")]
    if machine.get("cores"):
        parts.append(_count(int(machine["cores"]), "core"))
    if machine.get("memory_gb"):
        parts.append(f"{machine['memory_gb']:g} GB of memory")
    parts += [str(machine[key]) for key in ("system",) if machine.get(key)]
    if machine.get("python"):
        parts.append(f"Python {machine['python']}")
    versions = machine.get("versions") or {}
    parts += [
        f"{name} {versions[name]}" for name in ("ctranslate2", "transformers", "torch") if name in versions
    ]
    return ", ".join(parts)


# --- formatting ---------------------------------------------------------------------------------


def _score(value: float, decimals: int = 1) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else "–"


def _range(cell: Cell, decimals: int = 1) -> str:
    known = math.isfinite(cell.low) and math.isfinite(cell.high)
    return f"{cell.low:.{decimals}f}–{cell.high:.{decimals}f}" if known else ""


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _signed(value: float, decimals: int = 1) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−") if math.isfinite(value) else "–"


def _correlation(value: float) -> str:
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−") if math.isfinite(value) else "–"


def _strength(value: float) -> int:
    """Return 0 to 4: how dark the cell of a correlation is."""
    return min(4, int(abs(value) * 5)) if math.isfinite(value) else 0


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _kind(system: System) -> str:
    words = "sees the references" if system.oracle else _KINDS.get(system.kind, system.kind)
    return ", ".join(each for each in (words, system.options) if each)


@lru_cache(maxsize=2)
def _environment(form: Form) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("eval", "templates"),
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    if form == "html":
        environment.finalize = finalize_html
    environment.filters.update(
        attribute=one_line, md=escape_markdown, score=_score, interval=_range, p_value=_p_value, signed=_signed,
        correlation=_correlation, strength=_strength, seconds=_seconds, megabytes=megabytes, rate=per_second, kind=_kind,
    )  # fmt: skip
    return environment


def _theme() -> str:
    """Return colours, fonts and the head of a page as the brief has them. Raises ``RenderError`` if they moved."""
    loader = jinja2.PackageLoader("summarizer", "templates")
    style, _, _ = loader.get_source(jinja2.Environment(autoescape=True), "brief.css")
    theme, found, _ = style.partition(_THEME_ENDS)
    if not found:
        raise RenderError(
            f"brief.css of this version has no {_THEME_ENDS!r}: the theme of the report is not known"
        )
    return theme


@lru_cache(maxsize=1)
def _assets() -> dict[str, Markup]:
    """Return the style, the script and the policy that lets exactly these two work."""
    loader = jinja2.PackageLoader("eval", "templates")
    environment = jinja2.Environment(autoescape=True)
    style = _theme() + loader.get_source(environment, "report.css")[0]
    script = loader.get_source(environment, "report.js")[0]
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": Markup(policy)}


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
