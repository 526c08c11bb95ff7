"""The statements that open callouts, built once per dialect."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Insert,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.types import String

from callout.domain.callout import CalloutState
from callout.domain.episode import RECEPTION, REGARDLESS, Turn
from callout.store import schema
from callout.store.batch import fenced, row_source
from callout.store.schema.columns import one_of
from callout.store.transaction import AUDIT_COLUMNS, ENGINE

Parameter = str | int | BindParameter[Any]


def select_due(matched: FromClause, county: Parameter, roster: Parameter) -> Select[Any]:
    """Who must be called: `matched` (area, role, ladder, rules: at most one row per area and role) joined to duty.

    Plan inserts it for the matches on record, explain prints it for matches that nobody has written down.
    """
    d, m = schema.duty, matched
    return (
        select(d.c.post, d.c.unusable, d.c.holder_name, m.c.ladder, m.c.rules, d.c.area)
        .join(m, and_(m.c.area == d.c.area, m.c.role == d.c.role))
        .where(d.c.county == county, d.c.roster == roster)
    )


_C, _D, _M, _AC, _O = schema.callout, schema.duty, schema.rule_match, schema.alert_county, schema.notice
COUNTY, _ROSTER = bindparam("of_county", type_=String), bindparam("of_roster", type_=String)
ALERT, AFTER, LAST, NOW = [bindparam(name, type_=BigInteger) for name in ("of_alert", "from_post", "to_post", "now")]
EPISODE = bindparam("of_episode", type_=BigInteger)

_AHEAD = select_due(_M, COUNTY, _ROSTER).where(_M.c.county == COUNTY, _M.c.alert == ALERT, _D.c.post > AFTER)
_DUE = _AHEAD.where(_D.c.post <= LAST).subquery("due")
_OPENED_HERE = and_(_C.c.county == COUNTY, _C.c.alert == ALERT, _C.c.post > AFTER, _C.c.post <= LAST, _C.c.round == 0)
_VACANT = and_(_D.c.county == COUNTY, _D.c.roster == _ROSTER, schema.duty_unusable)
GAPS = (
    select(_D.c.post, _D.c.unusable)
    .join(_C, and_(_OPENED_HERE, _C.c.post == _D.c.post))
    .where(_VACANT, _D.c.post > AFTER, _D.c.post <= LAST, _C.c.state == CalloutState.TO_CALL.value)
)
"""Whoever is called anew and cannot be reached; for all others the older callout has its item.

The match is not asked again: with it PostgreSQL, once it had counted the storm's callouts, took four seconds a chunk.
"""


@cache
def moves_source(dialect: str) -> Subquery:
    """Per area: the turn, the level's lane, whose words hold (0 = its own) and until when; parameter `moves`."""
    columns = _D.c.area, _O.c.kind, _C.c.lane, _C.c.says, _C.c.expires_at
    return row_source(dialect, *columns, name="moves")


@dataclass(frozen=True, slots=True)
class _Move:
    """What the message does where a post is: columns of `moves_source`, or parameters if it is the same everywhere."""

    kind: ColumnElement[Any]
    lane: ColumnElement[Any]
    says: ColumnElement[Any]
    expires_at: ColumnElement[Any]


_EVERYWHERE = _Move(
    bindparam("turn", type_=String),
    *[bindparam(name, type_=BigInteger) for name in ("of_lane", "words_of", "until")],
)


def _move_of(dialect: str, everywhere: bool) -> tuple[_Move, FromClause]:
    """The move and the due posts that it is for; reading the JSON for every post would double the time of a storm."""
    if everywhere:
        return _EVERYWHERE, _DUE
    m = moves_source(dialect)
    return _Move(m.c.kind, m.c.lane, m.c.says, m.c.expires_at), _DUE.join(m, m.c.area == _DUE.c.area)


@cache
def older_source(dialect: str) -> Subquery:
    """The alerts of the episode that were sent before, with their place in that order; parameter `older`."""
    return row_source(dialect, _C.c.alert, _C.c.step, name="older")


@cache
def newer_source(dialect: str) -> Subquery:
    """The alerts of the episode that were sent after; parameter `newer`."""
    return row_source(dialect, _C.c.alert, name="newer")


def _own_of(dialect: str) -> FromClause:
    """Callouts of this chunk that are nobody else's; on PostgreSQL those of each older alert in turn: see
    `_called_before`."""
    here = _C.c.county == COUNTY, _C.c.post > AFTER, _C.c.post <= LAST, _C.c.round == 0, _C.c.carried_by == 0
    if dialect == "postgresql":
        of_alert = select(_C).where(*here, _C.c.alert == older_source(dialect).c.alert)
        return fenced(dialect, of_alert).lateral("c")
    return select(_C).where(*here).subquery("c")


@cache
def select_own(dialect: str) -> Subquery:
    """Per post of this chunk: its newest ladder under the older alerts; callouts without one of their own left out."""
    o, c = older_source(dialect), _own_of(dialect)
    newest = func.row_number().over(partition_by=c.c.post, order_by=o.c.step.desc())
    ranked = select(c, newest.label("nth")).select_from(o).join(c, c.c.alert == o.c.alert).subquery("ranked")
    return select(ranked).where(ranked.c.nth == 1).subquery("own")


@cache
def select_chunk_end(dialect: str, alone: bool) -> Select[Any]:
    """The last of the next posts that this message concerns: those due, and those called about the episode before."""
    size = bindparam("size", type_=BigInteger)
    due = _AHEAD.with_only_columns(_D.c.post).order_by(_D.c.post).limit(size).subquery()
    if alone:
        return select(func.max(due.c.post))
    both = select(due.c.post).union(_called_before(dialect, size)).subquery()
    chunk = select(both.c.post).order_by(both.c.post).limit(size).subquery()
    return select(func.max(chunk.c.post))


def _called_before(dialect: str, size: BindParameter[int]) -> Select[Any]:
    """The next posts that were called under the older alerts.

    PostgreSQL is told to look under each alert in turn: it takes a storm's callouts for evenly spread over all alerts,
    and would sort them all for the few that a second red of one township concerns.
    """
    o = older_source(dialect)
    mine = _C.c.county == COUNTY, _C.c.alert == o.c.alert, _C.c.post > AFTER, _C.c.round == 0
    if dialect == "postgresql":
        near = select(_C.c.post).where(*mine).order_by(_C.c.post).limit(size).lateral("near")
        return select(near.c.post).select_from(o).join(near, true())
    before = (
        select(_C.c.post).select_from(o).join(_C, and_(*mine)).distinct().order_by(_C.c.post).limit(size).subquery()
    )
    return select(before.c.post)


@cache
def open_callouts(dialect: str, alone: bool, everywhere: bool) -> Insert:
    """Open the callout of every due post in the chunk, in the state that `RECEPTION` says.

    `alone`: the only message of its episode, so that nobody has to be looked for; `everywhere`: it does the same in
    every area. A storm begins with such a message.
    """
    each = _received(dialect, alone, everywhere)
    carried = one_of(each.c.state, CalloutState.CONTINUED, CalloutState.INFORMED)
    new: Mapping[str, Any] = {
        "county": COUNTY,
        "alert": ALERT,
        "post": each.c.post,
        "round": literal(0),
        "episode": EPISODE,
        "state": each.c.state,
        "step": literal(0),
        "next_at": case((each.c.state == CalloutState.TO_CALL.value, NOW), else_=cast(null(), BigInteger)),
        "lane": each.c.lane,
        "ladder": each.c.ladder,
        "rules": each.c.rules,
        "expires_at": each.c.expires_at,
        "opened_at": NOW,
        "says": each.c.says,
        "carried_by": case((carried, each.c.older), else_=literal(0)),
    }
    return schema.callout.insert().from_select(list(new), select(*new.values()))


def _received(dialect: str, alone: bool, everywhere: bool) -> Subquery:
    """The due posts of the chunk, what the message does there, and the older alert whose callout the post has."""
    (move, rows), own = _move_of(dialect, everywhere), select_own(dialect)
    state: ColumnElement[Any] = literal(CalloutState.TO_CALL.value)
    older: ColumnElement[Any] = literal(0)
    if not alone:
        state, older = _first_state(move.kind, own, _has_newer(dialect)), own.c.alert
        rows = rows.outerjoin(own, own.c.post == _DUE.c.post)
    said = [move.lane.label("lane"), move.says.label("says"), move.expires_at.label("expires_at")]
    columns = _DUE.c.post, _DUE.c.ladder, _DUE.c.rules, *said, state.label("state"), older.label("older")
    posts = select(*columns).select_from(rows)
    return (posts if alone else fenced(dialect, posts)).subquery("each")


def _has_newer(dialect: str) -> ColumnElement[bool]:
    w, newer = newer_source(dialect), _C.alias("newer")
    here = newer.c.county == COUNTY, newer.c.alert == w.c.alert, newer.c.post == _DUE.c.post, newer.c.round == 0
    if dialect == "postgresql":
        under = fenced(dialect, select(newer.c.post).where(*here).correlate(w, _DUE)).lateral("under")
        return select(under.c.post).select_from(w).join(under, true()).correlate(_DUE).exists()
    return select(newer.c.post).select_from(w).join(newer, and_(*here)).exists()


def _first_state(turn: ColumnElement[Any], own: Subquery, newer: ColumnElement[bool]) -> ColumnElement[Any]:
    """`episode.reception` as SQL, from the same table."""
    return case(
        (turn == Turn.LIFTED_BEFORE.value, CalloutState.LIFTED.value),
        (and_(newer, ~one_of(turn, *REGARDLESS)), CalloutState.SUPERSEDED.value),
        *[
            (and_(turn == when.value, own.c.state == before.value), state.value)
            for (when, before), state in RECEPTION.items()
        ],
        else_=CalloutState.TO_CALL.value,
    )


_CARRIED = case((_C.c.carried_by != 0, literal(" carried_by=") + cast(_C.c.carried_by, String)), else_=literal(""))
_ENTRY: Mapping[str, Any] = {
    "county": _C.c.county,
    "at": NOW,
    "event": literal("callout.opened"),
    "alert": _C.c.alert,
    "post": _C.c.post,
    "attempt": literal(""),
    "ref": cast(_C.c.round, String),
    "before": literal(""),
    "after": _C.c.state,
    "actor": literal(ENGINE),
    "commitment": _D.c.holder_name,
    "detail": literal("ladder=")
    + _C.c.ladder
    + literal(" rules=")
    + _C.c.rules
    + literal(" roster=")
    + _ROSTER
    + _CARRIED,
}
OPENED = (
    select(*[_ENTRY[name] for name in AUDIT_COLUMNS])
    .join(_D, and_(_D.c.county == _C.c.county, _D.c.roster == _ROSTER, _D.c.post == _C.c.post))
    .where(_OPENED_HERE)
    .order_by(_C.c.post)
)
