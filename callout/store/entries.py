"""Entries of the record: what each says, and where in the rows of a table it is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Table

from callout.domain.instant import Instant
from callout.store.prepared import picker

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
_OWN = ("county", "alert", "post", "attempt")
"""Columns that have a field of their own in an entry."""


class Event(NamedTuple):
    """What happened: a word of the state tables, and who did it."""

    name: str
    actor: str = ENGINE


@cache
def keys(table: Table) -> tuple[str, ...]:
    """The names of the primary key's columns."""
    return tuple(c.name for c in table.primary_key.columns)


@cache
def told(table: Table) -> tuple[Column[Any], ...]:
    """The columns that an audit entry quotes: what every recorded statement must return."""
    wanted = {*keys(table), *_OWN, "state", "lane"}
    return tuple(c for c in table.c if c.name in wanted)


@cache
def suffice(table: Table, names: tuple[str, ...]) -> bool:
    """Whether the entry of a row can be told from these of its columns."""
    return {c.name for c in told(table)} - {"lane"} <= set(names)


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an audit entry finds its fields in a row; -1 = the table has no such column."""

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
def shape(table: Table, names: tuple[str, ...] = ()) -> Shape:
    """`names`: the columns of a row, in order; none: those of `told`."""
    at = {name: i for i, name in enumerate(names or [c.name for c in told(table)])}
    county, alert, post, attempt = (at.get(name, -1) for name in _OWN)
    own = keys(table)
    key, rest = picker(tuple(at[k] for k in own)), tuple(at[k] for k in own if k not in _OWN)
    return Shape(table.name, key, county, alert, post, attempt, at.get("state", -1), rest)
