"""The duty log on record: entries are added, never changed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from callout.domain.instant import NEVER_YET, Instant
from callout.domain.journal import EntryKind, NewEntry
from callout.ports import Ids
from callout.store import schema
from callout.store.personal import keep_name
from callout.store.transaction import Event, Ledger, Note


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands."""

    county: str
    id: int
    kind: EntryKind
    at: Instant
    entered_at: Instant
    alert: int
    headline: str
    """Of the warning that it is about."""
    of: int
    attendees: str
    text: str
    ref: str
    officer: str


class JournalRows:
    """Reads and writes of the duty log inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def write(self, new: NewEntry) -> int:
        """Keep an entry; returns its number in the county."""
        j = schema.journal
        number = 1 + (self._db.execute(select(func.max(j.c.id)).where(j.c.county == new.county)).scalar() or 0)
        name = keep_name(self._db, self._ids, new.attendees.strip()) if new.attendees.strip() else ""
        row = {
            "county": new.county,
            "id": number,
            "kind": new.kind,
            "at": new.at,
            "entered_at": self._ledger.at,
            "alert": new.alert,
            "follows": new.of,
            "attendees": name,
            "text": new.text.strip(),
            "ref": new.ref.strip(),
            "officer": new.officer,
        }
        note = Note(commitment=name, detail=f"kind={new.kind} sha256={new.digest}")
        if not self._ledger.record_rows(j, [row], Event("written", new.officer), {(new.county, number): note}):
            raise RuntimeError("another writer took the number of this entry; nothing was written")
        return number

    def newest(self, county: str, limit: int, since: Instant = NEVER_YET) -> list[Entry]:
        """Entries of the county, newest first."""
        j = schema.journal
        chosen = _select().where(j.c.county == county, j.c.at >= since).order_by(j.c.at.desc(), j.c.id.desc())
        return [_entry(row) for row in self._db.execute(chosen.limit(limit))]

    def open_handover(self, county: str) -> Entry | None:
        """The newest handover where nobody has taken over."""
        j = schema.journal
        of_shift = j.c.kind.in_([EntryKind.HANDOVER.value, EntryKind.TAKEOVER.value])
        row = self._db.execute(_select().where(j.c.county == county, of_shift).order_by(j.c.id.desc()).limit(1)).first()
        return _entry(row) if row and row.kind == EntryKind.HANDOVER else None


def _select() -> Select[Any]:
    j, a, x = schema.journal, schema.alert, schema.personal
    return (
        select(j, a.c.headline, x.c.value.label("who"))
        .outerjoin(a, a.c.id == j.c.alert)
        .outerjoin(x, x.c.commitment == j.c.attendees)
    )


def _entry(row: Any) -> Entry:
    who = row.who or ("（姓名已删除）" if row.attendees else "")
    return Entry(
        county=row.county,
        id=row.id,
        kind=EntryKind(row.kind),
        at=Instant(row.at),
        entered_at=Instant(row.entered_at),
        alert=row.alert,
        headline=row.headline or "",
        of=row.follows,
        attendees=who,
        text=row.text,
        ref=row.ref,
        officer=row.officer,
    )
