"""Who did it to whom: exchanged roles are found and put right, and only where the Arabic has the construction."""

from __future__ import annotations

import pytest

from summarizer.faithfulness import check_english
from summarizer.repair import repair_facts
from summarizer.roles import exchanged_roles


@pytest.mark.parametrize(
    ("arabic", "english", "right"),
    [
        (
            "تكرر استهداف الميليشيات للمنطقة الخضراء في بغداد.",
            "The repeated targeting of the Green Zone militias in Baghdad.",
            "The repeated targeting of the Green Zone by militias in Baghdad.",
        ),
        (
            "دان قصف الطائرات للعاصمة صنعاء.",
            "He condemned the bombing of the Sanaa warplanes.",
            "He condemned the bombing of the Sanaa by warplanes.",
        ),
        (
            "قالت السكرتيرة الصحفية للبيت الأبيض جين بساكي: «سنرد».",
            'On Monday, press secretary Jen Psaki told the White House: "We will respond."',
            'On Monday, White House press secretary Jen Psaki said: "We will respond."',
        ),
        (
            "أكد المتحدث باسم البيت الأبيض جون كيربي أن الهدنة قائمة.",
            "The spokesman John Kirby told the White House that the truce held.",
            "The White House spokesman John Kirby said that the truce held.",
        ),
    ],
)
def test_exchanged_roles_are_told_and_put_right(arabic: str, english: str, right: str) -> None:
    assert any(
        each.verdict == "fail" and "turned around" in each.detail for each in check_english(english, arabic)
    )
    assert repair_facts(english, arabic)[0] == right
    assert list(exchanged_roles(right, arabic)) == []


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("استهداف ميليشيات المنطقة الخضراء.", "The targeting of the Green Zone militias."),
        ("قالت المتحدثة للبيت: سنرد.", "The spokeswoman Jen Psaki told the White House."),
        ("قصف الطائرات للعاصمة.", "The bombing of the Sanaa airport."),
        ("قصف الطائرات للعاصمة.", "The bombing of the capital by warplanes."),
    ],
)
def test_what_the_arabic_does_not_say_is_left_alone(arabic: str, english: str) -> None:
    assert list(exchanged_roles(english, arabic)) == []


def test_a_secretary_who_asks_the_white_house_is_told_and_not_put_right() -> None:
    arabic = "بعد ساعات من طلب العراق قالت السكرتيرة الصحفية للبيت الأبيض جين بساكي: «نتطلع إلى الحوار»."
    english = 'Hours after Iraq\'s press secretary, Jen Psaki, asked the White House, she said: "We look forward to the dialogue."'
    assert any(each.verdict == "fail" for each in check_english(english, arabic))
    assert repair_facts(english, arabic)[0] == english


def test_a_deed_whose_doer_is_lost_is_told_and_not_put_right() -> None:
    arabic = "تصاعدت التوترات بعد اغتيال إدارة ترامب الجنرال قاسم سليماني."
    lost = "Tensions rose after the assassination of Iranian General Trump, the general Qassem Soleimani."
    assert [each.right for each in exchanged_roles(lost, arabic)] == [None]
    assert any(each.verdict == "fail" for each in check_english(lost, arabic))
    assert repair_facts(lost, arabic)[0] == lost
    for kept in (
        "Tensions rose after the Trump administration's killing of General Qassem Soleimani.",
        "Tensions rose after the assassination of General Qassem Soleimani by Trump.",
        "Tensions rose after Trump's assassination of General Qassem Soleimani.",
    ):
        assert list(exchanged_roles(kept, arabic)) == []
