"""The board of 转移: who must be moved, who is away, who will not go or went back, and how full the shelters are."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.area import County
from callout.domain.errors import CalloutError, Unknown
from callout.domain.relocation import OPEN, RelocationKey, RelocationState, Word
from callout.domain.relocation_plan import RelocationPlan, Site
from callout.domain.user import Role, Viewer
from callout.pipeline import relocation
from callout.reports.relocation import RelocationLine, ShelterLine, by_area, count, lines, shelter_lines, titles
from callout.reports.words import RELOCATION_STATES
from callout.store.store import Work
from callout.web.access import DESK, SignedIn, Where
from callout.web.pages import page
from callout.web.site import Site as House
from callout.web.staff import places

router = APIRouter()

SHOWN = 200
Said = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(max_length=40)]


class What(StrEnum):
    """What an officer heard about one of them."""

    MOVED = "moved"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    RETURNED = "returned"


ACTS: Mapping[What, Callable[[Work, Sequence[relocation.Seen], Word, str], None]] = {
    What.MOVED: relocation.moved,
    What.REFUSED: relocation.refused,
    What.UNREACHABLE: relocation.unreachable,
    What.RETURNED: relocation.returned,
}


class WordForm(BaseModel):
    """What was heard, or decided, about one or many."""

    county: Annotated[str, Field(max_length=12)] = ""
    chosen: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=500)] = []
    what: What = What.MOVED
    people: Annotated[str, Field(max_length=6)] = ""
    by: Name = ""
    title: Name = ""
    reason: Said = ""


class DemandForm(BaseModel):
    """Whom an officer asks to be moved, about no warning."""

    county: Annotated[str, Field(max_length=12)] = ""
    sites: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=500)] = []


@router.get("/moves")
def show(
    request: Request,
    where: Where,
    who: SignedIn,
    county: Annotated[str, Query(max_length=12)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Those in danger first."""
    return _show(request, (where, who), county, q)


def _show(request: Request, by: tuple[House, Viewer], county: str, q: str = "", said: str = "") -> Response:
    where, who = by
    here, served = _county(where, who, county)
    open_, filled, plan = where.store.read(lambda work: _read(work, who, here.code))
    names = {one.key: one.name for one in here.townships} | {here.key: here.name}
    shown = [one for one in open_ if _fits(one, names, q)]
    asked = {one.key.site for one in open_}
    values: dict[str, Any] = {
        "here": here,
        "served": served,
        "names": names,
        "total": count(open_),
        "areas": by_area(open_),
        "shelters": filled,
        "danger": [one for one in shown if one.state is not RelocationState.MOVED][:SHOWN],
        "away": [one for one in shown if one.state is RelocationState.MOVED],
        "rest": [one for one in plan.sites if one.id not in asked and who.scope.holds(here.code, one.area)],
        "listed": bool(plan.sites),
        "words": RELOCATION_STATES,
        "acts": bool(who.grants & DESK),
        "decides": who.role is Role.LEADER,
        "q": q,
        "said": said,
    }
    return page(request, "moves.html.j2", 422 if said else 200, **values)


def _read(work: Work, who: Viewer, county: str) -> tuple[list[RelocationLine], list[ShelterLine], RelocationPlan]:
    db = work.ledger.connection
    everyone = lines(db, county, states=OPEN)
    plan = work.relocations.plans.plan(county)
    filled = shelter_lines(plan.shelters, everyone, titles(db, county))
    mine = [one for one in everyone if who.scope.holds(county, one.area)]
    return mine, [one for one in filled if who.scope.holds(county, one.shelter.area)], plan


def _fits(one: RelocationLine, names: Mapping[str, str], q: str) -> bool:
    words = f"{one.name}{one.place}{one.kind}{one.risk}{one.keeper}{names.get(one.area, '')}"
    return all(word in words for word in q.split())


def _county(where: House, who: Viewer, wanted: str) -> tuple[County, list[County]]:
    served = [one for one in places(where.store, where.rulebooks) if who.scope.counties([one.code])]
    chosen = next((one for one in served if one.code == (wanted or where.county)), served[0] if served else None)
    if chosen is None or (wanted and chosen.code != wanted):
        raise Unknown("没有这个区县，或者不在您的范围内")
    return chosen, served


@router.post("/moves/word")
def word(request: Request, where: Where, who: SignedIn, form: Annotated[WordForm, Form()]) -> Response:
    """What was heard about one of them."""
    return _tell(request, (where, who), form, ACTS[form.what])


@router.post("/moves/release")
def release(request: Request, where: Where, who: SignedIn, form: Annotated[WordForm, Form()]) -> Response:
    """A leader lets them return."""
    return _tell(request, (where, who), form, relocation.release)


def _tell(
    request: Request,
    by: tuple[House, Viewer],
    form: WordForm,
    act: Callable[[Work, Sequence[relocation.Seen], Word, str], None],
) -> Response:
    where, who = by
    try:
        here, _ = _county(where, who, form.county)
        people = int(form.people) if form.people.isdecimal() else -1
        if form.people.strip() and people < 0:
            raise CalloutError("人数请写数字；不写就是全部")
        heard = Word(who.actor, form.by.strip(), form.title.strip(), form.reason.strip(), people)

        def write(work: Work) -> None:
            act(work, _chosen(work, who, form, here.code), heard, where.intake.run)

        where.store.write(write)
    except CalloutError as error:
        return _show(request, by, form.county, said=in_page_words(str(error)))
    return RedirectResponse(f"/moves?county={form.county}", 303)


def in_page_words(text: str) -> str:
    """What the engine says to the command line, said for a page."""
    return text.partition("，例如：--")[0].partition("，请用 callout")[0].partition("；请用 callout")[0]


def _chosen(work: Work, who: Viewer, form: WordForm, county: str) -> list[relocation.Seen]:
    areas = {one.key: one.area for one in lines(work.ledger.connection, county, states=OPEN)}
    found = []
    for handle in form.chosen:
        episode, _, rest = handle.partition("|")
        site, _, rev = rest.rpartition("|")
        if not (episode.isdecimal() and rev.isdecimal()):
            raise CalloutError("没有这个转移对象，请刷新后再试")
        key = RelocationKey(county, int(episode), site)
        if not who.scope.holds(county, areas.get(key, "")):
            raise CalloutError("所选的对象不在您的范围内，或已经结束")
        found.append((key, int(rev)))
    return found


@router.post("/moves/demand")
def demand(request: Request, where: Where, who: SignedIn, form: Annotated[DemandForm, Form()]) -> Response:
    """An officer asks for some to be moved, whatever the warnings say."""
    try:
        here, _ = _county(where, who, form.county)
        plan = where.store.read(lambda work: work.relocations.plans.plan(here.code))
        known: dict[str, Site] = {one.id: one for one in plan.sites}
        if not all(who.scope.holds(here.code, known[one].area) for one in form.sites if one in known):
            raise CalloutError("所选的对象不在您的范围内")
        about = (0, 0, where.intake.run)
        where.store.write(lambda work: relocation.demand(work, here.code, about, form.sites, who.actor))
    except CalloutError as error:
        return _show(request, (where, who), form.county, said=in_page_words(str(error)))
    return RedirectResponse(f"/moves?county={form.county}", 303)
