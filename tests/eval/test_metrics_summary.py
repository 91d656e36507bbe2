"""Support, coverage, repetition, novelty and length of summaries, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric

FIRST = "أعلنت الحكومة العراقية استئناف الحوار الاستراتيجي مع واشنطن في السابع من أبريل."
SECOND = "وقتل 12 شخصا في انفجار وسط بغداد صباح اليوم."
ITEM = Item("1", (FIRST, SECOND, SECOND), meta={"outlets": ["الأولى", "الثانية", "الثالثة"]})


def summary(*sentences: tuple[str, list[tuple[int, str]]]) -> dict[str, Any]:
    """A summary mapping; each citation is (document, its words)."""
    cited = []
    for text, citations in sentences:
        spans = []
        for document, words in citations:
            start = ITEM.sources[document].index(words)
            spans.append({"document": document, "start": start, "end": start + len(words)})
        cited.append({"text": text, "citations": spans})
    return {"text": "\n".join(text for text, _ in sentences), "sentences": cited}


def score(name: str, hypothesis: object, item: Item = ITEM) -> float:
    metric = load_metric(name)
    return metric.aggregate(metric.statistics([hypothesis], [item]))


def test_a_copy_that_cites_its_source_is_supported() -> None:
    copied = summary((FIRST, [(0, FIRST)]), (SECOND, [(1, SECOND), (2, SECOND)]))
    assert score("citation-precision", copied) == 100.0
    assert score("citation-recall", copied) == 100.0
    assert score("outlet-coverage", copied) == 100.0


def test_a_citation_of_something_else_supports_nothing() -> None:
    wrong = summary((FIRST, [(1, SECOND)]), (SECOND, [(1, SECOND)]))
    assert score("citation-precision", wrong) == 50.0
    assert score("citation-recall", wrong) == 50.0


def test_a_changed_number_loses_its_support() -> None:
    changed = summary((SECOND.replace("12", "19"), [(1, SECOND)]))
    assert score("citation-precision", changed) == 0.0
    assert score("citation-recall", changed) == 0.0


def test_a_sentence_without_citation_counts_against_recall_only() -> None:
    bare = summary((FIRST, [(0, FIRST)]), (SECOND, []))
    assert score("citation-precision", bare) == 100.0
    assert score("citation-recall", bare) == 50.0


def test_plain_text_has_no_citations_to_score() -> None:
    with pytest.raises(MetricError, match="cites nothing"):
        score("citation-precision", FIRST)


def test_outlets_of_plain_text_are_those_whose_reports_hold_its_sentences() -> None:
    assert score("outlet-coverage", FIRST) == pytest.approx(100 / 3)
    assert score("outlet-coverage", SECOND) == pytest.approx(200 / 3)  # a wire copy counts for both
    assert score("outlet-coverage", f"{FIRST} {SECOND}") == 100.0
    assert score("outlet-coverage", "فاز المنتخب بالكأس.") == 0.0
    assert score("outlet-coverage", "") == 0.0
    one_outlet = Item("1", (FIRST, SECOND), meta={"outlets": ["أ", "أ"]})
    assert score("outlet-coverage", SECOND, one_outlet) == 100.0
    with pytest.raises(MetricError, match="names 1 outlets for 2 reports"):
        score("outlet-coverage", SECOND, Item("1", (FIRST, SECOND), meta={"outlets": ["أ"]}))


def test_redundancy_is_the_share_of_word_pairs_said_again() -> None:
    assert score("redundancy", "أعلن العراق استئناف الحوار") == 0.0
    assert score("redundancy", "أعلن العراق أعلن العراق") == pytest.approx(100 / 3)  # 3 pairs, one again
    assert not load_metric("redundancy").higher_is_better


def test_novelty_counts_ngrams_that_no_report_has() -> None:
    assert score("novelty1", "أعلنت حكومة العراقية") == pytest.approx(100 / 3)
    assert score("novelty2", "الحكومة العراقيه في بغداد") == pytest.approx(
        100 * 2 / 3
    )  # only the first pair is known
    assert score("novelty3", FIRST) == 0.0
    assert math.isnan(score("novelty3", "كلمة"))  # no 3-gram, no share


def test_lengths() -> None:
    assert score("words", "قتل 12 شخصا، وأصيب ٢٠.") == 5.0
    assert score("words", "Twelve were killed.") == 3.0
    assert score("sentences", f"{FIRST} {SECOND}") == 2.0
    item = Item("1", "كلمة " * 30)
    assert score("compression", "كلمة كلمة كلمة", item) == 10.0
