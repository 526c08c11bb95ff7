"""The record as a stream of events for other programs: in order, by cursor, without anything personal."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.audit import Entry, Position
from callout.domain.drill import is_drill
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.store import schema
from callout.store.sealing import settled_after

BEGINNING: Position = (-1, -1)
_CURSOR = re.compile(r"(\d{1,19})-(\d{1,19})")
BATCH = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a stream is about."""

    kinds: Collection[str] = ()
    """First words of events, such as callout or human_call; empty = all."""
    counties: Collection[str] = ()
    """Empty = all."""

    def takes(self, entry: Entry) -> bool:
        """Whether this one is."""
        kind = entry.event.partition(".")[0]
        return (not self.kinds or kind in self.kinds) and (not self.counties or entry.county in self.counties)


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events, and from where the stream goes on; `more`: whether there may be others already."""

    events: Sequence[Mapping[str, Any]]
    cursor: Position
    more: bool


def cursor_text(at: Position) -> str:
    """As programs keep it; empty for the beginning."""
    return "" if at == BEGINNING else f"{at[0]}-{at[1]}"


def cursor_of(text: str) -> Position:
    """The place that the text names. Raises CalloutError where it names none."""
    if text in ("", "0"):
        return BEGINNING
    if found := _CURSOR.fullmatch(text):
        return int(found[1]), int(found[2])
    raise CalloutError(f"“{text}”不是事件的位置；请用上一条事件里的 cursor，从头开始写 0")


def events(db: Connection, after: Position, wanted: Wanted = ALL, limit: int = BATCH) -> Batch:
    """The events after a place. Only entries that can get no predecessor any more: no event ever comes in between."""
    entries = settled_after(db, after, limit)
    if not entries:
        return Batch((), after, more=False)
    chosen = [one for one in entries if wanted.takes(one) and not is_drill(one.county)]
    alerts, posts = _alerts(db, chosen), _posts(db, chosen)
    told = [_event(one, alerts.get(one.alert), posts.get((one.county, one.post))) for one in chosen]
    return Batch(told, entries[-1].position, len(entries) == limit)


def _event(one: Entry, alert: Mapping[str, Any] | None, post: Mapping[str, Any] | None) -> dict[str, Any]:
    """No name, number, reply text, note or actor: whoever needs them reads the ledger, on record."""
    return {
        "cursor": cursor_text(one.position), "event": one.event,
        "at": beijing(Instant(one.at), "%Y-%m-%dT%H:%M:%S+08:00"),
        "at_ms": one.at, "county": one.county, "alert": alert, "post": post, "attempt": one.attempt,
        "before": one.before, "after": one.after,
    }  # fmt: skip


def _alerts(db: Connection, entries: Iterable[Entry]) -> dict[int, dict[str, Any]]:
    a = schema.alert
    ids = sorted({one.alert for one in entries if one.alert})
    rows = db.execute(
        select(a.c.id, a.c.identifier, a.c.msg_type, a.c.hazard, a.c.level, a.c.sent, a.c.run).where(a.c.id.in_(ids))
    )
    return {r.id: {"number": r.id, "identifier": r.identifier, "msg_type": r.msg_type, "hazard": r.hazard,
                   "level": r.level, "sent_ms": r.sent, "run": r.run} for r in rows}  # fmt: skip


def _posts(db: Connection, entries: Iterable[Entry]) -> dict[tuple[str, int], dict[str, Any]]:
    """By the roster in force now."""
    d, k = schema.duty, schema.county
    ids = sorted({one.post for one in entries if one.post})
    rows = db.execute(
        select(d.c.county, d.c.post, d.c.title, d.c.role, d.c.area)
        .join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
        .where(d.c.post.in_(ids))
    )
    return {(r.county, r.post): {"number": r.post, "title": r.title, "role": r.role, "area": r.area} for r in rows}


def line(event: Mapping[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
