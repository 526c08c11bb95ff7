"""The statements that renew and lift what earlier messages opened, built once per dialect."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    String,
    Subquery,
    Update,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
)

from callout.domain.answer import EFFECTS
from callout.domain.attempt import AttemptState
from callout.domain.callout import LIVE, UNANSWERED, CalloutState
from callout.domain.episode import RENEWS, Turn
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import NoticeKind
from callout.store import schema
from callout.store.batch import fenced, row_source
from callout.store.notices import takes_no_texts
from callout.store.planning_sql import (
    AFTER,
    ALERT,
    COUNTY,
    EPISODE,
    LAST,
    NOW,
    moves_source,
    newer_source,
    older_source,
    select_own,
)
from callout.store.schema import CALLOUT_KEY
from callout.store.schema.columns import one_of
from callout.store.transaction import AUDIT_COLUMNS, ENGINE, changed

_C, _D, _AC, _O = schema.callout, schema.duty, schema.alert_county, schema.notice
_T, _LINK, _N, _K, _G = schema.attempt, schema.attempt_callout, schema.number, schema.contact, schema.answer
_ANSWERS = [grade.value for grade, effect in EFFECTS.items() if effect.stops_post]
_HERE = and_(_C.c.county == COUNTY, _C.c.post > AFTER, _C.c.post <= LAST, _C.c.round == 0)
_LIVE = one_of(_C.c.state, *LIVE)


def _where(row: Any, alert: ColumnElement[Any], post: ColumnElement[Any]) -> ColumnElement[bool]:
    """`row` (of duty) is the post by the roster that its alert was matched to."""
    return and_(row.c.county == COUNTY, _AC.c.county == COUNTY, _AC.c.alert == alert, row.c.roster == _AC.c.roster,
                row.c.post == post)  # fmt: skip


@cache
def lifts_source(dialect: str) -> Subquery:
    """What is lifted: area, the alert that stood there, lane of the level that has ended; parameter `lifts`."""
    return row_source(dialect, _D.c.area, _C.c.alert, _C.c.lane, name="lifts")


@cache
def supersede(dialect: str) -> Update:
    """Older callouts of the episode are closed for the posts called anew."""
    o, anew = older_source(dialect), _C.alias("newer")
    called = (
        *(anew.c.county == COUNTY, anew.c.alert == ALERT, anew.c.post > AFTER, anew.c.post <= LAST),
        *(anew.c.round == 0, anew.c.state == CalloutState.TO_CALL.value),
    )
    each = select(o.c.alert, anew.c.post).select_from(o).join(anew, and_(*called))
    old = fenced(dialect, each).subquery("old")
    closed = changed(_C, state=CalloutState.SUPERSEDED, next_at=None)
    return closed.where(_HERE, _C.c.alert == old.c.alert, _C.c.post == old.c.post, one_of(_C.c.state, *UNANSWERED))


@cache
def renew(dialect: str) -> Update:
    """Ladders that run go on with the new words, level and end."""
    m, o = moves_source(dialect), older_source(dialect)
    says = case((m.c.says == 0, ALERT), else_=m.c.says)
    renewed = changed(_C, says=says, lane=m.c.lane, expires_at=m.c.expires_at)
    return renewed.where(
        _HERE, _C.c.alert == o.c.alert, _C.c.carried_by == 0, _LIVE,
        _where(_D, _C.c.alert, _C.c.post), m.c.area == _D.c.area, m.c.kind.in_([turn.value for turn in RENEWS]),
    )  # fmt: skip


@cache
def carry(dialect: str) -> Update:
    """A red that came late takes over what newer messages opened for the same posts."""
    m, w, mine = moves_source(dialect), newer_source(dialect), _C.alias("mine")
    same = and_(mine.c.county == COUNTY, mine.c.alert == ALERT, mine.c.post == _C.c.post, mine.c.round == 0)
    opened = select(mine.c.post).where(same, mine.c.state == CalloutState.TO_CALL.value).exists()
    taken = changed(_C, state=CalloutState.CONTINUED, next_at=None, carried_by=ALERT)
    running = one_of(_C.c.state, *LIVE, CalloutState.CONTINUED)
    return taken.where(
        _HERE, _C.c.alert == w.c.alert, running, opened,
        _where(_D, _C.c.alert, _C.c.post), m.c.area == _D.c.area, m.c.kind == Turn.LATE_RED.value,
    )  # fmt: skip


@cache
def lift(dialect: str) -> Update:
    """Ladders that run where the warning has ended come to their end."""
    f = lifts_source(dialect)
    lifted = changed(_C, state=CalloutState.LIFTED, next_at=None)
    return lifted.where(_HERE, _C.c.alert == f.c.alert, _LIVE, _where(_D, _C.c.alert, _C.c.post), f.c.area == _D.c.area)


@cache
def end_calls_lifted(dialect: str) -> Update:
    """Calls that may still ring though everybody behind them was told of an ended warning."""
    f, other, one = lifts_source(dialect), _LINK.alias("other"), _C.alias("one")
    behind = (
        select(_LINK.c.attempt)
        .distinct()
        .select_from(f)
        .join(_C, and_(_HERE, _C.c.alert == f.c.alert, _C.c.state == CalloutState.LIFTED.value))
        .join(_LINK, and_(*[_LINK.c[n] == _C.c[n] for n in CALLOUT_KEY]))
    ).subquery("behind")
    live = (
        select(one.c.post)
        .select_from(other)
        .join(one, and_(*[one.c[n] == other.c[n] for n in CALLOUT_KEY]))
        .where(other.c.county == _T.c.county, other.c.attempt == _T.c.id, one_of(one.c.state, *LIVE))
        .exists()
    )
    left = one_of(_T.c.state, AttemptState.SUBMITTING, AttemptState.SENT, AttemptState.UNKNOWN)
    return changed(_T, hang_up=1).where(
        _T.c.county == COUNTY, _T.c.id == behind.c.attempt, _T.c.channel == ChannelKind.VOICE.value,
        _T.c.receipt == "", _T.c.hang_up == literal_column("0"), left, ~live,
    )  # fmt: skip


@cache
def void_notices(dialect: str) -> Update:
    """What is still to be said about a warning that has ended is not said any more."""
    ended = select(lifts_source(dialect).c.alert)
    return changed(_O, expires_at=NOW).where(
        schema.notice_to_send, _O.c.county == COUNTY, _O.c.alert.in_(ended), _O.c.kind == NoticeKind.RENEWED.value
    )


@cache
def tell_renewed(dialect: str) -> Insert:
    """One notice to whoever has answered, on the number that the answer came from."""
    own, m = select_own(dialect), moves_source(dialect)
    answered = (
        select(
            _answering(own, _T.c.number, _first_number(own)).label("number"),
            _answering(own, _T.c.responder, func.coalesce(_D.c.holder, 0)).label("responder"),
            own.c.post,
            m.c.lane,
            m.c.kind,
            m.c.expires_at,
        )
        .select_from(own)
        .join(_AC, and_(_AC.c.county == COUNTY, _AC.c.alert == own.c.alert))
        .join(_D, and_(_D.c.county == COUNTY, _D.c.roster == _AC.c.roster, _D.c.post == own.c.post))
        .join(m, m.c.area == _D.c.area)
        .where(own.c.state == CalloutState.ANSWERED.value, m.c.kind.in_([turn.value for turn in RENEWS]))
    ).subquery("answered")
    lane, turn = cast(func.min(answered.c.lane), String), func.min(answered.c.kind)
    detail = literal('{"lane": ') + lane + literal(', "turn": "') + turn + literal('"}')
    return _notices(NoticeKind.RENEWED, _by_number(answered, detail, func.max(answered.c.expires_at)))


def _answering(own: Subquery, wanted: ColumnElement[Any], otherwise: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the attempt that the callout was answered by."""
    same = and_(*[_G.c[name] == own.c[name] for name in CALLOUT_KEY])
    of_attempt = and_(_T.c.county == _G.c.county, _T.c.id == _G.c.attempt)
    newest = (
        select(wanted)
        .select_from(_G.join(_T, of_attempt))
        .where(same, _G.c.grade.in_(_ANSWERS))
        .order_by(_G.c.at.desc(), _T.c.id)
        .limit(1)
        .correlate(own)
        .scalar_subquery()
    )
    return func.coalesce(newest, otherwise)


def _first_number(own: Subquery) -> ColumnElement[Any]:
    """The holder's first number, for answers that came face to face or by another phone."""
    alive = and_(_N.c.id == _K.c.number, _N.c.dead == 0)
    return (
        select(_K.c.number)
        .select_from(_K.join(_N, alive))
        .where(_K.c.county == own.c.county, _K.c.roster == _D.c.roster, _K.c.responder == _D.c.holder)
        .order_by(_K.c.ord)
        .limit(1)
        .correlate(own, _D)
        .scalar_subquery()
    )


@cache
def tell_all_clear(dialect: str) -> Insert:
    """One notice to every number that was or may have been called about what has ended."""
    f = lifts_source(dialect)
    linked = and_(_LINK.c.county == COUNTY, _LINK.c.alert == f.c.alert, _LINK.c.post > AFTER, _LINK.c.post <= LAST,
                  _LINK.c.round == 0)  # fmt: skip
    never = [AttemptState.REFUSED.value, AttemptState.WITHDRAWN.value]
    called = (
        select(_T.c.number, _T.c.responder, _LINK.c.post, f.c.lane, literal("").label("kind"))
        .select_from(f)
        .join(_LINK, linked)
        .join(_T, and_(_T.c.county == COUNTY, _T.c.id == _LINK.c.attempt))
        .join(_AC, and_(_AC.c.county == COUNTY, _AC.c.alert == _LINK.c.alert))
        .join(_D, and_(_D.c.county == COUNTY, _D.c.roster == _AC.c.roster, _D.c.post == _LINK.c.post))
        .where(_D.c.area == f.c.area, _T.c.state.not_in(never), ~_told_since())
    ).subquery("called")
    detail = literal('{"lane": ') + cast(func.min(called.c.lane), String) + literal("}")
    return _notices(NoticeKind.ALL_CLEAR, _by_number(called, detail, cast(null(), _O.c.expires_at.type)))


def _told_since() -> ColumnElement[bool]:
    """Another message of the episode has sent this number an all-clear after the attempt: once is enough."""
    before, of = _O.alias("before"), _AC.alias("of")
    name = literal(f"{NoticeKind.ALL_CLEAR}:") + cast(of.c.alert, String) + literal(":") + cast(_T.c.number, String)
    return (
        select(before.c.id)
        .select_from(of)
        .join(before, and_(before.c.county == COUNTY, before.c.id == name))
        .where(of.c.county == COUNTY, of.c.episode == EPISODE, before.c.next_at >= _T.c.claimed_at)
        .correlate(_T)
        .exists()
    )


def _by_number(people: Subquery, detail: ColumnElement[Any], ends: ColumnElement[Any]) -> Subquery:
    """One row per number; whoever has several posts is told of the highest level."""
    return (
        select(
            people.c.number,
            func.min(people.c.responder).label("responder"),
            func.min(people.c.post).label("post"),
            detail.label("detail"),
            ends.label("expires_at"),
        )
        .where(people.c.number.is_not(None))
        .group_by(people.c.number)
    ).subquery("people")


def _notices(kind: NoticeKind, people: Subquery) -> Insert:
    """One notice to each of these numbers, unless it has one about this alert already."""
    name = literal(f"{kind}:") + cast(ALERT, String) + literal(":") + cast(people.c.number, String)
    told = _O.alias("told")
    new: Mapping[str, ColumnElement[Any]] = {
        "county": COUNTY,
        "id": name,
        "alert": ALERT,
        "kind": literal(kind.value),
        "number": people.c.number,
        "responder": people.c.responder,
        "detail": people.c.detail,
        "state": literal("to_send"),
        "next_at": NOW,
        "channel": case((takes_no_texts(people.c.number), ChannelKind.VOICE.value), else_=ChannelKind.SMS.value),
        "post": people.c.post,
        "expires_at": people.c.expires_at,
    }
    fresh = ~select(told.c.id).where(told.c.county == COUNTY, told.c.id == name).exists()
    return schema.notice.insert().from_select(list(new), select(*new.values()).select_from(people).where(fresh))


_ENTRY: Mapping[str, Any] = {
    "county": _O.c.county,
    "at": NOW,
    "event": literal("notice.queued"),
    "alert": _O.c.alert,
    "post": literal(0),
    "attempt": literal(""),
    "ref": _O.c.id,
    "before": literal(""),
    "after": _O.c.state,
    "actor": literal(ENGINE),
    "commitment": literal(""),
    "detail": _O.c.detail,
}


@cache
def told(kind: NoticeKind) -> Select[Any]:
    """The entries of the notices just queued: those about the posts of this chunk."""
    here = and_(_O.c.county == COUNTY, _O.c.alert == ALERT, _O.c.post > AFTER, _O.c.post <= LAST)
    return select(*[_ENTRY[name] for name in AUDIT_COLUMNS]).where(here, _O.c.kind == kind.value).order_by(_O.c.id)
