"""The finite space: kinds of messages × hazards × levels × times of day × what is assumed, and whom the rules demand.

One match for all townships at once stands for one match for each: what a rule asks in an area does not depend on the
other areas (tests/domain/test_proof_space.py holds that).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callout.domain.alert_kind import AlertKind
from callout.domain.area import Coverage
from callout.domain.clock import minute_of_day
from callout.domain.conditions import Facts
from callout.domain.instant import BEIJING, MINUTE, Instant, beijing, instant, later
from callout.domain.ladder import NIGHT_BEGINS, NIGHT_ENDS, is_night
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.matching import match, match_struck
from callout.domain.rule import Condition, Match, Matching, Rule, Rulebook

AXES = ("hazard", "level", "level_at_least", "kind", "issued")
"""Kinds of conditions that the space runs through; all others are assumed once true and once false."""
_HEADLINES = {
    AlertKind.SIGNAL: "暴雨橙色预警",
    AlertKind.BRIEFING: "重要气象信息专报",
    AlertKind.RESPONSE: "应急响应",
}
"""A headline of each kind; what else it says is assumed (words)."""
DAY = instant(datetime(2026, 7, 1, tzinfo=BEIJING))
"""Some midnight in Beijing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One warning that can come."""

    kind: AlertKind
    hazard: Hazard
    level: Level

    @property
    def zh(self) -> str:
        """暴雨橙色, or 应急响应洪水黄色."""
        return ("" if self.kind is AlertKind.SIGNAL else f"{self.kind} ") + f"{self.hazard}{self.level.zh}"


@dataclass(frozen=True, slots=True)
class World:
    """What is assumed of the conditions outside the axes."""

    name: str
    holds: frozenset[Condition]


@dataclass(frozen=True, slots=True)
class Demands:
    """Whom the rules demand in one point of the space, everywhere in the county."""

    case: Case
    world: World
    asked: Instant
    """When they are called; stands for all times of day that no rule tells apart."""
    struck: bool
    """Not on arrival, but because a clock time of the rules has come."""
    found: Mapping[tuple[str, str], Match]
    """(area, role) → by which ladder and rules."""

    @property
    def night(self) -> bool:
        """Whether they are called at night."""
        return is_night(self.asked)


@dataclass(frozen=True, slots=True)
class Space:
    """Everything that the rules can demand."""

    assumed: tuple[Condition, ...]
    worlds: tuple[World, ...]
    """The first one assumes everything, the second nothing."""
    times: tuple[Instant, ...]
    cases: tuple[Case, ...]
    """Of hazards that some rule speaks of."""
    unspoken: tuple[Hazard, ...]
    """Hazards of which no rule speaks: a human is asked each time."""
    demands: tuple[Demands, ...]
    used: frozenset[str]
    """Ids of the rules that ask for something somewhere."""

    def on_arrival(self, world: World) -> Iterator[Demands]:
        """The demands of one world that do not wait for a clock time."""
        return (one for one in self.demands if one.world is world and not one.struck)


def survey(rulebook: Rulebook) -> Space:
    """Walk through the whole space with the engine's own matching."""
    assumed = assumptions(rulebook)
    known, times, cases = worlds(assumed), times_of_day(rulebook), tuple(cases_of(rulebook))
    demands: list[Demands] = []
    used: set[str] = set()
    for world in known:
        for one, found in _walk(in_world(rulebook, world), world, times, cases):
            demands.append(one)
            used |= {rule for match_ in found.matches for rule in match_.rule_ids}
            used |= {proposal.rule_id for proposal in found.proposals}
    spoken = {case.hazard for case in cases}
    unspoken = tuple(hazard for hazard in Hazard if hazard not in spoken)
    return Space(assumed, known, times, cases, unspoken, tuple(demands), frozenset(used))


def assumptions(rulebook: Rulebook) -> tuple[Condition, ...]:
    """The conditions outside the axes, each once, in the order of the rules."""
    return tuple(dict.fromkeys(c for rule in rulebook.rules for c in rule.when if c.kind not in AXES))


def worlds(assumed: Sequence[Condition]) -> tuple[World, ...]:
    """All conditions true, all false, and each of them alone the other way round."""
    every = frozenset(assumed)
    found = {every: "都成立", frozenset[Condition](): "都不成立"}
    for one in assumed:
        found.setdefault(frozenset({one}), f"只有 {one.kind} {one.value} 成立")
        found.setdefault(every - {one}, f"只有 {one.kind} {one.value} 不成立")
    return tuple(World(name, holds) for holds, name in found.items())


def in_world(rulebook: Rulebook, world: World) -> Rulebook:
    """The rules as they are where exactly these conditions hold."""
    kept = (rule for rule in rulebook.rules if all(c.kind in AXES or c in world.holds for c in rule.when))
    rules = (replace(rule, when=tuple(c for c in rule.when if c.kind in AXES)) for rule in kept)
    return replace(rulebook, rules=tuple(rules))


def times_of_day(rulebook: Rulebook) -> tuple[Instant, ...]:
    """One time in each part of the day that the rules or the night tell apart, in the middle of the part."""
    spans = [c.value.split("-") for rule in rulebook.rules for c in rule.when if c.kind == "issued"]
    clocks = {minute for span in spans for clock in span if (minute := minute_of_day(clock)) is not None}
    edges = sorted(clocks | {NIGHT_BEGINS * 60, NIGHT_ENDS * 60})
    ends = [*edges[1:], edges[0] + 24 * 60]
    middles = sorted((begin + end) // 2 % (24 * 60) for begin, end in zip(edges, ends, strict=True))
    return tuple(later(DAY, minute * MINUTE) for minute in middles)


def facts(case: Case, sent: Instant) -> Facts:
    """What the conditions on the axes see of a warning."""
    return Facts(case.hazard, case.level, sent, _HEADLINES[case.kind])


def everywhere(rulebook: Rulebook) -> Coverage:
    """The whole county."""
    county = rulebook.county
    return Coverage(county.code, frozenset({county.key, *(township.key for township in county.townships)}))


def clock_of(at: Instant) -> str:
    """The time of day in Beijing."""
    return beijing(at, "%H:%M")


def cases_of(rulebook: Rulebook) -> Iterator[Case]:
    """Every warning of which some rule speaks."""
    for kind in AlertKind:
        spoken = {hazard for rule in rulebook.rules for hazard in _spoken(rule, kind)}
        for hazard in Hazard:
            levels = LEVELS_OF[hazard] if kind is AlertKind.SIGNAL else tuple(Level)
            yield from (Case(kind, hazard, level) for level in levels if hazard in spoken)


def _spoken(rule: Rule, kind: AlertKind) -> frozenset[Hazard]:
    """The hazards that a rule speaks of in messages of this kind."""
    values = {one.kind: one.value for one in rule.when}
    if values.get("kind", AlertKind.SIGNAL) != kind:
        return frozenset()
    return frozenset(hazard for hazard in Hazard if hazard.value in values["hazard"].split(","))


def _walk(
    rulebook: Rulebook, world: World, times: Sequence[Instant], cases: Sequence[Case]
) -> Iterator[tuple[Demands, Matching]]:
    coverage = everywhere(rulebook)
    clocks = sorted({rule.at for rule in rulebook.rules if rule.at is not None})
    for case in cases:
        for sent in times:
            found = match(rulebook, facts(case, sent), coverage)
            yield _demands(case, world, sent, found), found
            for minute in clocks:
                struck = [rule for rule in rulebook.rules if rule.at == minute]
                found = match_struck(rulebook, struck, facts(case, sent), coverage)
                yield _demands(case, world, later(DAY, minute * MINUTE), found, struck=True), found


def _demands(case: Case, world: World, asked: Instant, found: Matching, *, struck: bool = False) -> Demands:
    return Demands(case, world, asked, struck, {(one.area, one.role): one for one in found.matches})
