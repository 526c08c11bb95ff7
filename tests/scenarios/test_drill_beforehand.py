"""What a drill leaves to real warnings, and what its people are told before it begins."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.abilities import Window
from callout.domain.drill import Drill, GivesWay
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, MINUTE, Instant, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.meaning import NoticeKind
from callout.pipeline import stop_work
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.drilling import NAME, OFFICER, end, order, rung, start
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    GRID_1,
    GRID_2,
    JIANGKOU,
    LEADER_BAIMA,
    NIGHT,
    SMS,
    VOICE,
    Field,
    number,
    open_field,
)
from tests.scenarios.sites import SITE, decide, rows, seen, sites_and_a_school, warn
from tests.scenarios.test_providers import Line, line, texts_and_calls, use


@pytest.fixture
def county(sqlite_shelf: Shelf) -> Iterator[Field]:
    with sqlite_shelf.lend() as database:
        yield open_field(database)


def test_a_drill_leaves_half_of_what_a_number_may_be_called_to_a_real_warning(county: Field) -> None:
    one = line(county, able=replace(ABILITIES, windows=(Window(2, HOUR),)))
    use(county, one)
    drill = start(county, GRID_1)
    county.wait(20 * 60)
    end(county, drill)
    county.alert(Level.RED, areas=(BAIMA,))
    county.wait(10 * 60)
    [number] = county.app.store.read(lambda work: work.drills.listed(drill.county)).values()
    mine = [r for r in county.rows(select(schema.attempt)) if r.number == number and r.state == "sent"]
    assert Counter((r.county, r.channel) for r in mine) == {
        (drill.county, "sms"): 1, (drill.county, "voice"): 1, (COUNTY, "sms"): 1, (COUNTY, "voice"): 1,
    }  # fmt: skip


ONE_A_MINUTE = replace(ABILITIES, windows=(Window(1, MINUTE),))


def real_to(some: Line, serial: int) -> list[tuple[Instant, ChannelKind]]:
    """What this phone got of what is real."""
    return [(at, m.channel) for at, m in some.took if m.meaning.run == "actual" and m.e164 == number(serial).e164]


def test_a_real_call_that_a_drills_call_holds_up_is_a_text_at_once_and_the_call_when_the_minute_is_over(
    sqlite_shelf: Shelf,
) -> None:
    """The gateway lets one call a minute through to a number, whatever it is about."""
    with sqlite_shelf.lend() as database:
        county = open_field(database, NIGHT)
        texts, calls = line(county), line(county, "calls", able=ONE_A_MINUTE)
        texts_and_calls(county, texts, calls)
        start(county, GRID_1, GRID_2)
        rang = max(at for at, _ in calls.took)
        county.wait(20)
        county.alert(Level.RED, areas=(BAIMA,))
        now = county.clock.now()
        assert real_to(texts, GRID_1) == [(now, SMS)]
        assert real_to(calls, GRID_1) == []
        county.wait(45)
        assert real_to(calls, GRID_1) == [(later(rang, MINUTE), VOICE)]
        marked = [r.instead for r in county.rows(select(schema.attempt)) if r.instead]
        assert marked == ["1 drilled", "1 drilled"]
        assert "no_way" not in [kind for _, kind in county.human_calls()]


def test_a_drill_never_takes_the_only_call_of_a_minute_while_a_real_warning_has_to_be_answered(county: Field) -> None:
    """The leader is on the drill's list and may have to be rung for real in a moment."""
    texts, calls = line(county), line(county, "calls", able=ONE_A_MINUTE)
    texts_and_calls(county, texts, calls)
    start(county, LEADER_BAIMA, gives_way=GivesWay.NEVER)
    county.alert(Level.ORANGE, areas=(JIANGKOU,))
    county.wait(20 * 60)
    assert [m for _, m in calls.took if m.meaning.run == "drill"] == []
    assert [m for _, m in calls.took if m.meaning.run == "actual"]


def coming(county: Field, minutes: int, **more: Any) -> Drill:
    """A drill planned for in two hours, of which its people are told `minutes` from now."""
    now = county.clock.now()
    times = {"begins": later(now, 2 * HOUR), "ends": later(now, 4 * HOUR), "told_at": later(now, minutes * MINUTE)}
    drill = order(county, GRID_1, GRID_2, **(times | more))
    county.settle()
    return drill


def test_whoever_is_listed_is_told_beforehand_once_and_again_when_it_is_called_off(county: Field) -> None:
    drill = coming(county, 60)
    assert rung(county) == set()
    county.wait(61 * 60)
    assert rung(county) == {GRID_1, GRID_2}
    text = county.last(GRID_1, SMS).text
    assert text.startswith("【叫应】【演练】")
    assert NAME in text
    assert "现在不必回复" in text
    assert county.app.store.read(lambda work: work.drills.counts(drill.county))["told"] == 2
    assert county.states() == {}
    end(county, drill)
    assert rung(county) == {GRID_1, GRID_2}
    assert "取消" in county.last(GRID_1, SMS).text


def test_of_a_blind_drill_nobody_is_told_and_of_none_while_a_real_warning_runs_or_when_it_has_begun(
    county: Field,
) -> None:
    coming(county, 0, announced=False)
    county.wait(60)
    assert rung(county) == set()
    county.alert(Level.BLUE, areas=(BAIMA,))
    drill = coming(county, 0)
    county.wait(30 * 60)
    assert not [m for _, m in county.phones.got if "演练" in m.text]
    county.app.store.write(lambda work: work.drills.start(drill, OFFICER, live=True))
    notices = county.rows(select(schema.notice).where(schema.notice.c.kind == NoticeKind.DRILL))
    assert {row.state for row in notices} == {"withdrawn"}


def test_a_drill_proposes_stops_of_its_own_and_nobody_can_order_one_of_them_for_real(sqlite_shelf: Shelf) -> None:
    with sqlite_shelf.lend() as database:
        field = open_field(database, roster=sites_and_a_school())
        warn(field)
        real = rows(field)
        assert {r.county for r in real} == {COUNTY}
        drill = start(field, GRID_1, SITE)
        field.new()
        of_drill = [one for one in seen(field) if one[0].county == drill.county]
        assert of_drill
        with pytest.raises(CalloutError, match="是演练的熔断，不能在实战中处理"):
            decide(field, stop_work.order, of_drill)
        assert [r for r in rows(field) if r.county == COUNTY] == real
        assert {r.state for r in rows(field) if r.county == drill.county} == {"proposed"}
        assert rung(field) == set()
