"""Faults per 100 sentences, by the pipeline's own checks."""

from __future__ import annotations

import pytest

from eval.errors import MetricError
from eval.items import Item
from eval.metrics import load_metric
from eval.metrics.faithfulness import Faults, cited_sentences

ARABIC = "قال الوزير إن 2500 جندي لن يغادروا العراق في 7 أبريل 2021."
GOOD = "The minister said that 2,500 soldiers will not leave Iraq on April 7, 2021."


def score(name: str, hypotheses: list[object], items: list[Item]) -> float:
    metric = load_metric(name)
    return metric.aggregate(metric.statistics(hypotheses, items))


def test_a_faithful_translation_has_no_fault() -> None:
    for name in (
        "faults",
        "invented-numbers",
        "lost-numbers",
        "lost-dates",
        "lost-names",
        "flipped-negations",
    ):
        assert score(name, [GOOD], [Item("1", ARABIC)]) == 0.0


@pytest.mark.parametrize(
    ("english", "raised"),
    [
        (GOOD.replace("2,500", "3,500"), {"invented-numbers", "lost-numbers"}),
        (GOOD.replace("2,500 ", ""), {"lost-numbers"}),
        (GOOD.replace("April 7", "April 9"), {"invented-dates", "lost-dates"}),
        (GOOD.replace("will not", "will"), {"flipped-negations"}),
        (GOOD.replace("Iraq", "it"), {"lost-names"}),
        (GOOD.replace("The minister", "Joe Biden"), {"invented-names"}),
    ],
)
def test_each_fault_is_counted_on_its_side_only(english: str, raised: set[str]) -> None:
    names = {f"{side}-{kind}s" for side in ("invented", "lost") for kind in ("number", "date", "name")}
    found = {
        name for name in names | {"flipped-negations"} if score(name, [english], [Item("1", ARABIC)]) > 0
    }
    assert found == raised
    assert score("faults", [english], [Item("1", ARABIC)]) > 0


def test_rates_are_per_hundred_sentences_of_any_rows() -> None:
    metric = load_metric("lost-numbers")
    items = [Item(str(number), ARABIC) for number in range(4)]
    rows = metric.statistics([GOOD, GOOD, GOOD, GOOD.replace("2,500 ", "")], items)
    assert metric.aggregate(rows) == 25.0
    assert metric.aggregate(rows[[3, 3]]) == 100.0
    assert not metric.higher_is_better


def test_a_summary_is_split_and_held_against_all_reports() -> None:
    item = Item("1", (ARABIC, "وأعلن البيت الأبيض استئناف الحوار."), ("مرجع",))
    summary = "قال الوزير إن 9000 جندي لن يغادروا العراق. أعلن البيت الأبيض استئناف الحوار."
    assert score("invented-numbers", [summary], [item]) == 50.0
    assert score("invented-numbers", [summary.replace("9000", "٢٥٠٠")], [item]) == 0.0


def test_citations_say_what_a_sentence_is_held_against() -> None:
    item = Item("1", (ARABIC, "وقتل 12 شخصا في بغداد."))
    text = "قتل 12 شخصا."
    citation = {"document": 1, "start": 0, "end": 22}
    good = {"text": text, "sentences": [{"text": text, "citations": [citation]}]}
    assert cited_sentences(good, item) == [(text, (item.sources[1],))]
    assert score("invented-numbers", [good], [item]) == 0.0
    bad = {"text": text, "sentences": [{"text": text, "citations": [{**citation, "document": 0, "end": 14}]}]}
    assert score("invented-numbers", [bad], [item]) == 100.0
    nowhere = {"text": text, "sentences": [{"text": text, "citations": [{**citation, "document": 9}]}]}
    assert cited_sentences(nowhere, item) == [(text, ())]


@pytest.mark.parametrize("references", [(), ("ملخص عربي قصير",), ("An English reference",)])
def test_an_empty_output_is_scored_and_not_a_crash(references: tuple[str, ...]) -> None:
    metric = load_metric("faults")
    rows = metric.statistics(
        ["", "123"], [Item("1", ARABIC, references), Item("2", (ARABIC, ARABIC), references)]
    )
    assert rows.shape == (2, 2)


def test_the_copied_source_is_a_bad_translation_and_not_a_perfect_summary() -> None:
    item = Item("1", ARABIC, (GOOD,))
    assert score("language-faults", [ARABIC], [item]) == 100.0
    assert score("language-faults", [GOOD], [item]) == 0.0
    assert score("lost-names", [ARABIC], [item]) > 0
    assert score("length-faults", ["Yes."], [item]) == 100.0
    assert score("repetition-faults", [f"{GOOD} no no no no no no"], [item]) == 100.0


def test_an_english_summary_may_leave_out_but_not_invent() -> None:
    report = f"{ARABIC} " + "وأعلن البيت الأبيض استئناف الحوار في واشنطن بعد 3 أشهر. " * 4
    item = Item("1", report, ("The minister said that soldiers will stay.",))
    assert score("faults", ["The minister said that 2,500 soldiers will not leave."], [item]) == 0.0
    assert (
        score("invented-numbers", ["The minister said that 9,000 soldiers will not leave."], [item]) == 100.0
    )


def test_signature_follows_checks_names_and_normaliser() -> None:
    signature = load_metric("invented-names").signature
    assert signature.startswith("invented-names|kinds:name|side:invented|per:100 sentences|checks:")
    assert "|names:" in signature
    assert "|norm:" in signature


@pytest.mark.parametrize("choice", ["colour", "number,gained"])
def test_unknown_choices_are_refused(choice: str) -> None:
    with pytest.raises(MetricError, match="unknown faults"):
        Faults(choice)
