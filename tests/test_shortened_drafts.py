"""Drafts of a model that only leaves words out: what is asked of it, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Sequence

from summarizer.engines import Hypothesis
from summarizer.faithfulness import check_arabic
from summarizer.schema import Check, Document, ModelInfo
from summarizer.segment import segment
from summarizer.summarize import Draft, draft_shortened

LONG = "أعلنت الشرطة اليوم الأحد اعتقال ثلاثة أشخاص في وسط المدينة، مضيفة أن التحقيق في الحادث لم ينته بعد."
SHORT = "أعلنت الشرطة اليوم الأحد اعتقال ثلاثة أشخاص في وسط المدينة."
BRIEF = "وصل الوزير إلى العاصمة مساء الأحد."
HIDDEN = "وأضاف أن المحادثات ستستأنف في الأسبوع المقبل بعد عودة الوفود من العواصم الثلاث، مشيرا إلى تقدم."


class Cutter:
    """Answers with what the test gives it, and remembers what it was asked."""

    info = ModelInfo(id="cutter", engine="fake", licence="none")
    input_limit = 60
    word_limit = None
    latin_names = "never"
    shortens = True

    def __init__(self, *answers: Hypothesis) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        self.asked += texts
        return [self.answers for _ in texts]


def gate(arabic: str, cited: Sequence[str]) -> tuple[Check, ...]:
    return check_arabic(arabic, cited)


def draft(text: str, engine: Cutter) -> list[Draft]:
    document = Document(id="d", text=text)
    sentences = [each for each in segment(document) if each.kind == "body"]
    return draft_shortened(
        sentences, earlier={"d": sentences}, engine=engine, gate=gate, reasons={0: ("opens its report",)}
    )


def test_the_first_safe_answer_is_shown_and_cites_the_whole_sentence() -> None:
    engine = Cutter(Hypothesis(text="اعتقلت الشرطة ثلاثة أشخاص."), Hypothesis(text=SHORT))
    (found,) = draft(LONG, engine)
    assert engine.asked == [LONG]
    assert (found.text, found.method) == (SHORT, "abstractive")
    assert [(each.start, each.end) for each in found.citations] == [(0, len(LONG))]
    assert not [check for check in found.checks if check.verdict == "fail"]
    assert found.reasons[0] == "opens its report"
    assert "shortened" in found.reasons[-1]


def test_without_a_safe_answer_the_sentence_stays_as_it_is() -> None:
    for answer in (Hypothesis(text=""), Hypothesis(text=LONG), Hypothesis(text=SHORT, finished=False)):
        (found,) = draft(LONG, Cutter(answer))
        assert (found.text, found.method) == (LONG, "extractive")


def test_short_sentences_long_inputs_and_hidden_speakers_are_not_asked_about() -> None:
    engine = Cutter(Hypothesis(text=SHORT))
    named = f"قال الوزير محمد علي إن الاتفاق قريب. {HIDDEN}"
    assert [each.method for each in draft(BRIEF, engine)] == ["extractive"]
    assert "[" in draft(named, engine)[1].text
    assert engine.asked == []
    engine.input_limit = 5
    assert [each.method for each in draft(LONG, engine)] == ["extractive"]
    assert engine.asked == []
