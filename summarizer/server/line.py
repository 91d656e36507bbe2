"""A waiting line that serves clients in turn, and each client's items first come, first served."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class FairLine(Generic[ItemT]):
    """Round robin over clients: one with a hundred items delays another by one item, not by a hundred.

    A client enters the rotation at its end, with its first item, and goes back there whenever it was served. Items
    are unique. Not safe between threads: its owner locks.
    """

    def __init__(self) -> None:
        self._rotation: dict[str, deque[ItemT]] = {}  # in the order in which clients are served

    def __len__(self) -> int:
        return sum(map(len, self._rotation.values()))

    def add(self, client: str, item: ItemT) -> None:
        """Put an item at the end of its client's items."""
        self._rotation.setdefault(client, deque()).append(item)

    def take(self) -> ItemT:
        """Take the item whose turn it is. Raises ``IndexError`` where nobody waits."""
        client = next(iter(self._rotation), None)
        if client is None:
            raise IndexError("nobody waits")
        items = self._rotation.pop(client)
        item = items.popleft()
        if items:
            self._rotation[client] = items
        return item

    def remove(self, client: str, item: ItemT) -> None:
        """Take an item out of turn. Raises ``ValueError`` where it does not wait."""
        items = self._rotation.get(client)
        if items is None:
            raise ValueError(f"{client} does not wait")
        items.remove(item)
        if not items:
            del self._rotation[client]

    def order(self) -> list[ItemT]:
        """Return what waits in the order in which it will be taken if nobody else comes."""
        rounds = max(map(len, self._rotation.values()), default=0)
        return [
            items[turn] for turn in range(rounds) for items in self._rotation.values() if turn < len(items)
        ]
