"""The audit record and the seals that chain it."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table

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

seal_leaves = Table(
    "seal_leaves",
    metadata,
    integer("seq", key=True),
    Column("leaves", LargeBinary, nullable=False),
)
"""The hashes of the entries under each seal, 32 bytes each: they name the entry that was changed."""
