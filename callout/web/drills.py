"""演练 in the duty room: what is planned, runs or is over; a shift leader starts and ends one and sees how it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.drill import Drill, DrillEvent, DrillState
from callout.domain.errors import CalloutError, Unknown
from callout.domain.user import Role, Viewer
from callout.pipeline import drill as stage
from callout.pipeline.drill import STATES
from callout.reports.drill_score import Score, counted, exercises, score
from callout.store.store import Work
from callout.web.access import SignedIn, Where
from callout.web.drill_plan import listed_by_place, may_plan
from callout.web.drilled import may_know
from callout.web.pages import page
from callout.web.site import Exercising, Site
from callout.web.staff import places

router = APIRouter()

SHOWN = 30
"""Drills in the list."""


class StartForm(BaseModel):
    """A leader starts a drill: its name is typed once more."""

    typed: Annotated[str, Field(max_length=200)] = ""


class EndForm(BaseModel):
    """A leader ends a drill."""

    why: Annotated[str, Field(max_length=200)] = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One drill of the list."""

    drill: Drill
    listed: int
    counts: Mapping[str, int]

    @property
    def state(self) -> str:
        """In words."""
        return STATES[self.drill.state]


@router.get("/drills")
def show(request: Request, where: Where, who: SignedIn) -> Response:
    """All of them, the newest first."""
    lines = where.store.read(lambda work: [_line(work, one) for one in _known(work, who)[:SHOWN]])
    plans = who.role is Role.LEADER and may_plan(where, who)
    return page(request, "drills.html.j2", lines=lines, states=DrillState, plans=plans)


@router.get("/drills/{code}")
def one(request: Request, where: Where, who: SignedIn, code: str) -> Response:
    """One drill, and how it goes."""
    return _one(request, (where, who), code)


def _one(request: Request, by: tuple[Site, Viewer], code: str, said: str = "") -> Response:
    where, who = by
    line = where.store.read(lambda work: _line(work, _find(work, who, code)))
    values: dict[str, Any] = {
        "line": line,
        "drill": line.drill,
        "score": _scored(where, who, line),
        "counted": counted,
        "names": _names(where),
        "posts": _places(where, line.drill),
        "leads": who.role is Role.LEADER and where.exercising is not None,
        "live": where.exercising is not None and where.exercising.live,
        "barred": where.exercising.barred if where.exercising else "",
        "said": said,
        "states": DrillState,
    }
    return page(request, "drill.html.j2", 422 if said else 200, **values)


def _known(work: Work, who: Viewer) -> list[Drill]:
    """The drills below the viewer's place of which they may know."""
    bases = who.scope.counties(work.drills.bases())
    return [one for base in bases for one in exercises(work, base) if may_know(who, one)]


def _find(work: Work, who: Viewer, code: str) -> Drill:
    found = next((one for one in _known(work, who) if one.county == code), None)
    if found is None:
        raise Unknown("没有这次演练")
    return found


def _line(work: Work, one: Drill) -> Line:
    return Line(one, len(work.drills.listed(one.county)), work.drills.counts(one.county))


def _scored(where: Site, who: Viewer, line: Line) -> Score | None:
    """The score so far; None where nobody has been called."""
    if not line.counts["due"]:
        return None
    held = where.store.read(lambda work: [one for one in _known(work, who) if one.base == line.drill.base])
    last = _before(held, line.drill)
    return where.store.database.read(lambda db: score(db, where.rulebooks, line.drill, last, line.listed))


def _before(held: Sequence[Drill], drill: Drill) -> Drill | None:
    """The one that was held before it."""
    earlier = [one for one in held if one.started_at is not None and one.started_at < (drill.started_at or 0)]
    return max(earlier, key=lambda one: one.started_at or 0, default=None)


def _places(where: Site, drill: Drill) -> list[tuple[str, int]]:
    """Who is on the list of a planned drill, by township: to be looked over before it begins."""
    county = next((one for one in places(where.store, where.rulebooks) if one.code == drill.base), None)
    if drill.state is not DrillState.PLANNED or county is None:
        return []
    return where.store.read(lambda work: listed_by_place(work, drill, county))


def _names(where: Site) -> dict[str, str]:
    counties = places(where.store, where.rulebooks)
    return {
        key: name for one in counties for key, name in ((one.key, one.name), *((t.key, t.name) for t in one.townships))
    }


@router.post("/drills/{code}/start")
def start(request: Request, where: Where, who: SignedIn, code: str, form: Annotated[StartForm, Form()]) -> Response:
    """Its phones may ring from now on."""
    try:
        exercising, drill = _leads(where), where.store.read(lambda work: _find(work, who, code))
        if exercising.barred:
            raise CalloutError(exercising.barred)
        order = stage.Order(drill.county, form.typed, who.actor, exercising.live)
        stage.start(exercising.drilling, order)
    except Unknown:
        raise
    except CalloutError as error:
        return _one(request, (where, who), code, said=str(error))
    return RedirectResponse(f"/drills/{code}", 303)


@router.post("/drills/{code}/end")
def end(request: Request, where: Where, who: SignedIn, code: str, form: Annotated[EndForm, Form()]) -> Response:
    """Nobody of it is called any more."""
    try:
        exercising, drill = _leads(where), where.store.read(lambda work: _find(work, who, code))
        if not form.sure:
            raise CalloutError("请先勾选确认，再结束演练")
        why = form.why.strip() or f"{who.actor}结束"
        if drill.state is DrillState.OVER or not stage.end(
            exercising.drilling, drill, DrillEvent.ENDED, who.actor, why
        ):
            raise CalloutError("演练刚刚结束")
    except Unknown:
        raise
    except CalloutError as error:
        return _one(request, (where, who), code, said=str(error))
    return RedirectResponse(f"/drills/{code}", 303)


def _leads(where: Site) -> Exercising:
    if where.exercising is None:
        raise CalloutError("推演里不开始演练")
    return where.exercising
