"""What a ledger reads beside the pairs: the message, the post and its holder, and the rules that named it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from callout.store import schema

PostOf = tuple[str, int]
"""(roster version, post)."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as one version of the roster had it."""

    title: str
    role: str
    holder: str | None
    """Name; empty = nobody held it, None = erased."""


NO_POST = PostRow("", "", "")


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What the account leaves out of a message."""

    sender: str
    msg_type: str
    raw: str
    references: tuple[str, ...]


def posts(db: Connection, county: str, rosters: Collection[str]) -> Mapping[PostOf, PostRow]:
    """Every post of these versions."""
    d, p = schema.duty, schema.personal
    found = db.execute(
        select(d.c.roster, d.c.post, d.c.title, d.c.role, d.c.holder, p.c.value)
        .outerjoin(p, p.c.commitment == d.c.holder_name)
        .where(d.c.county == county, d.c.roster.in_(sorted(rosters)))
    )
    return {(r.roster, r.post): PostRow(r.title, r.role, "" if r.holder is None else r.value) for r in found}


def alerts(db: Connection, county: str, ids: Sequence[int]) -> Mapping[int, AlertRow]:
    """The messages, by number."""
    a, ac, f = schema.alert, schema.alert_county, schema.alert_reference
    named: defaultdict[int, list[str]] = defaultdict(list)
    for r in db.execute(select(f).where(f.c.alert.in_(ids)).order_by(f.c.alert, f.c.identifier)):
        named[r.alert].append(r.identifier)
    found = db.execute(
        select(a.c.id, a.c.sender, a.c.msg_type, a.c.raw)
        .join(ac, ac.c.alert == a.c.id)
        .where(ac.c.county == county, a.c.id.in_(ids))
    )
    return {r.id: AlertRow(r.sender, r.msg_type, r.raw, tuple(named[r.id])) for r in found}


def rules(db: Connection, county: str, ids: Sequence[int]) -> Mapping[tuple[int, int] | tuple[int, str, str], str]:
    """Names of the rules: by (alert, post) where a callout was opened, else by (alert, area, role)."""
    c, m = schema.callout, schema.rule_match
    opened = db.execute(
        select(c.c.alert, c.c.post, c.c.rules).where(and_(c.c.county == county, c.c.alert.in_(ids), c.c.round == 0))
    )
    matched = db.execute(
        select(m.c.alert, m.c.area, m.c.role, m.c.rules).where(m.c.county == county, m.c.alert.in_(ids))
    )
    found: dict[tuple[int, int] | tuple[int, str, str], str] = {(r.alert, r.post): r.rules for r in opened}
    return found | {(r.alert, r.area, r.role): r.rules for r in matched}
