"""From one alert to the roles that must be called: rules × covered areas."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields

from callout.domain.area import Coverage
from callout.domain.conditions import Facts, hold
from callout.domain.ladder import Ladder
from callout.domain.level import Hazard, Level
from callout.domain.rule import Gap, GapKind, Match, Matching, Proposal, Rule, Rulebook


def match(rulebook: Rulebook, hazard: Hazard | None, level: Level | None, coverage: Coverage) -> Matching:
    """What the rules demand for an alert that covers `coverage`, each area at its own level; without repeats.

    A role that several rules call gets the strictest of their ladders. A role may be demanded in an area where no
    post of it exists: only the roster knows that.
    """
    parts = [_at_one_level(rulebook, Facts(hazard, each), part) for each, part in coverage.by_level(level)]
    found = [[each for part in parts for each in getattr(part, name.name)] for name in fields(Matching)]
    return Matching(*[tuple(dict.fromkeys(each)) for each in found])


def _at_one_level(rulebook: Rulebook, facts: Facts, coverage: Coverage) -> Matching:
    rules = [rule for rule in rulebook.rules if hold(rule.when, facts)]
    matches = _matches(rulebook, rules, coverage)
    return Matching(matches, _proposals(rules, coverage), _gaps(rulebook, matches, coverage))


def _reach(rule: Rule, coverage: Coverage) -> frozenset[str]:
    return coverage.areas & rule.areas if rule.areas else coverage.areas


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
            for area in _reach(rule, coverage):
                yield from (((area, role), call.ladder, rule.id) for role in call.roles)


def _strictest(rulebook: Rulebook, names: set[str]) -> Ladder:
    return max((rulebook.ladders[name] for name in names), key=lambda ladder: (ladder.strictness, ladder.name))


def _proposals(rules: Sequence[Rule], coverage: Coverage) -> tuple[Proposal, ...]:
    found = {
        Proposal(area, wish.role, wish.code, rule.id, wish.measure)
        for rule in rules
        for wish in rule.proposals
        for area in _reach(rule, coverage)
    }
    return tuple(sorted(found, key=lambda p: (p.area, p.role, p.code, p.rule_id, p.measure)))


def _gaps(rulebook: Rulebook, matches: Sequence[Match], coverage: Coverage) -> tuple[Gap, ...]:
    county = rulebook.county.key
    unplanned = sorted(coverage.areas - rulebook.planned - {county})
    nobody = [] if matches else [Gap(GapKind.NO_RULE, county)]
    return (*(Gap(GapKind.NO_PLAN, area) for area in unplanned), *nobody)
