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
import hashlib
import importlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from eval import baselines, density
from eval.baselines import Budget
from eval.datasets import Dataset
from eval.items import TASKS, Item, Task
from eval.metrics.base import code_fingerprint
from summarizer.cluster import Cluster, cluster
from summarizer.duplicates import link_duplicates
from summarizer.engines import Engine
from summarizer.errors import InputError, ModelError
from summarizer.facts import extract_facts
from summarizer.faithfulness import check_english
from summarizer.models import ModelSpec, Registry, bundled_directory
from summarizer.models import Task as ModelTask
from summarizer.pipeline import draft_story
from summarizer.schema import Document, Mark
from summarizer.segment import segment, split_spans
from summarizer.summarize import Draft
from summarizer.terms import Terms
from summarizer.translate import translate_sentences

#: Items that a system gets at once: enough to fill the batches of an engine, few enough to lose little to a kill.
BATCH: Final = 32
#: Items at once for systems that take no time.
_LARGE_BATCH: Final = 1000


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
                raise InputError(f"{self.spec}: {_unknown('option', option, options)}")


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


class _Function(BaseSystem):
    """A system that is one function of a batch."""

    def __init__(
        self, request: Request, function: Callable[[Sequence[Item]], list[Any]], **rest: Any
    ) -> None:
        super().__init__(request, **rest)
        self._function = function

    def answer(self, items: Sequence[Item]) -> list[Any]:
        return self._function(items)


# --- specs --------------------------------------------------------------------------------------

#: Kind -> "module:function"; the function is called with a ``Request`` and returns a ``System``.
KINDS: Final[dict[str, str]] = {
    "profile": "eval.systems:create_profile",
    "model": "eval.systems:create_model",
    "baseline": "eval.systems:create_baseline",
    "files": "eval.systems:create_files",
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
        raise InputError(f"{spec!r}: {_unknown('kind of system', kind, tuple(KINDS))}")
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


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {name!r}{hint} (known: {', '.join(known) or 'none'})"


# --- fingerprints -------------------------------------------------------------------------------

#: Modules of the library that cannot change an answer: they read, write and show.
_IRRELEVANT: Final = frozenset(
    "cli render view escape annotate fetch formats paste metadata ingest display archive server feeds".split()
)


@lru_cache(maxsize=1)
def library_fingerprint() -> str:
    """Return 16 hex digits of what the library does and knows: its code (not its comments) and its data files."""
    root = Path(str(resources.files("summarizer")))
    modules = sorted(
        ".".join(("summarizer", *path.relative_to(root).with_suffix("").parts))
        for path in root.rglob("*.py")
        if path.stem not in _IRRELEVANT and path.stem != "__init__"
    )
    told = hashlib.sha256(code_fingerprint(tuple(modules)).encode())
    for path in sorted((root / "data").glob("*.tsv*")):
        told.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()[:16]


def baseline_fingerprint() -> str:
    """Return the fingerprint of the baselines and of the text processing under them."""
    return code_fingerprint(("eval.baselines", "summarizer.arabic", "summarizer.segment"))


#: Keys of models.yaml that are for readers: they decide no answer.
_TOLD_NOT_RUN: Final = {"notes", "citation", "size_mb", "licence", "non_commercial", "scores"}


def model_settings(spec: ModelSpec, registry: Registry) -> dict[str, Any]:
    """Return all that decides a model's answers: its entry in models.yaml, its weights, its library's version."""
    library = {"ctranslate2": "ctranslate2", "transformers": "transformers"}.get(spec.engine)
    return {
        "entry": spec.model_dump(mode="json", exclude=_TOLD_NOT_RUN),
        "weights": _weights(spec, registry),
        "engine": f"{library} {metadata.version(library)}" if library else spec.engine,
    }


def _weights(spec: ModelSpec, registry: Registry) -> str:
    """Return a checksum of the weights: of the list of checksums where they have one, else of the files."""
    if spec.source_kind in ("none", "http"):  # what a server runs is known to the server alone
        return spec.source
    if spec.source_kind == "bundled":
        sums = bundled_directory(spec.source_name) / "SHA256SUMS"
        return hashlib.sha256(sums.read_bytes()).hexdigest()[:16]
    told = hashlib.sha256()
    for path in _files(registry.locate(spec)):
        told.update(path.name.encode())
        # The hub's cache holds links to files that are named by their own checksum.
        if path.is_symlink() and re.fullmatch(r"[0-9a-f]{40,64}", path.resolve().name):
            told.update(path.resolve().name.encode())
        else:
            with path.open("rb") as stream:
                told.update(hashlib.file_digest(stream, "sha256").digest())
    return told.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def disk_size_mb(spec: ModelSpec, registry: Registry) -> float:
    """Return the size of a model's files here, in MB of 10^6 bytes."""
    if spec.source_kind in ("none", "http"):
        return 0.0
    return round(sum(path.stat().st_size for path in _files(registry.locate(spec))) / 1e6, 1)


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
            f"{request.spec}: {_unknown(f'baseline for {request.task}', request.name, tuple(known))}"
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

    return _Function(
        request,
        lambda items: [baselines.summarize(item, chooser=chooser, budget=budget) for item in items],
        settings=_baseline_settings(request),
    )


def _copy_baseline(request: Request) -> System:
    request.allow()
    return _Function(
        request, lambda items: [item.text for item in items],
        settings=_baseline_settings(request), batch_size=_LARGE_BATCH,
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
    return _Function(request, function, settings=_baseline_settings(request), batch_size=None)


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

    return _Function(request, answer, settings=settings, batch_size=None)


def _segment_baseline(request: Request) -> System:
    request.allow()
    return _Function(
        request, lambda items: [baselines.segment_punctuation(item.text) for item in items],
        settings=_baseline_settings(request),
    )  # fmt: skip


def _facts_baseline(request: Request) -> System:
    request.allow()
    return _Function(
        request, lambda items: [baselines.find_digits(item.text) for item in items],
        settings=_baseline_settings(request),
    )  # fmt: skip


# --- hypotheses from files ----------------------------------------------------------------------


class _Files(BaseSystem):
    """Answers that are there already."""

    measured = False

    def __init__(self, request: Request, answers: Mapping[str, Any], *, settings: Mapping[str, Any]) -> None:
        super().__init__(request, settings=settings, batch_size=_LARGE_BATCH)
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


# --- Mujaz itself -------------------------------------------------------------------------------


def create_profile(request: Request) -> System:
    """Return Mujaz with a profile. Raises ``ConfigError`` and ``MissingModelError``."""
    makers: dict[Task, Callable[[Request, Registry], System]] = {
        "translate": _ProfileTranslator,
        "summarize": _ProfileSummarizer,
        "cluster": _profile_cluster,
        "segment": _profile_segment,
        "facts": _ProfileFacts,
    }
    registry = request.registry()
    registry.profile(request.name)
    return makers[request.task](request, registry)


def library_settings(request: Request, registry: Registry, *roles: ModelTask) -> dict[str, Any]:
    """Return the settings of a system that is the library with the models of ``roles``."""
    models = {role: model_settings(registry.task_model(role, request.name), registry) for role in roles}
    return {"code": library_fingerprint(), "options": dict(request.options), "models": models}


class _ProfileTranslator(BaseSystem):
    """``mujaz translate``: every item is a line."""

    def __init__(self, request: Request, registry: Registry) -> None:
        request.allow()
        spec = registry.task_model("translation", request.name)
        super().__init__(
            request,
            settings=library_settings(request, registry, "translation"),
            size_mb=disk_size_mb(spec, registry),
        )
        self._engine = registry.engine(spec.id)
        self._terms: Terms | None = None

    def load(self) -> None:
        self._terms = Terms.load()
        self._engine.count_tokens("")  # engines read their weights at the first call

    def answer(self, items: Sequence[Item]) -> list[Any]:
        return translate(self._engine, self._terms, [item.text for item in items])


def translate(engine: Engine, terms: Terms | None, texts: Sequence[str]) -> list[str]:
    """Translate texts as ``mujaz translate`` does: with names, checks and retries."""
    translations = translate_sentences(
        texts,
        engine=engine,
        terms=terms,
        check=lambda english, arabic, names: check_english(english, arabic, terms=names) if names else (),
    )
    return [each.text for each in translations]


class _ProfileSummarizer(BaseSystem):
    """The Arabic half of ``mujaz summarize``, the reports of an item taken as one story."""

    def __init__(self, request: Request, registry: Registry) -> None:
        request.allow("sentences", "words", "share")
        self._budget = request.budget()
        if self._budget.words is not None:
            raise InputError(f"{request.spec}: a profile counts sentences; say sentences=N or share=S")
        spec = registry.task_model("summarization", request.name)
        super().__init__(
            request,
            settings=library_settings(request, registry, "summarization"),
            size_mb=disk_size_mb(spec, registry),
        )
        self._engine = registry.engine(spec.id)
        self._terms: Terms | None = None

    def load(self) -> None:
        self._terms = Terms.load()
        self._engine.count_tokens("")

    def answer(self, items: Sequence[Item]) -> list[Any]:
        terms = self._terms or Terms.load()
        return [
            drafts_mapping(*draft_summary(item, engine=self._engine, terms=terms, budget=self._budget))
            for item in items
        ]


def draft_summary(
    item: Item, *, engine: Engine, terms: Terms, budget: Budget
) -> tuple[Sequence[Draft], list[Document]]:
    """Return the summary that Mujaz drafts of the reports of ``item`` as one story, and its documents."""
    documents = list(link_duplicates(documents_of(item)))
    sentences = [sentence for document in documents for sentence in segment(document)]
    bodies = sum(sentence.kind == "body" for sentence in sentences)
    independent = sum(document.duplicate_of is None for document in documents)
    story = draft_story(
        Cluster(tuple(document.id for document in documents), None, None),
        members=documents,
        sentences=sentences,
        terms=terms.for_document([document.text for document in documents]),
        engine=engine,
        count=budget.count(independent, bodies),
    )
    return story.summary, documents


def drafts_mapping(drafts: Sequence[Draft], documents: Sequence[Document]) -> dict[str, Any]:
    """Return the summary mapping of ``eval.items``; documents go by their number in the item."""
    numbers = {document.id: number for number, document in enumerate(documents)}
    shifts = [_title_length(document) for document in documents]
    sentences = []
    for draft in drafts:
        citations = []
        for citation in draft.citations:
            number = numbers[citation.document_id]
            shift = shifts[number]
            citations.append(
                {"document": number, "start": citation.start - shift, "end": citation.end - shift}
            )
        sentences.append({"text": draft.text, "citations": citations})
    return {"text": "\n".join(draft.text for draft in drafts), "sentences": sentences}


def documents_of(item: Item) -> list[Document]:
    """Return the reports of an item as documents, with title, outlet and date from its ``meta``.

    A title that the text does not open with is put before it, marked as title: summaries do not quote it, and
    ``drafts_mapping`` takes its length off the offsets again.
    """
    sources = item.sources
    titles = _each(item, "titles", "title")
    outlets = _each(item, "outlets", "outlet", "source")
    dates = _each(item, "dates", "published", "date")
    documents = []
    for number, text in enumerate(sources):
        title = " ".join((titles[number] or "").split()) or None
        marks: tuple[Mark, ...] = ()
        if title and not text.lstrip().startswith(title):
            text = f"{title}\n\n{text}"
            marks = (Mark(start=0, end=len(title), kind="title"),)
        documents.append(
            Document(
                id=f"{item.id}/{number}",
                text=text,
                title=title,
                source=outlets[number],
                published=_iso_date(dates[number]),
                origin=f"{item.id}/{number}",
                marks=marks,
            )
        )
    return documents


def _title_length(document: Document) -> int:
    """Return how many characters ``documents_of`` put before the text."""
    return document.marks[0].end + 2 if document.marks else 0


def _each(item: Item, plural: str, *singular: str) -> list[str | None]:
    """Return one value a report: the list under ``plural``, or the one value under ``singular`` for all."""
    values = item.meta.get(plural)
    if isinstance(values, (list, tuple)) and len(values) == len(item.sources):
        return [str(value) if value else None for value in values]
    one = next((str(item.meta[key]) for key in singular if item.meta.get(key)), None)
    return [one] * len(item.sources)


_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso_date(told: str | None) -> str | None:
    """Return the ISO day of an ISO or RFC 822 date; None where it is neither."""
    if not told:
        return None
    if match := _ISO.match(told):
        return match[0]
    try:
        return parsedate_to_datetime(told).date().isoformat()
    except ValueError:
        return None


def _profile_cluster(request: Request, registry: Registry) -> System:
    request.allow("threshold")
    threshold = request.number("threshold", float)

    def answer(items: Sequence[Item]) -> list[Any]:
        documents = [document for item in items for document in documents_of(item)[:1]]
        linked = link_duplicates(documents)
        found = cluster(linked) if threshold is None else cluster(linked, threshold=threshold)
        labels = {name: label for label, group in enumerate(found) for name in group.document_ids}
        return [labels[document.id] for document in documents]

    return _Function(request, answer, settings=library_settings(request, registry), batch_size=None)


def _profile_segment(request: Request, registry: Registry) -> System:
    request.allow()

    def answer(items: Sequence[Item]) -> list[Any]:
        return [[item.text[start:end] for start, end in split_spans(item.text)] for item in items]

    return _Function(request, answer, settings=library_settings(request, registry))


class _ProfileFacts(BaseSystem):
    """Numbers, dates and negation of ``summarizer.facts``, names of ``summarizer.terms``."""

    def __init__(self, request: Request, registry: Registry) -> None:
        request.allow()
        super().__init__(request, settings=library_settings(request, registry))
        self._terms: Terms | None = None

    def load(self) -> None:
        self._terms = Terms.load()

    def answer(self, items: Sequence[Item]) -> list[Any]:
        terms = self._terms or Terms.load()
        return [find_facts(item.text, terms=terms, published=_published(item)) for item in items]


def _published(item: Item) -> str | None:
    return _iso_date(next((str(item.meta[key]) for key in ("published", "date") if item.meta.get(key)), None))


def find_facts(text: str, *, terms: Terms, published: str | None = None) -> list[dict[str, Any]]:
    """Return the facts of an Arabic text as plain mappings, in the order of the text.

    A name is told twice, as sets annotate names in two ways: under its kind (``person``, ``place``,
    ``organisation``) by its own words, and as ``name`` by its English.
    """
    facts = [
        {
            "kind": fact.kind, "value": fact.value, "surface": fact.surface, "start": fact.start, "end": fact.end,
            "unit": fact.unit, "resolved": fact.resolved,
        }
        for fact in extract_facts(text, language="ar", published=published)
    ]  # fmt: skip
    names = [
        {"kind": kind, "value": value, "surface": match.surface, "start": match.start, "end": match.end}
        for match in terms.find(text)
        if match.kind != "term"
        for kind, value in ((match.kind, match.surface), ("name", (*match.english, match.surface)[0]))
    ]
    return sorted([*facts, *names], key=lambda fact: (fact["start"], fact["end"], fact["kind"]))


# --- one model alone ----------------------------------------------------------------------------

_MODEL_TASKS: Final[dict[str, ModelTask]] = {"translate": "translation", "summarize": "summarization"}


def create_model(request: Request) -> System:
    """Return one model of the registry, bare. Raises ``InputError`` where it is not for the task."""
    request.allow()
    registry = request.registry()
    spec = registry.model(request.name)
    if _MODEL_TASKS.get(request.task) != spec.task:
        raise InputError(f"{request.spec} does {spec.task}, not {request.task}")
    return _Model(request, spec, registry)


class _Model(BaseSystem):
    """The model's first answer; an input over its limit is cut after the last sentence that fits."""

    def __init__(self, request: Request, spec: ModelSpec, registry: Registry) -> None:
        settings = {"model": model_settings(spec, registry), "code": _model_code()}
        super().__init__(request, settings=settings, size_mb=disk_size_mb(spec, registry))
        self._engine = registry.engine(spec.id)

    def load(self) -> None:
        self._engine.count_tokens("")

    def answer(self, items: Sequence[Item]) -> list[Any]:
        texts = [fit(item.text, self._engine) for item in items]
        return [answers[0].text for answers in self._engine.generate(texts)]


def _model_code() -> str:
    engines = ("ctranslate2", "extractive", "local", "openai", "prompts", "transformers")
    return code_fingerprint(
        ("summarizer.engines", *(f"summarizer.engines.{name}" for name in engines), "summarizer.segment")
    )


def fit(text: str, engine: Engine) -> str:
    """Return ``text``, or its opening: as many whole sentences (else words) as the model's input holds."""
    if engine.count_tokens(text) <= engine.input_limit:
        return text
    cuts = [end for _, end in split_spans(text)]
    if not cuts or engine.count_tokens(text[: cuts[0]]) > engine.input_limit:
        cuts = [match.end() for match in re.finditer(r"\S+", text)]
    low, high = 0, len(cuts)  # the largest number of cuts that fits: token counts grow with the text
    while low < high:
        middle = (low + high + 1) // 2
        if engine.count_tokens(text[: cuts[middle - 1]]) <= engine.input_limit:
            low = middle
        else:
            high = middle - 1
    return text[: cuts[low - 1]] if low else ""
