"""Rain and water gauges: what they read, what that makes for a township, and whether they can be believed. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import HOUR, MINUTE, Instant, Millis, later

THOUSAND = 1000
"""Readings are whole thousandths of a millimetre or of a metre: no sum depends on its order."""
KEPT: Millis = 24 * HOUR
"""The longest sum."""
AHEAD: Millis = 5 * MINUTE
"""How far the clock of a gauge may be ahead."""
LATE_BY = 3
"""Intervals without a reading after which a gauge is silent."""
ALIKE = 6
"""So many readings in a row of the same rain, to the last digit, are no rain."""
STILL = 24
"""So many readings in a row of the same level are a stuck float, if it rained there meanwhile."""
DRY_BESIDE = 20 * THOUSAND
"""So much rain in 3 hours at another gauge of the township, and none here: it is blocked."""


class GaugeKind(StrEnum):
    """What a gauge measures."""

    RAIN = "雨量"
    """Millimetres since the reading before."""
    LEVEL = "水位"
    """Metres."""


MOST: Mapping[GaugeKind, tuple[int, int]] = {
    GaugeKind.RAIN: (0, 300 * THOUSAND),
    GaugeKind.LEVEL: (-500 * THOUSAND, 9_000 * THOUSAND),
}
"""What a reading can be at all: the world's record of an hour's rain is 305 mm."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge."""

    id: str
    name: str
    kind: GaugeKind
    area: str
    """Key of its township."""
    every: Millis
    """How often it reads."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading: what was measured until `at`, in thousandths."""

    gauge: str
    at: Instant
    milli: int


class Quantity(StrEnum):
    """What a threshold, and the condition `observed` of a rule, may ask for."""

    RAIN_1 = "1小时雨量"
    RAIN_3 = "3小时雨量"
    RAIN_6 = "6小时雨量"
    RAIN_12 = "12小时雨量"
    RAIN_24 = "24小时雨量"
    LEVEL = "水位"
    RISE_1 = "1小时水位涨幅"
    RISE_3 = "3小时水位涨幅"

    @property
    def kind(self) -> GaugeKind:
        """Which gauges read it."""
        return GaugeKind.RAIN if self in _RAIN else GaugeKind.LEVEL

    @property
    def unit(self) -> str:
        """毫米 or 米."""
        return "毫米" if self in _RAIN else "米"


_RAIN = {
    Quantity.RAIN_1: HOUR, Quantity.RAIN_3: 3 * HOUR, Quantity.RAIN_6: 6 * HOUR, Quantity.RAIN_12: 12 * HOUR,
    Quantity.RAIN_24: 24 * HOUR,
}  # fmt: skip
_RISE = {Quantity.RISE_1: HOUR, Quantity.RISE_3: 3 * HOUR}


def window_of(quantity: Quantity) -> Millis:
    """How far back it looks; 0 = it is a single reading."""
    return _RAIN.get(quantity) or _RISE.get(quantity) or 0


@dataclass(frozen=True, slots=True)
class Observation:
    """What one gauge makes of a quantity."""

    gauge: str
    milli: int


def readable(gauge: Gauge, at: Instant, value: float, now: Instant) -> str:
    """Why a reading cannot be believed; empty where it can."""
    lowest, highest = MOST[gauge.kind]
    if not math.isfinite(value) or not lowest <= value * THOUSAND <= highest:
        return f"{gauge.name}的读数 {value:g} 不可能，没有采用"
    if at > later(now, AHEAD):
        return f"{gauge.name}的读数时间比现在还晚，请校对它的时钟"
    return ""


def observe(gauge: Gauge, quantity: Quantity, readings: Sequence[Measured], now: Instant) -> int | None:
    """The quantity at this gauge now, from its readings in order of time; None where nothing recent is known.

    A sum over a window with missing readings is at least what is there: too little is never a reason to call nobody.
    """
    recent = [one for one in readings if one.at <= later(now, AHEAD)]
    if gauge.kind is not quantity.kind or not recent or recent[-1].at <= now - LATE_BY * gauge.every:
        return None
    if quantity in _RAIN:
        return sum(one.milli for one in recent if one.at > now - _RAIN[quantity])
    if quantity is Quantity.LEVEL:
        return recent[-1].milli
    window = [one.milli for one in recent if one.at >= now - _RISE[quantity]]
    return max(0, recent[-1].milli - min(window, default=recent[-1].milli))


def observations(
    gauges: Iterable[Gauge], readings: Mapping[str, Sequence[Measured]], now: Instant
) -> Mapping[str, Mapping[Quantity, Observation]]:
    """Per township the highest value of each quantity over its gauges that can be believed."""
    found: defaultdict[str, dict[Quantity, Observation]] = defaultdict(dict)
    for gauge in gauges:
        mine = readings.get(gauge.id, ())
        for quantity in () if stuck(gauge, mine) else Quantity:
            milli = observe(gauge, quantity, mine, now)
            known = found[gauge.area].get(quantity) if milli is not None else None
            if milli is not None and (known is None or milli > known.milli):
                found[gauge.area][quantity] = Observation(gauge.id, milli)
    return {area: values for area, values in found.items() if values}


class Ailment(StrEnum):
    """What can be wrong with a gauge."""

    SILENT = "没有读数"
    STUCK = "读数不变"
    BLOCKED = "可能堵塞"


@dataclass(frozen=True, slots=True)
class Ill:
    """A gauge that cannot be believed, and why, in words."""

    gauge: Gauge
    ailment: Ailment
    note: str


def stuck(gauge: Gauge, readings: Sequence[Measured]) -> bool:
    """Rain that is the same to the last digit again and again. No rain, and a still river, are usual."""
    last = [one.milli for one in readings[-ALIKE:]]
    return gauge.kind is GaugeKind.RAIN and len(last) == ALIKE and last[0] > 0 and len(set(last)) == 1


def examine(gauges: Sequence[Gauge], readings: Mapping[str, Sequence[Measured]], now: Instant) -> Iterator[Ill]:
    """Every gauge that is silent, stuck or blocked. One that has never read anything is not connected yet: no work."""
    wet = {g.id: observe(g, Quantity.RAIN_3, readings.get(g.id, ()), now) or 0 for g in gauges}
    for gauge in gauges:
        mine = readings.get(gauge.id, ())
        beside = max((wet[o.id] for o in gauges if o.area == gauge.area and o.id != gauge.id), default=0)
        if not mine:
            continue
        if mine[-1].at <= now - LATE_BY * gauge.every:
            yield Ill(gauge, Ailment.SILENT, f"{gauge.name}超过 {LATE_BY * gauge.every // MINUTE} 分钟没有读数")
        elif stuck(gauge, mine):
            value = mine[-1].milli / THOUSAND
            yield Ill(gauge, Ailment.STUCK, f"{gauge.name}连续 {ALIKE} 次读数都是 {value:g} 毫米，不再采用，请检查")
        elif gauge.kind is GaugeKind.LEVEL and beside >= DRY_BESIDE and _still(mine):
            yield Ill(gauge, Ailment.STUCK, f"{gauge.name}水位连续 {STILL} 次不变，而当地 3 小时下了大雨，请检查")
        elif gauge.kind is GaugeKind.RAIN and beside >= DRY_BESIDE and wet[gauge.id] == 0:
            yield Ill(gauge, Ailment.BLOCKED, f"{gauge.name}3 小时没有雨，而同乡镇另一站下了大雨，可能堵塞，请检查")


def _still(readings: Sequence[Measured]) -> bool:
    last = [one.milli for one in readings[-STILL:]]
    return len(last) == STILL and len(set(last)) == 1
