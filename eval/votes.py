"""Votes of people who compared two systems without knowing which is which: one file format, one reader, one table.

::

    VOTES.jsonl    {"schema_version": 1, "created": ..., "voter": ..., "item": HASH, "a": "embedded", "b": "standard",
                    "left": "b", "choice": "a", "systems": {...}, "texts": null}

The workbench appends (``append_vote``), one line a vote, synced before the voter hears of it; nothing is ever changed. A
voter who judges an item again adds a line, and the newer one counts. ``item`` is a hash of what was read; the texts themselves
are there only where the voter asked for it (``texts``).

``tally_votes`` tells, for each pair of systems, whether people prefer one: an exact sign test (Dixon & Mood 1946) over items.
Several voters on one item are not several pieces of evidence, so an item counts once, for the side that most of its voters
chose; ties are left out, as the test has it. P-values are corrected for the number of pairs by Holm. How far the voters agree
beyond chance is Krippendorff's alpha for nominal data (1 agreement, 0 chance), which copes with any number of voters an item.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final, Literal, get_args

from eval.significance import ALPHA, holm
from summarizer.errors import InputError, RenderError

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
#: ``tie``: equally good; ``neither``: both too poor to choose between. The sign test counts both as ties.
Choice = Literal["a", "b", "tie", "neither"]
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
Side = Literal["a", "b"]
SIGNATURE: Final = (
    "votes|test:sign-exact|unit:item-majority|ties:dropped|correction:holm|agreement:krippendorff-nominal|v:1"
)
#: Fewer items with a preference than this, and not even a unanimous vote is significant: 2 / 2^5 = 0.06.
FEW_ITEMS: Final = 6
#: Alpha below which Krippendorff (2004) says not to draw conclusions.
POOR_AGREEMENT: Final = 0.667


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One judgement. ``left`` is the system that stood first, so that a habit of choosing one side can be seen.

    ``voter`` is a name that the voter chose or a random one; ``created`` an ISO date-time in UTC. ``systems`` may hold what
    is known of each system (models, settings) under ``a`` and ``b``.
    """

    item: str
    a: str
    b: str
    choice: Choice
    left: Side
    voter: str
    created: str
    systems: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Raise ``InputError`` for a vote that means nothing."""
        for name in ("item", "a", "b", "voter", "created"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise InputError(f"a vote needs {name!r}, and it must be text, not {value!r}")
        if self.a == self.b:
            raise InputError(f"a vote is between two systems, not {self.a!r} and itself")
        if self.choice not in CHOICES:
            raise InputError(f"unknown choice {self.choice!r} (known: {', '.join(CHOICES)})")
        if self.left not in get_args(Side):
            raise InputError(f"left must be 'a' or 'b', not {self.left!r}")

    @property
    def pair(self) -> tuple[str, str]:
        """The two systems in the order of their names: the same for every vote about them."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)

    @property
    def winner(self) -> str | None:
        """The system chosen, None for ``tie`` and ``neither``."""
        return self.a if self.choice == "a" else self.b if self.choice == "b" else None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {"schema_version": SCHEMA_VERSION, **plain, "systems": dict(self.systems)}


# --- the file -----------------------------------------------------------------------------------


def append_vote(path: Path, vote: Vote) -> None:
    """Add one vote to the file, to last through a kill or a power cut. Raises ``RenderError`` where it cannot.

    Several processes may append at once. A line that a kill tore is cut off: nobody was told that it was stored.
    """
    line = json.dumps(vote.to_dict(), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        # For the owner alone: votes carry names.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a+b") as file, _locked(file):
            _cut_torn_line(file)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _sync_folder(path.parent)
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _cut_torn_line(file: IO[bytes]) -> None:
    file.seek(0)
    data = file.read()
    if data and not data.endswith(b"\n"):
        file.truncate(data.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some systems cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_votes(path: Path) -> tuple[Vote, ...]:
    """Return the votes of a file, oldest first; a torn last line is left out.

    Raises ``InputError`` that names the line where the file is not one of votes, or of another schema version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    *lines, rest = data.split(b"\n")
    if rest:
        logger.warning("%s: the last line is torn and left out", path)
    return tuple(_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _read_line(path: Path, number: int, line: bytes) -> Vote:
    try:
        plain = json.loads(line.decode("utf-8"))
        version = plain.pop("schema_version")
        vote = Vote(**plain) if version == SCHEMA_VERSION else None
    except InputError as error:
        raise InputError(f"{path}:{number}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}:{number}: not a vote: {error!r}") from error
    if vote is None:
        raise InputError(f"{path}:{number}: schema version {version!r}; {SCHEMA_VERSION} is read")
    return vote


# --- counting -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTally:
    """What people think of two systems, ``a`` before ``b`` by name.

    ``wins_*``, ``ties`` and ``neither`` count votes; ``items_*`` count items by what most of their voters chose. ``share`` is
    the part of the decided items that ``a`` won, with its exact 95 % interval (Clopper-Pearson); ``p_value`` is two-sided,
    ``adjusted`` after Holm. ``alpha`` is the agreement on the ``judged_twice`` items that several people judged, nan where
    it cannot be told. ``left`` of ``decided`` votes fell on the side that stood first, with its own p-value.
    """

    a: str
    b: str
    votes: int
    voters: int
    wins_a: int
    wins_b: int
    ties: int
    neither: int
    items: int
    items_a: int
    items_b: int
    share: float
    low: float
    high: float
    p_value: float
    adjusted: float
    judged_twice: int
    alpha: float
    left: int
    left_p_value: float

    @property
    def decided(self) -> int:
        """Votes for one of the two."""
        return self.wins_a + self.wins_b

    def significant(self, alpha: float = ALPHA) -> bool:
        """Tell whether the preference stands at level ``alpha`` after correction."""
        return self.adjusted < alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteTally:
    """Every pair, by name. ``replaced`` votes were judged again by their voter; ``cannot``: what does not follow."""

    pairs: tuple[PairTally, ...]
    votes: int
    voters: int
    replaced: int
    cannot: tuple[str, ...]
    signature: str = SIGNATURE


def tally_votes(votes: Sequence[Vote]) -> VoteTally:
    """Count votes by pair of systems; the newest line of a voter on an item counts. Raises ``InputError`` without votes."""
    if not votes:
        raise InputError("there are no votes to count; make some on the workbench's Compare tab: mujaz serve")
    latest = {(vote.voter, vote.item, vote.pair): vote for vote in votes}
    groups: dict[tuple[str, str], list[Vote]] = defaultdict(list)
    for vote in latest.values():
        groups[vote.pair].append(vote)
    pairs = [_tally_pair(*pair, groups[pair]) for pair in sorted(groups)]
    adjusted = holm([each.p_value for each in pairs])
    done = tuple(replace(each, adjusted=value) for each, value in zip(pairs, adjusted, strict=True))
    return VoteTally(
        pairs=done,
        votes=len(latest),
        voters=len({vote.voter for vote in latest.values()}),
        replaced=len(votes) - len(latest),
        cannot=tuple(_cannot(done)),
    )


def _tally_pair(a: str, b: str, votes: Sequence[Vote]) -> PairTally:
    from scipy.stats import binomtest

    choices = Counter(vote.winner or vote.choice for vote in votes)
    balance: Counter[str] = Counter()
    for vote in votes:
        balance[vote.item] += 0 if vote.winner is None else 1 if vote.winner == a else -1
    items_a = sum(value > 0 for value in balance.values())
    items_b = sum(value < 0 for value in balance.values())
    decided = items_a + items_b
    test = binomtest(items_a, decided) if decided else None
    interval = test.proportion_ci(0.95, method="exact") if test else None
    left = sum(vote.winner is not None and vote.choice == vote.left for vote in votes)
    wins = choices[a] + choices[b]
    judged = _by_item(votes)
    return PairTally(
        a=a,
        b=b,
        votes=len(votes),
        voters=len({vote.voter for vote in votes}),
        wins_a=choices[a],
        wins_b=choices[b],
        ties=choices["tie"],
        neither=choices["neither"],
        items=len(balance),
        items_a=items_a,
        items_b=items_b,
        share=items_a / decided if decided else math.nan,
        low=float(interval.low) if interval else math.nan,
        high=float(interval.high) if interval else math.nan,
        p_value=float(test.pvalue) if test else 1.0,
        adjusted=1.0,
        judged_twice=sum(len(each) > 1 for each in judged),
        alpha=krippendorff_alpha(judged),
        left=left,
        left_p_value=float(binomtest(left, wins).pvalue) if wins else 1.0,
    )


def _by_item(votes: Sequence[Vote]) -> list[list[str]]:
    """Return the opinions on each item: a system's name, ``=tie`` or ``=neither`` (no system is called so)."""
    items: dict[str, list[str]] = defaultdict(list)
    for vote in votes:
        items[vote.item].append(vote.winner or f"={vote.choice}")
    return list(items.values())


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float:
    """Return Krippendorff's alpha for nominal data; ``units`` are the labels that each unit was given, in any order.

    Units with one label say nothing of agreement and are left out. nan where no unit has two, or where all labels are the
    same (chance agreement is then complete, and alpha undefined).
    """
    paired = [Counter(labels) for labels in units if len(labels) > 1]
    totals: Counter[str] = sum(paired, Counter())
    count = totals.total()
    expected = count**2 - sum(value**2 for value in totals.values())
    if not expected:
        return math.nan
    # Each unit's disagreeing ordered pairs, divided by one less than its labels: every label weighs the same.
    observed = sum(
        (unit.total() ** 2 - sum(value**2 for value in unit.values())) / (unit.total() - 1) for unit in paired
    )
    return 1 - (count - 1) * observed / expected


def _cannot(pairs: Sequence[PairTally]) -> Iterator[str]:
    """Say what these votes do not show, pair by pair."""
    for pair in pairs:
        names = f"{pair.a} and {pair.b}"
        decided = pair.items_a + pair.items_b
        if decided < FEW_ITEMS:
            yield (
                f"{names}: {decided} items with a preference; with fewer than {FEW_ITEMS} not even a unanimous vote is "
                "significant"
            )
        elif not pair.significant():
            yield f"{names}: no difference was found, which does not show that there is none"
        if math.isnan(pair.alpha):
            yield f"{names}: whether voters agree cannot be told from {pair.judged_twice} items judged by several"
        elif pair.alpha < POOR_AGREEMENT:
            yield f"{names}: voters agree little (alpha {pair.alpha:.2f} < {POOR_AGREEMENT}); other voters may decide otherwise"
        if pair.left_p_value < ALPHA:
            yield (
                f"{names}: {pair.left} of {pair.decided} choices fell on the side that stood first "
                f"(p {pair.left_p_value:.3f}); votes may show a habit, not a preference"
            )


# --- for programs and tables --------------------------------------------------------------------


def tally_plain(tally: VoteTally) -> dict[str, Any]:
    """Return the tally as plain values for JSON; what cannot be told is None."""
    return {
        "signature": tally.signature,
        "votes": tally.votes,
        "voters": tally.voters,
        "replaced": tally.replaced,
        "pairs": [
            {
                name: None if isinstance(value, float) and math.isnan(value) else value
                for name, value in ((name, getattr(pair, name)) for name in pair.__slots__)
            }
            for pair in tally.pairs
        ],
        "cannot": list(tally.cannot),
    }


def tally_table(tally: VoteTally) -> tuple[list[str], list[list[str]]]:
    """Return header and rows, one a pair: wins, ties and losses are of the first system named."""
    header = ["pair", "wins", "ties", "losses", "items", "won", "95 % interval", "p", "p (Holm)", "alpha"]
    return header, [
        [
            f"{pair.a} : {pair.b}",
            str(pair.wins_a),
            str(pair.ties + pair.neither),
            str(pair.wins_b),
            str(pair.items),
            _percent(pair.share),
            f"{_percent(pair.low)} to {_percent(pair.high)}",
            f"{pair.p_value:.3f}",
            f"{pair.adjusted:.3f}",
            "-" if math.isnan(pair.alpha) else f"{pair.alpha:.2f}",
        ]
        for pair in tally.pairs
    ]


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.0f} %"
