"""Forty days of a city, rehearsed: its counties one by one, each with its own people and warnings."""

import os
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import yaml

from bench.county import CODE
from bench.memory import peak
from bench.progress import say
from bench.tables import Table
from callout.rehearsal.play import Stage
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import find_storm
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.sources.reading import DocumentReader

COUNTIES, DAYS, PEOPLE, WARNINGS = 38, 40, 400_000, 1_516
COUNTY = CODE
"""Counties never meet in a query, so one set of rules under one code stands for each of them."""
NIGHT = 0.17
"""Share of warnings between 22:00 and 06:00, as 5 of 30 in 武隆's record of these days."""
# How often each came in the public records of five districts of 重庆, 2026-07-13 to 08-22.
_DRAWN = {
    ("高温", "橙"): 47, ("高温", "红"): 26, ("暴雨", "蓝"): 23, ("大风", "蓝"): 20, ("暴雨", "黄"): 20,
    ("森林火险", "橙"): 13, ("大风", "黄"): 6, ("雷电", "黄"): 5, ("暴雨", "橙"): 4,
    ("冰雹", "橙"): 1, ("暴雨", "红"): 1,
}  # fmt: skip
_HOURS = {"高温": 8, "森林火险": 24, "大风": 12}
_BEGINS = datetime(2026, 7, 13)  # noqa: DTZ001 - Beijing time, as a storm file writes it


@dataclass(frozen=True, slots=True)
class Played:
    """What one county's days came to."""

    due: int
    called: int
    answered: int
    lost: int
    cpu: float
    peak: int
    """MiB of the process that played it, at its highest so far."""


@dataclass(frozen=True, slots=True)
class City:
    """The whole city."""

    counties: Sequence[Played]
    people: int
    warnings: int
    processes: int
    wall: float


def run(people: int = PEOPLE, warnings: int = WARNINGS, counties: int = COUNTIES) -> City:
    """Every county with its share of people and warnings."""
    begun, processes = time.perf_counter(), os.cpu_count() or 1
    shares = [(at, people // counties, warnings // counties + (at < warnings % counties)) for at in range(counties)]
    # One county to a process: what it used goes back, and its highest memory is its own.
    with ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1) as pool:
        played = []
        for county in pool.map(_county, shares):
            played.append(county)
            say(f"{len(played)} of {counties} counties")
    return City(played, people // counties * counties, warnings, processes, time.perf_counter() - begun)


def drawn(seed: int, many: int) -> str:
    """A storm file: so many warnings of the days, drawn as they came, at their hours."""
    random, warnings = Random(seed), []
    for hazard, level in random.choices(list(_DRAWN), list(_DRAWN.values()), k=many):
        hour = random.uniform(22, 30) if random.random() < NIGHT else random.uniform(6, 22)
        at = (_BEGINS + timedelta(days=random.randrange(DAYS), hours=hour)).replace(microsecond=0)
        until = at + timedelta(hours=_HOURS.get(hazard, 6))
        warnings.append({"at": str(at), "until": str(until), "hazard": hazard, "level": level})
    warnings.sort(key=lambda one: one["at"])
    return yaml.safe_dump({"storm": f"合成 {seed}", "warnings": warnings}, allow_unicode=True)


def _county(share: tuple[int, int, int]) -> Played:
    seed, people, warnings = share
    settings = Settings(county=COUNTY)
    rulebook = parse(read_files(settings.rules), COUNTY)
    with tempfile.TemporaryDirectory(prefix="callout-bench-") as home:
        file = Path(home) / "storm.yaml"
        file.write_text(drawn(seed, warnings), encoding="utf-8")
        storm = find_storm(str(file), DocumentReader(), rulebook.county)
    roster = roster_sample(rulebook.county, people, seed, rulebook)
    stage = Stage(Setting(settings.rules, settings.templates, rulebook, roster, storm))
    try:
        facts = stage.play(seed)
    finally:
        stage.close()
    used, total = resource.getrusage(resource.RUSAGE_SELF), facts["total"]
    cpu = used.ru_utime + used.ru_stime
    return Played(total["due"], total["called"], total["answered"], facts["lost"], cpu, round(peak()))


def table(city: City) -> Table:
    """The sums, and what they took."""
    total = partial(_sum, city.counties)
    cpu = sum(one.cpu for one in city.counties)
    rows = [
        ("counties / people / warnings", f"{len(city.counties)} / {city.people:,} / {city.warnings:,}"),
        ("due posts", f"{total('due'):,}"),
        ("texts and calls sent", f"{total('called'):,}"),
        ("answered / **lost**", f"{total('answered'):,} / **{total('lost')}**"),
        ("wall", f"{city.wall / 60:.1f} min with {city.processes} processes"),
        ("CPU", f"{cpu / 60:.1f} min, {cpu * 1000 / max(total('due'), 1):.2f} ms for each due post"),
        ("highest memory of one process", f"{max(one.peak for one in city.counties):,} MiB"),
    ]
    return Table(f"{DAYS} days of a city, rehearsed", ("figure", "value"), rows)


def _sum(played: Sequence[Played], name: str) -> int:
    return sum(getattr(one, name) for one in played)
