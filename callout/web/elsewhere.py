"""Signing in by another system: there, back again, and out of it. Who is not known here does not get in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from callout.domain.errors import CalloutError
from callout.domain.user import User
from callout.store.store import Work
from callout.store.transaction import Event
from callout.web.access import Where
from callout.web.identity import address_of, is_https
from callout.web.oidc import IdentityProvider, Proven, begun_of
from callout.web.pages import inside, page
from callout.web.passwords import fresh_token, hashed, same
from callout.web.sign_in import signed_in
from callout.web.site import Site

router = APIRouter()

_AWAY = 600
"""Seconds that somebody may take at the provider."""
_ASKING = threading.Semaphore(4)
"""So many wait for the provider at once; it must not take the threads that the desk needs."""
_NOBODY = "统一身份认证认得您，本系统没有绑定您的账户；请找管理员绑定"

Text = Annotated[str, Field(max_length=4000)]


class Brought(BaseModel):
    """What a browser brings back from the provider."""

    state: Text = ""
    code: Text = ""
    iss: Text = ""
    """Who the provider says it is (RFC 9207); not every one does."""
    error: Text = ""


@router.get("/sign-in/other")
def go(request: Request, where: Where, next: str = "/") -> Response:
    """Off to the provider, with what proves on return that it is the same browser."""
    provider = _provider(where)
    try:
        with _few():
            address, begun = provider.begin(inside(next))
    except CalloutError as error:
        return _refused(request, 503, str(error))
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        _cookie(where), begun.text, max_age=_AWAY, path="/", secure=is_https(where), httponly=True, samesite="lax"
    )
    return answer


@router.get("/sign-in/other/back")
def back(request: Request, where: Where, brought: Annotated[Brought, Depends()]) -> Response:
    """Back from the provider. Whatever does not fit together signs nobody in."""
    provider, begun = _provider(where), begun_of(request.cookies.get(_cookie(where), ""))
    try:
        if begun is None or not same(begun.state, brought.state):
            raise CalloutError("这次登录已经过时，或不是从本页开始的；请重新登录")
        if brought.error or not brought.code:
            raise CalloutError("统一身份认证没有让您登录，或您没有同意；请重新登录")
        with _few():
            proven = provider.finish(begun, brought.code, brought.iss)
        user = where.store.write(lambda work: _known(work, proven, provider, address_of(request)))
        if user is None:
            raise CalloutError(_NOBODY)
        answer = signed_in(request, where, user, inside(begun.then), half=bool(user.totp) and not proven.stepped)
    except CalloutError as wrong:
        answer = _refused(request, 403, str(wrong))
    answer.delete_cookie(_cookie(where), path="/", secure=is_https(where), httponly=True, samesite="lax")
    return answer


@router.get("/sign-in/other/out")
def out(where: Where) -> Response:
    """Out of the provider too; out of this system one has gone before."""
    try:
        with _few():
            address = _provider(where).leave(f"{where.public_url}/sign-in")
    except CalloutError:
        address = "/sign-in"
    return RedirectResponse(address, 303)


def _known(work: Work, proven: Proven, provider: IdentityProvider, address: str) -> User | None:
    """The user who is bound to this identity; that they came, and by whose word, is on record."""
    user = work.users.bound(proven.subject)
    if user is None:
        work.users.tried("", address, opened=False)
        return None
    login, actor = user.viewer.login, user.viewer.actor
    work.users.tried(login, address, opened=True)
    work.ledger.note(Event("user_session.vouched", actor), detail=f"login={login} by={provider.registration.issuer}")
    if not user.must_change:
        return user
    # The printed password was never used: it opens nothing from now on.
    work.users.change(user, "password_dropped", actor, secret=hashed(fresh_token()), must_change=0)
    return work.users.find(login)


def _provider(where: Site) -> IdentityProvider:
    if where.identity is None:
        raise HTTPException(404)
    return where.identity


@contextmanager
def _few() -> Iterator[None]:
    """Raises CalloutError where too many wait already."""
    if not _ASKING.acquire(blocking=False):
        raise CalloutError("同时登录的人太多，请过几秒再试")
    try:
        yield
    finally:
        _ASKING.release()


def _cookie(where: Site) -> str:
    return "__Host-callout-away" if is_https(where) else "callout-away"


def _refused(request: Request, status: int, said: str) -> Response:
    return page(request, "sign_in.html.j2", status, login="", said=said, next="/")
