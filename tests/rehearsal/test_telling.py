"""The record in words."""

import pytest

from callout.domain.alert import Alert, Info, MsgType, Status
from callout.domain.audit import Entry
from callout.domain.instant import HOUR, Instant
from callout.domain.level import Hazard, Level
from callout.rehearsal.telling import Names, tell
from tests.rehearsal.nights import entry

ORANGE = Alert(
    "x",
    "示例气象台",
    Instant(0),
    Status.ACTUAL,
    MsgType.UPDATE,
    (Info("11B03", Hazard.RAINSTORM, Level.ORANGE, (), expires=Instant(HOUR)),),
)
OPEN_ENDED = Alert("y", "示例气象台", Instant(0), Status.ACTUAL, MsgType.ALERT, (Info("?", None, None, ()),))
NAMES = Names({1: "甲岗", 2: "乙岗", 3: "丙岗"}, {1: ORANGE, 2: OPEN_ENDED})


def said(*entries: Entry) -> list[str]:
    return [line.text for line in tell(entries, NAMES, {1: 5})]


@pytest.mark.parametrize(
    ("channel", "target", "words"),
    [
        ("sms", "holder", "短信叫 甲岗"),
        ("voice", "holder", "语音叫 甲岗"),
        ("voice", "deputy", "升级到副职（语音），岗位 甲岗"),
        ("voice", "superior", "升级到上级（语音），岗位 甲岗"),
    ],
)
def test_calls_say_how_and_whom(channel: str, target: str, words: str) -> None:
    claim = entry("attempt.claimed", ref="a", detail=f"{channel} {target} roster=v1")
    assert said(claim, entry("callout.claimed", post=1, ref="0", attempt="a")) == [words]


def test_who_is_asked_anew_at_a_clock_time_is_told() -> None:
    assert said(entry("callout.struck", post=1, ref="0", before="answered")) == ["到点重新叫应：甲岗"]


def test_one_line_for_all_of_a_kind() -> None:
    answers = [entry("callout.answered", post=p, ref="0", detail="acknowledged holder x") for p in (1, 2, 3)]
    assert said(*answers[:2]) == ["应答：甲岗、乙岗"]
    assert said(*answers) == ["应答：甲岗、乙岗 等 3 岗"]


@pytest.mark.parametrize(
    ("grade", "before", "words"),
    [
        ("acknowledged", "waiting", "应答：甲岗"),
        ("proxy", "waiting", "代答，本人仍待人工叫应：甲岗"),
        ("acknowledged", "exhausted", "迟答：甲岗"),
        ("proxy", "expired_unanswered", "迟答：甲岗"),
        ("confirmed_by_human", "exhausted", "值班员叫通，本人确认：甲岗"),
    ],
)
def test_answers_say_what_they_are(grade: str, before: str, words: str) -> None:
    assert said(entry("callout.answered", post=1, ref="0", before=before, detail=f"{grade} holder x")) == [words]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("holder", "人工叫应没人接手，叫值班室当班人"),
        ("deputy", "值班室没人接，叫带班领导"),
        ("superior", "值班室没人接，叫上一级值班室"),
    ],
)
def test_the_desk_has_lines_of_its_own(target: str, words: str) -> None:
    claim = entry("attempt.claimed", ref="a", detail=f"voice {target} roster=v1")
    assert said(claim, entry("callout.claimed", post=1, ref="3", attempt="a")) == [words]
    assert said(entry("callout.answered", post=1, ref="3", detail="acknowledged holder x")) == []


def test_what_a_human_gets_and_does() -> None:
    assert said(entry("human_call.opened", post=1, ref="vacant:")) == ["转人工叫应（岗位空缺）：甲岗"]
    assert said(entry("human_call.opened", ref="no_plan:示例乡")) == ["转人工叫应（乡镇没有方案）：全区"]
    assert said(entry("human_call.claimed", post=1, ref="exhausted:")) == ["值班员认领（叫尽未应答）：甲岗"]
    closed = entry("human_call.closed", post=1, ref="exhausted:", detail="已派人{上门}")
    assert said(closed) == ["值班员办结（已派人{上门}）：甲岗"]


@pytest.mark.parametrize("event", ["human_call.settled", "inbound.came", "attempt.accepted", "callout.silent"])
def test_what_nobody_needs_to_read_is_left_out(event: str) -> None:
    assert said(entry(event, ref="0" if event.startswith("callout") else "exhausted:")) == []


def test_work_that_follows_from_a_told_event_is_not_told_twice() -> None:
    assert said(entry("callout.ran_out", post=1, ref="0"), entry("human_call.opened", post=1, ref="exhausted:")) == [
        "叫尽未应答，转人工叫应：甲岗"
    ]


def test_warnings() -> None:
    assert said(entry("alert_county.received")) == ["收到暴雨橙色预警（变更），有效至 09:00"]
    assert said(entry("alert_county.received", alert=2)) == ["收到未知灾种预警"]
    assert said(entry("alert_county.all_opened")) == ["暴雨橙色预警：应叫 5 岗，全部开始叫应"]
    assert said(entry("alert_county.ended")) == ["暴雨橙色预警到期"]
    assert said(entry("alert_county.matched")) == []


def test_proposals_notices_and_dead_numbers() -> None:
    stops = [entry("stop_work.proposed", ref=f"stats:{n}:停学:校长") for n in (1, 2)]
    assert said(*stops) == ["熔断建议（须由人决定）：停学 2 处"]
    assert said(entry("notice.queued", ref="standdown:1:77:2")) == ["告知代叫的人不必再联系：乙岗"]
    assert said(entry("notice.queued", ref="which:1:77:x")) == []
    assert said(entry("number.dead"), entry("number.dead")) == ["空号，停用号码 2 个"]


def test_lines_keep_the_order_and_the_time_of_the_record() -> None:
    early = entry("alert_county.received", at=Instant(1))
    late = entry("alert_county.ended", at=Instant(2))
    assert [line.at for line in tell([early, late], NAMES, {})] == [1, 2]
