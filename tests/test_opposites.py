"""Adjectives behind غير that the English turned around: found, put right, and never where it kept the negation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.faithfulness import check_english
from summarizer.opposites import turned_around
from summarizer.repair import repair_facts


@pytest.mark.parametrize(
    ("english", "arabic", "right"),
    [
        ("It issued a binding resolution, which Washington has not followed.", "أصدر قرارًا غير ملزم لم تلتزم به واشنطن.", "It issued a non-binding resolution, which Washington has not followed."),
        ("While the formal truce held", "وفي حين صمدت الهدنة غير الرسمية", "While the informal truce held"),
        ("A formal truce held.", "صمدت هدنة غير رسمية.", "An informal truce held."),
        ("Direct talks began.", "بدأت محادثات غير مباشرة.", "Indirect talks began."),
        ("They are legal settlers.", "إنهم مستوطنون غير شرعيين.", "They are illegal settlers."),
        ("It is an official figure.", "الرقم غير رسمي.", "It is an unofficial figure."),
    ],
)  # fmt: skip
def test_what_was_turned_around_is_found_and_put_right(english: str, arabic: str, right: str) -> None:
    details = [check.detail for check in check_english(english, arabic) if check.verdict == "fail"]
    assert any(detail.startswith("turned around: ") for detail in details)
    repaired, repairs = repair_facts(english, arabic)
    assert repaired == right
    assert any("غير" in each.source for each in repairs)
    assert not [*turned_around(repaired, arabic)]


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("a nonbinding resolution", "قرار غير ملزم"),
        ("a non binding resolution", "قرار غير ملزم"),
        ("a resolution that is not legally binding", "قرار غير ملزم"),
        ("unofficial talks, and a formal dinner", "محادثات غير رسمية وعشاء رسمي"),
        ("It isn't clear why.", "السبب غير واضح."),
        ("a binding resolution", "قرار ملزم"),
        ("a binding resolution", "قرار ملزم، غير أن واشنطن رفضته"),
        ("the resolution", "قرار غير ملزم"),
        ("by direct contact and indirectly", "بالاتصال المباشر وغير المباشر"),
    ],
)
def test_what_stayed_negated_is_left_alone(english: str, arabic: str) -> None:
    assert not [*turned_around(english, arabic)]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_read(english: str, arabic: str) -> None:
    for each in turned_around(english, arabic):
        assert 0 <= each.start < each.end <= len(english)
        assert 0 <= each.source_start < each.source_end <= len(arabic)
