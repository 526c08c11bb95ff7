import pytest

from callout.domain.conditions import Facts, hold
from callout.domain.level import Hazard, Level
from callout.domain.rule import Condition

ORANGE_RAIN = Facts(Hazard.RAINSTORM, Level.ORANGE)


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
