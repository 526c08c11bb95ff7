"""/healthz: whether the pages can read the database, and whether the engine beats. No names, no counts."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from callout.web.site import Site, site

router = APIRouter()

HEALTHY = ("running", "unseen")


@router.get("/healthz")
def health(where: Annotated[Site, Depends(site)]) -> JSONResponse:
    """200 where all is well, 503 where the engine is known not to beat; a database that fails is a 500."""
    now = where.store.read(lambda work: work.at)
    engine = where.engine(now).state
    return JSONResponse({"database": "ok", "engine": engine}, 200 if engine in HEALTHY else 503)
