"""The one write path. Every row that changes, changes here, and its audit entry is a by-product of that write.

Two forms only: `record` for single rows that somebody has seen (guarded by their revision), `record_set` for rows
that a statement selects. Both take the audit entries from what the database says it wrote.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Insert, Select, Table, Update, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres
from sqlalchemy.dialects.sqlite import insert as lite
from sqlalchemy.engine import RowMapping

from callout.domain.instant import Instant
from callout.store import schema
from callout.store.batch import Row, packed, row_source, update_source

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
Keys = set[tuple[Any, ...]]
Notes = Mapping[tuple[Any, ...], Note]
NO_NOTES: Notes = MappingProxyType({})
NO_VALUES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Guard:
    """A further condition that must hold in the database at the moment of the write, with its parameters.

    `condition` must be a constant of its module: statements are kept by it.
    """

    condition: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)


ALWAYS = Guard(true())


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


_NOTE = insert(schema.audit)


class Ledger:
    """The write path inside one open transaction."""

    def __init__(self, connection: Connection, at: Instant) -> None:
        self.connection = connection
        self.at = at
        self.dialect = connection.dialect.name

    def record(self, table: Table, changes: Sequence[Change], event: Event, guard: Guard = ALWAYS) -> Keys:
        """Write `changes` (all with the same columns); returns the keys whose row was still as seen."""
        if not changes:
            return set()
        columns = tuple(sorted(changes[0].values))
        statement = _guarded_update(self.dialect, table, columns, guard.condition)
        rows = packed([*c.key, c.rev, *(c.values[name] for name in columns)] for c in changes)
        names = _keys(table)
        found = self.connection.execute(statement, rows | dict(guard.values)).mappings()
        written = {tuple(row[n] for n in names): row for row in found}
        self._note([_entry(self.at, table, event, c.before, written[c.key], c.note)
                    for c in changes if c.key in written])
        return set(written)

    def record_set(self, statement: Insert | Update, event: Event, notes: Notes = NO_NOTES,
                   values: Mapping[str, Any] = NO_VALUES) -> list[RowMapping]:
        """Run a set-based write that returns its rows, and note every one; `notes` by primary key."""
        table = statement.table
        assert isinstance(table, Table)  # noqa: S101  # an INSERT or UPDATE of one table
        written = list(self.connection.execute(statement, dict(values)).mappings())
        names = _keys(table)
        self._note([_entry(self.at, table, event, "", row, notes.get(tuple(row[n] for n in names), EMPTY))
                    for row in written])
        return written

    def record_rows(self, table: Table, rows: Iterable[Row], event: Event, notes: Notes = NO_NOTES) -> list[RowMapping]:
        """`record_set` for rows born in Python; rows that exist already stay untouched and unnoted."""
        many = list(rows)
        if not many:
            return []
        names = tuple(many[0])
        statement = _insert_new(self.dialect, table, names)
        return self.record_set(statement, event, notes, packed([row[name] for name in names] for row in many))

    def record_opened(self, statement: Insert, where: Select[Any], event: Event) -> int:
        """`record_set` for sets too large to travel through Python: the entries are selected from the rows written.

        `where` selects, from the written table, the AUDIT_COLUMNS of exactly those rows; both counts must agree.
        """
        written = self.connection.execute(statement).rowcount
        noted = self.connection.execute(insert(schema.audit).from_select(list(AUDIT_COLUMNS), where)).rowcount
        if written != noted:
            raise RuntimeError(f"{event.name}: {written} rows written, {noted} noted")
        return written

    def note(self, event: Event, alert: int = 0, county: str = "", detail: str = "") -> None:
        """Note something that changed no row, such as a duplicate that came in."""
        blank = dict.fromkeys(("attempt", "ref", "before", "after", "commitment"), "")
        self._note([{**blank, "county": county, "at": self.at, "event": event.name, "alert": alert, "post": 0,
                     "actor": event.actor, "detail": detail}])

    def _note(self, entries: list[Row]) -> None:
        if entries:
            self.connection.execute(_NOTE, entries)


def _keys(table: Table) -> list[str]:
    return [c.name for c in table.primary_key.columns]


@cache
def told(table: Table) -> tuple[Column[Any], ...]:
    """The columns that an audit entry quotes: what every recorded statement must return."""
    wanted = {*_keys(table), "county", "alert", "post", "attempt", "state", "lane"}
    return tuple(c for c in table.c if c.name in wanted)


@cache
def _guarded_update(dialect: str, table: Table, columns: tuple[str, ...], guard: ColumnElement[bool]) -> Update:
    names = tuple(_keys(table))
    v = update_source(dialect, table, names, columns)
    values = {name: v.c[f"n_{name}"] for name in columns} | {"rev": table.c.rev + 1}
    found = [table.c[name] == v.c[name] for name in names]
    return update(table).values(values).where(*found, table.c.rev == v.c.seen, guard).returning(*told(table))


@cache
def _insert_new(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    """INSERT … SELECT that leaves existing rows alone."""
    make = lite if dialect == "sqlite" else postgres
    v = row_source(dialect, *[table.c[name] for name in names])
    chosen = select(*[v.c[name] for name in names]).where(true())
    return make(table).from_select(list(names), chosen).on_conflict_do_nothing().returning(*told(table))


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
