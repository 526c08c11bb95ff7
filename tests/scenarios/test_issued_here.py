"""A warning that this office issues itself goes the way of every other, once, and may wait for another's word."""

import pytest
from sqlalchemy import select

from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.pipeline.receive import Issued, Received, issue
from callout.ports import Document, Settlement
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.field import GRID_1, Field, make_alert


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """Nothing here depends on the database."""
    return sqlite_shelf


def issued(field: Field, *waits: Level) -> Received:
    """The officer presses 发布: the form has one identifier, whatever the time."""
    alert = make_alert(field.clock.now(), Level.ORANGE, identifier="callout-500156_20260802100000_a1")
    form = Document("form.json", "form", b"{}")
    taken = issue(field.app.intake, Issued(alert, form, dict.fromkeys(waits, 5 * MINUTE)))
    field.settle()
    return taken


def test_it_is_called_like_one_from_outside(field: Field) -> None:
    assert issued(field).outcome is Settlement.KEPT
    assert GRID_1 in {serial for serial, _ in field.new()}


def test_a_form_that_is_sent_twice_is_one_warning_though_the_second_bears_a_later_time(field: Field) -> None:
    first = issued(field)
    field.new()
    field.wait(1)
    second = issued(field)
    assert (second.outcome, second.alert) == (Settlement.DUPLICATE, first.alert)
    assert len(field.rows(select(schema.alert))) == 1


def test_it_may_wait_for_somebody_elses_word_though_the_county_asks_for_none(field: Field) -> None:
    issued(field, Level.ORANGE)
    assert [row.state for row in field.rows(select(schema.alert_county))] == ["awaiting"]
    assert GRID_1 not in {serial for serial, _ in field.new()}
