"""The changes of a plan in words, as plain documents: for a screen, for programs, and for the record."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from callout.domain.plan_change import Effect, PlanDiff, plan_diff, plan_effects
from callout.domain.proof.space import Case
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook

Doc = dict[str, Any]


def plan_changes(before: Rulebook, after: Rulebook, roster: Roster) -> Doc:
    """What `after` changes and for whom; posts are counted in `roster`."""
    found = plan_diff(before, after)
    return {
        "different": bool(found),
        "version_before": before.version,
        "version_after": after.version,
        "rules": len(after.rules),
        "rules_added": list(found.added),
        "rules_removed": list(found.removed),
        "rules_changed": [{"id": i, "parts": [p.value for p in parts]} for i, parts in found.changed.items()],
        "ladders_changed": list(found.ladders),
        "settings_changed": list(found.settings),
        "effects": effects(plan_effects(before, after), after, roster),
    }


def effects(found: Sequence[Effect], rulebook: Rulebook, roster: Roster) -> list[Doc]:
    """Areas for which the same changes in the same warnings are one entry."""
    names = {rulebook.county.key: rulebook.county.name, **{t.key: t.name for t in rulebook.county.townships}}
    posts = Counter((p.area, p.role) for p in roster.posts)
    groups: defaultdict[tuple[str, str, tuple[Case, ...]], list[str]] = defaultdict(list)
    for one in found:
        groups[one.turn.value, one.role, one.cases].append(one.area)
    return [
        {
            "turn": turn,
            "role": role,
            "areas": [names.get(area, area) for area in areas],
            "posts": sum(posts[area, role] for area in areas),
            "warnings": [case.zh for case in cases],
        }
        for (turn, role, cases), areas in groups.items()
    ]


def plan_on_record(found: PlanDiff) -> Doc:
    """The change as the audit record keeps it."""
    said = {
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": list(found.changed),
        "ladders": list(found.ladders),
        "settings": list(found.settings),
    }
    return {what: names for what, names in said.items() if names}
