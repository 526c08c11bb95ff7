"""Ways to bend a record: each is done to a database by somebody who may write everything in it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection, delete, func, insert, select, update

from callout.domain.audit import Seal, sealed
from callout.domain.instant import HOUR, Instant, later
from callout.reports.checkpoints import SigningKey, append_checkpoint
from callout.store import schema
from callout.store.database import Database
from callout.store.sealing import entries_under, seal_ready, seals
from callout.store.transaction import Event, Ledger

T0 = Instant(1_783_000_000_000)
_AUDIT, _SEAL, _LEAVES = schema.audit, schema.seal, schema.seal_leaves

Attack = Callable[[Database], None]


def fill(database: Database, entries: int, per_seal: int, keep: Path, key: SigningKey | None) -> None:
    """A record of that many entries, each seal copied to `keep` as an engine does it."""
    for first in range(0, entries, per_seal):
        database.write(lambda db, at=first: _notes(db, at, min(per_seal, entries - at)))  # type: ignore[misc]
        made = database.write(lambda db, at=first: seal_ready(db, later(T0, at)))  # type: ignore[misc]
        if made:
            append_checkpoint(keep, made, key)


def _notes(db: Connection, first: int, count: int) -> None:
    rows = [
        {"county": "500156", "at": T0 + n, "event": "callout.answered", "alert": 1, "post": n, "attempt": "合成",
         "ref": "", "before": "waiting", "after": "answered", "actor": "engine", "commitment": "", "detail": f"{n}"}
        for n in range(first, first + count)
    ]  # fmt: skip
    db.execute(insert(_AUDIT), rows)


def _middle(db: Connection) -> int:
    return int(db.execute(select(func.count()).select_from(_AUDIT)).scalar_one()) // 2


def edit(database: Database) -> None:
    """One entry says something else."""
    database.write(lambda db: db.execute(update(_AUDIT).where(_AUDIT.c.id == _middle(db)).values(detail="改过")))


def edit_with_its_hash(database: Database) -> None:
    """The same, and the hash kept for the entry goes too."""
    edit(database)
    database.write(lambda db: db.execute(delete(_LEAVES)))


def backdate(database: Database) -> None:
    """An answer that came an hour later is made to have come in time."""
    database.write(lambda db: db.execute(update(_AUDIT).where(_AUDIT.c.id == _middle(db)).values(at=T0 - HOUR)))


def remove(database: Database) -> None:
    """One entry is gone."""
    database.write(lambda db: db.execute(delete(_AUDIT).where(_AUDIT.c.id == _middle(db))))


def slip_in(database: Database) -> None:
    """An entry is written below what was sealed."""
    database.write(lambda db: _copy(db, _middle(db), new=-1))


def replay(database: Database) -> None:
    """An old entry takes the place of another: an answer counted twice."""

    def work(db: Connection) -> None:
        here = _middle(db)
        db.execute(delete(_AUDIT).where(_AUDIT.c.id == here))
        _copy(db, here - 3, new=here)

    database.write(work)


def _copy(db: Connection, old: int, new: int) -> None:
    row = db.execute(select(_AUDIT).where(_AUDIT.c.id == old)).mappings().one()
    db.execute(insert(_AUDIT), {**row, "id": new})


def reorder(database: Database) -> None:
    """Two entries change places."""

    def work(db: Connection) -> None:
        here = _middle(db)
        for old, new in ((here, -5), (here + 1, here), (-5, here + 1)):
            db.execute(update(_AUDIT).where(_AUDIT.c.id == old).values(id=new))

    database.write(work)


def cut_the_tail(database: Database) -> None:
    """The newest seal and its entries vanish together."""

    def work(db: Connection) -> None:
        last = seals(db)[-1]
        db.execute(delete(_AUDIT).where(_AUDIT.c.id >= last.lo[1]))
        for table in (_SEAL, _LEAVES):
            db.execute(delete(table).where(table.c.seq == last.seq))

    database.write(work)


def drop_a_seal(database: Database) -> None:
    """A seal in the middle goes, its entries stay."""
    database.write(lambda db: db.execute(delete(_SEAL).where(_SEAL.c.seq == len(seals(db)) // 2)))


def reseal(database: Database) -> None:
    """An entry is changed and every seal from there on is made anew: the chain is whole in itself."""

    def work(db: Connection) -> None:
        _rebuild(db)

    edit(database)
    database.write(work)


def _rebuild(db: Connection) -> None:
    prev = seals(db)[0].prev
    for it in seals(db):
        made, leaves = sealed(list(entries_under(db, it)), it.seq, prev, it.at)
        where = _SEAL.c.seq == it.seq
        db.execute(update(_SEAL).where(where).values(root=made.root, prev=made.prev, hash=made.hash))
        db.execute(update(_LEAVES).where(_LEAVES.c.seq == it.seq).values(leaves=b"".join(leaves)))
        prev = made.hash


def swap_the_database(database: Database) -> None:
    """Another history, well-formed from its first entry on, lies where the record was."""

    def work(db: Connection) -> None:
        total = _middle(db) * 2
        for table in (_AUDIT, _SEAL, _LEAVES):
            db.execute(delete(table))
        _notes(db, 7, total)
        seal_ready(db, T0)

    database.write(work)


def forge_a_time(database: Database) -> None:
    """The newest seal is moved back a day."""
    newest = select(func.max(_SEAL.c.seq)).scalar_subquery()
    database.write(lambda db: db.execute(update(_SEAL).where(_SEAL.c.seq == newest).values(at=_SEAL.c.at - 24 * HOUR)))


ATTACKS: Mapping[str, Attack] = MappingProxyType({
    attack.__name__: attack
    for attack in (edit, edit_with_its_hash, backdate, remove, slip_in, replay, reorder, cut_the_tail, drop_a_seal,
                   reseal, swap_the_database, forge_a_time)
})  # fmt: skip
"""What must be found by whoever holds the copies of the seals."""


def forge_a_checkpoint(database: Database, keep: Path, key: SigningKey) -> None:
    """The chain is made anew and so are its copies, signed with a key of the forger's own."""
    reseal(database)
    chain: list[Seal] = list(database.read(seals))
    keep.write_text("".join(json.dumps(key.held(it).document()) + "\n" for it in chain), encoding="utf-8")


def turn_the_clock_back(database: Database) -> None:
    """The machine's clock jumps an hour back while the record goes on: no lie, but it must be said."""

    def work(db: Connection) -> None:
        Ledger(db, Instant(T0 - HOUR)).note(Event("时钟"), county="500156")
        seal_ready(db, Instant(T0 - HOUR))

    database.write(work)
