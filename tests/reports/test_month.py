"""A stored month of storms: weaknesses that were planted are found, each and no other; a month without any has none."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert

from callout.app import RandomIds
from callout.domain.area import County, Township
from callout.domain.gauge import THOUSAND, Gauge, GaugeKind, Quantity
from callout.domain.instant import DAY, HOUR, MINUTE, SECOND, Instant, later
from callout.domain.level import Hazard, Level
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.domain.rule import Rulebook
from callout.domain.threshold import Threshold
from callout.reports.effect import Report
from callout.reports.findings import FindingKind
from callout.reports.parts import Grouping
from callout.reports.season import season
from callout.simulation.clock import VirtualClock
from callout.store import schema
from callout.store.database import Database
from callout.store.rosters import RosterRows
from callout.store.store import Store
from callout.store.transaction import Ledger
from tests.databases import Shelf
from tests.reports.world import COUNTY, LADDER, ROLE, T0, Books, Salts

TOWNS = tuple(Township(f"示例{n}镇", f"5001561{n:02}", None) for n in range(1, 9))
KEYS = [town.key for town in TOWNS]
DEAD, SLOW, LOW = KEYS[2], KEYS[4], KEYS[6]
POSTS, STORMS = 10, 10
"""Posts of each township; warnings of the month, every second one by night."""


@dataclass(frozen=True)
class Books_(Books):
    """The rule of the small world for eight townships, each with a gauge and a threshold."""

    low: bool = False

    def get(self, county: str, version: str) -> Rulebook:
        book = super().get(county, version)
        gauges = tuple(Gauge(f"R{key[-2:]}", "示例站", GaugeKind.RAIN, key, 10 * MINUTE) for key in KEYS)
        limits = {key: 15 if self.low and key == LOW else 50 for key in KEYS}
        thresholds = tuple(
            Threshold("雨", town.key, town.name, Quantity.RAIN_1, Hazard.FLASH_FLOOD,
                      {Level.ORANGE: limits[town.key] * THOUSAND})
            for town in TOWNS
        )  # fmt: skip
        where = County(county, "示例区", TOWNS, gauges=gauges)
        return Rulebook(version, where, book.rules, book.ladders, frozenset(KEYS), "值班室", "standard",
                        thresholds=thresholds)  # fmt: skip


def roster() -> Roster:
    ids = range(1, len(KEYS) * POSTS + 1)
    people = tuple(Responder(i, f"示例人{i}", (ContactMethod(f"+9990000{i:05}", NumberKind.MOBILE),)) for i in ids)
    posts = tuple(Post(i, KEYS[(i - 1) // POSTS], ROLE, f"示例{i}村书记", i) for i in ids)
    return Roster("v1", COUNTY, posts, people)


class Month:
    """The rows of a month, drawn from a seed; `planted` names what is wrong in it."""

    def __init__(self, seed: int, planted: frozenset[str]) -> None:
        self.chance, self.planted = Random(seed), planted
        self.temper = {post: self.chance.lognormvariate(0, 0.3) for post in range(1, len(KEYS) * POSTS + 1)}

    def write(self, database: Database) -> None:
        def put(db: Any) -> None:
            RosterRows(Ledger(db, T0), Salts()).use_roster(roster(), "actual", "tester")
            db.execute(insert(schema.county), {"county": COUNTY, "name": "示例区", "rulebook": "b1", "roster": "v1"})
            for table, rows in self.rows().items():
                db.execute(insert(table), rows)

        database.write(put)

    def rows(self) -> dict[Any, list[dict[str, Any]]]:
        found: dict[Any, list[dict[str, Any]]] = {schema.alert: [], schema.alert_county: [], schema.callout: []}
        for alert in range(1, STORMS + 1):
            sent = later(T0, alert * 3 * DAY + (15 * HOUR if alert % 2 else 0))
            found[schema.alert].append(_alert(alert, sent))
            found[schema.alert_county].append(_county(alert, sent))
            found[schema.callout] += [self.callout(alert, sent, post) for post in self.temper]
        return found | {schema.reading: [*self.readings()], schema.incident: [*self.incidents()]}

    def callout(self, alert: int, sent: Instant, post: int) -> dict[str, Any]:
        area, night = KEYS[(post - 1) // POSTS], alert % 2 == 1
        seconds = self.temper[post] * self.chance.lognormvariate(4.3, 0.5)
        seconds *= 3 if "slow_night" in self.planted and night and area == SLOW else 1
        silent = self.chance.random() < (0.9 if "silent_place" in self.planted and area == DEAD else 0.004)
        return {
            "county": COUNTY, "alert": alert, "post": post, "round": 0, "episode": alert, "step": 0, "next_at": None,
            "lane": 1, "ladder": LADDER.id, "rules": "r1", "expires_at": None, "opened_at": sent,
            "state": "exhausted" if silent else "answered", "grade": "" if silent else "acknowledged",
            "answered_at": None if silent else later(sent, round(seconds * SECOND)),
        }  # fmt: skip

    def readings(self) -> Iterator[dict[str, Any]]:
        """Rain in each township on every day: 16 to 45 mm in an hour, but 60 mm in five floods and once without one."""
        for town in KEYS:
            for day in range(30):
                peak = 60 if day in FLOODS or day == EMPTY else self.chance.randint(16, 45)
                for n, milli in enumerate((0, peak * THOUSAND, 0, 0, 0, 0, 0, 0, 0)):
                    at = later(T0, day * DAY + n * 10 * MINUTE)
                    yield {
                        "county": COUNTY,
                        "gauge": f"R{town[-2:]}",
                        "at": at,
                        "milli": milli,
                        "came_at": at,
                        "origin": "",
                    }

    def incidents(self) -> Iterator[dict[str, Any]]:
        for town in KEYS:
            for day in FLOODS:
                at = later(T0, day * DAY + 50 * MINUTE)
                yield {"county": COUNTY, "id": f"{town}{day}", "area": town, "hazard": "山洪", "at": at, "what": "漫桥",
                       "officer": "示例·值班员", "entered_at": at}  # fmt: skip


FLOODS, EMPTY = (2, 7, 12, 19, 26), 23


def _alert(alert: int, sent: Instant) -> dict[str, Any]:
    words = dict.fromkeys(("description", "instruction", "raw"), "")
    return words | {
        "id": alert, "digest": f"d{alert}", "identifier": f"示例-{alert}", "sender": "示例气象台", "hazard": "暴雨",
        "level": "orange", "sent": sent, "received_at": sent, "run": "actual", "status": "Actual", "msg_type": "Alert",
        "headline": "示例标题", "expires": None, "document": "{}", "code": f"A{alert}",
    }  # fmt: skip


def _county(alert: int, sent: Instant) -> dict[str, Any]:
    areas = "[" + ", ".join(f'"{key}"' for key in KEYS) + "]"
    return {
        "county": COUNTY, "alert": alert, "episode": alert, "state": "over", "areas": areas, "rulebook": "b1",
        "roster": "v1", "cursor": 999, "lane": 1, "expires_at": later(sent, 3 * HOUR), "rev": 0,
    }  # fmt: skip


def told(shelf: Shelf, seed: int, *planted: str) -> Report:
    with shelf.lend() as database:
        Month(seed, frozenset(planted)).write(database)
        store = Store(database, VirtualClock(later(T0, 40 * DAY)), RandomIds())
        books: Any = Books_(low="low_threshold" in planted)
        return season(store, books, COUNTY, (T0, later(T0, 40 * DAY)))


def what(made: Report) -> set[tuple[str, str]]:
    """Findings about places: in a dead township its people are named one by one too."""
    return {(one.kind.value, one.about) for one in made.findings if one.kind is not FindingKind.NEVER_AT_NIGHT}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_in_which_nothing_is_wrong_has_no_finding(sqlite_shelf: Shelf, seed: int) -> None:
    made = told(sqlite_shelf, seed)
    assert len(made.effects) == STORMS
    assert made.findings == ()
    assert (len(made.judged), sum(one.now.hits for one in made.judged)) == (len(KEYS), len(KEYS) * len(FLOODS))
    changes = [one for each in made.effects for along in Grouping for one in each.changes(along).values()]
    assert len(changes) > STORMS
    assert not [one for one in changes if one.certain], "what chance explains is not marked"


def test_each_planted_weakness_is_found_and_no_other(sqlite_shelf: Shelf) -> None:
    made = told(sqlite_shelf, 3, "silent_place", "slow_night", "low_threshold")
    assert what(made) == {("silent_place", DEAD), ("slow_night", SLOW), ("low_threshold", LOW)}
    [low] = [one for one in made.findings if one.kind is FindingKind.LOW_THRESHOLD]
    assert "15 毫米 像是定低了：30 次报警中 25 次空报，明显多于同级的其他阈值（7/42）" in low.text
    assert "命中 5、漏报 0、空报 1" in low.mend
