"""The sender's rows: callouts that are due, attempts on their way, and what became of them."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, bindparam, insert, literal_column, or_, select

from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.attempt import Attempt, AttemptEvent, AttemptState, attempt_id, lease, recordable
from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState, lane_of
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.level import Level
from callout.domain.machine import follow
from callout.domain.moves import PostView, Try
from callout.ports import Ids, Outgoing, Settled
from callout.ports.rows import Keys, PostKey
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.outgoing import load_outgoing
from callout.store.people import resolve_posts
from callout.store.planning import open_human_calls
from callout.store.schema import CALLOUT_KEY
from callout.store.transaction import Change, Event, Guard, Ledger, Note


def callouts(rows: Any) -> list[Callout]:
    """Callout objects from rows of the callout table."""
    return [
        Callout(CalloutKey(r.county, r.alert, r.post, r.round), CalloutState(r.state), r.step, r.next_at, r.lane,
                r.ladder, r.expires_at, r.attempt, bool(r.repeated), r.rev)
        for r in rows
    ]


class SendRows:
    """Reads and writes of sending and escalating inside one transaction."""

    def __init__(self, ledger: Ledger, shelf: dict[str, Ladder]) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._shelf = shelf

    def due(self, state: CalloutState, now: Instant, limit: int) -> list[Callout]:
        """Callouts in `state` whose time has come, red lanes of all counties first."""
        return callouts(self._db.execute(_SELECT_DUE, {"state": state, "now": now, "limit": limit}).all())

    def with_superior(self, superiors: Sequence[PostKey], state: CalloutState, until: Instant) -> list[Callout]:
        """Callouts in `state`, due until `until`, of posts under these (county, superior post) pairs."""
        if not superiors:
            return []
        values = packed(superiors) | {"state": state, "now": until}
        return callouts(self._db.execute(_select_under(self._ledger.dialect), values).all())

    def superiors_of(self, posts: Sequence[PostKey]) -> dict[PostKey, int]:
        """The superior post of each (county, post), by the roster in force."""
        if not posts:
            return {}
        found = self._db.execute(_select_superiors(self._ledger.dialect), packed(posts))
        return {(r.county, r.post): r.superior for r in found}

    def ladders(self, wanted: Sequence[Callout]) -> Mapping[str, Ladder]:
        """The frozen ladders of these callouts."""
        missing = {c.ladder for c in wanted} - self._shelf.keys()
        if missing:
            t = schema.ladder
            rows = self._db.execute(select(t).where(t.c.id.in_(missing)))
            self._shelf.update({r.id: Ladder.from_json(r.steps) for r in rows})
        return self._shelf

    def advance(self, moved: Sequence[tuple[Callout, Callout]], event: CalloutEvent) -> Keys:
        """Write (before, after) pairs of callouts that go on; the state after comes from the table."""
        changes = [
            Change(tuple(b.key), b.rev, b.state, {
                "state": follow(CALLOUTS, b.state, event), "step": a.step, "next_at": a.next_at,
                "attempt": a.attempt, "repeated": int(a.repeated),
            }) for b, a in moved
        ]
        return self._ledger.record(schema.callout, changes, Event(event))

    def run_out(self, ended: Sequence[Callout]) -> Keys:
        """Close ladders that have no step left; for each warning among them a human goes on."""
        event = CalloutEvent.RAN_OUT
        changes = [
            Change(tuple(c.key), c.rev, c.state, {"state": follow(CALLOUTS, c.state, event), "next_at": None})
            for c in ended
        ]
        written = self._ledger.record(schema.callout, changes, Event(event))
        for c in ended:
            if c.key.round == 0 and tuple(c.key) in written:
                item = NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.EXHAUSTED)
                open_human_calls(self._ledger, [item], c.lane)
        return written

    def claim(self, groups: Sequence[tuple[Attempt, Sequence[Try]]], owner: str) -> None:
        """Write the attempts and move their callouts to waiting; nothing has left the house yet."""
        at = self._ledger.at
        rows = [
            {"county": a.county, "id": a.id, "alert": a.alert, "target": a.target, "channel": a.channel,
             "number": a.number, "shared": int(tries[0].number.shared), "responder": a.responder,
             "roster": tries[0].view.roster, "repeated": int(a.repeated), "state": a.state, "owner": owner,
             "lease": lease(at), "wait": a.wait, "claimed_at": at, "notice": a.notice}
            for a, tries in groups
        ]
        notes = {
            (a.county, a.id): Note(commitment=tries[0].number.commitment,
                                   detail=f"{a.channel} {a.target} roster={tries[0].view.roster}")
            for a, tries in groups
        }
        self._ledger.record_rows(schema.attempt, rows, Event("claimed"), notes)
        links = [dict(zip(CALLOUT_KEY, key, strict=True), attempt=a.id) for a, _ in groups for key in a.callouts]
        self._db.execute(insert(schema.attempt_callout), links)
        changes = [_claimed(one, a, at) for a, tries in groups for one in tries]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.CLAIMED))
        if len(written) != len(changes):
            raise RuntimeError("a callout changed between reading and claiming it")

    def claim_notices(self, ids: Ids, owner: str, limit: int) -> list[tuple[str, str]]:
        """Write attempts for notices that wait; returns their keys."""
        o, at = schema.notice, self._ledger.at
        rows = self._db.execute(_SELECT_NOTICES, {"now": at, "limit": limit}).all()
        if not rows:
            return []
        handed = self._ledger.record(
            o, [Change((r.county, r.id), r.rev, r.state, {"state": "handed"}) for r in rows], Event("handed"))
        many = [
            {"county": r.county, "id": attempt_id(r.county, ids.attempt()), "alert": r.alert, "notice": r.id,
             "target": Target.HOLDER, "channel": ChannelKind.SMS, "number": r.number, "shared": 0,
             "responder": r.responder, "roster": "", "repeated": 0, "state": AttemptState.CLAIMED, "owner": owner,
             "lease": lease(at), "wait": 0, "claimed_at": at}
            for r in rows if (r.county, r.id) in handed
        ]
        self._ledger.record_rows(schema.attempt, many, Event("claimed"))
        return [(m["county"], m["id"]) for m in many]

    def resolve(self, posts: Sequence[PostKey]) -> Mapping[PostKey, PostView]:
        """Who is on these posts now."""
        return resolve_posts(self._db, posts, self._ledger.at)

    def outgoing(self, keys: Sequence[tuple[str, str]]) -> list[Outgoing]:
        """These attempts with everything their words need."""
        return load_outgoing(self._db, keys)

    def withdraw(self, attempts: Sequence[Attempt], owner: str) -> None:
        """Note attempts that nobody waits for any more: no byte of them will leave."""
        event = AttemptEvent.WITHDRAWN
        changes = [
            Change((a.county, a.id), a.rev, a.state, {"state": follow(ATTEMPTS, a.state, event),
                                                      "settled_at": self._ledger.at})
            for a in attempts
        ]
        self._ledger.record(schema.attempt, changes, Event(event), Guard(_OWNED, {"worker": owner}))

    def reclaim(self, now: Instant, owner: str) -> tuple[list[tuple[str, str]], list[Attempt]]:
        """Dead attempts: (keys of claimed ones, now ours to send; submitting ones, whose outcome nobody knows)."""
        t, dead = schema.attempt, self._db.execute(_SELECT_DEAD, {"now": now}).all()
        claimed = [r for r in dead if r.state == AttemptState.CLAIMED]
        changes = [
            Change((r.county, r.id), r.rev, r.state, {"state": r.state, "owner": owner, "lease": lease(now)})
            for r in claimed
        ]
        ours = self._ledger.record(t, changes, Event(AttemptEvent.RECLAIMED))
        unknown = [attempt_of(r) for r in dead if r.state == AttemptState.SUBMITTING]
        return [(r.county, r.id) for r in claimed if (r.county, r.id) in ours], unknown

    def submitting(self, attempts: Sequence[Attempt], owner: str) -> Keys:
        """Commit that bytes are about to leave; attempts that nobody waits for any more are not among the result."""
        now = self._ledger.at
        event = AttemptEvent.SUBMITTING
        changes = [
            Change((a.county, a.id), a.rev, a.state, {
                "state": follow(ATTEMPTS, a.state, event), "submitted_at": now, "lease": lease(now),
            }) for a in attempts
        ]
        guard = Guard(_STILL_WANTED, {"worker": owner, "now": now})
        return self._ledger.record(schema.attempt, changes, Event(event), guard)

    def settle(self, settled: Sequence[Settled]) -> Keys:
        """Record what became of attempts."""
        done: set[Any] = set()
        for event in dict.fromkeys(s.event for s in settled):
            changes = [
                Change((s.attempt.county, s.attempt.id), s.attempt.rev, s.attempt.state, {
                    "state": follow(ATTEMPTS, s.attempt.state, event), "settled_at": self._ledger.at,
                    "provider": s.provider, "provider_ref": s.ref, "reason": recordable(s.reason),
                }, Note(detail=json.dumps([s.provider, s.ref, recordable(s.reason)], ensure_ascii=False)))
                for s in settled if s.event is event
            ]
            done |= self._ledger.record(schema.attempt, changes, Event(event))
        return done

    def behind(self, attempts: Sequence[Attempt]) -> list[Callout]:
        """The callouts that still wait on one of these attempts."""
        if not attempts:
            return []
        keys = packed((a.county, a.id) for a in attempts)
        return callouts(self._db.execute(select_waiting_on(self._ledger.dialect), keys).all())

    def to_hang_up(self) -> list[tuple[str, str, int]]:
        """(county, attempt, rev) of calls that still ring though everybody behind them has answered."""
        return [(r.county, r.id, r.rev) for r in self._db.execute(_SELECT_RINGING)]

    def hung_up(self, ended: Sequence[tuple[str, str, int]]) -> None:
        """Note that the channel was told to end these calls."""
        changes = [Change((county, attempt), rev, "", {"hang_up": 2}) for county, attempt, rev in ended]
        self._ledger.record(schema.attempt, changes, Event("hung_up"))


_C, _T, _O, _LINK, _D = schema.callout, schema.attempt, schema.notice, schema.attempt_callout, schema.duty
_NOW, _LIMIT = bindparam("now", type_=BigInteger), bindparam("limit", type_=BigInteger)
_STATE = bindparam("state", type_=String)
_LINKED = and_(*[_C.c[n] == _LINK.c[n] for n in CALLOUT_KEY])

_LANES: ColumnElement[Any] = literal_column(f"({', '.join(str(lane_of(level)) for level in Level)})")
"""Every lane: written out, so that each is entered by its time in the index and what is not due is never walked."""

_SELECT_DUE = (
    select(_C).where(_C.c.state == _STATE, _C.c.next_at <= _NOW, _C.c.lane.op("IN")(_LANES))
    .order_by(_C.c.lane, _C.c.next_at, _C.c.county, _C.c.alert, _C.c.post).limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_SELECT_NOTICES = (
    select(_O).where(schema.notice_to_send, _O.c.next_at <= _NOW).order_by(_O.c.next_at, _O.c.id).limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_SELECT_DEAD = select(_T).where(schema.attempt_open, _T.c.lease <= _NOW).with_for_update(skip_locked=True)
_SELECT_RINGING = select(_T.c.county, _T.c.id, _T.c.rev).where(schema.attempt_to_hang_up)
_OWNED = _T.c.owner == bindparam("worker", type_=String)
_STILL_WANTED = _OWNED & or_(
    _T.c.notice != "",
    select(_LINK.c.post).join(_C, _LINKED).where(
        _LINK.c.county == _T.c.county, _LINK.c.attempt == _T.c.id, _C.c.state == CalloutState.WAITING.value,
        _C.c.attempt == _T.c.id, or_(_C.c.expires_at.is_(None), _C.c.expires_at > _NOW),
    ).exists(),
)
"""Somebody still waits for this attempt: no answer, no expiry, no newer alert has come since it was claimed."""


@cache
def _select_under(dialect: str) -> Select[Any]:
    k, v = schema.county, row_source(dialect, _D.c.county, _D.c.superior)
    return (
        select(_C).select_from(v).join(k, k.c.county == v.c.county)
        .join(_D, and_(_D.c.county == v.c.county, _D.c.roster == k.c.roster, _D.c.superior == v.c.superior))
        .join(_C, and_(_C.c.county == _D.c.county, _C.c.post == _D.c.post))
        .where(_C.c.state == _STATE, _C.c.next_at <= _NOW, _C.c.round == 0)
        .order_by(_C.c.lane, _C.c.next_at, _C.c.post).with_for_update(skip_locked=True, of=_C)
    )


@cache
def _select_superiors(dialect: str) -> Select[Any]:
    k, v = schema.county, row_source(dialect, _D.c.county, _D.c.post)
    return (
        select(_D.c.county, _D.c.post, _D.c.superior).select_from(v).join(k, k.c.county == v.c.county)
        .join(_D, and_(_D.c.county == v.c.county, _D.c.roster == k.c.roster, _D.c.post == v.c.post))
        .where(_D.c.superior.is_not(None))
    )


@cache
def select_waiting_on(dialect: str) -> Select[Any]:
    """The callouts that wait on the attempts given as (county, attempt)."""
    v = row_source(dialect, _LINK.c.county, _LINK.c.attempt)
    mine = and_(_LINK.c.county == v.c.county, _LINK.c.attempt == v.c.attempt)
    return (
        select(_C).select_from(v).join(_LINK, mine).join(_C, and_(_LINKED, _C.c.attempt == _LINK.c.attempt))
        .where(_C.c.state == CalloutState.WAITING.value)
    )


def attempt_of(row: Any) -> Attempt:
    """An attempt from its row, without its callouts (see `behind`)."""
    return Attempt(row.county, row.id, row.alert, (), row.notice, Target(row.target), ChannelKind(row.channel),
                   row.number, row.responder, bool(row.repeated), AttemptState(row.state), row.rev, row.wait)


def _claimed(one: Try, attempt: Attempt, at: Instant) -> Change:
    before = one.callout
    return Change(tuple(before.key), before.rev, before.state, {
        "state": follow(CALLOUTS, before.state, CalloutEvent.CLAIMED), "step": one.step, "attempt": attempt.id,
        "next_at": later(at, one.wait),
    })
