from dataclasses import replace
from datetime import datetime

import pytest

from callout.domain.conditions import Around, Facts, hold
from callout.domain.instant import BEIJING, instant
from callout.domain.level import Hazard, Level
from callout.domain.rule import Condition

ORANGE_RAIN = Facts(Hazard.RAINSTORM, Level.ORANGE)


def issued(month: int, day: int, hour: int, minute: int) -> Facts:
    return Facts(Hazard.RAINSTORM, Level.ORANGE, instant(datetime(2026, month, day, hour, minute, tzinfo=BEIJING)))


def titled(headline: str) -> Facts:
    return replace(ORANGE_RAIN, headline=headline)


def near(here: Around) -> Facts:
    return replace(ORANGE_RAIN, here=here)


YELLOW_SLIDE = frozenset({(Hazard.LANDSLIDE, Level.YELLOW)})


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
        ("kind", "预警信号", titled("示例区气象台发布暴雨橙色预警"), True),
        ("kind", "应急响应", titled("示例区防指启动防汛Ⅲ级应急响应"), True),
        ("kind", "预警信号", titled("示例区防指启动防汛Ⅲ级应急响应"), False),
        ("words", "特大暴雨,山洪", titled("示例区山洪灾害气象风险橙色预警"), True),
        ("words", "（山洪）", titled("示例区(山洪)预警"), True),
        ("words", "特大暴雨,山洪", ORANGE_RAIN, False),
        ("place", "示例溪", ORANGE_RAIN, True),
        ("place", "示例坡,示例溪", near(Around(places=frozenset({"示例溪"}))), True),
        ("place", "示例坡", near(Around(places=frozenset({"示例溪"}))), False),
        ("beside", "地质灾害|yellow,orange,red", near(Around(beside=YELLOW_SLIDE)), True),
        ("beside", "地质灾害,山洪|yellow", near(Around(beside=YELLOW_SLIDE)), True),
        ("beside", "地质灾害|orange,red", near(Around(beside=YELLOW_SLIDE)), False),
        ("beside", "大风|yellow", near(Around(beside=YELLOW_SLIDE)), False),
        ("beside", "地质灾害|yellow", ORANGE_RAIN, False),
        ("observed", "1小时雨量>=50", near(Around(observed={"1小时雨量": 50.0})), True),
        ("observed", "1小时雨量>=50", near(Around(observed={"1小时雨量": 49.9})), False),
        ("observed", "1小时雨量>=50", near(Around(observed={"3小时雨量": 80.0})), False),
        ("observed", "1小时雨量>=50", ORANGE_RAIN, False),
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
