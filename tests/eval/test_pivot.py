"""The pivot question: both orders keep sentence and source together, and the metrics read the right side."""

from __future__ import annotations

from typing import Any

import pytest

from eval import pivot
from eval.datasets import Card, Dataset
from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric
from eval.run import choose_metrics
from eval.systems import create_system
from summarizer.errors import ConfigError, InputError
from summarizer.models import Registry
from tests.fakes import FakeEngine, OneTranslator

REPORTS = (
    "وصل رئيس الوزراء مصطفى الكاظمي إلى واشنطن يوم الأحد لإجراء جولة من الحوار. يلتقي الكاظمي الرئيس جو بايدن في واشنطن. الطقس معتدل في المدينة.",
    "الكاظمي في واشنطن لإجراء الحوار الاستراتيجي مع الرئيس جو بايدن. بقي 2500 جندي أمريكي في العراق بعد الانسحاب.",
)
STORY = Item(
    "s",
    REPORTS,
    ("وصل الكاظمي إلى واشنطن للحوار. بقي 2500 جندي في العراق.",),
    {"references_en": ["Al-Kadhimi arrived."]},
)


def dataset(*items: Item, task: Any = "summarize") -> Dataset:
    card = Card(
        id="small",
        title="",
        task=task,
        languages=("ar",),
        size="",
        licence="",
        citation="",
        source="",
        reader="items",
    )
    return Dataset(card, items)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """A translator that gives each word a number: what is alike in Arabic is alike in English."""
    known: dict[str, str] = {}

    def english(text: str) -> str:
        return (
            " ".join(known.setdefault(word.strip(".,"), f"word{len(known)}") for word in text.split()) + "."
        )

    made = FakeEngine(english)
    registry = OneTranslator(made)
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    return made


@pytest.mark.parametrize(
    "spec",
    [
        "pivot:summarize-translate,sentences=2",
        "pivot:translate-summarize,sentences=2",
        "pivot:summarize-translate,by=profile,sentences=2",
    ],
)
def test_both_orders_give_cited_english_sentence_by_sentence(spec: str, engine: FakeEngine) -> None:
    data = dataset(STORY, Item("t", REPORTS[1]))
    system = create_system(spec, data)
    system.load()
    for item, made in zip(data.items, system.answer(data.items), strict=True):
        assert 1 <= len(made["sentences"]) <= 2
        assert made["text"] == " ".join(each["text"] for each in made["sentences"])
        for sentence in made["sentences"]:
            assert "word" in sentence["text"]
            citation = sentence["citations"][0]
            source = item.sources[citation["document"]][citation["start"] : citation["end"]]
            assert source in sentence["ar"] or sentence["ar"] in source or "[" in sentence["ar"]


def test_summarizing_first_translates_less(engine: FakeEngine) -> None:
    data = dataset(STORY)
    asked = {}
    for order in ("summarize-translate", "translate-summarize"):
        engine.calls.clear()
        system = create_system(f"pivot:{order},sentences=2", data)
        system.load()
        system.answer(data.items)
        asked[order] = len(set(engine.asked))
    assert asked["summarize-translate"] < asked["translate-summarize"]


def test_an_item_without_sentences_gives_an_empty_summary(engine: FakeEngine) -> None:
    data = dataset(Item("e", "..."))
    for order in ("summarize-translate", "translate-summarize"):
        assert create_system(f"pivot:{order}", data).answer(data.items) == [{"text": "", "sentences": []}]


def test_a_direct_model_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Registry.load()
    entry = shipped.model("mt5-xlsum").model_copy(
        update={"id": "cross", "target_language": "en", "engine": "extractive", "source": "none"}
    )
    registry = Registry(
        models={**shipped.models, "cross": entry},
        profiles=shipped.profiles,
        default_profile=shipped.default_profile,
    )
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    assert pivot.direct_models(registry) == ("crosssum-english", "cross")
    assert pivot.pivot_systems()[-1] == "pivot:direct,model=cross"
    data = dataset(STORY)
    system = create_system("pivot:direct,model=cross", data)
    system.load()
    (made,) = system.answer(data.items)
    assert set(made) == {"text"}
    assert list(pivot.aligned(made)) == []
    with pytest.raises(InputError, match="does not summarize Arabic in English"):
        create_system("pivot:direct,model=mt5-xlsum", data)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("pivot:direct", "say which model"),
        ("pivot:summarize-translate,by=oracle", "neither lexrank nor profile"),
        ("pivot:translate-summarize,by=profile", "write by=lexrank"),
        ("pivot:summarize-translate,to=en", "unknown option"),
    ],
)
def test_wrong_options_are_told(spec: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        create_system(spec, dataset(STORY))


def test_pivots_summarize_and_nothing_else() -> None:
    with pytest.raises(InputError, match="is for translate"):
        create_system("pivot:summarize-translate", dataset(STORY, task="translate"))
    with pytest.raises(ConfigError):
        create_system("pivot:summarize-translate,profile=nothing", dataset(STORY))


def test_the_comparison_is_both_orders_and_the_product() -> None:
    assert pivot.pivot_systems(sentences=3) == (
        "pivot:summarize-translate,sentences=3",
        "pivot:translate-summarize,sentences=3",
        "pivot:summarize-translate,by=profile,sentences=3",
    )
    assert pivot.pivot_systems(profile="standard")[0] == "pivot:summarize-translate,profile=standard"


# --- metrics --------------------------------------------------------------------------------------

REFERENCE = STORY.references[0]
EXACT = {
    "text": "Al-Kadhimi arrived. 2,500 troops remained in Iraq.",
    "sentences": [
        {
            "text": "Al-Kadhimi arrived in Washington for the dialogue.",
            "ar": "وصل الكاظمي إلى واشنطن للحوار.",
        },
        {"text": "2,500 troops remained in Iraq.", "ar": "بقي 2500 جندي في العراق."},
    ],
}


def score(name: str, hypothesis: Any, item: Item = STORY) -> float:
    metric = load_metric(f"eval.pivot:{name}")
    return metric.aggregate(metric.statistics([hypothesis], [item]))


def test_content_is_scored_on_the_arabic_side() -> None:
    assert score("ContentRouge1", EXACT) == pytest.approx(100)
    assert score("ContentRougeL", EXACT) == pytest.approx(100)
    assert score("ContentRouge2", {"text": REFERENCE}) == 0  # no Arabic side: nothing was chosen


def test_english_is_scored_on_english_references() -> None:
    assert score("EnglishRouge1", {"text": "Al-Kadhimi arrived."}) == pytest.approx(100)
    assert score("EnglishRouge2", {"text": "nothing alike here"}) == 0
    with pytest.raises(MetricError, match="references_en"):
        score("EnglishRougeL", EXACT, Item("n", "نص", ("مرجع",)))


def test_facts_of_the_reference_are_looked_for_in_the_english() -> None:
    everything = "Al-Kadhimi arrived in Washington. 2,500 troops remain in Iraq."
    assert score("FactRecall", everything) == pytest.approx(100)
    assert 0 < score("FactRecall", "2,500 troops remain.") < 100
    assert score("FactRecall", "Nothing happened.") == 0
    with pytest.raises(MetricError, match="no reference"):
        score("FactRecall", "x", Item("n", "نص"))


def test_failures_are_counted_against_each_sentences_own_arabic() -> None:
    wrong = {
        "text": "",
        "sentences": [{"text": "3,700 troops remained in Iraq.", "ar": "بقي 2500 جندي في العراق."}],
    }
    assert score("Failures", EXACT) == 0
    assert score("Failures", wrong) >= 100
    assert not load_metric("eval.pivot:Failures").higher_is_better


def test_metrics_are_chosen_by_what_the_items_have() -> None:
    bare = Item("b", REPORTS, STORY.references)
    assert "eval.pivot:EnglishRouge1" in pivot.pivot_metrics(dataset(STORY))
    assert "eval.pivot:EnglishRouge1" not in pivot.pivot_metrics(dataset(STORY, bare))
    chosen = choose_metrics(dataset(STORY), pivot.pivot_metrics(dataset(STORY)))
    assert all("|" in metric.signature for metric in chosen.values())
    assert len({metric.signature for metric in chosen.values()}) == len(chosen)
