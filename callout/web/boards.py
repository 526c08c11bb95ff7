"""How everything stands, for all who look at once: one reading of the database per place, kept until it changes."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from fastapi import Request
from sqlalchemy import Connection, func, select

from callout.domain.instant import MINUTE, SECOND, Instant
from callout.domain.user import Scope, ScopeKind
from callout.reports.board import BoardStand, DueCounts, board
from callout.reports.desk_list import DeskLine, by_post, desk_lines, last_said, waiting
from callout.reports.relocation import RelocationCount, RelocationLine, count, lines
from callout.reports.shift_gaps import GapLine, shift_gaps
from callout.reports.stop_board import StopCounts, counted
from callout.store import schema
from callout.store.schema.columns import real
from callout.web.site import Site

LISTED = 8
_GROWS_OLD = 5 * SECOND
"""What ends by the clock (a validity) shows after so long at the latest."""

Mark = tuple[int, int]
"""(newest entry of the record, time in steps): what a reading holds for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a board shows of the database."""

    mark: Mark
    at: Instant
    stand: BoardStand
    items: tuple[tuple[DeskLine, tuple[DeskLine, ...]], ...]
    """The most dangerous of the officer's list, each with what else is open about the same post."""
    said: Instant
    """When somebody last refused or said what a human must read; 0 = nobody has."""
    waiting: int
    """Items that nobody has taken."""
    claimed: int
    moves: RelocationCount
    """转移 that are open below this place."""
    stops: StopCounts
    """熔断 that are open below this place."""
    gaps: tuple[GapLine, ...] = ()
    """Times of the coming days without anybody on shift, for whoever sees a whole county."""


@dataclass(slots=True)
class Boards:
    """Readings by place."""

    site: Site
    _counts: DueCounts = field(init=False)
    _kept: dict[Scope, Seen] = field(default_factory=dict)
    _gaps: dict[Scope, tuple[Instant, tuple[GapLine, ...]]] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._counts = DueCounts(self.site.rulebooks)

    def mark(self) -> Mark:
        """What changes whenever a board may look different; costs one step into an index."""
        return self.site.store.database.read(self._mark)

    def _mark(self, db: Connection) -> Mark:
        newest = db.execute(select(func.max(schema.audit.c.id))).scalar() or 0
        return newest, self.site.clock.now() // _GROWS_OLD

    def seen(self, scope: Scope) -> Seen:
        """How things stand below this place; at most one thread reads, the others take what it found."""
        with self._one:
            kept = self._kept.get(scope)
            found = self.site.store.database.read(lambda db: self._read(db, scope, kept))
            self._kept[scope] = found
            return found

    def _read(self, db: Connection, scope: Scope, kept: Seen | None) -> Seen:
        mark = self._mark(db)
        if kept and kept.mark == mark:
            return kept
        now = self.site.clock.now()
        many = waiting(db, scope)
        items = tuple(by_post(desk_lines(db, scope, 4 * LISTED))[:LISTED])
        stand = board(db, self._counts, scope, now)
        stops = counted(db, scope, now)
        moves = count(_moves(db, scope))
        said, open_, taken = last_said(db, scope), many.get("open", 0), many.get("claimed", 0)
        return Seen(mark, now, stand, items, said, open_, taken, moves, stops, self._shift_gaps(db, scope, now))

    def _shift_gaps(self, db: Connection, scope: Scope, now: Instant) -> tuple[GapLine, ...]:
        """Looked for once a minute: they are days ahead."""
        read_at, found = self._gaps.get(scope, (Instant(0), ()))
        if now - read_at >= MINUTE and scope.kind in (ScopeKind.CITY, ScopeKind.COUNTY):
            found = tuple(gap for county in scope.counties(_served(db)) for gap in shift_gaps(db, county, now))
            self._gaps[scope] = now, found
        return found


def _moves(db: Connection, scope: Scope) -> Iterator[RelocationLine]:
    for county in scope.counties(_served(db)):
        yield from (one for one in lines(db, county) if scope.holds(county, one.area))


def _served(db: Connection) -> Sequence[str]:
    k = schema.county
    return db.execute(select(k.c.county).where(real(k.c.county))).scalars().all()


def boards(request: Request) -> Boards:
    """The boards of this site; a FastAPI dependency."""
    return cast(Boards, request.app.state.boards)
