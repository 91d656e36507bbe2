"""Token buckets, neighbours, turnstiles."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.errors import BusyError
from summarizer.server import limits
from summarizer.server.gate import CLIENT_LIMIT, Gate
from summarizer.server.limits import RateLimiter, network_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_half_a_minutes_worth_at_once_then_the_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(60, clock=clock)
    assert [limiter.take("a") for _ in range(30)] == [0.0] * 30
    assert limiter.take("a") == pytest.approx(1.0)
    assert limiter.take("b") == 0.0
    clock.now += 1.0
    assert limiter.take("a") == 0.0
    assert limiter.take("a") > 0


@given(steps=st.lists(st.floats(min_value=0, max_value=10), max_size=50), rate=st.integers(1, 100))
def test_never_more_than_the_rate_allows(steps: list[float], rate: int) -> None:
    clock = Clock()
    limiter = RateLimiter(rate, clock=clock)
    taken = 0
    for step in steps:
        clock.now += step
        taken += limiter.take("a") == 0.0
    assert taken <= max(1.0, rate / 2) + clock.now * rate / 60 + 1e-6


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 3)
    limiter = RateLimiter(2, clock=Clock())
    assert limiter.take("a") == 0.0
    assert limiter.take("a") > 0
    for other in "bcd":
        limiter.take(other)
    assert len(limiter._buckets) == 3
    assert limiter.take("a") == 0.0  # forgotten


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_neighbours(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_gate_lets_clients_in_by_turns() -> None:
    order: list[str] = []

    async def main() -> None:
        gate, everybody = Gate(), asyncio.Event()

        async def work(gate: Gate, client: str, name: str) -> None:
            async with gate.turn(client):
                order.append(name)
                await everybody.wait()

        async with asyncio.TaskGroup() as group:
            for client, name in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1")):
                group.create_task(work(gate, client, name))
                await asyncio.sleep(0)
            everybody.set()
        assert gate._free == 1
        assert not gate._inside

    asyncio.run(main())
    assert order == ["a1", "a2", "b1", "a3"]


def test_the_gate_has_a_limit_and_who_gives_up_leaves() -> None:
    async def hold(gate: Gate, client: str) -> None:
        async with gate.turn(client):
            await asyncio.sleep(3600)

    async def main() -> None:
        gate = Gate()
        tasks = [asyncio.create_task(hold(gate, "a")) for _ in range(CLIENT_LIMIT)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError) as busy:
            async with gate.turn("a"):
                pass
        assert busy.value.code == "client_limit"
        waiting = asyncio.create_task(hold(gate, "b"))
        await asyncio.sleep(0)
        for task in (waiting, *tasks):  # the last one inside, the others in line
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
        assert gate._free == 1
        assert len(gate._line) == 0
        async with gate.turn("c"):
            pass

    asyncio.run(main())
