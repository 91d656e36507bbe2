"""Jobs that run side by side: their order, and the room that they share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.engines.sidebyside import Room, from_both_ends


@given(st.lists(st.integers(), max_size=9).map(sorted))
def test_from_both_ends_loses_and_doubles_nothing(jobs: list[int]) -> None:
    mixed = from_both_ends(jobs)
    assert sorted(mixed) == jobs
    assert mixed[:1] == jobs[-1:]


def test_small_jobs_go_between_large_ones() -> None:
    assert from_both_ends([1, 2, 3, 8, 9]) == [9, 1, 8, 2, 3]
    assert from_both_ends([1, 2, 8, 9]) == [9, 1, 8, 2]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_no_more_is_taken_than_there_is_room_but_by_one_alone(amounts: list[int]) -> None:
    room, inside, seen, lock = Room(), list[int](), list[list[int]](), threading.Lock()

    def work(amount: int) -> None:
        with room.taken(amount, of=10):
            with lock:
                inside.append(amount)
                seen.append(list(inside))
            with lock:
                inside.remove(amount)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, amounts))
    assert len(seen) == len(amounts)
    assert all(sum(each) <= 10 or len(each) == 1 for each in seen)


def test_room_is_given_back_by_what_fails() -> None:
    room = Room()
    with pytest.raises(ZeroDivisionError), room.taken(10, of=10):
        _ = 1 // 0
    with room.taken(10, of=10):
        pass


def test_two_that_fit_are_at_work_together() -> None:
    room, met = Room(), threading.Barrier(2, timeout=10)

    def work(amount: int) -> int:
        with room.taken(amount, of=10):
            return met.wait()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, [4, 6])) == [0, 1]
