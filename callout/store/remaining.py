"""What an all-clear must not hide: the warnings and the 熔断 that still hold where a person has a post."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from callout.domain.attempt import AttemptState
from callout.domain.episode import stands
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.level import Level
from callout.domain.relocation import OPEN
from callout.domain.stop_work import IN_FORCE, StopWorkState
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.episodes import county_key, standing_in

PhoneKey = tuple[str, int]
"""(county, number id)."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What still holds for one phone."""

    in_force: tuple[str, ...] = ()
    """Hazard and level, the highest first, e.g. 地质灾害橙色."""
    stopped: tuple[str, ...] = ()
    """Codes of 熔断 that nobody has lifted."""
    evacuated: bool = False
    """People are moved away there, or may be, and nobody has let them return."""


def remaining(db: Connection, phones: Iterable[PhoneKey], now: Instant) -> Mapping[PhoneKey, Remaining]:
    """What still holds at `now` for each of these phones, by the posts that they were called about."""
    wanted = list(dict.fromkeys(phones))
    if not wanted:
        return {}
    places: defaultdict[PhoneKey, set[tuple[int, str]]] = defaultdict(set)
    for row in db.execute(_select_places(db.dialect.name), packed(wanted)):
        places[row.county, row.number].add((row.episode, row.area))
    counties = {county for county, _ in wanted}
    said = standing_in(db, {(c, episode) for (c, _), found in places.items() for episode, _ in found})
    stops, away = _stops(db, counties), _away(db, counties)

    def of(phone: PhoneKey) -> Remaining:
        county, found = phone[0], places.get(phone, set())
        levels: dict[str, Level] = {}
        for episode, area in found:
            hazard, messages = said.get((county, episode), ("", []))
            level = stands(messages, area, county_key(county), now)
            if level and level.rank > (levels[hazard].rank if hazard in levels else 0):
                levels[hazard] = level
        where = {area for _, area in found}
        evacuated = any(each in where or county_key(county) in where for each in away[county])
        return Remaining(_listed(levels), _codes(stops[county], found, county), evacuated)

    return {phone: of(phone) for phone in wanted}


def county_remaining(db: Connection, county: str, now: Instant) -> Remaining:
    """What still holds at `now` anywhere in a county."""
    ac, over = schema.alert_county, [AlertState.OVER.value, AlertState.LIFTED.value]
    going = select(ac.c.episode).distinct().where(ac.c.county == county, ac.c.state.not_in(over))
    said = standing_in(db, {(county, episode) for episode in db.execute(going).scalars()})
    here, levels = county_key(county), dict[str, Level]()
    for hazard, messages in said.values():
        level = stands(messages, here, here, now)
        if level and level.rank > (levels[hazard].rank if hazard in levels else 0):
            levels[hazard] = level
    codes = {stop.code for stop in _stops(db, [county])[county] if stop.state != StopWorkState.PROPOSED}
    return Remaining(_listed(levels), tuple(sorted(codes)), bool(_away(db, [county])[county]))


def _listed(levels: Mapping[str, Level]) -> tuple[str, ...]:
    warned = sorted(levels.items(), key=lambda one: (-one[1].rank, one[0]))
    return tuple(f"{hazard}{level.zh}" for hazard, level in warned)


@cache
def _select_places(dialect: str) -> Select[Any]:
    """The areas, by episode, of the posts that a phone was or may have been called about."""
    t, link, ac, d = schema.attempt, schema.attempt_callout, schema.alert_county, schema.duty
    v = row_source(dialect, t.c.county, t.c.number)
    never = [AttemptState.REFUSED.value, AttemptState.WITHDRAWN.value]
    return (
        select(t.c.county, t.c.number, ac.c.episode, d.c.area)
        .distinct()
        .select_from(v)
        .join(t, and_(t.c.number == v.c.number, t.c.county == v.c.county))
        .join(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id))
        .join(ac, and_(ac.c.county == link.c.county, ac.c.alert == link.c.alert))
        .join(d, and_(d.c.county == link.c.county, d.c.roster == ac.c.roster, d.c.post == link.c.post))
        .where(link.c.round == 0, t.c.state.not_in(never))
    )


def _away(db: Connection, counties: Iterable[str]) -> Mapping[str, set[str]]:
    """Townships from which people are to be moved or have been, until a named human lets them return, by county."""
    r, s = schema.relocation, schema.relocation_site
    same = and_(s.c.county == r.c.county, s.c.version == r.c.version, s.c.site == r.c.site)
    rows = db.execute(
        select(r.c.county, s.c.area)
        .distinct()
        .join(s, same)
        .where(r.c.county.in_(list(counties)), r.c.state.in_([state.value for state in OPEN]))
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.county].add(row.area)
    return found


def _stops(db: Connection, counties: Iterable[str]) -> Mapping[str, list[Any]]:
    """熔断 that hold, and proposals that nobody has decided, by county."""
    s, ac = schema.stop_work, schema.alert_county
    ordered = [state.value for state in IN_FORCE]
    held = or_(s.c.state.in_(ordered), s.c.state == StopWorkState.PROPOSED.value)
    rows = db.execute(
        select(s.c.county, s.c.area, s.c.code, s.c.state, ac.c.episode)
        .join(ac, and_(ac.c.county == s.c.county, ac.c.alert == s.c.alert))
        .where(s.c.county.in_(list(counties)), held)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.county].append(row)
    return found


def _codes(stops: Iterable[Any], places: Iterable[tuple[int, str]], county: str) -> tuple[str, ...]:
    """An order holds until it is lifted; a proposal concerns the people of its own episode."""
    areas = {area for _, area in places}
    episodes = {episode for episode, _ in places}
    here = [stop for stop in stops if stop.area in areas or county_key(county) in areas]
    codes = [s.code for s in here if s.state != StopWorkState.PROPOSED or s.episode in episodes]
    return tuple(sorted(set(codes)))
