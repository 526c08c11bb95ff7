"""Posts become people and numbers as they are at this moment."""

from typing import Any

import pytest
from sqlalchemy import update

from callout.domain.instant import HOUR, Instant, later
from callout.domain.moves import PostView
from callout.domain.roster import NumberKind, Post, Roster, Shift
from callout.ports.rows import PostKey
from callout.store import schema
from callout.store.people import resolve_posts
from tests.scenarios.conftest import Opener, open_county
from tests.scenarios.field import COUNTY, DAY, DESK, LEADER_BAIMA, Field, number, person, standard_roster

__all__ = ["open_county"]
POST, VACANT, ALONE, DEPUTY, ON_SHIFT = 4, 7, 8, 14, 15


def roster() -> Roster:
    """A post with everything, a vacant one, and one whose holder has no number; a shift from DAY for two hours."""
    leader = Post(LEADER_BAIMA, "stats:500156101", "党政主要负责人", "示例·书记", 2, superior=DESK)
    posts = (
        Post(DESK, f"gb2260:{COUNTY}", "区应急值班室", "示例·值班室", DESK),
        leader,
        Post(POST, leader.area, "网格员", "示例·网格员", POST, deputy=DEPUTY, superior=LEADER_BAIMA),
        Post(VACANT, leader.area, "网格员", "示例·空岗", None, superior=LEADER_BAIMA),
        Post(ALONE, leader.area, "网格员", "示例·无号", ALONE),
    )
    second = number(99, NumberKind.LANDLINE)
    people = (person(1), person(2), person(POST, number(POST), second), person(DEPUTY), person(ON_SHIFT))
    bare = person(ALONE, number(ALONE))
    shifts = (Shift(LEADER_BAIMA, ON_SHIFT, DAY, later(DAY, 2 * HOUR)),)
    return standard_roster(posts=posts, responders=(*people, type(bare)(ALONE, bare.name, ())), shifts=shifts)


@pytest.fixture
def county(open_county: Opener) -> Field:
    return open_county(roster=roster())


def views(county: Field, *posts: int, at: Instant = DAY) -> dict[int, PostView]:
    keys: list[PostKey] = [(COUNTY, post) for post in posts]
    found = county.app.database.write(lambda db: resolve_posts(db, keys, at))
    return {key[1]: view for key, view in found.items()}


def alter(county: Field, serial: int, **values: Any) -> None:
    n, x = schema.number, schema.personal
    proof = county.rows(x.select().where(x.c.value == number(serial).e164))[0].commitment
    county.app.database.write(lambda db: db.execute(update(n).where(n.c.commitment == proof).values(values)))


def test_holder_deputy_and_superior(county: Field) -> None:
    view = views(county, POST, at=later(DAY, 3 * HOUR))[POST]
    assert view.holder
    assert view.deputy
    assert view.superior
    assert (view.title, view.roster) == ("示例·网格员", "r1")
    assert (view.holder.id, view.deputy.id, view.superior.id) == (POST, DEPUTY, 2)
    assert view.holder.name == "示例·人员4"
    assert [(n.e164, n.kind, n.usable) for n in view.holder.numbers] == [
        (number(POST).e164, NumberKind.MOBILE, True),
        (number(99).e164, NumberKind.LANDLINE, True),
    ]
    assert view.deputy.numbers[0].commitment


def test_who_is_on_shift_takes_the_place_of_the_holder(county: Field) -> None:
    """From the first moment of the shift to its end, also as somebody's superior."""
    minutes = {later(DAY, -1): 2, DAY: ON_SHIFT, later(DAY, 2 * HOUR - 1): ON_SHIFT, later(DAY, 2 * HOUR): 2}
    for at, expected in minutes.items():
        found = views(county, POST, LEADER_BAIMA, at=at)
        holder, superior = found[LEADER_BAIMA].holder, found[POST].superior
        assert holder
        assert superior
        assert (holder.id, superior.id) == (expected, expected)


def test_nobody_is_nobody(county: Field) -> None:
    found = views(county, VACANT, ALONE, DESK, 4711)
    assert set(found) == {VACANT, ALONE, DESK}
    assert found[VACANT].holder is None
    assert found[VACANT].superior is not None
    alone = found[ALONE].holder
    assert alone
    assert alone.numbers == ()
    assert (found[DESK].superior, found[DESK].deputy) == (None, None)
    assert views(county) == {}


def test_a_dead_number_is_not_usable_and_who_wants_no_texts_is_still_called(county: Field) -> None:
    alter(county, POST, dead=1)
    alter(county, 99, opted_out=1)
    holder = views(county, POST)[POST].holder
    assert holder
    assert [(n.usable, n.texts) for n in holder.numbers] == [(False, True), (True, False)]


def test_an_erased_person_has_no_name_and_no_usable_number(county: Field) -> None:
    x = schema.personal
    mine = x.c.value.in_([number(POST).e164, "示例·人员4"])
    county.app.database.write(lambda db: db.execute(update(x).where(mine).values(value=None, salt=None)))
    holder = views(county, POST)[POST].holder
    assert holder
    assert holder.name == ""
    assert [(n.e164, n.usable) for n in holder.numbers] == [("", False), (number(99).e164, True)]
