"""Where devices and other systems hand in readings of gauges; they prove themselves by a key with the right 送入."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from callout.domain.errors import Refusal
from callout.pipeline.measure import Measuring, take
from callout.sources.readings import read_json
from callout.web.access import viewer
from callout.web.site import site

router = APIRouter()


@router.post("/gauges/readings")
async def readings(request: Request) -> JSONResponse:
    """Keep readings and look at once what they mean. What cannot be read is refused whole, with the reason."""
    here, who = site(request), viewer(request)
    if not who.scope.holds(here.county):
        raise HTTPException(403, "这把密钥不能为这个区县送读数")
    try:
        came = read_json(await request.body())
    except Refusal as refusal:
        return JSONResponse({"error": str(refusal)}, 422)
    measuring = Measuring(here.store, here.rulebooks)
    taken = await run_in_threadpool(take, measuring, here.county, came, f"http {who.name}")
    return JSONResponse({"new": taken.new, "known": taken.known, "refused": list(taken.refused)})
