"""The little statistics that a report needs to be honest about small numbers. Pure."""

from collections.abc import Sequence
from math import comb, sqrt
from statistics import NormalDist

LEVEL = 0.01
"""Chance that a report of a period in which nothing was wrong has a finding of one kind, at most."""


def percent(part: int, whole: int, nobody: str = "-") -> str:
    """e.g. 96.6%, cut and not rounded, so that 100.0% means everybody; `nobody` where the whole is 0."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else nobody


def interval(hits: float, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    z, share = NormalDist().inv_cdf((1 + confidence) / 2), hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(
    share: float, total: int, other: float, other_total: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Newcombe's interval of the difference of two shares, each of so many."""
    low, high = interval(share * total, total, confidence)
    other_low, other_high = interval(other * other_total, other_total, confidence)
    down = sqrt((share - low) ** 2 + (other_high - other) ** 2)
    return share - other - down, share - other + sqrt((high - share) ** 2 + (other - other_low) ** 2)


def fisher(hits: int, total: int, other_hits: int, other_total: int) -> float:
    """Fisher's exact test, one-sided: the chance of at least so many hits if both groups were alike."""
    all_hits, everybody = hits + other_hits, total + other_total
    most = min(total, all_hits)
    ways = comb(everybody, all_hits)
    return sum(comb(total, k) * comb(other_total, all_hits - k) for k in range(hits, most + 1)) / ways


def slower(ours: Sequence[float], others: Sequence[float]) -> float:
    """Mann-Whitney, one-sided by the normal approximation: the chance that ours are so slow if both were alike.

    1.0 where either side has too few values for the approximation (8).
    """
    n, m = len(ours), len(others)
    if min(n, m) < _FEWEST:
        return 1.0
    ranks = _ranks([*ours, *others])
    u = sum(ranks[:n]) - n * (n + 1) / 2
    spread = sqrt(n * m * (n + m + 1) / 12)
    return 1 - NormalDist().cdf((u - n * m / 2 - 0.5) / spread)


_FEWEST = 8


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share their middle."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for place in order[at:end]:
            ranks[place] = (at + 1 + end) / 2
        at = end
    return ranks
