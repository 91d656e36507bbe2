"""Word coverage: what it counts, and how it ranks the answers of a model that asks for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines import Hypothesis
from summarizer.lexicon import Coverage, Lexicon, english_stems, load
from summarizer.schema import Check
from summarizer.translate import FIRST_HYPOTHESES, FIRST_RANKED_HYPOTHESES, translate_sentences
from tests.fakes import FakeEngine

SMALL = Lexicon(
    {"وزير": frozenset({"minist"}), "زار": frozenset({"visit"}), "مدين": frozenset({"citi", "town"})}
)


def test_stems_of_content_words() -> None:
    assert english_stems("The Minister's visits to 3 cities, and it isn't over") == [
        "minist", "visit", "3", "citi", "isn't",
    ]  # fmt: skip


def test_coverage_counts_known_words_of_both_sides() -> None:
    arabic = "زار الوزير المدينة"
    assert SMALL.coverage("The minister visited the city", arabic) == Coverage(arabic=1.0, english=1.0)
    left_out = SMALL.coverage("The minister visited", arabic)
    assert (left_out.arabic, left_out.english) == (2 / 3, 1.0)
    added = SMALL.coverage("The minister visited the town", "زار الوزير")
    assert (added.arabic, added.english) == (1.0, 2 / 3)
    assert SMALL.coverage("Something unheard of", "كلام") == Coverage(arabic=1.0, english=1.0)
    assert Coverage(arabic=0.0, english=0.0).mean == 0.0


def test_the_shipped_lexicon_tells_a_translation_from_another_sentence() -> None:
    arabic = "ارتفعت أسعار المواد الغذائية في السوق بسبب نقص المياه"
    right = load().coverage("Food prices in the market rose because of a shortage of water", arabic)
    wrong = load().coverage("The president met the ambassador at the airport on Sunday", arabic)
    assert right.mean > 0.6 > 0.3 > wrong.mean


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_has_a_coverage(english: str, arabic: str) -> None:
    coverage = load().coverage(english, arabic)
    assert 0 <= coverage.arabic <= 1
    assert 0 <= coverage.english <= 1
    assert 0 <= coverage.mean <= 1


class Ranked(FakeEngine):
    coverage_weight = 1.0


ARABIC = "زار الوزير المدينة"
ANSWERS = {
    ARABIC: [
        Hypothesis(text="The minister slept", score=-0.5),
        Hypothesis(text="The minister visited the city", score=-0.6),
    ]
}


def no_faults(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
    return ()


def test_coverage_ranks_the_answers_of_a_model_that_asks_for_it() -> None:
    engine = Ranked(ANSWERS)
    (result,) = translate_sentences([ARABIC], engine=engine, check=no_faults)
    assert (result.text, result.rung) == ("The minister visited the city", "first")
    assert engine.calls == [((ARABIC,), FIRST_RANKED_HYPOTHESES)]


def test_other_models_and_unjudged_answers_keep_the_model_s_order() -> None:
    for engine, check in ((FakeEngine(ANSWERS), no_faults), (Ranked(ANSWERS), None)):
        (result,) = translate_sentences([ARABIC], engine=engine, check=check)
        assert result.text == "The minister slept"
        assert engine.calls == [((ARABIC,), FIRST_HYPOTHESES)]


def test_a_check_outranks_coverage() -> None:
    def forbid_city(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        failed = "city" in english
        return (Check(kind="name", on="en", verdict="fail" if failed else "pass", detail="city"),)

    (result,) = translate_sentences([ARABIC], engine=Ranked(ANSWERS), check=forbid_city)
    assert result.text == "The minister slept"
