"""熔断: proposed by a rule or a human, ordered by a named human, confirmed on site, lifted by its own decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from callout.domain.instant import MINUTE, Instant, Millis
from callout.domain.level import Level
from callout.domain.rule import StopWorkCode


class StopWorkState(StrEnum):
    """Where one 熔断 stands. Neither Cancel, downgrade nor expiry of an alert changes it."""

    PROPOSED = "proposed"
    """A rule or a human asks for it; nothing is stopped, and a human must decide."""
    ORDERED = "ordered"
    """A named human decided it; at `next_at` the word from the site is overdue."""
    CONFIRMED = "confirmed"
    """Somebody saw it closed on site."""
    LIFT_PROPOSED = "lift_proposed"
    """A named human asks to end it; everything stays stopped until it was looked at and somebody has decided."""
    INSPECTED = "inspected"
    """A named human has looked at the place and found it safe; the decision is still to come."""
    DECLINED = "declined"
    """A named human decided against it."""
    SUPERSEDED = "superseded"
    """A newer proposal, or an order that stands, speaks for the same objects: nobody need decide this one."""
    LIFTED = "lifted"
    """A named human ended it."""


class StopWorkEvent(StrEnum):
    """What can happen to a 熔断."""

    PROPOSED = "proposed"
    """A human asks for it again after it was declined, superseded or lifted."""
    ORDERED = "ordered"
    """A named human ordered it, also after having declined it."""
    DECLINED = "declined"
    """A named human decided against it."""
    CONFIRMED = "confirmed"
    """Word came from the site that the work has stopped."""
    SUPERSEDED = "superseded"
    """A newer alert proposed the same, or the same had been ordered already."""
    OVERDUE = "overdue"
    """No word came from the site in time: a human asks there. The order stands."""
    LIFT_PROPOSED = "lift_proposed"
    """A named human asks to end it."""
    INSPECTED = "inspected"
    """The place was looked at before work goes on (恢复前检查)."""
    LIFT_REFUSED = "lift_refused"
    """It is not safe yet, or somebody decided so: it stays stopped."""
    LIFTED = "lifted"
    """A named human ended it by a decision of its own."""


S, E = StopWorkState, StopWorkEvent

TABLE: Mapping[tuple[StopWorkState, StopWorkEvent], StopWorkState] = {
    (S.PROPOSED, E.ORDERED): S.ORDERED,
    (S.PROPOSED, E.DECLINED): S.DECLINED,
    (S.PROPOSED, E.SUPERSEDED): S.SUPERSEDED,
    (S.DECLINED, E.ORDERED): S.ORDERED,
    (S.DECLINED, E.PROPOSED): S.PROPOSED,
    (S.SUPERSEDED, E.PROPOSED): S.PROPOSED,
    (S.ORDERED, E.OVERDUE): S.ORDERED,
    (S.ORDERED, E.CONFIRMED): S.CONFIRMED,
    (S.ORDERED, E.LIFTED): S.LIFTED,
    (S.CONFIRMED, E.LIFTED): S.LIFTED,
    (S.CONFIRMED, E.LIFT_PROPOSED): S.LIFT_PROPOSED,
    (S.LIFT_PROPOSED, E.INSPECTED): S.INSPECTED,
    (S.LIFT_PROPOSED, E.LIFT_REFUSED): S.CONFIRMED,
    (S.LIFT_PROPOSED, E.LIFTED): S.LIFTED,
    (S.INSPECTED, E.LIFT_REFUSED): S.CONFIRMED,
    (S.INSPECTED, E.LIFTED): S.LIFTED,
    (S.LIFTED, E.PROPOSED): S.PROPOSED,
}

START = S.PROPOSED
IN_FORCE = (S.ORDERED, S.CONFIRMED, S.LIFT_PROPOSED, S.INSPECTED)
"""What is stopped, and stays so until it is lifted."""
OPEN = (S.PROPOSED, *IN_FORCE)
"""What is always shown."""

CONFIRM_WITHIN: Millis = 30 * MINUTE
"""How long after it takes effect the word from the site may take, unless the order says otherwise."""


class StopWorkKey(NamedTuple):
    """One 熔断: what is stopped (`code`) for which objects (`role`: posts of this role, or one object by name) where.

    Alert 0 = a human proposed it about no warning.
    """

    county: str
    alert: int
    area: str
    code: StopWorkCode
    role: str


@dataclass(frozen=True, slots=True)
class StopWork:
    """One 熔断 as it stands."""

    key: StopWorkKey
    run: str
    state: StopWorkState
    objects: int
    proposal: int
    """The decision by which a human proposed it; 0 = a rule did."""
    ordering: int
    """The decision by which it was ordered last; 0 = never."""
    level: Level
    """The level of its alert; red where there is none, so that the desk is rung soon."""
    rev: int

    @property
    def undecided(self) -> str:
        """What the officer's item about this proposal is about; proposals made together share one."""
        return f"{self.key.code}:{self.proposal}" if self.proposal else self.key.code.value

    @property
    def unconfirmed(self) -> str:
        """What the officer's item is about when no word comes from the site; one for each order."""
        return f"{self.key.code}:{self.ordering}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one named human decided about one or many 熔断 at once."""

    by: str
    """Who decided, proposed, or saw it closed."""
    title: str
    """职务."""
    basis: str
    """依据: warning, response level, 会商; for a decline the reason, for a confirmation what was seen."""
    officer: str
    """Who entered it."""
    effective_at: Instant | None = None
    """From when it holds; None = at once."""
    confirm_within: Millis = CONFIRM_WITHIN
    exceptions: str = ""
    """Who goes on working: 供水供电供气通信医疗, 抢险."""
    check: str = ""
    """恢复前检查: what was looked at before it was lifted."""
    evidence: str = ""
    """Reference of a photo."""
    photo: bytes = b""
    """The photo itself, as a JPEG of our own making; empty: none."""
    words: str = ""
    """What the objects are told to do; empty: the measure as the rule words it for whoever decides."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A 熔断 that a human proposes, in one or several areas."""

    county: str
    alert: int
    areas: tuple[str, ...]
    code: StopWorkCode
    role: str
    measure: str
