"""What Twilio's error codes and statuses mean: one line each, a test each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callout.domain.attempt import ReceiptKind
from callout.ports import Outcome, Refusal, Submission

K, R = Refusal, ReceiptKind

REFUSALS: Mapping[int, Refusal] = MappingProxyType(
    {
        # The sender's queue is full: another sender or another way.
        21611: K.BUSY,
        30001: K.BUSY,
        10004: K.BUSY,
        22005: K.BUSY,
        # The number is no good.
        21211: K.CONTACT,
        21217: K.CONTACT,
        21614: K.CONTACT,
        30005: K.CONTACT,
        30006: K.CONTACT,
        # Its owner, or the operator, does not want it.
        21610: K.SUPPRESSED,
        21216: K.SUPPRESSED,
        30004: K.SUPPRESSED,
        # No road from this sender to this number.
        21612: K.ROUTE,
        30007: K.CONTENT,
        # We have set something up wrongly, or the account may not.
        20003: K.CONFIG,
        20404: K.CONFIG,
        21212: K.CONFIG,
        21408: K.CONFIG,
        21602: K.CONFIG,
        21603: K.CONFIG,
        21606: K.CONFIG,
        21608: K.CONFIG,
        21705: K.CONFIG,
        30002: K.CONFIG,
        35114: K.CONFIG,
        35115: K.CONFIG,
        35116: K.CONFIG,
        35117: K.CONFIG,
        # This one text is too long; the next may be shorter.
        21617: K.WORDS,
    }
)
"""Codes with which Twilio answers a request."""

THROTTLES = frozenset({20429})
DOUBTS = frozenset({20500, 20503})
_TOO_MANY, _SERVER = 429, 500
_NOT_SURE = frozenset({408, 425})
"""HTTP statuses of a refusal that prove nothing."""


def verdict(status: int, code: int, reason: str) -> Submission:
    """What an answer with an error means. Whatever is not clearly one of the others is UNKNOWN."""
    if status == _TOO_MANY or code in THROTTLES:
        return Submission(Outcome.THROTTLED, reason=reason)
    if status >= _SERVER or code in DOUBTS or status in _NOT_SURE:
        return Submission(Outcome.UNKNOWN, reason=reason)
    if code in REFUSALS:
        return Submission(Outcome.REFUSED, reason=reason, kind=REFUSALS[code])
    if code != status:
        # Twilio's own code, which says that the request was understood and turned down.
        return Submission(Outcome.REFUSED, reason=reason, kind=Refusal.ROUTE)
    refused_at_the_door = status in (401, 403)
    if refused_at_the_door:
        return Submission(Outcome.REFUSED, reason=reason, kind=Refusal.CONFIG)
    return Submission(Outcome.UNKNOWN, reason=reason)


FAILURES: Mapping[int, ReceiptKind] = MappingProxyType(
    {
        21610: R.SUPPRESSED,
        30001: R.FAILED,
        30002: R.STOPPED,
        30003: R.SWITCHED_OFF,
        30004: R.SUPPRESSED,
        30005: R.NO_TEXTS,
        30006: R.NO_TEXTS,
        30007: R.FILTERED,
        30008: R.UNDELIVERED,
        30036: R.EXPIRED,
    }
)
"""Codes that come with a message that was not delivered."""

MESSAGE: Mapping[str, ReceiptKind] = MappingProxyType(
    {
        "accepted": R.TAKEN,
        "scheduled": R.TAKEN,
        "queued": R.TAKEN,
        "sending": R.TAKEN,
        "sent": R.SENT,
        "delivered": R.DELIVERED,
        "read": R.READ,
        "partially_delivered": R.UNDELIVERED,
        "undelivered": R.UNDELIVERED,
        "failed": R.FAILED,
        "canceled": R.FAILED,
    }
)


def message_receipt(status: str, error: str) -> ReceiptKind:
    """What a message's status says; a word that we do not know proves at least that Twilio has the message."""
    kind = MESSAGE.get(status, R.TAKEN)
    if kind.failed and error.isascii() and error.isdigit():
        return FAILURES.get(int(error), kind)
    return kind


_CALL: Mapping[str, ReceiptKind] = MappingProxyType(
    {
        "queued": R.TAKEN,
        "initiated": R.TAKEN,
        "ringing": R.TAKEN,
        "in-progress": R.TAKEN,
        "answered": R.TAKEN,
        "completed": R.HEARD_PART,
        "busy": R.BUSY,
        "no-answer": R.NO_REPLY,
        "canceled": R.NO_REPLY,
        "failed": R.FAILED,
    }
)
_SIP: Mapping[str, ReceiptKind] = MappingProxyType(
    {
        "404": R.DEAD,
        "410": R.DEAD,
        "484": R.DEAD,
        "604": R.DEAD,
        "480": R.SWITCHED_OFF,
        "486": R.BUSY,
        "600": R.BUSY,
        "603": R.REJECTED,
        "607": R.REJECTED,
    }
)
MACHINES = ("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax")


@dataclass(frozen=True, slots=True)
class CallEnd:
    """What a callback says of a call."""

    status: str
    answered_by: str = ""
    sip: str = ""


def call_receipt(end: CallEnd) -> ReceiptKind:
    """Answered is not heard, and a voicemail has heard nothing."""
    if end.answered_by in MACHINES:
        return R.MACHINE
    kind = _CALL.get(end.status, R.TAKEN)
    return _SIP.get(end.sip, kind) if kind in (R.FAILED, R.NO_REPLY) else kind
