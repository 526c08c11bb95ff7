"""Calls that officers were put through: asked for at the desk, placed by the engine, both phones on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from callout.domain.attempt import attempt_id, county_of, recordable
from callout.domain.desk_call import (
    LEASE,
    START,
    TABLE,
    DeskCall,
    DeskCallEvent,
    DeskCallKey,
    DeskCallState,
    Leg,
    Side,
    read_leg,
)
from callout.domain.instant import later
from callout.ports import Ids, InboundKind, InboundRow, Submission
from callout.store import schema
from callout.store.personal import keep_many
from callout.store.transaction import Change, Event, Ledger, Note

_D, _N, _X = schema.desk_call, schema.number, schema.personal


@dataclass(frozen=True, slots=True)
class NewDeskCall:
    """What an officer asks for."""

    post: tuple[str, int, int]
    """(county, alert, post) of the item that they have claimed."""
    number: int
    """Id of the number that is to be reached."""
    phone: str
    """Of the officer, E.164."""
    officer: str
    run: str


class DeskCallRows:
    """Reads and writes of these calls inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def ask(self, new: NewDeskCall) -> DeskCallKey:
        """Keep the wish; the engine places the call."""
        county, alert, post = new.post
        key = DeskCallKey(county, attempt_id(county, self._ids.attempt()))
        known = self._phone(new.officer)
        proof = known[0] if known and known[1] == new.phone else ""
        row = {
            **key._asdict(),
            "alert": alert,
            "post": post,
            "number": new.number,
            "phone": proof or keep_many(self._db, self._ids, "phone", [new.phone])[new.phone],
            "asked_by": new.officer,
            "asked_at": self._ledger.at,
            "run": new.run,
            "state": START,
        }
        note = Note(detail=f"number={new.number} run={new.run}", commitment=row["phone"])
        self._ledger.record_rows(_D, [row], Event("asked", new.officer), {tuple(key): note})
        return key

    def phone_of(self, officer: str) -> str:
        """The phone that this officer was rung on last; empty where there is none."""
        known = self._phone(officer)
        return known[1] if known else ""

    def _phone(self, officer: str) -> tuple[str, str] | None:
        last = select(_D.c.phone).where(_D.c.asked_by == officer).order_by(_D.c.asked_at.desc()).limit(1)
        found = select(_X.c.commitment, _X.c.value).where(_X.c.commitment.in_(last), _X.c.value.is_not(None))
        row = self._db.execute(found).first()
        return (row.commitment, row.value) if row else None

    def due(self) -> list[DeskCall]:
        """Those that were asked for, the oldest first."""
        asked = and_(schema.desk_call_waiting, _D.c.state == DeskCallState.ASKED)
        return [_call(row) for row in self._db.execute(_select().where(asked).order_by(_D.c.asked_at, _D.c.id))]

    def dead(self) -> list[DeskCall]:
        """Those that a process was placing when it died."""
        placing = and_(schema.desk_call_waiting, _D.c.state == DeskCallState.CALLING)
        return [_call(row) for row in self._db.execute(_select().where(placing, _D.c.next_at <= self._ledger.at))]

    def find(self, calls: Sequence[DeskCall]) -> list[DeskCall]:
        """The same as they stand now, in the same order."""
        found = self._by_key([one.key for one in calls])
        return [_call(found[one.key]) for one in calls]

    def _by_key(self, keys: Sequence[DeskCallKey]) -> dict[DeskCallKey, Any]:
        same = or_(*[and_(_D.c.county == key.county, _D.c.id == key.id) for key in keys])
        return {DeskCallKey(row.county, row.id): row for row in self._db.execute(_select().where(same))}

    def move(self, call: DeskCall, event: DeskCallEvent, end: Submission, provider: str = "") -> bool:
        """Note what happened; False where it has changed meanwhile."""
        after, reason = call.after(event), recordable(end.reason)
        next_at = later(self._ledger.at, LEASE) if after is DeskCallState.CALLING else None
        values: dict[str, Any] = {"state": after, "next_at": next_at}
        values |= {"provider": provider} if provider else {}
        values |= {"ref": end.ref} if end.ref else {}
        values |= {"reason": reason} if reason else {}
        change = Change(call.key, call.rev, call.state, values, Note(detail=reason or provider))
        return bool(self._ledger.record(_D, [change], Event(event)))

    def hear(self, rows: Sequence[InboundRow]) -> tuple[list[tuple[InboundRow, str]], Sequence[InboundRow]]:
        """Takes what tells of the phones of such calls, each with what it was taken for; and the others."""
        legs = [row for row in rows if row.kind == InboundKind.LEG]
        for row in legs:
            found = self._by_key([DeskCallKey(county_of(row.attempt), row.attempt)])
            for stands in found.values():
                self._hear(stands, row)
        return [(row, row.body) for row in legs], [row for row in rows if row.kind != InboundKind.LEG]

    def _hear(self, stands: Any, row: InboundRow) -> None:
        side, leg = read_leg(row.body)
        known = stands.officer_leg if side is Side.OFFICER else stands.person_leg
        call, event = _call(stands), DeskCallEvent.HEARD
        if (call.state, event) not in TABLE or (known and leg.rank <= Leg(known).rank):
            return
        values = {"state": call.after(event), "next_at": None, f"{side}_leg": leg, f"{side}_at": row.came_at}
        note = Note(detail=f"{row.body} {row.event}")
        self._ledger.record(_D, [Change(call.key, call.rev, call.state, values, note)], Event(event))

    def about(self, post: tuple[str, int, int]) -> list[Any]:
        """The rows of the calls about this post and alert, the newest first."""
        county, alert, number = post
        same = and_(_D.c.county == county, _D.c.alert == alert, _D.c.post == number)
        return list(self._db.execute(_select().where(same).order_by(_D.c.asked_at.desc(), _D.c.id)))


def _select() -> Any:
    own = _X.alias("own")
    return (
        select(_D, own.c.value.label("officer_phone"), _X.c.value.label("person_phone"))
        .outerjoin(own, own.c.commitment == _D.c.phone)
        .outerjoin(_N, _N.c.id == _D.c.number)
        .outerjoin(_X, _X.c.commitment == _N.c.commitment)
    )


def _call(row: Any) -> DeskCall:
    key = DeskCallKey(row.county, row.id)
    return DeskCall(key, DeskCallState(row.state), row.run, row.officer_phone or "", row.person_phone or "", row.rev)
