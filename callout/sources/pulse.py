"""Whether a source on the network still answers, and when it is asked again."""

from callout.domain.listening import Hearing, Heeded, asked_again, is_silent
from callout.ports import Clock, Random


class Pulse:
    """The answers of one endpoint, good and bad."""

    def __init__(self, endpoint: Heeded, clock: Clock, random: Random) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._random = random
        self._next_at = self._last_good = clock.now()
        self._answered = False
        self._failures = 0
        self._why = ""
        self._told: bool | None = None

    @property
    def is_due(self) -> bool:
        """Whether it is time to ask."""
        return self._clock.now() >= self._next_at

    def good(self) -> None:
        """A good answer came."""
        self._last_good, self._answered, self._failures, self._why = self._clock.now(), True, 0, ""
        self._schedule()

    def bad(self, why: str) -> None:
        """No good answer came."""
        self._failures += 1
        self._why = why
        self._schedule()

    def hearing(self) -> Hearing | None:
        """Whether the source has fallen silent or is heard again since it was last `told`; None: nothing new.

        The first good answer counts as heard again: a silence may be on record from before the start.
        """
        silent = is_silent(self._clock.now(), self._last_good, self._endpoint.silent_after)
        if silent == self._told or not (silent or self._answered):
            return None
        of = self._endpoint
        return Hearing(of.name, silent, self._last_good, self._why, of.noun, of.loss)

    def told(self, hearing: Hearing) -> None:
        """The hearing is on record."""
        self._told = hearing.silent

    def _schedule(self) -> None:
        chance = self._random.fraction()
        self._next_at = asked_again(self._clock.now(), self._endpoint.every, self._failures, chance)
