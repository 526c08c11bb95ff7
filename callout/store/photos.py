"""Photos of what was seen on site: kept once, their SHA-256 in the record, erased with the name of whoever saw it."""

import hashlib
from collections.abc import Container, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, update

from callout.store import schema
from callout.store.transaction import Event, Ledger, Note, told

_F, _D = schema.stop_photo, schema.stop_decision


class PhotoKey(NamedTuple):
    """Names a photo: by the decision that it belongs to."""

    county: str
    decision: int


def fingerprint(photo: bytes) -> str:
    """What the record says of it; empty for none."""
    return hashlib.sha256(photo).hexdigest() if photo else ""


def attach_photo(ledger: Ledger, key: PhotoKey, photo: bytes, officer: str) -> None:
    """Keep it; the entry of its decision tells its fingerprint."""
    row = {**key._asdict(), "sha256": fingerprint(photo), "officer": officer, "at": ledger.at, "body": photo}
    ledger.attach(_F, [row] if photo else [])


def photo_bytes(db: Connection, key: PhotoKey) -> bytes | None:
    """The JPEG; None where there is none, or no longer."""
    body = db.execute(select(_F.c.body).where(_F.c.county == key.county, _F.c.decision == key.decision)).scalar()
    return None if body is None else bytes(body)


def photos_of(db: Connection, mark: str) -> list[str]:
    """The fingerprints that begin so, once for each time that the photo was sent."""
    return list(db.execute(select(_F.c.sha256).where(of_mark(mark))).scalars())


def photos_kept(db: Connection, names: Container[str] | None = None) -> int:
    """How many photos there are; `names`: only those seen by these (commitments)."""
    same = and_(_D.c.county == _F.c.county, _D.c.id == _F.c.decision)
    found = db.execute(select(_D.c.name).join(_F, same).where(_F.c.body.is_not(None))).scalars()
    return sum(1 for one in found if names is None or one in names)


def erase_photos(ledger: Ledger, which: ColumnElement[bool], event: Event, why: str) -> int:
    """Erase these, each with an entry that keeps its fingerprint; returns how many there were."""
    going = ledger.connection.execute(select(_F.c.county, _F.c.decision, _F.c.sha256).where(which))
    notes = {(row.county, row.decision): Note(detail=f"{why} sha256={row.sha256}") for row in going}
    if notes:
        ledger.record_set(update(_F).values(body=None).where(which).returning(*told(_F)), event, notes)
    return len(notes)


def of_mark(mark: str) -> ColumnElement[bool]:
    """Photos whose fingerprint begins so."""
    return and_(_F.c.body.is_not(None), _F.c.sha256.startswith(mark, autoescape=True))


def seen_by(names: Sequence[str]) -> ColumnElement[bool]:
    """Photos of what these people (commitments) saw."""
    same = and_(_D.c.county == _F.c.county, _D.c.id == _F.c.decision, _D.c.name.in_(names))
    return and_(_F.c.body.is_not(None), select(_D.c.id).where(same).exists())
