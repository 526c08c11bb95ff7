"""Warnings: those that wait for a word, those in force, and issuing one of our own; each step back is one step too."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR
from callout.domain.intake import AlertState
from callout.domain.issuing import Act, Earlier, mark_of, next_level, sender_of
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.user import Role, Viewer
from callout.pipeline import approve
from callout.reports.warnings import WarningLine, warnings
from callout.reports.words import HUMAN_CALL_KINDS
from callout.web.access import DESK, SignedIn, Where
from callout.web.issuing import Desk, Preview, WarningForm, desk_of, may_issue, preview, send_out, typed_right
from callout.web.pages import page
from callout.web.site import Site
from callout.web.staff import places

router = APIRouter()

_CARRIED_ON = (Act.UPGRADE, Act.REPEAT, Act.DOWNGRADE, Act.ALL_CLEAR, Act.WITHDRAW)


@router.get("/warnings")
def show(request: Request, where: Where, who: SignedIn) -> Response:
    """What waits for a word first, then what is in force."""
    return _show(request, where, who)


def _show(request: Request, where: Site, who: Viewer, said: str = "") -> Response:
    lines = where.store.read(lambda work: warnings(work.ledger.connection, who.scope, work.at))
    served = {one.code: one for one in places(where.store, where.rulebooks)}
    ours = {code: sender_of(one) for code, one in served.items()}
    values: dict[str, Any] = {
        "waiting": [one for one in lines if one.state is AlertState.AWAITING],
        "standing": [one for one in lines if one.state is not AlertState.AWAITING],
        "steps": {(one.county, one.alert): _steps(one, ours) for one in lines},
        "counties": [served[code] for code in who.scope.counties(served)],
        "acts": bool(who.grants & DESK),
        "issues": may_issue(who),
        "leads": who.role is Role.LEADER,
        "said": said,
    }
    return page(request, "warnings.html.j2", 422 if said else 200, **values)


def _steps(line: WarningLine, ours: dict[str, str]) -> list[tuple[Act, Level]]:
    """What may be done with a warning of our own, each with the level to which it leads."""
    if not line.newest or line.sender != ours.get(line.county) or not line.level or not line.hazard:
        return []
    here = Earlier("", (), Hazard(line.hazard), line.level, ())
    return [(act, level) for act in _CARRIED_ON if (level := next_level(here, act))]


class WordForm(BaseModel):
    """A word about a warning that waits for one."""

    county: Annotated[str, Field(max_length=12)] = ""
    alert: Annotated[int, Field(ge=0, le=2**53)] = 0
    typed: Annotated[str, Field(max_length=20)] = ""
    why: Annotated[str, Field(max_length=200)] = ""


@router.post("/warnings/confirm")
def confirm(request: Request, where: Where, who: SignedIn, form: Annotated[WordForm, Form()]) -> Response:
    """A warning that waits goes out now."""
    try:
        line = _waiting(where, who, form)
        if line.highest is Level.RED and not typed_right(where, form.typed, Level.RED):
            raise CalloutError("确认红色预警要照样输入“红色”；没有输入，还在等确认")
        where.store.write(lambda work: approve.confirm(work, form.county, form.alert, who.actor))
    except CalloutError as error:
        return _show(request, where, who, str(error))
    return RedirectResponse("/warnings", 303)


@router.post("/warnings/decline")
def decline(request: Request, where: Where, who: SignedIn, form: Annotated[WordForm, Form()]) -> Response:
    """A warning that waits calls nobody, for a reason."""
    try:
        _waiting(where, who, form)
        where.store.write(lambda work: approve.decline(work, form.county, form.alert, who.actor, form.why))
    except CalloutError as error:
        return _show(request, where, who, str(error))
    return RedirectResponse("/warnings", 303)


def _waiting(where: Site, who: Viewer, form: WordForm) -> WarningLine:
    """Raises CalloutError where it does not wait, or this user may not decide about it."""
    lines = where.store.read(lambda work: warnings(work.ledger.connection, who.scope, work.at))
    key = form.county, form.alert, AlertState.AWAITING
    line = next((one for one in lines if (one.county, one.alert, one.state) == key), None)
    if line is None:
        raise CalloutError("这条预警已经不在等确认：可能刚有人处理，或已到时限自动叫应")
    if not may_issue(who):
        raise CalloutError("确认预警要由区县（或全市）的值班员、带班领导来做")
    if line.highest is Level.RED and who.role is not Role.LEADER:
        raise CalloutError("红色预警由带班领导确认；到时限没有人确认，系统自动叫应")
    return line


class Asked(BaseModel):
    """Which form is wanted."""

    county: Annotated[str, Field(max_length=12)] = ""
    act: Act = Act.NEW
    of: Annotated[int, Field(ge=0, le=2**53)] = 0


@router.get("/warnings/form")
def fill_in(request: Request, where: Where, who: SignedIn, asked: Annotated[Asked, Query()]) -> Response:
    """The form: empty, or filled with the warning that it carries on, with what would follow below it."""
    desk = desk_of(where, who, asked.county or where.county, asked.of)
    mark = mark_of(where.clock.now(), where.ids.attempt())
    form = WarningForm(county=desk.county.code, act=asked.act, of=asked.of, mark=mark)
    if not desk.earlier:
        return _form(request, desk, form, None)
    form = form.model_copy(update=_carried_on(desk.earlier, asked.act, desk.county))
    return _looked(request, (where, who), desk, form)


def _carried_on(earlier: Earlier, act: Act, county: County) -> dict[str, Any]:
    level = next_level(earlier, act)
    if level is None:
        raise CalloutError(f"{earlier.hazard}{earlier.level.zh}没有可以{act.zh}的级别")
    hours = county.validity[level] // HOUR
    words = {name: getattr(earlier, name) for name in ("content", "impact", "instruction")}
    fixed = {"hazard": earlier.hazard, "level": level, "areas": list(earlier.areas), "hours": hours}
    return fixed | words | {"reason": _REASONS[act]}


_REASONS = {
    Act.UPGRADE: "实况加强，经会商升级",
    Act.REPEAT: "影响持续，继续发布",
    Act.DOWNGRADE: "实况减弱，经会商降级",
    Act.ALL_CLEAR: "影响已经结束",
    Act.WITHDRAW: "误发，撤销",
}


@router.post("/warnings/preview")
def look(request: Request, where: Where, who: SignedIn, form: Annotated[WarningForm, Form()]) -> Response:
    """The form again, with what would follow below it."""
    return _looked(request, (where, who), desk_of(where, who, form.county, form.of), form)


@router.post("/warnings/issue")
def go(request: Request, where: Where, who: SignedIn, form: Annotated[WarningForm, Form()]) -> Response:
    """It goes out."""
    try:
        send_out(where, who, form)
    except CalloutError as error:
        return _looked(request, (where, who), desk_of(where, who, form.county, form.of), form, str(error))
    return RedirectResponse("/warnings", 303)


def _looked(request: Request, by: tuple[Site, Viewer], desk: Desk, form: WarningForm, said: str = "") -> Response:
    """The form with what would follow, as far as it can be said."""
    try:
        return _form(request, desk, form, preview(*by, desk, form), said)
    except CalloutError as error:
        return _form(request, desk, form, None, said or str(error))


def _form(request: Request, desk: Desk, form: WarningForm, seen: Preview | None, said: str = "") -> Response:
    values: dict[str, Any] = {
        "form": form,
        "desk": desk,
        "seen": seen,
        "said": said,
        "hazards": list(LEVELS_OF),
        "levels": list(reversed(Level)),
        "kinds": HUMAN_CALL_KINDS,
    }
    return page(request, "warning_form.html.j2", 422 if said else 200, **values)
