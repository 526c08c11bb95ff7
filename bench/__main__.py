"""python -m bench [WHAT] [--short] [--people N] [--on DATABASE] [--skip WHAT] [--markdown FILE]: Markdown tables."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import (
    answers,
    board,
    chain,
    city,
    evidence,
    kills,
    lanes,
    memory,
    naive,
    night,
    plan,
    proof,
    screens,
    seeds,
    sending,
    start,
    timers,
    yardstick,
)
from bench.progress import say
from bench.servers import Server, postgresql, sqlite
from bench.tables import Table, document
from bench.yardstick import Yardstick
from callout.domain.instant import SECOND

BEATS = (SECOND, 5 * SECOND)
"""Once a second, and as rehearsals have it."""
NIGHT, PLAN, RUNS = 10_000, (10_000, 100_000, 400_000), 5
RECORD, SHORT_RECORD = 100_000, 2_000
SHORT, SHORT_PLAN, SHORT_RUNS = 200, (1_000,), 2
_SEVERAL = 5_000
"""From so many people on one run of `sending` instead of three."""
_HUGE = 200_000
"""From so many people on one run of `plan` instead of five."""
PLACES: Mapping[str, Callable[[], AbstractContextManager[Server]]] = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure, and how much of it."""

    short: bool
    people: int
    on: tuple[str, ...]

    def size(self, short: int, usual: int) -> int:
        """How many, unless somebody said."""
        return self.people or (short if self.short else usual)

    def runs(self, usual: int = RUNS) -> int:
        """How often."""
        return SHORT_RUNS if self.short else usual

    def each(self) -> Iterator[Server]:
        """The databases, one after the other."""
        for name in self.on:
            with PLACES[name]() as server:
                yield server


def _night(it: Asked) -> Table:
    nights, measure = list[night.Night](), Yardstick()
    measure.look()
    for beat in BEATS:
        nights.append(night.run(it.size(SHORT, NIGHT), beat))
        measure.look()
    if lost := sum(each.account.lost for each in nights):
        raise SystemExit(f"lost: {lost}")
    return night.table(nights, measure)


def _seeds(it: Asked) -> Table:
    return seeds.table(seeds.run(*((4, 2, 60) if it.short else (seeds.SEEDS, seeds.LOOKS, seeds.PEOPLE))))


def _yardstick(it: Asked) -> Table:
    measure = Yardstick()
    for _ in range(it.runs()):
        measure.look()
    return yardstick.table(measure)


def _plan(it: Asked) -> Table:
    sizes = (it.people,) if it.people else SHORT_PLAN if it.short else PLAN
    runs = {people: 1 if people >= _HUGE else it.runs() for people in sizes}
    return plan.table([plan.compare(server, people, runs[people]) for server in it.each() for people in sizes])


def _board(it: Asked) -> Table:
    return board.table([board.run(server, it.size(SHORT, NIGHT), browser=not it.short) for server in it.each()])


def _proof(it: Asked) -> Table:
    return proof.table([proof.run(people) for people in (SHORT_PLAN if it.short else proof.TARGETS)])


def _sending(it: Asked) -> Table:
    sizes = (it.people,) if it.people else (60,) if it.short else (1_000, 10_000, 100_000)
    rates = []
    for server in it.each():
        for people in sizes:
            rates += sending.run(server, people, it.runs(3) if people < _SEVERAL else 1)
    return sending.table(rates)


def _lanes(it: Asked) -> Table:
    return lanes.table([lanes.run(server, it.size(300, 100_000), 3 if it.short else 100) for server in it.each()])


def _late(it: Asked, within: int) -> list[timers.Late]:
    """SQLite has one writing process."""
    counts = {"sqlite": (1,), "postgresql": (1, 2) if it.short else (1, 2, 4)}
    found = []
    for name in it.on:
        with PLACES[name]() as server:
            found += timers.run(server, it.size(SHORT, 50_000), counts[name], within)
    return found


def _chain(it: Asked) -> Table:
    """SQLite has one writing process."""
    counts = {"sqlite": (1,), "postgresql": (2,) if it.short else (1, 4)}
    found, seconds = [], 0.3 if it.short else chain.SECONDS
    for name in it.on:
        with PLACES[name]() as server:
            found += chain.run(server, counts[name], 1 if it.short else 3, seconds)
    return chain.table(found)


def _screens(it: Asked) -> Table:
    people, boards = it.size(SHORT, NIGHT), (20,) if it.short else (200, 1_000)
    return screens.table([screens.run(server, people, many) for server in it.each() for many in boards])


def _answers(it: Asked) -> Table:
    return answers.table([one for server in it.each() for one in answers.run(server, it.size(SHORT, 10_000))])


def _memory(it: Asked) -> Table:
    return memory.table([memory.run(server, it.size(SHORT, 1_000_000)) for server in it.each()])


def _kills(it: Asked) -> Table:
    """The short form does not wait for the ladders' second steps: there may be fewer kills."""
    people, how = it.size(600, 6_000), (2, 20, 20.0) if it.short else (kills.KILLS, kills.SLOTS)
    return kills.table([kills.run(server, people, *how) for server in it.each()])


def _naive(it: Asked) -> Table:
    return naive.table([naive.run(server, it.size(60, 1_000), 30) for server in it.each()])


def _city(it: Asked) -> Table:
    if it.short:
        return city.table(city.run(2 * SHORT, 4, 2))
    return city.table(city.run(it.people) if it.people else city.run())


BENCHES: Mapping[str, tuple[int, Callable[[Asked], Table]]] = {
    "start": (1, lambda it: start.table(start.run(it.runs()))),
    "plan": (15, _plan),
    "yardstick": (1, _yardstick),
    "night": (1, _night),
    "seeds": (2, _seeds),
    "answers": (2, _answers),
    "lanes": (15, _lanes),
    "timers": (10, lambda it: timers.table(_late(it, 3 if it.short else timers.SECONDS))),
    "burst": (8, lambda it: timers.burst(_late(it, 0))),
    "chain": (5, _chain),
    "sending": (35, _sending),
    "naive": (3, _naive),
    "kills": (10, _kills),
    "board": (3, _board),
    "screens": (8, _screens),
    "evidence": (1, lambda it: evidence.table(evidence.run(it.size(SHORT_RECORD, RECORD)))),
    "proof": (5, _proof),
    "memory": (25, _memory),
    "city": (80, _city),
}
"""In the order of `all`, each with about how many minutes it takes at full size on two idle cores."""


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, one after the other; what is measured is kept at once."""
    asked = _asked(arguments)
    it = Asked(asked.short, asked.people, (asked.on,) if asked.on else tuple(PLACES))
    names = [name for name in BENCHES if asked.what in ("all", name) and name not in asked.skip]
    tables, command = list[Table](), " ".join(["python -m bench", *arguments])
    if not it.short:
        say(", ".join(f"{name} {BENCHES[name][0]}" for name in names) + " minutes, about, on two idle cores")
    for nth, name in enumerate(names, 1):
        begun = time.monotonic()
        say(f"{nth} of {len(names)}: {name} …")
        tables.append(BENCHES[name][1](it))
        say(f"{nth} of {len(names)}: {name}, {(time.monotonic() - begun) / 60:.1f} minutes")
        if asked.markdown:
            asked.markdown.write_text(document(tables, command), encoding="utf-8")
    print(asked.markdown.read_text(encoding="utf-8") if asked.markdown else document(tables, command))
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=(*BENCHES, "all"), default="all")
    parser.add_argument("--short", action="store_true", help="small sizes: whether it runs, not how fast")
    parser.add_argument("--people", type=int, default=0, metavar="N", help="a size of your own")
    parser.add_argument("--on", choices=tuple(PLACES), help="one database only")
    parser.add_argument("--skip", choices=BENCHES, action="append", default=[], help="not this one, of all")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there as well")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
