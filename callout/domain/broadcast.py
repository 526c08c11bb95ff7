"""Copies: what offices, loudspeakers and groups are told beside the people who are called. None is a callout."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from callout.domain.instant import MINUTE, Instant, Millis
from callout.domain.level import Level


class CopyState(StrEnum):
    """How far one copy of one alert to one endpoint has come."""

    TO_SEND = "to_send"
    """It goes out at `next_at`, once nobody waits to be called about this alert any more."""
    SENDING = "sending"
    """Committed right before the bytes leave. A dead one is UNKNOWN."""
    SENT = "sent"
    """Handed over; nobody has heard it yet, as far as we know."""
    ACKNOWLEDGED = "acknowledged"
    """A device says that it has it. No answer of a person."""
    UNKNOWN = "unknown"
    """Nobody can vouch for it; it is not sent again, because a loudspeaker would say it twice."""
    EXPIRED = "expired"
    """The warning ended before it could be sent."""


class CopyEvent(StrEnum):
    """What can happen to a copy."""

    SENDING = "sending"
    """Its bytes leave right after this commit."""
    ACCEPTED = "accepted"
    """It was taken."""
    REFUSED = "refused"
    """Provably not sent: it is tried again."""
    DOUBTFUL = "doubtful"
    """Timeout, reset, or the process died between the two commits."""
    ACKNOWLEDGED = "acknowledged"
    """A device answered."""
    EXPIRED = "expired"
    """The warning is over."""


S, E = CopyState, CopyEvent

TABLE: Mapping[tuple[CopyState, CopyEvent], CopyState] = {
    (S.TO_SEND, E.SENDING): S.SENDING,
    (S.TO_SEND, E.EXPIRED): S.EXPIRED,
    (S.SENDING, E.ACCEPTED): S.SENT,
    (S.SENDING, E.REFUSED): S.TO_SEND,
    (S.SENDING, E.DOUBTFUL): S.UNKNOWN,
    (S.SENDING, E.ACKNOWLEDGED): S.ACKNOWLEDGED,
    (S.SENT, E.ACKNOWLEDGED): S.ACKNOWLEDGED,
    (S.UNKNOWN, E.ACKNOWLEDGED): S.ACKNOWLEDGED,
    (S.ACKNOWLEDGED, E.ACKNOWLEDGED): S.ACKNOWLEDGED,
}

START = S.TO_SEND
AGAIN: Millis = MINUTE
"""After a refusal."""
LEASE: Millis = MINUTE
"""After so long a copy that is still being sent belongs to a dead process."""


class CopyKey(NamedTuple):
    """One copy."""

    county: str
    alert: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy as it stands."""

    key: CopyKey
    state: CopyState
    expires_at: Instant
    rev: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets copies: which warnings are for this endpoint."""

    name: str
    counties: frozenset[str]
    """Empty: every county."""
    lowest: Level
    real: bool
    """People may see or hear it: it gets nothing but the warnings of an actual run."""

    def wants(self, county: str, level: Level | None, run: str) -> bool:
        """Whether a warning is for it; one whose level nobody can tell is not."""
        here = not self.counties or county in self.counties
        return here and level is not None and level >= self.lowest and (not self.real or run == "actual")
