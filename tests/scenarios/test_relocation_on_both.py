"""The whole story of a care home, on both databases: warned, half moved, late, refused, moved, let home."""

from callout.pipeline import relocation
from callout.reports.relocation import count, lines
from tests.scenarios.field import BAIMA, COUNTY, DESK, GRID_1, GRID_2, LEADER_BAIMA, Field
from tests.scenarios.moving import HOME, HOUSE, LONE, items, listed, release, states, tell


def test_a_care_home_is_followed_from_the_warning_until_a_human_lets_it_home(field: Field) -> None:
    listed(field)
    field.alert(areas=[BAIMA])
    for post in (DESK, LEADER_BAIMA, GRID_1, GRID_2):
        field.reply(post, "全部收到")
    field.reply(GRID_1, "已转移1户32人")
    field.wait(3600)
    assert len(items(field)) == 3
    tell(field, relocation.refused, LONE)
    field.reply(GRID_1, "已转移1户69人")
    tell(field, relocation.moved, LONE, HOUSE)
    assert set(states(field).values()) == {"moved"}
    assert items(field) == []
    assert count(field.app.database.read(lambda db: lines(db, COUNTY))).moved_people == 74
    release(field, HOME, LONE, HOUSE)
    assert set(states(field).values()) == {"released"}
