"""The one write path. Every row that changes, changes here, and its audit entry is a by-product of that write.

Two forms only: `record` for single rows that somebody has seen (guarded by their revision), `record_set` for rows
that a statement selects. Both take the audit entries from what the database says it wrote.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Insert, Select, Table, Update, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres
from sqlalchemy.dialects.sqlite import insert as lite
from sqlalchemy.sql.dml import UpdateBase

from callout.domain.instant import Instant
from callout.domain.made_often import made_often
from callout.store import schema
from callout.store.batch import Values, alone, one_row, packed, row_source, single, update_row, update_source
from callout.store.prepared import Row, change, fetch, fetch_plain, picker, write_many

BELL = "callout_bell"
"""The PostgreSQL channel on which engines are woken."""
ENGINE = "engine"
"""The actor of everything that callout does by itself."""

AUDIT_COLUMNS = (
    "county",
    "at",
    "event",
    "alert",
    "post",
    "attempt",
    "ref",
    "before",
    "after",
    "actor",
    "commitment",
    "detail",
)


class Note(NamedTuple):
    """What an audit entry says beyond the row itself."""

    ref: str = ""
    commitment: str = ""
    detail: str = ""


EMPTY = Note()
Keys = set[tuple[Any, ...]]
Notes = Mapping[tuple[Any, ...], Note]
NO_NOTES: Notes = MappingProxyType({})
NO_VALUES: Mapping[str, Any] = MappingProxyType({})


@made_often(frozen=True, slots=True)
class Guard:
    """A further condition that must hold in the database at the moment of the write, with its parameters.

    `condition` must be a constant of its module: statements are kept by it.
    """

    condition: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)


ALWAYS = Guard(true())


class Change(NamedTuple):
    """A write to one row that was seen before: its key, the revision and state seen, and the new values."""

    key: tuple[Any, ...]
    rev: int
    before: str
    values: Values
    note: Note = EMPTY


class Event(NamedTuple):
    """What happened: a word of the state tables, and who did it."""

    name: str
    actor: str = ENGINE


class Ledger:
    """The write path inside one open transaction."""

    def __init__(self, connection: Connection, at: Instant) -> None:
        self.connection = connection
        self.at = at
        self.dialect = connection.dialect.name
        self.stirs = False
        self.noted: list[tuple[Any, ...]] = []
        """Entries that this transaction has written, in the order of AUDIT_COLUMNS."""
        self._waiting: list[tuple[Any, ...]] | None = None
        """Entries that are written together at the end; None: each at once."""

    def gather(self) -> None:
        """From here on entries wait for `write_out`: one statement for all of a transaction instead of one for each."""
        self._waiting = []

    def write_out(self) -> None:
        """Write the entries that wait, in the order in which they came. Whoever gathers must call it last."""
        entries, self._waiting = self._waiting or [], None
        self._note(entries)

    def stir(self) -> None:
        """What is written here calls for work at once: whoever rests is woken when it is durable, anywhere."""
        if self.dialect == "postgresql" and not self.stirs:
            self.connection.exec_driver_sql(f"NOTIFY {BELL}")
        self.stirs = True

    def record(self, table: Table, changes: Sequence[Change], event: Event, guard: Guard = ALWAYS) -> Keys:
        """Write `changes` (all with the same columns); returns the keys whose row was still as seen."""
        if not changes:
            return set()
        columns = tuple(sorted(changes[0].values))
        many, pick = len(columns), picker(columns)
        if len(changes) > 1 and not all(len(c.values) == many for c in changes):
            raise ValueError(f"{table.name}.{event.name}: changes of different columns")
        rows = [(*c.key, c.rev, *pick(c.values)) for c in changes]
        one = alone(self.dialect, rows)
        statement = _guarded_update(self.dialect, table, columns, guard.condition, one)
        shape = _shape(table)
        given = single(rows[0]) if one else packed(rows)
        found = fetch_plain(self.connection, statement, {**given, **guard.values})
        if not found:
            return set()
        written = {shape.key(row): row for row in found}
        entry = shape.entries(self.at, event)
        self._note([entry(c.before, written[c.key], c.note) for c in changes if c.key in written])
        return set(written)

    def record_set(
        self, statement: UpdateBase, event: Event, notes: Notes = NO_NOTES, values: Mapping[str, Any] = NO_VALUES
    ) -> Sequence[Row]:
        """Run a set-based write that returns its rows, and note every one; `notes` by primary key."""
        table = statement.table
        assert isinstance(table, Table)  # noqa: S101  # a write to one table
        written = fetch(self.connection, statement, values)
        if not written:
            return written
        shape = _shape(table)
        entry = shape.entries(self.at, event)
        self._note([entry("", row, notes.get(shape.key(row), EMPTY) if notes else EMPTY) for row in written])
        return written

    def record_rows(self, table: Table, rows: Iterable[Values], event: Event, notes: Notes = NO_NOTES) -> Sequence[Row]:
        """`record_set` for rows born in Python; rows that exist already stay untouched and unnoted."""
        many = list(rows)
        if not many:
            return []
        names, one = tuple(many[0]), alone(self.dialect, many)
        statement = _insert_new(self.dialect, table, names, one)
        values = [[row[name] for name in names] for row in many]
        return self.record_set(statement, event, notes, single(values[0]) if one else packed(values))

    def record_opened(
        self, statement: Insert, where: Select[Any], event: Event, values: Mapping[str, Any] = NO_VALUES
    ) -> int:
        """`record_set` for sets too large to travel through Python: the entries are selected from the rows written.

        `where` selects, from the written table, the AUDIT_COLUMNS of exactly those rows; both counts must agree.
        """
        self.write_out()  # what came before is told before
        written = change(self.connection, statement, values)
        noted = change(self.connection, _insert_selected(where), values)
        if written != noted:
            raise RuntimeError(f"{event.name}: {written} rows written, {noted} noted")
        return written

    def note(self, event: Event, alert: int = 0, county: str = "", detail: str = "", post: int = 0) -> None:
        """Note something that changed no row, such as a duplicate that came in."""
        self._note([(county, self.at, event.name, alert, post, "", "", "", "", event.actor, "", detail)])

    def attach(self, table: Table, rows: Sequence[Values]) -> None:
        """Write rows that an entry of this transaction tells about already; they get none of their own.

        All are new: one that exists is an error, and then nothing of this transaction remains.
        """
        if rows:
            names = tuple(rows[0])
            text = _insert_text(self.dialect, table.name, names)
            write_many(self.connection, text, [tuple([row[name] for name in names]) for row in rows])

    def _note(self, entries: Sequence[tuple[Any, ...]]) -> None:
        if self._waiting is not None:
            self._waiting += entries
        elif entries:
            write_many(self.connection, _insert_text(self.dialect, schema.audit.name, AUDIT_COLUMNS), entries)
            self.noted += entries


def _keys(table: Table) -> list[str]:
    return [c.name for c in table.primary_key.columns]


@cache
def told(table: Table) -> tuple[Column[Any], ...]:
    """The columns that an audit entry quotes: what every recorded statement must return."""
    wanted = {*_keys(table), "county", "alert", "post", "attempt", "state", "lane"}
    return tuple(c for c in table.c if c.name in wanted)


def changed(table: Table, **values: Any) -> Update:
    """The UPDATE of a `record_set`, its WHERE still to be added; no other module writes one."""
    return update(table).values(**values, rev=table.c.rev + 1).returning(*told(table))


@cache
def _guarded_update(
    dialect: str, table: Table, columns: tuple[str, ...], guard: ColumnElement[bool], one: bool
) -> Update:
    names = tuple(_keys(table))
    v = update_row(table, names, columns) if one else update_source(dialect, table, names, columns).c
    values = {name: v[f"n_{name}"] for name in columns}
    found = [table.c[name] == v[name] for name in names]
    return changed(table, **values).where(*found, table.c.rev == v["seen"], guard)


@cache
def _insert_new(dialect: str, table: Table, names: tuple[str, ...], one: bool) -> Insert:
    """An INSERT that leaves existing rows alone."""
    make, columns = (lite if dialect == "sqlite" else postgres)(table), [table.c[name] for name in names]
    if one:
        new = make.values(dict(zip(names, one_row(*columns), strict=True)))
    else:
        v = row_source(dialect, *columns)
        new = make.from_select(list(names), select(*[v.c[name] for name in names]).where(true()))
    return new.on_conflict_do_nothing().returning(*told(table))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where an audit entry finds its fields in a row of `told(table)`; -1 = the table has no such column."""

    table: str
    key: Callable[[Sequence[Any]], tuple[Any, ...]]
    """The primary key of a row."""
    county: int
    alert: int
    post: int
    attempt: int
    state: int
    rest: tuple[int, ...]
    """Key columns that have no field of their own in an entry."""

    def entries(self, at: Instant, event: Event) -> Callable[[str, Sequence[Any], Note], tuple[Any, ...]]:
        """What makes the entry of a row, in the order of AUDIT_COLUMNS, from its state before, the row and the note."""
        name, actor = f"{self.table}.{event.name}", event.actor
        county, alert, post, attempt, state = self.county, self.alert, self.post, self.attempt, self.state

        def entry(before: str, row: Sequence[Any], note: Note) -> tuple[Any, ...]:
            return (
                row[county] if county >= 0 else "",
                at,
                name,
                row[alert] if alert >= 0 else 0,
                row[post] if post >= 0 else 0,
                row[attempt] if attempt >= 0 else "",
                note.ref or ":".join([str(row[i]) for i in self.rest]),
                str(before),  # SQLite's driver takes a microsecond to find that a member of an enum is a text
                row[state] if state >= 0 else "",
                actor,
                note.commitment,
                note.detail,
            )

        return entry


@cache
def _shape(table: Table) -> _Shape:
    at = {c.name: i for i, c in enumerate(told(table))}
    own = ("county", "alert", "post", "attempt")
    keys = _keys(table)
    county, alert, post, attempt = (at.get(name, -1) for name in own)
    key, rest = picker(tuple(at[k] for k in keys)), tuple(at[k] for k in keys if k not in own)
    return _Shape(table.name, key, county, alert, post, attempt, at.get("state", -1), rest)


@cache
def _insert_selected(where: Select[Any]) -> Insert:
    return insert(schema.audit).from_select(list(AUDIT_COLUMNS), where)


@cache
def _insert_text(dialect: str, table: str, names: tuple[str, ...]) -> str:
    """The driver's own statement: it takes tuples as they are, at a third of the cost."""
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608  # constants only
