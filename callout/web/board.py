"""The board: what is in force, who has answered, and what to do next."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from callout.web.pages import page

router = APIRouter()


@router.get("/")
def board(request: Request) -> HTMLResponse:
    """The first page."""
    return page(request, "board.html.j2")
