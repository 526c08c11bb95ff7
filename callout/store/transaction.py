"""The one write path. Every row that changes, changes here, and its audit entry is a by-product of that write.

Two forms only: `record` for single rows that somebody has seen (guarded by their revision), `record_set` for rows
that a statement selects. Both take the audit entries from what the database says it wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Select, Table, Update, insert, literal, select, update
from sqlalchemy.engine import RowMapping

from callout.domain.instant import Instant
from callout.store import schema
from callout.store.batch import Row, table_rows, types_of

ENGINE = "engine"
"""The actor of everything that callout does by itself."""

AUDIT_COLUMNS = ("county", "at", "event", "alert", "post", "attempt", "ref", "before", "after", "actor",
                 "commitment", "detail")


@dataclass(frozen=True, slots=True)
class Note:
    """What an audit entry says beyond the row itself."""

    ref: str = ""
    commitment: str = ""
    detail: str = ""


EMPTY = Note()
Notes = Mapping[tuple[Any, ...], Note]


@dataclass(frozen=True, slots=True)
class Change:
    """A write to one row that was seen before: its key, the revision and state seen, and the new values."""

    key: tuple[Any, ...]
    rev: int
    before: str
    values: Row
    note: Note = field(default=EMPTY)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: a word of the state tables, and who did it."""

    name: str
    actor: str = ENGINE


class Ledger:
    """The write path inside one open transaction."""

    def __init__(self, connection: Connection, at: Instant) -> None:
        self.connection = connection
        self.at = at
        self.dialect = connection.dialect.name

    def record(self, table: Table, changes: Sequence[Change], event: Event,
               guard: ColumnElement[bool] | None = None) -> set[tuple[Any, ...]]:
        """Write `changes` (all with the same columns); returns the keys whose row was still as seen.

        `guard` is a further condition that must hold in the database at the moment of the write.
        """
        if not changes:
            return set()
        names = [c.name for c in table.primary_key.columns]
        columns = sorted(changes[0].values)
        rows = [dict(zip(names, c.key, strict=True), seen=c.rev, **{f"n_{k}": v for k, v in c.values.items()})
                for c in changes]
        types = types_of(table, names) | {"seen": table.c.rev.type}
        types |= {f"n_{k}": t for k, t in types_of(table, columns).items()}
        v = table_rows(self.dialect, types, rows)
        found = [table.c[name] == v.c[name] for name in names] + ([] if guard is None else [guard])
        values = {name: v.c[f"n_{name}"] for name in columns} | {"rev": table.c.rev + 1}
        statement = (update(table).values(values).where(*found, table.c.rev == v.c.seen)
                     .returning(*[table.c[name] for name in _told(table)]))
        written = {tuple(row[n] for n in names): row for row in self.connection.execute(statement).mappings()}
        self._note([_entry(self.at, table, event, c.before, written[c.key], c.note) for c in changes if c.key in written])
        return set(written)

    def record_set(self, statement: Insert | Update, event: Event, notes: Notes = MappingProxyType({}),
                   before: str = "") -> list[RowMapping]:
        """Run a set-based write and note every row that it returns; `notes` by primary key. Returns those rows."""
        table = statement.table
        assert isinstance(table, Table)
        written = list(self.connection.execute(statement.returning(*table.c)).mappings())
        names = [c.name for c in table.primary_key.columns]
        self._note([_entry(self.at, table, event, before, row, notes.get(tuple(row[n] for n in names), EMPTY))
                    for row in written])
        return written

    def record_rows(self, table: Table, rows: Iterable[Row], event: Event,
                    notes: Notes = MappingProxyType({})) -> list[RowMapping]:
        """`record_set` for rows born in Python; rows that exist already stay untouched and unnoted."""
        many = list(rows)
        if not many:
            return []
        names = list(many[0])
        v = table_rows(self.dialect, types_of(table, names), many)
        chosen = select(*[v.c[name] for name in names]).where(literal(1) == 1)
        return self.record_set(self.insert_new(table, names, chosen), event, notes)

    def record_opened(self, statement: Insert, where: Select[Any], event: Event) -> int:
        """`record_set` for sets too large to travel through Python: the entries are selected from the rows written.

        `where` selects, from the written table, the AUDIT_COLUMNS of exactly those rows; both counts must agree.
        """
        written = self.connection.execute(statement).rowcount
        noted = self.connection.execute(insert(schema.audit).from_select(list(AUDIT_COLUMNS), where)).rowcount
        if written != noted:
            raise RuntimeError(f"{event.name}: {written} rows written, {noted} noted")
        return written

    def insert_new(self, table: Table, names: Sequence[str], chosen: Select[Any]) -> Insert:
        """INSERT … SELECT that leaves existing rows alone."""
        if self.dialect == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as lite

            return lite(table).from_select(list(names), chosen).on_conflict_do_nothing()
        from sqlalchemy.dialects.postgresql import insert as postgres

        return postgres(table).from_select(list(names), chosen).on_conflict_do_nothing()

    def note(self, event: Event, alert: int = 0, county: str = "", detail: str = "") -> None:
        """Note something that changed no row, such as a duplicate that came in."""
        blank = dict.fromkeys(("attempt", "ref", "before", "after", "commitment"), "")
        self._note([{**blank, "county": county, "at": self.at, "event": event.name, "alert": alert, "post": 0,
                     "actor": event.actor, "detail": detail}])

    def _note(self, entries: list[Row]) -> None:
        if entries:
            self.connection.execute(insert(schema.audit), entries)


def _told(table: Table) -> list[str]:
    """The columns that an audit entry quotes."""
    wanted = {c.name for c in table.primary_key.columns} | {"county", "alert", "post", "attempt", "state"}
    return [c.name for c in table.c if c.name in wanted]


_OWN_COLUMN = ("county", "alert", "post", "attempt")


def _entry(at: Instant, table: Table, event: Event, before: str, row: RowMapping, note: Note) -> Row:
    rest = [str(row[c.name]) for c in table.primary_key.columns if c.name not in _OWN_COLUMN]
    return {
        "county": row.get("county", ""),
        "at": at,
        "event": f"{table.name}.{event.name}",
        "alert": row.get("alert") or 0,
        "post": row.get("post") or 0,
        "attempt": str(row.get("attempt") or ""),
        "ref": note.ref or ":".join(rest),
        "before": before,
        "after": str(row.get("state", "")),
        "actor": event.actor,
        "commitment": note.commitment,
        "detail": note.detail,
    }
