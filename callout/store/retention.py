"""Personal values that go by themselves when their time is over: in small pieces, never while a warning is in force."""

from sqlalchemy import Connection, func, or_, select

from callout.domain.instant import DAY, Instant, later
from callout.domain.intake import AlertState
from callout.domain.retention import kept_since
from callout.store import schema
from callout.store.erasing import Wanted, erasable, erase
from callout.store.transaction import ENGINE, Ledger

PIECE = 200
"""Values that go in one transaction."""
_AC = schema.alert_county
_S = AlertState
_AT_WORK = [state.value for state in (_S.RECEIVED, _S.PLANNING, _S.PLANNED, _S.AWAITING)]


def quiet(db: Connection, now: Instant) -> bool:
    """Whether no warning is in force or on its way."""
    valid = or_(_AC.c.expires_at.is_(None), _AC.c.expires_at > now)
    return db.execute(select(_AC.c.alert).where(_AC.c.state.in_(_AT_WORK), valid).limit(1)).first() is None


def outlived(db: Connection, now: Instant, days: int) -> list[str] | None:
    """Commitments of the values whose time is over; None while a warning is in force."""
    return list(erasable(db, _wanted(db, now, days))) if quiet(db, now) else None


def let_go(ledger: Ledger, among: list[str], days: int) -> int:
    """Erase those of them that nothing needs at this moment, each with an entry of the record."""
    db, now = ledger.connection, ledger.at
    if not quiet(db, now):
        return 0
    found = erasable(db, _wanted(db, now, days, tuple(among)))
    return erase(ledger, list(found), ENGINE, f"保存期限 {days} 天已满")


def _wanted(db: Connection, now: Instant, days: int, among: tuple[str, ...] = ()) -> Wanted:
    a = schema.alert
    began = select(func.min(a.c.received_at)).join(_AC, _AC.c.alert == a.c.id)
    first = db.execute(began.where(_AC.c.expires_at >= later(now, -days * DAY))).scalar()
    return Wanted(now, kept_since(now, days, first), among=among)
