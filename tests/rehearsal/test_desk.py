"""The simulated officer's hands: the same writes as a human's commands, and nothing forced."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import HOUR, Instant
from callout.ports import Item
from callout.rehearsal.demo import Demo
from callout.rehearsal.desk import OFFICER, OUTCOMES, act, waiting
from callout.simulation.officer import Action, ActionKind, ItemKey, Officer
from callout.store import schema
from tests.rehearsal.nights import COUNTY, night, run

POST = 1


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    one = night(tmp_path)
    yield one
    one.app.close()


def opened(demo: Demo, kind: HumanCallKind = HumanCallKind.ASKED) -> Item:
    demo.app.store.write(lambda work: work.humans.open([NewHumanCall(COUNTY, 1, POST, kind)], 1))
    (item,) = demo.app.store.read(waiting)
    return item


def do(demo: Demo, kind: ActionKind, key: ItemKey, outcome: str = "", *, confirmed: bool = False) -> None:
    demo.app.store.write(lambda work: act(work, Action(kind, key, outcome, confirmed)))


def test_claim_and_close_are_on_record_with_the_officer(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLAIM, item.key)
    assert demo.app.store.read(waiting)[0].state is HumanCallState.CLAIMED
    do(demo, ActionKind.CLOSE, item.key, "door_knock_ordered")
    assert demo.app.store.read(waiting) == []
    h = schema.human_call
    (row,) = demo.app.database.read(lambda db: db.execute(select(h)).all())
    assert (row.claimed_by, row.closed_by, row.outcome) == (OFFICER, OFFICER, "已派人上门")


def test_an_item_that_is_closed_already_is_left_alone(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLOSE, item.key, "alert_read")
    do(demo, ActionKind.CLAIM, item.key)
    do(demo, ActionKind.CLAIM, (COUNTY, 9, 9, HumanCallKind.ASKED, ""))
    assert demo.app.store.read(waiting) == []


def test_a_confirmation_about_nobodys_callout_only_closes_the_item(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLOSE, item.key, "reached_by_phone", confirmed=True)
    assert demo.app.store.read(waiting) == []
    assert demo.app.database.read(lambda db: db.execute(select(schema.answer)).all()) == []


def test_what_a_person_confirms_on_the_phone_is_an_answer_by_that_officer(demo: Demo) -> None:
    run(demo)
    g = schema.answer
    confirmed = demo.app.database.read(lambda db: db.execute(select(g).where(g.c.grade == "confirmed_by_human")).all())
    assert confirmed
    assert {row.actor for row in confirmed} == {OFFICER}


@pytest.mark.parametrize("kind", list(HumanCallKind))
def test_every_outcome_has_words(kind: HumanCallKind) -> None:
    for seed in range(20):
        officer, item = Officer(seed), Item(COUNTY, 1, seed, kind, "", HumanCallState.OPEN, 0, 0)
        officer.step([item], Instant(0))
        officer.step([item], Instant(HOUR))
        closing, *_ = officer.step([item], Instant(2 * HOUR))
        assert closing.outcome in OUTCOMES
