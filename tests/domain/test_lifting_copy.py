"""Which endpoints are told that what they got has ended."""

from callout.domain.episode import Said
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.lifting_copy import Lifting, liftings

PLACE = "stats:500156101"
LATER = Instant(10**12)


def said(alert: int, level: Level | None = Level.ORANGE, *, lifts: bool = False) -> Said:
    return Said(alert, f"m{alert}", Instant(alert), {PLACE: level}, LATER, lifts)


def test_nobody_is_told_without_a_cancel() -> None:
    assert liftings([said(1)], {"horn": [1]}) == []


def test_only_who_got_what_has_ended_is_told_and_once() -> None:
    messages = [said(1), said(2, None, lifts=True)]
    assert liftings(messages, {"horn": [1], "mail": [], "told": [1, 2]}) == [Lifting(2, "horn")]


def test_a_warning_after_the_end_stands() -> None:
    """The Cancel acts on what was sent before it."""
    messages = [said(1), said(2, None, lifts=True), said(3)]
    assert liftings(messages, {"horn": [1, 3]}) == []
    again = [*messages, said(4, None, lifts=True)]
    assert liftings(again, {"horn": [1, 2, 3]}) == [Lifting(4, "horn")]
