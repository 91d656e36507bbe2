"""Pictures of the report as inline SVG: quality against speed against size, and one interval on a line.

No colour, font or style is set here: every element has a class, and the page's style sheet colours it for light, dark
and print. Coordinates are pixels of the ``viewBox``; text is 12 px there, so a drawing is made for about the width at
which it is shown (``WIDE`` and ``NARROW``), never scaled down to be unreadable.

Labels stand beside their points and never on each other (``place_labels``): each takes the cheapest free spot around
its point, then the nearest free spot of the whole area, joined by a thin line; one that fits nowhere is left out and
named in ``Drawing.unlabelled``.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from summarizer.escape import escape_html, one_line

#: Height of a label's box, and the mean width of a character at 12 px in common sans-serif fonts: measured on
#: DejaVu Sans, the widest of them, so that a box is rather too wide than too narrow.
LABEL_HEIGHT: Final = 15.0
_CHARACTER: Final = 7.1
_WIDE_CHARACTER: Final = 12.5
#: Radius of a circle whose size is unknown, and of the smallest and largest models.
_DOT: Final = 4.5
_RADII: Final = (4.5, 22.0)
#: Radius that a circle of the key may have to stay clear of the axis above it.
_KEY_RADIUS: Final = 11.0
#: Free room between a label and anything else.
_GAP: Final = 3.0
#: A label farther than this from its circle is joined to it by a line.
_NEAR: Final = 9.0
#: A baseline this many times faster than the fastest system, or this many times the spread of scores away, is told in
#: words: copying the source does a million sentences a second and scores next to nothing.
_FAR_SPEED: Final = 300.0
_FAR_SCORE: Final = 1.0
#: Directions that a label is tried in, best first: beside, above, below, the corners.
_DIRECTIONS: Final = ((1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1))
_DISTANCES: Final = (0.0, 8.0, 18.0, 30.0, 44.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One system. ``speed`` (items a second) and ``size`` (MB) are None where they were not measured."""

    name: str
    score: float
    low: float
    high: float
    speed: float | None = None
    size: float | None = None
    baseline: bool = False
    oracle: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height of a drawing, the width of the strip for systems without a speed, characters of a label."""

    width: int
    height: int
    strip: int
    characters: int


WIDE: Final = Shape(880, 430, 200, 28)
NARROW: Final = Shape(340, 400, 96, 15)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0

    def inside(self, other: Box) -> bool:
        """Tell whether no part stands out of ``other``."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a point is drawn, and what of it a label must not cover: the circle and the interval's line."""

    x: float
    y: float
    radius: float
    low: float
    high: float

    @property
    def boxes(self) -> tuple[Box, Box]:
        circle = Box(self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)
        line = Box(self.x - 1, min(self.low, self.high), self.x + 1, max(self.low, self.high))
        return circle, line


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, the systems whose labels found no room in it, and those too far off to be drawn, in words."""

    svg: Markup
    unlabelled: tuple[str, ...]
    far: tuple[str, ...]


def text_width(text: str) -> float:
    """Return how many pixels ``text`` takes at most (12 px, sans-serif); marks take none."""
    width = 0.0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        width += _WIDE_CHARACTER if unicodedata.east_asian_width(character) in "WF" else _CHARACTER
    return width


def shorten(name: str, characters: int) -> str:
    """Return ``name`` on one line, its middle cut out where it is longer than ``characters``: both ends tell apart."""
    line = one_line(name)
    if len(line) <= characters:
        return line
    end = (characters - 1) // 2
    return line[: characters - 1 - end].rstrip() + "…" + line[-end:].lstrip()


def place_labels(spots: Sequence[Spot], widths: Sequence[float], area: Box) -> list[Box | None]:
    """Return a box a label, none of which overlaps another, a circle, or leaves ``area``; None where there is no room.

    Greedy from top to bottom over candidates around each point, then over a grid of the whole area by distance:
    O(n^2) candidates for n points, n being the systems of one table.
    """
    taken: list[Box] = [spot.boxes[0] for spot in spots]
    lines = [spot.boxes[1] for spot in spots]
    placed: list[Box | None] = [None] * len(spots)
    for index in sorted(range(len(spots)), key=lambda each: (spots[each].y, spots[each].x, each)):
        spot, width = spots[index], widths[index]
        best: tuple[float, Box] | None = None
        for cost, box in _around(spot, width):
            if best is not None and cost >= best[0]:
                continue
            if not box.inside(area) or any(box.overlap(each) for each in taken):
                continue
            total = cost + sum(40.0 for line in lines if box.overlap(line))
            if best is None or total < best[0]:
                best = (total, box)
        box_ = best[1] if best else _anywhere(spot, width, area, taken)
        if box_ is not None:
            placed[index] = box_
            taken.append(_grown(box_))
    return placed


def _grown(box: Box) -> Box:
    return Box(box.left - _GAP, box.top, box.right + _GAP, box.bottom)


def _around(spot: Spot, width: float) -> list[tuple[float, Box]]:
    """Return boxes around a point with their costs: how far away, and how unusual the direction."""
    found = []
    for distance in _DISTANCES:
        for rank, (right, down) in enumerate(_DIRECTIONS):
            away = spot.radius + _GAP + distance
            x = spot.x + right * (away if not down else away * 0.75)
            y = spot.y + down * (away if not right else away * 0.75)
            left = x if right > 0 else x - width if right < 0 else x - width / 2
            top = y - LABEL_HEIGHT / 2 if not down else y if down > 0 else y - LABEL_HEIGHT
            found.append((distance * 4 + rank * 3, Box(left, top, left + width, top + LABEL_HEIGHT)))
    return found


def _anywhere(spot: Spot, width: float, area: Box, taken: Sequence[Box]) -> Box | None:
    """Return the free box of the area that is nearest to the point."""
    best: tuple[float, Box] | None = None
    top = area.top
    while top + LABEL_HEIGHT <= area.bottom:
        left = area.left
        while left + width <= area.right:
            box = Box(left, top, left + width, top + LABEL_HEIGHT)
            away = math.hypot((box.left + box.right) / 2 - spot.x, (box.top + box.bottom) / 2 - spot.y)
            if (best is None or away < best[0]) and not any(box.overlap(each) for each in taken):
                best = (away, box)
            left += 12.0
        top += LABEL_HEIGHT / 2
    return best[1] if best else None


# --- axes ---------------------------------------------------------------------------------------


def linear_ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """Return round numbers from at most ``low`` to at least ``high``."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * each for each in (1, 2, 5, 10, 20) if span / (power * each) <= most)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5, 10 and so on from at most ``low`` to at least ``high`` (both > 0), thinned to about six."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks = [mantissa * 10.0**power for power in range(first, last + 1) for mantissa in (1, 2, 5)]
    below = max((index for index, tick in enumerate(ticks) if tick <= low), default=0)
    above = min((index for index, tick in enumerate(ticks) if tick >= high), default=len(ticks) - 1)
    chosen = ticks[below : max(above, below + 1) + 1]
    if len(chosen) > 7:
        chosen = [tick for tick in chosen if f"{tick:e}".startswith("1")] or chosen[
            :: math.ceil(len(chosen) / 6)
        ]
        if chosen[0] > low:
            chosen.insert(0, chosen[0] / 10)
        if chosen[-1] < high:
            chosen.append(chosen[-1] * 10)
    return chosen


def tick_text(value: float) -> str:
    """Return a number of an axis: 0.05, 2, 1,000."""
    return f"{value:,.0f}" if value >= 1 and value == round(value) else f"{value:.3g}"


def megabytes(value: float) -> str:
    """Return a size for reading: 85 MB, 1.2 GB."""
    return (
        f"{value / 1000:.1f} GB" if value >= 1000 else f"{value:.0f} MB" if value >= 10 else f"{value:.1f} MB"
    )


def per_second(value: float) -> str:
    """Return a rate for reading: 0.42, 3.1, 215, 1,200."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def split_far(points: Sequence[Point]) -> tuple[list[Point], list[Point]]:
    """Return (drawn, far): baselines so much faster or worse than the systems that an axis to them shows little else."""
    systems = [each for each in points if not each.baseline and math.isfinite(each.score)]
    if not systems:
        return list(points), []
    speeds = [each.speed for each in systems if each.speed is not None]
    scores = [each.score for each in systems]
    room = _FAR_SCORE * max(max(scores) - min(scores), 0.1 * max(map(abs, scores)))

    def is_far(point: Point) -> bool:
        if not point.baseline or not math.isfinite(point.score):
            return False
        fast = bool(speeds) and point.speed is not None and point.speed > _FAR_SPEED * max(speeds)
        return fast or not min(scores) - room <= point.score <= max(scores) + room

    return [each for each in points if not is_far(each)], [each for each in points if is_far(each)]


def front(points: Sequence[Point], *, higher_is_better: bool) -> list[Point]:
    """Return the points with a speed that no other one beats in speed and score at once, slowest first; no oracles."""
    sign = 1 if higher_is_better else -1
    measured = [
        each for each in points if each.speed is not None and math.isfinite(each.score) and not each.oracle
    ]
    kept: list[Point] = []
    for point in sorted(measured, key=lambda each: (-(each.speed or 0.0), -sign * each.score, each.name)):
        if not kept or sign * point.score > sign * kept[-1].score:
            kept.append(point)
    return kept[::-1]


# --- drawing ------------------------------------------------------------------------------------


def plot(
    points: Sequence[Point],
    *,
    metric: str,
    unit: str,
    higher_is_better: bool,
    shape: Shape,
    identifier: str,
    decimals: int = 1,
) -> Drawing:
    """Draw quality (up is better), speed (right is faster) and size (area) as one ``<svg>``.

    Systems without a measured speed stand in a strip of their own on the left. Needs one point with a speed; points
    without a score are left out. ``unit`` is what is counted a second ("sentences"); ``identifier`` starts the ids.
    """
    drawn, far = split_far(points)
    shown = [each for each in drawn if math.isfinite(each.score)]
    strip = any(each.speed is None for each in shown)
    left, right, top, bottom = 46.0, shape.width - 14.0, 14.0, shape.height - 62.0
    begin = left + (shape.strip if strip else 0.0)  # where the speed axis starts
    ticks_y = linear_ticks(
        min(_finite(each.low, each.score) for each in shown),
        max(_finite(each.high, each.score) for each in shown),
    )
    speeds = [each.speed for each in shown if each.speed is not None]
    ticks_x = log_ticks(min(speeds), max(speeds))
    pad = 26.0

    def at_x(value: float) -> float:
        low, high = math.log(ticks_x[0]), math.log(ticks_x[-1])
        return begin + pad + (math.log(value) - low) / (high - low) * (right - pad - begin - pad)

    def at_y(value: float) -> float:
        share = (value - ticks_y[0]) / (ticks_y[-1] - ticks_y[0])
        return (
            bottom - 8 - share * (bottom - top - 16)
            if higher_is_better
            else top + 8 + share * (bottom - top - 16)
        )

    radius = _radius(shown)
    beside = _columns([at_y(each.score) for each in shown if each.speed is None])
    spots = [
        Spot(
            at_x(each.speed) if each.speed is not None else left + 12.0 + next(beside),
            at_y(each.score), radius(each.size) if each.speed is not None else _DOT,
            at_y(_finite(each.low, each.score)), at_y(_finite(each.high, each.score)),
        )
        for each in shown
    ]  # fmt: skip
    names = [shorten(each.name, shape.characters) for each in shown]
    labels: list[Box | None] = [None] * len(shown)
    for measured in (False, True):
        chosen = [index for index, each in enumerate(shown) if (each.speed is not None) is measured]
        area = Box(begin + 4, top, right, bottom) if measured else Box(left + 4, top, begin - 2, bottom)
        boxes = place_labels(
            [spots[index] for index in chosen], [text_width(names[index]) for index in chosen], area
        )
        for index, box in zip(chosen, boxes, strict=True):
            labels[index] = box

    best = front(shown, higher_is_better=higher_is_better)
    parts = [
        Markup(
            '<svg class="plot {0}" viewBox="0 0 {1} {2}" role="img" aria-labelledby="{3}-t {3}-d">'
        ).format("wide" if shape is not NARROW else "narrow", shape.width, shape.height, identifier),
        Markup('<title id="{}-t">{}</title>').format(
            identifier, escape_html(f"{metric} and speed of {len(shown)} systems")
        ),
        Markup('<desc id="{}-d">{}</desc>').format(
            identifier, escape_html(one_line(describe(shown, metric=metric, unit=unit, decimals=decimals)))
        ),
    ]
    if strip:
        parts.append(Markup('<rect class="strip" x="{}" y="{}" width="{}" height="{}"/>').format(
            _n(left), _n(top), _n(begin - left), _n(bottom - top)))  # fmt: skip
    parts += [_grid_y(tick, at_y(tick), left, right) for tick in ticks_y]
    written = left - 99.0  # where the last tick's text ended: the next one is written only beside it
    for tick in ticks_x:
        half = text_width(tick_text(tick)) / 2
        room = at_x(tick) - half > written + _GAP
        parts.append(_grid_x(tick, at_x(tick), top, bottom, written=room))
        written = at_x(tick) + half if room else written
    parts.append(
        _frame(
            metric,
            unit,
            shape,
            higher=higher_is_better,
            strip=strip,
            left=left,
            begin=begin,
            right=right,
            bottom=bottom,
        )
    )
    if len(best) > 1:
        where = [spots[shown.index(each)] for each in best]
        steps = f"M{_n(where[0].x)} {_n(where[0].y)}" + "".join(f"L{_n(s.x)} {_n(s.y)}" for s in where[1:])
        parts.append(Markup('<path class="front" d="{}"/>').format(steps))
    for each, spot, label, name in zip(shown, spots, labels, names, strict=True):
        parts.append(
            _point(
                each, spot, label, name, metric=metric, unit=unit, on_front=each in best, decimals=decimals
            )
        )
    parts.append(_sizes(shown, radius, shape))
    parts.append(Markup("</svg>"))
    left_out = tuple(each.name for each, label in zip(shown, labels, strict=True) if label is None)
    told = tuple(_told(each, metric=metric, unit=unit, decimals=decimals) for each in far)
    return Drawing(Markup("").join(parts), left_out, told)


def _columns(heights: Sequence[float]) -> Iterator[float]:
    """Yield how far right each dot of the strip moves so that none covers another."""
    columns: dict[int, list[float]] = {}
    moved = [0.0] * len(heights)
    for index in sorted(range(len(heights)), key=lambda each: (heights[each], each)):
        column = 0
        while (
            any(abs(heights[index] - each) < 2 * _DOT + 1 for each in columns.get(column, ())) and column < 5
        ):
            column += 1
        columns.setdefault(column, []).append(heights[index])
        moved[index] = column * (2 * _DOT + 3)
    return iter(moved)


def describe(points: Sequence[Point], *, metric: str, unit: str, decimals: int = 1) -> str:
    """Return the picture in words."""
    return "; ".join(_told(each, metric=metric, unit=unit, decimals=decimals) for each in points) + "."


def _told(point: Point, *, metric: str, unit: str, decimals: int) -> str:
    told = f"{point.name}: {metric} {point.score:.{decimals}f}"
    if math.isfinite(point.low) and math.isfinite(point.high):
        told += f" ({point.low:.{decimals}f} to {point.high:.{decimals}f})"
    told += (
        f", {per_second(point.speed)} {unit} a second" if point.speed is not None else ", speed not measured"
    )
    return told + (f", {megabytes(point.size)}" if point.size else "")


def _finite(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise


def _radius(points: Sequence[Point]) -> Callable[[float | None], float]:
    """Return model size -> radius: the area is in proportion to the size, down to a dot."""
    largest = max((each.size for each in points if each.size and each.speed is not None), default=0.0)

    def radius(size: float | None) -> float:
        return max(_RADII[0], _RADII[1] * math.sqrt(size / largest)) if size and largest else _DOT

    return radius


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _grid_y(tick: float, y: float, left: float, right: float) -> Markup:
    return Markup(
        '<path class="grid" d="M{0} {2}H{1}"/><text class="tick" x="{3}" y="{4}" text-anchor="end">{5}</text>'
    ).format(
        _n(left), _n(right), _n(y), _n(left - 6), _n(y + 4), tick_text(tick) if tick >= 0 else f"{tick:.3g}"
    )


def _grid_x(tick: float, x: float, top: float, bottom: float, *, written: bool) -> Markup:
    line = Markup('<path class="grid" d="M{} {}V{}"/>').format(_n(x), _n(top), _n(bottom))
    if not written:
        return line
    return line + Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        _n(x), _n(bottom + 16), tick_text(tick)
    )


def _frame(
    metric: str, unit: str, shape: Shape, *, higher: bool, strip: bool, left: float, begin: float, right: float, bottom: float
) -> Markup:  # fmt: skip
    """Return the axes and their names; an axis whose better end is the smaller one is drawn upside down and says so."""
    name = metric if higher else f"{metric} (lower is better, so the axis is turned)"
    axis = f"{unit} a second →" if shape is NARROW else f"{unit} a second (log scale), faster →"
    parts = [
        Markup('<path class="axis" d="M{} {}H{}"/>').format(_n(left), _n(bottom), _n(right)),
        Markup(
            '<text class="axis-name" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text>'
        ).format(_n((14 + bottom) / 2), escape_html(one_line(name) + " →" if higher else one_line(name))),
        Markup('<text class="axis-name" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            _n((begin + right) / 2), _n(bottom + 34), escape_html(axis)
        ),
    ]
    if strip:
        words = ("speed not", "measured") if shape is NARROW else ("speed not measured",)
        parts += [
            Markup('<text class="axis-name" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                _n((left + begin) / 2), _n(bottom + 16 + 14 * index), word
            )
            for index, word in enumerate(words)
        ]
    return Markup("").join(parts)


def _point(
    point: Point, spot: Spot, label: Box | None, name: str, *, metric: str, unit: str, on_front: bool, decimals: int
) -> Markup:  # fmt: skip
    kind = " ".join(
        ["point", *(["base"] if point.baseline else []), *(["best"] if on_front else []),
         *(["bare"] if point.size is None else [])]
    )  # fmt: skip
    parts = [
        Markup('<g class="{}"><title>{}</title>').format(
            kind, escape_html(one_line(_told(point, metric=metric, unit=unit, decimals=decimals)))
        ),
        Markup('<path class="interval" d="M{0} {1}V{2}"/>').format(_n(spot.x), _n(spot.low), _n(spot.high)),
        Markup('<circle cx="{}" cy="{}" r="{}"/>').format(_n(spot.x), _n(spot.y), _n(spot.radius)),
    ]
    if label is not None:
        middle = (label.top + label.bottom) / 2
        beside = label.left >= spot.x
        end_x = min(max(spot.x, label.left), label.right)
        end_y = min(max(spot.y, label.top + 3), label.bottom - 3)
        if math.hypot(end_x - spot.x, end_y - spot.y) > spot.radius + _NEAR:
            parts.append(
                Markup('<path class="leader" d="M{} {}L{} {}"/>').format(
                    _n(spot.x), _n(spot.y), _n(end_x), _n(end_y)
                )
            )
        anchor, x = ("start", label.left) if beside else ("end", label.right)
        if label.left < spot.x < label.right:
            anchor, x = "middle", (label.left + label.right) / 2
        parts.append(
            Markup('<text class="name" x="{}" y="{}" text-anchor="{}" direction="ltr">{}</text>').format(
                _n(x), _n(middle + 4), anchor, escape_html(name)
            )
        )
    parts.append(Markup("</g>"))
    return Markup("").join(parts)


def _sizes(points: Sequence[Point], radius: Callable[[float | None], float], shape: Shape) -> Markup:
    """Return the key of sizes in the line below the axis: circles of up to two round sizes, in the plot's own scale."""
    largest = max((each.size for each in points if each.size and each.speed is not None), default=0.0)
    if not largest:
        return Markup("")
    size = _round_size(largest)
    while radius(size) > _KEY_RADIUS:
        size = _round_size(size * 0.99)
    smaller = _round_size(size / 4)
    y = shape.height - 13.0
    x = 46.0 + text_width("area: model size") + 4
    parts = [Markup('<g class="key"><text x="46" y="{}">area: model size</text>').format(_n(y + 4))]
    for each in (smaller, size) if radius(smaller) < radius(size) else (size,):
        r = radius(each)
        x += r
        parts.append(
            Markup('<circle cx="{0}" cy="{1}" r="{2}"/><text x="{3}" y="{4}">{5}</text>').format(
                _n(x), _n(y), _n(r), _n(x + r + 5), _n(y + 4), megabytes(each)
            )
        )
        x += r + 5 + text_width(megabytes(each)) + 8
    parts.append(Markup("</g>"))
    return Markup("").join(parts)


def _round_size(size: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is at most ``size``."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * each for each in (5, 2, 1) if power * each <= size * (1 + 1e-9))


def strip_of(score: float, low: float, high: float, *, scale: tuple[float, float]) -> Markup:
    """Return one interval with its score on a line of ``scale`` (least, most); the numbers stand beside it as text.

    What lies beyond an end of the scale is drawn as an arrowhead there.
    """
    least, most = scale
    span = most - least or 1.0
    if not (math.isfinite(score) and math.isfinite(low) and math.isfinite(high)):
        return Markup("")

    def at(value: float) -> float:
        return min(max(5 + (value - least) / span * 190, 5.0), 195.0)

    parts = [
        Markup(
            '<svg class="strip-plot" viewBox="0 0 200 16" aria-hidden="true"><path class="rail" d="M0 8H200"/>'
        )
    ]
    if high < least or low > most:
        tip, base = (1, 8) if high < least else (199, 192)
        parts.append(Markup('<path class="off" d="M{0} 4L{1} 8L{0} 12"/>').format(base, tip))
    else:
        parts.append(
            Markup('<path class="range" d="M{} 8H{}"/><circle cx="{}" cy="8" r="4"/>').format(
                _n(at(low)), _n(at(high)), _n(at(score))
            )
        )
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)
