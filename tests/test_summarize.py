from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines import Hypothesis
from summarizer.faithfulness import check_arabic
from summarizer.schema import Check, ModelInfo, Sentence
from summarizer.summarize import (
    Draft,
    cite,
    draft_abstractive,
    draft_extractive,
    restore_speaker,
    trim_opening,
)
from tests.builders import document, sentences

REPORT = document(
    "a",
    """
    قال مسؤول كبير في الإدارة الأميركية إن المحادثات ستستأنف الشهر المقبل في بغداد.
    وأضاف المسؤول أن الاجتماعات ستتطرق إلى الأمن والتجارة والمناخ.
    وأوضح أن قوات التدريب ستبقى في العراق، وعددها 2500 جندي.
    وأضافت: "ستكون هذه فرصة مهمة".
    """,
)
STORY = sentences(REPORT)


def gate(arabic: str, cited: Sequence[str]) -> tuple[Check, ...]:
    return check_arabic(arabic, cited)


class Scripted:
    """An engine that gives the hypotheses it was made with, whatever it is asked."""

    info = ModelInfo(id="scripted", engine="fake", licence="none")
    word_limit = None

    def __init__(self, *answers: Sequence[str], input_limit: int = 1000) -> None:
        self.answers = answers
        self.input_limit = input_limit
        self.inputs: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        self.inputs += texts
        return [[Hypothesis(text=each) for each in answer[:hypotheses]] for answer in self.answers]


def draft(engine: Scripted, chosen: Sequence[Sentence]) -> list[Draft]:
    return draft_abstractive(chosen, earlier={"a": STORY}, engine=engine, gate=gate, reasons={0: ("why",)})


# --- extractive ---------------------------------------------------------------------------------


def test_an_extractive_draft_is_the_source_and_cites_it() -> None:
    made = draft_extractive(STORY[0], earlier=[], gate=gate, reasons=("stands alone",))
    assert made.text == STORY[0].text
    assert made.citations == (cite(STORY[0]),)
    assert made.reasons == ("stands alone",)
    assert all(check.verdict == "pass" for check in made.checks)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (1, "وأضاف المسؤول [مسؤول كبير في الإدارة الأميركية] أن الاجتماعات"),
        (2, "وأوضح [مسؤول كبير في الإدارة الأميركية] أن قوات"),
    ],
)
def test_a_hidden_speaker_is_restored_in_brackets_and_cited(index: int, expected: str) -> None:
    made = draft_extractive(
        STORY[index], earlier=STORY[:index], gate=gate, reasons=("its speaker is not named",)
    )
    assert made.text.startswith(expected)
    assert made.citations == (cite(STORY[index]), cite(STORY[0]))
    assert not any("not named" in reason for reason in made.reasons)
    assert not any(check.verdict == "fail" for check in made.checks)


def test_a_speaker_of_the_other_gender_is_not_taken() -> None:
    assert restore_speaker(STORY[3].text, earlier=STORY[:3]) is None


def test_a_sentence_that_names_its_speaker_is_left_alone() -> None:
    assert restore_speaker("وقال وزير الخارجية إن الوضع صعب.", earlier=STORY) is None
    assert restore_speaker("ويوجد في البلاد 2500 جندي.", earlier=STORY) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("يشار إلى أن الرئيس السابق قرر سحب قواته من العراق.", "الرئيس السابق قرر سحب قواته من العراق."),
        ("الجدير ذكره أن هذه الجولة ستكون الأولى في عهده.", "هذه الجولة ستكون الأولى في عهده."),
        ("في السياق، قال مسؤولون إنهم يدعمون الانسحاب.", "قال مسؤولون إنهم يدعمون الانسحاب."),
        ("ونتيجة لذلك، أصدر البرلمان قرارا غير ملزم.", "ونتيجة لذلك، أصدر البرلمان قرارا غير ملزم."),
        ("يذكر أن هذا.", "يذكر أن هذا."),
        ("يُشار إلى أنّ المحادثات بين البلدين توقفت.", "المحادثات بين البلدين توقفت."),
    ],
)
def test_openings_without_news_are_trimmed(text: str, expected: str) -> None:
    assert trim_opening(text) == expected


@given(st.text())
def test_trimming_leaves_an_end_of_the_text(text: str) -> None:
    assert text.endswith(trim_opening(text))


@given(st.text(), st.text())
def test_restoring_bears_any_text(text: str, before: str) -> None:
    earlier = [Sentence(document_id="a", index=0, start=0, end=len(before), text=before)]
    restored = restore_speaker(text, earlier=earlier)
    assert restored is None or "[" in restored[0]


# --- abstractive --------------------------------------------------------------------------------


def test_a_faithful_answer_is_kept_and_cited() -> None:
    engine = Scripted(["ستبقى قوات التدريب وعددها 2500 جندي في العراق."])
    (made,) = draft(engine, STORY[:3])
    assert made.method == "abstractive"
    assert made.citations == (cite(STORY[2]),)
    assert engine.inputs == [" ".join(each.text for each in STORY[:3])]


def test_an_invented_number_falls_back_to_the_source() -> None:
    (made,) = draft(Scripted(["ستبقى قوات التدريب وعددها 3500 جندي في العراق."]), [STORY[2]])
    assert made.method == "extractive-fallback"
    assert "2500" in made.text
    assert cite(STORY[2]) in made.citations


def test_a_better_hypothesis_wins_over_the_models_order() -> None:
    engine = Scripted(
        ["ستبقى قوات التدريب وعددها 9000 جندي في العراق.", "ستبقى قوات التدريب وعددها 2500 جندي في العراق."]
    )
    (made,) = draft(engine, STORY[:3])
    assert made.method == "abstractive"
    assert "2500" in made.text


def test_one_bad_sentence_does_not_cost_the_good_one() -> None:
    engine = Scripted(["ستبقى قوات التدريب وعددها 2500 جندي في العراق. فاز الفريق بكأس العالم لكرة القدم."])
    made = draft(engine, STORY[:3])
    assert [each.method for each in made] == ["abstractive", "extractive-fallback"]


def test_an_unsupported_answer_is_replaced_whole() -> None:
    made = draft(Scripted(["فاز الفريق بكأس العالم لكرة القدم."]), STORY[:2])
    assert [each.method for each in made] == ["extractive-fallback", "extractive-fallback"]
    assert made[0].reasons[0] == "why"


def test_an_empty_answer_is_replaced_whole() -> None:
    made = draft(Scripted([""]), STORY[:1])
    assert [each.text for each in made] == [STORY[0].text]


def test_a_sentence_that_the_model_cannot_read_is_not_cut_but_told() -> None:
    engine = Scripted([STORY[0].text], input_limit=len(STORY[0].text.split()))
    long = max(STORY, key=lambda sentence: len(sentence.text.split()))
    assert long is STORY[0]
    short = Scripted(input_limit=2)
    (only,) = draft(short, [long])
    assert (only.method, short.inputs) == ("extractive-fallback", [])
    assert only.reasons == ("why", f"too long for the model: {len(long.text.split())} tokens, 2 are read")
    (fits,) = draft(engine, [long])
    assert (fits.method, engine.inputs) == ("abstractive", [long.text])


def test_inputs_are_packed_by_the_count_of_what_is_fed_together() -> None:
    """A tokenizer may join what stands at a seam: two sentences of 10 tokens each here make 19 together."""

    class Joining(Scripted):
        def count_tokens(self, text: str) -> int:
            return 10 if sum(text.count(each.text) for each in STORY) < 2 else 19

    engine = Joining([STORY[0].text], input_limit=19)
    draft(engine, STORY[:2])
    assert len(engine.inputs) == 1
    engine = Joining([STORY[0].text], [STORY[1].text], input_limit=18)
    draft(engine, STORY[:2])
    assert len(engine.inputs) == 2


def test_inputs_never_exceed_the_models_limit() -> None:
    limit = max(len(each.text.split()) for each in STORY)
    engine = Scripted([""], [""], [""], input_limit=limit)
    draft(engine, STORY[:3])
    assert all(len(each.split()) <= limit for each in engine.inputs)
    assert len(engine.inputs) > 1


# --- datelines and speakers of other news ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("دبي، الإمارات العربية المتحدة (CNN)-- قالت الشركة إنها ستغير كلمات السر.", "قالت الشركة إنها ستغير كلمات السر."),
        ("(CNN)— سقطت طائرة مروحية في نهر قرب المدينة.", "سقطت طائرة مروحية في نهر قرب المدينة."),
        ("القاهرة (رويترز) - قالت الشرطة إن الطريق أغلقت.", "قالت الشرطة إن الطريق أغلقت."),
        ("سبق-جدة : قدمت الرئاسة شكرها للقنصلية على جهودها.", "قدمت الرئاسة شكرها للقنصلية على جهودها."),
        ("أعلنت شبكة (CNN) - وهي أميركية - تعيين مدير جديد لها.", "أعلنت شبكة (CNN) - وهي أميركية - تعيين مدير جديد لها."),
    ],
)  # fmt: skip
def test_datelines_are_trimmed(text: str, expected: str) -> None:
    assert trim_opening(text) == expected


@pytest.mark.parametrize(
    ("naming", "hidden", "expected"),
    [
        ("وأكد العبادي بحسب بيان رسمي أنه وقع الأمر.", "وأضاف أن المطار سيفتح.", "وأضاف [العبادي] أن"),
        ("وقال الوزير سامح شكري لوكالة فرانس برس إن الأمر انتهى.", "وتابع في بيان أن الأمر انتهى.", "وتابع [الوزير سامح شكري] في"),
        ("ونقلت رويترز عن مسؤول في الوفد المرافق قوله إن الأزمة انتهت.", "وأضاف أن الاتفاق وقع.", "وأضاف [مسؤول في الوفد المرافق] أن"),
        ("ونقلت الوكالة عن الوزيرة نهى علي قولها إن الأزمة انتهت.", "وأضافت أن الاتفاق وقع.", "وأضافت [الوزيرة نهى علي] أن"),
        ("وتابع يوسف حسن: لن نعود.", "وتابع بالقول إن الطريق طويل.", "وتابع [يوسف حسن] بالقول"),
    ],
)  # fmt: skip
def test_speakers_without_what_follows_them(naming: str, hidden: str, expected: str) -> None:
    first, second = sentences(document("a", f"{naming}\n{hidden}"))
    restored = restore_speaker(second.text, earlier=[first])
    assert restored is not None
    assert restored[0].startswith(expected)


@pytest.mark.parametrize(
    "naming",
    [
        "وقال الجمعة في مقر الحلف إن المحادثات جيدة.",  # a day is no speaker
        "وأكد متحدث باسم الجيش حصول الغارات، لافتا إلى أنها كانت ردا.",  # what was confirmed is no part of who did
        "ونقلت الوكالة عن الوزيرة نهى علي قولها إن الأزمة انتهت.",  # she, not he
    ],
)
def test_what_is_no_speaker(naming: str) -> None:
    first, second = sentences(document("a", f"{naming}\nوأضاف أن الأمر انتهى."))
    assert restore_speaker(second.text, earlier=[first]) is None
