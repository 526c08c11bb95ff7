"""What readings make, when a threshold speaks, and which gauge is not believed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.gauge import (
    ALIKE,
    STILL,
    THOUSAND,
    Ailment,
    Gauge,
    GaugeKind,
    Measured,
    Observation,
    Quantity,
    examine,
    observations,
    observe,
    readable,
    stuck,
    window_of,
)
from callout.domain.instant import HOUR, MINUTE, Instant, later
from callout.domain.level import Hazard, Level
from callout.domain.threshold import Alarm, Judgement, Standing, Threshold, Turn, judge

NOW = Instant(1_785_600_000_000)
TOWN = "stats:500156101"
TEN = 10 * MINUTE
RAIN = Gauge("R1", "示例雨量站", GaugeKind.RAIN, TOWN, TEN)
BESIDE = Gauge("R2", "示例二站", GaugeKind.RAIN, TOWN, TEN)
RIVER = Gauge("W1", "示例水位站", GaugeKind.LEVEL, TOWN, TEN)
LIMITS = {Level.YELLOW: 30 * THOUSAND, Level.ORANGE: 50 * THOUSAND, Level.RED: 80 * THOUSAND}
HOURLY = Threshold("一小时雨量", TOWN, "白马镇", Quantity.RAIN_1, Hazard.FLASH_FLOOD, LIMITS)


def read(gauge: Gauge, *values: float, until: Instant = NOW, every: int = TEN) -> list[Measured]:
    """These readings, the last one at `until`."""
    first = until - (len(values) - 1) * every
    return [Measured(gauge.id, Instant(first + n * every), round(value * THOUSAND)) for n, value in enumerate(values)]


def value(gauge: Gauge, quantity: Quantity, readings: list[Measured]) -> float | None:
    milli = observe(gauge, quantity, readings, NOW)
    return None if milli is None else milli / THOUSAND


def test_sums_hold_exactly_the_readings_of_their_hours() -> None:
    rain = read(RAIN, *range(1, 31))
    assert value(RAIN, Quantity.RAIN_1, rain) == sum(range(25, 31))
    assert value(RAIN, Quantity.RAIN_3, rain) == sum(range(13, 31))
    assert value(RAIN, Quantity.RAIN_24, rain) == sum(range(1, 31))
    assert value(RAIN, Quantity.LEVEL, rain) is None


def test_a_sum_with_holes_is_at_least_what_is_there() -> None:
    assert value(RAIN, Quantity.RAIN_1, read(RAIN, 20, until=later(NOW, -TEN)) + read(RAIN, 20)) == 40


def test_old_readings_say_nothing_about_now() -> None:
    assert value(RAIN, Quantity.RAIN_1, read(RAIN, 50, until=Instant(NOW - 30 * MINUTE))) is None
    assert value(RAIN, Quantity.RAIN_1, []) is None


def test_how_far_back_a_quantity_looks() -> None:
    found = [window_of(one) for one in (Quantity.RAIN_6, Quantity.RISE_3, Quantity.LEVEL)]
    assert found == [6 * HOUR, 3 * HOUR, 0]


def test_a_level_and_its_rise() -> None:
    river = read(RIVER, 181, 180, 180.5, 181.2)
    assert (value(RIVER, Quantity.LEVEL, river), value(RIVER, Quantity.RISE_1, river)) == (181.2, 1.2)
    assert value(RIVER, Quantity.RISE_3, read(RIVER, 182, 181)) == 0


def test_the_highest_gauge_of_a_township_counts() -> None:
    seen = observations([RAIN, BESIDE, RIVER], {"R1": read(RAIN, 5), "R2": read(BESIDE, 9)}, NOW)
    assert seen[TOWN][Quantity.RAIN_1] == Observation("R2", 9 * THOUSAND)
    assert Quantity.LEVEL not in seen[TOWN]
    assert observations([RAIN], {}, NOW) == {}


@pytest.mark.parametrize(
    ("reading", "said"),
    [(-1, "不可能"), (301, "不可能"), (math.nan, "不可能"), (math.inf, "不可能"), (300, ""), (0, "")],
)
def test_what_cannot_be_is_not_believed(reading: float, said: str) -> None:
    assert said in readable(RAIN, NOW, reading, NOW)
    assert bool(readable(RAIN, NOW, reading, NOW)) is bool(said)


def test_a_clock_that_is_ahead_is_not_believed() -> None:
    assert "校对它的时钟" in readable(RAIN, later(NOW, 6 * MINUTE), 1, NOW)
    assert readable(RAIN, later(NOW, 4 * MINUTE), 1, NOW) == ""


def ailments(readings: dict[str, list[Measured]], *gauges: Gauge) -> set[tuple[str, Ailment]]:
    return {(one.gauge.id, one.ailment) for one in examine(gauges or (RAIN, BESIDE, RIVER), readings, NOW)}


def test_a_gauge_that_says_nothing_for_three_intervals_is_silent() -> None:
    fresh = {"R1": read(RAIN, 1), "R2": read(BESIDE, 2), "W1": read(RIVER, 180)}
    assert ailments(fresh) == set()
    old = read(BESIDE, 2, until=Instant(NOW - 3 * TEN))
    assert ailments({**fresh, "R2": old}) == {("R2", Ailment.SILENT)}
    assert ailments({"R1": fresh["R1"], "R2": fresh["R2"]}) == set(), "never connected: nothing has gone wrong"


def test_the_same_rain_again_and_again_is_a_stuck_gauge_and_is_not_counted() -> None:
    same, dry = read(RAIN, *[7.5] * ALIKE), read(RAIN, *[0] * ALIKE)
    assert stuck(RAIN, same)
    assert not stuck(RAIN, dry)
    assert not stuck(RAIN, same[:-1])
    assert ailments({"R1": same}, RAIN) == {("R1", Ailment.STUCK)}
    assert observations([RAIN], {"R1": same}, NOW) == {}


def test_a_dry_gauge_beside_heavy_rain_may_be_blocked_and_a_still_river_stuck() -> None:
    heavy = read(BESIDE, 9, 8, 9)
    found = ailments({"R1": read(RAIN, 0, 0, 0), "R2": heavy, "W1": read(RIVER, *[180] * STILL)})
    assert found == {("R1", Ailment.BLOCKED), ("W1", Ailment.STUCK)}
    calm = {"R1": read(RAIN, 0), "R2": read(BESIDE, 0.5), "W1": read(RIVER, *[180] * STILL)}
    assert ailments(calm) == set()


def standing(held: Level, minutes: int = 120) -> Standing:
    return Standing("a1", "a1", held, later(NOW, minutes * MINUTE))


def said(milli: float, held: Level | None = None, minutes: int = 120) -> tuple[Turn, Level | None]:
    found = judge(HOURLY, round(milli * THOUSAND), standing(held, minutes) if held else None, NOW)
    return found.turn, found.level


def test_a_limit_that_is_reached_speaks_once() -> None:
    assert said(29.9) == (Turn.NOTHING, None)
    assert said(30) == (Turn.RAISED, Level.YELLOW)
    assert said(90) == (Turn.RAISED, Level.RED)
    assert said(31, Level.YELLOW) == (Turn.NOTHING, None)
    assert said(52, Level.YELLOW) == (Turn.RAISED, Level.ORANGE)


def test_a_value_that_trembles_around_a_limit_does_not_speak_again() -> None:
    assert said(45, Level.ORANGE) == (Turn.NOTHING, None)
    assert said(39, Level.ORANGE) == (Turn.LOWERED, Level.YELLOW)
    assert said(23, Level.ORANGE) == (Turn.RELEASED, None)
    assert said(24, Level.YELLOW) == (Turn.NOTHING, None)


def test_what_still_holds_at_the_end_is_said_again() -> None:
    assert said(55, Level.ORANGE, 10) == (Turn.EXTENDED, Level.ORANGE)
    assert said(45, Level.ORANGE, 10) == (Turn.NOTHING, None)


@given(st.lists(st.integers(0, 120_000), min_size=1, max_size=40))
def test_every_time_red_is_reached_from_below_its_hold_people_are_called(values: list[int]) -> None:
    """Whatever the rain does: at red, red is held; what is held is never above what was reached."""
    row: Standing | None = None
    for milli in values:
        found = judge(HOURLY, milli, row, NOW)
        if found.turn in (Turn.RAISED, Turn.LOWERED, Turn.EXTENDED) and found.level:
            row = standing(found.level)
        row = None if found.turn is Turn.RELEASED else row
        assert milli < LIMITS[Level.RED] or (row and row.held is Level.RED)
        assert row is None or milli >= LIMITS[row.held] * 0.8
        assert isinstance(found, Judgement)


def test_an_alarm_says_value_limit_gauge_and_place() -> None:
    alarm = Alarm(HOURLY, Level.ORANGE, Observation("R1", 58_500), "示例雨量站", NOW)
    assert alarm.headline == "白马镇实测雨水情临灾山洪橙色预警"
    assert "白马镇示例雨量站" in alarm.text
    assert "1小时雨量 58.5 毫米，达到阈值 50 毫米" in alarm.text
    assert alarm.expires_at == later(NOW, 3 * HOUR)
