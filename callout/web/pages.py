"""Pages in words: Jinja2 templates under `templates/web`, escaped, and nothing undefined in them."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from callout.domain.instant import Instant, beijing
from callout.domain.user import Viewer
from callout.reports.words import RUNS
from callout.web.drilled import drills_seen
from callout.web.language import CHINESE, LANGUAGES, install, language_of, speaking
from callout.web.menu import places_for, there_again
from callout.web.site import site
from callout.web.static import Assets

_IN_CHINESE = Markup(' lang="zh-CN"')
"""For elements that hold nothing but data, on pages that speak otherwise."""


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page `name` of `templates/web` with these values, as a whole document."""
    return HTMLResponse(render(request, name, **values), status)


def render(request: Request, name: str, **values: Any) -> str:
    """The text of a page or of a part of one."""
    where = site(request)
    seen: Viewer | None = getattr(request.state, "viewer", None)
    shared = {
        "viewer": seen,
        "places": places_for(seen.grants) if seen else [],
        "csrf": getattr(request.state, "csrf", ""),
        "path": request.url.path,
        "now": where.clock.now(),
        "banner": where.banner,
        "drilled": lambda: drills_seen(where, seen),
        "elsewhere": where.identity.registration.name if where.identity else "",
        "again": there_again(request.method, request.url),
    }
    with speaking(language_of(request)) as spoken:
        said = {"lang": LANGUAGES[spoken], "zh": "" if spoken == CHINESE else _IN_CHINESE}
        return environment(where.templates / "web").get_template(name).render(shared | said | values)


@cache
def environment(folder: Path) -> Environment:
    """Templates of one folder, read once."""
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    install(made, folder)
    assets = Assets(folder / "static")
    made.globals["asset"] = assets.address
    made.globals["runs"] = RUNS
    made.filters["clock"] = _clock
    return made


def _clock(at: Instant) -> str:
    """18:05."""
    return beijing(at, "%H:%M")


def inside(path: str) -> str:
    """Only a path of our own pages: never another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"
