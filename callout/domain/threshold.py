"""临灾阈值: from which value on a township is warned by its own gauges, and when such an alarm is over. Pure.

A gauge's alarm is a warning like any other; what it may not do is lift one: that is left to its validity and to humans.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.gauge import THOUSAND, Observation, Quantity
from callout.domain.instant import HOUR, MINUTE, Instant, Millis, beijing, later
from callout.domain.level import Hazard, Level

RELEASE = 0.8
"""Below this part of a limit the level is no longer held, so that a value that trembles around it alarms once."""
VALID: Millis = 3 * HOUR
EXTEND_BEFORE: Millis = 10 * MINUTE
"""An alarm whose value still holds is said again so long before it ends."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The limits of one quantity in one township."""

    id: str
    area: str
    """Key of the township."""
    place: str
    """Its name."""
    quantity: Quantity
    hazard: Hazard
    limits: Mapping[Level, int]
    """Level → thousandths, from the lowest level up."""
    release: float = RELEASE
    valid: Millis = VALID

    def level(self, milli: int) -> Level | None:
        """The highest level whose limit is reached."""
        return max((one for one, limit in self.limits.items() if milli >= limit), key=_rank, default=None)

    def holds(self, milli: int) -> Level | None:
        """The highest level that a value still holds, once it had been reached."""
        kept = (one for one, limit in self.limits.items() if milli >= limit * self.release)
        return max(kept, key=_rank, default=None)


def _rank(level: Level) -> int:
    return level.rank


class Turn(StrEnum):
    """What a new value means."""

    NOTHING = "nothing"
    RAISED = "raised"
    """A limit is reached: people are called."""
    EXTENDED = "extended"
    """It still holds when the alarm's validity ends: said again."""
    LOWERED = "lowered"
    """The value has fallen below what holds the level; nobody is told, and reaching it again is a new alarm."""
    RELEASED = "released"
    """Nothing is held any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest alarm of a threshold that is still held."""

    identifier: str
    first: str
    """Identifier of the first alarm of this rise."""
    held: Level
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do about a threshold now."""

    turn: Turn
    level: Level | None = None
    """The level to alarm at, or that is held from now on (None = none)."""


def judge(threshold: Threshold, milli: int, standing: Standing | None, now: Instant) -> Judgement:
    """A new value against what stands."""
    reached = threshold.level(milli)
    if standing is None:
        return Judgement(Turn.RAISED, reached) if reached else Judgement(Turn.NOTHING)
    if reached and reached.rank > standing.held.rank:
        return Judgement(Turn.RAISED, reached)
    holds = threshold.holds(milli)
    if holds is None:
        return Judgement(Turn.RELEASED)
    if holds.rank < standing.held.rank:
        return Judgement(Turn.LOWERED, holds)
    if reached is standing.held and now >= standing.expires_at - EXTEND_BEFORE:
        return Judgement(Turn.EXTENDED, reached)
    return Judgement(Turn.NOTHING)


def speaks(said: Sequence[tuple[Threshold, Judgement]], in_force: Mapping[str, Level]) -> str:
    """Which one of the thresholds of one township and hazard people are told about now; empty = none.

    `in_force`: threshold → the level of its alarm that people have been told and that still holds. One lower than that
    would read as a downgrade, so it is only kept; red is never merged away.
    """

    def others(own: str) -> int:
        return max((level.rank for ident, level in in_force.items() if ident != own), default=0)

    levels = {one.id: judgement.level for one, judgement in said if judgement.level}
    raised = [one.id for one, judgement in said if judgement.turn is Turn.RAISED]
    raised = [ident for ident in raised if levels[ident] is Level.RED or levels[ident].rank > others(ident)]
    again = [one.id for one, judgement in said if judgement.turn is Turn.EXTENDED]
    again = [ident for ident in again if levels[ident].rank >= others(ident)]
    return max(raised or again, key=lambda ident: levels[ident].rank, default="")


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a threshold says."""

    threshold: Threshold
    level: Level
    seen: Observation
    gauge: str
    """Name of the gauge that read it."""
    at: Instant
    first: str = ""
    """Identifier of the first alarm of this rise; empty = this is it."""

    def identifier(self, county: str) -> str:
        """The same for the same crossing, so that one that is told twice is one alarm."""
        stamp = beijing(self.at, "%Y%m%d%H%M%S")
        return f"{county}-gauge-{self.threshold.area.replace(':', '')}-{self.threshold.id}-{stamp}-{self.level.value}"

    @property
    def expires_at(self) -> Instant:
        """Until when it holds by itself."""
        return later(self.at, self.threshold.valid)

    @property
    def headline(self) -> str:
        """What people are told first."""
        return f"{self.threshold.place}实测雨水情临灾{self.threshold.hazard}{self.level.zh}预警"

    @property
    def text(self) -> str:
        """The value, the limit and the gauge."""
        of, unit = self.threshold, self.threshold.quantity.unit
        value, limit = self.seen.milli / THOUSAND, of.limits[self.level] / THOUSAND
        when = beijing(self.at, "%H:%M")
        return f"{of.place}{self.gauge}{when}实测{of.quantity} {value:g} {unit}，达到阈值 {limit:g} {unit}。"


def document(alarm: Alarm, county: str) -> str:
    """The alarm as the document that the intake reads: kept as evidence like every other warning."""
    return own_document(
        {
            "identifier": alarm.identifier(county),
            "county": county,
            "area": alarm.threshold.area,
            "place": alarm.threshold.place,
            "sent": alarm.at,
            "expires": alarm.expires_at,
            "hazard": alarm.threshold.hazard.value,
            "level": alarm.level.value,
            "headline": alarm.headline,
            "description": alarm.text,
            "references": [alarm.first] if alarm.first else [],
            "by": "gauge",
        }
    )


def own_document(fields: Mapping[str, object]) -> str:
    """An alarm of our own as JSON."""
    return json.dumps({"callout_alarm": 1, **fields}, ensure_ascii=False, sort_keys=True)
