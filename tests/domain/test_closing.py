"""What a ladder does when nobody can carry its next message."""

import pytest

from callout.domain.callout import Callout, CalloutKey, CalloutState, lane_of
from callout.domain.closing import OUTAGE, Closed, after_closed
from callout.domain.instant import MINUTE, SECOND, Instant, later
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Level
from callout.domain.moves import Number, Person, PostView
from callout.domain.roster import NumberKind

NOW = Instant(1_785_636_000_000)
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE


def step(target: Target, channel: ChannelKind) -> Step:
    return Step(target, 1, channel, channel, MINUTE)


LADDER = Ladder("x", 1, (step(Target.HOLDER, SMS), step(Target.HOLDER, VOICE), step(Target.DEPUTY, SMS)))
ONLY_TEXTS = Ladder("y", 1, (step(Target.HOLDER, SMS), step(Target.DEPUTY, SMS)))
LAST = Ladder("z", 1, (step(Target.HOLDER, SMS),))
NUMBER = Number(1, NumberKind.MOBILE, False, True, "c", "+9991")
VIEW = PostView("示例岗", "r1", Person(1, "示例", (NUMBER,)), Person(2, "示例", (NUMBER,)), None)
LATER = later(NOW, 10 * SECOND)


def callout(level: Level, **more: object) -> Callout:
    made = Callout(CalloutKey("500156", 1, 1, 0), CalloutState.TO_CALL, 0, NOW, lane_of(level), "x", None, "", False, 0)
    return made if not more else Callout(**{**{f: getattr(made, f) for f in made.__slots__}, **more})


@pytest.mark.parametrize("level", list(Level))
def test_a_backlog_waits_for_its_turn_and_keeps_the_time_at_which_it_was_due(level: Level) -> None:
    after = after_closed(callout(level), LADDER, VIEW, Closed(LATER, waits=True), NOW)
    assert after.callout
    assert (after.waits, after.human, after.callout.step) == (True, False, 0)
    assert (after.callout.next_at, after.callout.due_at) == (LATER, NOW)
    again = after_closed(after.callout, LADDER, VIEW, Closed(later(LATER, 1), waits=True), LATER)
    assert again.callout
    assert again.callout.due_at == NOW


@pytest.mark.parametrize("level", list(Level))
def test_a_number_called_as_often_as_it_may_be_takes_the_next_other_way_at_once(level: Level) -> None:
    after = after_closed(callout(level), LADDER, VIEW, Closed(LATER, full=True), NOW)
    assert after.callout
    assert (after.waits, after.human, after.callout.step, after.callout.next_at) == (False, False, 1, NOW)


def test_without_another_way_a_full_number_goes_on_and_a_human_knows() -> None:
    after = after_closed(callout(Level.BLUE), ONLY_TEXTS, VIEW, Closed(LATER, full=True), NOW)
    assert after.callout
    assert (after.waits, after.human, after.callout.step) == (False, True, 1)
    end = after_closed(callout(Level.BLUE), LAST, VIEW, Closed(LATER, full=True), NOW)
    assert (end.callout, end.human) == (None, True)


@pytest.mark.parametrize(("level", "waits"), [(level, level in (Level.BLUE, Level.YELLOW)) for level in Level])
def test_in_an_outage_orange_and_red_take_the_other_way_and_the_others_wait(level: Level, waits: bool) -> None:
    after = after_closed(callout(level), LADDER, VIEW, Closed(LATER), NOW)
    assert after.callout
    assert (after.waits, after.callout.step) == (waits, 0 if waits else 1)


def test_a_way_that_is_out_as_well_is_no_other_way() -> None:
    after = after_closed(callout(Level.RED), LADDER, VIEW, Closed(LATER, out={SMS, VOICE}), NOW)
    assert (after.waits, after.human) == (True, True)


@pytest.mark.parametrize("level", list(Level))
def test_an_outage_is_not_waited_for_for_ever(level: Level) -> None:
    waiting = callout(level, due_at=Instant(NOW - OUTAGE))
    after = after_closed(waiting, ONLY_TEXTS, VIEW, Closed(LATER), NOW)
    assert after.callout
    assert (after.waits, after.human, after.callout.step, after.callout.due_at) == (False, True, 1, None)
