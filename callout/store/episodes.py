"""What the messages of an episode say, read from the rows, and what that means for the areas of a county."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, String, and_, bindparam, select

from callout.domain.alert import CodeSystem, MsgType
from callout.domain.area import Coverage
from callout.domain.callout import lane_in, lane_of
from callout.domain.drill import base_of
from callout.domain.episode import Move, Said, Turn
from callout.domain.headline import lifted_levels
from callout.domain.intake import NO_SAY
from callout.domain.level import Level
from callout.ports import PlanJob
from callout.store import schema
from callout.store.batch import Values, packed, row_source
from callout.store.prepared import fetch
from callout.store.schema.columns import one_of


def write_areas(coverage: Coverage, level: Level | None) -> str:
    """The covered areas, each with its level, as `alert_county.areas` keeps them."""
    given = {area: each or "" for each, part in coverage.by_level(level) for area in sorted(part.areas)}
    return json.dumps(given, ensure_ascii=False)


def read_areas(text: str, level: str) -> dict[str, Level | None]:
    """Area key → level; `level` is the alert's own, for rows that name the areas only."""
    said = json.loads(text)
    given = said if isinstance(said, dict) else dict.fromkeys(said, level)
    return {area: Level(each) if each else None for area, each in given.items()}


def coverage_of(county: str, areas: Mapping[str, Level | None]) -> Coverage:
    """The coverage that was written so."""
    return Coverage(county, frozenset(areas), (), {area: level for area, level in areas.items() if level})


def county_key(county: str) -> str:
    """The area of the county's own posts."""
    return f"{CodeSystem.GB2260}:{base_of(county)}"


def said_in(db: Connection, county: str, episode: int) -> list[Said]:
    """What every message of the episode says about the county; those that only a human may act on say nothing."""
    return list(map(_said, fetch(db, _OF_EPISODE, {"of_county": county, "of_episode": episode})))


EpisodeKey = tuple[str, int]
"""(county, episode)."""


class Sayings:
    """What the messages of episodes say, read once in a transaction: none of them begins or ends to speak in it."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: dict[EpisodeKey, list[Said]] = {}

    def of(self, county: str, episode: int) -> list[Said]:
        """See `said_in`."""
        if (county, episode) not in self._known:
            self._known[county, episode] = said_in(self._db, county, episode)
        return self._known[county, episode]


def standing_in(db: Connection, episodes: Collection[EpisodeKey]) -> dict[EpisodeKey, tuple[str, list[Said]]]:
    """Per episode its hazard, and what its messages say."""
    return told_by(fetch(db, _of_episodes(db.dialect.name), packed(episodes)) if episodes else ())


def told_by(rows: Sequence[Any]) -> dict[EpisodeKey, tuple[str, list[Said]]]:
    """The same from rows of `select_said`."""
    found: dict[EpisodeKey, tuple[str, list[Said]]] = {}
    for row in rows:
        found.setdefault((row.county, row.episode), (row.hazard, []))[1].append(_said(row))
    return found


def select_said() -> Select[Any]:
    """Messages that say something, oldest first."""
    a = schema.alert
    told = a.c.identifier, a.c.sent, a.c.msg_type, a.c.hazard, a.c.level, a.c.headline, a.c.description
    speaks = ~one_of(_OF.c.state, *NO_SAY)
    return select(_OF, *told).join(a, a.c.id == _OF.c.alert).where(speaks).order_by(_OF.c.alert)


_OF = schema.alert_county
_OF_EPISODE = select_said().where(
    _OF.c.county == bindparam("of_county", type_=String), _OF.c.episode == bindparam("of_episode", type_=BigInteger)
)


@cache
def _of_episodes(dialect: str) -> Select[Any]:
    v = row_source(dialect, _OF.c.county, _OF.c.episode)
    return select_said().join(v, and_(v.c.county == _OF.c.county, v.c.episode == _OF.c.episode))


def _said(row: Any) -> Said:
    lifts = row.msg_type == MsgType.CANCEL
    levels = read_areas(row.areas, row.level)
    return Said(
        row.alert,
        row.identifier,
        row.sent,
        dict.fromkeys(levels) if lifts else levels,
        row.expires_at,
        lifts,
        _names(row) if lifts else frozenset(),
        bool(row.drops),
    )


def _names(row: Any) -> frozenset[Level]:
    """The levels that the Cancel lifts: by its words, else by its severity."""
    return lifted_levels(row.headline, row.description) or frozenset({Level(row.level)} if row.level else ())


def packed_order(order: Sequence[int], alert: int) -> dict[str, str]:
    """The alerts sent before (with their place) and after, as parameters of `planning_sql`'s sources."""
    at = order.index(alert)
    older = [(each, place) for place, each in enumerate(order[:at])]
    return packed(older, "older") | packed([(each,) for each in order[at + 1 :]], "newer")


@dataclass(frozen=True, slots=True)
class Turns:
    """The moves of one message as parameters: all of them, and the one where it is the same everywhere."""

    values: Values
    everywhere: bool


def packed_moves(said: Sequence[Said], job: PlanJob, moves: Mapping[str, Move]) -> Turns:
    """The moves that open or renew callouts, for the sources of `planning_sql`."""
    until = {one.alert: one.until for one in said}
    told = {area: move for area, move in moves.items() if move.turn is not Turn.LIFTS}
    rows = {
        area: (move.turn, lane_in(job.county, move.level), 0 if move.says == job.alert else move.says, until[move.says])
        for area, move in told.items()
    }
    each = set(rows.values())
    values: Values = {**packed([(area, *row) for area, row in rows.items()], "moves")}
    values |= dict(zip(("turn", "of_lane", "words_of", "until"), next(iter(each), ("", 0, 0, None)), strict=True))
    return Turns(values, len(each) == 1)


def packed_lifts(moves: Mapping[str, Move]) -> dict[str, str]:
    """(area, alert, lane) of everything that is lifted, as the parameter of `turns_sql.lifts_source`."""
    rows = [(area, alert, lane_of(move.level)) for area, move in moves.items() for alert in move.reign]
    return packed(rows, "lifts")
