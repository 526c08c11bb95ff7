"""Photos from the site of a 熔断: which there are, and who may see them."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.store import schema
from callout.store.photos import PhotoKey, fingerprint

_S, _F = schema.stop_work, schema.stop_photo
CONFIRMED_BY = and_(_F.c.county == _S.c.county, _F.c.decision == _S.c.confirming)
"""Joins a 熔断 with the photo of its confirmation."""
PHOTO_COLUMNS = (_F.c.sha256, _F.c.body.is_not(None).label("photo_kept"))
_CONFIRMED = "stop_decision.confirmed"
_BATCH = 20
"""Photos in memory at once."""


class Photo(NamedTuple):
    """What came from the site with the word that it has stopped."""

    key: PhotoKey
    sha256: str
    kept: bool
    """Not erased yet."""


def photo_in(row: Any) -> Photo | None:
    """The photo of a row of `stop_work` with the PHOTO_COLUMNS."""
    return Photo(PhotoKey(row.county, row.confirming), row.sha256, bool(row.photo_kept)) if row.sha256 else None


def check_photos(db: Connection) -> list[str]:
    """What is wrong: photos that are not the ones of the record, and photos of the record whose row is gone."""
    a = schema.audit
    told = select(a.c.county, a.c.ref, a.c.detail).where(a.c.event == _CONFIRMED, a.c.detail != "")
    known = {(r.county, r.ref): r.detail.removeprefix("photo=") for r in db.execute(told)}
    found = []
    for row in db.execute(select(_F).execution_options(yield_per=_BATCH)):
        name = f"现场照片 {row.county}/{row.decision} "
        if known.pop((row.county, str(row.decision)), None) != row.sha256:
            found.append(f"{name}的校验值与记录不符：被改动或事后放入。")
        elif row.body is not None and fingerprint(bytes(row.body)) != row.sha256:
            found.append(f"{name}与校验值不符：内容被改动。")
    return found + [f"现场照片 {county}/{ref} 不在库中：被整行删除。" for county, ref in known]


def sees_photo(db: Connection, scope: Scope, key: PhotoKey) -> bool:
    """Whether a 熔断 that was confirmed by this decision lies below this place."""
    s = schema.stop_work
    mine = within(scope, s.c.county, s.c.area, s.c.role)
    found = select(s.c.role).where(s.c.county == key.county, s.c.confirming == key.decision, mine).limit(1)
    return db.execute(found).first() is not None
