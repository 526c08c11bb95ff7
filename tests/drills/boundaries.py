"""Boundaries of the drill: the instants at which the world may stop, each with the name of its stage."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from callout.ports import Document, Settlement
from callout.sources.folder import WatchedFolder
from callout.store.database import Database

T = TypeVar("T")

STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("receive", frozenset({"alert.received", "alert.duplicate"})),
    ("plan match", frozenset({"alert_county.matched"})),
    ("plan chunk", frozenset({"alert_county.chunk_opened"})),
    ("plan end", frozenset({"alert_county.all_opened"})),
    ("claim", frozenset({"attempt.claimed", "attempt.reclaimed"})),
    ("submitting", frozenset({"attempt.submitting", "attempt.withdrawn"})),
    ("record", frozenset({"attempt.accepted", "attempt.refused", "attempt.doubtful"})),
    ("acknowledge", frozenset({"inbound.understood"})),
    ("take in", frozenset({"inbound.came", "attempt.receipt", "callout.answered", "answer.contact"})),
    ("watch", frozenset({"alert_county.ended", "county.desk_rung"})),
    ("escalate", frozenset({"callout.silent", "callout.ran_out"})),
    ("hang up", frozenset({"attempt.hung_up"})),
    ("attend", frozenset({"human_call.claimed"})),
)
"""A transaction is named by what it put on record; the first that fits names it."""


class Journal:
    """What the world knows without the database; a line is durable when `add` returns."""

    def __init__(self, path: Path) -> None:
        self.lines = read_journal(path)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)

    def add(self, kind: str, **what: Any) -> None:
        line = {"kind": kind, **what}
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fsync(self._file)
        self.lines.append(line)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == kind]


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The lines so far; none where no process has lived yet."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@dataclass
class Tripwire:
    """Counts boundaries, and is the end of the process at one of them."""

    kill_at: int
    """Counted from 1; 0 = never."""
    passed: list[str] = field(default_factory=list)

    def __call__(self, boundary: str) -> None:
        self.passed.append(boundary)
        if len(self.passed) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedDatabase(Database):
    """Every COMMIT that changes the record is a boundary on both sides."""

    def __init__(self, url: str, trip: Tripwire) -> None:
        super().__init__(url)
        self._trip = trip

    def write(self, work: Callable[[Connection], T]) -> T:
        stage = ""

        def watched(connection: Connection) -> T:
            nonlocal stage
            before = _marks(connection)
            result = work(connection)
            stage = _stage(connection, before)
            if stage:
                self._trip(f"{stage}: before commit")
            return result

        result = super().write(watched)
        if stage:
            self._trip(f"{stage}: after commit")
        return result


def _marks(connection: Connection) -> tuple[int, int]:
    row = connection.exec_driver_sql("SELECT (SELECT max(id) FROM audit), (SELECT max(seq) FROM seal)").one()
    return row[0] or 0, row[1] or 0


def _stage(connection: Connection, before: tuple[int, int]) -> str:
    """Which stage this transaction belongs to; empty when it changed nothing that is on record."""
    rows = connection.exec_driver_sql("SELECT DISTINCT event FROM audit WHERE id > ?", (before[0],))
    events = set(rows.scalars())
    if not events:
        return "seal" if _marks(connection)[1] > before[1] else ""
    return next(stage for stage, names in STAGES if names & events)


class Inbox(WatchedFolder):
    """The real watched folder, with a boundary after the put-away."""

    def __init__(self, path: Path, trip: Tripwire) -> None:
        super().__init__(path)
        self._trip = trip

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        super().settle(document, outcome, note)
        self._trip("receive: after put-away")
