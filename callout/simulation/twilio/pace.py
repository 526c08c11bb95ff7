"""The carrier's time: the real clock, run faster or started at another hour where a story wants that."""

import asyncio
import time
from collections.abc import Callable

from callout.domain.instant import Instant, Millis


def wall() -> Instant:
    """The machine's time: dates in answers and webhooks are real, whatever the pace."""
    return Instant(time.time_ns() // 1_000_000)


class Pace:
    """Time of the people and of the network; `speed` of its seconds pass in one real second."""

    def __init__(self, speed: float = 1.0, start: Instant | None = None) -> None:
        self.speed = speed
        self._start = wall() if start is None else start
        self._begun = time.monotonic()

    def now(self) -> Instant:
        """The carrier's present."""
        return Instant(self._start + round((time.monotonic() - self._begun) * 1000 * self.speed))

    def at(self, when: Instant, action: Callable[[], None]) -> None:
        """Do it at that instant, at once where it is past."""
        asyncio.get_running_loop().call_later(self._seconds(when), action)

    async def until(self, when: Instant) -> None:
        """Wait for an instant."""
        await asyncio.sleep(self._seconds(when))

    async def wait(self, length: Millis) -> None:
        """Wait for so long."""
        await asyncio.sleep(max(0.0, length / 1000 / self.speed))

    def _seconds(self, when: Instant) -> float:
        return max(0.0, (when - self.now()) / 1000 / self.speed)
