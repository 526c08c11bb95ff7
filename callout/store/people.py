"""Posts resolved to people and numbers, as they are at this moment: holders on shift, deputies, superiors."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, and_, bindparam, func, select

from callout.domain.instant import Instant
from callout.domain.made_often import words
from callout.domain.moves import Number, Person, PostView
from callout.domain.roster import NumberKind
from callout.ports.rows import PostKey
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.prepared import fetch

_KINDS = words(NumberKind)
_NUMBERS: tuple[ColumnElement[Any], ...] = (
    schema.contact.c.kind,
    schema.contact.c.shared,
    schema.number.c.id.label("number"),
    schema.number.c.dead,
    schema.number.c.opted_out,
    schema.number.c.textless,
    schema.number.c.commitment,
    schema.personal.c.value.label("e164"),
)
"""What `_number` reads."""
_ON_POST = func.coalesce(schema.shift.c.responder, schema.duty.c.holder)
"""Who is on a post now: the person on shift, else the holder."""


def resolve_posts(db: Connection, posts: Iterable[PostKey], now: Instant) -> Mapping[PostKey, PostView]:
    """The view of each post by the roster and the shifts in force; posts unknown to the roster are missing."""
    wanted = _duties(db, posts, now)
    above = _duties(db, {(r.county, r.superior) for r in wanted.values() if r.superior is not None}, now)
    people = _people(db, [*wanted.values(), *above.values()])

    def person(row: Any, who: int | None) -> Person | None:
        return None if row is None or who is None else people.get((row.county, who))

    def view(row: Any) -> PostView:
        boss = above.get((row.county, row.superior))
        return PostView(
            row.title,
            row.roster,
            person(row, row.on_post),
            person(row, row.deputy),
            person(boss, boss.on_post if boss else None),
        )

    return {key: view(row) for key, row in wanted.items()}


def holders_of(db: Connection, posts: Iterable[PostKey], now: Instant) -> Mapping[PostKey, PostView]:
    """The view of each post with nobody but the unnamed person on it: all that most steps of a ladder need."""
    rows = list(dict.fromkeys(posts))
    if not rows:
        return {}
    heads: dict[PostKey, Any] = {}
    numbers: dict[PostKey, list[Number]] = defaultdict(list)
    for row in fetch(db, _select_holders(db.dialect.name), packed(rows) | {"now": now}):
        heads[row.county, row.post] = row
        if row.number is not None:
            numbers[row.county, row.post].append(_number(row))
    return {key: _alone(row, tuple(numbers[key])) for key, row in heads.items()}


def _alone(row: Any, numbers: tuple[Number, ...]) -> PostView:
    holder = None if row.on_post is None else Person(row.on_post, "", numbers)
    return PostView(row.title, row.roster, holder, None, None)


def _duties(db: Connection, posts: Iterable[PostKey], now: Instant) -> dict[PostKey, Any]:
    rows = list(dict.fromkeys(posts))
    if not rows:
        return {}
    found = fetch(db, _select_duties(db.dialect.name), packed(rows) | {"now": now})
    return {(r.county, r.post): r for r in found}


def in_force(county: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The roster of a county. Joined instead, SQLite looked for the post in every roster that there is."""
    k = schema.county
    return select(k.c.roster).where(k.c.county == county).scalar_subquery()


@cache
def _select_duties(dialect: str) -> Select[Any]:
    d, s = schema.duty, schema.shift
    v = row_source(dialect, d.c.county, d.c.post)
    now = bindparam("now", type_=s.c.begins.type)
    on_shift = and_(
        s.c.county == d.c.county, s.c.roster == d.c.roster, s.c.post == d.c.post, s.c.begins <= now, s.c.ends > now
    )
    return (
        select(d.c.county, d.c.roster, d.c.post, d.c.title, d.c.deputy, d.c.superior, _ON_POST.label("on_post"))
        .select_from(v)
        .join(d, and_(d.c.county == v.c.county, d.c.roster == in_force(v.c.county), d.c.post == v.c.post))
        .outerjoin(s, on_shift)
    )


@cache
def _select_holders(dialect: str) -> Select[Any]:
    d, c, n, x = schema.duty, schema.contact, schema.number, schema.personal
    theirs = and_(c.c.county == d.c.county, c.c.roster == d.c.roster, c.c.responder == _ON_POST)
    return (
        _select_duties(dialect)
        .add_columns(*_NUMBERS)
        .outerjoin(c, theirs)
        .outerjoin(n, n.c.id == c.c.number)
        .outerjoin(x, x.c.commitment == n.c.commitment)
        .order_by(c.c.ord)
    )


def _people(db: Connection, duties: Iterable[Any]) -> dict[tuple[str, int], Person]:
    wanted = dict.fromkeys(
        (r.county, r.roster, who) for r in duties for who in (r.on_post, r.deputy) if who is not None
    )
    if not wanted:
        return {}
    numbers: dict[tuple[str, int], list[Number]] = defaultdict(list)
    names: dict[tuple[str, int], str] = {}
    for row in fetch(db, _select_people(db.dialect.name), packed(wanted)):
        names[row.county, row.id] = row.name or ""
        if row.number is not None:
            numbers[row.county, row.id].append(_number(row))
    return {key: Person(key[1], names[key], tuple(numbers[key])) for key in names}


@cache
def _select_people(dialect: str) -> Select[Any]:
    p, c, n, x = schema.responder, schema.contact, schema.number, schema.personal
    name = schema.personal.alias("name")
    v = row_source(dialect, p.c.county, p.c.roster, p.c.id)
    return (
        select(
            p.c.county,
            p.c.id,
            name.c.value.label("name"),
            *_NUMBERS,
        )
        .select_from(v)
        .join(p, and_(p.c.county == v.c.county, p.c.roster == v.c.roster, p.c.id == v.c.id))
        .outerjoin(name, name.c.commitment == p.c.name)
        .outerjoin(c, and_(c.c.county == p.c.county, c.c.roster == p.c.roster, c.c.responder == p.c.id))
        .outerjoin(n, n.c.id == c.c.number)
        .outerjoin(x, x.c.commitment == n.c.commitment)
        .order_by(p.c.county, p.c.id, c.c.ord)
    )


def _number(row: Any) -> Number:
    usable = not row.dead and row.e164 is not None
    texts = not row.opted_out and not row.textless
    return Number(row.number, _KINDS[row.kind], bool(row.shared), usable, row.commitment, row.e164 or "", texts)
