"""Ladders: day and night, patience, and a content address that makes a frozen ladder unchangeable."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.instant import HOUR, MINUTE, Instant
from callout.domain.ladder import ChannelKind, Ladder, Step, Target, is_night, patience
from callout.domain.level import Level

BEIJING_MIDNIGHT = 16 * HOUR
"""As milliseconds of a UTC day."""
steps = st.builds(
    Step,
    st.sampled_from(Target),
    st.integers(1, 3),
    st.sampled_from(ChannelKind),
    st.sampled_from(ChannelKind),
    st.integers(1, 3_600_000),
)
ladders = st.builds(Ladder, st.text(max_size=8), st.integers(0, 99), st.lists(steps, min_size=1, max_size=6).map(tuple))


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(21, 59, False), (22, 0, True), (0, 0, True), (5, 59, True), (6, 0, False), (12, 0, False)],
)
def test_the_night_lasts_from_22_to_6_beijing_time(hour: int, minute: int, night: bool) -> None:
    """Both ends are exact: 22:00 is night, 06:00 is day."""
    assert is_night(Instant(BEIJING_MIDNIGHT + hour * HOUR + minute * MINUTE)) is night


@given(steps, st.integers(0, 30 * 24).map(lambda h: Instant(h * HOUR)))
def test_a_step_takes_the_channel_of_its_own_due_time(step: Step, due: Instant) -> None:
    """Not of the hour in which the ladder was opened."""
    assert step.channel(due) is (step.night if is_night(due) else step.day)


@given(ladders)
def test_a_frozen_ladder_reads_back_as_it_was_written(ladder: Ladder) -> None:
    """What lies in the database is the ladder, word for word."""
    assert Ladder.from_json(ladder.to_json()) == ladder


@given(ladders, st.integers(1, 1000))
def test_any_change_to_a_ladder_gives_it_another_id(ladder: Ladder, more: int) -> None:
    """So a ladder under one id can never change: equal content, equal id, and only then."""
    slower = (replace(ladder.steps[0], wait=ladder.steps[0].wait + more), *ladder.steps[1:])
    assert replace(ladder, steps=slower).id != ladder.id
    assert replace(ladder, steps=tuple(ladder.steps)).id == ladder.id


@pytest.mark.parametrize(("level", "minutes"), [(Level.BLUE, 2), (Level.YELLOW, 2), (Level.ORANGE, 2), (Level.RED, 1)])
def test_work_for_a_human_waits_two_minutes_and_red_one(level: Level, minutes: int) -> None:
    """Then the officer on shift is rung."""
    assert patience(level) == minutes * MINUTE
