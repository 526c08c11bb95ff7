"""The statements of the sender, built once."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.callout import DRILL_LANES, CalloutState, lane_of
from callout.domain.level import Level
from callout.domain.meaning import NoticeKind
from callout.store import schema
from callout.store.batch import beside_index, fenced, row_source
from callout.store.people import in_force
from callout.store.schema import CALLOUT_KEY
from callout.store.schema.columns import at_most, one_of

_C, _T, _O, _LINK, _D = schema.callout, schema.attempt, schema.notice, schema.attempt_callout, schema.duty
_N, _X = schema.number, schema.personal
_NOW = bindparam("now", type_=BigInteger)
_LIMIT = at_most("limit")
_STATE = bindparam("state", type_=String)
_LINKED = and_(*[_C.c[n] == _LINK.c[n] for n in CALLOUT_KEY])

_LANES: ColumnElement[Any] = literal_column(f"({', '.join(str(lane) for lane in range(2 * DRILL_LANES))})")
"""Every lane: written out, so that each is entered by its time in the index and what is not due is never walked."""

_NOT_READ = frozenset({"episode", "rules", "opened_at", "answered_at", "grade", "late", "carried_by"})
_LADDER = tuple(c for c in _C.c if c.name not in _NOT_READ)
"""What a ladder goes on by: see `steps.callouts`."""

SELECT_DUE = (
    select(*_LADDER)
    .where(_C.c.state == _STATE, _C.c.next_at <= _NOW, _C.c.lane.op("IN")(_LANES))
    .order_by(_C.c.lane, _C.c.next_at, _C.c.county, _C.c.alert, _C.c.post)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)


def _due_to_call(lane: int) -> ColumnElement[bool]:
    at: ColumnElement[int] = literal_column(str(lane))
    here = _C.c.lane >= at if lane == DRILL_LANES else _C.c.lane == at
    return and_(_C.c.state == literal_column(f"'{CalloutState.TO_CALL.value}'"), here, _C.c.next_at <= _NOW)


def _to_call(lane: int) -> Iterator[Select[Any]]:
    """Whoever has not been called at all before whoever is called again."""
    first, again = _C.c.step == literal_column("0"), _C.c.step > literal_column("0")
    by_time = (_C.c.next_at, _C.c.county, _C.c.alert, _C.c.post)
    chosen = select(*_LADDER).where(_due_to_call(lane)).limit(_LIMIT).with_for_update(skip_locked=True)
    if lane == DRILL_LANES:
        yield chosen.order_by(_C.c.lane, _C.c.step, *by_time)
    else:
        yield from (chosen.where(these).order_by(*by_time) for these in (first, again))


_BY_URGENCY = (*sorted(map(lane_of, Level)), DRILL_LANES)
"""A drill's lanes are looked at together, where no real call is left."""
SELECT_LANES_DUE = select(
    *[select(func.min(_C.c.next_at)).where(_due_to_call(lane)).label(f"lane_{lane}") for lane in _BY_URGENCY]
)
"""When the first who is due in each lane became so; NULL where nobody is. PostgreSQL would walk the whole table for an
EXISTS where it knows that many are due."""
SELECT_TO_CALL = tuple(tuple((lane, statement) for statement in _to_call(lane)) for lane in _BY_URGENCY)
"""By lane: (lane, whom to call next there)."""
SELECT_NOTICES = (
    select(_O)
    .where(schema.notice_to_send, _O.c.next_at <= _NOW, _O.c.channel == bindparam("kind", type_=String))
    .order_by(_O.c.next_at, _O.c.id)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
SELECT_DEAD = select(_T).where(schema.attempt_open, _T.c.lease <= _NOW).with_for_update(skip_locked=True)
SELECT_RINGING = select(_T.c.county, _T.c.id, _T.c.rev, _T.c.provider, _T.c.provider_ref).where(
    schema.attempt_to_hang_up
)
OWNED = _T.c.owner == bindparam("worker", type_=String)
_UNANSWERED = (
    select(_C.c.post)
    .where(
        _C.c.county == _O.c.county,
        _C.c.alert == _O.c.alert,
        _C.c.post == _O.c.post,
        _C.c.round == 0,
        one_of(_C.c.state, CalloutState.TO_CALL, CalloutState.WAITING, CalloutState.EXHAUSTED),
    )
    .correlate(_O)
    .exists()
)
_OVER = or_(_O.c.expires_at <= _NOW, and_(_O.c.kind == NoticeKind.LATER.value, ~_UNANSWERED))
_VOID = select(_O.c.id).where(_O.c.county == _T.c.county, _O.c.id == _T.c.notice, _OVER).exists()
"""A notice about a warning that has ended, has been lifted, or (LATER) was answered since it was queued."""
_SPEAKS = or_(
    beside_index(_C.c.state) == CalloutState.WAITING.value,
    and_(beside_index(_C.c.state) == CalloutState.TO_CALL.value, _T.c.instead != literal_column("''")),
)
"""The callout waits on its attempt, or is held while that speaks by the other channel beside it."""
STILL_WANTED = OWNED & or_(
    and_(_T.c.notice != "", ~_VOID),
    select(_LINK.c.post)
    .join(_C, _LINKED)
    .where(
        _LINK.c.county == _T.c.county,
        _LINK.c.attempt == _T.c.id,
        _SPEAKS,
        _C.c.attempt == _T.c.id,
        or_(_C.c.expires_at.is_(None), _C.c.expires_at > _NOW),
    )
    .exists(),
)
"""Somebody still waits for this attempt: no answer, no expiry, no newer alert has come since it was claimed."""
SELECT_STILL_WANTED = select(_T.c.id).where(
    _T.c.county == bindparam("county", type_=String),
    _T.c.id == bindparam("id", type_=String),
    _T.c.state == AttemptState.SUBMITTING.value,
    STILL_WANTED,
)


SELECT_DOUBTFUL = (
    select(_T.c.id, _T.c.provider, _T.c.submitted_at, _X.c.value.label("e164"))
    .join(_N, _N.c.id == _T.c.number)
    .join(_X, _X.c.commitment == _N.c.commitment)
    .where(
        schema.attempt_unknown,
        _T.c.submitted_at > bindparam("since", type_=BigInteger),
        _T.c.provider.in_(bindparam("providers", expanding=True)),
        _X.c.value.is_not(None),
    )
    .order_by(_T.c.submitted_at.desc())
    .limit(_LIMIT)
)


_LEFT = _T.c.state.not_in([AttemptState.WITHDRAWN.value, AttemptState.REFUSED.value])
"""Not provably never left."""


@cache
def select_said(dialect: str) -> Select[Any]:
    """What the callouts given by their keys have said, and to which numbers."""
    v = row_source(dialect, *[_LINK.c[n] for n in CALLOUT_KEY])
    own = and_(*[_LINK.c[n] == v.c[n] for n in CALLOUT_KEY])
    of_link = and_(_T.c.county == _LINK.c.county, _T.c.id == _LINK.c.attempt)
    return select(v, _T.c.number, _T.c.channel).select_from(v).join(_LINK, own).join(_T, of_link).where(_LEFT)


@cache
def select_filtered(dialect: str) -> Select[Any]:
    """The attempts to the given numbers whose words were filtered."""
    v = row_source(dialect, _T.c.number)
    filtered = _T.c.receipt == ReceiptKind.FILTERED.value
    same = _T.c.number == v.c.number
    return select(_T.c.number, _T.c.alert, _T.c.provider).select_from(v).join(_T, same).where(filtered)


@cache
def select_recent(dialect: str) -> Select[Any]:
    """What was handed over to the given numbers since a time; what provably never left does not count."""
    v = row_source(dialect, _T.c.number)
    return (
        select(_T.c.county, _T.c.number, _T.c.channel, _T.c.provider, _T.c.claimed_at)
        .select_from(v)
        .join(_T, _T.c.number == v.c.number)
        .where(_T.c.claimed_at > bindparam("since", type_=BigInteger), _LEFT)
    )


@cache
def select_under(dialect: str) -> Select[Any]:
    """Callouts of the alert and the posts under the superior in the given (county, alert, superior post) triples, by
    state and time, without those that surely call the person on the post: parameter `own` gives the (ladder, step,
    number) that do, and so many of the person's numbers certainly take whatever is sent.

    Post by post, never by what is due: that may be a whole county's callouts.
    """
    u = _under(dialect)
    own = row_source(dialect, _C.c.ladder, _C.c.step, _T.c.number, name="own")
    of_step = and_(own.c.ladder == _C.c.ladder, own.c.step == _C.c.step + bindparam("ahead", type_=BigInteger))
    here = (*(_C.c[name] == u.c[name] for name in ("county", "alert", "post")), _C.c.round == 0)
    return (
        select(*_LADDER)
        .select_from(u)
        .join(_C, and_(*here))
        .outerjoin(own, of_step)
        .where(beside_index(_C.c.state) == _STATE, _C.c.next_at <= bindparam("until", type_=BigInteger))
        .where(or_(_C.c.ahead != 0, own.c.number.is_(None), _sure(u) < own.c.number))
        .order_by(_C.c.lane, _C.c.next_at, _C.c.post)
        .with_for_update(skip_locked=True, of=_C)
    )


def _under(dialect: str) -> Subquery:
    """The posts under the given superiors, each with the alert and with who is on it now."""
    k, s, v = schema.county, schema.shift, row_source(dialect, _C.c.county, _C.c.alert, _D.c.superior)
    on_shift = and_(
        *(s.c.county == _D.c.county, s.c.roster == _D.c.roster, s.c.post == _D.c.post),
        *(s.c.begins <= _NOW, s.c.ends > _NOW),
    )
    on_post = func.coalesce(s.c.responder, _D.c.holder).label("on_post")
    posts = (
        select(v.c.county, v.c.alert, _D.c.roster, _D.c.post, on_post)
        .select_from(v)
        .join(k, k.c.county == v.c.county)
        .join(_D, and_(_D.c.county == k.c.county, _D.c.roster == k.c.roster, _D.c.superior == v.c.superior))
        .outerjoin(s, on_shift)
    )
    return fenced(dialect, posts).subquery("under")


@cache
def select_ladders_of(dialect: str) -> Select[Any]:
    """The ladders by which the alerts of the given (county, alert, superior post) triples call."""
    m = schema.rule_match
    v = row_source(dialect, _C.c.county, _C.c.alert, _D.c.superior)
    return select(m.c.ladder).distinct().select_from(v).join(m, and_(m.c.county == v.c.county, m.c.alert == v.c.alert))


@cache
def select_above(dialect: str) -> Select[Any]:
    """Of the given (county, alert, post): every alert of the episode with the superior post, by the roster in force."""
    v = row_source(dialect, _C.c.county, _C.c.alert, _C.c.post)
    one, each = schema.alert_county, schema.alert_county.alias("of_episode")
    return (
        select(v.c.county, each.c.alert, _D.c.superior)
        .select_from(v)
        .join(one, and_(one.c.county == v.c.county, one.c.alert == v.c.alert))
        .join(each, and_(each.c.county == one.c.county, each.c.episode == one.c.episode))
        .join(_D, and_(_D.c.county == v.c.county, _D.c.roster == in_force(v.c.county), _D.c.post == v.c.post))
        .where(_D.c.superior.is_not(None))
        .distinct()
    )


def _sure(u: Subquery) -> ColumnElement[Any]:
    """How many numbers of the person on the post certainly take whatever is sent; 0 where one of them may not."""
    c = schema.contact
    doubtful = or_(_N.c.dead == 1, _N.c.opted_out == 1, _N.c.textless == 1, schema.contact_landline)
    none_doubtful = 1 - func.coalesce(func.max(case((doubtful, 1), else_=0)), 0)
    return (
        select(func.count() * none_doubtful)
        .select_from(c)
        .join(_N, _N.c.id == c.c.number)
        .where(c.c.county == u.c.county, c.c.roster == u.c.roster, c.c.responder == u.c.on_post)
        .correlate(u)
        .scalar_subquery()
    )


@cache
def select_waiting_on(dialect: str) -> Select[Any]:
    """The callouts in a state whose last attempt is among those given as (county, attempt)."""
    v = row_source(dialect, _LINK.c.county, _LINK.c.attempt)
    mine = and_(_LINK.c.county == v.c.county, _LINK.c.attempt == v.c.attempt)
    return (
        select(*_LADDER)
        .select_from(v)
        .join(_LINK, mine)
        .join(_C, and_(_LINKED, _C.c.attempt == _LINK.c.attempt))
        .where(beside_index(_C.c.state) == _STATE)
    )


@cache
def select_submitting(dialect: str) -> Select[Any]:
    """Those of the attempts given as (county, id) that are being submitted, with their revision now."""
    v = row_source(dialect, _T.c.county, _T.c.id)
    same = and_(_T.c.county == v.c.county, _T.c.id == v.c.id)
    submitting = _T.c.state == AttemptState.SUBMITTING.value
    return select(_T.c.county, _T.c.id, _T.c.rev).select_from(v).join(_T, same).where(submitting).with_for_update(of=_T)
