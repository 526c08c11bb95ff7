"""应叫: who must be called, computed a second time the slow and plain way.

Nothing here is shared with matching.py but the table of conditions, so that a fault there shows as a difference.
"""

from callout.domain.area import Coverage
from callout.domain.conditions import CONDITIONS, Facts
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post, Roster
from callout.domain.rule import Rule, Rulebook


def due(
    rulebook: Rulebook, roster: Roster, hazard: Hazard | None, level: Level | None, coverage: Coverage
) -> frozenset[int]:
    """Ids of the posts that the rules demand for this alert, vacant and unreachable ones included.

    `level` holds for the areas to which the coverage gives no level of their own.
    """
    found = set()
    for post in roster.posts:
        facts = Facts(hazard, coverage.levels.get(post.area, level))
        if any(_asks_for(rule, post, facts, coverage) for rule in rulebook.rules):
            found.add(post.id)
    return frozenset(found)


def _asks_for(rule: Rule, post: Post, facts: Facts, coverage: Coverage) -> bool:
    if post.area not in coverage.areas:
        return False
    if rule.areas and post.area not in rule.areas:
        return False
    for condition in rule.when:
        if not CONDITIONS[condition.kind](condition.value, facts):
            return False
    return any(post.role in call.roles for call in rule.calls)
