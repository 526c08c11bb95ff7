"""A county night rehearsed with many seeds, in as many processes as there are cores."""

import os
import resource
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from bench.tables import Table
from bench.yardstick import Yardstick
from callout.cli.rehearse import Choices, setting_of
from callout.rehearsal.monte_carlo import Company
from callout.settings import Settings

SEEDS, LOOKS, PEOPLE = 100, 4, 500
STORM = "wulong-2026-08"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the rehearsals came to."""

    seeds: int
    people: int
    processes: int
    warnings: int
    lost: int
    wall: float
    cpu: float
    measure: Yardstick


def run(seeds: int, looks: int, people: int) -> Rehearsed:
    """So many seeds, in as many portions as the yardstick is looked at between."""
    processes, measure = os.cpu_count() or 1, Yardstick()
    setting = setting_of(Settings(), Choices(storm=STORM, sample=people), STORM)
    wall, cpu, lost = 0.0, 0.0, 0
    measure.look()
    begun, before = time.perf_counter(), _cpu()
    with closing(Company(setting, processes)) as company:
        for portion in range(looks):
            played = company.play(setting, range(seeds * portion // looks, seeds * (portion + 1) // looks))
            lost += sum(facts["lost"] for facts in played)
            wall, cpu = wall + time.perf_counter() - begun, cpu + _cpu() - before
            measure.look()
            begun, before = time.perf_counter(), _cpu()
    return Rehearsed(seeds, people, processes, len(setting.storm.incoming), lost, wall, cpu, measure)


def _cpu() -> float:
    """Seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def table(of: Rehearsed) -> Table:
    """As Markdown."""
    lines: Sequence[tuple[str, str]] = [
        ("people / warnings / seeds", f"{of.people} / {of.warnings} / {of.seeds}"),
        ("**lost**", f"**{of.lost}**"),
        ("wall", f"**{of.wall:.1f} s** with {of.processes} processes"),
        ("CPU", f"{of.cpu:.0f} s, {of.cpu / of.seeds:.2f} for each seed"),
        *of.measure.reckoned(of.wall, "60 s for 100 seeds of 500 people"),
    ]
    return Table("Many rehearsals of one night (`seeds`)", ("figure", "value"), lines, of.measure.note)
