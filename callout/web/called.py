"""The page for the person called: reached by the link in a text, without a sign-in, by whatever phone there is.

Looking at it answers nothing: previews and filters open links by themselves. Only a pressed button counts, and what it
brings goes the way of every reply. The page is one answer to one request, without a script.
"""

import base64
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from callout.domain.link import MOST_PEOPLE, Choice, written
from callout.ports import Inbound, InboundKind
from callout.reports.person_called import Asked, asked
from callout.web.access import Where
from callout.web.pages import page
from callout.web.site import Site

router = APIRouter()

MOST_PRESSES = 50
"""One link takes so many presses in all, and a tenth of them before the engine has looked: nobody needs more."""


class PressForm(BaseModel):
    """What a pressed button brings."""

    choice: str = Field("", max_length=10)
    people: str = Field("", max_length=10)
    n: str = Field("", max_length=4)
    """How many presses the page showed: the same press of the same page is one."""


WRONG = "没有记下：人数请写数字，最多 99999"


@router.get("/c/{text}", include_in_schema=False)
def show(request: Request, where: Where, text: str) -> Response:
    """The warning and the buttons."""
    found, problem = _find(where, text)
    return _page(request, found, problem or (200, ""))


@router.post("/c/{text}", include_in_schema=False)
async def press(request: Request, where: Where, text: str, form: Annotated[PressForm, Form()]) -> Response:
    """One pressed button. The same button of the same page counts once, however often it is sent."""
    found, problem = await run_in_threadpool(_find, where, text)
    if found is None or problem:
        return _page(request, found, problem or (404, ""))
    body = _body(form)
    if body is None:
        return _page(request, found, (422, WRONG))
    if len(found.said) >= MOST_PRESSES or found.waiting >= MOST_PRESSES // 10:
        return _page(request, found, (429, "按的次数太多，没有记下；有事请打值班室电话"))
    nth = min(_whole(form.n, len(found.said)), len(found.said))
    event = f"link:{found.attempt}:{nth}:{body}"
    try:
        await where.hear([Inbound(event, InboundKind.LINK, where.clock.now(), body, found.attempt)])
    except Exception as error:
        where.fault("called", error)
        return _page(request, found, (503, "没有记下。请再按一次，或用短信回 1"))
    return _page(request, found, (200, ""), done=body)


def _body(form: PressForm) -> str | None:
    """What was pressed, as it is kept; a number beside 收到 means that people are being moved. None: nothing."""
    people = _whole(form.people.strip(), -1)
    if form.choice not in set(Choice) or people > MOST_PEOPLE or (people < 0 and form.people.strip()):
        return None
    choice = Choice(form.choice)
    counted = people >= 0 and choice in (Choice.RECEIVED, Choice.MOVING)
    return written(Choice.MOVING, people) if counted else written(choice, None)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else otherwise


def _find(where: Site, text: str) -> tuple[Asked | None, tuple[int, str] | None]:
    """Whom the link belongs to, and what keeps it from opening."""
    found = where.store.read(lambda work: asked(work, where.link_key, text))
    if found is None:
        return None, (404, "没有这个链接。请核对短信，或用短信回 1")
    if where.clock.now() >= found.ends_at:
        return found, (410, "这个链接已过期。请以最新的短信为准，有事请打值班室电话")
    return found, None


def _page(request: Request, found: Asked | None, told: tuple[int, str], done: str = "") -> Response:
    status, said = told
    style, policy = _style(request.app.state.site.templates)
    opens = found if found and status not in (404, 410) else None
    values: dict[str, Any] = {"one": opens, "said": said, "style": style, "choices": list(Choice)}
    request.state.language = request.query_params.get("lang", "")
    answer = page(request, "called.html.j2", status, done=done.partition(":")[::2], **values)
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@cache
def _style(templates: Path) -> tuple[Markup, str]:
    """The style that lies inside this one page, and what its header lets a browser do: this style, nothing else."""
    css = (templates / "web" / "called.css").read_text(encoding="utf-8").strip()
    mark = base64.b64encode(sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{mark}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return Markup(f"<style>{css}</style>"), policy  # noqa: S704
