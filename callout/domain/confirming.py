"""Whether an alert waits for a named officer's word before it calls anybody, and how long. Automatic is the default."""

from collections.abc import Mapping
from dataclasses import replace

from callout.domain.alert import Alert, MsgType
from callout.domain.area import Coverage
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import MINUTE, Instant, Millis, beijing, later
from callout.domain.intake import AlertState, Verdict
from callout.domain.level import Level

Terms = Mapping[Level, Millis]
"""The levels at which a county wants a word, and how long an alert of that level waits for it."""

LEADER_WITHIN: Millis = 5 * MINUTE
"""How long a red that an officer issues waits for the shift leader, where the county has set no time for red."""


def put_off(
    verdict: Verdict, said: tuple[Alert, Coverage], expires: Instant | None, now: Instant, terms: Terms
) -> Verdict:
    """The verdict as it is, or one that waits. What lifts never waits, and neither does what would soon be over."""
    alert, coverage = said
    level = coverage.highest(alert.info.level)
    if verdict.state is not AlertState.RECEIVED or alert.msg_type is MsgType.CANCEL or not level or level not in terms:
        return verdict
    wait = terms[level]
    if expires is not None and expires - now < 2 * wait:
        return verdict
    until = later(now, wait)
    note = f"{level.zh}预警等值班人员确认；到 {beijing(until, '%H:%M')} 没有人确认，系统自动叫应"
    work = (*verdict.work, (HumanCallKind.UNCONFIRMED, note))
    return replace(verdict, state=AlertState.AWAITING, work=work, confirm_by=until)
