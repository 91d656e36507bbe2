"""Votes: the file keeps what was stored, the counts are right, and what does not follow is said."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import cli
from eval.votes import (
    CHOICES,
    SCHEMA_VERSION,
    Vote,
    append_vote,
    krippendorff_alpha,
    read_votes,
    tally_plain,
    tally_table,
    tally_votes,
)
from summarizer.errors import InputError, RenderError


def vote(item: object = 1, choice: Any = "a", *, voter: str = "v1", **changes: Any) -> Vote:
    fields = {
        "item": f"item-{item}",
        "a": "embedded",
        "b": "standard",
        "left": "a",
        "created": "2026-01-01T00:00:00+00:00",
    }
    return Vote(**{**fields, "choice": choice, "voter": voter, **changes})


# --- the file -----------------------------------------------------------------------------------

names = (
    st.text(min_size=1)
    .filter(str.strip)
    .map(lambda text: text.encode("utf-8", "ignore").decode() or "x")
    .filter(str.strip)
)


@given(
    st.lists(
        st.builds(
            vote, st.integers(), st.sampled_from(CHOICES), voter=names, left=st.sampled_from("ab"),
            texts=st.none() | st.dictionaries(names, names, max_size=2), systems=st.dictionaries(names, names, max_size=2),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_what_is_appended_is_read_back(tmp_path_factory: pytest.TempPathFactory, votes: list[Vote]) -> None:
    path = tmp_path_factory.mktemp("votes") / "new" / "votes.jsonl"
    for each in votes:
        append_vote(path, each)
    assert (list(read_votes(path)) if votes else []) == votes
    assert not votes or path.read_bytes().count(b"\n") == len(votes)


def test_a_line_is_never_changed_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    append_vote(path, vote(1))
    first = path.read_bytes()
    append_vote(path, vote(1, "b"))
    assert path.read_bytes().startswith(first)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(first)["schema_version"] == SCHEMA_VERSION
    assert json.loads(first)["texts"] is None


def test_a_torn_line_is_left_out_and_cut_off_by_the_next_vote(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    append_vote(path, vote(1))
    sound = path.read_bytes()
    path.write_bytes(sound + b'{"schema_version": 1, "it')
    assert read_votes(path) == (vote(1),)
    append_vote(path, vote(2))
    assert read_votes(path) == (vote(1), vote(2))


def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    writers = [
        threading.Thread(target=lambda n=n: [append_vote(path, vote(f"{n}-{i}")) for i in range(10)])
        for n in range(4)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert {each.item for each in read_votes(path)} == {f"item-{n}-{i}" for n in range(4) for i in range(10)}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[]", "not a vote"),
        ("nonsense", "not a vote"),
        ('{"schema_version": 2}', "schema version 2; 1 is read"),
        (json.dumps({**vote().to_dict(), "choice": "left"}), "unknown choice 'left'"),
        (json.dumps({**vote().to_dict(), "left": "c"}), "left must be"),
        (json.dumps({**vote().to_dict(), "b": "embedded"}), "between two systems"),
        (json.dumps({**vote().to_dict(), "voter": " "}), "'voter'"),
        (json.dumps({**vote().to_dict(), "extra": 1}), "not a vote"),
    ],
)
def test_what_is_no_vote_is_named_by_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "votes.jsonl"
    append_vote(path, vote())
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match=message) as error:
        read_votes(path)
    assert f"{path}:2: " in str(error.value)


def test_unreadable_and_unwritable_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_votes(tmp_path / "none.jsonl")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RenderError, match="cannot write"):
        append_vote(tmp_path / "file" / "votes.jsonl", vote())


# --- counting -----------------------------------------------------------------------------------


def test_the_sign_test_is_exact() -> None:
    """9 of 10 decided items: 2 * (C(10,0) + C(10,1)) / 2^10 = 22 / 1024."""
    votes = [vote(n, "a") for n in range(9)] + [vote(9, "b"), vote(10, "tie"), vote(11, "neither")]
    (pair,) = tally_votes(votes).pairs
    assert (pair.wins_a, pair.wins_b, pair.ties, pair.neither, pair.items) == (9, 1, 1, 1, 12)
    assert pair.p_value == pytest.approx(22 / 1024)
    assert pair.adjusted == pair.p_value
    assert pair.significant()
    assert pair.share == 0.9
    assert pair.low == pytest.approx(0.55498, abs=1e-4)  # Clopper-Pearson for 9 of 10
    assert pair.high == pytest.approx(0.99747, abs=1e-4)


def test_several_voters_on_an_item_are_one_piece_of_evidence() -> None:
    votes = [vote(1, "a", voter=f"v{n}") for n in range(30)]
    (pair,) = tally_votes(votes).pairs
    assert (pair.votes, pair.voters, pair.items, pair.items_a) == (30, 30, 1, 1)
    assert pair.p_value == 1.0
    split = [vote(1, "a", voter="v1"), vote(1, "b", voter="v2")]
    assert tally_votes(split).pairs[0].items_a == tally_votes(split).pairs[0].items_b == 0


def test_the_newest_vote_of_a_voter_counts_whichever_way_round_it_was_stored() -> None:
    turned = vote(1, "a", a="standard", b="embedded")  # now for standard
    tally = tally_votes([vote(1, "a"), turned])
    assert (tally.votes, tally.replaced) == (1, 1)
    assert (tally.pairs[0].a, tally.pairs[0].wins_a, tally.pairs[0].wins_b) == ("embedded", 0, 1)


def test_p_values_are_corrected_for_the_pairs() -> None:
    votes = [vote(n, "a") for n in range(8)] + [vote(n, "b", b="third") for n in range(8)]
    first, second = tally_votes(votes).pairs
    assert first.p_value == second.p_value == pytest.approx(2 / 256)
    assert first.adjusted == second.adjusted == pytest.approx(4 / 256)


def test_a_habit_of_choosing_one_side_is_seen() -> None:
    votes = [vote(n, "a" if n % 2 else "b", left="a" if n % 2 else "b") for n in range(12)]
    tally = tally_votes(votes)
    assert (tally.pairs[0].left, tally.pairs[0].decided) == (12, 12)
    assert any("the side that stood first" in line for line in tally.cannot)


def test_what_does_not_follow_is_said() -> None:
    few = tally_votes([vote(1), vote(2)]).cannot
    assert any("2 items with a preference" in line for line in few)
    assert any("agree cannot be told" in line for line in few)
    even = tally_votes([vote(n, "ab"[n % 2], voter=v) for n in range(10) for v in ("v1", "v2")]).cannot
    assert even == ("embedded and standard: no difference was found, which does not show that there is none",)
    torn = tally_votes([vote(n, "ab"[k], voter=f"v{k}") for n in range(8) for k in (0, 1)])
    assert torn.pairs[0].alpha < 0
    assert any("agree little" in line for line in torn.cannot)
    with pytest.raises(InputError, match="no votes"):
        tally_votes([])


@given(
    st.lists(
        st.builds(vote, st.integers(0, 5), st.sampled_from(CHOICES), voter=st.sampled_from(["x", "y", "z"])),
        min_size=1,
        max_size=40,
    )
)
def test_renaming_the_systems_turns_the_table_round(votes: list[Vote]) -> None:
    other = {"a": "b", "b": "a"}
    turned = [
        vote(
            each.item,
            other.get(each.choice, each.choice),
            voter=each.voter,
            a="standard",
            b="embedded",
            left="b",
        )
        for each in votes
    ]
    (one,), (same,) = (
        tally_votes(votes).pairs,
        tally_votes([vote(each.item, each.choice, voter=each.voter) for each in votes]).pairs,
    )
    (again,) = tally_votes(turned).pairs
    assert (one.wins_a, one.wins_b, one.ties + one.neither) == (
        same.wins_a,
        same.wins_b,
        same.ties + same.neither,
    )
    assert (again.wins_a, again.wins_b, again.items_a, again.items_b) == (
        one.wins_a,
        one.wins_b,
        one.items_a,
        one.items_b,
    )
    assert again.p_value == one.p_value
    assert one.wins_a + one.wins_b + one.ties + one.neither == one.votes <= len(votes)
    assert 0 < one.p_value <= one.adjusted <= 1


# --- agreement ----------------------------------------------------------------------------------


def test_alpha_is_that_of_the_textbook() -> None:
    """Krippendorff (2011), "Computing Krippendorff's alpha-reliability", C: four coders, 12 units, nominal: 0.743."""
    coders = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    units = [
        [value for value in column if value != "."] for column in zip(*map(str.split, coders), strict=True)
    ]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_at_its_ends() -> None:
    assert krippendorff_alpha([["a", "a"], ["b", "b", "b"]]) == 1
    assert krippendorff_alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)
    for untold in ([], [["a"], ["b"]], [["a", "a"], ["a", "a"]]):
        assert math.isnan(krippendorff_alpha(untold))


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return call


def test_the_command_counts(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    for each in (vote(1), vote(2, "b"), vote(3, "tie")):
        append_vote(path, each)
    code, out, err = run("votes", path)
    assert (code, err) == (0, "")
    assert out.startswith("3 votes, 1 voters\n  votes|test:sign-exact|")
    assert "embedded : standard" in out
    assert "cannot conclude:" in out
    code, out, _ = run("votes", path, "--format", "json")
    plain = json.loads(out)
    assert plain == json.loads(json.dumps(tally_plain(tally_votes(read_votes(path)))))
    assert plain["pairs"][0]["alpha"] is None
    header, rows = tally_table(tally_votes(read_votes(path)))
    assert dict(zip(header, rows[0], strict=True))["losses"] == "1"


def test_a_wrong_file_is_one_line(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, out, err = run("votes", tmp_path / "none.jsonl")
    assert (code, out, err.count("\n")) == (2, "", 1)
