"""Our own style sheets, scripts and pictures; nothing is ever fetched from elsewhere."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from callout.web.site import Site, site

router = APIRouter()

KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_NOW = "no-cache"


class Assets:
    """The files of one folder. Their address changes with their content, so a browser may keep them for good."""

    def __init__(self, folder: Path) -> None:
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in KINDS}
        self.files = files
        self._marks = {name: sha256(body).hexdigest()[:12] for name, body in files.items()}

    def address(self, name: str) -> str:
        """Where a page finds the file; raises KeyError for one that is not there."""
        return f"/static/{name}?{self._marks[name]}"

    def current(self, name: str, mark: str) -> bool:
        """Whether this mark names the content that the file has."""
        return self._marks[name] == mark


@cache
def _assets(folder: Path) -> Assets:
    return Assets(folder)


@router.get("/static/{name}")
def file(name: str, request: Request, where: Annotated[Site, Depends(site)]) -> Response:
    """One of our files."""
    assets = _assets(where.templates / "web" / "static")
    if name not in assets.files:
        raise HTTPException(404)
    keep = FOR_GOOD if assets.current(name, request.url.query) else FOR_NOW
    return Response(assets.files[name], media_type=KINDS[Path(name).suffix], headers={"Cache-Control": keep})
