"""The statements about feedback, built once."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Insert, Select, Update, and_, bindparam, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres
from sqlalchemy.dialects.sqlite import insert as lite

from callout.domain.callout import CalloutState
from callout.domain.feedback import OWED, START, FeedbackState
from callout.store import schema
from callout.store.batch import row_source
from callout.store.schema.columns import at_most, one_of
from callout.store.transaction import changed, told

_F, _M, _C, _D = schema.feedback, schema.feedback_demand, schema.callout, schema.duty
_NOW, _LIMIT = bindparam("now", type_=BigInteger), at_most("limit")

_NEW: Mapping[str, Any] = {
    "county": _C.c.county,
    "alert": _C.c.alert,
    "post": _C.c.post,
    "kind": _M.c.kind,
    "episode": _C.c.episode,
    "rule": _M.c.rule,
    "state": literal(START.value),
    "lane": _C.c.lane,
    "opened_at": _NOW,
    "due_at": _C.c.answered_at + _M.c.within,
    "next_at": _C.c.answered_at + _M.c.remind_after,
}

SELECT_DUE = (
    select(_F)
    .where(schema.feedback_waiting, _F.c.next_at <= _NOW)
    .order_by(_F.c.next_at, _F.c.county, _F.c.alert, _F.c.post, _F.c.kind)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)


@cache
def select_demanding(dialect: str) -> Select[Any]:
    """Those of the given (county, alert) about which a rule demands feedback."""
    v = row_source(dialect, _M.c.county, _M.c.alert)
    any_demand = select(_M.c.kind).where(_M.c.county == v.c.county, _M.c.alert == v.c.alert).exists()
    return select(v.c.county, v.c.alert).where(any_demand)


@cache
def open_feedback(dialect: str) -> Insert:
    """One duty for each demand on the post of each callout given as (county, alert, post), if it is answered.

    The time runs from the first answer. A duty that is open already stays as it is.
    """
    ac = schema.alert_county
    v = row_source(dialect, _C.c.county, _C.c.alert, _C.c.post)
    answered = and_(
        _C.c.county == v.c.county,
        _C.c.alert == v.c.alert,
        _C.c.post == v.c.post,
        _C.c.round == 0,
        _C.c.state == CalloutState.ANSWERED.value,
    )
    chosen = (
        select(*[column.label(name) for name, column in _NEW.items()])
        .select_from(v)
        .join(_C, answered)
        .join(ac, and_(ac.c.county == _C.c.county, ac.c.alert == _C.c.alert))
        .join(_D, and_(_D.c.county == _C.c.county, _D.c.roster == ac.c.roster, _D.c.post == _C.c.post))
        # Written so that the post has to be known first: SQLite went through all that the alert demands anywhere, and
        # looked the post up each time.
        .join(
            _M,
            and_(
                *(_M.c.county == _C.c.county, _M.c.alert == _C.c.alert + (_D.c.post - _C.c.post)),
                *(_M.c.area == _D.c.area, _M.c.role == _D.c.role),
            ),
        )
        .where(_C.c.round == 0)
    )
    make = lite if dialect == "sqlite" else postgres
    return make(_F).from_select(list(_NEW), chosen).on_conflict_do_nothing().returning(*told(_F))


@cache
def supersede_older(dialect: str) -> Update:
    """Duties of the given (county, post, kind) that the post owes for a newer alert of the episode as well."""
    newer, theirs, mine = _F.alias("newer"), schema.alert.alias("theirs"), schema.alert.alias("mine")
    v = row_source(dialect, _F.c.county, _F.c.post, _F.c.kind)
    same = and_(*[newer.c[name] == _F.c[name] for name in ("county", "post", "kind", "episode")])
    later = or_(theirs.c.sent > mine.c.sent, and_(theirs.c.sent == mine.c.sent, newer.c.alert > _F.c.alert))
    taken_over = (
        select(newer.c.alert)
        .join(theirs, theirs.c.id == newer.c.alert)
        .join(mine, mine.c.id == _F.c.alert)
        .where(same, later)
        .correlate(_F)
        .exists()
    )
    return changed(_F, state=FeedbackState.SUPERSEDED.value, next_at=None).where(
        _F.c.county == v.c.county,
        _F.c.post == v.c.post,
        _F.c.kind == v.c.kind,
        one_of(_F.c.state, *OWED),
        taken_over,
    )


@cache
def select_owed(dialect: str) -> Select[Any]:
    """The duties given as (county, alert, post, kind)."""
    key = tuple(_F.primary_key.columns)
    v = row_source(dialect, *key)
    mine = and_(*[c == v.c[c.name] for c in key])
    return select(_F).select_from(v).join(_F, mine).order_by(*key).with_for_update(of=_F)


@cache
def select_answerers(dialect: str) -> Select[Any]:
    """The number from which each given (county, alert, post) was answered, the newest answer last."""
    g, t = schema.answer, schema.attempt
    v = row_source(dialect, g.c.county, g.c.alert, g.c.post)
    here = and_(g.c.county == v.c.county, g.c.alert == v.c.alert, g.c.post == v.c.post, g.c.round == 0)
    return (
        select(g.c.county, g.c.alert, g.c.post, t.c.number, t.c.responder)
        .select_from(v)
        .join(g, here)
        .join(t, and_(t.c.county == g.c.county, t.c.id == g.c.attempt))
        .where(one_of(g.c.grade, "acknowledged", "proxy"))
        .order_by(g.c.at, g.c.ref)
    )
