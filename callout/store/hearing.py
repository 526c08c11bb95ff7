"""Inbound events and what they were recorded as: durable first, understood later."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Subquery, and_, insert, select, update

from callout.domain.answer import Grade
from callout.domain.attempt import TABLE as ATTEMPTS
from callout.domain.attempt import AttemptEvent, AttemptState, ReceiptKind, county_of
from callout.domain.audit import commitment
from callout.domain.callout import LIVE, Callout, CalloutEvent, CalloutState
from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.hearing import LATE, Heard
from callout.domain.instant import HOUR, Instant
from callout.domain.ladder import ChannelKind, Target
from callout.domain.machine import follow
from callout.domain.meaning import NoticeKind
from callout.ports import Ids, Inbound, InboundKind, InboundRow, Told
from callout.ports.rows import Keys
from callout.store import schema
from callout.store.batch import Row, table_rows, types_of
from callout.store.sending import callouts
from callout.store.transaction import Change, Event, Ledger, Note

MEMORY = 48 * HOUR
"""How long after an attempt a text from its number is still read as a reply to it."""
_ON_THE_WAY = (AttemptState.SUBMITTING, AttemptState.SENT, AttemptState.UNKNOWN)


class HearingRows:
    """Reads and writes of the acknowledge stage inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def accept(self, events: Sequence[Inbound]) -> int:
        """Keep inbound events as they came; known ones are dropped. Returns how many were new."""
        numbers = self._numbers({e.e164 for e in events if e.e164})
        rows = [
            {"event": e.event, "kind": e.kind, "county": "", "attempt": e.attempt,
             "number": numbers.get(e.e164, 0), "body": self.keep_text(e), "came_at": e.at, "state": "pending"}
            for e in events
        ]
        return len(self._ledger.record_rows(schema.inbound, rows, Event("came")))

    def _numbers(self, e164s: Iterable[str]) -> dict[str, int]:
        p, n = schema.personal, schema.number
        rows = self._db.execute(
            select(p.c.value, n.c.id).join(n, n.c.commitment == p.c.commitment)
            .where(p.c.kind == "number", p.c.value.in_(list(e164s)))
        )
        return {str(r.value): r.id for r in rows}

    def keep_text(self, event: Inbound) -> str:
        """Reply texts are personal data: they go to the erasable table, the row keeps the commitment."""
        if event.kind is not InboundKind.REPLY:
            return event.body
        salt = self._ids.salt()
        proof = commitment(salt, event.body)
        self._db.execute(insert(schema.personal), {"commitment": proof, "kind": "reply", "salt": salt,
                                                   "value": event.body})
        return proof

    def pending(self, limit: int) -> list[InboundRow]:
        """Inbound rows nobody has looked at, oldest first, with the text of replies; one per number and attempt."""
        i, p = schema.inbound, schema.personal
        rows = self._db.execute(
            select(i, p.c.value.label("text")).outerjoin(p, p.c.commitment == i.c.body)
            .where(schema.inbound_pending).order_by(i.c.came_at, i.c.event).limit(limit)
            .with_for_update(skip_locked=True, of=i)
        ).all()
        first: dict[tuple[str, object], InboundRow] = {}
        for r in rows:
            one = InboundRow(r.event, InboundKind(r.kind), r.attempt, r.number, r.body, r.text or "", r.came_at, r.rev)
            first.setdefault(("number", r.number) if r.number else ("attempt", r.attempt or r.event), one)
        return list(first.values())

    def spoken_to(self, numbers: Sequence[int], now: Instant) -> Mapping[int, list[Heard]]:
        """Per number: every callout that an attempt to it spoke of, in order of submission."""
        t = schema.attempt
        v = table_rows(self._ledger.dialect, {"number": t.c.number.type}, [{"number": n} for n in numbers])
        recent = and_(t.c.number == v.c.number, t.c.claimed_at > now - MEMORY)
        return self._heard(select(*self._columns()).select_from(v).join(t, recent), "number")

    def spoken_in(self, attempts: Sequence[str]) -> Mapping[str, list[Heard]]:
        """Per attempt: the callouts that it spoke of."""
        t, v = schema.attempt, self._attempts(attempts)
        same = and_(t.c.county == v.c.county, t.c.id == v.c.id)
        return self._heard(select(*self._columns()).select_from(v).join(t, same), "attempt_id")

    def _attempts(self, attempts: Sequence[str]) -> Subquery:
        rows = [{"county": county_of(a), "id": a} for a in dict.fromkeys(attempts)]
        return table_rows(self._ledger.dialect, types_of(schema.attempt, ["county", "id"]), rows)

    def _columns(self) -> list[Any]:
        t, c, a = schema.attempt, schema.callout, schema.alert
        own = [t.c.number, t.c.id.label("attempt_id"), t.c.target, t.c.shared, t.c.submitted_at, a.c.code]
        return [*own, *[col for col in c.c if col.name != "attempt"], c.c.attempt]

    def _heard(self, chosen: Any, by: str) -> Mapping[Any, list[Heard]]:
        t, c, a, link = schema.attempt, schema.callout, schema.alert, schema.attempt_callout
        rows = self._db.execute(
            chosen.join(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id))
            .join(c, and_(c.c.county == link.c.county, c.c.alert == link.c.alert, c.c.post == link.c.post,
                          c.c.round == link.c.round))
            .join(a, a.c.id == c.c.alert)
            .where(t.c.state.in_(_ON_THE_WAY), t.c.notice == "")
            .order_by(t.c.submitted_at, t.c.id, c.c.post)
        ).all()
        found: dict[Any, list[Heard]] = defaultdict(list)
        for row, one in zip(rows, callouts(rows), strict=True):
            found[getattr(row, by)].append(Heard(
                one, row.attempt_id, Target(row.target), bool(row.shared), row.submitted_at, row.code,
                Grade(row.grade) if row.grade else None,
            ))
        return found

    def answer(self, given: Sequence[tuple[Heard, Grade, InboundRow, int]], actor: str = "phone") -> Keys:
        """Record answers, each with the inbound row that gave it and the number of people moved (-1 = not said)."""
        changes = [
            Change(tuple(h.callout.key), h.callout.rev, h.callout.state, {
                "state": follow(CALLOUTS, h.callout.state, CalloutEvent.ANSWERED), "next_at": None,
                "answered_at": row.came_at, "grade": grade, "late": int(h.callout.state in LATE),
            }, Note(detail=f"{grade} {h.target} {row.event} attempt={h.attempt}", commitment=_proof(row)))
            for h, grade, row, _ in given
        ]
        written = self._ledger.record(schema.callout, changes, Event(CalloutEvent.ANSWERED, actor))
        rows = [
            self._answer_row(h, grade, row, actor) | {"moved": moved}
            for h, grade, row, moved in given if tuple(h.callout.key) in written
        ]
        self._ledger.record_rows(schema.answer, rows, Event("given", actor))
        self._hang_up(rows)
        return written

    def contact(self, said: Sequence[tuple[Heard, Grade]], row: InboundRow) -> None:
        """Record what is no answer but shows that somebody was reached."""
        rows = [self._answer_row(h, grade, row, "phone") for h, grade in said]
        self._ledger.record_rows(schema.answer, rows, Event("contact", "phone"))

    def _answer_row(self, heard: Heard, grade: Grade, row: InboundRow, actor: str) -> Row:
        key = heard.callout.key
        return {"county": key.county, "alert": key.alert, "post": key.post, "round": key.round, "ref": row.event,
                "attempt": heard.attempt, "grade": grade, "at": row.came_at,
                "late": int(heard.callout.state in LATE), "body": row.body, "actor": actor}

    def _hang_up(self, answered: Sequence[Row]) -> None:
        """Calls that still ring for people who have all answered are to be ended."""
        if not answered:
            return
        t, link, c = schema.attempt, schema.attempt_callout, schema.callout
        v = table_rows(self._ledger.dialect, types_of(link, ["county", "alert", "post", "round"]), answered)
        ringing = (
            select(link.c.attempt).select_from(v)
            .join(link, and_(*[link.c[n] == v.c[n] for n in ("county", "alert", "post", "round")]))
            .join(t, and_(t.c.county == link.c.county, t.c.id == link.c.attempt))
            .where(t.c.channel == ChannelKind.VOICE, t.c.receipt == "", t.c.state.in_(_ON_THE_WAY))
        )
        others = select(c.c.post).select_from(link).join(c, and_(
            c.c.county == link.c.county, c.c.alert == link.c.alert, c.c.post == link.c.post, c.c.round == link.c.round,
        )).where(link.c.county == t.c.county, link.c.attempt == t.c.id, c.c.state.in_([s.value for s in LIVE])).exists()
        ending = update(t).values(hang_up=1, rev=t.c.rev + 1).where(t.c.county.in_({r["county"] for r in answered}), t.c.id.in_(ringing), ~others)
        self._ledger.record_set(ending, Event("to_hang_up"))

    def escalated_to(self, keys: Sequence[tuple[object, ...]]) -> list[Told]:
        """Whoever else was called in the place of these callouts' people."""
        if not keys:
            return []
        t, link, d, k = schema.attempt, schema.attempt_callout, schema.duty, schema.county
        names = ("county", "alert", "post", "round")
        v = table_rows(self._ledger.dialect, types_of(link, names), [dict(zip(names, key, strict=True)) for key in keys])
        rows = self._db.execute(
            select(link.c.county, link.c.alert, link.c.post, t.c.number, t.c.responder, d.c.title).distinct()
            .select_from(v).join(link, and_(*[link.c[n] == v.c[n] for n in names]))
            .join(t, and_(t.c.county == link.c.county, t.c.id == link.c.attempt)).join(k, k.c.county == t.c.county)
            .outerjoin(d, and_(d.c.county == k.c.county, d.c.roster == k.c.roster, d.c.post == link.c.post))
            .where(t.c.target != Target.HOLDER, t.c.state.in_(_ON_THE_WAY))
        )
        return [Told(r.county, r.alert, r.post, r.number, r.responder, r.title or "") for r in rows]

    def stand_down(self, told: Sequence[Told]) -> None:
        """Queue a stand-down to each of them."""
        self._notify(NoticeKind.STANDDOWN, [(t, str(t.post), {"silent": [t.title]}) for t in told])

    def tell_rest(self, heard: Heard, row: InboundRow, rest: Sequence[str]) -> None:
        """Queue a notice that says which alert the answer counted for, and the codes of the others."""
        key = heard.callout.key
        told = Told(key.county, key.alert, key.post, row.number, 0, "")
        self._notify(NoticeKind.WHICH, [(told, row.event, {"rest": list(rest)})])

    def _notify(self, kind: NoticeKind, rows: Sequence[tuple[Told, str, dict[str, list[str]]]]) -> None:
        many = [
            {"county": t.county, "id": f"{kind}:{t.alert}:{t.number}:{ref}", "alert": t.alert, "kind": kind,
             "number": t.number, "responder": t.responder, "detail": json.dumps(detail, ensure_ascii=False),
             "state": "to_send", "next_at": self._ledger.at}
            for t, ref, detail in rows
        ]
        self._ledger.record_rows(schema.notice, many, Event("queued"))

    def receipts(self, came: Sequence[InboundRow]) -> list[str]:
        """Fold receipts into attempts by rank; returns the ids of attempts that provably reached nobody."""
        t, v = schema.attempt, self._attempts([e.attempt for e in came])
        same = and_(t.c.county == v.c.county, t.c.id == v.c.id)
        held = {r.id: r for r in self._db.execute(select(t).select_from(v).join(t, same))}
        news = [(held[e.attempt], ReceiptKind(e.body), e) for e in came if e.attempt in held]
        fresh = [(r, kind, e) for r, kind, e in news if not r.receipt or kind.rank > ReceiptKind(r.receipt).rank]
        proven = (AttemptState.UNKNOWN, AttemptState.SUBMITTING)
        changes = [
            Change((r.county, r.id), r.rev, r.state, {
                "receipt": kind, "receipt_at": e.came_at,
                "state": follow(ATTEMPTS, AttemptState(r.state), AttemptEvent.PROVEN) if r.state in proven else r.state,
            }, Note(detail=kind)) for r, kind, e in fresh
        ]
        written = self._ledger.record(t, changes, Event("receipt"))
        self._bury([r.number for r, kind, _ in fresh if kind is ReceiptKind.DEAD])
        return [r.id for r, kind, _ in fresh if kind.failed and (r.county, r.id) in written]

    def _bury(self, numbers: Sequence[int]) -> None:
        n = schema.number
        if numbers:
            dying = update(n).values(dead=1, rev=n.c.rev + 1).where(n.c.id.in_(numbers), n.c.dead == 0)
            self._ledger.record_set(dying, Event("dead"))

    def opt_out(self, number: int) -> None:
        """Mark a number whose owner wants no more texts."""
        n = schema.number
        self._ledger.record_set(update(n).values(opted_out=1, rev=n.c.rev + 1).where(n.c.id == number),
                                Event("opted_out"))

    def close(self, rows: Sequence[tuple[InboundRow, str]]) -> None:
        """Mark inbound rows as understood, each with what it was taken for."""
        changes = [Change((row.event,), row.rev, "pending", {"state": "done", "outcome": outcome})
                   for row, outcome in rows]
        self._ledger.record(schema.inbound, changes, Event("understood"))

    def still_waiting(self, attempts: Sequence[str]) -> list[Callout]:
        """Callouts whose current attempt is one of these."""
        if not attempts:
            return []
        c, link, v = schema.callout, schema.attempt_callout, self._attempts(attempts)
        mine = and_(link.c.county == v.c.county, link.c.attempt == v.c.id)
        same = and_(*[c.c[n] == link.c[n] for n in ("county", "alert", "post", "round", "attempt")])
        rows = self._db.execute(select(c).select_from(v).join(link, mine).join(c, same)
                                .where(c.c.state == CalloutState.WAITING))
        return callouts(rows.all())


def _proof(row: InboundRow) -> str:
    return row.body if row.kind == InboundKind.REPLY else ""
