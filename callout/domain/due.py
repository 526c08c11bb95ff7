"""应叫: who must be called, computed a second time the slow and plain way.

Nothing here is shared with matching.py and clock.py but the table of conditions, so that a fault there shows as a
difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from callout.domain.area import Coverage
from callout.domain.conditions import CONDITIONS, NOTHING_AROUND, Facts
from callout.domain.instant import BEIJING, HOUR, Instant, instant, moment
from callout.domain.roster import Post, Roster
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
    found = set()
    for post in roster.posts:
        level, around = coverage.levels.get(post.area, facts.level), facts.around.get(post.area, NOTHING_AROUND)
        here = replace(facts, level=level, here=around)
        if any(_asks_for(rule, post, here, coverage) and _has_come(rule, post, spans) for rule in rulebook.rules):
            found.add(post.id)
    return frozenset(found)


def _has_come(rule: Rule, post: Post, spans: Spans) -> bool:
    """Whether the clock time of the rule has come where the post is; always for a rule without one."""
    if rule.at is None:
        return True
    span = spans.get(post.area)
    if span is None:
        return False
    if span.ends - span.begins > 24 * HOUR:
        return True
    begun = moment(span.begins).astimezone(BEIJING)
    same_day = begun.replace(hour=rule.at // 60, minute=rule.at % 60, second=0, microsecond=0)
    return any(span.begins < instant(each) < span.ends for each in (same_day, same_day + timedelta(days=1)))


def _asks_for(rule: Rule, post: Post, facts: Facts, coverage: Coverage) -> bool:
    if post.area not in coverage.areas:
        return False
    if (rule.areas and post.area not in rule.areas) or post.area in rule.overridden:
        return False
    for condition in rule.when:
        if not CONDITIONS[condition.kind](condition.value, facts):
            return False
    return any(post.role in call.roles for call in rule.calls)
