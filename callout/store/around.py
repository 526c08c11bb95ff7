"""What is so in the areas of a county at this moment, beside what a message says: other warnings, readings."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, or_, select

from callout.domain.area import County, Coverage
from callout.domain.conditions import Around
from callout.domain.episode import stands
from callout.domain.gauge import KEPT, THOUSAND, Measured, observations
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level
from callout.domain.surroundings import Beside, Observed, surroundings
from callout.store import schema
from callout.store.episodes import county_key, standing_in

_RUNNING = (AlertState.RECEIVED, AlertState.PLANNING, AlertState.PLANNED)


def around(
    db: Connection, county: County, coverage: Coverage, message: tuple[int | None, str], now: Instant
) -> Mapping[str, Around]:
    """What is so in each covered area. `message`: the episode of the message (None = a new one) and all its words."""
    episode, text = message
    return surroundings(county, coverage, text, beside(db, coverage, episode, now), observed(db, county, now))


def beside(db: Connection, coverage: Coverage, episode: int | None, now: Instant) -> Beside:
    """Per covered area the warnings of other episodes that are in force there now."""
    ac = schema.alert_county
    going = (
        select(ac.c.episode)
        .distinct()
        .where(
            ac.c.county == coverage.county,
            ac.c.episode != (episode or 0),
            ac.c.state.in_([state.value for state in _RUNNING]),
            or_(ac.c.expires_at.is_(None), ac.c.expires_at > now),
        )
    )
    keys = [(coverage.county, each) for each in db.execute(going).scalars()]
    found: defaultdict[str, set[tuple[Hazard, Level]]] = defaultdict(set)
    for hazard, said in standing_in(db, keys).values() if keys else ():
        for area in coverage.areas if hazard else ():
            level = stands(said, area, county_key(coverage.county), now)
            if level:
                found[area].add((Hazard(hazard), level))
    return {area: frozenset(warnings) for area, warnings in found.items()}


def observed(db: Connection, county: County, now: Instant) -> Observed:
    """Per township what its gauges make of each quantity now, in millimetres or metres."""
    if not county.gauges:
        return {}
    g = schema.reading
    readings: defaultdict[str, list[Measured]] = defaultdict(list)
    recent = select(g).where(g.c.county == county.code, g.c.at > now - KEPT).order_by(g.c.at)
    for row in db.execute(recent):
        readings[row.gauge].append(Measured(row.gauge, row.at, row.milli))
    found = observations(county.gauges, readings, now)
    return {area: {q.value: one.milli / THOUSAND for q, one in values.items()} for area, values in found.items()}
