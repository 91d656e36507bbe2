"""Charts are well-formed SVG, with every line, and draw what is too high at the edge."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.charts import COLOURS, PANEL_HEIGHT, TOP, Line, Panel, draw, nice

SVG = "{http://www.w3.org/2000/svg}"


def test_a_chart_has_its_lines_names_and_marks() -> None:
    panel = Panel(
        title="Cost & <more>",
        xs=[0, 1, 2],
        lines=[Line(name="a", ys=[1, 50, 3], smooth=3), Line(name="b", ys=[0, 0, 200])],
        labels=[(0, "first"), (2, "last")],
        high=100,
        mark=1,
    )
    drawn = draw([panel, panel], title="Two")
    assert drawn == draw([panel, panel], title="Two")
    root = ET.fromstring(drawn)
    assert root.get("viewBox") == f"0 0 880 {2 * PANEL_HEIGHT}"
    lines = root.findall(f".//{SVG}polyline")
    assert [each.get("stroke") for each in lines] == [*COLOURS[:2], *COLOURS[:2]]
    texts = [each.text for each in root.findall(f".//{SVG}text")]
    assert {"Cost & <more>", "a", "b", "first", "last", "100"} <= set(texts)
    # 200 is cut at 100, the top; the line of medians leaves the one day of 50 out, its point stays.
    assert (lines[1].get("points") or "").split()[-1].split(",")[1] == f"{TOP:.1f}"
    assert len(root.findall(f".//{SVG}circle")) == 6


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.9, 1), (1, 1), (1.2, 1.5), (41, 50), (801, 1000), (0.03, 0.03)]
)
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)
