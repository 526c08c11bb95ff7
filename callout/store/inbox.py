"""Inbound events as they come in: durable first, with one entry of the record for each."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from sqlalchemy import insert

from callout.domain.attempt import FAILED
from callout.domain.audit import commitment
from callout.domain.call_facts import read_facts
from callout.domain.extension import named_by
from callout.domain.instant import HOUR
from callout.ports import Ids, Inbound, InboundKind, InboundRow
from callout.store import schema
from callout.store.batch import Values, packed
from callout.store.hearing_sql import SELECT_PENDING, WAITS, select_known, select_numbers, select_recent_texts
from callout.store.matching import Ref, attempts_by_ref, by_ref
from callout.store.prepared import fetch, fetch_plain
from callout.store.transaction import Change, Event, Ledger, Note

MEMORY = 48 * HOUR
"""How long after an attempt a text from its number is still read as a reply to it."""


class InboxRows:
    """Inbound events inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids
        self.waits = False
        """Whether something lay there already that nobody has looked at, when events were taken."""
        self._told: set[str] = set()
        """Events that an answer, a contact or a receipt of this transaction names in its own entry."""

    def accept(self, events: Sequence[Inbound]) -> int:
        """Keep inbound events as they came; known ones are dropped. Returns how many were new."""
        rows = self.take(events)
        self.keep(rows, ())
        return len(rows)

    def take(self, events: Sequence[Inbound]) -> list[InboundRow]:
        """The new ones of these events, oldest first; `keep` must write them. What replies say is kept already."""
        keys = packed((e.event,) for e in events)
        known = {event for (event,) in fetch_plain(self._db, select_known(self._ledger.dialect), keys)}
        self.waits = WAITS in known
        fresh = [e for e in {e.event: e for e in events}.values() if e.event not in known]
        numbers = self._numbers({e.e164 for e in fresh if e.e164})
        known_refs = attempts_by_ref(self._db, [(e.provider, e.ref) for e in fresh if by_ref(e)])
        named = self._named([(numbers.get(e.e164, 0), e) for e in fresh if e.extension])
        rows = [
            _arrived(e, known_refs, named, numbers.get(e.e164, 0), body)
            for e, body in zip(fresh, self._keep_texts(fresh), strict=True)
        ]
        return sorted(rows, key=lambda row: (row.came_at, row.event))

    def keep(self, waiting: Sequence[InboundRow], understood: Sequence[tuple[InboundRow, str]]) -> None:
        """Write new events: those that wait to be understood, and those that were, each with what it was taken for.

        Each has one entry: that of the answer, the contact or the receipt that it became, else one of its own.
        """
        if any(map(_calls_for_work, chain(waiting, (row for row, _ in understood)))):
            self._ledger.stir()
        told = [(row, outcome) for row, outcome in understood if row.event in self._told]
        self._ledger.attach(schema.inbound, [_values(row, "done", outcome) for row, outcome in told])
        own = [(row, "unmatched" if row.unmatched else "pending", "") for row in waiting]
        own += [(row, "done", outcome) for row, outcome in understood if row.event not in self._told]
        notes = {(row.event,): Note(commitment=row.proof, detail=outcome) for row, _, outcome in own}
        self._ledger.record_rows(schema.inbound, [_values(*one) for one in own], Event("came"), notes)

    def _numbers(self, e164s: Iterable[str]) -> dict[str, int]:
        """Ids of these numbers. A stranger's is kept too: what its owner wants holds when it comes onto a roster."""
        wanted = [(e,) for e in e164s]
        found = fetch(self._db, select_numbers(self._ledger.dialect), packed(wanted)) if wanted else ()
        known = {str(r.value): int(r.id) for r in found}
        strangers = [e for (e,) in wanted if e not in known]
        return known | self._keep_numbers(strangers) if strangers else known

    def _keep_numbers(self, e164s: Iterable[str]) -> dict[str, int]:
        salted = {e: self._ids.salt() for e in e164s}
        proofs = {e: commitment(salt, e) for e, salt in salted.items()}
        self._ledger.attach(
            schema.personal,
            [{"commitment": proofs[e], "kind": "number", "salt": salt, "value": e} for e, salt in salted.items()],
        )
        n = schema.number
        new = insert(n).returning(n.c.id)
        return {e: self._db.execute(new, {"commitment": proof}).scalar_one() for e, proof in proofs.items()}

    def _named(self, dialled: Sequence[tuple[int, Inbound]]) -> Mapping[str, str]:
        """By event: the text that the digits name which the reply was sent to."""
        if not dialled:
            return {}
        keys = packed((number,) for number in dict.fromkeys(n for n, _ in dialled)) | {
            "since": self._ledger.at - MEMORY
        }
        sent: dict[int, list[str]] = {}
        for row in fetch(self._db, select_recent_texts(self._ledger.dialect), keys):
            sent.setdefault(row.number, []).append(row.id)
        return {event.event: named_by(event.extension, sent.get(number, ())) for number, event in dialled}

    def _keep_texts(self, events: Sequence[Inbound]) -> list[str]:
        """Reply texts are personal data: they go to the erasable table, the row keeps the commitment."""
        salted = [(e, self._ids.salt() if e.kind is InboundKind.REPLY else b"") for e in events]
        proofs = [commitment(salt, e.body) if salt else e.body for e, salt in salted]
        kept = [
            {"commitment": proof, "kind": "reply", "salt": salt, "value": e.body}
            for (e, salt), proof in zip(salted, proofs, strict=True)
            if salt
        ]
        self._ledger.attach(schema.personal, kept)
        return proofs

    def pending(self, limit: int) -> list[InboundRow]:
        """Inbound rows nobody has looked at, oldest first, with the text of replies."""
        rows = fetch(self._db, SELECT_PENDING, {"limit": limit})
        return [
            InboundRow(
                *(r.event, InboundKind(r.kind), r.attempt, r.number, r.body, r.text or "", r.came_at, r.rev, r.ref),
                facts=read_facts(r.facts),
            )
            for r in rows
        ]

    def close(self, rows: Sequence[tuple[InboundRow, str]]) -> None:
        """Mark inbound rows as understood, each with what it was taken for."""
        changes = [
            Change((row.event,), row.rev, "pending", {"state": "done", "outcome": outcome}) for row, outcome in rows
        ]
        self._ledger.record(schema.inbound, changes, Event("understood"))


def _calls_for_work(row: InboundRow) -> bool:
    """Whether somebody may have to be called, or left alone, at once: most receipts only tell that all went well."""
    return row.kind is not InboundKind.RECEIPT or row.body in FAILED


def _arrived(event: Inbound, known: Mapping[Ref, str], named: Mapping[str, str], number: int, body: str) -> InboundRow:
    """The event as a row; `known`: our ids of attempts that providers' own ids stand for, `named`: by its digits."""
    attempt = (
        known.get((event.provider, event.ref), "") if by_ref(event) else event.attempt or named.get(event.event, "")
    )
    text = event.body if event.kind is InboundKind.REPLY else ""
    said = (attempt, number, body, text, event.at, 0, event.ref, event.provider)
    return InboundRow(event.event, event.kind, *said, event.facts)


def _values(row: InboundRow, state: str, outcome: str) -> Values:
    return {
        "event": row.event,
        "kind": row.kind.value,
        "county": "",
        "attempt": row.attempt,
        "number": row.number,
        "body": str(row.body),
        "came_at": row.came_at,
        "state": state,
        "outcome": str(outcome),
        "provider": row.provider,
        "ref": row.ref,
        "facts": str(row.facts),
    }
