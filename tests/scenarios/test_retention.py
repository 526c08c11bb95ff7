"""Personal values go by themselves when their time is over, by night, piece by piece, while no warning is in force."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import select

from callout.app import App
from callout.cli.housekeeping import Retention
from callout.domain.instant import BEIJING, DAY, HOUR, instant, later
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import GRID_1, GRID_2, Field, number
from tests.scenarios.test_erasing import SAID, close_items, gone, sound, spoken, values

DAYS = 90


@pytest.fixture
def field(open_county: Opener) -> Field:
    """A county that keeps personal values for 90 days."""
    return open_county(retention_days=DAYS)


def night(field: Field, after: int) -> None:
    """Two o'clock in the morning, so many days on."""
    at = datetime(2026, 8, 3, 2, tzinfo=BEIJING)
    field.clock.advance(later(instant(at), after * DAY))


def keep_house(app: App) -> int:
    """One night: every piece."""
    retention, total = Retention(app), 0
    while went := asyncio.run(retention.run_once()):
        total += went
    return total


def storm_and_gone(field: Field) -> None:
    """The warning runs out while nothing is asked of the engine: minute by minute the desk would be rung 600 times."""
    spoken(field)
    gone(field)
    field.clock.advance(later(field.clock.now(), 10 * HOUR))
    field.settle()
    close_items(field)


def test_they_go_by_night_so_many_days_after_the_storm_has_closed(field: Field) -> None:
    """The storm ended at 16:00 on 2 August; whoever is in the roster in force stays."""
    storm_and_gone(field)
    night(field, DAYS - 1)
    assert keep_house(field.app) == 0
    assert SAID in values(field)
    night(field, DAYS + 1)
    assert keep_house(field.app) >= 4  # one who has left: name, number; two replies
    assert not {SAID, number(GRID_1).e164, f"示例·人员{GRID_1}"} & values(field)
    assert {number(GRID_2).e164, f"示例·人员{GRID_2}"} <= values(field)
    entries = field.audit("personal.erased")
    assert {(one.actor, one.detail) for one in entries} == {("engine", "保存期限 90 天已满")}
    assert sound(field)
    assert keep_house(field.app) == 0


def test_nothing_goes_by_day_nor_while_a_warning_is_in_force(field: Field) -> None:
    storm_and_gone(field)
    night(field, DAYS + 1)
    field.clock.advance(later(field.clock.now(), 6 * HOUR))  # eight in the morning
    assert keep_house(field.app) == 0
    night(field, DAYS + 2)
    field.alert()
    assert keep_house(field.app) == 0
    assert SAID in values(field)
    night(field, DAYS + 3)
    field.settle()
    close_items(field)
    assert keep_house(field.app) > 0
    assert SAID not in values(field)
    assert sound(field)


def test_a_warning_that_comes_in_the_midst_of_it_stops_it(field: Field) -> None:
    storm_and_gone(field)
    night(field, DAYS + 1)
    retention = Retention(field.app)
    retention._night, retention._going = "2026-11-02", _proofs(field)  # the list of one o'clock
    field.alert()
    assert asyncio.run(retention.run_once()) == 0
    assert SAID in values(field)


def _proofs(field: Field) -> list[str]:
    return [row.commitment for row in field.rows(select(schema.personal.c.commitment))]


def test_what_a_roster_of_tonight_needs_again_stays(field: Field) -> None:
    """The list was made before; each piece asks anew what is needed."""
    storm_and_gone(field)
    night(field, DAYS + 1)
    retention = Retention(field.app)
    retention._night, retention._going = "2026-11-02", _proofs(field)
    assert asyncio.run(retention.run_once()) >= 4
    assert {number(GRID_2).e164, f"示例·人员{GRID_2}"} <= values(field)
    assert sound(field)
