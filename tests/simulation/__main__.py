"""Stories of the whole engine under faults, told by seeds.

python -m tests.simulation --seeds 500 [--from 0] [--jobs 2]   many stories
python -m tests.simulation --seed 17 [--trace]                 one, told
python -m tests.simulation --from 0 --to 999 --jobs 2 --record docs/seeds.md   a range, and its line in the table;
                                                               stopped and begun again, it passes over what is there
... --postgres URL                                             on a PostgreSQL server that lets us create databases
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.simulation import played
from tests.simulation.ground import Ground
from tests.simulation.storm import Fault

CHUNK = 10
"""Seeds that one process plays before it says how they went."""


@dataclass
class Tally:
    """What some seeds showed."""

    seeds: int = 0
    commits: int = 0
    submits: int = 0
    seconds: float = 0.0
    """CPU time."""
    hit: Counter[Fault] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """For each seed that broke a promise, what it broke and how to see it again."""

    def __iadd__(self, other: "Tally") -> "Tally":
        self.seeds += other.seeds
        self.commits += other.commits
        self.submits += other.submits
        self.seconds += other.seconds
        self.hit += other.hit
        self.broken += other.broken
        return self

    def __str__(self) -> str:
        faults = "\n".join(f"| {kind} | {self.hit[kind]} |" for kind in Fault)
        return (
            f"{self.seeds} seeds, {len(self.broken)} broken; {self.commits} commits, {self.submits} submits, "
            f"{sum(self.hit.values())} faults, {self.seconds:.0f} CPU s\n\n| fault | times |\n|---|---|\n{faults}"
        )


def play(seeds: Iterable[int], server: str = "", *, to_the_first: bool = False) -> Tally:
    """Play these seeds one after another."""
    tally = Tally()
    with closing(Ground(server)) as ground:
        for seed in seeds:
            tally += _play(ground, seed, server)
            if to_the_first and tally.broken:
                break
    return tally


def _play(ground: Ground, seed: int, server: str) -> Tally:
    begun = time.process_time()
    world = ground.play(seed)
    tally = Tally(1, world.judge.commits, len(world.judge.begun), time.process_time() - begun, world.hit)
    if world.judge.broken:
        again = f"python -m tests.simulation --seed {seed} --trace{' --postgres URL' if server else ''}"
        tally.broken.append(f"seed {seed}: {world.judge.broken[0]}\n    {again}")
    return tally


def _chunks(first: int, many: int) -> Iterator[range]:
    for begin in range(first, first + many, CHUNK):
        yield range(begin, min(begin + CHUNK, first + many))


def _many(chunks: Iterable[range], jobs: int, server: str) -> Iterator[tuple[range, Tally]]:
    """How each chunk went, in order."""
    several = list(chunks)
    with ProcessPoolExecutor(jobs, initializer=_deaf) as pool:
        try:
            yield from zip(several, pool.map(partial(play, server=server), several), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _all(chunks: Iterable[range], asked: argparse.Namespace) -> Tally:
    """All together, as far as they were played when Ctrl+C or SIGTERM came."""
    whole = Tally()
    with suppress(KeyboardInterrupt):
        for _, part in _many(chunks, asked.jobs, asked.postgres):
            whole += part
    return whole


def _recorded(asked: argparse.Namespace, chunks: list[range]) -> Tally:
    """Play what the table does not have yet, and write each chunk down as soon as it has been played."""
    file: Path = asked.record
    where, whole, begun = ("PostgreSQL" if asked.postgres else "SQLite"), Tally(), time.monotonic()
    version = played.commit(file)
    there = played.seeds_in(file.read_text(encoding="utf-8"), where)
    left = [one for one in chunks if not there.issuperset(one)]
    with suppress(KeyboardInterrupt):
        for done, (seeds, part) in enumerate(_many(left, asked.jobs, asked.postgres), 1):
            whole += part
            result = (len(part.broken), part.commits, sum(part.hit.values()), round(part.seconds))
            played.add(file, (version, where), seeds, result)
            hours = (time.monotonic() - begun) / done * (len(left) - done) / 3600
            told = [f"{seeds[-1]}: {whole.seeds} played, {len(whole.broken)} broken, {hours:.1f} h left", *part.broken]
            print("\n".join(told), file=sys.stderr, flush=True)  # noqa: T201 - this is its purpose
    return whole


def _deaf() -> None:
    """A signal to all of us is for the one who hands out the seeds: the others end what they play."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _tell(seed: int, server: str) -> bool:
    ground = Ground(server)
    world = ground.play(seed)
    ground.close()
    print("\n".join(world.trace))  # noqa: T201 - this is its purpose
    return bool(world.judge.broken)


def main(arguments: Sequence[str]) -> int:
    """Play what the arguments name; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--to", type=int, dest="last", help="the last seed, instead of --seeds")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add a line to the table at the end of this file")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--to-the-first", action="store_true", help="stop at the first broken promise")
    parser.add_argument("--postgres", default="", metavar="URL")
    asked = parser.parse_args(arguments)
    if asked.last is not None:
        asked.seeds = asked.last - asked.first + 1
    if asked.seed is not None and asked.trace:
        return _tell(asked.seed, asked.postgres)
    if asked.to_the_first or asked.seed is not None:
        seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
        whole = play(seeds, asked.postgres, to_the_first=True)
    else:
        chunks = list(_chunks(asked.first, asked.seeds))
        signal.signal(signal.SIGTERM, _stop)
        whole = _recorded(asked, chunks) if asked.record else _all(chunks, asked)
    print("\n".join([str(whole), *whole.broken]))  # noqa: T201 - this is its purpose
    return bool(whole.broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
