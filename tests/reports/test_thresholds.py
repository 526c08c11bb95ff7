"""Thresholds judged by a made-up season: what they caught, what they missed, what another value would have done."""

from dataclasses import replace

from callout.domain.area import County, Township
from callout.domain.gauge import THOUSAND, Gauge, GaugeKind, Measured, Quantity
from callout.domain.instant import HOUR, MINUTE, Instant
from callout.domain.level import Hazard, Level
from callout.domain.rule import Rulebook
from callout.domain.threshold import Threshold
from callout.reports.thresholds import Incident, Verdict, alarms, as_json, events, in_words, judged, series

TOWN = Township("白马镇", "500156101", None)
GAUGE = Gauge("R1", "示例站", GaugeKind.RAIN, TOWN.key, 10 * MINUTE)
COUNTY = County("500156", "示例区", (TOWN,), gauges=(GAUGE,))
LIMIT = Threshold("一小时雨量", TOWN.key, "白马镇", Quantity.RAIN_1, Hazard.FLASH_FLOOD, {Level.ORANGE: 50 * THOUSAND})
BOOK = Rulebook("v", COUNTY, (), {}, frozenset(), "", "", thresholds=(LIMIT,))
START, DAY = 1_780_000_000_000, 24 * HOUR


def storm(day: int, peak: int) -> list[Measured]:
    """Ten minutes of `peak` mm on this day, dry hours before and after."""
    first = START + day * DAY
    rain = {6: peak}
    return [Measured("R1", Instant(first + n * 10 * MINUTE), rain.get(n, 0) * THOUSAND) for n in range(24)]


def flood(day: int, after: int) -> Incident:
    """So many minutes after the peak of that day's storm."""
    return TOWN.key, Hazard.FLASH_FLOOD, Instant(START + day * DAY + (60 + after) * MINUTE), "示例溪漫桥"


def season(peaks: list[int], floods: list[Incident]) -> Verdict:
    [found] = judged(BOOK, {"R1": [one for day, peak in enumerate(peaks) for one in storm(day, peak)]}, floods)
    return found


def test_hits_misses_empty_alarms_and_lead_time_are_counted() -> None:
    """Four storms: 60 with a flood 40 minutes later, 55 without, 35 with one, 20 without."""
    found = season([60, 55, 35, 20], [flood(0, 40), flood(2, 30)])
    assert (found.now.hits, found.now.misses, found.now.empty, found.now.lead) == (1, 1, 1, 40 * MINUTE)
    assert found.caught[0] < 0.5 < found.caught[1]
    by_value = {one.milli // THOUSAND: (one.hits, one.misses, one.empty) for one in found.curve}
    assert by_value == {20: (2, 0, 2), 35: (2, 0, 1), 50: (1, 1, 1), 55: (1, 1, 1), 60: (1, 1, 0)}


def test_few_incidents_give_no_suggestion_and_say_so() -> None:
    found = season([60, 35], [flood(0, 40), flood(1, 30)])
    assert found.suggested is None
    assert "只有 2 次险情" in found.why
    assert "白马镇 1小时雨量 橙色 50 毫米：命中 1，漏报 1，空报 0" in in_words(found)


def test_enough_incidents_suggest_the_value_that_would_have_cost_less() -> None:
    """Six floods at 36 to 60 mm, the limit of 50 misses four; 36 catches all of them."""
    peaks = [60, 58, 36, 37, 38, 39, 20, 15]
    found = season(peaks, [flood(day, 30) for day in range(6)])
    assert found.suggested == 36 * THOUSAND
    assert "6 次险情" in found.why
    document = as_json(found)
    assert (document["suggested"], document["misses"]) == (36.0, 4)


def test_a_limit_that_is_right_stays() -> None:
    found = season([60, 61, 62, 63, 64, 10], [flood(day, 30) for day in range(5)])
    assert (found.suggested, found.why) == (None, "这段时间里没有更好的值")


def test_incidents_elsewhere_of_another_kind_or_soon_after_are_not_counted_again() -> None:
    first = flood(0, 30)
    more = [first, flood(0, 60), ("stats:500156102", *first[1:]), (TOWN.key, Hazard.LANDSLIDE, *first[2:])]
    assert events(LIMIT, more) == [first[2]]


def test_the_series_of_rain_of_levels_and_of_their_rise() -> None:
    line = series(COUNTY, LIMIT, {"R1": storm(0, 60)})
    assert max(value for _, value in line) == 60 * THOUSAND
    assert [value for _, value in line if value] == [60 * THOUSAND] * 6
    river = replace(GAUGE, id="W", kind=GaugeKind.LEVEL)
    county = replace(COUNTY, gauges=(river,))
    read = {"W": [Measured("W", Instant(START + n * 10 * MINUTE), m) for n, m in enumerate((5, 4, 9))]}
    level, rise = (replace(LIMIT, quantity=q) for q in (Quantity.LEVEL, Quantity.RISE_1))
    assert [value for _, value in series(county, level, read)] == [5, 4, 9]
    assert [value for _, value in series(county, rise, read)] == [0, 0, 5]
    assert judged(BOOK, {}, []) == []


def test_alarms_that_are_held_at_the_end_or_close_together_are_one() -> None:
    line = [(Instant(n * HOUR), value) for n, value in enumerate((0, 60, 10, 60, 55))]
    assert alarms(line, 50, 0.8) == [(HOUR, 4 * HOUR)]
