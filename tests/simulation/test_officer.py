from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.callout import lane_of
from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.instant import HOUR, MINUTE, Instant, later
from callout.domain.ladder import patience
from callout.domain.level import Level
from callout.ports import Item
from callout.simulation.officer import REACHED, Action, ActionKind, ItemKey, Officer, Working
from tests.simulation.phones import DAY, NIGHT

ITEMS = [
    *[HumanCallKind.EXHAUSTED] * 5,
    HumanCallKind.NO_PLAN,
]


def item(post: int, kind: HumanCallKind = HumanCallKind.EXHAUSTED, level: Level = Level.RED) -> Item:
    return Item("500156", 1, post, kind, "", HumanCallState.OPEN, lane_of(level), 0)


def keyed(items: Sequence[Item]) -> dict[ItemKey, Item]:
    return {one.key: one for one in items}


def work_off(officer: Officer, items: Sequence[Item]) -> list[tuple[Instant, Action]]:
    """Do what the officer decides until nothing is left."""
    open_items = keyed(items)
    done = [(DAY, action) for action in officer.step(open_items, DAY)]
    while (now := officer.next_at()) is not None:
        for action in officer.step(open_items, now):
            done.append((now, action))
            _apply(open_items, action)
    return done


def _apply(items: dict[ItemKey, Item], action: Action) -> None:
    if action.kind is ActionKind.CLOSE:
        del items[action.key]
    else:
        items[action.key] = replace(items[action.key], state=HumanCallState.CLAIMED)


def test_nothing_to_do() -> None:
    officer = Officer(1)
    assert officer.step(keyed([]), DAY) == []
    assert officer.next_at() is None


@given(st.integers(), st.integers(1, 6))
def test_items_are_worked_on_one_at_a_time_and_all_are_closed(seed: int, many: int) -> None:
    items = [item(post, ITEMS[post - 1]) for post in range(1, many + 1)]
    done = work_off(Officer(seed), items)
    assert done == work_off(Officer(seed), items)
    assert [action.kind for _, action in done] == [ActionKind.CLAIM, ActionKind.CLOSE] * many
    assert {action.key for _, action in done} == {i.key for i in items}
    for (claimed, claim), (closed, close) in zip(done[::2], done[1::2], strict=True):
        assert claim.key == close.key
        assert 2 * MINUTE <= closed - claimed <= 4 * MINUTE
        assert (close.outcome == REACHED) is close.confirmed


@pytest.mark.parametrize("level", [Level.RED, Level.YELLOW])
def test_the_officer_comes_one_or_two_minutes_after_the_desk_has_rung(level: Level) -> None:
    officer = Officer(1)
    assert officer.step(keyed([item(1, level=level)]), DAY) == []
    comes = officer.next_at()
    assert comes is not None
    rung = later(DAY, patience(level))
    assert later(rung, MINUTE) <= comes <= later(rung, 2 * MINUTE)
    assert officer.step(keyed([item(1, level=level)]), later(comes, -1)) == []
    assert [action.kind for action in officer.step(keyed([item(1, level=level)]), comes)] == [ActionKind.CLAIM]


def test_the_most_urgent_item_is_first() -> None:
    items = [item(1, level=Level.YELLOW), item(2, level=Level.RED), item(3, level=Level.ORANGE)]
    claims = [action.key for _, action in work_off(Officer(1), items) if action.kind is ActionKind.CLAIM]
    assert claims == [items[1].key, items[2].key, items[0].key]


def test_an_item_that_was_settled_meanwhile_is_dropped() -> None:
    officer = Officer(1)
    both = [item(1), item(2)]
    officer.step(keyed(both), DAY)
    (claim,) = officer.step(keyed(both), later(DAY, HOUR))
    left = [i for i in both if i.key != claim.key]
    assert officer.step(keyed(left), later(DAY, HOUR + 1)) == [Action(ActionKind.CLAIM, left[0].key)]
    closed = replace(left[0], state=HumanCallState.CLOSED)
    assert officer.step(keyed([closed]), later(DAY, HOUR + 2)) == []
    assert officer.next_at() is None


def test_what_another_officer_took_is_left_alone() -> None:
    officer = Officer(1)
    taken = replace(item(1), state=HumanCallState.CLAIMED)
    assert officer.step(keyed([taken]), DAY) == []
    assert officer.next_at() is None


def test_an_officer_who_left_the_desk_must_be_rung_again() -> None:
    officer = Officer(1)
    last, _ = work_off(officer, [item(1)])[-1]
    assert officer.step(keyed([item(2)]), last) == []
    assert officer.step(keyed([item(2)]), later(last, patience(Level.RED) + 2 * MINUTE))


def test_a_new_item_waits_for_the_one_at_hand_but_not_for_the_bell() -> None:
    officer = Officer(1)
    officer.step(keyed([item(1)]), DAY)
    began = later(DAY, HOUR)
    officer.step(keyed([item(1)]), began)
    both = [replace(item(1), state=HumanCallState.CLAIMED), item(2)]
    assert officer.step(keyed(both), later(began, MINUTE)) == []
    done = officer.step(keyed(both), later(began, 4 * MINUTE))
    assert [(a.kind, a.key) for a in done] == [(ActionKind.CLOSE, item(1).key), (ActionKind.CLAIM, item(2).key)]


def test_outcomes_follow_their_shares() -> None:
    done = work_off(Officer(5), [item(post) for post in range(1, 501)])
    outcomes = Counter(action.outcome for _, action in done if action.kind is ActionKind.CLOSE)
    assert abs(outcomes[REACHED] / 500 - 0.7) < 0.06
    assert abs(outcomes["door_knock_ordered"] / 500 - 0.2) < 0.06
    assert set(outcomes) == {REACHED, "door_knock_ordered", "replacement_sent"}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (HumanCallKind.NO_PLAN, "plan_missing_noted"),
        (HumanCallKind.NO_RULE, "rule_missing_noted"),
        (HumanCallKind.VACANT, "roster_gap_noted"),
        (HumanCallKind.NO_NUMBER, "door_knock_ordered"),
        (HumanCallKind.CANNOT_COME, "replacement_sent"),
        (HumanCallKind.UNDECIDED, "alert_read"),
    ],
)
def test_where_there_is_nobody_to_dial_the_outcome_says_what_was_missing(kind: HumanCallKind, outcome: str) -> None:
    for seed in range(20):
        *_, (_, close) = work_off(Officer(seed), [item(1, kind)])
        assert (close.outcome, close.confirmed) == (outcome, False)


def test_two_officers_work_side_by_side_and_are_through_sooner() -> None:
    items = [item(post) for post in range(1, 7)]
    alone, two = (work_off(Officer(1, Working(officers=many)), items) for many in (1, 2))
    assert [action.kind for _, action in two[:3]] == [ActionKind.CLAIM, ActionKind.CLAIM, ActionKind.CLOSE]
    assert {action.key for _, action in two} == {action.key for _, action in alone}
    assert two[-1][0] < alone[-1][0]


def test_whoever_is_absent_at_night_comes_at_six() -> None:
    officer = Officer(1, Working(absent_at_night=frozenset({0})))
    waiting = [item(1)]
    assert officer.step(keyed(waiting), NIGHT) == []
    morning = officer.next_at()
    assert morning == later(NIGHT, 4 * HOUR)
    assert [action.kind for action in officer.step(keyed(waiting), morning)] == [ActionKind.CLAIM]


def test_nobody_confirms_on_a_phone_that_cannot_be_reached() -> None:
    working = Working(by_phone={REACHED: 1})
    reached = work_off(Officer(1, working), [item(1)])
    beyond = work_off(Officer(1, working, lambda _: True), [item(1)])
    assert [(each[-1][1].outcome, each[-1][1].confirmed) for each in (reached, beyond)] == [
        (REACHED, True),
        ("door_knock_ordered", False),
    ]
