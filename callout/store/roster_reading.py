"""A roster version as it was brought in, names and numbers included: for the office that edits it."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.instant import Instant
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift
from callout.store import schema

ERASED = "已删除"
"""Instead of a name that was removed from the erasable table."""


def read_roster(db: Connection, county: str, version: str) -> Roster:
    """All posts, people, numbers and shifts of a version; empty where it is not on record."""
    d, s = schema.duty, schema.shift
    posts = tuple(
        Post(r.post, r.area, r.role, r.title, r.holder, r.deputy, r.superior)
        for r in db.execute(_of(d, county, version).order_by(d.c.post))
    )
    shifts = tuple(
        Shift(r.post, r.responder, Instant(r.begins), Instant(r.ends))
        for r in db.execute(_of(s, county, version).order_by(s.c.post, s.c.begins))
    )
    return Roster(version, county, posts, _people(db, county, version), shifts)


def _of(table: Any, county: str, version: str) -> Any:
    return select(table).where(table.c.county == county, table.c.roster == version)


def _people(db: Connection, county: str, version: str) -> tuple[Responder, ...]:
    p, c, n, x = schema.responder, schema.contact, schema.number, schema.personal
    mine = and_(p.c.county == county, p.c.roster == version)
    names = select(p.c.id, x.c.value).outerjoin(x, x.c.commitment == p.c.name).where(mine).order_by(p.c.id)
    people = {r.id: Responder(r.id, r.value or ERASED, ()) for r in db.execute(names)}
    contacts = (
        select(c.c.responder, c.c.kind, x.c.value)
        .join(n, n.c.id == c.c.number)
        .join(x, x.c.commitment == n.c.commitment)
        .where(c.c.county == county, c.c.roster == version, x.c.value.is_not(None))
        .order_by(c.c.responder, c.c.ord)
    )
    reached: defaultdict[int, list[ContactMethod]] = defaultdict(list)
    for row in db.execute(contacts):
        reached[row.responder].append(ContactMethod(row.value, NumberKind(row.kind)))
    return tuple(replace(person, contacts=tuple(reached[ident])) for ident, person in people.items())
