"""Small settings for tests: the sample rules, a small made-up roster, short storms."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import Storm, find_storm
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample
from callout.sources.reading import DocumentReader

ROOT = Path(__file__).parents[2]
PEOPLE = 60


@cache
def setting(people: int = PEOPLE, storm: str = "noon-in-town") -> Setting:
    rulebook = parse(read_files(ROOT / "rules"), "500156")
    roster = roster_sample(rulebook.county, people, 1, rulebook)
    return Setting(
        ROOT / "rules", ROOT / "templates", rulebook, roster, find_storm(storm, DocumentReader(), rulebook.county)
    )


def only(one: Setting, *numbers: int) -> Setting:
    """The same with some documents of its storm only, counted from 1."""
    incoming = tuple(one.storm.incoming[n - 1] for n in numbers)
    alerts = tuple(one.storm.alerts[n - 1] for n in numbers)
    return replace(one, storm=Storm(one.storm.name, incoming, alerts))
