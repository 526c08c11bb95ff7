"""线路自检: one configured number is called like anybody, at set times, to see that the whole way works.

It is a drill (演练) of one phone: a county of its own in every row, behind every real call, in no real figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from callout.domain.area import County, Coverage
from callout.domain.conditions import Facts
from callout.domain.drill import TESTED, Drill, GivesWay
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, Millis, clock_of, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.domain.rule import Match, Rulebook

NAME = f"{TESTED}线路自检"
"""What each one is called, and how it is known among the drills."""
PATIENCE: Millis = 10 * MINUTE
"""After so long the way has failed."""
FAILURES = 2
"""So many in a row put an item before a human, who is rung."""
PASSED, FAILED = "通过", "没有通过"
_STILL: Millis = 30 * MINUTE
"""So long after its time it is still begun, where a warning or a drill was in the way."""
_HAZARD, _LEVELS = Hazard.RAINSTORM, (Level.ORANGE, Level.RED, Level.YELLOW, Level.BLUE)
"""Orange first: by day a text, by night a call."""


class Expects(StrEnum):
    """What the way must come to."""

    SENT = "sent"
    """A provider has taken it."""
    DELIVERED = "delivered"
    """It came to the phone, by the provider's word."""
    ANSWERED = "answered"
    """Whoever holds the phone has answered."""


@dataclass(frozen=True, slots=True)
class Trip:
    """How far one test has come."""

    sent: Instant | None = None
    delivered: Instant | None = None
    answered: Instant | None = None
    failed: int = 0
    """Hand-overs on the way that no provider took for certain: the next step went instead."""

    def reached(self, expects: Expects) -> Instant | None:
        """When it came to what is expected, or to more; None = not yet."""
        order = (self.sent, self.delivered, self.answered)[list(Expects).index(expects) :]
        return min((at for at in order if at is not None), default=None)


def slot(now: Instant, times: str) -> Instant | None:
    """The latest of the times of day (`10:00,22:30`, Beijing) that has come and is not long past."""
    midnight = now - clock_of(now)
    begins = [Instant(midnight + int(h) * HOUR + int(m) * MINUTE) for h, m in (t.split(":") for t in times.split(","))]
    return max((at for at in begins if at <= now < at + _STILL), default=None)


def demanded(rulebook: Rulebook, now: Instant) -> tuple[Level, Match] | None:
    """A township and a role whom a warning would call now, so that the plan stage opens a callout for it."""
    county = rulebook.county
    for level in _LEVELS:
        for township in county.townships:
            coverage = Coverage(county.code, frozenset({township.key, county.key}))
            found = match(rulebook, Facts(_HAZARD, level, now, ""), coverage).matches
            mine = [one for one in found if one.area == township.key]
            if mine:
                return level, mine[0]
    return None


def ordered(county: County, found: tuple[Level, Match], begins: Instant, now: Instant) -> Drill:
    """The drill that the test is."""
    level, one = found
    return Drill(
        "",
        NAME,
        county.issuer,
        begins,
        later(now, PATIENCE + 5 * MINUTE),
        True,
        frozenset(ChannelKind),
        GivesWay.ANY,
        _HAZARD,
        level,
        (one.area,),
    )


def roster_of(code: str, one: Match, e164: str) -> Roster:
    """One post, held by whoever holds the phone."""
    person = Responder(1, "线路自检", (ContactMethod(e164, NumberKind.MOBILE),))
    return Roster(f"canary/{code}", code, (Post(1, one.area, one.role, "线路自检", 1),), (person,))


def verdict(trip: Trip, expects: Expects, begun: Instant, now: Instant) -> str:
    """How it ended, in words for the record; empty while it may still come."""
    reached = trip.reached(expects)
    if reached is not None:
        beside = f"；但有 {trip.failed} 次没有确实交出去，是下一步叫到的" if trip.failed else ""
        return f"{PASSED}，{max(0, reached - begun) / SECOND:.1f} 秒{beside}"
    if now - begun < PATIENCE:
        return ""
    came = "已交给服务商，没有回执或应答" if trip.sent else "没有交出去"
    return f"{FAILED}：{PATIENCE // MINUTE} 分钟内{came}"


def failures(endings: Sequence[tuple[str, str]]) -> list[str]:
    """Those that failed since the last that passed, the newest first; what gave way to a warning says nothing."""
    judged = [(which, how) for which, how in endings if how.startswith((PASSED, FAILED))]
    return [which for which, _ in takewhile(lambda one: one[1].startswith(FAILED), judged)]
