"""A roster version read back: whole, for the office that edits it; bare or as counts, for the independent count."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, func, select

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


def bare_roster(db: Connection, county: str, version: str) -> Roster:
    """The same without names; contacts hold the ids of numbers."""
    d, c, p, s = schema.duty, schema.contact, schema.responder, schema.shift
    posts = tuple(
        Post(r.post, r.area, r.role, r.title, r.holder, r.deputy, r.superior)
        for r in db.execute(_of(d, county, version))
    )
    contacts: defaultdict[int, list[ContactMethod]] = defaultdict(list)
    for r in db.execute(_of(c, county, version)):
        contacts[r.responder].append(ContactMethod(str(r.number), NumberKind(r.kind)))
    ids = db.execute(_of(p, county, version).with_only_columns(p.c.id)).scalars()
    people = tuple(Responder(one, "", tuple(contacts.get(one, ()))) for one in ids)
    shifts = tuple(Shift(r.post, r.responder, r.begins, r.ends) for r in db.execute(_of(s, county, version)))
    return Roster(version, county, posts, people, shifts)


def count_posts(db: Connection, county: str, version: str) -> dict[tuple[str, str], int]:
    """(area, role) → how many posts; read from the index alone."""
    d = schema.duty
    many = _of(d, county, version).with_only_columns(d.c.area, d.c.role, func.count().label("many"))
    return {(r.area, r.role): r.many for r in db.execute(many.group_by(d.c.role, d.c.area))}


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
