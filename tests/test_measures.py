"""Numbers keep what they count: found where English and Arabic differ, put right, and never where they agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.factchecks import side_of
from summarizer.faithfulness import check_english
from summarizer.measures import Difference, differing, one_for_many
from summarizer.repair import repair_facts


def differences(english: str, arabic: str) -> list[Difference]:
    return differing(
        english, side_of(english, "en", None).numbers, arabic, side_of(arabic, "ar", None).numbers
    )


@pytest.mark.parametrize(
    ("english", "arabic", "right"),
    [
        ("The board imposed a $10,000 fine.", "فرضت الهيئة غرامة ١٠ آلاف درهم.", "The board imposed a 10,000-dirham fine."),
        ("The fine was $10,000.", "بلغت الغرامة ١٠ آلاف درهم.", "The fine was 10,000 dirhams."),
        ("It paid US$1.5 billion.", "دفعت 1.5 مليار يورو.", "It paid 1.5 billion euros."),
        ("It fell to 30.9 yen.", "تراجع إلى 30.9 جنيه.", "It fell to 30.9 pounds."),
        ("It lies 10 feet down.", "يقع على عمق 10 كلم.", "It lies 10 kilometers down."),
        ("The fire took 5,000 acres.", "أتت النيران على خمسة آلاف هكتار.", "The fire took 5,000 hectares."),
        ("It pumped 9.7 million pounds daily.", "ضخت 9.7 ملايين برميل يوميا.", "It pumped 9.7 million barrels daily."),
        ("A bag costs 35,000 cents.", "سعر الكيس ٣٥ ألف ليرة.", "A bag costs 35,000 liras."),
        ("It ran at 80 mph.", "سار بسرعة 80 كيلومتراً في الساعة.", "It ran at 80 kilometers per hour."),
    ],
)  # fmt: skip
def test_another_measure_is_found_and_put_right(english: str, arabic: str, right: str) -> None:
    (found, *_) = differences(english, arabic)
    details = [check.detail for check in check_english(english, arabic) if check.verdict == "fail"]
    assert any(
        detail.startswith("another measure: ") and f"not in {found.source}" in detail for detail in details
    )
    repaired, repairs = repair_facts(english, arabic)
    assert repaired == right
    assert [each.source for each in repairs] == [found.source]
    assert not differences(repaired, arabic)


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("It pays $10,000.", "تدفع 10 آلاف دولار."),
        ("It pays 850 million Saudi riyals.", "تدفع 850 مليون ريال سعودي."),
        ("35,000 Lebanese pounds", "35 ألف ليرة لبنانية"),
        ("5 tons", "خمسة أطنان"),
        ("70 km (43 miles)", "70 كيلومترا (43 ميلا)"),
        ("a 10-meter wall", "جدار بارتفاع 10 أمتار"),
        ("10 m", "10 أمتار"),
        ("Nine of the 12 were hurt", "أصيب تسعة من 12"),
        ("It rose to 30.9.", "ارتفع إلى 30.9 جنيه."),  # says nothing: nothing to hold against it
        ("It cost 20 pounds, or $20, some said", "كلف 20 دولارا كما قيل"),  # one reading agrees
        ("2 in 5 people", "شخصان من كل 5 دول"),
        ("", ""),
    ],
)
def test_agreement_and_silence_are_no_difference(english: str, arabic: str) -> None:
    assert differences(english, arabic) == []
    assert repair_facts(english, arabic)[0] == english


@given(
    st.text(alphabet="$€ 15,.kmftUS دولاركمقدم", max_size=60),
    st.text(alphabet=" 15٠٥.دولاركمقدميورو", max_size=60),
)
def test_any_text_is_compared_and_repairs_end(english: str, arabic: str) -> None:
    for each in differences(english, arabic):
        assert english[each.english.start : each.english.end]
    repaired, _ = repair_facts(english, arabic)
    assert len(differences(repaired, arabic)) <= len(differences(english, arabic))


# --- spans of time without a number -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "arabic", "right"),
    [
        ("A day after Iraq asked for talks, it said no.", "بعد أيام من طلب العراق الحوار، رفض.", "Days after Iraq asked for talks, it said no."),
        ("He left a month ago.", "غادر قبل أشهر.", "He left months ago."),
        ("It began an hour earlier.", "بدأ قبل ذلك بساعات.", "It began hours earlier."),
        ("One year later, it fell.", "وسقط بعد سنواتٍ.", "Years later, it fell."),
        ("It fell a decade after the war.", "سقط بعد بضعة عقود من الحرب.", "It fell decades after the war."),
    ],
)  # fmt: skip
def test_one_for_many_is_found_and_put_right(english: str, arabic: str, right: str) -> None:
    details = [check.detail for check in check_english(english, arabic) if check.verdict == "fail"]
    assert any("more than one in the source" in detail for detail in details)
    repaired, (repair,) = repair_facts(english, arabic)
    assert repaired == right
    assert repair.source in arabic
    assert not one_for_many(repaired, arabic)


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("A day after the vote, he left.", "غادر غداة التصويت بعد أيام من الانتظار."),
        ("A day later, he left.", "غادر بعد يوم."),
        ("A year ago he left.", "غادر قبل عام بعد سنوات من الخدمة."),
        ("It happens several times a day.", "يحدث منذ أيام."),
        ("An hour after the call, he left.", "غادر بعد المكالمة."),
    ],
)
def test_one_is_one(english: str, arabic: str) -> None:
    assert one_for_many(english, arabic) == []


def test_days_that_are_counted_are_left_to_the_number() -> None:
    english, arabic = "A day after the vote, he left.", "غادر بعد ثلاثة أيام من التصويت."
    assert one_for_many(english, arabic)
    assert repair_facts(english, arabic) == (english, ())
