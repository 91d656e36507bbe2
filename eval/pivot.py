"""The pivot question: an English brief of Arabic reports -- summarize first, or translate first?

* ``pivot:summarize-translate`` chooses Arabic sentences, then translates those few;
* ``pivot:translate-summarize`` translates every sentence of every report, then chooses among the English;
* ``pivot:direct,model=ID`` asks one cross-lingual model (``summarization``, ar -> en) where there is one.

For a fair answer the chooser is the same on both sides (``by=lexrank``, the default: ``eval.baselines.lexrank`` reads
both languages) and so is the number of sentences; ``by=profile`` is Mujaz as it ships (its salience reads Arabic only,
so only summarize-translate has it). Both orders translate with the profile's translator, sentence by sentence.

A hypothesis holds the English and, sentence by sentence, the Arabic it is the translation of and where that stands. So
three questions are kept apart, and only the last needs English references:

============================== =========================================================================================
metric                         question
============================== =========================================================================================
``pivot:ContentRouge1`` .. L   was the right content chosen? ROUGE of the *Arabic* sentences against Arabic references
``pivot:FactRecall``           does the English tell the numbers, dates and names of the Arabic references?
``pivot:Failures``             failed faithfulness checks of the English against its Arabic, per 100 sentences
``pivot:EnglishRouge1`` .. L   ROUGE of the English against ``meta["references_en"]``
============================== =========================================================================================

(as names: ``eval.pivot:ContentRouge1`` ...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from eval import baselines
from eval.baselines import Unit, units_of
from eval.datasets import Dataset
from eval.errors import MetricError
from eval.fingerprints import baseline_fingerprint, disk_size_mb, model_settings
from eval.items import Item, hypothesis_text
from eval.metrics import Metric, Statistics, load_metric
from eval.metrics.base import Ratio, arabic_fingerprint, check_lengths, code_fingerprint, sign
from eval.systems import BaseSystem, Request, System
from eval.systems_mujaz import (
    documents_of,
    draft_summary,
    drafts_mapping,
    fit,
    library_settings,
    translate,
)
from summarizer.engines import Engine
from summarizer.errors import InputError
from summarizer.facts import extract_facts
from summarizer.faithfulness import check_english
from summarizer.models import Registry
from summarizer.terms import Terms

ORDERS: Final = ("summarize-translate", "translate-summarize", "direct")
#: Stories a call: their sentences are translated together.
_BATCH: Final = 4


# --- the systems --------------------------------------------------------------------------------


def create_pivot(request: Request) -> System:
    """Return one order of the two steps. Raises ``InputError``, and ``ConfigError`` for an unknown profile or model."""
    if request.name not in ORDERS:
        raise InputError(f"{request.spec}: the orders are {', '.join(ORDERS)}")
    if request.task != "summarize":
        raise InputError(f"{request.spec} summarizes; {request.dataset.id} is for {request.task}")
    if request.name == "direct":
        return _Direct(request)
    return _Pivot(request)


class _Pivot(BaseSystem):
    """Summaries in English by choosing and translating, in either order."""

    def __init__(self, request: Request) -> None:
        request.allow("by", "profile", "sentences", "share")
        self._first = request.name.partition("-")[0]
        self._by = request.options.get("by", "lexrank")
        if self._by not in ("lexrank", "profile"):
            raise InputError(f"{request.spec}: by={self._by} is neither lexrank nor profile")
        if self._by == "profile" and self._first == "translate":
            raise InputError(f"{request.spec}: the profile chooses among Arabic sentences; write by=lexrank")
        self._budget = request.budget()
        registry = request.registry()
        profile = registry.profile(request.options.get("profile")).name
        named = Request(
            spec=request.spec,
            name=profile,
            task=request.task,
            dataset=request.dataset,
            options=request.options,
        )
        translator = registry.task_model("translation", profile)
        super().__init__(
            request,
            settings={
                "order": request.name,
                "pivot": code_fingerprint(("eval.pivot",)),
                "baselines": baseline_fingerprint(),
                **library_settings(named, registry, "summarization", "translation"),
            },
            batch_size=_BATCH,
            size_mb=disk_size_mb(translator, registry)
            + (
                disk_size_mb(registry.task_model("summarization", profile), registry)
                if self._by == "profile"
                else 0
            ),
        )
        self._translator: Engine = registry.engine(translator.id)
        self._summarizer: Engine = registry.engine_for(profile, "summarization")
        self._terms: Terms | None = None

    def load(self) -> None:
        self._terms = Terms.load()
        self._translator.count_tokens("")

    def answer(self, items: Sequence[Item]) -> list[Any]:
        terms = self._terms or Terms.load()
        if self._first == "translate":
            return self._translate_first(items, terms)
        return self._summarize_first(items, terms)

    def _summarize_first(self, items: Sequence[Item], terms: Terms) -> list[Any]:
        chosen = [self._choose(item, terms) for item in items]
        flat = [sentence["ar"] for sentences in chosen for sentence in sentences]
        english = iter(translate(self._translator, terms, flat))
        return [
            _english_summary([{**sentence, "text": next(english)} for sentence in sentences])
            for sentences in chosen
        ]

    def _choose(self, item: Item, terms: Terms) -> list[dict[str, Any]]:
        """Return the chosen Arabic sentences, ``{"ar", "citations"}`` each."""
        if self._by == "profile":
            drafts, documents = draft_summary(item, engine=self._summarizer, terms=terms, budget=self._budget)
            made = drafts_mapping(drafts, documents)
        else:
            made = baselines.summarize(item, chooser=baselines.choose_lexrank, budget=self._budget)
        return [{"ar": each["text"], "citations": each["citations"]} for each in made["sentences"]]

    def _translate_first(self, items: Sequence[Item], terms: Terms) -> list[Any]:
        units = [units_of(item) for item in items]
        english = iter(translate(self._translator, terms, [unit.text for each in units for unit in each]))
        return [self._choose_english(each, [next(english) for _ in each]) for each in units]

    def _choose_english(self, units: Sequence[Unit], english: Sequence[str]) -> dict[str, Any]:
        chosen = baselines.lexrank(english, lambda ranking: self._budget.take(ranking, units))
        return _english_summary(
            [
                {
                    "text": english[index],
                    "ar": units[index].text,
                    "citations": [
                        {
                            "document": units[index].document,
                            "start": units[index].start,
                            "end": units[index].end,
                        }
                    ],
                }
                for index in chosen
            ]
        )


def _english_summary(sentences: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"text": " ".join(str(each["text"]) for each in sentences), "sentences": list(sentences)}


class _Direct(BaseSystem):
    """One cross-lingual model, its input cut to what it reads. Its sentences have no Arabic."""

    def __init__(self, request: Request) -> None:
        request.allow("model")
        registry = request.registry()
        if "model" not in request.options:
            known = ", ".join(direct_models(registry)) or "none in models.yaml"
            raise InputError(f"{request.spec}: say which model, pivot:direct,model=ID (ar to en: {known})")
        spec = registry.model(request.options["model"])
        if (spec.task, spec.target_language) != ("summarization", "en"):
            raise InputError(f"{request.spec}: {spec.id} does not summarize Arabic in English")
        super().__init__(
            request,
            settings={"order": "direct", "model": model_settings(spec, registry)},
            batch_size=_BATCH,
            size_mb=disk_size_mb(spec, registry),
        )
        self._engine = registry.engine(spec.id)

    def load(self) -> None:
        self._engine.count_tokens("")

    def answer(self, items: Sequence[Item]) -> list[Any]:
        texts = [
            fit(" ".join(document.text for document in documents_of(item)), self._engine) for item in items
        ]
        return [{"text": answers[0].text} for answers in self._engine.generate(texts)]


def direct_models(registry: Registry) -> tuple[str, ...]:
    """Return the models that summarize Arabic in English."""
    return tuple(
        spec.id
        for spec in registry.models.values()
        if (spec.task, spec.source_language, spec.target_language) == ("summarization", "ar", "en")
    )


def pivot_systems(
    *, models: Path | None = None, profile: str = "embedded", sentences: int | None = None
) -> tuple[str, ...]:
    """Return the specs of the comparison: both orders, the product, and the direct models that are ready here."""
    registry = Registry.load(models)
    options = ([f"profile={profile}"] if profile != "embedded" else []) + (
        [f"sentences={sentences}"] if sentences else []
    )

    def spec(order: str, *more: str) -> str:
        return ",".join([f"pivot:{order}", *sorted([*options, *more])])

    ready = [each for each in direct_models(registry) if registry.status(each).ready]
    return (
        spec("summarize-translate"),
        spec("translate-summarize"),
        spec("summarize-translate", "by=profile"),
        *(f"pivot:direct,model={each}" for each in ready),
    )


#: Metrics of the comparison, those of content first.
PIVOT_METRICS: Final = (
    "eval.pivot:ContentRouge1",
    "eval.pivot:ContentRouge2",
    "eval.pivot:ContentRougeL",
    "eval.pivot:FactRecall",
    "eval.pivot:Failures",
)
ENGLISH_METRICS: Final = (
    "eval.pivot:EnglishRouge1",
    "eval.pivot:EnglishRouge2",
    "eval.pivot:EnglishRougeL",
)


def pivot_metrics(dataset: Dataset) -> tuple[str, ...]:
    """Return the metrics that the items of ``dataset`` allow."""
    english = all(item.meta.get("references_en") for item in dataset.items)
    return (*PIVOT_METRICS, *(ENGLISH_METRICS if english else ()))


# --- the metrics --------------------------------------------------------------------------------

_TASKS: Final = frozenset({"summarize"})


@lru_cache(maxsize=1)
def _terms() -> Terms:
    return Terms.load()


class _OtherSide:
    """A metric of another module, applied to another text than the hypothesis's own."""

    tasks = _TASKS
    higher_is_better = True
    base: str

    def __init__(self) -> None:
        self.name = f"pivot-{type(self).__name__}"
        self._metric: Metric = load_metric(self.base)

    @property
    def signature(self) -> str:
        """The base metric's signature behind what it is applied to."""
        return f"{self.name}|on:{self.side}|{self._metric.signature}"

    side = ""

    def statistics(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> Statistics:
        """Return the rows ``(n_items, k)`` of the base metric."""
        check_lengths(self.name, hypotheses, items)
        return self._metric.statistics(*self._swap(hypotheses, items))

    def aggregate(self, statistics: Statistics) -> float:
        """Return the base metric's score of the rows."""
        return self._metric.aggregate(statistics)

    @property
    def from_sums(self) -> Callable[[Statistics, int], Statistics]:
        """The base metric's short cut for significance tests."""
        found: Callable[[Statistics, int], Statistics] = getattr(self._metric, "from_sums")  # noqa: B009
        return found

    def _swap(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> tuple[list[Any], list[Item]]:
        raise NotImplementedError


class _Content(_OtherSide):
    side = "arabic sentences"

    def _swap(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> tuple[list[Any], list[Item]]:
        return ["\n".join(arabic for arabic, _ in aligned(each)) for each in hypotheses], list(items)


class ContentRouge1(_Content):
    """ROUGE-1 of the Arabic sentences that were chosen."""

    base = "rouge1"


class ContentRouge2(_Content):
    """ROUGE-2 of the Arabic sentences that were chosen."""

    base = "rouge2"


class ContentRougeL(_Content):
    """ROUGE-L of the Arabic sentences that were chosen."""

    base = "rougeL"


class _English(_OtherSide):
    side = "english"

    def _swap(self, hypotheses: Sequence[Any], items: Sequence[Item]) -> tuple[list[Any], list[Item]]:
        swapped = []
        for item in items:
            references = item.meta.get("references_en") or ()
            if not references:
                raise MetricError(
                    f"{self.name}: item {item.id!r} has no English reference (meta.references_en)"
                )
            swapped.append(Item(item.id, item.source, tuple(map(str, references)), item.meta))
        return [hypothesis_text(each) for each in hypotheses], swapped


class EnglishRouge1(_English):
    """ROUGE-1 of the English."""

    base = "rouge1-en"


class EnglishRouge2(_English):
    """ROUGE-2 of the English."""

    base = "rouge2-en"


class EnglishRougeL(_English):
    """ROUGE-L of the English."""

    base = "rougeL-en"


def aligned(hypothesis: Any) -> Iterator[tuple[str, str]]:
    """Yield (Arabic, English) of each sentence; nothing for a hypothesis without Arabic (a direct model's)."""
    if isinstance(hypothesis, Mapping):
        for each in hypothesis.get("sentences", ()):
            if each.get("ar"):
                yield str(each["ar"]), str(each["text"])


class Failures(Ratio):
    """Failed faithfulness checks of the English against its Arabic, per 100 sentences. Rows: failures, sentences."""

    name = "pivot-Failures"
    tasks = _TASKS
    higher_is_better = False

    def __init__(self) -> None:
        self.signature = sign(
            self.name,
            per="100 sentences",
            checks=code_fingerprint(("summarizer.faithfulness", "summarizer.facts")),
        )

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:  # noqa: ARG002 - the Arabic is in the hypothesis
        pairs = list(aligned(hypothesis))
        failed = sum(
            check.verdict == "fail"
            for arabic, english in pairs
            for check in check_english(english, arabic, terms=_terms())
        )
        return failed, len(pairs)


class FactRecall(Ratio):
    """Share of the different numbers, dates and names of the Arabic references that the English tells.

    Works without English references. Rows: found, in the references. A number or date is found where the English holds
    its value, a name where it holds an accepted rendering (``Terms.rendered``).
    """

    name = "pivot-FactRecall"
    tasks = _TASKS

    def __init__(self) -> None:
        self.signature = sign(
            self.name, scale=100, norm=arabic_fingerprint(),
            checks=code_fingerprint(("summarizer.facts", "summarizer.terms")),
        )  # fmt: skip

    def row(self, hypothesis: Any, item: Item) -> Sequence[float]:
        if not item.references:
            raise MetricError(f"{self.name}: item {item.id!r} has no reference")
        english = hypothesis_text(hypothesis)
        told = {(fact.kind, fact.value) for fact in extract_facts(english, language="en")}
        wanted: dict[tuple[str, str], bool] = {}
        for reference in item.references:
            for fact in extract_facts(reference, language="ar"):
                if fact.kind in ("number", "date"):
                    values = {(fact.kind, fact.value), (fact.kind, fact.also or fact.value)}
                    wanted[fact.kind, fact.value] = bool(values & told)
            for match in _terms().find(reference):
                if match.kind != "term":
                    key = ("name", match.key)
                    wanted[key] = wanted.get(key, False) or _terms().rendered(english, match)
        return sum(wanted.values()), len(wanted)
