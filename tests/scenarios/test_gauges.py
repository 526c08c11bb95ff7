"""临灾: a township is warned by its own gauges, through the same door as every other warning."""

import base64
import json
import zlib
from typing import Any

import pytest
from sqlalchemy import select

from callout.cli.gauge import ALARM, INCIDENT, READINGS
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, MINUTE, Instant, beijing, later
from callout.pipeline import measure, receive
from callout.pipeline.measure import Came, Measuring, Taken
from callout.rulebook.reading import parse, read_files
from callout.sources.gauges import GaugeSource
from callout.sources.reading import DocumentReader
from callout.store import schema
from callout.store.alarm_queue import AlarmQueue
from tests.databases import Shelf
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, GRID_2, JIANGKOU, LEADER_BAIMA, Field
from tests.scenarios.moving import listed, site, states

OFFICER = "示例·值班员"
R1, R2, W1 = "示例R1", "示例R2", "示例W1"
A = schema.gauge_alarm


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """What is decided here does not depend on the database; test_gauges_on_both.py tells one story on both."""
    return sqlite_shelf


def read(field: Field, gauge: str, value: float, settle: bool = True) -> Taken:
    """A gauge reads now, and the engine takes its next beat."""
    measuring = Measuring(field.app.store, field.app.rulebooks)
    taken = measure.take(measuring, COUNTY, [Came(gauge, field.clock.now(), value)], "test")
    if settle:
        beat(field)
    return taken


def beat(field: Field) -> None:
    """Alarms that wait go through the door of all warnings."""
    intake = type(field.app.intake)(
        field.app.intake.store, DocumentReader(), field.app.intake.counties, field.app.intake.run
    )
    receive.run_once(intake, [GaugeSource(AlarmQueue(field.app.store))])
    field.settle()


def pass_(field: Field, minutes: int) -> None:
    field.clock.advance(later(field.clock.now(), minutes * MINUTE))


def alerts(field: Field) -> list[Any]:
    return field.rows(select(schema.alert).order_by(schema.alert.c.id))


def items(field: Field, kind: str = "gauge") -> list[str]:
    h = schema.human_call
    return [r.note for r in field.rows(select(h).where(h.c.kind == kind, h.c.state == "open").order_by(h.c.note))]


def test_an_hour_of_rain_calls_the_township_and_nobody_else(field: Field) -> None:
    for _ in range(3):
        read(field, R1, 15)
        pass_(field, 10)
    assert [r.level for r in alerts(field)] == ["yellow"]
    read(field, R1, 15)
    first, second = alerts(field)
    assert (second.level, second.hazard, second.msg_type) == ("orange", "山洪", "Update")
    assert second.headline == "白马镇实测雨水情临灾山洪橙色预警"
    called = {post for post, state in field.states(second.id).items() if state in ("to_call", "waiting")}
    assert {LEADER_BAIMA, GRID_1, GRID_2, DESK} <= called
    assert 6 not in field.states(second.id)
    episodes = {r.episode for r in field.rows(select(schema.alert_county))}
    assert len(episodes) == 1
    assert first.identifier in [r.identifier for r in field.rows(select(schema.alert_reference))]
    text = field.to(GRID_1)[-1][1].text
    assert "山洪橙色" in text


def test_rain_that_trembles_around_the_limit_calls_once(field: Field) -> None:
    read(field, R1, 55)
    for value in (1, 0.5, 1):
        pass_(field, 10)
        read(field, R1, value)
    assert len(alerts(field)) == 1
    pass_(field, 61)
    read(field, R1, 0)
    assert field.rows(select(A.c.held))[0].held == ""
    pass_(field, 10)
    read(field, R1, 55)
    assert [r.hazard for r in alerts(field)].count("山洪") == 2
    assert [r.hazard for r in alerts(field)].count("地质灾害") == 1, "110 mm in a day"


def test_what_still_holds_is_said_again_before_it_ends_and_red_calls_everybody_again(field: Field) -> None:
    read(field, W1, 184.5)
    pass_(field, 175)
    read(field, W1, 184.6)
    red = alerts(field)
    assert [(r.level, r.msg_type) for r in red] == [("red", "Alert"), ("red", "Update")]
    assert field.callout(GRID_1, red[1].id).state in ("to_call", "waiting")


def test_two_thresholds_that_are_reached_together_are_one_alarm_the_highest(field: Field) -> None:
    """55 mm in an hour are orange by the hour and yellow by three hours: people hear of orange, both are on record."""
    read(field, R1, 55)
    assert [r.level for r in alerts(field)] == ["orange"]
    assert {(r.threshold, r.level, r.state) for r in field.rows(select(A))} == {
        ("一小时雨量", "orange", "issued"), ("三小时雨量", "yellow", "noted")
    }  # fmt: skip


def test_the_same_reading_twice_is_one_reading_and_one_alarm(field: Field) -> None:
    assert (read(field, R1, 55).new, read(field, R1, 55).new, read(field, R1, 55).known) == (1, 0, 1)
    assert len(alerts(field)) == 1
    beat(field)
    assert len(alerts(field)) == 1


def test_an_alarm_that_a_crash_left_behind_goes_out_once(field: Field) -> None:
    """Between the alarm's commit and the intake the engine dies; the next one takes it, and a second beat nothing."""
    read(field, R1, 55, settle=False)
    assert alerts(field) == []
    assert {r.state for r in field.rows(select(A.c.state))} == {"to_issue", "noted"}
    beat(field)
    assert [r.level for r in alerts(field)] == ["orange"]
    assert {r.state for r in field.rows(select(A.c.state))} == {"issued", "noted"}


def test_the_log_keeps_what_is_needed_to_judge_the_threshold(field: Field) -> None:
    read(field, R1, 55)
    [alarm] = field.rows(select(A).where(A.c.state == "issued"))
    assert (alarm.quantity, alarm.milli, alarm.limit_milli, alarm.gauge) == ("1小时雨量", 55_000, 50_000, R1)
    assert alarm.at == field.clock.now()
    [book] = {r.rulebook for r in field.rows(select(schema.county))}
    assert alarm.rulebook == book
    assert [(r.gauge, r.milli) for r in field.rows(select(schema.reading))] == [(R1, 55_000)]


def test_sick_gauges_are_on_the_list_until_they_are_well(field: Field) -> None:
    read(field, R2, 1)
    assert items(field) == [], "a gauge that was never connected is no work"
    pass_(field, 30)
    read(field, R1, 1)
    assert items(field) == ["示例坡雨量站超过 30 分钟没有读数"]
    pass_(field, 60 * 24 * 3)
    measure.run_once(Measuring(field.app.store, field.app.rulebooks))
    assert "示例坡雨量站超过 30 分钟没有读数" in items(field), "also after days"
    read(field, R2, 1)
    assert not any("示例坡雨量站" in note for note in items(field))
    for value in [7.5] * 6:
        pass_(field, 10)
        read(field, R1, value)
    assert any("连续 6 次读数都是 7.5 毫米" in note for note in items(field))
    pass_(field, 40)
    measure.run_once(Measuring(field.app.store, field.app.rulebooks))
    assert any("示例坡雨量站超过" in note for note in items(field))


def test_what_cannot_be_is_refused_alone(field: Field) -> None:
    measuring = Measuring(field.app.store, field.app.rulebooks)
    now = field.clock.now()
    came = [Came(R1, now, 5), Came(R1, now, 900), Came("示例没有", now, 1), Came(R2, later(now, HOUR), 1)]
    taken = measure.take(measuring, COUNTY, came, "test")
    assert (taken.new, len(taken.refused)) == (1, 3)


def test_a_county_without_gauges_measures_nothing(field: Field) -> None:
    files = {name: text for name, text in read_files(field.app.settings.rules).items() if name != "gauges.yaml"}
    field.app.store.write(lambda work: work.rosters.use_rulebook(parse(files, COUNTY), files))
    assert measure.run_once(Measuring(field.app.store, field.app.rulebooks)).moved == 0
    assert read(field, R1, 90).refused == ("没有站号为 示例R1 的测站",)
    unknown = measure.take(Measuring(field.app.store, field.app.rulebooks), "500199", [Came(R1, Instant(1), 1)], "test")
    assert unknown.new == 0


def test_a_rule_that_asks_for_readings_holds_where_they_are(field: Field) -> None:
    """`observed` of the rule language: 白马 is wet, 江口 is dry."""
    files = read_files(field.app.settings.rules)
    name = "industries/water.yaml"
    rule = (
        "  - id: 实测大雨\n    hazard: 暴雨\n    level: {at_least: 黄色}\n"
        "    observed: {reading: 1小时雨量, at_least: 20}\n    calls: [{roles: [网格员], ladder: orange}]\n"
    )
    text = files[name].replace("roles: [", "roles: [网格员, ", 1)
    book = parse({**files, name: text.rstrip("\n") + "\n\n" + rule}, COUNTY)
    field.app.store.write(
        lambda work: work.rosters.use_rulebook(book, {**files, name: text.rstrip("\n") + "\n\n" + rule})
    )
    read(field, R1, 25)
    alert = field.alert(areas=[BAIMA, JIANGKOU]).alert
    around = json.loads(
        field.rows(select(schema.alert_county.c.around).where(schema.alert_county.c.alert == alert))[0][0]
    )
    assert around[BAIMA]["observed"]["1小时雨量"] == 25
    assert JIANGKOU not in around
    rules = field.rows(select(schema.rule_match).where(schema.rule_match.c.alert == alert))
    assert {r.area for r in rules if "water/实测大雨" in r.rules} == {BAIMA}


def test_a_village_raises_the_alarm_itself(field: Field) -> None:
    """Bottom-up: nobody above has warned, the water is at the bridge."""
    field.app.intake = type(field.app.intake)(
        field.app.intake.store, DocumentReader(), field.app.intake.counties, field.app.intake.run
    )
    said = {
        "area": "白马镇",
        "hazard": "山洪",
        "level": "红色",
        "by": "示例·村书记",
        "what": "水到桥面",
        "officer": OFFICER,
    }
    done = ALARM.run(field.app, said | {"village": "示例村"})
    field.settle()
    [alert] = alerts(field)
    assert (alert.id, alert.level, alert.headline) == (done["alert"], "red", "白马镇示例村报警临灾山洪红色预警")
    assert field.callout(GRID_1, alert.id).state == "waiting"
    for wrong in ({"officer": " "}, {"level": "紫色"}, {"area": "没有"}, {"hazard": "地震"}):
        with pytest.raises(CalloutError):
            ALARM.run(field.app, said | wrong)


def test_a_gauges_alarm_moves_whom_the_list_names(field: Field) -> None:
    listed(field, site(hazards=(site().hazards[0].FLASH_FLOOD,)))
    read(field, R1, 55)
    assert set(states(field).values()) == {"to_move"}


def test_what_really_happened_is_kept_for_the_judgement(field: Field) -> None:
    at = Instant(field.clock.now() - HOUR)
    said = {"area": "白马镇", "hazard": "山洪", "at": at, "what": "示例溪漫桥", "officer": OFFICER}
    INCIDENT.run(field.app, said)
    INCIDENT.run(field.app, said)
    kept = field.app.store.read(lambda work: work.gauges.incidents(COUNTY, Instant(at - 1), field.clock.now()))
    assert [(area, hazard.value, what) for area, hazard, _, what in kept] == [(BAIMA, "山洪", "示例溪漫桥")]
    with pytest.raises(CalloutError):
        INCIDENT.run(field.app, said | {"at": field.clock.now() + HOUR})


def test_a_file_of_readings_comes_in_by_command(field: Field) -> None:
    when = beijing(field.clock.now(), "%Y-%m-%d %H:%M:%S")
    text = f"站号,时间,值\n{R1},{when},55\n{R1},{when},900\n"
    body = base64.b64encode(zlib.compress(text.encode())).decode()
    done = READINGS.run(field.app, {"body": body, "officer": OFFICER})
    assert (done["new"], len(done["refused"])) == (1, 1)
    beat(field)
    assert [r.level for r in alerts(field)] == ["orange"]
