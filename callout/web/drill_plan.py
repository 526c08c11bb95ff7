"""A shift leader plans a drill: what, when, who takes part, and whether they are told; nobody is called yet."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.area import County
from callout.domain.drill import Drill, GivesWay, check_plan, told_at
from callout.domain.drill_list import listed, scene
from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, HOUR, MINUTE, Instant, Millis, beijing, instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.roster import Roster
from callout.domain.user import ScopeKind, Viewer
from callout.rulebook.drill_file import read_participants
from callout.store.roster_reading import read_roster
from callout.store.store import Work
from callout.web.access import SignedIn, Where
from callout.web.pages import page
from callout.web.site import Exercising, Site

router = APIRouter()
_FIRST_IN: Millis = HOUR
"""From now until the drill that the empty form proposes."""


class PlanForm(BaseModel):
    """A drill as it is planned."""

    county: Annotated[str, Field(max_length=12)] = ""
    name: Annotated[str, Field(max_length=80)] = ""
    ordered_by: Annotated[str, Field(max_length=80)] = ""
    begins: Annotated[str, Field(max_length=20)] = ""
    ends: Annotated[str, Field(max_length=20)] = ""
    hazard: Hazard = Hazard.RAINSTORM
    level: Level = Level.RED
    areas: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)] = []
    people: Annotated[str, Field(max_length=20_000)] = ""
    channels: Annotated[list[ChannelKind], Field(max_length=2)] = []
    gives_way: GivesWay = GivesWay.RED
    blind: bool = False
    notice: Annotated[int, Field(ge=0, le=1440)] = 60

    @property
    def drill(self) -> Drill:
        """What was filled in, without its place. Raises CalloutError for a time that is none."""
        return Drill(
            "",
            self.name.strip(),
            self.ordered_by.strip(),
            _moment(self.begins),
            _moment(self.ends),
            not self.blind,
            frozenset(self.channels),
            self.gives_way,
            self.hazard,
            self.level,
            (),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a drill is planned: a county with the roster that it uses now."""

    county: County
    roster: str


def may_plan(where: Site, who: Viewer) -> bool:
    """Only who answers for a whole county plans for it, and never within a rehearsal."""
    return where.exercising is not None and bool(_places(where, who))


def _places(where: Site, who: Viewer) -> list[Place]:
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        return []
    rows = where.store.read(lambda work: work.rosters.counties())
    mine = set(who.scope.counties([row.county for row in rows]))
    return [Place(where.rulebooks.get(r.county, r.rulebook).county, r.roster) for r in rows if r.county in mine]


@router.get("/drills/plan")
def form(request: Request, where: Where, who: SignedIn, county: str = "") -> Response:
    """The empty form."""
    begins = later(where.clock.now(), _FIRST_IN)
    ends = later(begins, 2 * HOUR)
    empty = PlanForm(county=county[:12], channels=list(ChannelKind), begins=_typed(begins), ends=_typed(ends))
    return _show(request, (where, who), empty)


@router.post("/drills/plan")
def plan(request: Request, where: Where, who: SignedIn, form: Annotated[PlanForm, Form()]) -> Response:
    """On record; whoever is on the list is told when it is time for that."""
    try:
        code = _planned(where, who, form)
    except CalloutError as error:
        return _show(request, (where, who), form, str(error))
    return RedirectResponse(f"/drills/{code}", 303)


def _show(request: Request, by: tuple[Site, Viewer], form: PlanForm, said: str = "") -> Response:
    where, who = by
    places = _places(where, who)
    chosen = next((one for one in places if one.county.code == form.county), places[0] if places else None)
    values = {
        "form": form,
        "said": said,
        "counties": [one.county for one in places],
        "county": chosen and chosen.county,
        "hazards": Hazard,
        "levels": Level,
        "ways": GivesWay,
        "kinds": ChannelKind,
        "barred": where.exercising.barred if where.exercising else "推演里不计划演练",
    }
    return page(request, "drill_plan.html.j2", 422 if said else 200, **values)


def _planned(where: Site, who: Viewer, form: PlanForm) -> str:
    exercising, here = _exercising(where), _here(where, who, form.county)
    drill = form.drill
    check_plan(drill, where.clock.now())
    roster = where.store.database.read(lambda db: read_roster(db, here.county.code, here.roster))
    chosen = _chosen(form, roster, here.county)
    drill = replace(drill, areas=tuple(area for area in scene(roster, chosen) if area != here.county.key))
    notice = 0 if exercising.barred else form.notice * MINUTE

    def work(work: Work) -> str:
        if all(row.roster != here.roster for row in work.rosters.counties()):
            raise CalloutError("名册刚换过，没有计划演练，请核对名单后再来一次")
        told = told_at(drill, notice, work.at)
        return work.drills.plan(here.county.code, drill, work.drills.numbers(chosen), who.actor, told)

    return where.store.write(work)


def _exercising(where: Site) -> Exercising:
    if where.exercising is None:
        raise CalloutError("推演里不计划演练")
    return where.exercising


def _here(where: Site, who: Viewer, county: str) -> Place:
    found = next((one for one in _places(where, who) if one.county.code == county), None)
    if found is None:
        raise CalloutError("没有这个区县，或者不在您的范围内")
    if not found.roster:
        raise CalloutError("还没有名册，没有可以参加演练的人")
    return found


def _chosen(form: PlanForm, roster: Roster, county: County) -> dict[str, int]:
    """The list, number by number. Raises CalloutError where it names nobody, or somebody unknown."""
    areas = {one.key for one in county.townships} & set(form.areas)
    people, numbers = frozenset[int](), frozenset[str]()
    if form.people.strip():
        told = read_participants(form.people.encode(), roster, headed=False)
        if told.errors:
            raise CalloutError(f"{told.errors[0]}；没有计划演练，请改名单")
        people, numbers = told.people, told.numbers
    found = listed(roster, areas, people, numbers)
    if not found:
        raise CalloutError("名单是空的：请勾选乡镇，或写明参加的人")
    return found


def listed_by_place(work: Work, drill: Drill, county: County) -> list[tuple[str, int]]:
    """(township, posts) of whoever is on the list of a drill, the most first."""
    row = next((row for row in work.rosters.counties() if row.county == county.code), None)
    if row is None:
        return []
    people = work.drills.people(drill.county)
    names = {one.key: one.name for one in county.townships}
    posts = read_roster(work.ledger.connection, county.code, row.roster).posts
    return Counter(names.get(one.area, county.name) for one in posts if one.holder in people).most_common()


def _typed(at: Instant) -> str:
    return beijing(at, "%Y-%m-%dT%H:%M")


def _moment(text: str) -> Instant:
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=BEIJING))
    except ValueError:
        raise CalloutError("时间没有写对，例如 2026-08-03 03:50") from None
