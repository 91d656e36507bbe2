"""The blind comparison: nothing tells who wrote what before the vote, and the vote is for the one that was chosen."""

from __future__ import annotations

import dataclasses
import json

import pytest

from eval.votes import Vote
from summarizer.schema import Bilingual, Brief, ModelInfo
from tests.data.brief_sample import sample_brief
from ui.comparison import Contestant, content_hash
from ui.tabs.compare import ANSWERS, render_ballot
from ui.texts import LANGUAGES, Language, Texts
from ui.votes import BlindSession, is_swapped, make_ballots, make_vote, session_seed, start_blind, voter_name

SIDES = (Contestant("embedded"), Contestant("standard", glossary=True))


def other_brief(brief: Brief) -> Brief:
    """The brief as another model might have made it: other English, another method, other checks and alternatives."""
    stories = [
        dataclasses.replace(
            story,
            title=Bilingual(ar=story.title.ar, en=f"{story.title.en} (again)"),
            summary=tuple(
                dataclasses.replace(each, en=f"{each.en} So it is.", method="abstractive")
                for each in story.summary
            ),
        )
        for story in brief.stories
    ]
    models = {"translation": ModelInfo(id="secret-model", engine="transformers", licence="secret-licence")}
    return dataclasses.replace(brief, profile="standard", models=models, stories=tuple(stories))


@pytest.fixture
def briefs() -> tuple[Brief, Brief]:
    brief = sample_brief()
    return brief, other_brief(brief)


def session(briefs: tuple[Brief, Brief], seed: str = "seed") -> BlindSession:
    return start_blind(SIDES, briefs, seed=seed)


def test_the_side_is_drawn_per_item_and_session_and_both_come_up() -> None:
    draws = {
        (seed, item): is_swapped(seed, item) for seed in map(str, range(20)) for item in map(str, range(20))
    }
    assert draws == {key: is_swapped(*key) for key in draws}
    assert 140 < sum(draws.values()) < 260
    for seed in ("0", "1"):
        assert len({draws[seed, str(item)] for item in range(20)}) == 2
    assert session_seed("one") == session_seed("one") != session_seed("two")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("seed", [str(number) for number in range(6)])
def test_a_vote_is_for_the_side_that_was_chosen(briefs: tuple[Brief, Brief], answer: str, seed: str) -> None:
    for ballot in make_ballots(*briefs, seed=seed):
        vote = make_vote(ballot, answer, sides=SIDES, briefs=briefs, voter="v")  # type: ignore[arg-type]
        first = ballot.pair.first in briefs[0].stories
        assert first != ballot.swapped
        shown = ballot.contestants(SIDES)
        expected = {"first": shown[0].name, "second": shown[1].name}.get(answer)
        assert vote.winner == expected
        assert vote.left == ("a" if first else "b")
        assert (vote.a, vote.b) == ("embedded", "standard+glossary")
        assert vote.systems["b"]["models"] == {
            "translation": {"id": "secret-model", "engine": "transformers"}
        }


def test_no_text_is_stored_unless_the_voter_allows_it(briefs: tuple[Brief, Brief]) -> None:
    ballot = make_ballots(*briefs, seed="s")[0]
    told = [briefs[0].document(each).text for each in ballot.pair.first.document_ids]

    def stored(vote: Vote) -> str:
        return json.dumps(vote.to_dict(), ensure_ascii=False)

    without = stored(make_vote(ballot, "tie", sides=SIDES, briefs=briefs, voter="v"))
    assert not any(each.ar in without or each.en in without for each in ballot.pair.first.summary)
    assert not any(word in without for word in told[0].split() if len(word) > 4)
    kept = make_vote(ballot, "tie", sides=SIDES, briefs=briefs, voter="v", keep_texts=True).texts
    assert kept is not None
    assert kept["reports"] == told
    mine = next(story for story in briefs[0].stories if story.id == ballot.pair.first.id)
    assert [each["en"] for each in kept["a"]["sentences"]] == [each.en for each in mine.summary]


def test_the_item_is_the_same_for_everybody_and_depends_on_the_texts_alone(
    briefs: tuple[Brief, Brief],
) -> None:
    one, other = briefs
    assert [content_hash(one, each) for each in one.stories] == [
        content_hash(other, each) for each in other.stories
    ]
    assert len({content_hash(one, each) for each in one.stories}) == len(one.stories)
    changed = [dataclasses.replace(each, text=each.text + " ") for each in one.documents]
    assert content_hash(one, one.stories[0]) != content_hash(
        dataclasses.replace(one, documents=tuple(changed)), one.stories[0]
    )


def test_what_reads_alike_is_not_voted_on(briefs: tuple[Brief, Brief]) -> None:
    assert make_ballots(briefs[0], briefs[0], seed="s") == ()
    half = dataclasses.replace(briefs[1], stories=(briefs[0].stories[0], *briefs[1].stories[1:]))
    assert len(make_ballots(briefs[0], half, seed="s")) == len(briefs[0].stories) - 1
    empty = start_blind(SIDES, (briefs[0], briefs[0]), seed="s")
    assert (empty.ballot, empty.has_next) == (None, False)
    assert Texts("en")("compare.no_ballots") in render_ballot(empty, Texts("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ballot_tells_nothing_before_the_answer_and_everything_after(
    briefs: tuple[Brief, Brief], language: Language
) -> None:
    texts, current = Texts(language), session(briefs)
    before = render_ballot(current, texts)
    for secret in ("embedded", "standard", "secret-", "extractive", "abstractive", "fake"):
        assert secret not in before.lower()
    details = {check.detail for story in briefs[0].stories for each in story.summary for check in each.checks}
    assert details
    assert 'class="mt-failures"' not in before
    current.answers[0] = "first"
    after = render_ballot(current, texts)
    assert "embedded" in after
    assert "standard" in after
    assert texts("compare.answered.first") in after


def test_a_ballot_without_its_answer_is_the_same_for_either_order_of_the_sides(
    briefs: tuple[Brief, Brief],
) -> None:
    """Whatever is shown of a side, the page has it for either side: swapping them swaps the texts and nothing else."""
    texts = Texts("en")
    pages = {}
    for seed in map(str, range(40)):
        current = session(briefs, seed)
        assert current.ballot is not None
        pages[current.ballot.swapped] = render_ballot(current, texts)
    assert set(pages) == {True, False}
    assert sorted(pages[True]) == sorted(pages[False])


def test_a_voter_may_have_a_name() -> None:
    assert voter_name("  Layla \n H. ", "s") == "Layla H."
    assert voter_name(" ", "s") == voter_name("", "s") != voter_name("", "t")
    assert len(voter_name("x" * 500, "s")) == 60
