"""熔断: proposed by rule, ordered by a named human, confirmed on site, lifted by its own decision."""

from collections.abc import Mapping
from enum import StrEnum


class StopWorkState(StrEnum):
    """Where one 熔断 stands. Neither Cancel, downgrade nor expiry of an alert changes it."""

    PROPOSED = "proposed"
    """A rule asks for it; nothing is stopped."""
    ORDERED = "ordered"
    """A named human decided it."""
    CONFIRMED = "confirmed"
    """Somebody saw it closed on site."""
    DECLINED = "declined"
    """A named human decided against it."""
    LIFTED = "lifted"
    """A named human ended it."""


class StopWorkEvent(StrEnum):
    """What can happen to a 熔断."""

    ORDERED = "ordered"
    """A named human ordered it, also after having declined it."""
    DECLINED = "declined"
    """A named human decided against it."""
    CONFIRMED = "confirmed"
    """Word came from the site that the work has stopped."""
    LIFTED = "lifted"
    """A named human ended it by a decision of its own."""


S, E = StopWorkState, StopWorkEvent

TABLE: Mapping[tuple[StopWorkState, StopWorkEvent], StopWorkState] = {
    (S.PROPOSED, E.ORDERED): S.ORDERED,
    (S.PROPOSED, E.DECLINED): S.DECLINED,
    (S.DECLINED, E.ORDERED): S.ORDERED,
    (S.ORDERED, E.CONFIRMED): S.CONFIRMED,
    (S.ORDERED, E.LIFTED): S.LIFTED,
    (S.CONFIRMED, E.LIFTED): S.LIFTED,
}

START = S.PROPOSED
