"""From one alert to the roles that must be called: rules × covered areas."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields

from callout.domain.area import Coverage
from callout.domain.conditions import Facts, hold
from callout.domain.ladder import Ladder
from callout.domain.rule import FeedbackDemand, Gap, GapKind, Match, Matching, Proposal, Rule, Rulebook
from callout.domain.surroundings import by_place


def match(rulebook: Rulebook, facts: Facts, coverage: Coverage) -> Matching:
    """What the rules demand on the arrival of an alert, each area by its own level and surroundings; without repeats.

    The level in `facts` holds for the areas to which the coverage gives no level of their own.

    A role that several rules call gets the strictest of their ladders. A role may be demanded in an area where no
    post of it exists: only the roster knows that.
    """
    parts = [_alike(rulebook, here, part) for here, part in by_place(facts, coverage)]
    return _together(parts)


def _together(parts: Sequence[Matching]) -> Matching:
    if len(parts) == 1:  # what is so everywhere repeats nothing
        return parts[0]
    found = [[each for part in parts for each in getattr(part, name.name)] for name in fields(Matching)]
    return Matching(*[tuple(dict.fromkeys(each)) for each in found])


def _alike(rulebook: Rulebook, facts: Facts, coverage: Coverage) -> Matching:
    rules = [rule for rule in rulebook.rules if rule.at is None and hold(rule.when, facts)]
    matches = _matches(rulebook, rules, coverage)
    gaps = _gaps(rulebook, matches, coverage)
    return Matching(matches, _proposals(rules, coverage), gaps, _feedback(rules, coverage))


def match_struck(rulebook: Rulebook, rules: Sequence[Rule], facts: Facts, coverage: Coverage) -> Matching:
    """What these rules, whose clock time has come, demand in `coverage`; they leave no gaps."""
    parts = []
    for facts_here, part in by_place(facts, coverage):
        here = [rule for rule in rules if hold(rule.when, facts_here)]
        parts.append(Matching(_matches(rulebook, here, part), _proposals(here, part), ()))
    return _together(parts)


def _matches(rulebook: Rulebook, rules: Sequence[Rule], coverage: Coverage) -> tuple[Match, ...]:
    ladders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    reasons: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for place, ladder, rule_id in _demands(rules, coverage):
        ladders[place].add(ladder)
        reasons[place].add(rule_id)
    return tuple(
        Match(area, role, _strictest(rulebook, ladders[area, role]), tuple(sorted(reasons[area, role])))
        for area, role in sorted(ladders)
    )


def _demands(rules: Sequence[Rule], coverage: Coverage) -> Iterator[tuple[tuple[str, str], str, str]]:
    for rule in rules:
        for call in rule.calls:
            for area in rule.reach(coverage.areas):
                yield from (((area, role), call.ladder, rule.id) for role in call.roles)


def _strictest(rulebook: Rulebook, names: set[str]) -> Ladder:
    return max((rulebook.ladders[name] for name in names), key=lambda ladder: (ladder.strictness, ladder.name))


def _proposals(rules: Sequence[Rule], coverage: Coverage) -> tuple[Proposal, ...]:
    found = {
        Proposal(area, wish.role, wish.code, rule.id, wish.measure)
        for rule in rules
        for wish in rule.proposals
        for area in rule.reach(coverage.areas)
    }
    return tuple(sorted(found, key=lambda p: (p.area, p.role, p.code, p.rule_id, p.measure)))


def _feedback(rules: Sequence[Rule], coverage: Coverage) -> tuple[FeedbackDemand, ...]:
    found = sorted(
        (
            FeedbackDemand(area, role, duty.kind, duty.within, rule.id)
            for rule in rules
            for duty in rule.feedback
            for role in duty.roles
            for area in rule.reach(coverage.areas)
        ),
        key=lambda d: (d.area, d.role, d.kind, -d.within, d.rule_id),
    )
    # Of several rules the last written here stays: the shortest time.
    return tuple({(d.area, d.role, d.kind): d for d in found}.values())


def _gaps(rulebook: Rulebook, matches: Sequence[Match], coverage: Coverage) -> tuple[Gap, ...]:
    county = rulebook.county.key
    unplanned = sorted(coverage.areas - rulebook.planned - {county})
    nobody = [] if matches else [Gap(GapKind.NO_RULE, county)]
    return (*(Gap(GapKind.NO_PLAN, area) for area in unplanned), *nobody)
