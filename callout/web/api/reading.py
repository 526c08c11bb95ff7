"""What programs read: how things stand, warnings, callouts, the officer's list, 熔断, the roster, analyses."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from callout.domain.callout import CalloutKey, CalloutState
from callout.domain.instant import BEIJING, DAY, Instant, instant, later
from callout.domain.moves import VACANT
from callout.domain.user import ScopeKind, Viewer
from callout.reports.callouts import Wanted, count, look_for, one_line
from callout.reports.desk_list import desk_lines, waiting
from callout.reports.effect_json import as_json
from callout.reports.exporting import Export, enter
from callout.reports.season import season
from callout.reports.standing import posts, stops
from callout.reports.stop_told import objects_of, posts_told
from callout.reports.timeline import course
from callout.store.store import Work
from callout.web.access import SignedIn, Where
from callout.web.api.models import (
    AlertOut,
    CalloutOut,
    CourseOut,
    HumanCallOut,
    Json,
    MomentOut,
    Page,
    PostOut,
    StatusOut,
    StopWorkOut,
    iso,
)
from callout.web.api.problems import PROBLEMS
from callout.web.boards import Boards, boards

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["读取"])

_FURTHEST = 1_000_000
Skip = Annotated[int, Query(ge=0, le=_FURTHEST, description="前面略过几项")]
Limit = Annotated[int, Query(ge=1, le=500, description="最多给几项")]
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
Day = Annotated[date, Query(ge=_EARLIEST, le=_LATEST)]
CountyCode = Annotated[str, Query(max_length=12)]
Readings = Annotated[Boards, Depends(boards)]


class Asked(BaseModel):
    """Which callouts are wanted; what is not given narrows nothing."""

    alert: int = Field(0, ge=0, le=2**53, description="预警号")
    post: int = Field(0, ge=0, le=2**53, description="岗位号")
    area: str = Field("", max_length=40, description="乡镇的键，例如 stats:500156101")
    q: str = Field("", max_length=60, description="岗位、姓名或预警标题里的字")
    state: CalloutState | None = None
    since: date | None = Field(None, ge=_EARLIEST, le=_LATEST, description="从这一天开始叫的")
    until: date | None = Field(None, ge=_EARLIEST, le=_LATEST, description="到这一天为止，含当天")
    skip: int = Field(0, ge=0, le=_FURTHEST)
    limit: int = Field(100, ge=1, le=500)

    @property
    def wanted(self) -> Wanted:
        """The same."""
        since, until = self.since, self.until
        return Wanted(
            self.alert,
            self.post,
            self.area,
            self.q,
            self.state or "",
            midnight(since) if since else None,
            later(midnight(until), DAY) if until else None,
        )


def midnight(day: date) -> Instant:
    """The beginning of a day in Beijing."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=BEIJING))


@router.get("/status")
def status(where: Where, who: SignedIn, readings: Readings) -> StatusOut:
    """How everything stands: the engine, what waits for a human, and the warnings in force with their counts."""
    seen = readings.seen(who.scope)
    engine = where.engine(where.clock.now())
    return StatusOut(
        at=iso(seen.at),
        engine=engine.state,
        waiting=seen.waiting,
        claimed=seen.claimed,
        alerts=[AlertOut.of(one) for one in seen.stand.alerts],
    )


@router.get("/alerts")
def alerts(request: Request, who: SignedIn, readings: Readings, skip: Skip = 0, limit: Limit = 100) -> Page[AlertOut]:
    """Warnings in force, the highest level first."""
    every = readings.seen(who.scope).stand.alerts
    return Page[AlertOut].of(request, [AlertOut.of(one) for one in every[skip : skip + limit]], len(every), skip)


@router.get("/callouts")
def callouts(request: Request, where: Where, who: SignedIn, asked: Annotated[Asked, Query()]) -> Page[CalloutOut]:
    """Callouts, newest first."""

    def work(reading: Work) -> tuple[list[CalloutOut], int]:
        db, wanted = reading.ledger.connection, asked.wanted
        many = sum(count(db, who.scope, wanted).values())
        return [CalloutOut.of(one) for one in look_for(db, who.scope, wanted, (asked.skip, asked.limit))], many

    found, many = where.store.read(work)
    return Page[CalloutOut].of(request, found, many, asked.skip)


@router.get("/callouts/{county}/{alert}/{post}")
def callout(where: Where, who: SignedIn, county: str, alert: int, post: int) -> CourseOut:
    """One callout, minute by minute, with what each thing proves."""
    if not (0 <= alert <= 2**53 and 0 <= post <= 2**53):
        raise HTTPException(404, "没有这个叫应，或者不在密钥的范围内")
    key = CalloutKey(county, alert, post, 0)

    def work(reading: Work) -> CourseOut:
        db = reading.ledger.connection
        line = one_line(db, who.scope, key)
        if line is None:
            raise HTTPException(404, "没有这个叫应，或者不在密钥的范围内")
        told = [MomentOut.of(one) for one in course(db, key, line.opened_at)]
        return CourseOut(**CalloutOut.of(line).model_dump(), course=told)

    return where.store.read(work)


@router.get("/human-calls")
def human_calls(
    request: Request, where: Where, who: SignedIn, skip: Skip = 0, limit: Limit = 100
) -> Page[HumanCallOut]:
    """The officer's list: what nobody has ended, the most dangerous first."""

    def work(reading: Work) -> tuple[list[HumanCallOut], int]:
        db = reading.ledger.connection
        lines = desk_lines(db, who.scope, skip + limit)[skip:]
        return [HumanCallOut.of(one) for one in lines], sum(waiting(db, who.scope).values())

    found, many = where.store.read(work)
    return Page[HumanCallOut].of(request, found, many, skip)


class StopsAsked(BaseModel):
    """Which 熔断 are wanted."""

    all: bool = Field(False, description="连同已经了结的")
    skip: int = Field(0, ge=0, le=_FURTHEST)
    limit: int = Field(100, ge=1, le=500)


@router.get("/stop-work")
def stop_work(
    request: Request, where: Where, who: SignedIn, asked: Annotated[StopsAsked, Query()]
) -> Page[StopWorkOut]:
    """熔断: those that are open, or all."""
    page = asked.skip, asked.limit

    def work(reading: Work) -> tuple[int, list[StopWorkOut]]:
        db = reading.ledger.connection
        many, rows = stops(db, who.scope, page, every=asked.all)
        told = posts_told(db, {row.county for row in rows})
        return many, [StopWorkOut.of(row, objects_of(row, told)) for row in rows]

    many, found = where.store.read(work)
    return Page[StopWorkOut].of(request, found, many, asked.skip)


@router.get("/roster")
def roster(request: Request, where: Where, who: SignedIn, skip: Skip = 0, limit: Limit = 100) -> Page[PostOut]:
    """The posts of the roster in force, numbers masked."""
    many, found = where.store.read(lambda work: _posts(work, who, (skip, limit)))
    return Page[PostOut].of(request, found, many, skip)


def _posts(work: Work, who: Viewer, page: tuple[int, int]) -> tuple[int, list[PostOut]]:
    many, rows = posts(work.ledger.connection, who.scope, page)
    views = work.sends.resolve([(row.county, row.post) for row in rows])
    return many, [_post(row, views.get((row.county, row.post), VACANT)) for row in rows]


def _post(row: Any, view: Any) -> PostOut:
    numbers = [f"****{one.e164[-4:]}" for one in view.holder.numbers if one.e164] if view.holder else []
    same = {name: getattr(row, name) for name in ("county", "post", "area", "role", "title")}
    return PostOut(**same, holder=row.name or "", vacant=row.holder is None, numbers=numbers)


@router.get("/report")
def report(where: Where, who: SignedIn, since: Day, until: Day, county: CountyCode = "") -> Json:
    """效能分析 of a period, `until` included, as `callout report --format json` gives it; each asking is on record."""
    code = county or who.scope.county or where.county
    served = [row.county for row in where.store.read(lambda work: work.rosters.counties())]
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY) or code not in who.scope.counties(served):
        raise HTTPException(403, "分析说的是全区县，不在这把密钥的范围内")
    if until < since:
        raise HTTPException(422, "until 不能早于 since")
    begin, end = midnight(since), later(midnight(until), DAY)
    told = {"from": f"{since}", "to": f"{until}", "format": "json", "way": "接口"}
    noted = enter(where.store, where.seal, Export("report", code, who.actor, told=told), {})
    made = season(where.store, where.rulebooks, code, (begin, end))
    return as_json(replace(made, about={"导出人": who.actor, **noted.heads()}), where.prices())
