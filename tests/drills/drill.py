"""The kill -9 drill: kill a real engine at a boundary, start it again on the same file, and judge what is left.

    python -m tests.drills.drill               a spread over every kind of boundary, as a table
    python -m tests.drills.drill --every       every single boundary (docs/drills.md)
    python -m tests.drills.drill --kills 17,3  one drill: killed at boundary 17, started again, killed at its third
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import kill
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Iterator

from callout.app import StoredRulebooks
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store.database import Database
from callout.store.store import Store
from tests.drills import county
from tests.drills.aftermath import Aftermath, Death, Expected, at_death
from tests.drills.engine_process import database_url, prepare, read_journal

ROOT = Path(__file__).parents[2]
MEANWHILE = Callable[[int, Path], None]
"""What to do while a process (its id, its journal) lives."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One drill: the boundary at which each life ends, and how long the engine is down in between (ms)."""

    kills: tuple[int, ...]
    down: int = 0

    @property
    def again(self) -> str:
        """The command that runs it once more."""
        kills = ",".join(map(str, self.kills)) or "0"
        return f"python -m tests.drills.drill --kills {kills} --down {self.down // 1000}"


@dataclass(frozen=True, slots=True)
class Result:
    """What one drill showed."""

    plan: Plan
    ends: tuple[int, ...]
    """Exit status of each life; -9 = killed."""
    lost: int
    doubts: int
    """Attempts that were on their way when a process died."""
    doubled: int
    marked: int
    """Of the doubled steps, those that the record calls uncertain."""
    faults: tuple[str, ...]


class Engines:
    """Starts engine processes, each in a fresh fork of one that has only imported the code."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.engine_process", "--serve"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )

    def live(self, config: Path, meanwhile: MEANWHILE) -> int:
        """One life; returns its exit status."""
        assert self._server.stdin
        print(config, file=self._server.stdin, flush=True)  # noqa: T201 - a request
        meanwhile(int(self._line()), config.with_name("journal.jsonl"))
        return int(self._line())

    def _line(self) -> str:
        assert self._server.stdout
        return self._server.stdout.readline()

    def stop(self) -> None:
        self._server.communicate()
        self._log.close()


class Ground:
    """Where drills are run: the files that all start from, and what an undisturbed run comes to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        prepare(self._made("start"))
        database = Database(database_url(home / "start"))
        self.rulebooks = StoredRulebooks(Store(database, VirtualClock(county.START), SeededIds(0)))
        with self.engines() as engines:
            folder, _, _ = self._lives(engines, Plan(()), _watch)
        self.boundaries: tuple[str, ...] = tuple(read_journal(folder / "journal.jsonl")[-1]["boundaries"])
        self.journal_lines = len(read_journal(folder / "journal.jsonl"))
        undisturbed = Aftermath(folder, self.rulebooks)
        self.expected: Expected = undisturbed.expected()
        self.faults = undisturbed.faults(self.expected, [])
        database.close()

    def _made(self, name: str) -> Path:
        (self.home / name).mkdir()
        return self.home / name

    @contextmanager
    def engines(self) -> Iterator[Engines]:
        """A starter of processes, for one thread."""
        engines = Engines(tempfile.NamedTemporaryFile("w", dir=self.home, suffix=".log", delete=False))
        try:
            yield engines
        finally:
            engines.stop()

    def drill(self, engines: Engines, plan: Plan, meanwhile: MEANWHILE | None = None) -> Result:
        """Kill, start again until the end is reached, judge."""
        folder, ends, deaths = self._lives(engines, plan, meanwhile or _watch)
        after = Aftermath(folder, self.rulebooks) if ends[-1] == 0 else None
        faults = after.faults(self.expected, deaths) if after else [f"the last life ended with {ends[-1]}"]
        result = Result(
            plan, ends, after.account.total.lost if after else -1, sum(len(d.submitting) for d in deaths),
            len(after.doubled) if after else 0,
            sum(after.marked(ids) for ids in after.doubled.values()) if after else 0, tuple(faults),
        )
        if after:
            after.database.close()
        if not faults:
            shutil.rmtree(folder)
        return result

    def _lives(self, engines: Engines, plan: Plan, meanwhile: MEANWHILE) -> tuple[Path, tuple[int, ...], list[Death]]:
        folder = Path(tempfile.mkdtemp(dir=self.home))
        shutil.rmtree(folder)
        shutil.copytree(self.home / "start", folder) if (self.home / "start").exists() else None
        config, ends, deaths = folder / "config.json", [], []
        config.write_text(json.dumps({"folder": str(folder), "kills": plan.kills, "down": plan.down}))
        while not ends or ends[-1] == -signal.SIGKILL:
            ends.append(engines.live(config, meanwhile if not ends else _watch))
            if ends[-1] == -signal.SIGKILL:
                deaths.append(at_death(folder, len(ends)))
        return folder, tuple(ends), deaths

    def sweep(self, plans: Iterable[Plan], workers: int = 2) -> list[Result]:
        """Many drills, `workers` at a time."""
        free: SimpleQueue[Engines] = SimpleQueue()

        def one(plan: Plan) -> Result:
            engines = free.get()
            try:
                return self.drill(engines, plan)
            finally:
                free.put(engines)

        with self.engines() as first, self.engines() as second, ThreadPoolExecutor(workers) as pool:
            for engines in (first, second)[:workers]:
                free.put(engines)
            return list(pool.map(one, plans))


def _watch(_pid: int, _journal: Path) -> None:
    """Let the process live."""


def killed_at_line(number: int) -> MEANWHILE:
    """Kill the process from outside as soon as its journal has so many lines: anywhere, not at a boundary."""

    def watch(pid: int, journal: Path) -> None:
        while len(read_bytes(journal).splitlines()) < number:
            pass
        kill(pid, signal.SIGKILL)

    return watch


def read_bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def spread(boundaries: Sequence[str], each: int = 3) -> list[int]:
    """Boundaries, counted from 1: of every kind `each`, from the first to the last."""
    kinds: defaultdict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(boundaries, 1):
        kinds[name].append(at)
    chosen = {places[i * (len(places) - 1) // max(each - 1, 1)] for places in kinds.values() for i in range(each)}
    return sorted(chosen)


def table(boundaries: Sequence[str], results: Iterable[Result]) -> str:
    """Kind of boundary → kills, lost, doubts and doubles, as Markdown."""
    sums: dict[str, list[int]] = {name: [0] * 5 for name in sorted(set(boundaries))}
    for r in results:
        row = sums[boundaries[r.plan.kills[0] - 1]]
        for at, count in enumerate((1, r.lost, r.doubts, r.doubled, r.marked)):
            row[at] += count
    total = [sum(column) for column in zip(*sums.values(), strict=True)]
    lines = [f"| {name} | {' | '.join(map(str, row))} |" for name, row in [*sums.items(), ("**all**", total)]]
    head = "| boundary | kills | lost | in doubt at death | sent twice | of these marked |\n|---|---|---|---|---|---|"
    return "\n".join([head, *lines])


def main() -> int:
    """Run the drills that the arguments name; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills.drill")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--kills", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--down", type=int, default=0, help="seconds between two lives")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="kill-9-"))
    ground = Ground(home)
    chosen = range(1, len(ground.boundaries) + 1) if asked.every else spread(ground.boundaries)
    plans = [Plan(asked.kills, asked.down * 1000)] if asked.kills else [Plan((at,), asked.down * 1000) for at in chosen]
    results = ground.sweep(plans)
    print(table(ground.boundaries, results))  # noqa: T201
    broken = [r for r in results if r.faults]
    for r in broken:
        print(f"{r.plan.again}\n  " + "\n  ".join(r.faults))  # noqa: T201
    if not broken:
        shutil.rmtree(home)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
