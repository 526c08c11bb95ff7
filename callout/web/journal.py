"""The duty log: consultations, the 三个一, notes; and the handover, which shows everything that is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.errors import CalloutError, Unknown
from callout.domain.instant import BEIJING, Instant, instant, moment
from callout.domain.journal import LONGEST, WRITTEN_BY_HAND, EntryKind, NewEntry, missing_ones
from callout.domain.user import Scope, ScopeKind, Viewer
from callout.pipeline import journal
from callout.reports.desk_list import desk_lines
from callout.reports.handover import OpenThings, in_text, open_things
from callout.reports.relocation import lines
from callout.reports.stop_board import stop_lines
from callout.reports.warnings import WarningLine, warnings
from callout.store.journal import Entry
from callout.store.store import Work
from callout.web.access import DESK, SignedIn, Where
from callout.web.boards import Boards, boards
from callout.web.pages import page
from callout.web.site import Site, site

router = APIRouter()

SHOWN = 100
LISTED = 200


class EntryForm(BaseModel):
    """An entry as a browser sends it."""

    county: Annotated[str, Field(max_length=12)] = ""
    kind: EntryKind = EntryKind.NOTE
    at: Annotated[str, Field(max_length=20)] = ""
    alert: Annotated[int, Field(ge=0, le=2**53)] = 0
    attendees: Annotated[str, Field(max_length=500)] = ""
    text: Annotated[str, Field(max_length=LONGEST)] = ""
    ref: Annotated[str, Field(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class Ones:
    """Which of the 三个一 are still missing for the weather process that runs."""

    since: Instant
    missing: tuple[EntryKind, ...]


@router.get("/journal")
def show(request: Request, who: SignedIn, county: Annotated[str, Query(max_length=12)] = "") -> Response:
    """The newest entries, and the forms."""
    return _show(request, who, EntryForm(county=county))


def _show(request: Request, who: Viewer, form: EntryForm, said: str = "") -> Response:
    where = site(request)
    county = _county(where, who, form.county)

    def read(work: Work) -> tuple[list[Entry], list[WarningLine], Entry | None, Ones | None]:
        standing = [one for one in warnings(work.ledger.connection, who.scope, work.at) if one.county == county]
        entries = work.journal.newest(county, SHOWN)
        return entries, standing, work.journal.open_handover(county), _ones(work, county, standing)

    entries, standing, handover, ones = where.store.read(read)
    values: dict[str, Any] = {
        "county": county,
        "served": _served(where, who),
        "entries": entries,
        "standing": standing,
        "handover": handover,
        "ones": ones,
        "kinds": WRITTEN_BY_HAND,
        "form": form,
        "today": moment(where.clock.now()).astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"),
        "acts": bool(who.grants & DESK),
        "said": said,
    }
    return page(request, "journal.html.j2", 422 if said else 200, **values)


def _ones(work: Work, county: str, standing: Sequence[WarningLine]) -> Ones | None:
    """Looked for from the first warning in force on."""
    if not standing:
        return None
    since = min(one.sent for one in standing)
    return Ones(since, missing_ones(one.kind for one in work.journal.newest(county, LISTED, since)))


def _served(where: Site, who: Viewer) -> list[tuple[str, str]]:
    """Counties whose log this user may see: it tells of the whole county."""
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        raise CalloutError("值班日志由区县（或全市）的用户查看和记录")
    rows = where.store.read(lambda work: work.rosters.counties())
    names = {row.county: where.rulebooks.get(row.county, row.rulebook).county.name for row in rows}
    return [(code, names[code]) for code in who.scope.counties(names)]


def _county(where: Site, who: Viewer, wanted: str) -> str:
    """The county that is meant. Raises CalloutError for one that is not below this user's place."""
    served = [code for code, _ in _served(where, who)]
    if not served or (wanted and wanted not in served):
        raise Unknown("没有这个区县，或者不在您的范围内")
    return wanted or (where.county if where.county in served else served[0])


@router.post("/journal")
def write(request: Request, where: Where, who: SignedIn, form: Annotated[EntryForm, Form()]) -> Response:
    """Add an entry."""
    try:
        if form.kind not in WRITTEN_BY_HAND:
            raise CalloutError("交班、接班请在交接班页做")
        county = _county(where, who, form.county)
        at = _moment(form.at) if form.at else where.clock.now()
        new = NewEntry(county, form.kind, at, form.alert, 0, form.attendees, form.text, form.ref, who.actor)
        where.store.write(lambda work: journal.write(work, new))
    except CalloutError as error:
        return _show(request, who, form.model_copy(update={"county": ""}), str(error))
    return RedirectResponse(f"/journal?county={county}", 303)


def _moment(text: str) -> Instant:
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=BEIJING))
    except ValueError:
        raise CalloutError("时间没有写对，例如 2026-08-03 03:50") from None


@router.get("/journal/handover")
def handover(
    request: Request, where: Where, who: SignedIn, county: Annotated[str, Query(max_length=12)] = ""
) -> Response:
    """Everything that is open, and the two buttons of a change of shift."""
    return _handover(request, where, who, _county(where, who, county))


def _handover(request: Request, where: Site, who: Viewer, county: str, said: str = "") -> Response:
    waits = where.store.read(lambda work: work.journal.open_handover(county))
    values: dict[str, Any] = {
        "county": county,
        "things": _open(request, where, county),
        "waits": waits,
        "mine": waits is not None and waits.officer == who.actor,
        "acts": bool(who.grants & DESK),
        "said": said,
    }
    return page(request, "handover.html.j2", 422 if said else 200, **values)


def _open(request: Request, where: Site, county: str) -> list[OpenThings]:
    """What is open in the whole county, whoever looks."""
    scope = Scope(ScopeKind.COUNTY, county)
    readings: Boards = boards(request)
    seen = readings.seen(scope)

    def read(work: Work) -> list[OpenThings]:
        db = work.ledger.connection
        stops, moves = stop_lines(db, scope, work.at), lines(db, county)
        return open_things(seen.stand, desk_lines(db, scope, LISTED), stops, moves, seen.gaps)

    return where.store.read(read)


class ShiftForm(BaseModel):
    """A change of shift."""

    county: Annotated[str, Field(max_length=12)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""


@router.post("/journal/handover")
def hand_over(request: Request, where: Where, who: SignedIn, form: Annotated[ShiftForm, Form()]) -> Response:
    """The shift ends; what is open is kept as it is."""
    county = _county(where, who, form.county)
    text = in_text(_open(request, where, county), form.note)[:LONGEST]
    try:
        where.store.write(lambda work: journal.hand_over(work, county, text, who.actor))
    except CalloutError as error:
        return _handover(request, where, who, county, str(error))
    return RedirectResponse(f"/journal/handover?county={county}", 303)


@router.post("/journal/takeover")
def take_over(request: Request, where: Where, who: SignedIn, form: Annotated[ShiftForm, Form()]) -> Response:
    """The next shift goes on."""
    county = _county(where, who, form.county)
    try:
        where.store.write(lambda work: journal.take_over(work, county, who.actor))
    except CalloutError as error:
        return _handover(request, where, who, county, str(error))
    return RedirectResponse(f"/journal?county={county}", 303)
