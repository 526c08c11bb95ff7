"""应叫: who must be called, computed a second time the slow and plain way.

Nothing here is shared with matching.py and clock.py but the table of conditions, so that a fault there shows as a
difference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from types import MappingProxyType

from callout.domain.area import Coverage
from callout.domain.conditions import CONDITIONS, NOTHING_AROUND, Facts
from callout.domain.instant import BEIJING, HOUR, Instant, instant, moment
from callout.domain.roster import Roster
from callout.domain.rule import Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Span:
    """When an alert was in force in one area, as far as it matters: after `begins`, before `ends`."""

    begins: Instant
    ends: Instant


Spans = Mapping[str, Span]
"""By area; where an area is missing, no clock time of a rule has come there."""
NO_SPANS: Spans = MappingProxyType({})


def due(
    rulebook: Rulebook, roster: Roster, facts: Facts, coverage: Coverage, spans: Spans = NO_SPANS
) -> frozenset[int]:
    """Ids of the posts that the rules demand for this alert, vacant and unreachable ones included.

    The level in `facts` holds for the areas to which the coverage gives no level of their own.
    """

    @cache
    def asked(area: str) -> frozenset[str]:
        """The roles whose posts in this area are due: nothing else of a post matters."""
        if area not in coverage.areas:
            return frozenset()
        level, around = coverage.levels.get(area, facts.level), facts.around.get(area, NOTHING_AROUND)
        here = replace(facts, level=level, here=around)
        rules = [rule for rule in rulebook.rules if _holds(rule, area, here) and _has_come(rule, area, spans)]
        return frozenset(role for rule in rules for call in rule.calls for role in call.roles)

    return frozenset(post.id for post in roster.posts if post.role in asked(post.area))


Wanted = Callable[[Rulebook, Roster, Facts, Coverage, Spans], frozenset[int]]
"""What answers as `due` does."""


def _has_come(rule: Rule, area: str, spans: Spans) -> bool:
    """Whether the clock time of the rule has come there; always for a rule without one."""
    if rule.at is None:
        return True
    span = spans.get(area)
    if span is None:
        return False
    if span.ends - span.begins > 24 * HOUR:
        return True
    begun = moment(span.begins).astimezone(BEIJING)
    same_day = begun.replace(hour=rule.at // 60, minute=rule.at % 60, second=0, microsecond=0)
    return any(span.begins < instant(each) < span.ends for each in (same_day, same_day + timedelta(days=1)))


def _holds(rule: Rule, area: str, facts: Facts) -> bool:
    if (rule.areas and area not in rule.areas) or area in rule.overridden:
        return False
    return all(CONDITIONS[condition.kind](condition.value, facts) for condition in rule.when)
