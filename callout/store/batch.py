"""Rows born in Python as one bound value, so that one prepared statement serves any number of them on both databases.

Statements are built once per dialect (`functools.cache` on their builders): building costs more than running them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Text

from callout.store.prepared import PLACES

Values = dict[str, Any]
"""Column names and values of one row to write."""
ROWS = "rows"
"""Name of the parameter that carries the rows."""
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
# The encoder that the standard library makes anew, with all its settings, for every single text.
_STANDARD: Any = json.encoder
_MADE = _STANDARD.c_make_encoder and _STANDARD.c_make_encoder(
    None, _PLAIN.default, _STANDARD.encode_basestring, None, ":", ",", False, False, True
)


def _as_text(rows: list[Sequence[Any]]) -> str:
    return "".join(_MADE(rows, 0)) if _MADE else _PLAIN.encode(rows)


@cache
def row_source(dialect: str, *columns: Column[Any], prefix: str = "", name: str = ROWS) -> Subquery:
    """A derived table `v` with the names (after `prefix`) and types of these columns, filled by `packed`.

    A statement with several of them gives each the `name` of a parameter of its own; such a table is called `v_name`.
    """
    return _source(dialect, tuple((prefix + c.name, c) for c in columns), name)


@cache
def update_source(dialect: str, table: Table, keys: tuple[str, ...], news: tuple[str, ...]) -> Subquery:
    """A derived table `v`: the key columns, `seen` (the revision), and each new value as `n_…`."""
    return _source(dialect, _updating(table, keys, news))


def update_row(table: Table, keys: tuple[str, ...], news: tuple[str, ...]) -> Mapping[str, ColumnElement[Any]]:
    """The same for one row."""
    named = _updating(table, keys, news)
    return dict(zip([name for name, _ in named], one_row(*[like for _, like in named]), strict=True))


def _updating(table: Table, keys: tuple[str, ...], news: tuple[str, ...]) -> tuple[tuple[str, Column[Any]], ...]:
    return (*((k, table.c[k]) for k in keys), ("seen", table.c.rev), *((f"n_{n}", table.c[n]) for n in news))


def one_row(*columns: Column[Any]) -> list[ColumnElement[Any]]:
    """The values of one row for these columns as parameters by their place."""
    return [bindparam(place, type_=c.type) for place, c in zip(PLACES, columns, strict=False)]


def fenced(dialect: str, chosen: Select[Any]) -> Select[Any]:
    """What PostgreSQL works out by itself instead of taking it apart for the statement around it.

    Taken apart, it looks for each post through all alerts on record, or writes a long expression out at every use."""
    return chosen.offset(literal_column("0")) if dialect == "postgresql" else chosen


def beside_index(text: ColumnElement[str]) -> ColumnElement[str]:
    """The same text where no index is to be looked for by it.

    A table that PostgreSQL has not counted yet has one row in each state for it: it would begin there, and look for all
    else once for each of 90,000."""
    return text + literal_column("''")


def packed(rows: Iterable[Sequence[Any]], name: str = ROWS) -> dict[str, str]:
    """The parameter for a row source: rows of JSON scalars in the order of its columns."""
    return {name: _as_text(list(rows))}


def _source(dialect: str, named: tuple[tuple[str, Column[Any]], ...], parameter: str = ROWS) -> Subquery:
    each = _elements(dialect, parameter)
    fields = [_field(dialect, each, at, like).label(name) for at, (name, like) in enumerate(named)]
    return select(*fields).select_from(each).subquery("v" if parameter == ROWS else f"v_{parameter}")


def _elements(dialect: str, parameter: str) -> FromClause:
    document: ColumnElement[Any] = bindparam(parameter, type_=Text)
    if dialect == "sqlite":
        return func.jsonb_each(document).table_valued("value").alias("j")
    return func.jsonb_array_elements(cast(document, JSONB())).table_valued(column("value", JSONB())).render_derived("j")


def _field(dialect: str, each: FromClause, at: int, like: Column[Any]) -> ColumnElement[Any]:
    value = each.c.value
    if dialect == "sqlite":
        return func.json_extract(value, literal_column(f"'$[{at}]'"), type_=like.type)
    return cast(value.op("->>", return_type=Text())(literal_column(str(at))), like.type)
