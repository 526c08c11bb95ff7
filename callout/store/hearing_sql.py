"""The statements of the acknowledge stage, built once."""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    null,
    select,
)

from callout.domain.answer import answer_code
from callout.domain.attempt import AttemptState
from callout.domain.callout import LIVE
from callout.domain.ladder import ChannelKind
from callout.store import schema
from callout.store.batch import row_source
from callout.store.schema import CALLOUT_KEY
from callout.store.schema.columns import at_most, one_of
from callout.store.transaction import changed

_T, _C, _A, _LINK = schema.attempt, schema.callout, schema.alert, schema.attempt_callout
_X, _N, _I = schema.personal, schema.number, schema.inbound
_LINKED = and_(*[_C.c[n] == _LINK.c[n] for n in CALLOUT_KEY])
_OF_ATTEMPT = and_(_LINK.c.county == _T.c.county, _LINK.c.attempt == _T.c.id)
_LEFT_THE_HOUSE = one_of(_T.c.state, AttemptState.SUBMITTING, AttemptState.SENT, AttemptState.UNKNOWN)
_TOLD = tuple(
    _T.c[name]
    for name in (
        *("county", "id", "alert", "channel", "number", "state", "rev", "claimed_at", "submitted_at"),
        *("provider", "provider_ref", "receipt", "receipt_at", "picked_up_at", "ended_at", "heard_s", "recording"),
    )
)
"""What a receipt is compared with."""
_MAY_RING = (_T.c.channel == ChannelKind.VOICE.value, _T.c.receipt == "", _T.c.hang_up == literal_column("0"))
"""A call of which nobody has told how it ended."""

SELECT_PENDING = (
    select(_I, _X.c.value.label("text"))
    .outerjoin(_X, _X.c.commitment == _I.c.body)
    .where(schema.inbound_pending)
    .order_by(_I.c.came_at, _I.c.event)
    .limit(at_most("limit"))
    .with_for_update(skip_locked=True, of=_I)
)
SELECT_CALLOUT = select(_C).where(*[c == bindparam(c.name, type_=c.type) for c in _C.primary_key.columns])
_WAITS = select(_I.c.event).where(schema.inbound_pending).limit(literal_column("1")).subquery()
WAITS = None
"""Stands among known events where one lies there that nobody has looked at: no event is called so."""


@cache
def select_known(dialect: str) -> CompoundSelect[Any]:
    """Provider event ids, of those given, that are on record; and WAITS, where any event waits."""
    v = row_source(dialect, _I.c.event)
    known = select(_I.c.event).select_from(v).join(_I, _I.c.event == v.c.event)
    return known.union_all(select(null().label("event")).select_from(_WAITS))


@cache
def select_numbers(dialect: str) -> Select[Any]:
    """Ids of the numbers given as E.164."""
    v = row_source(dialect, _X.c.value)
    known = and_(_X.c.kind == "number", _X.c.value == v.c.value)
    return select(_X.c.value, _N.c.id).select_from(v).join(_X, known).join(_N, _N.c.commitment == _X.c.commitment)


@cache
def select_attempts(dialect: str) -> Select[Any]:
    """The attempts given as (county, id)."""
    v = row_source(dialect, _T.c.county, _T.c.id)
    return select(*_TOLD).select_from(v).join(_T, and_(_T.c.county == v.c.county, _T.c.id == v.c.id))


@cache
def select_by_ref(dialect: str) -> Select[Any]:
    """The attempts given as (provider, the provider's own id)."""
    v = row_source(dialect, _T.c.provider, _T.c.provider_ref)
    same = and_(_T.c.provider == v.c.provider, _T.c.provider_ref == v.c.provider_ref, schema.attempt_with_ref)
    return select(_T.c.provider, _T.c.provider_ref, _T.c.id).select_from(v).join(_T, same)


@cache
def select_recent_texts(dialect: str) -> Select[Any]:
    """The texts that may have gone to these numbers, of late."""
    v = row_source(dialect, _T.c.number)
    mine = and_(_T.c.number == v.c.number, _T.c.claimed_at > bindparam("since", type_=BigInteger))
    texts = and_(_T.c.channel == ChannelKind.SMS.value, _LEFT_THE_HOUSE)
    return select(_T.c.number, _T.c.id).select_from(v).join(_T, mine).where(texts)


@cache
def select_unmatched(dialect: str) -> Select[Any]:
    """Events that wait for one of the ids given as (provider, ref)."""
    v = row_source(dialect, _I.c.provider, _I.c.ref)
    same = and_(_I.c.provider == v.c.provider, _I.c.ref == v.c.ref, schema.inbound_unmatched)
    return select(_I.c.event, _I.c.rev, _I.c.state, _I.c.provider, _I.c.ref).select_from(v).join(_I, same)


@cache
def select_spoken(dialect: str, by: str) -> Select[Any]:
    """Callouts by the attempts that spoke of them: recent ones to a number, or the one with this id."""
    if by == "number":
        v = row_source(dialect, _T.c.number)
        mine = and_(_T.c.number == v.c.number, _T.c.claimed_at > bindparam("since", type_=BigInteger))
    else:
        v = row_source(dialect, _T.c.county, _T.c.id)
        mine = and_(_T.c.county == v.c.county, _T.c.id == v.c.id)
    return (
        select(
            _T.c.number,
            _T.c.id.label("attempt_id"),
            _T.c.target,
            _T.c.shared,
            _T.c.submitted_at,
            _T.c.alert.label("spoke"),
            func.coalesce(_A.c.code, answer_code(0)).label("code"),
            _C,
        )
        .select_from(v)
        .join(_T, mine)
        .join(_LINK, _OF_ATTEMPT)
        .join(_C, _LINKED)
        .outerjoin(_A, _A.c.id == _T.c.alert)
        .where(_LEFT_THE_HOUSE, _T.c.notice == "")
        .order_by(_T.c.submitted_at, _T.c.id, _C.c.post)
    )


@cache
def end_calls(dialect: str) -> Update:
    """Calls that still ring though nobody behind them waits any more; the call that gave the answer ends by itself."""
    v = row_source(dialect, *[_LINK.c[n] for n in CALLOUT_KEY], _LINK.c.attempt)
    other, one = _LINK.alias("other"), _C.alias("one")
    behind = (
        select(_LINK.c.county, _LINK.c.attempt)
        .distinct()
        .select_from(v)
        .join(_LINK, and_(*[_LINK.c[n] == v.c[n] for n in CALLOUT_KEY], _LINK.c.attempt != v.c.attempt))
    ).subquery("behind")
    live = (
        select(one.c.post)
        .select_from(other)
        .join(one, and_(*[one.c[n] == other.c[n] for n in CALLOUT_KEY]))
        .where(other.c.county == _T.c.county, other.c.attempt == _T.c.id, one_of(one.c.state, *LIVE))
        .exists()
    )
    return changed(_T, hang_up=1).where(
        _T.c.county == behind.c.county,
        _T.c.id == behind.c.attempt,
        *_MAY_RING,
        _LEFT_THE_HOUSE,
        ~live,
    )


@cache
def select_others(dialect: str) -> Select[Any]:
    """The attempts that spoke of the callouts given by key, beside the one that is named with each."""
    d, k, v = schema.duty, schema.county, row_source(dialect, *[_LINK.c[n] for n in CALLOUT_KEY], _LINK.c.attempt)
    return (
        select(_LINK.c.county, _LINK.c.alert, _LINK.c.post, _T.c.number, _T.c.responder, _T.c.target, d.c.title)
        .add_columns(_LEFT_THE_HOUSE.label("gone"), and_(*_MAY_RING).label("rings"))
        .select_from(v)
        .join(_LINK, and_(*[_LINK.c[n] == v.c[n] for n in CALLOUT_KEY], _LINK.c.attempt != v.c.attempt))
        .join(_T, _OF_ATTEMPT)
        .join(k, k.c.county == _T.c.county)
        .outerjoin(d, and_(d.c.county == k.c.county, d.c.roster == k.c.roster, d.c.post == _LINK.c.post))
    )
