"""The blind comparison: what a voter is shown without names, and the vote that comes of it.

Which side stands first is drawn for every story from a seed of the voter's session, so that neither the place nor an
earlier answer tells who wrote what. Nothing that would (names, methods, checks, times) is in a ``Ballot``'s ``shown`` part.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from eval.votes import Choice, Vote
from summarizer.schema import Brief, Story
from ui.comparison import Contestant, content_hash
from ui.diff import StoryPair, pair_sentences, pair_stories

#: What a voter answers: the one that stands first is better, the second is, they are alike, neither is any good.
Answer = Literal["first", "second", "tie", "neither"]
#: Characters of a voter's name.
NAME_LENGTH: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One story to vote on. ``pair`` is in the order shown; ``swapped``: the first contestant stands second."""

    item: str
    pair: StoryPair
    swapped: bool

    def contestants(self, sides: tuple[Contestant, Contestant]) -> tuple[Contestant, Contestant]:
        """Return who stands first and who second: to be told after the vote only."""
        return (sides[1], sides[0]) if self.swapped else sides


def is_swapped(seed: str, item: str) -> bool:
    """Draw whether the sides are swapped: a fair coin, the same whenever it is asked for."""
    return bool(hashlib.sha256(f"{seed}|{item}".encode()).digest()[0] & 1)


def make_ballots(first: Brief, second: Brief, *, seed: str) -> tuple[Ballot, ...]:
    """Return a ballot for every story that a reader can tell apart; where both sides read alike there is no vote."""
    ballots = []
    for pair in pair_stories(first, second):
        if pair.same:
            continue
        item = content_hash(first, pair.first)
        swapped = is_swapped(seed, item)
        ballots.append(Ballot(item=item, pair=_turned(pair) if swapped else pair, swapped=swapped))
    return tuple(ballots)


def _turned(pair: StoryPair) -> StoryPair:
    return StoryPair(pair.second, pair.first, pair_sentences(pair.second.summary, pair.first.summary))


def make_vote(
    ballot: Ballot,
    answer: Answer,
    *,
    sides: tuple[Contestant, Contestant],
    briefs: tuple[Brief, Brief],
    voter: str,
    keep_texts: bool = False,
    now: datetime | None = None,
) -> Vote:
    """Return the vote for an answer. ``keep_texts``: also the reports and both summaries, where the voter allows it."""
    choices: dict[Answer, Choice] = {
        "first": "b" if ballot.swapped else "a",
        "second": "a" if ballot.swapped else "b",
        "tie": "tie",
        "neither": "neither",
    }
    one, other = (
        (ballot.pair.second, ballot.pair.first) if ballot.swapped else (ballot.pair.first, ballot.pair.second)
    )
    return Vote(
        item=ballot.item,
        a=sides[0].name,
        b=sides[1].name,
        choice=choices[answer],
        left="b" if ballot.swapped else "a",
        voter=voter,
        created=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        systems={name: side.details(brief) for name, side, brief in zip("ab", sides, briefs, strict=True)},
        texts=_texts(briefs[0], one, other) if keep_texts else None,
    )


def _texts(brief: Brief, one: Story, other: Story) -> Mapping[str, Any]:
    def summary(story: Story) -> dict[str, Any]:
        return {
            "title": {"ar": story.title.ar, "en": story.title.en},
            "sentences": [{"ar": each.ar, "en": each.en} for each in story.summary],
        }

    return {
        "reports": [brief.document(each).text for each in one.document_ids],
        "a": summary(one),
        "b": summary(other),
    }


@dataclass(slots=True, kw_only=True)
class BlindSession:
    """One voter's way through the ballots; lives in the page's session and nowhere else.

    ``position`` is the ballot that is shown, ``answers`` those given in this session, by position. Each ballot takes one answer.
    """

    sides: tuple[Contestant, Contestant]
    briefs: tuple[Brief, Brief]
    ballots: Sequence[Ballot]
    seed: str
    position: int = 0
    answers: dict[int, Answer] = field(default_factory=dict)

    @property
    def ballot(self) -> Ballot | None:
        """The ballot that is shown, None where there is none (left)."""
        return self.ballots[self.position] if self.position < len(self.ballots) else None

    @property
    def answer(self) -> Answer | None:
        """What was answered on the ballot that is shown."""
        return self.answers.get(self.position)

    @property
    def has_next(self) -> bool:
        """Whether a ballot follows the one that is shown."""
        return self.position + 1 < len(self.ballots)


def start_blind(
    sides: tuple[Contestant, Contestant], briefs: tuple[Brief, Brief], *, seed: str
) -> BlindSession:
    """Begin with the first ballot."""
    return BlindSession(sides=sides, briefs=briefs, ballots=make_ballots(*briefs, seed=seed), seed=seed)


#: Known to this process alone, so that nobody can work out the sides beforehand.
_SECRET: Final = secrets.token_bytes(32)


def session_seed(session: str) -> str:
    """Return the seed of one page's session: the same for all its comparisons, and not to be guessed."""
    return hmac.new(_SECRET, session.encode(), hashlib.sha256).hexdigest()


def voter_name(given: str, seed: str) -> str:
    """Return the voter's own name, or a random one that lasts as long as the session and says nothing of anybody."""
    name = " ".join(given.split())[:NAME_LENGTH]
    return name or f"v-{hashlib.sha256(f'voter|{seed}'.encode()).hexdigest()[:10]}"
