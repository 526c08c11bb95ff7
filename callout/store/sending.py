"""The sender's rows: callouts that are due, attempts on their way, and what became of them."""

from collections.abc import Sequence
from dataclasses import replace
from json.encoder import encode_basestring as _quoted
from typing import Any

from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.attempt import Attempt, AttemptEvent, AttemptState, attempt_id, lease, recordable
from callout.domain.call_facts import written
from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import Callout, CalloutEvent, CalloutState
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind, Target
from callout.domain.machine import follow
from callout.domain.moves import Try
from callout.ports import Ids, Outgoing, Ringing, Settled
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import packed
from callout.store.matching import match
from callout.store.notices import may_repeat
from callout.store.outgoing import load_outgoing
from callout.store.prepared import fetch
from callout.store.roster_rounds import not_now
from callout.store.schema import CALLOUT_KEY
from callout.store.sending_sql import (
    OWNED,
    SELECT_DEAD,
    SELECT_NOTICES,
    SELECT_RINGING,
    SELECT_STILL_WANTED,
    STILL_WANTED,
    select_waiting_on,
)
from callout.store.steps import callouts
from callout.store.transaction import Change, Event, Guard, Note, changed
from callout.store.ways import WayRows


class SendRows(WayRows):
    """Reads and writes of sending inside one transaction."""

    def claim(self, groups: Sequence[tuple[Attempt, Sequence[Try]]], owner: str) -> None:
        """Write the attempts and move their callouts to waiting; nothing has left the house yet."""
        self.beside(groups, owner)
        changes = [_claimed(one, a, self._ledger.at) for a, tries in groups for one in tries]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.CLAIMED))
        if len(written) != len(changes):
            raise RuntimeError("a callout changed between reading and claiming it")

    def beside(self, groups: Sequence[tuple[Attempt, Sequence[Try]]], owner: str) -> None:
        """Write the attempts and what they speak for; their callouts are not moved."""
        at = self._ledger.at
        rows = [
            {
                "county": a.county,
                "id": a.id,
                "alert": a.alert,
                "target": a.target,
                "channel": a.channel,
                "number": a.number,
                "shared": int(tries[0].number.shared),
                "responder": a.responder,
                "roster": tries[0].view.roster,
                "repeated": int(a.repeated),
                "state": a.state,
                "owner": owner,
                "lease": lease(at),
                "wait": a.wait,
                "claimed_at": at,
                "notice": a.notice,
                "provider": a.provider,
                "instead": a.instead,
            }
            for a, tries in groups
        ]
        notes = {
            (a.county, a.id): Note(commitment=tries[0].number.commitment, detail=_way(a, tries[0].view.roster))
            for a, tries in groups
        }
        self._ledger.record_rows(schema.attempt, rows, Event("claimed"), notes)
        links = [dict(zip(CALLOUT_KEY, key, strict=True), attempt=a.id) for a, _ in groups for key in a.callouts]
        self._ledger.attach(schema.attempt_callout, links)

    def claim_notices(self, ids: Ids, owner: str, kind: ChannelKind, limit: int) -> list[tuple[str, str]]:
        """Write attempts for up to `limit` notices that wait for this kind of channel; returns their keys."""
        o, at = schema.notice, self._ledger.at
        rows = not_now(self._ledger, fetch(self._db, SELECT_NOTICES, {"now": at, "limit": limit, "kind": kind}))
        if not rows:
            return []
        handing = [
            Change((r.county, r.id), r.rev, r.state, {"state": "handed"}, seen={"alert": r.alert, "post": r.post})
            for r in rows
        ]
        handed = self._ledger.record(o, handing, Event("handed"))
        many = [
            {
                "county": r.county,
                "id": attempt_id(r.county, ids.attempt()),
                "alert": r.alert,
                "notice": r.id,
                "target": Target.HOLDER,
                "channel": r.channel,
                "number": r.number,
                "shared": 0,
                "responder": r.responder,
                "roster": "",
                "repeated": int(may_repeat(r.detail)),
                "state": AttemptState.CLAIMED,
                "owner": owner,
                "lease": lease(at),
                "wait": 0,
                "claimed_at": at,
            }
            for r in rows
            if (r.county, r.id) in handed
        ]
        self._ledger.record_rows(schema.attempt, many, Event("claimed"))
        return [(m["county"], m["id"]) for m in many]

    def outgoing(self, keys: Sequence[tuple[str, str]]) -> list[Outgoing]:
        """These attempts with everything their words need."""
        return load_outgoing(self._db, keys, self._ledger.at)

    def withdraw(self, attempts: Sequence[Attempt], owner: str) -> None:
        """Note attempts that nobody waits for any more: no byte of them will leave."""
        if attempts:
            done = self._withdraw(attempts, owner)
            self._withdraw(self._touched(a for a in attempts if (a.county, a.id) not in done), owner)

    def _withdraw(self, attempts: Sequence[Attempt], owner: str) -> Keys:
        event = AttemptEvent.WITHDRAWN
        changes = [
            Change(
                (a.county, a.id),
                a.rev,
                a.state,
                {"state": follow(ATTEMPTS, a.state, event), "settled_at": self._ledger.at},
                seen={"alert": a.alert},
            )
            for a in attempts
        ]
        return self._ledger.record(schema.attempt, changes, Event(event), Guard(OWNED, {"worker": owner}))

    def reclaim(self, now: Instant, owner: str) -> tuple[list[tuple[str, str]], list[Attempt]]:
        """Dead attempts: (keys of claimed ones, now ours to send; submitting ones, whose outcome nobody knows)."""
        t, dead = schema.attempt, fetch(self._db, SELECT_DEAD, {"now": now})
        claimed = [r for r in dead if r.state == AttemptState.CLAIMED]
        changes = [
            Change((r.county, r.id), r.rev, r.state, {"state": r.state, "owner": owner, "lease": lease(now)})
            for r in claimed
        ]
        ours = self._ledger.record(t, changes, Event(AttemptEvent.RECLAIMED))
        unknown = [attempt_of(r) for r in dead if r.state == AttemptState.SUBMITTING]
        return [(r.county, r.id) for r in claimed if (r.county, r.id) in ours], unknown

    def orphan(self) -> int:
        """Let every lease end now: for a process that alone may write and has just begun, whoever held them is dead."""
        t, now = schema.attempt, self._ledger.at
        held = changed(t, lease=now).where(schema.attempt_open, t.c.lease > now)
        return len(self._ledger.record_set(held, Event("orphaned")))

    def submitting(self, attempts: Sequence[Attempt], owner: str) -> Keys:
        """Commit that bytes are about to leave; attempts that nobody waits for any more are not among the result."""
        now = self._ledger.at
        event = AttemptEvent.SUBMITTING
        changes = [
            Change(
                (a.county, a.id),
                a.rev,
                a.state,
                {
                    "state": follow(ATTEMPTS, a.state, event),
                    "submitted_at": now,
                    "lease": lease(now),
                    "provider": a.provider,
                },
                seen={"alert": a.alert},
            )
            for a in attempts
        ]
        guard = Guard(STILL_WANTED, {"worker": owner, "now": now})
        return self._ledger.record(schema.attempt, changes, Event(event), guard)

    def still_wanted(self, attempt: Attempt, owner: str) -> bool:
        """Whether this attempt of ours, committed as submitting, may leave now."""
        values = {"county": attempt.county, "id": attempt.id, "worker": owner, "now": self._ledger.at}
        return bool(fetch(self._db, SELECT_STILL_WANTED, values))

    def settle(self, settled: Sequence[Settled]) -> Keys:
        """Record what became of attempts. One that others have given up meanwhile stays as they left it."""
        done = self._settle(settled)
        missed = {(s.attempt.county, s.attempt.id): s for s in settled if (s.attempt.county, s.attempt.id) not in done}
        touched = self._touched(s.attempt for s in missed.values())
        return done | self._settle([replace(missed[a.county, a.id], attempt=a) for a in touched])

    def _settle(self, settled: Sequence[Settled]) -> Keys:
        done: Keys = set()
        for event in dict.fromkeys(s.event for s in settled):
            changes = [
                Change(
                    (s.attempt.county, s.attempt.id),
                    s.attempt.rev,
                    s.attempt.state,
                    {
                        "state": follow(ATTEMPTS, s.attempt.state, event),
                        "settled_at": self._ledger.at,
                        "provider_ref": s.ref,
                        "reason": recordable(s.reason),
                        "parts": s.parts,
                        "tells": written(s.tells) if s.attempt.channel is ChannelKind.VOICE else "",
                    },
                    Note(detail=_ending(s)),
                    {"alert": s.attempt.alert},
                )
                for s in settled
                if s.event is event
            ]
            done |= self._ledger.record(schema.attempt, changes, Event(event))
        match(self._ledger, {(s.attempt.provider, s.ref): s.attempt.id for s in settled if s.ref})
        return done

    def behind(self, attempts: Sequence[Attempt], state: CalloutState = CalloutState.WAITING) -> list[Callout]:
        """The callouts that still wait on one of these attempts; TO_CALL: that are held while it speaks beside them."""
        if not attempts:
            return []
        keys = packed((a.county, a.id) for a in attempts) | {"state": state}
        return callouts(fetch(self._db, select_waiting_on(self._ledger.dialect), keys))

    def to_hang_up(self) -> list[Ringing]:
        """Calls that still ring though everybody behind them has answered."""
        return [Ringing(r.county, r.id, r.rev, r.provider, r.provider_ref) for r in fetch(self._db, SELECT_RINGING)]

    def hung_up(self, ended: Sequence[Ringing]) -> None:
        """Note that the channel was told to end these calls."""
        changes = [Change((c.county, c.attempt), c.rev, "", {"hang_up": 2}) for c in ended]
        self._ledger.record(schema.attempt, changes, Event("hung_up"))


def attempt_of(row: Any) -> Attempt:
    """An attempt from its row, without its callouts (see `behind`)."""
    return Attempt(
        row.county,
        row.id,
        row.alert,
        (),
        row.notice,
        Target(row.target),
        ChannelKind(row.channel),
        row.number,
        row.responder,
        bool(row.repeated),
        AttemptState(row.state),
        row.rev,
        row.wait,
        row.provider,
        row.claimed_at,
        row.instead,
    )


def _ending(settled: Settled) -> str:
    """Who had it, its id there, and the reason, as JSON."""
    return f"[{', '.join(map(_quoted, (settled.attempt.provider, settled.ref, recordable(settled.reason))))}]"


def _way(attempt: Attempt, roster: str) -> str:
    instead = f" instead={attempt.instead}" if attempt.instead else ""
    return f"{attempt.channel} {attempt.target} roster={roster}{instead}"


def _claimed(one: Try, attempt: Attempt, at: Instant) -> Change:
    before = one.callout
    return Change(
        tuple(before.key),
        before.rev,
        before.state,
        {
            "state": follow(CALLOUTS, before.state, CalloutEvent.CLAIMED),
            "step": one.step,
            "attempt": attempt.id,
            "next_at": later(at, one.wait),
        },
    )
