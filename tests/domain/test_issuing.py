"""A warning of our own: which forms may go out, and what alert they become."""

import json
from dataclasses import replace
from typing import Any

import pytest

from callout.domain.alert import CodeSystem, Geocode, MsgType
from callout.domain.area import County, Township
from callout.domain.errors import CalloutError
from callout.domain.headline import action_doubts, issuer, read_headline
from callout.domain.instant import HOUR
from callout.domain.issuing import (
    Act,
    Draft,
    Earlier,
    alert_of,
    check,
    content_of,
    form_of,
    guarded,
    headline,
    identifier_of,
    mark_of,
    next_level,
    says,
)
from callout.domain.level import Hazard, Level
from tests.scenarios.field import BAIMA, DAY, JIANGKOU

COUNTY = County(
    "500156",
    "武隆区",
    (
        Township("白马镇", "500156101", "500156102"),
        Township("江口镇", "500156102", "500156103"),
        Township("示例乡", None, "500156299"),
    ),
)
ORANGE = Earlier("callout-500156_1", ("callout-500156_0",), Hazard.RAINSTORM, Level.ORANGE, (BAIMA,))


def draft(**say: Any) -> Draft:
    usual = {
        "act": Act.NEW,
        "hazard": Hazard.RAINSTORM,
        "level": Level.ORANGE,
        "areas": (),
        "hours": 6,
        "content": "未来3小时强降雨",
        "reason": "会商",
    }
    return Draft(**{**usual, **say})


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("level", Level)
def test_our_headlines_are_read_like_those_of_others(act: Act, level: Level) -> None:
    text = headline(draft(act=act, level=level), COUNTY)
    read = read_headline(text)
    assert (read.hazards, read.levels, issuer(text)) == ((Hazard.RAINSTORM,), (level,), "武隆区应急值班室")
    kind = MsgType.CANCEL if act.lifts else MsgType.ALERT
    assert action_doubts(kind, text) == ()
    assert issuer(headline(draft(), replace(COUNTY, office="武隆区应急管理局"))) == "武隆区应急管理局"


def test_a_new_warning_for_the_whole_county() -> None:
    alert = alert_of(
        draft(impact="低洼路段积水", instruction="撤离"), COUNTY, None, identifier_of(COUNTY, mark_of(DAY, "7")), DAY
    )
    assert (alert.identifier, alert.sender) == ("callout-500156_20260802100000_7", "callout-500156")
    assert (alert.msg_type, alert.references, alert.doubts) == (MsgType.ALERT, (), ())
    assert alert.info.areas[0].geocodes == (Geocode(CodeSystem.GB2260, "500156"),)
    assert alert.info.expires == DAY + 6 * HOUR
    assert alert.info.description == "未来3小时强降雨。可能影响：低洼路段积水"
    assert content_of(alert.info.description) == ("未来3小时强降雨", "低洼路段积水")


def test_townships_are_named_with_the_system_of_their_code() -> None:
    areas = (BAIMA, "mca:500156299")
    [area] = alert_of(draft(areas=areas), COUNTY, None, "x", DAY).info.areas
    assert area.desc == "白马镇、示例乡"
    assert area.geocodes == (Geocode(CodeSystem.STATS, "500156101"), Geocode(CodeSystem.MCA, "500156299"))


def test_what_comes_after_refers_to_all_before() -> None:
    up = alert_of(draft(act=Act.UPGRADE, level=Level.RED), COUNTY, ORANGE, "x", DAY)
    assert (up.msg_type, up.references) == (MsgType.UPDATE, ("callout-500156_0", "callout-500156_1"))
    off = alert_of(draft(act=Act.ALL_CLEAR, reason="雨停"), COUNTY, ORANGE, "x", DAY)
    assert (off.msg_type, off.info.expires, off.note) == (MsgType.CANCEL, None, "雨停")


@pytest.mark.parametrize(
    ("act", "found"),
    [
        (Act.UPGRADE, Level.RED),
        (Act.DOWNGRADE, Level.YELLOW),
        (Act.REPEAT, Level.ORANGE),
        (Act.ALL_CLEAR, Level.ORANGE),
    ],
)
def test_one_step_leads_to_the_next_level(act: Act, found: Level) -> None:
    assert next_level(ORANGE, act) is found


def test_there_is_no_step_beyond_the_ends() -> None:
    assert next_level(replace(ORANGE, level=Level.RED), Act.UPGRADE) is None
    assert next_level(replace(ORANGE, level=Level.BLUE), Act.DOWNGRADE) is None
    assert next_level(replace(ORANGE, hazard=Hazard.HEAT, level=Level.BLUE), Act.UPGRADE) is None


def test_red_must_be_typed_whether_it_is_given_or_taken_back() -> None:
    assert guarded(draft(level=Level.RED), None)
    assert guarded(draft(level=Level.YELLOW), replace(ORANGE, level=Level.RED))
    assert not guarded(draft(), ORANGE)
    assert [says(word, Level.RED) for word in ("红色", " 红 ", "红色预警", "橙色", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("say", "earlier", "wrong"),
    [
        ({"hazard": Hazard.HEAT, "level": Level.BLUE}, None, "没有蓝色预警"),
        ({"reason": " "}, None, "发布原因"),
        ({"content": ""}, None, "主要内容"),
        ({"hours": 0}, None, "有效时间"),
        ({"hours": 73}, None, "有效时间"),
        ({"areas": ("stats:1",)}, None, "不在武隆区"),
        ({"act": Act.UPGRADE}, None, "从原预警进入"),
        ({}, ORANGE, "从原预警进入"),
        ({"act": Act.UPGRADE}, ORANGE, "不能升级发布"),
        ({"act": Act.DOWNGRADE, "level": Level.RED}, ORANGE, "不能降级发布"),
        ({"act": Act.REPEAT, "level": Level.RED}, ORANGE, "不能继续发布"),
        ({"act": Act.ALL_CLEAR, "level": Level.RED}, ORANGE, "不能解除"),
        ({"act": Act.REPEAT, "hazard": Hazard.GALE}, ORANGE, "原预警是暴雨橙色"),
    ],
)
def test_what_cannot_go_out(say: dict[str, Any], earlier: Earlier | None, wrong: str) -> None:
    with pytest.raises(CalloutError, match=wrong):
        check(draft(**say), COUNTY, earlier)


def test_what_may_go_out() -> None:
    check(draft(areas=(BAIMA, JIANGKOU)), COUNTY, None)
    check(draft(act=Act.WITHDRAW, content=""), COUNTY, ORANGE)


def test_the_form_keeps_every_field_of_the_approval() -> None:
    alert = alert_of(draft(leader="示例·分管领导"), COUNTY, None, "x", DAY)
    kept = json.loads(form_of(draft(leader="示例·分管领导"), COUNTY, alert, {"officer": "示例·值班员"}))
    assert kept["identifier"] == "x"
    assert {"issuer", "headline", "hazard", "sent", "hours", "level", "channels", "reason", "content", "impact"} < set(
        kept
    )
    assert (kept["leader"], kept["officer"]) == ("示例·分管领导", "示例·值班员")
