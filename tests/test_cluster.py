"""summarizer.cluster: stories by content and time, the same whatever the order and the parcels."""

from __future__ import annotations

import datetime
import json
import lzma
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import cluster as module
from summarizer.cluster import (
    Background,
    Cluster,
    OnlineClusterer,
    agglomerate,
    cluster,
    weigh,
    word_key,
    word_keys,
)
from summarizer.errors import InputError
from summarizer.schema import Document, Mark

EXAMPLES = Path(__file__).parent.parent / "examples" / "iraq-us-dialogue"

#: Two reports each of a bridge, a strike and a cup match, written for these tests.
BRIDGE_1 = """افتتاح جسر جديد على نهر الفرات في الرقة
افتتح محافظ الرقة الثلاثاء جسر الرشيد الجديد على نهر الفرات بعد إعادة بنائه بكلفة 12 مليون دولار. وقال المحافظ إن الجسر يربط
ضفتي الفرات ويخفف معاناة سكان الرقة الذين اعتمدوا سنوات على العبارات النهرية. وكان جسر الرشيد قد دمر بغارة جوية عام 2017."""
BRIDGE_2 = """الرقة تستعيد جسر الرشيد بعد سنوات من تدميره
عادت السيارات إلى عبور جسر الرشيد فوق نهر الفرات بعد أن افتتحه محافظ الرقة أمس. وعبر سكان الرقة عن ارتياحهم لانتهاء رحلات
العبارات النهرية بين ضفتي الفرات. وبلغت كلفة إعادة بناء الجسر الذي دمرته غارة جوية اثني عشر مليون دولار."""
STRIKE_1 = """طيارو الخطوط الجوية يبدأون إضرابا يلغي عشرات الرحلات
بدأ طيارو الخطوط الجوية الملكية الأربعاء إضرابا عن العمل يستمر ثلاثة أيام، ما أدى إلى إلغاء 80 رحلة من مطار الدار البيضاء.
وتطالب نقابة الطيارين بزيادة الأجور وتقليص ساعات الطيران، فيما دعت إدارة الخطوط الملكية النقابة إلى التفاوض."""
STRIKE_2 = """إلغاء رحلات في مطار الدار البيضاء بسبب إضراب الطيارين
ألغت الخطوط الجوية الملكية رحلات من مطار الدار البيضاء بعد دخول طياريها في إضراب عن العمل. وتقول نقابة الطيارين إن مطالبها
تتعلق بالأجور وساعات الطيران، بينما أعلنت إدارة الخطوط الملكية استعدادها للتفاوض مع النقابة."""
MATCH_1 = """الترجي يتوج بكأس السوبر بعد الفوز على الأهلي بركلات الترجيح
توج الترجي التونسي بكأس السوبر الإفريقية بعد فوزه على الأهلي المصري بركلات الترجيح في المباراة التي أقيمت في الدوحة. وتصدى
حارس الترجي لركلتين، بعدما انتهى الوقت الأصلي بالتعادل بهدف لكل فريق."""


def document(identity: str, text: str, published: str | None = None, **fields: object) -> Document:
    title, _, _ = text.partition("\n")
    made = Document(id=identity, text=text, title=title or None, published=published)
    return replace(made, **fields)  # type: ignore[arg-type]


def examples() -> list[Document]:
    return [
        Document(id=path.stem[:2], text=path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.txt"))
    ]


def ids(stories: tuple[Cluster, ...]) -> list[tuple[str, ...]]:
    return [story.document_ids for story in stories]


HEAP = [
    document("m1", MATCH_1, "2021-03-21"),
    document("b1", BRIDGE_1, "2021-03-23"),
    document("b2", BRIDGE_2, "2021-03-24T08:00:00+03:00"),
    document("s1", STRIKE_1, "2021-03-24"),
    document("s2", STRIKE_2, "2021-03-24"),
]


# --- stories ------------------------------------------------------------------------------------


def test_reports_of_one_event_are_one_story() -> None:
    stories = cluster(HEAP)
    assert stories == (
        Cluster(("m1",), "2021-03-21", "2021-03-21"),
        Cluster(("b1", "b2"), "2021-03-23", "2021-03-24"),
        Cluster(("s1", "s2"), "2021-03-24", "2021-03-24"),
    )


def test_undated_reports_too() -> None:
    stories = cluster([replace(each, published=None) for each in HEAP])
    assert sorted(ids(stories)) == [("b1", "b2"), ("m1",), ("s1", "s2")]
    assert all(story.first is None and story.last is None and story.follows is None for story in stories)


def test_the_same_words_months_apart_are_another_story_that_follows() -> None:
    later = document("b9", BRIDGE_2, "2021-07-24")
    stories = cluster([*HEAP, later])
    assert stories[-1] == Cluster(("b9",), "2021-07-24", "2021-07-24", follows=1)


def test_too_late_to_follow() -> None:
    far = datetime.date(2021, 3, 24) + datetime.timedelta(days=module.FOLLOW_DAYS + 1)
    assert cluster([*HEAP, document("b9", BRIDGE_2, far.isoformat())])[-1].follows is None


def test_a_story_does_not_follow_one_that_still_runs() -> None:
    stories = cluster(
        [document("a", BRIDGE_1, "2021-03-23"), document("b", BRIDGE_1, "2021-03-23")], threshold=1.0
    )
    assert [story.follows for story in stories] == [None] * len(stories)


@pytest.mark.parametrize("days", [0, 1, 3])
def test_a_few_days_do_not_part_a_story(days: int) -> None:
    date = datetime.date(2021, 3, 23) + datetime.timedelta(days=days)
    assert (
        len(cluster([document("a", BRIDGE_1, "2021-03-23"), document("b", BRIDGE_2, date.isoformat())])) == 1
    )


def test_spelling_does_not_part_a_story() -> None:
    """Month systems, names of foreign origin, digits, Persian letters, diacritics, tatweel, bidi marks."""
    one = """ترامب يلتقي زعيم كوريا الشمالية في سنغافورة
    يلتقي الرئيس الأميركي دونالد ترمب زعيم كوريا الشمالية كيم جونغ أون في سنغافورة في 12 حزيران، في أول قمة بين أميركا
    وكوريا الشمالية. وأعلن البيت الأبيض أن القمة ستبحث نزع السلاح النووي."""
    other = """تـرامب وكيم في سنغافورة
    يلتقی الرئیس الأمريکي دونالد تَرامب زعيمَ كوريا الشمالية كيم جونغ اون في سنغافوره في ١٢ يونيو\u200f، في اول قمة بين
    أمريكا وكوريا الشماليه. واعلن البيت الابيض ان القمه ستبحث نزع السلاح النووي."""
    left, right = (
        weigh(word_keys(text), (), background=module.default_background()) for text in (one, other)
    )
    assert sum(weight * right.get(key, 0) for key, weight in left.items()) > 0.97
    assert word_key("امريك") == word_key("اميرك")
    assert word_key("ترامب") == word_key("ترمب")


def test_marked_stretches_are_left_out_and_a_marked_title_counts_as_title() -> None:
    related = "اقرأ أيضا: " + STRIKE_2
    text = BRIDGE_1 + "\n" + related
    head = BRIDGE_1.index("\n")
    marks = (
        Mark(start=len(BRIDGE_1) + 1, end=len(text), kind="related"),
        Mark(start=0, end=head, kind="title"),
    )
    title, body = module._title_and_body(Document(id="x", text=text, marks=marks))
    assert title == BRIDGE_1[:head]
    assert body.strip() == BRIDGE_1[head:].strip()


def test_copies_go_with_their_original_and_do_not_weigh() -> None:
    copies = [document(f"b1{n}", STRIKE_1, "2021-05-01", duplicate_of="b1") for n in range(3)]
    stories = cluster([*copies, *HEAP])
    assert ids(stories)[1] == ("b1", "b2", "b10", "b11", "b12")
    assert stories[1].last == "2021-05-01"


def test_a_copy_of_an_absent_report_stands_for_itself() -> None:
    assert ids(cluster([document("x", BRIDGE_1, duplicate_of="gone"), document("y", STRIKE_1, duplicate_of="y")])) == [
        ("x",), ("y",),
    ]  # fmt: skip


def test_the_same_id_twice_is_one_report() -> None:
    assert ids(cluster([HEAP[0], replace(HEAP[0], duplicate_of="m1"), HEAP[0]])) == [("m1",)]


@pytest.mark.parametrize("text", ["", " \n", "؟!", "ـ", "_", "و", "2021"])
def test_texts_without_words_are_stories_of_their_own(text: str) -> None:
    assert ids(cluster([document("a", text), document("b", text), document("c", BRIDGE_1)])) in (
        [("a",), ("b",), ("c",)],
        [("a", "b"), ("c",)],
    )


def test_no_documents() -> None:
    assert cluster([]) == ()


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
def test_a_threshold_out_of_range(threshold: float) -> None:
    with pytest.raises(InputError, match="threshold"):
        cluster([], threshold=threshold)


# --- the example reports ------------------------------------------------------------------------


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("titled", [True, False])
def test_the_example_reports(*, dated: bool, titled: bool) -> None:
    reports = examples()
    if titled:
        reports[:3] = [replace(each, title=each.text.partition("\n")[0]) for each in reports[:3]]
    if dated:
        reports[4] = replace(reports[4], published="2021-07-25")
    for order in (reports, reports[::-1]):
        first, second = cluster(order)
        assert first == Cluster(("01", "02", "03", "04"), None, None)
        date = "2021-07-25" if dated else None
        assert second == Cluster(("05",), date, date, follows=0)


@pytest.mark.parametrize("threshold", [0.30, 0.33, 0.36, 0.38])
def test_the_example_reports_do_not_hang_by_a_thread(threshold: float) -> None:
    assert ids(cluster(examples(), threshold=threshold)) == [("01", "02", "03", "04"), ("05",)]


def test_the_example_reports_among_strangers() -> None:
    folder = os.environ.get("MUJAZ_DATA")
    if not folder:
        pytest.skip("MUJAZ_DATA is not set: no corpora to draw strangers from")
    with lzma.open(Path(folder) / "sum" / "ant_v2.1_to_2018-07-15.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(2000), strict=False)]
    strangers = [
        document(row["id"], f"{row['title']}\n{row['document']}")
        for row in random.Random(1).sample(rows, 200)
    ]
    found = ids(cluster([*strangers, *examples()]))
    assert ("01", "02", "03", "04") in found
    assert ("05",) in found


# --- dates in the text --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("في ٢٣ مارس بعد ساعات", [(None, 3, 23)]),
        ("الأحد 25 تموز/يوليو، قال", [(None, 7, 25)]),
        ("25-يوليو-2021", [(2021, 7, 25)]),
        ("في كانون الثاني / يناير 2020", [(2020, 1, None)]),
        ("في حزیران ٢٠٢٠", [(2020, 6, None)]),
        ("في السابع من أبريل القادم", [(None, 4, 7)]),
        ("الحادي عشر من أيلول", [(None, 9, 11)]),
        ("الخامس والعشرين من شهر تشرين الأول من عام 2019", [(2019, 10, 25)]),
        ("العشرين من آذار", [(None, 3, 20)]),
        ("مساء عشر من آذار", []),
        ("في نيسان المقبل", [(None, 4, None)]),
        ("خلال شهر نيسان", []),
        ("31 فبراير 2021", [(2021, 2, 31)]),
        ("يوم 25/7/2021 و2021-08-01 و2021-13-45", [(2021, 7, 25), (2021, 8, 1)]),
        ("42 مارس", []),
        ("مارس", []),
        ("من مارس المقبل", [(None, 3, None)]),
        ("لقاء يناير وفبراير 2020", [(2020, 2, None)]),
        ("ديسمبر 1020", []),
    ],
)
def test_mentions(text: str, expected: list[tuple[int | None, int, int | None]]) -> None:
    assert [tuple(mention) for mention in module._mentions(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("بدأ في حزيران ٢٠٢٠، وقالت في ٢٣ مارس", "2021-03-23"),
        ("في مارس 2020، وفي 30 أبريل", "2020-04-30"),
        ("في 29 فبراير 2021", "2021-02-28"),
        ("في ديسمبر 2020", "2020-12-15"),
        ("في 23 مارس", None),
        ("", None),
    ],
)
def test_estimates(text: str, expected: str | None) -> None:
    day = module._estimated_day(module._mentions(text))
    assert (None if day is None else datetime.date.fromordinal(day).isoformat()) == expected


def test_undated_reports_that_name_distant_days_are_less_alike() -> None:
    def likeness(one: str, other: str, published: str | None = None) -> int:
        clusterer = OnlineClusterer()
        clusterer.add([document("a", f"{BRIDGE_1}\n{one}"), document("b", f"{BRIDGE_1}\n{other}", published)])
        ((_, _, value),) = [link for links in clusterer._links for link in zip(*links, strict=True)]
        return int(value)

    near, far = likeness("في 20 ديسمبر", "في 5 يناير"), likeness("في 20 ديسمبر", "في 5 يوليو")
    assert far < 0.8 * near
    assert likeness("في 20 ديسمبر", "", "2021-12-24") > likeness("في 20 ديسمبر", "", "2021-06-24")
    assert likeness("", "في 5 يوليو") > far


# --- order, parcels, growth ---------------------------------------------------------------------

VOCABULARY = [*BRIDGE_1.split(), *STRIKE_1.split(), *MATCH_1.split()]
DATES = st.sampled_from(
    [None, "2021-03-20", "2021-03-23", "2021-03-24T10:00:00Z", "2021-04-30", "later", "9999-12-31"]
)
REPORTS = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([BRIDGE_1, BRIDGE_2, STRIKE_1, STRIKE_2, MATCH_1]),
            st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join),
            st.text(max_size=40),
        ),
        DATES,
        st.sampled_from([None, None, None, "0", "1"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(REPORTS, st.randoms(use_true_random=False), st.sampled_from([0.05, 0.35, 1.0]))
def test_neither_order_nor_parcels_matter(
    rows: list[tuple[str, str | None, str | None]], rng: random.Random, threshold: float
) -> None:
    reports = [
        document(str(i), text, published, duplicate_of=copied)
        for i, (text, published, copied) in enumerate(rows)
    ]
    stories = cluster(reports, threshold=threshold)
    assert sorted(i for story in stories for i in story.document_ids) == sorted(each.id for each in reports)
    for number, story in enumerate(stories):
        assert (story.first is None) == (story.last is None)
        if story.follows is not None:
            assert story.follows < number
    rng.shuffle(reports)
    assert cluster(reports, threshold=threshold) == stories
    online = OnlineClusterer(threshold=threshold)
    while reports:
        online.add([reports.pop() for _ in range(min(len(reports), rng.randint(1, 3)))])
        online.clusters()
    assert online.clusters() == stories


def test_a_report_is_compared_with_the_days_around_it_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the days, twice the cells multiplied, though all reports are alike."""

    def cells(days: int) -> int:
        asked = []
        real = module._Matrix.rows

        def rows(self: module._Matrix, selection: object, width: int) -> object:
            asked.append(len(list(selection)))  # type: ignore[call-overload]
            return real(self, selection, width)  # type: ignore[arg-type]

        start = datetime.date(2021, 1, 1)
        with monkeypatch.context() as patch:
            patch.setattr(module._Matrix, "rows", rows)
            clusterer = OnlineClusterer()
            for day in range(days):
                date = (start + datetime.timedelta(days=day)).isoformat()
                clusterer.add([document(f"{day}-{n}", BRIDGE_1, date) for n in range(3)])
        return sum(one * other for one, other in zip(asked[::2], asked[1::2], strict=True))

    assert cells(100) <= 2.2 * cells(50)


def test_only_touched_groups_are_clustered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clusterer = OnlineClusterer()
    clusterer.add(HEAP)
    before = clusterer.clusters()
    clusterer.add(HEAP[:2])  # known reports are passed over
    calls: list[int] = []

    def counting(members: list[int], edges: object, *, threshold: int) -> list[list[int]]:
        calls.append(len(members))
        return agglomerate(members, edges, threshold=threshold)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "agglomerate", counting)
    assert clusterer.clusters() == before
    assert calls == []
    clusterer.add([document("s3", STRIKE_1, "2021-03-25")])
    assert ids(clusterer.clusters())[2] == ("s1", "s2", "s3")
    assert calls == [3]


def test_many_reports_of_one_day_go_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    assert cluster([*HEAP, document("b9", BRIDGE_2, "2021-07-24")])[-1].follows == 1
    assert ids(cluster(HEAP))[1:] == [("b1", "b2"), ("s1", "s2")]


# --- average linkage ----------------------------------------------------------------------------


def test_average_linkage_does_not_chain() -> None:
    chain = [(0, 1, 90), (1, 2, 60), (2, 3, 90)]
    assert agglomerate([0, 1, 2, 3], chain, threshold=50) == [[0, 1], [2, 3]]
    whole = [*chain, (0, 2, 50), (0, 3, 50), (1, 3, 50)]
    assert [sorted(group) for group in agglomerate([0, 1, 2, 3], whole, threshold=50)] == [[0, 1, 2, 3]]


def test_ties_go_to_the_first_members() -> None:
    assert agglomerate([7, 3, 5], [(3, 5, 80), (7, 3, 80)], threshold=50) == [[7, 3], [5]]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 8), st.integers(0, 8)), st.integers(1, 100), max_size=30))
def test_average_linkage_equals_the_plain_algorithm(cells: dict[tuple[int, int], int]) -> None:
    edges = {(a, b): value for (a, b), value in cells.items() if a < b}

    def plain() -> list[list[int]]:
        groups = [[i] for i in range(9)]
        while True:
            options = [
                (
                    -sum(edges.get((min(x, y), max(x, y)), 0) for x in a for y in b) / (len(a) * len(b)),
                    a[0],
                    b[0],
                    a,
                    b,
                )
                for i, a in enumerate(groups)
                for b in groups[i + 1 :]
            ]
            best = min(options, default=(0.0, 0, 0, [], []), key=lambda option: option[:3])
            if -best[0] < 40:
                return [sorted(group) for group in groups]
            best[3].extend(best[4])
            groups.remove(best[4])

    found = agglomerate(range(9), [(a, b, value) for (a, b), value in edges.items()], threshold=40)
    assert [sorted(group) for group in found] == plain()


# --- background ---------------------------------------------------------------------------------


def test_rarity() -> None:
    background = module.default_background()
    common, name, unseen = (background.rarity(key) for key in (word_key("رييس"), word_key("كاظم"), "ظظظظ"))
    assert 0 <= common < name <= unseen
    assert Background(reports=1, frequency={"x": 50}).rarity("x") == 0.0


def test_words_without_weight() -> None:
    assert weigh(["x"], [], background=Background(reports=1, frequency={"x": 50})) == {}


@pytest.mark.parametrize(
    "content",
    [b"not xz", lzma.compress(b"key\t3\n"), lzma.compress(b"reports\tmany\n"), lzma.compress(b"# only\n")],
)
def test_a_broken_background(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.tsv.xz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="table"):
        Background.load(path)
    with pytest.raises(InputError, match="missing"):
        Background.load(tmp_path / "missing")


def test_a_background_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv.xz"
    path.write_bytes(lzma.compress("# mine\nreports\t10\nجسر\t4\n".encode()))
    background = Background.load(path)
    assert (background.reports, background.frequency) == (10, {"جسر": 4})
    assert len(cluster(HEAP, background=background)) <= len(HEAP)
