"""Memory of an engine process while a great many callouts are open: it must not grow with them."""

import asyncio
import multiprocessing
import re
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import func, select

from bench.county import load, warning
from bench.pace import BenchDay, Phones, engine
from bench.servers import Server
from bench.tables import Table
from callout.pipeline.receive import receive
from callout.store import schema


@dataclass(frozen=True, slots=True)
class Held:
    """One run: peak MiB of a fresh process that did nothing but this."""

    database: str
    open: int
    planning: float
    working: float
    objects: float
    """What it takes to hold each open callout as one object, as a design without statements over sets would."""


def run(server: Server, people: int) -> Held:
    """Plan a warning to `people`; then a fresh process works on the open callouts for some beats."""
    day = BenchDay()

    def fill(url: str) -> None:
        with engine(url, day, Phones(0.0)) as app:
            load(app, people)
            receive(app.intake, warning())

    with server.filled(fill) as copies, copies() as url:
        planning, opened = _apart(url, day.begun, "plan")
        working, _ = _apart(url, day.begun, "beat")
        objects, _ = _apart(url, day.begun, "objects")
    return Held(server.name, opened, planning, working, objects)


def _apart(url: str, begun: float, what: str) -> tuple[float, int]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_do, args=(there, url, begun, what))
    process.start()
    found: tuple[float, int] = here.recv()
    process.join()
    return found


def _do(parent: Connection, url: str, begun: float, what: str) -> None:
    c = schema.callout
    held: list[object] = []
    with engine(url, BenchDay(begun), Phones(0.0), process=7) as app:

        async def story() -> None:
            if what == "plan":
                while (await app.stages["plan"]()).moved:
                    pass
            elif what == "objects":
                held.extend(app.database.read(lambda db: db.execute(select(c)).all()))
            else:
                for _ in range(3):
                    await app.settle()

        asyncio.run(story())
        many = int(app.database.read(lambda db: db.execute(select(func.count()).select_from(c)).scalar_one()))
    parent.send((peak(), many))


def peak() -> float:
    """MiB that this program held at its highest. What `getrusage` says begins with what its parent held."""
    [kib] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(kib) / 1024


def table(found: list[Held]) -> Table:
    """As Markdown."""
    lines = [
        [x.database, str(x.open), f"{x.planning:.0f} MiB", f"{x.working:.0f} MiB", f"{x.objects:.0f} MiB"]
        for x in found
    ]
    head = ["database", "open callouts", "peak while planning", "peak while calling", "one object for each"]
    note = "Each in a fresh process; the database's own memory is not in it on PostgreSQL, and is on SQLite."
    return Table("Memory", head, lines, note)
