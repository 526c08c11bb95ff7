"""Rows born in Python as one bound value, so that one statement serves any number of them on both databases."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    Table,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.types import LargeBinary, Text, TypeEngine

Row = dict[str, Any]


def table_rows(dialect: str, types: dict[str, TypeEngine[Any]], rows: Sequence[Row]) -> Subquery:
    """`rows` as a derived table named `v` with the given columns; values must be JSON scalars."""
    names = list(types)
    document = json.dumps([[row[name] for name in names] for row in rows], ensure_ascii=False)
    each = _elements(dialect, bindparam(None, document, Text, unique=True))
    fields = [_field(dialect, each, at, kind).label(name) for at, (name, kind) in enumerate(types.items())]
    return select(*fields).select_from(each).subquery("v")


def types_of(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    """The types of a table's columns by name."""
    return {name: table.c[name].type for name in names}


def _elements(dialect: str, document: ColumnElement[Any]) -> FromClause:
    if dialect == "sqlite":
        return func.json_each(document).table_valued("value").alias("j")
    return func.jsonb_array_elements(cast(document, _jsonb())).table_valued(column("value", _jsonb())).render_derived("j")


def _field(dialect: str, each: FromClause, at: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(kind, LargeBinary):
        raise TypeError("bytes do not travel in JSON")
    value = each.c.value
    if dialect == "sqlite":
        return func.json_extract(value, literal(f"$[{at}]"), type_=kind)
    return cast(value.op("->>", return_type=Text())(literal(at)), kind)


def _jsonb() -> TypeEngine[Any]:
    from sqlalchemy.dialects.postgresql import JSONB

    return JSONB()
