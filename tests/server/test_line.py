"""The waiting line: nobody waits for more than one item of each other client."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.server.line import FairLine

ARRIVALS = st.lists(st.sampled_from("abcd"), max_size=30)


def filled(clients: list[str]) -> tuple[FairLine[tuple[str, int]], list[tuple[str, int]]]:
    line: FairLine[tuple[str, int]] = FairLine()
    items = list(zip(clients, count(), strict=False))
    for client, number in items:
        line.add(client, (client, number))
    return line, items


def drained(line: FairLine[tuple[str, int]]) -> list[tuple[str, int]]:
    return [line.take() for _ in range(len(line))]


def test_a_hundred_of_one_delay_another_by_one() -> None:
    line, _ = filled(["a"] * 100 + ["b"])
    assert [client for client, _ in drained(line)][:3] == ["a", "b", "a"]


@given(clients=ARRIVALS)
def test_the_order_told_is_the_order_taken(clients: list[str]) -> None:
    line, items = filled(clients)
    told = line.order()
    assert drained(line) == told
    assert sorted(told) == sorted(items)


@given(clients=ARRIVALS)
def test_each_client_is_served_in_its_own_order(clients: list[str]) -> None:
    line, _ = filled(clients)
    taken = drained(line)
    for client in set(clients):
        own = [number for name, number in taken if name == client]
        assert own == sorted(own)


@given(steps=st.lists(st.one_of(st.sampled_from("abcd"), st.none()), max_size=60))
def test_while_a_client_waits_no_other_is_served_twice(steps: list[str | None]) -> None:
    """None takes; a letter arrives. Between two turns of one client, everybody else who waits has a turn."""
    line: FairLine[tuple[str, int]] = FairLine()
    waiting: dict[str, int] = {}
    served_since: dict[
        str, set[str]
    ] = {}  # who waits -> who was served since it began to wait, or its last turn
    for number, step in enumerate(steps):
        if step is not None:
            line.add(step, (step, number))
            waiting[step] = waiting.get(step, 0) + 1
            served_since.setdefault(step, set())
        elif len(line):
            client, _ = line.take()
            for other in served_since:
                if other != client:
                    assert client not in served_since[other], (client, other)
                    served_since[other].add(client)
            waiting[client] -= 1
            del served_since[client]
            if waiting[client]:
                served_since[client] = set()


@given(clients=ARRIVALS.filter(bool), choice=st.integers(min_value=0))
def test_what_is_removed_never_comes(clients: list[str], choice: int) -> None:
    line, items = filled(clients)
    gone = items[choice % len(items)]
    line.remove(gone[0], gone)
    assert sorted(drained(line)) == sorted(set(items) - {gone})


def test_nothing_to_take_and_nothing_to_remove() -> None:
    line: FairLine[str] = FairLine()
    with pytest.raises(IndexError):
        line.take()
    with pytest.raises(ValueError, match="does not wait"):
        line.remove("a", "x")
