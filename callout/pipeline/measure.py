"""measure: readings come in; thresholds that are reached become alarms, gauges that cannot be believed become work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from callout.domain.area import County
from callout.domain.gauge import KEPT, THOUSAND, Gauge, Measured, Observation, examine, observations, readable
from callout.domain.instant import HOUR, Instant
from callout.domain.level import Hazard, Level
from callout.domain.rule import Rulebook
from callout.domain.threshold import Alarm, Judgement, Threshold, Turn, judge, speaks
from callout.ports import AlarmRow, Kept, MeasureWork, Rulebooks, Summary, Writer

LOOK_BACK = KEPT + HOUR
"""Readings that are looked at: enough for the longest sum and for a gauge that stands still."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """What the measure stage stands on."""

    store: Writer[MeasureWork]
    rulebooks: Rulebooks


@dataclass(frozen=True, slots=True)
class Came:
    """One reading as it came from outside."""

    gauge: str
    at: Instant
    value: float
    """Millimetres or metres."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of readings."""

    new: int
    known: int
    refused: tuple[str, ...]
    """Why each of the others was not kept, in words."""


def take(measuring: Measuring, county: str, came: Sequence[Came], origin: str) -> Taken:
    """Keep readings and look at once what they mean. A reading that cannot be believed is refused alone."""
    book = _book(measuring, county)
    gauges = {gauge.id: gauge for gauge in book.county.gauges} if book else {}

    def work(writing: MeasureWork) -> Taken:
        refused = [(one, _refusal(gauges, one, writing.at)) for one in came]
        good = [Measured(one.gauge, one.at, round(one.value * THOUSAND)) for one, why in refused if not why]
        new = writing.gauges.keep(county, good, origin)
        if book:
            _look(writing, book)
        return Taken(new, len(good) - new, tuple(why for _, why in refused if why))

    return measuring.store.write(work)


def run_once(measuring: Measuring) -> Summary:
    """Look at what all gauges say now: also where nothing came, because time has passed."""
    moved = 0
    for county, version in measuring.store.read(lambda work: work.gauges.counties()):
        book = measuring.rulebooks.get(county, version) if version else None
        if book and book.county.gauges:
            moved += measuring.store.write(partial(_look, book=book))
    return Summary("measure", moved)


def _book(measuring: Measuring, county: str) -> Rulebook | None:
    versions = dict(measuring.store.read(lambda work: work.gauges.counties()))
    return measuring.rulebooks.get(county, versions[county]) if versions.get(county) else None


def _refusal(gauges: Mapping[str, Gauge], one: Came, now: Instant) -> str:
    gauge = gauges.get(one.gauge)
    return readable(gauge, one.at, one.value, now) if gauge else f"没有站号为 {one.gauge[:40]} 的测站"


def _look(work: MeasureWork, book: Rulebook) -> int:
    county, now = book.county, work.at
    readings = work.gauges.readings(county.code, Instant(now - LOOK_BACK))
    work.gauges.ills(county.code, list(examine(county.gauges, readings, now)))
    seen, standing = observations(county.gauges, readings, now), work.gauges.standing(county.code)
    said: defaultdict[tuple[str, Hazard], list[_Said]] = defaultdict(list)
    for threshold in book.thresholds:
        found = seen.get(threshold.area, {}).get(threshold.quantity)
        if found is not None:
            row = standing.get((threshold.area, threshold.id))
            judgement = judge(threshold, found.milli, row.standing if row else None, now)
            said[threshold.area, threshold.hazard].append(_Said(threshold, found, row, judgement))
    told = work.gauges.in_force(county.code, now)
    return sum(_together(work, book, some, told) for some in said.values())


@dataclass(frozen=True, slots=True)
class _Said:
    """What one threshold makes of the value now."""

    threshold: Threshold
    seen: Observation
    row: AlarmRow | None
    judgement: Judgement


def _together(
    work: MeasureWork, book: Rulebook, some: Sequence[_Said], told: Mapping[tuple[str, str], tuple[Level, str]]
) -> int:
    """The thresholds of one township and hazard: people hear of one of them."""
    area = some[0].threshold.area
    mine = {one.threshold.id: told[area, one.threshold.id] for one in some if (area, one.threshold.id) in told}
    speaking = speaks([(one.threshold, one.judgement) for one in some], {k: level for k, (level, _) in mine.items()})
    first = next((first for _, first in mine.values()), "")
    for one in some:
        _act(work, book, one, Kept(book.version, one.threshold.id == speaking), first)
    return sum(one.judgement.turn is not Turn.NOTHING for one in some)


def _act(work: MeasureWork, book: Rulebook, one: _Said, kept: Kept, first: str) -> None:
    county, of, said = book.county, one.threshold, one.judgement
    if said.turn in (Turn.RAISED, Turn.EXTENDED) and said.level:
        alarm = Alarm(of, said.level, one.seen, _name(county, one.seen.gauge), work.at, first)
        work.gauges.raise_alarm(county.code, alarm, kept, one.row)
    elif said.turn in (Turn.LOWERED, Turn.RELEASED) and one.row:
        work.gauges.hold(county.code, (of.area, of.id), one.row, said.level)


def _name(county: County, gauge: str) -> str:
    return next(one.name for one in county.gauges if one.id == gauge)
