"""The kill -9 drill: kill a real engine at a boundary, start it again on the same file, and judge what is left.

python -m tests.drills.drill               a spread over every kind of boundary, as a table
python -m tests.drills.drill --every       every single boundary (docs/drills.md)
python -m tests.drills.drill --kills 17,3  one drill: killed at boundary 17, started again, killed at its third
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from callout.domain.instant import SECOND, Millis
from tests.drills.aftermath import Aftermath, Death, at_death
from tests.drills.boundaries import read_journal
from tests.drills.engine_process import prepare

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL
Meanwhile = Callable[[int, Path], None]
"""What to do while a process (its id, its journal) lives."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One drill: the boundary at which each life ends, counted from 1, and how long the engine is down in between."""

    kills: tuple[int, ...]
    down: Millis = 0

    @property
    def again(self) -> str:
        """The command that runs it once more."""
        return f"python -m tests.drills.drill --kills {','.join(map(str, self.kills))} --down {self.down // SECOND}"


@dataclass(frozen=True, slots=True)
class Result:
    """What one drill showed."""

    plan: Plan
    ends: tuple[int, ...]
    """Exit status of each life."""
    lost: int
    doubts: int
    """Attempts that were on their way when a process died."""
    doubled: int
    """Steps that came to their phone more than once."""
    marked: int
    """Of these, those that the record calls uncertain."""
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return "\n  ".join([self.plan.again, *self.faults])


class Engines:
    """Starts engine processes, each in a fresh fork of one that has only imported the code."""

    def __init__(self, log: Path) -> None:
        command = [sys.executable, "-m", "tests.drills.engine_process", "--serve"]
        with log.open("w") as errors:
            self._server = subprocess.Popen(
                command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )

    def live(self, config: Path, meanwhile: Meanwhile) -> int:
        """One life; returns its exit status."""
        assert self._server.stdin
        self._server.stdin.write(f"{config}\n")
        self._server.stdin.flush()
        meanwhile(self._number(), config.with_name("journal.jsonl"))
        return self._number()

    def _number(self) -> int:
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def stop(self) -> None:
        self._server.communicate()


class Ground:
    """Where drills are run, and what a run that nobody disturbs comes to. A context: it holds processes."""

    def __init__(self, home: Path, workers: int = 2) -> None:
        self.home = home
        (home / "start").mkdir()
        prepare(home / "start")
        self._names = count(1)
        self._engines = [Engines(home / f"engines-{n}.log") for n in range(workers)]
        self._free: SimpleQueue[Engines] = SimpleQueue()
        for engines in self._engines:
            self._free.put(engines)
        self.undisturbed, self.ends, _ = self._lives(Plan(()), _watch)
        if self.ends != (0,):
            self.close()
            raise RuntimeError("\n".join(log.read_text() for log in home.glob("engines-*.log")))
        self.journal = read_journal(self.undisturbed / "journal.jsonl")
        self.boundaries: tuple[str, ...] = tuple(self.journal[-1]["boundaries"])
        with Aftermath(self.undisturbed) as after:
            self.expected = after.expected()

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the processes."""
        for engines in self._engines:
            engines.stop()

    def drill(self, plan: Plan, meanwhile: Meanwhile | None = None) -> Result:
        """Kill, start again until the end is reached, judge. What failed stays in `home`."""
        folder, ends, deaths = self._lives(plan, meanwhile or _watch)
        if ends[-1] != 0:
            return Result(plan, ends, 0, 0, 0, 0, (f"lives ended with {ends}, see {self.home}/engines-*.log",))
        expected = replace(self.expected, answered=frozenset()) if plan.down else self.expected
        with Aftermath(folder) as after:
            faults = tuple(after.faults(expected, deaths))
            marked = sum(after.marked(attempts) for attempts in after.doubled.values())
            doubts = sum(len(death.submitting) for death in deaths)
            result = Result(plan, ends, after.account.total.lost, doubts, len(after.doubled), marked, faults)
        if not faults:
            shutil.rmtree(folder)
        return result

    def _lives(self, plan: Plan, meanwhile: Meanwhile) -> tuple[Path, tuple[int, ...], list[Death]]:
        folder = self.home / f"drill-{next(self._names)}"
        shutil.copytree(self.home / "start", folder)
        config = folder / "config.json"
        config.write_text(json.dumps({"folder": str(folder), "kills": plan.kills, "down": plan.down}))
        ends: list[int] = []
        deaths: list[Death] = []
        engines = self._free.get()
        try:
            while not ends or ends[-1] == KILLED:
                ends.append(engines.live(config, _watch if ends else meanwhile))
                if ends[-1] == KILLED:
                    deaths.append(at_death(folder, len(ends)))
        finally:
            self._free.put(engines)
        return folder, tuple(ends), deaths

    def sweep(self, plans: Iterable[Plan]) -> list[Result]:
        """Many drills, as many at a time as there are workers."""
        with ThreadPoolExecutor(len(self._engines)) as pool:
            return list(pool.map(self.drill, plans))


def _watch(_pid: int, _journal: Path) -> None:
    """Let the process live."""


def killed_at_line(number: int) -> Meanwhile:
    """Kill the process from outside once its journal has so many lines: anywhere, not at a boundary."""

    def watch(pid: int, journal: Path) -> None:
        while not journal.exists() or journal.read_bytes().count(b"\n") < number:
            os.sched_yield()
        os.kill(pid, signal.SIGKILL)

    return watch


def spread(boundaries: Sequence[str], each: int = 3, submits: int = 6) -> list[int]:
    """Boundaries, counted from 1: of every kind `each` (of submits more), from the first to the last."""
    kinds: defaultdict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(boundaries, 1):
        kinds[name].append(at)
    chosen: set[int] = set()
    for name, places in kinds.items():
        many = submits if name.startswith("submit:") else each
        chosen |= {places[i * (len(places) - 1) // max(many - 1, 1)] for i in range(many)}
    return sorted(chosen)


def table(boundaries: Sequence[str], results: Iterable[Result]) -> str:
    """Kind of boundary → kills, lost, doubts and doubles, as Markdown."""
    sums = {name: [0] * 5 for name in dict.fromkeys(boundaries)}
    for r in results:
        row = sums[boundaries[r.plan.kills[0] - 1]]
        row[:] = [a + b for a, b in zip(row, (1, r.lost, r.doubts, r.doubled, r.marked), strict=True)]
    every = [sum(column) for column in zip(*sums.values(), strict=True)]
    lines = [f"| {name} | {' | '.join(map(str, row))} |" for name, row in [*sums.items(), ("all", every)]]
    return "\n".join(
        [
            "| killed at | kills | lost | in doubt at death | sent twice | of these marked |",
            "|---|---|---|---|---|---|",
            *lines,
        ]
    )


def main() -> int:
    """Run the drills that the arguments name; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills.drill")
    parser.add_argument("--every", action="store_true", help="every boundary instead of a spread")
    parser.add_argument("--kills", type=lambda text: tuple(map(int, text.split(","))), help="one drill: 17 or 17,3")
    parser.add_argument("--down", type=int, default=0, help="seconds between two lives")
    asked = parser.parse_args()
    with Ground(Path(tempfile.mkdtemp(prefix="kill-9-"))) as ground:
        places = range(1, len(ground.boundaries) + 1) if asked.every else spread(ground.boundaries)
        chosen = [asked.kills] if asked.kills else [(at,) for at in places]
        results = ground.sweep(Plan(kills, asked.down * SECOND) for kills in chosen)
    broken = [r for r in results if r.faults]
    print("\n".join([table(ground.boundaries, results), *map(str, broken)]))  # noqa: T201 - this is its purpose
    if not broken:
        shutil.rmtree(ground.home)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
