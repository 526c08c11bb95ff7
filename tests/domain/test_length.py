"""Lengths of time in words."""

import pytest

from callout.domain.instant import HOUR, MINUTE, SECOND
from callout.domain.length import clock, expected, lasted, roughly, whole


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (90 * SECOND, "90秒"), (5 * MINUTE, "5分钟"), (2 * HOUR, "2小时"), (90 * MINUTE, "90分钟"), (1_500, "1.5秒"),
        (0, "0秒"),
    ],
)  # fmt: skip
def test_a_length_in_the_largest_unit_that_holds_it_whole(length: int, said: str) -> None:
    assert whole(length) == said


def test_no_unit_above_the_largest_asked_for() -> None:
    assert whole(2 * HOUR, MINUTE) == "120分钟"


@pytest.mark.parametrize(("millis", "said"), [(-5, "0秒"), (8_900, "8秒"), (300_000, "5分"), (7_300_000, "2小时")])
def test_a_wait_is_said_roughly(millis: int, said: str) -> None:
    assert roughly(millis) == said


@pytest.mark.parametrize(
    ("seconds", "words", "short"),
    [(0, "0秒", "0:00"), (9, "9秒", "0:09"), (65, "1分05秒", "1:05"), (3_665, "1小时01分", "1:01:05")],
)
def test_what_a_measured_time_took(seconds: int, words: str, short: str) -> None:
    assert (lasted(seconds), clock(seconds)) == (words, short)


@pytest.mark.parametrize(("length", "said"), [(0, "0秒"), (19_001, "20秒"), (3 * MINUTE, "3分"), (200_000, "3分20秒")])
def test_a_reckoned_time_is_rounded_up(length: int, said: str) -> None:
    assert expected(length) == said
