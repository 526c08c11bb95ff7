"""静默测试: a few numbers each working day, marked 【测试】, never at night and never while a warning runs."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from callout.cli.number_test import NumberTest
from callout.domain.instant import BEIJING, HOUR, instant, later
from callout.domain.level import Level
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.field import BAIMA, Field, open_field

MORNING = instant(datetime(2026, 8, 3, 9, 0, tzinfo=BEIJING))


@pytest.fixture
def county(sqlite_shelf: Shelf) -> Iterator[Field]:
    with sqlite_shelf.lend() as database:
        yield open_field(database, MORNING, number_test_days=3)


def begin(field: Field) -> int:
    return asyncio.run(NumberTest(field.app).run_once())


def test_everybody_comes_once_in_the_days_that_were_set(county: Field) -> None:
    asked: list[int] = []
    for many in (3, 3, 1):  # of seven people
        assert begin(county) == many
        assert begin(county) == 0
        county.wait(3600)
        asked += [serial for serial, _ in county.new()]
        county.clock.advance(later(county.clock.now(), 23 * HOUR))
    assert sorted(asked) == [1, 2, 3, 4, 5, 6, 14]


def test_it_says_that_it_is_a_test_and_the_answer_is_the_persons_word(county: Field) -> None:
    begin(county)
    county.wait(60)
    text = county.last(1, county.phones.got[0][1].channel).text
    assert text.startswith("【叫应】【测试】")
    assert "不是预警，不必到岗" in text
    county.reply(1, "在任")
    county.reply(2, "不在任")
    f = schema.confirmation
    states = {r.responder: r.state for r in county.rows(select(f))}
    assert (states[1], states[2]) == ("confirmed", "denied")
    assert county.app.store.read(lambda work: work.confirmations.rounds("500156")) == []
    assert county.rows(select(schema.callout)) == []


def test_never_at_night_and_never_while_a_warning_runs(county: Field) -> None:
    county.alert(Level.BLUE, areas=(BAIMA,))
    before = len(county.phones.got)
    assert begin(county) == 0
    county.clock.advance(later(county.clock.now(), 14 * HOUR))
    assert begin(county) == 0
    assert len(county.phones.got) == before
