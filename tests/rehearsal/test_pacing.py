"""The pace of the show: all of the night in half a minute, most of it on the minutes that matter."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.instant import HOUR, MINUTE, SECOND, Instant
from callout.rehearsal.pacing import SHOW, Act, shown, wall

ACTS = (Act(Instant(0), 1), Act(Instant(3 * HOUR), 2), Act(Instant(8 * HOUR), 3))
ENDS = Instant(13 * HOUR)
WHENEVER = st.integers(-HOUR, ENDS + HOUR).map(Instant)


@given(WHENEVER, WHENEVER)
def test_the_show_never_runs_backward(one: Instant, other: Instant) -> None:
    assert shown(min(one, other), ACTS, ENDS) <= shown(max(one, other), ACTS, ENDS)


@given(st.integers(-HOUR, 0).map(Instant), st.integers(0, HOUR))
def test_it_begins_with_the_first_warning_and_is_over_at_the_end(before: Instant, after: int) -> None:
    assert shown(before, ACTS, ENDS) == 0
    assert shown(Instant(ENDS + after), ACTS, ENDS) == pytest.approx(1)


def test_every_act_takes_its_part_of_the_show() -> None:
    borders = [shown(act.begins, ACTS, ENDS) for act in ACTS] + [shown(ENDS, ACTS, ENDS)]
    assert [after - before for before, after in pairwise(borders)] == pytest.approx([1 / 6, 2 / 6, 3 / 6])


@given(st.sampled_from(ACTS), st.integers(0, 100), st.integers(0, 60))
def test_within_an_act_time_only_gets_faster(act: Act, minute: int, further: int) -> None:
    def part(begins: int) -> float:
        at = act.begins + begins
        return shown(Instant(at + MINUTE), ACTS, ENDS) - shown(Instant(at), ACTS, ENDS)

    assert part(minute * MINUTE) >= part((minute + further) * MINUTE) - 1e-12


def test_the_first_five_minutes_are_watched_and_the_hours_after_them_fly_by() -> None:
    last = ACTS[-1].begins
    burst = shown(Instant(last + 5 * MINUTE), ACTS, ENDS) - shown(last, ACTS, ENDS)
    idle = 1 - shown(Instant(last + 2 * HOUR), ACTS, ENDS)
    assert burst * SHOW > 5
    assert idle * SHOW < 3


def test_speed_changes_the_watchers_time_alone() -> None:
    assert wall(1.0, 1.0) == SHOW
    assert wall(0.5, 2.0) == SHOW / 4
    assert wall(1.0, 0.0) == 0


def test_a_night_may_end_with_its_last_warning() -> None:
    assert shown(Instant(SECOND), (Act(Instant(0), 1), Act(Instant(SECOND), 1)), Instant(SECOND)) == 1
