"""Statements that SQLAlchemy builds and compiles once and the driver itself runs.

On the hot path a statement takes the database some 50 µs; carrying it through the toolkit each time took twice that.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql.elements import ClauseElement

KEPT = 512
"""Compiled statements that are remembered: more than the engine has."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
PLACES = tuple(f"p{at}" for at in range(100))
"""Names of the parameters of a statement about one row."""
Row = Any
"""A named tuple with the columns of the statement."""


class _Prepared:
    """A statement as the driver takes it."""

    __slots__ = ("_constants", "_names", "_pick", "make", "text")

    def __init__(self, text: str, names: Sequence[str] | None, constants: Mapping[str, Any]) -> None:
        """`names`: those of the parameters by position, None where the driver takes them by name; `constants`: values
        that the statement itself brings."""
        self.text = text
        self.make: Callable[[Any], Row] | None = None
        """What makes a row with names; known when the first has been read."""
        self._constants = constants
        self._names = tuple(names or ())
        self._pick: Callable[[Mapping[str, Any]], Any] = dict if names is None else picker(tuple(names))

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """What goes to the driver with the text."""
        return self._pick({**self._constants, **values} if self._constants else values)

    def each(self, rows: Sequence[tuple[Any, ...]], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The same for each of these rows, whose values are the parameters of their places; `values`: the others."""
        others = {**self._constants, **values}
        pick, rest = _by_place(self._names, len(rows[0]), tuple(others)), tuple(map(plain, others.values()))
        return [pick(row + rest) for row in rows]


def fetch(db: Connection, statement: Executable, values: Mapping[str, Any] = NOTHING) -> Sequence[Row]:
    """All rows of the statement, which should be a constant of its module: what is prepared is kept by it."""
    ready = _prepare(db.dialect, statement)
    if ready is None:
        return db.execute(statement, dict(values)).all()
    cursor = _run(db, ready, values)
    rows = cursor.fetchall()
    if not rows:
        return []
    make = ready.make
    if make is None:
        make = ready.make = row_of(tuple([column[0] for column in cursor.description]))
    return list(map(make, rows))


def fetch_plain(db: Connection, statement: Executable, values: Mapping[str, Any] = NOTHING) -> Sequence[Sequence[Any]]:
    """The same without names, for whoever reads the columns by their position."""
    ready = _prepare(db.dialect, statement)
    if ready is None:
        return db.execute(statement, dict(values)).all()
    rows: Sequence[Sequence[Any]] = _run(db, ready, values).fetchall()
    return rows


def change(db: Connection, statement: Executable, values: Mapping[str, Any] = NOTHING) -> int:
    """Run a statement that writes and returns no rows; how many it wrote."""
    ready = _prepare(db.dialect, statement)
    if ready is None:
        # PostgreSQL's driver forgets the count with the cursor unless it is asked to keep it.
        return db.execute(statement, dict(values), execution_options={"preserve_rowcount": True}).rowcount
    return int(_run(db, ready, values).rowcount)


def change_each(
    db: Connection, statement: Executable, rows: Sequence[tuple[Any, ...]], values: Mapping[str, Any] = NOTHING
) -> list[bool]:
    """Run a statement about one row (see `batch.one_row`) with each of these, on SQLite; whether it wrote each.

    That is done sooner than one statement with all of them, which must be told apart first."""
    ready = _prepare(db.dialect, statement)
    assert ready is not None  # noqa: S101  # one row has so many parameters
    parameters = ready.each(rows, values)
    _tell(db, ready.text, parameters, many=True)
    cursor: Any = db.connection.cursor()
    done = [cursor.execute(ready.text, each).rowcount > 0 for each in parameters]
    cursor.close()
    return done


def write_many(db: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run the driver's own statement once for each row; its parameters are the row's values in order."""
    _tell(db, text, rows, many=True)
    cursor: Any = db.connection.cursor()
    cursor.executemany(text, rows)
    cursor.close()


def _run(db: Connection, ready: _Prepared, values: Mapping[str, Any]) -> Any:
    """The driver's cursor over the result."""
    parameters = ready.parameters(values)
    _tell(db, ready.text, parameters, many=False)
    driver: Any = db.connection.dbapi_connection
    return driver.execute(ready.text, parameters)


def _tell(db: Connection, text: str, parameters: Any, *, many: bool) -> None:
    """Whoever listens to the toolkit (a test, a tracer) hears these statements as well."""
    hearers = db.engine.dispatch.before_cursor_execute
    if hearers.listeners:  # asked of the engine itself: a connection asks all that it is joined with
        for hear in hearers:
            hear(db, None, text, parameters, None, many)


@lru_cache(KEPT)
def _prepare(dialect: Dialect, statement: Executable) -> _Prepared | None:
    """None where the number of parameters depends on the values: such a statement has no one text."""
    assert isinstance(statement, ClauseElement)  # noqa: S101  # what can be executed can be compiled
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        return None
    constants = {name: plain(value) for name, value in compiled.params.items() if not compiled.binds[name].required}
    return _Prepared(compiled.string, compiled.positiontup if compiled.positional else None, constants)


def plain(value: Any) -> Any:
    """A text as a plain one: SQLite's driver takes a microsecond to find that a member of an enum is a text."""
    return str(value) if isinstance(value, str) else value


def plainly(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same for all values of a row."""
    return tuple([str(v) if isinstance(v, str) else v for v in row])  # a call for each would cost as much again


@cache
def picker(places: tuple[Any, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values at these places, or of these names, out of many, in order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple([values[place] for place in places])


@cache
def _by_place(names: tuple[str, ...], width: int, rest: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    at = {name: nth for nth, name in enumerate((*PLACES[:width], *rest))}
    return picker(tuple(at[name] for name in names))


@cache
def row_of(names: tuple[str, ...]) -> Callable[[Any], Row]:
    """What gives the values of a row their names."""
    row: Any = namedtuple("Row", list(names), rename=True)  # type: ignore[misc]  # the statement knows its columns
    return partial(tuple.__new__, row)
