"""What a provider tells of a call beside how it ended: when it was picked up and ended, how long, its recording."""

from enum import StrEnum

from callout.domain.instant import MINUTE, SECOND, Instant, later
from callout.domain.made_often import made_often

_NONE = "-"


class CallFact(StrEnum):
    """One thing that a provider can tell of a call."""

    PICKED_UP = "picked_up"
    ENDED = "ended"
    HEARD = "heard"
    """For how many seconds the line was open; nobody has listened longer."""
    RECORDING = "recording"


TIMES = frozenset({CallFact.PICKED_UP, CallFact.ENDED, CallFact.HEARD})
"""What most that call at all can tell."""


@made_often(frozen=True, slots=True)
class CallFacts:
    """What is known of one call; what is missing has not been told."""

    picked_up_at: Instant | None = None
    ended_at: Instant | None = None
    heard_s: int = -1
    """-1 = not told."""
    recording: str = ""
    """The provider's own id of the recording. Never an address, never the sound."""

    def __str__(self) -> str:
        """As it is kept; empty where nothing is known."""
        if self == NO_FACTS:
            return ""
        each = (self.picked_up_at, self.ended_at, None if self.heard_s < 0 else self.heard_s, self.recording or None)
        return " ".join(_NONE if one is None else str(one) for one in each)

    def over(self, earlier: "CallFacts") -> "CallFacts":
        """Both together: what was told first stays."""
        return CallFacts(
            self.picked_up_at if earlier.picked_up_at is None else earlier.picked_up_at,
            self.ended_at if earlier.ended_at is None else earlier.ended_at,
            self.heard_s if earlier.heard_s < 0 else earlier.heard_s,
            earlier.recording or self.recording,
        )

    def within(self, since: Instant, until: Instant) -> "CallFacts":
        """Without times that cannot be: a provider's clock is its own, and is not believed beyond a minute."""

        def kept(at: Instant | None) -> Instant | None:
            return at if at is not None and since - MINUTE <= at <= until + MINUTE else None

        return CallFacts(kept(self.picked_up_at), kept(self.ended_at), self.heard_s, self.recording)


NO_FACTS = CallFacts()


def read_facts(text: str) -> CallFacts:
    """What `str` wrote."""
    if not text:
        return NO_FACTS
    picked_up, ended, heard, recording = text.split(" ", 3)
    return CallFacts(
        None if picked_up == _NONE else Instant(int(picked_up)),
        None if ended == _NONE else Instant(int(ended)),
        -1 if heard == _NONE else int(heard),
        "" if recording == _NONE else recording,
    )


def call_facts(picked_up: Instant | None, ended: Instant | None) -> CallFacts:
    """What two times tell of a call; one that nobody picked up only has an end."""
    if picked_up is None or ended is None or ended < picked_up:
        return CallFacts(ended_at=ended)
    return CallFacts(picked_up, ended, round((ended - picked_up) / SECOND))


def over_at(ended: Instant, seconds: int) -> CallFacts:
    """A call that ended then, after so many seconds on the line; 0 = nobody picked it up."""
    if seconds <= 0:
        return CallFacts(ended_at=ended)
    return CallFacts(later(ended, -seconds * SECOND), ended, seconds)


def written(told: frozenset[CallFact]) -> str:
    """What a provider can tell, as an attempt keeps it; never empty, so that older attempts can be told apart."""
    return ",".join(fact for fact in CallFact if fact in told) or _NONE
