"""The one write path. Every row that changes, changes here, and its audit entry is a by-product of that write.

Two forms only: `record` for single rows that somebody has seen (guarded by their revision), `record_set` for rows
that a statement selects. Which rows were written the database says; what an entry quotes of them it gives back, or, on
SQLite, was seen before and is so still, as the revision shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cache
from itertools import compress
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Insert, Select, Table, Update, insert, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgres
from sqlalchemy.dialects.sqlite import insert as lite
from sqlalchemy.sql.dml import UpdateBase

from callout.domain.instant import Instant
from callout.domain.made_often import made_often
from callout.store import schema
from callout.store.batch import Values, one_row, packed, row_source, update_row, update_source
from callout.store.entries import AUDIT_COLUMNS, EMPTY, ENGINE, Event, Note, Shape, keys, shape, suffice, told
from callout.store.prepared import Row, change, change_each, fetch, fetch_plain, picker, plainly, row_of, write_many

__all__ = [
    "AUDIT_COLUMNS", "BELL", "ENGINE", "Change", "Event", "Guard", "Keys", "Ledger", "Note", "changed", "told",
]  # fmt: skip

BELL = "callout_bell"
"""The PostgreSQL channel on which engines are woken."""
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
    seen: Mapping[str, Any] = NO_VALUES
    """What an entry quotes of the row that neither key nor new values tell. With it SQLite need not give it back, which
    takes it as long as the write: the revision shows that the row still is as it was seen."""


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
        rows = [plainly((*c.key, c.rev, *pick(c.values))) for c in changes]
        names = (*keys(table), "rev", *columns, *changes[0].seen)
        if self.dialect == "sqlite" and suffice(table, names):
            done = change_each(self.connection, _guarded_row(table, columns, guard.condition), rows, guard.values)
            each = zip(changes, rows, done, strict=True)
            written: list[tuple[Change, Sequence[Any]]] = [(c, (*row, *c.seen.values())) for c, row, did in each if did]
        else:
            names, statement = (), _guarded_update(self.dialect, table, columns, guard.condition)
            found = fetch_plain(self.connection, statement, {**packed(rows), **guard.values})
            by_key = dict(zip(map(shape(table).key, found), found, strict=True))
            written = [(c, by_key[c.key]) for c in changes if c.key in by_key]
        entry = shape(table, names).entries(self.at, event)
        self._note([entry(c.before, row, c.note) for c, row in written])
        return {c.key for c, _ in written}

    def record_set(
        self, statement: UpdateBase, event: Event, notes: Notes = NO_NOTES, values: Mapping[str, Any] = NO_VALUES
    ) -> Sequence[Row]:
        """Run a set-based write that returns its rows, and note every one; `notes` by primary key."""
        table = statement.table
        assert isinstance(table, Table)  # noqa: S101  # a write to one table
        written = fetch(self.connection, statement, values)
        if not written:
            return written
        self._note_new(shape(table), written, event, notes)
        return written

    def record_rows(self, table: Table, rows: Iterable[Values], event: Event, notes: Notes = NO_NOTES) -> Sequence[Row]:
        """`record_set` for rows born in Python; rows that exist already stay untouched and unnoted."""
        many = list(rows)
        if not many:
            return []
        names, pick = tuple(many[0]), picker(tuple(many[0]))
        values = [plainly(pick(row)) for row in many]
        if self.dialect != "sqlite" or not suffice(table, names):
            return self.record_set(_insert_new(self.dialect, table, names), event, notes, packed(values))
        done = change_each(self.connection, _insert_row(table, names), values)
        written = list(map(row_of(names), compress(values, done)))
        self._note_new(shape(table, names), written, event, notes)
        return written

    def _note_new(self, told_by: Shape, written: Sequence[Row], event: Event, notes: Notes) -> None:
        entry, key = told_by.entries(self.at, event), told_by.key
        self._note([entry("", row, notes.get(key(row), EMPTY) if notes else EMPTY) for row in written])

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


def changed(table: Table, **values: Any) -> Update:
    """The UPDATE of a `record_set`, its WHERE still to be added; no other module writes one."""
    return _moved(table, values).returning(*told(table))


def _moved(table: Table, values: Mapping[str, Any]) -> Update:
    return update(table).values(**values, rev=table.c.rev + 1)


@cache
def _guarded_update(dialect: str, table: Table, columns: tuple[str, ...], guard: ColumnElement[bool]) -> Update:
    return _guarded(table, update_source(dialect, table, keys(table), columns).c, columns, guard).returning(
        *told(table)
    )


@cache
def _guarded_row(table: Table, columns: tuple[str, ...], guard: ColumnElement[bool]) -> Update:
    """The same for one row, that gives nothing back."""
    return _guarded(table, update_row(table, keys(table), columns), columns, guard)


def _guarded(table: Table, v: Any, columns: tuple[str, ...], guard: ColumnElement[bool]) -> Update:
    """`v`: the columns of `update_source`, or the values of `update_row`."""
    values = {name: v[f"n_{name}"] for name in columns}
    same = [table.c[name] == v[name] for name in keys(table)]
    return _moved(table, values).where(*same, table.c.rev == v["seen"], guard)


@cache
def _insert_new(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    """An INSERT that leaves existing rows alone."""
    v = row_source(dialect, *[table.c[name] for name in names])
    chosen = select(*[v.c[name] for name in names]).where(true())
    new = (lite if dialect == "sqlite" else postgres)(table).from_select(list(names), chosen)
    return new.on_conflict_do_nothing().returning(*told(table))


@cache
def _insert_row(table: Table, names: tuple[str, ...]) -> Insert:
    """The same for one row, that gives nothing back."""
    values = dict(zip(names, one_row(*[table.c[name] for name in names]), strict=True))
    return lite(table).values(values).on_conflict_do_nothing()


@cache
def _insert_selected(where: Select[Any]) -> Insert:
    return insert(schema.audit).from_select(list(AUDIT_COLUMNS), where)


@cache
def _insert_text(dialect: str, table: str, names: tuple[str, ...]) -> str:
    """The driver's own statement: it takes tuples as they are, at a third of the cost."""
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608  # constants only
