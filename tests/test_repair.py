from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.faithfulness import check_english
from summarizer.repair import repair_facts
from summarizer.terms import Terms


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms.load()


@pytest.mark.parametrize(
    ("arabic", "english", "expected"),
    [
        ("تم توقيع الاتفاقية في عام ٢٠٠٨.", "The agreement was signed in 2010.", "The agreement was signed in 2008."),
        ("انسحب ٢٥٠٠ جندي من البلاد.", "Some 2,600 troops left the country.", "Some 2,500 troops left the country."),
        ("ارتفعت الأسعار بنسبة ٦٠٪ هذا العام.", "Prices rose by 50% this year.", "Prices rose by 60% this year."),
        ("قتل في ديسمبر 2020 قرب المطار.", "He was killed on December 21, 2019 near the airport.", "He was killed on December 2020 near the airport."),
        ("بدأت في 1 مارس / آذار.", "It began on 4 May.", "It began on 1 March."),
        ("مع المسؤولين العراقيين.", "with the Turkish officials.", "with the Iraqi officials."),
        ("العراق والولايات المتحدة يستأنفان الحوار.", "Afghanistan and the United States resume dialogue.", "Iraq and the United States resume dialogue."),
    ],
)  # fmt: skip
def test_one_exchange_is_undone(terms: Terms, arabic: str, english: str, expected: str) -> None:
    repaired, repairs = repair_facts(english, arabic, terms=terms)
    assert repaired == expected
    assert len(repairs) == 1
    assert repairs[0].before in english
    assert repairs[0].source in arabic


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("انسحب ٢٥٠٠ جندي من البلاد.", "2,500 troops left the country."),  # nothing is wrong
        (
            "قتل 12 شخصا وأصيب 40.",
            "13 people were killed and 50 were wounded.",
        ),  # two exchanges: which is which?
        ("انسحب ٢٥٠٠ جندي من البلاد.", "Troops left the country."),  # lost, nothing invented
        ("انسحب الجنود من البلاد.", "2,500 troops left the country."),  # invented, nothing lost
        ("قتل 12 شخصا.", "Twenty people were killed."),  # written in words
        ("بلغت الكلفة 3 ملايين.", "It cost 4 million."),  # more than figures would change
        ("زار العراقيون المدينة.", "Turkey visited the city."),  # a people is not a country
    ],
)
def test_what_is_not_one_exchange_is_left_to_the_checks(terms: Terms, arabic: str, english: str) -> None:
    assert repair_facts(english, arabic, terms=terms) == (english, ())


def test_a_term_left_in_arabic_is_rendered(terms: Terms) -> None:
    repaired, repairs = repair_facts("The مسؤول said so to قناة غير معروفة.", "قال المسؤول ذلك.", terms=terms)
    assert repaired == "The official said so to قناة غير معروفة."
    assert [(each.before, each.after) for each in repairs] == [("مسؤول", "official")]


@pytest.mark.parametrize(
    ("arabic", "english", "expected"),
    [
        (
            "يصل رئيس الوزراء مصطفى الكاظمي إلى واشنطن.",
            "The prime minister of Mustafa al-Kadhimi will arrive in Washington.",
            "Prime Minister Mustafa al-Kadhimi will arrive in Washington.",
        ),
        (
            "أعلن الرئيس جو بايدن ذلك.",
            "It was announced by president of Joe Biden.",
            "It was announced by President Joe Biden.",
        ),
    ],
)
def test_nobody_is_the_president_of_a_person(terms: Terms, arabic: str, english: str, expected: str) -> None:
    repaired, repairs = repair_facts(english, arabic, terms=terms)
    assert repaired == expected
    assert len(repairs) == 1


@pytest.mark.parametrize(
    "english",
    ["The spokesman of Mustafa al-Kadhimi arrived.", "The prime minister of Iraq met Mustafa al-Kadhimi."],
)
def test_other_things_of_a_person_and_offices_of_a_country_stay(terms: Terms, english: str) -> None:
    arabic = "التقى رئيس وزراء العراق مصطفى الكاظمي المتحدث."
    assert repair_facts(english, arabic, terms=terms) == (english, ())


@pytest.mark.parametrize(
    ("arabic", "english", "expected"),
    [
        (
            "بعد اغتيال إدارة ترامب في كانون الثاني 2020 الجنرال قاسم سليماني.",
            "After the assassination of the Trump administration in January 2020, the general Qassem Soleimani.",
            "After the assassination by the Trump administration in January 2020 of the general Qassem Soleimani.",
        ),
        (
            "بعد اغتيال إدارة ترامب في كانون الثاني 2020 الجنرال قاسم سليماني.",
            "After the assassination of Iranian President Trump in January 2020, the general Qassem Soleimani.",
            "After the assassination by the Trump administration in January 2020 of the general Qassem Soleimani.",
        ),
        (
            "دان قتل حكومة بلاده جمال خاشقجي.",
            "He condemned the killing of the Saudi government Jamal Khashoggi.",
            "He condemned the killing by the Saudi government of Jamal Khashoggi.",
        ),
        (
            "اغتيال الجنرال في عهد إدارة ترامب.",
            "The assassination of the Trump administration, the general.",
            "The assassination of the Trump administration, the general.",
        ),
        (
            "أدان قتل حكومة السودان جنودا.",
            "It condemned the killing of the Sudanese government's soldiers.",
            "It condemned the killing of the Sudanese government's soldiers.",
        ),
    ],
)
def test_who_killed_is_not_who_was_killed(arabic: str, english: str, expected: str) -> None:
    assert repair_facts(english, arabic)[0] == expected
    turned = [each for each in check_english(english, arabic) if "turned around" in each.detail]
    assert bool(turned) is (english != expected)


def test_without_terms_places_are_left_alone() -> None:
    assert repair_facts("Afghanistan resumes dialogue.", "العراق يستأنف الحوار.") == (
        "Afghanistan resumes dialogue.",
        (),
    )


@given(st.text(), st.text())
def test_any_text_is_borne(english: str, arabic: str) -> None:
    repaired, repairs = repair_facts(english, arabic)
    assert bool(repairs) or repaired == english


@given(st.integers(4, 10**6), st.integers(4, 10**6))
def test_a_repaired_number_is_the_sources(right: int, wrong: int) -> None:
    repaired, _ = repair_facts(f"There are {wrong} soldiers.", f"يوجد {right} جندي.")
    again, repairs = repair_facts(repaired, f"يوجد {right} جندي.")
    assert (again, repairs) == (repaired, ())
