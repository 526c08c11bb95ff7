"""A call that the engine puts through for an officer: their own phone is rung first, then the person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from callout.domain.instant import MINUTE, Millis
from callout.domain.machine import follow


class DeskCallState(StrEnum):
    """How far one call has come; what became of each phone stands beside it."""

    ASKED = "asked"
    """An officer asked for it."""
    CALLING = "calling"
    """Committed right before the bytes leave. A dead one is UNKNOWN."""
    PLACED = "placed"
    """The provider has it: it rings the officer, then the person."""
    REFUSED = "refused"
    """Provably not placed; the officer dials by hand."""
    UNKNOWN = "unknown"
    """Nobody can vouch for it; it is not placed again, for two calls would ring at once."""


class DeskCallEvent(StrEnum):
    """What can happen to it."""

    CALLING = "calling"
    """Its bytes leave right after this commit."""
    ACCEPTED = "accepted"
    """The provider took it."""
    REFUSED = "refused"
    """The provider did not take it, or none can."""
    DOUBTFUL = "doubtful"
    """Timeout, reset, or the process died between the two commits."""
    HEARD = "heard"
    """The provider tells how one of the two phones does."""


S, E = DeskCallState, DeskCallEvent

TABLE: Mapping[tuple[DeskCallState, DeskCallEvent], DeskCallState] = {
    (S.ASKED, E.CALLING): S.CALLING,
    (S.ASKED, E.REFUSED): S.REFUSED,
    (S.CALLING, E.ACCEPTED): S.PLACED,
    (S.CALLING, E.REFUSED): S.REFUSED,
    (S.CALLING, E.DOUBTFUL): S.UNKNOWN,
    (S.CALLING, E.HEARD): S.PLACED,
    (S.PLACED, E.ACCEPTED): S.PLACED,
    (S.PLACED, E.DOUBTFUL): S.PLACED,
    (S.PLACED, E.HEARD): S.PLACED,
    (S.UNKNOWN, E.HEARD): S.PLACED,
}
START = S.ASKED
LEASE: Millis = MINUTE
"""After so long a call that is still being placed belongs to a dead process."""


class Side(StrEnum):
    """Whose phone."""

    OFFICER = "officer"
    """Who asked for the call; rung first."""
    PERSON = "person"
    """Who is to be reached; rung once the officer has pressed a key."""


class Leg(StrEnum):
    """How one of the two phones does. Talking is no answer: what came of it the officer says."""

    RINGING = "ringing"
    """It rings."""
    TALKING = "talking"
    """Somebody, or a machine, has picked up."""
    OVER = "over"
    """It was picked up, and is over."""
    BUSY = "busy"
    """Engaged."""
    NO_REPLY = "no_reply"
    """Nobody picked up."""
    REJECTED = "rejected"
    """It was turned away."""
    DEAD = "dead"
    """There is no such number."""
    FAILED = "failed"
    """The network could not ring it."""

    @property
    def rank(self) -> int:
        """Later news of one phone has a higher rank; of two endings the first one stays."""
        return {Leg.RINGING: 1, Leg.TALKING: 2}.get(self, 3)

    @property
    def zh(self) -> str:
        """In words."""
        return {
            Leg.RINGING: "振铃", Leg.TALKING: "已接起", Leg.OVER: "通话结束", Leg.BUSY: "占线", Leg.NO_REPLY: "无人接",
            Leg.REJECTED: "拒接", Leg.DEAD: "空号", Leg.FAILED: "接不通",
        }[self]  # fmt: skip


class DeskCallKey(NamedTuple):
    """One call; `id` begins with the county, as those of attempts do."""

    county: str
    id: str


@dataclass(frozen=True, slots=True)
class DeskCall:
    """One call as it stands."""

    key: DeskCallKey
    state: DeskCallState
    run: str
    officer: str
    """Number of the officer's own phone, E.164; empty where it was erased."""
    person: str
    """Number to be reached; empty where it was erased."""
    rev: int

    def after(self, event: DeskCallEvent) -> DeskCallState:
        """The state that follows."""
        return follow(TABLE, self.state, event)


def written(side: Side, leg: Leg) -> str:
    """How news of one phone is kept among what came in."""
    return f"{side}:{leg}"


def read_leg(body: str) -> tuple[Side, Leg]:
    """What `written` kept."""
    side, _, leg = body.partition(":")
    return Side(side), Leg(leg)
