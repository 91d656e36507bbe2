"""``summarizer.articles``."""

from __future__ import annotations

import pytest

from summarizer.articles import article_start, with_article


@pytest.mark.parametrize(
    ("before", "word", "expected"),
    [
        ("It was a ", "official visit", "It was an "),
        ("It was an ", "visit", "It was a "),
        ("It was a ", "unofficial visit", "It was an "),
        ("It was an ", "united front", "It was a "),
        ("It was an ", "unique case", "It was a "),
        ("It was an ", "US visit", "It was a "),
        ("It was an ", "UN visit", "It was a "),
        ("A ", "Unequal fight", "An "),
        ("An ", "visit", "A "),
        ("They saw\na\n", "envoy", "They saw\nan\n"),
        ("The ", "envoy", "The "),
        ("In Panama ", "envoy", "In Panama "),
        ("", "envoy", ""),
        ("a ", "", "a "),
    ],
)
def test_the_article_goes_with_the_word_after_it(before: str, word: str, expected: str) -> None:
    assert with_article(before, word) == expected


def test_where_the_article_begins() -> None:
    assert article_start("paid an ") == len("paid ")
    assert article_start("paid the ") == len("paid the ")
    assert article_start("") == 0
