"""When an alert was the one in force, area by area: what the recount needs to know which clock times came. Pure."""

from collections.abc import Sequence

from callout.domain.alert import CodeSystem
from callout.domain.due import Span, Spans
from callout.domain.instant import MINUTE, Instant
from callout.reports.pairs import AlertLine

GRACE = MINUTE
"""What the engine may take to act on the clock before the recount asks for it."""


def spans(line: AlertLine, lines: Sequence[AlertLine], reached: Instant) -> Spans:
    """Until the alert ends, a later message of its episode has the area, or the record (`reached`) goes no further."""
    known = Instant(reached - GRACE)
    ends = known if line.expires_at is None else min(known, line.expires_at)
    newer = [one for one in lines if one.rulebook and _same_episode(one, line) and _order(one) > _order(line)]

    def until(area: str) -> Instant:
        return min((ends, *(one.sent for one in newer if area in one.areas)))

    townships = {area: until(area) for area in line.areas if not area.startswith(CodeSystem.GB2260)}
    county = max(townships.values(), default=ends)
    return {area: Span(line.sent, townships.get(area, county)) for area in line.areas}


def _same_episode(one: AlertLine, other: AlertLine) -> bool:
    return (one.county, one.episode) == (other.county, other.episode)


def _order(line: AlertLine) -> tuple[int, int, int]:
    """Of two messages sent at once the lower level is the older."""
    return line.sent, line.level.rank if line.level else 0, line.alert
