"""The web application: the routers, the guard before them and the armour around them."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as StarletteError

from callout.domain.errors import CalloutError, Unknown
from callout.web import (
    account,
    auditing,
    board,
    called,
    desk,
    drill_plan,
    drills,
    elsewhere,
    evidence,
    health,
    hooks,
    journal,
    metrics,
    moves,
    photos,
    printing,
    readings,
    sign_in,
    static,
    stops,
    taking,
    tongue,
    users,
    warnings,
)
from callout.web.access import guard
from callout.web.api import ROUTERS as API
from callout.web.api.problems import Wrong, is_api, listed, problem, wrong_fields
from callout.web.armour import Armour, Limits
from callout.web.boards import Boards
from callout.web.doorman import Doorman
from callout.web.identity import recognised
from callout.web.lookout import Lookout
from callout.web.pages import page
from callout.web.site import Site

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    metrics.router,
    static.router,
    tongue.router,
    sign_in.router,
    elsewhere.router,
    account.router,
    users.router,
    board.router,
    desk.router,
    printing.router,
    warnings.router,
    stops.router,
    photos.router,
    moves.router,
    drill_plan.router,
    drills.router,
    journal.router,
    auditing.router,
    evidence.router,
    taking.router,
    hooks.router,
    called.router,
    *API,
    readings.router,
)
"""Every group of pages: one file, one line here, its lines in `access.ACCESS`."""

LONGER = {"/stops/confirm": photos.LONGEST_FORM}
"""Forms that bring a file, with the bytes that they may have."""

_SAID = {
    401: "请先登录",
    403: "您的身份不能做这件事",
    404: "没有这个页面",
    405: "这个地址不能这样用",
}


def create_app(site: Site, routers: tuple[APIRouter, ...] = ROUTERS) -> FastAPI:
    """The pages of this site. No other documentation page: FastAPI's own loads its files from elsewhere."""
    app = FastAPI(title="叫应 callout", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(guard)])
    app.state.site = site
    app.state.boards = Boards(site)
    app.state.lookout = Lookout(app.state.boards.mark)
    app.state.doorman = Doorman(partial(recognised, site))
    app.state.metrics = metrics.registry(site)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(CalloutError, _refused)
    app.add_exception_handler(StarletteError, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    https = site.public_url.startswith("https:")
    app.add_middleware(Armour, fault=site.fault, limits=Limits(site.longest_body, LONGER), https=https, tell=_beside)
    return app


def _told(request: Request, code: int, said: str, wrong: Sequence[Wrong] = ()) -> Response:
    """What went wrong, in one sentence: as a page, or as a problem for a program."""
    if is_api(request):
        return problem(request, code, said, wrong)
    return page(request, "error.html.j2", code, code=code, said=said)


def _beside(request: Request, code: int, said: str) -> Response:
    """The same where the database may be what failed, so it is not asked; plain where all else fails."""
    try:
        if is_api(request):
            return problem(request, code, said)
        return page(request, "error.html.j2", code, code=code, said=said, drilled=tuple)
    except Exception:
        return PlainTextResponse(said, code)


def _refused(request: Request, error: Exception) -> Response:
    return _told(request, 404 if isinstance(error, Unknown) else 409, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for nothing else
    wrong = wrong_fields(error)
    return _told(request, 422, listed(wrong), wrong)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteError)  # noqa: S101  # registered for nothing else
    code = error.status_code
    if code == HTTPStatus.UNAUTHORIZED and _wants_a_page(request):
        return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303)
    if code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=code, headers=error.headers)
    given: Any = error.detail
    said = given if isinstance(error, HTTPException) and _is_chinese(given) else _SAID.get(code, "没有做成")
    answer = _told(request, code, said)
    if code == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers.update(error.headers or {})
    return answer


def _wants_a_page(request: Request) -> bool:
    return request.method == "GET" and not is_api(request) and "text/html" in request.headers.get("accept", "")


def _is_chinese(text: Any) -> bool:
    return isinstance(text, str) and any("一" <= c <= "鿿" for c in text)
