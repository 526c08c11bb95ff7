"""What a rule may ask about an alert: one function and one table line for each kind of condition."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from callout.domain.alert_kind import AlertKind, alert_kind
from callout.domain.instant import Instant, beijing
from callout.domain.level import Hazard, Level
from callout.domain.rule import Condition


@dataclass(frozen=True, slots=True)
class Around:
    """What is so in one area when an alert comes in, beside what the alert says."""

    places: frozenset[str] = frozenset()
    """Names of villages, 小流域 and risk points there that the message names; empty = it means the whole area."""
    beside: frozenset[tuple[Hazard, Level]] = frozenset()
    """Warnings of other events that are in force there."""
    observed: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Name of a reading → its value there, e.g. 1小时雨量 → 52.5 (mm)."""


NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions see of an alert. None = the alert does not say it, so no condition on it can hold."""

    hazard: Hazard | None
    level: Level | None
    sent: Instant | None = None
    """When it was issued."""
    headline: str = ""
    around: Mapping[str, Around] = field(default_factory=dict, hash=False)
    """Area key → what is so there; missing = nothing is known."""
    here: Around = NOTHING_AROUND
    """What is so in the one area that is asked about."""


def _hazard(value: str, facts: Facts) -> bool:
    """`value` is one hazard or several, split by commas."""
    return facts.hazard is not None and facts.hazard.value in value.split(",")


def _level(value: str, facts: Facts) -> bool:
    return facts.level is not None and facts.level is Level(value)


def _level_at_least(value: str, facts: Facts) -> bool:
    return facts.level is not None and facts.level.rank >= Level(value).rank


def _issued(value: str, facts: Facts) -> bool:
    """`value` is a span of Beijing clock times such as 22:00-06:00, its end not included; it may pass midnight."""
    return facts.sent is not None and _within(beijing(facts.sent, "%H:%M"), value)


def _season(value: str, facts: Facts) -> bool:
    """`value` is a span of days such as 05-01..09-30, both included; it may pass the end of the year."""
    if facts.sent is None:
        return False
    day, (first, last) = beijing(facts.sent, "%m-%d"), value.split("..")
    return first <= day <= last if first <= last else day >= first or day <= last


def _within(clock: str, span: str) -> bool:
    begins, ends = span.split("-")
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


def _kind(value: str, facts: Facts) -> bool:
    return alert_kind(facts.headline) is AlertKind(value)


def _words(value: str, facts: Facts) -> bool:
    """`value` is one word or several, split by commas; one of them stands in the headline."""
    headline = unicodedata.normalize("NFKC", facts.headline)
    return any(unicodedata.normalize("NFKC", word) in headline for word in value.split(","))


def _place(value: str, facts: Facts) -> bool:
    """`value` is one place or several, split by commas. A message that names no place in the area means all of it."""
    return not facts.here.places or not facts.here.places.isdisjoint(value.split(","))


def _beside(value: str, facts: Facts) -> bool:
    """`value` is hazards|levels, each split by commas: a warning of one of them, at one of the levels, is in force."""
    hazards, levels = (part.split(",") for part in value.split("|"))
    return any(hazard in hazards and level in levels for hazard, level in facts.here.beside)


def _observed(value: str, facts: Facts) -> bool:
    """`value` is a reading and a number such as 1小时雨量>=50. A reading that is missing reaches nothing."""
    reading, _, least = value.partition(">=")
    found = facts.here.observed.get(reading)
    return found is not None and found >= float(least)


CONDITIONS: Mapping[str, Callable[[str, Facts], bool]] = {
    "hazard": _hazard,
    "level": _level,
    "level_at_least": _level_at_least,
    "issued": _issued,
    "season": _season,
    "kind": _kind,
    "words": _words,
    "place": _place,
    "beside": _beside,
    "observed": _observed,
}
"""Condition kind → test. Which areas a rule is limited to is `Rule.areas`, not a condition."""


def hold(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Whether every condition holds. Raises KeyError for a kind that is not in the table."""
    return all(CONDITIONS[condition.kind](condition.value, facts) for condition in conditions)
