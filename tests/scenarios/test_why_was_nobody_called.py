"""为什么没有叫某人: answered from the record after the fact, by the rules and the roster of that time."""

from dataclasses import replace

import pytest

from callout.domain.alert import Status
from callout.domain.errors import CalloutError
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post
from callout.reports.why_then import why_then
from callout.store import schema
from tests.scenarios.baima import changed
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DAY,
    DEPUTY,
    GRID_1,
    GRID_3,
    JIANGKOU,
    LEADER_BAIMA,
    Field,
    make_alert,
    person,
    standard_roster,
)

GEOLOGIST, VACANT = 21, 22


@pytest.fixture
def field(open_county: Opener) -> Field:
    posts = (
        Post(GEOLOGIST, BAIMA, "驻守地质队员", "示例·白马地质队员", GEOLOGIST),
        Post(VACANT, BAIMA, "灾害信息员", "示例·白马灾害信息员", None),
    )
    return open_county(DAY, changed("r2", *posts, responders=(*standard_roster().responders, person(GEOLOGIST))))


def why(field: Field, word: str, alert: int = 1) -> str:
    """What is told, as one text."""
    book = field.app.store.read(lambda work: work.rosters.counties())[0].rulebook
    county = field.app.rulebooks.get(COUNTY, book).county
    return "\n".join(field.app.database.read(lambda db: [*why_then(db, field.app.rulebooks, county, alert, word)]))


def test_who_was_called_is_told_step_by_step(field: Field) -> None:
    field.alert(areas=[BAIMA])
    field.wait(100)
    field.reply(GRID_1, "收到")
    said = why(field, str(GRID_1))
    assert "示例·白马镇网格员一（网格员）示例·人员4：已应答" in said
    assert "短信叫本岗 示例·人员4：通道已接收" in said
    assert "语音叫本岗 示例·人员4" in said
    assert "本人应答" in said


def test_a_post_that_the_rules_did_not_ask_for(field: Field) -> None:
    """The rule that names the geologist wanted a landslide warning beside, which was not there at that minute."""
    field.alert(areas=[BAIMA])
    field.alert(Level.YELLOW, hazard=Hazard.LANDSLIDE, areas=[BAIMA], identifier="later")
    said = why(field, "地质队员")
    assert "示例·白马地质队员（驻守地质队员）示例·人员21：没有叫" in said
    assert "规则 geology/暴雨橙色叠加地灾黄色：当地没有同时生效的地质灾害预警（黄色、橙色、红色）" in said
    assert "geology/暴雨红色：级别橙色不到红色" in said


def test_a_post_outside_and_a_township_outside(field: Field) -> None:
    field.alert(areas=[BAIMA])
    assert "江口镇不在这次预警的范围内" in why(field, str(GRID_3))
    assert why(field, "江口镇").endswith("江口镇：不在这次预警的范围内，没有叫")


def test_a_township_with_everybody_who_was_left_out(field: Field) -> None:
    field.alert(areas=[BAIMA])
    said = why(field, "白马镇")
    assert "白马镇：橙色，叫了 4 岗" in said
    assert "没有叫驻守地质队员" in said


def test_a_deputy_whose_turn_never_came(field: Field) -> None:
    field.alert(areas=[BAIMA])
    field.reply(GRID_1, "收到")
    said = why(field, f"人员{DEPUTY}")
    assert f"示例·人员{DEPUTY}：没有叫到；是 1 个被叫岗位的副职或上级，没有轮到（已应答 1 岗）" in said


def test_a_superior_who_was_called_in_anothers_place(field: Field) -> None:
    field.alert(areas=[BAIMA])
    field.wait(1200)
    assert "作为“示例·白马镇网格员一”的副职，语音叫过" in why(field, f"人员{DEPUTY}")
    assert "作为“示例·白马镇网格员二”的上级，语音叫过" in why(field, f"人员{LEADER_BAIMA}")


def test_a_vacant_post_is_with_a_human(field: Field) -> None:
    field.alert(areas=[BAIMA])
    said = why(field, str(VACANT))
    assert "空缺" in said
    assert "人工叫应〔岗位空缺〕待认领" in said


def test_somebody_who_came_into_the_roster_later(field: Field) -> None:
    field.alert(areas=[BAIMA])
    new = Post(30, BAIMA, "网格员", "示例·后来的网格员", 30)
    field.app.use_roster(changed("r3", new, responders=(*standard_roster().responders, person(30))), "示例·测试")
    assert "当时的名册里没有岗位或人叫“后来的网格员”" in why(field, "后来的网格员")


def test_an_alert_that_called_nobody_by_itself(field: Field) -> None:
    field.take_in(replace(make_alert(field.clock.now()), status=Status.EXERCISE))
    field.take_in(make_alert(field.clock.now(), None, identifier="no level"))
    assert "非实战" in why(field, str(GRID_1))
    assert "不会自动叫任何人：〔预警本身待定〕" in why(field, str(GRID_1), alert=2)


def test_a_repetition_goes_on_with_the_older_call(field: Field) -> None:
    field.alert(Level.ORANGE, areas=[BAIMA], identifier="A")
    field.reply(GRID_1, "收到")
    field.alert(Level.ORANGE, areas=[BAIMA], identifier="B", references=["A"])
    assert "没有另打：同一过程的预警 1 已叫过此岗（前已应答，另行告知）" in why(field, str(GRID_1), alert=2)


def test_a_call_that_is_missing_is_named_as_lost(field: Field) -> None:
    field.alert(areas=[BAIMA])
    c = schema.callout
    field.app.database.write(lambda db: db.execute(c.delete().where(c.c.post == GRID_1)))
    assert "这是漏叫" in why(field, str(GRID_1))


def test_what_is_not_on_record(field: Field) -> None:
    field.alert(areas=[JIANGKOU])
    with pytest.raises(CalloutError, match="没有预警 9"):
        why(field, "x", alert=9)
