"""The account by alert, level, time, township and county, and what stands beside the pairs."""

import json

import pytest

from callout.reports.account import as_json
from callout.store import schema
from tests.reports.world import BAIMA, COUNTY, T0, XIANNV, World


def test_one_attempt_for_several_posts_counts_once_and_calls_all(either: World) -> None:
    either.alert()
    either.all_answered(1, 2, 3)
    for post in (1, 2, 3):
        either.callout(post, "waiting")
    either.attempt(1, 2, 3, target="superior", state="unknown", number=4, responder=4, repeated=1)
    either.attempt(1, 2, name="b", target="superior", number=4, responder=4)
    found = either.counts()
    assert (found["unknown"], found["possibly_repeated"], found["escalated"], found["called"]) == (1, 1, 3, 8)


def test_groups(either: World) -> None:
    night = T0 + 15 * 3_600_000
    either.alert(1)
    either.alert(2, level="red", areas=[XIANNV], sent=night)
    either.all_answered()
    for post, seconds in ((2, 10), (4, 20), (6, 30), (8, 400)):
        either.callout(post, alert=2, opened_at=night, answered_at=night + seconds * 1000)
    found = either.counts()
    assert [(each["alert"], each["level"], each["due"], each["median_s"]) for each in found["per_alert"]] == [
        (1, "orange", 9, 60),
        (2, "red", 4, 20),
    ]
    assert {k: v["due"] for k, v in found["by_level"].items()} == {"blue": 0, "yellow": 0, "orange": 9, "red": 4}
    assert {k: (v["due"], v["median_s"], v["p95_s"]) for k, v in found["by_time"].items()} == {
        "day": (9, 60, 60),
        "night": (4, 20, 400),
    }
    assert [(each["area"], each["due"], each["answered"]) for each in found["per_township"]] == [
        (BAIMA, 5, 5),
        (XIANNV, 8, 8),
    ]
    assert [each["alert"] for each in either.counts(alerts=[2])["per_alert"]] == [2]


def test_what_waits_for_a_human(either: World) -> None:
    either.alert()
    either.alert(2)
    either.human_call(0, "no_plan", about=BAIMA)
    either.human_call(1, "exhausted", state="claimed")
    either.human_call(2, "exhausted", state="closed")
    either.human_call(3, "exhausted", alert=2)
    found = either.counts()
    assert (found["human_calls_open"], found["human_calls"]) == (3, {"exhausted": 2, "no_plan": 1})
    assert either.counts(alerts=[2])["human_calls"] == {"exhausted": 1}


def test_proposals_count_each_object_once(either: World) -> None:
    proposed = ((1, BAIMA, "停学", 2), (2, BAIMA, "停学", 3), (2, XIANNV, "停学", 4), (2, BAIMA, "停工", 1))
    for alert, area, code, objects in proposed:
        either.stop_work(alert, area, code, objects)
    assert either.counts()["stop_work"] == {
        "停学": {"proposals": 3, "objects": 7},
        "停工": {"proposals": 1, "objects": 1},
    }
    assert either.counts(alerts=[1])["stop_work"] == {"停学": {"proposals": 1, "objects": 2}}


def test_one_county_of_two(world: World) -> None:
    other = "500151"
    world.use_roster(other)
    world.alert()
    world.alert(again=True, county=other)
    world.all_answered()
    world.human_call(1, "vacant", county=other)
    assert (world.counts()["due"], world.counts()["lost"]) == (18, 9)
    one = world.counts(COUNTY)
    assert (one["due"], one["lost"], one["human_calls_open"]) == (9, 0, 0)
    assert {each["county"] for each in world.counts(other)["lost_pairs"]} == {other}


@pytest.mark.parametrize(("number", "why"), [
    ({"dead": 1}, "dead_number"), ({"opted_out": 1}, "no_number"), ({"dead": 1, "opted_out": 1}, "dead_number"),
])  # fmt: skip
def test_a_holder_without_a_number_that_can_be_used(either: World, number: dict[str, int], why: str) -> None:
    either.alert()
    either.all_answered(1)
    either.callout(1, "exhausted")
    either.attempt(1, target="superior", number=2, responder=2)
    either.human_call(1, "exhausted")
    either.change(schema.number, {"id": 1}, **number)
    assert {k: v for k, v in either.counts()["reasons"].items() if v} == {why: 1}


def test_the_last_receipt_of_the_holder_says_why(either: World) -> None:
    either.alert()
    either.all_answered(1)
    either.callout(1, "exhausted")
    either.attempt(1, name="a", receipt="delivered", claimed_at=T0)
    either.attempt(1, name="b", receipt="switched_off", claimed_at=T0 + 1)
    either.attempt(1, name="c", claimed_at=T0 + 2)
    either.attempt(1, name="d", receipt="busy", target="superior", claimed_at=T0 + 3)
    either.human_call(1, "exhausted")
    assert {k: v for k, v in either.counts()["reasons"].items() if v} == {"switched_off": 1}


def test_plain_data_has_whole_numbers_and_the_same_keys_always(world: World) -> None:
    empty = world.counts()
    world.alert()
    world.all_answered(1)
    full = as_json(world.account())
    assert list(empty) == list(full)
    assert json.loads(json.dumps(full)) == full
    assert not [value for value in _leaves(full) if isinstance(value, float)]
    promised = {
        "due",
        "called",
        "reached",
        "answered",
        "escalated",
        "unreachable",
        "human_calls_open",
        "lost",
        "superseded",
        "median_s",
        "p95_s",
        "unknown",
        "per_alert",
        "reasons",
    }
    assert promised <= set(full)


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [value]
