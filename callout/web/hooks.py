"""Where providers call: the signature first, one durable insert, then thanks; the work is done later."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.responses import PlainTextResponse

from callout.ports import Called, Forged
from callout.web.site import site

router = APIRouter()


@router.api_route("/hooks/{name}/{what}", methods=["POST", "GET"], include_in_schema=False)
async def hook(request: Request, name: str, what: str) -> Response:
    """One call of the provider `name`. What cannot be kept: 503 a little later, so that it comes again."""
    here = site(request)
    channel = here.hooks.get(name)
    if channel is None:
        return PlainTextResponse("", 404)
    try:
        thanks = channel.called(await _called(request, what))
    except Forged:
        here.turned_away[name] += 1
        here.warn_of_hooks(name, here.turned_away[name])
        return PlainTextResponse("", 403)
    except LookupError:
        return PlainTextResponse("", 404)
    try:
        await here.hear(thanks.events)
    except Exception as error:
        here.fault("hooks", error)
        await here.pause()
        return PlainTextResponse("", 503)
    return Response(thanks.body, thanks.status, media_type=thanks.media)


async def _called(request: Request, what: str) -> Called:
    """The call as it came over the wire: a signature is over raw bytes, not over what a framework makes of them."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return Called(
        what=what,
        path=raw.partition(b"?")[0].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers=dict(request.headers),
        body=await request.body(),
        peer=request.client.host if request.client else "",
    )
