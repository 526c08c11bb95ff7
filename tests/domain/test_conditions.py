from datetime import datetime

import pytest

from callout.domain.conditions import Facts, hold
from callout.domain.instant import BEIJING, instant
from callout.domain.level import Hazard, Level
from callout.domain.rule import Condition

ORANGE_RAIN = Facts(Hazard.RAINSTORM, Level.ORANGE)


def issued(month: int, day: int, hour: int, minute: int) -> Facts:
    return Facts(Hazard.RAINSTORM, Level.ORANGE, instant(datetime(2026, month, day, hour, minute, tzinfo=BEIJING)))


@pytest.mark.parametrize(
    ("kind", "value", "facts", "holds"),
    [
        ("hazard", "暴雨", ORANGE_RAIN, True),
        ("hazard", "山洪,暴雨", ORANGE_RAIN, True),
        ("hazard", "暴雪", ORANGE_RAIN, False),
        ("hazard", "雷暴大风", Facts(Hazard.GALE, Level.RED), False),
        ("hazard", "暴雨", Facts(None, Level.RED), False),
        ("level", "orange", ORANGE_RAIN, True),
        ("level", "yellow", ORANGE_RAIN, False),
        ("level", "orange", Facts(Hazard.RAINSTORM, None), False),
        ("level_at_least", "blue", ORANGE_RAIN, True),
        ("level_at_least", "orange", ORANGE_RAIN, True),
        ("level_at_least", "red", ORANGE_RAIN, False),
        ("level_at_least", "blue", Facts(Hazard.RAINSTORM, None), False),
        ("issued", "22:00-06:00", issued(8, 2, 22, 0), True),
        ("issued", "22:00-06:00", issued(8, 3, 5, 59), True),
        ("issued", "22:00-06:00", issued(8, 3, 6, 0), False),
        ("issued", "22:00-06:00", issued(8, 2, 21, 59), False),
        ("issued", "06:00-22:00", issued(8, 2, 6, 0), True),
        ("issued", "06:00-22:00", issued(8, 2, 22, 0), False),
        ("issued", "22:00-06:00", ORANGE_RAIN, False),
        ("season", "05-01..09-30", issued(5, 1, 0, 0), True),
        ("season", "05-01..09-30", issued(9, 30, 23, 59), True),
        ("season", "05-01..09-30", issued(10, 1, 0, 0), False),
        ("season", "10-01..05-31", issued(1, 15, 12, 0), True),
        ("season", "10-01..05-31", issued(6, 1, 0, 0), False),
        ("season", "05-01..09-30", ORANGE_RAIN, False),
    ],
)
def test_each_condition(kind: str, value: str, facts: Facts, holds: bool) -> None:
    assert hold([Condition(kind, value)], facts) is holds


def test_all_conditions_must_hold() -> None:
    rain, red = Condition("hazard", "暴雨"), Condition("level", "red")
    assert hold([], ORANGE_RAIN)
    assert not hold([rain, red], ORANGE_RAIN)
    assert hold([rain, red], Facts(Hazard.RAINSTORM, Level.RED))


def test_an_unknown_kind_is_an_error_and_not_a_silent_no() -> None:
    with pytest.raises(KeyError, match="moon"):
        hold([Condition("moon", "full")], ORANGE_RAIN)
