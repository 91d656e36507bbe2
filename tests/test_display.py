from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.display import format_date, format_number


@pytest.mark.parametrize(
    ("iso", "english", "arabic"),
    [
        ("2021-04-07", "7 April 2021", "7 نيسان/أبريل 2021"),
        ("2020-06", "June 2020", "حزيران/يونيو 2020"),
        ("2020", "2020", "2020"),
        ("--04-07", "7 April", "7 نيسان/أبريل"),
        ("--02-29", "29 February", "29 شباط/فبراير"),
        ("--12", "December", "كانون الأول/ديسمبر"),
        ("2021-04-07T09:30:00+03:00", "7 April 2021, 09:30 UTC+03:00", "7 نيسان/أبريل 2021، 09:30 UTC+03:00"),
        ("2021-04-07T09:30Z", "7 April 2021, 09:30 UTC", "7 نيسان/أبريل 2021، 09:30 UTC"),
        ("2021-02-30", "2021-02-30", "2021-02-30"),
        ("2021-13", "2021-13", "2021-13"),
        ("yesterday", "yesterday", "yesterday"),
        ("--", "--", "--"),
        ("", "", ""),
    ],
)
def test_dates_are_as_exact_as_they_are(iso: str, english: str, arabic: str) -> None:
    assert format_date(iso).en == english
    assert format_date(iso).ar == arabic


@given(st.text())
def test_what_is_no_date_comes_back(text: str) -> None:
    assert isinstance(format_date(text).en, str)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2500", "2,500"),
        ("300", "300"),
        ("1250000.5", "1,250,000.5"),
        ("2500%", "2,500%"),
        ("dozens", "dozens"),
    ],
)
def test_numbers_have_separators(value: str, shown: str) -> None:
    assert format_number(value) == shown
