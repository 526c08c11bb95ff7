"""值班表: swapping, handing over, planning anew, and what nobody covers."""

import pytest

from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, Instant
from callout.domain.roster import Shift
from callout.domain.shift_plan import Gap, by_post, gaps, handed_over, on_shift, overlaps, planned, swapped


def at(hour: int) -> Instant:
    return Instant(hour * HOUR)


def shift(responder: int, begins: int, ends: int, post: int = 1) -> Shift:
    return Shift(post, responder, at(begins), at(ends))


DAYS = [shift(11, 0, 12), shift(12, 12, 24), shift(11, 24, 36)]


def test_a_plan_without_holes_has_no_gap_and_a_missing_shift_is_one() -> None:
    assert gaps(DAYS, [1], at(0), at(36)) == []
    assert gaps([DAYS[0], DAYS[2]], [1], at(0), at(36)) == [Gap(1, at(12), at(24))]
    assert gaps(DAYS, [1], at(30), at(40)) == [Gap(1, at(36), at(40))]
    assert gaps(DAYS, [1], at(0), at(6)) == []
    assert gaps([], [2, 1], at(0), at(1)) == [Gap(1, at(0), at(1)), Gap(2, at(0), at(1))]
    assert gaps([shift(11, 50, 60)], [1], at(0), at(10)) == [Gap(1, at(0), at(10))]


def test_two_at_once_on_one_post_are_found_and_on_two_posts_are_not() -> None:
    assert overlaps([*DAYS, shift(13, 0, 12, post=2)]) == []
    assert overlaps([shift(11, 0, 13), shift(12, 12, 24)]) == [(shift(11, 0, 13), shift(12, 12, 24))]


def test_a_new_plan_replaces_only_the_time_and_the_posts_that_it_covers() -> None:
    new = [shift(13, 6, 18)]
    after = planned([*DAYS, shift(14, 0, 36, post=2)], new)
    assert by_post(after)[1] == [shift(11, 0, 6), shift(13, 6, 18), shift(12, 18, 24), shift(11, 24, 36)]
    assert by_post(after)[2] == [shift(14, 0, 36, post=2)]
    assert planned([shift(11, 0, 36)], new) == [shift(11, 0, 6), shift(13, 6, 18), shift(11, 18, 36)]
    assert planned([shift(11, 7, 8)], new) == new


def test_two_people_swap_their_shifts() -> None:
    assert swapped(DAYS, (1, at(1)), (1, at(13)))[:2] == [shift(12, 0, 12), shift(11, 12, 24)]
    with pytest.raises(CalloutError, match="没有人值班"):
        swapped(DAYS, (1, at(1)), (1, at(99)))
    with pytest.raises(CalloutError, match="同一个人"):
        swapped(DAYS, (1, at(1)), (1, at(25)))


def test_a_handover_changes_the_rest_of_the_shift_and_nothing_before() -> None:
    after = handed_over(DAYS, 1, 12, at(5))
    assert after[:3] == [shift(11, 0, 5), shift(12, 5, 12), shift(12, 12, 24)]
    assert on_shift(after, 1, at(4)) == shift(11, 0, 5)
    assert on_shift(after, 2, at(4)) is None
    assert handed_over(DAYS, 1, 13, at(0))[0] == shift(13, 0, 12)
    with pytest.raises(CalloutError, match="没有人值班"):
        handed_over(DAYS, 1, 12, at(99))
    with pytest.raises(CalloutError, match="不必交接"):
        handed_over(DAYS, 1, 11, at(5))
