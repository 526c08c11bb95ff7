"""静默测试: when one begins, who comes first, how fast."""

from datetime import datetime

import pytest

from callout.domain.instant import BEIJING, DAY, Instant, instant
from callout.domain.number_test import due_today, pace, portion


def at(day: int, hour: int) -> Instant:
    return instant(datetime(2026, 8, day, hour, 0, tzinfo=BEIJING))


@pytest.mark.parametrize(("now", "last", "due"), [
    (at(3, 9), None, True), (at(3, 17), at(2, 9), True), (at(3, 10), at(3, 9), False),
    (at(3, 8), at(2, 9), False), (at(3, 18), at(2, 9), False), (at(3, 23), None, False), (at(3, 2), None, False),
])  # fmt: skip
def test_one_begins_once_a_day_and_never_at_night(now: Instant, last: Instant | None, due: bool) -> None:
    assert due_today(now, last) is due


def test_whoever_was_asked_longest_ago_comes_first_and_everybody_in_time() -> None:
    people, now = range(1, 11), at(3, 9)
    asked = {1: Instant(now - 40 * DAY), 2: Instant(now - DAY)}
    assert portion(people, asked, now, 5) == [3, 4]
    assert portion([1, 2], asked, now, 30) == [1]
    assert portion([2], asked, now, 30) == []


def test_they_are_spread_over_the_working_day() -> None:
    assert (pace(0), pace(3), pace(540), pace(541), pace(5400)) == (1, 1, 1, 2, 10)
