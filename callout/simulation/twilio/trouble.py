"""What goes wrong, and how fast is too fast."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import TypeVar

from callout.domain.instant import SECOND, Instant, Millis
from callout.simulation.twilio.options import Fault, HookFault, Limits, Options
from callout.simulation.twilio.pace import Pace, wall

F = TypeVar("F", Fault, HookFault)

_LATE = (1 * SECOND, 60 * SECOND)


class Trouble:
    """Draws faults by the seed and the number concerned, so that the order of requests decides nothing."""

    def __init__(self, options: Options, pace: Pace) -> None:
        self.now = options.troubles
        self._options = options
        self._pace = pace
        self._begun = pace.now()
        self._drawn: Counter[str] = Counter()

    def request(self, about: str) -> Fault | None:
        """What goes wrong with a create about this number."""
        return self.outage() or self._draw(self.now.requests, f"request:{about}")

    def hook(self, about: str) -> HookFault | None:
        """What goes wrong with a webhook about this number."""
        return self._draw(self.now.hooks, f"hook:{about}")

    def lateness(self, about: str) -> Millis:
        """How late a late webhook is."""
        self._drawn["late"] += 1
        return Random(f"{self._options.seed}:late:{about}:{self._drawn['late']}").randint(*_LATE)  # noqa: S311 - as above

    def outage(self) -> Fault | None:
        """The fault in which everything ends at present."""
        passed = (self._pace.now() - self._begun) / SECOND
        planned = (one.fault for one in self._options.outages if one.begins <= passed < one.ends)
        return self.now.outage or next(planned, None)

    def _draw(self, shares: Mapping[F, float], about: str) -> F | None:
        if not shares:
            return None
        self._drawn[about] += 1
        roll = Random(f"{self._options.seed}:{about}:{self._drawn[about]}").random()  # noqa: S311 - repeatable on purpose
        for fault, share in shares.items():
            roll -= share
            if roll < 0:
                return fault
        return None


class Bucket:
    """Requests per real second; as many at once as one second allows."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = max(rate, 1.0)
        self._at = wall()

    def take(self) -> bool:
        """Whether one more may come now."""
        if not self._rate:
            return True
        now = wall()
        self._left = min(max(self._rate, 1.0), self._left + (now - self._at) / SECOND * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Queues:
    """When a sender's turn comes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free: dict[str, Instant] = {}

    def text(self, sender: str, parts: int, now: Instant) -> Instant:
        """When a text of so many parts leaves."""
        return self._turn(sender, parts, self._limits.segments, now)

    def call(self, now: Instant) -> Instant:
        """When a call begins."""
        return self._turn("calls", 1, self._limits.calls, now)

    def _turn(self, name: str, many: int, rate: float, now: Instant) -> Instant:
        if not rate:
            return now
        turn = max(now, self._free.get(name, now))
        self._free[name] = Instant(turn + round(many / rate * SECOND))
        return turn
