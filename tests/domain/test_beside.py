"""What the other channel says while a step is held: to whom, in which order, and when."""

from dataclasses import replace

from callout.domain.beside import Beside, next_beside
from callout.domain.callout import Callout, CalloutKey, CalloutState, lane_of
from callout.domain.closing import OUTAGE, Closed, after_closed
from callout.domain.instant import MINUTE, Instant, later
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Level
from callout.domain.moves import Number, Person, PostView, instead_of, next_try
from callout.domain.roster import NumberKind

NOW = Instant(1_785_636_000_000)
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
HOLDER, DEPUTY, SUPERIOR = Target.HOLDER, Target.DEPUTY, Target.SUPERIOR


def ladder(*steps: tuple[Target, ChannelKind]) -> Ladder:
    return Ladder("x", 1, tuple(Step(target, 1, channel, channel, MINUTE) for target, channel in steps))


CALLS = ladder((HOLDER, VOICE), (DEPUTY, VOICE), (SUPERIOR, VOICE))
TEXTS = ladder((HOLDER, SMS), (DEPUTY, SMS))


def somebody(serial: int, kind: NumberKind = NumberKind.MOBILE) -> Person:
    return Person(serial, f"示例·{serial}", (Number(serial, kind, False, True, f"c{serial}", f"+999{serial}"),))


VIEW = PostView("示例岗", "r1", somebody(1), somebody(2), somebody(3))


def held(level: Level = Level.RED, ahead: int = 1, ahead_at: Instant | None = NOW, step: int = 0) -> Callout:
    key = CalloutKey("500156", 1, 1, 0)
    made = Callout(key, CalloutState.TO_CALL, step, NOW, lane_of(level), "x", None, "", False, 0)
    return replace(made, due_at=NOW, ahead=ahead, ahead_at=ahead_at)


def who(found: Beside | None) -> tuple[int, ChannelKind, Instant] | None:
    return None if found is None else (found.one.number.id, found.one.channel, found.due)


def test_the_person_of_the_step_comes_first_then_the_next_ones_each_in_time() -> None:
    assert who(next_beside(held(), CALLS, VIEW, NOW, frozenset())) == (1, SMS, NOW)
    soon = later(NOW, MINUTE)
    assert who(next_beside(held(ahead=2, ahead_at=soon), CALLS, VIEW, NOW, {(1, SMS)})) == (2, SMS, soon)
    assert next_beside(held(ahead=4), CALLS, VIEW, NOW, frozenset()) is None


def test_whoever_has_been_texted_already_has_the_wait_of_the_step_and_a_landline_has_none() -> None:
    assert who(next_beside(held(), CALLS, VIEW, NOW, {(1, SMS)})) == (2, SMS, later(NOW, MINUTE))
    at_home = replace(VIEW, holder=somebody(1, NumberKind.LANDLINE), deputy=None)
    assert who(next_beside(held(), CALLS, at_home, NOW, frozenset())) == (3, SMS, NOW)


def test_it_goes_no_further_than_a_step_with_an_open_channel_of_its_own() -> None:
    mixed = ladder((HOLDER, VOICE), (DEPUTY, SMS), (SUPERIOR, VOICE))
    assert who(next_beside(held(), mixed, VIEW, NOW, frozenset())) == (1, SMS, NOW)
    assert next_beside(held(ahead=2), mixed, VIEW, NOW, frozenset()) is None
    assert next_beside(held(), mixed, PostView("示例岗", "r1", None, None, somebody(3)), NOW, frozenset()) is None


def test_instead_of_a_text_orange_and_red_are_rung_and_nobody_is_about_less() -> None:
    for level in Level:
        found = next_beside(held(level), TEXTS, VIEW, NOW, frozenset())
        assert who(found) == ((1, VOICE, NOW) if level in (Level.ORANGE, Level.RED) else None)
    one = next_try(held(), TEXTS, VIEW, NOW)
    assert one
    assert instead_of(one, {(1, VOICE)}) is None


def test_a_step_is_held_no_longer_than_for_an_answer_where_the_next_person_has_an_open_way() -> None:
    text_then_call = ladder((HOLDER, SMS), (DEPUTY, VOICE))
    closed = Closed(later(NOW, 2 * MINUTE), out={SMS}, said=frozenset({(1, VOICE)}))
    first = after_closed(held(ahead=0), text_then_call, VIEW, closed, NOW)
    assert first.callout
    assert (first.waits, first.callout.next_at) == (True, later(NOW, MINUTE))
    on = after_closed(held(ahead=0), text_then_call, VIEW, closed, later(NOW, MINUTE))
    assert on.callout
    assert (on.waits, on.callout.step) == (False, 1)
    lower = after_closed(held(Level.YELLOW, ahead=0), text_then_call, VIEW, closed, later(NOW, MINUTE))
    assert lower.waits


def test_a_held_step_is_looked_at_when_the_other_channel_is_to_speak_unless_that_is_closed_too() -> None:
    until = later(NOW, 30_000)
    open_ = after_closed(held(ahead=0), CALLS, VIEW, Closed(until, out={VOICE}), NOW)
    assert open_.callout
    assert (open_.callout.ahead, open_.callout.ahead_at, open_.callout.next_at) == (1, NOW, NOW)
    shut = after_closed(held(ahead=0), CALLS, VIEW, Closed(until, out={VOICE, SMS}), NOW)
    assert shut.callout
    assert (shut.callout.ahead, shut.callout.next_at, shut.human) == (1, until, True)
    over = after_closed(held(ahead=3), CALLS, VIEW, Closed(until, out={VOICE}), later(NOW, OUTAGE))
    assert over.callout
    assert (over.callout.step, over.callout.ahead, over.callout.due_at) == (1, 3, None)
