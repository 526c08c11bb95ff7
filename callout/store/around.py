"""What is so in the areas of a county at this moment, beside what a message says: other warnings, readings."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import BigInteger, Connection, String, bindparam, or_, select

from callout.domain.area import County, Coverage
from callout.domain.conditions import Around
from callout.domain.episode import stands
from callout.domain.gauge import KEPT, THOUSAND, Measured, observations
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level
from callout.domain.surroundings import Beside, Observed, surroundings
from callout.store import schema
from callout.store.episodes import county_key, select_said, told_by
from callout.store.prepared import fetch
from callout.store.schema.columns import one_of

_AC, _ON, _G = schema.alert_county, schema.alert_county.alias("running"), schema.reading
_COUNTY = bindparam("of_county", type_=String)
_GOING = select(_ON.c.episode).where(
    _ON.c.county == _COUNTY,
    _ON.c.episode != bindparam("but", type_=BigInteger),
    one_of(_ON.c.state, AlertState.RECEIVED, AlertState.PLANNING, AlertState.PLANNED),
    or_(_ON.c.expires_at.is_(None), _ON.c.expires_at > bindparam("now", type_=BigInteger)),
)
_BESIDE = select_said().where(_AC.c.county == _COUNTY, _AC.c.episode.in_(_GOING))
"""All messages of the episodes, but one, of which some message is in force."""
_RECENT = select(_G).where(_G.c.county == _COUNTY, _G.c.at > bindparam("since", type_=BigInteger)).order_by(_G.c.at)


def around(
    db: Connection, county: County, coverage: Coverage, message: tuple[int | None, str], now: Instant
) -> Mapping[str, Around]:
    """What is so in each covered area. `message`: the episode of the message (None = a new one) and all its words."""
    episode, text = message
    return surroundings(county, coverage, text, beside(db, coverage, episode, now), observed(db, county, now))


def beside(db: Connection, coverage: Coverage, episode: int | None, now: Instant) -> Beside:
    """Per covered area the warnings of other episodes that are in force there now."""
    found: defaultdict[str, set[tuple[Hazard, Level]]] = defaultdict(set)
    values = {"of_county": coverage.county, "but": episode or 0, "now": now}
    for hazard, said in told_by(fetch(db, _BESIDE, values)).values():
        for area in coverage.areas if hazard else ():
            level = stands(said, area, county_key(coverage.county), now)
            if level:
                found[area].add((Hazard(hazard), level))
    return {area: frozenset(warnings) for area, warnings in found.items()}


def observed(db: Connection, county: County, now: Instant) -> Observed:
    """Per township what its gauges make of each quantity now, in millimetres or metres."""
    if not county.gauges:
        return {}
    readings: defaultdict[str, list[Measured]] = defaultdict(list)
    for row in fetch(db, _RECENT, {"of_county": county.code, "since": now - KEPT}):
        readings[row.gauge].append(Measured(row.gauge, row.at, row.milli))
    found = observations(county.gauges, readings, now)
    return {area: {q.value: one.milli / THOUSAND for q, one in values.items()} for area, values in found.items()}
