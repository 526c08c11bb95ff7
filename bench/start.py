"""How long a test waits for its database: the server of the wheel, and one database more from a filled one."""

import time
from dataclasses import dataclass
from statistics import median

from bench.servers import Server, postgresql
from bench.tables import Table
from callout.store.database import Database
from callout.store.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds, the median of the runs."""

    server: float
    migrated: float
    """All migrations, once for a test run."""
    database: float
    """One more database with all tables."""


def run(runs: int) -> Started:
    """Each run starts a server of its own."""
    starts, migrations, copies = list[float](), list[float](), list[float]()
    for _ in range(runs):
        begun = time.perf_counter()
        with postgresql(durable=False) as server:
            starts.append(time.perf_counter() - begun)
            took, more = _databases(server)
            migrations.append(took)
            copies += more
    return Started(median(starts), median(migrations), median(copies))


def _databases(server: Server) -> tuple[float, list[float]]:
    begun = time.perf_counter()
    with server.filled(_fill) as copies:
        migrated, found = time.perf_counter() - begun, []
        for _ in range(5):
            since = time.perf_counter()
            with copies():
                found.append(time.perf_counter() - since)
        return migrated, found


def _fill(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


def table(it: Started) -> Table:
    """As Markdown."""
    head = ["what", "median", "target"]
    lines = [
        ["start of PostgreSQL from the wheel (a server that is given: none)", f"{it.server:.2f} s", "1 s"],
        ["all migrations, once", f"{it.migrated:.2f} s", ""],
        ["one more database with all tables", f"{it.database * 1000:.0f} ms", "50 ms"],
    ]
    return Table("PostgreSQL for the tests", head, lines, "Without fsync, as the tests have it.")
