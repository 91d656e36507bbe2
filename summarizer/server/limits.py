"""How much one client, one address and all together may ask: rates, and the bytes of request bodies."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Clients of one address together may ask so many times what one may: an office behind one router.
ADDRESS_FACTOR: Final = 20
#: Buckets that are remembered. The one used longest ago is forgotten, which by then is full again.
MOST_BUCKETS: Final = 20_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen: float  # seconds of the clock


class RateLimiter:
    """Token buckets: ``per_minute`` in the long run, and half of that at once. Memory is bounded.

    Used from the event loop alone, so it needs no lock.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = per_minute / 60, clock
        self._size = max(1.0, per_minute / 2)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one token; return 0, or the seconds to wait where there is none."""
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(tokens=self._size, seen=now)
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.seen) * self._rate)
        bucket.seen = now
        self._buckets[key] = bucket
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0


def network_of(address: str) -> str:
    """Return what stands for one neighbour: an IPv4 address, or the /64 of an IPv6 one, which one host has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)
