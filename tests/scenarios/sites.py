"""A county with building sites and a school, and an officer who decides about them: for stories about 熔断."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from callout.domain.level import Level
from callout.domain.roster import Post, Roster
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import Decision, StopWorkKey, Wish
from callout.pipeline import stop_work
from callout.store import schema
from tests.scenarios.field import BAIMA, COUNTY, DESK, JIANGKOU, Field, person, standard_roster

SITE, SITE_2, SCHOOL = 21, 22, 23
CHIEF, OFFICER, ON_SITE = "示例·分管区领导", "示例·值班员", "示例·住建员"
S = schema.stop_work


def sites_and_a_school() -> Roster:
    """The standard county with two building sites in 白马, one in 江口 and a school in 白马."""
    usual = standard_roster()
    more = (
        Post(SITE, BAIMA, "工地负责人", "示例·白马镇工地一", SITE, superior=DESK),
        Post(SITE_2, JIANGKOU, "工地负责人", "示例·江口镇工地二", SITE_2, superior=DESK),
        Post(SCHOOL, BAIMA, "学校安全责任人", "示例·白马镇学校", SCHOOL, superior=DESK),
    )
    people = tuple(person(n) for n in (SITE, SITE_2, SCHOOL))
    return replace(usual, posts=(*usual.posts, *more), responders=(*usual.responders, *people))


def warn(field: Field, level: Level = Level.ORANGE, **more: Any) -> int:
    alert = field.alert(level, **more).alert
    quiet(field)
    return alert


def quiet(field: Field) -> None:
    """Whoever was called answers."""
    for serial in (1, 2, 3, 4, 5, 6, SITE, SITE_2, SCHOOL):
        field.reply(serial, "全部收到")
    field.new()


def rows(field: Field, alert: int | None = None) -> list[Row[Any]]:
    found = field.rows(select(S).order_by(S.c.alert, S.c.code, S.c.area))
    return [r for r in found if alert in (None, r.alert)]


def states(field: Field, alert: int | None = None) -> list[tuple[str, str, str]]:
    return [(r.code, r.area, r.state) for r in rows(field, alert)]


def decision(**say: Any) -> Decision:
    usual = {
        "by": CHIEF,
        "title": "副区长",
        "basis": "暴雨橙色、Ⅱ级响应、会商",
        "officer": OFFICER,
        "check": "边坡和用电已查",
    }
    return Decision(**{**usual, **say})


def seen(field: Field, *codes: str, alert: int | None = None, area: str = "") -> list[stop_work.Seen]:
    """What an officer has on the screen."""
    return [
        (StopWorkKey(r.county, r.alert, r.area, StopWorkCode(r.code), r.role), r.rev)
        for r in rows(field, alert)
        if (not codes or r.code in codes) and (not area or r.area == area)
    ]


def decide(field: Field, act: Any, chosen: list[stop_work.Seen], **say: Any) -> None:
    run = field.app.world.run
    field.app.store.write(lambda work: act(work, chosen, decision(**say), run))
    field.settle()


def items(field: Field, kind: str, *states_: str) -> list[Row[Any]]:
    h = schema.human_call
    wanted = states_ or ("open", "claimed")
    return field.rows(select(h).where(h.c.kind == kind, h.c.state.in_(wanted)).order_by(h.c.about))


def wish(field: Field, alert: int = 0, role: str = "白马大桥", run: str = "") -> None:
    it = Wish(COUNTY, alert, (BAIMA, JIANGKOU), StopWorkCode.CUT, role, "封闭桥面")
    field.app.store.write(lambda work: stop_work.propose(work, it, decision(), run or field.app.world.run))
