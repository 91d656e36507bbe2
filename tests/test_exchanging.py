from __future__ import annotations

import pytest

from summarizer.exchanging import exchange, own_renderings
from summarizer.faithfulness import check_english
from summarizer.forcing import Asked
from summarizer.gazetteer import parse_glossary
from summarizer.terms import Terms
from summarizer.translate import translate_sentences
from tests.fakes import FakeEngine

ARABIC = "افتتحت وزيرة النقل الجسر."
MINISTER = "وزيرة النقل"


def asked(arabic: str, term: str, rendering: str) -> Asked:
    start = arabic.index(term)
    return Asked(start=start, end=start + len(term), rendering=rendering)


def test_what_a_model_calls_a_term_alone():
    engine = FakeEngine(
        {MINISTER: ["The transport minister.", "Minister of Transport", "the", "transport minister"]}
    )
    assert own_renderings(engine, [MINISTER, MINISTER]) == {
        MINISTER: ("Minister of Transport", "transport minister")
    }
    assert engine.asked == [MINISTER]
    assert own_renderings(FakeEngine({}), []) == {}


def test_a_term_that_the_model_cannot_read_has_no_rendering():
    assert own_renderings(FakeEngine({}, input_limit=1), [MINISTER]) == {}


@pytest.mark.parametrize(
    ("english", "rendering", "result"),
    [
        ("The transport minister opened it.", "transport secretary", "The transport secretary opened it."),
        ("Transport Minister Laila opened it.", "transport secretary", "Transport Secretary Laila opened it."),
        ("Transport minister opens it", "secretary of transport", "Secretary of transport opens it"),
        ("Asked a transport minister.", "envoy for roads", "Asked an envoy for roads."),
        ("An able transport minister.", "DoT head", "An able DoT head."),
        ("The Minister  of Transport left.", "transport secretary", "The Transport Secretary left."),
        ("The transport ministers left.", "transport secretary", None),
        ("The minister opened it.", "transport secretary", None),
        ("The transport minister met the transport minister.", "transport secretary", None),
    ],
)  # fmt: skip
def test_an_asked_rendering_takes_the_place_of_the_model_s(
    english: str, rendering: str, result: str | None
) -> None:
    own = {MINISTER: ("Minister of Transport", "transport minister")}
    assert exchange(english, ARABIC, [asked(ARABIC, MINISTER, rendering)], own) == result


def test_two_terms_one_in_the_other_s_words():
    arabic = "بحث وزير النقل نقل النفط."
    wanted = [asked(arabic, "وزير النقل", "transport secretary"), asked(arabic, "نقل", "haulage")]
    wanted[1] = Asked(start=arabic.index("نقل النفط"), end=arabic.index("نقل النفط") + 3, rendering="haulage")
    own = {"وزير النقل": ("transport minister",), "نقل": ("transport",)}
    assert exchange("The transport minister discussed oil transport.", arabic, wanted, own) == (
        "The transport secretary discussed oil haulage."
    )


def test_a_glossary_term_written_small_stays_arabic_in_the_input_and_is_exchanged():
    terms = Terms.of([], glossary=parse_glossary("وزيرة النقل,transport secretary", name="g"))
    engine = FakeEngine(
        {ARABIC: "The transport minister opened the bridge.", MINISTER: "Transport minister"},
        latin_names="first",
    )
    (result,) = translate_sentences(
        [ARABIC],
        engine=engine,
        terms=terms,
        check=lambda english, arabic, names: check_english(english, arabic, terms=names),
    )
    assert (result.text, result.rung) == ("The transport secretary opened the bridge.", "exchanged")
    assert result.failures == ()
    assert engine.asked == [ARABIC, MINISTER]


def test_a_glossary_term_with_capitals_is_copied_as_a_name_is():
    terms = Terms.of([], glossary=parse_glossary("الإطار التنسيقي,Coordination Framework", name="g"))
    assert terms.hint("رفض الإطار التنسيقي") == "رفض Coordination Framework"


def test_a_glossary_wants_its_very_words():
    terms = Terms.of([], glossary=parse_glossary("وزيرة النقل,transport secretary", name="g"))
    checks = check_english("The transport minister opened the bridge.", ARABIC, terms=terms)
    assert [(each.kind, each.verdict) for each in checks if each.kind == "term"] == [("term", "fail")]
