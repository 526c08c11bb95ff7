"""The board: what is in force, who has answered, and what to do next; live by server-sent events."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.user import Role, Viewer
from callout.reports.board import NOBODY, AlertStand
from callout.reports.finish import spent
from callout.reports.words import HUMAN_CALL_KINDS
from callout.web.access import DESK, SignedIn, Where
from callout.web.boards import Boards, Seen, boards
from callout.web.desk import address
from callout.web.identity import recognise
from callout.web.pages import page, render
from callout.web.site import Site, site
from callout.web.staff import places

router = APIRouter()

Readings = Annotated[Boards, Depends(boards)]

LOOK = 0.5
"""Seconds between two looks at whether anything has changed."""
TICK = 10
"""Looks after which a browser hears that all is well, changed or not."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the board somebody wants to see."""

    level: str = ""
    area: str = ""
    q: str = ""
    county: str = ""

    def shows(self, one: AlertStand) -> bool:
        """Whether this alert is to be seen."""
        line = one.line
        levels = {line.level, *line.levels.values()}
        fits = not self.level or any(level and level.value == self.level for level in levels)
        here = (not self.area or self.area in line.areas) and self.county in ("", line.county)
        return fits and here and all(word in f"{one.headline}{line.hazard}" for word in self.q.split())


def _filter(
    level: Annotated[str, Query(max_length=10)] = "",
    area: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
    county: Annotated[str, Query(max_length=12)] = "",
) -> Filter:
    return Filter(level, area, q, county)


Wanted = Annotated[Filter, Depends(_filter)]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page that may change by itself."""

    id: str
    key: str
    """Changes when the browser must get it anew."""
    html: str


@router.get("/", response_class=HTMLResponse)
def board(request: Request, readings: Readings, who: SignedIn, wanted: Wanted) -> Response:
    """The whole page."""
    if who.role is Role.ADMINISTRATOR:
        return page(request, "welcome.html.j2")
    seen = readings.seen(who.scope)
    parts = {part.id: part.html for part in _parts(request, who, seen, wanted)}
    names = below(who, names_of(site(request)))
    lists: dict[str, Any] = {"areas": _areas(names), "counties": _counties(names), "levels": list(Level)}
    return page(request, "board.html.j2", parts=parts, wanted=wanted, seen=seen, **lists)


def _areas(names: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    found = {(area, name) for (_, area), name in names.items() if not area.startswith("gb2260")}
    return sorted(found, key=lambda one: one[0])


def _counties(names: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """(code, name) of these counties; empty where it is only one, which needs no sum."""
    found = [(county, name) for (county, area), name in names.items() if area.startswith("gb2260")]
    return found if len(found) > 1 else []


def below(who: Viewer, names: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Those of them that lie below this place, with the county around it."""
    here = set(who.scope.counties({county for county, _ in names}))
    own = who.scope.area
    return {
        (county, area): name
        for (county, area), name in names.items()
        if county in here and (own in ("", area) or area.startswith("gb2260"))
    }


def names_of(where: Site) -> dict[tuple[str, str], str]:
    """(county, area) → name, of every county and township served."""
    served = places(where.store, where.rulebooks)
    towns = {(county.code, one.key): one.name for county in served for one in county.townships}
    return {(county.code, county.key): county.name for county in served} | towns


def _parts(request: Request, who: Viewer, seen: Seen, wanted: Filter) -> Iterator[Part]:
    """Every part that may change, the outer before the inner."""
    where = site(request)
    names = below(who, names_of(where))
    alerts = [one for one in seen.stand.alerts if wanted.shows(one)]
    shared: dict[str, Any] = {
        "seen": seen,
        "wanted": wanted,
        "names": names,
        "counties": _counties(names),
        "kinds": HUMAN_CALL_KINDS,
        "address": address,
        "acts": bool(who.grants & DESK),
        "nobody": NOBODY,
        "alerts": alerts,
        "through": _through(where, alerts),
    }

    def drawn(name: str, **more: Any) -> str:
        return render(request, f"board/{name}.html.j2", **shared, **more)

    state = where.engine(where.clock.now())
    providers = where.providers()
    yield _part("state", drawn("state", engine=state, providers=providers))
    yield _part("next", drawn("next", engine=state))
    yield _part("counties", drawn("counties"))
    which = ",".join(f"{one.line.county}/{one.line.alert}/{one.overtaken}" for one in alerts)
    yield Part("alerts", which, drawn("alerts"))
    for one in alerts:
        mark = f"{one.line.county}-{one.line.alert}"
        yield _part(f"sum-{mark}", drawn("sum", one=one))
        yield _part(f"towns-{mark}", drawn("towns", one=one))
    yield _part("tiles", drawn("tiles"))
    yield _part("items", drawn("items"))


def _through(where: Site, alerts: Sequence[AlertStand]) -> dict[int, Instant]:
    """When what is due of each alert will have left, by the rates of the providers; red goes before the others."""
    rates, now = where.rates(), where.clock.now()
    ahead: Counter[ChannelKind] = Counter()
    found = {}
    for one in (one for one in alerts if one.to_call):
        ahead += Counter(one.to_call)
        found[one.line.alert] = later(now, spent(ahead, rates))
    return found


def _part(id_: str, html: str) -> Part:
    return Part(id_, html, html)


def alarms(seen: Seen) -> dict[str, Any]:
    """What makes a browser ring: the newest red, and the newest refusal or question."""
    reds = [one.line.alert for one in seen.stand.alerts if Level.RED in (one.line.level, *one.line.levels.values())]
    return {"red": max(reds, default=0), "said": seen.said, "at": seen.at}


@router.get("/events")
async def events(request: Request, where: Where, readings: Readings, who: SignedIn, wanted: Wanted) -> Response:
    """Changes of the board as they come."""
    messages = stream(request, where, readings, (who, wanted))
    return StreamingResponse(messages, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def stream(
    request: Request, where: Site, readings: Boards, shown_to: tuple[Viewer, Filter]
) -> AsyncIterator[str]:
    """What one browser hears until it leaves or its session is over."""
    shown: dict[str, str] = {}
    before, looks = None, 0
    while not await request.is_disconnected():
        mark = await run_in_threadpool(readings.mark)
        if mark != before:
            before = mark
            for message in await run_in_threadpool(changes, request, readings, *shown_to, shown):
                yield message
        if looks % TICK == 0:
            if await run_in_threadpool(recognise, request, where) is None:
                yield _event("over", {})
                return
            yield _event("tick", {"at": where.clock.now()})
        looks += 1
        await asyncio.sleep(LOOK)


def changes(request: Request, readings: Boards, who: Viewer, wanted: Filter, shown: dict[str, str]) -> list[str]:
    """The parts that look different from what this browser was shown; `shown` is brought up to date."""
    seen = readings.seen(who.scope)
    sent, anew = [], ""
    for part in _parts(request, who, seen, wanted):
        inner = anew and part.id.startswith(("sum-", "towns-"))
        if shown.get(part.id) != part.key and not inner:
            sent.append(_event("part", {"id": part.id, "html": part.html}))
            anew = anew or (part.id if part.id == "alerts" else "")
        shown[part.id] = part.key
    return [*sent, _event("alarm", alarms(seen))]


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
