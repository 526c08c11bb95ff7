"""The board of 熔断: proposals with their reasons, orders by named humans, words from the site, and how each ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, MINUTE, Instant, instant
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import Decision, StopWorkKey, StopWorkState, Wish
from callout.domain.user import Role, Viewer
from callout.pipeline import stop_work
from callout.pipeline.stop_work import Seen
from callout.reports.stop_board import StopLine, lead_of, stop_lines
from callout.store.store import Work
from callout.web.access import DESK, SignedIn, Where
from callout.web.pages import page
from callout.web.photos import Photo, address
from callout.web.pictures import upright_jpeg
from callout.web.site import Site
from callout.web.staff import places

router = APIRouter()

Said = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(max_length=40)]
S = StopWorkState
SECTIONS: Sequence[tuple[str, str, tuple[StopWorkState, ...]]] = (
    ("proposed", "等决定", (S.PROPOSED,)),
    ("ordered", "已决定，等现场确认", (S.ORDERED,)),
    ("lifting", "建议解除，等检查和决定（仍在执行）", (S.LIFT_PROPOSED, S.INSPECTED)),
    ("confirmed", "现场已确认，正在执行", (S.CONFIRMED,)),
    ("ended", "24 小时内解除、不执行的", (S.LIFTED, S.DECLINED, S.SUPERSEDED)),
)
"""(mark, heading, states), most urgent first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Several of one kind about one warning, decided together unless somebody unticks some."""

    lines: tuple[StopLine, ...]

    @property
    def first(self) -> StopLine:
        """What they have in common."""
        return self.lines[0]

    @property
    def exceptions(self) -> str:
        """Whom the rule leaves out."""
        return self.first.measure.partition("例外：")[2].partition("，由决定人")[0]

    @property
    def words(self) -> str:
        """What the rule says is to be done, without its exceptions."""
        return self.first.measure.partition("。例外：")[0]

    @property
    def photos(self) -> dict[str, StopLine]:
        """From the site, each once, with a 熔断 that it confirms."""
        return {one.photo.sha256: one for one in self.lines if one.photo}

    def typed(self, form: "DecisionForm | None") -> "DecisionForm | None":
        """What was typed about some of these and refused."""
        return form if form and {one.handle for one in self.lines} & set(form.chosen) else None

    @property
    def check(self) -> str:
        """What the inspection found, for the decision that follows."""
        return self.first.inspection.checks if self.first.inspection else ""


class DecisionForm(BaseModel):
    """What a named human decided, or saw."""

    county: Annotated[str, Field(max_length=12)] = ""
    chosen: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=500)] = []
    by: Name = ""
    title: Name = ""
    basis: Said = ""
    effective: Annotated[str, Field(max_length=20)] = ""
    within: Annotated[int, Field(ge=1, le=1440)] = 30
    exceptions: Said = ""
    check: Said = ""
    words: Annotated[str, Field(max_length=200)] = ""
    evidence: Annotated[str, Field(max_length=100)] = ""

    def decision(self, officer: str, photo: bytes = b"") -> Decision:
        """For the engine. Raises CalloutError for a time that is none."""
        return Decision(
            by=self.by.strip(),
            title=self.title.strip(),
            basis=self.basis.strip(),
            officer=officer,
            effective_at=_moment(self.effective),
            confirm_within=self.within * MINUTE,
            exceptions=self.exceptions.strip(),
            check=self.check.strip(),
            evidence=self.evidence.strip(),
            words=self.words.strip(),
            photo=photo,
        )


class WishForm(DecisionForm):
    """What a human proposes."""

    areas: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)] = []
    code: StopWorkCode = StopWorkCode.SCHOOL
    object: Annotated[str, Field(max_length=100)] = ""
    measure: Said = ""
    alert: Annotated[int, Field(ge=0, le=2**53)] = 0


@router.get("/stops")
def show(request: Request, where: Where, who: SignedIn, q: Annotated[str, Query(max_length=60)] = "") -> Response:
    """What waits for a decision first."""
    return _show(request, (where, who), q)


def _show(
    request: Request, by: tuple[Site, Viewer], q: str = "", said: str = "", typed: DecisionForm | None = None
) -> Response:
    where, who = by
    lines = where.store.read(lambda work: stop_lines(work.ledger.connection, who.scope, work.at))
    served = {one.code: one for one in places(where.store, where.rulebooks)}
    names = {(c.code, one.key): one.name for c in served.values() for one in c.townships}
    names |= {(c.code, c.key): c.name for c in served.values()}
    shown = [one for one in lines if _fits(one, names, q)]
    books = where.store.read(lambda work: {row.county: row.rulebook for row in work.rosters.counties()})
    rules = {county: where.rulebooks.get(county, version).rules for county, version in books.items()}
    values: dict[str, Any] = {
        "sections": [(mark, word, _groups(shown, states)) for mark, word, states in SECTIONS],
        "names": names,
        "lead": lambda one: lead_of(rules.get(one.key.county, ()), one),
        "late": [one for one in shown if one.overdue],
        "over": [one for one in shown if one.warning_over],
        "counties": [served[code] for code in who.scope.counties(served)],
        "roles": sorted({one.key.role for one in lines}),
        "codes": list(StopWorkCode),
        "acts": bool(who.grants & DESK),
        "orders": who.role is Role.LEADER,
        "q": q,
        "said": said,
        "typed": typed,
        "photo_at": address,
    }
    return page(request, "stops.html.j2", 422 if said else 200, **values)


def _fits(one: StopLine, names: dict[tuple[str, str], str], q: str) -> bool:
    words = f"{one.key.code}{one.key.role}{one.headline}{names.get((one.key.county, one.key.area), '')}"
    return all(word in words + "".join(each.title for each in one.objects) for word in q.split())


def _groups(lines: Sequence[StopLine], states: Sequence[StopWorkState]) -> list[Group]:
    """Those of these states, by county, warning, kind, wording and exact state."""

    def common(one: StopLine) -> tuple[Any, ...]:
        return not one.overdue, one.level.rank * -1, one.key.county, one.key.alert, one.key.code, one.measure, one.state

    chosen = sorted((one for one in lines if one.state in states), key=common)
    return [Group(tuple(some)) for _, some in groupby(chosen, common)]


Act = Callable[[Work, Sequence[Seen], Decision, str], None]


def _decide(request: Request, by: tuple[Site, Viewer], form: DecisionForm, act: Act) -> Response:
    where, who = by
    try:
        seen, decision = _chosen(who, form), form.decision(who.actor)
        where.store.write(lambda work: act(work, seen, decision, where.intake.run))
    except CalloutError as error:
        return _show(request, by, said=in_page_words(str(error)))
    return RedirectResponse("/stops", 303)


def in_page_words(text: str) -> str:
    """What the engine says to the command line, said for a page."""
    return (
        text.partition("，例如：--")[0]
        .replace("，请用 callout stop-work list 核对编号", "，请刷新后再试")
        .replace("，请用 callout stop-work list 核对", "，请先勾选")
        .replace("：--by 姓名", "")
    )


def _chosen(who: Viewer, form: DecisionForm) -> list[Seen]:
    found = []
    for handle in form.chosen:
        alert, area, code, role, rev = (*handle.split("|"), "", "", "", "")[:5]
        if not (alert.isdecimal() and rev.isdecimal() and code in {one.value for one in StopWorkCode}):
            raise CalloutError("没有这个熔断，请刷新后再试")
        if not who.scope.holds(form.county, area, role):
            raise CalloutError("所选的熔断不在您的范围内")
        found.append((StopWorkKey(form.county, int(alert), area, StopWorkCode(code), role), int(rev)))
    return found


def _moment(text: str) -> Instant | None:
    if not text:
        return None
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=BEIJING))
    except ValueError:
        raise CalloutError("生效时间没有写对，例如 2026-08-03 06:00") from None


Given = Annotated[DecisionForm, Form()]


@router.post("/stops/propose")
def propose(request: Request, where: Where, who: SignedIn, form: Annotated[WishForm, Form()]) -> Response:
    """A human proposes one."""
    try:
        if not all(who.scope.holds(form.county, area, form.object) for area in form.areas) or not form.areas:
            raise CalloutError("请选乡镇，并且在您的范围内")
        if not form.object.strip() or not form.measure.strip():
            raise CalloutError("请写对象和措施")
        areas = tuple(dict.fromkeys(form.areas))
        wish = Wish(form.county, form.alert, areas, form.code, form.object.strip(), form.measure.strip())
        decision = form.decision(who.actor)
        where.store.write(lambda work: stop_work.propose(work, wish, decision, where.intake.run))
    except CalloutError as error:
        return _show(request, (where, who), said=in_page_words(str(error)))
    return RedirectResponse("/stops", 303)


@router.post("/stops/order")
def order(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """A leader orders them."""
    return _decide(request, (where, who), form, stop_work.order)


@router.post("/stops/decline")
def decline(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """A leader decides against them."""
    return _decide(request, (where, who), form, stop_work.decline)


@router.post("/stops/confirm")
def confirm(request: Request, where: Where, who: SignedIn, form: Given, photo: Photo) -> Response:
    """Somebody saw them closed on site; what was typed stays on the page where that is refused."""
    try:
        seen = _chosen(who, form)
        decision = form.decision(who.actor, b"" if photo is None else upright_jpeg(photo))
        where.store.write(lambda work: stop_work.confirm(work, seen, decision, where.intake.run))
    except CalloutError as error:
        return _show(request, (where, who), said=in_page_words(str(error)), typed=form)
    return RedirectResponse("/stops", 303)


@router.post("/stops/propose-lift")
def propose_lift(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """Somebody asks to end them."""
    return _decide(request, (where, who), form, stop_work.propose_lift)


@router.post("/stops/inspect")
def inspect(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """Somebody has looked at the places."""
    return _decide(request, (where, who), form, stop_work.inspect)


@router.post("/stops/refuse-lift")
def refuse_lift(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """A leader leaves them stopped."""
    return _decide(request, (where, who), form, stop_work.refuse_lift)


@router.post("/stops/lift")
def lift(request: Request, where: Where, who: SignedIn, form: Given) -> Response:
    """A leader ends them."""
    return _decide(request, (where, who), form, stop_work.lift)
