"""Events that name a provider's own id find the attempt that it stands for, whichever of the two came first."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from callout.ports import Inbound, InboundKind
from callout.store import schema
from callout.store.batch import packed
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


def match(ledger: Ledger, known: Mapping[Ref, str]) -> None:
    """These ids are known now: the events that waited for them can be understood."""
    if not known:
        return
    waiting = fetch(ledger.connection, select_unmatched(ledger.dialect), packed(known))
    changes = [
        Change((r.event,), r.rev, r.state, {"state": "pending", "attempt": known[r.provider, r.ref]}) for r in waiting
    ]
    ledger.record(schema.inbound, changes, Event("matched"))
