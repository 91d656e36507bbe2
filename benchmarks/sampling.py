"""How long would it take? The total of a slow job from a few of its parts, with a confidence interval.

**Design.** The parts are put in the order of their expected cost and cut into strata of neighbours, equal in size to within
one. From each stratum two parts are drawn at random and measured. The estimate of the total is the sum over strata of size
times mean; it is unbiased whatever the costs are, and narrow where neighbours cost about the same. Its variance is the sum
of size^2 * (1 - 2/size) * s^2 / 2, s^2 being the variance of the two; the interval is Student's, with a degree of freedom a
stratum.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scipy import stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Neighbours in the order of cost: how many they are, and the indices of those drawn (one or two)."""

    size: int
    drawn: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A total and half the width of its confidence interval (0 where every part was measured)."""

    total: float
    margin: float
    parts: int
    measured: int
    confidence: float


def draw(costs: Sequence[float], count: int, *, seed: int) -> list[Stratum]:
    """Draw ``count`` of the parts whose expected ``costs`` are given: two a stratum, all of them if they are so few.

    An odd ``count`` is rounded up. Raises ``ValueError`` where ``count`` is less than 2.
    """
    if count < 2:
        raise ValueError(f"a sample of {count} tells nothing of its error; take 2 or more")
    order = sorted(range(len(costs)), key=lambda i: (costs[i], i))
    if count >= len(order):
        return [Stratum(size=1, drawn=(index,)) for index in order]
    strata = math.ceil(count / 2)
    choose = random.Random(seed)
    edges = [len(order) * number // strata for number in range(strata + 1)]
    return [
        Stratum(size=end - start, drawn=tuple(choose.sample(order[start:end], min(2, end - start))))
        for start, end in pairwise(edges)
    ]


def estimate(
    strata: Sequence[Stratum], measured: Sequence[Sequence[float]], *, confidence: float = 0.95
) -> Estimate:
    """Return the total of all parts from what the drawn ones cost, ``measured`` one sequence a stratum."""
    total = variance = 0.0
    freedom = 0
    for stratum, values in zip(strata, measured, strict=True):
        if len(values) != len(stratum.drawn):
            raise ValueError(f"{len(values)} measurements of {len(stratum.drawn)} parts")
        mean = sum(values) / len(values)
        total += stratum.size * mean
        if len(values) > 1 and stratum.size > len(values):
            spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
            variance += stratum.size**2 * (1 - len(values) / stratum.size) * spread / len(values)
            freedom += len(values) - 1
    margin = float(stats.t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(variance) if freedom else 0.0
    return Estimate(
        total=total,
        margin=margin,
        parts=sum(stratum.size for stratum in strata),
        measured=sum(len(stratum.drawn) for stratum in strata),
        confidence=confidence,
    )
