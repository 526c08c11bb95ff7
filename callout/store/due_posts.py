"""Who would be called for matches that are not on record: the plan stage's own selection, on a reading connection."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Select, bindparam
from sqlalchemy.types import String

from callout.domain.rule import Match
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.planning import select_due


@dataclass(frozen=True, slots=True)
class DuePost:
    """A post of the roster that must be called."""

    post: int
    area: str
    role: str
    title: str
    unusable: str
    """`vacant` or `no_number` where a human must be asked at once; else empty."""
    ladder: str
    rules: tuple[str, ...]


def due_posts(db: Connection, county: str, roster: str, matches: Iterable[Match]) -> list[DuePost]:
    """The posts that these matches demand by this roster version, in the order in which plan opens them."""
    rows = packed((m.area, m.role, m.ladder.id, ",".join(m.rule_ids)) for m in matches)
    found = db.execute(_select(db.dialect.name), rows | {"of_county": county, "of_roster": roster})
    return [DuePost(r.post, r.area, r.role, r.title, r.unusable, r.ladder, tuple(r.rules.split(","))) for r in found]


@cache
def _select(dialect: str) -> Select[tuple[object, ...]]:
    d, m = schema.duty, schema.rule_match
    matched = row_source(dialect, m.c.area, m.c.role, m.c.ladder, m.c.rules)
    county, roster = bindparam("of_county", type_=String), bindparam("of_roster", type_=String)
    return select_due(matched, county, roster).add_columns(d.c.role, d.c.title).order_by(d.c.post)
