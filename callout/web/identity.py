"""Who a request comes from: a browser that signed in, or a program with a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from fastapi.responses import Response

from callout.domain.sign_in import SESSION
from callout.domain.user import Session, Viewer
from callout.store.store import Work
from callout.web.passwords import form_mark, key_id, mark_of, same
from callout.web.site import Site

BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who showed who they are."""

    viewer: Viewer
    csrf: str
    """What their forms must bring back; empty for programs, which no other site can speak for."""
    session: Session | None


def cookie_name(where: Site) -> str:
    """Over HTTPS the browser itself keeps the cookie to this host."""
    return "__Host-callout" if is_https(where) else "callout"


def recognise(request: Request, where: Site) -> Known | None:
    """Whoever this request comes from; None where nobody has signed in."""
    if (key := _key(request)) is not None:
        return where.store.read(lambda work: _program(work, key))
    token = _token(request, where)
    return where.store.read(lambda work: _person(work, token)) if token else None


def recognised(where: Site, requests: Sequence[Request]) -> list[bool]:
    """Of each whether `recognise` knows it, in one reading."""
    keys, marks = [_key(one) for one in requests], [mark_of(_token(one, where)) for one in requests]

    def known(work: Work) -> list[bool]:
        held = work.users.holding(set(marks))
        return [mark in held if key is None else _program(work, key) is not None
                for key, mark in zip(keys, marks, strict=True)]  # fmt: skip

    return where.store.read(known)


def _key(request: Request) -> str | None:
    """What a program shows; None for a browser."""
    given = request.headers.get("authorization", "")
    return given[len(BEARER) :].strip() if given[: len(BEARER)].lower() == BEARER else None


def _token(request: Request, where: Site) -> str:
    return request.cookies.get(cookie_name(where), "")


def _program(work: Work, text: str) -> Known | None:
    key = work.keys.find(key_id(text))
    if key is None or not key.open or key.ends_at <= work.at or not same(key.secret, mark_of(text)):
        return None
    return Known(key.viewer, "", None)


def _person(work: Work, token: str) -> Known | None:
    session = work.users.session(mark_of(token))
    return Known(session.user.viewer, form_mark(token), session) if session else None


def keep(answer: Response, where: Site, token: str) -> None:
    """Let the browser hold the token for the length of a session."""
    answer.set_cookie(
        cookie_name(where),
        token,
        max_age=SESSION // 1000,
        path="/",
        secure=is_https(where),
        httponly=True,
        samesite="lax",
    )


def forget(answer: Response, where: Site) -> None:
    """Let the browser drop it."""
    answer.delete_cookie(cookie_name(where), path="/", secure=is_https(where), httponly=True, samesite="lax")


def address_of(request: Request) -> str:
    """Where the request comes from, as far as the proxy before us says."""
    return request.client.host if request.client else ""


def session_of(request: Request) -> Session:
    """The session of a person's request that the guard has let pass."""
    return cast(Session, request.state.session)


def is_https(where: Site) -> bool:
    """Whether browsers reach these pages over HTTPS."""
    return where.public_url.startswith("https:")
