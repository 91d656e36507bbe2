"""The estimate of doubtful English: what it says, when it speaks, and that the weights are those of the labels."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines import Hypothesis
from summarizer.engines.delegating import DelegatingEngine
from summarizer.errors import InputError
from summarizer.estimation import meaning_check, risk
from summarizer.models import Registry
from summarizer.models.specs import EstimationSpec
from summarizer.schema import Check
from summarizer.translate import translate_sentences
from tests.fakes import FakeEngine

SPEC = EstimationSpec(
    intercept=-1.0, score=-4.0, coverage=-2.0, words=0.05, mark_from=0.5, wrong_of_marked=0.62
)


def test_the_risk_is_the_logistic_function_of_the_signals() -> None:
    assert risk(SPEC, score=-0.5, coverage=0.5, words=20) == pytest.approx(
        1 / (1 + math.exp(-(-1 + 2 - 1 + 1)))
    )


@given(st.floats(-1e6, 0), st.floats(0, 1), st.integers(0, 10_000), st.floats(0.01, 3), st.integers(1, 50))
def test_less_sure_less_covered_and_longer_is_riskier(
    score: float, coverage: float, words: int, less: float, more: int
) -> None:
    here = risk(SPEC, score=score, coverage=coverage, words=words)
    assert 0 <= here <= 1
    assert risk(SPEC, score=score - less, coverage=coverage, words=words) >= here
    assert risk(SPEC, score=score, coverage=coverage / 2, words=words) >= here
    assert risk(SPEC, score=score, coverage=coverage, words=words + more) >= here


def test_a_mark_tells_the_odds_and_never_calls_a_sentence_wrong() -> None:
    assert meaning_check(SPEC, score=-0.1, coverage=0.9, words=8) is None
    check = meaning_check(SPEC, score=-0.9, coverage=0.3, words=25)
    assert check is not None
    assert (check.kind, check.on, check.verdict) == ("meaning", "en", "unknown")
    assert "of 100 such sentences that were read, 62 said something else" in check.detail


def test_a_word_left_out_is_a_reason_of_its_own() -> None:
    spec = SPEC.model_copy(update={"wrong_of_omitting": 0.71})
    sure = {"score": -0.1, "coverage": 0.9, "words": 8}
    check = meaning_check(spec, **sure, omitted=("الهاتف", "عقود"))  # type: ignore[arg-type]
    assert check is not None
    assert check.verdict == "unknown"
    assert (
        check.detail
        == "no known rendering of الهاتف, عقود: of 100 such sentences that were read, 71 were wrong somewhere"
    )
    both = meaning_check(spec, score=-0.9, coverage=0.3, words=25, omitted=("الهاتف",))
    assert both is not None
    assert "no known rendering of الهاتف" in both.detail
    assert "; the model was unsure here" in both.detail
    assert meaning_check(SPEC, **sure, omitted=("الهاتف",)) is None  # type: ignore[arg-type]


# --- in translation -------------------------------------------------------------------------------------

ARABIC = "زار الوزير المدينة"


class Unsure(FakeEngine):
    estimation = SPEC


def no_faults(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
    return ()


def marks(engine: FakeEngine, **options: object) -> list[str]:
    (result,) = translate_sentences([ARABIC], engine=engine, **{"check": no_faults, **options})  # type: ignore[arg-type]
    return [check.verdict for check in result.checks if check.kind == "meaning"]


def said(text: str, score: float) -> dict[str, list[Hypothesis]]:
    return {ARABIC: [Hypothesis(text=text, score=score)]}


def test_an_answer_that_the_model_was_unsure_of_is_marked() -> None:
    assert marks(Unsure(said("The shop sells bread", -1.0))) == ["unknown"]
    assert marks(Unsure(said("The minister visited the city", -0.05))) == []


def test_only_known_models_and_judged_answers_are_estimated() -> None:
    doubtful = said("The shop sells bread", -1.0)
    assert marks(FakeEngine(doubtful)) == []
    assert marks(Unsure(doubtful), check=None) == []
    assert marks(DelegatingEngine(Unsure(doubtful))) == ["unknown"]  # type: ignore[arg-type]


def test_an_empty_answer_has_failed_and_is_no_matter_of_doubt() -> None:
    assert marks(Unsure(said("", -3.0))) == []


def test_the_best_of_the_first_answers_says_how_sure_the_model_was() -> None:
    def only_visit(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        verdict = "pass" if "visited" in english else "fail"
        return (Check(kind="number", on="en", verdict=verdict, detail="visit"),)  # type: ignore[arg-type]

    answers = {
        ARABIC: [
            Hypothesis(text="The minister saw the city", score=-0.05),
            Hypothesis(text="The minister visited the city", score=-2.0),
        ]
    }
    assert marks(Unsure(answers), check=only_visit) == []


def test_the_shipped_weights_are_those_of_the_answers_that_were_read() -> None:
    estimation = pytest.importorskip("recipes.estimation", reason="the recipes are not installed")
    answers = estimation.read_answers()
    shipped = Registry.load().models["ar-en"].estimation
    assert shipped is not None
    for name, value in estimation.fit(answers).items():
        assert getattr(shipped, name) == pytest.approx(value, abs=6e-4)
    risks = estimation.cross_validated(answers)
    told = estimation.worth(answers, risks)
    assert told.answers == len(answers) > 350
    assert told.auc > 0.65  # ar-en-v3 0.72, ar-en-v4 0.69, ar-en-v5 0.73
    assert told.wrong_of_marked > 2 * told.wrong_of_rest
    silent = [not each.failed for each in answers]
    found = estimation.worth([each for each in answers if not each.failed], risks[silent])
    assert shipped.wrong_of_marked == pytest.approx(found.wrong_of_marked, abs=0.011)
    assert shipped.mark_from == estimation.MARK_FROM


def test_answers_of_a_new_model_are_written_to_be_read(tmp_path: Path) -> None:
    """An answer that stayed keeps its label; the weights are not fitted while one has none."""
    estimation = pytest.importorskip("recipes.estimation", reason="the recipes are not installed")
    old = [json.loads(line) for line in estimation.LABELS.read_text(encoding="utf-8").splitlines()]
    kept, arabic = old[0], estimation._arabic()
    answer = Hypothesis(text=kept["en"], score=-0.25)
    engine = FakeEngine(lambda text: answer if text == arabic[kept["id"]] else "Nobody knows")
    rows = {row["id"]: row for row in estimation.ask(engine)}
    assert rows.keys() == arabic.keys()
    assert (rows[kept["id"]]["wrong"], rows[kept["id"]]["score"]) == (kept["wrong"], -0.25)
    assert all(rows[each["id"]]["wrong"] is None for each in old[1:])
    unread = tmp_path / "unread.jsonl"
    unread.write_text("".join(json.dumps(row) + "\n" for row in rows.values()), encoding="utf-8")
    with pytest.raises(InputError, match="not read yet"):
        estimation.read_answers(unread)
