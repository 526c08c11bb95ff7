"""What happens to an incoming alert before anybody is called: pure decisions of the receive stage."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from callout.domain.alert import Alert, MsgType, Status
from callout.domain.area import ASSUMED_VALIDITY, County, Coverage
from callout.domain.drill import EXERCISES, is_drill
from callout.domain.headline import NO_LEVEL, SPLIT, action_doubts
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, MINUTE, Instant, Millis, beijing, later
from callout.domain.level import Level


class AlertState(StrEnum):
    """Where an alert stands in one county."""

    AWAITING = "awaiting"
    """The county wants a named officer's word at this level; at its deadline the alert goes out by itself."""
    DECLINED = "declined"
    """A named officer decided, with a reason, that it calls nobody; it stays on record."""
    RECEIVED = "received"
    """Next: the plan stage opens its callouts."""
    PLANNING = "planning"
    """The plan stage is between two chunks."""
    PLANNED = "planned"
    """Every due callout is open."""
    OVER = "over"
    """Its validity has ended; what was unanswered then stays on record as such."""
    LIFTED = "lifted"
    """An all-clear ended it everywhere before its validity did."""
    CARRIED_OUT = "carried_out"
    """A Cancel: what it lifts is lifted, and everybody concerned is told."""
    HELD = "held"
    """Needs a human: kept, shown, rung, but no callout opens by itself."""
    NOT_ACTUAL = "not_actual"
    """An exercise, a test or a draft: kept, never called, except by a drill that runs (a county of its own)."""


class AlertEvent(StrEnum):
    """What can happen to an alert in one county."""

    CONFIRMED = "confirmed"
    """A named officer confirmed it: it goes out."""
    UNCONFIRMED = "unconfirmed"
    """Nobody confirmed it in time: it goes out all the same."""
    DECLINED = "declined"
    """A named officer decided that it calls nobody."""
    MATCHED = "matched"
    """Rules were matched; the expansion starts."""
    CHUNK_OPENED = "chunk_opened"
    """Some thousand callouts were opened; the rest follows."""
    ALL_OPENED = "all_opened"
    """Every due post has its callout."""
    ENDED = "ended"
    """Its validity ended."""
    LIFTED = "lifted"
    """An all-clear left nothing of it standing."""
    CARRIED_OUT = "carried_out"
    """Everything that the Cancel lifts is lifted."""


GOING_OUT = (AlertState.AWAITING, AlertState.RECEIVED, AlertState.PLANNING, AlertState.PLANNED)
"""States of a warning that calls people, or will at the latest when its deadline has come."""
IN_FORCE = (*GOING_OUT, AlertState.HELD)
"""States of a warning that is not over, whoever sees to it."""

ALERT_TABLE: Mapping[tuple[AlertState, AlertEvent], AlertState] = {
    (AlertState.AWAITING, AlertEvent.CONFIRMED): AlertState.RECEIVED,
    (AlertState.AWAITING, AlertEvent.UNCONFIRMED): AlertState.RECEIVED,
    (AlertState.AWAITING, AlertEvent.DECLINED): AlertState.DECLINED,
    (AlertState.RECEIVED, AlertEvent.MATCHED): AlertState.PLANNING,
    (AlertState.PLANNING, AlertEvent.CHUNK_OPENED): AlertState.PLANNING,
    (AlertState.PLANNING, AlertEvent.ALL_OPENED): AlertState.PLANNED,
    (AlertState.PLANNED, AlertEvent.ENDED): AlertState.OVER,
    (AlertState.PLANNED, AlertEvent.LIFTED): AlertState.LIFTED,
    (AlertState.PLANNING, AlertEvent.CARRIED_OUT): AlertState.CARRIED_OUT,
}
NO_SAY = (AlertState.AWAITING, AlertState.DECLINED, AlertState.HELD, AlertState.NOT_ACTUAL)
"""States of messages that do nothing by themselves to what others have said."""

LATE = 15 * MINUTE
"""From issue to receipt: beyond this an alert is marked as late, in the record and in what people are told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one county takes an alert."""

    state: AlertState
    work: tuple[tuple[HumanCallKind, str], ...] = ()
    """Work for a human, each with a Chinese note."""
    confirm_by: Instant | None = None
    """AWAITING: when it goes out though nobody has confirmed it."""


def judge(alert: Alert, coverage: Coverage, expires: Instant | None, now: Instant) -> Verdict:
    """Whether the alert may open callouts by itself. Nothing is ever dropped: what may not, waits for a human."""
    if alert.status not in (EXERCISES if is_drill(coverage.county) else (Status.ACTUAL,)):
        return Verdict(AlertState.NOT_ACTUAL)
    contradictions = action_doubts(alert.msg_type, alert.info.headline)
    if alert.msg_type is MsgType.CANCEL:
        return _cancel(alert, (*contradictions, *coverage.doubts))
    if alert.msg_type in (MsgType.ACK, MsgType.ERROR):
        return Verdict(AlertState.HELD, ((HumanCallKind.UNDECIDED, f"消息类型为 {alert.msg_type}，不是预警"),))
    if expires is not None and expires <= now:
        return Verdict(AlertState.HELD, ((HumanCallKind.LATE_ALERT, "收到时已过有效期，请立即人工处置"),))
    if contradictions or not coverage.areas or alert.info.hazard is None or alert.info.level is None:
        doubts = "；".join(dict.fromkeys((*alert.doubts, *contradictions, *coverage.doubts))) or "灾种或级别无法判定"
        return Verdict(AlertState.HELD, ((HumanCallKind.UNDECIDED, doubts),))
    own = [doubt for doubt in alert.doubts if not (coverage.settled and doubt.startswith(SPLIT))]
    doubts = "；".join((*own, *coverage.doubts))
    return Verdict(AlertState.RECEIVED, ((HumanCallKind.UNDECIDED, doubts),) if doubts else ())


def _cancel(alert: Alert, doubts: Sequence[str]) -> Verdict:
    """An all-clear that is not clear lifts nothing. Naming no level is no doubt: then it lifts whatever stands."""
    reasons = [*doubts, *(doubt for doubt in alert.doubts if doubt != NO_LEVEL)]
    if not reasons:
        return Verdict(AlertState.RECEIVED)
    note = f"收到解除消息 {alert.identifier}，有疑点，没有自动解除，请核对后通知已叫人员"
    return Verdict(AlertState.HELD, ((HumanCallKind.CANCELLED, "；".join(dict.fromkeys((note, *reasons)))),))


def drops(alert: Alert, coverage: Coverage) -> bool:
    """Whether the warning has ended where this message no longer names it: an Update that nobody doubts."""
    return alert.msg_type is MsgType.UPDATE and not alert.doubts and not coverage.doubts


def late(sent: Instant, received_at: Instant) -> bool:
    """Whether the alert came so long after its issue that people must be told so."""
    return received_at - sent > LATE


def validity(
    alert: Alert, received_at: Instant, assumed: Mapping[Level, Millis] = ASSUMED_VALIDITY
) -> tuple[Instant | None, bool]:
    """When the alert ends, and whether that was assumed (推定) because the message is silent. A Cancel never ends."""
    info = alert.info
    if alert.msg_type is MsgType.CANCEL:
        return None, False
    if info.expires is not None:
        return info.expires, False
    if info.level is None:
        return None, True
    return later(max(alert.sent, Instant(received_at - HOUR)), assumed[info.level]), True


def marked(alert: Alert, received_at: Instant, counties: Iterable[County] = ()) -> Alert:
    """The alert as it goes on record: a validity that its counties assume is marked 推定, a late arrival also."""
    terms = [county.validity for county in counties] or [ASSUMED_VALIDITY]
    ends = {end for end, assumed in (validity(alert, received_at, each) for each in terms) if assumed and end}
    marks = [f"来文没有写失效时间，推定有效至 {'、'.join(map(beijing, sorted(ends)))}"] if ends else []
    if late(alert.sent, received_at):
        marks.append(f"迟到：发布后{lag(alert.sent, received_at)}才收到")
    return replace(alert, marks=(*alert.marks, *marks)) if marks else alert


def lag(sent: Instant, received_at: Instant) -> str:
    """From issue to receipt in words, in whole minutes: 2小时5分钟."""
    hours, minutes = divmod(max(0, received_at - sent) // MINUTE, 60)
    return f"{hours}小时{minutes}分钟" if hours else f"{minutes}分钟"


def digest(alert: Alert) -> str:
    """Fingerprint of what the message says, whatever form it came in: same identifier and digest = duplicate."""
    return hashlib.sha256(document(alert).encode()).hexdigest()


def document(alert: Alert) -> str:
    """The parsed message as JSON text, for the record."""
    return json.dumps(asdict(alert), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Known:
    """An alert on record that may be the same message: of the same identifier, or of the same office and second."""

    id: int
    identifier: str
    digest: str
    msg_type: MsgType
    hazard: str
    level: str
    sent: Instant


def duplicate(known: Sequence[Known], alert: Alert, fingerprint: str) -> int | None:
    """The id of the alert on record that says the same; None when there is none.

    A relay that leaves out msgType says less than the message itself: with the same hazard, level and time of issue it
    is that message once more. It never stands in for another one, and the full message is always kept.
    """
    return next((k.id for k in known if _says_the_same(k, alert, fingerprint)), None)


def _says_the_same(known: Known, alert: Alert, fingerprint: str) -> bool:
    if known.identifier == alert.identifier and known.digest == fingerprint:
        return True
    apart = MINUTE if known.identifier == alert.identifier else 1
    return (
        alert.msg_type is MsgType.UNKNOWN
        and known.msg_type is not MsgType.UNKNOWN
        and (known.hazard, known.level) == (alert.info.hazard, alert.info.level)
        and abs(known.sent - alert.sent) < apart
        and not action_doubts(known.msg_type, alert.info.headline)
    )
