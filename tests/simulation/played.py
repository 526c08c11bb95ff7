"""The table of seeds that were played, in docs/seeds.md: a line for each stretch, and what they come to."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.tables import processor


@dataclass(frozen=True, slots=True)
class Played:
    """What the table comes to."""

    seeds: int
    """Different ones on SQLite, whatever the commit."""
    broken: int
    seconds: int
    """CPU time of all runs."""


@dataclass(frozen=True, slots=True)
class Line:
    """Seeds without a gap, on one day, by one commit, on one database and machine."""

    about: tuple[str, ...]
    """Date, commit, database, machine."""
    first: int
    last: int
    result: tuple[int, ...]
    """Broken, commits, faults, CPU seconds."""

    def __str__(self) -> str:
        cells = (*self.about, f"{self.first}–{self.last}", self.last - self.first + 1, *self.result)
        return "| " + " | ".join(map(str, cells)) + " |"


def add(file: Path, about: tuple[str, str], seeds: range, result: Sequence[int]) -> None:
    """These seeds onto the end of the file: into its last line where they follow it. `about`: commit, database.

    `result`: broken, commits, faults, CPU seconds.
    """
    version, database = about
    text = file.read_text(encoding="utf-8")
    told = (f"{datetime.now(UTC):%Y-%m-%d}", version, database, processor())
    new = Line(told, seeds[0], seeds[-1], tuple(result))
    last = next(reversed(list(_lines(text))), None)
    if last and text.endswith(f"{last}\n") and (last.about, last.last + 1) == (told, new.first):
        text = text.removesuffix(f"{last}\n")
        both = tuple(a + b for a, b in zip(last.result, new.result, strict=True))
        new = Line(told, last.first, new.last, both)
    part = file.with_name(file.name + ".part")
    part.write_text(f"{text}{new}\n", encoding="utf-8")
    part.replace(file)


def summed(text: str) -> Played:
    """All lines of the table together."""
    lines = list(_lines(text))
    return Played(
        len(seeds_in(text, "SQLite")), sum(one.result[0] for one in lines), sum(one.result[3] for one in lines)
    )


def seeds_in(text: str, database: str) -> set[int]:
    """The seeds that were played on this database, whatever the commit."""
    mine = [one for one in _lines(text) if one.about[2] == database]
    return {seed for one in mine for seed in range(one.first, one.last + 1)}


def _lines(text: str) -> Iterator[Line]:
    for row in (line for line in text.splitlines() if line.startswith("| 2")):
        date, version, database, machine, span, _, *result = (cell.strip() for cell in row.split("|")[1:-1])
        first, _, last = span.partition("–")
        yield Line((date, version, database, machine), int(first), int(last), tuple(map(int, result)))


def commit(recorded: Path | None = None) -> str:
    """The commit that is played, with a + where files differ from it, but for the one that is written to."""
    here = Path(__file__).parents[2]
    said = _git(here, "rev-parse", "--short", "HEAD") or "?"
    changed = {line[3:] for line in _git(here, "status", "--porcelain", "--untracked-files=no").splitlines()}
    if recorded and recorded.resolve().is_relative_to(here):
        changed.discard(str(recorded.resolve().relative_to(here)))
    return said + ("+" if changed else "")


def _git(where: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False, cwd=where)
    return done.stdout.rstrip("\n")
