"""/healthz: whether this process lives and an engine beats. /readyz: whether it may be given work. Tells no counts."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from callout.store.beats import take_beat_back
from callout.web.site import Site, site

router = APIRouter()

HEALTHY = ("running",)


@router.get("/healthz")
def health(where: Annotated[Site, Depends(site)]) -> JSONResponse:
    """200 where all is well, 503 where no engine beats or the database fails."""
    try:
        engine = where.engine(where.store.read(lambda work: work.at)).state
    except SQLAlchemyError as error:
        where.fault("health", error)
        return JSONResponse({"database": "failed"}, 503)
    return JSONResponse({"database": "ok", "engine": engine}, 200 if engine in HEALTHY else 503)


@router.get("/readyz")
def ready(where: Annotated[Site, Depends(site)]) -> JSONResponse:
    """200 where pages and webhooks can be served: the database takes writes. An engine that is silent is no reason
    to take the pages away, for they are where that is seen.
    """
    try:
        where.store.database.write(lambda db: take_beat_back(db, ""))  # a write that changes nothing
    except SQLAlchemyError as error:
        where.fault("ready", error)
        return JSONResponse({"database": "failed"}, 503)
    return JSONResponse({"database": "ok"})
