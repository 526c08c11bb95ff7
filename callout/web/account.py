"""One's own account: the password and the second step."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from callout.domain.errors import CalloutError
from callout.domain.instant import later
from callout.domain.sign_in import SESSION, weakness
from callout.domain.user import User
from callout.store.store import Work
from callout.web.access import Where
from callout.web.identity import address_of, keep, session_of
from callout.web.pages import page
from callout.web.passwords import fresh_token, fresh_totp, hashed, mark_of, matches, totp_address, totp_step
from callout.web.staff import places, scope_words

router = APIRouter()

Secret = Annotated[str, Form(max_length=1000)]


@router.get("/password")
def ask(request: Request) -> Response:
    """The form."""
    return page(request, "password.html.j2", said="", first=session_of(request).user.must_change)


@router.post("/password")
def change(request: Request, where: Where, current: Secret = "", new: Secret = "", again: Secret = "") -> Response:
    """Change one's password; every other browser is signed out."""
    user = session_of(request).user
    said = _objection(user, current, new, again)
    if said:
        return page(request, "password.html.j2", 422, said=said, first=user.must_change)
    token, secret = fresh_token(), hashed(new)

    def work(writing: Work) -> None:
        if not writing.users.change(user, "password_changed", user.viewer.actor, secret=secret, must_change=0):
            raise CalloutError("您的账户刚被改动，请重新登录后再试")
        writing.users.end_all(user.viewer.user, user.viewer.actor)
        ends = later(writing.at, SESSION)
        writing.users.open_session(mark_of(token), user, address_of(request), ends, half=False)

    where.store.write(work)
    answer = RedirectResponse("/", 303)
    keep(answer, where, token)
    return answer


def _objection(user: User, current: str, new: str, again: str) -> str:
    if not matches(user.secret, current):
        return "现在的密码不对"
    if new != again:
        return "两次填的新密码不一样"
    if new == current:
        return "新密码不能和现在的一样"
    return weakness(new, user.viewer.login)


@router.get("/account")
def account(request: Request, where: Where) -> Response:
    """What one may do, and the second step."""
    return _account(request, where, fresh_totp(), "")


def _account(request: Request, where: Where, secret: str, said: str) -> Response:
    user = session_of(request).user
    place = scope_words(user.viewer.scope, places(where.store, where.rulebooks))
    picture = segno.make(totp_address(secret, user.viewer.login), error="m")
    drawn = Markup(picture.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704
    values = {"user": user, "secret": secret, "picture": drawn, "said": said, "place": place}
    return page(request, "account.html.j2", 422 if said else 200, **values)


@router.post("/account/totp")
def begin(request: Request, where: Where, secret: Secret = "", code: Secret = "") -> Response:
    """Ask for a second step from now on; the code proves that the phone has the secret."""
    user = session_of(request).user
    if not _is_base32(secret):
        return _account(request, where, fresh_totp(), "请重新扫码")
    step = totp_step(secret, code, 0, where.clock.now())
    if step is None:
        return _account(request, where, secret, "动态口令不对，请核对手机时间，等下一个口令再填")
    _set(where, user, "totp_on", secret, step)
    return RedirectResponse("/account", 303)


@router.post("/account/totp/off")
def end(request: Request, where: Where, current: Secret = "") -> Response:
    """Sign in by password alone from now on."""
    user = session_of(request).user
    if not matches(user.secret, current):
        return _account(request, where, fresh_totp(), "密码不对，动态口令没有停用")
    _set(where, user, "totp_off", "", 0)
    return RedirectResponse("/account", 303)


def _set(where: Where, user: User, event: str, secret: str, step: int) -> None:
    def work(writing: Work) -> None:
        if not writing.users.change(user, event, user.viewer.actor, totp=secret, totp_used=step):
            raise CalloutError("您的账户刚被改动，请刷新后再试")

    where.store.write(work)


def _is_base32(secret: str) -> bool:
    return len(secret) == 32 and set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # noqa: PLR2004
