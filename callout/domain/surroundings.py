"""What is so in each area when an alert comes in: places that it names, warnings beside it, readings.

It is looked up once, when the rules are matched, and kept with the alert: whoever recounts later sees the same.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from callout.domain.area import County, Coverage, code_word
from callout.domain.conditions import NOTHING_AROUND, Around, Facts
from callout.domain.level import Hazard, Level

Beside = Mapping[str, frozenset[tuple[Hazard, Level]]]
"""Area key → warnings of other events in force there."""
Observed = Mapping[str, Mapping[str, float]]
"""Area key → name of a reading → its value."""


def words_of(headline: str, description: str, areas: Iterable[Mapping[str, Any]]) -> str:
    """Everything that a message says in words, and the codes of its areas; `areas` as the record keeps them."""
    listed = list(areas)
    codes = "".join(code_word(code["system"], code["value"]) for area in listed for code in area["geocodes"])
    return f"{headline}\n{description}\n{'、'.join(area['desc'] for area in listed)}\n{codes}"


def surroundings(
    county: County, coverage: Coverage, text: str, beside: Beside, observed: Observed
) -> Mapping[str, Around]:
    """What is so in each covered area of the county; areas of which nothing is known are left out."""
    named = [place for place in county.places if place.is_named(text)]
    found = {
        area: Around(
            frozenset(p.name for p in named if area in p.areas or area == county.key),
            beside.get(area, frozenset()),
            observed.get(area, {}),
        )
        for area in coverage.areas
    }
    return {area: around for area, around in found.items() if around != NOTHING_AROUND}


def by_place(facts: Facts, coverage: Coverage) -> Iterator[tuple[Facts, Coverage]]:
    """The covered areas by what the conditions see there, highest level first; `facts` then hold for all of a part."""
    for level, part in coverage.by_level(facts.level):
        for around, areas in _alike(facts.around, part.areas):
            yield replace(facts, level=level, here=around), Coverage(part.county, areas)


def _alike(around: Mapping[str, Around], areas: Iterable[str]) -> Iterator[tuple[Around, frozenset[str]]]:
    """Areas with the same surroundings together, in an order that does not depend on chance."""
    left = sorted(areas)
    while left:
        here = around.get(left[0], NOTHING_AROUND)
        alike = frozenset(area for area in left if around.get(area, NOTHING_AROUND) == here)
        yield here, alike
        left = [area for area in left if area not in alike]


def write_around(around: Mapping[str, Around]) -> str:
    """As it is kept with the alert; empty where nothing is known."""
    rows = {
        area: {"places": sorted(one.places), "beside": sorted(one.beside), "observed": dict(one.observed)}
        for area, one in sorted(around.items())
    }
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def read_around(text: str) -> Mapping[str, Around]:
    """What `write_around` wrote."""
    rows = json.loads(text) if text else {}
    return {
        area: Around(
            frozenset(one["places"]),
            frozenset((Hazard(hazard), Level(level)) for hazard, level in one["beside"]),
            one["observed"],
        )
        for area, one in rows.items()
    }
