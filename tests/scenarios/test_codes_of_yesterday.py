"""An alert under a 区划码 that was abolished or that nobody knows: nobody is called by guess, a human is asked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.alert import Area, CodeSystem, Geocode, MsgType
from callout.domain.level import Level
from callout.pipeline.receive import Received
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.field import COUNTY, DESK, VOICE, Field, make_alert

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
