"""What the tables are made of: one MetaData, the kinds of columns, and conditions that an index can serve."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    bindparam,
    literal_column,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from callout.domain.drill import SEPARATOR

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A key that the database counts up: SQLite does so for INTEGER only."""


class TransactionId(FunctionElement[int]):
    """The id of the writing transaction: it orders entries where several writers commit (PostgreSQL only)."""

    inherit_cache = True


@compiles(TransactionId)
def _no_transaction_id(_element: Any, _compiler: Any, **_: Any) -> str:
    return "0"


@compiles(TransactionId, "postgresql")
def _transaction_id(_element: Any, _compiler: Any, **_: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


def word(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    """Text that is never absent."""
    return Column(name, String, primary_key=key, nullable=False, server_default=default)


def integer(name: str, *, key: bool = False, default: str | None = None) -> Column[int]:
    """A 64-bit number that is never absent."""
    return Column(name, BigInteger, primary_key=key, nullable=False, autoincrement=False, server_default=default)


def instant(name: str) -> Column[int | None]:
    """Milliseconds since 1970 UTC, or NULL for never."""
    return Column(name, BigInteger)


def real(county: ColumnElement[str]) -> ColumnElement[bool]:
    """The row belongs to no drill."""
    return ~county.contains(SEPARATOR)


def one_of(column: ColumnElement[Any], *words: str) -> ColumnElement[bool]:
    """A condition with its words written out: only so can a partial index serve the query that repeats it."""
    written = [column == literal_column(f"'{word}'") for word in words]
    return or_(*written) if len(written) > 1 else written[0]


def at_most(parameter: str) -> ColumnElement[int]:
    """A limit. A sum on purpose: SQLite plans a statement anew each time where the limit is a bare parameter."""
    return bindparam(parameter, type_=BigInteger) + literal_column("0")


def partial_index(name: str, columns: Column[Any] | Sequence[Column[Any]], where: ColumnElement[bool]) -> Index:
    """An index over the few rows that wait for work."""
    by = [columns] if isinstance(columns, Column) else columns
    return Index(name, *by, sqlite_where=where, postgresql_where=where)
