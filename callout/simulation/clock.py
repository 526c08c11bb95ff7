"""A clock that stands still until it is told to move."""

from callout.domain.instant import Instant


class VirtualClock:
    """Time of a rehearsal or a test: it passes only by `advance`."""

    def __init__(self, start: Instant) -> None:
        self._now = start

    def now(self) -> Instant:
        """The instant that the clock was last moved to."""
        return self._now

    def advance(self, to: Instant) -> None:
        """Move to `to`. Raises ValueError for an earlier instant: a record never runs backward."""
        if to < self._now:
            raise ValueError(f"虚拟时钟不能倒退：现在 {self._now}，要求 {to}；请给出不早于现在的时刻")
        self._now = to
