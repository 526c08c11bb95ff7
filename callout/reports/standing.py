"""熔断 and posts as they stand, below the place of whoever asks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from callout.domain.stop_work import OPEN
from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.store import schema

Found = tuple[int, Sequence[Any]]
"""(how many in all, the rows of one page)."""


def stops(db: Connection, scope: Scope, page: tuple[int, int], *, every: bool = False) -> Found:
    """熔断, newest first: those that are open, or all; `page` = (how many to leave out, how many at most)."""
    s = schema.stop_work
    chosen = select(s).where(within(scope, s.c.county, s.c.area, s.c.role))
    chosen = chosen if every else chosen.where(s.c.state.in_([one.value for one in OPEN]))
    return _page(db, chosen, page, (s.c.proposed_at.desc(), s.c.county, s.c.alert, s.c.area, s.c.code, s.c.role))


def posts(db: Connection, scope: Scope, page: tuple[int, int]) -> Found:
    """Posts of the rosters in force, with the name of who holds them."""
    d, k, p, x = schema.duty, schema.county, schema.responder, schema.personal
    holder = and_(p.c.county == d.c.county, p.c.roster == d.c.roster, p.c.id == d.c.holder)
    chosen = (
        select(d, x.c.value.label("name"))
        .join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
        .outerjoin(p, holder)
        .outerjoin(x, x.c.commitment == p.c.name)
        .where(within(scope, d.c.county, d.c.area, d.c.role))
    )
    return _page(db, chosen, page, (d.c.county, d.c.post))


def _page(db: Connection, chosen: Select[Any], page: tuple[int, int], order: tuple[Any, ...]) -> Found:
    many = db.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    skip, most = page
    return many, db.execute(chosen.order_by(*order).offset(skip).limit(most)).all()
