"""人工叫应: an item on the officer's list. What waits for a human is itself a callout."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import Instant, Millis, later

RESTS = 5
"""Times its patience that an item rests of which everybody on the desk's ladder knows: 10 minutes, red 5."""
LONGEST_REST = 30
"""Times its patience that it rests at most while others are worked on: an hour, red half of it."""


class HumanCallKind(StrEnum):
    """Why a human must act."""

    EXHAUSTED = "exhausted"
    """Nobody on the ladder answered."""
    EXPIRED = "expired"
    """The alert ran out before anybody answered."""
    VACANT = "vacant"
    """A due post has no holder."""
    NO_NUMBER = "no_number"
    """A due post's holder has no usable number."""
    NO_PLAN = "no_plan"
    """An alerted township has no plan."""
    NO_RULE = "no_rule"
    """An alert in scope matches no rule."""
    UNDECIDED = "undecided"
    """The alert itself needs a human: hazard, level, area or kind of message cannot be decided."""
    LATE_ALERT = "late_alert"
    """The alert was expired when it arrived."""
    CONFLICT = "conflict"
    """The same identifier came again with other content."""
    CANCELLED = "cancelled"
    """A Cancel came; the officer informs the people."""
    PERSON_SILENT = "person_silent"
    """Somebody else answered for the post; the person has not."""
    CANNOT_COME = "cannot_come"
    """无法到岗."""
    ASKED = "asked"
    """A reply that is not an answer: a question, a doubt, a cry for help."""
    IN_DOUBT = "in_doubt"
    """Two UNKNOWN outcomes in a row: nobody can vouch that this person was called."""
    STOP_UNDECIDED = "stop_undecided"
    """A 熔断 is proposed; about no post. Only the decision closes it."""
    STOP_UNCONFIRMED = "stop_unconfirmed"
    """A 熔断 was ordered and no word came from the site in time; about no post."""
    STOP_UNTOLD = "stop_untold"
    """A 熔断 was ordered or lifted, and nobody at this object can be told by us: an officer rings or sends somebody."""
    FEEDBACK = "feedback"
    """A post has answered and has not reported in time what it was to report."""
    CLOCK = "clock"
    """A clock time in the rules was slept through, or asks again about a stop of work that has its item already."""
    FAULT = "fault"
    """The program itself could not go on with an alert or a reply; `about` names the stage."""
    REFUSED_DOCUMENT = "refused_document"
    """A document came in that cannot be read: it may have been a warning. About no alert (0)."""
    SOURCE_SILENT = "source_silent"
    """A source of warnings has given no good answer for too long. About no alert (0)."""
    PROVIDER_DOWN = "provider_down"
    """A provider of texts or calls is left alone, because it fails. About no alert (0)."""
    NO_WAY = "no_way"
    """No provider may or can reach this person now in any way of the step; the ladder has gone on to the next."""
    NOT_MOVED = "not_moved"
    """Somebody who is to be moved is not: late, refused, unreachable, gone back, or nobody can do it."""
    MOVED_UNCLEAR = "moved_unclear"
    """A number of people moved that fits no list; `about` names the reply."""
    SHELTER_FULL = "shelter_full"
    """More people are in a shelter than it takes; `about` names it."""
    CANARY = "canary"
    """Tests of the whole way to a phone fail again and again. About no alert (0)."""
    GAUGE = "gauge"
    """A rain or water gauge is silent, stuck or blocked. About no alert (0)."""
    FILTERED = "filtered"
    """An operator stops texts about this alert for their words: they must be said otherwise. About no post."""
    UNCONFIRMED = "unconfirmed"
    """An alert waits for a named officer's word; at its deadline it goes out by itself. About no post."""


class HumanCallState(StrEnum):
    """Where the item stands."""

    OPEN = "open"
    """Nobody has taken it; at `next_at` the officer on shift is rung."""
    CLAIMED = "claimed"
    """A named officer works on it."""
    CLOSED = "closed"
    """Done, with an outcome."""


class HumanCallEvent(StrEnum):
    """What can happen to an item."""

    CLAIMED = "claimed"
    """A named officer took it."""
    RELEASED = "released"
    """The officer gave it back; the desk is rung again when nobody takes it."""
    NOTED = "noted"
    """The officer who has it notes a call that came to nothing yet, or that somebody is on the way."""
    CLOSED = "closed"
    """A named officer ended it, with an outcome."""
    SETTLED = "settled"
    """The person answered by themselves, or a newer alert took over."""


S, E = HumanCallState, HumanCallEvent

TABLE: Mapping[tuple[HumanCallState, HumanCallEvent], HumanCallState] = {
    (S.OPEN, E.CLAIMED): S.CLAIMED,
    (S.OPEN, E.CLOSED): S.CLOSED,
    (S.OPEN, E.SETTLED): S.CLOSED,
    (S.CLAIMED, E.RELEASED): S.OPEN,
    (S.CLAIMED, E.NOTED): S.CLAIMED,
    (S.CLAIMED, E.CLOSED): S.CLOSED,
    (S.CLAIMED, E.SETTLED): S.CLOSED,
}

START = S.OPEN
OVERTAKEN = tuple(
    kind
    for kind in HumanCallKind
    if kind
    not in (
        HumanCallKind.ASKED,
        HumanCallKind.STOP_UNDECIDED,
        HumanCallKind.STOP_UNCONFIRMED,
        HumanCallKind.STOP_UNTOLD,
        HumanCallKind.FEEDBACK,
        HumanCallKind.FAULT,
        HumanCallKind.UNCONFIRMED,
        HumanCallKind.NOT_MOVED,
        HumanCallKind.MOVED_UNCLEAR,
        HumanCallKind.SHELTER_FULL,
    )
)
"""What an answer or a newer alert closes by itself. What somebody asked or reported stays until a human has read it;
a 熔断, a 转移 and a missing feedback are about what comes after the answer; a fault is mended by nobody's answer, and
the word about an alert that waits for it is given for that alert alone."""


@dataclass(frozen=True, slots=True)
class NewHumanCall:
    """An item to open; opening the same one twice has no effect."""

    county: str
    alert: int
    post: int
    """0 = about the alert or an area, not about a post."""
    kind: HumanCallKind
    about: str = ""
    """An area, or the inbound event that raised it; tells apart items of one kind about one post."""
    note: str = ""


def rests_until(rung: Instant, worked: Instant, patience: Millis) -> Instant:
    """Until when nobody is rung again about what all know of while the list is worked on.

    `rung`: the last ring about it; `worked`: when somebody last closed an item. Who works is not called away from it,
    but what has lain for so long is told anew.
    """
    return min(later(worked, RESTS * patience), later(rung, LONGEST_REST * patience))
