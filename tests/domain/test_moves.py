"""What the sender and the escalation decide: the next try, bundles, silence, refusals and doubt."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.attempt import AttemptState
from callout.domain.callout import Callout, CalloutKey, CalloutState, lane_of
from callout.domain.instant import BEIJING, MINUTE, Instant, instant, later
from callout.domain.ladder import ChannelKind, Ladder, Step, Target
from callout.domain.level import Level
from callout.domain.moves import (
    VACANT,
    Number,
    Person,
    PostView,
    Try,
    after_doubt,
    after_refusal,
    after_silence,
    beyond,
    bundle,
    holder_steps,
    hurries,
    next_try,
)
from callout.domain.roster import NumberKind

SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
HOLDER, DEPUTY, SUPERIOR = Target.HOLDER, Target.DEPUTY, Target.SUPERIOR
DAY = instant(datetime(2026, 8, 2, 10, 0, tzinfo=BEIJING))
NIGHT = instant(datetime(2026, 8, 2, 23, 0, tzinfo=BEIJING))
RED = Ladder(
    "red",
    40,
    (
        Step(HOLDER, 1, SMS, VOICE, MINUTE),
        Step(HOLDER, 1, VOICE, SMS, MINUTE),
        Step(HOLDER, 2, VOICE, VOICE, MINUTE),
        Step(DEPUTY, 1, VOICE, VOICE, MINUTE),
        Step(SUPERIOR, 1, VOICE, VOICE, MINUTE),
    ),
)
LAST = len(RED.steps) - 1


def phone(serial: int, kind: NumberKind = NumberKind.MOBILE, *, usable: bool = True, texts: bool = True) -> Number:
    return Number(serial, kind, False, usable, f"c{serial}", f"+999{serial:012d}", texts)


def somebody(serial: int, *numbers: Number) -> Person:
    return Person(serial, f"示例·人员{serial}", numbers or (phone(serial),))


FULL = PostView("示例岗位", "r1", somebody(1, phone(1), phone(11)), somebody(2), somebody(3))


def silent(step: int = 0, next_at: Instant = DAY, post: int = 5, **more: object) -> Callout:
    one = Callout(
        CalloutKey("500156", 1, post, 0),
        CalloutState.TO_CALL,
        step,
        next_at,
        lane_of(Level.RED),
        RED.id,
        None,
        "",
        False,
        0,
    )
    return replace(one, **more)  # type: ignore[arg-type]


def tried(view: PostView, step: int = 0, at: Instant = DAY) -> tuple[int, Target, int, ChannelKind] | None:
    found = next_try(silent(step, at), RED, view, at)
    return (found.step, found.target, found.number.id, found.channel) if found else None


@pytest.mark.parametrize(
    ("at", "ways"), [(DAY, [SMS, VOICE, VOICE, VOICE, VOICE]), (NIGHT, [VOICE, SMS, VOICE, VOICE, VOICE])]
)
def test_every_step_of_a_full_ladder_is_carried_out_in_order(at: Instant, ways: list[ChannelKind]) -> None:
    """Own number twice, second number, deputy, superior; at night the voice comes first."""
    whom = [(0, HOLDER, 1), (1, HOLDER, 1), (2, HOLDER, 11), (3, DEPUTY, 2), (4, SUPERIOR, 3)]
    found = [tried(FULL, step, at) for step in range(5)]
    assert found == [(*who, way) for who, way in zip(whom, ways, strict=True)]


def test_the_channel_follows_the_due_time_and_not_the_time_of_the_claim() -> None:
    """A step due at 21:59 and claimed at 22:01 is still a step of the day."""
    due = instant(datetime(2026, 8, 2, 21, 59, tzinfo=BEIJING))
    found = next_try(silent(0, due), RED, FULL, later(due, 2 * MINUTE))
    assert found is not None
    assert found.channel is SMS


def test_a_step_that_was_skipped_to_is_due_now() -> None:
    """What comes instead of a step that cannot be carried out goes by the present hour."""
    ladder = replace(RED, steps=(replace(RED.steps[2]), RED.steps[0]))
    one = replace(FULL, holder=somebody(1))
    found = next_try(silent(0, DAY), ladder, one, NIGHT)
    assert found is not None
    assert (found.step, found.channel) == (1, VOICE)


@pytest.mark.parametrize(
    ("view", "step", "expected"),
    [
        (replace(FULL, holder=somebody(1)), 2, (3, DEPUTY, 2, VOICE)),
        (replace(FULL, deputy=None), 3, (4, SUPERIOR, 3, VOICE)),
        (replace(FULL, holder=None), 0, (3, DEPUTY, 2, VOICE)),
        (replace(FULL, holder=somebody(1, phone(1, usable=False), phone(11))), 0, (2, HOLDER, 11, VOICE)),
        (replace(FULL, holder=somebody(1, phone(1, NumberKind.LANDLINE))), 0, (1, HOLDER, 1, VOICE)),
        (replace(FULL, holder=somebody(1, phone(1, texts=False))), 0, (1, HOLDER, 1, VOICE)),
        (replace(FULL, deputy=somebody(1)), 3, (4, SUPERIOR, 3, VOICE)),
        (replace(FULL, superior=somebody(1)), 4, None),
        (replace(FULL, superior=somebody(2)), 4, None),
        (replace(FULL, superior=None), 4, None),
        (VACANT, 0, None),
    ],
    ids=[
        "no-second-number",
        "no-deputy",
        "vacant",
        "dead-number",
        "landline-takes-no-text",
        "opted-out-is-rung",
        "deputy-is-the-person",
        "superior-is-the-person",
        "superior-is-the-deputy",
        "no-superior",
        "unknown-post",
    ],
)
def test_a_step_that_cannot_be_carried_out_is_passed_over(
    view: PostView, step: int, expected: tuple[int, Target, int, ChannelKind] | None
) -> None:
    """Nobody is waited for who cannot be reached, and nobody is called twice under two titles."""
    assert tried(view, step) == expected


def upward(post: int, boss: int = 3, *, repeated: bool = False) -> Try:
    one = silent(LAST, post=post, repeated=repeated)
    return Try(one, LAST, SUPERIOR, VOICE, MINUTE, somebody(boss), phone(boss), FULL)


def test_two_silent_people_under_one_superior_are_one_attempt() -> None:
    """One call lists both posts; it belongs to both callouts."""
    [(attempt, tries)] = bundle([upward(5), upward(6)], iter(["a"]))
    assert attempt.callouts == (silent(post=5).key, silent(post=6).key)
    assert (attempt.id, attempt.state, attempt.number) == ("500156.a", AttemptState.CLAIMED, 3)
    assert len(tries) == 2


@pytest.mark.parametrize(
    "other",
    [
        upward(6, boss=4),
        upward(6, repeated=True),
        replace(upward(6), channel=SMS),
        replace(upward(6), target=HOLDER),
        replace(upward(6), callout=silent(LAST, key=CalloutKey("500156", 2, 6, 0))),
        replace(upward(6), callout=silent(LAST, key=CalloutKey("500156", 1, 6, 1))),
        replace(upward(6), callout=silent(LAST, key=CalloutKey("500199", 1, 6, 0))),
    ],
    ids=["other-number", "repeat", "other-channel", "other-reason", "other-alert", "the-desk", "other-county"],
)
def test_what_differs_in_number_way_reason_or_alert_is_called_apart(other: Try) -> None:
    """A message never mixes two alerts, two counties or two reasons."""
    assert len(bundle([upward(5), other], iter("ab"))) == 2


def test_a_bundle_waits_as_long_as_its_most_urgent_callout() -> None:
    """The shortest wait of those listed."""
    [(attempt, _)] = bundle([upward(5), replace(upward(6), wait=MINUTE // 2)], iter("a"))
    assert attempt.wait == MINUTE // 2


def test_silence_leads_to_the_next_step_and_ends_after_the_last() -> None:
    """The repeat mark belongs to the step, not to the ladder."""
    assert after_silence(silent(1, repeated=True), RED) == silent(2)
    assert after_silence(silent(LAST), RED) is None


@pytest.mark.parametrize(
    ("step", "refuser", "expected"),
    [(0, HOLDER, 3), (3, HOLDER, 3), (4, HOLDER, 4), (3, DEPUTY, 4), (4, SUPERIOR, None)],
)
def test_who_cannot_come_is_not_called_again(step: int, refuser: Target, expected: int | None) -> None:
    """无法到岗 goes to the first step above the refuser, at once; the superior is the last."""
    after = after_refusal(silent(step, repeated=True), RED, refuser)
    assert after == (None if expected is None else silent(expected))


@pytest.mark.parametrize(
    ("callout", "refuser", "already"),
    [
        (silent(LAST), HOLDER, False),  # nobody has called the superior yet
        (silent(LAST, state=CalloutState.WAITING), HOLDER, True),
        (silent(LAST, repeated=True), HOLDER, True),  # a call in doubt is about to be repeated, with its mark
        (silent(LAST, repeated=True), SUPERIOR, False),
        (silent(0, repeated=True), HOLDER, False),
    ],
)
def test_a_refusal_moves_nothing_where_somebody_above_is_being_called(
    callout: Callout, refuser: Target, already: bool
) -> None:
    assert beyond(callout, RED, refuser) is already


def test_doubt_takes_the_next_different_channel_to_the_same_person() -> None:
    """UNKNOWN by SMS: the same person is rung at once."""
    doubt = after_doubt(silent(0), RED, FULL, DAY)
    assert (doubt.callout, doubt.human) == (silent(1), False)


def test_doubt_without_another_channel_repeats_once_and_then_asks_a_human() -> None:
    """One repeat, marked; then the ladder goes on to the next step beside an item for the officer."""
    once = after_doubt(silent(1), RED, FULL, DAY, {(1, SMS)})
    assert (once.callout, once.human) == (silent(1, repeated=True), False)
    twice = after_doubt(silent(1, repeated=True), RED, FULL, DAY)
    assert (twice.callout, twice.human) == (silent(2), True)


def test_doubt_lets_another_channel_that_the_ladder_lacks_speak_beside_the_repeat() -> None:
    """The deputy has only a call in the ladder: a text goes beside its repeat, unless the number takes none."""
    doubt = after_doubt(silent(3), RED, FULL, DAY)
    beside = silent(3, repeated=True, due_at=DAY, ahead=4, ahead_at=DAY)
    assert (doubt.callout, doubt.human) == (beside, False)
    landline = replace(FULL, deputy=somebody(2, phone(2, NumberKind.LANDLINE)))
    assert after_doubt(silent(3), RED, landline, DAY).callout == silent(3, repeated=True)


def test_a_channel_that_nobody_can_be_reached_by_is_no_other_channel() -> None:
    """At night the text comes second, and the call after it needs a second number: who has one is rung there."""
    assert after_doubt(silent(1), RED, FULL, NIGHT).callout == silent(2)
    one_phone = replace(FULL, holder=somebody(1))
    assert after_doubt(silent(1), RED, one_phone, NIGHT, {(1, VOICE)}).callout == silent(1, repeated=True)


@given(st.integers(0, LAST), st.booleans(), st.sampled_from([DAY, NIGHT]))
def test_doubt_never_jumps_over_another_person(step: int, repeated: bool, now: Instant) -> None:
    """The deputy and the superior keep their own turn; only at the very end nothing is left but the human."""
    doubt = after_doubt(silent(step, repeated=repeated), RED, FULL, now)
    if doubt.callout is None:
        assert (step, repeated, doubt.human) == (LAST, True, True)
    elif not doubt.human:
        assert RED.steps[doubt.callout.step].target is RED.steps[step].target


@given(st.lists(st.sampled_from(["silent", "doubt", "cannot"]), max_size=30))
def test_every_ladder_ends(events: list[str]) -> None:
    """Whatever comes back, a ladder makes at most two tries per step: none runs in circles."""
    one, moves = silent(0), 0
    for event in [*events, *["silent"] * len(RED.steps)]:
        target = RED.steps[one.step].target
        after = (
            after_silence(one, RED)
            if event == "silent"
            else after_refusal(one, RED, target)
            if event == "cannot"
            else after_doubt(one, RED, FULL, DAY).callout
        )
        if after is None:
            break
        assert (after.step, after.repeated) > (one.step, one.repeated)
        one, moves = after, moves + 1
    else:
        raise AssertionError("the ladder goes on although everybody was silent")
    assert moves < 2 * len(RED.steps)


def test_only_orange_and_red_hurry() -> None:
    """Blue and yellow keep their time after an UNKNOWN."""
    assert [level for level in Level if hurries(level)] == [Level.ORANGE, Level.RED]


def test_which_steps_call_whoever_is_on_the_post() -> None:
    """With which of their numbers; a deputy's and a superior's step are nobody's own."""
    assert list(holder_steps(RED)) == [(0, 1), (1, 1), (2, 2)]
    assert RED.steps[3].target is DEPUTY
