"""Whether everybody who must be moved has somebody who moves them, a place to go, and is called in time.

Made after a care home with 55 people who could not walk, on whose list of people to move it did not stand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from callout.domain.alert_kind import AlertKind
from callout.domain.duty import Duty, compile_duty
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.matching import match
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.space import World, cases_of, everywhere, facts, in_world, times_of_day
from callout.domain.relocation_plan import FACILITIES, NOBODY, Lying, RelocationPlan, Site, SiteKind
from callout.domain.rule import Rulebook

BARE = World("都不成立", frozenset())
"""Nothing holds that rules ask for beside hazard, level and hour."""
MANY = 10
"""More households than this for one post is not one to one any more."""
_NAMED_SO: Mapping[SiteKind, tuple[str, ...]] = {
    SiteKind.CARE_HOME: ("养老", "敬老", "福利院", "护理院"),
    SiteKind.HOSPITAL: ("医院", "卫生院"),
}
"""Words by which a role of the roster stands for such an institution."""


def site_findings(plan: RelocationPlan, ground: Ground) -> Iterator[Finding]:
    """Everything in the list that would leave somebody behind. Raises RosterError as compile_duty."""
    duties = {duty.post: duty for duty in compile_duty(ground.roster)}
    looking = _Looking(plan, ground, duties, always_called(ground.rulebook) if plan.sites else {})
    for site in plan.sites:
        if site.endangered:
            yield from looking.site(site)
    yield from looking.shared()
    yield from looking.shelters()
    yield from looking.unlisted()


def always_called(rulebook: Rulebook) -> Mapping[tuple[Hazard, Level], frozenset[tuple[str, str]]]:
    """For each warning signal whom the rules call whatever the hour, if nothing holds that they ask for beside it."""
    bare, coverage, times = in_world(rulebook, BARE), everywhere(rulebook), times_of_day(rulebook)
    found: dict[tuple[Hazard, Level], frozenset[tuple[str, str]]] = {}
    for case in cases_of(rulebook):
        if case.kind is AlertKind.SIGNAL:
            matches = [match(bare, facts(case, sent), coverage).matches for sent in times]
            called = [frozenset((one.area, one.role) for one in some) for some in matches]
            found[case.hazard, case.level] = frozenset.intersection(*called)
    return found


@dataclass(slots=True)
class _Looking:
    """One pass over the list."""

    plan: RelocationPlan
    ground: Ground
    duties: Mapping[int, Duty]
    called: Mapping[tuple[Hazard, Level], frozenset[tuple[str, str]]]
    names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        county = self.ground.rulebook.county
        self.names = {county.key: county.name, **{t.key: t.name for t in county.townships}}

    def site(self, site: Site) -> Iterator[Finding]:
        """What is wrong with one that lies in danger."""
        wrong: tuple[Callable[[Site], str], ...] = (self._unknown, self._keeper, self._silent, self._shelter)
        kinds = (Kind.SITE_UNCHECKED, Kind.SITE_NO_KEEPER, Kind.SITE_KEEPER_SILENT, Kind.SITE_NO_SHELTER)
        for kind, test in zip(kinds, wrong, strict=True):
            if said := test(site):
                yield self._finding(kind, site, said)
        if missing := _links(site):
            what = f"没有写：{'、'.join(missing)}"
            yield Finding(Kind.SITE_LINKS, Danger.NOTE, self._where(site), what, (_MENDS[Kind.SITE_LINKS],))

    def _finding(self, kind: Kind, site: Site, said: str) -> Finding:
        danger = Danger.DEADLY if site.immobile else Danger.GRAVE
        who = f"{site.people} 人，其中 {site.immobile} 人不能行走" if site.immobile else f"{site.people} 人"
        place = f"，在{site.risk}{site.lying}" if site.risk and site.lying is not Lying.UNKNOWN else ""
        mend = _MENDS[kind].format(site.id)
        posts = (site.keeper,) if site.keeper in self.duties else ()
        return Finding(kind, danger, self._where(site), f"{said}（{who}{place}）", (mend,), posts, (site.area,))

    def _where(self, site: Site) -> str:
        return f"{self.names.get(site.area, site.area)} {site.kind}{site.id} {site.name}"

    def _unknown(self, site: Site) -> str:
        return "没有人核实过它是否在危险区或下游" if site.lying is Lying.UNKNOWN and site.immobile else ""

    def _keeper(self, site: Site) -> str:
        if site.keeper == NOBODY:
            return "没有对接责任人"
        duty = self.duties.get(site.keeper)
        if duty is None:
            return f"对接岗位 {site.keeper} 不在名册里"
        return "" if duty.usable else f"对接岗位“{duty.title}”空缺或没有能用的号码"

    def _silent(self, site: Site) -> str:
        """The rules must call the keeper when the time to move has come."""
        duty = self.duties.get(site.keeper)
        if duty is None:
            return ""
        missed = [
            f"{hazard}{level.zh}"
            for hazard in site.hazards
            for level in LEVELS_OF[hazard]
            if level.rank >= site.level.rank and (duty.area, duty.role) not in self.called.get((hazard, level), ())
        ]
        return f"{'、'.join(missed)}预警不叫对接岗位“{duty.title}”" if missed else ""

    def _shelter(self, site: Site) -> str:
        if not site.shelter:
            return "没有转移去处"
        return "" if site.shelter in {s.id for s in self.plan.shelters} else f"安置点 {site.shelter} 不在台账里"

    def shared(self) -> Iterator[Finding]:
        """One to one: who must carry people who cannot walk has nobody else to carry."""
        kept: defaultdict[int, list[Site]] = defaultdict(list)
        for site in self.plan.sites:
            if site.endangered and site.keeper != NOBODY:
                kept[site.keeper].append(site)
        for post, sites in kept.items():
            heavy = any(site.immobile and site.kind in FACILITIES for site in sites) and len(sites) > 1
            if heavy or len(sites) > MANY:
                named = "、".join(site.id for site in sites[:5])
                title = self.duties[post].title if post in self.duties else str(post)
                what = f"一个岗位对接 {len(sites)} 处：{named}{'等' if len(sites) > len(sites[:5]) else ''}"
                areas = tuple(sorted({site.area for site in sites}))
                mends = ("把其中几处改由别的岗位对接",)
                danger = Danger.GRAVE if heavy else Danger.NOTE
                yield Finding(Kind.SITE_KEEPER_SHARED, danger, f"对接岗位 {title}", what, mends, (post,), areas)

    def shelters(self) -> Iterator[Finding]:
        """More people are sent to a shelter than it takes."""
        coming = Counter[str]()
        for site in self.plan.sites:
            if site.endangered:
                coming[site.shelter] += site.people
        for shelter in self.plan.shelters:
            if coming[shelter.id] > shelter.capacity:
                what = f"安排了 {coming[shelter.id]} 人，容量 {shelter.capacity} 人"
                where = f"安置点 {shelter.id} {shelter.name}"
                yield Finding(
                    Kind.SHELTER_FULL, Danger.GRAVE, where, what, ("加一个安置点，或把一部分人改去别处",), (),
                    (shelter.area,),
                )  # fmt: skip

    def unlisted(self) -> Iterator[Finding]:
        """The roster knows an institution of people who cannot walk, and the list has none in that township."""
        there = {(site.area, site.kind) for site in self.plan.sites}
        for duty in self.duties.values():
            for kind, words in _NAMED_SO.items():
                if (duty.area, kind) not in there and any(word in duty.role + duty.title for word in words):
                    where = f"{self.names.get(duty.area, duty.area)} {duty.title}（{duty.role}）"
                    what = f"名册里有这个岗位，转移台账里当地没有{kind}"
                    mend = f"核实这家{kind}，写进转移台账；不在危险区的写“区外”"
                    yield Finding(Kind.SITE_UNLISTED, Danger.DEADLY, where, what, (mend,), (duty.post,), (duty.area,))


_MENDS: Mapping[Kind, str] = {
    Kind.SITE_UNCHECKED: "去现场核实，在台账 {} 一行的“关系”里写区内、下游或区外",
    Kind.SITE_NO_KEEPER: "给台账 {} 一行定一个对接岗位，岗位上有人、有能用的号码",
    Kind.SITE_KEEPER_SILENT: "在当地方案里，从台账 {} 一行写明的级别起叫这个岗位；或换一个会被叫到的对接岗位",
    Kind.SITE_NO_SHELTER: "给台账 {} 一行写明安置点",
    Kind.SITE_LINKS: "补上台账里空着的格",
}


def _links(site: Site) -> list[str]:
    """Those of the five links that are not written down, and how people are woken."""
    said = {"谁组织（组织岗位）": site.organizer, "路线": site.route, "信号": site.signal, "如何管（管理）": site.care}
    return [word for word, value in said.items() if not value]
