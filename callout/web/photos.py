"""Photos from the site of a 熔断: taken from a form, and shown to whoever may see that 熔断."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from callout.domain.errors import CalloutError
from callout.reports.stop_photos import sees_photo
from callout.store.photos import PhotoKey, photo_bytes
from callout.store.store import Work
from callout.web.access import SignedIn, Where
from callout.web.pictures import LONGEST

router = APIRouter()

LONGEST_FORM = 2 * LONGEST
"""Bytes of a form with a photo: some more than a photo may have, so that one too long is refused with words."""
ALONE = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Content-Disposition": "inline; filename=photo.jpg",
    "Cache-Control": "no-store",
}
"""It is a picture and nothing else, whatever a browser may find in it."""


async def photo_of_form(request: Request) -> bytes | None:
    """The file that was chosen, as it came; None where none was."""
    given = [one for one in (await request.form()).getlist("photo") if _chosen(one)]
    if len(given) > 1:
        raise CalloutError("一次只收一张照片，没有记下")
    if not given:
        return None
    [one] = given
    return one.encode("utf-8", "replace") if isinstance(one, str) else await one.read(LONGEST + 1)


def _chosen(given: UploadFile | str) -> bool:
    """A browser sends an empty file without a name where none was chosen."""
    return bool(given) if isinstance(given, str) else bool(given.filename or given.size)


Photo = Annotated[bytes | None, Depends(photo_of_form)]


@router.get("/stops/photo/{county}/{decision}")
def show(where: Where, who: SignedIn, county: str, decision: int) -> Response:
    """The photo, to whoever may see a 熔断 that was confirmed with it."""
    key = PhotoKey(county, decision)

    def work(reading: Work) -> bytes | None:
        db = reading.ledger.connection
        return photo_bytes(db, key) if sees_photo(db, who.scope, key) else None

    body = where.store.read(work)
    if body is None:
        raise HTTPException(404, "没有这张照片，或者已按保存期限删除")
    return Response(body, media_type="image/jpeg", headers=ALONE)


def address(key: PhotoKey) -> str:
    """Where it is shown."""
    return f"/stops/photo/{key.county}/{key.decision}"
