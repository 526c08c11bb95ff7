"""The record goes on where its database was moved: a server that counts transactions from the start begins an epoch.

On PostgreSQL entries are in order of the transaction that wrote them, and a dump restored into another server finds
lower numbers there. New entries would then sort below the newest seal, where none may appear.
"""

from sqlalchemy import ColumnElement, Connection, func, insert, literal_column, select

from callout.domain.instant import Instant
from callout.store import schema
from callout.store.transaction import Event, Ledger

_SEALER = 20_230_817
"""Key of the advisory lock under which one process at a time seals a PostgreSQL database, or begins an epoch."""
_NEXT: ColumnElement[int] = literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")


def lock_record(db: Connection) -> None:
    """Hold off other sealers until this transaction ends. SQLite has one writer anyway."""
    if db.dialect.name != "sqlite":
        db.execute(select(func.pg_advisory_xact_lock(_SEALER)))


def base_of(db: Connection) -> int:
    """What is added to the server's transaction numbers."""
    return db.execute(select(func.max(schema.epoch.c.base))).scalar() or 0


def begin_epoch(db: Connection, now: Instant) -> bool:
    """Where the server's next transaction would sort below what is on record, go on above it. True when that was so.

    Must come before the first entry that this transaction writes.
    """
    if db.dialect.name == "sqlite" or not _moved(db):
        return False
    lock_record(db)
    if not _moved(db):
        return False  # another process was quicker
    base = _newest(db) + 1
    # Waits for every writer that still uses the old numbers; whoever comes later uses the new ones.
    db.exec_driver_sql(
        f"ALTER TABLE audit ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint + {base:d})"
    )
    db.execute(insert(schema.epoch), {"base": base, "at": now})
    Ledger(db, now).note(Event("record.moved"), detail=f"数据库换了服务器，此后的条目从{base}接着编号")
    return True


def _moved(db: Connection) -> bool:
    # In this order: what commits between the two questions must not look like a move.
    newest = _newest(db)
    return bool(db.execute(select(_NEXT)).scalar_one() + base_of(db) <= newest)


def _newest(db: Connection) -> int:
    a, s = schema.audit, schema.seal
    sealed = db.execute(select(s.c.hi).order_by(s.c.seq.desc()).limit(1)).scalar() or "0:0"
    written = db.execute(select(func.max(a.c.xid))).scalar() or 0
    return max(int(sealed.partition(":")[0]), written)
