"""The table of seeds that were played, in docs/seeds.md: one line for each run, and what they come to."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Played:
    """What the table comes to."""

    seeds: int
    """Different ones on SQLite, whatever the commit."""
    broken: int
    seconds: int
    """CPU time of all runs."""


def add(file: Path, database: str, seeds: range, result: Sequence[int]) -> None:
    """A line at the end of the file. `result`: broken, commits, faults, CPU seconds."""
    cells = (f"{datetime.now(UTC):%Y-%m-%d}", commit(), database, f"{seeds[0]}–{seeds[-1]}", len(seeds), *result)
    with file.open("a", encoding="utf-8") as table:
        table.write("| " + " | ".join(map(str, cells)) + " |\n")


def summed(text: str) -> Played:
    """All lines of the table together."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| 2")]
    ranges = [row[3].partition("–") for row in rows if row[2] == "SQLite"]
    seeds = {seed for first, _, last in ranges for seed in range(int(first), int(last) + 1)}
    return Played(len(seeds), sum(int(row[5]) for row in rows), sum(int(row[8]) for row in rows))


def commit() -> str:
    """The commit that is played, with a + where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return said.stdout.strip() or "?"
