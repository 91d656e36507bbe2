"""Systems: what turns items into hypotheses, named by one string.

===================== ================================================================================================
spec                  what it is
===================== ================================================================================================
``profile:NAME``      Mujaz itself with a profile of models.yaml: its pipeline, translator, clusters, sentences, facts
``model:ID``          one model of models.yaml alone: its first answer, without the pipeline around it
``baseline:NAME``     ``eval.baselines``: lead, lexrank, random, oracle; copy; tfidf, hdbscan, single; punctuation; digits
``files:PATH``        hypotheses made anywhere: a file with one line an item (or ``.jsonl``: ``{"id", "hypothesis"}``);
                      a folder is one system a file
``pivot:ORDER``       ``eval.pivot``: English summaries of Arabic reports, by either order of the two steps
``package.mod:Class`` a system of your own, called as ``Class(request)`` with a ``Request``
===================== ================================================================================================

Options follow after commas: ``baseline:lead,sentences=1``, ``baseline:random,seed=7``, ``files:out.txt,name=ours``.

A system's ``settings`` hold everything that decides its answers -- the options, the weights' checksum, the code's
fingerprint -- so that their hash tells whether a stored answer is still what the system would say.
"""

from __future__ import annotations

import difflib
import importlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from eval.baselines import Budget
from eval.datasets import Dataset
from eval.items import TASKS, Item, Task
from summarizer.errors import InputError, ModelError
from summarizer.models import Registry

#: Items that a system gets at once: enough to fill the batches of an engine, few enough to lose little to a kill.
BATCH: Final = 32
#: Items at once for systems that take no time.
LARGE_BATCH: Final = 1000


@runtime_checkable
class System(Protocol):
    """What the runner knows of a system."""

    #: The spec in full, options included: what to write to get this system again. Names it in tables.
    spec: str
    #: Everything that decides the answers, as plain JSON values.
    settings: Mapping[str, Any]
    #: Items a call of ``answer``; None: all items of the dataset in one call (clustering).
    batch_size: int | None
    #: Whether time and memory say something of this system (not of answers read from a file).
    measured: bool

    @property
    def size_mb(self) -> float:
        """Weights on disk, in MB of 10^6 bytes; 0 without any."""
        ...

    def load(self) -> None:
        """Do what is done once: read weights and lists. Called before the first ``answer``, and timed."""
        ...

    def answer(self, items: Sequence[Item]) -> list[Any]:
        """Return one hypothesis an item, as ``eval.items`` has it for the task."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a system is made for. ``options`` are those of the spec; ``limited``: the dataset was cut short."""

    spec: str
    name: str
    task: Task
    dataset: Dataset
    options: Mapping[str, str] = field(default_factory=dict)
    models: Path | None = None
    limited: bool = False

    def registry(self) -> Registry:
        """Return a registry with no model loaded: cost is told a system at a time."""
        return Registry.load(self.models)

    def budget(self) -> Budget:
        """Return the budget of the options ``sentences``, ``words`` and ``share``."""
        return Budget(
            sentences=self.whole("sentences"), words=self.whole("words"), share=self.number("share", float)
        )

    def whole(self, option: str) -> int | None:
        """Return an option as a whole number, None without it. Raises ``InputError``."""
        found: int | None = self.number(option, int)
        return found

    def number(self, option: str, kind: Callable[[str], Any]) -> Any:
        """Return an option as a number, None without it. Raises ``InputError``."""
        if option not in self.options:
            return None
        try:
            return kind(self.options[option])
        except ValueError as error:
            raise InputError(
                f"{self.spec}: {option}={self.options[option]} is not a{'' if kind is float else ' whole'} number"
            ) from error

    def allow(self, *options: str) -> None:
        """Raise ``InputError`` for an option that this system does not know."""
        for option in self.options:
            if option not in options:
                raise InputError(f"{self.spec}: {unknown_name('option', option, options)}")


class BaseSystem:
    """A system's common parts; subclasses write ``answer``, and ``load`` where there is something to load."""

    tasks: ClassVar[frozenset[Task]] = frozenset(TASKS)
    measured: bool = True

    def __init__(
        self,
        request: Request,
        *,
        settings: Mapping[str, Any],
        batch_size: int | None = BATCH,
        size_mb: float = 0.0,
    ) -> None:
        self.spec = request.spec
        self.settings: Mapping[str, Any] = {"task": request.task, **settings}
        self.batch_size = batch_size
        self._size_mb = size_mb

    @property
    def size_mb(self) -> float:
        return self._size_mb

    def load(self) -> None:
        """Nothing is to be loaded."""

    def answer(self, items: Sequence[Item]) -> list[Any]:
        raise NotImplementedError


# --- specs --------------------------------------------------------------------------------------

#: Kind -> "module:function"; the function is called with a ``Request`` and returns a ``System``.
KINDS: Final[dict[str, str]] = {
    "profile": "eval.systems_mujaz:create_profile",
    "model": "eval.systems_mujaz:create_model",
    "baseline": "eval.systems_simple:create_baseline",
    "files": "eval.systems_simple:create_files",
    "pivot": "eval.pivot:create_pivot",
}

#: The baselines of each task, in the order of tables, and what to add beside the embedded profile.
DEFAULT_SYSTEMS: Final[dict[Task, tuple[str, ...]]] = {
    "translate": ("baseline:copy", "profile:embedded"),
    "summarize": (
        "baseline:lead",
        "baseline:lexrank",
        "baseline:random",
        "baseline:oracle",
        "profile:embedded",
    ),
    "cluster": ("baseline:single", "baseline:tfidf", "profile:embedded"),
    "segment": ("baseline:punctuation", "profile:embedded"),
    "facts": ("baseline:digits", "profile:embedded"),
}

#: Files of a folder that hold hypotheses; others (scores, cards) are passed over.
HYPOTHESIS_SUFFIXES: Final = frozenset({".txt", ".en", ".ar", ".hyp", ".out", ".jsonl"})
_OPTIONS: Final = re.compile(r"((?:,[a-z_]+=[^,=]+)*)$")


def split_spec(spec: str) -> tuple[str, str, dict[str, str]]:
    """Return (kind, name, options). Raises ``InputError`` for a string that is no spec."""
    kind, colon, rest = spec.partition(":")
    if not (kind and colon and rest):
        raise InputError(f"{spec!r} names no system: write KIND:NAME, where KIND is {', '.join(KINDS)}")
    if kind not in KINDS and "." not in kind:
        raise InputError(f"{spec!r}: {unknown_name('kind of system', kind, tuple(KINDS))}")
    found = _OPTIONS.search(rest)
    tail = found[1] if found else ""
    pairs = [(pair.partition("=")[0], pair.partition("=")[2]) for pair in tail.split(",") if pair]
    return kind, rest[: len(rest) - len(tail)], dict(pairs)


def with_options(spec: str, options: Mapping[str, object]) -> str:
    """Return ``spec`` with options added where it does not have them itself."""
    kind, name, own = split_spec(spec)
    merged = {**{key: str(value) for key, value in options.items()}, **own}
    return f"{kind}:{name}" + "".join(f",{key}={merged[key]}" for key in sorted(merged))


def expand_specs(specs: Sequence[str]) -> tuple[str, ...]:
    """Return the specs, each once, a ``files:FOLDER`` as one spec a file. Raises ``InputError``."""
    expanded: list[str] = []
    for spec in specs:
        kind, name, _ = split_spec(spec)
        if kind == "files" and Path(name).is_dir():
            expanded += [f"files:{path},name={label}" for path, label in _hypothesis_files(Path(name))]
        else:
            expanded.append(spec)
    return tuple(dict.fromkeys(expanded))


def _hypothesis_files(folder: Path) -> list[tuple[Path, str]]:
    """Return the hypothesis files and their names without the suffix and without the words all names begin with."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in HYPOTHESIS_SUFFIXES)
    if not paths:
        raise InputError(f"{folder} holds no hypothesis files ({', '.join(sorted(HYPOTHESIS_SUFFIXES))})")
    names = [path.name.removesuffix(path.suffix).split(".") for path in paths]
    shared = 0
    while len(paths) > 1 and all(
        len(name) > shared + 1 and name[shared] == names[0][shared] for name in names
    ):
        shared += 1
    return [
        (path, ".".join(name[shared:]).replace(",", "_")) for path, name in zip(paths, names, strict=True)
    ]


def create_system(
    spec: str, dataset: Dataset, *, models: Path | None = None, limited: bool = False
) -> System:
    """Make the system that ``spec`` names, for the task of ``dataset``; nothing heavy is loaded yet.

    Raises ``InputError`` for a spec that is wrong or does not fit the task, ``ConfigError`` for an unknown profile or
    model, ``MissingModelError`` where weights are not on this machine.
    """
    kind, name, options = split_spec(spec)
    request = Request(
        spec=with_options(spec, {}), name=name, task=dataset.task, dataset=dataset, options=options, models=models,
        limited=limited,
    )  # fmt: skip
    target = KINDS.get(kind, spec.partition(",")[0])
    module_name, _, attribute = target.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(f"{spec}: cannot import {attribute} from {module_name}: {error}") from error
    made = factory(request)
    if not isinstance(made, System):
        raise InputError(f"{spec}: {attribute} does not make a System (see eval.systems.System)")
    return made


def run_system(
    spec: str, dataset: Dataset, *, models: Path | None = None, limited: bool = False
) -> Iterator[tuple[str, Any, float]]:
    """Yield (item id, hypothesis, seconds) of every item, without storing anything. Raises as ``create_system``."""
    system = create_system(spec, dataset, models=models, limited=limited)
    system.load()
    for batch in batches(dataset.items, system.batch_size):
        for item, (hypothesis, seconds) in zip(batch, timed_answers(system, batch), strict=True):
            yield item.id, hypothesis, seconds


def batches(items: Sequence[Item], size: int | None) -> list[Sequence[Item]]:
    """Return ``items`` cut into batches of ``size``, in order: the same items always meet in the same batch."""
    step = max(1, len(items)) if size is None else size
    return [items[start : start + step] for start in range(0, len(items), step)]


def timed_answers(system: System, batch: Sequence[Item]) -> list[tuple[Any, float]]:
    """Return (hypothesis, seconds) of each item; the batch's time is shared out evenly.

    Raises ``ModelError`` where the system does not give one answer an item.
    """
    begun = time.perf_counter()
    answers = system.answer(batch)
    seconds = (time.perf_counter() - begun) / max(1, len(batch))
    if len(answers) != len(batch):
        raise ModelError(f"{system.spec}: {len(answers)} answers for {len(batch)} items")
    return [(answer, seconds) for answer in answers]


def unknown_name(what: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {name!r}{hint} (known: {', '.join(known) or 'none'})"
