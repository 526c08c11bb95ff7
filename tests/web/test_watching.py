"""What a watch outside sees: metrics in the field's terms, readiness, engines on other machines, and no number."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import cast

import pytest

from callout.cli.canary import Canary
from callout.cli.pulse import STALE, Pulse, beats_here, engine_standing
from callout.domain.instant import MINUTE, SECOND, Instant, Millis, beijing, later
from callout.domain.level import Level
from callout.domain.user import Role
from callout.pipeline import plan
from callout.ports import Hooked
from callout.settings import Settings
from callout.store.beats import Beat, show_beat, take_beat_back
from callout.store.database import Database
from callout.web.metrics import Watch
from tests.scenarios.field import BAIMA, GRID_1, GRID_2, make_alert, number
from tests.web.room import Room


def told(room: Room) -> dict[str, float]:
    answer = room.officer(Role.AUDITOR).client.get("/metrics")
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines if name.startswith("callout_")}


def test_the_figures_are_those_of_the_night(room: Room) -> None:
    field = room.field
    before = told(room)  # counters count from the first look
    assert before["callout_alerts_in_force"] == 0
    field.alert(Level.RED, areas=[BAIMA])
    room.wait(15 * SECOND)
    first = told(room)
    waiting = first['callout_open{level="red",state="waiting"}']
    assert waiting >= 3
    assert first["callout_alerts_in_force"] == 1
    assert first['callout_attempts_total{outcome="sent",provider="scripted"}'] >= waiting
    assert first["callout_seal_lag_seconds"] >= 15
    field.reply(GRID_1, "1")
    room.wait(15 * SECOND)
    assert told(room)["callout_answers_total"] == 1
    room.wait(10 * MINUTE)  # nobody beats: what is due waits
    late = told(room)
    assert late['callout_late_seconds{stage="escalate"}'] > 60
    field.reply(GRID_2, "路断了，怎么办？")
    assert sum(many for name, many in told(room).items() if name.startswith("callout_human_calls")) >= 1


def test_what_is_due_and_not_handed_over_shows_its_age(room: Room) -> None:
    field = room.field
    field.take_in(make_alert(field.clock.now(), Level.RED, areas=[BAIMA]), settle=False)
    planning = plan.Planning(field.app.store, field.app.rulebooks)
    while plan.run_once(planning).moved:
        pass
    room.wait(40 * SECOND)
    found = told(room)
    assert found['callout_oldest_unsent_seconds{level="red"}'] >= 40


def test_calls_of_a_provider_that_were_turned_away_are_counted(room: Room) -> None:
    scripted = cast(Hooked, object())
    site = replace(room.site, hooks={"sms": scripted, "voice": scripted}, turned_away=Counter({"sms": 3}))
    [found] = [one for one in Watch(site).collect() if one.name == "callout_hooks_turned_away"]
    assert {one.labels["provider"]: one.value for one in found.samples} == {"sms": 3, "voice": 0}


def test_no_number_and_no_name_is_told(room: Room) -> None:
    room.field.alert(Level.RED, areas=[BAIMA])
    said = room.officer(Role.AUDITOR).client.get("/metrics").text
    assert number(GRID_1).e164 not in said
    assert "示例·人员" not in said


def test_a_stranger_reads_nothing(room: Room) -> None:
    assert room.browser().client.get("/metrics").status_code == 401
    assert room.officer().client.get("/metrics").status_code == 403


def test_ready_is_whoever_can_write_and_healthy_where_an_engine_beats(room: Room) -> None:
    browser = room.browser().client
    assert browser.get("/readyz").status_code == 200
    room.engine = "silent"
    assert browser.get("/readyz").status_code == 200
    assert browser.get("/healthz").status_code == 503
    room.engine = "stopped"
    assert browser.get("/healthz").status_code == 503


def test_where_the_database_fails_both_say_so_to_programs(room: Room) -> None:
    browser = room.browser().client
    room.field.app.store.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    for path in ("/healthz", "/readyz"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()) == (503, {"database": "failed"})
    assert [one.partition(":")[0] for one in room.faults] == ["health", "ready"]


def test_the_newest_test_of_the_line_is_seen(room: Room) -> None:
    field = room.field
    now = field.clock.now()
    asked = {"canary_number": number(99).e164, "canary_at": beijing(now, "%H:%M")}
    field.app.settings = field.app.settings.model_copy(update=asked)
    assert not [name for name in told(room) if "canary" in name]
    asyncio.run(Canary(field.app).run_once())
    field.settle()
    room.wait(5 * SECOND)
    field.receipt(99, "delivered")
    asyncio.run(Canary(field.app).run_once())
    seen = told(room)
    assert (seen["callout_canary_ok"], seen["callout_canary_failed_handovers"]) == (1, 0)
    assert seen["callout_canary_age_seconds"] == seen['callout_canary_seconds{to="delivered"}'] == 5


@pytest.fixture
def shared(migrated_postgres: str) -> Database:
    return Database(migrated_postgres)


def test_engines_are_seen_from_another_machine(shared: Database) -> None:
    """Two engines; one falls silent; the other stops as it should; then nobody beats."""
    settings = Settings(database_url=shared.url)
    field_time = Instant(1_785_600_000_000)

    def stands(after: Millis) -> tuple[str, int, int]:
        seen = engine_standing(settings, shared, later(field_time, after))
        return seen["state"], seen["engines"], len(seen["silent"])

    one, two = (Pulse(settings, shared, name, field_time) for name in ("one", "two"))
    assert stands(0) == ("stopped", 0, 0)
    shared.write(lambda db: show_beat(db, Beat("three", "elsewhere", field_time, field_time, "模拟通道")))
    assert not beats_here(settings, shared, field_time)  # what beats elsewhere says nothing about this machine
    shared.write(lambda db: take_beat_back(db, "three"))
    one.show(field_time, "模拟通道")
    two.show(field_time, "模拟通道")
    assert stands(0) == ("running", 2, 0)
    assert beats_here(settings, shared, field_time)
    two.show(later(field_time, 2 * STALE), "模拟通道")
    assert stands(2 * STALE) == ("running", 1, 1)
    two.end()
    assert stands(2 * STALE) == ("silent", 0, 1)
    shared.close()
