"""叫应: reaching the holder of one post about one alert."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from callout.domain.drill import is_drill
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.made_often import made_often


class CalloutState(StrEnum):
    """Where one callout stands; each value says what it means in the world."""

    TO_CALL = "to_call"
    """A step of the ladder is due at `next_at`; nobody has taken it yet."""
    WAITING = "waiting"
    """The step was taken; the person is silent so far, and at `next_at` the silence is over."""
    ANSWERED = "answered"
    """应: the post has answered. Only a better answer (the person after a stand-in) may follow."""
    EXHAUSTED = "exhausted"
    """The ladder is at its end; a HumanCall is open."""
    EXPIRED_UNANSWERED = "expired_unanswered"
    """The alert's validity ended without an answer; the HumanCall stays open."""
    SUPERSEDED = "superseded"
    """A newer alert of the episode opened a new ladder for the same post; for the desk: nothing waits any more."""
    CONTINUED = "continued"
    """No ladder of its own: the one that an earlier alert of the episode opened goes on with this alert's words."""
    INFORMED = "informed"
    """No ladder of its own: the post had answered an earlier alert of the episode and gets one notice."""
    LIFTED = "lifted"
    """The all-clear came before an answer: nobody is called any more, and whoever was called is told."""


class CalloutEvent(StrEnum):
    """What can happen to a callout."""

    CLAIMED = "claimed"
    """The sender took the step and wrote an attempt for it."""
    SENT = "sent"
    """The provider accepted the attempt: the wait for an answer counts from here."""
    NOT_REACHED = "not_reached"
    """The attempt provably failed (busy, dead, refused): the next step is due at once."""
    IN_DOUBT = "in_doubt"
    """Nobody can vouch for the attempt (UNKNOWN): orange and red take the next channel at once."""
    SILENT = "silent"
    """`next_at` passed without an answer: the next step is due."""
    CANNOT_COME = "cannot_come"
    """无法到岗: the deputy is due at once."""
    ANSWERED = "answered"
    """The person, or somebody for the post, gave an answer that counts."""
    RAN_OUT = "ran_out"
    """No step is left."""
    EXPIRED = "expired"
    """The alert's validity ended."""
    SUPERSEDED = "superseded"
    """A newer alert of the episode took over."""
    RENEWED = "renewed"
    """A repetition or a downgrade came: the ladder goes on, with its words and its end."""
    CARRIED = "carried"
    """A red that came late opened a ladder for the same post, which carries this callout on."""
    LIFTED = "lifted"
    """The all-clear came."""
    PACED = "paced"
    """Nobody could carry the message yet (the providers are as busy as they may be, or gone): it waits its turn."""
    DIVERTED = "diverted"
    """This way is closed (the number was called as often as it may be, the providers are gone): another is due."""
    STRUCK = "struck"
    """A clock time in the rules has come: the post is asked anew, from the first step, answered or not."""


S, E = CalloutState, CalloutEvent

TABLE: Mapping[tuple[CalloutState, CalloutEvent], CalloutState] = {
    (S.TO_CALL, E.CLAIMED): S.WAITING,
    (S.TO_CALL, E.CANNOT_COME): S.TO_CALL,
    (S.TO_CALL, E.RAN_OUT): S.EXHAUSTED,
    (S.TO_CALL, E.ANSWERED): S.ANSWERED,
    (S.TO_CALL, E.EXPIRED): S.EXPIRED_UNANSWERED,
    (S.TO_CALL, E.SUPERSEDED): S.SUPERSEDED,
    (S.TO_CALL, E.RENEWED): S.TO_CALL,
    (S.TO_CALL, E.CARRIED): S.CONTINUED,
    (S.TO_CALL, E.LIFTED): S.LIFTED,
    (S.WAITING, E.SENT): S.WAITING,
    (S.WAITING, E.NOT_REACHED): S.WAITING,
    (S.WAITING, E.IN_DOUBT): S.TO_CALL,
    (S.WAITING, E.SILENT): S.TO_CALL,
    (S.WAITING, E.CANNOT_COME): S.TO_CALL,
    (S.WAITING, E.RAN_OUT): S.EXHAUSTED,
    (S.WAITING, E.ANSWERED): S.ANSWERED,
    (S.WAITING, E.EXPIRED): S.EXPIRED_UNANSWERED,
    (S.WAITING, E.SUPERSEDED): S.SUPERSEDED,
    (S.WAITING, E.RENEWED): S.WAITING,
    (S.WAITING, E.CARRIED): S.CONTINUED,
    (S.WAITING, E.LIFTED): S.LIFTED,
    (S.CONTINUED, E.CARRIED): S.CONTINUED,
    (S.EXHAUSTED, E.ANSWERED): S.ANSWERED,
    (S.EXHAUSTED, E.EXPIRED): S.EXPIRED_UNANSWERED,
    (S.EXHAUSTED, E.SUPERSEDED): S.SUPERSEDED,
    (S.EXPIRED_UNANSWERED, E.ANSWERED): S.ANSWERED,
    (S.ANSWERED, E.ANSWERED): S.ANSWERED,
    (S.TO_CALL, E.PACED): S.TO_CALL,
    (S.TO_CALL, E.DIVERTED): S.TO_CALL,
    (S.WAITING, E.PACED): S.TO_CALL,
    (S.WAITING, E.DIVERTED): S.TO_CALL,
    (S.TO_CALL, E.STRUCK): S.TO_CALL,
    (S.WAITING, E.STRUCK): S.TO_CALL,
    (S.ANSWERED, E.STRUCK): S.TO_CALL,
    (S.INFORMED, E.STRUCK): S.TO_CALL,
    (S.EXHAUSTED, E.STRUCK): S.TO_CALL,
    (S.EXPIRED_UNANSWERED, E.STRUCK): S.TO_CALL,
}

START = S.TO_CALL
LIVE = (S.TO_CALL, S.WAITING)
"""States in which the ladder runs."""
UNANSWERED = (S.TO_CALL, S.WAITING, S.EXHAUSTED)
"""States that an expiry or a newer alert closes."""


class CalloutKey(NamedTuple):
    """One callout: a post about an alert in a county. Round 0 is the warning; desk rings count from 1."""

    county: str
    alert: int
    post: int
    round: int


@made_often(frozen=True, slots=True)
class Callout:
    """The row that carries a ladder: its timer (`next_at`) lies in it, so an answer stops it by its own update."""

    key: CalloutKey
    state: CalloutState
    step: int
    next_at: Instant | None
    lane: int
    ladder: str
    expires_at: Instant | None
    attempt: str
    repeated: bool
    """The current step is the one repeat after an UNKNOWN (可能重复)."""
    rev: int
    """Grows by one with every write; a write names the revision it saw."""
    says: int = 0
    """The alert whose words its next message speaks; 0 = its own."""
    due_at: Instant | None = None
    """When the step was due at first, where it has waited for a way; day or night is decided by it."""
    ahead: int = 0
    """The step (counted from 1) that the other channel speaks for next, while nobody carries the channel of the step
    that is due; 0 = it never had to."""
    ahead_at: Instant | None = None
    """When it speaks next."""

    @property
    def level(self) -> Level:
        """The level that its next message speaks of, from the lane."""
        return level_of(self.lane)


def lane_of(level: Level | None) -> int:
    """Red is lane 0, blue lane 3: claims run lane by lane. What nobody can grade (None) runs with the reds."""
    return 4 - (level or Level.RED).rank


DRILL_LANES = 4
"""The first lane of drills: theirs come after every lane of real warnings, so that no real call waits for a drill."""


def lane_in(county: str, level: Level | None) -> int:
    """The lane of a county: a drill's own ones come after all others."""
    return lane_of(level) + (DRILL_LANES if is_drill(county) else 0)


def level_of(lane: int) -> Level:
    """The level that runs in this lane."""
    return _BY_LANE[lane % DRILL_LANES]


_BY_LANE = {lane_of(level): level for level in Level}
