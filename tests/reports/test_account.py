"""The account: what each state of a pair counts as, on a database."""

from typing import Any

import pytest

from callout.domain.errors import RuleError
from callout.store import schema
from tests.reports.world import COUNTY, DUE, T0, VACANT, World

COUNTED = (
    "called",
    "reached",
    "answered",
    "answered_in_person",
    "answered_by_another",
    "late",
    "escalated",
    "superseded",
    "expired_unanswered",
    "exhausted",
    "open",
    "unreachable",
    "lost",
    "unknown",
    "possibly_repeated",
    "human_calls_open",
)


def test_everybody_answered(either: World) -> None:
    either.alert()
    either.all_answered()
    found = either.counts()
    assert {name: found[name] for name in COUNTED if found[name]} == {
        "called": DUE,
        "reached": DUE,
        "answered": DUE,
        "answered_in_person": DUE,
    }
    assert (found["median_s"], found["p95_s"]) == (60, 60)


def _waiting_delivered(w: World) -> None:
    w.callout(1, "waiting")
    w.attempt(1, receipt="delivered")


def _heard_whole(w: World) -> None:
    w.callout(1, "waiting")
    w.attempt(1, channel="voice", receipt="heard_whole")
    w.answer(1, "heard_whole")


def _unknown_only(w: World) -> None:
    w.callout(1, "waiting")
    w.attempt(1, state="unknown")


def _unknown_repeated(w: World) -> None:
    _unknown_only(w)
    w.attempt(1, name="again", repeated=1)


def _repeat_refused(w: World) -> None:
    _unknown_only(w)
    w.attempt(1, name="again", repeated=1, state="refused")


def _proxy(w: World) -> None:
    w.callout(1, grade="proxy")
    w.attempt(1)
    w.attempt(1, name="deputy", target="deputy", number=2, responder=2)
    w.answer(1, "proxy")
    w.human_call(1, "person_silent")


def _late(w: World) -> None:
    w.callout(1, late=1, answered_at=T0 + 7_200_000)
    w.attempt(1)


def _exhausted(w: World) -> None:
    w.callout(1, "exhausted")
    w.attempt(1)
    w.attempt(1, name="up", target="superior", state="unknown", number=2, responder=2)
    w.human_call(1, "exhausted")


def _expired(w: World) -> None:
    w.callout(1, "expired_unanswered")
    w.attempt(1)
    w.human_call(1, "expired", state="closed")


def _asked(w: World) -> None:
    w.callout(1, "waiting")
    w.attempt(1)
    w.answer(1, "contact")


def _exhausted_without_work(w: World) -> None:
    w.callout(1, "exhausted")
    w.attempt(1)


def _live_without_timer(w: World) -> None:
    w.callout(1, "waiting", next_at=None)
    w.attempt(1)


def _superseded_by_nobody(w: World) -> None:
    w.callout(1, "superseded")
    w.attempt(1)


def _never_taken(w: World) -> None:
    w.callout(1, "to_call")
    w.attempt(1, state="withdrawn")


@pytest.mark.parametrize(("arrange", "expected"), [
    (_waiting_delivered, {"called": 1, "open": 1}),
    (_heard_whole, {"called": 1, "open": 1}),
    (_unknown_only, {"open": 1, "unknown": 1}),
    (_unknown_repeated, {"called": 1, "open": 1, "unknown": 1, "possibly_repeated": 1}),
    (_repeat_refused, {"open": 1, "unknown": 1}),
    (_proxy, {"called": 1, "reached": 1, "answered": 1, "answered_by_another": 1, "escalated": 1,
              "human_calls_open": 1}),
    (_late, {"called": 1, "reached": 1, "answered": 1, "answered_in_person": 1, "late": 1}),
    (_exhausted, {"called": 1, "exhausted": 1, "escalated": 1, "unreachable": 1, "unknown": 1, "human_calls_open": 1}),
    (_expired, {"called": 1, "expired_unanswered": 1, "unreachable": 1}),
    (_asked, {"called": 1, "reached": 1, "open": 1}),
    (_exhausted_without_work, {"called": 1, "exhausted": 1, "unreachable": 1, "lost": 1}),
    (_live_without_timer, {"called": 1, "unreachable": 1, "lost": 1}),
    (_superseded_by_nobody, {"called": 1, "superseded": 1, "lost": 1}),
    (_never_taken, {"open": 1}),
    (lambda _: None, {"unreachable": 1, "lost": 1}),
])  # fmt: skip
def test_one_pair(world: World, arrange: Any, expected: dict[str, int]) -> None:
    world.alert()
    world.all_answered(1)
    arrange(world)
    found = world.counts()
    rest = dict.fromkeys(("called", "reached", "answered", "answered_in_person"), DUE - 1)
    assert found["due"] == DUE
    assert {name: found[name] - rest.get(name, 0) for name in COUNTED} == dict.fromkeys(COUNTED, 0) | expected


def test_a_notice_and_a_ring_of_the_desk_are_nobodys_due_call(world: World) -> None:
    world.alert()
    world.all_answered(1)
    world.callout(1, "waiting")
    world.callout(1, "answered", round=1)
    world.attempt(1, name="desk", round=1, state="unknown")
    world.answer(1, "acknowledged", round=1)
    world.attempt(1, name="told", notice="standdown:1", state="unknown", round=7)
    found = world.counts()
    assert (found["answered"], found["called"], found["reached"], found["unknown"]) == (8, 8, 8, 0)


@pytest.mark.parametrize("post", [1, 2, 3, 4, VACANT])
def test_deleting_one_callout_row_is_seen(world: World, post: int) -> None:
    world.alert()
    world.all_answered(2, 3, 4, VACANT)
    world.callout(2, "waiting")
    world.callout(3, "exhausted")
    world.human_call(3, "exhausted")
    world.callout(4, "expired_unanswered")
    world.human_call(4, "expired", state="closed")
    world.callout(VACANT, "exhausted")
    world.human_call(VACANT, "vacant")
    assert world.counts()["lost"] == 0
    world.drop(schema.callout, post=post)
    found = world.counts()
    assert (found["due"], found["lost"], found["reasons"]["no_record"]) == (DUE, 1, 1)
    assert found["lost_pairs"] == [{"county": COUNTY, "alert": 1, "post": post}]


def test_only_the_first_lost_pairs_are_named(world: World) -> None:
    for alert in (1, 2, 3):
        world.alert(alert)
    found = world.counts()
    assert (found["lost"], len(found["lost_pairs"])) == (27, 20)


def test_what_the_plan_stage_has_yet_to_open_is_not_lost(world: World) -> None:
    world.alert(state="planning", cursor=2)
    world.callout(1)
    found = world.counts()
    assert (found["answered"], found["lost"], found["open"]) == (1, 1, 7)


def test_a_callout_that_nobody_asked_for_does_not_count(world: World) -> None:
    world.alert()
    world.all_answered()
    world.callout(10)
    world.callout(77, "exhausted")
    assert world.counts()["due"] == DUE


@pytest.mark.parametrize("given", [
    {"state": "received", "rulebook": "", "roster": ""},
    {"state": "held", "rulebook": "", "roster": "", "hazard": "", "level": ""},
    {"level": "blue"},
])  # fmt: skip
def test_an_alert_that_calls_nobody_is_still_listed(world: World, given: dict[str, Any]) -> None:
    world.alert(**given)
    found = world.counts()
    assert [(each["identifier"], each["due"]) for each in found["per_alert"]] == [("示例-1", 0)]
    assert (found["due"], found["median_s"]) == (0, None)


def test_without_the_rules_of_that_minute_there_is_no_account(world: World) -> None:
    world.alert(rulebook="gone")
    with pytest.raises(RuleError, match="没有规则版本 gone"):
        world.account()


def test_an_alert_past_its_validity_stays_in_the_account(world: World) -> None:
    world.alert(state="over")
    world.all_answered()
    assert world.counts()["due"] == DUE


@pytest.mark.parametrize("opened", [T0, T0 + 600_000])
@pytest.mark.parametrize(("older", "newer"), [(1, 2), (2, 1)])
def test_a_superseded_pair_is_in_newer_hands(world: World, opened: int, older: int, newer: int) -> None:
    """Also where both came in one instant and the number of the alert says nothing."""
    world.alert(older)
    world.alert(newer, level="red")
    world.all_answered(1, alert=older)
    world.all_answered(1, alert=newer)
    world.callout(1, "superseded", alert=older)
    world.callout(1, "waiting", alert=newer, opened_at=opened)
    found = world.counts()
    assert (found["superseded"], found["open"], found["lost"]) == (1, 1, 0)
    assert world.counts(alerts=[older])["lost"] == 0
    world.drop(schema.callout, post=1, alert=newer)
    assert world.counts()["lost"] == 2
    assert world.counts(alerts=[older])["lost"] == 1


def test_another_episode_takes_over_nothing(world: World) -> None:
    world.alert(1)
    world.alert(2, episode=2, sent=T0 + 1)
    world.all_answered(1, alert=1)
    world.all_answered(alert=2)
    world.callout(1, "superseded")
    assert world.counts()["lost"] == 1
