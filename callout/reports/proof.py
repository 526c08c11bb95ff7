"""The proof of one callout: its entries with the hashes that tie them to signed seals, and nobody else's data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from callout.domain.audit import Entry, Seal, leaf_of
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.domain.merkle import path
from callout.reports.checkpoints import HeldSeal
from callout.store import schema
from callout.store.sealing import entries_under, entry, leaves_under, seals


def prove(db: Connection, key: CalloutKey, checkpoints: Sequence[HeldSeal]) -> dict[str, Any]:
    """Everything on record about one callout and its attempts, as a document that `verify_record.py` checks.

    Raises CalloutError where there is no such callout, or nothing about it is sealed yet.
    """
    found = entries_about(db, key)
    if not found:
        raise CalloutError(f"没有叫应 {key.county}/{key.alert}/{key.post}，请核对区县、预警和岗位编号")
    above, waiting = _by_seal(found, seals(db))
    if not above:
        raise CalloutError("这个叫应的记录还没有封存，请过一秒再试")
    signed = {held.seq: held for held in checkpoints}
    return {
        "callout_proof": 1,
        "callout": {"county": key.county, "alert": key.alert, "post": key.post},
        "entries": [one for it, entries in above.items() for one in _paths(db, it, entries)],
        "seals": [_sealed(it, signed.get(it.seq)) for it in above],
        "unsealed": waiting,
        "says": "这些条目原样在封条之下；有没有少给条目，要用整份导出核对。",
    }


def entries_about(db: Connection, key: CalloutKey) -> list[Entry]:
    """The entries of the record about one callout and its attempts, in order."""
    a, t, link = schema.audit, schema.attempt, schema.attempt_callout
    whole = (link.c.county == key.county, link.c.alert == key.alert, link.c.post == key.post)
    attempts = select(link.c.attempt).where(*whole)
    spoken_of = select(t.c.alert).where(t.c.county == key.county, t.c.id.in_(attempts))
    own = and_(a.c.county == key.county, a.c.alert == key.alert, a.c.post == key.post)
    tried = and_(a.c.county == key.county, a.c.alert.in_(spoken_of), a.c.ref.in_(attempts), a.c.post == 0)
    return [entry(row) for row in db.execute(select(a).where(or_(own, tried)).order_by(a.c.xid, a.c.id))]


def _by_seal(entries: Sequence[Entry], chain: Sequence[Seal]) -> tuple[Mapping[Seal, list[Entry]], int]:
    above: defaultdict[Seal, list[Entry]] = defaultdict(list)
    at, waiting = 0, 0
    for one in entries:
        while at < len(chain) and chain[at].hi < one.position:
            at += 1
        if at == len(chain):
            waiting += 1
        else:
            above[chain[at]].append(one)
    return above, waiting


def _paths(db: Connection, it: Seal, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    leaves = leaves_under(db, it)
    at = {leaf: n for n, leaf in enumerate(leaves)}
    # By its hash, because others may have left for an archive; one that was changed by where it stands now.
    places = {e.position: at.get(leaf_of(e), n) for n, e in enumerate(entries_under(db, it))}
    if len(leaves) != it.count:
        raise CalloutError(f"封条{it.seq}没有可用的叶值，不能单独证明；请导出整份记录核对")
    return [
        {
            "entry": asdict(one),
            "seal": it.seq,
            "index": places[one.position],
            "path": [each.hex() for each in path(leaves, places[one.position])],
        }
        for one in entries
    ]


def _sealed(it: Seal, held: HeldSeal | None) -> dict[str, Any]:
    return asdict(it) | ({"key": held.key, "sig": held.sig} if held and held.sig else {})
