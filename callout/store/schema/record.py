"""The audit record, the seals that chain it, and the epochs of its numbers."""

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
    Index(None, "county", "alert"),
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

epoch = Table(
    "epoch",
    metadata,
    integer("base", key=True),
    integer("at"),
)
"""What is added to the server's transaction number to give `audit.xid`: the greatest base counts, none means 0. A
server to which the database was moved counts from the start; its entries must not sort below what is sealed."""
