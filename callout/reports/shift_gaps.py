"""Times ahead in which nobody is on shift: who is called then, and who can be asked to fill them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.instant import DAY, Instant, later
from callout.domain.roster import Shift
from callout.domain.shift_plan import gaps
from callout.store import schema

AHEAD = 14 * DAY
"""How far ahead the board looks."""


@dataclass(frozen=True, slots=True)
class GapLine:
    """A time in which nobody stands in on a post that lives by shifts."""

    title: str
    begins: Instant
    ends: Instant
    called: str
    """The holder of the post, who is called then; empty: the post is vacant, and nobody is."""
    ask: str
    """Who can fill it: whoever holds the post above, else the deputy; empty where there is nobody."""


def shift_gaps(db: Connection, county: str, now: Instant) -> tuple[GapLine, ...]:
    """All of the coming days, the first one first. A post that never had a shift is its holder's, and has no gaps."""
    k, s = schema.county, schema.shift
    roster = db.execute(select(k.c.roster).where(k.c.county == county)).scalar() or ""
    mine, until = and_(s.c.county == county, s.c.roster == roster), later(now, AHEAD)
    posts = db.execute(select(s.c.post).distinct().where(mine)).scalars().all()
    coming = db.execute(select(s).where(mine, s.c.ends > now, s.c.begins < until))
    found = gaps([Shift(r.post, r.responder, r.begins, r.ends) for r in coming], posts, now, until)
    if not found:
        return ()
    duties = _duties(db, (county, roster), {gap.post for gap in found})
    above = _duties(db, (county, roster), {row.superior for row in duties.values() if row.superior})
    asked = {post: above[row.superior].holder if row.superior in above else row.deputy for post, row in duties.items()}
    names = _names(db, (county, roster), {who for post, row in duties.items() for who in (row.holder, asked[post])})
    return tuple(
        GapLine(row.title, gap.begins, gap.ends, names.get(row.holder, ""), names.get(asked[gap.post], ""))
        for gap in found
        if (row := duties.get(gap.post))
    )


def _duties(db: Connection, version: tuple[str, str], posts: Collection[int]) -> Mapping[int, Any]:
    d = schema.duty
    mine = and_(d.c.county == version[0], d.c.roster == version[1], d.c.post.in_(sorted(posts)))
    return {row.post: row for row in db.execute(select(d).where(mine))}


def _names(db: Connection, version: tuple[str, str], people: Collection[int | None]) -> Mapping[int | None, str]:
    p, x = schema.responder, schema.personal
    wanted = sorted(one for one in people if one is not None)
    mine = and_(p.c.county == version[0], p.c.roster == version[1], p.c.id.in_(wanted))
    rows = db.execute(select(p.c.id, x.c.value).join(x, x.c.commitment == p.c.name).where(mine))
    return {row.id: row.value for row in rows}
