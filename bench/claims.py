"""The claims of `timers` alone, as the driver does them: the same rows, audit included, and nothing decided or sent."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bench.pace import BenchDay
from callout.domain.instant import MINUTE, Instant
from callout.store import schema
from callout.store.database import Database

_AT_ONCE, _GAP = 200, 0.05
C, T, LINK, A = schema.callout, schema.attempt, schema.attempt_callout, schema.audit
_KEY = ("county", "alert", "post", "round")
_EVENTS = ("attempt.claimed", "callout.claimed")


def claim_all(url: str, begun: float, process: int, until: float) -> None:
    """Claim whatever is due, look again after a short gap, and end when nothing waits any more."""
    day, database, given = BenchDay(begun), Database(url), 0
    while time.monotonic() < until:
        many, waits = database.write(lambda db, n=given: _claim(db, day, process, n))
        given += many
        if not waits:
            break
        if many < _AT_ONCE:
            time.sleep(_GAP)
    database.close()


def _claim(db: Connection, day: BenchDay, process: int, given: int) -> tuple[int, bool]:
    now = day.now()
    due = select(C).where(C.c.state == "to_call", C.c.next_at <= now).order_by(C.c.lane, C.c.next_at).limit(_AT_ONCE)
    rows = db.execute(due.with_for_update(skip_locked=True)).all()
    if not rows:
        return 0, db.execute(select(C.c.post).where(C.c.state == "to_call").limit(1)).first() is not None
    ids = [f"{process:04x}{given + n:028x}" for n in range(len(rows))]
    db.execute(insert(T), [_attempt(row, one, now) for row, one in zip(rows, ids, strict=True)])
    links = [dict(zip(_KEY, _key(row), strict=True)) | {"attempt": one} for row, one in zip(rows, ids, strict=True)]
    db.execute(insert(LINK), links)
    moved = update(C).values(state="waiting", next_at=now + MINUTE, rev=C.c.rev + 1)
    same = moved.where(*[C.c[name] == bindparam(f"k_{name}") for name in _KEY])
    db.execute(same, [{f"k_{name}": getattr(row, name) for name in _KEY} for row in rows])
    db.execute(insert(A), [_entry(row, one, what, now) for row, one in zip(rows, ids, strict=True) for what in _EVENTS])
    return len(rows), True


def _key(row: Any) -> Sequence[Any]:
    return [getattr(row, name) for name in _KEY]


def _attempt(row: Any, one: str, now: Instant) -> dict[str, Any]:
    return {
        "county": row.county,
        "id": one,
        "alert": row.alert,
        "target": "holder",
        "channel": "sms",
        "number": row.post,
        "responder": row.post,
        "roster": "",
        "repeated": 0,
        "state": "claimed",
        "owner": "bare",
        "lease": now + MINUTE,
        "wait": 0,
        "claimed_at": now,
    }


def _entry(row: Any, one: str, event: str, now: Instant) -> dict[str, Any]:
    told = {"county": row.county, "at": now, "event": event, "alert": row.alert, "post": row.post, "attempt": one}
    return told | {
        "ref": "",
        "before": "to_call",
        "after": "waiting",
        "actor": "engine",
        "commitment": "",
        "detail": "",
    }
