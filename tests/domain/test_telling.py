"""On which number, and how, a post is told something once."""

from datetime import datetime

from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.ladder import ChannelKind
from callout.domain.moves import VACANT, Number, Person, PostView
from callout.domain.roster import NumberKind
from callout.domain.telling import ways_to

NOON = instant(datetime(2026, 8, 2, 12, tzinfo=BEIJING))
NIGHT = instant(datetime(2026, 8, 2, 23, tzinfo=BEIJING))
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE


def number(serial: int, kind: NumberKind = NumberKind.MOBILE, usable: bool = True) -> Number:
    return Number(serial, kind, False, usable, "", f"+999{serial:013}")


def told(at: Instant, *holder: Number, deputy: tuple[Number, ...] = ()) -> list[tuple[int, ChannelKind]]:
    view = PostView("示例岗", "v1", Person(1, "示例甲", holder), Person(2, "示例乙", deputy), None)
    return [(one.id, kind) for _, one, kind in ways_to(view, at)]


def test_by_day_a_text_by_night_a_call_beside_it() -> None:
    assert told(NOON, number(1)) == [(1, SMS)]
    assert told(NIGHT, number(1)) == [(1, SMS), (1, VOICE)]


def test_a_dead_number_is_passed_over_and_a_landline_is_rung() -> None:
    assert told(NOON, number(1, usable=False), number(2, NumberKind.LANDLINE)) == [(2, VOICE)]


def test_where_nobody_reaches_the_holder_the_deputy_is_told_and_else_nobody() -> None:
    assert told(NOON, number(1, usable=False), deputy=(number(3),)) == [(3, SMS)]
    assert told(NOON, number(1, usable=False), deputy=(number(3, usable=False),)) == []
    assert ways_to(VACANT, NOON) == []
