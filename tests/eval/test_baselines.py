"""Baselines do exactly what their names say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import baselines
from eval.baselines import Budget, Unit, summarize, units_of
from eval.items import Item
from summarizer.errors import InputError

FIRST = "وصل رئيس الوزراء إلى بغداد صباح الأحد. قُتل ٢٥ شخصاً في انفجار بالموصل. الطقس جميل اليوم."
SECOND = "انفجار في الموصل يقتل 25 شخصا. أدان الرئيس الهجوم. عاد الهدوء إلى المدينة."
STORY = Item("s", (FIRST, SECOND), ("قتل 25 شخصا في انفجار بالموصل.",))


def chosen(name: str, item: Item = STORY, **budget: float) -> list[str]:
    made = summarize(item, chooser=baselines.CHOOSERS[name], budget=Budget(**budget))  # type: ignore[arg-type]
    return [each["text"] for each in made["sentences"]]


def test_lead_takes_the_reports_in_turn() -> None:
    units = [unit.text for unit in units_of(STORY)]
    assert chosen("lead", sentences=3) == [units[0], units[3], units[1]]
    assert chosen("lead", sentences=99) == [units[0], units[3], units[1], units[4], units[2], units[5]]
    assert chosen("lead", Item("one", FIRST), sentences=2) == units[:2]


def test_oracle_finds_the_sentence_of_the_reference_and_stops() -> None:
    assert chosen("oracle", sentences=5)[0] == "قُتل ٢٥ شخصاً في انفجار بالموصل."
    assert len(chosen("oracle", sentences=5)) == 1  # nothing else raises the score
    with pytest.raises(InputError, match="needs references"):
        chosen("oracle", Item("bare", FIRST))


def test_oracle_beats_every_other_choice_of_the_same_length() -> None:
    reference = baselines._grams(STORY.references[0])

    def score(sentences: list[str]) -> float:
        grams = baselines._grams(" ".join(sentences))
        return baselines._f1(grams[0], reference[0]) + baselines._f1(grams[1], reference[1])

    best = score(chosen("oracle", sentences=1))
    assert all(score([unit.text]) <= best for unit in units_of(STORY))


def test_random_is_seeded_by_the_item() -> None:
    assert chosen("random", sentences=2) == chosen("random", sentences=2)
    picks = {tuple(chosen("random", Item(str(number), FIRST), sentences=1)) for number in range(30)}
    assert len(picks) == 3


def test_lexrank_takes_the_central_sentence_and_does_not_repeat_itself() -> None:
    sentences = [
        "انفجار في الموصل يقتل عشرين مدنيا",
        "انفجار في الموصل يقتل عشرين مدنيا",
        "شهدت الموصل انفجارا قتل مدنيا واحدا",
        "الطقس جميل في المدينة",
    ]
    assert baselines.lexrank(sentences, lambda ranking: list(ranking)[:1]) == [0]
    everything = baselines.lexrank(sentences, list)
    assert 1 not in everything  # the same words twice
    assert 3 in everything
    assert baselines.lexrank([], list) == []
    assert baselines.lexrank(["", "؟"], list) == [0, 1]  # no words at all: no ranking, no error


def test_lexrank_reads_english_too() -> None:
    sentences = [
        "The man left the city.",
        "The bomb killed a man in Mosul.",
        "A bomb hit Mosul.",
        "Troops left the town.",
    ]
    assert baselines.lexrank(sentences, lambda ranking: list(ranking)[:1]) == [1]  # linked to most others


@given(st.lists(st.text(max_size=30), max_size=8))
def test_lexrank_accepts_any_text(sentences: list[str]) -> None:
    found = baselines.lexrank(sentences, list)
    assert found == sorted(set(found))
    assert set(found) <= set(range(len(sentences)))


def test_citations_point_at_the_sentence() -> None:
    made = summarize(STORY, chooser=baselines.choose_lead, budget=Budget(sentences=4))
    for sentence in made["sentences"]:
        (citation,) = sentence["citations"]
        assert STORY.sources[citation["document"]][citation["start"] : citation["end"]] == sentence["text"]
    assert made["text"].split("\n") == [each["text"] for each in made["sentences"]]


def test_budgets() -> None:
    units = [Unit(0, 0, 0, "واحد اثنان ثلاثة")] * 10
    assert len(Budget(sentences=3).take(range(10), units)) == 3
    assert len(Budget(words=7).take(range(10), units)) == 3  # the sentence that reaches 7 is the last
    assert len(Budget(share=0.35).take(range(10), units)) == 4
    assert len(Budget().take(range(10), units)) == 2  # as the product takes of one report
    assert Budget().count(4, 100) == 6
    assert Budget().count(1, 1) == 1
    assert Budget().take([], []) == []


@pytest.mark.parametrize(
    "wrong", [{"sentences": 0}, {"words": -1}, {"share": 1.5}, {"sentences": 1, "words": 5}]
)
def test_senseless_budgets_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Budget(**wrong)  # type: ignore[arg-type]


def test_the_default_budget_is_that_of_the_product() -> None:
    from summarizer import pipeline
    from tests.builders import document

    for reports in (1, 2, 3, 5, 9):
        documents = {str(n): document(str(n), "نص") for n in range(reports)}
        bodies = [None] * 100
        assert Budget().count(reports, 100) == pipeline._summary_length(bodies, documents)  # type: ignore[arg-type]


def test_tfidf_puts_reports_of_one_event_together() -> None:
    items = [
        Item("1", "انفجار كبير في الموصل يقتل عشرين مدنيا", meta={"title": "انفجار الموصل"}),
        Item("2", "قتل عشرون مدنيا في انفجار كبير هز الموصل", meta={"title": "انفجار في الموصل"}),
        Item("3", "فاز المنتخب المصري بكأس أفريقيا"),
        Item("4", "؟"),
        Item("5", "..."),
    ]
    labels = baselines.cluster_tfidf(items)
    assert labels[0] == labels[1]
    assert len({labels[0], *labels[2:]}) == 4
    assert baselines.cluster_tfidf(items[:1]) == [0]
    assert baselines.cluster_tfidf([]) == []
    assert baselines.cluster_single(items) == [0, 1, 2, 3, 4]


def test_tfidf_says_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MOST_REPORTS", 2)
    with pytest.raises(InputError, match="3 reports"):
        baselines.cluster_tfidf([Item(str(n), "نص") for n in range(3)])


def test_punctuation_and_digits() -> None:
    assert baselines.segment_punctuation("قال: نعم. ثم مضى؟ \n انتهى … حقا") == [
        "قال: نعم.",
        "ثم مضى؟",
        "انتهى …",
        "حقا",
    ]
    text = "قتل ٢٬٥٠٠ شخص و12.5% في 2021"
    found = baselines.find_digits(text)
    assert [each["value"] for each in found] == ["2500", "12.5", "2021"]
    assert all(text[each["start"] : each["end"]] == each["surface"] for each in found)
