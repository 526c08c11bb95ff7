"""What inbound events are understood as, and what follows from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from callout.domain.answer import PHONE, Grade
from callout.domain.attempt import PROVES, AttemptEvent, AttemptState, ReceiptKind, county_of
from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.call_facts import NO_FACTS, CallFacts
from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState, lane_of
from callout.domain.hearing import Heard
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind, Target
from callout.domain.machine import follow
from callout.domain.meaning import NoticeKind
from callout.ports import InboundKind, InboundRow, Told
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import Values, packed
from callout.store.hearing_sql import (
    SELECT_CALLOUT,
    end_calls,
    select_attempts,
    select_others,
    select_spoken,
)
from callout.store.inbox import MEMORY, InboxRows
from callout.store.matching import match
from callout.store.notices import queue, text_later
from callout.store.planning import open_human_calls
from callout.store.prepared import fetch
from callout.store.sending_sql import select_waiting_on
from callout.store.steps import callouts
from callout.store.stopped import stopped
from callout.store.transaction import Change, Event, Note, changed

_Said = Sequence[tuple[Heard, Grade, InboundRow]]
NOBODY_MOVED: Mapping[str, int] = MappingProxyType({})


class _Receipt(NamedTuple):
    """One receipt with the row of its attempt."""

    row: Any
    kind: ReceiptKind
    event: InboundRow
    higher: bool
    """It tells more than what was told before."""
    facts: CallFacts | None
    """What is known of the call now; None where that is nothing new."""


class HearingRows(InboxRows):
    """Reads and writes of the acknowledge stage inside one transaction."""

    def spoken_to(self, numbers: Sequence[int], now: Instant) -> Mapping[int, list[Heard]]:
        """Per number: every callout that an attempt to it spoke of, in order of submission."""
        if not numbers:
            return {}
        values = packed((n,) for n in numbers) | {"since": now - MEMORY}
        return _heard(fetch(self._db, select_spoken(self._ledger.dialect, "number"), values), "number")

    def spoken_in(self, attempts: Sequence[str]) -> Mapping[str, list[Heard]]:
        """Per attempt: the callouts that it spoke of."""
        if not attempts:
            return {}
        values = packed((county_of(a), a) for a in attempts)
        return _heard(fetch(self._db, select_spoken(self._ledger.dialect, "id"), values), "attempt_id")

    def find(self, key: CalloutKey) -> Heard | None:
        """One callout as an officer hears of it, or the earlier one that goes on for it; None where there is none."""
        rows = fetch(self._db, SELECT_CALLOUT, key._asdict())
        if not rows:
            return None
        row = rows[0]
        if row.state == CalloutState.CONTINUED:
            return self.find(key._replace(alert=row.carried_by))
        grade, late = Grade(row.grade) if row.grade else None, bool(row.late)
        return Heard(callouts([row])[0], "", Target.HOLDER, False, self._ledger.at, "", grade, row.answered_at, late)

    def answer(self, given: Sequence[tuple[Heard, Grade, InboundRow, int]], actor: str = PHONE) -> Keys:
        """Record answers, each with the inbound row that gave it and the number of people moved (-1 = not said)."""
        changes = [
            Change(
                tuple(h.callout.key),
                h.callout.rev,
                h.callout.state,
                {
                    "state": follow(CALLOUTS, h.callout.state, CalloutEvent.ANSWERED),
                    "next_at": None,
                    "answered_at": h.answered_at or row.came_at,
                    "grade": grade,
                    "late": int(h.late),
                },
                _answer_note(h, grade, row, moved),
                {"attempt": h.callout.attempt},
            )
            for h, grade, row, moved in given
        ]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.ANSWERED, actor))
        rows = [
            self._answer_row(h, grade, row, actor) | {"moved": moved}
            for h, grade, row, moved in given
            if tuple(h.callout.key) in written
        ]
        self._told |= {row["ref"] for row in rows}
        if actor == PHONE:
            self._ledger.attach(schema.answer, rows)
        else:
            self._ledger.record_rows(schema.answer, rows, Event("given", actor))
        return written

    def contact(self, said: _Said, moved: Mapping[str, int] = NOBODY_MOVED, actor: str = PHONE) -> None:
        """Record what changes no callout but shows that somebody was reached; `moved` by event."""
        rows = [self._answer_row(h, g, row, actor) | {"moved": moved.get(row.event, -1)} for h, g, row in said]
        notes = {(*h.callout.key, row.event): _answer_note(h, g, row, moved.get(row.event, -1)) for h, g, row in said}
        written = self._ledger.record_rows(schema.answer, rows, Event("contact", actor), notes)
        self._told |= {row.ref for row in written}

    def _answer_row(self, heard: Heard, grade: Grade, row: InboundRow, actor: str) -> Values:
        key = heard.callout.key
        return {
            "county": key.county,
            "alert": key.alert,
            "post": key.post,
            "round": key.round,
            "ref": row.event,
            "attempt": heard.attempt,
            "grade": grade.value,
            "at": row.came_at,
            "late": int(heard.late),
            "body": row.body,
            "actor": actor,
        }

    def spared(self, answered: Sequence[Heard]) -> list[Told]:
        """Whoever else was called in the place of these callouts' people; calls that still ring for nobody are to be
        ended, but not the one that gave the answer."""
        if not answered:
            return []
        keys = packed((*h.callout.key, h.attempt) for h in answered)
        others = fetch(self._db, select_others(self._ledger.dialect), keys)
        if any(r.rings for r in others):
            self._ledger.record_set(end_calls(self._ledger.dialect), Event("to_hang_up"), values=keys)
        instead = [r for r in others if r.gone and r.target != Target.HOLDER]
        return list(
            dict.fromkeys(Told(r.county, r.alert, r.post, r.number, r.responder, r.title or "") for r in instead)
        )

    def stand_down(self, told: Sequence[Told]) -> None:
        """Queue a stand-down to each of them."""
        queue(self._ledger, NoticeKind.STANDDOWN, [(t, str(t.post), {"silent": [t.title]}) for t in told])

    def tell_rest(self, heard: Heard, row: InboundRow, rest: Sequence[str]) -> None:
        """Queue a notice that says which alert the answer counted for, and the codes of the others."""
        key = heard.callout.key
        told = Told(key.county, key.alert, key.post, row.number, 0, "")
        queue(self._ledger, NoticeKind.WHICH, [(told, row.event, {"rest": list(rest)})])

    def tell_unclear(self, heard: Heard, row: InboundRow) -> None:
        """Queue a notice that the answer did not count, and how to answer the real warning."""
        told = Told(*heard.callout.key[:3], row.number, 0, "")
        queue(self._ledger, NoticeKind.UNCLEAR, [(told, row.event, {"lane": heard.callout.lane})])

    def tell_renewed(self, answered: Sequence[tuple[Heard, InboundRow]]) -> None:
        """Queue a notice to whoever answered words that have been repeated or lowered since."""
        told = [
            (Told(*h.callout.key[:1], h.callout.says, h.callout.key.post, h.number, 0, ""), row.event, h.callout.lane)
            for h, row in answered
        ]
        queue(self._ledger, NoticeKind.RENEWED, [(t, event, {"lane": lane}) for t, event, lane in told])

    def receipts(self, came: Sequence[InboundRow]) -> list[str]:
        """Fold receipts into attempts by rank; returns the ids of attempts that provably reached nobody."""
        if not came:
            return []
        t, keys = schema.attempt, packed((county_of(e.attempt), e.attempt) for e in came)
        held = {r.id: r for r in fetch(self._db, select_attempts(self._ledger.dialect), keys)}
        news = [_received(held[e.attempt], e) for e in came if e.attempt in held]
        fresh = [(one.row, one.kind, one.event) for one in news if one.higher]
        changes = [_folded(one) for one in news if one.higher or one.facts]
        written = self._ledger.record(t, changes, Event("receipt"))
        self._told |= {one.event.event for one in news if (one.row.county, one.row.id) in written}
        found = {(r.provider, e.ref): r.id for r, _, e in fresh if e.ref and not r.provider_ref}
        match(self._ledger, found)
        told = [(r, kind) for r, kind, _ in fresh if (r.county, r.id) in written]
        for kind, mark in PROVES.items():
            self._mark(mark, [r.number for r, said in told if said is kind])
        filtered = [(r.county, r.alert, r.provider) for r, kind in told if kind is ReceiptKind.FILTERED]
        new = [NewHumanCall(*key[:2], 0, HumanCallKind.FILTERED, key[2]) for key in dict.fromkeys(filtered)]
        new += stopped(self._ledger, {(r.county, r.provider) for r, kind in told if kind is ReceiptKind.STOPPED})
        open_human_calls(self._ledger, new, lane_of(None))
        self._text_later(
            [r.id for r, kind in told if kind is ReceiptKind.SWITCHED_OFF and r.channel == ChannelKind.SMS]
        )
        return [r.id for r, kind, _ in fresh if kind.failed and (r.county, r.id) in written]

    def _text_later(self, texts: Sequence[str]) -> None:
        """One text for each phone that was off, about the first callout that still waits there."""
        spoken = self.spoken_in(texts).values()
        waiting = [[h for h in heard if h.open and h.callout.key.round == 0] for heard in spoken]
        text_later(self._ledger, [heard[0] for heard in waiting if heard])

    def bury(self, numbers: Sequence[int]) -> None:
        """Mark numbers that reach nobody, or a stranger."""
        self._mark("dead", numbers)

    def _mark(self, what: str, numbers: Sequence[int]) -> None:
        n = schema.number
        if numbers:
            marking = changed(n, **{what: 1}).where(n.c.id.in_(numbers), n.c[what] == 0)
            self._ledger.record_set(marking, Event(what))

    def opt_out(self, number: int, *, back: bool = False) -> None:
        """Mark a number whose owner wants no more texts, or wants them again."""
        n = schema.number
        leaving = changed(n, opted_out=0 if back else 1).where(n.c.id == number)
        self._ledger.record_set(leaving, Event("opted_in" if back else "opted_out"))

    def still_waiting(self, attempts: Sequence[str]) -> list[Callout]:
        """Callouts whose current attempt is one of these."""
        if not attempts:
            return []
        keys = packed((county_of(a), a) for a in attempts) | {"state": CalloutState.WAITING}
        return callouts(fetch(self._db, select_waiting_on(self._ledger.dialect), keys))


def _ranks_higher(row: Any, kind: ReceiptKind) -> bool:
    return not row.receipt or kind.rank > ReceiptKind(row.receipt).rank


def _known(row: Any) -> CallFacts:
    return CallFacts(row.picked_up_at, row.ended_at, row.heard_s, row.recording)


def _columns(facts: CallFacts) -> Values:
    return {name: getattr(facts, name) for name in CallFacts.__slots__}


def _facts(row: Any, e: InboundRow) -> CallFacts | None:
    """What is known of the call with what the event tells; None where that is nothing new."""
    if e.facts == NO_FACTS:
        return None
    known = _known(row)
    told = e.facts.within(row.submitted_at or row.claimed_at, e.came_at).over(known)
    return None if told == known else told


def _received(row: Any, e: InboundRow) -> _Receipt:
    kind = ReceiptKind(e.body)
    return _Receipt(row, kind, e, _ranks_higher(row, kind), _facts(row, e))


def _folded(one: _Receipt) -> Change:
    row, kind, e, higher, told = one
    state = AttemptState(row.state)
    proven = state in (AttemptState.UNKNOWN, AttemptState.SUBMITTING)
    values = {
        "receipt": kind if higher else row.receipt,
        "receipt_at": e.came_at if higher else row.receipt_at,
        "provider_ref": row.provider_ref or e.ref,
        "state": follow(ATTEMPTS, state, AttemptEvent.PROVEN) if proven else state,
    }
    new = "" if told is None else "".join(f" {name}={value}" for name, value in _columns(told).items())
    note = Note(detail=f"{kind} {e.event}{new}")
    new_values = values | _columns(told or _known(row))
    return Change((row.county, row.id), row.rev, row.state, new_values, note, {"alert": row.alert})


def _answer_note(heard: Heard, grade: Grade, row: InboundRow, moved: int) -> Note:
    """All that the rows of an answer or a contact say, so that one entry tells of them and of the event."""
    key = f" key={row.body}" if row.kind is not InboundKind.REPLY and row.attempt else ""
    people = f" moved={moved}" if moved >= 0 else ""
    detail = f"{grade} {heard.target} {row.event} attempt={heard.attempt}{key}{people}"
    return Note(detail=detail, commitment=row.proof)


def _heard(rows: Sequence[Any], by: str) -> Mapping[Any, list[Heard]]:
    found: dict[Any, list[Heard]] = defaultdict(list)
    for row, one in zip(rows, callouts(rows), strict=True):
        found[getattr(row, by)].append(
            Heard(
                one,
                row.attempt_id,
                Target(row.target),
                bool(row.shared),
                row.submitted_at,
                row.code,
                Grade(row.grade) if row.grade else None,
                row.answered_at,
                bool(row.late),
                row.number,
                row.spoke,
            )
        )
    return found
