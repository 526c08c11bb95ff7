"""The board: what is in force, who has answered, and what to do next; live by server-sent events."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from callout.domain.instant import SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.user import Role, Viewer
from callout.reports.board import NOBODY, AlertStand
from callout.reports.finish import spent
from callout.reports.words import HUMAN_CALL_KINDS
from callout.web.access import DESK, SignedIn
from callout.web.boards import Boards, Mark, Seen, boards
from callout.web.desk import address
from callout.web.doorman import doorman
from callout.web.language import language_of
from callout.web.lookout import TICK, Lookout, lookout
from callout.web.pages import page, render
from callout.web.site import Site, site
from callout.web.staff import places

router = APIRouter()

Readings = Annotated[Boards, Depends(boards)]

Eye = Annotated[Lookout[Mark, "Drawn"], Depends(lookout)]


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


@dataclass(frozen=True)
class Part:
    """A part of the page that may change by itself."""

    id: str
    key: str
    """Changes when the browser must get it anew."""
    html: str

    @cached_property
    def event(self) -> str:
        """As every browser hears of it."""
        return _event("part", {"id": self.id, "html": self.html})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A board as all see it who see the same."""

    parts: tuple[Part, ...]
    alarm: str
    """What makes a browser ring, as an event."""


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
async def events(request: Request, eye: Eye, who: SignedIn, wanted: Wanted) -> Response:
    """Changes of the board as they come."""
    messages = stream(request, eye, who, wanted)
    return StreamingResponse(messages, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def stream(request: Request, eye: Lookout[Mark, Drawn], who: Viewer, wanted: Filter) -> AsyncIterator[str]:
    """What one browser hears until its session is over, or until it leaves, which cancels this."""
    where, shown = site(request), dict[str, str]()
    kind = who.scope, bool(who.grants & DESK), wanted, language_of(request)
    before, tick = None, Instant(0)
    while True:
        mark = await eye.after(before)
        fresh, before, now = mark != before, mark, where.clock.now()
        if fresh:
            yield "".join(changed(await eye.drawn(mark, kind, partial(draw, request, who, wanted)), shown))
        if not fresh or now >= tick:
            if not await doorman(request).knows(request):
                yield _event("over", {})
                return
            yield _event("tick", {"at": now})
            tick = later(now, round(TICK * SECOND))


def draw(request: Request, who: Viewer, wanted: Filter) -> Drawn:
    """The board as it is now; nothing in it belongs to one person alone."""
    seen = boards(request).seen(who.scope)
    return Drawn(tuple(_parts(request, who, seen, wanted)), _event("alarm", alarms(seen)))


def changed(drawn: Drawn, shown: dict[str, str]) -> list[str]:
    """The parts that look different from what a browser was shown; `shown` is brought up to date."""
    sent, anew = [], ""
    for part in drawn.parts:
        inner = anew and part.id.startswith(("sum-", "towns-"))
        if shown.get(part.id) != part.key and not inner:
            sent.append(part.event)
            anew = anew or (part.id if part.id == "alerts" else "")
        shown[part.id] = part.key
    return [*sent, drawn.alarm]


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
