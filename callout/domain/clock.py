"""Clock times in rules, by Beijing time: when a trigger such as `at: "22:00"` strikes for an alert."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from callout.domain.area import Coverage
from callout.domain.conditions import Facts, hold
from callout.domain.episode import Said, reign
from callout.domain.instant import DAY, MINUTE, Instant, Millis, beijing, clock_of, later
from callout.domain.rule import Rule
from callout.domain.surroundings import by_place

LATE: Millis = MINUTE
"""A trigger that fires this long after its time was slept through, and says so."""


def minute_of_day(text: str) -> int | None:
    """Minutes after midnight of a clock time such as 22:00; None for anything else."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def last_strike(minute: int, until: Instant) -> Instant:
    """The last instant up to and including `until` at which a Beijing clock shows `minute`."""
    return later(until, -clock_of(later(until, -minute * MINUTE)))


def first_strike(minute: int, after: Instant) -> Instant:
    """The first instant after `after` at which a Beijing clock shows `minute`."""
    return Instant(last_strike(minute, after) + DAY)


@dataclass(frozen=True, slots=True)
class Strike:
    """One clock time that has come for one alert, and the rules that ask for it."""

    at: Instant
    rules: tuple[Rule, ...]

    def late(self, now: Instant) -> bool:
        """Whether it was slept through."""
        return now - self.at >= LATE

    @property
    def name(self) -> str:
        """The Beijing time that people know it by."""
        return beijing(self.at, "%Y-%m-%d %H:%M")


def in_force(coverage: Coverage, alert: int, said: Iterable[Said], county: str) -> Coverage:
    """Where the alert is the one in force after these messages of its episode.

    `county` is the key of the county's own posts: they stay with it while it is in force in any township.
    """
    spoken = tuple(said)
    standing = {area: reign(spoken, area) for area in coverage.areas - {county}}
    townships = frozenset(area for area, warnings in standing.items() if warnings and warnings[-1].alert == alert)
    return replace(coverage, areas=townships | {county} if townships else frozenset())


def triggers(rules: Iterable[Rule], facts: Facts, coverage: Coverage) -> tuple[Rule, ...]:
    """The rules with a clock time that ask for an alert with these facts, at any of its levels."""
    each = [here for here, _ in by_place(facts, coverage)]
    return tuple(rule for rule in rules if rule.at is not None and any(hold(rule.when, one) for one in each))


def next_strike(rules: Iterable[Rule], after: Instant) -> Instant | None:
    """When the first of these rules strikes after `after`; None where none has a clock time."""
    return min((first_strike(rule.at, after) for rule in rules if rule.at is not None), default=None)


def strikes(rules: Sequence[Rule], begins: Instant, ends: Instant | None, now: Instant) -> tuple[Strike, ...]:
    """What has struck from `begins` up to now for an alert in force until before `ends`, in order of time.

    A rule that was slept through for days strikes once, at its last time in force.
    """
    until = now if ends is None else min(now, Instant(ends - 1))
    found: dict[Instant, list[Rule]] = {}
    for rule in rules:
        if rule.at is not None and (at := last_strike(rule.at, until)) >= begins:
            found.setdefault(at, []).append(rule)
    return tuple(Strike(at, tuple(asked)) for at, asked in sorted(found.items()))


def sentence(strike: Strike, warning: str, measures: Sequence[str], now: Instant, *, over: bool) -> str:
    """What the officer reads about a clock time that has come; `measures` are the stops of work to decide."""
    said = [f"{beijing(strike.at, '%H:%M')} {warning}仍生效"]
    if strike.late(now):
        said.append(f"晚了 {(now - strike.at) // MINUTE} 分钟才处理")
    if over:
        said.append("现在预警已过有效期，没有再叫人，请人工联系有关岗位")
    if measures:
        said.append(f"规则建议：{'；'.join(measures)}；请研判决定")
    return "，".join(said)
