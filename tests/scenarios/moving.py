"""A county with a list of whom to move: a care home, a lone person and a household; for stories about 转移."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from callout.domain.instant import HOUR, MINUTE
from callout.domain.level import Hazard, Level
from callout.domain.relocation import RelocationKey, Word
from callout.domain.relocation_plan import Lying, RelocationPlan, Shelter, Site, SiteKind
from callout.pipeline import relocation
from callout.store import schema
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, GRID_2, JIANGKOU, LEADER_BAIMA, Field

HOME, LONE, HOUSE, FAR = "示例Z1", "示例Z2", "示例Z3", "示例Z4"
OFFICER = "示例·值班员"
R = schema.relocation


def site(ident: str = HOME, **changes: Any) -> Site:
    """A care home below a stream, of 69 people of whom 55 cannot walk, kept by the first grid member."""
    usual = Site(
        id=ident, kind=SiteKind.CARE_HOME, name="示例养老院", area=BAIMA, place="示例村一组", households=1, people=69,
        immobile=55, risk="示例溪", lying=Lying.DOWNSTREAM, hazards=(Hazard.RAINSTORM,), level=Level.ORANGE,
        within=HOUR, organizer=LEADER_BAIMA, keeper=GRID_1, shelter="A1", route="向东上公路", signal="急促敲锣",
        care="专人看护",
    )  # fmt: skip
    return replace(usual, **changes)


def plan(*sites: Site, version: str = "p1", capacity: int = 300) -> RelocationPlan:
    """These sites, or the usual four, and one shelter in each township."""
    usual = (
        site(),
        site(LONE, kind=SiteKind.LONE, name="示例老人", people=1, immobile=1, keeper=GRID_2, within=30 * MINUTE),
        site(HOUSE, kind=SiteKind.HOUSEHOLD, name="示例户", people=4, immobile=0, keeper=GRID_2, lying=Lying.INSIDE),
        site(FAR, kind=SiteKind.SCHOOL, name="示例小学", area=JIANGKOU, people=180, immobile=0, keeper=6, shelter="A2"),
    )
    shelters = (
        Shelter("A1", "示例中心校", BAIMA, "示例街", capacity),
        Shelter("A2", "示例礼堂", JIANGKOU, "示例街", 300),
    )
    return RelocationPlan(version, COUNTY, sites or usual, shelters)


def listed(field: Field, *sites: Site, **more: Any) -> Field:
    """The field with a list in force."""
    field.app.store.write(lambda work: work.relocations.plans.use(plan(*sites, **more), OFFICER))
    return field


def rows(field: Field) -> dict[str, Row[Any]]:
    return {r.site: r for r in field.rows(select(R).order_by(R.c.site))}


def states(field: Field) -> dict[str, str]:
    return {ident: row.state for ident, row in rows(field).items()}


def items(field: Field, kind: str = "not_moved", *wanted: str) -> list[tuple[int, str]]:
    """(post, note) of the officer's items of this kind that are not closed."""
    h = schema.human_call
    chosen = select(h).where(h.c.kind == kind, h.c.state.in_(wanted or ("open", "claimed"))).order_by(h.c.about)
    return [(r.post, r.note) for r in field.rows(chosen)]


def tell(field: Field, act: Any, *sites: str, **said: Any) -> None:
    """A named officer enters what was heard about these sites."""
    now = rows(field)
    seen = [(RelocationKey(COUNTY, now[s].episode, s), now[s].rev) for s in sites]
    word = Word(**{"officer": OFFICER, **said})
    field.app.store.write(lambda work: act(work, seen, word, field.app.world.run))
    field.settle()


def release(field: Field, *sites: str) -> None:
    tell(field, relocation.release, *sites, by="示例·区长", title="副区长", reason="边坡已查，无险情")


def warned(field: Field) -> Field:
    """白马 is warned of an orange rainstorm; everybody called answers, so that only the moving is left."""
    listed(field)
    field.alert(areas=[BAIMA], identifier="示例-橙")
    for post in (DESK, LEADER_BAIMA, GRID_1, GRID_2):
        field.reply(post, "全部收到")
    field.new()
    return field
