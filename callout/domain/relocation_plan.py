"""转移台账: which facilities and households must be moved from when on, by whom, to where; and the shelters.

The five links (何时转 转移谁 谁组织 转到哪 如何管) stand in one line for each; the responsible person is a post.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.alert_kind import AlertKind, alert_kind
from callout.domain.area import Coverage
from callout.domain.conditions import Facts
from callout.domain.instant import HOUR, Millis
from callout.domain.level import Hazard, Level

WITHIN: Millis = HOUR
"""How long moving one of them may take where the plan says nothing else."""
NOBODY = 0
"""No post."""


class SiteKind(StrEnum):
    """Who lives or is there."""

    CARE_HOME = "养老机构"
    HOSPITAL = "医院"
    SCHOOL = "学校"
    BUILDING_SITE = "工地"
    SCENIC = "景区"
    LONE = "孤寡老人"
    DISABLED = "伤残人员"
    CHILDREN = "留守儿童"
    HOUSEHOLD = "住户"
    OTHER = "其他"


FACILITIES = (SiteKind.CARE_HOME, SiteKind.HOSPITAL, SiteKind.SCHOOL, SiteKind.BUILDING_SITE, SiteKind.SCENIC)
"""Kinds that are institutions; the others are households."""


class Lying(StrEnum):
    """How it lies to its risk area."""

    INSIDE = "区内"
    DOWNSTREAM = "下游"
    OUTSIDE = "区外"
    """Somebody looked, and it is safe."""
    UNKNOWN = "未核实"
    """Nobody has looked yet."""


@dataclass(frozen=True, slots=True)
class Site:
    """A facility or a household: 转移谁."""

    id: str
    """编号, which stays the same over all versions."""
    kind: SiteKind
    name: str
    area: str
    """Key of its township."""
    place: str
    """Where it lies, in words."""
    households: int
    people: int
    immobile: int
    """Of the people: those who cannot walk."""
    risk: str
    """Name of the risk area (危险区, 小流域, 水库 …)."""
    lying: Lying
    hazards: tuple[Hazard, ...]
    level: Level
    """何时转: from this level on."""
    within: Millis
    """How long the moving may take."""
    organizer: int
    """谁组织: a post; 0 = nobody."""
    keeper: int
    """对接责任人: a post; 0 = nobody."""
    shelter: str
    """转到哪: the id of a shelter; empty = nowhere."""
    route: str = ""
    signal: str = ""
    care: str = ""
    """如何管."""

    @property
    def endangered(self) -> bool:
        """Inside or downstream of a risk area, or nobody has said that it is not."""
        return self.lying is not Lying.OUTSIDE

    def due(self, facts: Facts, level: Level | None) -> bool:
        """Whether a warning of this level here says that it is to be moved."""
        return facts.hazard in self.hazards and level is not None and level.rank >= self.level.rank


@dataclass(frozen=True, slots=True)
class Shelter:
    """安置点."""

    id: str
    name: str
    area: str
    place: str
    capacity: int
    """People."""
    keeper: int = NOBODY
    """Who runs it: a post."""


@dataclass(frozen=True, slots=True)
class RelocationPlan:
    """The whole list of one county in one version."""

    version: str
    county: str
    sites: tuple[Site, ...]
    shelters: tuple[Shelter, ...]

    def due(self, facts: Facts, coverage: Coverage) -> Iterator[Site]:
        """The sites that a warning says are to be moved; only a warning signal (and a gauge's alarm) says so."""
        if alert_kind(facts.headline) is not AlertKind.SIGNAL:
            return
        for site in self.sites:
            if site.area in coverage.areas and site.due(facts, coverage.levels.get(site.area, facts.level)):
                yield site


UNLISTED = RelocationPlan("", "", (), ())
"""A county that has no list yet."""


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """What a new list changes: ids, and for what stays the words of the changed columns."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff(before: RelocationPlan, after: RelocationPlan) -> PlanChanges:
    """What `after` changes, sites and shelters together: their ids differ."""
    old, new = _rows(before), _rows(after)
    both = {ident: tuple(_fields(old[ident], new[ident])) for ident in old.keys() & new.keys()}
    changed = {ident: both[ident] for ident in sorted(both) if both[ident]}
    return PlanChanges(tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), changed)


def _rows(plan: RelocationPlan) -> dict[str, Site | Shelter]:
    return {**{s.id: s for s in plan.sites}, **{s.id: s for s in plan.shelters}}


FIELDS: Mapping[str, str] = {
    "kind": "类别", "name": "名称", "area": "乡镇", "place": "位置", "households": "户数", "people": "人数",
    "immobile": "不能行走", "risk": "危险区", "lying": "关系", "hazards": "灾种", "level": "级别", "within": "限时",
    "organizer": "组织岗位", "keeper": "对接岗位", "shelter": "安置点", "route": "路线", "signal": "信号",
    "care": "管理", "capacity": "容量",
}  # fmt: skip
"""Fields by the headers that people know."""


def _fields(old: Site | Shelter, new: Site | Shelter) -> Iterable[str]:
    if type(old) is not type(new):
        return ["类别"]
    return [word for field, word in FIELDS.items() if getattr(old, field, None) != getattr(new, field, None)]
