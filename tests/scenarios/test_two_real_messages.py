"""Two messages as they were issued: 惠东, levels by township; 武隆 on 2024-07-13, in three lists at once.

Places and people are those of the sample county; the forms of the sentences are the real ones.
"""

import pytest

from callout.domain.alert import MsgType
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    Field,
    make_alert,
    person,
    standard_roster,
)
from tests.scenarios.test_nobody_vanishes import the_account

YANGJIAO, FENGSHAN = "stats:500156004", "stats:500156001"
WATCH_BAIMA, WATCH_JIANGKOU, WATCH_YANGJIAO, WATCH_FENGSHAN = 31, 32, 33, 34
"""值班员 of four townships: called from blue on."""
HEAD_JIANGKOU, HEAD_YANGJIAO, HEAD_FENGSHAN = 42, 43, 44
"""分管领导: called from yellow on."""
OBSERVER_BAIMA, OBSERVER_FENGSHAN = 51, 54
"""群测群防员: called by a landslide warning from yellow on."""


@pytest.fixture
def county(open_county: Opener) -> Field:
    watch = [(WATCH_BAIMA, BAIMA), (WATCH_JIANGKOU, JIANGKOU), (WATCH_YANGJIAO, YANGJIAO), (WATCH_FENGSHAN, FENGSHAN)]
    heads = [(HEAD_JIANGKOU, JIANGKOU), (HEAD_YANGJIAO, YANGJIAO), (HEAD_FENGSHAN, FENGSHAN)]
    observers = [(OBSERVER_BAIMA, BAIMA), (OBSERVER_FENGSHAN, FENGSHAN)]
    posts = [
        Post(at, area, role, f"示例·{role}{at}", at)
        for role, some in (("值班员", watch), ("分管领导", heads), ("群测群防员", observers))
        for at, area in some
    ]
    people = (*standard_roster().responders, *(person(post.id) for post in posts))
    return open_county(DAY, changed("r2", *posts, responders=people))


def asked(field: Field) -> dict[int, str]:
    """Post → the colour in the text of everybody who is asked for an answer since the last look."""
    fresh = [m for _, m in field.phones.got[field.seen :] if m.wants_answer]
    field.new()
    return {int(m.e164[-7:]): next(level.zh for level in Level if level.zh in m.text) for m in fresh}


def told(field: Field) -> dict[int, str]:
    """Post → text of everybody who only gets a notice since the last look."""
    fresh = [m for _, m in field.phones.got[field.seen :] if not m.wants_answer]
    field.new()
    return {int(m.e164[-7:]): m.text for m in fresh}


def test_the_case_of_huidong(county: Field) -> None:
    """将平山街道、宝口镇暴雨橙色…降级为黄色，其余镇街暴雨黄色仍生效: each hears the change, nobody is called anew."""
    field = county
    first = "白马镇、江口镇暴雨橙色预警信号，其余镇街暴雨黄色预警信号。"
    field.take_in(make_alert(field.clock.now(), Level.ORANGE, description=first, identifier="A"))
    assert asked(field) == {
        DESK: "橙色", LEADER_BAIMA: "橙色", LEADER_JIANGKOU: "橙色", GRID_1: "橙色", GRID_2: "橙色", GRID_3: "橙色",
        WATCH_BAIMA: "橙色", WATCH_JIANGKOU: "橙色", HEAD_JIANGKOU: "橙色", OBSERVER_BAIMA: "橙色",
        WATCH_YANGJIAO: "黄色", HEAD_YANGJIAO: "黄色", WATCH_FENGSHAN: "黄色", HEAD_FENGSHAN: "黄色",
    }  # fmt: skip
    field.wait(40)
    for post in (WATCH_BAIMA, HEAD_JIANGKOU, WATCH_YANGJIAO):
        field.reply(post, "收到")
    field.new()
    text = "将白马镇、江口镇暴雨橙色预警信号降级为黄色，其余镇街暴雨黄色预警信号仍生效。"
    field.take_in(
        make_alert(
            field.clock.now(), Level.YELLOW, description=text, identifier="B", msg_type=MsgType.UPDATE, references=["A"]
        )
    )
    seen = told(field)
    assert set(seen) == {WATCH_BAIMA, HEAD_JIANGKOU, WATCH_YANGJIAO}
    assert "暴雨预警降为黄色" in seen[WATCH_BAIMA]
    assert "暴雨预警降为黄色" in seen[HEAD_JIANGKOU]
    assert "暴雨黄色预警继续生效" in seen[WATCH_YANGJIAO]
    assert (field.callout(GRID_1, alert=1).lane, field.callout(WATCH_FENGSHAN, alert=1).lane) == (2, 2)
    assert (0, "undecided") not in field.human_calls()
    assert the_account(field).total.lost == 0


THREE_LISTS = (
    "地质灾害气象风险橙色预警：白马镇、江口镇；地质灾害气象风险黄色预警：示例溪小流域；"
    "地质灾害气象风险蓝色预警：其余乡镇（街道）。"
)


def test_the_case_of_wulong(county: Field) -> None:
    """One bulletin, three lists, by 乡镇 and by 小流域: each township at the highest list in which it stands.

    白马 stands in the orange list and touches the brook of the yellow one; 羊角 is named by the brook alone; 凤山 is
    among the rest and hears through its watch only.
    """
    field = county
    field.take_in(
        make_alert(
            field.clock.now(), Level.ORANGE, hazard=Hazard.LANDSLIDE, description=THREE_LISTS, identifier="B",
            headline="地质灾害气象风险橙色预警",
        )
    )  # fmt: skip
    assert asked(field) == {
        DESK: "橙色", LEADER_BAIMA: "橙色", GRID_1: "橙色", GRID_2: "橙色", WATCH_BAIMA: "橙色", OBSERVER_BAIMA: "橙色",
        LEADER_JIANGKOU: "橙色", GRID_3: "橙色", WATCH_JIANGKOU: "橙色", HEAD_JIANGKOU: "橙色",
        WATCH_YANGJIAO: "黄色", HEAD_YANGJIAO: "黄色",
        WATCH_FENGSHAN: "蓝色",
    }  # fmt: skip
    assert HEAD_FENGSHAN not in field.states()
    assert OBSERVER_FENGSHAN not in field.states()
    account = the_account(field)
    assert account.total.lost == 0
    assert {level.value: tally.due for level, tally in account.by_level.items()} == {
        "red": 0, "orange": 10, "yellow": 2, "blue": 1,
    }  # fmt: skip
    assert (0, "undecided") not in field.human_calls()
