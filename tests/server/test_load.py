"""The load benchmark judges the order of service rightly."""

from __future__ import annotations

import pytest

from benchmarks.load import Turn, out_of_turn, short_reports, spread


def turns(order: str, *, late: str = "") -> list[Turn]:
    """Return turns served in this order, one letter a client; those of ``late`` came after the third was served."""
    return [
        Turn(client=client, accepted=2.5 if client in late else 0.0, finished=float(n))
        for n, client in enumerate(order, 1)
    ]


@pytest.mark.parametrize(
    ("order", "late", "count"),
    [
        ("abcabc", "", 0),
        ("aab", "", 1),
        ("aabc", "", 2),
        ("aaab", "b", 0),
        ("aaaab", "b", 0),  # b came while the third ran
        ("aaaaab", "b", 1),
        ("abab", "", 0),
        ("abba", "", 1),
        ("abbac", "", 3),
        ("", "", 0),
    ],
)
def test_out_of_turn(order: str, late: str, count: int) -> None:
    assert out_of_turn(turns(order, late=late)) == count


def test_no_two_users_send_the_same_report() -> None:
    texts = [report["text"] for user in range(20) for report in short_reports(user, 2)]
    assert len(set(texts)) == 40
    assert all(100 < len(text) < 800 for text in texts)


def test_spread() -> None:
    assert spread([0.0] * 19 + [1.0]) == "0.00 / 0.05 / 1.00"
    assert spread([1.0]) == "–"
