"""The auditor's desk: callouts looked for and told minute by minute. Numbers are masked until a reason is on record."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from callout.domain.callout import CalloutKey, CalloutState
from callout.domain.errors import CalloutError, Unknown
from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.user import ScopeKind, Viewer
from callout.reports.callouts import UNANSWERED, CalloutLine, Wanted, count, found_words, look_for, one_line
from callout.reports.proof import entries_about
from callout.reports.timeline import course
from callout.reports.why_then import why_then
from callout.reports.words import CALLOUT_STATES, GRADES
from callout.store.sealing import newest_seal, unsealed
from callout.store.store import Work
from callout.store.transaction import Event
from callout.web import photos
from callout.web.access import AUDITORS, SignedIn, Where
from callout.web.board import below, names_of
from callout.web.pages import page
from callout.web.site import Site
from callout.web.staff import places

router = APIRouter()

SHOWN = 50
_FURTHEST = 1_000_000
Whole = Annotated[int, Field(ge=0, le=2**53)]


class Search(BaseModel):
    """What is looked for, as the form has it: everything is text that may be empty."""

    alert: str = Field("", max_length=16, pattern=r"^\d*$")
    post: str = Field("", max_length=16, pattern=r"^\d*$")
    area: str = Field("", max_length=40)
    q: str = Field("", max_length=60)
    state: str = Field("", max_length=30)
    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    skip: int = Field(0, ge=0, le=_FURTHEST)

    @property
    def wanted(self) -> Wanted:
        """The same, read. Raises CalloutError for a date that is none."""
        until = day(self.until, 1) if self.until else None
        since = day(self.since) if self.since else None
        alert, post = int(self.alert or 0), int(self.post or 0)
        return Wanted(alert, post, self.area, self.q, self.state, since, until)

    def address(self, skip: int) -> str:
        """The page of the list that begins there."""
        return "/audit?" + urlencode({k: v for k, v in (self.model_dump() | {"skip": skip}).items() if v})


class WhichForm(BaseModel):
    """Which callout is meant."""

    county: Annotated[str, Field(max_length=12)] = ""
    alert: Whole = 0
    post: Whole = 0

    @property
    def key(self) -> CalloutKey:
        """Its key."""
        return CalloutKey(self.county, self.alert, self.post, 0)


def day(text: str, after: int = 0) -> Instant:
    """The beginning of a day in Beijing, or of so many days after it. Raises CalloutError for what is no date."""
    try:
        then = date.fromisoformat(text) + timedelta(days=after)
        return instant(datetime(then.year, then.month, then.day, tzinfo=BEIJING))
    except (ValueError, OverflowError):
        raise CalloutError(f"“{text}”不是日期，请写成 2026-08-02 这样") from None


def address(key: CalloutKey) -> str:
    """The page of a callout."""
    return "/audit/callout?" + urlencode({"county": key.county, "alert": key.alert, "post": key.post})


@router.get("/audit")
def search(request: Request, where: Where, who: SignedIn, asked: Annotated[Search, Query()]) -> Response:
    """The list, and how the chain stands."""
    wanted = asked.wanted

    def work(reading: Work) -> dict[str, Any]:
        db = reading.ledger.connection
        many = count(db, who.scope, wanted)
        return {
            "lines": look_for(db, who.scope, wanted, (asked.skip, SHOWN)),
            "many": found_words(many, CALLOUT_STATES),
            "total": sum(many.values()),
            "seal": newest_seal(db),
            "waiting": unsealed(db),
            "versions": _versions(reading, who),
        }

    values = where.store.read(work)
    home = who.scope.county or where.county
    return page(request, "audit.html.j2", asked=asked, shown=SHOWN, home=home, **values, **_shared(where, who))


def _versions(reading: Work, who: Viewer) -> list[Any]:
    """The rules and rosters in force below this place."""
    rows = reading.rosters.counties()
    mine = set(who.scope.counties([row.county for row in rows]))
    return [row for row in rows if row.county in mine]


def _shared(where: Site, who: Viewer) -> dict[str, Any]:
    names = names_of(where)
    areas = sorted({(a, name) for (_, a), name in below(who, names).items() if who.scope.area in ("", a)})
    return {
        "names": names,
        "areas": areas,
        "states": [(UNANSWERED, "还没有应答的"), *((one.value, CALLOUT_STATES[one]) for one in CalloutState)],
        "state_words": CALLOUT_STATES,
        "grade_words": GRADES,
        "address": address,
        "photo_at": photos.address,
        "auditor": bool(who.grants & AUDITORS),
        "whole_county": who.scope.kind in (ScopeKind.CITY, ScopeKind.COUNTY),
    }


@router.get("/audit/callout")
def one(request: Request, where: Where, who: SignedIn, which: Annotated[WhichForm, Depends()]) -> Response:
    """One callout, minute by minute, numbers masked."""
    return _one(request, where, who, which.key, clear=False)


@router.post("/audit/callout")
def with_numbers(
    request: Request,
    where: Where,
    who: SignedIn,
    which: Annotated[WhichForm, Form()],
    why: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The same with numbers in the clear; that they were seen, and why, is on record."""
    if not why.strip():
        raise CalloutError("查看号码要写明理由，理由会写入记录")
    key = which.key

    def work(writing: Work) -> None:
        line_of(writing, who, key)
        writing.ledger.note(Event("number.viewed", who.actor), key.alert, key.county, why.strip(), key.post)

    where.store.write(work)
    return _one(request, where, who, key, clear=True)


def line_of(reading: Work, who: Viewer, key: CalloutKey) -> CalloutLine:
    """The callout, where it lies below this place. Raises CalloutError where it does not."""
    line = one_line(reading.ledger.connection, who.scope, key)
    if line is None:
        raise Unknown("没有这个叫应，或者不在您的范围内")
    return line


def _one(request: Request, where: Site, who: Viewer, key: CalloutKey, *, clear: bool) -> Response:
    def work(reading: Work) -> dict[str, Any]:
        db, line = reading.ledger.connection, line_of(reading, who, key)
        seal = newest_seal(db)
        entries = entries_about(db, key)
        under = sum(1 for entry in entries if seal and entry.position <= seal.hi)
        return {"line": line, "course": course(db, key, line.opened_at), "entries": entries, "under": under}

    values = where.store.read(work)
    return page(request, "audit_one.html.j2", clear=clear, **values, **_shared(where, who))


@router.get("/audit/why")
def why(
    request: Request,
    where: Where,
    who: SignedIn,
    which: Annotated[WhichForm, Depends()],
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Why a person, a post or a township was called about a warning, or was not, by the rules of that time."""
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        raise CalloutError("“为什么叫、为什么没叫”要看全区县的名册，不在您的范围内")
    code = which.county or who.scope.county or where.county
    county = next((one for one in places(where.store, where.rulebooks) if one.code == code), None)
    if county is None or not who.scope.counties([code]):
        raise Unknown("没有这个区县，或者不在您的范围内")

    def work(reading: Work) -> list[tuple[int, str]]:
        told = why_then(reading.ledger.connection, where.rulebooks, county, which.alert, q.strip())
        return [((len(line) - len(line.lstrip())) // 2, line.lstrip()) for line in told]

    lines = where.store.read(work) if q.strip() and which.alert else []
    return page(request, "audit_why.html.j2", which=which, q=q, lines=lines, county=county)
