"""The audit record and the seals that chain it."""

from sqlalchemy import BigInteger, Column, Index, Table

from callout.store.schema.columns import BigId, TransactionId, integer, metadata, word

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("xid", BigInteger, nullable=False, server_default=TransactionId()),
    word("county"),
    integer("at"),
    word("event"),
    integer("alert"),
    integer("post"),
    word("attempt"),
    word("ref"),
    word("before"),
    word("after"),
    word("actor"),
    word("commitment"),
    word("detail"),
    Index(None, "xid", "id"),
    Index(None, "county", "alert", "post"),
)

seal = Table(
    "seal",
    metadata,
    integer("seq", key=True),
    word("lo"),
    word("hi"),
    integer("count"),
    word("root"),
    word("prev"),
    integer("at"),
    word("hash"),
)
