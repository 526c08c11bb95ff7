"""Signs of life: what the record knows of the numbers of a roster, and when its people were last seen to be there."""

from collections.abc import Mapping

from sqlalchemy import Connection, and_, func, or_, select

from callout.domain.answer import Grade
from callout.domain.hygiene import Mark
from callout.domain.instant import Instant
from callout.store import schema


def number_marks(db: Connection, county: str, version: str) -> Mapping[str, Mark]:
    """Every number of a roster that something is known of, by E.164."""
    c, n, x = schema.contact, schema.number, schema.personal
    marked = or_(n.c.dead == 1, n.c.opted_out == 1, n.c.textless == 1)
    rows = db.execute(
        select(x.c.value, n.c.dead, n.c.opted_out, n.c.textless)
        .select_from(c)
        .join(n, n.c.id == c.c.number)
        .join(x, x.c.commitment == n.c.commitment)
        .where(c.c.county == county, c.c.roster == version, x.c.value.is_not(None), marked)
    )
    return {r.value: Mark(bool(r.dead), bool(r.opted_out), bool(r.textless)) for r in rows}


def last_shown(db: Connection, county: str, version: str) -> Mapping[int, Instant]:
    """Responders of a roster → their newest own answer to a warning, or the day on which they were entered.

    Who keeps the id under another name or with another number was entered when that changed.
    """
    entered, answered = _entered(db, county, version), _answered(db, county)
    return {one: Instant(max(at, answered.get(one, 0))) for one, at in entered.items()}


def _entered(db: Connection, county: str, version: str) -> dict[int, int]:
    p, v = schema.responder, schema.roster_version
    now = p.alias("now")
    same = and_(now.c.county == p.c.county, now.c.id == p.c.id, now.c.name == p.c.name)
    rows = db.execute(
        select(p.c.id, func.min(v.c.loaded_at).label("at"))
        .join(now, and_(same, now.c.roster == version))
        .join(v, and_(v.c.county == p.c.county, v.c.version == p.c.roster))
        .where(p.c.county == county)
        .group_by(p.c.id)
    )
    return {r.id: int(r.at) for r in rows}


def _answered(db: Connection, county: str) -> dict[int, int]:
    a, t = schema.answer, schema.attempt
    rows = db.execute(
        select(t.c.responder, func.max(a.c.at).label("at"))
        .join(a, and_(a.c.county == t.c.county, a.c.attempt == t.c.id))
        .where(t.c.county == county, a.c.grade == Grade.ACKNOWLEDGED)
        .group_by(t.c.responder)
    )
    return {r.responder: int(r.at) for r in rows}
