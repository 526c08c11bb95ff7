"""The switch in the header: in which language this browser wants its pages."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from callout.web.access import Where
from callout.web.identity import is_https
from callout.web.language import COOKIE, LANGUAGES
from callout.web.pages import inside

router = APIRouter()

_YEAR = 365 * 24 * 3600


@router.get("/language/{language}")
def choose(where: Where, language: str, next: str = "/") -> Response:
    """Keep the choice, and go back to the page."""
    if language not in LANGUAGES:
        raise HTTPException(404)
    answer = RedirectResponse(inside(next), 303)
    answer.set_cookie(COOKIE, language, max_age=_YEAR, path="/", secure=is_https(where), httponly=True, samesite="lax")
    return answer
