"""What a new plan changes against the one in force: rule by rule, and whom each warning would call. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.ladder import Ladder
from callout.domain.proof.space import Case, survey
from callout.domain.rule import Rule, Rulebook


class RulePart(StrEnum):
    """What of a rule has changed."""

    WHEN = "条件"
    CALLS = "叫谁"
    PROPOSALS = "熔断建议"
    FEEDBACK = "反馈"
    MEASURE = "措施"
    OVERRIDDEN = "被乡镇替代"


_PARTS: Mapping[RulePart, Callable[[Rule], object]] = {
    RulePart.WHEN: lambda r: (r.areas, r.when, r.at),
    RulePart.CALLS: lambda r: r.calls,
    RulePart.PROPOSALS: lambda r: r.proposals,
    RulePart.FEEDBACK: lambda r: r.feedback,
    RulePart.MEASURE: lambda r: r.measure,
    RulePart.OVERRIDDEN: lambda r: r.overridden,
}


_SETTINGS: Mapping[str, Callable[[Rulebook], object]] = {
    "值班室": lambda b: (b.desk_role, b.desk_ladder),
    "推定有效期": lambda b: b.county.validity,
    "待确认": lambda b: b.county.confirm,
    "发布单位": lambda b: b.county.issuer,
    "岗位清单": lambda b: frozenset(b.named),
    "须有替补": lambda b: b.spare,
    "区县名称、乡镇、短名或代码": lambda b: (b.county.name, frozenset(b.county.townships)),
    "地点或村（社区）": lambda b: frozenset(b.county.places),
    "已撤销的乡镇": lambda b: frozenset(b.county.abolished),
    "测站或阈值": lambda b: (b.county.gauges, b.thresholds),
    "别处的区划码": lambda b: b.county.codes,
}
"""What is different beside rules and ladders → how it is told apart."""


class Turn(StrEnum):
    """What happens to the posts of a role in an area."""

    CALLED = "新叫"
    LEFT = "不再叫"
    OTHERWISE = "改阶梯"
    """Called as before, by another ladder or by the same one with other steps."""


@dataclass(frozen=True, slots=True)
class Effect:
    """For whom something changes, and in which warnings."""

    turn: Turn
    area: str
    role: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """What would change."""

    added: tuple[str, ...]
    """Ids of rules."""
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[RulePart, ...]]
    ladders: tuple[str, ...]
    """Names of ladders that are new, gone or have other steps, strictness or limit."""
    settings: tuple[str, ...] = ()
    """What else is different: the desk, validities, areas … in words."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.ladders or self.settings)


def plan_diff(before: Rulebook, after: Rulebook) -> PlanDiff:
    """What `after` changes; a rule is the same one where the id is."""
    old, new = {r.id: r for r in before.rules}, {r.id: r for r in after.rules}
    both = {i: tuple(p for p, of in _PARTS.items() if of(old[i]) != of(new[i])) for i in new if i in old}
    return PlanDiff(
        tuple(i for i in new if i not in old),
        tuple(i for i in old if i not in new),
        {i: parts for i, parts in both.items() if parts},
        _ladders(before, after),
        tuple(word for word, of in _SETTINGS.items() if of(before) != of(after)),
    )


def _ladders(before: Rulebook, after: Rulebook) -> tuple[str, ...]:
    def of(book: Rulebook, name: str) -> tuple[Ladder | None, int | None]:
        return book.ladders.get(name), book.limits.get(name)

    names = dict.fromkeys((*before.ladders, *after.ladders))
    return tuple(name for name in names if of(before, name) != of(after, name))


_Called = Mapping[tuple[str, str], Mapping[Case, frozenset[str]]]


def plan_effects(before: Rulebook, after: Rulebook) -> tuple[Effect, ...]:
    """For whom something changes; walks through every warning that can come, so it takes its time."""
    if before.rules == after.rules and before.ladders == after.ladders:
        return ()
    old, new = _called(before), _called(after)
    found: list[Effect] = []
    for area, role in sorted({*old, *new}):
        was, now = old.get((area, role), {}), new.get((area, role), {})
        for turn, cases in (
            (Turn.CALLED, [case for case in now if case not in was]),
            (Turn.LEFT, [case for case in was if case not in now]),
            (Turn.OTHERWISE, [case for case in now if case in was and was[case] != now[case]]),
        ):
            if cases:
                found.append(Effect(turn, area, role, tuple(cases)))
    return tuple(found)


def _called(rulebook: Rulebook) -> _Called:
    """(area, role) → the warnings that call it, at any time and whatever else is assumed, and the ladders they use."""
    found: defaultdict[tuple[str, str], defaultdict[Case, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in survey(rulebook).demands:
        for place, match in one.found.items():
            found[place][one.case].add(match.ladder.id)
    return {place: {case: frozenset(ladders) for case, ladders in cases.items()} for place, cases in found.items()}
