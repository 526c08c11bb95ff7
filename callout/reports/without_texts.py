"""Who wants no texts (退订): people of the roster in force below a place, and how many numbers that are on none."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.store import schema


@dataclass(frozen=True, slots=True)
class WithoutTexts:
    """One post whose people are called by voice only on a number of theirs."""

    county: str
    post: int
    title: str
    name: str


def without_texts(db: Connection, scope: Scope) -> list[WithoutTexts]:
    """Posts whose holder or deputy has opted out on a number; each once."""
    n, c, d, k = schema.number, schema.contact, schema.duty, schema.county
    p, x = schema.responder, schema.personal
    theirs = and_(d.c.county == c.c.county, d.c.roster == c.c.roster)
    on_post = or_(d.c.holder == c.c.responder, d.c.deputy == c.c.responder)
    person = and_(p.c.county == c.c.county, p.c.roster == c.c.roster, p.c.id == c.c.responder)
    rows = db.execute(
        select(d.c.county, d.c.post, d.c.title, x.c.value.label("name"))
        .distinct()
        .select_from(n)
        .join(c, c.c.number == n.c.id)
        .join(k, and_(k.c.county == c.c.county, k.c.roster == c.c.roster))
        .join(d, and_(theirs, on_post))
        .outerjoin(p, person)
        .outerjoin(x, x.c.commitment == p.c.name)
        .where(n.c.opted_out == 1, within(scope, d.c.county, d.c.area, d.c.role))
        .order_by(d.c.county, d.c.post, x.c.value)
    )
    return [WithoutTexts(r.county, r.post, r.title, r.name or "") for r in rows]


def strangers_without_texts(db: Connection) -> int:
    """Opted-out numbers that are on no roster in force: kept, and obeyed when they come onto one."""
    n, c, k = schema.number, schema.contact, schema.county
    listed = (
        select(c.c.number)
        .join(k, and_(k.c.county == c.c.county, k.c.roster == c.c.roster))
        .where(c.c.number == n.c.id)
        .exists()
    )
    return db.execute(select(func.count()).select_from(n).where(n.c.opted_out == 1, ~listed)).scalar_one()
