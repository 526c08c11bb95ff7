"""What the rules alone leave open: whom they forget at some level, at some time of day, in some township."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from callout.domain.alert_kind import AlertKind
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.matching import match
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.space import Case, Demands, Space, clock_of, everywhere, facts
from callout.domain.rule import Match, Rulebook

_FEW = 4
_URGENT = (Level.ORANGE, Level.RED)
_CAN_WAIT = (Hazard.HEAT, Hazard.DROUGHT, Hazard.HAZE)
"""Hazards for which nobody has to be woken."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules and everything they can demand."""

    book: Rulebook
    space: Space

    @property
    def names(self) -> Mapping[str, str]:
        """Area key → name."""
        county = self.book.county
        return {county.key: county.name, **{t.key: t.name for t in county.townships}}

    def listed(self, areas: Iterable[str]) -> str:
        """Areas by name, a few of many."""
        given = sorted(areas)
        more = f"等 {len(given)} 处" if len(given) > _FEW else ""
        return "、".join(self.names.get(area, area) for area in given[:_FEW]) + more

    def file_of(self, area: str) -> str:
        """Where what an area asks is written."""
        return "county.yaml" if area == self.book.county.key else f"{self.names[area]}的方案"


def rule_findings(plan: Plan) -> Iterator[Finding]:
    """Everything that can be said without a roster."""
    yield from _without_plan(plan)
    yield from _never(plan)
    yield from _left_out(plan)
    yield from _only_if(plan)
    yield from _higher(plan)
    yield from _by_day_only(plan)
    yield from _replaced(plan)
    yield from _ladders(plan)


def _without_plan(plan: Plan) -> Iterator[Finding]:
    for town in plan.book.county.townships:
        if town.key not in plan.book.planned:
            mend = f"在 rules/townships/ 里给{town.name}写方案"
            what = "预警涉及这里时只转人工，没有岗位可叫"
            every = plan.space.cases
            yield Finding(Kind.NO_PLAN, Danger.DEADLY, town.name, what, (mend,), areas=(town.key,), cases=every)


def _never(plan: Plan) -> Iterator[Finding]:
    for rule in plan.book.rules:
        if rule.id not in plan.space.used:
            mend = f"改正或删去规则 {rule.id}"
            what = "没有哪一级、哪个时刻的预警用得上它（灾种没有这一级，或条件互相矛盾）"
            yield Finding(Kind.NEVER_HOLDS, Danger.GRAVE, f"规则 {rule.id}", what, (mend,))
    called = {place for one in plan.space.demands for place in one.found}
    asked = {(rule.plan, wish.role) for rule in plan.book.rules for wish in rule.proposals}
    for stem, area, role in plan.book.named:
        there = (area, role) in called if area else any(role == each for _, each in called)
        if not there and (stem, role) not in asked:
            mend = f"在方案 {stem} 里写叫“{role}”的规则，或从 roles 里删去"
            what = "roles 里写了，没有一条规则叫"
            yield Finding(Kind.ROLE_NEVER_CALLED, Danger.GRAVE, f"{stem} {role}", what, (mend,))


def _left_out(plan: Plan) -> Iterator[Finding]:
    """A township that calls nobody of its own where most others do."""
    silent: defaultdict[str, list[Case]] = defaultdict(list)
    own = {rule.id for rule in plan.book.rules if len(rule.areas) == 1}
    for case, areas in _called_at_all(plan, own).items():
        if 2 * len(areas) > len(plan.book.planned):
            for area in plan.book.planned - areas:
                silent[area].append(case)
    every = {(case.kind, case.hazard): 0 for case in plan.space.cases}
    for case in plan.space.cases:
        every[case.kind, case.hazard] += 1
    for area, cases in sorted(silent.items()):
        for subject in dict.fromkeys((case.kind, case.hazard) for case in cases):
            these = [case for case in cases if (case.kind, case.hazard) == subject]
            yield _silent(plan, area, these, whole=len(these) == every[subject])


def _called_at_all(plan: Plan, own: set[str]) -> Mapping[Case, frozenset[str]]:
    found: dict[Case, set[str]] = {case: set() for case in plan.space.cases}
    for one in plan.space.on_arrival(plan.space.worlds[0]):
        found[one.case] |= {area for (area, _), match_ in one.found.items() if own.intersection(match_.rule_ids)}
    return {case: frozenset(areas) for case, areas in found.items()}


def _silent(plan: Plan, area: str, cases: list[Case], *, whole: bool) -> Finding:
    named = "、".join(case.zh for case in cases)
    kind, danger = (Kind.HAZARD_LEFT_OUT, Danger.GRAVE) if whole else (Kind.LEVEL_CALLS_NOBODY, Danger.DEADLY)
    mend = f"在{plan.file_of(area)}里补上{named}的规则"
    return Finding(
        kind, danger, plan.names[area], f"{named}时，本方案没有叫任何人；多数乡镇都叫", (mend,), areas=(area,)
    )


def _only_if(plan: Plan) -> Iterator[Finding]:
    """Orange or red that calls somebody only if a condition outside the axes holds."""
    lost: defaultdict[str, dict[Case, Match]] = defaultdict(dict)
    for area, case, match_ in _gained(plan):
        lost[area].setdefault(case, match_)
    for area, cases in sorted(lost.items()):
        rule = next(iter(cases.values())).rule_ids[0]
        named = _named(cases)
        what = f"{named}时，只有规则 {rule} 的条件（季节、字样、地点、叠加、实测值）成立才叫得到人"
        mend = f"在{plan.file_of(area)}里给{named}补一条不带这些条件的规则"
        yield _at(plan, (Kind.NOBODY_WITHOUT, Danger.DEADLY), {area}, (what, mend), cases)


def _gained(plan: Plan) -> Iterator[tuple[str, Case, Match]]:
    """Areas that urgent warnings reach only where everything that is assumed holds."""
    best, worst = plan.space.worlds[0], plan.space.worlds[min(1, len(plan.space.worlds) - 1)]
    least = {(one.case, one.asked): {area for area, _ in one.found} for one in plan.space.on_arrival(worst)}
    for one in plan.space.on_arrival(best):
        there = least[one.case, one.asked]
        urgent = one.found.items() if one.case.level in _URGENT else ()
        yield from ((area, one.case, match_) for (area, _), match_ in urgent if area not in there)


def _higher(plan: Plan) -> Iterator[Finding]:
    """A higher level must call at least whom the lower one calls, and at least as strictly."""
    fewer: defaultdict[tuple[Case, Case, str], set[str]] = defaultdict(set)
    slower: defaultdict[tuple[Case, Case, str], set[str]] = defaultdict(set)
    for lower, upper, below, above in _side_by_side(plan):
        for (area, role), match_ in below.found.items():
            higher = above.found.get((area, role))
            if higher is None:
                fewer[lower, upper, role].add(area)
            elif higher.ladder.strictness < match_.ladder.strictness:
                slower[lower, upper, role].add(area)
    for (lower, upper, role), areas in fewer.items():
        what = f"{lower.zh}叫“{role}”，{upper.zh}反而不叫"
        mend = f"把{plan.file_of(min(areas))}或行业措施里叫“{role}”的规则写成 at_least，使{upper.zh}也成立"
        yield _at(plan, (Kind.HIGHER_CALLS_LESS, Danger.DEADLY), areas, (what, mend), [upper])
    for (lower, upper, role), areas in slower.items():
        what = f"“{role}”在{lower.zh}用更严的阶梯，{upper.zh}反而放松"
        mend = f"给{upper.zh}的“{role}”换更严的阶梯"
        yield _at(plan, (Kind.HIGHER_CALLS_SLOWER, Danger.GRAVE), areas, (what, mend), [upper])


def _side_by_side(plan: Plan) -> Iterator[tuple[Case, Case, Demands, Demands]]:
    """Two neighbouring levels, and what is demanded at each at the same time of day."""
    for world in plan.space.worlds[:2]:
        points = {(one.case, one.asked): one for one in plan.space.on_arrival(world)}
        for lower, upper in _steps_up(plan.space.cases):
            yield from ((lower, upper, points[lower, at], points[upper, at]) for at in plan.space.times)


def _steps_up(cases: tuple[Case, ...]) -> Iterator[tuple[Case, Case]]:
    """Neighbouring levels of one hazard."""
    known = set(cases)
    for case in cases:
        higher = [replace(case, level=level) for level in Level if level.rank > case.level.rank]
        yield from ((case, one) for one in [each for each in higher if each in known][:1])


def _at(
    plan: Plan, kind: tuple[Kind, Danger], areas: set[str], said: tuple[str, str], cases: Iterable[Case]
) -> Finding:
    """`said`: what is wrong, and what mends it."""
    what, mend = said
    return Finding(*kind, plan.listed(areas), what, (mend,), areas=tuple(sorted(areas)), cases=tuple(cases))


def _named(cases: Iterable[Case]) -> str:
    given = [case.zh for case in cases]
    return "、".join(given[:_FEW]) + (f"等 {len(given)} 种预警" if len(given) > _FEW else "")


def _by_day_only(plan: Plan) -> Iterator[Finding]:
    missing: defaultdict[tuple[str, str], dict[Case, set[str]]] = defaultdict(dict)
    for case, parts in _through_the_day(plan):
        by_day = {place for one in parts if not one.night for place in one.found}
        for one in parts:
            for area, role in by_day - one.found.keys():
                missing[role, clock_of(one.asked)].setdefault(case, set()).add(area)
    for (role, clock), cases in missing.items():
        areas = set().union(*cases.values())
        what = f"{_named(cases)}：白天叫“{role}”，{clock} 前后发布的不叫"
        mend = f"补一条 issued 覆盖 {clock} 的规则叫“{role}”，或去掉 issued"
        yield _at(plan, (Kind.NOT_AT_NIGHT, Danger.DEADLY), areas, (what, mend), cases)


def _through_the_day(plan: Plan) -> Iterator[tuple[Case, list[Demands]]]:
    """Each warning with what is demanded at every time of day."""
    for world in plan.space.worlds[:2]:
        found: defaultdict[Case, list[Demands]] = defaultdict(list)
        for one in plan.space.on_arrival(world):
            found[one.case].append(one)
        yield from found.items()


def _replaced(plan: Plan) -> Iterator[Finding]:
    """Whom a township no longer calls because its plan stands in place of an industry's rule."""
    if not any(rule.overridden for rule in plan.book.rules):
        return
    before = replace(plan.book, rules=tuple(replace(rule, overridden=frozenset()) for rule in plan.book.rules))
    lost: defaultdict[tuple[str, str], dict[Case, str]] = defaultdict(dict)
    coverage = everywhere(plan.book)
    for one in plan.space.on_arrival(plan.space.worlds[0]):
        for match_ in match(before, facts(one.case, one.asked), coverage).matches:
            if (match_.area, match_.role) not in one.found:
                lost[match_.area, match_.role][one.case] = match_.rule_ids[0]
    for (area, role), cases in sorted(lost.items()):
        rule = next(iter(cases.values()))
        what = f"{_named(cases)}时，规则 {rule} 被代替，本方案又没有叫“{role}”"
        mend = f"在{plan.file_of(area)}里写叫“{role}”的规则，或从 overrides 里删去 {rule}"
        yield _at(plan, (Kind.OVERRIDE_CALLS_NOBODY, Danger.DEADLY), {area}, (what, mend), cases)


def _ladders(plan: Plan) -> Iterator[Finding]:
    urgent = {
        match_.ladder
        for one in plan.space.demands
        if one.case.level in _URGENT and one.case.kind is AlertKind.SIGNAL and one.case.hazard not in _CAN_WAIT
        for match_ in one.found.values()
    }
    for ladder in sorted(urgent, key=lambda one: one.name):
        ways = {way for step in ladder.steps for way in (step.day, step.night)}
        if ChannelKind.VOICE not in ways:
            mend = f"给阶梯 {ladder.name} 加上语音的步骤"
            yield Finding(Kind.NO_VOICE, Danger.GRAVE, f"阶梯 {ladder.name}", "橙色、红色用它，却从不打电话", (mend,))
        elif ladder.steps[0].night is ChannelKind.SMS:
            what, mend = (
                "橙色、红色用它，夜间第一步却是短信，叫不醒人",
                f"把阶梯 {ladder.name} 第一步的 night 改成 语音",
            )
            yield Finding(Kind.TEXTS_AT_NIGHT, Danger.GRAVE, f"阶梯 {ladder.name}", what, (mend,))
