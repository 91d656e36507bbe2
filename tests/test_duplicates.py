"""summarizer.duplicates: copies, excerpts, shared passages, and what is none of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import duplicates
from summarizer.duplicates import independent_outlets, link_duplicates
from summarizer.schema import Document, Mark

EXAMPLES = Path(__file__).parent.parent / "examples" / "iraq-us-dialogue"

WIRE = """افتتح وزير النقل صباح الثلاثاء ٢٣ مارس الجسر الجديد الذي يربط ضفتي النهر شمال المدينة، بعد ثلاث سنوات من
الأعمال التي تعثرت مراراً بسبب نقص التمويل وارتفاع أسعار الحديد. وقال الوزير في كلمة أمام الحضور إن كلفة المشروع بلغت
٤٥ مليون دينار، وإن الجسر سيخفف الازدحام عن وسط المدينة ويقصر زمن الرحلة بين الضفتين إلى أقل من عشر دقائق.
وأوضح مدير الشركة المنفذة أن العمال استخدموا أكثر من سبعة آلاف طن من الفولاذ، وأن الاختبارات الهندسية استمرت شهرين
كاملين قبل السماح بمرور الشاحنات. ورحب سكان الحي الغربي بالمشروع، لكنهم طالبوا البلدية بإنارة الطرق المؤدية إليه
وبإنشاء ممرات آمنة للمشاة قرب المدارس."""
OTHER = """أعلنت لجنة الحكام إيقاف لاعب الوسط مباراتين بعد البطاقة الحمراء التي تلقاها في مواجهة الدور نصف النهائي، ورفضت
استئناف ناديه الذي قدم تسجيلات مصورة للواقعة. وسيغيب اللاعب عن المباراة النهائية المقررة على ملعب العاصمة، بينما
يعود إلى التشكيلة المهاجم الذي تعافى من إصابة في الركبة أبعدته ستة أسابيع."""
QUOTE = (
    "الجسر سيخفف الازدحام عن وسط المدينة ويقصر زمن الرحلة بين الضفتين إلى أقل من عشر دقائق.\n"
    "وأوضح مدير الشركة المنفذة أن العمال استخدموا أكثر من سبعة آلاف طن من الفولاذ"
)


def document(identity: str, text: str, **fields: object) -> Document:
    return replace(Document(id=identity, text=text), **fields)  # type: ignore[arg-type]


def links(*documents: Document) -> dict[str, str | None]:
    """Link, check that the order of input changes nothing, and return id -> duplicate_of."""
    linked = link_duplicates(documents)
    assert [each.id for each in linked] == [each.id for each in documents]
    assert {each.id: each for each in link_duplicates(documents[::-1])} == {each.id: each for each in linked}
    return {each.id: each.duplicate_of for each in linked}


# --- copies -------------------------------------------------------------------------------------


def test_the_earlier_dated_of_two_equal_reports_is_the_original() -> None:
    later = document("a", WIRE, published="2021-03-24")
    earlier = document("b", WIRE, published="2021-03-23T22:00:00+03:00")
    assert links(later, earlier) == {"a": "b", "b": None}


def test_a_dated_report_goes_before_an_undated_one() -> None:
    assert links(document("a", WIRE), document("b", WIRE, published="2021-03-23")) == {"a": "b", "b": None}


def test_undated_equal_reports_are_decided_by_id() -> None:
    assert links(document("b", WIRE), document("a", WIRE), document("c", WIRE)) == {
        "a": None,
        "b": "a",
        "c": "a",
    }


def test_typography_does_not_hide_a_copy() -> None:
    plain = WIRE.replace("٢٣", "23").replace("٤٥", "45").replace("اً", "ا")
    persian = WIRE.replace("ي", "ی").replace("ك", "ک").replace("٢٣", "۲۳").replace("أ", "ا").replace("ة", "ه")
    marked = "\u200f" + WIRE.replace("الوزير", "الــوزيرُ").replace(" ", "\u00a0")
    assert links(document("0", WIRE), document("1", plain), document("2", persian), document("3", marked)) == {
        "0": None, "1": "0", "2": "0", "3": "0",
    }  # fmt: skip


def test_a_marked_headline_dateline_and_footer_are_left_out() -> None:
    head, foot = (
        "العاصمة تحتفل بجسرها\nوكالات 24-03-2021\n",
        "\nاقرأ أيضا: أسعار الحديد تواصل الصعود في الأسواق المحلية",
    )
    text = head + WIRE + foot
    marks = (
        Mark(start=len(head) + len(WIRE), end=len(text), kind="related"),
        Mark(start=0, end=20, kind="title"),
        Mark(start=21, end=len(head), kind="date"),
    )
    first = document("a", WIRE, published="2021-03-23")
    copy = document("b", text, published="2021-03-24", marks=marks)
    assert links(first, copy) == {"a": None, "b": "a"}
    assert duplicates._Report.read(copy).tokens == duplicates._Report.read(first).tokens


def test_a_copy_with_an_unmarked_headline_and_small_edits() -> None:
    edited = "جسر جديد يصل ضفتي النهر\n(وكالات) " + WIRE.replace("في كلمة أمام الحضور", "للصحافيين")
    assert links(
        document("a", WIRE, published="2021-03-23"), document("b", edited, published="2021-03-23")
    ) in (
        {"a": None, "b": "a"},
        {"a": "b", "b": None},
    )


def test_an_excerpt_is_a_copy_of_the_longer_report_even_if_earlier() -> None:
    excerpt = document("a", WIRE[: len(WIRE) // 2], published="2021-03-22")
    assert links(document("z", WIRE, published="2021-03-24"), excerpt) == {"z": None, "a": "z"}


def test_copies_of_copies_name_the_one_original() -> None:
    half = WIRE[: len(WIRE) // 2]
    found = links(
        document("full", WIRE + "\n" + OTHER, published="2021-03-25"),
        document("wire", WIRE, published="2021-03-23"),
        document("half", half, published="2021-03-22"),
        document("half2", half, published="2021-03-23"),
    )
    assert found == {"full": None, "wire": "full", "half": "full", "half2": "full"}


def test_the_same_report_read_twice() -> None:
    twice = link_duplicates([document("a", WIRE), document("a", WIRE)])
    assert [each.duplicate_of for each in twice] == [None, "a"]


# --- not copies ---------------------------------------------------------------------------------


def test_unrelated_reports_share_nothing() -> None:
    linked = link_duplicates([document("a", WIRE), document("b", OTHER)])
    assert all(each.duplicate_of is None and each.shares == () for each in linked)


WEATHER = (
    "تتوقع هيئة الأرصاد الجوية أن يكون الطقس اليوم {day} حاراً على المناطق الساحلية ومعتدلاً على المرتفعات، مع رياح شمالية"
    " غربية خفيفة السرعة على السواحل، وتصل درجة الحرارة العظمى في العاصمة إلى {high} درجة مئوية، فيما تكون الرطوبة مرتفعة"
    " خلال ساعات الليل والصباح الباكر، وتنصح الهيئة بتجنب التعرض المباشر لأشعة الشمس في ساعات الظهيرة وشرب كميات كافية من"
    " السوائل."
)
RATES = "استقر سعر صرف الدولار أمام الجنيه في البنك المركزي اليوم عند {buy} جنيه للشراء و{sell} جنيه للبيع في ختام التعاملات."
SCORE = "فاز الفريق الأول على ضيفه بنتيجة {score} في المباراة التي جمعتهما مساء اليوم على ملعب المدينة الرياضية في الجولة {round}."


@pytest.mark.parametrize(
    ("template", "one", "other"),
    [
        (WEATHER, {"day": "الأحد", "high": "٣٤"}, {"day": "الاثنين", "high": "36"}),
        (WEATHER, {"day": "الأحد", "high": "34"}, {"day": "الأحد", "high": "36"}),
        (WEATHER, {"day": "الأحد", "high": "34"}, {"day": "والخميس", "high": "34"}),
        (RATES, {"buy": "15.60", "sell": "15.70"}, {"buy": "15.62", "sell": "15.72"}),
        (SCORE, {"score": "3-1", "round": "الثالثة"}, {"score": "2-0", "round": "الرابعة"}),
    ],
)
def test_templated_reports_with_other_figures_are_not_copies(
    template: str, one: dict[str, str], other: dict[str, str]
) -> None:
    found = links(
        document("a", template.format(**one), published="2021-03-21"),
        document("b", template.format(**other), published="2021-03-22"),
    )
    assert found == {"a": None, "b": None}


def test_a_figure_in_words_equals_the_figure_in_digits() -> None:
    words = WEATHER.format(day="الأحد", high="٣٤").replace("خفيفة", "خفيفة عشرة")
    digits = WEATHER.format(day="الأحد", high="34").replace("خفيفة", "خفيفة 10")
    assert links(document("a", words), document("b", digits)) == {"a": None, "b": "a"}


def test_one_corrected_figure_in_a_long_wire_story_is_still_a_copy() -> None:
    long = " ".join([WIRE, OTHER, "وقال مدرب الفريق إنه يثق بالبدلاء في مقاعد الاحتياط."])
    assert len(long.split()) > duplicates.TOKENS_PER_REPLACED_FIGURE
    corrected = long.replace("٤٥ مليون", "٤٨ مليون")
    assert links(document("a", long), document("b", corrected)) == {"a": None, "b": "a"}
    twice = corrected.replace("٢٣ مارس", "٢٤ مارس")
    assert links(document("a", long), document("b", twice)) == {"a": None, "b": None}


@pytest.mark.parametrize("text", ["", "   ", "؟!…", "خبر", "خبر عاجل اليوم"])
def test_tiny_texts(text: str) -> None:
    expected = "a" if any(character.isalnum() for character in text) else None
    assert links(document("a", text), document("b", text), document("c", OTHER)) == {
        "a": None, "b": expected, "c": None,
    }  # fmt: skip


# --- passages -----------------------------------------------------------------------------------


def test_a_quoted_paragraph_is_a_passage_on_both_sides() -> None:
    before = "جدل في البرلمان حول كلفة مشاريع الطرق. ونقل نائب معارض عن الوزير قوله "
    quoting = (
        before + QUOTE.replace("أ", "ا") + "، وتساءل عن مصير المناقصة الثانية التي ألغيت بلا تفسير. " + OTHER
    )
    left, right = link_duplicates([document("a", WIRE), document("b", quoting)])
    assert (left.duplicate_of, right.duplicate_of) == (None, None)
    (mine,), (theirs,) = left.shares, right.shares
    assert (mine.document_id, theirs.document_id) == ("b", "a")
    assert (mine.start, mine.end) == (theirs.other_start, theirs.other_end)
    assert (mine.other_start, mine.other_end) == (theirs.start, theirs.end)
    assert WIRE[mine.start : mine.end] == QUOTE
    assert quoting[theirs.start : theirs.end] == QUOTE.replace("أ", "ا")


def test_nearly_word_for_word_is_one_passage() -> None:
    quoting = OTHER + " " + QUOTE.replace("الشركة المنفذة", "الشركة التركية المنفذة") + " " + OTHER[::-1]
    left, _ = link_duplicates([document("a", WIRE), document("b", quoting)])
    assert [WIRE[each.start : each.end] for each in left.shares] == [QUOTE]


def test_a_short_common_phrase_is_no_passage() -> None:
    phrase = "صاحب السمو الملكي الأمير محمد بن سلطان بن عبدالعزيز رئيس مجلس إدارة المؤسسة"
    linked = link_duplicates([document("a", f"{phrase} {WIRE}"), document("b", f"{OTHER} {phrase}")])
    assert all(not each.shares for each in linked)


def test_a_footer_of_many_reports_is_no_passage() -> None:
    rng = random.Random(3)
    footer = " تابعوا آخر الأخبار المحلية والعالمية عبر تطبيقنا المجاني للهواتف الذكية واشتركوا في نشرتنا البريدية الصباحية لتصلكم أهم العناوين والتقارير والصور"
    reports = [document(f"{i:02}", invented(rng, 60) + footer) for i in range(20)]
    assert all(each.duplicate_of is None and not each.shares for each in link_duplicates(reports))
    assert any(each.shares for each in link_duplicates(reports[:2]))


def test_a_copy_has_no_passages() -> None:
    quoting = OTHER + " " + QUOTE
    linked = {
        d.id: d for d in link_duplicates([document("a", WIRE), document("b", WIRE), document("c", quoting)])
    }
    assert linked["b"].duplicate_of == "a"
    assert linked["b"].shares == ()
    assert {each.document_id for each in linked["c"].shares} == {"a"}


def test_words_that_repeat_inside_a_report() -> None:
    chant = "الشعب يريد إسقاط النظام " * 40
    assert links(document("a", chant + OTHER), document("b", chant + WIRE))["a"] is None
    assert links(document("a", chant), document("b", chant + "الآن")) == {"a": "b", "b": None}


def test_the_first_two_example_reports_share_the_sentence_on_the_crossings() -> None:
    reports = [document(path.stem, path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))]
    linked = link_duplicates(reports)
    assert all(each.duplicate_of is None for each in linked)
    (share,) = linked[0].shares
    assert share.document_id == linked[1].id
    for text in (
        linked[0].text[share.start : share.end],
        linked[1].text[share.other_start : share.other_end],
    ):
        assert text.startswith("من أفعال الميليشيات")
        assert text.endswith("خرق نظام العقوبات المفروض عليها")
    assert all(not each.shares for each in linked[2:])


# --- outlets ------------------------------------------------------------------------------------


def test_copies_do_not_count_as_outlets() -> None:
    linked = link_duplicates(
        [
            document("a", WIRE, source="وكالة", published="2021-03-23"),
            document("b", WIRE, source="صحيفة", published="2021-03-24"),
            document("c", OTHER, source="وكالة"),
            document("d", OTHER + " وأكد مدرب الفريق أن الغياب لن يؤثر في خطته للمباراة", origin="d.txt"),
        ]
    )
    assert {each.id: each.duplicate_of for each in linked} == {"a": None, "b": "a", "c": "d", "d": None}
    assert independent_outlets(linked) == ("d.txt", "وكالة")


def test_copies_without_their_original_count_once() -> None:
    one = document("x", WIRE, source="أ", duplicate_of="elsewhere")
    two = document("y", WIRE, source="ب", duplicate_of="elsewhere")
    assert independent_outlets([two, one]) == ("أ",)
    assert independent_outlets([]) == ()


# --- cost and invariants ------------------------------------------------------------------------

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def invented(rng: random.Random, words: int) -> str:
    return " ".join("".join(rng.choices(LETTERS, k=rng.randint(3, 7))) for _ in range(words))


def link_and_count(monkeypatch: pytest.MonkeyPatch, reports: list[Document]) -> tuple[list[Document], int]:
    """Return the linked reports and how many tokens were compared for it."""
    cost = 0
    real = duplicates._match

    def counting(left: duplicates._Report, right: duplicates._Report) -> duplicates._Match:
        nonlocal cost
        cost += len(left.tokens) + len(right.tokens)
        return real(left, right)

    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "_match", counting)
        linked = link_duplicates(reports)
    return linked, cost


@pytest.mark.parametrize("footer", ["", invented(random.Random(9), 25)])
def test_cost_grows_linearly_with_reports(monkeypatch: pytest.MonkeyPatch, footer: str) -> None:
    """Every report has a near-copy, and (second case) all have one footer: still no all-against-all."""
    rng = random.Random(5)
    reports = []
    for number in range(200):
        text = invented(rng, 60)
        reports.append(document(f"{number:04}a", f"{text} {footer}"))
        reports.append(document(f"{number:04}b", f"{text} خاتمة أخرى {footer}"))
    _, small = link_and_count(monkeypatch, reports[:100])
    linked, large = link_and_count(monkeypatch, reports)
    assert 0 < large <= 5 * small  # four times the reports; all pairs would be sixteen times
    assert sum(each.duplicate_of is not None for each in linked) == 200


def test_a_flood_of_one_story_names_one_original() -> None:
    """More copies than a posting list holds."""
    rng = random.Random(7)
    reports = [document(f"{i:03}", f"{invented(rng, 2)} {WIRE}") for i in range(3 * duplicates.MAX_POSTINGS)]
    found = {each.duplicate_of for each in link_duplicates(reports)}
    assert len(found - {None}) == 1


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*WIRE.split(), *OTHER.split(), "،", "\n", "٢٣"]), max_size=80).map(" ".join),
    st.tuples(st.integers(0, 300), st.integers(0, 600)).map(lambda cut: WIRE[cut[0] : cut[1]]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=6), st.randoms(use_true_random=False))
def test_invariants(texts: list[str], rng: random.Random) -> None:
    reports = [
        document(f"{i}", text, published=rng.choice([None, "2021-03-23"])) for i, text in enumerate(texts)
    ]
    linked = link_duplicates(reports)
    by_id = {each.id: each for each in linked}
    for before, after in zip(reports, linked, strict=True):
        assert replace(after, duplicate_of=None, shares=()) == before
        if after.duplicate_of is not None:
            assert by_id[after.duplicate_of].duplicate_of is None
        for share in after.shares:
            other = by_id[share.document_id].text
            assert 0 <= share.start < share.end <= len(after.text)
            assert 0 <= share.other_start < share.other_end <= len(other)
    rng.shuffle(reports)
    assert {each.id: each for each in link_duplicates(reports)} == by_id


def test_a_ring_of_copies_is_cut() -> None:
    a, b, c = (duplicates._Report.read(document(name, WIRE + f" {name}")) for name in "abc")

    class Fake:
        def __init__(self, left: duplicates._Report, right: duplicates._Report) -> None:
            self.left, self.right, self.right_is_copy, self.left_is_copy = left, right, True, False

    originals: dict[str, str] = {}
    duplicates._link_copies([Fake(a, b), Fake(b, c), Fake(c, a)], originals)  # type: ignore[list-item]
    assert originals == {"b": "a", "c": "a"}
