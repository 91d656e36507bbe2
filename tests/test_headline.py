from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from summarizer.headline import MOST_WORDS, write_headline
from tests.builders import by_id, document, sentences

ONE = document("a", "# هل ينسحب الجيش من المدينة؟\nانسحب الجيش من المدينة بعد اتفاق مع الفصائل.")
TWO = document("b", "# الجيش ينسحب من المدينة بعد اتفاق\nأعلن الجيش انسحابه من المدينة.")
THREE = document("c", "# صور\nانسحاب الجيش من المدينة.")


def test_the_title_that_the_reports_share_wins_over_a_question() -> None:
    headline = write_headline(sentences(ONE, TWO, THREE), by_id(ONE, TWO, THREE), lead=None)
    assert headline.text == "# الجيش ينسحب من المدينة بعد اتفاق"
    (citation,) = headline.citations
    assert by_id(TWO)[citation.document_id].text[citation.start : citation.end] == headline.text


def test_a_teaser_tells_less_than_a_title() -> None:
    teaser = document(
        "d", "# شاهد.. الجيش ينسحب من المدينة بعد اتفاق مع الفصائل\nانسحب الجيش من المدينة بعد اتفاق."
    )
    documents = (teaser, TWO)
    assert write_headline(sentences(*documents), by_id(*documents), lead=None).text == TWO.title


def test_of_two_tolls_the_title_of_the_last_day_wins() -> None:
    early = document("a", "# إصابة جنود في حادث دهس قرب جنين\nأصيب جنود في حادث دهس.", published="2018-03-16")
    later = document("b", "# مقتل جنود في حادث دهس قرب جنين\nقتل جنود في حادث دهس.", published="2018-03-17")
    for documents in ((early, later), (later, early)):
        headline = write_headline(sentences(*documents), by_id(*documents), lead=None)
        assert headline.text == later.title


def test_titles_of_copies_do_not_count() -> None:
    copy = document("b", TWO.text, duplicate_of="a")
    assert write_headline(sentences(ONE, copy), by_id(ONE, copy), lead=None).text.endswith("؟")


def test_without_a_title_the_lead_is_cut_at_a_clause() -> None:
    report = document(
        "d", "يصل رئيس الحكومة خلال ساعات إلى العاصمة الأمريكية واشنطن، لإجراء الجولة الأخيرة من المباحثات."
    )
    (lead,) = sentences(report)
    headline = write_headline([lead], by_id(report), lead=lead)
    assert headline.text == "يصل رئيس الحكومة خلال ساعات إلى العاصمة الأمريكية واشنطن"
    assert headline.citations[0].end == len(report.text)


def test_a_long_clause_is_cut_with_an_ellipsis() -> None:
    report = document("d", " ".join(["كلمة"] * 40) + ".")
    headline = write_headline(sentences(report), by_id(report), lead=None)
    assert headline.text == " ".join(["كلمة"] * MOST_WORDS) + "…"


def test_no_sentences_no_headline() -> None:
    assert write_headline([], {}, lead=None).text == ""


@given(st.randoms(use_true_random=False))
def test_the_order_of_sentences_does_not_matter(shuffler: random.Random) -> None:
    story = sentences(ONE, TWO, THREE)
    expected = write_headline(story, by_id(ONE, TWO, THREE), lead=None)
    shuffler.shuffle(story)
    assert write_headline(story, by_id(ONE, TWO, THREE), lead=None) == expected
