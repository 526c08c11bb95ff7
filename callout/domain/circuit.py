"""The circuit breaker of one provider in one country: when it is left alone there, and when it is tried again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import MINUTE, NEVER_YET, SECOND, Instant, Millis, later
from callout.domain.machine import follow
from callout.domain.made_often import replace


class CircuitState(StrEnum):
    """Whether a provider is used."""

    CLOSED = "closed"
    """It is used."""
    OPEN = "open"
    """It is left alone: too much has failed there."""
    HALF_OPEN = "half_open"
    """One message is under way to see whether it works again; the others go elsewhere meanwhile."""


class CircuitEvent(StrEnum):
    """What can happen to the circuit of a provider."""

    TRIPPED = "tripped"
    """Too many hand-overs in doubt, no way to it at all, or our own set-up is wrong there."""
    COOLED = "cooled"
    """It was left alone long enough: one message is handed over."""
    PROVED = "proved"
    """That one came to a clear end."""


S, E = CircuitState, CircuitEvent

TABLE: Mapping[tuple[CircuitState, CircuitEvent], CircuitState] = {
    (S.CLOSED, E.TRIPPED): S.OPEN,
    (S.OPEN, E.COOLED): S.HALF_OPEN,
    (S.OPEN, E.PROVED): S.CLOSED,
    (S.OPEN, E.TRIPPED): S.OPEN,
    (S.HALF_OPEN, E.PROVED): S.CLOSED,
    (S.HALF_OPEN, E.TRIPPED): S.OPEN,
}
START = S.CLOSED

IN_A_ROW = 5
"""So many hand-overs without a clear end, one after the other, open the circuit."""
OF_LATELY, LATELY = 10, 20
"""So many of so many do it too, where good ones come between them."""
_ALL_CLEAR = (True,) * LATELY
PAUSES: tuple[Millis, ...] = (10 * SECOND, 20 * SECOND, 40 * SECOND, MINUTE)
"""How long it is left alone: longer each time it fails anew, and never longer than the last."""
_COUNTRY = re.compile(r"\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})")
"""The country codes of E.164: 1 and 7, those of two digits, and all others with three."""
TRIAL: Millis = 30 * SECOND
"""A trial that has not ended after so long is given up, and another is made."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """How one provider has fared lately in one country."""

    state: CircuitState = START
    since: Instant = NEVER_YET
    lately: tuple[bool, ...] = ()
    """The last hand-overs, newest last: whether each came to a clear end."""
    trips: int = 0
    """Times it has opened since it last worked."""
    reason: str = ""
    """Why it is open."""

    def next_trial(self) -> Instant:
        """When it may be tried again; of use while it is not closed."""
        if self.state is S.HALF_OPEN:
            return later(self.since, TRIAL)
        return later(self.since, PAUSES[min(self.trips, len(PAUSES)) - 1])

    def admits(self, now: Instant) -> bool:
        """Whether a message may be handed over now."""
        return self.state is S.CLOSED or now >= self.next_trial()

    def handed(self, now: Instant) -> "Circuit":
        """A message is on its way: where it was left alone long enough, this is the trial.

        What orange and red hand over meanwhile, for want of another way, is none: a crowd that fails in one second
        would else lengthen the pause with every failure, and wait it out after the provider is back."""
        if self.state is S.CLOSED or not self.admits(now):
            return self
        state = S.HALF_OPEN if self.state is S.HALF_OPEN else follow(TABLE, self.state, E.COOLED)
        return replace(self, state=state, since=now)

    def ended(self, now: Instant, *, clear: bool, fatal: str = "", reason: str = "") -> "Circuit":
        """A hand-over has ended. `fatal`: no other will fare better there, and why."""
        if clear and self.state is S.CLOSED and not fatal and self.lately == _ALL_CLEAR:
            return self
        lately = (*self.lately, clear)[-LATELY:]
        if fatal:
            return self._tripped(now, lately, fatal)
        if clear:
            return (
                replace(Circuit(lately=lately), since=now)
                if self.state is not S.CLOSED
                else replace(self, lately=lately)
            )
        tail = lately[-IN_A_ROW:]
        bad = (len(tail) == IN_A_ROW and not any(tail)) or lately.count(False) >= OF_LATELY
        return self._tripped(now, lately, reason) if bad or self.state is not S.CLOSED else replace(self, lately=lately)

    def _tripped(self, now: Instant, lately: tuple[bool, ...], reason: str) -> "Circuit":
        if self.state is S.OPEN:
            # What was still under way when it opened says nothing new.
            return replace(self, lately=lately)
        return Circuit(follow(TABLE, self.state, E.TRIPPED), now, lately, self.trips + 1, reason)


def country(e164: str) -> str:
    """The country code that a number begins with, such as +86 or +852; empty where it is no number."""
    found = _COUNTRY.match(e164)
    return found[0] if found else ""
