"""Systems without a model: the baselines of ``eval.baselines``, and hypotheses that were made anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import baselines, density
from eval.baselines import Budget
from eval.fingerprints import baseline_fingerprint
from eval.items import Item, Task
from eval.metrics.base import code_fingerprint
from eval.systems import LARGE_BATCH, BaseSystem, Request, System, unknown_name
from summarizer.errors import InputError


class Function(BaseSystem):
    """A system that is one function of a batch."""

    def __init__(
        self, request: Request, function: Callable[[Sequence[Item]], list[Any]], **rest: Any
    ) -> None:
        super().__init__(request, **rest)
        self._function = function

    def answer(self, items: Sequence[Item]) -> list[Any]:
        return self._function(items)


# --- baselines ----------------------------------------------------------------------------------


def create_baseline(request: Request) -> System:
    """Return a baseline of ``eval.baselines``. Raises ``InputError`` for one that is not of this task."""
    makers: dict[Task, dict[str, Callable[[Request], System]]] = {
        "summarize": dict.fromkeys(baselines.CHOOSERS, _summary_baseline),
        "translate": {"copy": _copy_baseline},
        "cluster": {"single": _cluster_baseline, "tfidf": _cluster_baseline, "hdbscan": _density_baseline},
        "segment": {"punctuation": _segment_baseline},
        "facts": {"digits": _facts_baseline},
    }
    known = makers[request.task]
    if request.name not in known:
        raise InputError(
            f"{request.spec}: {unknown_name(f'baseline for {request.task}', request.name, tuple(known))}"
        )
    return known[request.name](request)


def _baseline_settings(request: Request) -> dict[str, Any]:
    return {"baseline": request.name, "options": dict(request.options), "code": baseline_fingerprint()}


def _summary_baseline(request: Request) -> System:
    request.allow("sentences", "words", "share", *(["seed"] if request.name == "random" else []))
    chooser, budget = baselines.CHOOSERS[request.name], request.budget()
    if request.name == "random":
        seed = request.whole("seed") or 1

        def chooser(units: Any, item: Item, budget: Budget) -> list[int]:
            return baselines.choose_random(units, item, budget, seed=seed)

    return Function(
        request,
        lambda items: [baselines.summarize(item, chooser=chooser, budget=budget) for item in items],
        settings=_baseline_settings(request),
    )


def _copy_baseline(request: Request) -> System:
    request.allow()
    return Function(
        request, lambda items: [item.text for item in items],
        settings=_baseline_settings(request), batch_size=LARGE_BATCH,
    )  # fmt: skip


def _cluster_baseline(request: Request) -> System:
    request.allow(*(["likeness"] if request.name == "tfidf" else []))
    likeness = request.number("likeness", float) or baselines.TFIDF_LIKENESS
    if not 0 < likeness <= 1:
        raise InputError(f"{request.spec}: likeness must lie above 0 and be at most 1")
    function: Callable[[Sequence[Item]], list[Any]] = (
        baselines.cluster_single
        if request.name == "single"
        else lambda items: baselines.cluster_tfidf(items, likeness=likeness)
    )
    return Function(request, function, settings=_baseline_settings(request), batch_size=None)


def _density_baseline(request: Request) -> System:
    request.allow("vectors", "dates", "cut")
    dates, vectors = request.options.get("dates", "no"), request.options.get("vectors")
    if dates not in ("yes", "no"):
        raise InputError(f"{request.spec}: dates is yes or no, not {dates!r}")
    cut = request.number("cut", float)
    settings = _baseline_settings(request) | {"density": code_fingerprint(("eval.density",))}
    if vectors is not None:
        try:
            settings["vectors"] = hashlib.sha256(Path(vectors).read_bytes()).hexdigest()[:16]
        except OSError as error:
            raise InputError(f"{request.spec}: cannot read {vectors}: {error.strerror}") from error

    def answer(items: Sequence[Item]) -> list[Any]:
        given = None if vectors is None else density.read_vectors(Path(vectors), items)
        return list(density.cluster_hdbscan(items, vectors=given, dates=dates == "yes", cut=cut))

    return Function(request, answer, settings=settings, batch_size=None)


def _segment_baseline(request: Request) -> System:
    request.allow()
    return Function(
        request, lambda items: [baselines.segment_punctuation(item.text) for item in items],
        settings=_baseline_settings(request),
    )  # fmt: skip


def _facts_baseline(request: Request) -> System:
    request.allow()
    return Function(
        request, lambda items: [baselines.find_digits(item.text) for item in items],
        settings=_baseline_settings(request),
    )  # fmt: skip


# --- hypotheses from files ----------------------------------------------------------------------


class _Files(BaseSystem):
    """Answers that are there already."""

    measured = False

    def __init__(self, request: Request, answers: Mapping[str, Any], *, settings: Mapping[str, Any]) -> None:
        super().__init__(request, settings=settings, batch_size=LARGE_BATCH)
        self._answers = answers

    def answer(self, items: Sequence[Item]) -> list[Any]:
        return [self._answers[item.id] for item in items]


def create_files(request: Request) -> System:
    """Return the system of one hypothesis file. Raises ``InputError`` where it does not hold one answer an item."""
    request.allow("name")
    path = Path(request.name)
    if path.is_dir():
        raise InputError(f"{request.spec} is a folder: it stands for one system a file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text") from error
    answers = (_answers_by_id if path.suffix == ".jsonl" else _answers_by_line)(text, path, request)
    told = hashlib.sha256(
        json.dumps(
            [answers[item.id] for item in request.dataset.items], ensure_ascii=False, sort_keys=True
        ).encode("utf-8", "surrogatepass")
    )
    made = _Files(request, answers, settings={"answers": told.hexdigest()[:16]})
    # The name alone: where the file lies on this machine says nothing about the system.
    made.spec = f"files:{request.options.get('name') or path.name}"
    return made


def _answers_by_line(text: str, path: Path, request: Request) -> dict[str, Any]:
    # Only "\n" ends a line: a hypothesis may hold other separators (U+2028, form feed).
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    items = request.dataset.items
    if len(lines) != len(items) and not (request.limited and len(lines) > len(items)):
        raise InputError(f"{path} has {len(lines)} lines, but {request.dataset.id} has {len(items)} items")
    return {item.id: line for item, line in zip(items, lines, strict=False)}


def _answers_by_id(text: str, path: Path, request: Request) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            answers[str(row["id"])] = row["hypothesis"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise InputError(f'{path}:{number}: needs {{"id": ..., "hypothesis": ...}}') from error
    missing = [item.id for item in request.dataset.items if item.id not in answers]
    if missing:
        raise InputError(
            f"{path} lacks {len(missing)} of {len(request.dataset.items)} items, the first is {missing[0]!r}"
        )
    return answers
