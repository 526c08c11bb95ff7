"""Where warnings come from: listings, forged files, places that nobody can tell, and sources that fall silent."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, Area
from callout.domain.instant import MINUTE, later, moment
from callout.domain.level import Level
from callout.domain.listening import Endpoint, EndpointKind
from callout.pipeline.receive import PER_WRITE, Received, receive, run_once
from callout.ports import Document, Settlement
from callout.sources.folder import WatchedFolder
from callout.sources.pulse import Pulse
from callout.sources.reading import DocumentReader
from callout.store import schema
from tests.scenarios.field import COUNTY, DESK, VOICE, Field, make_alert

EVERYBODY = {1, 2, 3, 4, 5, 6}
LIMIT = 15 * MINUTE


@pytest.fixture
def county(field: Field) -> Field:
    """The field with the real reader of documents."""
    field.app.intake = type(field.app.intake)(
        field.app.intake.store, DocumentReader(), field.app.intake.counties, field.app.intake.run
    )
    return field


def line(field: Field, kind: str = "暴雨", color: str = "橙色", **more: Any) -> dict[str, Any]:
    """One record of a snapshot, issued now."""
    now = field.clock.now()
    times = {"issued": moment(now).isoformat(), "expires": moment(later(now, 6 * 60 * MINUTE)).isoformat()}
    return {"type": kind, "color": color, "level": "", "name": "武隆区", **times, **more}


def snapshot(**areas: list[Any]) -> bytes:
    return json.dumps({"warnings": {code[1:]: records for code, records in areas.items()}}).encode()


def take(field: Field, raw: bytes, place: str = "") -> Received:
    received = receive(field.app.intake, Document("x.json", "feed:示例 https://example.org/x.json", raw, place=place))
    field.settle()
    return received


def alerts(field: Field) -> list[str]:
    a = schema.alert
    return [row.identifier for row in field.rows(select(a.c.identifier).order_by(a.c.id))]


def test_a_listing_calls_for_what_touches_the_county_and_keeps_the_rest(county: Field) -> None:
    """Every record is an alert of its own; people are called about ours, ours first."""
    received = take(county, snapshot(_654000=[line(county, "高温", "红色", name="别处")], _500156=[line(county)]))
    assert (received.outcome, received.note) == (Settlement.KEPT, "文件里有 2 条：新收 2 条，已有 0 条")
    assert [one.split("_")[0] for one in alerts(county)] == ["500156", "654000"]
    assert set(county.states(1)) == EVERYBODY
    assert county.states(2) == {}
    assert county.human_calls() == []


def test_each_record_of_a_listing_is_kept_on_its_own(county: Field) -> None:
    """The stored document of an alert is its record, and names the listing that it came in."""
    raw = snapshot(_500156=[line(county), line(county, "大风", "蓝色")])
    take(county, raw)
    r = schema.raw_document
    kept = county.rows(select(r.c.body, r.c.origin))
    assert {json.loads(row.body)["type"] for row in kept} == {"暴雨", "大风"}
    assert len({row.origin for row in kept}) == 1
    assert "sha256:" in kept[0].origin


def test_one_bad_record_loses_no_other(county: Field) -> None:
    """It is refused by itself, with its place in the file, and the desk is rung."""
    received = take(county, snapshot(_500156=[line(county, issued="昨天"), line(county)]))
    assert received.outcome is Settlement.KEPT
    assert "没有读懂 1 条，已转人工；第一条：区划 500156 第 1 条没有读懂" in received.note
    assert county.human_calls() == [(0, "refused_document")]
    assert set(county.states()) == EVERYBODY
    take(county, snapshot(_500156=[line(county, issued="昨天"), line(county)]))
    assert county.human_calls() == [(0, "refused_document")]


def test_a_listing_of_bad_records_only_is_refused(county: Field) -> None:
    """Nothing was kept, and the sender hears why."""
    received = take(county, snapshot(_500156=[{}, line(county, issued="昨天")]))
    assert received.outcome is Settlement.REFUSED
    assert "区划 500156 第 1 条没有读懂：来文是 JSON，但不是认识的格式" in received.note
    assert "（另有 1 条也没有读懂）" in received.note


def test_the_same_listing_again_is_nothing_new_and_leaves_no_trace(county: Field) -> None:
    """What is in force is listed again and again; nobody is called twice and the record is not filled."""
    raw = snapshot(_500156=[line(county), line(county, "大风", "蓝色")])
    take(county, raw)
    before = len(county.phones.got), len(county.audit("alert.duplicate"))
    received = take(county, raw)
    assert (received.outcome, received.note) == (Settlement.DUPLICATE, "文件里有 2 条：新收 0 条，已有 2 条")
    assert (len(county.phones.got), len(county.audit("alert.duplicate"))) == before


def test_a_relay_of_a_message_on_record_calls_nobody_again(county: Field) -> None:
    """The snapshot lists, without identifier and msgType, what the office itself has sent. Red again is red again."""
    full = make_alert(county.clock.now(), Level.RED)
    county.app.intake = replace(county.app.intake, reader=county.reader)
    county.take_in(full)
    county.new()
    county.app.intake = replace(county.app.intake, reader=DocumentReader())
    received = take(county, snapshot(_500156=[line(county, color="红色")]))
    assert (received.outcome, received.alert) == (Settlement.DUPLICATE, 1)
    assert county.new() == []
    assert set(county.states()) == EVERYBODY
    county.wait(1)
    take(county, snapshot(_500156=[line(county, color="红色")]))
    assert set(county.states(2)) == EVERYBODY


def test_a_record_that_disappears_cancels_nothing(county: Field) -> None:
    """A source without msgType can warn and never lift: the ladders go on."""
    take(county, snapshot(_500156=[line(county)]))
    county.new()
    received = take(county, snapshot())
    assert (received.outcome, received.note) == (Settlement.KEPT, "文件里有 0 条：新收 0 条，已有 0 条")
    assert set(county.states().values()) <= {"waiting", "to_call"}
    county.wait(600)
    assert county.new() != []


def test_a_long_listing_is_kept_in_portions(county: Field) -> None:
    """Nobody waits for a thousand records to be written."""
    times = [moment(later(county.clock.now(), -n * 1000)).isoformat() for n in range(250)]
    many = [line(county, issued=issued) for issued in times]
    assert len(many) > 2 * PER_WRITE
    received = take(county, snapshot(_654000=many, _500156=[line(county)]))
    assert received.note == "文件里有 251 条：新收 251 条，已有 0 条"
    assert received.alert == 1
    assert set(county.states()) == EVERYBODY


def test_an_advice_without_a_level_is_kept_for_a_human(county: Field) -> None:
    """提示类信息: nobody is called by itself, and somebody looks at it."""
    received = take(county, snapshot(_500156=[line(county, "地质灾害气象风险", "")]))
    assert received.outcome is Settlement.KEPT
    assert county.states() == {}
    assert county.human_calls() == [(0, "undecided")]


def test_a_message_whose_area_nobody_can_tell_goes_to_a_human(field: Field) -> None:
    """No code, and no name that we know: out of scope is only what is surely elsewhere."""
    field.take_in(_nowhere(field))
    assert field.states() == {}
    assert field.human_calls() == [(0, "undecided")]


def test_a_source_that_was_asked_about_a_place_tells_the_area(county: Field) -> None:
    """QWeather names no area: the answer is about the county that the feed is set for."""
    record = {
        "id": "1",
        "pubTime": moment(county.clock.now()).isoformat(timespec="minutes"),
        "title": "Example Observatory issues an orange rainstorm warning",
        "status": "active",
        "severityColor": "Orange",
        "type": "1003",
    }
    take(county, json.dumps({"warning": [record]}).encode(), place=COUNTY)
    assert set(county.states()) == EVERYBODY
    assert county.human_calls() == []


def test_a_forged_file_calls_nobody_and_rings_a_human(county: Field, tmp_path: Path) -> None:
    """Without its signature a file is not even read, however right it looks."""
    path = tmp_path / "red.json"
    path.write_bytes(snapshot(_500156=[line(county, color="红色")]))
    os.utime(path, (0, 0))
    run_once(county.app.intake, [WatchedFolder(tmp_path, key="secret")])
    county.settle()
    assert alerts(county) == []
    assert county.human_calls() == [(0, "refused_document")]
    assert "没有签名" in (tmp_path / "refused" / "red.json.why.txt").read_text(encoding="utf-8")


class Silent:
    """A source on the network that answers when the story says so."""

    def __init__(self, field: Field, name: str = "示例源") -> None:
        endpoint = Endpoint(name, EndpointKind.DOCUMENT, "https://example.org/", silent_after=LIMIT)
        self.pulse = Pulse(endpoint, field.clock, self)

    def fraction(self) -> float:
        return 0.5

    def poll(self) -> Iterator[Document]:
        yield from ()

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        raise AssertionError(document, outcome, note)


def listen(field: Field, *sources: Silent) -> None:
    run_once(field.app.intake, sources)
    field.settle()


def test_a_source_that_falls_silent_rings_the_desk(field: Field) -> None:
    """Fifteen minutes without a good answer, and two for the officer to see it: then the phone rings."""
    source = Silent(field)
    source.pulse.bad("HTTP 500")
    field.wait(LIMIT / 1000 - 1)
    listen(field, source)
    assert field.human_calls() == []
    field.wait(1)
    listen(field, source)
    listen(field, source)
    assert field.human_calls() == [(0, "source_silent")]
    h = schema.human_call
    [item] = field.rows(select(h.c.note))
    assert "预警源“示例源”从 08-02 10:00 起没有好的回答（HTTP 500）" in item.note
    field.wait(119)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(DESK, VOICE)]


def test_a_source_that_is_heard_again_takes_its_item_off_the_list(field: Field) -> None:
    """Closed by itself, with the reason; the other silent source stays on the list."""
    one, other = Silent(field), Silent(field, "示例源二")
    field.wait(LIMIT / 1000)
    listen(field, one, other)
    assert len(field.human_calls()) == 2
    one.pulse.good()
    listen(field, one, other)
    h = schema.human_call
    rows = field.rows(select(h.c.about, h.c.state, h.c.outcome).order_by(h.c.about))
    assert [(row.about.split("@")[0], row.state, row.outcome) for row in rows] == [
        ("示例源", "closed", "预警源已恢复"),
        ("示例源二", "open", ""),
    ]


def test_a_second_silence_is_a_new_item(field: Field) -> None:
    """What an officer has closed does not stay closed when it happens again."""
    source = Silent(field)
    for _ in range(2):
        field.wait(LIMIT / 1000)
        listen(field, source)
        source.pulse.good()
        listen(field, source)
    assert field.human_calls("closed") == [(0, "source_silent")] * 2
    field.wait(LIMIT / 1000)
    listen(field, source)
    assert field.human_calls() == [(0, "source_silent")]


def test_after_a_restart_the_first_good_answer_ends_the_silence_on_record(field: Field) -> None:
    """The silence was put on the list by a process that is gone."""
    field.wait(LIMIT / 1000)
    gone = Silent(field)
    field.wait(LIMIT / 1000)
    listen(field, gone)
    fresh = Silent(field)
    listen(field, fresh)
    assert field.human_calls() == [(0, "source_silent")]
    fresh.pulse.good()
    listen(field, fresh)
    assert field.human_calls() == []


def _nowhere(field: Field) -> Alert:
    alert = make_alert(field.clock.now(), Level.ORANGE)
    return replace(alert, infos=(replace(alert.info, areas=(Area("Example District"),)),))
