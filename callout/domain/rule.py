"""Rules as data: 一行业一措施 (a measure per industry) and 一乡镇一方案 (a plan per township)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callout.domain.area import County
from callout.domain.feedback import FeedbackKind
from callout.domain.instant import Millis
from callout.domain.ladder import Ladder
from callout.domain.made_often import made_often
from callout.domain.threshold import Threshold


class StopWorkCode(StrEnum):
    """六停, and 断禁停撤疏 for what they do not name."""

    SCHOOL = "停学"
    SITE = "停工"
    BUSINESS = "停业"
    TRANSPORT = "停运"
    TOURISM = "停游"
    FERRY = "停航"
    CUT = "断"
    """Cutting off a road or a supply."""
    BAN = "禁"
    """Nobody may enter or pass."""
    STOP = "停"
    """Any other work that is stopped."""
    WITHDRAW = "撤"
    """People leave."""
    DIVERT = "疏"
    """People and traffic are led elsewhere."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of an alert: `kind` names a function in conditions.py, `value` is its argument."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """Which roles a rule calls, and by which ladder (a name in `Rulebook.ladders`)."""

    roles: tuple[str, ...]
    ladder: str


@dataclass(frozen=True, slots=True)
class StopWorkProposal:
    """A 熔断 that the rule proposes for every object of `role`'s posts; a human orders it."""

    code: StopWorkCode
    role: str
    measure: str
    lead: str = ""
    """牵头部门; empty = as usual for the code."""


@dataclass(frozen=True, slots=True)
class FeedbackDuty:
    """What posts of these roles must report within this time after they have answered."""

    kind: FeedbackKind
    within: Millis
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one plan. It matches when every condition holds."""

    id: str
    plan: str
    """Name of the plan (file) it stands in."""
    areas: frozenset[str]
    """Area keys it is limited to; empty = the whole county, township posts and county posts alike."""
    when: tuple[Condition, ...]
    calls: tuple[Call, ...]
    proposals: tuple[StopWorkProposal, ...] = ()
    measure: str = ""
    feedback: tuple[FeedbackDuty, ...] = ()
    at: int | None = None
    """Minutes after midnight in Beijing at which it asks, each day while the alert is in force; None = on arrival."""
    overridden: frozenset[str] = frozenset()
    """Keys of townships whose own plan stands in its place."""

    def reach(self, areas: frozenset[str]) -> frozenset[str]:
        """Those of these areas that it speaks of."""
        return (areas & self.areas if self.areas else areas) - self.overridden


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules of one county in one version."""

    version: str
    """Hash of the files it was read from."""
    county: County
    rules: tuple[Rule, ...]
    ladders: Mapping[str, Ladder]
    planned: frozenset[str]
    """Keys of the townships that have a plan of their own."""
    desk_role: str
    """The role that is rung when work for a human lies unclaimed (值班室)."""
    desk_ladder: str
    limits: Mapping[str, Millis] = field(default_factory=dict)
    """Name of a ladder → the longest time after which a human must know of the silence."""
    spare: frozenset[tuple[str, str]] = frozenset()
    """(area key or empty for everywhere, role): posts that must have somebody to stand in."""
    thresholds: tuple[Threshold, ...] = ()
    """From which readings on a township is warned by its own gauges."""
    named: tuple[tuple[str, str, str], ...] = ()
    """(plan, area key or empty for everywhere, role): every role that a plan names at its head."""


@made_often(frozen=True, slots=True)
class Match:
    """Posts of `role` in `area` must be called by `ladder`; `rule_ids` say why."""

    area: str
    role: str
    ladder: Ladder
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A 熔断 proposed for posts of `role` in `area`."""

    area: str
    role: str
    code: StopWorkCode
    rule_id: str
    measure: str


@dataclass(frozen=True, slots=True)
class FeedbackDemand:
    """Posts of `role` in `area` owe this feedback once they have answered; the shortest time of several rules."""

    area: str
    role: str
    kind: FeedbackKind
    within: Millis
    rule_id: str


class GapKind(StrEnum):
    """Why the rules cannot say who must be called."""

    NO_PLAN = "no_plan"
    """An alerted township without a plan."""
    NO_RULE = "no_rule"
    """An alert in scope that matches no rule."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the rules leave open; each becomes a HumanCall."""

    kind: GapKind
    area: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What the rules say about one alert in one county: at most one Match per (area, role)."""

    matches: tuple[Match, ...]
    proposals: tuple[Proposal, ...]
    gaps: tuple[Gap, ...]
    feedback: tuple[FeedbackDemand, ...] = ()
