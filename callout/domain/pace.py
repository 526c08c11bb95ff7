"""How fast a provider, a sender and a number may be used, and when a backlog will be through."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from callout.domain.abilities import Abilities, Window
from callout.domain.instant import MINUTE, NEVER_YET, SECOND, Instant, Millis, later
from callout.domain.made_often import made_often, replace

BURST = 0.5
"""Seconds' worth of a rate that may go at once: the engine looks four times a second."""
KEPT_FOR_RED = 3
"""A window of at least so many attempts keeps its last one for red."""
DRILL_HOLDS: Millis = MINUTE
"""What a drill's attempt holds up is waited for so long at most; a longer limit counts it like any other."""
UNLIMITED = 1 << 30
WINDOW = 64
"""How much is claimed at once: all of it comes before the first of a red that has come in meanwhile."""


@dataclass(frozen=True, slots=True)
class Portions:
    """How much goes at once."""

    burst: float = BURST
    """Seconds' worth of a provider's rate: twice the time between two looks, or just that time where looks come on the
    beat of a virtual clock."""
    window: int = WINDOW
    """How much is claimed at once; it may be more on a virtual clock, for while that stands still no red comes in."""


@made_often(frozen=True, slots=True)
class Bucket:
    """A token bucket: one token for each attempt (for each part of a text, where parts are what is limited), filled at
    `rate` a second; rate 0 = no limit is known."""

    rate: float
    tokens: float = -1.0
    """Less than 0: full."""
    at: Instant = NEVER_YET
    """When so many tokens were there; in the future where more was taken than there was."""
    shut_until: Instant = NEVER_YET
    """The provider has said that too much came; nothing goes before."""
    burst: float = BURST
    """Seconds' worth of the rate that may go at once."""

    @property
    def capacity(self) -> float:
        """The most that may go at once."""
        return max(1.0, self.rate * self.burst)

    def _filled(self, now: Instant) -> float:
        if self.tokens < 0:
            return self.capacity
        return min(self.capacity, self.tokens + max(0, now - self.at) * self.rate / SECOND)

    def room(self, now: Instant) -> int:
        """How many may go now."""
        if now < self.shut_until:
            return 0
        return UNLIMITED if self.rate <= 0 else math.floor(self._filled(now) + 1e-6)

    def taken(self, now: Instant, count: int = 1) -> "Bucket":
        """So many have gone; what was not there is waited for."""
        if self.rate <= 0:
            return self
        left = self._filled(now) - count
        owed = max(0.0, -left - 1e-6) / self.rate
        at = later(max(now, self.at), math.ceil(owed * SECOND)) if owed else now
        return Bucket(self.rate, max(0.0, left), at, self.shut_until, self.burst)

    def next_at(self, now: Instant) -> Instant:
        """When the next may go."""
        missing = 0.0 if self.rate <= 0 else max(0.0, 1 - self._filled(now)) / self.rate
        return max(later(max(now, self.at), math.ceil(missing * SECOND)), self.shut_until)

    def shut(self, until: Instant) -> "Bucket":
        """Too much came: nothing goes before `until`, and what was saved up is gone."""
        return replace(self, tokens=0.0 if self.rate > 0 else self.tokens, at=until, shut_until=until)


class PerPart(float):
    """A rate that counts the parts of a text, not texts."""


UNREACHED = -1.0
"""Instead of a rate: there are providers of this kind, but none has a road to these numbers."""


def together(able: Sequence[Abilities]) -> float:
    """What these take a second, side by side."""
    speeds = [speed(one) for one in able if one.reaches]
    if able and not speeds:
        return UNREACHED
    total = 0.0 if any(one <= 0 for one in speeds) else sum(speeds)
    return PerPart(total) if any(isinstance(one, PerPart) for one in speeds) else total


def speed(able: Abilities) -> float:
    """Attempts a second that a provider takes as a whole, parts where its senders are slower; 0 = no limit is known."""
    senders = PerPart(able.per_sender * len(able.senders))
    whole = PerPart(able.per_second) if able.by_part else able.per_second
    limits: list[float] = [limit for limit in (whole, senders) if limit > 0]
    return min(limits, default=0.0)


class For(Enum):
    """What one more attempt to a number is for."""

    RED = "red"
    REAL = "real"
    """A real warning below red, or what is told."""
    DRILL = "drill"
    DRILL_AMID = "drill amid"
    """A drill while a real warning of its county has to be answered."""

    @staticmethod
    def of(lane: int) -> "For":
        """Of what is real, by its lane."""
        return For.RED if lane == 0 else For.REAL


def fits(windows: Sequence[Window], earlier: Iterable[Instant], now: Instant, what: For) -> bool:
    """Whether one more attempt to a number keeps within every window, given the earlier attempts there.

    The last attempt of a wide window is kept for red: a person who was called five times about blue must still be
    reachable when it matters. A drill leaves half of each window to what is real, for the provider counts both; of a
    window for one it takes that one, but not while anything real goes on.
    """
    tries = list(earlier)
    for window in windows:
        if not window.holds(now):
            continue
        if sum(now - at < window.span for at in tries) >= _share(window, what):
            return False
    return True


def _share(window: Window, what: For) -> int:
    """How many attempts of a window there may be when one of this kind is added."""
    if what in (For.DRILL, For.DRILL_AMID):
        return max(int(what is For.DRILL), window.count // 2)
    return window.count - (0 if what is For.RED or window.count < KEPT_FOR_RED else 1)


def held_by_drill(
    windows: Sequence[Window], earlier: Iterable[tuple[Instant, bool]], now: Instant, what: For
) -> Instant | None:
    """When a number that is full may be called again, where only a drill's attempt holds up what is real, and not for
    long. `earlier`: when, and whether for a drill."""
    tries = list(earlier)
    if what in (For.DRILL, For.DRILL_AMID) or not fits(
        windows, [at for at, drilled in tries if not drilled], now, what
    ):
        return None
    ends = sorted({later(at, window.span) for window in windows for at, _ in tries})
    every = [at for at, _ in tries]
    return next((end for end in ends if now < end <= later(now, DRILL_HOLDS) and fits(windows, every, end, what)), None)


def widest(windows: Iterable[Window]) -> Millis:
    """How far back attempts must be known."""
    return max((window.span for window in windows), default=0)


def takes(count: int, rate: float) -> Millis:
    """How long `count` attempts take at `rate` a second; 0 where no limit is known."""
    return 0 if rate <= 0 or count <= 0 else math.ceil(max(0.0, count - max(1.0, rate * BURST)) / rate * SECOND)
