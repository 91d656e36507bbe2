"""Two that became one: found where only a dual can stand, and never where the English has both."""

from __future__ import annotations

import pytest

from summarizer.duals import lost_duals
from summarizer.faithfulness import check_english


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("التقى وزيرا الخارجية على هامش القمة.", "The foreign minister met on the sidelines of the summit."),
        ("بحث وزيرا الزراعة زيادة التبادل.", "The agriculture minister discussed more trade."),
        ("وأكدت حكومتا البلدين التزامهما.", "The government of the country stressed its commitment."),
        ("أصيب شرطيان بجروح.", "A policeman was injured."),
        ("بين وزيري الخارجية", "Between the foreign minister"),
    ],
)
def test_a_dual_that_became_one_is_a_lost_number(arabic: str, english: str) -> None:
    (found,) = lost_duals(english, arabic)
    details = [check.detail for check in check_english(english, arabic) if check.verdict == "fail"]
    assert any(f'lost: two of "{arabic[found.start : found.end]}"' in detail for detail in details)


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("التقى وزيرا الخارجية على هامش القمة.", "The foreign ministers met on the sidelines of the summit."),
        ("اتفق رئيسا البرلمان والحكومة.", "The speaker of parliament and the prime minister agreed."),
        ("أصيب شرطيان بجروح.", "Two officers were injured."),
        ("عين زيدا وزيرا للمالية.", "He named Zaid minister of finance."),
        ("كنت رئيسا اليوم.", "I would be president today."),
        ("أرسلت وفدا إلى بغداد.", "It sent a delegation to Baghdad."),
        ("في مدينتي القديمة", "In my old city"),
        ("بشكل رئيسي", "Mainly"),
    ],
)
def test_what_is_no_dual_or_is_two_in_english_too_is_left_alone(arabic: str, english: str) -> None:
    assert list(lost_duals(english, arabic)) == []
