"""The statements about 熔断, built once."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, Update, and_, bindparam, func, or_, select

from callout.domain.stop_work import IN_FORCE, START, StopWorkState
from callout.store import schema
from callout.store.batch import row_source
from callout.store.schema.columns import one_of
from callout.store.transaction import changed

KEY = ("county", "alert", "area", "code", "role")
_S = schema.stop_work
SELECT_OVERDUE = (
    select(_S)
    .where(schema.stop_work_ordered, _S.c.next_at <= bindparam("now", type_=BigInteger))
    .order_by(*_S.primary_key.columns)
    .with_for_update(skip_locked=True)
)
"""Orders without word from the site in time."""


@cache
def select_found(dialect: str) -> Select[Any]:
    """The 熔断 with the given keys, in the order of the table."""
    v = row_source(dialect, *[_S.c[name] for name in KEY])
    same = and_(*[_S.c[name] == v.c[name] for name in KEY])
    return select(_S).select_from(v).join(_S, same).order_by(*_S.primary_key.columns).with_for_update(of=_S)


@cache
def select_objects(dialect: str) -> Select[Any]:
    """How many posts there are of each of the given (area, role) pairs."""
    d = schema.duty
    v = row_source(dialect, d.c.area, d.c.role)
    county, roster = bindparam("of_county", type_=String), bindparam("of_roster", type_=String)
    here = and_(d.c.county == county, d.c.roster == roster, d.c.role == v.c.role, d.c.area == v.c.area)
    many = func.count().label("many")
    return select(d.c.area, d.c.role, many).select_from(v).join(d, here).group_by(d.c.area, d.c.role)


def _superseding() -> Update:
    """Proposals of an episode that nobody need decide: a newer one of it, or an order in force, is about the same."""
    other, ac = _S.alias("other"), schema.alert_county
    theirs, mine = schema.alert.alias("theirs"), schema.alert.alias("mine")

    def of_episode(row: Any) -> ColumnElement[bool]:
        """Asked of each row alone: as a join it would come after what must be looked up for every proposal."""
        its = select(ac.c.episode).where(ac.c.county == row.c.county, ac.c.alert == row.c.alert).correlate(row)
        return its.scalar_subquery() == bindparam("of_episode", type_=BigInteger)

    same = and_(*[other.c[name] == _S.c[name] for name in ("county", "area", "code", "role", "run")])
    newer = (
        select(other.c.alert)
        .join(theirs, theirs.c.id == other.c.alert)
        .join(mine, mine.c.id == _S.c.alert)
        .where(same, other.c.state == StopWorkState.PROPOSED.value, of_episode(other))
        .where(or_(theirs.c.sent > mine.c.sent, and_(theirs.c.sent == mine.c.sent, other.c.alert > _S.c.alert)))
        .correlate(_S)
    )
    ordered = select(other.c.alert).where(same, one_of(other.c.state, *IN_FORCE)).correlate(_S)
    return changed(_S, state=StopWorkState.SUPERSEDED.value).where(
        _S.c.county == bindparam("of_county", type_=String),
        _S.c.state == StopWorkState.PROPOSED.value,
        of_episode(_S),
        or_(newer.exists(), ordered.exists()),
    )


SUPERSEDE = _superseding()
SELECT_UNDECIDED = (
    select(_S.c.code, func.count().label("many"))
    .where(
        _S.c.county == bindparam("of_county", type_=String),
        _S.c.alert == bindparam("of_alert", type_=BigInteger),
        _S.c.state == START.value,
    )
    .group_by(_S.c.code)
    .order_by(_S.c.code)
)
"""Per code how many of an alert's proposals nobody has decided."""
