from __future__ import annotations

import pytest

from summarizer.faithfulness import check_english
from summarizer.negations import find_negations
from summarizer.numerals import Language, scan


def found(text: str, language: Language = "ar") -> list[tuple[str, str, bool]]:
    tokens = scan(text)
    return [(text[n.start : n.end], n.value, n.soft) for n in find_negations(tokens, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("لن يكون هناك تفاح ولا لوز.", [("لن", "not", False), ("ولا", "nor", False)]),
        ("ولا أحد يعلم.", [("ولا", "not", False)]),
        ("طفل لا يتجاوز عمره خمسة أعوام", [("لا", "not", True)]),
        ("حكم بسجنه لست سنوات", []),
        ("لست متأكدا", [("لست", "not", False)]),
        ("أميرة اليونان أليس التي كرمتها إسرائيل", []),
        ("في مدينة روستوف أون-دون، فقبضت", []),
        ("ينتهي الأمر بألا يكون هناك خروج", [("بألا", "not", False)]),
        ("لا يرجع إلى الأسبوع الماضي فقط وإنما إلى ثلاث سنوات", [("لا", "not", True)]),
        ("لا يعد الصمت موافقة", [("لا", "not", False)]),
        ("لم يكن السور للدفاع عن المدينة فحسب، بل لتحصيل المكوس", [("لم", "not", True)]),
        ("لم يحم السور المدينة فحسب", [("لم", "not", False)]),
        ("لن ينسحب ما لم يتسلم الجيش المواقع", [("لن", "not", False), ("لم", "not", True)]),
        ("وهو ما لم يحدث منذ عام", [("لم", "not", False)]),
        ("ما من دليل على ذلك", [("ما من", "not", False)]),
        ("الاتفاق، وهو ما من شأنه أن يخفف التوتر", []),
        ("ما كان الميناء ليكتسب أهمية", [("ما", "not", True)]),
        ("غالبا ما كان لديهم طعام", []),
        ("لولا الحملة لما رمم البيت", [("لما", "not", True)]),
        ("لما وصل الوفد", []),
        ("أغلق بابه ليلاً", []),
        ("حالت الحواجز دون وصول المتظاهرين", [("دون", "without", True)]),
        ("غادر دون إعلان موعد", [("دون", "without", False)]),
        ("لمن هم دون الثامنة عشرة", []),
        ("حرارة دون معدلاتها بثلاث درجات", []),
        ("فاز بهدف دون رد", [("دون", "without", True)]),
        ("دوّن ملاحظاته", []),
        ("غيّر رأيه", []),
        ("غادر من غير أن يلتقيه", [("غير", "without", False)]),
        ("قرار غير ملزم", [("غير ملزم", "non", False)]),
        ("وافق، غير أن الوزير رفض", [("رفض", "deny", True)]),
        ("لم يكن بمقدور المسبار، الذي أطلق عام 1977 لاستكشاف المشتري وزحل، أن يحمل سوى حاسوب", [("لم", "not", True)]),
        ("برنامج يعمل بلا خطأ", [("بلا", "without", False)]),
        ("نجوا كلهم بلا استثناء", [("بلا", "without", True)]),
        ("سيعود بلا شك", []),
        ("بأغلبية ثلاثة أصوات لا غير", []),
        ("عدد لا يستهان به من النواب", [("لا", "not", True)]),
        ("مدة لم تزد على ساعة", [("لم", "not", True)]),
        ("لئلا يثير شك الحراس", [("لئلا", "not", True)]),
        ("أولم المزارع لجيرانه", []),
        ("أولم يعلم بذلك", [("أولم", "not", False)]),
        ("طائرة غير مأهولة", [("غير مأهولة", "non", True)]),
        ("ليس في الفضاء أعلى ولا أسفل", [("ليس", "not", False), ("ولا", "nor", False)]),
    ],
)  # fmt: skip
def test_arabic(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No sooner had the winds died down", []),
        ("no lower than the striker's", []),
        ("No animal is faster", [("No", "not", False)]),
        ("Women could not vote until 1990", [("not", "not", False)]),
        ("though not until 1990", [("not", "not", True)]),
        ("indispensable to agriculture", [("indispensable", "non", True)]),
    ],
)
def test_english(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert found(text, "en") == expected


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("من دون نحل لن يكون هناك تفاح ولا لوز.", "Without bees there would be no apples or almonds."),
        ("طفل لا يتجاوز عمره خمسة أعوام.", "A child who is only five years old."),
        ("لا يجرؤ الغواصون على دخول الكهف إلا برفقة مرشد.", "Divers do not dare enter the cave unless accompanied by a guide."),
        ("برنامج يعمل بلا خطأ.", "A program that runs without error."),
        ("نجا البحارة كلهم بلا استثناء.", "All the sailors survived."),
        ("لئلا يثير شك الحراس، أطفأ المصباح.", "So as not to arouse the guards' suspicion, he put out the lamp."),
        ("تسعى بغداد إلى الاستغناء عن الغاز الإيراني.", "Baghdad seeks to do without Iranian gas."),
        ("أسقطت طائرة مسيرة، وفق مسؤول طلب عدم ذكر اسمه.", "A drone was shot down, according to an official who asked not to be named."),
        ("وجهت إليه تهمة القتل غير العمد.", "He was charged with manslaughter."),
        ("حال الضباب دون إقلاع المروحيات.", "Fog kept the helicopters from taking off."),
        ("لن ينسحب الجيش ما لم تتوقف النار.", "The army will not withdraw until the firing stops."),
        ("لا يقتصر الضرر على الحشرات.", "The harm is not limited to insects."),
        ("لا تخلو الخطة من عيوب.", "The plan has its flaws."),
    ],
)  # fmt: skip
def test_said_in_its_own_way(arabic: str, english: str) -> None:
    assert [each.detail for each in check_english(english, arabic) if each.verdict == "fail"] == []


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("كلفة لا تتجاوز 5 في المئة من الإجمالي.", "A cost of more than 5 percent of the total."),
        ("لا يقتصر المعرض على اللوحات، بل يضم أعمالا أخرى.", "The exhibition is limited to paintings and has other works."),
        ("لا تخلو الترجمة من أخطاء.", "The translation is free of mistakes."),
        ("لا يفهم المزارع لماذا أقيل الرئيس ولا كيف صار خصما.", "The farmer understands why the president was removed and how he became an adversary."),
        ("ما من دليل على ذلك.", "There is evidence of that."),
    ],
)  # fmt: skip
def test_the_contrary_fails(arabic: str, english: str) -> None:
    assert any(each.kind == "negation" and each.verdict == "fail" for each in check_english(english, arabic))
