"""Copies: opened for alerts in force, sent once nobody waits to be called, recorded through the one write path."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, exists, select

from callout.domain.alert import MsgType
from callout.domain.attempt import recordable
from callout.domain.broadcast import AGAIN, LEASE, START, TABLE, Audience, Copy, CopyEvent, CopyKey, CopyState
from callout.domain.callout import CalloutState, level_of
from callout.domain.headline import issuer
from callout.domain.instant import Instant, later
from callout.domain.intake import AlertState, late
from callout.domain.level import Level
from callout.domain.machine import follow
from callout.domain.meaning import Meaning
from callout.ports.copies import Written
from callout.store import schema
from callout.store.lifting_copies import ended_for, ended_lane, missing_liftings, telling
from callout.store.remaining import county_remaining
from callout.store.schema.columns import real
from callout.store.transaction import Change, Event, Ledger, Note

_B, _A, _AC, _K, _C = schema.broadcast, schema.alert, schema.alert_county, schema.county, schema.callout
_TIMES = {CopyEvent.SENDING: "sent_at", CopyEvent.ACKNOWLEDGED: "acknowledged_at"}


class CopyRows:
    """Reads and writes of copies inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def missing(self, audiences: Sequence[Audience]) -> list[Copy]:
        """A copy for each audience of each warning in force that has none yet; and of its end for who got it."""
        in_force = (
            select(_AC.c.county, _AC.c.alert, _AC.c.lane, _AC.c.expires_at, _A.c.run, _A.c.level)
            .join(_A, _A.c.id == _AC.c.alert)
            .where(_AC.c.state == AlertState.PLANNED, _AC.c.expires_at > self._ledger.at, _A.c.msg_type != "Cancel")
            .where(real(_AC.c.county))  # a drill reaches its list and nobody else
        )
        wanted = [
            Copy(CopyKey(r.county, r.alert, one.name), START, Instant(r.expires_at), 0)
            for r in self._db.execute(in_force)
            for one in audiences
            if one.wants(r.county, level_of(r.lane) if r.level else None, r.run)
        ]
        alerts = [one.key.alert for one in wanted]
        same = select(_B.c.county, _B.c.alert, _B.c.endpoint).where(_B.c.alert.in_(alerts))
        known = {CopyKey(*row) for row in self._db.execute(same)} if wanted else set()
        return [one for one in wanted if one.key not in known] + missing_liftings(self._db, self._ledger.at, audiences)

    def open(self, copies: Sequence[Copy]) -> None:
        """Put these on record; one that another process opened meanwhile stays as it is."""
        rows = [
            one.key._asdict() | {"state": one.state, "next_at": self._ledger.at, "expires_at": one.expires_at}
            for one in copies
        ]
        self._ledger.record_rows(_B, rows, Event("opened"))

    def due(self, endpoints: Sequence[str], limit: int) -> list[Written]:
        """Copies whose time has come and about whose warning nobody waits for a first call."""
        waiting = exists().where(
            _C.c.county == _B.c.county,
            _C.c.alert == _B.c.alert,
            _C.c.state == CalloutState.TO_CALL,
            _C.c.next_at <= self._ledger.at,
        )
        found = self._db.execute(
            _select()
            .where(
                _B.c.state == CopyState.TO_SEND,
                _B.c.next_at <= self._ledger.at,
                _B.c.endpoint.in_(list(endpoints)),
                ~waiting,
                ~telling(self._ledger.at),
            )
            .order_by(_AC.c.lane, _B.c.alert, _B.c.endpoint)
            .limit(limit)
        )
        return [self._written(row) for row in found]

    def _written(self, row: Any) -> Written:
        meaning = _meaning(row)
        if row.msg_type != MsgType.CANCEL:
            return Written(_copy(row), meaning, over=row.stands in (AlertState.LIFTED, AlertState.OVER))
        left = county_remaining(self._db, row.county, self._ledger.at)
        ended = level_of(row.ended) if row.ended is not None else None
        says = replace(meaning, level=ended, in_force=left.in_force, stopped=left.stopped, evacuated=left.evacuated)
        return Written(_copy(row), says, lifting=True, ended=ended_for(self._db, row.county, row.alert, row.endpoint))

    def dead(self) -> list[Copy]:
        """Copies that a process was sending when it died."""
        found = self._db.execute(select(_B).where(_B.c.state == CopyState.SENDING, _B.c.next_at <= self._ledger.at))
        return [_copy(row) for row in found]

    def find(self, key: CopyKey) -> Copy | None:
        """One copy by its key."""
        same = and_(_B.c.county == key.county, _B.c.alert == key.alert, _B.c.endpoint == key.endpoint)
        row = self._db.execute(select(_B).where(same)).first()
        return _copy(row) if row else None

    def move(self, copies: Sequence[Copy], event: CopyEvent, reason: str = "") -> set[CopyKey]:
        """Note what happened; returns the keys of the copies that were still as seen."""
        changes = [self._change(one, event, recordable(reason)) for one in copies]
        return {CopyKey(*key) for key in self._ledger.record(_B, changes, Event(event))}

    def _change(self, one: Copy, event: CopyEvent, reason: str) -> Change:
        after = follow(TABLE, one.state, event)
        values: dict[str, Any] = {"state": after, "next_at": _next(after, self._ledger.at, event), "reason": reason}
        if event in _TIMES:
            values[_TIMES[event]] = self._ledger.at
        return Change(one.key, one.rev, one.state, values, Note(detail=reason))


def _next(after: CopyState, now: Instant, event: CopyEvent) -> Instant | None:
    if after is CopyState.SENDING:
        return later(now, LEASE)
    return later(now, AGAIN) if event is CopyEvent.REFUSED else None


def _select() -> Any:
    return (
        select(
            _B, _AC.c.lane, _K.c.name, _A.c.hazard, _A.c.headline, _A.c.sent, _A.c.expires, _A.c.received_at,
            _A.c.instruction, _A.c.run, _A.c.msg_type, _AC.c.state.label("stands"), ended_lane().label("ended"),
        )
        .join(_AC, and_(_AC.c.county == _B.c.county, _AC.c.alert == _B.c.alert))
        .join(_A, _A.c.id == _B.c.alert)
        .join(_K, _K.c.county == _B.c.county)
    )  # fmt: skip


def _copy(row: Any) -> Copy:
    key = CopyKey(row.county, row.alert, row.endpoint)
    return Copy(key, CopyState(row.state), Instant(row.expires_at), row.rev)


def _meaning(row: Any) -> Meaning:
    return Meaning(
        county=row.name,
        hazard=row.hazard or "未知灾种",
        level=Level(level_of(row.lane)),
        area=row.name,
        issued_at=Instant(row.sent),
        # A validity that was only assumed (推定) is not told as the issuer's word.
        expires_at=None if row.expires is None else Instant(row.expires_at),
        measure=row.instruction or "",
        issuer=issuer(row.headline or ""),
        run=row.run,
        late=late(Instant(row.sent), Instant(row.received_at)),
    )
