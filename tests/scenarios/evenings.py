"""An evening with a red warning and a school, for stories about clock times in rules."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select

from callout.domain.instant import BEIJING, MINUTE, Instant, instant
from callout.domain.level import Level
from callout.domain.roster import Post, Roster
from callout.pipeline import attend, stop_work
from callout.reports.account import account
from callout.store import schema
from tests.scenarios.field import BAIMA, COUNTY_AREA, Field, person, standard_roster
from tests.scenarios.sites import OFFICER, decide, seen

OFFICE, SCHOOL, FERRY, EMPTY = 20, 21, 22, 23
"""区教委值班室; a school and a ferry in 白马; a vacant ferry post. Person N holds post N."""


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


def red(
    field: Field, *, hours: float = 6, areas: tuple[str, ...] = (BAIMA,), answered: bool = True, decided: bool = True
) -> int:
    """A red warning; everybody answers at once, and it is decided that the schools stay open today.

    So that whatever happens later is about the clock.
    """
    alert = field.alert(Level.RED, areas=areas, hours=hours).alert
    if decided:
        decide(field, stop_work.decline, seen(field, alert=alert), basis="学生已离校")
    if answered:
        for post in [p for p in field.states(alert) if field.states(alert)[p] == "waiting"]:
            field.reply(post, "全部收到")
    field.new()
    return alert


def until(field: Field, when: Instant) -> None:
    """Let time pass while an officer takes what waits for a human, so that no desk is rung all night."""
    while (rest := when - field.clock.now()) > 0:
        take_all(field)
        following = field.app.agenda().next_at()
        quiet = rest if following is None else max(following - field.clock.now(), MINUTE)
        field.wait(min(rest, quiet) / 1000)


def take_all(field: Field) -> None:
    """An officer takes whatever nobody has taken."""
    h = schema.human_call
    for row in field.rows(select(h).where(h.c.state == "open")):
        key = (row.county, row.alert, row.post, row.kind, row.about)
        field.app.store.write(partial(attend.claim, key=key, officer=OFFICER))


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
