"""A storm that went by long ago, the archive that was written after it, and the work of cutting it, piece by piece."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from callout.domain.audit import Seal
from callout.domain.cutting import Storm
from callout.domain.instant import DAY, later
from callout.domain.level import Level
from callout.reports.verification import Archive, verify_record
from callout.store import schema
from callout.store.cutting import (
    TABLES,
    Order,
    begin,
    begun,
    cut_entries,
    cut_rows,
    entries,
    held_back,
    pieces,
    still_there,
    storms,
)
from callout.store.database import Database
from callout.store.sealing import seals
from callout.store.store import Work
from tests.scenarios.field import BAIMA, GRID_1, Field, open_field
from tests.scenarios.night import eventful
from tests.scenarios.test_erasing import close_items

OFFICER = "示例·管理员"


@dataclass
class Season:
    """A county in which a storm went by long ago, and the archive that was written after it."""

    field: Field
    kept: Database
    order: Order

    @property
    def storm(self) -> Storm:
        return self.kept.read(storms)[0]

    def why(self) -> str:
        now = self.field.clock.now()
        return self.field.app.database.read(
            lambda db: self.kept.read(lambda old: held_back(db, old, self.storm, now, self.order.before))
        )

    def steps(self) -> Iterator[int]:
        """Every piece of the work as its own transaction; the caller may stop after any."""
        live, leaving = self.field.app.database, [self.storm]
        if not live.read(partial(begun, storm=self.storm)):
            yield self.step(lambda work, old: begin(work.ledger, old, self.storm, self.order))
        for name, keys in self.kept.read(lambda old: list(pieces(old, live, leaving))):
            yield self.step(partial(_rows, name, keys))
        for seal in live.read(seals):
            under = [n for at, n in self.kept.read(lambda old: list(entries(old, leaving))) if seal.lo <= at <= seal.hi]
            if ids := live.read(partial(still_there, ids=under)):
                yield self.step(partial(_entries, seal, ids, self.order))

    def step(self, one: Callable[[Work, Connection], int | None]) -> int:
        return self.field.app.store.write(lambda work: self.kept.read(lambda old: one(work, old))) or 1

    def cut(self) -> int:
        return sum(self.steps())

    def verdict(self, *, with_archive: bool = False) -> Any:
        self.field.app.seal()
        given = [Archive(self.kept.reading.connect(), self.order.sha256)] if with_archive else []
        try:
            return self.field.app.database.read(lambda db: verify_record(db, seals(db), given))
        finally:
            for one in given:
                one.db.close()

    def left(self) -> dict[str, int]:
        tables = [*TABLES.values(), schema.alert_county]
        return {t.name: many for t in tables if (many := self.count(t))}

    def count(self, table: Table) -> int:
        return int(self.field.rows(select(func.count()).select_from(table))[0][0])


def _rows(name: str, keys: list[tuple[Any, ...]], work: Work, kept: Connection) -> int:
    return cut_rows(work.ledger.connection, kept, name, keys)


def _entries(seal: Seal, ids: list[int], order: Order, work: Work, kept: Connection) -> int:
    return cut_entries(work.ledger, kept, seal, ids, order)


def over(field: Field) -> None:
    """An eventful night, all of it over and seen to; two hundred days later."""
    eventful(field)
    _pass(field, 1, 1, 200)


def storm_at_rest(url: str) -> None:
    """A red warning of August, everything about it over and seen to, in a database that nobody has open any more.

    A demo's, so that an engine with simulated phones may run there.
    """
    field = open_field(url, run="demo")
    field.alert(Level.RED, areas=(BAIMA,))
    field.reply(GRID_1, "1")
    _pass(field, 1, 1)
    field.app.close()


def _pass(field: Field, *days: int) -> None:
    """So many days go by, and then so many; after each an officer has dealt with everything."""
    for many in days:
        field.clock.advance(later(field.clock.now(), many * DAY))
        field.settle()
        close_items(field)
    field.app.seal()


def season_of(field: Field, file: Path) -> Season:
    """What is cut with that archive."""
    kept = Database(f"sqlite:///{file}")
    return Season(field, kept, Order(OFFICER, "2026.sqlite3", "ab" * 32, later(field.clock.now(), -90 * DAY)))
