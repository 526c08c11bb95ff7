"""Events that name a provider's own id find the attempt that it stands for, whichever of the two came first."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from callout.ports import Inbound, InboundKind
from callout.store import schema
from callout.store.batch import Values, packed
from callout.store.hearing_sql import select_by_ref, select_unmatched
from callout.store.prepared import fetch
from callout.store.transaction import Change, Event, Ledger

Ref = tuple[str, str]
"""(provider, its own id)."""


def by_ref(event: Inbound) -> bool:
    """Whether the event knows its attempt by the provider's id only."""
    return event.kind is not InboundKind.REPLY and not event.attempt and bool(event.ref)


def attempts_by_ref(db: Connection, refs: Iterable[Ref]) -> Mapping[Ref, str]:
    """Our ids of the attempts that these providers' ids stand for, as far as they are known."""
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return {}
    return {(r.provider, r.provider_ref): r.id for r in fetch(db, select_by_ref(db.dialect.name), packed(wanted))}


def inbound_row(event: Inbound, known: Mapping[Ref, str]) -> Values:
    """The row of an event, but for what is personal. It may come before the hand-over has ended, and then waits until
    the provider's id is known."""
    found = known.get((event.provider, event.ref), "") if by_ref(event) else event.attempt
    return {
        "event": event.event,
        "kind": event.kind,
        "county": "",
        "attempt": found,
        "came_at": event.at,
        "state": "unmatched" if by_ref(event) and not found else "pending",
        "provider": event.provider,
        "ref": event.ref,
    }


def match(ledger: Ledger, known: Mapping[Ref, str]) -> None:
    """These ids are known now: the events that waited for them can be understood."""
    if not known:
        return
    waiting = fetch(ledger.connection, select_unmatched(ledger.dialect), packed(known))
    changes = [
        Change((r.event,), r.rev, r.state, {"state": "pending", "attempt": known[r.provider, r.ref]}) for r in waiting
    ]
    ledger.record(schema.inbound, changes, Event("matched"))
