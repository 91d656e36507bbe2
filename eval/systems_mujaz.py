"""Mujaz itself as a system, by profile and task, and one of its models alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

from eval.baselines import Budget
from eval.fingerprints import disk_size_mb, library_fingerprint, model_settings
from eval.items import Item, Task
from eval.metrics.base import code_fingerprint
from eval.systems import BaseSystem, Request, System
from eval.systems_simple import Function
from summarizer.cluster import Cluster, cluster
from summarizer.duplicates import link_duplicates
from summarizer.engines import Engine
from summarizer.errors import InputError
from summarizer.facts import extract_facts
from summarizer.faithfulness import check_english
from summarizer.models import ModelSpec, Registry
from summarizer.models import Task as ModelTask
from summarizer.pipeline import draft_story
from summarizer.schema import Document, Mark
from summarizer.segment import segment, split_spans
from summarizer.summarize import Draft
from summarizer.terms import Terms
from summarizer.translate import Translation, translate_sentences

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


def translations(engine: Engine, terms: Terms | None, texts: Sequence[str]) -> list[Translation]:
    """Translate texts as ``mujaz translate`` does: with names, checks and retries."""
    return translate_sentences(
        texts,
        engine=engine,
        terms=terms,
        check=lambda english, arabic, names: check_english(english, arabic, terms=names) if names else (),
    )


def translate(engine: Engine, terms: Terms | None, texts: Sequence[str]) -> list[str]:
    """Return the English alone of ``translations``."""
    return [each.text for each in translations(engine, terms, texts)]


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

    return Function(request, answer, settings=library_settings(request, registry), batch_size=None)


def _profile_segment(request: Request, registry: Registry) -> System:
    request.allow()

    def answer(items: Sequence[Item]) -> list[Any]:
        return [[item.text[start:end] for start, end in split_spans(item.text)] for item in items]

    return Function(request, answer, settings=library_settings(request, registry))


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
