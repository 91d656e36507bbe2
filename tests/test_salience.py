from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.salience import MAX_OVERLAP, select
from tests.builders import by_id, document, sentences

ONE = document(
    "a",
    """
    أعلنت وزارة الصحة العراقية تسجيل 120 إصابة جديدة بالكوليرا في محافظة السليمانية يوم الاثنين.
    وقال المتحدث باسم الوزارة إن المستشفيات استقبلت مئات الحالات خلال الأيام الأخيرة.
    وأضاف أن الوزارة سترسل فرقا طبية ومواد تعقيم إلى المحافظة.
    وتشهد المحافظة ارتفاعا في درجات الحرارة وشحا في مياه الشرب.
    """,
)
TWO = document(
    "b",
    """
    سجلت محافظة السليمانية 120 إصابة جديدة بالكوليرا بحسب وزارة الصحة العراقية.
    وحذرت منظمة الصحة العالمية من انتشار الكوليرا بسبب تلوث مياه الشرب في المحافظة.
    هل تكفي الإجراءات الحالية لوقف انتشار المرض في محافظة السليمانية؟
    """,
)
THREE = document(
    "c",
    """
    دعت منظمة الصحة العالمية إلى تعقيم مياه الشرب في السليمانية بعد انتشار الكوليرا.
    وهذا ما أكدته السلطات المحلية في محافظة السليمانية أكثر من مرة هذا الأسبوع.
    """,
)
ALL = (ONE, TWO, THREE)


def chosen(count: int, *documents: object) -> list[str]:
    given_documents = documents or ALL
    story = sentences(*given_documents)  # type: ignore[arg-type]
    return [story[each.index].text for each in select(story, by_id(*given_documents), count=count)]  # type: ignore[arg-type]


def test_what_several_outlets_report_comes_before_what_one_does() -> None:
    story = sentences(*ALL)
    (only,) = select(story, by_id(*ALL), count=1)
    assert "الكوليرا" in story[only.index].text
    assert any(reason.endswith("outlets report it") for reason in only.reasons)


def test_nothing_is_said_twice() -> None:
    texts = chosen(6)
    assert sum("120 إصابة" in text for text in texts) == 1


def test_every_outlet_is_heard_before_one_is_heard_twice() -> None:
    story = sentences(*ALL)
    heard = [story[each.index].document_id for each in select(story, by_id(*ALL), count=3)]
    assert sorted(heard) == ["a", "b", "c"]


def test_sentences_that_lean_on_others_come_last() -> None:
    texts = chosen(3)
    assert not any(text.startswith(("وأضاف أن", "وهذا", "هل")) for text in texts)


def test_reasons_name_what_a_reader_should_know() -> None:
    story = sentences(*ALL)
    reasons = {story[each.index].text: each.reasons for each in select(story, by_id(*ALL), count=9)}
    for text, given_reasons in reasons.items():
        if text.startswith("وأضاف أن"):
            assert "its speaker is not named" in given_reasons
        if text.startswith("أعلنت"):
            assert "opens its report" in given_reasons
            assert "gives a number" in given_reasons


def test_duplicates_and_boilerplate_are_never_chosen() -> None:
    copy = document("d", ONE.text, duplicate_of="a")
    story = sentences(ONE, copy)
    picked = select(story, by_id(ONE, copy), count=10)
    assert {story[each.index].document_id for each in picked} == {"a"}
    assert not any(reason.endswith("outlets report it") for each in picked for reason in each.reasons)


def test_reading_order_is_by_date_then_position() -> None:
    late = document("a-late", THREE.text, published="2021-07-25")
    early = document("z-early", ONE.text, published="2021-07-20")
    story = sentences(late, early)
    order = [story[each.index] for each in select(story, by_id(late, early), count=4)]
    assert [each.document_id for each in order] == sorted((each.document_id for each in order), reverse=True)
    positions = [each.index for each in order if each.document_id == "z-early"]
    assert positions == sorted(positions)


@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_order_of_sentences_does_not_matter(shuffler: random.Random, count: int) -> None:
    story = sentences(*ALL)
    shuffled = story[:]
    shuffler.shuffle(shuffled)
    expected = [story[each.index] for each in select(story, by_id(*ALL), count=count)]
    assert [shuffled[each.index] for each in select(shuffled, by_id(*ALL), count=count)] == expected


@pytest.mark.parametrize("count", [0, -1])
def test_no_count_no_sentences(count: int) -> None:
    assert select(sentences(*ALL), by_id(*ALL), count=count) == ()


def test_nothing_to_choose_from() -> None:
    assert select([], {}, count=3) == ()
    short = document("e", "نعم.\nلا.")
    assert select(sentences(short), by_id(short), count=3) == ()


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8), st.integers(1, 5))
def test_any_text_is_borne(lines: list[str], count: int) -> None:
    each = document("x", "\n".join(line.replace("\n", " ") for line in lines) or "x")
    assert len(select(sentences(each), by_id(each), count=count)) <= count


def test_the_overlap_limit_is_a_share() -> None:
    assert 0 < MAX_OVERLAP < 1


# --- what other news taught -----------------------------------------------------------------------

LEAD = "أعلنت شركة النفط اكتشاف حقل جديد قرب سواحل البصرة يحتوي ملايين البراميل."


@pytest.mark.parametrize(
    "worse",
    [
        "وتابع بالقول إن حقل البصرة الجديد كنز يحتوي ملايين البراميل من نفط البلاد.",
        "وأضاف في بيان أن حقل البصرة الجديد كنز يحتوي ملايين البراميل من نفط البلاد.",
        "وأردفوا أن حقل البصرة الجديد كنز يحتوي ملايين البراميل من نفط البلاد كلها.",
        "مضيفة أن حقل البصرة الجديد كنز يحتوي ملايين البراميل من نفط البلاد كلها.",
        "وقالت الوزارة إن حقل البصرة الجديد كنز يحتوي ملايين البراميل من نفط البلاد.",
        "رابط الخبر: اكتشاف كنز نفط جديد في البصرة يحتوي ملايين البراميل من البلاد.",
        "عمال حقل البصرة الجديد أمام ملايين البراميل من كنز نفط البلاد",
    ],
)
def test_what_hides_its_speaker_or_is_no_news_ranks_behind(worse: str) -> None:
    better = "ويعد حقل البصرة الجديد أكبر كنز يحتوي ملايين البراميل من نفط البلاد كلها."
    filler = "وتراجعت أسعار الذهب كثيرا هذا العام بسبب مخاوف المستثمرين في أسواق العالم."
    for lines in ((LEAD, filler, filler, worse, better), (LEAD, filler, filler, better, worse)):
        (_, second) = chosen(2, document("a", "\n".join(lines)))
        assert second != worse


def test_a_lead_that_repeats_the_news_is_no_lead_any_more() -> None:
    again = document(
        "b", "كشفت الشركة عن حقل كبير للغاز والنفط قرب سواحل البصرة وعدت بملايين الوظائف للشباب."
    )
    first = document(
        "a", f"{LEAD}\nوقال وزير المالية علي علاوي إن العائدات ستمول بناء مدارس ومستشفيات في محافظات الجنوب."
    )
    assert not {LEAD, again.text} <= set(chosen(2, first, again))


def test_the_news_opens_the_summary_before_an_aside_of_the_evening_before() -> None:
    aside = "وأسفر تبادل إطلاق النار مع المسلحين عن إصابة خمسة من رجال الأمن نقلوا إلى المستشفى في عسير."
    evening = document(
        "a", f"تفقد أمير المنطقة مشروع طريق جديد في محافظة مجاورة صباح أمس مع وفد كبير.\n{aside}", published="2018-04-19"
    )  # fmt: skip
    news = "أعلنت الوزارة مقتل ثلاثة من رجال الأمن في هجوم على نقطة تفتيش في عسير وتبادل إطلاق النار مع المسلحين."
    reports = [evening]
    reports += [document(name, news, published="2018-04-20") for name in ("b",)]
    assert chosen(2, *reports)[0] == news
    weeks_later = [evening, document("b", news, published="2018-05-20")]
    assert chosen(2, *weeks_later)[-1] == news
