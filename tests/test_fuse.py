"""One sentence of what several outlets say: which sentences go together, which answers count, what is cited."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import fuse
from summarizer.engines import Hypothesis, LatinNames
from summarizer.faithfulness import check_arabic
from summarizer.schema import Check, Document, ModelInfo, Sentence
from summarizer.segment import segment
from summarizer.summarize import CUT_FROM, Draft, draft_fused

FIRST = "أعلنت وزارة الدفاع العراقية، الثلاثاء، انسحاب 500 جندي أميركي من قاعدة عين الأسد غربي البلاد."
OTHER = "قال متحدث باسم وزارة الدفاع العراقية إن انسحاب الجنود، من قاعدة عين الأسد، سيكتمل قبل نهاية نيسان."
THIRD = "انسحب جنود أمريكيون من قاعدة عين الأسد غربي العراق باتجاه الأردن بموافقة وزارة الدفاع العراقية."
ELSEWHERE = "افتتح وزير الثقافة المغربي معرضا للكتاب في مدينة الرباط بحضور كتاب من عشرين دولة."
FUSED = "أعلنت وزارة الدفاع العراقية انسحاب 500 جندي أميركي من قاعدة عين الأسد غربي البلاد، فيما قال متحدث باسم وزارة الدفاع العراقية إن انسحاب الجنود سيكتمل قبل نهاية نيسان."


def story(*reports: tuple[str, str]) -> tuple[dict[str, Document], list[Sentence]]:
    documents = {
        f"d{i}": Document(id=f"d{i}", text=text, source=outlet) for i, (outlet, text) in enumerate(reports)
    }
    return documents, [
        each for document in documents.values() for each in segment(document) if each.kind == "body"
    ]


def test_partners_are_sentences_of_other_outlets_that_tell_the_same_and_more() -> None:
    documents, sentences = story(
        ("أ", FIRST), ("ب", OTHER), ("ج", THIRD), ("د", ELSEWHERE), ("أ", OTHER), ("هـ", FIRST)
    )
    found = fuse.partners(sentences[0], sentences, documents)
    assert {each.document_id for each in found} == {"d1", "d2"}, (
        "neither another event, nor its own outlet, nor a copy"
    )
    assert found == fuse.partners(sentences[0], sentences[::-1], documents)


def test_one_outlet_gives_one_partner() -> None:
    documents, sentences = story(("أ", FIRST), ("ب", f"{OTHER} {THIRD}"))
    assert len(fuse.partners(sentences[0], sentences, documents)) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (FUSED, None),
        ("أعلنت وزارة الدفاع الانسحاب.", "length"),
        (FUSED.rstrip(".") + "،", "form"),
        (FIRST + " " + OTHER + " " + FIRST, "length"),
        (
            "أعلنت وزارة الدفاع العراقية انسحاب 500 جندي أميركي من قاعدة عين الأسد بعد مفاوضات سرية طويلة في جنيف.",
            "support",
        ),
        ("قال متحدث باسم وزارة الدفاع العراقية إن انسحاب الجنود سيكتمل قبل نهاية نيسان.", "kept"),
        (
            "انسحاب 500 جندي أميركي من قاعدة عين الأسد غربي البلاد.",
            "attribution",
        ),
    ],
)
def test_an_answer_keeps_to_its_sources_and_says_whose_word_it_is(text: str, reason: str | None) -> None:
    assert fuse.why_not(text, [FIRST, OTHER]) == reason


def test_an_answer_is_spliced_from_runs_of_the_sources_words_in_their_order() -> None:
    assert fuse.is_spliced(FUSED, [FIRST, OTHER])
    assert fuse.is_spliced(FIRST, [FIRST])
    rose, fell = (
        "وتصاعدت التوترات بين البلدين بعد الهجوم على القاعدة",
        "هبطت التوترات بين البلدين بعد الهجوم على القاعدة",
    )
    assert fuse.is_spliced(rose.removeprefix("و"), [rose])
    assert not fuse.is_spliced(fell, [rose])
    assert not fuse.is_spliced(
        "هاجمت قوات البلد الثاني قوات البلد الأول", ["هاجمت قوات البلد الأول قوات البلد الثاني"]
    )


@given(st.lists(st.sampled_from("ا ب ج د ه".split()), max_size=12), st.data())
def test_a_source_with_words_left_out_between_runs_is_spliced(words: list[str], data: st.DataObject) -> None:
    """Whatever was left out, as long as what stays are runs; and never a crash."""
    source = [f"{word}{i}" for i, word in enumerate(words)]
    cut = data.draw(st.integers(0, len(source)))
    fuse.is_spliced(" ".join(reversed(source)), [" ".join(source)])
    if len(source) - cut >= fuse.LEAST_RUN:
        assert fuse.is_spliced(" ".join(source[:cut] + source[cut:]), [" ".join(source)])


def test_a_clause_that_is_told_keeps_its_date_its_number_and_its_negation() -> None:
    source = "تم توقيع اتفاقية الإطار بين البلدين في عام 2008، ولم تنفذ حتى الآن، وفق 3 مسؤولين"
    assert fuse.keeps_facts("تم توقيع اتفاقية الإطار بين البلدين في عام 2008", [source])
    assert not fuse.keeps_facts("تم توقيع اتفاقية الإطار بين البلدين", [source])
    assert not fuse.keeps_facts("تم توقيع اتفاقية الإطار بين البلدين في عام 2008، وتنفذ حتى الآن", [source])


def test_an_answer_as_long_as_its_sources_tells_nothing_shorter() -> None:
    assert fuse.why_not(FIRST, [FIRST]) == "no shorter"


def test_only_what_is_needed_is_cited() -> None:
    assert fuse.used(FUSED, [FIRST, OTHER]) == [0, 1]
    assert fuse.used(FUSED, [FIRST, OTHER, ELSEWHERE]) == [0, 1]
    assert fuse.used(FIRST, [FIRST, OTHER]) == [0]


# --- drafts -------------------------------------------------------------------------------------


class Fuser:
    """Answers with what the test gives it, and remembers what it was asked."""

    info = ModelInfo(id="fuser", engine="fake", licence="none")
    input_limit = 200
    word_limit = None
    latin_names: LatinNames = "never"
    fuses = True

    def __init__(self, *answers: Hypothesis) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        self.asked += texts
        return [self.answers for _ in texts]


def gate(arabic: str, cited: Sequence[str]) -> tuple[Check, ...]:
    return check_arabic(arabic, cited)


def drafts(engine: Fuser, *reports: str, chosen: int = 1) -> list[Draft]:
    documents, sentences = story(*((f"outlet {i}", text) for i, text in enumerate(reports)))
    earlier = {key: [each for each in sentences if each.document_id == key] for key in documents}
    return draft_fused(
        sentences[:chosen],
        pool=sentences,
        documents=documents,
        earlier=earlier,
        engine=engine,
        gate=gate,
        reasons={},
    )


def test_the_first_answer_that_its_sources_bear_out_is_told_and_cites_them_all() -> None:
    invented = FUSED.replace("500", "700")
    engine = Fuser(Hypothesis(text=FUSED, finished=False), Hypothesis(text=invented), Hypothesis(text=FUSED))
    (found,) = drafts(engine, FIRST, OTHER)
    assert engine.asked == [f"{FIRST}\n{OTHER}"]
    assert (found.text, found.method) == (FUSED, "abstractive")
    assert [each.document_id for each in found.citations] == ["d0", "d1"]
    assert not [check for check in found.checks if check.verdict == "fail"]


def test_without_such_an_answer_the_sentence_that_was_chosen_stays() -> None:
    (found,) = drafts(Fuser(Hypothesis(text=FUSED.replace("500", "700"))), FIRST, OTHER)
    assert (found.text, found.method) == (FIRST, "extractive")


def test_no_sentence_is_told_twice_and_one_that_is_chosen_is_no_partner() -> None:
    engine = Fuser(Hypothesis(text=""))
    drafts(engine, FIRST, THIRD, OTHER, chosen=2)
    assert engine.asked == [f"{FIRST}\n{OTHER}"]


def test_alone_only_a_long_sentence_is_given_to_be_cut_and_none_over_the_limit() -> None:
    engine = Fuser(Hypothesis(text=""))
    drafts(engine, FIRST)
    assert engine.asked == []
    long = f"{FIRST.rstrip('.')}، وذلك {' '.join(['بعد أسابيع من المحادثات بين الجانبين في بغداد'] * 3)}."
    assert len(long.split()) >= CUT_FROM
    drafts(engine, long)
    assert engine.asked == [long]
    engine.input_limit = 10
    drafts(engine, long)
    assert engine.asked == [long]


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [  # each was written by the model, and passed the checks of facts
        (
            "سيطر مسلحو التنظيم على مناطق واسعة في شمال العراق وغربه وشرق سوريا، لكنهم فقدوا أغلب هذه المناطق بعد المعارك.",
            "سيطر مسلحو التنظيم على مناطق واسعة في شمال العراق وغربه وشرق سوريا.",
            "but",
        ),
        (
            'وردا على سؤال عما إذا تم تحديد موعد للقمة بين الرئيسين في العاصمة، اكتفى بالقول "لدينا أمل كبير" في الاتفاق.',
            "وردا على سؤال عما إذا تم تحديد موعد للقمة بين الرئيسين في العاصمة.",
            "nothing said",
        ),
        (
            "شهدت المحافظات تجمعات طالب فيها آلاف المواطنين الحكومة بسحب مشروع القانون الذي يريد رئيس الحكومة هاني الملقي تمريره.",
            "شهدت المحافظات تجمعات طالب فيها آلاف المواطنين الحكومة بسحب مشروع القانون الذي يريد رئيس الحكومة.",
            "own words",
        ),
        (
            'وأفادت الوكالة أنه تم تحديد هوية عدد من المتورطين في إطلاق النار، مضيفة "تقتضي المصلحة عدم إعلان الاسمين في الوقت الراهن".',
            "وأفادت الوكالة أنه تم تحديد هوية عدد المتورطين في إطلاق النار.",
            "own words",
        ),
    ],
)
def test_a_cut_that_turns_a_sentence_around_or_leaves_it_hanging_is_refused(
    source: str, text: str, reason: str
) -> None:
    assert fuse.why_not(text, [source]) == reason


def test_another_outlets_sentence_that_points_at_something_is_not_told() -> None:
    other = "ذكر المرصد أن التحالف أرسل تعزيزات من هاتين الجنسيتين إلى البلدة"
    assert fuse.is_spliced(
        f"{FIRST.rstrip('.')}، وذكر المرصد أن التحالف أرسل تعزيزات إلى البلدة",
        [FIRST, other.replace("من هاتين الجنسيتين ", "")],
    )
    assert not fuse.is_spliced(f"{FIRST.rstrip('.')}، و{other}", [FIRST, other])
