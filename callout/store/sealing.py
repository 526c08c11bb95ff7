"""Chaining the audit entries in batches, and reading them back to check the chain."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, delete, func, insert, literal_column, select, tuple_

from callout.domain.audit import FIRST_SEAL, GENESIS, Entry, Position, Seal, sealed
from callout.domain.instant import Instant
from callout.store import schema
from callout.store.epochs import base_of, begin_epoch, lock_record

AT_ONCE = 50_000
"""Entries under one seal."""
_FEW = 50
"""Seals whose leaves lie in memory at once; one may have 50,000."""
_HASH = 32
"""Bytes of a leaf."""
_A = schema.audit
_stands = tuple_(_A.c.xid, _A.c.id)


def seal_ready(db: Connection, now: Instant, most: int = AT_ONCE) -> Seal | None:
    """Seal up to `most` entries that can no longer get a predecessor; None when there is nothing to seal."""
    lock_record(db)
    begin_epoch(db, now)
    last = newest_seal(db)
    after = last.hi if last else (-1, -1)
    entries = settled_after(db, after, most)
    if not entries:
        return None
    made, leaves = sealed(entries, last.seq + 1 if last else FIRST_SEAL, last.hash if last else GENESIS, now)
    db.execute(
        insert(schema.seal),
        {
            "seq": made.seq,
            "lo": _text(made.lo),
            "hi": _text(made.hi),
            "count": made.count,
            "root": made.root,
            "prev": made.prev,
            "at": made.at,
            "hash": made.hash,
        },
    )
    # Hashes that lie there without their seal must not keep the record from going on.
    db.execute(delete(schema.seal_leaves).where(schema.seal_leaves.c.seq == made.seq))
    db.execute(insert(schema.seal_leaves), {"seq": made.seq, "leaves": b"".join(leaves)})
    return made


def horizon(db: Connection) -> Any:
    """The condition under which no earlier entry can still appear: one writer (SQLite) needs none."""
    if db.dialect.name == "sqlite":
        return True
    return _A.c.xid < literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint") + base_of(db)


def _beyond(position: Position) -> tuple[Any, Any]:
    """Two conditions, in order: for a pair SQLite would walk the index from its first entry each time."""
    return and_(_A.c.xid == position[0], _A.c.id > position[1]), _A.c.xid > position[0]


def _place(position: Position) -> Any:
    return tuple_(*position, types=(BigInteger(), BigInteger()))


def entry(row: Any) -> Entry:
    """An audit entry from its row: the table has its columns in the same order."""
    return Entry(*row)


def settled_after(db: Connection, after: Position, limit: int) -> list[Entry]:
    """Entries after a place, in order, as far as no earlier one can appear any more."""
    found: list[Entry] = []
    for place in _beyond(after):
        rows = select(_A).where(place, horizon(db)).order_by(_A.c.xid, _A.c.id).limit(limit - len(found))
        found += map(entry, db.execute(rows).all()) if len(found) < limit else ()
    return found


def newest_seal(db: Connection) -> Seal | None:
    """The last link of the chain."""
    row = db.execute(select(schema.seal).order_by(schema.seal.c.seq.desc()).limit(1)).first()
    return _seal(row) if row else None


def seals(db: Connection, after: int = 0) -> Sequence[Seal]:
    """All links after the given one, in order."""
    s = schema.seal
    return [_seal(r) for r in db.execute(select(s).where(s.c.seq > after).order_by(s.c.seq))]


def entries_under(db: Connection, it: Seal) -> Iterator[Entry]:
    """The entries from a seal's `lo` to its `hi`, in order, as the database holds them now."""
    within = [_stands >= _place(it.lo), _stands <= _place(it.hi)]
    if it.lo[0] == it.hi[0]:  # as always on SQLite, which uses no index for the second of a pair
        within = [_A.c.xid == it.lo[0], _A.c.id.between(it.lo[1], it.hi[1])]
    rows = db.execute(select(_A).where(*within).order_by(_A.c.xid, _A.c.id))
    return (entry(r) for r in rows)


def leaves_under(db: Connection, it: Seal) -> list[bytes]:
    """The hashes of the entries as they were sealed; none for a seal from before they were kept."""
    t = schema.seal_leaves
    kept = db.execute(select(t.c.leaves).where(t.c.seq == it.seq)).scalar_one_or_none() or b""
    return _cut(kept)


def all_leaves(db: Connection, last: int) -> Iterator[tuple[int, list[bytes]]]:
    """The same for every seal up to number `last`, in order, read as one stream."""
    s, t = schema.seal, schema.seal_leaves
    query = select(s.c.seq, t.c.leaves).outerjoin(t, t.c.seq == s.c.seq).where(s.c.seq <= last).order_by(s.c.seq)
    for row in db.execute(query, execution_options={"yield_per": _FEW}):
        yield row.seq, _cut(row.leaves or b"")


def _cut(leaves: bytes) -> list[bytes]:
    return [leaves[at : at + _HASH] for at in range(0, len(leaves), _HASH)]


def unsealed(db: Connection) -> int:
    """How many entries lie after the newest seal."""
    return sum(_ask(db, func.count()))


def oldest_unsealed(db: Connection) -> Instant | None:
    """When the oldest entry was written that no seal has reached yet."""
    return min((at for at in _ask(db, func.min(_A.c.at)) if at is not None), default=None)


def _ask(db: Connection, what: ColumnElement[Any]) -> list[Any]:
    last = newest_seal(db)
    places = _beyond(last.hi if last else (-1, -1))
    return [db.execute(select(what).select_from(_A).where(place)).scalar_one() for place in places]


def tail(db: Connection, after: int, limit: int) -> list[Entry]:
    """Entries with a greater id, for whoever watches the record grow."""
    return [entry(r) for r in db.execute(select(_A).where(_A.c.id > after).order_by(_A.c.id).limit(limit))]


def _seal(row: Any) -> Seal:
    return Seal(row.seq, _position(row.lo), _position(row.hi), row.count, row.root, row.prev, row.at, row.hash)


def _text(position: Position) -> str:
    return f"{position[0]}:{position[1]}"


def _position(text: str) -> Position:
    xid, last = text.split(":")
    return int(xid), int(last)
