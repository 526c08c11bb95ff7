"""What programs hand in and do. Every POST needs an Idempotency-Key; who did it stands in the record by key."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from callout.domain.desk import CallResult
from callout.domain.errors import CalloutError, Unknown
from callout.domain.instant import MINUTE, Instant, instant
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import CONFIRM_WITHIN, Decision, StopWorkKey, Wish
from callout.domain.user import ScopeKind, Viewer
from callout.pipeline import stop_work
from callout.pipeline.receive import receive
from callout.ports import Document, Settlement
from callout.store.store import Work
from callout.web import ringing
from callout.web.access import SignedIn, Where
from callout.web.api.models import Json
from callout.web.api.once import Asking
from callout.web.api.problems import PROBLEMS
from callout.web.site import Site

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["送入和处理"])

_MOST = 500
_LONGEST = 500
_DAY_MINUTES = 1440
Whole = Annotated[int, Field(ge=0, le=2**53)]
Words = Annotated[str, Field(max_length=_LONGEST)]
Name = Annotated[str, Field(max_length=40)]
_DOCUMENT: Json = {
    "requestBody": {
        "required": True,
        "description": "预警原文：CAP、12379 的 XML，或文档里列出的 JSON",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("application/xml", "application/json")},
    }
}


class Taken(BaseModel):
    """What became of a document."""

    outcome: str
    note: str
    alert: int


class Done(BaseModel):
    """It is done."""

    done: bool


class ItemIn(BaseModel):
    """One item of the officer's list."""

    county: Annotated[str, Field(max_length=12)]
    alert: Whole
    post: Whole = 0
    kind: Annotated[str, Field(max_length=40)]
    about: Annotated[str, Field(max_length=300)] = ""

    @property
    def key(self) -> tuple[str, int, int, str, str]:
        """The item's key."""
        return self.county, self.alert, self.post, self.kind, self.about


class ResultIn(ItemIn):
    """What came of a call."""

    result: CallResult
    note: Annotated[str, Field(max_length=ringing.LONGEST_NOTE)] = ""


class EndIn(ItemIn):
    """How an item ended."""

    outcome: Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class StopIn(BaseModel):
    """One 熔断, as it was read."""

    county: Annotated[str, Field(max_length=12)]
    alert: Whole
    area: Annotated[str, Field(max_length=40)]
    code: StopWorkCode
    role: Annotated[str, Field(max_length=200)]
    rev: Whole


class SeenIn(BaseModel):
    """Somebody saw on site that it is closed."""

    stops: Annotated[list[StopIn], Field(min_length=1, max_length=_MOST)]
    by: Annotated[str, Field(min_length=1, max_length=40, description="谁看到的")]
    title: Name = ""
    basis: Annotated[str, Field(min_length=1, max_length=_LONGEST, description="看到了什么")]
    evidence: Words = ""


class WishIn(BaseModel):
    """A 熔断 that somebody proposes; a named human decides about it at the desk."""

    county: Annotated[str, Field(max_length=12)]
    alert: Whole = 0
    areas: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=200)]
    code: StopWorkCode
    role: Annotated[str, Field(min_length=1, max_length=200, description="岗位类别，或一个对象的名字")]
    measure: Words = ""
    by: Annotated[str, Field(min_length=1, max_length=40)]
    title: Name = ""
    basis: Annotated[str, Field(min_length=1, max_length=_LONGEST)]
    effective_at: AwareDatetime | None = None
    confirm_within_minutes: Annotated[int, Field(ge=1, le=_DAY_MINUTES)] = CONFIRM_WITHIN // MINUTE


@router.post("/alerts", response_model=Taken, openapi_extra=_DOCUMENT)
async def hand_in(request: Request, where: Where, who: SignedIn, asking: Asking) -> Response:
    """Hand in one warning document; it is dealt with like one from the watched folder."""
    raw = await request.body()
    if not raw.strip():
        raise HTTPException(400, "没有内容：请把预警原文放在请求的正文里")
    if len(raw) > where.longest_body // 2:
        raise HTTPException(413, f"超过 {where.longest_body // 2} 字节，不是预警文件")
    return await run_in_threadpool(asking.receive, lambda: _receive(where, who, raw))


def _receive(where: Site, who: Viewer, raw: bytes) -> Json:
    """A document may touch every county here, so the key must reach as far."""
    served = {row.county for row in where.store.read(lambda work: work.rosters.counties())}
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY) or set(who.scope.counties(served)) != served:
        raise HTTPException(403, "送预警的密钥要管到本系统的全部区县")
    taken = receive(where.intake, Document("api", f"api {who.login}", raw))
    if taken.outcome is Settlement.REFUSED:
        raise HTTPException(422, taken.note)
    return {"outcome": taken.outcome, "note": taken.note, "alert": taken.alert}


@router.post("/human-calls/take", response_model=Done)
def take(who: SignedIn, asking: Asking, item: ItemIn) -> Response:
    """Take an item, and all else that is open about the same person: nobody else rings them."""
    return asking.answer(lambda where: ringing.take(where, who, item.key))


@router.post("/human-calls/release", response_model=Done)
def release(who: SignedIn, asking: Asking, item: ItemIn) -> Response:
    """Let it wait for somebody else."""
    return asking.answer(lambda where: ringing.give_back(where, who, item.key))


@router.post("/human-calls/result", response_model=Done)
def result(who: SignedIn, asking: Asking, said: ResultIn) -> Response:
    """What came of a call about an item that this key has taken."""
    called = ringing.Called(said.result, said.note)
    return asking.answer(lambda where: ringing.came_of(where, who, said.key, called))


@router.post("/human-calls/end", response_model=Done)
def end(who: SignedIn, asking: Asking, said: EndIn) -> Response:
    """It is done, in words."""
    return asking.answer(lambda where: ringing.end(where, who, said.key, said.outcome))


@router.post("/stop-work/propose", response_model=Done)
def propose(who: SignedIn, asking: Asking, wish: WishIn) -> Response:
    """Propose 熔断. Ordering, declining and lifting is for named humans at the desk, not for programs."""
    effect = _instant(wish.effective_at)
    within = wish.confirm_within_minutes * MINUTE
    decision = Decision(wish.by, wish.title, wish.basis, who.actor, effect, within)
    asked = Wish(wish.county, wish.alert, tuple(wish.areas), wish.code, wish.role, wish.measure)

    def do(where: Site) -> None:
        known = _areas(where, wish.county)
        if not set(wish.areas) <= known or not all(who.scope.holds(wish.county, one, wish.role) for one in wish.areas):
            raise Unknown("没有这个乡镇，或者不在密钥的范围内")
        where.store.write(lambda work: stop_work.propose(work, asked, decision, where.intake.run))

    return asking.answer(do)


@router.post("/stop-work/confirm", response_model=Done)
def confirm(who: SignedIn, asking: Asking, seen: SeenIn) -> Response:
    """A named person saw on site that it is closed."""
    decision = Decision(seen.by, seen.title, seen.basis, who.actor, evidence=seen.evidence)
    chosen = [(StopWorkKey(one.county, one.alert, one.area, one.code, one.role), one.rev) for one in seen.stops]
    if not all(who.scope.holds(key.county, key.area, key.role) for key, _ in chosen):
        raise HTTPException(404, "没有这个熔断，或者不在密钥的范围内")

    def do(where: Site) -> None:
        def work(writing: Work) -> None:
            stop_work.confirm(writing, chosen, decision, where.intake.run)

        where.store.write(work)

    return asking.answer(do)


def _areas(where: Site, county: str) -> set[str]:
    rows = where.store.read(lambda work: work.rosters.counties())
    row = next((one for one in rows if one.county == county), None)
    if row is None:
        return set()
    known = where.rulebooks.get(county, row.rulebook).county
    return {known.key, *(one.key for one in known.townships)}


def _instant(at: datetime | None) -> Instant | None:
    try:
        return None if at is None else instant(at)
    except (OverflowError, ValueError):
        raise CalloutError("effective_at 不是可用的时间") from None
