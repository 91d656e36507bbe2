"""Line charts as SVG text, for the pictures of docs/images: no plotting library, the same bytes for the same numbers.

A ``Panel`` is one chart; ``draw`` stacks panels of one x axis. Points of a line may be drawn as faint dots with the line
through their running median, so that a noisy day does not hide a trend.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 880
#: Pixels of a panel, and around its axes.
PANEL_HEIGHT: Final = 250
LEFT, RIGHT, TOP, BOTTOM = 58, 120, 30, 30
#: Told apart in grey and by colour-blind readers too (after Okabe & Ito, 2008).
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56697d", "#8a6d00", "#7b3fa0")
#: Pixels between two names beside their lines.
_LABEL_STEP: Final = 14.0
_TICKS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: ``ys`` at the ``xs`` of its panel. ``smooth`` is the odd number of points of a running median (1: none)."""

    name: str
    ys: Sequence[float]
    smooth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Lines over shared ``xs``. ``labels`` are ``(x, text)`` below the axis; ``mark`` is an x with a vertical line."""

    title: str
    xs: Sequence[float]
    lines: Sequence[Line]
    labels: Sequence[tuple[float, str]]
    unit: str = ""
    low: float = 0.0
    high: float | None = None
    mark: float | None = None


def draw(panels: Sequence[Panel], *, title: str) -> str:
    """Return the panels, one below the other, as one SVG document."""
    height = PANEL_HEIGHT * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        '<g font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate(0 {number * PANEL_HEIGHT})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _panel(panel: Panel) -> list[str]:
    high = panel.high
    if high is None:
        high = nice(max((max(_smooth(line), default=0.0) for line in panel.lines), default=0.0))
    first, last = min(panel.xs), max(panel.xs)

    def x_of(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - first) / ((last - first) or 1)

    def y_of(value: float) -> float:
        share = (min(max(value, panel.low), high) - panel.low) / ((high - panel.low) or 1)
        return TOP + (PANEL_HEIGHT - TOP - BOTTOM) * (1 - share)

    parts = [f'<text x="{LEFT}" y="18" font-weight="600">{escape(panel.title)}</text>']
    for tick in range(_TICKS + 1):
        value = panel.low + (high - panel.low) * tick / _TICKS
        y = y_of(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e3e3"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{value:g}{escape(panel.unit)}</text>'
        )
    for x, text in panel.labels:
        parts.append(
            f'<text x="{x_of(x):.1f}" y="{PANEL_HEIGHT - 8}" text-anchor="middle" fill="#555">{escape(text)}</text>'
        )
    if panel.mark is not None:
        at = f'x1="{x_of(panel.mark):.1f}" x2="{x_of(panel.mark):.1f}"'
        parts.append(
            f'<line {at} y1="{TOP}" y2="{PANEL_HEIGHT - BOTTOM}" stroke="#999" stroke-dasharray="4 4"/>'
        )
    ends = []
    for line, colour in zip(panel.lines, COLOURS, strict=False):
        if line.smooth > 1:
            parts += [
                f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="1.5" fill="{colour}" fill-opacity=".3"/>'
                for x, y in zip(panel.xs, line.ys, strict=True)
                if y <= high
            ]
        smooth = _smooth(line)
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in zip(panel.xs, smooth, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        ends.append((y_of(smooth[-1]), colour, line.name))
    place = -math.inf
    for y, colour, name in sorted(ends):
        place = max(y, place + _LABEL_STEP)
        parts.append(
            f'<text x="{WIDTH - RIGHT + 6}" y="{place + 4:.1f}" fill="{colour}">{escape(name)}</text>'
        )
    return parts


def _smooth(line: Line) -> list[float]:
    """Return the running median of a line, over fewer points at its ends."""
    half = line.smooth // 2
    return [statistics.median(line.ys[max(0, i - half) : i + half + 1]) for i in range(len(line.ys))]


def nice(value: float) -> float:
    """Return the smallest 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten that is not below ``value``."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value)
