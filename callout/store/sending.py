"""The sender's rows: callouts that are due, attempts on their way, and what became of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, insert, or_, select

from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.attempt import Attempt, AttemptEvent, AttemptState, attempt_id, lease
from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.machine import follow
from callout.domain.moves import PostView, Try
from callout.ports import Ids, Outgoing, Settled
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import table_rows, types_of
from callout.store.outgoing import load_outgoing
from callout.store.people import PostKey, resolve_posts
from callout.store.planning import open_human_calls
from callout.store.transaction import Change, Event, Ledger, Note

_KEY = ["county", "alert", "post", "round"]


def callouts(rows: Any) -> list[Callout]:
    """Callout objects from rows of the callout table."""
    return [
        Callout(CalloutKey(r.county, r.alert, r.post, r.round), CalloutState(r.state), r.step, r.next_at, r.lane,
                r.ladder, r.expires_at, r.attempt, bool(r.repeated), r.rev)
        for r in rows
    ]


class SendRows:
    """Reads and writes of sending and escalating inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def due(self, state: CalloutState, now: Instant, limit: int) -> list[Callout]:
        """Callouts in `state` whose time has come, red lanes of all counties first."""
        c = schema.callout
        chosen = (
            select(c).where(c.c.state == state, c.c.next_at <= now)
            .order_by(c.c.lane, c.c.next_at, c.c.county, c.c.alert, c.c.post).limit(limit)
        )
        return self._locked(chosen)

    def with_superior(self, superiors: Sequence[tuple[str, int]], state: CalloutState, until: Instant) -> list[Callout]:
        """Callouts in `state`, due until `until`, of posts under these (county, superior post) pairs."""
        if not superiors:
            return []
        c, d, k = schema.callout, schema.duty, schema.county
        rows = [{"county": county, "superior": post} for county, post in superiors]
        v = table_rows(self._ledger.dialect, types_of(d, ["county", "superior"]), rows)
        under = (
            select(d.c.county, d.c.post).select_from(v).join(k, k.c.county == v.c.county)
            .join(d, and_(d.c.county == v.c.county, d.c.roster == k.c.roster, d.c.superior == v.c.superior))
        ).subquery()
        return self._locked(
            select(c).join(under, and_(under.c.county == c.c.county, under.c.post == c.c.post))
            .where(c.c.state == state, c.c.next_at <= until, c.c.round == 0)
            .order_by(c.c.lane, c.c.next_at, c.c.post)
        )

    def _locked(self, chosen: Select[Any]) -> list[Callout]:
        locked = chosen.with_for_update(skip_locked=True, of=schema.callout)
        return callouts(self._db.execute(locked).all())

    def superiors_of(self, posts: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """The superior post of each (county, post), by the roster in force."""
        d, k = schema.duty, schema.county
        rows = [{"county": county, "post": post} for county, post in posts]
        if not rows:
            return {}
        v = table_rows(self._ledger.dialect, types_of(d, ["county", "post"]), rows)
        found = self._db.execute(
            select(d.c.county, d.c.post, d.c.superior).select_from(v).join(k, k.c.county == v.c.county)
            .join(d, and_(d.c.county == v.c.county, d.c.roster == k.c.roster, d.c.post == v.c.post))
            .where(d.c.superior.is_not(None))
        )
        return {(r.county, r.post): r.superior for r in found}

    def ladders(self, wanted: Sequence[Callout]) -> Mapping[str, Ladder]:
        """The frozen ladders of these callouts."""
        t = schema.ladder
        rows = self._db.execute(select(t).where(t.c.id.in_({c.ladder for c in wanted})))
        return {r.id: Ladder.from_json(r.steps) for r in rows}

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
        links = [dict(zip(_KEY, key, strict=True), attempt=a.id) for a, _ in groups for key in a.callouts]
        self._db.execute(insert(schema.attempt_callout), links)
        changes = [_claimed(one, a, at) for a, tries in groups for one in tries]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.CLAIMED))
        if len(written) != len(changes):
            raise RuntimeError("a callout changed between reading and claiming it")

    def claim_notices(self, ids: Ids, owner: str, limit: int) -> list[tuple[str, str]]:
        """Write attempts for notices that wait; returns their keys."""
        o, at = schema.notice, self._ledger.at
        rows = self._db.execute(
            select(o).where(schema.notice_to_send, o.c.next_at <= at).order_by(o.c.next_at, o.c.id).limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
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
        self._ledger.record(schema.attempt, changes, Event(event), schema.attempt.c.owner == owner)

    def reclaim(self, now: Instant, owner: str) -> tuple[list[tuple[str, str]], list[Attempt]]:
        """Dead attempts: (keys of claimed ones, now ours to send; submitting ones, whose outcome nobody knows)."""
        t = schema.attempt
        dead = self._db.execute(
            select(t).where(schema.attempt_open, t.c.lease <= now)
            .with_for_update(skip_locked=True)
        ).all()
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
        now, t, c, link = self._ledger.at, schema.attempt, schema.callout, schema.attempt_callout
        wanted = select(link.c.post).join(c, and_(
            c.c.county == link.c.county, c.c.alert == link.c.alert, c.c.post == link.c.post, c.c.round == link.c.round,
        )).where(
            link.c.county == t.c.county, link.c.attempt == t.c.id, c.c.state == CalloutState.WAITING,
            c.c.attempt == t.c.id, or_(c.c.expires_at.is_(None), c.c.expires_at > now),
        ).exists()
        event = AttemptEvent.SUBMITTING
        changes = [
            Change((a.county, a.id), a.rev, a.state, {
                "state": follow(ATTEMPTS, a.state, event), "submitted_at": now, "lease": lease(now),
            }) for a in attempts
        ]
        guard = (t.c.owner == owner) & ((t.c.notice != "") | wanted)
        return self._ledger.record(t, changes, Event(event), guard)

    def settle(self, settled: Sequence[Settled]) -> Keys:
        """Record what became of attempts."""
        done: set[Any] = set()
        for event in dict.fromkeys(s.event for s in settled):
            changes = [
                Change((s.attempt.county, s.attempt.id), s.attempt.rev, s.attempt.state, {
                    "state": follow(ATTEMPTS, s.attempt.state, event), "settled_at": self._ledger.at,
                    "provider": s.provider, "provider_ref": s.ref, "reason": s.reason[:200],
                }, Note(detail=json.dumps([s.provider, s.ref, s.reason[:200]], ensure_ascii=False)))
                for s in settled if s.event is event
            ]
            done |= self._ledger.record(schema.attempt, changes, Event(event))
        return done

    def behind(self, attempts: Sequence[Attempt]) -> list[Callout]:
        """The callouts that still wait on one of these attempts."""
        if not attempts:
            return []
        c, link = schema.callout, schema.attempt_callout
        rows = [{"county": a.county, "attempt": a.id} for a in attempts]
        v = table_rows(self._ledger.dialect, types_of(link, ["county", "attempt"]), rows)
        same = and_(*[c.c[name] == link.c[name] for name in [*_KEY, "attempt"]], c.c.state == CalloutState.WAITING)
        linked = and_(link.c.county == v.c.county, link.c.attempt == v.c.attempt)
        return callouts(self._db.execute(select(c).select_from(v).join(link, linked).join(c, same)).all())

    def to_hang_up(self) -> list[tuple[str, str, int]]:
        """(county, attempt, rev) of calls that still ring though everybody behind them has answered."""
        t = schema.attempt
        return [(r.county, r.id, r.rev) for r in self._db.execute(select(t).where(schema.attempt_to_hang_up))]

    def hung_up(self, ended: Sequence[tuple[str, str, int]]) -> None:
        """Note that the channel was told to end these calls."""
        changes = [Change((county, attempt), rev, "", {"hang_up": 2}) for county, attempt, rev in ended]
        self._ledger.record(schema.attempt, changes, Event("hung_up"))


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
