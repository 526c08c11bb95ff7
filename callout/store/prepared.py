"""Statements that SQLAlchemy builds and compiles once and the driver itself runs.

On the hot path a statement takes the database some 50 µs; carrying it through the toolkit each time took twice that.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql.elements import ClauseElement

KEPT = 512
"""Compiled statements that are remembered: more than the engine has."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
Row = Any
"""A named tuple with the columns of the statement."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver takes it."""

    text: str
    names: tuple[str, ...] | None
    """Names of the parameters by position; None where the driver takes them by name."""
    constants: Mapping[str, Any]
    """Values that the statement itself brings."""

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """What goes to the driver with the text."""
        given = {**self.constants, **values}
        return given if self.names is None else tuple([given[name] for name in self.names])


def fetch(db: Connection, statement: Executable, values: Mapping[str, Any] = NOTHING) -> Sequence[Row]:
    """All rows of the statement, which should be a constant of its module: what is prepared is kept by it."""
    ready = _prepare(db.dialect, statement)
    if ready is None:
        return db.execute(statement, dict(values)).all()
    columns, rows = _run(db, ready, values)
    return list(map(_row(tuple([column[0] for column in columns])), rows)) if rows else []


def fetch_plain(db: Connection, statement: Executable, values: Mapping[str, Any] = NOTHING) -> Sequence[Sequence[Any]]:
    """The same without names, for whoever reads the columns by their position."""
    ready = _prepare(db.dialect, statement)
    return db.execute(statement, dict(values)).all() if ready is None else _run(db, ready, values)[1]


def write_many(db: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run the driver's own statement once for each row; its parameters are the row's values in order."""
    _tell(db, text, rows, many=True)
    cursor: Any = db.connection.cursor()
    cursor.executemany(text, rows)
    cursor.close()


def _run(db: Connection, ready: _Prepared, values: Mapping[str, Any]) -> tuple[Any, list[tuple[Any, ...]]]:
    parameters = ready.parameters(values)
    _tell(db, ready.text, parameters, many=False)
    cursor: Any = db.connection.cursor()
    cursor.execute(ready.text, parameters)
    columns, rows = cursor.description, cursor.fetchall()
    cursor.close()
    return columns, rows


def _tell(db: Connection, text: str, parameters: Any, *, many: bool) -> None:
    """Whoever listens to the toolkit (a test, a tracer) hears these statements as well."""
    if hearers := db.dispatch.before_cursor_execute:
        for hear in hearers:
            hear(db, None, text, parameters, None, many)


@lru_cache(KEPT)
def _prepare(dialect: Dialect, statement: Executable) -> _Prepared | None:
    """None where the number of parameters depends on the values: such a statement has no one text."""
    assert isinstance(statement, ClauseElement)  # noqa: S101  # what can be executed can be compiled
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        return None
    names = tuple(compiled.positiontup) if compiled.positional else None
    return _Prepared(compiled.string, names, dict(compiled.params))


@cache
def _row(names: tuple[str, ...]) -> Callable[[Any], Row]:
    row: Any = namedtuple("Row", list(names), rename=True)  # type: ignore[misc]  # the statement knows its columns
    make: Callable[[Any], Row] = row._make
    return make
