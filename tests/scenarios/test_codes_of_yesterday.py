"""An alert under a 区划码 that was abolished or that nobody knows: nobody is called by guess, a human is asked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.alert import Area, CodeSystem, Geocode, MsgType
from callout.domain.headline import geocode
from callout.domain.level import Level
from callout.pipeline.receive import Received
from callout.rulebook.reading import parse, read_files
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.field import COUNTY, DESK, GRID_1, GRID_2, VOICE, Field, make_alert

OLD, UNKNOWN, ELSEWHERE = "500232", "500197", "500112"
DESK_WAITS = 60
"""Seconds until the desk is rung about a red alert."""


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """What is decided here does not depend on the database."""
    return sqlite_shelf


def under(field: Field, code: str, desc: str = "", **more: Any) -> Received:
    """A red alert that names this code and no other."""
    alert = make_alert(field.clock.now(), Level.RED, **more)
    place = Area(desc, (Geocode(CodeSystem.GB2260, code),))
    return field.take_in(replace(alert, infos=(replace(alert.info, areas=(place,)),)))


def notes(field: Field) -> Iterator[str]:
    h = schema.human_call
    return (row.note for row in field.rows(select(h.c.note).where(h.c.county == COUNTY, h.c.alert != 0)))


def test_an_abolished_code_goes_to_a_human_with_the_unit_of_today_named(field: Field) -> None:
    """The code of 武隆县 left use in 2016: no callout opens by itself, and the desk is rung as for every red."""
    received = under(field, OLD)
    assert f"（{COUNTY}）" in received.note
    assert field.human_calls() == [(0, "undecided")]
    [note] = notes(field)
    assert "区划码 500232（武隆县）已于 2016 撤销，现多半是武隆区（500156）" in note
    assert field.states() == {}
    field.wait(DESK_WAITS)
    assert field.new() == [(DESK, VOICE)]


def test_an_unknown_code_of_the_region_goes_to_a_human_with_the_likely_unit_named(field: Field) -> None:
    under(field, UNKNOWN, headline="气象台发布暴雨红色预警")
    [note] = notes(field)
    assert "区划码 500197 不在已知的区县代码里（民政部 2026-09-11），按前几位多半是重庆市下的单位" in note
    assert field.states() == {}


def test_an_abolished_code_of_another_county_rings_nobody_here_and_the_sender_learns_of_it(field: Field) -> None:
    received = under(field, ELSEWHERE)
    assert "不在服务范围；区划码 500112（渝北区）已于 2025-11 撤销，现多半是两江新区（500157）或北碚区" in received.note
    field.wait(DESK_WAITS)
    assert (field.human_calls(), field.new()) == ([], [])


def test_an_all_clear_under_an_abolished_code_lifts_nothing_by_itself(field: Field) -> None:
    field.alert(Level.RED, identifier="first")
    under(field, OLD, msg_type=MsgType.CANCEL, references=("first",), identifier="lift")
    assert any("没有自动解除" in note and "现多半是武隆区" in note for note in notes(field))
    [first] = field.rows(select(schema.alert_county.c.state).where(schema.alert_county.c.alert == 1))
    assert first.state == "planned"


HERE, BESIDE = "50015610120100", "500156101202"
"""Two villages of 白马镇 in 统计局's list, as messages write them: 14 and 12 digits."""


def about(field: Field, code: str) -> set[int]:
    """A blue rain for one code: who is called."""
    alert = make_alert(field.clock.now(), Level.BLUE, identifier=code)
    found = geocode(code)
    assert found
    field.take_in(replace(alert, infos=(replace(alert.info, areas=(Area("", (found,)),)),)))
    return set(field.states(len(field.rows(select(schema.alert.c.id)))))


def test_a_village_is_reached_by_its_code_and_a_rule_may_name_it(field: Field) -> None:
    """A rule for one village of 白马镇 calls at blue what no other rule calls so early.

    The code of that village calls by it; the code of the village beside it does not; that of the township does.
    """
    files = read_files(field.app.settings.rules)
    name = next(one for one in files if "白马镇" in one)
    [village] = [p.name for p in parse(files, COUNTY).county.places if p.stats == HERE[:12]]
    rule = f"  - id: 一村\n    hazard: 暴雨\n    level: 蓝色\n    place: {village}\n"
    files[name] = files[name].replace("rules:\n", f"rules:\n{rule}    calls: [{{roles: [网格员], ladder: blue}}]\n", 1)
    field.app.store.write(lambda work: work.rosters.use_rulebook(parse(files, COUNTY), files))
    assert {GRID_1, GRID_2} <= about(field, HERE)
    assert not {GRID_1, GRID_2} & about(field, BESIDE)
    assert {GRID_1, GRID_2} <= about(field, "500156101")


def test_an_abolished_township_goes_to_a_human_with_the_likely_unit_named(field: Field) -> None:
    """巷口镇 is no more; 民政部's list still marks its code. Its heir is called meanwhile, as in every doubt."""
    under(field, "500156100")
    [note] = notes(field)
    assert "区划代码 500156100 是巷口镇的，已撤销，现多半是凤山街道（按村名推断：凤山街道有巷口社区）" in note
    assert "已按凤山街道列入，请人工确认是哪一个" in note
    assert field.human_calls()[0] == (0, "undecided")
    assert not {GRID_1, GRID_2} & field.states().keys(), "those of other townships are left in peace"
