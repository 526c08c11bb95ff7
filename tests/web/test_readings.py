"""Devices hand in readings over HTTP, with a key that may do that and nothing else."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.instant import beijing
from callout.domain.user import Right, Scope, ScopeKind
from callout.store import schema
from callout.web import staff
from tests.web.room import HERE, Room


def send(room: Room, body: bytes, *, scope: Scope = HERE, right: Right = Right.REPORT) -> Any:
    key = staff.make_key(room.field.app.store, staff.NewKey("示例雨量站", frozenset({right}), scope, 30), "示例·测试")
    headers = {"Authorization": f"Bearer {key}"}
    return room.browser().client.post("/gauges/readings", content=body, headers=headers)


def test_a_gauge_reports_and_the_alarm_waits_for_the_intake(room: Room) -> None:
    at = beijing(room.field.clock.now(), "%Y-%m-%dT%H:%M:%S")
    came = [{"gauge": gauge, "at": at, "value": 55} for gauge in ("示例R1", "?")]
    body = json.dumps({"readings": came}).encode()
    answer = send(room, body)
    assert (answer.status_code, answer.json()) == (
        200, {"new": 1, "known": 0, "refused": ["没有站号为 ? 的测站"]}
    )  # fmt: skip
    rows = room.field.rows(select(schema.gauge_alarm).where(schema.gauge_alarm.c.state == "to_issue"))
    assert [row.level for row in rows] == ["orange"]
    assert send(room, body).json()["known"] == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "JSON"),
        (b'{"readings": 3}', "readings"),
        (b"[1]", "第 1 条"),
        (b'[{"at": "2026-08-02 10:00", "value": 1}]', "没有站号"),
        (b'[{"gauge": "R", "at": "soon", "value": 1}]', "时间看不懂"),
        (b'[{"gauge": "R", "at": "2026-08-02 10:00", "value": true}]', "不是数字"),
        (b'[{"gauge": "R", "at": "2026-08-02 10:00", "value": "x"}]', "不是数字"),
        (b"[" + b",".join([b'{"gauge": "R", "at": "2026-08-02 10:00", "value": 1}'] * 20_001) + b"]", "超过"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_with_the_reason(room: Room, body: bytes, said: str) -> None:
    answer = send(room, body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]


def test_a_key_of_another_county_or_another_right_is_turned_away(room: Room) -> None:
    assert send(room, b"[]", scope=Scope(ScopeKind.COUNTY, "500157")).status_code == 403
    assert send(room, b"[]", right=Right.READ).status_code == 403
