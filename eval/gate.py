"""The gate: quality floors of the embedded profile on the shipped sets, pinned in ``floors.yaml``.

A change that makes Mujaz worse fails a test instead of passing unseen. Floors only rise by themselves
(``mujaz bench gate --update``); lowering one needs ``--allow-lower`` and ``--reason``, and the reason stays in the file::

    floors:
      - dataset: mujaz-challenge
        system: profile:embedded
        metric: facts-kept
        floor: 61.5
        fast: true               # seconds, checked by `make test`
        limit: 60                # optional: the first items only
        history:                 # oldest first; each step down has a reason
          - {date: 2026-01-31, measured: 63.52, floor: 62.5}
          - {date: 2026-02-10, measured: 62.58, floor: 61.5, reason: "..."}

``read_floors`` holds the file to this: ``floor`` is that of the last entry, and an entry that is worse than the one before
it gives a reason. So an edit by hand that only lowers the number does not pass.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from eval.datasets import load_dataset
from eval.errors import MetricError
from eval.metrics import load_metric
from eval.results import DEFAULT_RESULTS
from eval.run import run_benchmark
from eval.systems import create_system
from summarizer.errors import ConfigError, InputError, RenderError

FLOORS: Final = Path(__file__).with_name("floors.yaml")
#: How far below the measured score a floor is set, as a share of the score: int8 arithmetic rounds differently on other
#: processors and in other batches, and a few sentences of a small set then read otherwise.
SLACK: Final = 0.02
#: Floors are written with this many decimals.
_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of a floor's history."""

    date: str
    measured: float
    floor: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """One pinned quality: ``system`` on ``dataset`` (its first ``limit`` items) reaches ``floor`` by ``metric``.

    For a metric where lower is better the "floor" is the most that is let through.
    """

    dataset: str
    system: str
    metric: str
    floor: float
    fast: bool = False
    limit: int | None = None
    history: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        limited = f" (first {self.limit})" if self.limit else ""
        return f"{self.metric} of {self.system} on {self.dataset}{limited}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a floor's check found."""

    floor: Floor
    score: float
    higher_is_better: bool

    @property
    def passed(self) -> bool:
        return not worse(self.score, self.floor.floor, higher_is_better=self.higher_is_better)

    @property
    def line(self) -> str:
        """One line for a person."""
        verdict = "ok  " if self.passed else "FAIL"
        bound = "at least" if self.higher_is_better else "at most"
        return f"{verdict} {self.floor.name}: {self.score:.2f} ({bound} {self.floor.floor:.2f})"


def worse(score: float, than: float, *, higher_is_better: bool) -> bool:
    """Tell whether ``score`` is worse; a score that is not a number is worse than any."""
    if math.isnan(score):
        return True
    return score < than if higher_is_better else score > than


# --- the file -----------------------------------------------------------------------------------

_FLOOR_KEYS: Final = ("dataset", "system", "metric", "floor", "fast", "limit", "history")
_STEP_KEYS: Final = ("date", "measured", "floor", "reason")


def read_floors(path: Path = FLOORS) -> tuple[Floor, ...]:
    """Read the floors. Raises ``ConfigError`` that lists every problem: unknown keys, a lowering without a reason ..."""
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(plain, Mapping) or not isinstance(plain.get("floors"), list):
        raise ConfigError(f"{path} must be a mapping with a list `floors`")
    problems: list[str] = []
    floors = [floor for entry in plain["floors"] if (floor := _floor(entry, problems)) is not None]
    names = [floor.name for floor in floors]
    problems += [f"{name} stands there twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise ConfigError(f"{path} is not right", problems=tuple(problems))
    return tuple(floors)


def _floor(entry: Any, problems: list[str]) -> Floor | None:
    if not isinstance(entry, Mapping):
        problems.append(f"{entry!r} is not a mapping")
        return None
    before = len(problems)
    label = f"{entry.get('metric')} on {entry.get('dataset')}"
    _check_keys(entry, _FLOOR_KEYS, (*_FLOOR_KEYS[:4], "history"), label, problems)
    history = entry.get("history") or []
    for step in history:
        if isinstance(step, Mapping):
            _check_keys(step, _STEP_KEYS, _STEP_KEYS[:3], f"{label}: history", problems)
        else:
            problems.append(f"{label}: {step!r} is not a step of history")
    if len(problems) > before:
        return None
    try:
        steps = tuple(
            Step(
                date=str(step["date"]),
                measured=float(step["measured"]),
                floor=float(step["floor"]),
                reason=str(step.get("reason") or "").strip(),
            )
            for step in history
        )
        floor = Floor(
            dataset=str(entry["dataset"]),
            system=str(entry["system"]),
            metric=str(entry["metric"]),
            floor=float(entry["floor"]),
            fast=bool(entry.get("fast", False)),
            limit=int(entry["limit"]) if entry.get("limit") else None,
            history=steps,
        )
        higher = load_metric(floor.metric).higher_is_better
    except (TypeError, ValueError, MetricError) as error:
        problems.append(f"{label}: {error}")
        return None
    problems += _history_problems(floor, higher_is_better=higher)
    return floor


def _check_keys(
    entry: Mapping[str, Any], known: Sequence[str], needed: Sequence[str], label: str, problems: list[str]
) -> None:
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            problems.append(
                f"{label}: unknown key {key!r}" + (f" (did you mean {near[0]!r}?)" if near else "")
            )
    problems.extend(f"{label}: {key} is missing" for key in needed if entry.get(key) in (None, "", []))


def _history_problems(floor: Floor, *, higher_is_better: bool) -> list[str]:
    problems = []
    last = floor.history[-1]
    if last.floor != floor.floor:
        problems.append(
            f"{floor.name}: floor is {floor.floor:g}, but its history ends at {last.floor:g}: change it with "
            "`mujaz bench gate --update`"
        )
    for earlier, later in zip(floor.history, floor.history[1:], strict=False):
        if worse(later.floor, earlier.floor, higher_is_better=higher_is_better) and not later.reason:
            problems.append(
                f"{floor.name}: lowered from {earlier.floor:g} to {later.floor:g} on {later.date} without a reason"
            )
    return problems


def write_floors(path: Path, floors: Sequence[Floor]) -> None:
    """Write the floors, keeping the comment lines that the file begins with. Raises ``RenderError``."""
    entries = []
    for floor in floors:
        entry: dict[str, Any] = {key: getattr(floor, key) for key in _FLOOR_KEYS[:5]}
        if floor.limit:
            entry["limit"] = floor.limit
        entry["history"] = [
            {key: getattr(step, key) for key in _STEP_KEYS if key != "reason" or step.reason}
            for step in floor.history
        ]
        entries.append(entry)
    try:
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        head = "".join(
            f"{line}\n" for line in old[: next((n for n, line in enumerate(old) if line[:1] != "#"), 0)]
        )
        text = yaml.safe_dump({"floors": entries}, sort_keys=False, allow_unicode=True, width=110)
        path.write_text(head + text, encoding="utf-8")
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from error


# --- checking and changing ----------------------------------------------------------------------


def check_floors(
    floors: Sequence[Floor], *, results: Path = DEFAULT_RESULTS, data: Path | None = None, fast: bool = False
) -> tuple[Outcome, ...]:
    """Score what the floors ask for, each system once a dataset, and hold it against them.

    ``fast``: only floors marked so. Raises what running raises (a dataset that is not there, a model that is missing).
    """
    chosen = [floor for floor in floors if floor.fast or not fast]
    groups: dict[tuple[str, str, int | None], list[Floor]] = {}
    for floor in chosen:
        groups.setdefault((floor.dataset, floor.system, floor.limit), []).append(floor)
    scores: dict[str, tuple[float, bool]] = {}
    for (dataset_id, spec, limit), group in groups.items():
        dataset = load_dataset(dataset_id, data=data, limit=limit)
        system = create_system(spec, dataset, limited=limit is not None)
        result = run_benchmark(dataset, system, metrics=[floor.metric for floor in group], results=results)
        for floor in group:
            score = result.score(floor.metric)
            if score is not None:
                scores[floor.name] = (score.score, score.higher_is_better)
    return tuple(
        Outcome(floor=floor, score=scores[floor.name][0], higher_is_better=scores[floor.name][1])
        for floor in chosen
    )


def update_floors(
    floors: Sequence[Floor],
    outcomes: Sequence[Outcome],
    *,
    allow_lower: bool = False,
    reason: str = "",
    today: date | None = None,
) -> tuple[Floor, ...]:
    """Return the floors at what is reached now, less ``SLACK``.

    A floor rises where the score leaves room; it is lowered only where the score fails it, with ``allow_lower`` and a
    ``reason``. Raises ``InputError`` where one would have to be lowered without them.
    """
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if failed and not allow_lower:
        raise InputError(
            f"{failed[0].floor.name} would be lowered: add --allow-lower and --reason (or mend it)"
        )
    if failed and not reason.strip():
        raise InputError("lowering a floor needs a reason: --reason TEXT")
    day = (today or datetime.now(UTC).date()).isoformat()
    by_name = {outcome.floor.name: outcome for outcome in outcomes}
    updated = []
    for floor in floors:
        outcome = by_name.get(floor.name)
        if outcome is None or math.isnan(outcome.score):
            updated.append(floor)
            continue
        new = floor_for(outcome.score, higher_is_better=outcome.higher_is_better)
        if outcome.passed and not worse(floor.floor, new, higher_is_better=outcome.higher_is_better):
            updated.append(floor)
            continue
        step = Step(
            date=day,
            measured=round(outcome.score, _DECIMALS),
            floor=new,
            reason="" if outcome.passed else " ".join(reason.split()),
        )
        updated.append(replace(floor, floor=new, history=(*floor.history, step)))
    return tuple(updated)


def floor_for(score: float, *, higher_is_better: bool) -> float:
    """Return the floor that belongs to a measured score: SLACK worse."""
    return round(score * (1 - SLACK if higher_is_better else 1 + SLACK), _DECIMALS)
