"""Search: inflected words are found, snippets are the source's own words, and nothing typed is an error."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.archive import Archive, Hit
from summarizer.archive.search import Query, Term, parse
from summarizer.archive.search_index import words
from tests.archive.samples import NOON, article, brief_of, edited

TEXTS = {
    "talks": ("انطلاق الحوار", "بدأت بغداد وواشنطن الحوارَ الاستراتيجي، وبحثتا انسحاب ٢٥٠٠ جندي من القواعد العراقية."),
    "army": ("الجيش", "قال قائد الجيش إن القوات العراقية ستتسلم القواعد بعد الحوار."),
    "vote": ("الانتخابات", "أعلنت المفوضية موعد الانتخابات في العراق، ولا حوار حول تأجيلها."),
    "nato": ("NATO strategies", "The national strategies of NATO's armies (and \"partners\") differ, AND that is NEAR certain."),
}  # fmt: skip


@pytest.fixture
def library(archive: Archive) -> Archive:
    archive.add_documents(
        [
            article(name, text, title=title, language="en" if name == "nato" else "ar")
            for name, (title, text) in TEXTS.items()
        ],
        at=NOON,
    )
    return archive


def found(hits: list[Hit]) -> set[str]:
    return {hit.item for hit in hits}


def test_queries(library: Archive) -> None:
    expected = {
        "حوار": {"talks", "army", "vote"},
        "الحوار العراق": {"army", "talks", "vote"},
        "2500": {"talks"},  # ٢٥٠٠
        "جندى": {"talks"},  # ى for ي
        '"الحوار الاستراتيجي"': {"talks"},
        '"الاستراتيجي الحوار"': set(),
        "حوار -انتخابات": {"talks", "army"},
        "جندي OR قائد": {"talks", "army"},
        "جندي أو قائد": {"talks", "army"},
        "قواعد جندي OR قائد": {"talks", "army"},
        "انتخا*": {"vote"},
        "strategy": {"nato"},
        "STRATEGIES army": {"nato"},
        "strat*": {"nato"},
        '"national strategy"': {"nato"},
        "زلزال": set(),
        "": set(),
        "-حوار": set(),
    }
    for query, names in expected.items():
        assert found(library.search(query)) == names, query


def test_a_word_in_the_title_counts_more(library: Archive) -> None:
    assert next(hit.item for hit in library.search("حوار")) == "talks"
    scores = [hit.score for hit in library.search("حوار")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


TYPED = (
    '"', '"a', "(", ")", "*", "-", "--x", "AND", "NOT x", "a NEAR/3 b", "title:x", "x^2", "{a}", "'", "\\", ":*",
    "a & | ! b", "<->", "OR", "a OR", "OR a", "%_", ";--", "\0", "\ud800", "«حوار", "a*b*", "c'est", "a\\b",
)  # fmt: skip


def test_nothing_typed_is_an_error(library: Archive) -> None:
    for typed in TYPED:
        library.search(typed)
        library.search(f"حوار {typed}")


@given(st.text(alphabet=st.sampled_from("حوار بlغ\"'*-():&|!<>\\/^ OR٢,.\n"), max_size=30))
def test_whatever_is_typed_becomes_a_query_of_words(typed: str) -> None:
    query = parse(typed)
    for term in (*query.terms, *query.excluded):
        assert term.words
        assert all(word and not set(word) & set("\"'*()&|!<>\\ ") for word in term.words)


@pytest.mark.parametrize(
    "forms",
    [
        "وزير الوزير والوزير بالوزير للوزير",
        "ولايات الولايات",
        "عراق العراق العراقية والعراقيين",
        "strategy strategies",
    ],
)
def test_forms_of_one_word_are_one_word(forms: str) -> None:
    assert len(set(words(forms))) == 1, words(forms)


def test_how_queries_are_read() -> None:
    assert parse('a "b c" -d e* OR f') == Query(
        clauses=(
            (Term(("a",)),),
            (Term(("b", "c")),),
            (Term(("e",), prefix=True), Term(("f",))),
        ),
        excluded=(Term(("d",)),),
    )


def test_snippets_are_cut_from_the_source_and_marked_exactly(archive: Archive) -> None:
    filler = " ".join(f"كلمة{number}" for number in range(200))
    text = f"{filler} قال الوزيرُ: «الحوارُ الاستراتيجيّ» بدأ {filler} حوار {filler}"
    archive.add_documents([article("long", text, title="بلا صلة")], at=NOON)
    (hit,) = archive.search("حوار استراتيجي وزير")
    assert text[hit.start : hit.start + len(hit.snippet)] == hit.snippet
    assert [text[start:end] for start, end in hit.marks] == ["الوزيرُ", "الحوارُ", "الاستراتيجيّ"]
    assert len(hit.snippet) < 400
    (phrase,) = archive.search('"الحوار الاستراتيجي"')
    assert [text[start:end] for start, end in phrase.marks] == ["الحوارُ الاستراتيجيّ"]
    (start_of,) = archive.search("استرات*")
    assert [text[start:end] for start, end in start_of.marks] == ["الاستراتيجيّ"]


def test_marks_in_the_title(library: Archive) -> None:
    (hit,) = library.search("انطلاق")
    assert [hit.title[start:end] for start, end in hit.title_marks] == ["انطلاق"]
    assert hit.marks == ()
    assert hit.snippet


def test_filters_and_pages(library: Archive) -> None:
    library.add_documents([article("old", "حوار قديم", published="2020-01-01")], at=NOON)
    assert found(library.search("حوار", until=date(2020, 12, 31))) == {"old"}
    assert "old" not in found(library.search("حوار", since=date(2021, 1, 1)))
    assert library.search("حوار", language="en") == []
    assert library.search("حوار", kind="brief") == []
    everything = library.search("حوار")
    assert library.search("حوار", limit=2) == everything[:2]
    assert library.search("حوار", limit=2, offset=2) == everything[2:4]


def test_an_edit_is_found_by_its_new_words_only(archive: Archive) -> None:
    document = article("a", "انهار جسر قديم.")
    archive.add_documents([document], at=NOON)
    archive.add_documents([edited(document, "جسر", "سد")], at=NOON)
    assert archive.search("جسر") == []
    assert found(archive.search("سد")) == {"a"}
    assert archive.verify() == []


def test_briefs_and_their_stories_are_found_in_both_languages(archive: Archive) -> None:
    from summarizer.archive.stories import update_stories

    talks = article("talks", TEXTS["talks"][1], title="انطلاق الحوار")
    archive.add_documents([talks], at=NOON)
    update_stories(archive, at=NOON)
    number = archive.save_brief(brief_of([talks]), day=date(2021, 4, 8), name="morning")
    story = archive.document("talks").story_id
    hits = {(hit.kind, hit.item, hit.language) for hit in archive.search("negotiation*")}
    assert hits == {("story", story, "en"), ("brief", str(number), "en")}
    assert {hit.kind for hit in archive.search("انسحاب", kind="story")} == {"story"}
    (hit,) = archive.search("headline", kind="story")
    assert (hit.title, hit.day) == ("An English headline", date(2021, 4, 8))
    assert archive.verify() == []
