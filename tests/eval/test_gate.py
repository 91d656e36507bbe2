"""The gate: the shipped floors hold, and none is lowered in silence."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pytest
import yaml

from eval import gate
from eval.gate import (
    Floor,
    Outcome,
    Step,
    check_floors,
    floor_for,
    read_floors,
    update_floors,
    worse,
    write_floors,
)
from summarizer.errors import ConfigError, InputError, RenderError

DAY = datetime.date(2026, 2, 1)


def floor(value: float = 50.0, *, metric: str = "bleu", history: tuple[Step, ...] | None = None) -> Floor:
    steps = (Step(date="2026-01-01", measured=51.0, floor=value),) if history is None else history
    return Floor(
        dataset="small", system="profile:embedded", metric=metric, floor=value, fast=True, history=steps
    )


def outcome(score: float, one: Floor, *, higher: bool = True) -> Outcome:
    return Outcome(floor=one, score=score, higher_is_better=higher)


# --- the shipped file -----------------------------------------------------------------------------


def test_the_shipped_floors_are_sound_and_some_are_fast() -> None:
    floors = read_floors()
    assert sum(each.fast for each in floors) >= 4
    assert {each.system for each in floors} == {"profile:embedded"}
    for each in floors:
        if math.isfinite(each.floor) and each.history[-1].floor:
            assert each.floor == each.history[-1].floor


def test_the_embedded_profile_reaches_its_fast_floors(tmp_path: Path) -> None:
    outcomes = check_floors(read_floors(), results=tmp_path, fast=True)
    assert outcomes
    assert not [each.line for each in outcomes if not each.passed]


@pytest.mark.slow
def test_the_embedded_profile_reaches_every_floor(tmp_path: Path) -> None:
    assert not [each.line for each in check_floors(read_floors(), results=tmp_path) if not each.passed]


# --- the rules ------------------------------------------------------------------------------------


def test_a_score_under_its_floor_fails() -> None:
    assert outcome(50.0, floor(50.0)).passed
    assert not outcome(49.99, floor(50.0)).passed
    assert not outcome(math.nan, floor(50.0)).passed
    assert outcome(3.0, floor(4.0, metric="ter"), higher=False).passed
    assert not outcome(4.1, floor(4.0, metric="ter"), higher=False).passed
    assert outcome(49.99, floor(50.0)).line.startswith(
        "FAIL bleu of profile:embedded on small: 49.99 (at least 50.00)"
    )
    assert "ok   " in outcome(3.0, floor(4.0), higher=False).line


def test_floors_rise_by_themselves() -> None:
    one = floor(50.0)
    (raised,) = update_floors([one], [outcome(60.0, one)], today=DAY)
    assert raised.floor == floor_for(60.0, higher_is_better=True) == 58.8
    assert raised.history[-1] == Step(date="2026-02-01", measured=60.0, floor=58.8)
    (same,) = update_floors([one], [outcome(50.5, one)], today=DAY)  # 50.5 less the slack is under 50
    assert same == one


def test_lower_is_better_floors_sink_by_themselves() -> None:
    one = floor(10.0, metric="ter")
    (better,) = update_floors([one], [outcome(5.0, one, higher=False)], today=DAY)
    assert better.floor == 5.1
    (same,) = update_floors([one], [outcome(9.99, one, higher=False)], today=DAY)
    assert same == one


def test_lowering_needs_the_flag_and_a_reason() -> None:
    one = floor(50.0)
    low = [outcome(40.0, one)]
    with pytest.raises(InputError, match="--allow-lower"):
        update_floors([one], low)
    with pytest.raises(InputError, match="--reason"):
        update_floors([one], low, allow_lower=True, reason=" ")
    (lowered,) = update_floors([one], low, allow_lower=True, reason="a smaller\nmodel", today=DAY)
    assert lowered.floor == 39.2
    assert lowered.history[-1].reason == "a smaller model"
    untouched = floor(1.0, metric="ter")
    assert update_floors([one, untouched], low, allow_lower=True, reason="x", today=DAY)[1] == untouched


def test_what_is_written_is_read_with_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "floors.yaml"
    path.write_text("# what this is\n# and how\nfloors: []\n", encoding="utf-8")
    lowered = update_floors(
        [floor(50.0)], [outcome(40.0, floor(50.0))], allow_lower=True, reason="نموذج أصغر", today=DAY
    )
    write_floors(path, lowered)
    assert path.read_text(encoding="utf-8").startswith("# what this is\n# and how\nfloors:\n")
    assert read_floors(path) == lowered
    write_floors(tmp_path / "new.yaml", lowered)
    assert read_floors(tmp_path / "new.yaml") == lowered
    with pytest.raises(RenderError, match="cannot write"):
        write_floors(tmp_path / "none" / "floors.yaml", lowered)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"floor": 40.0}, "its history ends at 50"),
        ({"history": [{"date": "d", "measured": 61, "floor": 60}, {"date": "e", "measured": 51, "floor": 50}]}, "without a reason"),
        ({"history": []}, "history is missing"),
        ({"history": ["x"]}, "not a step"),
        ({"history": [{"date": "d", "floor": 50}]}, "measured is missing"),
        ({"flor": 1}, "did you mean 'floor'"),
        ({"metric": "blue"}, "unknown metric"),
        ({"floor": "much"}, "could not convert"),
        ({"dataset": None}, "dataset is missing"),
    ],
)  # fmt: skip
def test_a_file_edited_by_hand_does_not_pass(tmp_path: Path, change: dict[str, object], message: str) -> None:
    entry = {
        "dataset": "small", "system": "profile:embedded", "metric": "bleu", "floor": 50.0, "fast": True,
        "history": [{"date": "2026-01-01", "measured": 51.0, "floor": 50.0}],
    }  # fmt: skip
    path = tmp_path / "floors.yaml"
    path.write_text(yaml.safe_dump({"floors": [entry]}), encoding="utf-8")
    assert read_floors(path)[0].floor == 50.0
    path.write_text(yaml.safe_dump({"floors": [{**entry, **change}]}), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_floors(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("floors: [", "not YAML"), ("[]", "a list `floors`"), ("floors: [7]", "not a mapping"), (None, "cannot be read"),
    ],
)  # fmt: skip
def test_other_files_are_told(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "floors.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_floors(path)


def test_one_floor_stands_there_once(tmp_path: Path) -> None:
    path = tmp_path / "floors.yaml"
    write_floors(path, [floor(), floor()])
    with pytest.raises(ConfigError, match="twice"):
        read_floors(path)


def test_worse_goes_by_direction() -> None:
    assert worse(1, 2, higher_is_better=True)
    assert worse(2, 1, higher_is_better=False)
    assert worse(math.nan, 0, higher_is_better=False)
    assert gate.FLOORS.exists()
