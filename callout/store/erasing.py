"""Erasing personal values: the value and its salt go, the row and its commitment stay, and the chain stays whole.

A photo goes with the name of whoever saw what it shows.

What the work still needs is never erased: people of a roster in force, whom a list in force or at work says to move,
numbers that may have to be told of the end of a warning, replies that nobody has understood yet or that an officer's
open item quotes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true, union, update

from callout.domain.human_call import HumanCallState
from callout.domain.instant import DAY, Instant, later
from callout.domain.intake import IN_FORCE, AlertState
from callout.domain.relocation import OPEN
from callout.store import schema
from callout.store.photos import erase_photos, of_mark, photos_kept, seen_by
from callout.store.transaction import Event, Ledger, Note, told

_MAY_BE_LIFTED = 7 * DAY
"""After its validity a warning may still be lifted, and then everybody who was called is told."""
_P, _N, _I = schema.personal, schema.number, schema.inbound


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose values go: everybody's that were last of use before `before`, or those of one person of any roster."""

    now: Instant
    before: Instant
    county: str = ""
    responder: int = 0
    among: tuple[str, ...] = ()
    """Commitments to choose from; empty: all."""


def erasable(db: Connection, it: Wanted) -> dict[str, str]:
    """Commitments of the values that may go, with their kind."""
    mine = _P.c.commitment.in_(_of_person(it)) if it.responder else true()
    some = _P.c.commitment.in_(it.among) if it.among else true()
    rows = db.execute(select(_P.c.commitment, _P.c.kind).where(_P.c.value.is_not(None), some, mine, ~_needed(it)))
    return {row.commitment: row.kind for row in rows}


def in_roster(db: Connection, county: str, responder: int) -> bool:
    """Whether the roster in force of this county still names this person."""
    p, k = schema.responder, schema.county
    same = and_(p.c.county == k.c.county, p.c.roster == k.c.roster)
    found = select(p.c.id).join(k, same).where(p.c.county == county, p.c.id == responder)
    return db.execute(found).first() is not None


def erase(ledger: Ledger, commitments: Sequence[str], officer: str, why: str) -> int:
    """Erase these values, each with an entry of the record; returns how many there were."""
    _overwrite(ledger)
    done = 0
    for at in range(0, len(commitments), 500):
        some = list(commitments[at : at + 500])
        going = update(_P).values(salt=None, value=None).where(_P.c.commitment.in_(some), _P.c.value.is_not(None))
        notes = {(one,): Note(commitment=one, detail=why) for one in some}
        done += len(ledger.record_set(going.returning(*told(_P)), Event("erased", officer), notes))
        erase_photos(ledger, seen_by(some), Event("erased", officer), why)
    return done


def erase_photo(ledger: Ledger, mark: str, officer: str, why: str) -> int:
    """Erase the photo whose fingerprint begins so, however new and often sent; its decisions stay."""
    _overwrite(ledger)
    return erase_photos(ledger, of_mark(mark), Event("erased", officer), why)


def _overwrite(ledger: Ledger) -> None:
    """What was there is overwritten, not only forgotten."""
    if ledger.dialect == "sqlite":
        ledger.connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _of_person(it: Wanted) -> Any:
    """Name, numbers and replies of one person, by every roster version that knew them."""
    p, c = schema.responder, schema.contact
    names = select(p.c.name).where(p.c.county == it.county, p.c.id == it.responder)
    owned = select(c.c.number).where(c.c.county == it.county, c.c.responder == it.responder)
    numbers = select(_N.c.commitment).where(_N.c.id.in_(owned))
    replies = select(_I.c.body).where(_I.c.kind == "reply", _I.c.number.in_(owned))
    return union(names, numbers, replies)


def _needed(it: Wanted) -> ColumnElement[bool]:
    """What is still of use. For one person only the present counts, else whatever was of use since `before`."""
    return or_(
        *[_P.c.commitment.in_(each) for each in (*_by_the_work(it.now), *(() if it.responder else _since(it.before)))]
    )


def _by_the_work(now: Instant) -> tuple[Select[Any], ...]:
    p, c, k, h, t, ac = (
        schema.responder,
        schema.contact,
        schema.county,
        schema.human_call,
        schema.attempt,
        schema.alert_county,
    )
    now_in = and_(c.c.county == k.c.county, c.c.roster == k.c.roster)
    open_items = select(h.c.note).where(h.c.state != HumanCallState.CLOSED.value)
    just_over = and_(ac.c.state == AlertState.OVER.value, ac.c.expires_at > later(now, -_MAY_BE_LIFTED))
    going_on = select(ac.c.alert).where(or_(ac.c.state.in_(IN_FORCE), just_over))
    return (
        select(p.c.name).join(k, and_(p.c.county == k.c.county, p.c.roster == k.c.roster)),
        select(_N.c.commitment).join(c, c.c.number == _N.c.id).join(k, now_in),
        # Whoever was called about a warning that nobody has ended must be told of its end.
        select(_N.c.commitment).join(t, t.c.number == _N.c.id).where(t.c.alert.in_(going_on)),
        select(_N.c.commitment).join(schema.notice, schema.notice.c.number == _N.c.id).where(schema.notice_to_send),
        select(_I.c.body).where(or_(schema.inbound_pending, schema.inbound_unmatched, _I.c.event.in_(open_items))),
        *_to_be_moved(),
    )


def _to_be_moved() -> tuple[Select[Any], ...]:
    """Names and addresses of the list of whom to move in force, and of whoever is on the move by an older one."""
    r, k, found = schema.relocation, schema.county, list[Select[Any]]()
    for table in (schema.relocation_site, schema.relocation_shelter):
        at_work = select(r.c.version).where(r.c.county == table.c.county, r.c.state.in_([s.value for s in OPEN]))
        in_force = select(k.c.relocation).where(k.c.county == table.c.county)
        mine = or_(table.c.version.in_(in_force.correlate(table)), table.c.version.in_(at_work.correlate(table)))
        found += [select(table.c.name).where(mine), select(table.c.place).where(mine)]
    return tuple(found)


def _since(before: Instant) -> tuple[Select[Any], ...]:
    p, c, v, t, a = schema.responder, schema.contact, schema.roster_version, schema.attempt, schema.audit
    d, f, young = schema.stop_decision, schema.feedback, v.c.loaded_at >= before
    return (
        select(p.c.name).join(v, and_(p.c.county == v.c.county, p.c.roster == v.c.version)).where(young),
        select(_N.c.commitment)
        .join(c, c.c.number == _N.c.id)
        .join(v, and_(c.c.county == v.c.county, c.c.roster == v.c.version))
        .where(young),
        select(_N.c.commitment).join(t, t.c.number == _N.c.id).where(t.c.claimed_at >= before),
        select(_I.c.body).where(_I.c.came_at >= before),
        select(d.c.name).where(d.c.at >= before),
        select(f.c.given_by).where(f.c.given_at >= before),
        *_listed_since(before),
        select(a.c.commitment).where(a.c.at >= before, a.c.commitment != ""),
    )


def _listed_since(before: Instant) -> tuple[Select[Any], ...]:
    """The same of lists that came in since."""
    v = schema.relocation_version
    young = [
        (table, and_(v.c.county == table.c.county, v.c.version == table.c.version, v.c.loaded_at >= before))
        for table in (schema.relocation_site, schema.relocation_shelter)
    ]
    return tuple(select(column).join(v, same) for table, same in young for column in (table.c.name, table.c.place))


def kept(db: Connection) -> dict[str, int]:
    """How many values there are of each kind, and how many photos."""
    rows = db.execute(select(_P.c.kind, func.count()).where(_P.c.value.is_not(None)).group_by(_P.c.kind))
    return {str(kind): many for kind, many in rows} | with_photos(photos_kept(db))


def with_photos(many: int) -> dict[str, int]:
    """How a list of kinds names them."""
    return {"photo": many} if many else {}
