"""One to one (人工叫应): the list, one item with script and numbers, what came of the call; paper before and after."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.desk import CallResult
from callout.domain.desk_call import DeskCallState, Leg
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallState
from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.moves import VACANT, PostView
from callout.domain.user import Role, Viewer
from callout.pipeline.attend import ItemKey
from callout.reports.call_sheet import Head, SheetLine, head, sheet
from callout.reports.desk_list import DeskLine, by_post, desk_lines, waiting
from callout.reports.in_force import in_force
from callout.reports.stop_board import order_answered
from callout.reports.without_texts import WithoutTexts, without_texts
from callout.reports.words import HUMAN_CALL_KINDS
from callout.store.store import Work
from callout.web import ringing
from callout.web.access import DESK, SignedIn, Where, viewer
from callout.web.pages import page
from callout.web.ringing import Called
from callout.web.site import Site, site

router = APIRouter()

SHOWN = 200
Whole = Annotated[int, Field(ge=0, le=2**53)]


class ItemForm(BaseModel):
    """Which item is meant."""

    county: Annotated[str, Field(max_length=12)] = ""
    alert: Whole = 0
    post: Whole = 0
    kind: Annotated[str, Field(max_length=40)] = ""
    about: Annotated[str, Field(max_length=300)] = ""

    @property
    def key(self) -> ItemKey:
        """The item's key."""
        return self.county, self.alert, self.post, self.kind, self.about


class ResultForm(ItemForm):
    """What came of a call."""

    result: CallResult
    note: Annotated[str, Field(max_length=ringing.LONGEST_NOTE)] = ""
    number: Whole = 0


class ConnectForm(ItemForm):
    """Which number is to be reached, and the phone that is rung first."""

    number: Whole = 0
    phone: Annotated[str, Field(max_length=30)] = ""


class EndForm(ItemForm):
    """How an item ended, in words."""

    outcome: Annotated[str, Field(max_length=500)] = ""


class PaperForm(BaseModel):
    """One line of a paper sheet."""

    county: Annotated[str, Field(max_length=12)] = ""
    alert: Whole = 0
    post: Whole = 0
    result: CallResult = CallResult.CONFIRMED
    at: Annotated[str, Field(max_length=20)] = ""
    caller: Annotated[str, Field(max_length=40)] = ""
    note: Annotated[str, Field(max_length=ringing.LONGEST_NOTE)] = ""


def address(key: ItemKey) -> str:
    """The page of an item."""
    names = ("county", "alert", "post", "kind", "about")
    return "/desk/item?" + urlencode(dict(zip(names, key, strict=True)))


@router.get("/desk")
def desk(request: Request, where: Where, who: SignedIn, q: Annotated[str, Query(max_length=60)] = "") -> Response:
    """The list, most dangerous first."""
    lines, counts, alerts, silent = where.store.read(lambda work: _list(work, who, q))
    mine = [line for line in lines if line.claimed_by == who.actor]
    free = [line for line in lines if line.state is HumanCallState.OPEN]
    values: dict[str, Any] = {
        "people": by_post(lines),
        "listed": len(lines),
        "counts": counts,
        "mine": mine,
        "free": free,
        "alerts": alerts,
        "without_texts": silent,
        "q": q,
        "shown": SHOWN,
    }
    return page(request, "desk.html.j2", kinds=HUMAN_CALL_KINDS, address=address, acts=_acts(who), **values)


def _list(work: Work, who: Viewer, words: str) -> tuple[list[DeskLine], dict[str, int], list[Head], list[WithoutTexts]]:
    db = work.ledger.connection
    lines, counts = desk_lines(db, who.scope, SHOWN, words), dict(waiting(db, who.scope))
    return lines, counts, _heads(work, who), without_texts(db, who.scope)


def _heads(work: Work, who: Viewer) -> list[Head]:
    """Alerts in force below this user's place, newest first."""
    served = who.scope.counties([row.county for row in work.rosters.counties()])
    db, now = work.ledger.connection, work.at
    found = (head(db, county, alert) for county in served for alert in sorted(in_force(db, now), reverse=True))
    return [one for one in found if one]


def _acts(who: Viewer) -> bool:
    return bool(who.grants & DESK)


@router.post("/desk/take")
def take(where: Where, who: SignedIn, form: Annotated[ItemForm, Form()]) -> Response:
    """I call this person."""
    ringing.take(where, who, form.key)
    return RedirectResponse(address(form.key), 303)


@router.get("/desk/item")
def item(request: Request, where: Where, who: SignedIn, form: Annotated[ItemForm, Depends()]) -> Response:
    """One item. Numbers are in the clear for whoever has taken it, and that is on record."""
    line = where.store.read(lambda work: ringing.below(work, who, form.key))
    has_it = line.claimed_by == who.actor and line.state is HumanCallState.CLAIMED
    view = ringing.reveal(where, who, form.key[:3], "本人认领") if has_it and line.title else None
    return _item(request, where, who, line, view)


@router.post("/desk/item/numbers")
def numbers(
    request: Request,
    where: Where,
    who: SignedIn,
    form: Annotated[ItemForm, Form()],
    why: Annotated[str, Form(max_length=ringing.LONGEST_NOTE)] = "",
) -> Response:
    """An auditor sees the numbers for a reason, which is on record."""
    if not why.strip():
        raise CalloutError("查看号码要写明理由，理由会写入记录")
    line = where.store.read(lambda work: ringing.below(work, who, form.key))
    return _item(request, where, who, line, ringing.reveal(where, who, form.key[:3], why.strip()))


def _item(request: Request, where: Site, who: Viewer, line: DeskLine, view: PostView | None) -> Response:
    county, alert, post = line.key[:3]

    def work(reading: Work) -> tuple[Head | None, list[SheetLine], PostView, list[DeskLine], list[Any], str]:
        found = head(reading.ledger.connection, county, alert)
        called = sheet(reading.ledger.connection, found, who.scope, [post]) if found and post else []
        known = reading.sends.resolve([(county, post)]).get((county, post), VACANT)
        calls, own = reading.desk_calls.about(line.key[:3]), reading.desk_calls.phone_of(who.actor)
        return found, called, known, ringing.others(reading, line), calls, own

    of, called, masked, others, calls, own = where.store.read(work)
    run = line.run or where.intake.run
    numbers = view.holder.numbers if view and view.holder else ()
    return page(
        request,
        "item.html.j2",
        line=line,
        of=of,
        others=others,
        order=where.store.read(lambda work: order_answered(work.ledger.connection, line.key[4])),
        address=address,
        measure=called[0].measure if called else "",
        view=view or masked,
        clear=view is not None,
        has_it=line.claimed_by == who.actor and line.state is HumanCallState.CLAIMED,
        acts=_acts(who),
        auditor=who.role is Role.AUDITOR,
        kinds=HUMAN_CALL_KINDS,
        results=list(CallResult),
        calls=calls,
        leg=lambda word: Leg(word).zh if word else "",
        refused=DeskCallState.REFUSED,
        own=own,
        connectable=[one for one in numbers if one.usable and where.connects(run, one.e164)],
    )


@router.post("/desk/item/result")
def result(where: Where, who: SignedIn, form: Annotated[ResultForm, Form()]) -> Response:
    """What came of the call."""
    ringing.came_of(where, who, form.key, Called(form.result, form.note, form.number))
    return RedirectResponse("/desk" if form.result.ends else address(form.key), 303)


@router.post("/desk/item/connect")
def connect(where: Where, who: SignedIn, form: Annotated[ConnectForm, Form()]) -> Response:
    """Ring me, then this number."""
    ringing.put_through(where, who, form.key, (form.number, form.phone))
    return RedirectResponse(address(form.key) + "#calls", 303)


@router.post("/desk/item/release")
def release(where: Where, who: SignedIn, form: Annotated[ItemForm, Form()]) -> Response:
    """Somebody else is to do it."""
    ringing.give_back(where, who, form.key)
    return RedirectResponse("/desk", 303)


@router.post("/desk/item/end")
def end(where: Where, who: SignedIn, form: Annotated[EndForm, Form()]) -> Response:
    """It is done, in words."""
    ringing.end(where, who, form.key, form.outcome)
    return RedirectResponse("/desk", 303)


@router.get("/desk/paper")
def paper(request: Request) -> Response:
    """The form for what was written on paper."""
    return _paper(request, PaperForm())


def _paper(request: Request, form: PaperForm, said: str = "", done: str = "") -> Response:
    where, who = site(request), viewer(request)
    heads = where.store.read(lambda work: _heads(work, who))
    values: dict[str, Any] = {"form": form, "heads": heads, "results": list(CallResult), "said": said, "done": done}
    return page(request, "paper.html.j2", 422 if said else 200, **values)


@router.post("/desk/paper")
def enter(request: Request, where: Where, who: SignedIn, form: Annotated[PaperForm, Form()]) -> Response:
    """Keep one line of a paper sheet, and offer the form again for the next."""
    try:
        at = _moment(form.at)
        if not form.caller.strip():
            raise CalloutError("请写明纸上记的叫应人")
        called = Called(form.result, form.note, 0, at, form.caller.strip())
        ringing.from_paper(where, who, (form.county, form.alert, form.post), called)
    except CalloutError as error:
        return _paper(request, form, said=str(error))
    left = PaperForm(county=form.county, alert=form.alert, at=form.at, caller=form.caller)
    return _paper(request, left, done=f"已录入：岗位 {form.post}，{called.words(at)}")


def _moment(text: str) -> Instant:
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=BEIJING))
    except ValueError:
        raise CalloutError("时间没有写对，例如 2026-08-03 03:50") from None
