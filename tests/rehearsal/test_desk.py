"""The simulated officer's hands: the same writes as a human's commands, and nothing forced."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import HOUR, Instant
from callout.ports import Item
from callout.rehearsal.demo import Demo
from callout.rehearsal.desk import FEW, OFFICER, OUTCOMES, OfficersList, act, waiting
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
    (item,) = demo.app.store.read(waiting).values()
    return item


def put(demo: Demo, posts: Iterable[int]) -> None:
    new = [NewHumanCall(COUNTY, 1, post, HumanCallKind.ASKED, "a:b") for post in posts]
    demo.app.store.write(lambda work: work.humans.open(new, 1))


def do(demo: Demo, kind: ActionKind, key: ItemKey, outcome: str = "", *, confirmed: bool = False) -> None:
    demo.app.store.write(lambda work: act(work, Action(kind, key, outcome, confirmed)))


def test_claim_and_close_are_on_record_with_the_officer(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLAIM, item.key)
    assert demo.app.store.read(waiting)[item.key].state is HumanCallState.CLAIMED
    do(demo, ActionKind.CLOSE, item.key, "door_knock_ordered")
    assert demo.app.store.read(waiting) == {}
    h = schema.human_call
    (row,) = demo.app.database.read(lambda db: db.execute(select(h)).all())
    assert (row.claimed_by, row.closed_by, row.outcome) == (OFFICER, OFFICER, "已派人上门")


def test_an_item_that_is_closed_already_is_left_alone(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLOSE, item.key, "alert_read")
    do(demo, ActionKind.CLAIM, item.key)
    do(demo, ActionKind.CLAIM, (COUNTY, 9, 9, HumanCallKind.ASKED, ""))
    assert demo.app.store.read(waiting) == {}


def test_a_confirmation_about_nobodys_callout_only_closes_the_item(demo: Demo) -> None:
    item = opened(demo)
    do(demo, ActionKind.CLOSE, item.key, "reached_by_phone", confirmed=True)
    assert demo.app.store.read(waiting) == {}
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
        officer.step({item.key: item}, Instant(0))
        officer.step({item.key: item}, Instant(HOUR))
        closing, *_ = officer.step({item.key: item}, Instant(2 * HOUR))
        assert closing.outcome in OUTCOMES


def test_the_list_that_follows_the_record_is_the_one_that_is_read_from_it(demo: Demo) -> None:
    """Few changes are looked at one by one and many by reading the whole list anew: both end at what the rows say."""
    kept = OfficersList(demo.app.store)
    for posts in (range(3), range(3, 3 + 2 * FEW), ()):
        put(demo, posts)
        first = next(iter(kept.read()))
        do(demo, ActionKind.CLAIM, first)
        assert kept.has_news
        assert kept.read()[first].state is HumanCallState.CLAIMED
        do(demo, ActionKind.CLOSE, first, "alert_read")
        assert kept.read() == demo.app.store.read(waiting)
        assert first not in kept.read()
    assert not kept.has_news
