"""python -m bench [WHAT] [--short] [--people N] [--on DATABASE] [--markdown FILE]: Markdown tables."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import answers, board, city, evidence, lanes, memory, naive, night, plan, proof, sending, timers
from bench.servers import Server, postgresql, sqlite
from bench.tables import Table, document

NIGHT, PLAN, RUNS = 10_000, (10_000, 100_000), 5
RECORD, SHORT_RECORD = 100_000, 2_000
SHORT, SHORT_PLAN, SHORT_RUNS = 200, (1_000,), 2
_SEVERAL, _LARGE = 5_000, 20_000
"""From so many people on one run of `sending` instead of three; above so many at one latency only."""
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
    measured = night.run(it.size(SHORT, NIGHT))
    if measured.account.lost:
        raise SystemExit(f"lost: {measured.account.lost}")
    return night.table(measured)


def _plan(it: Asked) -> Table:
    sizes = (it.people,) if it.people else SHORT_PLAN if it.short else PLAN
    return plan.table([plan.compare(server, people, it.runs()) for server in it.each() for people in sizes])


def _board(it: Asked) -> Table:
    return board.table([board.run(server, it.size(SHORT, NIGHT), browser=not it.short) for server in it.each()])


def _proof(it: Asked) -> Table:
    return proof.table([proof.run(people) for people in (SHORT_PLAN if it.short else proof.TARGETS)])


def _sending(it: Asked) -> Table:
    """100,000 at one latency only, and once: the whole must end in ten minutes."""
    sizes = (it.people,) if it.people else (60,) if it.short else (1_000, 10_000)
    rates = []
    for server in it.each():
        for people in sizes:
            runs = it.runs(3) if people < _SEVERAL else 1
            rates += sending.run(server, people, runs, (30,) if people > _LARGE else sending.LATENCIES)
    return sending.table(rates)


def _lanes(it: Asked) -> Table:
    return lanes.table([lanes.run(server, it.size(300, 100_000), 3 if it.short else 100) for server in it.each()])


def _timers(it: Asked) -> Table:
    """SQLite has one writing process."""
    counts = {"sqlite": (1,), "postgresql": (1, 2) if it.short else (1, 2, 4)}
    found = []
    for name in it.on:
        with PLACES[name]() as server:
            within = 3 if it.short else timers.SECONDS
            found += timers.run(server, it.size(SHORT, 50_000), counts[name], within)
    return timers.table(found)


def _answers(it: Asked) -> Table:
    return answers.table([one for server in it.each() for one in answers.run(server, it.size(SHORT, 10_000))])


def _memory(it: Asked) -> Table:
    return memory.table([memory.run(server, it.size(SHORT, 1_000_000)) for server in it.each()])


def _naive(it: Asked) -> Table:
    return naive.table([naive.run(server, it.size(60, 1_000), 30) for server in it.each()])


def _city(it: Asked) -> Table:
    if it.short:
        return city.table(city.run(2 * SHORT, 4, 2))
    return city.table(city.run(it.people) if it.people else city.run())


BENCHES: Mapping[str, Callable[[Asked], Table]] = {
    "night": _night,
    "plan": _plan,
    "board": _board,
    "evidence": lambda it: evidence.table(evidence.run(it.size(SHORT_RECORD, RECORD))),
    "proof": _proof,
    "sending": _sending,
    "lanes": _lanes,
    "timers": _timers,
    "answers": _answers,
    "memory": _memory,
    "naive": _naive,
    "city": _city,
}


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 when somebody was lost."""
    asked = _asked(arguments)
    it = Asked(asked.short, asked.people, (asked.on,) if asked.on else tuple(PLACES))
    names = list(BENCHES) if asked.what == "all" else [asked.what]
    _tell([BENCHES[name](it) for name in names], " ".join(["python -m bench", *arguments]), asked.markdown)
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=(*BENCHES, "all"), default="all")
    parser.add_argument("--short", action="store_true", help="small sizes: whether it runs, not how fast")
    parser.add_argument("--people", type=int, default=0, metavar="N", help="a size of your own")
    parser.add_argument("--on", choices=tuple(PLACES), help="one database only")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there as well")
    return parser.parse_args(arguments)


def _tell(tables: Sequence[Table], command: str, file: Path | None) -> None:
    text = document(tables, command)
    print(text)
    if file is not None:
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
