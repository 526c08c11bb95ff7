"""How fast a night is shown: close to every warning slowly, then ever faster until the next one comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

from callout.domain.instant import SECOND, Instant, Millis

SHOW = 30.0
"""Seconds of wall time for a whole night at speed 1."""
CLOSE: Millis = 30 * SECOND
"""Up to about here after a warning time passes evenly; beyond, the more of it has passed the faster it goes."""


@dataclass(frozen=True, slots=True)
class Act:
    """The part of the night that one warning opens; `weight` is its part of the show against the other acts."""

    begins: Instant
    weight: int


def shown(now: Instant, acts: Sequence[Act], ends: Instant) -> float:
    """Which part of the show is over at `now`: 0 until the first act, 1 from `ends` on. Acts in order of time."""
    borders = [*(act.begins for act in acts), ends]
    spans = zip(acts, pairwise(borders), strict=True)
    parts = [act.weight * _passed(now, begins, until) for act, (begins, until) in spans]
    return sum(parts) / sum(act.weight for act in acts)


def _passed(now: Instant, begins: Instant, until: Instant) -> float:
    """0 to 1: the logarithm lets the first minutes take as long as the hours after them."""
    if now >= until:
        return 1.0
    return log1p(max(now - begins, 0) / CLOSE) / log1p((until - begins) / CLOSE)


def wall(part: float, speed: float) -> float:
    """Seconds after the start of the show at which `part` of it is over; speed 2 shows twice as fast, 0 never waits."""
    return part * SHOW / speed if speed > 0 else 0.0
