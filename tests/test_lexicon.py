"""Word coverage: what it counts, and how it ranks the answers of a model that asks for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines import UNGLOSSED, Hypothesis
from summarizer.lexicon import Coverage, Lexicon, english_stems, load
from summarizer.models.specs import EstimationSpec
from summarizer.schema import Check
from summarizer.translate import FIRST_HYPOTHESES, FIRST_RANKED_HYPOTHESES, translate_sentences
from tests.fakes import FakeEngine

SMALL = Lexicon({"وزير": "minist", "زار": "visit", "مدين": "citi town"}, sure={"وزير", "مدين"})


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


def test_a_sure_word_without_a_rendering_is_omitted_and_named_as_it_stands() -> None:
    arabic = "زارَ الوزيرُ المديـنةَ، ثمّ المدينة"
    assert SMALL.omitted("The minister visited the town", arabic) == ()
    assert SMALL.omitted("The minister met", arabic) == ("المديـنةَ", "المدينة")  # زار is not sure
    assert SMALL.omitted("", "زار الوزير") == ("الوزير",)
    assert SMALL.omitted("Something unheard of", "كلام") == ()


def test_the_shipped_lexicon_names_what_a_reader_would_miss() -> None:
    for arabic, english, missing in (
        ("يجب عليك الحجز عبر الهاتف مباشرة مع شركة الطيران.", "You must book directly with the airline.", "الهاتف"),
        ("وتصاعدت التوترات بين العراق والولايات المتحدة", "Ties between Iraq and the United States rose", "التوترات"),
        ("تفاقمت أزمة المياه في المدينة", "The water crisis in the city worsened", None),
        ("وصل ثلاثة وزراء في الساعة الثامنة مساء", "Three ministers arrived at 8 p.m.", None),
        ("قطع الفريق 20 كلم سيرا", "The team walked 20 km", None),
    ):  # fmt: skip
        assert load().omitted(english, arabic) == ((missing,) if missing else ())


def test_names_and_terms_are_no_matter_of_omission() -> None:
    arabic = "زار الوزير المدينة"
    assert SMALL.omitted("He went to Hama", arabic, but=[(0, 10)]) == ("المدينة",)
    assert SMALL.omitted("He went to Hama", arabic, but=[(4, len(arabic))]) == ()


@given(
    st.lists(st.sampled_from(["الوزيرُ", "للوزيرِ", "المدينة", "زار", "،", "في", "2,500", "\u200fالمدينـة"])),
    st.text(max_size=40),
)
def test_what_is_omitted_stands_in_the_arabic(words: list[str], english: str) -> None:
    arabic = " ".join(words)
    omitted = SMALL.omitted(english, arabic)
    assert all(word in arabic for word in omitted)
    assert (
        bool(omitted) == any("وزير" in word or "المدين" in word for word in words)
        or "minist" in english.lower()
    )


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


# --- words left out, in translation -------------------------------------------------------------------


class Glossed(FakeEngine):
    """Its input may be without glosses: then another text is asked for."""

    coverage_weight = 0.6
    glosses = True


def left_out(*answers: Hypothesis, unglossed: str) -> FakeEngine:
    def answer(text: str) -> list[Hypothesis]:
        return [Hypothesis(text=unglossed, score=-0.9)] if text.endswith(UNGLOSSED) else list(answers)

    return Glossed(answer)


def test_an_answer_that_leaves_a_word_out_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)
    whole = Hypothesis(text="A minister came to see the city", score=-2.0)
    short = Hypothesis(text="The minister visited", score=-0.1)
    (result,) = translate_sentences([ARABIC], engine=Glossed({ARABIC: [short, whole]}), check=no_faults)
    assert (result.text, result.rung) == (whole.text, "first")


def test_a_word_that_every_answer_leaves_out_calls_for_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)
    short = Hypothesis(text="The minister visited", score=-0.1)
    mended = left_out(short, unglossed="The minister visited the town")
    (result,) = translate_sentences([ARABIC], engine=mended, check=no_faults)
    assert (result.text, result.rung) == ("The minister visited the town", "unglossed")
    assert any("left a word out" in note for note in result.notes)
    in_vain = left_out(short, unglossed="He visited")
    (result,) = translate_sentences([ARABIC], engine=in_vain, check=no_faults)
    assert (result.text, result.rung, result.failures) == ("The minister visited", "first", ())


class Names:
    """Finds the city, as a glossary would."""

    def find(self, arabic: str) -> list[SimpleNamespace]:
        start = arabic.find("المدينة")
        return [SimpleNamespace(start=start, end=start + len("المدينة"))] if start >= 0 else []

    def hint(self, arabic: str, *, vocabulary: bool = False) -> str:
        return arabic

    def enforce(self, english: str, arabic: str) -> tuple[str, list[object]]:
        return english, []


def test_a_term_rendered_as_it_is_asked_for_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)
    engine = Glossed({ARABIC: [Hypothesis(text="The minister visited Hama", score=-0.1)]})
    (result,) = translate_sentences([ARABIC], engine=engine, check=no_faults, terms=Names())
    assert (result.text, result.attempts) == ("The minister visited Hama", ("first",))


def test_a_failed_check_outweighs_a_word_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)

    def no_town(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        verdict: Literal["pass", "fail"] = "fail" if "town" in english else "pass"
        return (Check(kind="term", on="en", verdict=verdict, detail="a term, the mildest failure"),)

    whole = Hypothesis(text="The minister visited the town", score=-0.1)
    short = Hypothesis(text="He visited it", score=-0.5)
    (result,) = translate_sentences(
        [ARABIC], engine=Glossed(lambda text: [whole, short]), check=no_town, fallback=None
    )
    assert result.text == short.text


def test_the_fallback_is_not_asked_for_a_word_and_may_leave_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)
    short = Hypothesis(text="The minister visited", score=-0.1)
    paid = FakeEngine(lambda text: [Hypothesis(text="The visit took place", score=-0.1)])
    (result,) = translate_sentences(
        [ARABIC], engine=Glossed(lambda text: [short]), check=no_faults, fallback=paid
    )
    assert (result.text, paid.calls) == (short.text, [])

    def only_took_place(english: str, arabic: str, terms: object) -> tuple[Check, ...]:
        verdict: Literal["pass", "fail"] = "pass" if "took place" in english else "fail"
        return (Check(kind="negation", on="en", verdict=verdict, detail="not"),)

    (result,) = translate_sentences(
        [ARABIC], engine=Glossed(lambda text: [short]), check=only_took_place, fallback=paid
    )
    assert (result.text, result.rung) == ("The visit took place", "fallback")


def test_what_stays_out_is_told_in_the_mark_of_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)

    class Known(Glossed):
        estimation = EstimationSpec(
            intercept=-9,
            score=0,
            coverage=0,
            words=0,
            mark_from=0.5,
            wrong_of_marked=0.5,
            wrong_of_omitting=0.7,
        )

    engine = Known(lambda text: [Hypothesis(text="The minister visited", score=-0.1)])
    (result,) = translate_sentences([ARABIC], engine=engine, check=no_faults)
    (mark,) = result.checks
    assert (mark.kind, mark.verdict) == ("meaning", "unknown")
    assert mark.detail.startswith(
        "no known rendering of المدينة: of 100 such sentences that were read, 70 were wrong"
    )


def test_models_whose_answers_are_not_ranked_may_leave_words_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("summarizer.translate.load_lexicon", lambda: SMALL)
    engine = FakeEngine({ARABIC: [Hypothesis(text="The minister visited", score=-0.1)]})
    (result,) = translate_sentences([ARABIC], engine=engine, check=no_faults)
    assert (result.text, result.rung) == ("The minister visited", "first")
    assert len(engine.calls) == 1
