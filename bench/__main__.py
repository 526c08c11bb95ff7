"""python -m bench [night|plan|board|evidence|proof|sending|all] [--short] [--markdown FILE]: Markdown tables."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import board, evidence, night, plan, proof, sending
from bench.servers import postgresql, sqlite
from bench.tables import Table, document

NIGHT, PLAN, RUNS = 10_000, (10_000, 100_000), 5
CHOICES = ("night", "plan", "board", "evidence", "proof", "sending", "all")
RECORD, SHORT_RECORD = 100_000, 2_000
SENDING, SHORT_SENDING = 3_000, 60
SHORT_NIGHT, SHORT_PLAN, SHORT_RUNS = 200, (1_000,), 2


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 when somebody was lost."""
    asked = _asked(arguments)
    tables, lost = [], 0
    if asked.what in ("night", "all"):
        measured = night.run(SHORT_NIGHT if asked.short else NIGHT)
        tables.append(night.table(measured))
        lost = measured.account.lost
    if asked.what in ("plan", "all"):
        tables.append(plan.table(list(_plans(short=asked.short))))
    if asked.what in ("board", "all"):
        tables.append(board.table(board.run(SHORT_NIGHT, browser=False) if asked.short else board.run(NIGHT)))
    if asked.what in ("evidence", "all"):
        tables.append(evidence.table(evidence.run(SHORT_RECORD if asked.short else RECORD)))
    if asked.what in ("proof", "all"):
        tables.append(proof.table([proof.run(people) for people in (SHORT_PLAN if asked.short else proof.TARGETS)]))
    if asked.what in ("sending", "all"):
        tables.append(
            sending.table(sending.run(SHORT_SENDING if asked.short else SENDING, SHORT_RUNS if asked.short else RUNS))
        )
    _tell(tables, " ".join(["python -m bench", *arguments]), asked.markdown)
    return int(lost > 0)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("night", "plan", "board", "evidence", "proof", "sending", "all"), default="all"
    )
    parser.add_argument("--short", action="store_true", help="small sizes: whether it runs, not how fast")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there as well")
    return parser.parse_args(arguments)


def _plans(*, short: bool) -> Iterator[plan.Compared]:
    for place in (sqlite, postgresql):
        with place() as server:
            for people in SHORT_PLAN if short else PLAN:
                yield plan.compare(server, people, SHORT_RUNS if short else RUNS)


def _tell(tables: Sequence[Table], command: str, file: Path | None) -> None:
    text = document(tables, command)
    print(text)
    if file is not None:
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
