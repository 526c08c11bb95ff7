"""One try to reach one number; it may speak for several callouts (a superior with several silent people)."""

import re
from collections.abc import Mapping
from enum import StrEnum

from callout.domain.callout import CalloutKey
from callout.domain.instant import NEVER_YET, SECOND, Instant, Millis
from callout.domain.ladder import ChannelKind, Target
from callout.domain.machine import follow
from callout.domain.made_often import made_often, replace


class AttemptState(StrEnum):
    """How far one try has come; receipts and answers are kept apart from it."""

    CLAIMED = "claimed"
    """Written by the sender; no byte has left. A dead one is simply sent."""
    SUBMITTING = "submitting"
    """Committed right before the bytes leave. A dead one is UNKNOWN."""
    SENT = "sent"
    """The provider accepted it. Neither delivered nor answered."""
    REFUSED = "refused"
    """The provider did not take it: provably never sent."""
    UNKNOWN = "unknown"
    """The outcome that nobody can vouch for."""
    WITHDRAWN = "withdrawn"
    """Never submitted: the answer, the expiry or a newer alert came first."""


class AttemptEvent(StrEnum):
    """What can happen to an attempt."""

    SUBMITTING = "submitting"
    """Somebody still waits for it: its bytes leave right after this commit."""
    WITHDRAWN = "withdrawn"
    """Nobody waits for it any more, and no byte of it has left."""
    ACCEPTED = "accepted"
    """The provider took it."""
    REFUSED = "refused"
    """The provider said no."""
    DOUBTFUL = "doubtful"
    """Timeout, reset, 5xx, or the process died between the two commits."""
    PROVEN = "proven"
    """A receipt shows that an UNKNOWN attempt did reach the provider."""
    PASSED_ON = "passed_on"
    """The provider provably did not take it: another one will be asked, or the same one a little later."""
    RECLAIMED = "reclaimed"
    """Its owner died before a byte left; another worker sends it."""


S, E = AttemptState, AttemptEvent

TABLE: Mapping[tuple[AttemptState, AttemptEvent], AttemptState] = {
    (S.CLAIMED, E.SUBMITTING): S.SUBMITTING,
    (S.CLAIMED, E.RECLAIMED): S.CLAIMED,
    (S.CLAIMED, E.WITHDRAWN): S.WITHDRAWN,
    (S.CLAIMED, E.PASSED_ON): S.CLAIMED,
    (S.CLAIMED, E.REFUSED): S.REFUSED,
    (S.SUBMITTING, E.PASSED_ON): S.CLAIMED,
    (S.SUBMITTING, E.ACCEPTED): S.SENT,
    (S.SUBMITTING, E.REFUSED): S.REFUSED,
    (S.SUBMITTING, E.DOUBTFUL): S.UNKNOWN,
    (S.SUBMITTING, E.PROVEN): S.SENT,
    (S.SUBMITTING, E.WITHDRAWN): S.WITHDRAWN,
    (S.UNKNOWN, E.PROVEN): S.SENT,
}

START = S.CLAIMED
LEASE: Millis = 30 * SECOND
"""How long a worker may hold an attempt before others take it for dead."""


class ReceiptKind(StrEnum):
    """What a provider tells about an attempt after it took it. Ranked: a later rank never yields to an earlier."""

    TAKEN = "taken"
    """The provider has it; it has not gone on yet."""
    SENT = "sent"
    """Handed on to the phone's own network; no more is known."""
    DELIVERED = "delivered"
    READ = "read"
    HEARD_PART = "heard_part"
    HEARD_WHOLE = "heard_whole"
    BUSY = "busy"
    NO_REPLY = "no_reply"
    """Rang out without anybody picking up."""
    REJECTED = "rejected"
    """The call was turned away."""
    MACHINE = "machine"
    """A voicemail or a fax picked up: nobody heard it."""
    SWITCHED_OFF = "switched_off"
    """The phone is off or out of reach for now."""
    EXPIRED = "expired"
    """The gateway dropped it, because its validity had ended."""
    UNDELIVERED = "undelivered"
    """It did not reach the phone."""
    FAILED = "failed"
    """The provider could not carry it."""
    STOPPED = "stopped"
    """The provider has stopped our account: no other will fare better there."""
    FILTERED = "filtered"
    """An operator stopped it for its words."""
    SUPPRESSED = "suppressed"
    """Its owner has opted out there, or the operator blocks this sender."""
    NO_TEXTS = "no_texts"
    """The number takes no texts (a landline, not a phone); it may be rung all the same."""
    DEAD = "dead"
    """空号: no such number."""

    @property
    def failed(self) -> bool:
        """Whether it proves that nobody was reached by this attempt."""
        return self in FAILED

    @property
    def rank(self) -> int:
        """Receipts may come twice and in any order; the highest rank wins."""
        return _RANKS[self]


_RANKS = {kind: rank for rank, kind in enumerate(ReceiptKind)}
FAILED = frozenset(list(ReceiptKind)[ReceiptKind.BUSY.rank :])
"""Proof that nobody was reached: everything from BUSY on."""


PROVES: Mapping[ReceiptKind, str] = {
    ReceiptKind.DEAD: "dead",
    ReceiptKind.NO_TEXTS: "textless",
    ReceiptKind.SUPPRESSED: "opted_out",
}
"""What a receipt proves of the number itself: it holds for every later attempt, whatever it is about."""


@made_often(frozen=True, slots=True)
class Attempt:
    """What the sender hands to a channel, apart from the text."""

    county: str
    id: str
    alert: int
    callouts: tuple[CalloutKey, ...]
    """Empty for a notice."""
    notice: str
    """Kind of notice, or empty for a call that wants an answer."""
    target: Target
    channel: ChannelKind
    number: int
    """Id of the number; the digits live in the erasable table."""
    responder: int
    repeated: bool
    state: AttemptState
    rev: int
    wait: Millis = 0
    """How long the callouts wait for an answer after the provider accepted it."""
    provider: str = ""
    """Who carries it; written before the bytes leave, so that after a crash it is known whom to ask."""
    claimed_at: Instant = NEVER_YET
    instead: str = ""
    """The step (counted from 1) for which it speaks by the other channel, and why; empty = it goes as its step says."""

    @property
    def speaks_for(self) -> int:
        """The step for which it speaks by the other channel; 0 = none."""
        return int(self.instead.partition(" ")[0] or 0)

    def submitted(self) -> "Attempt":
        """This attempt after its `submitting` commit."""
        return replace(self, state=follow(TABLE, self.state, AttemptEvent.SUBMITTING), rev=self.rev + 1)


_NUMBER = re.compile(r"\+?\d(?:[\s()-]?\d){6,}")
_REASON = 200
"""Characters of a provider's words that are kept."""


def recordable(words: str) -> str:
    """A provider's words as they may stand in the record: without anything that could be a phone number."""
    return without_numbers(words)[:_REASON]


def without_numbers(words: str) -> str:
    """The same words without anything that could be a phone number."""
    return _NUMBER.sub("…", words)


def lease(now: Instant) -> Instant:
    """When a claim made now counts as dead."""
    return Instant(now + LEASE)


def attempt_id(county: str, fresh: str) -> str:
    """The id of an attempt: it names its county, so that a callback finds its rows by key."""
    return f"{county}.{fresh}"


def county_of(attempt: str) -> str:
    """The county that an attempt id names."""
    return attempt.partition(".")[0]
