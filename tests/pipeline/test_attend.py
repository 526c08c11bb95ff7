"""An officer takes, gives back and closes items; what cannot be is refused with a sentence."""

import pytest
from sqlalchemy import select

from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallEvent, HumanCallKind, HumanCallState
from callout.pipeline import attend
from callout.pipeline.attend import ItemKey
from callout.ports import Item
from callout.store import schema
from tests.pipeline.night import COUNTY, Night, night

OFFICER = "示例值班员"


@pytest.fixture
def storm() -> Night:
    one = night(people=150)
    one.receive("03-orange.xml")
    one.settle()
    return one


def item(storm: Night) -> ItemKey:
    h = schema.human_call
    row = storm.app.database.read(
        lambda db: db.execute(
            select(h).where(h.c.state == HumanCallState.OPEN, h.c.kind == HumanCallKind.NO_NUMBER)
        ).first()
    )
    assert row is not None
    return row.county, row.alert, row.post, row.kind, row.about


def row(storm: Night, key: ItemKey) -> tuple[str, str, str, str]:
    h = schema.human_call
    found = storm.app.database.read(
        lambda db: db.execute(
            select(h).where(h.c.alert == key[1], h.c.post == key[2], h.c.kind == key[3], h.c.about == key[4])
        ).one()
    )
    return found.state, found.claimed_by, found.closed_by, found.outcome


def test_an_item_is_taken_given_back_and_closed(storm: Night) -> None:
    key, write = item(storm), storm.app.store.write
    write(lambda work: attend.claim(work, key, OFFICER))
    assert row(storm, key) == ("claimed", OFFICER, "", "")
    write(lambda work: attend.release(work, key, OFFICER))
    assert row(storm, key) == ("open", "", "", "")
    write(lambda work: attend.close(work, key, f" {OFFICER} ", " 已派人上门 "))
    assert row(storm, key) == ("closed", "", OFFICER, "已派人上门")


def test_a_call_that_came_to_nothing_is_noted_and_the_officer_keeps_the_item(storm: Night) -> None:
    key, write = item(storm), storm.app.store.write
    with pytest.raises(CalloutError, match="还没有人认领"):
        write(lambda work: attend.note(work, key, OFFICER, "无人接"))
    write(lambda work: attend.claim(work, key, OFFICER))
    write(lambda work: attend.note(work, key, OFFICER, " 无人接 "))
    assert row(storm, key) == ("claimed", OFFICER, "", "无人接")
    with pytest.raises(CalloutError, match="请写明"):
        write(lambda work: attend.note(work, key, OFFICER, " "))


@pytest.mark.parametrize(
    ("done", "said"), [(attend.claim, "已经有人认领"), (attend.release, "还没有人认领")], ids=["claimed", "open"]
)
def test_what_cannot_be_is_refused(storm: Night, done: object, said: str) -> None:
    key, write = item(storm), storm.app.store.write
    if done is attend.claim:
        write(lambda work: attend.claim(work, key, "示例甲"))
        with pytest.raises(CalloutError, match=said):
            write(lambda work: attend.claim(work, key, OFFICER))
    else:
        with pytest.raises(CalloutError, match=said):
            write(lambda work: attend.release(work, key, OFFICER))


def test_a_closed_item_stays_closed(storm: Night) -> None:
    key, write = item(storm), storm.app.store.write
    write(lambda work: attend.close(work, key, OFFICER, "办了"))
    with pytest.raises(CalloutError, match="已经办结"):
        write(lambda work: attend.claim(work, key, OFFICER))


def test_name_and_outcome_and_a_known_item_are_needed(storm: Night) -> None:
    key, write = item(storm), storm.app.store.write
    with pytest.raises(CalloutError, match="姓名"):
        write(lambda work: attend.claim(work, key, " "))
    with pytest.raises(CalloutError, match="结果"):
        write(lambda work: attend.close(work, key, OFFICER, " "))
    with pytest.raises(CalloutError, match="没有这一项"):
        write(lambda work: attend.claim(work, (COUNTY, 99, 1, "asked", ""), OFFICER))


class Quicker:
    """A list on which somebody else is always first."""

    @property
    def humans(self) -> "Quicker":
        return self

    def find(self, key: ItemKey) -> Item | None:
        return Item(key[0], key[1], key[2], HumanCallKind(key[3]), key[4], HumanCallState.OPEN, 1, 0)

    def move(self, item: Item, event: HumanCallEvent, officer: str, outcome: str = "") -> bool:
        return (item, event, officer, outcome) is None


def test_who_was_second_is_told() -> None:
    with pytest.raises(CalloutError, match="别人"):
        attend.claim(Quicker(), (COUNTY, 1, 2, "asked", ""), OFFICER)
