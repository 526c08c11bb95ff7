"""Signing in and out, in one or two steps."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from callout.domain.instant import Instant, later
from callout.domain.sign_in import CODE_WITHIN, SESSION, wait_until
from callout.domain.user import Session, User
from callout.store.store import Work
from callout.web.access import Where
from callout.web.identity import address_of, cookie_name, forget, keep, recognise, session_of
from callout.web.pages import inside, page
from callout.web.passwords import fresh_token, mark_of, matches, totp_step
from callout.web.site import Site

router = APIRouter()

Text = Annotated[str, Form(max_length=200)]

_MINUTE = 60_000
_ONE = threading.Lock()
"""One password at a time: so that no number of tries at once passes the count, and few threads wait."""
_WAITING = threading.Semaphore(8)


@router.get("/sign-in")
def ask(request: Request, next: str = "/", left: str = "") -> Response:
    """The form; `left`: somebody has just signed out."""
    return page(request, "sign_in.html.j2", login="", said="", next=inside(next), left=bool(left))


@router.post("/sign-in")
def sign_in(
    request: Request,
    where: Where,
    login: Text = "",
    password: Text = "",
    next: Text = "/",
) -> Response:
    """Try a name and a password."""
    login = login.strip()
    with _alone():
        user, until = where.store.read(lambda work: _look(work, login, address_of(request)))
        if until is not None:
            return _wait(request, login, until, where)
        right = matches(user.secret if user and user.open else None, password) and user is not None
        where.store.write(lambda work: _tried(work, user, address_of(request), opened=right))
    if not right or user is None:
        said = "登录名或密码不对"
        return page(request, "sign_in.html.j2", 403, login=login, said=said, next=inside(next))
    return signed_in(request, where, user, inside(next), half=bool(user.totp))


@router.get("/sign-in/code")
def ask_code(request: Request, where: Where, next: str = "/") -> Response:
    """The form of the second step."""
    _half(request, where)
    return page(request, "code.html.j2", said="", next=inside(next))


@router.post("/sign-in/code")
def second_step(request: Request, where: Where, code: Text = "", next: Text = "/") -> Response:
    """Try the six digits of the second step."""
    session = _half(request, where)
    login, address = session.user.viewer.login, address_of(request)
    with _alone():
        user, until = where.store.read(lambda work: _look(work, login, address))
        if until is not None or user is None:
            return _wait(request, login, until or where.clock.now(), where)
        step = totp_step(user.totp, code, user.totp_used, where.clock.now())
        where.store.write(lambda work: _stepped(work, user, session, address, step))
    if step is None:
        return page(request, "code.html.j2", 403, said="动态口令不对，请等手机上换下一个再填", next=inside(next))
    return signed_in(request, where, user, inside(next), half=False)


@router.post("/sign-out")
def sign_out(request: Request, where: Where) -> Response:
    """Leave."""
    session = session_of(request)
    where.store.write(lambda work: work.users.end(session, session.user.viewer.actor))
    answer = RedirectResponse("/sign-in?left=1" if where.identity else "/sign-in", 303)
    forget(answer, where)
    return answer


@contextmanager
def _alone() -> Iterator[None]:
    """Raises HTTPException 503 where too many wait."""
    if not _WAITING.acquire(blocking=False):
        raise HTTPException(503, "同时登录的人太多，请过几秒再试")
    try:
        with _ONE:
            yield
    finally:
        _WAITING.release()


def _look(work: Work, login: str, address: str) -> tuple[User | None, Instant | None]:
    user = work.users.find(login)
    name = login if user else ""
    return user, wait_until(work.users.tries(name, address), name, address, work.at)


def _tried(work: Work, user: User | None, address: str, *, opened: bool) -> None:
    work.users.tried(user.viewer.login if user else "", address, opened=opened)


def _stepped(work: Work, user: User, session: Session, address: str, step: int | None) -> None:
    if step is None:
        _tried(work, user, address, opened=False)
        return
    if not work.users.change(user, "stepped", user.viewer.actor, totp_used=step):
        raise HTTPException(409, "这个动态口令刚用过，请等下一个")
    work.users.end(session, user.viewer.actor)


def signed_in(request: Request, where: Site, user: User, then: str, *, half: bool) -> Response:
    """A new session for this user, and the way to where they wanted to go; half: the second step comes first."""
    token = fresh_token()
    ends = later(where.clock.now(), CODE_WITHIN if half else SESSION)
    where.store.write(lambda work: work.users.open_session(mark_of(token), user, address_of(request), ends, half=half))
    goal = f"/sign-in/code?next={quote(then)}" if half else "/password" if user.must_change else then
    answer = RedirectResponse(goal, 303)
    keep(answer, where, token)
    return answer


def _half(request: Request, where: Site) -> Session:
    known = recognise(request, where) if cookie_name(where) in request.cookies else None
    if known is None or known.session is None or not known.session.half:
        raise HTTPException(303, headers={"Location": "/sign-in"})
    return known.session


def _wait(request: Request, login: str, until: Instant, where: Site) -> Response:
    minutes = max(1, -(-(until - where.clock.now()) // _MINUTE))
    said = f"试错次数太多，请 {minutes} 分钟后再试；急用请找管理员重设密码"
    answer = page(request, "sign_in.html.j2", 429, login=login, said=said, next="/")
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer
