"""The score of a drill: against the plan's limits, beside the last one, apart from what is real."""

from collections.abc import Iterator

import pytest

from callout.domain.drill import Drill
from callout.domain.errors import CalloutError
from callout.reports.drill_score import IN_FIRST, NEVER, Score, markdown, score, tables
from callout.reports.tables_page import page
from tests.databases import Shelf
from tests.scenarios.drilling import end, found, order, start
from tests.scenarios.field import BAIMA, GRID_1, GRID_2, LEADER_BAIMA, Field, open_field
from tests.shape import ROOT


@pytest.fixture
def county(sqlite_shelf: Shelf) -> Iterator[Field]:
    with sqlite_shelf.lend() as database:
        yield open_field(database)


def scored(field: Field, drill: Drill, last: Drill | None = None) -> Score:
    return field.app.database.read(lambda db: score(db, field.app.rulebooks, found(field, drill.county), last, 2))


def test_who_answered_in_time_and_who_never_beside_the_last_drill(county: Field) -> None:
    first = start(county, GRID_1, GRID_2)
    with pytest.raises(CalloutError, match="还没有叫过人"):
        scored(county, order(county, GRID_1))
    for serial in (GRID_1, GRID_2):
        county.reply(serial, "1")
    end(county, first)
    second = start(county, GRID_1, GRID_2)
    county.wait(40)
    county.reply(GRID_2, "1")
    county.wait(600)
    end(county, second)
    it = scored(county, second, found(county, first.county))
    assert {(p.title, p.verdict) for p in it.people} == {
        ("示例·白马镇网格员一", NEVER),
        ("示例·白马镇网格员二", IN_FIRST),
    }
    assert {(one.target, one.who) for one in it.beyond} >= {("superior", f"示例·人员{LEADER_BAIMA}")}
    assert it.since_last
    assert it.since_last.by == -0.5
    them = tables(it, {BAIMA: "白马镇"})
    text = markdown("示例", them)
    assert "| 应答率 | 50.0% |" in text
    assert "| 白马镇 |" in text
    assert "-50 个百分点" in text
    html = page("示例", them, ROOT / "templates" / "reports")
    assert "示例·白马镇网格员一" in html
    assert "<script" not in html
