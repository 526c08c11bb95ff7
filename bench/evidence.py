"""A large record: how long it takes to check, how large its export is, and whether each attack on it is found."""

import contextlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.attacks import ATTACKS, Attack, fill, forge_a_checkpoint, turn_the_clock_back
from bench.tables import Table
from callout.domain.audit import Verdict
from callout.reports import verify_record as standalone
from callout.reports.checkpoints import SigningKey, new_key, read_checkpoints, unsigned
from callout.reports.record import export
from callout.reports.verification import verify_record
from callout.store.database import Database
from callout.store.migrate import upgrade

T = TypeVar("T")
PER_SEAL = 500
"""Entries that an engine under load writes in one beat of the sealer."""
FOUND, REPORTED, MISSED = "found", "reported", "MISSED"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was measured of one record, CPU seconds, and what became of each attack."""

    entries: int
    fill: float
    verify: float
    export: float
    standalone: float
    database_bytes: int
    export_bytes: int
    attacks: dict[str, str]


def run(entries: int) -> Checked:
    """Build a signed record of that size, check it, export it, check that; then attack a fresh copy in each way."""
    with TemporaryDirectory(prefix="callout-evidence-") as home:
        key, whole = new_key(Path(home) / "key.pem"), Path(home) / "whole"
        whole.mkdir()
        filled, _ = _timed(lambda: _build(whole, entries, key))
        verified, verdict = _timed(lambda: _verdict(whole))
        if not verdict.ok:
            raise RuntimeError("an untouched record was called changed")
        exported, _ = _timed(lambda: _export(whole))
        alone, code = _timed(lambda: _alone(whole, key.public))
        if code:
            raise RuntimeError("an untouched export was called changed")
        sizes = (whole / "r.sqlite3").stat().st_size, sum(f.stat().st_size for f in (whole / "export").iterdir())
        rmtree(whole / "export")
        return Checked(entries, filled, verified, exported, alone, *sizes, _attacked(Path(home), whole, key))


def _build(folder: Path, entries: int, key: SigningKey) -> None:
    database = Database(f"sqlite:///{folder / 'r.sqlite3'}")
    upgrade(database)
    fill(database, entries, PER_SEAL, folder / "held.jsonl", key)
    database.close()


def _on(folder: Path, work: Callable[[Database], T]) -> T:
    database = Database(f"sqlite:///{folder / 'r.sqlite3'}")
    try:
        return work(database)
    finally:
        database.close()


def _verdict(folder: Path) -> Verdict:
    held = read_checkpoints(folder / "held.jsonl")
    return _on(folder, lambda database: database.read(lambda db: verify_record(db, held)))


def _export(folder: Path) -> None:
    _on(folder, lambda database: database.read(lambda db: export(db, folder / "export")))


def _alone(folder: Path, public: str) -> int:
    with contextlib.redirect_stdout(io.StringIO()):
        return standalone.run(
            [str(folder / "export"), "--checkpoints", str(folder / "held.jsonl"), "--public-key", public]
        )


def _attacked(home: Path, whole: Path, key: SigningKey) -> dict[str, str]:
    forger = new_key(home / "forger.pem")
    became = {name: _under_attack(home, whole, attack) for name, attack in ATTACKS.items()}
    became["turn_the_clock_back"] = _under_attack(home, whole, turn_the_clock_back)
    spoilt = copytree(whole, home / "spoilt")
    _on(spoilt, lambda database: forge_a_checkpoint(database, spoilt / "held.jsonl", forger))
    forged = unsigned(read_checkpoints(spoilt / "held.jsonl"), key.public)
    rmtree(spoilt)
    return became | {"forge_a_checkpoint": FOUND if forged else MISSED}


def _under_attack(home: Path, whole: Path, attack: Attack) -> str:
    spoilt = copytree(whole, home / "spoilt")
    _on(spoilt, attack)
    verdict = _verdict(spoilt)
    rmtree(spoilt)
    told = any("倒退" in note for note in verdict.notes)
    return FOUND if not verdict.ok else REPORTED if told else MISSED


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    since = time.process_time()
    made = work()
    return time.process_time() - since, made


def table(checked: Checked) -> Table:
    """As Markdown."""
    c = checked
    lines = [
        ["write and seal", f"{c.fill:.2f} s CPU"],
        ["`callout audit verify`", f"**{c.verify:.2f} s CPU**"],
        ["export", f"{c.export:.2f} s CPU"],
        ["`verify_record.py` on the export, signatures too", f"**{c.standalone:.2f} s CPU**"],
        ["database, export", f"{c.database_bytes / 1e6:.1f} MB, {c.export_bytes / 1e6:.1f} MB"],
        *([f"attack: {name}", what] for name, what in c.attacks.items()),
    ]
    return Table(f"A record of {c.entries:,} entries (SQLite)", ["what", "measured"], lines)
