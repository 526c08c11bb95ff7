"""Whether thresholds are right: hits, empty alarms, misses and lead time of each, and what other values would do.

Worked out anew from the readings on record with the rules of the alarm itself, so that other values can be tried. What
really happened is what officers entered; what nobody entered did not happen here. Small numbers are said to be small.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from callout.domain.area import County
from callout.domain.gauge import LATE_BY, THOUSAND, Gauge, GaugeKind, Measured, Quantity, window_of
from callout.domain.instant import HOUR, Instant, Millis
from callout.domain.level import Hazard, Level
from callout.domain.rule import Rulebook
from callout.domain.threshold import Threshold
from callout.reports.statistics import interval

HORIZON: Millis = 6 * HOUR
"""An alarm and an incident no further apart than this belong together."""
FEWEST = 5
"""With fewer incidents no other value is suggested."""
MISS_WEIGHS = 10
"""One incident without an alarm weighs as much as so many alarms without an incident."""
_CANDIDATES = 12

Series = Sequence[tuple[Instant, int]]
Incident = tuple[str, Hazard, Instant, str]
"""(area, hazard, when, what), as the store gives them."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one value of a threshold would have done in the period."""

    milli: int
    hits: int
    misses: int
    empty: int
    """Alarms with no incident."""
    leads: tuple[Millis, ...]
    """From the alarm to the incident, one for each hit."""

    @property
    def cost(self) -> int:
        """The lower the better."""
        return MISS_WEIGHS * self.misses + self.empty

    @property
    def lead(self) -> Millis | None:
        """The median of the leads."""
        return round(median(self.leads)) if self.leads else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One level of one threshold of one township, judged."""

    threshold: Threshold
    level: Level
    now: Score
    caught: tuple[float, float]
    """Interval (95 %) of the share of incidents that it catches."""
    idle: tuple[float, float]
    """Interval (95 %) of the share of its alarms that are empty."""
    curve: tuple[Score, ...]
    """Other values, from the lowest up: the trade-off."""
    suggested: int | None
    """A value that would have cost less; None = none, or too little is known."""
    why: str
    """Why there is no suggestion, or what the suggestion rests on, in words."""


def judged(book: Rulebook, readings: Mapping[str, Sequence[Measured]], incidents: Sequence[Incident]) -> list[Verdict]:
    """Every threshold and level of a rulebook against a period."""
    found = []
    for threshold in book.thresholds:
        line = series(book.county, threshold, readings)
        when = events(threshold, incidents)
        found += [_verdict(threshold, level, line, when) for level in threshold.limits] if line else []
    return found


def series(county: County, threshold: Threshold, readings: Mapping[str, Sequence[Measured]]) -> Series:
    """The quantity of the township at every reading, the highest of its gauges."""
    kind = threshold.quantity.kind
    mine = [g for g in county.gauges if g.area == threshold.area and g.kind is kind and readings.get(g.id)]
    each = {gauge.id: _values(gauge, threshold.quantity, readings[gauge.id]) for gauge in mine}
    times = sorted({at for values in each.values() for at, _ in values})
    last = {gauge.id: 0 for gauge in mine}
    line = []
    for at in times:
        best = 0
        for gauge in mine:
            values = each[gauge.id]
            last[gauge.id] = bisect_right(values, (at, 1 << 60), last[gauge.id])
            if last[gauge.id] and at - values[last[gauge.id] - 1][0] < LATE_BY * gauge.every:
                best = max(best, values[last[gauge.id] - 1][1])
        line.append((at, best))
    return line


def _values(gauge: Gauge, quantity: Quantity, readings: Sequence[Measured]) -> list[tuple[Instant, int]]:
    times, values, span = [one.at for one in readings], [one.milli for one in readings], window_of(quantity)
    if quantity is Quantity.LEVEL:
        return list(zip(times, values, strict=True))
    if gauge.kind is GaugeKind.RAIN:
        sums = [0]
        for value in values:
            sums.append(sums[-1] + value)
        return [(at, sums[n + 1] - sums[bisect_right(times, at - span)]) for n, at in enumerate(times)]
    begins = [bisect_left(times, at - span) for at in times]
    return [(at, max(0, values[n] - min(values[begins[n] : n + 1]))) for n, at in enumerate(times)]


def events(threshold: Threshold, incidents: Sequence[Incident]) -> list[Instant]:
    """When something of its kind happened in its township; what followed within the horizon is the same event."""
    found: list[Instant] = []
    for area, hazard, at, _ in sorted(incidents, key=lambda one: one[2]):
        if area == threshold.area and hazard is threshold.hazard and (not found or at - found[-1] > HORIZON):
            found.append(at)
    return found


def alarms(line: Series, milli: int, release: float) -> list[tuple[Instant, Instant]]:
    """From when until when an alarm at this value would have been held; close ones are one."""
    found: list[tuple[Instant, Instant]] = []
    begins: Instant | None = None
    for at, value in line:
        if begins is None and value >= milli:
            begins = at
        elif begins is not None and value < milli * release:
            found.append((begins, at))
            begins = None
    if begins is not None:
        found.append((begins, line[-1][0]))
    joined: list[tuple[Instant, Instant]] = []
    for first, last in found:
        if joined and first - joined[-1][1] <= HORIZON:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def score(line: Series, milli: int, release: float, when: Sequence[Instant]) -> Score:
    """What an alarm at this value would have done."""
    spans = alarms(line, milli, release)
    before = {at: [b for b, e in spans if b <= at <= e + HORIZON] for at in when}
    hits = {at: found[-1] for at, found in before.items() if found}
    empty = sum(not any(b - HORIZON <= at <= e + HORIZON for at in when) for b, e in spans)
    leads = tuple(Millis(at - begun) for at, begun in hits.items())
    return Score(milli, len(hits), len(when) - len(hits), empty, leads)


def _verdict(threshold: Threshold, level: Level, line: Series, when: Sequence[Instant]) -> Verdict:
    limit = threshold.limits[level]
    now = score(line, limit, threshold.release, when)
    curve = tuple(score(line, milli, threshold.release, when) for milli in _candidates(line, limit))
    suggested, why = _suggestion(now, curve, len(when))
    alarmed = now.hits + now.empty
    caught, idle = interval(now.hits, len(when)), interval(now.empty, alarmed)
    return Verdict(threshold, level, now, caught, idle, curve, suggested, why)


def _candidates(line: Series, limit: int) -> list[int]:
    """Values that the period can tell apart: spread over its peaks, the limit itself among them."""
    peaks = sorted({max(value for at, value in line if b <= at <= e) for b, e in alarms(line, max(1, limit // 4), 0.8)})
    step = max(1, len(peaks) // _CANDIDATES)
    return sorted({*peaks[::step], limit})


def _suggestion(now: Score, curve: Sequence[Score], happened: int) -> tuple[int | None, str]:
    if happened < FEWEST:
        return None, f"只有 {happened} 次险情，少于 {FEWEST} 次，不给建议值"
    best = min(curve, key=lambda one: (one.cost, abs(one.milli - now.milli)))
    if best.cost >= now.cost:
        return None, "这段时间里没有更好的值"
    words = f"{happened} 次险情；漏报一次按空报 {MISS_WEIGHS} 次算。样本小，请会商后再改"
    return best.milli, words


def as_json(one: Verdict) -> dict[str, object]:
    """For programs."""
    return {
        "area": one.threshold.place, "threshold": one.threshold.id, "quantity": one.threshold.quantity.value,
        "hazard": one.threshold.hazard.value, "level": one.level.value, "limit": one.now.milli / THOUSAND,
        **_score(one.now), "caught_interval": list(one.caught), "idle_interval": list(one.idle),
        "curve": [{"value": each.milli / THOUSAND, **_score(each)} for each in one.curve],
        "suggested": None if one.suggested is None else one.suggested / THOUSAND, "why": one.why,
    }  # fmt: skip


def _score(one: Score) -> dict[str, object]:
    return {"hits": one.hits, "misses": one.misses, "empty": one.empty, "lead_ms": one.lead}


def in_words(one: Verdict) -> str:
    """One line for people."""
    of, unit = one.threshold, one.threshold.quantity.unit
    lead = f"，提前量中位数 {one.now.lead // 60_000} 分钟" if one.now.lead is not None else ""
    happened = one.now.hits + one.now.misses
    share = f"（命中率 95% 区间 {one.caught[0]:.0%}—{one.caught[1]:.0%}）" if happened else ""
    head = f"{of.place} {of.quantity} {one.level.zh} {one.now.milli / THOUSAND:g} {unit}"
    said = f"命中 {one.now.hits}，漏报 {one.now.misses}，空报 {one.now.empty}{share}{lead}"
    more = f"可考虑 {one.suggested / THOUSAND:g} {unit}：" if one.suggested is not None else ""
    return f"{head}：{said}。{more}{one.why}"


HEADS = ("乡镇", "阈值", "灾种", "级别", "现用值", "单位", "命中", "漏报", "空报", "命中率区间", "空报率区间",
         "提前量中位数分", "可考虑", "说明")  # fmt: skip


def as_row(one: Verdict) -> tuple[str | int | None, ...]:
    """One row under HEADS; a share of nothing has no interval."""
    of, now = one.threshold, one.now
    return (
        of.place, of.quantity.value, of.hazard.value, one.level.zh, f"{now.milli / THOUSAND:g}", of.quantity.unit,
        now.hits, now.misses, now.empty,
        _span(one.caught, now.hits + now.misses), _span(one.idle, now.hits + now.empty),
        None if now.lead is None else now.lead // 60_000,
        None if one.suggested is None else f"{one.suggested / THOUSAND:g}", one.why,
    )  # fmt: skip


def _span(share: tuple[float, float], of: int) -> str:
    return f"{share[0]:.0%}–{share[1]:.0%}" if of else ""
