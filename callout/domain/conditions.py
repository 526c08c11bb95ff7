"""What a rule may ask about an alert: one function and one table line for each kind of condition."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from callout.domain.instant import Instant, beijing
from callout.domain.level import Hazard, Level
from callout.domain.rule import Condition


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions see of an alert. None = the alert does not say it, so no condition on it can hold."""

    hazard: Hazard | None
    level: Level | None
    sent: Instant | None = None
    """When it was issued."""


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


CONDITIONS: Mapping[str, Callable[[str, Facts], bool]] = {
    "hazard": _hazard,
    "level": _level,
    "level_at_least": _level_at_least,
    "issued": _issued,
    "season": _season,
}
"""Condition kind → test. Which areas a rule is limited to is `Rule.areas`, not a condition."""


def hold(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Whether every condition holds. Raises KeyError for a kind that is not in the table."""
    return all(CONDITIONS[condition.kind](condition.value, facts) for condition in conditions)
