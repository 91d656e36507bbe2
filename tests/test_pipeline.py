"""The spine with an exact-answer translator: everything but the neural model is real."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.errors import CancelledError, ConfigError, InputError
from summarizer.ingest import read_sources, read_text
from summarizer.pipeline import MOST_SENTENCES, make_brief
from summarizer.schema import Brief, Document, Story
from summarizer.terms import Terms
from tests.conftest import EXAMPLES
from tests.fakes import FakeEngine, OneTranslator


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms.load()


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    return read_sources([str(EXAMPLES)]).documents


@pytest.fixture(scope="module")
def make(terms: Terms) -> Callable[..., Brief]:
    def run(documents: object, **options: object) -> Brief:
        return make_brief(
            documents,  # type: ignore[arg-type]
            registry=OneTranslator(FakeEngine(lambda text: f"English of {len(text)} letters.")),
            terms=terms,
            **{"created": "2021-07-26T00:00:00+00:00", **options},  # type: ignore[arg-type]
        )

    return run


@pytest.fixture(scope="module")
def brief(make: Callable[..., Brief], documents: tuple[Document, ...]) -> Brief:
    return make(documents)


# --- what the five reports must give (the English is judged in test_examples) ---------------------


def test_the_july_round_follows_the_story_of_the_spring(brief: Brief) -> None:
    spring, july = brief.stories
    assert len(spring.document_ids) == 4
    assert july.follows == spring.id
    assert (july.first, july.last) == ("2021-07-25", "2021-07-25")


def test_five_to_eight_sentences_from_at_least_four_reports(brief: Brief) -> None:
    sentences = [sentence for story in brief.stories for sentence in story.summary]
    assert 5 <= len(sentences) <= 8
    assert len({c.document_id for sentence in sentences for c in sentence.citations}) >= 4


@pytest.mark.parametrize(
    "words",
    [
        ("جولة", "السابع من أبريل"),  # the new round and its date
        ("الانسحاب",),  # the withdrawal
        ("تدريب", "المشورة"),  # what the remaining forces are for
        ("واشنطن", "الكاظمي", "يصل"),  # the visit of July 2021
        ("هجمات",),  # the attacks of the militias
    ],
)
def test_the_news_is_there(brief: Brief, words: tuple[str, ...]) -> None:
    sentences = [sentence.ar for story in brief.stories for sentence in story.summary]
    assert any(all(word in sentence for word in words) for sentence in sentences), sentences


def test_every_citation_is_exact_and_holds_the_sentence(brief: Brief) -> None:
    for story in brief.stories:
        for sentence in story.summary:
            assert sentence.citations
            quotes = [brief.quote(citation) for citation in sentence.citations]
            assert sentence.ar in quotes[0] or "[" in sentence.ar
        for entry in story.timeline:
            assert entry.ar.strip("… ") in brief.quote(entry.citations[0])
        for disagreement in story.disagreements:
            for value in disagreement.values:
                assert value.value in brief.quote(value.citations[0])


def test_no_arabic_sentence_fails_a_check(brief: Brief) -> None:
    checks = [check for story in brief.stories for sentence in story.summary for check in sentence.checks]
    assert not [check for check in checks if check.on == "ar" and check.verdict == "fail"]
    assert [check for check in checks if check.on == "ar" and check.verdict == "pass"]


def test_the_troops_that_left_and_remain_are_shown(brief: Brief) -> None:
    (claim,) = [each for each in brief.stories[0].disagreements if each.kind == "claim"]
    assert "2,500 troops" in claim.about.en
    assert len(claim.values) == 2
    assert len(claim.values[1].citations) >= 2


def test_the_killing_with_two_dates_is_shown(brief: Brief) -> None:
    (dates,) = [each for each in brief.stories[0].disagreements if each.kind == "date"]
    assert [value.label.en for value in dates.values] == ["January 2020", "December 2020"]


def test_the_timeline_has_the_dates_of_the_reports(brief: Brief) -> None:
    dates = [entry.date for story in brief.stories for entry in story.timeline]
    assert {"2020-01", "2020-06", "--03-23", "--04-07", "2021-07-25"} <= set(dates)


# --- contracts ------------------------------------------------------------------------------------


def test_the_same_run_twice_is_the_same_bytes(
    brief: Brief, make: Callable[..., Brief], documents: tuple[Document, ...]
) -> None:
    assert make(documents).to_json() == brief.to_json()


@settings(max_examples=4)
@given(shuffler=st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_nothing(
    brief: Brief, make: Callable[..., Brief], documents: tuple[Document, ...], shuffler: random.Random
) -> None:
    shuffled = list(documents)
    shuffler.shuffle(shuffled)
    assert make(shuffled).to_json() == brief.to_json()


def test_the_json_reads_back(brief: Brief) -> None:
    assert Brief.from_json(brief.to_json()) == brief
    assert json.loads(brief.to_json())["models"]["translation"]["engine"] == "fake"


def test_a_length_may_be_asked_for(make: Callable[..., Brief], documents: tuple[Document, ...]) -> None:
    assert all(len(story.summary) == 1 for story in make(documents, sentences=1).stories)


def test_a_summary_never_swallows_a_short_report(make: Callable[..., Brief]) -> None:
    short = read_text(
        "وصل الوزير إلى بغداد اليوم الأحد في زيارة رسمية.\nوالتقى الوزير رئيس الجمهورية في القصر.",
        origin="a.txt",
    )
    (story,) = make(short).stories
    assert len(story.summary) == 1


def test_many_copies_do_not_make_a_longer_summary(
    make: Callable[..., Brief], documents: tuple[Document, ...]
) -> None:
    one = [each for each in documents if each.origin and each.origin.startswith("04")]
    copies = [
        document
        for number in range(4)
        for document in read_text(one[0].text + "\n" * (number + 1), origin=f"copy{number}.txt")
    ]
    brief = make([*one, *copies])
    (story,) = brief.stories
    assert len(story.summary) == len(make(one).stories[0].summary) <= MOST_SENTENCES
    assert len(story.outlets) == 1
    assert sum(warning.code == "duplicate" for warning in brief.warnings) == 4


def test_english_failures_are_marked_and_counted(terms: Terms, documents: tuple[Document, ...]) -> None:
    engine = FakeEngine(lambda text: "Forty-four thousand soldiers left in 1987.")
    brief = make_brief(documents, registry=OneTranslator(engine), terms=terms)
    assert all(sentence.failures for story in brief.stories for sentence in story.summary)
    counted = [warning for warning in brief.warnings if warning.code == "english_failed_checks"]
    assert [warning.subject for warning in counted] == [story.id for story in brief.stories]


def test_the_stages_are_reported(terms: Terms, documents: tuple[Document, ...]) -> None:
    seen: list[str] = []
    make_brief(
        documents,
        registry=OneTranslator(FakeEngine(lambda text: "English.")),
        terms=terms,
        progress=lambda stage, done, total: seen.append(stage),
    )
    assert list(dict.fromkeys(seen)) == ["segment", "duplicates", "cluster", "summarize", "translate"]


def test_stories_are_shown_in_arabic_first_and_then_whole(
    brief: Brief, make: Callable[..., Brief], documents: tuple[Document, ...]
) -> None:
    shown: list[Story] = []
    assert make(documents, on_story=shown.append).to_json() == brief.to_json()
    drafts, finished = shown[: len(brief.stories)], shown[len(brief.stories) :]
    assert tuple(finished) == brief.stories
    for draft, whole in zip(drafts, brief.stories, strict=True):
        assert (draft.id, draft.title.ar, draft.follows) == (whole.id, whole.title.ar, whole.follows)
        assert [each.ar for each in draft.summary] == [each.ar for each in whole.summary]
        english = [
            draft.title.en,
            *(each.en for each in draft.summary),
            *(each.en for each in draft.timeline),
        ]
        assert set(english) == {""}
        assert {check.on for each in draft.summary for check in each.checks} <= {"ar"}
        assert draft.disagreements == whole.disagreements


@pytest.mark.parametrize("stage", ["segment", "duplicates", "cluster", "summarize", "translate", "story"])
def test_a_run_is_stopped_by_what_its_callbacks_raise(
    make: Callable[..., Brief], documents: tuple[Document, ...], stage: str
) -> None:
    cancelled = CancelledError("enough")

    def stop(now: object, *_: int) -> None:
        if stage in (now, "story" if isinstance(now, Story) else ""):
            raise cancelled

    with pytest.raises(CancelledError) as caught:
        make(documents, progress=stop, on_story=stop)
    assert caught.value is cancelled


def test_an_abstractive_summarizer_goes_through_the_gate(
    terms: Terms, documents: tuple[Document, ...]
) -> None:
    registry = OneTranslator(FakeEngine(lambda text: "English."))
    registry._engines[registry.task_model("summarization").id] = FakeEngine(
        lambda text: "وصل 77 ألف جندي إلى القمر."
    )
    brief = make_brief(documents, registry=registry, terms=terms)
    methods = {sentence.method for story in brief.stories for sentence in story.summary}
    assert methods == {"extractive-fallback"}


def test_nothing_to_summarize_is_an_error(make: Callable[..., Brief]) -> None:
    with pytest.raises(InputError, match="nothing to summarize"):
        make([])


def test_an_unknown_profile_is_an_error(make: Callable[..., Brief], documents: tuple[Document, ...]) -> None:
    with pytest.raises(ConfigError, match="embedded"):
        make(documents, profile="embeded")


@settings(max_examples=25)
@given(text=st.text(alphabet=st.sampled_from('ابتلمنويه ٢٠2.,،؛:؟«»"()\n-…\u200fabc')))
def test_any_readable_text_gives_a_brief(make: Callable[..., Brief], text: str) -> None:
    document = Document(id="d", text=text, origin="x.txt")
    assert Brief.from_json(make([document]).to_json()).documents == (document,)
