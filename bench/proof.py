"""The proof of a county of 10,000 and of a city of 400,000 people: sample rules, a synthetic roster with its flaws."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

from bench.county import OPENS, SEED
from bench.memory import peak
from bench.tables import Table
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.proving import prove
from callout.domain.proof.rungs import CLOUD
from callout.domain.roster_views import roster_views
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample
from callout.settings import Settings

TARGETS = {10_000: 10, 400_000: 300}
"""People → seconds that the proof may take."""


@dataclass(frozen=True, slots=True)
class Proved:
    """One measurement."""

    people: int
    posts: int
    classes: int
    findings: int
    wall: float
    cpu: float
    peak_mib: int


def run(people: int) -> Proved:
    """Prove the sample rules against a roster of this size; making the roster up is not counted."""
    settings = Settings()
    book = parse(read_files(settings.rules), settings.county)
    roster = roster_sample(book.county, people, SEED, book)
    wall, cpu = perf_counter(), process_time()
    proof = prove(Ground(book, roster, roster_views(roster), CLOUD, OPENS))
    wall, cpu = perf_counter() - wall, process_time() - cpu
    return Proved(people, proof.posts, proof.shapes, len(proof.findings), wall, cpu, round(peak()))


def table(measured: Sequence[Proved]) -> Table:
    """One line for each size."""
    lines = [
        (
            f"{one.people:,}",
            f"{one.posts:,}",
            str(one.classes),
            f"{one.findings:,}",
            f"{one.wall:.1f} s",
            f"**{one.cpu:.1f} s**",
            f"{TARGETS[one.people]} s" if one.people in TARGETS else "",
            f"{one.peak_mib:,} MiB",
        )
        for one in measured
    ]
    head = ("people", "posts", "classes", "findings", "wall", "CPU", "target", "peak memory")
    return Table("callout rules prove", head, lines)
