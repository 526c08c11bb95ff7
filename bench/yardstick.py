"""How fast this machine is just now, by work of others' making that was measured where the targets come from.

The targets in seconds were set on one machine. Another one, or the same on another day, is slower or faster; what
libraries alone take on both says by how much.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from twilio.request_validator import RequestValidator

from bench.sending import ACCOUNT, TOKEN, bare, peer
from bench.tables import Table
from callout.store.database import Database

TEXTS, JOBS, SIGNED, AT_ONCE = 1_000, 500, 3_000, 50
URL = "https://callout.example/answers/twilio"
# As Twilio sends them with a text, with values of the usual length.
FORM = {
    **dict.fromkeys(("AccountSid", "MessageSid", "SmsMessageSid", "SmsSid", "MessagingServiceSid"), "SM" + "0" * 32),
    "From": "+99900000000001", "To": "+99900000000002", "Body": "收到", "NumMedia": "0", "NumSegments": "1",
    "SmsStatus": "received", "ApiVersion": "2010-04-01",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work: what it took there and takes here, each time it was looked at; microseconds."""

    name: str
    there: float
    here: tuple[float, ...]

    @property
    def slower(self) -> float:
        """How many times longer it takes here."""
        return median(self.here) / self.there


class Yardstick:
    """Looked at several times, before, between and after what is measured."""

    def __init__(self) -> None:
        self._seen: list[list[float]] = []
        self._work()  # the first time what is needed is only being loaded

    def look(self) -> None:
        """Do each piece of work once."""
        self._seen.append(self._work())

    def _work(self) -> list[float]:
        return [work() for _, _, work in PIECES]

    @property
    def pieces(self) -> list[Piece]:
        """What they took, all looks together."""
        took = zip(*self._seen, strict=True)
        return [Piece(name, there, here) for (name, there, _), here in zip(PIECES, took, strict=True)]

    @property
    def slower(self) -> float:
        """The middle one of the pieces: neither the best nor the worst of them decides."""
        return median(piece.slower for piece in self.pieces)

    def reckoned(self, wall: float, target: str) -> tuple[tuple[str, str], ...]:
        """The last lines of a table: what so many seconds here come to there."""
        return (
            ("this machine takes so many times longer than the one of the targets", f"{self.slower:.1f}"),
            (f"wall there, reckoned (target ≤ {target})", f"**{wall / self.slower:.2f} s**"),
        )

    @property
    def note(self) -> str:
        """The looks, for below a table."""
        told = "; ".join(f"{p.name} {_figures(p)} µs, there {p.there:.0f}: {p.slower:.1f} times" for p in self.pieces)
        return f"{len(self._seen)} looks at work of others' making: {told}. The middle one counts."


def table(measure: Yardstick) -> Table:
    """As Markdown."""
    lines = [(p.name, f"{p.there:.0f}", _figures(p), f"{p.slower:.1f}") for p in measure.pieces]
    head = ("work", "µs where the targets come from", "µs here, median", "times longer")
    return Table("This machine beside the one of the targets (`yardstick`)", head, lines)


def _figures(piece: Piece) -> str:
    return f"{median(piece.here):.0f} ({min(piece.here):.0f} to {max(piece.here):.0f})"


def _texts() -> float:
    with peer(0) as url:
        _, cpu = asyncio.run(bare(url, TEXTS, AT_ONCE))
    return cpu / TEXTS * 1e6


def _signatures() -> float:
    validator = RequestValidator(TOKEN)
    signature, begun = validator.compute_signature(URL, FORM), time.perf_counter()
    for _ in range(SIGNED):
        if not validator.validate(URL, FORM, signature):
            raise RuntimeError(ACCOUNT)
    return (time.perf_counter() - begun) / SIGNED * 1e6


def _jobs() -> float:
    with _paused() as scheduler:
        due, begun = datetime.now(UTC) + timedelta(days=1), time.perf_counter()
        for nth in range(JOBS):
            scheduler.add_job(print, "date", run_date=due, args=(nth,))
        return (time.perf_counter() - begun) / JOBS * 1e6


@contextmanager
def _paused() -> Iterator[BackgroundScheduler]:
    with tempfile.TemporaryDirectory(prefix="callout-bench-") as home:
        database = Database(f"sqlite:///{Path(home) / 'jobs.sqlite3'}")
        scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(engine=database.engine)}, timezone=UTC)
        scheduler.start(paused=True)
        try:
            yield scheduler
        finally:
            scheduler.shutdown(wait=False)
            database.close()


PIECES: Sequence[tuple[str, float, Callable[[], float]]] = (
    ("a text by the SDK's asynchronous client, CPU", 162, _texts),
    ("a job into APScheduler's store on SQLite", 380, _jobs),
    ("a signature that the SDK checks", 41, _signatures),
)
"""What it is, what it took on the machine of the targets (CPython 3.11.7 not built with its own optimisations, the same
versions of the libraries), and how it is measured."""
