"""Two briefs side by side: no character is lost, every sentence stands once, and only what differs is marked."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from summarizer.schema import Check, Citation, SummarySentence
from ui.diff import Piece, compare_failures, diff_words, pair_sentences

words = st.lists(
    st.sampled_from(["قال", "الوزيرُ", "إن", "2,500", "جندياً", ".", "،", " ", "\n", "the", "al-Kadhimi's"])
)
texts = words.map("".join) | st.text(max_size=30)


def sentence(
    ar: str, en: str = "", *, cites: tuple[int, int] = (0, 1), checks: tuple[Check, ...] = ()
) -> SummarySentence:
    citation = Citation(document_id="d", start=cites[0], end=cites[1])
    return SummarySentence(
        ar=ar, en=en or f"en {ar}", method="extractive", citations=(citation,), checks=checks
    )


def fail(detail: str, *, kind: str = "number", verdict: str = "fail") -> Check:
    return Check(kind=kind, on="en", verdict=verdict, detail=detail)  # type: ignore[arg-type]


# --- words --------------------------------------------------------------------------------------


@given(texts, texts)
def test_pieces_make_the_text_again(one: str, other: str) -> None:
    first, second = diff_words(one, other)
    assert "".join(piece.text for piece in first) == one
    assert "".join(piece.text for piece in second) == other
    for pieces in (first, second):
        assert all(a.changed != b.changed for a, b in itertools.pairwise(pieces))
    unchanged = ["".join(p.text for p in pieces if not p.changed).split() for pieces in (first, second)]
    assert unchanged[0] == unchanged[1]


@given(texts)
def test_equal_texts_have_no_mark(text: str) -> None:
    assert not any(piece.changed for pieces in diff_words(text, text) for piece in pieces)


def test_whole_words_are_marked_with_their_marks_and_inner_points() -> None:
    first, second = diff_words("غادر 2,500 جنديٍّ البلاد", "غادر 2,600 جندي البلاد")
    assert first == (
        Piece("غادر ", changed=False),
        Piece("2,500 جنديٍّ", changed=True),
        Piece(" البلاد", changed=False),
    )
    assert second[1] == Piece("2,600 جندي", changed=True)


# --- checks -------------------------------------------------------------------------------------


def test_failures_of_one_side_are_told_from_those_of_both() -> None:
    mine = fail('invented: "77" (77; in «here 77»)')
    same = fail('invented: "77" (77; in «and there 77»)')
    other = fail('lost: "10" (10; source «10 دول»)')
    found = compare_failures([mine, fail("fine", verdict="pass")], [same, other])
    assert (found.both, found.first, found.second) == ((mine,), (), (other,))
    long, longer = (
        fail("too long: 2.5 of the Arabic length", kind="length"),
        fail("too long: 3.0 of", kind="length"),
    )
    assert compare_failures([long], [longer]).both == (long,)


@given(
    st.lists(st.sampled_from(["a", "b", "c (1)", "c (2)"])), st.lists(st.sampled_from(["a", "b", "c (3)"]))
)
def test_every_failure_is_counted_once(one: list[str], other: list[str]) -> None:
    found = compare_failures(map(fail, one), map(fail, other))
    assert len(found.both) + len(found.first) == len(one)
    assert len(found.both) + len(found.second) == len(other)


# --- sentences ----------------------------------------------------------------------------------

sentences = st.lists(
    st.builds(
        sentence,
        st.lists(st.sampled_from(["بغداد", "واشنطن", "الوزير", "قال", "مؤتمر"]), max_size=4).map(" ".join),
        cites=st.integers(0, 30).map(lambda start: (start, start + 10)),
    ),
    max_size=6,
)


@given(sentences, sentences)
def test_every_sentence_stands_once(first: list[SummarySentence], second: list[SummarySentence]) -> None:
    rows = pair_sentences(first, second)
    assert [row.first_number for row in rows if row.first_number] == list(range(1, len(first) + 1))
    assert sorted(row.second_number for row in rows if row.second_number) == list(range(1, len(second) + 1))
    for row in rows:
        assert row.first or row.second
        assert row.first is None or row.first is first[(row.first_number or 0) - 1]
        assert row.second is None or row.second is second[(row.second_number or 0) - 1]


@given(sentences)
def test_a_brief_differs_in_nothing_from_itself(given_: list[SummarySentence]) -> None:
    distinct = [sentence(f"{each.ar} {n}", cites=(20 * n, 20 * n + 10)) for n, each in enumerate(given_)]
    assert all(
        row.same and row.first_number == row.second_number for row in pair_sentences(distinct, distinct)
    )


def test_sentences_pair_by_what_they_cite_or_say_and_others_stand_alone_in_their_place() -> None:
    a, b, c = (
        sentence("وصل الوزير إلى بغداد", cites=(0, 20)),
        sentence("قال شيئاً", cites=(30, 40)),
        sentence("انتهى", cites=(50, 60)),
    )
    reworded = sentence("الوزير في العاصمة العراقية", cites=(0, 20))
    moved = sentence("قال شيئاً", cites=(90, 95))
    alone = sentence("خبر آخر تماماً", cites=(70, 80))
    rows = pair_sentences([a, b, c], [moved, reworded, alone])
    assert [(row.first_number, row.second_number) for row in rows] == [(1, 2), (None, 3), (2, 1), (3, None)]
