"""Who may do what: one table of roles by route, and the guard that reads it before anything else runs.

A route without a line here is closed to everybody. `tests/web/test_access.py` walks routes and table together.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from callout.domain.user import Right, Role, Viewer
from callout.web.identity import Known, recognise
from callout.web.passwords import same
from callout.web.site import Site, site

EVERYBODY: Final = None
"""No sign-in is asked for."""
ALL: Final = frozenset(Role)
DESK: Final = frozenset({Role.OFFICER, Role.LEADER})
READERS: Final = DESK | {Role.AUDITOR}
LEADERS: Final = frozenset({Role.LEADER})
EVIDENCE: Final = frozenset({Role.AUDITOR, Role.LEADER})
AUDITORS: Final = frozenset({Role.AUDITOR})
WATCHERS: Final[frozenset[Role | Right]] = frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Right.READ})
READING: Final = READERS | {Right.READ}
REPORTING: Final = frozenset({Right.REPORT})
ACTING: Final = frozenset({Right.ACT})
ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})

ACCESS: Mapping[tuple[str, str], frozenset[Role | Right] | None] = {
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/metrics"): WATCHERS,
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/language/{language}"): EVERYBODY,
    ("GET", "/"): ALL,
    ("GET", "/events"): READERS,
    ("GET", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in"): EVERYBODY,
    ("GET", "/sign-in/code"): EVERYBODY,
    ("POST", "/sign-in/code"): EVERYBODY,
    ("GET", "/sign-in/other"): EVERYBODY,
    ("GET", "/sign-in/other/back"): EVERYBODY,
    ("GET", "/sign-in/other/out"): EVERYBODY,
    ("POST", "/sign-out"): ALL,
    ("GET", "/password"): ALL,
    ("POST", "/password"): ALL,
    ("GET", "/account"): ALL,
    ("POST", "/account/totp"): ALL,
    ("POST", "/account/totp/off"): ALL,
    ("GET", "/desk"): READERS,
    ("GET", "/desk/item"): READERS,
    ("POST", "/desk/take"): DESK,
    ("POST", "/desk/item/result"): DESK,
    ("POST", "/desk/item/release"): DESK,
    ("POST", "/desk/item/end"): DESK,
    ("POST", "/desk/item/connect"): DESK,
    ("POST", "/desk/item/numbers"): AUDITORS,
    ("POST", "/desk/sheet"): DESK,
    ("POST", "/desk/sheet.pdf"): DESK,
    ("GET", "/desk/paper"): DESK,
    ("POST", "/desk/paper"): DESK,
    ("GET", "/warnings"): READERS,
    ("GET", "/warnings/form"): DESK,
    ("POST", "/warnings/preview"): DESK,
    ("POST", "/warnings/issue"): DESK,
    ("POST", "/warnings/confirm"): DESK,
    ("POST", "/warnings/decline"): DESK,
    ("GET", "/audit"): READERS,
    ("GET", "/audit/callout"): READERS,
    ("POST", "/audit/callout"): READERS,
    ("GET", "/audit/why"): READERS,
    ("POST", "/audit/verify"): EVIDENCE,
    ("POST", "/audit/export"): EVIDENCE,
    ("GET", "/audit/proof"): EVIDENCE,
    ("GET", "/audit/report"): EVIDENCE,
    ("POST", "/audit/ledger"): EVIDENCE,
    ("GET", "/stops"): READERS,
    ("GET", "/stops/photo/{county}/{decision}"): READERS,
    ("POST", "/stops/propose"): DESK,
    ("POST", "/stops/order"): LEADERS,
    ("POST", "/stops/decline"): LEADERS,
    ("POST", "/stops/confirm"): DESK,
    ("POST", "/stops/propose-lift"): DESK,
    ("POST", "/stops/inspect"): DESK,
    ("POST", "/stops/refuse-lift"): LEADERS,
    ("POST", "/stops/lift"): LEADERS,
    ("GET", "/api/v1/openapi.json"): EVERYBODY,
    ("GET", "/api/v1/status"): READING,
    ("GET", "/api/v1/alerts"): READING,
    ("POST", "/api/v1/alerts"): REPORTING,
    ("POST", "/api/v1/warnings/issue"): REPORTING,
    ("GET", "/api/v1/callouts"): READING,
    ("GET", "/api/v1/callouts/{county}/{alert}/{post}"): READING,
    ("GET", "/api/v1/human-calls"): READING | ACTING,
    ("POST", "/api/v1/human-calls/take"): ACTING,
    ("POST", "/api/v1/human-calls/release"): ACTING,
    ("POST", "/api/v1/human-calls/result"): ACTING,
    ("POST", "/api/v1/human-calls/end"): ACTING,
    ("GET", "/api/v1/stop-work"): READING | ACTING,
    ("POST", "/api/v1/stop-work/propose"): ACTING,
    ("POST", "/api/v1/stop-work/confirm"): ACTING,
    ("GET", "/api/v1/roster"): READING,
    ("GET", "/api/v1/report"): READING,
    ("GET", "/api/v1/cap/atom"): READING,
    ("GET", "/api/v1/cap/rss"): READING,
    ("GET", "/api/v1/cap/{alert}"): READING,
    ("GET", "/journal"): READERS,
    ("POST", "/journal"): DESK,
    ("GET", "/journal/handover"): READERS,
    ("POST", "/journal/handover"): DESK,
    ("POST", "/journal/takeover"): DESK,
    ("GET", "/moves"): READERS,
    ("POST", "/moves/word"): DESK,
    ("POST", "/moves/release"): LEADERS,
    ("POST", "/moves/demand"): DESK,
    ("GET", "/drills"): READERS,
    ("GET", "/drills/plan"): LEADERS,
    ("POST", "/drills/plan"): LEADERS,
    ("GET", "/drills/{code}"): READERS,
    ("POST", "/drills/{code}/start"): LEADERS,
    ("POST", "/drills/{code}/end"): LEADERS,
    ("GET", "/users"): ADMINISTRATORS,
    ("POST", "/users"): ADMINISTRATORS,
    ("POST", "/users/{user}/reset"): ADMINISTRATORS,
    ("POST", "/users/{user}/bind"): ADMINISTRATORS,
    ("POST", "/users/{user}/close"): ADMINISTRATORS,
    ("POST", "/users/{user}/reopen"): ADMINISTRATORS,
    ("POST", "/keys"): ADMINISTRATORS,
    ("POST", "/keys/{key}/close"): ADMINISTRATORS,
    ("POST", "/gauges/readings"): frozenset({Right.REPORT}),
    ("GET", "/c/{text}"): EVERYBODY,  # the link is signed, see callout/web/called.py
    ("POST", "/c/{text}"): EVERYBODY,
    ("GET", "/hooks/{name}/{what}"): EVERYBODY,  # each provider proves itself, see callout/web/hooks.py
    ("POST", "/hooks/{name}/{what}"): EVERYBODY,
}
"""(method, path as written in the route) → the roles of people and the rights of programs that may."""

WITH_A_FIRST_PASSWORD: Final = frozenset({"/password", "/sign-out"})
"""All that somebody may do who has not changed the password that was printed."""
SAFE: Final = frozenset({"GET", "HEAD"})
OURS: Final = frozenset({"", "none", "same-origin"})
"""What a browser says of where a request of our own pages comes from; old ones say nothing."""


async def guard(request: Request, where: Annotated[Site, Depends(site)]) -> None:
    """Let pass who may.

    Raises HTTPException 401 where somebody must sign in first, 403 where they may not, 303 to the change of a password.
    """
    route = request.scope.get("route")
    path = route.path if isinstance(route, APIRoute) else ""
    allowed = ACCESS.get((request.method, path), frozenset())
    if (
        request.method not in SAFE
        and request.headers.get("sec-fetch-site", "") not in OURS
        and "cookie" in request.headers
    ):
        raise HTTPException(403, "这个操作不是从本站页面发出的，没有执行")
    if allowed is EVERYBODY:
        return
    known = await run_in_threadpool(recognise, request, where)
    if known is None or (known.session is not None and known.session.half):
        raise HTTPException(401)
    request.state.viewer, request.state.csrf, request.state.session = known.viewer, known.csrf, known.session
    if not allowed & known.viewer.grants:
        raise HTTPException(403, f"{known.viewer.role.zh if known.viewer.role else '这把密钥'}不能做这件事")
    if known.session and known.session.user.must_change and path not in WITH_A_FIRST_PASSWORD:
        raise HTTPException(303, headers={"Location": "/password"})
    if request.method not in SAFE:
        await _is_our_form(request, known)


async def _is_our_form(request: Request, known: Known) -> None:
    """Raises HTTPException 403 for a form that another site made this browser send."""
    if not known.csrf:
        return
    given = request.headers.get("x-csrf") or (await request.form()).get("csrf")
    if not isinstance(given, str) or not same(given, known.csrf):
        raise HTTPException(403, "这个页面已经过时，没有执行；请返回、刷新后再试")


def viewer(request: Request) -> Viewer:
    """Who is signed in, on a route that is not for everybody; a FastAPI dependency."""
    seen: Viewer | None = getattr(request.state, "viewer", None)
    if seen is None:
        raise HTTPException(401)
    return seen


SignedIn = Annotated[Viewer, Depends(viewer)]
Where = Annotated[Site, Depends(site)]
