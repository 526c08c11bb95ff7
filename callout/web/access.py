"""Who may do what: one table of roles by route, and the guard that reads it before anything else runs.

A route without a line here is closed to everybody. `tests/web/test_access.py` walks routes and table together.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute

from callout.domain.user import Role, Viewer

EVERYBODY: Final = None
"""No sign-in is asked for."""
ALL: Final = frozenset(Role)
DESK: Final = frozenset({Role.OFFICER, Role.LEADER})
READERS: Final = DESK | {Role.AUDITOR}
LEADERS: Final = frozenset({Role.LEADER})
AUDITORS: Final = frozenset({Role.AUDITOR})
ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})

ACCESS: Mapping[tuple[str, str], frozenset[Role] | None] = {
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
}
"""(method, path as written in the route) → the roles that may."""


def guard(request: Request) -> None:
    """Let pass who may. Raises HTTPException 401 where somebody must sign in first, 403 where they may not."""
    route = request.scope.get("route")
    path = route.path if isinstance(route, APIRoute) else ""
    allowed = ACCESS.get((request.method, path), frozenset())
    if allowed is EVERYBODY:
        return
    seen: Viewer | None = getattr(request.state, "viewer", None)
    if seen is None:
        raise HTTPException(401)
    if seen.role not in allowed:
        raise HTTPException(403, f"{seen.role.zh}不能做这件事")


def viewer(request: Request) -> Viewer:
    """Who is signed in, on a route that is not for everybody; a FastAPI dependency."""
    seen: Viewer | None = getattr(request.state, "viewer", None)
    if seen is None:
        raise HTTPException(401)
    return seen


SignedIn = Annotated[Viewer, Depends(viewer)]
