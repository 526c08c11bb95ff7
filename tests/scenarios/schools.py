"""What the stories about clock times share: 白马 with a school and a ferry, and engines that sleep or come second."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.level import Level
from callout.domain.roster import Post, Roster
from callout.reports.account import account
from callout.store import schema
from callout.store.store import Store, Work
from tests.scenarios.field import BAIMA, COUNTY_AREA, Field, person, standard_roster

T = TypeVar("T")
OFFICE, SCHOOL, FERRY, EMPTY = 20, 21, 22, 23
"""区教委值班室; a school and a ferry in 白马; a vacant ferry post. Person N holds post N."""
EDUCATION = "industries/education.yaml"
LAST_RULE = 'at: "22:00"\n    calls:\n      - {roles: [区教委值班室, 学校安全责任人], ladder: red}'


def at(hour: int, minute: int = 0, day: int = 2) -> Instant:
    return instant(datetime(2026, 8, day, hour, minute, tzinfo=BEIJING))


def with_schools() -> Roster:
    standard = standard_roster()
    posts = (
        Post(OFFICE, COUNTY_AREA, "区教委值班室", "示例·区教委值班室", OFFICE),
        Post(SCHOOL, BAIMA, "学校安全责任人", "示例·白马中学", SCHOOL),
        Post(FERRY, BAIMA, "夜间渡口负责人", "示例·白马渡口", FERRY),
        Post(EMPTY, BAIMA, "夜间渡口负责人", "示例·无人渡口", None),
    )
    people = tuple(person(n) for n in (OFFICE, SCHOOL, FERRY))
    return replace(standard, posts=(*standard.posts, *posts), responders=(*standard.responders, *people))


def red(field: Field, hours: float = 6, answered: bool = True, areas: tuple[str, ...] = (BAIMA,)) -> int:
    """A red warning for 白马; everybody answers at once."""
    alert = field.alert(Level.RED, areas=areas, hours=hours).alert
    if answered:
        for post in [p for p in field.states(alert) if field.states(alert)[p] == "waiting"]:
            field.reply(post, "全部收到")
    field.new()
    return alert


def until(field: Field, when: Instant) -> None:
    field.wait((when - field.clock.now()) / 1000)


def asleep_until(field: Field, when: Instant) -> None:
    """The engine does not run until then."""
    field.clock.advance(when)
    field.settle()


def note(field: Field) -> str:
    """What the officer reads about the clock time."""
    h = schema.human_call
    [row] = field.rows(select(h.c.note).where(h.c.kind == "clock", h.c.post == 0))
    return str(row.note)


def lost(field: Field) -> int:
    return field.app.database.read(lambda db: account(db, field.app.rulebooks)).total.lost


def pairs(field: Field) -> int:
    return field.app.database.read(lambda db: account(db, field.app.rulebooks)).total.due


@dataclass
class Slow:
    """A worker's store: between its look and its write another worker acts."""

    store: Store
    happens: Callable[[], object]

    def read(self, work: Callable[[Work], T]) -> T:
        seen = self.store.read(work)
        self.happens()
        return seen

    def write(self, work: Callable[[Work], T]) -> T:
        return self.store.write(work)
